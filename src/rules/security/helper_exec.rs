//! `helper-exec`: patterns that let helpers be executed.

use std::sync::LazyLock;

use crate::access::{Class, Effective, Exec, bits};
use crate::analysis::{ExposedFile, ExposingRule, FileList};
use crate::lang::files::HELPERS;
use crate::lang::permissions::EXEC;
use crate::lint::{Check, Cx, Sink, describe_exec_target, listed};
use crate::policy::ProfileView;
use crate::syntax::ast::Body;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

static FILES: LazyLock<FileList> =
    LazyLock::new(|| FileList::new(HELPERS.iter().map(|file| (file.pattern, file.example))));

/// How many other helpers a finding names.
const MAX_NAMED: usize = 4;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let effective = cx.effective(profile);
    let mut exposing = effective.exposing_rules(profile, cx.summaries, &FILES, EXEC, |entry, _| {
        !entry.nfa.is_exact
    });
    for rule in &mut exposing {
        let files = std::mem::take(&mut rule.files);
        let files = files.into_iter();
        rule.files = files
            .filter(|file| decided(&effective, rule, file).is_some())
            .collect();
    }
    for rule in exposing.iter().filter(|rule| !rule.is_named(&[])) {
        let Some(((_, fact), file)) = rule.first(profile, cx.summaries) else {
            continue;
        };
        let Some(exec) = decided(&effective, rule, file) else {
            continue;
        };
        // `allow-all` reports these.
        if matches!(fact.rule.body, Body::AllFiles | Body::All) {
            continue;
        }
        let (path, target) = (
            file.text(),
            describe_exec_target(&exec, &file.path, profile, cx),
        );
        let does = HELPERS.get(file.number).map_or("", |known| known.reason);
        let mut finding = sink
            .at(
                cx.span(fact),
                format!("a pattern lets `{path}` be executed {target}"),
            )
            .mark(format!("it {does}"))
            .claims(cx.claims_of_exposed(profile, rule));
        if rule.files.len() > 1 {
            finding = finding.note(format!(
                "it also matches {}",
                listed(&rule.others(), MAX_NAMED)
            ));
        }
        let help = if exec.may_inherit() || exec.mode.kind.may_be_unconfined() {
            "name the programs that are needed, and give helpers a profile of their own (`Px`, `Cx`)"
        } else {
            "name the programs that are needed"
        };
        let finding = finding
            .note("such programs can do more than this program, and the pattern does not name them")
            .help(help);
        sink.report(finding);
    }
}

/// What an exec of the file leads to, if the rule is one of those that decide it.
fn decided(effective: &Effective, rule: &ExposingRule<'_>, file: &ExposedFile) -> Option<Exec> {
    let verdict = effective.decide(Class::File, &file.path);
    let own = rule.entry.entry.exec.as_ref()?;
    (0..)
        .zip(&verdict.exec)
        .filter(|(half, _)| file.bits & u32::from(EXEC) << (half * bits::OTHER) != 0)
        .find(|(_, exec)| exec.as_ref() == Some(own))
        .map(|_| own.clone())
}
