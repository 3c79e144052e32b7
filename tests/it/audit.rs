//! Audit records explained by policy. The records are written by hand in the forms that the kernel and the
//! bus daemon document.

use aalint::audit::{Cause, Explanation, Hats, NotAsked, explain, parse};
use aalint::policy::Search;
use aalint::session::with_policy;
use aalint::source::MemoryVfs;
use proptest::prelude::*;

const POLICY: &str = "\
abi <abi/4.0>,
profile web {
  /srv/** r,
  owner /tmp/* rw,
  deny /etc/shadow rw,
  audit /var/log/web rw,
  audit deny /etc/gshadow r,
  /usr/bin/env ix,
  network inet stream,
  capability chown,
  signal receive set=term peer=runc,
  mount options=(ro, nosuid) /dev/sda -> /mnt/,
  change_profile -> worker,
  unix (send receive) type=stream peer=(addr=@bus label=bus),
}
profile attached flags=(attach_disconnected) {
  profile below flags=(attach_disconnected.path=/apart) {
    /apart/** r,
  }
}
profile pool {
  hat first {
  }
  ^second {
  }
  profile child {
  }
}
profile lenient flags=(complain) {
  deny /etc/shadow r,
  /srv/** r,
}
profile broken {
  #include <no/such/file>
  /srv/** r,
}
";

fn explained(record: &str) -> Explanation {
    let mut vfs = MemoryVfs::default();
    vfs.insert("policy", POLICY);
    let record = parse(record).unwrap_or_else(|| panic!("{record} is no record"));
    let search = Search {
        directories: Vec::new(),
        has_no_base: true,
    };
    with_policy(&vfs, &search, &["policy".to_owned()], &[], |policy| {
        explain(policy, &record)
    })
}

/// A record of a file that `web` asked for.
fn file(operation: &str, name: &str, mask: &str, users: (u32, u32)) -> Explanation {
    let (task, owner) = users;
    explained(&format!(
        "apparmor=\"DENIED\" operation=\"{operation}\" class=\"file\" profile=\"web\" name=\"{name}\" pid=9 \
         comm=\"web\" requested_mask=\"{mask}\" denied_mask=\"{mask}\" fsuid={task} ouid={owner}"
    ))
}

/// A record of anything else, the fields behind the label given.
fn of(operation: &str, fields: &str) -> Explanation {
    explained(&format!(
        "apparmor=\"DENIED\" operation=\"{operation}\" profile=\"web\" {fields}"
    ))
}

fn lines(explanation: &Explanation) -> Vec<u32> {
    explanation
        .rules
        .iter()
        .map(|rule| rule.place.start.line)
        .collect()
}

/// What was asked and the missing rule.
fn missing(explanation: &Explanation) -> (&str, &str) {
    assert_eq!(explanation.cause, Cause::Unmatched, "{explanation:?}");
    let rule = explanation.suggestion.as_ref().unwrap();
    (explanation.request.as_deref().unwrap(), &rule.rule)
}

#[test]
fn a_rule_that_denies_is_named() {
    let shadow = file("open", "/etc/shadow", "r", (0, 0));
    assert_eq!(
        (shadow.cause.clone(), lines(&shadow)),
        (Cause::Denied, vec![5])
    );
    assert_eq!(shadow.request.as_deref(), Some("owner /etc/shadow r"));
    assert_eq!(shadow.rules[0].text, "deny /etc/shadow rw,");
    assert_eq!(shadow.suggestion, None);
    let recorded = file("open", "/etc/gshadow", "r", (0, 0));
    assert_eq!(
        (recorded.cause.clone(), lines(&recorded)),
        (Cause::Denied, vec![7])
    );
}

#[test]
fn the_narrowest_missing_rule_is_named() {
    let hosts = file("open", "/etc/hosts", "r", (0, 0));
    assert_eq!(
        missing(&hosts),
        ("owner /etc/hosts r", "owner /etc/hosts r,")
    );
    let other = file("open", "/tmp/x", "wc", (33, 0));
    assert_eq!(missing(&other), ("other /tmp/x w", "/tmp/x w,"));
    let opens = other.suggestion.clone().unwrap().opens.join("; ");
    assert!(
        opens.contains("removing") && opens.contains("whatever user owns it"),
        "{opens}"
    );
    // What the profile allows of the request is not asked for again.
    let half = file("open", "/srv/x", "rw", (0, 0));
    assert_eq!(missing(&half), ("owner /srv/x rw", "owner /srv/x w,"));
    let exec = file("exec", "/usr/bin/id", "x", (0, 0));
    assert_eq!(missing(&exec).1, "owner /usr/bin/id ix,");
    let odd = of(
        "open",
        "name=2F746D702F6120225B62 requested_mask=\"r\" denied_mask=\"r\" fsuid=1 ouid=0",
    );
    assert_eq!(missing(&odd).1, "\"/tmp/a \\\"\\[b\" r,");
}

#[test]
fn the_number_of_a_process_is_left_open() {
    let status = file("open", "/proc/4711/status", "r", (0, 0));
    assert_eq!(missing(&status).1, "owner /proc/[0-9]*/status r,");
    let suggestion = status.suggestion.clone().unwrap();
    assert!(
        suggestion.opens[0].contains("every process"),
        "{suggestion:?}"
    );
    assert!(suggestion.example.is_some(), "{suggestion:?}");
    let thread = file("open", "/proc/4711/task/4712/comm", "w", (0, 0));
    assert_eq!(missing(&thread).1, "owner /proc/[0-9]*/task/[0-9]*/comm w,");
    let system = file("open", "/proc/sys/kernel/hostname", "r", (0, 0));
    assert_eq!(missing(&system).1, "owner /proc/sys/kernel/hostname r,");
}

