//! Which findings are shown, and how loud: by how a profile is known to be for a container, by what is really granted, by
//! level, and by whose file it is.

use crate::common::{aalint, directory, text};

/// The findings of a rule with `arguments`, as `severity: message`.
fn found(files: &[(&str, &str)], rule: &str, arguments: &[&str]) -> Vec<String> {
    let here = directory(files);
    let always = ["check", "--isolated", "--format", "concise"];
    let output = aalint(here.path(), &[&always[..], arguments].concat());
    assert_eq!(text(&output.stderr), "");
    let out = text(&output.stdout);
    let lines = out
        .lines()
        .filter(|line| line.contains(&format!("] {rule}: ")));
    let of_line = |line: &str| {
        let (place, message) = line.split_once(&format!("] {rule}: ")).unwrap();
        let severity = place.rsplit(' ').next().unwrap();
        format!("{}: {message}", severity.split('[').next().unwrap())
    };
    lines.map(of_line).collect()
}

const COMPOSE: &str =
    "services:\n  box:\n    image: example\n    security_opt: [\"apparmor=box\"]\n";

/// A profile without a rule about signals or capabilities; with both flags that container profiles have.
const BOX: &str = "abi <abi/4.0>,\nprofile box flags=(attach_disconnected,mediate_deleted) {\n  /srv/data r,\n}\n";

#[test]
fn a_profile_is_for_a_container_where_something_says_so() {
    let rule = "missing-sys-admin-denial";
    let loud = ["warning: `box` does not deny CAP_SYS_ADMIN"];
    let none: [&str; 0] = [];
    assert_eq!(found(&[("box", BOX)], rule, &["box"]), none);
    assert_eq!(found(&[("box", BOX)], rule, &["--pedantic", "box"]), none);
    let named = [("t/box", BOX), ("t/compose.yaml", COMPOSE)];
    assert_eq!(found(&named, rule, &["t"]), loud);
    for dockerfile in ["Dockerfile", "t/Dockerfile", "t/Containerfile"] {
        let project = [("t/box", BOX), (dockerfile, "FROM debian\n")];
        assert_eq!(found(&project, rule, &["t"]), loud, "{dockerfile}");
    }
    let far = [
        ("t/apparmor/own/box", BOX),
        ("t/Dockerfile", "FROM debian\n"),
    ];
    assert_eq!(found(&far, rule, &["t"]), none);
    let attached = BOX.replace("profile box", "profile box /usr/bin/box");
    let host = [
        ("t/box", attached.as_str()),
        ("t/Dockerfile", "FROM debian\n"),
    ];
    assert_eq!(found(&host, rule, &["t"]), none);
    let without_flags = BOX.replace(" flags=(attach_disconnected,mediate_deleted)", "");
    let plain = [
        ("t/box", without_flags.as_str()),
        ("t/Dockerfile", "FROM debian\n"),
    ];
    assert_eq!(found(&plain, rule, &["t"]), none);
}

#[test]
fn a_profile_that_only_looks_like_one_gets_no_warnings() {
    let likely = BOX.replace(
        "/srv/data r,",
        "deny mount,\n  @{PROC}/** rw,\n  network inet stream,",
    );
    let likely = format!("@{{PROC}} = /proc/\n{likely}");
    let files = [("box", likely.as_str())];
    let none: [&str; 0] = [];
    assert_eq!(
        found(&files, "container-proc-sys", &["box"]),
        [
            "info: if this profile is for a container: the container can write `/proc/sys/kernel/core_pattern`, which belongs to the host's kernel"
        ]
    );
    assert_eq!(
        found(&files, "container-signals", &["box"]),
        [
            "info: if this profile is for a container: no signal rule of `box` lets the runtime stop the container"
        ]
    );
    assert_eq!(found(&files, "missing-sys-admin-denial", &["box"]), none);
    let polished = found(&files, "missing-sys-admin-denial", &["--pedantic", "box"]);
    let text = "info: if this profile is for a container: `box` does not deny CAP_SYS_ADMIN";
    assert_eq!(polished, [text]);
    // Its name selects the rule as a whole.
    let selected = found(
        &files,
        "missing-sys-admin-denial",
        &["--select", "AA406", "box"],
    );
    assert_eq!(selected, [text]);
    for rule in [
        "container-network",
        "container-runtime-files",
        "container-weaker-than-default",
    ] {
        assert_eq!(found(&files, rule, &["--pedantic", "box"]), none, "{rule}");
    }
    // Rules about files of the kernel alone are those of helpers on the host, too.
    let helper = likely.replace("deny mount,", "deny /proc/kcore r,");
    let files = [("box", helper.as_str())];
    assert_eq!(found(&files, "container-proc-sys", &["box"]), none);
}

