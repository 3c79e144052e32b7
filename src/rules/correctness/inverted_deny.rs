//! `inverted-deny`: rules that deny, and allow in a block.

use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, InBlock, ProfileView};
use crate::source::TextRange;
use crate::syntax::ast::Mode;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (via, fact) in cx.facts(profile) {
        let InBlock::Inverted(becomes) = fact.in_block else {
            continue;
        };
        let meant = match fact.mode {
            Mode::Deny => "deny",
            Mode::Prompt => "prompt",
            // A block that denies what a rule in it allows is an error of its own.
            Mode::Allow => continue,
        };
        let becomes = match becomes {
            Mode::Allow => "allows",
            Mode::Deny => "denies",
            Mode::Prompt => "prompts",
        };
        let (body, parser) = (body(fact, cx), cx.summaries.parser());
        let mut finding = sink
            .at(
                cx.span(fact),
                format!("apparmor_parser {parser} compiles `{meant} {body}` in a block as a rule that {becomes}"),
            )
            .note("apparmor_parser 4.0 to 5.0 takes the qualifiers of the block in place of those of the rule")
            .help("move the rule out of the block");
        finding.via = via.to_vec();
        sink.report(finding);
    }
}

/// A rule on one line, without its qualifiers and its comma.
fn body(fact: &Fact<'_>, cx: &Cx<'_>) -> String {
    let rule = fact.rule;
    let start = rule.qualifiers.range.end.max(rule.range.start);
    let text = cx.slice(TextRange::new(start, rule.range.end).in_file(fact.file));
    let words: Vec<&str> = text.trim_end_matches(',').split_whitespace().collect();
    words.join(" ")
}
