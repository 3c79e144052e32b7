//! What a finding advises, done: the finding is gone, and no other one comes.
//!
//! Each finding on each page is taken by itself: its edit is applied, and so is help that says to add a rule.

use std::collections::BTreeMap;

use super::{Case, cases, check, unmarked};
use crate::common;
use crate::common::advice::{added, brought, counts, with_rules};
use aalint::diagnostic::{Applicability, Diagnostic, Edit, apply_edits};
use aalint::rules;
use aalint::session::Report;

fn report(case: &Case, files: &[(String, String)]) -> Report {
    check(case, "all", files, rules::all())
}

/// The text of the finding's file once the advice is followed; nothing where there is none of that kind.
fn followed(finding: &Diagnostic, report: &Report) -> Vec<(&'static str, String, String)> {
    let Some(place) = finding.place() else {
        return Vec::new();
    };
    let source = report.store.sources.get(place.file);
    let mut texts = Vec::new();
    let fix = finding.fix.as_ref();
    let fix = fix.filter(|fix| fix.applicability != Applicability::Display);
    if let Some(fix) = fix.filter(|fix| fix.edits.iter().all(|edit| edit.span.file == place.file)) {
        let edits: Vec<&Edit> = fix.edits.iter().collect();
        texts.push((
            "edit",
            source.path.clone(),
            apply_edits(&source.text, &edits),
        ));
    }
    let rules: Vec<String> = finding.help.iter().flat_map(|help| added(help)).collect();
    if !rules.is_empty()
        && let Some(text) = with_rules(&source.text, place.range.start, &rules)
    {
        texts.push(("help", source.path.clone(), text));
    }
    texts
}

#[test]
fn what_findings_advise_can_be_followed() {
    let (mut done, mut wrong) = (BTreeMap::new(), Vec::new());
    for page in common::pages() {
        for case in cases(&page.text)
            .iter()
            .filter(|case| case.is_flagged && !case.is_bytes)
        {
            let files: Vec<(String, String)> = case
                .files
                .iter()
                .map(|(path, text)| (path.clone(), unmarked(text).0))
                .collect();
            let found = report(case, &files);
            let before = counts(&found.findings);
            for finding in found
                .findings
                .iter()
                .filter(|one| one.rule.name == page.name)
            {
                for (what, path, text) in followed(finding, &found) {
                    *done.entry(what).or_insert(0) += 1;
                    let mut changed = files.clone();
                    for (known, old) in &mut changed {
                        if *known == path {
                            old.clone_from(&text);
                        }
                    }
                    let after = counts(&report(case, &changed).findings);
                    let place = format!("{}:{}: {}", page.path, case.line, finding.message);
                    let count =
                        |of: &BTreeMap<&str, usize>, rule: &str| of.get(rule).copied().unwrap_or(0);
                    if count(&after, &page.name) >= count(&before, &page.name) {
                        wrong.push(format!(
                            "{place}\n  is still there after its {what}\n{text}"
                        ));
                    }
                    for new in brought(finding, &before, &after) {
                        wrong.push(format!("{place}\n  its {what} brings {new}\n{text}"));
                    }
                }
            }
        }
    }
    println!("{done:?}");
    assert!(done.values().sum::<usize>() > 40, "{done:?}");
    assert!(
        wrong.is_empty(),
        "{} advices:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