#[test]
fn comments_for_findings_of_a_later_level_are_used() {
    let likely = BOX.replace(
        "/srv/data r,",
        "# aalint: ignore(missing-sys-admin-denial) the runtime drops it\n  deny mount,",
    );
    let policy = likely.replace(
        "profile box",
        "# aalint: ignore(missing-sys-admin-denial) the runtime drops it\nprofile box",
    );
    let policy = policy.replacen(
        "  # aalint: ignore(missing-sys-admin-denial) the runtime drops it\n",
        "",
        1,
    );
    let files = [("box", policy.as_str())];
    let none: [&str; 0] = [];
    assert_eq!(found(&files, "unused-suppression", &["box"]), none);
    assert_eq!(
        found(&files, "missing-sys-admin-denial", &["--pedantic", "box"]),
        none
    );
}

#[test]
fn capabilities_are_worth_what_other_rules_allow() {
    let check = |rules: &str| {
        let policy = format!("abi <abi/4.0>,\nprofile web {{\n  {rules}\n}}\n");
        found(&[("web", &policy)], "dangerous-capability", &["web"])
    };
    let (info, warning) = (
        "info: `web` allows the capability `sys_ptrace`",
        "warning: `web` allows the capability `sys_ptrace`",
    );
    for (rules, expected) in [
        ("capability sys_ptrace,", info),
        ("capability sys_ptrace, ptrace (readby, tracedby),", info),
        ("capability sys_ptrace, ptrace (trace),", warning),
        ("capability sys_ptrace, ptrace (read) peer=worker,", warning),
        // What is denied is no use of the capability.
        ("capability sys_ptrace, ptrace (trace), deny ptrace,", info),
        ("capability sys_ptrace, ptrace (trace) peer=web,", warning),
        ("capability sys_ptrace, ptrace (read) peer=web,", info),
        (
            "capability sys_ptrace, ptrace (read, trace) peer=web,",
            warning,
        ),
        (
            "capability sys_ptrace, ptrace (read, readby) peer=w*,",
            warning,
        ),
    ] {
        assert_eq!(check(rules), [expected], "{rules}");
    }
    let none: [&str; 0] = [];
    assert_eq!(
        check("capability sys_ptrace, deny capability sys_ptrace,"),
        none
    );
    assert_eq!(check("capability, deny capability,"), none);
    assert_eq!(
        check("capability sys_admin, mount options=(rslave),"),
        ["warning: `web` allows the capability `sys_admin`"]
    );
    assert_eq!(
        check("capability sys_admin, mount,"),
        ["warning: `web` allows the capability `sys_admin`"]
    );
}

#[test]
fn a_capability_is_described_by_what_is_allowed_with_it() {
    let said = |rules: &str| {
        let policy =
            format!("abi <abi/4.0>,\nprofile web {{\n  capability sys_ptrace,\n  {rules}\n}}\n");
        let here = directory(&[("web", &policy)]);
        let output = aalint(here.path(), &["check", "--isolated", "web"]);
        text(&output.stdout)
    };
    for (rules, words) in [
        ("ptrace (trace),", "read and control any process"),
        (
            "ptrace (read),",
            "read the environment and the memory map of any process",
        ),
        (
            "ptrace (read) peer=web,",
            "processes that run under the same profile",
        ),
        (
            "ptrace (trace) peer=mail,",
            "trace the processes that the profile's `ptrace` rules allow",
        ),
        // Not any process: those without a profile are denied.
        (
            "ptrace (read), deny ptrace peer=unconfined,",
            "of the processes that the profile's `ptrace` rules allow",
        ),
        ("ptrace (readby, tracedby),", "with userfaultfd"),
    ] {
        let said = said(rules);
        assert!(
            said.contains(&format!("lets the process {words}")) || said.contains(words),
            "{rules}: {said}"
        );
    }
}

