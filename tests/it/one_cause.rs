//! One cause is one finding: slips, missing and misplaced includes, directives, configuration, texts that are no policy.

use aalint::syntax;

use crate::common::{aalint, directory, text};

const BASE: &str = "profile used {\n  /srv/used r,\n}\n";

/// What `check` says of a file `policy` beside others, in a line each, and the exit code.
fn check(files: &[(&str, &str)], arguments: &[&str], path: &str) -> (Vec<String>, Option<i32>) {
    let here = directory(files);
    let all = [
        &["check", "--base", "base", "--format", "concise"][..],
        arguments,
        &[path],
    ]
    .concat();
    let output = aalint(here.path(), &all);
    let out = text(&output.stdout);
    let lines = out.lines().filter(|line| line.contains("[AA"));
    (lines.map(str::to_owned).collect(), output.status.code())
}

fn errors(policy: &str) -> Vec<String> {
    let files = [
        (
            "base/tunables/global",
            "@{HOME} = /home/*/\n@{PROC} = /proc/\n",
        ),
        (
            "base/abstractions/base",
            "@{PROC}/cpuinfo r,\n@{HOME}/x r,\n@{run}/y r,\n",
        ),
        ("base/used", BASE),
        ("policy", policy),
    ];
    check(&files, &["--isolated", "--select", "syntax"], "policy").0
}

#[test]
fn a_slip_is_one_error() {
    for (rule, says) in [
        (
            "owner /srv/My Files/** rw,",
            "the path `/srv/My Files/**` contains a blank",
        ),
        (
            "/opt/App (x86)/bin Cx -> child,",
            "the path `/opt/App (x86)/bin` contains a blank",
        ),
        (
            "mount /dev/My Disk -> /mnt/,",
            "the path `/dev/My Disk` contains a blank",
        ),
        ("signal peer!=web,", "`!=` cannot negate"),
        ("mount options=(!ro) /a -> /b/,", "`!` cannot negate"),
        (
            "mount --types ext4 -o ro,nodev /a -> /b/,",
            "`--types` is an option of mount(8)",
        ),
        (
            "mount --make-rslave /a/,",
            "`--make-rslave` is an option of mount(8)",
        ),
        ("audit deny /srv/** , wl,", "a comma separates a path"),
        ("w, /srv/a,", "a comma separates a path"),
        ("deny /srv/a,wl,", "a comma separates a path"),
        (
            "capability chown,fowner, kill,",
            "`fowner, kill` follows a comma",
        ),
        ("capability chown,\n  kill,", "`kill` follows a comma"),
        ("network inet stream, inet6 stream,", "`inet6` is too much"),
        ("network inet,inet6,", "`inet,inet6` is too much"),
        ("network inet inet6,", "`inet6` is too much"),
        ("network inet stream dgram,", "`dgram` is too much"),
        ("network tcp, udp,", "`udp` is too much"),
        ("network inet dgram, stream,", "`stream` is too much"),
        ("network inet, dgram,", "a comma separates the parts"),
        ("change_profile /srv/x-> web,", "`->` needs a blank"),
        ("change_profile /srv/x ->web,", "`->` needs a blank"),
        ("pivot_root oldroot=/a/ /b/-> web,", "`->` needs a blank"),
        ("link subset /a->/b,", "`->` needs a blank"),
        ("mount /a-> /b/,", "`->` needs a blank"),
        ("ptrace trace, read peer=web,", "without parentheses"),
        ("signal send,receive,", "without parentheses"),
        ("signal set=hup, int, term peer=web,", "without parentheses"),
        (
            "dbus send bus=session, path=/a, member=B,",
            "a comma separates the parts",
        ),
        (
            "mount fstype=ext4, /dev/vdb -> /mnt/,",
            "a comma separates the parts",
        ),
        ("</srv/rules>", "names a file to include"),
    ] {
        let found = errors(&format!("profile web {{\n  {rule}\n}}\n"));
        assert_eq!(found.len(), 1, "{rule}: {found:#?}");
        assert!(found[0].contains(says), "{rule}: {found:#?}");
    }
    for header in [
        "web /opt/My App/x complain",
        "web complain audit",
        "/opt/My App/x (complain)",
    ] {
        let keyword = if header.starts_with('/') {
            ""
        } else {
            "profile "
        };
        let found = errors(&format!("{keyword}{header} {{\n  /a r,\n}}\n"));
        assert!((1..=2).contains(&found.len()), "{header}: {found:#?}");
    }
}

