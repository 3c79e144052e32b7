//! A JSON document; docs/diff.md describes it field by field.

use std::io::{self, Write};

use serde::Serialize;

use super::counts::Counts;
use crate::access::PolicyVersion;
use crate::session::diff::{self, PolicyDiff, ProfileDiff, RuleRef, Status};

/// Version of the document's form. It changes when a field changes its meaning or goes away.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'d> {
    version: u32,
    tool: Tool,
    summary: Summary,
    profiles: Vec<Profile<'d>>,
    notes: &'d [String],
    failures: Vec<Failure<'d>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Summary {
    profiles: usize,
    unknown: usize,
    equal: usize,
    narrower: usize,
    wider: usize,
    incomparable: usize,
    added: usize,
    removed: usize,
    renamed: usize,
}

#[derive(Serialize)]
struct Failure<'d> {
    side: Option<&'static str>,
    what: &'d str,
    reason: &'d str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Profile<'d> {
    name: &'d str,
    status: &'static str,
    renamed_from: Option<&'d str>,
    mode: Option<&'static str>,
    relation: &'static str,
    old: Option<Place<'d>>,
    new: Option<Place<'d>>,
    attributes: Vec<Attribute<'d>>,
    changes: Vec<Change<'d>>,
    unknown: Vec<Rule<'d>>,
}

#[derive(Serialize)]
struct Attribute<'d> {
    attribute: &'d str,
    before: Option<&'d str>,
    after: Option<&'d str>,
    relation: &'static str,
}

#[derive(Serialize)]
struct Change<'d> {
    class: &'static str,
    gained: &'d str,
    lost: &'d str,
    transition: Option<Transition<'d>>,
    logging: &'d str,
    pattern: &'d str,
    whole: bool,
    request: &'d str,
    risk: &'static str,
    reason: Option<&'d str>,
    rules: Vec<Rule<'d>>,
}

#[derive(Serialize)]
struct Transition<'d> {
    before: &'d str,
    after: &'d str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'d> {
    side: &'static str,
    text: &'d str,
    #[serde(flatten)]
    place: Place<'d>,
    included_from: Vec<Place<'d>>,
}

#[derive(Serialize)]
struct Place<'d> {
    path: &'d str,
    line: u32,
    column: u32,
}

pub(super) fn write(diff: &PolicyDiff, out: &mut dyn Write) -> io::Result<()> {
    let counts = Counts::of(diff);
    let document = Document {
        version: VERSION,
        tool: Tool {
            name: "aalint",
            version: env!("CARGO_PKG_VERSION"),
        },
        summary: Summary {
            profiles: diff.profiles.len(),
            unknown: counts.unknown,
            equal: counts.equal,
            narrower: counts.narrower,
            wider: counts.wider,
            incomparable: counts.incomparable,
            added: counts.added,
            removed: counts.removed,
            renamed: counts.renamed,
        },
        profiles: diff.profiles.iter().map(of_profile).collect(),
        notes: &diff.notes,
        failures: diff
            .failures
            .iter()
            .map(|failure| Failure {
                side: failure.side.map(PolicyVersion::name),
                what: &failure.what,
                reason: &failure.why,
            })
            .collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn of_profile(profile: &ProfileDiff) -> Profile<'_> {
    let (status, renamed_from, mode) = match &profile.status {
        Status::Kept => ("kept", None, None),
        Status::Renamed(before) => ("renamed", Some(before.as_str()), None),
        Status::Added(mode) => ("added", None, Some(mode.name())),
        Status::Removed(mode) => ("removed", None, Some(mode.name())),
    };
    let [old, new] = &profile.places;
    let attributes = profile.attributes.iter().map(|change| Attribute {
        attribute: &change.name,
        before: change.before.as_deref(),
        after: change.after.as_deref(),
        relation: change.relation.name(),
    });
    Profile {
        name: &profile.name,
        status,
        renamed_from,
        mode,
        relation: profile.relation_name(),
        old: old.as_ref().map(of_place),
        new: new.as_ref().map(of_place),
        attributes: attributes.collect(),
        changes: profile.changes.iter().map(of_change).collect(),
        unknown: profile.unknown.iter().map(of_rule).collect(),
    }
}

fn of_change(change: &diff::AccessChange) -> Change<'_> {
    let transition = change.transition.as_ref();
    Change {
        class: change.class.name(),
        gained: &change.gained,
        lost: &change.lost,
        transition: transition.map(|(before, after)| Transition { before, after }),
        logging: &change.logging,
        pattern: &change.pattern,
        whole: change.is_whole,
        request: &change.request,
        risk: change.risk.level.name(),
        reason: change.risk.reason.as_deref(),
        rules: change.rules.iter().map(of_rule).collect(),
    }
}

fn of_rule(rule: &RuleRef) -> Rule<'_> {
    Rule {
        side: rule.version.name(),
        text: &rule.text,
        place: of_place(&rule.place),
        included_from: rule.via.iter().map(of_place).collect(),
    }
}

fn of_place(place: &diff::Place) -> Place<'_> {
    Place {
        path: &place.path,
        line: place.line,
        column: place.column,
    }
}