#[test]
fn mounts_that_put_nothing_anywhere_are_not_unrestricted() {
    let check = |rule: &str| {
        let policy = format!("abi <abi/4.0>,\nprofile web {{\n  {rule}\n}}\n");
        found(&[("web", &policy)], "unrestricted-mount", &["web"]).len()
    };
    for (rule, count) in [
        ("mount,", 1),
        ("mount options=(rw, bind),", 1),
        ("mount options=(move),", 1),
        ("mount options=(rslave),", 0),
        ("mount options=(rprivate, silent),", 0),
        ("mount options=(ro, remount, bind),", 0),
        ("mount options in (ro, remount),", 0),
        ("mount, deny mount,", 0),
    ] {
        assert_eq!(check(rule), count, "{rule}");
    }
}

#[test]
fn what_a_profile_runs_elsewhere_is_not_its_own_code() {
    let check = |rule: &str| {
        let policy = format!("abi <abi/4.0>,\nprofile web {{\n  {rule}\n  /srv/** rw,\n}}\n");
        found(&[("web", &policy)], "writable-code", &["web"]).len()
    };
    for (rule, count) in [
        ("/usr/bin/python3* ix,", 1),
        ("/usr/bin/python3* rm,", 1),
        ("/usr/bin/python3* Pix,", 1),
        (
            "/usr/bin/* Cx -> helper,\n  profile helper {\n    /usr/bin/* rix,\n  }\n",
            0,
        ),
        ("/usr/bin/python3* Px,", 0),
        ("/usr/bin/python3* Ux,", 0),
        ("/usr/bin/python3* r,", 0),
    ] {
        assert_eq!(check(rule), count, "{rule}");
    }
}

/// A profile that an abstraction of AppArmor's brings along is not the user's to mend either.
#[test]
fn profiles_of_shipped_files_are_left_out_where_they_are_included() {
    let files = [
        ("base/abi/4.0", "file {mask {read\n}\n}\n"),
        (
            "base/abstractions/ubuntu-helpers",
            "profile sanitized_helper {\n  /** rwl,\n}\n",
        ),
        (
            "web",
            "abi <abi/4.0>,\nprofile web {\n  include <abstractions/ubuntu-helpers>\n}\n",
        ),
    ];
    let none: [&str; 0] = [];
    assert_eq!(found(&files, "broad-access", &["-b", "base", "web"]), none);
    assert_eq!(
        found(&files, "dangerous-abstraction", &["-b", "base", "web"]),
        [
            "info: `abstractions/ubuntu-helpers` brings the profile `sanitized_helper`, which can write every file of the user"
        ]
    );
    assert_eq!(
        found(
            &files,
            "broad-access",
            &["-b", "base", "--include-base", "web"]
        ),
        [
            "warning: this rule covers every directory: `/proc/sys/kernel/core_pattern` can be written"
        ]
    );
}