#[test]
fn links_are_pairs() {
    let link = of(
        "link",
        "name=\"/tmp/new\" requested_mask=\"l\" denied_mask=\"l\" fsuid=0 ouid=0 target=\"/srv/old\"",
    );
    assert_eq!(
        missing(&link),
        (
            "owner link /tmp/new -> /srv/old",
            "owner link /tmp/new -> /srv/old,"
        )
    );
}

#[test]
fn a_path_that_is_not_named_was_not_asked_about() {
    let record = of(
        "open",
        "info=\"Failed name lookup - disconnected path\" error=-13 name=\"run/x\" requested_mask=\"r\" \
         denied_mask=\"r\" fsuid=0 ouid=0",
    );
    let Cause::Disconnected(found) = &record.cause else {
        panic!("{record:?}");
    };
    assert_eq!((found.path.as_str(), found.has_flag), ("/run/x", false));
    let then = found.then.as_ref().unwrap();
    assert_eq!(missing(then), ("owner /run/x r", "owner /run/x r,"));
    let deleted = of(
        "open",
        "info=\"Failed name lookup - deleted entry\" error=-2 name=\"/tmp/x\" requested_mask=\"r\" \
         denied_mask=\"r\" fsuid=0 ouid=0",
    );
    assert_eq!(deleted.cause, Cause::NotAsked(NotAsked::NoName));
    let strange = file("open", "run/x", "r", (0, 0));
    assert_eq!(strange.cause, Cause::NotAsked(NotAsked::Incomplete));
}

