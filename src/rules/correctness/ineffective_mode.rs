//! `ineffective-mode`: modes that do not do what they seem to do, and empty profiles.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::access::{Class, EntryRef, ProfileMode};
use crate::diagnostic::Severity;
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::source::Span;
use crate::syntax::ast::{Body, Item, Mode, Word};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Most deny rules of a profile that are looked at for one that is in force.
const MAX_DENIES: usize = 64;

/// How many more children a finding shows.
const MORE_SHOWN: usize = 3;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    match mode(profile, cx) {
        ProfileMode::Unconfined => unconfined(profile, cx, sink),
        ProfileMode::Complain => complain(profile, cx, sink),
        _ => {}
    }
    empty(profile, cx, sink);
    enforced_children(profile, cx, sink);
}

fn mode(profile: &ProfileView<'_>, cx: &Cx<'_>) -> ProfileMode {
    ProfileMode::of(profile, &cx.store.sources.get(profile.file).text)
}

fn unconfined(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    // User namespaces are mediated even there (Ubuntu's restriction of unprivileged ones).
    let pointless = profile
        .own_facts(cx.summaries)
        .find(|fact| match &fact.rule.body {
            Body::File(rule) => !is_own_program(profile, fact, rule.path, cx),
            Body::Capability(_) | Body::Network(_) | Body::Mount(_) => true,
            _ => false,
        });
    if let Some(fact) = pointless {
        let finding = sink
            .at(
                profile.name_span(),
                format!("the rules of `{}` are not enforced", profile.full_name),
            )
            .label(cx.span(fact), "has no effect under `unconfined`")
            .note("under `unconfined` the kernel enforces no file, capability, network or mount rule")
            .help("remove the flag to enforce the profile, or the rules if the profile is only a name");
        sink.report(finding);
    }
}

/// The first deny rule that is enforced although the profile is in complain mode.
fn complain(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let is_quiet = |fact: &Fact<'_>| fact.mode == Mode::Deny && !fact.is_audit;
    if !profile.own_facts(cx.summaries).any(is_quiet) {
        return;
    }
    let effective = cx.effective(profile);
    let mut denies: Vec<(Span, Class, EntryRef<'_>, &Fact<'_>)> = Vec::new();
    for class in Class::ALL {
        let own = effective
            .denies(class)
            .filter(|deny| profile.is_own(deny.segment));
        denies.extend(own.filter_map(|deny| {
            let (_, fact) = deny.origin(profile, cx.summaries)?;
            is_quiet(fact).then(|| (cx.span(fact), class, deny, fact))
        }));
    }
    denies.sort_by_key(|(span, ..)| *span);
    // A rule of a higher priority may allow what the first ones deny.
    let first = denies.iter().take(MAX_DENIES).find(|(_, class, deny, _)| {
        let verdict = effective.decide(*class, &deny.entry.nfa.example());
        verdict.quiet & deny.entry.mask != 0
    });
    let Some((.., fact)) = first else { return };
    let finding = sink
        .at(
            cx.span(fact),
            format!("`{}` is enforced although `{}` is in complain mode", cx.brief(fact), profile.full_name),
        )
        .severity(Severity::Info)
        .note("in complain mode a `deny` rule without `audit` still denies, and the kernel does not log it")
        .help("write `audit deny`, or leave the rule out while the profile is on trial");
    sink.report(finding);
}

/// The children of profiles in complain mode that are enforced themselves: for each parent one finding, at the first of
/// them. A file may have thousands of children, so it is looked at once, with its first profile.
fn enforced_children(first: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    if first.id.number != 0 {
        return;
    }
    let unit = cx.units.iter().find(|unit| unit.file == first.id.unit);
    let Some(unit) = unit else { return };
    let mut numbers: FxHashMap<&str, usize> = FxHashMap::default();
    for (number, profile) in unit.profiles.iter().enumerate() {
        numbers.entry(&profile.full_name).or_insert(number);
    }
    let mut enforced: BTreeMap<usize, Vec<&ProfileView<'_>>> = BTreeMap::new();
    for child in &unit.profiles {
        // `profile PARENT//CHILD { … }` is a child as well.
        let by_name = || numbers.get(child.full_name.rsplit_once("//")?.0).copied();
        let Some(parent) = child.parent.or_else(by_name) else {
            continue;
        };
        // A child that has the flag `enforce` is meant to be enforced.
        let is_meant = child.ast.flags.is_some() && names_mode(child, cx);
        if !is_meant && mode(child, cx) == ProfileMode::Enforce {
            enforced.entry(parent).or_default().push(child);
        }
    }
    for (parent, children) in enforced {
        let parent = unit.profiles.get(parent);
        if let Some(parent) = parent.filter(|parent| mode(parent, cx) == ProfileMode::Complain) {
            of_children(parent, &children, sink);
        }
    }
}

fn of_children(parent: &ProfileView<'_>, children: &[&ProfileView<'_>], sink: &mut Sink<'_>) {
    let Some((first, more)) = children.split_first() else {
        return;
    };
    let (name, parent) = (&first.full_name, &parent.full_name);
    let message = match more.len() {
        0 => format!("`{name}` is enforced although `{parent}` is in complain mode"),
        1 => format!(
            "`{name}` and 1 more child are enforced although `{parent}` is in complain mode"
        ),
        count => format!(
            "`{name}` and {count} more children are enforced although `{parent}` is in complain mode"
        ),
    };
    let mut finding = sink
        .at(first.name_span(), message)
        .severity(Severity::Info)
        .note("a child profile or hat does not inherit the flags of its parent");
    for child in more.iter().take(MORE_SHOWN) {
        finding = finding.label(child.name_span(), "this one as well");
    }
    finding.via.extend_from_slice(&first.via);
    sink.report(if more.is_empty() {
        finding.help(format!("add `flags=(complain)` to `{}`", first.name))
    } else {
        finding.help("add `flags=(complain)` to each of them")
    });
}

fn names_mode(profile: &ProfileView<'_>, cx: &Cx<'_>) -> bool {
    let source = cx.store.sources.get(profile.file);
    profile.flags(&source.text).contains(&"enforce")
}

fn empty(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let is_empty = profile
        .ast
        .items
        .iter()
        .all(|item| matches!(item, Item::Abi(_)));
    // A hat or child may be a place to change into, without anything to do there.
    let refuses = matches!(mode(profile, cx), ProfileMode::Enforce | ProfileMode::Kill);
    if is_empty && refuses && profile.parent.is_none() {
        let finding = sink
            .at(
                profile.name_span(),
                format!("the profile `{}` is empty", profile.full_name),
            )
            .note("it allows no file, so a program that starts under it cannot read its libraries")
            .help("begin with `include <abstractions/base>`");
        sink.report(finding);
    }
}

/// Whether a path is the program that the profile attaches to. Profiles that are no more than a name,
/// as AppArmor ships them since 4.1, have `@{exec_path} mr,`.
fn is_own_program(profile: &ProfileView<'_>, fact: &Fact<'_>, path: Word, cx: &Cx<'_>) -> bool {
    let path = cx.expand(profile, fact, path);
    path.is_some() && path == profile.attachment
}
