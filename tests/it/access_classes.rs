//! The decision function for everything but files, on small profiles whose answers are plain.

use aalint::access::perms::{
    USE, change_profile, dbus, io_uring, mount, mqueue, ptrace, signal, socket, userns,
};
use aalint::access::{Class, Detail, Verdict, is_same_policy, show};
use aalint::glob::InputDomain;
use aalint::lang::mount::{BIND, OPTIONS, PROPAGATION, REC, REMOUNT, names, option};
use aalint::lang::permissions::{EXEC, WRITE};
use aalint::policy::Search;
use aalint::session::{Policy, with_policy};
use aalint::source::MemoryVfs;

fn with_profiles<R>(text: &str, ask: impl FnOnce(&Policy<'_>) -> R) -> R {
    let mut vfs = MemoryVfs::default();
    vfs.insert("profiles".to_owned(), text.to_owned());
    with_policy(&vfs, &Search::default(), &["profiles".to_owned()], &[], ask)
}

fn decide(class: Class, rules: &str, request: impl AsRef<[u8]>) -> Verdict {
    with_profiles(&format!("profile p {{ {rules} }}"), |policy| {
        let profile = policy.profiles().next().unwrap();
        let effective = policy.effective(profile);
        for part in &effective.parts {
            assert_eq!(part.rules.unreadable, [] as [u32; 0], "{rules}");
        }
        effective.decide(class, request.as_ref())
    })
}

fn allowed(class: Class, rules: &str, request: impl AsRef<[u8]>) -> u32 {
    decide(class, rules, request).allow
}

fn is_unreadable(rules: &str) -> bool {
    with_profiles(&format!("profile p {{ {rules} }}"), |policy| {
        let effective = policy.effective(policy.profiles().next().unwrap());
        let mut parts = effective.parts.iter();
        parts.any(|part| !part.rules.unreadable.is_empty())
    })
}

fn same(left: &str, right: &str) -> bool {
    let images = |text: &str| with_profiles(text, |policy| policy.images());
    is_same_policy(
        &images(left),
        &images(right),
        InputDomain::Bytes,
        Detail::Exact,
    )
    .unwrap()
}

#[test]
fn capabilities_know_no_priority() {
    let chown = [0];
    assert_eq!(allowed(Class::Capability, "capability chown,", chown), USE);
    assert_eq!(allowed(Class::Capability, "capability kill,", chown), 0);
    assert_eq!(allowed(Class::Capability, "capability,", [40]), USE);
    let rules = "priority=1 capability chown, deny capability chown,";
    let verdict = decide(Class::Capability, rules, chown);
    assert_eq!((verdict.allow, verdict.quiet), (0, USE));
    let audited = decide(Class::Capability, "audit capability chown kill,", [5]);
    assert_eq!((audited.allow, audited.audit), (USE, USE));
}

#[test]
fn signals() {
    let both = signal::SEND | signal::RECEIVE;
    let rules = "signal, deny signal send set=(kill, term) peer=/bin/*,";
    assert_eq!(
        allowed(Class::Signal, rules, b"\x09/bin/a"),
        signal::RECEIVE
    );
    assert_eq!(allowed(Class::Signal, rules, b"\x09/usr/bin/a"), both);
    assert_eq!(allowed(Class::Signal, rules, b"\x01/bin/a"), both);
    // A peer always has a label.
    assert_eq!(allowed(Class::Signal, rules, b"\x01"), 0);
    assert_eq!(
        allowed(Class::Signal, "signal w set=rtmin+2,", b"\x82x"),
        signal::SEND
    );
    let loud = decide(Class::Signal, "audit deny signal,", b"\x01x");
    assert_eq!((loud.deny, loud.quiet), (both, 0));
    let first = "priority=1 signal r, deny signal,";
    let verdict = decide(Class::Signal, first, b"\x01x");
    assert_eq!(
        (verdict.allow, verdict.quiet),
        (signal::RECEIVE, signal::SEND)
    );
    assert!(is_unreadable("signal set=nosuch,"));
}

#[test]
fn tracing() {
    let all = ptrace::READ | ptrace::TRACE | ptrace::READ_BY | ptrace::TRACED_BY;
    assert_eq!(allowed(Class::Ptrace, "ptrace,", "x"), all);
    assert_eq!(allowed(Class::Ptrace, "ptrace peer=x*,", "xy"), all);
    assert_eq!(allowed(Class::Ptrace, "ptrace peer=x*,", "y"), 0);
    let rules = "ptrace (rw tracedby) peer=x, deny ptrace trace peer=?,";
    assert_eq!(
        allowed(Class::Ptrace, rules, "x"),
        ptrace::READ | ptrace::TRACED_BY
    );
}

#[test]
fn profile_name_is_without_namespace() {
    let answer = |name: &str, peer: &str| {
        with_profiles(
            &format!("{name} {{ ptrace peer=@{{profile_name}}, }}"),
            |policy| {
                let effective = policy.effective(policy.profiles().next().unwrap());
                effective.decide(Class::Ptrace, peer.as_bytes()).allow != 0
            },
        )
    };
    assert!(answer(":ns:/bin/a", "/bin/a"));
    assert!(!answer(":ns:/bin/a", ":ns:/bin/a"));
    assert!(answer("/{a,b}", "/{a,b}"));
    assert!(answer("/\\{a,b\\}", "/{a,b}"));
    assert!(!answer("/{a,b}", "/a"));
}

#[test]
fn messages_and_names_on_a_bus() {
    let message = |bus: &str, name: &str, path: &str| format!("{bus}\0{name}\0label\0{path}\0i\0m");
    let system = message("system", "com.foo", "/a/b");
    let talk = dbus::SEND | dbus::RECEIVE;
    assert_eq!(allowed(Class::Dbus, "dbus,", &system), talk);
    assert_eq!(allowed(Class::Dbus, "dbus,", "system\0com.foo"), dbus::BIND);
    assert_eq!(allowed(Class::Dbus, "dbus,", "system"), dbus::EAVESDROP);
    // What is implied depends on the conditions.
    assert_eq!(
        allowed(Class::Dbus, "dbus name=com.foo,", "x\0com.foo"),
        dbus::BIND
    );
    assert_eq!(allowed(Class::Dbus, "dbus name=com.foo,", &system), 0);
    assert_eq!(
        allowed(Class::Dbus, "dbus peer=(name=com.foo),", &system),
        talk
    );
    assert_eq!(
        allowed(Class::Dbus, "dbus peer=(name=com.foo),", "x\0com.foo"),
        0
    );
    // Slashes of paths meet.
    assert_eq!(
        allowed(Class::Dbus, "dbus send path=/a//b,", &system),
        dbus::SEND
    );
    let rules = "dbus send bus=system, deny dbus path=/a/*,";
    let verdict = decide(Class::Dbus, rules, &system);
    assert_eq!((verdict.allow, verdict.quiet), (0, talk));
    assert!(is_unreadable("dbus bus in (system, session),"));
}

/// A request for a socket of any address.
fn network(family: u8, kind: u8) -> Vec<u8> {
    let mut request = vec![family, kind, 0];
    request.extend([0; 6]);
    request
}

#[test]
fn networks() {
    let (inet, inet6, netlink, unix) = (2, 10, 16, 1);
    let (stream, dgram, raw) = (1, 2, 3);
    let all = |rules: &str, family, kind| {
        allowed(Class::Network, rules, network(family, kind)) == socket::ALL
    };
    assert!(all("network,", netlink, raw));
    assert!(all("network inet,", inet, raw) && !all("network inet,", inet6, raw));
    assert!(all("network stream,", netlink, stream) && !all("network stream,", inet, dgram));
    assert!(all("network tcp,", inet6, stream) && !all("network tcp,", netlink, stream));
    assert!(all("network inet udp,", inet, dgram) && !all("network inet udp,", inet, stream));
    // ICMP is a protocol, and a kernel that mediates no addresses asks for none.
    assert!(all("network inet icmp,", inet, raw) && all("network icmp,", inet, raw));
    assert!(!all("network inet icmp,", inet, dgram) && !all("network icmp,", inet6, raw));
    assert!(!all("network, deny network inet dgram,", inet, dgram));
    // Unix sockets: both kinds of rules grant what kernels of old ask.
    assert!(all("network unix,", unix, stream));
    assert!(all("unix type=stream,", unix, stream) && !all("unix type=stream,", unix, dgram));
    assert!(all("network unix, deny unix,", unix, stream));
}

#[test]
fn network_addresses() {
    let request = |local: [u8; 2], peer: [u8; 2]| {
        let mut request = vec![2, 1, 0, 4, 127, 0, 0, 1];
        request.extend(local);
        request.extend([4, 10, 0, 0, 1]);
        request.extend(peer);
        request
    };
    let rules = "network (bind connect) inet stream ip=127.0.0.1 port=80-1024,";
    let both = socket::BIND | socket::CONNECT;
    for (port, expected) in [
        ([0, 79], 0),
        ([0, 80], both),
        ([1, 0], both),
        ([4, 0], both),
        ([4, 1], 0),
    ] {
        let answer = allowed(Class::Network, rules, request(port, [0, 1]));
        assert_eq!(answer, expected, "{port:?}");
    }
    let rules = "network connect inet peer=(ip=10.0.0.1 port=443),";
    assert_eq!(
        allowed(Class::Network, rules, request([0, 0], [1, 187])),
        socket::CONNECT
    );
    assert_eq!(allowed(Class::Network, rules, request([0, 0], [1, 186])), 0);
    // Creating a socket comes before any address.
    let rules = "network ip=127.0.0.1 port=80,";
    assert_eq!(
        allowed(Class::Network, rules, network(10, 2)),
        socket::CREATE
    );
    assert!(is_unreadable("network netlink ip=127.0.0.1,"));
    assert!(is_unreadable("network bind peer=(ip=127.0.0.1),"));
}

/// What a `network` rule decides about sockets of unix, with the label of the own socket in its place.
#[test]
fn network_rules_are_about_unix_sockets_as_well() {
    let own = |kind: u8| [&[kind], b"\0name\0\0".as_slice()].concat();
    let peer = |kind: u8| [&own(kind)[..], b"\x01\0other\0friend"].concat();
    let talk = socket::SEND | socket::RECEIVE | socket::CONNECT | socket::ACCEPT;
    for rules in [
        "network unix stream,",
        "network unix,",
        "network,",
        "network stream,",
    ] {
        assert_eq!(allowed(Class::Unix, rules, [1]), socket::CREATE, "{rules}");
        assert_eq!(allowed(Class::Unix, rules, peer(1)), talk, "{rules}");
        assert_eq!(
            allowed(Class::Unix, rules, [&own(1)[..], b"\x02"].concat()),
            socket::LISTEN
        );
    }
    assert_eq!(allowed(Class::Unix, "network unix stream,", peer(2)), 0);
    assert_eq!(allowed(Class::Unix, "network inet,", peer(1)), 0);
    assert_eq!(allowed(Class::Unix, "network tcp,", peer(1)), 0);
    // The added rule has all permissions, and takes types without a name only after `network,`.
    assert_eq!(allowed(Class::Unix, "network create unix,", peer(1)), talk);
    assert_eq!(allowed(Class::Unix, "network unix,", peer(7)), 0);
    assert_eq!(allowed(Class::Unix, "network,", peer(7)), talk);
    // It has the qualifiers, but for records of what it denies, which are the wrong way round.
    let denied = decide(Class::Unix, "unix, deny network unix,", peer(1));
    assert_eq!((denied.allow, denied.deny, denied.quiet), (0, talk, 0));
    let loud = decide(Class::Unix, "unix, audit deny network unix,", peer(1));
    assert_eq!((loud.allow, loud.quiet), (0, talk));
    let audited = decide(Class::Unix, "audit network unix,", peer(1));
    assert_eq!((audited.allow, audited.audit), (talk, talk));
    assert_eq!(
        allowed(Class::Unix, "network unix, deny unix (connect),", peer(1)),
        talk & !socket::CONNECT
    );
}

#[test]
fn unix_sockets() {
    let local = b"\x01\0name\0label\0".to_vec();
    let with = |more: &[u8]| [local.as_slice(), more].concat();
    let peer = with(b"\x01\0other\0friend");
    let by_itself = socket::SHUTDOWN
        | socket::GET_ATTRIBUTES
        | socket::SET_ATTRIBUTES
        | socket::BIND
        | socket::ACCEPT;
    assert_eq!(allowed(Class::Unix, "unix,", [1]), socket::CREATE);
    assert_eq!(allowed(Class::Unix, "unix,", &local), by_itself);
    assert_eq!(allowed(Class::Unix, "unix,", with(b"\x02")), socket::LISTEN);
    assert_eq!(
        allowed(Class::Unix, "unix,", with(b"\x04")),
        socket::OPTIONS
    );
    assert_eq!(allowed(Class::Unix, "unix,", &peer), socket::WITH_PEER);
    // With a peer nothing else is granted but the acceptance.
    let rules = "unix addr=@name peer=(label=friend),";
    assert_eq!(allowed(Class::Unix, rules, [1]), 0);
    assert_eq!(allowed(Class::Unix, rules, &local), socket::ACCEPT);
    assert_eq!(allowed(Class::Unix, rules, &peer), socket::WITH_PEER);
    let rules = "unix send addr=@n* peer=(addr=@other), deny unix peer=(label=f*),";
    assert_eq!(allowed(Class::Unix, rules, &peer), 0);
    assert_eq!(
        allowed(Class::Unix, "unix bind addr=none,", b"\x01\x01\0l\0"),
        socket::BIND
    );
    // An automatic address is bound to by naming none.
    assert_eq!(
        allowed(Class::Unix, "unix bind addr=auto,", b"\x01\0l\0"),
        socket::BIND
    );
    assert_eq!(
        allowed(
            Class::Unix,
            "unix (rw) addr=auto,",
            b"\x01\x000a1f2\0l\0\x01\x01\0"
        ),
        3
    );
    // Where one of the two is silenced, both are denied.
    assert_eq!(
        allowed(Class::Unix, "unix, deny unix getopt,", with(b"\x04")),
        0
    );
    let loud = "unix, audit deny unix getopt,";
    assert_eq!(
        allowed(Class::Unix, loud, with(b"\x04")),
        socket::SET_OPTION
    );
    assert!(is_unreadable("unix create peer=(label=x),"));
}

/// A request to mount `/dev/a` at `/mnt`.
fn mounting(kind: &str, flags: u32) -> Vec<u8> {
    let mut request = format!("/mnt\0/dev/a\0{kind}\0").into_bytes();
    request.extend(
        (0..32)
            .filter(|bit| flags >> bit & 1 == 1)
            .map(|bit: u8| bit + 1),
    );
    request
}

#[test]
fn mounts() {
    let flag = |name| option(name).unwrap().0;
    let (ro, nosuid, shared) = (flag("ro"), flag("nosuid"), flag("make-rshared"));
    let may = |rules: &str, kind: &str, flags| {
        allowed(Class::Mount, rules, mounting(kind, flags)) == mount::MOUNT
    };
    for flags in [0, ro | nosuid, BIND, REMOUNT | ro, shared, flag("move")] {
        assert!(may("mount,", "ext4", flags), "{flags}");
    }
    assert!(may("mount fstype=(proc, sysfs),", "sysfs", ro));
    assert!(!may("mount fstype=(proc, sysfs),", "ext4", ro));
    // A file system's type excludes all that is no new mount.
    assert!(!may("mount fstype=*,", "", BIND));
    // Required flags are exactly those, optional ones may be there.
    assert!(may("mount options=(ro),", "x", ro) && !may("mount options=(ro),", "x", 0));
    assert!(!may("mount options=(ro),", "x", ro | nosuid));
    assert!(may("mount options in (ro, nosuid),", "x", ro));
    assert!(may("mount options in (ro, nosuid),", "x", 0));
    assert!(may("mount options=(rw) options in (suid),", "x", nosuid));
    assert!(!may("mount options in (ro),", "x", nosuid));
    let rules = "mount options=(bind) /dev/* -> /mnt, deny mount -> /mn?,";
    assert!(may("mount options=(bind) /dev/* -> /mnt,", "", BIND) && !may(rules, "", BIND));
    assert!(may("remount options=(ro) /mnt,", "", REMOUNT | ro));
    assert!(!may("remount options=(ro) /mnt,", "", ro));
    assert!(may("remount /mnt,", "", REMOUNT | ro | nosuid));
    // A source alone is the mount point where propagation changes.
    assert!(may("mount options=(make-rshared) /mnt,", "", shared));
    assert!(!may("mount options=(make-rshared) /other,", "", shared));
    assert!(is_unreadable("mount options=(ro, rw),"));
    assert!(is_unreadable("mount options=(bind) fstype=ext4,"));
    assert!(is_unreadable("mount options=(make-shared) /a -> /b,"));
}

#[test]
fn mount_flags_are_shown_as_they_are() {
    for (name, row, _) in OPTIONS {
        // The parser drops `nouser`, and no option names MS_REC alone: the kernel does not tell it either.
        if name.ends_with("nouser") || *row == 0 {
            continue;
        }
        let has_no_source = row & (PROPAGATION | REMOUNT) != 0;
        let paths = if has_no_source {
            "/mnt\0\0\0"
        } else {
            "/mnt\0/dev/a\0\0"
        };
        let request = |flags: u32| {
            let mut text = paths.as_bytes().to_vec();
            text.extend((1..=32).filter(|number: &u8| flags >> (number - 1) & 1 == 1));
            text
        };
        let may_recurse = row & (BIND | PROPAGATION) != 0;
        for flags in [*row, row | if may_recurse { REC } else { 0 }] {
            let shown = show(Class::Mount, &request(flags), mount::MOUNT, None);
            let rule = format!("{shown},");
            let decided = |flags| allowed(Class::Mount, &rule, request(flags));
            assert_eq!(decided(flags), mount::MOUNT, "{name}: {rule}");
            assert_eq!(decided(flags ^ REC), 0, "{name}: {rule}");
        }
    }
    for shown in [
        ["silent", "rslave"],
        ["rbind", "silent"],
        ["silent", "rprivate"],
    ] {
        let bits = shown.iter().map(|name| option(name).unwrap().0);
        assert_eq!(names(bits.fold(0, |all, bits| all | bits)), shown);
    }
}

#[test]
fn unmounting_and_pivoting() {
    assert_eq!(
        allowed(Class::Mount, "umount /mnt//*,", "/mnt/a"),
        mount::UMOUNT
    );
    assert_eq!(allowed(Class::Mount, "umount, deny umount /m*,", "/mnt"), 0);
    let rules = "pivot_root oldroot=/old /new/* -> other,";
    assert_eq!(
        allowed(Class::Mount, rules, "/new/a\0/old"),
        mount::PIVOT_ROOT
    );
    assert_eq!(allowed(Class::Mount, rules, "/new/a\0/old/a"), 0);
    assert_eq!(
        allowed(Class::Mount, "pivot_root,", "/a\0/b"),
        mount::PIVOT_ROOT
    );
}

#[test]
fn queues() {
    let all = Class::Mqueue.all_bits();
    assert_eq!(allowed(Class::Mqueue, "mqueue,", "p/a"), all);
    assert_eq!(allowed(Class::Mqueue, "mqueue,", "s12\0label"), all);
    assert_eq!(allowed(Class::Mqueue, "mqueue type=sysv,", "p/a"), 0);
    assert_eq!(allowed(Class::Mqueue, "mqueue 12,", "s12"), all);
    assert_eq!(allowed(Class::Mqueue, "mqueue 12,", "s13"), 0);
    let rules = "mqueue (create, getattr) label=x /a*,";
    assert_eq!(allowed(Class::Mqueue, rules, "p/ab\0y"), 0);
    assert_eq!(
        allowed(Class::Mqueue, rules, "p/ab\0x"),
        mqueue::CREATE | mqueue::GET_ATTRIBUTES
    );
    // What does not exist yet has no label.
    assert_eq!(allowed(Class::Mqueue, rules, "p/ab"), mqueue::CREATE);
    assert_eq!(
        allowed(Class::Mqueue, "mqueue, deny mqueue w /a,", "p/a"),
        all & !mqueue::WRITE
    );
    assert!(is_unreadable("mqueue type=sysv /a,"));
}

#[test]
fn namespaces_and_rings() {
    assert_eq!(allowed(Class::Userns, "userns,", ""), userns::CREATE);
    assert_eq!(allowed(Class::Userns, "userns create, deny userns,", ""), 0);
    assert_eq!(allowed(Class::IoUring, "io_uring,", ""), 3);
    assert_eq!(
        allowed(Class::IoUring, "io_uring label=a*,", "ab"),
        io_uring::OVERRIDE_CREDS
    );
    assert_eq!(
        allowed(Class::IoUring, "io_uring label=a*,", ""),
        io_uring::SQPOLL
    );
    assert_eq!(
        allowed(Class::IoUring, "io_uring override_creds,", ""),
        io_uring::OVERRIDE_CREDS
    );
}

#[test]
fn changes_of_profile() {
    let both = change_profile::NOW | change_profile::ON_EXEC;
    let on_exec = change_profile::ON_EXEC;
    let whole = change_profile::WHOLE_ON_EXEC;
    let x = u32::from(EXEC);
    assert_eq!(
        allowed(Class::ChangeProfile, "change_profile -> a,", "a"),
        both
    );
    assert_eq!(
        allowed(Class::ChangeProfile, "change_profile -> a,", "/bin/p\0a"),
        whole
    );
    assert_eq!(
        allowed(Class::ChangeProfile, "change_profile,", ":ns:a//&b"),
        both
    );
    // A program in the rule limits the change at exec, and that alone.
    let rules = "change_profile /bin/* -> a,";
    assert_eq!(allowed(Class::ChangeProfile, rules, "a"), both);
    assert_eq!(allowed(Class::ChangeProfile, rules, "/bin/p"), on_exec);
    assert_eq!(allowed(Class::ChangeProfile, rules, "/bin/p\0a"), whole | x);
    // The label alone is granted there as well.
    assert_eq!(
        allowed(Class::ChangeProfile, rules, "/p\0a"),
        change_profile::LABEL_ON_EXEC
    );
    let exec = |rules: &str| decide(Class::ChangeProfile, rules, "/p\0a").exec[0].clone();
    assert!(!exec("change_profile /p -> a,").unwrap().mode.is_unsafe);
    assert!(
        exec("change_profile unsafe /p -> a,")
            .unwrap()
            .mode
            .is_unsafe
    );
    assert_eq!(exec("change_profile -> a,"), None);
    // Denied without a word, whatever the priority, and at exec for every program.
    let rules = "priority=1 change_profile, deny change_profile -> a,";
    let verdict = decide(Class::ChangeProfile, rules, "a");
    assert_eq!((verdict.allow, verdict.deny, verdict.quiet), (0, both, 0));
    assert_eq!(
        allowed(Class::ChangeProfile, rules, "/bin/p"),
        change_profile::NOW
    );
    // The files by which it is asked for come with the rule.
    let verdict = decide(Class::File, "deny change_profile,", "/proc/1/attr/exec");
    assert_eq!(verdict.allow, u32::from(WRITE));
}

#[test]
fn hats_may_be_changed() {
    let write = |text: &str, number: usize| {
        with_profiles(text, |policy| {
            let effective = policy.effective(policy.profiles().nth(number).unwrap());
            let verdict = effective.decide(Class::File, b"/proc/1/attr/current");
            verdict.allow == u32::from(WRITE)
        })
    };
    assert!(write("profile p { ^hat { } }", 0));
    assert!(write("profile p { ^hat { } }", 1));
    assert!(write("profile p { profile child { } }", 0));
    assert!(!write("profile p { profile child { } }", 1));
}

#[test]
fn all_is_everything() {
    for (class, request) in [
        (Class::Capability, b"\0".to_vec()),
        (Class::Mount, mounting("ext4", 0)),
        (Class::Network, network(2, 1)),
        (Class::Unix, vec![1]),
        (Class::Signal, b"\x09x".to_vec()),
        (Class::Ptrace, b"x".to_vec()),
        (Class::Dbus, b"system".to_vec()),
        (Class::Mqueue, b"p/a".to_vec()),
        (Class::Userns, Vec::new()),
        (Class::IoUring, Vec::new()),
    ] {
        assert_ne!(allowed(class, "all,", &request), 0, "{class:?}");
        assert_eq!(allowed(class, "all, deny all,", &request), 0, "{class:?}");
    }
    assert_eq!(allowed(Class::ChangeProfile, "all,", "a"), 0);
    // Other rules decide what execs lead to.
    let verdict = decide(Class::File, "all, /a px,", "/a");
    assert_eq!(verdict.exec[0].as_ref().unwrap().mode.to_string(), "px");
    assert_eq!(verdict.conflict, None);
}

#[test]
fn policies_compare_as_wholes() {
    assert!(same("profile p /bin/{a,b} { }", "profile p /bin/{b,a} { }"));
    assert!(!same("profile p /bin/a* { }", "profile p /bin/a { }"));
    assert!(!same("profile p { }", "profile q { }"));
    assert!(!same("profile p { ^h { } }", "profile p { profile h { } }"));
    assert!(same(
        "profile p { } profile q { }",
        "profile q { } profile p { }"
    ));
    assert!(!same("profile p { } profile q { }", "profile p { }"));
    assert!(!same(
        "profile p { ^h { /a r, } }",
        "profile p { ^h { /b r, } }"
    ));
    let with = |flags: &str| format!("profile p flags=({flags}) {{ }}");
    assert!(same(&with("complain, audit"), &with("audit complain")));
    assert!(same("profile p { }", &with("enforce, namespace_relative")));
    assert!(!same("profile p { }", &with("complain")));
    assert!(!same(&with("error=EPERM"), &with("error=EACCES")));
    let limit = |rule: &str| format!("profile p {{ set rlimit {rule}, }}");
    assert!(same(&limit("data <= 1MB"), &limit("data <= 1024 K")));
    assert!(same(&limit("ofile <= 5"), &limit("nofile <= 5")));
    assert!(same(&limit("cpu <= 2 minutes"), &limit("cpu <= 120")));
    assert!(!same(&limit("nice <= 5"), &limit("nice <= -5")));
    assert!(!same("profile p { }", &limit("nproc <= infinity")));
    let attributes = |xattrs: &str| format!("profile p /a xattrs=({xattrs}) {{ }}");
    assert!(same(
        &attributes("user.a=x user.b=y"),
        &attributes("user.b=y user.a=x")
    ));
    assert!(!same(&attributes("user.a=x"), &attributes("user.a=y")));
}