#[test]
fn a_file_gets_the_name_that_the_flag_gives_it() {
    let record = |label: &str, name: &str| {
        let explained = explained(&format!(
            "apparmor=\"DENIED\" operation=\"open\" info=\"Failed name lookup - disconnected path\" error=-13 \
             profile=\"{label}\" name=\"{name}\" requested_mask=\"r\" denied_mask=\"r\" fsuid=0 ouid=0"
        ));
        match explained.cause {
            Cause::Disconnected(found) => (
                found.path,
                found.has_flag,
                found.then.map(|then| then.cause),
            ),
            other => panic!("{other:?}"),
        }
    };
    let path = |path: &str| path.to_owned();
    let allowed = record("web", "srv/x");
    assert_eq!(allowed, (path("/srv/x"), false, Some(Cause::Differs)));
    let denied = record("web", "etc/shadow");
    assert_eq!(denied, (path("/etc/shadow"), false, Some(Cause::Denied)));
    let root = record("web", "");
    assert_eq!(root, (path("/"), false, Some(Cause::Unmatched)));
    // The policy has the flag already, with and without a directory.
    let plain = record("attached", "x");
    assert_eq!(plain, (path("/x"), true, Some(Cause::Unmatched)));
    let below = record("attached//below", "x");
    assert_eq!(below, (path("/apart/x"), true, Some(Cause::Differs)));
    assert_eq!(record("stranger", "x"), (path("/x"), false, None));
}

#[test]
fn hats_are_named() {
    let record = |label: &str, name: &str| {
        explained(&format!(
            "apparmor=\"DENIED\" operation=\"change_hat\" info=\"hat not found\" error=-2 profile=\"{label}\" \
             name=\"{name}\" pid=7 comm=\"php\""
        ))
        .cause
    };
    let hats = |profile: &str, wanted: &str, known: &[&str]| {
        Cause::NoHat(Hats {
            profile: profile.to_owned(),
            wanted: wanted.to_owned(),
            known: known.iter().map(|name| (*name).to_owned()).collect(),
        })
    };
    assert_eq!(record("web", "a"), hats("web", "a", &[]));
    let known = ["first", "second"];
    assert_eq!(record("pool", "third"), hats("pool", "third", &known));
    assert_eq!(
        record("pool//first", "pool//third"),
        hats("pool", "third", &known)
    );
    // A child is no hat, and has none.
    assert_eq!(record("pool", "child"), hats("pool", "child", &known));
    assert_eq!(
        record("pool//child", "first"),
        hats("pool//child", "first", &[])
    );
    for (label, name) in [
        ("pool", "second"),
        ("pool//first", "second"),
        // An include that is not there may have it.
        ("broken", "a"),
        ("stranger", "a"),
    ] {
        let expected = Cause::NotAsked(NotAsked::Operation);
        assert_eq!(record(label, name), expected, "{label} {name}");
    }
}

#[test]
fn a_program_without_a_profile_is_told_apart() {
    let record = explained(
        "apparmor=\"DENIED\" operation=\"userns_create\" class=\"namespace\" profile=\"unconfined\" pid=7 \
         comm=\"browser\" requested=\"userns_create\" denied=\"userns_create\"",
    );
    assert_eq!(record.cause, Cause::Unconfined);
    assert_eq!(record.request.as_deref(), Some("userns"));
}

#[test]
fn what_changes_at_each_start_is_left_out() {
    let message = |name: &str| {
        of(
            "dbus_signal",
            &format!(
                "bus=\"session\" path=\"/org/a\" interface=\"org.a.I\" member=\"M\" mask=\"send\" name=\"{name}\" \
                 peer_label=\"unconfined\""
            ),
        )
    };
    let unique = message(":1.4711");
    assert_eq!(
        missing(&unique).1,
        "dbus send bus=session path=/org/a interface=org.a.I member=M peer=(label=unconfined),"
    );
    let opens = &unique.suggestion.as_ref().unwrap().opens;
    assert!(opens[0].contains("every connection"), "{opens:?}");
    assert!(missing(&message("org.a")).1.contains("name=org.a,"));
    // Another number for each user, as long as the user owns the file.
    let own = file("open", "/run/user/1000/bus", "wr", (1000, 1000));
    assert_eq!(missing(&own).1, "owner /run/user/[0-9]*/bus rw,");
    let foreign = file("open", "/run/user/1000/bus", "wr", (0, 1000));
    assert_eq!(missing(&foreign).1, "/run/user/1000/bus rw,");
    let plain = file("open", "/run/user/x/bus", "r", (0, 0));
    assert_eq!(missing(&plain).1, "owner /run/user/x/bus r,");
}

