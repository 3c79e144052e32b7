//! `refused-in-block`: rules that apparmor_parser takes alone, and refuses in a block.

use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, InBlock, ProfileView};
use crate::syntax::fault::FaultKind;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (via, fact) in cx.facts(profile) {
        if fact.in_block != InBlock::Refused || is_wrong_alone(fact, cx) {
            continue;
        }
        let parser = cx.summaries.parser();
        let rule = cx.brief(fact);
        let mut finding = sink
            .at(
                cx.span(fact),
                format!("apparmor_parser {parser} refuses `{rule}` in a block"),
            )
            .note("it checks the exec permission again with the qualifiers of the block alone")
            .help("move the rule out of the block");
        finding.via = via.to_vec();
        sink.report(finding);
    }
}

/// Whether another finding says that the exec permission is wrong.
fn is_wrong_alone(fact: &Fact<'_>, cx: &Cx<'_>) -> bool {
    let faults = cx.store.file(fact.file).map(|loaded| &loaded.file.faults);
    faults.into_iter().flatten().any(|fault| {
        let is_exec = matches!(
            fault.kind,
            FaultKind::BareX | FaultKind::DenyWithExecMode { .. }
        );
        is_exec && fact.rule.range.contains(fault.range)
    })
}
