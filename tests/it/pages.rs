//! Every rule page is a test.
//!
//! A fenced `apparmor` block is linted with the page's rule alone. In a *Flagged* block the rule must
//! fire on the lines marked `#~` and on no other, in a *Fine* block nowhere. What follows on the mark must
//! stand in a finding of that line, written as `severity: message`. A block `apparmor fixed`
//! is what the rule's edits make of the block in front of it. Blocks with `file=NAME` lie beside the
//! next block without; `apparmor bytes` resolves `\xHH`. `image file=NAME.tar` lists the files of an image (`common/image.rs`).
//!
//! `cargo test --test it pages::raw_device`, or `cargo xtask page raw-device`, tests one page.

mod advice;
mod sample;
mod shown;
// A new rule begins as this file, and so it must compile.
#[path = "../../xtask/template/rule.rs"]
mod template;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::common::{self, Page};
use aalint::config::ConfigFile;
use aalint::diagnostic::{Applicability, Edit, Level, Meta, Severity};
use aalint::lint::{Check, Rule};
use aalint::policy::Search;
use aalint::rules;
use aalint::session::{self, CommandLine, GivenImage, Input, InputKind, Options, Report};
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

fn check(case: &Case, rule: &str, files: &[(String, String)], rules: &[Rule]) -> Report {
    let mut vfs = base();
    let mut inputs = Vec::new();
    let mut images = Vec::new();
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
        if path.starts_with("Dockerfile") {
            continue;
        }
        if path.ends_with(".tar") {
            images.push(GivenImage {
                is_of_engine: false,
                profile: None,
                path: path.clone(),
                image: common::image::image(text).into(),
            });
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
    let select = if rules
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
        images,
        cli: CommandLine {
            select: vec![select],
            ..CommandLine::default()
        },
        ..Options::default()
    };
    session::check(&vfs, &options, rules)
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

macro_rules! page_tests {
    ($($test:ident: $group:literal / $name:literal,)+) => {
        /// The pages that have a test.
        const TESTED: &[(&str, &str)] = &[$(($group, $name),)+];

        $(#[test]
        fn $test() {
            holds($group, $name);
        })+
    };
}
include!("pages/list.rs");

/// Whether the page of a rule holds; says what does not as the page would say it.
fn holds(group: &str, name: &str) {
    let path = common::root().join(format!("rules/{group}/{name}.md"));
    let text = fs::read_to_string(&path).unwrap();
    let page = xtask::page::parse(group, name, text).unwrap();
    let wrong = faults(&page, rules::all());
    for fault in &wrong {
        println!("{}", fault.trim_end());
    }
    assert!(wrong.is_empty(), "{} faults of {}", wrong.len(), page.path);
}

#[test]
fn each_page_has_a_test() {
    let pages = common::pages();
    assert!(pages.len() >= 40);
    assert_eq!(pages.len(), TESTED.len());
    for page in &pages {
        let key = (page.group.as_str(), page.name.as_str());
        assert!(TESTED.contains(&key), "{key:?}");
    }
}

/// A page that is not in `rules/`, with the code that belongs to it.
fn rule_of(page: &Page, check: Check) -> Vec<Rule> {
    let leaked = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    let meta = Meta {
        name: leaked(&page.name),
        code: leaked(&page.code),
        group: leaked(&page.group),
        severity: Severity::from_name(&page.severity).unwrap(),
        level: Level::Default,
        fix: page.fix.as_ref().map(|_| Applicability::Safe),
        retired: &[],
        since: leaked(&page.since),
        summary: leaked(&page.summary),
        page: leaked(&page.text),
    };
    let meta: &'static Meta = Box::leak(Box::new(meta));
    vec![Rule {
        meta,
        check,
        implied_intents: None,
    }]
}

#[test]
fn the_sample_of_the_recipe_is_a_page_that_holds() {
    let recipe = fs::read_to_string(common::root().join("rules/README.md")).unwrap();
    let (_, rest) = recipe.split_once("   ````markdown\n").unwrap();
    let (indented, _) = rest.split_once("   ````\n").unwrap();
    let text: String = indented
        .lines()
        .map(|line| line.strip_prefix("   ").unwrap_or(line).to_owned() + "\n")
        .collect();
    let page = xtask::page::parse("security", "versioned-python", text).unwrap();
    assert!(
        common::pages()
            .iter()
            .all(|other| other.code != page.code && other.name != page.name)
    );
    let wrong = faults(&page, &rule_of(&page, sample::CHECK));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_new_rule_holds_before_it_is_changed() {
    let rule = xtask::new_rule::NewRule {
        group: "security".to_owned(),
        name: "sample-name".to_owned(),
        severity: "info".to_owned(),
        level: "default".to_owned(),
    };
    let (text, _) = rule.texts("AA399", "0.1.0");
    let page = xtask::page::parse("security", "sample-name", text).unwrap();
    let wrong = faults(&page, &rule_of(&page, template::CHECK));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_page_that_does_not_hold_is_shown_beside_what_the_rule_does() {
    let text = "---\ncode: AA399\nseverity: hint\nlevel: default\nsince: 0.1.0\n---\n# versioned-python\n\nA.\n\n\
                ## Flagged\n\n```apparmor\nprofile a {\n  /usr/lib/python3.9/** r, #~ hint: another\n  /srv/x r, #~ hint:\n}\n```\n\n\
                ## Fine\n\n```apparmor\nprofile a {\n  /usr/bin/python3.11 ix,\n}\n```\n";
    let page = xtask::page::parse("security", "versioned-python", text.to_owned()).unwrap();
    let wrong = faults(&page, &rule_of(&page, sample::CHECK));
    assert_eq!(
        wrong[0],
        "rules/security/versioned-python.md:13: `-` is what the page says, `+` what the rule does\n    profile a {\n  \
         -   /usr/lib/python3.9/** r, #~ hint: another\n  \
         +   /usr/lib/python3.9/** r, #~ hint: `/usr/lib/python3.9/**` matches only Python 3.9\n  \
         -   /srv/x r, #~ hint:\n  +   /srv/x r,\n    }\n"
    );
    assert!(
        wrong[1].contains(
            "\n  +   /usr/bin/python3.11 ix, #~ hint: `/usr/bin/python3.11` matches only"
        )
    );
    assert_eq!(wrong.len(), 2);
    assert_eq!(
        shown::lines("a\nb\nc\n", "a\nc\nd\n"),
        "    a\n  - b\n    c\n  + d\n"
    );
}

/// What does not hold of a page.
fn faults(page: &Page, rules: &[Rule]) -> Vec<String> {
    let mut wrong = Vec::new();
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
        let report = check(case, &page.name, &files, rules);
        let found = fired(&report, &page.name);
        if !says(&found, &expected) {
            wrong.push(format!("{place}: {}", differing(case, &found)));
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
                || message.starts_with(|c: char| c.is_uppercase()) && !message.starts_with("CAP_")
            {
                wrong.push(format!(
                    "{place}: the message \"{message}\" must be one line that begins with a small letter and ends without a period"
                ));
            }
            // The front matter names the best; some edits of a rule may need a reader.
            if let (Some(fix), Some("unsafe")) = (&finding.fix, page.fix.as_deref()) {
                assert_eq!(fix.applicability.name(), "unsafe", "{place}");
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
                wrong.push(format!(
                    "{place}: {LEGEND}, when it is fixed\n{}",
                    shown::lines(&clean, &result)
                ));
            }
        }
    }
    match (offers_fix, &page.fix) {
        (true, None) => wrong.push(format!(
            "{}: the rule offers an edit: add `fix: safe` or `fix: unsafe` to the front matter",
            page.path
        )),
        (false, Some(fix)) => wrong.push(format!(
            "{}: the rule offers no edit on its page: remove `fix: {fix}` from the front matter, or show one",
            page.path
        )),
        (false, None) if has_fix => wrong.push(format!(
            "{}: the page shows what an edit makes, and the rule offers none",
            page.path
        )),
        _ => {}
    }
    wrong
}

/// How a difference is to be read.
const LEGEND: &str = "`-` is what the page says, `+` what the rule does";

/// The blocks of a case beside what the rule says of them.
fn differing(case: &Case, found: &BTreeMap<String, BTreeMap<u32, Vec<String>>>) -> String {
    let none = BTreeMap::new();
    let mut text = format!("{LEGEND}\n");
    for (path, written) in &case.files {
        if case.files.len() > 1 {
            text.push_str(&format!("  {path}:\n"));
        }
        text.push_str(&shown::marks(written, found.get(path).unwrap_or(&none)));
    }
    // What a page cannot mark: the files that all pages may include.
    for (path, lines) in found {
        if case.files.iter().all(|(own, _)| own != path) {
            text.push_str(&format!("  + {path}: {lines:?}\n"));
        }
    }
    text
}

/// Errors of the group `syntax`: an example of something fine must load.
fn errors(case: &Case, files: &[(String, String)]) -> Vec<String> {
    let report = check(case, "AA1", files, rules::all());
    let found = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error);
    found
        .map(|finding| format!("{}: {}", finding.rule.name, finding.message))
        .collect()
}