#[test]
fn a_capability_that_hides_a_wrong_mode_has_a_warning() {
    let warning = |number: u8| {
        let found = of("capable", &format!("capability={number}"));
        assert_eq!(found.cause, Cause::Unmatched);
        found.suggestion.unwrap().warning
    };
    for number in [1, 2] {
        assert!(warning(number).unwrap().contains("wrong owner or mode"));
    }
    assert_eq!(warning(21), None);
}

#[test]
fn memory_without_a_name_is_not_the_root_directory() {
    let warning = |operation: &str, name: &str| {
        let found = file(operation, name, "wr", (102, 102));
        found.suggestion.unwrap().warning
    };
    assert!(warning("file_mmap", "/").unwrap().contains("huge pages"));
    assert_eq!(warning("open", "/"), None);
    assert_eq!(warning("file_mmap", "/dev/shm/segment"), None);
}

#[test]
fn values_that_a_program_looked_up_are_read() {
    let exec = explained(
        "type=AVC msg=audit(11/14/2023 22:13:20.200:46) : apparmor=DENIED operation=exec class=file profile=web \
         name=/usr/bin/my tool pid=5 comm=sh requested_mask=x denied_mask=x fsuid=www-data ouid=root ",
    );
    assert_eq!(
        missing(&exec),
        ("other \"/usr/bin/my tool\" x", "\"/usr/bin/my tool\" ix,")
    );
    let own = explained(
        "apparmor=DENIED operation=open profile=web name=/x requested_mask=r denied_mask=r fsuid=root ouid=root",
    );
    assert_eq!(missing(&own).1, "owner /x r,");
    let admin = explained(
        "apparmor=DENIED operation=capable profile=web pid=5 comm=x capability=sys_admin capname=sys_admin",
    );
    assert_eq!(missing(&admin).1, "capability sys_admin,");
}

#[test]
fn capabilities() {
    let admin = of(
        "capable",
        "pid=1 comm=\"x\" capability=21  capname=\"sys_admin\"",
    );
    assert_eq!(
        missing(&admin),
        ("capability sys_admin", "capability sys_admin,")
    );
    let opens = admin.suggestion.clone().unwrap().opens;
    assert!(opens[0].starts_with("the process may "), "{opens:?}");
    // The policy allows it: the kernel must have another one.
    let chown = of("capable", "capability=0  capname=\"chown\"");
    assert_eq!(
        (chown.cause.clone(), lines(&chown)),
        (Cause::Differs, vec![10])
    );
    assert_eq!(
        of("capable", "capability=999").cause,
        Cause::NotAsked(NotAsked::Incomplete)
    );
}

#[test]
fn sockets() {
    let udp = of(
        "create",
        "class=\"net\" family=\"inet\" sock_type=\"dgram\" protocol=17 requested_mask=\"create\" denied_mask=\"create\"",
    );
    assert_eq!(
        missing(&udp),
        ("network create inet udp", "network inet dgram,")
    );
    assert!(udp.suggestion.clone().unwrap().opens[0].contains("any use of `inet` sockets"));
    // A rule is no example of what it allows beyond the request.
    assert_eq!(udp.suggestion.clone().unwrap().example, None);
    let pair = of(
        "create",
        "class=\"net\" family=\"unix\" sock_type=\"stream\" protocol=0 requested_mask=\"create\" denied_mask=\"create\"",
    );
    assert_eq!(missing(&pair).1, "network unix stream,");
    let example = pair.suggestion.clone().unwrap().example;
    assert_ne!(example.as_deref(), Some("network unix stream"));
    let bound = of(
        "bind",
        "laddr=127.0.0.1 lport=80 family=\"inet6\" sock_type=\"stream\" protocol=6 requested_mask=\"bind\" denied_mask=\"bind\"",
    );
    assert_eq!(missing(&bound).1, "network inet6 stream,");
    let packet = of(
        "create",
        "family=\"packet\" sock_type=\"raw\" protocol=768 requested_mask=\"create\" denied_mask=\"create\"",
    );
    assert_eq!(missing(&packet).1, "network packet raw,");
    let odd = of(
        "create",
        "family=\"unknown(77)\" sock_type=\"raw\" protocol=0 denied_mask=\"create\"",
    );
    assert_eq!(odd.cause, Cause::NotAsked(NotAsked::Incomplete));
}