#[test]
fn rules_beside_each_other_are_no_slips() {
    for rules in [
        "network inet,\n  unix,",
        "network packet packet,",
        "network packet raw,",
        "mount options=ro,\n  remount,",
        "capability chown,\n  network,",
        "signal send,\n  ptrace read,",
        "/srv/a,b r,",
        "/srv/{a,rw} r,",
    ] {
        let found = errors(&format!("profile web {{\n  {rules}\n}}\n"));
        assert!(found.is_empty(), "{rules}: {found:#?}");
    }
}

#[test]
fn a_missing_include_brings_no_undefined_variables() {
    for preamble in [
        "include <tunables/globl>",
        "include <tunables/globl>\n@{HOME} += /srv/",
    ] {
        let found = errors(&format!(
            "{preamble}\nprofile web {{\n  include <abstractions/base>\n}}\n"
        ));
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(found[0].contains("there is no file `<tunables/globl>`"));
    }
    // What a profile includes defines no variables.
    let found = errors("profile web {\n  include <abstractions/gone>\n  @{OWN}/a r,\n}\n");
    assert_eq!(found.len(), 2, "{found:#?}");
    let found = errors("profile web {\n  @{HOME}/a r,\n}\ninclude <tunables/global>\n");
    assert_eq!(found.len(), 1, "{found:#?}");
    let found = errors("profile web {\n  @{OWN} = /srv\n  @{OWN}/a r,\n}\n");
    assert_eq!(found.len(), 1, "{found:#?}");
}

#[test]
fn missing_tunables_are_one_finding() {
    let found =
        errors("profile web {\n  include <abstractions/base>\n  @{HOME}/b r,\n  @{OWN}/c r,\n}\n");
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(
        found[0].contains(":2:")
            && found[0].contains("`@{PROC}`")
            && found[0].contains("`abstractions/base` uses")
    );
    assert!(found[1].contains("`@{OWN}` is not defined"));
}

#[test]
fn a_base_directory_that_does_not_fit_is_one_finding() {
    let includes = |count: usize| {
        let lines = (0..count).map(|number| format!("  include <abstractions/a{number}>\n"));
        format!(
            "profile web {{\n  include <abstractions/base>\n{}}}\n",
            lines.collect::<String>()
        )
    };
    assert_eq!(
        errors(&includes(9))
            .iter()
            .filter(|line| line.contains("AA117"))
            .count(),
        9
    );
    let found = errors(&includes(10));
    let found: Vec<_> = found.iter().filter(|line| line.contains("AA117")).collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("10 include statements in 1 file name 10 files that do not exist"));
}

#[test]
fn a_relative_include_is_unknown_everywhere() {
    let files = [
        ("base/abstractions/base", "/srv/** r,\n"),
        ("base/tunables/global", "@{HOME} = /home/*/\n"),
        (
            "policy",
            "include \"tunables/global\"\nprofile web {\n  include abstractions/base\n  @{HOME}/a r,\n}\n",
        ),
    ];
    let (found, _) = check(&files, &["--isolated", "--select", "syntax"], "policy");
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found.iter().all(|line| line.contains("warning[AA117]")));
    let here = directory(&files);
    let output = aalint(
        here.path(),
        &[
            "query",
            "--isolated",
            "--base",
            "base",
            "policy",
            "/srv/a r",
        ],
    );
    assert!(
        text(&output.stdout).contains("unknown"),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn every_misspelt_directive_is_a_finding() {
    for comment in [
        "aalint: asert deny /a r,",
        "aalint: assert-deny /a r,",
        "aalint: expect deny /a r,",
        "aalint: Assert deny /a r,",
        "aalint: ignore allow-all why",
        "aalint: ignore[allow-all] why",
        "aalint: ignore() why",
        "aalint: ignore-line(allow-all) why",
        "aalint: nothing",
        "aalint:",
        "aalint : ignore(allow-all) why",
        "AALINT: ignore(allow-all) why",
        "aalint ignore(allow-all) why",
        "aalint-ignore: allow-all",
    ] {
        let policy = format!("profile web {{\n  # {comment}\n  /srv/a r,\n}}\n");
        let files = [("base/used", BASE), ("policy", policy.as_str())];
        let arguments = ["--isolated", "--select", "invalid-intent,unknown-directive"];
        let (found, _) = check(&files, &arguments, "policy");
        assert_eq!(found.len(), 1, "{comment}: {found:#?}");
    }
    for comment in [
        "aalint is a linter",
        "see aalint: a linter",
        "aalint: ignore(allow-all) why",
        "aalints: x",
    ] {
        let policy = format!("profile web {{\n  # {comment}\n  /srv/a r,\n}}\n");
        let files = [("base/used", BASE), ("policy", policy.as_str())];
        let (found, _) = check(
            &files,
            &["--isolated", "--select", "invalid-intent,unknown-directive"],
            "policy",
        );
        assert!(found.is_empty(), "{comment}: {found:#?}");
    }
}

#[test]
fn a_misspelt_block_is_read_all_the_same() {
    let found = errors("profle web {\n  /srv/a r,\n  @{OWN}/b r,\n}\n");
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].contains("the keyword `profle` is not known"));
    let files = [
        ("base/used", BASE),
        ("x.intents", "intnet no-shells {\n  deny /bin/sh x,\n}\n"),
    ];
    let (found, _) = check(&files, &["--isolated"], "x.intents");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("did you mean `intent`?"));
}

