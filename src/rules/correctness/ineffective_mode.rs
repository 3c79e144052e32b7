//! `ineffective-mode`: modes that do not do what they seem to do, and empty profiles.

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
        ProfileMode::Enforce => enforced_child(profile, cx, sink),
        _ => {}
    }
    empty(profile, cx, sink);
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

/// The children of a profile in complain mode that are enforced themselves: one finding, at the first of them.
fn enforced_child(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let unit = cx.units.iter().find(|unit| unit.file == profile.id.unit);
    let Some(unit) = unit else { return };
    let Some(number) = parent_of(profile, &unit.profiles) else {
        return;
    };
    let parent = unit.profiles.get(number);
    let Some(parent) = parent.filter(|parent| mode(parent, cx) == ProfileMode::Complain) else {
        return;
    };
    // A child that has the flag `enforce` is meant to be enforced.
    let is_enforced = |child: &&ProfileView<'_>| {
        let is_meant = child.ast.flags.is_some() && names_mode(child, cx);
        mode(child, cx) == ProfileMode::Enforce
            && !is_meant
            // By name, and not by looking for the parent of each: a file may have thousands of children.
            && match child.parent {
                Some(of_child) => of_child == number,
                None => is_named_below(child, parent),
            }
    };
    let mut enforced = unit.profiles.iter().filter(is_enforced);
    if enforced.next().is_none_or(|first| first.id != profile.id) {
        return;
    }
    let more: Vec<&ProfileView<'_>> = enforced.collect();
    let (name, parent) = (&profile.full_name, &parent.full_name);
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
        .at(profile.name_span(), message)
        .severity(Severity::Info)
        .note("a child profile or hat does not inherit the flags of its parent");
    for child in more.iter().take(MORE_SHOWN) {
        finding = finding.label(child.name_span(), "this one as well");
    }
    sink.report(if more.is_empty() {
        finding.help(format!("add `flags=(complain)` to `{}`", profile.name))
    } else {
        finding.help("add `flags=(complain)` to each of them")
    });
}

/// The place of a profile's parent among those of its file; `profile PARENT//CHILD { … }` is a child as well.
fn parent_of(profile: &ProfileView<'_>, all: &[ProfileView<'_>]) -> Option<usize> {
    profile.parent.or_else(|| {
        let (parent, _) = profile.full_name.rsplit_once("//")?;
        all.iter().position(|other| other.full_name == parent)
    })
}

/// Whether a profile is called `PARENT//CHILD`.
fn is_named_below(child: &ProfileView<'_>, parent: &ProfileView<'_>) -> bool {
    let name = child.full_name.rsplit_once("//");
    name.is_some_and(|(above, _)| above == parent.full_name)
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