#[test]
fn unix_sockets() {
    // Without addresses: a kernel that knows only family and type.
    let old = of(
        "create",
        "family=\"unix\" sock_type=\"dgram\" protocol=0 requested_mask=\"create\" denied_mask=\"create\"",
    );
    assert_eq!(missing(&old).1, "network unix dgram,");
    let new = of(
        "connect",
        "family=\"unix\" sock_type=\"stream\" protocol=0 requested_mask=\"send receive connect\" \
         denied_mask=\"connect\" addr=none peer_addr=\"@bus\" peer=\"bus\"",
    );
    let (request, rule) = missing(&new);
    assert!(request.contains("peer=(addr=@bus label=bus)"), "{request}");
    assert!(rule.starts_with("unix connect"), "{rule}");
    let allowed = of(
        "sendmsg",
        "family=\"unix\" sock_type=\"stream\" protocol=0 requested_mask=\"send\" denied_mask=\"send\" addr=none \
         peer_addr=\"@bus\" peer=\"bus\"",
    );
    assert_eq!(
        (allowed.cause.clone(), lines(&allowed)),
        (Cause::Differs, vec![14])
    );
}

#[test]
fn signals_and_traces() {
    let kill = of(
        "signal",
        "pid=1 comm=\"runc\" requested_mask=\"receive\" denied_mask=\"receive\" signal=kill peer=\"unconfined\"",
    );
    let expected = "signal receive set=(kill) peer=unconfined";
    assert_eq!(missing(&kill), (expected, &*format!("{expected},")));
    let unknown = of(
        "signal",
        "denied_mask=\"receive\" signal=unknown(99) peer=\"x\"",
    );
    assert_eq!(unknown.cause, Cause::NotAsked(NotAsked::Incomplete));
    let trace = of(
        "ptrace",
        "requested_mask=\"readby\" denied_mask=\"readby\" peer=\"systemd-x\"",
    );
    assert_eq!(missing(&trace).1, "ptrace readby peer=systemd-x,");
}

#[test]
fn mounts() {
    let proc = of(
        "mount",
        "info=\"failed mntpnt match\" error=-13 name=\"/proc/\" pid=1 comm=\"mount\" fstype=\"proc\" srcname=\"proc\" \
         flags=\"rw, nosuid, nodev, noexec\"",
    );
    let expected = "mount fstype=proc options=(nosuid, nodev, noexec) proc -> /proc/";
    assert_eq!(missing(&proc), (expected, &*format!("{expected},")));
    let known = of(
        "mount",
        "name=\"/mnt/\" fstype=\"ext4\" srcname=\"/dev/sda\" flags=\"ro, nosuid\"",
    );
    assert_eq!(
        (known.cause.clone(), lines(&known)),
        (Cause::Differs, vec![12])
    );
    let umount = of("umount", "name=\"/mnt/\"");
    assert_eq!(missing(&umount).1, "umount /mnt/,");
    let pivot = of("pivotroot", "name=\"/new/\" srcname=\"/new/old/\"");
    assert_eq!(missing(&pivot).1, "pivot_root oldroot=/new/old/ /new/,");
    let bind = of("mount", "name=\"/b/\" srcname=\"/a/\" flags=\"rw, bind\"");
    assert_eq!(missing(&bind).1, "mount options=(bind) /a/ -> /b/,");
}

