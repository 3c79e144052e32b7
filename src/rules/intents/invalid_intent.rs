//! `invalid-intent`: intents and assertions that cannot be read.

use std::collections::BTreeMap;

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Chosen, Cx, FileRole, FileView, Sink};
use crate::source::TextRange;
use crate::syntax::ast::Item;
use crate::syntax::fault::{FaultKind, IntentFault};
use crate::syntax::text;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for fault in &file.file.faults {
        let FaultKind::Intent(intent) = &fault.kind else {
            continue;
        };
        let text = file.slice(fault.range);
        let (message, help) = words(intent, text);
        let span = file.span(fault.range);
        let finding = sink.at(span, message).help(help);
        let edit = match intent {
            IntentFault::NearlyIntent => Some("intent"),
            _ => None,
        };
        sink.report(match edit {
            Some(word) => {
                finding.replace(Applicability::Unsafe, format!("write `{word}`"), span, word)
            }
            None => finding,
        });
    }
    duplicates(file, sink);
    unused(file, cx, sink);
    let is_own = file.role == FileRole::Intents;
    for item in &file.file.ast.items {
        let (range, message, help) = match item {
            Item::Intent(intent) if !is_own => (
                intent.header,
                "an intent is in a policy file, and the parser refuses the file",
                "move it to a file of its own whose name ends in `.intents`",
            ),
            Item::Intent(_) => continue,
            Item::Profile(profile) if is_own => (
                profile.header,
                "a profile is in a file of intents",
                "move it to a file of policy",
            ),
            item if is_own => (
                item.range(),
                "a file of intents contains something other than an intent",
                "write promises as `intent NAME { deny /etc/shadow r, }`",
            ),
            _ => continue,
        };
        let finding = sink.at(file.span(range), message).help(help);
        sink.report(finding);
    }
}

/// Intents that nobody chooses, where the configuration chooses others.
fn unused(file: &FileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let of_profiles = cx.config.profiles.iter().flat_map(|table| &table.intents);
    if cx.config.intents.iter().chain(of_profiles).next().is_none() {
        return;
    }
    for item in &file.file.ast.items {
        let Item::Intent(intent) = item else { continue };
        let is_it =
            |chosen: &Chosen<'_>| chosen.file == file.id && chosen.intent.range == intent.range;
        if !cx.intents.iter().any(is_it) {
            let name = text::value(file.slice(intent.name.0));
            let finding = sink
                .at(
                    file.span(intent.name.0),
                    format!("no profile has to keep the intent `{name}`"),
                )
                .severity(Severity::Warning)
                .note("the configuration chooses other intents and not this one")
                .help("name it, or its file, in `intents` of aalint.toml, or remove it");
            sink.report(finding);
        }
    }
}

/// Intents of one name in one file: who chooses the name gets all of them.
fn duplicates(file: &FileView<'_>, sink: &mut Sink<'_>) {
    let mut first: BTreeMap<String, TextRange> = BTreeMap::new();
    for item in &file.file.ast.items {
        let Item::Intent(intent) = item else { continue };
        let range = intent.name.0;
        let name = text::value(file.slice(range)).into_owned();
        if let Some(known) = first.get(&name) {
            let finding = sink
                .at(
                    file.span(range),
                    format!("the intent `{name}` is defined a second time"),
                )
                .label(file.span(*known), "the first one")
                .note("a profile that must keep the name must keep both")
                .help("rename one of them, or write their promises into one block");
            sink.report(finding);
        } else {
            first.insert(name, range);
        }
    }
}

fn words(fault: &IntentFault, text: &str) -> (String, &'static str) {
    match fault {
        IntentFault::NoName => (
            "an intent has no name".to_owned(),
            "write `intent NAME { … }`: findings show the name",
        ),
        IntentFault::NoBlock => (
            "an intent has no block".to_owned(),
            "write its promises in braces: `intent NAME { deny /etc/shadow r, }`",
        ),
        IntentFault::Header => (
            format!("unexpected `{text}` after the name of an intent"),
            "write `intent NAME { … }`, and choose the profiles in aalint.toml or with --intent",
        ),
        IntentFault::InProfile => (
            "an intent is inside a profile".to_owned(),
            "write `# aalint: assert deny …,` there, or move it to a file of its own",
        ),
        IntentFault::NotARule => (
            format!("`{text}` is not a promise"),
            "write promises as rules with `allow` or `deny`",
        ),
        IntentFault::Qualifier => (
            format!("`{text}` says what a rule does, not what is promised"),
            "remove it: a promise begins with `allow` or `deny`",
        ),
        IntentFault::NeitherAllowNorDeny => (
            format!("the assertion `{text}` says neither `allow` nor `deny`"),
            "write `# aalint: assert allow …,` or `# aalint: assert deny …,`",
        ),
        IntentFault::NotOneRule => (
            "an assertion does not contain exactly one rule".to_owned(),
            "write one rule a line: `# aalint: assert deny /etc/shadow r,`",
        ),
        IntentFault::OutsideOfProfile => (
            "an assertion is outside of any profile".to_owned(),
            "move it into its profile, or write an intent in a file of its own",
        ),
        IntentFault::NearlyAssert => (
            format!("aalint knows no directive `{text}`, so nothing is asserted"),
            "write `# aalint: assert allow …,` or `# aalint: assert deny …,`",
        ),
        IntentFault::NearlyIntent => (
            format!("the keyword `{text}` is not known; did you mean `intent`?"),
            "write `intent`",
        ),
        IntentFault::Empty => (
            format!("the intent `{text}` promises nothing"),
            "write its promises in the block, or remove it",
        ),
    }
}