#[test]
fn a_configuration_without_effect_is_a_finding() {
    let policy = "profile web {\n  /srv/a r,\n}\n";
    let of = |config: &str| {
        let files = [
            ("base/used", BASE),
            ("aalint.toml", config),
            ("policy", policy),
            (
                "own.intents",
                "intent a { deny /b r, }\nintent b { deny /c r, }\n",
            ),
        ];
        check(&files, &["--ignore", "abi-missing"], ".")
    };
    let (found, code) = of("[[override]]\npaths = [\"old/**\", \"gone\"]\nignore = [\"AA301\"]\n");
    assert_eq!((found.len(), code), (1, Some(2)), "{found:#?}");
    assert!(found[0].contains("no file matches `old/**`"));
    let (found, _) = of("[[override]]\npaths = [\"old/**\", \"policy\"]\nignore = [\"AA301\"]\n");
    assert!(found.is_empty(), "{found:#?}");
    let (found, _) = of("intents = [\"a\"]\n");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("no profile has to keep the intent `b`"));
    // Broken TOML is all that is told.
    let (found, code) = of("intents = [\n");
    assert_eq!((found.len(), code), (1, Some(2)), "{found:#?}");
    assert!(found[0].starts_with("aalint.toml:1:"));
}

#[test]
fn an_unknown_intent_lists_those_that_there_are() {
    let here = directory(&[("base/used", BASE), ("policy", "profile web {\n}\n")]);
    let output = aalint(
        here.path(),
        &[
            "check",
            "--isolated",
            "--base",
            "base",
            "--intent",
            "xyzzy",
            "policy",
        ],
    );
    let said = text(&output.stderr);
    assert!(
        said.contains("there is no intent `xyzzy`; there are `container`"),
        "{said}"
    );
}

#[test]
fn what_is_plainly_no_policy_is_said_to_be_none() {
    let here = directory(&[("base/used", BASE)]);
    for content in [
        "import os\nfrom flask import Flask\n@app.route(\"/\")\ndef a(x, y):\n    return {}\n",
        "FROM python:3.8\nRUN pip install flask, x\n",
        "#!/bin/sh\nset -e\ncp /a /b\n",
        "{\n  \"a\": {\"b\": 1},\n  \"c\": []\n}\n",
        "services:\n  web:\n    image: x\n",
    ] {
        assert_eq!(syntax::read(content).faults.len(), 1, "{content}");
        std::fs::write(here.path().join("named"), content).unwrap();
        let output = aalint(
            here.path(),
            &["check", "--isolated", "--base", "base", "named"],
        );
        assert_ne!(output.status.code(), Some(0), "{content}");
    }
    // A profile with mistakes is one all the same.
    for content in [
        "#!/bin/sh\nprofile web {\n  /a rz,\n}\n",
        "#!/sbin/apparmor_parser\nprofil web {\n  /a rz,\n}\n",
        "import x\nprofile web {\n  /a rz,\n}\n",
        "include <tunables/global>\nprofil web {\n  /a rz,\n",
        "import os\ninclude <tunables/global>\n/a r\n",
    ] {
        let faults = syntax::read(content).faults;
        let is_foreign =
            |fault: &syntax::fault::Fault| format!("{:?}", fault.kind).contains("NotPolicy");
        assert!(
            !faults.is_empty() && !faults.iter().any(is_foreign),
            "{content}"
        );
    }
}

