//! Texts made from the slots of each kind of rule: what fits, and more rarely what nearly does. Changed texts rarely put a
//! rule's own words where they are legal for another kind of rule; these do.

use super::super::random::Random;

/// What a symbol may become. `$(NAME)` is another symbol, `$(NAME 30)` stands there in 30 of a hundred cases. The first
/// ones are chosen more often.
const SYMBOLS: &[(&str, &[&str])] = &[
    (
        "text",
        &[
            "@{V}=/v\n$B=true\n$(before 15)\n$(header) {$(gap)$(line)\n}\n",
            "@{V}=/v\n$B=true\n$(header) {$(gap)$(line)$(gap)$(line)\n}\n",
        ],
    ),
    ("gap", &["\n  ", "\n", "\t", " ", "\r\n", "", "\n\n"]),
    ("line", &["$(qualifier 50)$(rule)$(end)", "$(block)"]),
    (
        "end",
        &[",", ",", ",", ",", ",", ",", " ,", "\n,", ",,", ";", ""],
    ),
    (
        "qualifier",
        &[
            "audit ", "deny ", "owner ", "allow ", "priority=3 ", "audit deny ", "prompt ", "access ", "quiet ",
            "priority=-2 deny ", "deny audit ", "priority = 1 ", "other ", "allow deny ", "owner audit ",
            "priority=1001 ",
        ],
    ),
    (
        "rule",
        &[
            "$(file)", "$(signal)", "$(network)", "$(unix)", "$(mount)", "$(dbus)", "$(ptrace)", "$(capability)",
            "$(mqueue)", "$(change)", "$(link)", "$(umount)", "$(pivot)", "$(io_uring)", "$(userns)", "$(rlimit)",
            "$(odd)",
        ],
    ),
    // Files
    (
        "file",
        &[
            "$(path) $(mode)", "file $(path) $(mode)", "$(mode) $(path)", "file", "file $(mode) $(path)",
            "$(safe) $(path) $(mode)", "$(path)$(mode)", "$(path)", "file $(path)", "$(path) $(safe) $(mode)",
            "$(path) $(mode) $(path)", "file $(safe) $(path) $(mode)",
        ],
    ),
    ("safe", &["safe", "unsafe"]),
    (
        "mode",
        &[
            "r", "rw", "ix", "px", "Cx", "mr", "px -> $(label)", "rwk", "ux", "w", "a", "l", "pix", "PUx", "cx -> $(label)",
            "rix", "Cx->b", "px ->b", "px-> b", "rpux -> $(label)", "ix -> b", "x", "rr", "wa", "R", "", "pxcx", "pXr",
            "rw -> /b", "x -> b", "px -> :n:b", "px -> &b", "wpx", "z",
        ],
    ),
    (
        "path",
        &[
            "/a", "/a/**", "@{V}/x", "/a/*", "/a{b,c}", "\"/a b\"", "@{V}", "/a[bc]", "/a[^b]", "/", "/a\\ b", "/**", "a",
            "/a//b", "/a?", "/a,b", "/a{", "/a}", "/a[", "/a]", "/a{}", "/a{,}", "\"", "\"\"", "'/a'", "/a\\", "/a\\x41",
            "/a\\{", "{/a,/b}", "[/]a", "/a#b", "/a:b", "/a=b", "/a(b)", "/a->b", "@{U}", "@{V", "@V", "$V", "/a@{V}", "^/a",
            "/a^", "/a!b", "%a", "~/a", "\\/a", "/\u{e9}", "r", "deny", "123",
        ],
    ),
    (
        "link",
        &[
            "link $(path) -> $(path)", "link subset $(path) -> $(path)", "$(path) l -> $(path)", "link $(path)",
            "link $(path)->$(path)", "link",
        ],
    ),
    // Conditions
    (
        "label",
        &[
            "b", "a//b", "@{V}", "/a/**", "unconfined", "*", "\"a b\"", "a{b,c}", ":n:a", "@{profile_name}", "**", "&a",
            ":n://a", "{a", "a[", "\"\"", "@{U}", "(a)", "a,b", "=a", "//a", "-a", "a->b",
        ],
    ),
    (
        "access",
        &["send", "(send, receive)", "(send receive)", "receive", "()", "(send,)", "(,send)", "send receive", "send, receive"],
    ),
    (
        "peer",
        &[
            "peer=(label=$(label))", "peer=$(label)", "peer=(addr=$(addr))", "peer=(name=$(label) label=$(label))",
            "peer = (label=$(label))", "peer=(label = $(label))", "peer=(label=$(label), addr=$(addr))", "peer=()",
            "peer=((label=a))", "peer (label=a)", "peer=(label in (a))", "peer=(label=a label=b)", "peer=",
        ],
    ),
    (
        "signal",
        &[
            "signal $(access 60) $(set 60) $(peer 40)", "signal $(mode) $(set)", "signal $(set) $(set)",
            "signal $(peer) $(set)",
        ],
    ),
    (
        "set",
        &[
            "set=(kill, term)", "set=kill", "set=($(name_of_signal) $(name_of_signal))", "set=$(name_of_signal)",
            "set = ($(name_of_signal))", "set in (kill)", "set=()", "set=",
        ],
    ),
    (
        "name_of_signal",
        &[
            "kill", "hup", "rtmin+0", "exists", "rtmin+32", "stkflt", "emt", "rtmin+33", "SIGKILL", "9", "foo", "lost", "cld",
            "rtmin+", "rtmin+08", "rtmax", "\"kill\"", "@{V}",
        ],
    ),
    ("ptrace", &["ptrace $(traced 60) $(peer 60)", "ptrace $(peer)", "ptrace $(access)"]),
    ("traced", &["trace", "(read, trace)", "tracedby", "readby", "r", "rw", "trace read", "foo"]),
    (
        "capability",
        &[
            "capability chown", "capability", "capability chown dac_override", "capability $(name_of_capability)",
            "capability chown, kill", "capability chown,kill", "capability $(name_of_capability) $(name_of_capability)",
            "capability $(label)",
        ],
    ),
    (
        "name_of_capability",
        &[
            "sys_admin", "bpf", "perfmon", "checkpoint_restore", "SYS_ADMIN", "CAP_CHOWN", "foo", "all", "\"chown\"",
            "chown=1", "(chown)", "~chown",
        ],
    ),
    (
        "network",
        &[
            "network $(family 80) $(type 50) $(address 20)", "network $(socket) $(family)", "network $(type)",
            "network $(family) $(peer)", "network $(address) $(address)", "network $(family),$(family)",
        ],
    ),
    (
        "family",
        &[
            "inet", "inet6", "unix", "netlink", "packet", "alg", "ax25", "mctp", "xdp", "smc", "vsock", "bluetooth", "foo",
            "AF_INET", "-inet", "\"inet\"",
        ],
    ),
    ("type", &["stream", "dgram", "raw", "seqpacket", "tcp", "udp", "icmp", "rdm", "packet", "foo", "type=stream", "0"]),
    (
        "address",
        &[
            "ip=127.0.0.1", "port=80", "ip=::1", "peer=(ip=127.0.0.1 port=80)", "port=80-90", "ip=none", "ip=10.0.0.0/8",
            "interface=eth0", "protocol=tcp", "ip=@{V}", "port=@{V}", "port=0", "port=70000", "port=90-80", "port=080",
            "ip=1", "ip=\"127.0.0.1\"", "port=(80)", "port=80,81", "peer=(port=@{V})", "peer=(ip=none)",
        ],
    ),
    ("socket", &["(connect, send)", "create", "bind", "(accept)", "r", "rw", "getopt", "setattr", "foo", "()"]),
    (
        "unix",
        &[
            "unix $(socket 60) $(kind 40) $(own 40) $(peer 40)", "unix", "unix $(own) $(own)", "unix $(kind) $(kind)",
            "unix $(peer) $(own)",
        ],
    ),
    ("kind", &["type=stream", "type=dgram", "type=(stream)", "type=(stream dgram)", "type=@{V}", "type=raw", "protocol=tcp"]),
    (
        "own",
        &["addr=$(addr)", "label=$(label)", "addr=($(addr))", "addr = $(addr)", "attr=x", "opt=x", "addr in ($(addr))"],
    ),
    ("addr", &["none", "@a", "\"@a b\"", "@{V}", "@*", "@a{b,c}", "@", "@a**", "@a\\x00b", "auto", "/a", "a", "@a[", "\"none\""]),
    (
        "dbus",
        &[
            "dbus $(access 50) $(bus 70) $(message 60) $(message 30) $(peer 40)", "dbus bind $(bus) name=$(label)", "dbus",
            "dbus eavesdrop $(bus 50)", "dbus (send, bind) $(bus)", "dbus $(message) $(access)", "dbus bind $(message)",
        ],
    ),
    ("bus", &["bus=session", "bus=system", "bus=accessibility", "bus=@{V}", "bus=(session)", "bus=(a b)", "bus={a,b}", "bus={a"]),
    (
        "message",
        &[
            "path=/a/b", "interface=a.b", "member=M", "member={A,B}", "path=/a/**", "path=@{V}", "name=a.b", "interface=a.*",
            "path=a", "path=\"/a\"", "path=(/a /b)", "member=@{V}", "name=@{V}",
        ],
    ),
    // Mounts
    (
        "mount",
        &[
            "mount $(fstype 40) $(options 60) $(path 60) $(onto 50)", "remount $(options 40) $(path)", "mount", "mount $(path)->$(path)",
            "mount $(options) $(options) $(path)", "mount $(path) $(options)", "remount $(path) -> $(path)",
            "mount $(path) -> $(path) $(options)",
        ],
    ),
    ("onto", &["-> $(path)", "->$(path)", "-> $(path) $(path)", "->"]),
    ("fstype", &["fstype=tmpfs", "fstype=(ext4, tmpfs)", "fstype=@{V}", "fstype={a,b}", "fstype=fuse.*", "fstype in (a b)", "fstype=\"x\""]),
    (
        "options",
        &[
            "options=ro", "options=($(flag), $(flag))", "options=($(flag) $(flag))", "options in ($(flag), $(flag))", "options=$(flag)",
            "options=($(flag))", "option=$(flag)", "options in $(flag)", "options=()", "options = ($(flag))", "options =$(flag)",
        ],
    ),
    (
        "flag",
        &[
            "rw", "bind", "nosuid", "nodev", "rbind", "remount", "private", "rslave", "make-private", "shared", "unbindable",
            "noexec", "move", "strictatime", "relatime", "sync", "dirsync", "mand", "silent", "verbose", "acl", "nosymfollow",
            "iversion", "lazytime", "foo", "user", "R", "kernmount", "i_version", "@{V}",
        ],
    ),
    ("umount", &["umount $(path)", "umount", "umount $(options 30) $(path)", "unmount $(path)", "umount fstype=x $(path)"]),
    (
        "pivot",
        &[
            "pivot_root $(oldroot 60) $(path 60)", "pivot_root $(path) -> $(label)", "pivot_root", "pivot_root -> $(label)",
            "pivot_root $(path) $(oldroot)", "pivot_root $(oldroot) $(path) -> $(label)",
        ],
    ),
    ("oldroot", &["oldroot=$(path)", "oldroot=($(path))", "oldroot = $(path)", "oldroot=(/a /b)"]),
    // The rest
    (
        "mqueue",
        &[
            "mqueue $(queue 60) $(kind_of_queue 40) $(name_of_queue 70)", "mqueue $(queue) label=$(label) $(name_of_queue 50)",
            "mqueue $(name_of_queue) $(queue)", "mqueue $(kind_of_queue) $(kind_of_queue)", "mqueue label=(a b)",
        ],
    ),
    ("queue", &["(create, open)", "read", "rw", "r", "delete", "(getattr setattr)", "()", "open, read", "foo"]),
    ("kind_of_queue", &["type=posix", "type=sysv", "type=foo", "type=(posix)", "type=@{V}"]),
    ("name_of_queue", &["/a", "123", "/a*", "/**", "@{V}", "\"/a\"", "a", "0", "-1", "1a", "01", "/a/b", "/", "@V"]),
    (
        "io_uring",
        &[
            "io_uring sqpoll", "io_uring (sqpoll, override_creds) $(own 20)", "io_uring $(ring) label=$(label)", "io_uring",
            "io_uring label=$(label)", "io_uring $(ring) label=($(label) $(label))", "io_uring $(ring) label=({a,b})",
        ],
    ),
    ("ring", &["override_creds", "(sqpoll)", "cmd", "()", "foo", "sqpoll cmd", "r"]),
    ("userns", &["userns create", "userns", "userns (create)", "userns foo", "userns create create", "userns create,userns"]),
    (
        "change",
        &[
            "change_profile -> $(label)", "change_profile $(path) -> $(label)", "change_profile",
            "change_profile $(safe) $(path) -> $(label)", "change_profile $(path)", "change_profile ->$(label)",
        ],
    ),
    ("rlimit", &["set rlimit $(limit) <= $(amount)", "set rlimit $(limit) $(amount)", "rlimit nofile <= 1", "set $(limit) <= 1"]),
    (
        "limit",
        &[
            "nofile", "as", "cpu", "data", "nice", "rttime", "fsize", "core", "nproc", "memlock", "rtprio", "stack", "foo",
            "NOFILE", "ofile",
        ],
    ),
    (
        "amount",
        &[
            "1024", "infinity", "1K", "1KB", "10min", "1hour", "-20", "0", "1M", "1GB", "10s", "10 seconds", "10ms", "1day",
            "1 minute", "10us", "1week", "K", "1.5", "0x10", "unlimited", "99999999999999999999", "\"5\"", "@{V}", "1kb", "19", "-21",
            "20", "1T", "<= 1",
        ],
    ),
    (
        "odd",
        &[
            "all", "include <abstractions/base>", "include if exists <x>", "all all", "all r", "change_hat h", "change_hat",
            "abi <abi/4.0>", "alias /a -> /b", "@{X}=a", "set", "deny", "audit", "foo", "foo a", "hat h", "owner",
            "include \"x\"", "include <x>", "rlimit",
        ],
    ),
    (
        "block",
        &[
            "deny { $(rule), }", "if $B { $(rule), }", "audit { $(rule),$(rule), }", "profile c { $(rule), }", "hat h { $(rule), }",
            "if $B { $(rule), } else { $(rule), }", "owner { $(rule), }", "priority=2 { $(rule), }", "$(qualifier) { $(line) }",
            "if not $B { $(rule), }", "if defined @{V} { $(rule), }", "if $B and not $B { $(rule), }", "^h { $(rule), }",
            "if $N { $(rule), }", "if @{V} == /v { }", "if \"a\" in @{V} { }", "/c { $(rule), }", "{ $(rule), }", "profile { }", "if { }",
            "else { }", "if ($B) { }", "if $B == true { }", "$(qualifier)if $B { }", "deny profile d { }",
        ],
    ),
    (
        "header",
        &[
            "profile p", "profile p /b", "/p", "profile p flags=($(option))", "profile p $(attachment) flags=($(option), $(option))",
            "profile p ($(option))", "\"/p q\"", "profile \"p q\"", "profile p xattrs=(user.x=a)", "profile p flags = ($(option))",
            "profile p /b xattrs=(user.x=\"a\" user.y) flags=($(option))", "profile p flags=($(option)) xattrs=(user.x=a)",
            "profile :n:p", "profile p//q", "profile @{V}", "@{V}", "profile p flags=$(option)", "profile p flags=()", "p", "hat p",
            "^p", "profile", "", "profile p /a /b", "profile $(label)", "profile p flags=(,$(option),)", "profile unconfined",
        ],
    ),
    ("attachment", &["/b", "\"/b c\"", "@{V}", "/b{c,d}", "b", "/b{c", "/b/**", "{/b,/c}"]),
    (
        "option",
        &[
            "complain", "enforce", "attach_disconnected", "mediate_deleted", "audit", "kill", "unconfined", "default_allow",
            "prompt", "attach_disconnected.path=/x", "kill.signal=term", "error=EACCES", "interruptible", "chroot_relative",
            "namespace_relative", "debug", "no_attach_disconnected", "chroot_attach", "hat", "foo", "complain enforce",
            "kill.signal=foo", "error=13", "attach_disconnected.path=x", "delegate_deleted",
        ],
    ),
    (
        "before",
        &[
            "abi <abi/4.0>,", "include <tunables/global>", "alias /x -> /y,", "@{W}=a b c", "@{W} = \"a b\" c", "@{V}+=z", "$C=true",
            "@{W}=@{V}", "@{W}={a,b}", "$C = TRUE", "alias \"/x y\" -> /y,", "@{W}=a # c", "@{W}=a#c", "@{W}=", "@{W}=a,", "@{W}+=a",
            "$C=1", "$C=", "@{V}=z", "@{W}=\"", "@{W}=(a b)", "@{w1}=a", "@{1w}=a", "@{W-1}=a", "@{_w}=a", "@{W_}=a",
            "include if exists <nope>", "include <tunables/global>,", "abi <abi/4.0>", "alias /x->/y,", "alias /x -> y,",
            "@{W}=a\\", "@{W}=a \\\n b", "if $B { }", "@{W}=,a", "@{W}==a", "@W=a", "set $C=true", "abi <abi/9>,",
        ],
    ),
];

/// The text of a number.
pub fn text(number: u64) -> String {
    let mut random = Random::new(number ^ 0x5eed);
    for _ in 0..3 {
        random.next();
    }
    let mut text = String::new();
    write("text", &mut random, &mut text);
    text
}

fn write(symbol: &str, random: &mut Random, text: &mut String) {
    let (_, forms) = SYMBOLS
        .iter()
        .find(|(name, _)| *name == symbol)
        .unwrap_or_else(|| panic!("no symbol `{symbol}`"));
    // The smaller of two numbers: the first forms are the usual ones.
    let at = random.below(forms.len()).min(random.below(forms.len()));
    let mut rest = forms[at];
    while let Some((before, after)) = rest.split_once("$(") {
        text.push_str(before);
        let (name, after) = after.split_once(')').unwrap();
        let (name, share) = name.split_once(' ').unwrap_or((name, "100"));
        if random.percent(share.parse().unwrap()) {
            write(name, random, text);
        }
        rest = after;
    }
    text.push_str(rest);
}
