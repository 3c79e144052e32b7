//! Words for differences.

use super::super::plural;
use super::counts::Counts;
use crate::access::{Class, Relation};
use crate::session::diff::{AccessChange, AttributeChange, PolicyDiff, ProfileDiff, Status};

/// What became of a profile, in a word or a few.
pub(super) fn verdict(profile: &ProfileDiff) -> String {
    match &profile.status {
        Status::Added(mode) => format!("added ({})", mode.name()),
        Status::Removed(mode) => format!("removed ({})", mode.name()),
        Status::Kept | Status::Renamed(_) if profile.is_undecided => "unknown".to_owned(),
        Status::Kept | Status::Renamed(_) => {
            let is_exact = profile.relation == Relation::Equal
                && profile
                    .changes
                    .iter()
                    .any(|change| !change.logging.is_empty());
            if is_exact {
                "equal but for logging".to_owned()
            } else {
                profile.relation.name().to_owned()
            }
        }
    }
}

/// What its coming or going means, where that is not plain.
pub(super) fn meaning(profile: &ProfileDiff) -> Option<&'static str> {
    match (&profile.status, profile.relation) {
        (Status::Added(_), Relation::Wider) => {
            Some("this mode lets everything pass that no rule denies")
        }
        (Status::Removed(_), Relation::Wider) => Some("what it confined runs without it"),
        _ => None,
    }
}

/// `enforce -> complain`, or what came or went.
pub(super) fn attribute(change: &AttributeChange) -> String {
    let told = match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!("{before} -> {after}"),
        (None, Some(after)) => format!("{after} (new)"),
        (Some(before), None) => format!("{before} (gone)"),
        (None, None) => String::new(),
    };
    format!("{}: {told}", change.name)
}

/// What becomes of the permissions: each with the sign of its line.
pub(super) fn effects(change: &AccessChange) -> Vec<(char, String)> {
    let mut effects = Vec::new();
    if !change.gained.is_empty() {
        effects.push(('+', change.gained.clone()));
    }
    if !change.lost.is_empty() {
        effects.push(('-', change.lost.clone()));
    }
    if let Some((before, after)) = &change.transition {
        effects.push(('~', format!("{before} => {after}")));
    }
    if !change.logging.is_empty() {
        effects.push(('~', change.logging.clone()));
    }
    effects
}

/// The request, if it says more than the pattern.
pub(super) fn example(change: &AccessChange) -> Option<&str> {
    let says_it = match change.class {
        Class::File => change.request.contains(&change.pattern),
        _ => change.request == change.pattern,
    };
    Some(change.request.as_str()).filter(|_| !says_it)
}

/// `5 profiles: 1 wider, 3 equal, 1 added; 1 renamed`
pub(super) fn summary(diff: &PolicyDiff) -> String {
    let counts = Counts::of(diff);
    let all = [
        (counts.wider, "wider"),
        (counts.narrower, "narrower"),
        (counts.incomparable, "incomparable"),
        (counts.unknown, "unknown"),
        (counts.equal, "equal"),
        (counts.added, "added"),
        (counts.removed, "removed"),
    ];
    let told: Vec<String> = all
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let renamed = match counts.renamed {
        0 => String::new(),
        count => format!("; {count} renamed"),
    };
    let profiles = plural(diff.profiles.len(), "profile");
    if told.is_empty() {
        format!("{profiles}: nothing to compare")
    } else {
        format!("{profiles}: {}{renamed}", told.join(", "))
    }
}
