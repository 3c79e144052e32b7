//! `invalid-intent`: intents and assertions that cannot be read.

use crate::lint::{Check, Cx, FileRole, FileView, Sink};
use crate::syntax::ast::Item;
use crate::syntax::fault::{FaultKind, IntentFault};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for fault in &file.file.faults {
        let FaultKind::Intent(intent) = &fault.kind else {
            continue;
        };
        let text = file.slice(fault.range);
        let (message, help) = words(intent, text);
        let finding = sink.at(file.span(fault.range), message).help(help);
        sink.report(finding);
    }
    let is_own = file.role == FileRole::Intents;
    for item in &file.file.ast.items {
        let (range, message, help) = match item {
            Item::Intent(intent) if !is_own => (
                intent.header,
                "an intent stands in a file of policy, which the parser refuses for it",
                "move it to a file of its own whose name ends in `.intents`",
            ),
            Item::Intent(_) => continue,
            Item::Profile(profile) if is_own => (
                profile.header,
                "a profile stands in a file of intents",
                "move it to a file of policy",
            ),
            item if is_own => (
                item.range(),
                "something other than an intent stands in a file of intents",
                "write promises as `intent NAME { deny /etc/shadow r, }`",
            ),
            _ => continue,
        };
        let finding = sink.at(file.span(range), message).help(help);
        sink.report(finding);
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
            format!("unexpected `{text}` behind the name of an intent"),
            "an intent is `intent NAME { … }`; which profiles keep it is said in aalint.toml or by --intent",
        ),
        IntentFault::InProfile => (
            "an intent stands inside a profile".to_owned(),
            "write `# aalint: assert deny …,` there, or move it to a file of its own",
        ),
        IntentFault::NotARule => (
            format!("`{text}` is no promise"),
            "promises are rules with `allow` or `deny`",
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
            "an assertion is one rule".to_owned(),
            "write `# aalint: assert deny /etc/shadow r,`, a line for each",
        ),
        IntentFault::OutsideOfProfile => (
            "an assertion stands in no profile".to_owned(),
            "move it into the profile that it is about, or write an intent in a file of its own",
        ),
        IntentFault::NearlyAssert => (
            format!("there is no directive `{text}`"),
            "did you mean `assert`?",
        ),
    }
}
