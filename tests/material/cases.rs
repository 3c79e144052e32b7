//! The inputs of `cases`, each with the answer that its `expect.md` calls right: the program gives that answer.
//!
//! What can be taken from `expect.md` by machine (places, rules in backticks) is taken from there.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::common::schema::document;
use crate::common::{Missing, aalint, needed, text};
use crate::oracle::run::{self, Features, Input, Outcome, Tree};
use serde_json::Value;

/// A folder of the cases.
pub struct Case {
    pub directory: PathBuf,
    /// The line of `expect.md` that says what is right, if it has one so marked; else all of it.
    right: String,
}

impl Case {
    pub fn read(name: &str) -> Result<Self, Missing> {
        let directory = needed(&format!("cases/{name}"))?;
        let expected = fs::read_to_string(directory.join("expect.md")).unwrap();
        let right = expected
            .lines()
            .find_map(|line| line.strip_prefix("right: "))
            .unwrap_or(&expected)
            .to_owned();
        Ok(Self { directory, right })
    }

    /// The places `LINE:COLUMN` that it names.
    fn places(&self) -> Vec<(u64, u64)> {
        let words = self.right.split(|c: char| !c.is_ascii_digit() && c != ':');
        let place = |word: &str| {
            let (line, column) = word.trim_matches(':').split_once(':')?;
            Some((line.parse().ok()?, column.parse().ok()?))
        };
        words.filter_map(place).collect()
    }

    /// What stands in backticks.
    fn quoted(&self) -> Vec<&str> {
        self.right.split('`').skip(1).step_by(2).collect()
    }

    pub fn policy(&self) -> String {
        fs::read_to_string(self.directory.join("profile")).unwrap()
    }
}

/// The findings of `aalint check`, with its exit code.
pub fn check(directory: &Path, arguments: &[&str]) -> (i32, Vec<Value>) {
    let all = [&["check", "--format", "json"], arguments].concat();
    let output = aalint(directory, &all);
    let report = document(&output.stdout);
    let findings = report["findings"].as_array().unwrap().clone();
    (output.status.code().unwrap(), findings)
}

pub fn line(finding: &Value) -> u64 {
    finding["range"]["start"]["line"].as_u64().unwrap()
}

pub fn place(finding: &Value) -> (u64, u64) {
    (
        line(finding),
        finding["range"]["start"]["column"].as_u64().unwrap(),
    )
}

/// The findings of a severity.
pub fn of_severity<'f>(findings: &'f [Value], severity: &str) -> Vec<&'f Value> {
    let is_it = |finding: &&Value| finding["severity"] == severity;
    findings.iter().filter(is_it).collect()
}

pub fn of_rule<'f>(findings: &'f [Value], name: &str) -> Vec<&'f Value> {
    let is_it = |finding: &&Value| finding["rule"] == name;
    findings.iter().filter(is_it).collect()
}

fn debian_12() -> Result<String, Missing> {
    let base = needed("corpus/_base/debian12-3.0.8")?;
    Ok(base.canonicalize().unwrap().to_string_lossy().into_owned())
}

/// The text with the edits of a finding made.
pub fn edited(text: &str, finding: &Value) -> String {
    let mut edits: Vec<(usize, usize, &str)> = finding["fix"]["edits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| {
            let offset =
                |side: &str| usize::try_from(edit["range"][side]["offset"].as_u64().unwrap());
            let text = edit["text"].as_str().unwrap();
            (offset("start").unwrap(), offset("end").unwrap(), text)
        })
        .collect();
    edits.sort_unstable();
    let mut text = text.to_owned();
    for (start, end, instead) in edits.into_iter().rev() {
        text.replace_range(start..end, instead);
    }
    text
}

/// Whether apparmor_parser 3.0.8 takes a text with Debian 12's base.
fn debian_12_takes(text: &str) -> Result<bool, Missing> {
    let base = needed("corpus/_base/debian12-3.0.8")?;
    let input = Input {
        text: text.as_bytes(),
        base: Some(&Tree::new(&base)),
        features: &Features::from_file(&base.join("abi/3.0")),
    };
    let outcome = run::needed()?.stable.run(&input, Duration::from_secs(10));
    Ok(matches!(outcome, Outcome::Compiled(_)))
}

