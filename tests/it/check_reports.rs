//! What CI servers read of `check`: SARIF and JUnit, also of policy that means something to whoever reads the report.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::common::markup::{Element, attribute, elements};
use crate::common::{aalint, directory, text};
use serde_json::Value;

/// A profile whose names and comments mean something in XML, in links of SARIF and on a terminal.
const HOSTILE: &str = "\
abi <abi/3.0>,
profile \"a<script>]]>&amp;[x](http://x/)\u{1b}[31m\" {
  deny \"/x]]>[y](1){0}<b>\u{7}\u{202e}\" ix,
  /ä𝄞/** rwq,
  include <missing/]]>>
  deny /bin/sh ix,
}
";

fn tree() -> tempfile::TempDir {
    let tree = directory(&[
        ("base/abi/3.0", ""),
        ("base/tunables/global", ""),
        ("base/abstractions/own", "  deny /bin/ls ix,\n"),
        (
            "base/abstractions/outer",
            "\n  include <abstractions/own>\n",
        ),
        ("t/dir with space/<b>&.aa", HOSTILE),
        (
            "t/web",
            "abi <abi/3.0>,\nprofile web {\n  include <abstractions/outer>\n  /srv/** r,\n}\n",
        ),
        (
            "t/fine",
            "abi <abi/3.0>,\nprofile fine {\n  /srv/** r,\n}\n",
        ),
        (
            "t/large",
            &format!("profile large {{\n{}}}\n", "# long\n".repeat(1_300_000)),
        ),
    ]);
    // What is not UTF-8 is a finding.
    let broken = b"abi <abi/3.0>,\nprofile \xff\xfe {\n  /a\xff r,\n}\n";
    fs::write(tree.path().join("t/broken"), broken).unwrap();
    fs::write(tree.path().join("t/compose.yaml"), "services: [\n").unwrap();
    let name = std::ffi::OsStr::from_bytes(b"t/\xffname");
    fs::write(tree.path().join(name), "profile x {\n  deny /a ix,\n}\n").unwrap();
    tree
}

fn check(directory: &Path, format: &str, more: &[&str]) -> String {
    let line = ["check", "--isolated", "--base", "base", "--format", format];
    text(&aalint(directory, &[&line[..], more].concat()).stdout)
}

fn sarif(directory: &Path, more: &[&str]) -> Value {
    let written = check(directory, "sarif", more);
    serde_json::from_str(&written).unwrap_or_else(|error| panic!("{error}: {written}"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn string(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// A place as SARIF has it, in a file that can be named in a URI.
fn assert_is_place(location: &Value) {
    let physical = &location["physicalLocation"];
    let uri = string(&physical["artifactLocation"]["uri"]);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-._~%+@".contains(c);
    assert!(!uri.is_empty() && uri.chars().all(is_plain), "{uri}");
    let region = &physical["region"];
    if !region.is_null() {
        let of = |name: &str| region[name].as_u64().unwrap();
        let (start, end) = (
            (of("startLine"), of("startColumn")),
            (of("endLine"), of("endColumn")),
        );
        assert!(start.0 >= 1 && start.1 >= 1 && start <= end, "{region}");
    }
}

#[test]
fn sarif_has_what_code_scanning_requires() {
    let tree = tree();
    let log = sarif(tree.path(), &["--audit", "--pedantic", "t"]);
    assert_eq!(log["version"], "2.1.0");
    assert!(string(&log["$schema"]).contains("sarif-2.1.0"));
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "aalint");
    let rules = list(&driver["rules"]);
    let codes: Vec<&str> = rules.iter().map(|rule| string(&rule["id"])).collect();
    assert!(codes.is_sorted(), "{codes:?}");
    for rule in rules {
        for part in ["shortDescription", "fullDescription", "help"] {
            assert!(!string(&rule[part]["text"]).is_empty(), "{rule}");
        }
        let level = string(&rule["defaultConfiguration"]["level"]);
        assert!(["error", "warning", "note"].contains(&level), "{rule}");
        let page = string(&rule["help"]["markdown"]);
        assert!(page.starts_with("# ") && !page.contains("#~"), "{page}");
    }
    let json: Value =
        serde_json::from_str(&check(tree.path(), "json", &["--audit", "--pedantic", "t"])).unwrap();
    let (results, findings) = (list(&run["results"]), list(&json["findings"]));
    assert_eq!(results.len(), findings.len());
    let mut fired = BTreeSet::new();
    for (result, finding) in results.iter().zip(findings) {
        assert_eq!(result["ruleId"], finding["code"]);
        fired.insert(string(&result["ruleId"]));
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert_eq!(rules[index]["name"], finding["rule"]);
        let level = match string(&finding["severity"]) {
            severity @ ("error" | "warning") => severity,
            _ => "note",
        };
        assert_eq!(result["level"], level);
        assert!(!string(&result["message"]["text"]).is_empty());
        assert_eq!(list(&result["locations"]).len(), 1);
        let related = list(&result["relatedLocations"]);
        let mut ids: Vec<u64> = Vec::new();
        for location in list(&result["locations"]).iter().chain(related) {
            assert_is_place(location);
        }
        for location in related {
            ids.push(location["id"].as_u64().unwrap());
            assert!(!string(&location["message"]["text"]).is_empty());
        }
        assert!(ids.iter().copied().eq(1..=ids.len() as u64), "{ids:?}");
        let region = &result["locations"][0]["physicalLocation"]["region"];
        for (of_sarif, end, of_json) in [
            ("startLine", "start", "line"),
            ("startColumn", "start", "column"),
            ("endLine", "end", "line"),
            ("endColumn", "end", "column"),
        ] {
            assert_eq!(region[of_sarif], finding["range"][end][of_json]);
        }
        assert!(!string(&result["partialFingerprints"]["aalint/v1"]).is_empty());
    }
    assert_eq!(fired.into_iter().collect::<Vec<_>>(), codes);
    let prints: BTreeSet<&str> = results
        .iter()
        .map(|result| string(&result["partialFingerprints"]["aalint/v1"]))
        .collect();
    assert_eq!(prints.len(), results.len(), "each is known by its own");
}

#[test]
fn sarif_names_what_was_not_judged() {
    let tree = tree();
    let run = &sarif(tree.path(), &["t"])["runs"][0];
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let notes = list(&invocation["toolExecutionNotifications"]);
    let errors: Vec<&Value> = notes
        .iter()
        .filter(|note| note["level"] == "error")
        .collect();
    assert_eq!(errors.len(), 1, "{notes:#?}");
    assert!(string(&errors[0]["message"]["text"]).starts_with("not judged: "));
    let uri = &errors[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(uri, "t/large");
    let run = &sarif(tree.path(), &["t/fine"])["runs"][0];
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    assert_eq!(list(&run["results"]).len(), 0);
    // Where nothing is a profile, that is said.
    let run = &sarif(tree.path(), &["base/abi"])["runs"][0];
    let notes = list(&run["invocations"][0]["toolExecutionNotifications"]);
    assert!(
        notes.iter().any(|note| note["level"] == "warning"),
        "{notes:#?}"
    );
}

#[test]
fn sarif_says_where_an_included_rule_comes_from() {
    let tree = tree();
    let run = &sarif(tree.path(), &["t/web"])["runs"][0];
    let place = |location: &Value| {
        let physical = &location["physicalLocation"];
        let uri = string(&physical["artifactLocation"]["uri"]).to_owned();
        (uri, physical["region"]["startLine"].as_u64().unwrap())
    };
    let result = list(&run["results"])
        .iter()
        .find(|result| result["ruleId"] == "AA108")
        .unwrap_or_else(|| panic!("{run:#}"));
    // The file that was checked is to be seen first; what is wrong with it is in what it includes.
    assert_eq!(place(&result["locations"][0]), ("t/web".to_owned(), 3));
    let related: Vec<(String, u64)> = list(&result["relatedLocations"])
        .iter()
        .map(place)
        .collect();
    let outer = ("base/abstractions/outer".to_owned(), 2);
    assert_eq!(related, [("base/abstractions/own".to_owned(), 1), outer]);
}

#[test]
fn names_become_no_links_of_sarif() {
    let tree = tree();
    let log = sarif(tree.path(), &["--audit", "--pedantic", "t"]);
    let mut open = vec![&log["runs"][0]["results"]];
    let mut count = 0;
    while let Some(value) = open.pop() {
        match value {
            Value::Object(fields) => open.extend(fields.values()),
            Value::Array(items) => open.extend(items),
            Value::String(text) => {
                let bare = text.replace("\\[", "").replace("\\]", "");
                assert!(!bare.contains("]("), "{text}");
                count += usize::from(bare != *text);
                assert!(
                    text.chars().all(|c| c == '\n' || !c.is_control()),
                    "{text:?}"
                );
            }
            _ => {}
        }
    }
    assert!(count > 0, "a hostile name is shown");
}

#[test]
fn fingerprints_stay_when_lines_move() {
    let policy = "abi <abi/3.0>,\nprofile p {\n  deny /a ix,\n  deny /b ix,\n  deny /b ix,\n}\n";
    let prints = |policy: &str, path: &str| -> Vec<String> {
        let here = directory(&[(path, policy), ("base/abi/3.0", "")]);
        let run = &sarif(here.path(), &["--select", "deny-with-exec-mode", path])["runs"][0];
        list(&run["results"])
            .iter()
            .map(|result| string(&result["partialFingerprints"]["aalint/v1"]).to_owned())
            .collect()
    };
    let before = prints(policy, "p");
    assert_eq!(before.len(), 3);
    let unique: BTreeSet<&String> = before.iter().collect();
    assert_eq!(unique.len(), 3, "two equal lines are told apart");
    let moved = policy
        .replace("profile p {\n", "# more\n\nprofile p {\n  # more\n")
        .replace("  deny /b", "\t deny   /b");
    assert_eq!(prints(&moved, "p"), before);
    assert_ne!(prints(policy, "other"), before);
    assert_ne!(prints(&policy.replace("/a", "/c"), "p")[0], before[0]);
}

fn count(all: &[Element], name: &str) -> usize {
    all.iter().filter(|element| element.name == name).count()
}

#[test]
fn junit_counts_what_it_shows() {
    let tree = tree();
    let written = check(tree.path(), "junit", &["t"]);
    let is_fit = |c: char| matches!(c, '\t' | '\n') || !c.is_control();
    assert!(written.chars().all(is_fit), "{written}");
    let all = elements(&written);
    assert_eq!(all[0].name, "testsuites");
    let of = |element: &Element, name: &str| attribute(element, name).parse::<usize>().unwrap();
    let suites: Vec<&Element> = all.iter().filter(|one| one.name == "testsuite").collect();
    for (counted, element) in [
        ("tests", "testcase"),
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ] {
        let total = of(&all[0], counted);
        assert_eq!(total, count(&all, element), "{counted}");
        let sum: usize = suites.iter().map(|suite| of(suite, counted)).sum();
        assert_eq!(sum, total, "{counted}");
    }
    let json: Value = serde_json::from_str(&check(tree.path(), "json", &["t"])).unwrap();
    let failing = list(&json["findings"])
        .iter()
        .filter(|finding| ["error", "warning"].contains(&string(&finding["severity"])));
    assert_eq!(count(&all, "failure"), failing.count());
    // The file that is too large, and the one that cannot be read.
    assert_eq!((count(&all, "error"), count(&all, "skipped")), (1, 1));
    // Each file is a suite, and a file without findings passes.
    let names: Vec<String> = suites
        .iter()
        .map(|suite| attribute(suite, "name"))
        .collect();
    for file in ["t/fine", "t/web", "t/large", "t/dir with space/<b>&.aa"] {
        assert!(names.iter().any(|name| name == file), "{file}: {names:?}");
    }
    let mut cases: Vec<(String, String)> = all
        .iter()
        .filter(|one| one.name == "testcase")
        .map(|case| (attribute(case, "classname"), attribute(case, "name")))
        .collect();
    assert!(cases.contains(&("t/fine".to_owned(), "no findings".to_owned())));
    let count = cases.len();
    cases.sort();
    cases.dedup();
    assert_eq!(cases.len(), count, "each case has its own name");
}

#[test]
fn junit_fails_what_fails_the_check() {
    let here = directory(&[
        ("base/abi/3.0", ""),
        (
            "web",
            "abi <abi/3.0>,\nprofile web {\n  deny /a ix,\n  /b r,\n  /b r,\n}\n",
        ),
        ("empty", "# nothing\n"),
    ]);
    let end = |threshold: &str, path: &str| {
        let line = [
            "check",
            "--isolated",
            "--base",
            "base",
            "--pedantic",
            "--format",
            "junit",
            "--fail-on",
            threshold,
            path,
        ];
        let output = aalint(here.path(), &line);
        let all = elements(&text(&output.stdout));
        (output.status.code(), count(&all, "failure"))
    };
    assert_eq!(end("error", "web"), (Some(1), 1));
    let (code, failures) = end("hint", "web");
    assert!(code == Some(1) && failures > 1, "{failures}");
    assert_eq!(end("never", "web"), (Some(0), 0));
    // What is below the threshold is told all the same.
    let written = check(here.path(), "junit", &["--fail-on", "never", "web"]);
    assert!(written.contains("<system-out>error: "), "{written}");
    let idle = elements(&check(here.path(), "junit", &["base/abi"]));
    let named = |element: &&Element| element.name == "testcase";
    let names: Vec<String> = idle
        .iter()
        .filter(named)
        .map(|one| attribute(one, "name"))
        .collect();
    assert!(
        names.contains(&"a profile is checked".to_owned()),
        "{names:?}"
    );
}

#[test]
fn a_broken_configuration_is_an_error_of_junit() {
    let here = directory(&[
        ("web", "profile web {\n}\n"),
        ("aalint.toml", "unknown = 1\n"),
    ]);
    let output = aalint(
        here.path(),
        &["check", "--fail-on", "never", "--format", "junit", "web"],
    );
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(count(&elements(&text(&output.stdout)), "error"), 1);
}
