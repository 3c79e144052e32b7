//! Every rule page is a test.
//!
//! A fenced `apparmor` block is linted with the page's rule alone. In a *Flagged* block the rule must
//! fire on the lines marked `#~` and on no other, in a *Fine* block nowhere. What follows on the mark must
//! stand in a finding of that line, written as `severity: message`. A block `apparmor fixed`
//! is what the rule's edits make of the block in front of it. Blocks with `file=NAME` lie beside the
//! next block without; `apparmor bytes` resolves `\xHH`.

use std::collections::{BTreeMap, BTreeSet};

use crate::common;
use aalint::config::ConfigFile;
use aalint::diagnostic::{Edit, Severity};
use aalint::policy::Search;
use aalint::rules;
use aalint::session::{self, CommandLine, Input, InputKind, Options, Report};
use aalint::source::MemoryVfs;

#[derive(Debug, Default, Clone)]
struct Case {
    is_flagged: bool,
    /// Path and text, the policy last.
    files: Vec<(String, String)>,
    is_bytes: bool,
    fixed: Option<String>,
    line: usize,
}

/// The cases of a page, in order.
fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut waiting: Vec<(String, String)> = Vec::new();
    let mut section = "";
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(heading) = line.strip_prefix("## ") {
            section = if heading == "Flagged" {
                "Flagged"
            } else if heading == "Fine" {
                "Fine"
            } else {
                ""
            };
        }
        let Some(info) = line.strip_prefix("```") else {
            continue;
        };
        let body: Vec<&str> = lines
            .by_ref()
            .map(|(_, line)| line)
            .take_while(|line| *line != "```")
            .collect();
        let body = body
            .iter()
            .map(|line| format!("{line}\n"))
            .collect::<String>();
        let words: Vec<&str> = info.split_whitespace().collect();
        let file = words.iter().find_map(|word| word.strip_prefix("file="));
        match (words.first().copied(), file) {
            (Some("apparmor"), _) if words.contains(&"fixed") => {
                cases.last_mut().expect("a block to fix").fixed = Some(body);
            }
            (Some("apparmor"), file) if !section.is_empty() => {
                let mut files = std::mem::take(&mut waiting);
                files.push((file.unwrap_or("profile").to_owned(), body));
                let is_bytes = words.contains(&"bytes");
                cases.push(Case {
                    is_flagged: section == "Flagged",
                    files,
                    is_bytes,
                    fixed: None,
                    line: number + 1,
                });
            }
            (Some(_), Some(file)) => waiting.push((file.to_owned(), body)),
            _ => {}
        }
    }
    cases
}

/// Text without its marks, and the marked lines by their numbers, with what their findings must say.
fn unmarked(text: &str) -> (String, BTreeMap<u32, String>) {
    let mut marked = BTreeMap::new();
    let mut clean = String::new();
    for (line, number) in text.lines().zip(1..) {
        let kept = match line.split_once("#~") {
            Some((rest, said)) => {
                marked.insert(number, said.trim().to_owned());
                rest.trim_end()
            }
            None => line,
        };
        clean.push_str(kept);
        clean.push('\n');
    }
    (clean, marked)
}

fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("\\x") {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        bytes.push(u8::from_str_radix(&rest[at + 2..at + 4], 16).unwrap());
        rest = &rest[at + 4..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

/// Abstractions that pages may include.
fn base() -> MemoryVfs {
    let mut vfs = MemoryVfs::default();
    for (path, text) in [
        (
            "abstractions/base",
            "/usr/lib/** mr,\nsignal (receive) peer=unconfined,\n",
        ),
        ("abstractions/nameservice", "/etc/nsswitch.conf r,\n"),
        ("abstractions/dbus", "dbus bus=system,\n"),
        (
            "tunables/global",
            "@{HOMEDIRS}=/home/\n@{HOME}=@{HOMEDIRS}/*/ /root/\n@{PROC}=/proc/\n@{bin}=/{,usr/}bin\n@{run}=/run/ /var/run/\n",
        ),
        ("abi/4.0", "\n"),
    ] {
        vfs.insert(format!("base/{path}"), text);
    }
    vfs
}

fn check(case: &Case, rule: &str, files: &[(String, String)]) -> Report {
    let mut vfs = base();
    let mut inputs = Vec::new();
    let mut config = None;
    for (path, text) in files {
        vfs.insert(
            path.clone(),
            if case.is_bytes {
                bytes(text)
            } else {
                text.clone().into_bytes()
            },
        );
        if path == "aalint.toml" {
            config = Some(ConfigFile::new(path, text).into());
            continue;
        }
        // What an abi rule names is no policy.
        if path.starts_with("base/abi/") {
            continue;
        }
        let kind = match session::classify(path, text) {
            Some(InputKind::Manifest(kind)) => InputKind::Manifest(kind),
            _ => InputKind::Policy,
        };
        inputs.push(Input {
            path: path.clone(),
            kind,
        });
    }
    // The rules about suppressions need those that are suppressed.
    let select = if rules::all()
        .iter()
        .any(|known| known.meta.name == rule && known.meta.group == "suppressions")
    {
        "all".to_owned()
    } else {
        rule.to_owned()
    };
    let options = Options {
        inputs,
        search: Search {
            directories: vec!["base".to_owned()],
            has_no_base: false,
        },
        config,
        cli: CommandLine {
            select: vec![select],
            ..CommandLine::default()
        },
        ..Options::default()
    };
    session::check(&vfs, &options, rules::all())
}

/// What a rule says, by file and line.
fn fired(report: &Report, rule: &str) -> BTreeMap<String, BTreeMap<u32, Vec<String>>> {
    let mut lines: BTreeMap<String, BTreeMap<u32, Vec<String>>> = BTreeMap::new();
    for finding in report
        .findings
        .iter()
        .filter(|finding| finding.rule.name == rule)
    {
        let place = finding.place().unwrap();
        let source = report.store.sources.get(place.file);
        let line = source.position(place.range.start).line;
        let said = format!("{}: {}", finding.severity, finding.message);
        let of_file = lines.entry(source.path.clone()).or_default();
        of_file.entry(line).or_default().push(said);
    }
    lines
}

/// Whether exactly the marked lines have findings, and these say what is wanted.
fn says(
    found: &BTreeMap<String, BTreeMap<u32, Vec<String>>>,
    expected: &BTreeMap<String, BTreeMap<u32, String>>,
) -> bool {
    let lines = |(path, lines): (&String, BTreeSet<u32>)| (path.clone(), lines);
    let of_found = found
        .iter()
        .map(|(path, all)| (path, all.keys().copied().collect()));
    let of_expected = expected
        .iter()
        .map(|(path, all)| (path, all.keys().copied().collect()));
    let is_same_places = of_found.map(lines).eq(of_expected.map(lines));
    is_same_places
        && expected.iter().all(|(path, lines)| {
            lines
                .iter()
                .all(|(line, wanted)| found[path][line].iter().any(|said| said.contains(wanted)))
        })
}

fn fix(report: &Report, rule: &str, path: &str) -> String {
    let (file, source) = report
        .store
        .sources
        .iter()
        .find(|(_, source)| source.path == path)
        .unwrap();
    let edits: Vec<&Edit> = report
        .findings
        .iter()
        .filter(|finding| finding.rule.name == rule)
        .filter_map(|finding| finding.fix.as_ref())
        .flat_map(|fix| &fix.edits)
        .filter(|edit| edit.span.file == file)
        .collect();
    aalint::diagnostic::apply_edits(&source.text, &edits)
}

#[test]
fn every_page_holds() {
    let mut wrong = Vec::new();
    let pages = common::pages();
    assert!(pages.len() >= 40);
    for page in &pages {
        let cases = cases(&page.text);
        let flagged = cases.iter().filter(|case| case.is_flagged).count();
        if flagged == 0 || flagged == cases.len() {
            wrong.push(format!("{}: needs a Flagged and a Fine block", page.path));
        }
        let has_fix = cases.iter().any(|case| case.fixed.is_some());
        let mut offers_fix = false;
        for case in &cases {
            let place = format!("{}:{}", page.path, case.line);
            let mut files = Vec::new();
            let mut expected: BTreeMap<String, BTreeMap<u32, String>> = BTreeMap::new();
            for (path, text) in &case.files {
                let (clean, marked) = unmarked(text);
                if !marked.is_empty() {
                    expected.insert(path.clone(), marked);
                }
                files.push((path.clone(), clean));
            }
            if case.is_flagged == expected.is_empty() {
                wrong.push(format!(
                    "{place}: marks belong into Flagged blocks, and each needs one"
                ));
            }
            let report = check(case, &page.name, &files);
            let found = fired(&report, &page.name);
            if !says(&found, &expected) {
                wrong.push(format!(
                    "{place}: fires at {found:?}, marked are {expected:?}"
                ));
            }
            for finding in report
                .findings
                .iter()
                .filter(|finding| finding.rule.name == page.name)
            {
                offers_fix |= finding.fix.is_some();
                if finding.help.is_empty() && finding.fix.is_none() {
                    wrong.push(format!(
                        "{place}: `{}` says neither what to do nor offers an edit",
                        finding.message
                    ));
                }
                let message = &finding.message;
                if message.ends_with(['.', ','])
                    || message.contains('\n')
                    || message.starts_with(|c: char| c.is_uppercase())
                        && !message.starts_with("CAP_")
                {
                    wrong.push(format!(
                        "{place}: the message `{message}` is not worded as the others"
                    ));
                }
                if let (Some(fix), Some(best)) = (&finding.fix, &page.fix) {
                    assert_eq!(fix.applicability.name(), best, "{place}");
                }
            }
            if !case.is_flagged {
                wrong.extend(
                    errors(case, &files)
                        .into_iter()
                        .map(|error| format!("{place}: the Fine block has the error {error}")),
                );
            }
            if let Some(fixed) = &case.fixed {
                let (path, _) = files.last().unwrap();
                let result = fix(&report, &page.name, path);
                let (clean, _) = unmarked(fixed);
                if result != clean {
                    wrong.push(format!("{place}: fixed it becomes\n{result}"));
                }
            }
        }
        if offers_fix != page.fix.is_some() {
            wrong.push(format!(
                "{}: the front matter says fix {:?}, but the rule {} edits",
                page.path,
                page.fix,
                if offers_fix { "offers" } else { "offers no" }
            ));
        }
        if has_fix && page.fix.is_none() {
            wrong.push(format!(
                "{}: shows a fix and has none in its front matter",
                page.path
            ));
        }
    }
    for line in &wrong {
        println!("{line}");
    }
    assert!(wrong.is_empty(), "{} faults of rule pages", wrong.len());
}

/// Errors of the group `syntax`: an example of something fine must load.
fn errors(case: &Case, files: &[(String, String)]) -> Vec<String> {
    let report = check(case, "AA1", files);
    let found = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error);
    found
        .map(|finding| format!("{}: {}", finding.rule.name, finding.message))
        .collect()
}