/// The codes of the findings about a policy that are shown.
fn told(policy: &str, arguments: &[&str]) -> Vec<String> {
    let found = check(
        &[("base/abi/4.0", ""), ("policy", policy)],
        arguments,
        "policy",
    )
    .0;
    let code = |line: &String| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned());
    found.iter().filter_map(code).collect()
}

const BARE: &str = "capability,\n  dbus,\n  signal,\n  ptrace,\n  unix,\n  network,\n  mount,\n  change_profile,\n";

#[test]
fn a_profile_that_allows_everything_is_one_finding() {
    let isolated = ["--isolated"];
    for every in [
        "/** rwlkm,",
        "file,",
        "all,",
        "/** rw,",
        "/{,**} rwk,\n  /** pix,",
    ] {
        let policy = format!("abi <abi/4.0>,\nprofile web {{\n  {every}\n  {BARE}}}\n");
        let codes = told(&policy, &isolated);
        let whole = codes
            .iter()
            .filter(|code| matches!(code.as_str(), "AA309" | "AA316"));
        assert_eq!(whole.count(), codes.len(), "{every}: {codes:?}");
        assert_eq!(codes.len(), 1, "{every}: {codes:?}");
    }
}

#[test]
fn what_is_no_part_of_that_is_told() {
    let isolated = ["--isolated"];
    let of = |rules: &str| {
        let policy = format!("abi <abi/4.0>,\nprofile web {{\n  {rules}\n}}\n");
        told(&policy, &isolated)
    };
    // A rule that names something is a decision of its own.
    assert_eq!(of("file,\n  capability sys_module,"), ["AA309", "AA304"]);
    assert_eq!(of("file,\n  ptrace peer=unconfined,"), ["AA309", "AA307"]);
    assert_eq!(of("file,\n  dbus bus=system,"), ["AA309", "AA322"]);
    // Not every file of everybody can be written.
    assert_eq!(of("/** r,\n  ptrace,"), ["AA316", "AA307"]);
    assert_eq!(of("owner /** rw,\n  ptrace,"), ["AA316", "AA307"]);
    assert_eq!(of("/home/** rw,\n  ptrace,"), ["AA316", "AA307"]);
    assert_eq!(
        of("/** rw,\n  deny /** w,\n  ptrace,"),
        ["AA201", "AA316", "AA307"]
    );
    assert_eq!(of("ptrace,"), ["AA307"]);
    // In a container these are not the files of the machine.
    let flags = "flags=(attach_disconnected,mediate_deleted)";
    let policy = format!("abi <abi/4.0>,\nprofile web {flags} {{\n  file,\n  ptrace,\n}}\n");
    assert_eq!(told(&policy, &isolated), ["AA309", "AA307"]);
}

/// Where the finding about every file is silenced, off or milder, the others stand for themselves.
#[test]
fn parts_are_told_where_their_cause_is_not() {
    let policy = "abi <abi/4.0>,\nprofile web {\n  file, # aalint: ignore(allow-all) a reason\n  ptrace,\n}\n";
    assert_eq!(told(policy, &["--isolated"]), ["AA307"]);
    let policy = "abi <abi/4.0>,\nprofile web {\n  file,\n  ptrace,\n}\n";
    assert_eq!(told(policy, &["--isolated"]), ["AA309"]);
    let ignored = ["--isolated", "--ignore", "allow-all"];
    assert_eq!(told(policy, &ignored), ["AA307"]);
    let selected = ["--isolated", "--select", "unrestricted-ptrace-signal"];
    assert_eq!(told(policy, &selected), ["AA307"]);
    let silenced =
        "abi <abi/4.0>,\nprofile web {\n  file,\n  ptrace, # aalint: ignore(AA307) a reason\n}\n";
    assert_eq!(told(silenced, &["--isolated"]), ["AA309"]);
}
