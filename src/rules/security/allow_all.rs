//! `allow-all`: rules that grant everything.

use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let source = cx.store.sources.get(profile.file);
    if let Some(flags) = &profile.ast.flags
        && profile.flags(&source.text).contains(&"default_allow")
    {
        let finding = sink
            .at(
                flags.range.in_file(profile.file),
                format!("`{}` allows what it does not deny", profile.full_name),
            )
            .note("what the profile does not think of is open")
            .help("remove the flag and grant what the program needs");
        sink.report(finding);
    }
    for fact in profile
        .own_facts(cx.summaries)
        .filter(|fact| fact.mode == Mode::Allow)
    {
        let message = match fact.rule.body {
            Body::All => "everything is granted",
            Body::AllFiles => "every file is granted with every permission, execution included",
            _ => continue,
        };
        let finding = sink
            .at(cx.span(fact), message)
            .note("what the profile does not think of is open")
            .help("grant what the program needs");
        sink.report(finding);
    }
}