/// A profile that an abstraction brings is as dangerous as what leads to it.
#[test]
fn a_profile_that_nothing_or_one_program_leads_to_is_an_info() {
    let check = |rules: &str| {
        let web = format!(
            "abi <abi/4.0>,\nprofile web {{\n  include <abstractions/ubuntu-helpers>\n  {rules}\n}}\n"
        );
        let files = [
            ("base/abi/4.0", "file {mask {read\n}\n}\n"),
            (
                "base/abstractions/ubuntu-helpers",
                "profile sanitized_helper {\n  /** rwl,\n}\n",
            ),
            (
                "base/abstractions/open",
                "/usr/bin/* Cx -> sanitized_helper,\n",
            ),
            ("web", web.as_str()),
        ];
        let found = found(&files, "dangerous-abstraction", &["-b", "base", "web"]);
        let [finding] = found.as_slice() else {
            panic!("{rules}: {found:?}");
        };
        finding.split(':').next().unwrap().to_owned()
    };
    for (rules, severity) in [
        ("/usr/bin/skype Cx -> sanitized_helper,", "info"),
        (
            "/usr/bin/skype Cxr -> sanitized_helper,\n  /opt/tool Cx -> sanitized_helper,",
            "info",
        ),
        ("/usr/bin/* ix,", "info"),
        ("/usr/bin/* Cx -> other,\n  profile other {\n  }", "info"),
        ("deny /usr/bin/* x,", "info"),
        // The program gets LD_PRELOAD.
        ("/usr/bin/skype cx -> sanitized_helper,", "warning"),
        ("/usr/bin/* Cx -> sanitized_helper,", "warning"),
        (
            "/usr/bin/skype Cx -> sanitized_helper,\n  /opt/* Cx -> sanitized_helper,",
            "warning",
        ),
        ("/usr/bin/* Px -> web//sanitized_helper,", "warning"),
        ("/usr/bin/* Px -> &web//sanitized_helper,", "warning"),
        ("change_profile -> web//*,", "warning"),
        ("include <abstractions/open>", "warning"),
    ] {
        assert_eq!(check(rules), severity, "{rules}");
    }
}

#[test]
fn shipped_files_are_shown_when_they_are_asked_for() {
    let files = [
        (
            "etc/abstractions/base",
            "/dev/null rw,\n/etc/shadow r,\n/usr/lib/** mr\n",
        ),
        (
            "etc/abstractions/own",
            "include <abstractions/base>\ninclude <abstractions/base>\n",
        ),
        (
            "etc/abstractions/nameservice",
            "include <abstractions/base>\ninclude <abstractions/base>\n",
        ),
        (
            "etc/web",
            "abi <abi/4.0>,\nprofile web {\n  include <abstractions/own>\n}\n",
        ),
        ("etc/abi/4.0", "file {mask {create read write\n}\n}\n"),
    ];
    let here = directory(&files);
    let run = |arguments: &[&str]| {
        let always = [
            "check",
            "--isolated",
            "--select",
            "unused-include,missing-comma",
        ];
        let output = aalint(here.path(), &[&always[..], arguments].concat());
        text(&output.stdout)
    };
    let quiet = run(&["etc"]);
    let note = "1 finding in 1 file that AppArmor ships in the base directory is not shown; `--include-base` shows them";
    assert!(quiet.contains(note), "{quiet}");
    assert!(quiet.contains("etc/abstractions/own:2:1"), "{quiet}");
    assert!(!quiet.contains("nameservice:"), "{quiet}");
    // What keeps policy from loading is always shown.
    assert!(quiet.contains("error[AA102]"), "{quiet}");
    for arguments in [
        &["--include-base", "etc"][..],
        &["-b", "etc", "etc/abstractions/nameservice"],
    ] {
        let loud = run(arguments);
        assert!(loud.contains("nameservice:2:1"), "{loud}");
        assert!(!loud.contains("not shown"), "{loud}");
    }
}

#[test]
fn findings_show_the_decisions_on_which_they_rest() {
    let here = directory(&[(
        "web",
        "abi <abi/4.0>,\nprofile web {\n  /etc/shadow r,\n}\n",
    )]);
    let run = |arguments: &[&str]| {
        let always = ["check", "--isolated", "--select", "sensitive-read"];
        text(&aalint(here.path(), &[&always[..], arguments, &["web"]].concat()).stdout)
    };
    let line = "   = decision: `/etc/shadow r` is allowed in `web`";
    assert!(run(&["--why"]).contains(line));
    assert!(!run(&[]).contains("decision:"));
}

