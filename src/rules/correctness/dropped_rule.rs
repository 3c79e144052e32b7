//! `dropped-rule`: what apparmor_parser reads and does not load.

use crate::diagnostic::{Diagnostic, Severity};
use crate::lang::targets::Version;
use crate::lint::{Check, Cx, Sink};
use crate::policy::{DropReason, Dropped, DroppedItem, Fact, ProfileView};
use crate::source::Span;
use crate::syntax::ast::{Mode, Owner};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut by_include: Vec<(Span, Vec<&Dropped<'_>>)> = Vec::new();
    for dropped in &profile.dropped {
        let Some(include) = include_in_block(dropped) else {
            let mut finding = single(dropped, cx, sink);
            finding.via = dropped.via.to_vec();
            sink.report(finding);
            continue;
        };
        match by_include.iter_mut().find(|(known, _)| *known == include) {
            Some((_, all)) => all.push(dropped),
            None => by_include.push((include, vec![dropped])),
        }
    }
    for (via, fact) in cx.facts(profile) {
        if let Some(mut finding) = without_priority(fact, cx, sink) {
            finding.via = via.to_vec();
            sink.report(finding);
        }
    }
    for (include, all) in by_include {
        if let Some(finding) = included(include, &all, cx, sink) {
            sink.report(finding);
        }
    }
}

/// A rule whose priority the parser drops in a block.
fn without_priority(fact: &Fact<'_>, cx: &Cx<'_>, sink: &Sink<'_>) -> Option<Diagnostic> {
    let (written, place) = fact.rule.qualifiers.priority?;
    if written == fact.priority {
        return None;
    }
    let parser = cx.summaries.parser();
    let finding = sink
        .at(
            place.in_file(fact.file),
            format!("`priority={written}` has no effect: apparmor_parser drops it in a block"),
        )
        .note(format!(
            "apparmor_parser {parser} gives each rule in a block the priority 0"
        ))
        .help("move the rule out of the block");
    Some(if fact.mode == Mode::Deny && written > 0 {
        finding
            .note("an allow rule with a priority above 0 would override it")
            .severity(Severity::Error)
    } else {
        finding
    })
}

/// The include statement in the block, if the block lies in a file that includes the rule's file.
fn include_in_block(dropped: &Dropped<'_>) -> Option<Span> {
    let around = dropped.around;
    let is_inside = |place: &&Span| place.file == around.file && around.range.contains(place.range);
    dropped.via.iter().find(is_inside).copied()
}

fn single(dropped: &Dropped<'_>, cx: &Cx<'_>, sink: &Sink<'_>) -> Diagnostic {
    let place = dropped.item.range().in_file(dropped.file);
    let what = named(dropped, cx);
    let message = match dropped.why {
        DropReason::Owners(_) => format!("{what} matches nothing"),
        _ => match dropped.item {
            DroppedItem::Rule(..) => format!("{what} has no effect"),
            DroppedItem::Profile(_) => format!("{what} is not loaded"),
        },
    };
    let around = match dropped.why {
        DropReason::Block => "apparmor_parser drops it in a block",
        DropReason::Conditional => "apparmor_parser drops it in an `if`",
        DropReason::Owners(Owner::Owner) => "the block around it is for files of other users",
        DropReason::Owners(Owner::Other) => "the block around it is for files of the owner",
    };
    let mut finding = sink.at(place, format!("{message}: {around}"));
    if let Some(note) = note(dropped.why, cx.summaries.parser()) {
        finding = finding.note(note);
    }
    finding = match dropped.why {
        DropReason::Block => finding.help("move it out of the block"),
        DropReason::Conditional => finding.help("move it out of the `if`"),
        DropReason::Owners(_) => finding.help("remove one of the two qualifiers"),
    };
    if is_deny(dropped) {
        finding = finding
            .note("the rule denies nothing")
            .severity(Severity::Error);
    }
    finding
}

/// One finding for all that an include statement in a block brings in vain.
fn included(
    include: Span,
    all: &[&Dropped<'_>],
    cx: &Cx<'_>,
    sink: &Sink<'_>,
) -> Option<Diagnostic> {
    let denying = all.iter().find(|dropped| is_deny(dropped));
    let example = denying.or_else(|| all.first())?;
    let (rules, have) = match all.len() {
        1 => ("1 rule".to_owned(), "has"),
        count => (format!("{count} rules"), "have"),
    };
    let written = cx.slice(include).trim().trim_end_matches(',');
    let around = match example.why {
        DropReason::Conditional => "an `if`",
        _ => "a block",
    };
    let message =
        format!("{rules} of `{written}` {have} no effect: apparmor_parser drops them in {around}");
    let message = if all.len() == 1 {
        message.replace("drops them", "drops it")
    } else {
        message
    };
    let mut finding = sink
        .at(include, message)
        .note(format!("for example {}", named(example, cx)));
    if let Some(note) = note(example.why, cx.summaries.parser()) {
        finding = finding.note(note);
    }
    if denying.is_some() {
        finding = finding.severity(Severity::Error);
    }
    Some(finding.help(format!("move the include statement out of {around}")))
}

fn is_deny(dropped: &Dropped<'_>) -> bool {
    matches!(dropped.item, DroppedItem::Rule(_, true))
}

fn note(why: DropReason, parser: Version) -> Option<String> {
    let kept = match why {
        DropReason::Block => "only file, link and change_profile rules",
        DropReason::Conditional if parser < Version(4, 1) => {
            "only file, link, capability and change_profile rules"
        }
        DropReason::Conditional => "no resource limits",
        DropReason::Owners(_) => return None,
    };
    let around = match why {
        DropReason::Conditional => "an `if`",
        _ => "a block",
    };
    Some(format!(
        "apparmor_parser {parser} loads {kept} from {around}"
    ))
}

fn named(dropped: &Dropped<'_>, cx: &Cx<'_>) -> String {
    match dropped.item {
        DroppedItem::Rule(rule, _) => {
            let text = cx.slice(rule.range.in_file(dropped.file));
            let words: Vec<&str> = text.trim_end_matches(',').split_whitespace().collect();
            format!("`{}`", words.join(" "))
        }
        DroppedItem::Profile(profile) => {
            let kind = if profile.form.is_hat() {
                "hat"
            } else {
                "child profile"
            };
            format!("{kind} `{}`", cx.value(dropped.file, profile.name))
        }
    }
}