#[test]
fn recursive_mounts_and_slashes() {
    for (fields, rule) in [
        (
            "name=\"/a/\" flags=\"rw, rprivate\"",
            "mount options=(rprivate) -> /a/,",
        ),
        (
            "name=\"/\" flags=\"rw, silent, rslave\"",
            "mount options=(silent, rslave) -> /,",
        ),
        (
            "name=\"/y/\" srcname=\"/x/\" flags=\"rw, rbind\"",
            "mount options=(rbind) /x/ -> /y/,",
        ),
        (
            // Of `https://` in a rule the parser makes `https:/`.
            "name=\"/m/\" fstype=\"fuse\" srcname=\"https://cloud.example\" flags=\"rw, nosuid\"",
            "mount fstype=fuse options=(nosuid) https:/[/]cloud.example -> /m/,",
        ),
    ] {
        assert_eq!(missing(&of("mount", fields)).1, rule);
    }
}

#[test]
fn messages_on_a_bus() {
    let call = explained(
        "type=USER_AVC msg=audit(1.001:9): pid=500 uid=101 msg='apparmor=\"DENIED\" operation=\"dbus_method_call\" \
         bus=\"system\" path=\"/org/a\" interface=\"org.a.I\" member=\"M\" mask=\"send\" name=\"org.a\" pid=77 \
         label=\"web\" peer_pid=600 peer_label=\"unconfined\" exe=\"/usr/bin/dbus-daemon\"'",
    );
    let expected = "dbus send bus=system path=/org/a interface=org.a.I member=M peer=(name=org.a, label=unconfined)";
    assert_eq!(missing(&call), (expected, &*format!("{expected},")));
    let bind = of("dbus_bind", "bus=\"session\" name=\"org.b\" mask=\"bind\"");
    assert_eq!(missing(&bind).1, "dbus bind bus=session name=org.b,");
}

#[test]
fn what_else_there_is() {
    let change = of("change_profile", "name=\"other\" pid=1 comm=\"x\"");
    assert_eq!(missing(&change).1, "change_profile -> other,");
    let known = of(
        "change_onexec",
        "name=\"worker\" pid=1 comm=\"x\" target=\"worker\"",
    );
    assert_eq!(
        (known.cause.clone(), lines(&known)),
        (Cause::Differs, vec![13])
    );
    let userns = of(
        "userns_create",
        "requested=\"userns_create\" denied=\"userns_create\"",
    );
    assert_eq!(missing(&userns), ("userns", "userns,"));
    let poll = of("uring_sqpoll", "requested=\"sqpoll\" denied=\"sqpoll\"");
    assert_eq!(missing(&poll).1, "io_uring sqpoll,");
    let creds = of(
        "uring_override",
        "requested=\"override_creds\" tcontext=\"other\"",
    );
    assert_eq!(missing(&creds).1, "io_uring override_creds label=other,");
    let queue = of(
        "mqueue_open",
        "class=\"posix_mqueue\" name=\"/q\" requested=\"create\" denied=\"create\"",
    );
    assert_eq!(missing(&queue).1, "mqueue create type=posix /q,");
}

#[test]
fn what_rules_do_not_decide_is_told_apart() {
    let cause = |operation: &str, fields: &str| of(operation, fields).cause;
    assert_eq!(
        cause("setrlimit", "rlimit=nofile value=9"),
        Cause::NotAsked(NotAsked::Operation)
    );
    assert_eq!(
        cause(
            "exec",
            "info=\"no new privs\" error=-1 name=\"/bin/su\" requested_mask=\"x\" denied_mask=\"x\""
        ),
        Cause::NotAsked(NotAsked::NoNewPrivileges)
    );
    assert_eq!(
        cause(
            "exec",
            "info=\"profile transition not found\" error=-13 name=\"/bin/su\" requested_mask=\"x\""
        ),
        Cause::NotAsked(NotAsked::NoTarget)
    );
    let status = "apparmor=\"STATUS\" operation=\"profile_load\" profile=\"unconfined\" name=\"web\" pid=1 comm=\"apparmor_parser\"";
    assert_eq!(explained(status).cause, Cause::NotAsked(NotAsked::Status));
}

