//! Names that users wrote keep working after they have been replaced, wherever they may stand.

use std::fs;

use aalint::config::{self, ConfigFaultKind};
use aalint::diagnostic::Severity;
use aalint::lint::{RetiredName, Rule, retired_name};
use aalint::rules;
use tempfile::TempDir;

use crate::common::{self, aalint, directory, text};

/// A profile in which one rule fires, with a comment behind the rule.
fn policy(comment: &str) -> String {
    format!(
        "abi <abi/4.0>,\n@{{l}}=a b c d e f g h i j k l m n o p q r s t u v w x y z\n@{{n}}=@{{l}}@{{l}}@{{l}}\nprofile p {{\n  /srv/@{{n}} r, {comment}\n}}\n"
    )
}

/// Exit code, standard output and standard error.
fn run(directory: &TempDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = aalint(directory.path(), arguments);
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

fn place(comment: &str, config: &str) -> TempDir {
    let config = format!("base = \"base\"\n{config}");
    directory(&[
        ("p", policy(comment).as_str()),
        ("aalint.toml", &config),
        ("base/abi/4.0", ""),
    ])
}

/// The retired names and codes of all rules, with the rules.
fn retired() -> Vec<(&'static str, &'static Rule)> {
    let of = |rule: &'static Rule| rule.meta.retired.iter().map(move |old| (*old, rule));
    rules::all().iter().flat_map(of).collect()
}

#[test]
fn a_retired_name_is_never_the_name_of_another_rule() {
    let retired = retired();
    assert!(!retired.is_empty());
    for (old, rule) in &retired {
        let mut all = rules::all().iter();
        let also = all.find(|other| other.meta.name == *old || other.meta.code == *old);
        assert!(also.is_none(), "`{old}` is the name of a rule");
        let count = retired.iter().filter(|(other, _)| other == old).count();
        assert_eq!(count, 1, "`{old}` is retired twice");
        let found = retired_name(old, rules::all().iter().map(|rule| rule.meta)).unwrap();
        assert_eq!(found.now, rule.meta.name);
    }
}

#[test]
fn in_comments() {
    let place = place("# aalint: ignore(expansion-blowup) reviewed", "");
    let (code, out, _) = run(&place, &["check", "--format", "concise", "p"]);
    assert_eq!(
        out,
        "p:5:33: info[AA905] retired-name: `expansion-blowup` is now called `variable-explosion`\n"
    );
    assert_eq!(code, Some(0));
}

#[test]
fn in_the_configuration() {
    let texts = [
        "[lint]\nignore = [\"expansion-blowup\"]\n",
        "[lint.severity]\nexpansion-blowup = \"off\"\n",
        "[[override]]\npaths = [\"**\"]\nignore = [\"expansion-blowup\"]\n",
    ];
    for text in texts {
        let place = place("", text);
        let (code, out, err) = run(&place, &["check", "--format", "concise", "p"]);
        assert!(
            out.starts_with("aalint.toml:")
                && out.contains("`expansion-blowup` is now called `variable-explosion`"),
            "{text}: {out}{err}"
        );
        assert_eq!(out.lines().count(), 1, "{out}");
        assert_eq!(code, Some(0), "{text}");
    }
    let text = "[lint]\nselect = [\"expansion-blowup\", \"retired-name\"]\n";
    let place = place("", text);
    let (code, out, _) = run(&place, &["check", "--format", "concise", "p"]);
    assert!(out.contains("] variable-explosion: "), "{out}");
    assert_eq!(out.lines().count(), 2, "{out}");
    assert_eq!(code, Some(1));
}

#[test]
fn on_the_command_line() {
    let place = place("", "");
    for option in ["--select", "--extend-select"] {
        let line = [
            "check",
            "--format",
            "concise",
            option,
            "expansion-blowup",
            "p",
        ];
        let (code, out, err) = run(&place, &line);
        assert!(out.contains("] variable-explosion: "), "{out}");
        assert_eq!(
            err,
            "aalint: `expansion-blowup` is now called `variable-explosion`; the old name still works\n"
        );
        assert_eq!(code, Some(1));
    }
    let line = ["check", "--ignore", "expansion-blowup", "--quiet", "p"];
    let (code, out, _) = run(&place, &line);
    assert_eq!((code, out.as_str()), (Some(0), ""));
    let (code, out, _) = run(&place, &["explain", "expansion-blowup"]);
    assert!(out.contains("variable-explosion"), "{out}");
    assert_eq!(code, Some(0));
}

#[test]
fn in_sarif() {
    let place = place("", "");
    let (_, out, _) = run(&place, &["check", "--format", "sarif", "p"]);
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    let rules = document["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap();
    let named = |rule: &&serde_json::Value| rule["name"] == "variable-explosion";
    let rule = rules.iter().find(named).unwrap();
    assert_eq!(
        rule["deprecatedNames"],
        serde_json::json!(["expansion-blowup"])
    );
    assert!(rule.get("deprecatedIds").is_none(), "{rule}");
}

#[test]
fn codes_too() {
    let known = rules::all()
        .iter()
        .find(|rule| rule.meta.code == "AA302")
        .unwrap();
    let meta = aalint::diagnostic::Meta {
        name: known.meta.name,
        code: known.meta.code,
        group: known.meta.group,
        severity: Severity::Warning,
        level: known.meta.level,
        fix: None,
        retired: &["old-name", "AA399"],
        since: known.meta.since,
        summary: known.meta.summary,
        page: known.meta.page,
    };
    for name in [
        known.meta.name,
        "AA302",
        "aa302",
        "old-name",
        "AA399",
        "aa399",
    ] {
        assert!(meta.is_called(name), "{name}");
    }
    for name in ["OLD-NAME", "AA3", "AA301", ""] {
        assert!(!meta.is_called(name), "{name}");
    }
    assert_eq!(RetiredName::of("aa399", &meta).unwrap().now, "AA302");
    assert_eq!(RetiredName::of("old-name", &meta).unwrap().now, meta.name);
    assert_eq!(RetiredName::of("AA302", &meta), None);
}

#[test]
fn commands_name_the_new_one() {
    let place = place("", "");
    let (code, out, err) = run(&place, &["baseline", "show", "podman"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("aalint engine-profile show podman"), "{err}");
}

#[test]
#[cfg(feature = "verify")]
fn audit_was_an_option_of_verify() {
    let place = place("", "");
    let log = "apparmor=\"DENIED\" operation=\"open\" profile=\"p\" name=\"/x\" requested_mask=\"r\" denied_mask=\"r\" fsuid=0 ouid=0\n";
    fs::write(place.path().join("log"), log).unwrap();
    let (code, old, err) = run(&place, &["verify", "--audit", "p", "--from", "log"]);
    let (_, new, _) = run(&place, &["audit", "log", "--policy", "p"]);
    assert_eq!((code, &old), (Some(0), &new));
    assert!(new.contains("missing: owner /x r,"), "{new}");
    assert!(
        err.contains(
            "`aalint verify --audit` is now called `aalint audit`; the old name still works"
        ),
        "{err}"
    );
    // Its options keep their formats, and are not shown any more.
    let (code, _, err) = run(
        &place,
        &[
            "verify", "--audit", "p", "--from", "log", "--format", "html",
        ],
    );
    assert!(
        code == Some(2) && err.contains("`human` or `json`"),
        "{err}"
    );
    let (_, help, _) = run(&place, &["verify", "--help"]);
    assert!(
        !help.contains("--audit") && !help.contains("--from"),
        "{help}"
    );
}

#[test]
fn no_key_of_the_configuration_is_lost() {
    // Keys of version 0.1.0: each is read, today or under the name that has taken its place.
    let text = fs::read_to_string(common::root().join("fixtures/config/0.1.0.toml")).unwrap();
    let (_, faults) = config::read(&text);
    let unknown =
        |fault: &&config::ConfigFault| matches!(fault.kind, ConfigFaultKind::UnknownKey(..));
    let unknown: Vec<_> = faults.iter().filter(unknown).collect();
    assert_eq!(unknown, Vec::<&config::ConfigFault>::new());
    assert!(text.lines().count() > 30);
}
