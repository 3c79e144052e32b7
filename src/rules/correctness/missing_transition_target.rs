//! `missing-transition-target`: transitions to profiles that are not there.

use rustc_hash::FxHashSet;

use crate::lang::permissions::ExecKind;
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView, Unit};
use crate::syntax::ast::{Body, FileRule, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Policy(check);

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let names: FxHashSet<&str> = cx
        .units
        .iter()
        .flat_map(|unit| &unit.profiles)
        .map(|profile| profile.full_name.as_str())
        .collect();
    // What could not be read may hold the profile.
    let is_all_known = cx.units.iter().all(Unit::is_whole);
    for unit in cx.units.iter().filter(|unit| unit.is_whole()) {
        let mut children: Vec<Vec<&ProfileView<'_>>> = vec![Vec::new(); unit.profiles.len()];
        for child in &unit.profiles {
            if let Some(siblings) = child.parent.and_then(|parent| children.get_mut(parent)) {
                siblings.push(child);
            }
        }
        for (index, profile) in unit.profiles.iter().enumerate() {
            let children = children.get(index).map(Vec::as_slice).unwrap_or_default();
            let facts = profile.own_facts(cx.summaries);
            for fact in facts.filter(|fact| fact.mode == Mode::Allow) {
                match &fact.rule.body {
                    Body::File(rule) => {
                        let is_set_known = cx.is_whole_set && is_all_known;
                        exec(
                            rule,
                            fact,
                            (profile, children),
                            (&names, is_set_known),
                            cx,
                            sink,
                        );
                    }
                    Body::ChangeProfile(change) if cx.is_whole_set && is_all_known => {
                        let Some(word) = change.target else { continue };
                        if let Some(name) = cx.expand(profile, fact, word) {
                            missing(&name, word.0.in_file(fact.file), &names, sink);
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}

/// What a file rule executes into, of a profile with these children.
fn exec(
    rule: &FileRule,
    fact: &Fact<'_>,
    (profile, children): (&ProfileView<'_>, &[&ProfileView<'_>]),
    (names, is_set_known): (&FxHashSet<&str>, bool),
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let Some(mode) = rule.perms.exec_mode else {
        return;
    };
    let target = match rule.target {
        Some(word) => match cx.expand(profile, fact, word) {
            Some(target) => Some(target),
            None => return,
        },
        None => None,
    };
    let place = rule.target.unwrap_or(rule.path).0.in_file(fact.file);
    let denied = "the exec fails with \"permission denied\"";
    match (mode.kind, target) {
        // A profile of that name beside this one may be meant; that it is not found says nothing here.
        (ExecKind::Child, Some(name))
            if !has_child(children, profile, &name) && !names.contains(name.as_str()) =>
        {
            let message = format!("`{}` has no child profile `{name}`", profile.full_name);
            let finding = sink
                .at(place, message)
                .note(denied)
                .help(format!("add `profile {name} {{ … }}` to the profile"));
            sink.report(finding);
        }
        (ExecKind::Child, None) if children.is_empty() => {
            let message = format!(
                "`{}` has no child profile for the exec of `{}`",
                profile.full_name,
                cx.slice(place)
            );
            let finding = sink
                .at(place, message)
                .note(denied)
                .help("add a child profile whose name is the path, or use another exec mode");
            sink.report(finding);
        }
        (ExecKind::Profile, Some(name)) if is_set_known => missing(&name, place, names, sink),
        _ => {}
    }
}

/// A target may be a stack, and stands then for several children.
fn has_child(children: &[&ProfileView<'_>], profile: &ProfileView<'_>, name: &str) -> bool {
    let local = name
        .strip_prefix(&format!("{}//", profile.full_name))
        .unwrap_or(name);
    is_pattern(name)
        || name.contains("//&")
        || name.starts_with('&')
        || children.iter().any(|child| child.name == local)
}

fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?', '[', '{'])
}

fn missing(name: &str, place: crate::source::Span, names: &FxHashSet<&str>, sink: &mut Sink<'_>) {
    let parts = name.split("//&").map(|part| part.trim_start_matches('&'));
    for part in parts {
        if is_pattern(part) || part.starts_with(':') || part == "unconfined" || names.contains(part)
        {
            continue;
        }
        let finding = sink
            .at(place, format!("no checked file defines the profile `{part}`"))
            .note("the transition fails with \"permission denied\" unless the profile is loaded from elsewhere")
            .help("add the profile, or correct the name");
        sink.report(finding);
    }
}