#[test]
fn audit_records_name_the_rule_that_records() {
    let record = |name: &str| {
        explained(&format!(
            "apparmor=\"AUDIT\" operation=\"open\" profile=\"web\" name=\"{name}\" requested_mask=\"r\" fsuid=0 ouid=0"
        ))
    };
    let log = record("/var/log/web");
    assert_eq!((log.cause.clone(), lines(&log)), (Cause::Audited, vec![6]));
    assert_eq!(record("/srv/x").cause, Cause::AuditedByFlag);
    assert_eq!(record("/etc/hosts").cause, Cause::Differs);
}

#[test]
fn complain_mode_lets_pass_what_no_rule_allows() {
    let record = |name: &str, kind: &str| {
        explained(&format!(
            "apparmor=\"{kind}\" operation=\"open\" profile=\"lenient\" name=\"{name}\" requested_mask=\"r\" \
             denied_mask=\"r\" fsuid=0 ouid=0"
        ))
    };
    assert_eq!(
        missing(&record("/etc/hosts", "ALLOWED")).1,
        "owner /etc/hosts r,"
    );
    assert_eq!(record("/etc/shadow", "DENIED").cause, Cause::Denied);
    let learning = explained(
        "apparmor=\"ALLOWED\" operation=\"open\" profile=\"lenient//null-/usr/bin/id\" name=\"/x\" requested_mask=\"r\" \
         denied_mask=\"r\" fsuid=0 ouid=0",
    );
    assert_eq!(learning.cause, Cause::Learning("lenient".to_owned()));
}

#[test]
fn nothing_is_claimed_of_what_is_not_known() {
    let record = |label: &str, name: &str| {
        explained(&format!(
            "apparmor=\"DENIED\" operation=\"open\" profile=\"{label}\" name=\"{name}\" requested_mask=\"r\" \
             denied_mask=\"r\" fsuid=0 ouid=0"
        ))
    };
    assert_eq!(record("broken", "/etc/hosts").cause, Cause::Unknown);
    assert_eq!(record("stranger", "/etc/hosts").cause, Cause::NoProfile);
    // A label of several profiles, and one in a namespace.
    assert_eq!(record("stranger//&web", "/etc/shadow").cause, Cause::Denied);
    assert_eq!(record(":box://web", "/etc/shadow").cause, Cause::Denied);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever stands in a log, it is read, and what is a record is explained.
    #[test]
    fn any_line_is_taken(
        before in ".{0,40}",
        operation in "open|exec|link|capable|signal|mount|create|dbus_bind|change_profile|uring_override|[a-z_]{0,8}",
        fields in proptest::collection::vec(
            (
                "name|peer|target|signal|capability|family|sock_type|protocol|addr|flags|requested_mask|denied_mask|[a-z]{1,6}",
                "\"[^\"]{0,12}\"|[0-9A-F]{0,8}|[^ \"]{0,8}|\"(rw|send receive|inet|stream|/etc/shadow|ro, bind)\"",
            ),
            0..8,
        ),
    ) {
        let fields: Vec<String> = fields.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let body = format!("apparmor=\"DENIED\" operation=\"{operation}\" profile=\"web\" {}", fields.join(" "));
        let _ = parse(&format!("{before}{body}"));
        let explanation = explained(&body);
        if let Some(suggestion) = explanation.suggestion {
            prop_assert_eq!(explanation.cause, Cause::Unmatched);
            prop_assert!(suggestion.rule.ends_with(','));
        }
    }
}