pub fn an_abi_file_that_is_not_there_is_an_error() -> Result<(), Missing> {
    let (case, base) = (Case::read("abi-file-missing")?, debian_12()?);
    let directory = &case.directory;
    let (code, findings) = check(directory, &["--isolated", "--base", &base, "profile"]);
    let errors = of_severity(&findings, "error");
    assert_eq!(code, 1);
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert_eq!(errors[0]["rule"], "missing-include");
    assert_eq!(vec![place(errors[0])], case.places());
    assert!(!debian_12_takes(&case.policy())?);
    // A base that has the file, for a target that does not: a note.
    let other = needed("corpus/_base/debian13-4.1")?.canonicalize().unwrap();
    let other = other.to_string_lossy();
    let targeted = [
        "--isolated",
        "--target",
        "debian-12",
        "--base",
        &other,
        "profile",
    ];
    let (code, findings) = check(directory, &targeted);
    assert_eq!((code, of_severity(&findings, "error").len()), (0, 0));
    assert_eq!(
        of_rule(&findings, "missing-include").len(),
        1,
        "{findings:#?}"
    );

    let case = Case::read("missing-abi")?;
    let (code, findings) = check(&case.directory, &["--isolated", "--base", &base, "profile"]);
    let errors = of_severity(&findings, "error");
    assert_eq!((code, errors.len()), (1, 1), "{findings:#?}");
    assert_eq!(line(errors[0]), 1);
    Ok(())
}

pub fn the_abi_that_an_edit_names_is_one_that_is_there() -> Result<(), Missing> {
    let (case, base) = (Case::read("abi-edit-breaks-debian12")?, debian_12()?);
    let arguments = [
        "--isolated",
        "--target",
        "debian-12",
        "--base",
        &base,
        "profile",
    ];
    let (_, findings) = check(&case.directory, &arguments);
    let [missing] = of_rule(&findings, "abi-missing")[..] else {
        panic!("{findings:#?}")
    };
    let edited = edited(&case.policy(), missing);
    assert!(case.right.contains("`<abi/3.0>` here"));
    assert!(edited.contains("abi <abi/3.0>,"), "{edited}");
    assert!(debian_12_takes(&case.policy())? && debian_12_takes(&edited)?);
    Ok(())
}

pub fn arrows_without_blanks_are_errors_or_parts_of_paths() -> Result<(), Missing> {
    let (case, base) = (Case::read("arrow-without-blanks")?, debian_12()?);
    let (code, findings) = check(&case.directory, &["--isolated", "--base", &base, "profile"]);
    assert_eq!(code, 1);
    // Where a rule begins or a word ends is named there; aalint marks the arrow itself.
    let expected: Vec<u64> = case.places().iter().map(|(line, _)| *line).collect();
    let errors = of_severity(&findings, "error");
    let lines: Vec<u64> = errors.iter().map(|finding| line(finding)).collect();
    assert_eq!(lines, expected);
    for error in &errors {
        assert_eq!(error["rule"], "syntax-error");
        assert_eq!(error["message"], "`->` needs a blank on both sides");
        assert_eq!(error["fix"]["applicability"], "safe");
    }
    // What is said of these lines is the error alone; the two behind them load, and are warned about.
    let others: Vec<(u64, &str)> = findings
        .iter()
        .filter(|finding| finding["severity"] != "error")
        .map(|finding| (line(finding), finding["rule"].as_str().unwrap()))
        .collect();
    assert_eq!(others, [(8, "arrow-in-path"), (9, "arrow-in-path")]);
    Ok(())
}

pub fn what_stands_behind_a_profile_is_no_preamble() -> Result<(), Missing> {
    let (case, base) = (Case::read("preamble-after-profile")?, debian_12()?);
    let (code, findings) = check(&case.directory, &["--isolated", "--base", &base, "profile"]);
    let errors = of_severity(&findings, "error");
    assert_eq!((code, errors.len()), (1, 1), "{findings:#?}");
    assert_eq!(errors[0]["rule"], "misplaced-preamble");
    assert_eq!(vec![place(errors[0])], case.places());
    assert!(!debian_12_takes(&case.policy())?);
    Ok(())
}

pub fn a_comment_without_line_end_is_an_error() -> Result<(), Missing> {
    let (case, base) = (Case::read("eof-comment")?, debian_12()?);
    let (code, findings) = check(&case.directory, &["--isolated", "--base", &base, "profile"]);
    let errors = of_severity(&findings, "error");
    assert_eq!((code, errors.len()), (1, 1), "{findings:#?}");
    assert_eq!(
        (&errors[0]["code"], line(errors[0])),
        (&Value::from("AA101"), 4)
    );
    let policy = case.policy();
    assert!(!policy.ends_with('\n'));
    assert!(!debian_12_takes(&policy)? && debian_12_takes(&edited(&policy, errors[0]))?);
    Ok(())
}