/// Debian's packages make `local/NAME` when they are installed: it is missing beside a profile that is not installed.
#[test]
fn a_local_file_is_missing_where_the_profile_is_installed() {
    let profile = "abi <abi/4.0>,\nprofile web {\n  /etc/shadow r,\n  include <local/web>\n}\n";
    let files = [
        ("base/abi/4.0", "file {mask {read\n}\n}\n"),
        ("package/web", profile),
        ("base/web", profile),
    ];
    let of = |path: &str, rule: &str| found(&files, rule, &["-b", "base", path]);
    let secret = ["info: `/etc/shadow` can be read"];
    assert_eq!(
        of("package/web", "missing-include"),
        ["info: there is no file `<local/web>` yet"]
    );
    assert_eq!(of("package/web", "sensitive-read"), secret);
    assert_eq!(
        of("base/web", "missing-include"),
        ["error: there is no file `<local/web>`"]
    );
    // All profiles of a package want one: that is told once.
    let of_api = profile.replace("web", "api");
    let of_db = of_api.replace("api", "db").replace(
        "  include",
        "  # aalint: ignore(missing-include)\n  include",
    );
    let more = [files[0], files[1], ("package/api", of_api.as_str())];
    assert_eq!(
        found(&more, "missing-include", &["-b", "base", "package"]),
        ["info: there is no file `<local/api>` yet, and 1 other include leads to such a file"]
    );
    let silenced = [more[0], more[1], more[2], ("package/db", of_db.as_str())];
    let none: [&str; 0] = [];
    assert_eq!(
        found(&silenced, "missing-include", &["-b", "base", "package"]),
        none
    );
    let other = profile.replace("local/web", "abstractions/web");
    let files = [files[0], ("package/web", other.as_str())];
    assert_eq!(
        found(&files, "missing-include", &["-b", "base", "package/web"]),
        ["error: there is no file `<abstractions/web>`"]
    );
}

/// What a file that is not read holds could deny what a link leads to.
#[test]
fn nothing_is_said_of_links_where_a_file_is_not_read() {
    let check = |include: &str| {
        let policy = format!("profile web {{\n  deny /var/** rw,\n{include}}}\n");
        found(
            &[("web", &policy)],
            "symlinked-path",
            &["--pedantic", "web"],
        )
    };
    assert_eq!(
        check(""),
        ["info: this rule does not cover `/run`, which `/var/run` links to on most systems"]
    );
    let none: [&str; 0] = [];
    assert_eq!(check("  include \"/not/there\"\n"), none);
}

#[test]
fn rules_of_style_are_on_where_they_are_selected() {
    let policy = "abi <abi/4.0>,\nprofile web {\n  /srv/log wr,\n}\n";
    let rule = "permission-order";
    let files = [("web", policy)];
    let said = ["hint: the usual order of `wr` is `rw`"];
    let none: [&str; 0] = [];
    for off in [
        &["web"][..],
        &["--pedantic", "--audit", "web"],
        &["--extend-select", "pedantic,audit", "web"],
        &[
            "--extend-select",
            "style",
            "--ignore",
            "permission-order",
            "web",
        ],
    ] {
        assert_eq!(found(&files, rule, off), none, "{off:?}");
    }
    for on in ["style", "AA6", "AA605", "permission-order", "all"] {
        assert_eq!(found(&files, rule, &["--select", on, "web"]), said, "{on}");
    }
}

#[test]
fn a_preset_turns_the_rules_of_style_on() {
    let policy = "abi <abi/4.0>,\nprofile web {\n  /srv/log wr,\n}\n";
    let lines = |config: &str| {
        let here = directory(&[("web", policy), ("aalint.toml", config)]);
        let output = aalint(here.path(), &["check", "--format", "concise", "web"]);
        let out = text(&output.stdout);
        out.lines()
            .filter(|line| line.contains("AA6") || line.contains("aalint.toml"))
            .map(|line| line.split(": ").skip(1).collect::<Vec<_>>().join(": "))
            .collect::<Vec<String>>()
    };
    let order = "hint[AA605] permission-order: the usual order of `wr` is `rw`";
    let local = "hint[AA601] missing-local-include: this profile includes no file of `local/`";
    let global = "hint[AA602] missing-tunables-global: the file of this profile does not include `<tunables/global>`";
    assert_eq!(
        lines("preset = \"maintainer\"\n"),
        [local, global, order].map(str::to_owned)
    );
    let less = "preset = \"maintainer\"\n[lint]\nignore = [\"AA601\", \"AA602\"]\n";
    assert_eq!(lines(less), [order]);
    let wrong = lines("preset = \"maintener\"\n");
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    assert!(wrong[0].contains("invalid-config"), "{wrong:?}");
}
