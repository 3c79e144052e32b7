//! `unrestricted-etc`: rules that open everything below /etc.

use std::sync::LazyLock;

use crate::analysis::{ExposingRule, FileList, allows_everything, breadth};
use crate::lang::files::ETC;
use crate::lang::permissions::{APPEND, READ, WRITE};
use crate::lang::places::ETC_ROOT;
use crate::lint::{Check, Cx, ImpliedIntents, Sink, deny_all, listed};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// What verify asks the kernel about.
pub const IMPLIED_INTENTS: ImpliedIntents = ImpliedIntents {
    is_for_containers: false,
    promises: || deny_all(ETC, "rw"),
};

static FILES: LazyLock<FileList> =
    LazyLock::new(|| FileList::new(ETC.iter().map(|file| (file.pattern, file.example))));

/// How many other files a finding names.
const MAX_NAMED: usize = 3;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let effective = cx.effective(profile);
    let wanted = READ | WRITE | APPEND;
    let exposing = effective.exposing_rules(profile, cx.summaries, &FILES, wanted, |entry, _| {
        breadth(entry, &ETC_ROOT) != 0 && !allows_everything(&effective, entry)
    });
    for rule in &exposing {
        report(rule, profile, cx, sink);
    }
}

fn report(rule: &ExposingRule<'_>, profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    // What can be written counts, if anything can.
    let mut rule = rule.clone();
    let is_written = |permissions: u8| permissions & (WRITE | APPEND) != 0;
    let writes = rule.files.iter().any(|file| is_written(file.permissions()));
    rule.files
        .retain(|file| is_written(file.permissions()) == writes);
    let Some(((_, fact), file)) = rule.first(profile, cx.summaries) else {
        return;
    };
    let verb = if writes { "writing" } else { "reading" };
    let path = file.text();
    let reason = ETC.get(file.number).map_or("", |known| known.reason);
    let mut finding = sink
        .at(
            cx.span(fact),
            format!("this rule allows {verb} every file below `/etc`, for example `{path}`"),
        )
        .claims(cx.claims_of_exposed(profile, &rule))
        .note(format!("`{path}` {reason}"));
    if rule.files.len() > 1 {
        finding = finding.note(format!(
            "it also allows {}",
            listed(&rule.others(), MAX_NAMED)
        ));
    }
    let finding = finding.help(
        "name the files that the program needs, or add deny rules for those that hold secrets",
    );
    sink.report(finding);
}