pub fn a_network_rule_allows_unix_sockets() -> Result<(), Missing> {
    let case = Case::read("network-unix")?;
    let base = needed("corpus/_base/debian13-4.1")?.canonicalize().unwrap();
    let base = base.to_string_lossy();
    let all = [
        "--isolated",
        "--pedantic",
        "--audit",
        "--base",
        &base,
        "profile",
    ];
    let (_, findings) = check(&case.directory, &all);
    assert!(
        findings.iter().all(|finding| finding["code"] != "AA213"),
        "{findings:#?}"
    );
    let request = "unix (connect) type=stream peer=(label=foo)";
    assert!(case.quoted().contains(&request));
    let output = aalint(
        &case.directory,
        &["query", "--isolated", "--base", &base, "profile", request],
    );
    let decided = text(&output.stdout);
    assert!(
        decided.starts_with("allowed") && decided.contains("profile:4:3"),
        "{decided}"
    );
    // With and without line 4.
    let policy = case.policy();
    let shorter: String = policy
        .lines()
        .enumerate()
        .filter(|(index, _)| index + 1 != 4)
        .map(|(_, line)| format!("{line}\n"))
        .collect();
    let other = tempfile::tempdir().unwrap();
    let without = other.path().join("profile");
    fs::write(&without, shorter).unwrap();
    let output = aalint(
        &case.directory,
        &[
            "diff",
            "--exact",
            "--isolated",
            "--base",
            &base,
            "profile",
            &without.to_string_lossy(),
        ],
    );
    let compared = text(&output.stdout);
    assert!(compared.starts_with("narrower: profile `a`"), "{compared}");
    Ok(())
}

#[cfg(feature = "verify")]
pub fn recursive_mount_flags_are_kept() -> Result<(), Missing> {
    let case = Case::read("mount-recursive-flags")?;
    let output = aalint(
        &case.directory,
        &[
            "verify",
            "--audit",
            "profile",
            "--from",
            "log",
            "--isolated",
        ],
    );
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}");
    // Three rules in backticks, one with its keyword and two without.
    let rules: Vec<String> = case
        .quoted()
        .into_iter()
        .filter(|quoted| quoted.contains("options="))
        .map(|quoted| match quoted.strip_prefix("mount ") {
            Some(_) => quoted.to_owned(),
            None => format!("mount {quoted}"),
        })
        .collect();
    assert_eq!(rules.len(), 3, "{rules:?}");
    for rule in rules {
        assert!(
            told.contains(&format!("mnt: {rule}  (")),
            "`{rule}` is not in\n{told}"
        );
        assert!(
            told.contains(&format!("missing: {rule},\n")),
            "`{rule}` is not in\n{told}"
        );
    }
    // The kernel compares two slashes, and the parser makes one of them.
    assert!(
        told.contains(
            "missing: mount fstype=fuse options=(nosuid, nodev) https:/[/]cloud.example -> /mnt/,"
        ),
        "{told}"
    );
    assert!(
        told.contains("`[/]` keeps the slash that the parser would merge"),
        "{told}"
    );

    let output = aalint(&case.directory, &["diff", "--isolated", "old", "new"]);
    let compared = text(&output.stdout);
    for line in [
        "  - mount  mount options=(rprivate) -> /\n",
        "  - mount  mount options=(rbind) /a/ -> /b/\n",
        "  + mount  mount options=(private) -> /\n",
    ] {
        assert!(compared.contains(line), "`{line}` is not in\n{compared}");
    }
    let (_, propagation) = compared
        .split_once("+ mount  mount options=(private)")
        .unwrap();
    let risk = propagation.lines().nth(1).unwrap();
    assert!(!risk.contains("replace files"), "{compared}");
    Ok(())
}

pub fn promises_that_apply_to_no_profile_are_an_error() -> Result<(), Missing> {
    let directory = needed("cases/walk/B/renamed-profile-drops-promises")?;
    let (code, findings) = check(&directory, &["."]);
    let errors = of_severity(&findings, "error");
    assert_eq!((code, errors.len()), (2, 1), "{findings:#?}");
    assert_eq!(errors[0]["rule"], "invalid-config");
    let message = errors[0]["message"].as_str().unwrap();
    assert!(
        message.contains("no profile is called `flask-app`"),
        "{message}"
    );
    Ok(())
}

pub fn complain_mode_hides_nothing_from_a_gate() -> Result<(), Missing> {
    let (directory, base) = (needed("cases/walk/G")?, debian_12()?);
    let compare = |arguments: &[&str]| {
        let all = [&["diff", "--isolated", "--fail-on", "wider"], arguments].concat();
        let output = aalint(&directory, &all);
        (output.status.code().unwrap(), text(&output.stdout))
    };
    let (code, compared) = compare(&["--base", &base, "v0", "v1"]);
    assert!(compared.starts_with("wider: profile `web`"), "{compared}");
    assert!(
        compared.contains("note: profile `web` is in complain mode"),
        "{compared}"
    );
    assert_eq!(code, 1);
    // Nothing that complain mode let pass is allowed but what the rules allow, so it is not only wider.
    let (code, compared) = compare(&["--base", &base, "v1", "v2"]);
    assert!(
        compared.starts_with("incomparable: profile `web`"),
        "{compared}"
    );
    assert!(
        compared.contains("note: profile `web` is no longer in complain mode"),
        "{compared}"
    );
    assert_eq!(code, 1);
    let (code, compared) = compare(&["include-not-found/old/web", "include-not-found/t1/web"]);
    assert!(compared.starts_with("unknown: profile `web`"), "{compared}");
    assert_eq!(code, 2);
    Ok(())
}
