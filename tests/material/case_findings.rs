//! The inputs of `cases` about single findings: what is said of each, where and how loud, and that nothing else is said.
//!
//! A finding is given with words that carry what it says; what must not be said is given as well.

use serde_json::Value;

use crate::cases::{Case, check, edited, line, of_rule, place};
use crate::common::{Missing, aalint, needed, text};

/// A base directory: of the abi that a case declares.
const DEBIAN_12: &str = "debian12-3.0.8";
const DEBIAN_13: &str = "debian13-4.1";

/// Line, rule, severity, and words that its texts have.
type Expected<'e> = (u64, &'e str, &'e str, &'e [&'e str]);

fn base(name: &str) -> Result<String, Missing> {
    let base = needed(&format!("corpus/_base/{name}"))?;
    Ok(base.canonicalize().unwrap().to_string_lossy().into_owned())
}

/// The findings of a case, with its exit code.
fn check_case(case: &Case, base_name: &str, more: &[&str]) -> Result<(i32, Vec<Value>), Missing> {
    let base = base(base_name)?;
    let all = [&["--isolated", "--base", base.as_str()], more, &["profile"]].concat();
    Ok(check(&case.directory, &all))
}

/// All that a finding says: message, labels, notes, help, and the edit with its text.
fn said(finding: &Value) -> String {
    let mut parts: Vec<&str> = finding["message"].as_str().into_iter().collect();
    let texts = |list: &'static str| finding[list].as_array().into_iter().flatten();
    parts.extend(texts("labels").filter_map(|label| label["text"].as_str()));
    parts.extend(
        texts("notes")
            .chain(texts("help"))
            .filter_map(Value::as_str),
    );
    parts.extend(finding["fix"]["title"].as_str());
    let edits = finding["fix"]["edits"].as_array().into_iter().flatten();
    parts.extend(edits.filter_map(|edit| edit["text"].as_str()));
    parts.join("\n")
}

/// Lines of the labels of a finding.
fn label_lines(finding: &Value) -> Vec<u64> {
    let labels = finding["labels"].as_array().unwrap().iter();
    labels
        .map(|label| label["range"]["start"]["line"].as_u64().unwrap())
        .collect()
}

/// These findings, and no other.
fn are(findings: &[Value], expected: &[Expected<'_>]) {
    let found: Vec<_> = findings
        .iter()
        .map(|finding| (line(finding), &finding["rule"], &finding["severity"]))
        .collect();
    let places: Vec<_> = expected
        .iter()
        .map(|(line, rule, severity, _)| (*line, *rule, *severity))
        .collect();
    let is_same = found.len() == places.len()
        && found.iter().zip(&places).all(|(found, expected)| {
            found.0 == expected.0 && found.1 == expected.1 && found.2 == expected.2
        });
    assert!(is_same, "found {found:#?}\nexpected {places:#?}");
    for (finding, (.., words)) in findings.iter().zip(expected) {
        let said = said(finding);
        for word in *words {
            assert!(said.contains(word), "`{word}` is not in\n{said}");
        }
    }
}

/// The case has these findings with this base, and no other.
fn case_is(
    name: &str,
    base_name: &str,
    more: &[&str],
    code: i32,
    expected: &[Expected<'_>],
) -> Result<(Case, Vec<Value>), Missing> {
    let case = Case::read(name)?;
    let (found, findings) = check_case(&case, base_name, more)?;
    are(&findings, expected);
    assert_eq!(found, code, "{name}");
    Ok((case, findings))
}

/// What is decided for a request by the case's profile.
fn decided(case: &Case, base_name: &str, request: &str) -> Result<String, Missing> {
    let base = base(base_name)?;
    let arguments = ["query", "--isolated", "--base", &base, "profile", request];
    Ok(text(&aalint(&case.directory, &arguments).stdout))
}

const ALLOW_ALL: (&str, &str, &[&str]) = ("allow-all", "warning", &["/etc/shadow r"]);
const PROC_SYS: (&str, &str, &[&str]) = (
    "container-proc-sys",
    "info",
    &["if this profile is for a container", "core_pattern"],
);

pub fn carets_and_lists_in_globs_are_named() -> Result<(), Missing> {
    let (case, _) = case_is(
        "caret-in-glob",
        DEBIAN_12,
        &[],
        1,
        &[
            (5, ALLOW_ALL.0, ALLOW_ALL.1, ALLOW_ALL.2),
            (5, PROC_SYS.0, PROC_SYS.1, PROC_SYS.2),
            (
                6,
                "regex-in-glob",
                "warning",
                &[
                    "`^` outside of `[…]` stands for itself",
                    "matches only paths with `^`",
                ],
            ),
            (
                7,
                "regex-in-glob",
                "warning",
                &[
                    "matches a single character that is not one of `,^coprsy`",
                    "not a word of a list",
                ],
            ),
        ],
    )?;
    for (request, decision) in [
        ("/proc/sys/kernel/core_pattern w", "allowed"),
        ("/h/x r", "allowed"),
    ] {
        let decided = decided(&case, DEBIAN_12, request)?;
        assert!(decided.starts_with(decision), "{request}: {decided}");
    }
    Ok(())
}

pub fn a_comma_outside_of_braces_is_named() -> Result<(), Missing> {
    let (_, findings) = case_is(
        "comma-outside-braces",
        DEBIAN_13,
        &[],
        1,
        &[(
            4,
            "regex-in-glob",
            "warning",
            &[
                "`,` outside of `{…}` stands for itself",
                "the profile attaches only to paths with `,`",
                // The parser takes no attachment that begins with a brace.
                "`@{exec_path} = {@{lib}/bin/job,{@{lib},/usr,}/bin/auto}`",
                "attach to `@{exec_path}`",
            ],
        )],
    )?;
    assert_eq!(place(&findings[0]), (4, 27));
    Ok(())
}

pub fn an_undefined_cascade_is_one_finding() -> Result<(), Missing> {
    let missing = (1, "missing-include", "error", &["`<tunables/globl>`"][..]);
    case_is("cascade-of-undefined", DEBIAN_12, &[], 1, &[missing])?;
    // Where the include is not there at all, one finding names what nothing defines.
    let folder = tempfile::tempdir().unwrap();
    let policy = "profile web {\n  include <abstractions/base>\n}\n";
    std::fs::write(folder.path().join("profile"), policy).unwrap();
    let base = base(DEBIAN_12)?;
    let (_, findings) = check(folder.path(), &["--isolated", "--base", &base, "profile"]);
    let [undefined] = of_rule(&findings, "undefined-variable")[..] else {
        panic!("{findings:#?}")
    };
    let said = said(undefined);
    assert!(
        said.contains("nothing defines `@{")
            && said.contains(" more, which `abstractions/base` uses"),
        "{said}"
    );
    assert!(said.contains("include <tunables/global>"), "{said}");
    Ok(())
}

pub fn what_complain_mode_does_not_reach_is_said() -> Result<(), Missing> {
    let (_, findings) = case_is(
        "child-not-complain",
        DEBIAN_12,
        &[],
        0,
        &[(
            7,
            "ineffective-mode",
            "info",
            &[
                "`app//gpg` is enforced although `app` is in complain mode",
                "does not inherit the flags",
            ],
        )],
    )?;
    assert_eq!(place(&findings[0]), (7, 11));
    case_is(
        "complain-with-deny",
        DEBIAN_12,
        &[],
        0,
        &[(
            6,
            "ineffective-mode",
            "info",
            &[
                "complain mode",
                "without `audit` still denies",
                "does not log it",
                "write `audit deny`",
            ],
        )],
    )?;
    Ok(())
}

pub fn impossible_dbus_values_are_named() -> Result<(), Missing> {
    const RULE: &str = "impossible-dbus-value";
    let never = "the rule loads and never matches";
    case_is(
        "dbus-path-equals",
        DEBIAN_12,
        &[],
        1,
        &[
            (
                3,
                RULE,
                "warning",
                &[
                    "path==/org/bluez/hci0",
                    "matches no object path",
                    "one `=`",
                    never,
                ],
            ),
            (
                4,
                RULE,
                "warning",
                &["an object path begins with `/`", never],
            ),
            (5, RULE, "warning", &["no slash at its end", never]),
            (
                6,
                RULE,
                "warning",
                &["an interface name has dots and no slashes", never],
            ),
            (
                7,
                RULE,
                "info",
                &["`systm`", "`system`, `session`", "did you mean `system`?"],
            ),
        ],
    )?;
    Ok(())
}

pub fn a_denied_directory_alone_is_named() -> Result<(), Missing> {
    const RULE: &str = "deny-directory-only";
    let (case, findings) = case_is(
        "deny-directory-only",
        DEBIAN_12,
        &[],
        1,
        &[
            (5, ALLOW_ALL.0, ALLOW_ALL.1, ALLOW_ALL.2),
            (5, PROC_SYS.0, PROC_SYS.1, PROC_SYS.2),
            (
                6,
                RULE,
                "warning",
                &[
                    "denies the directory itself and nothing in it",
                    "`/etc/passwd w",
                    "`/etc/{,**}`",
                ],
            ),
            (
                7,
                RULE,
                "warning",
                &["nothing in it", "/.ssh/", "`@{HOME}/.ssh/{,**}`"],
            ),
        ],
    )?;
    // The rule that allows what is in it.
    for finding in of_rule(&findings, RULE) {
        assert!(label_lines(finding).contains(&5), "{finding:#?}");
    }
    assert!(decided(&case, DEBIAN_12, "/etc/passwd w")?.starts_with("allowed"));
    Ok(())
}

pub fn files_in_etc_are_described_as_they_are_used() -> Result<(), Missing> {
    let (_, findings) = case_is(
        "etc-environment",
        DEBIAN_13,
        &[],
        0,
        &[
            (
                6,
                "sensitive-write",
                "info",
                &["/etc/environment", "at login", "pam_env"],
            ),
            (
                7,
                "sensitive-read",
                "info",
                &["/etc/gshadow", "password hashes"],
            ),
            (
                7,
                "sensitive-write",
                "info",
                &["/etc/gshadow", "passwords and administrators of groups"],
            ),
        ],
    )?;
    for wrong in ["shell", "which groups exist"] {
        assert!(
            findings
                .iter()
                .all(|finding| !said(finding).contains(wrong)),
            "{wrong}"
        );
    }
    Ok(())
}

pub fn the_help_of_a_slip_is_what_was_meant() -> Result<(), Missing> {
    let (case, findings) = case_is(
        "help-that-misleads",
        DEBIAN_12,
        &[],
        1,
        &[
            (3, "ineffective-mode", "warning", &["empty"]),
            (
                3,
                "syntax-error",
                "error",
                &["blank", "quote the path: `\"/opt/Some App/gui\"`"],
            ),
            (6, "syntax-error", "error", &["use `=` or `in`", "no `!=`"]),
            (
                7,
                "syntax-error",
                "error",
                &["`-t tmpfs` as `fstype=tmpfs`"],
            ),
            (
                8,
                "syntax-error",
                "error",
                &["remove the comma between the path and its permissions"],
            ),
            (
                9,
                "syntax-error",
                "error",
                &["`net_raw`", "by blanks: `capability net_admin net_raw,`"],
            ),
            (
                10,
                "syntax-error",
                "error",
                &["write another rule", "one family"],
            ),
            (
                11,
                "syntax-error",
                "error",
                &["write `include </var/lib/x/y>`"],
            ),
        ],
    )?;
    let places: Vec<_> = findings.iter().skip(2).map(place).collect();
    assert_eq!(
        places,
        [(6, 21), (7, 9), (8, 15), (9, 25), (10, 17), (11, 3)]
    );
    let comma = findings.iter().find(|finding| line(finding) == 8).unwrap();
    assert!(edited(&case.policy(), comma).contains("deny /dev/** wl,"));
    Ok(())
}

/// The finding about a first mount rule in line 3 of a profile without `capability sys_admin`.
const MOUNTS_WITHOUT_CAPABILITY: Expected<'static> =
    (3, "capability-missing", "info", &["`sys_admin`"]);

pub fn profiles_that_need_no_word_get_none() -> Result<(), Missing> {
    for name in ["helper-python", "serial", "user-tmp"] {
        case_is(name, DEBIAN_13, &[], 0, &[])?;
    }
    // The profile has no capability, and so its mount rules have no effect.
    case_is(
        "propagation-is-no-mount",
        DEBIAN_12,
        &[],
        0,
        &[MOUNTS_WITHOUT_CAPABILITY],
    )?;
    // A host's helper is no container because of a deny rule.
    case_is(
        "host-helper",
        DEBIAN_13,
        &[],
        1,
        &[(6, "broad-access", "warning", &["core_pattern"])],
    )?;
    Ok(())
}

pub fn a_chain_of_deny_rules_gets_no_weaker_replacement() -> Result<(), Missing> {
    let (case, findings) = case_is(
        "ladder-with-itself",
        DEBIAN_13,
        &[],
        1,
        &[
            (3, ALLOW_ALL.0, ALLOW_ALL.1, ALLOW_ALL.2),
            (
                4,
                "incomplete-complement",
                "info",
                &["`/sys/class` is still allowed"],
            ),
        ],
    )?;
    assert_eq!(findings[1]["help"].as_array().unwrap().len(), 1);
    let help = findings[1]["help"][0].as_str().unwrap();
    assert!(
        !help.contains('`') && findings[1]["fix"].is_null(),
        "{help}"
    );
    for denied in ["/sys/module/kvm/parameters/x w", "/sys/class/block/x w"] {
        assert!(
            decided(&case, DEBIAN_13, denied)?.starts_with("denied"),
            "{denied}"
        );
    }
    Ok(())
}

pub fn a_missing_include_is_said_alone() -> Result<(), Missing> {
    let loader = (
        4,
        "missing-include",
        "error",
        &["<abstractions/of-this-project>"][..],
    );
    case_is(
        "loader-behind-missing-include",
        DEBIAN_12,
        &[],
        1,
        &[loader],
    )?;
    let mine = (5, "missing-include", "error", &["<abstractions/mine>"][..]);
    case_is("missing-include", DEBIAN_13, &[], 1, &[mine])?;
    let pedantic = ["--pedantic", "--audit"];
    let (_, findings) = check_case(&Case::read("missing-include")?, DEBIAN_13, &pedantic)?;
    for rule in [
        "missing-transition-target",
        "missing-loader",
        "redundant-deny",
        "unused-variable",
        "undefined-variable",
        "missing-self-exec",
    ] {
        assert!(of_rule(&findings, rule).is_empty(), "{rule}");
    }
    Ok(())
}

pub fn denied_links_of_a_merged_usr_are_named() -> Result<(), Missing> {
    const RULE: &str = "symlinked-path";
    let images = "in images with a merged `/usr`";
    for more in [&["--target", "debian-13"][..], &[]] {
        case_is(
            "merged-usr-deny",
            DEBIAN_13,
            more,
            1,
            &[
                (6, ALLOW_ALL.0, ALLOW_ALL.1, ALLOW_ALL.2),
                (6, PROC_SYS.0, PROC_SYS.1, PROC_SYS.2),
                (
                    7,
                    RULE,
                    "info",
                    &[
                        images,
                        "`/bin/sh` is `/usr/bin/dash`",
                        "deny `/usr/bin/dash`",
                    ],
                ),
                (8, RULE, "info", &[images, "`/bin/dash` is `/usr/bin/dash`"]),
                (9, RULE, "info", &[images, "`/sbin/**` is `/usr/sbin/**`"]),
            ],
        )?;
    }
    // A profile of the host with such a target.
    let case = Case::read("merged-usr-deny")?;
    let folder = tempfile::tempdir().unwrap();
    let header = "profile nginx-box flags=(attach_disconnected,mediate_deleted) {";
    let of_host = case
        .policy()
        .replace(header, "profile nginx-box /usr/sbin/nginx {");
    assert_ne!(of_host, case.policy());
    std::fs::write(folder.path().join("profile"), of_host).unwrap();
    let base = base(DEBIAN_13)?;
    let all = [
        "--isolated",
        "--base",
        &base,
        "--target",
        "debian-13",
        "profile",
    ];
    let (_, findings) = check(folder.path(), &all);
    let of_links = of_rule(&findings, RULE);
    let lines: Vec<u64> = of_links.iter().map(|finding| line(finding)).collect();
    assert_eq!(lines, [7, 8, 9]);
    for finding in of_links {
        assert_eq!(finding["severity"], "warning");
        assert!(said(finding).contains("on Debian 13"));
    }
    Ok(())
}

pub fn mount_rules_do_what_is_said_of_them() -> Result<(), Missing> {
    const RULE: &str = "mount-rule-ineffective";
    let (case, findings) = case_is(
        "mount-point-without-slash",
        DEBIAN_12,
        &[],
        1,
        &[
            MOUNTS_WITHOUT_CAPABILITY,
            (3, RULE, "warning", &["lacks a slash at its end", "`/mnt/`"]),
            (
                6,
                RULE,
                "warning",
                &["lacks a slash at its end", "`/run/web/`"],
            ),
        ],
    )?;
    assert!(edited(&case.policy(), &findings[1]).contains("-> /mnt/,"));
    assert_eq!(findings[1]["fix"]["applicability"], "unsafe");
    let request = "mount fstype=ext4 /dev/vdb -> /mnt/";
    assert!(!decided(&case, DEBIAN_12, request)?.starts_with("allowed"));

    let (case, findings) = case_is(
        "remount-bind-source",
        DEBIAN_13,
        &[],
        1,
        &[
            MOUNTS_WITHOUT_CAPABILITY,
            (
                3,
                RULE,
                "warning",
                &[
                    "is a rule about bind mounts, not about a remount",
                    "it allows for example `mount options=(bind) /sysx -> /mnt/`",
                    "`mount options=(ro,remount,bind) -> /sys?*{,/**},`",
                ],
            ),
        ],
    )?;
    assert!(!said(&findings[1]).contains("never matches"));
    let request = "mount options=(bind) /sysx -> /any";
    assert!(decided(&case, DEBIAN_13, request)?.starts_with("allowed"));
    Ok(())
}

pub fn an_owner_that_restricts_nothing_is_named() -> Result<(), Missing> {
    let (_, findings) = case_is(
        "owner-void",
        DEBIAN_12,
        &[],
        1,
        &[
            (5, ALLOW_ALL.0, ALLOW_ALL.1, ALLOW_ALL.2),
            (
                6,
                "ineffective-owner",
                "info",
                &["`owner` restricts nothing here", "the files of every user"],
            ),
        ],
    )?;
    assert!(label_lines(&findings[1]).contains(&5));
    Ok(())
}

pub fn a_relative_include_is_named() -> Result<(), Missing> {
    let started = "relative to the directory in which the parser is started";
    let (case, findings) = case_is(
        "relative-include",
        DEBIAN_12,
        &[],
        1,
        &[
            (
                4,
                "missing-include",
                "warning",
                &[started, "`<abstractions/base>`"],
            ),
            (
                5,
                "missing-include",
                "warning",
                &[started, "`<abstractions/nameservice>`"],
            ),
        ],
    )?;
    assert!(edited(&case.policy(), &findings[0]).contains("  include <abstractions/base>\n"));
    Ok(())
}

pub fn a_capability_is_worth_what_rules_allow() -> Result<(), Missing> {
    const RULE: &str = "dangerous-capability";
    let (case, findings) = case_is(
        "sys-ptrace",
        DEBIAN_13,
        &[],
        0,
        &[
            (
                6,
                RULE,
                "info",
                &["`sys_ptrace`", "no rule allows it to trace other processes"],
            ),
            (
                7,
                RULE,
                "info",
                &[
                    "`sys_admin`",
                    "set the host name",
                    "no rule allows it to mount",
                ],
            ),
        ],
    )?;
    for wrong in ["any process", "control any", "lets the process mount"] {
        assert!(
            findings
                .iter()
                .all(|finding| !said(finding).contains(wrong)),
            "{wrong}"
        );
    }
    let request = "ptrace trace peer=unconfined";
    assert!(!decided(&case, DEBIAN_13, request)?.starts_with("allowed"));
    // With the rule beside it.
    for (rule, line_of, severity) in [
        ("ptrace (trace),", 6, "warning"),
        ("mount fstype=tmpfs -> /run/a/,", 7, "warning"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let policy = case
            .policy()
            .replace("sys_admin,\n", &format!("sys_admin,\n  {rule}\n"));
        std::fs::write(folder.path().join("profile"), policy).unwrap();
        let base = base(DEBIAN_13)?;
        let (_, findings) = check(folder.path(), &["--isolated", "--base", &base, "profile"]);
        let findings = of_rule(&findings, RULE);
        let of_line = findings
            .iter()
            .find(|finding| line(finding) == line_of)
            .unwrap();
        assert_eq!(of_line["severity"], severity, "{rule}");
        assert!(label_lines(of_line).contains(&8), "{rule}: {of_line:#?}");
    }
    Ok(())
}

pub fn var_run_is_a_link_or_a_directory_and_never_both() -> Result<(), Missing> {
    case_is(
        "var-run-container",
        DEBIAN_13,
        &[],
        1,
        &[(
            5,
            "container-socket",
            "warning",
            &[
                "`/var/run/docker.sock`",
                "where `/var/run` is a directory of the image",
            ],
        )],
    )?;
    let (_, findings) = case_is(
        "varrun-contradiction",
        DEBIAN_13,
        &[],
        1,
        &[(
            5,
            "symlinked-path",
            "warning",
            &["on systems where `/var/run` links to `/run`, this rule allows nothing"],
        )],
    )?;
    assert!(
        findings
            .iter()
            .all(|finding| !said(finding).contains("matches nothing"))
    );
    Ok(())
}

#[cfg(feature = "verify")]
pub fn who_has_no_profile_or_no_hat_is_told() -> Result<(), Missing> {
    let case = Case::read("audit-unconfined-userns")?;
    for more in [&["--all"][..], &[]] {
        let all = [&["audit", "log", "--policy", "profile", "--isolated"], more].concat();
        let output = aalint(&case.directory, &all);
        let told = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{told}");
        for words in [
            "unconfined: userns",
            "the program has no profile",
            "kernel.apparmor_restrict_unprivileged_userns",
            "`userns,`",
            "`brave` has no hat `siteb`; it has none",
        ] {
            assert!(told.contains(words), "`{words}` is not in\n{told}");
        }
        for wrong in [
            "defines no profile `unconfined`",
            "no rule decides `change_hat`",
        ] {
            assert!(!told.contains(wrong), "{told}");
        }
    }
    Ok(())
}
