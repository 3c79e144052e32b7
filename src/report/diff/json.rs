//! A JSON document; docs/diff.md describes it field by field.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::super::vocabulary::{self, Document, Location, RuleRef};
use super::counts::Counts;
use crate::access::{Class, PolicyVersion};
use crate::session::diff::{self, PolicyDiff, ProfileDiff, RiskLevel, Status, VersionedRule};

/// The document of `diff`.
#[derive(Serialize, JsonSchema)]
pub(in crate::report) struct DiffDocument<'d> {
    /// Counts. A renamed profile also counts by how it compares.
    summary: Summary,
    /// All profiles, equal ones included, sorted by name.
    profiles: Vec<ProfileJson<'d>>,
    /// What holds for the whole comparison, as sentences.
    notes: &'d [String],
    /// What could not be judged or compared. The exit code is then 2.
    failures: Vec<Failure<'d>>,
}

impl Document for DiffDocument<'_> {
    const NAME: &'static str = "diff";
    const COMMAND: &'static str = "diff --format json";
}

#[derive(Serialize, JsonSchema)]
struct Summary {
    /// All profiles.
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

/// Something that could not be judged.
#[derive(Serialize, JsonSchema)]
struct Failure<'d> {
    /// The version that it is in, if it is in one.
    #[schemars(extend("enum" = ["old", "new", null]))]
    side: Option<&'static str>,
    /// The path of a file, or which profile.
    what: &'d str,
    reason: &'d str,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ProfileJson<'d> {
    /// The full name, a child's as `parent//child`; the new one if the profile was renamed.
    name: &'d str,
    #[schemars(extend("enum" = ["kept", "renamed", "added", "removed"]))]
    status: &'static str,
    /// The old name of a profile that was renamed.
    renamed_from: Option<&'d str>,
    /// The mode of a profile that was added or removed.
    mode: Option<&'static str>,
    /// How the new version compares with the old one.
    #[schemars(extend("enum" = ["equal", "narrower", "wider", "incomparable", "unknown"]))]
    relation: &'static str,
    /// The name of the profile in the old version.
    old: Option<Location<'d>>,
    /// The name of the profile in the new version.
    new: Option<Location<'d>>,
    /// What differs and is not a rule.
    attributes: Vec<Attribute<'d>>,
    /// What differs in what the rules decide: gains first, the riskiest of them first; then losses; then logging.
    changes: Vec<ChangeJson<'d>>,
    /// Includes that are missing and rules that cannot be read.
    unknown: Vec<VersionedRuleJson<'d>>,
}

#[derive(Serialize, JsonSchema)]
struct Attribute<'d> {
    /// Such as `mode`, `attachment`, `flag …`, `rlimit …`, `abi`.
    attribute: &'d str,
    before: Option<&'d str>,
    after: Option<&'d str>,
    /// How this alone makes the versions compare.
    #[schemars(extend("enum" = ["equal", "narrower", "wider", "incomparable"]))]
    relation: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct ChangeJson<'d> {
    /// The keyword of the kind of request.
    #[schemars(extend("enum" = Class::ALL.map(Class::name)))]
    class: &'static str,
    /// Permissions in letters (files), names (capabilities) or words; empty if none is gained. `(prompt)` after them: left to prompts.
    gained: &'d str,
    /// The same for permissions that are lost.
    lost: &'d str,
    /// For an exec that both versions allow and that leads elsewhere.
    transition: Option<Transition<'d>>,
    /// With `--exact`: what is recorded or silenced otherwise, in words; otherwise empty.
    logging: &'d str,
    /// The pattern of the rule that makes the change, as written, or the request if there are several.
    pattern: &'d str,
    /// Whether everything that the pattern matches changes like this.
    whole: bool,
    /// A request for which the versions differ, in the syntax of rules.
    request: &'d str,
    #[schemars(extend("enum" = RiskLevel::ALL.map(RiskLevel::name)))]
    risk: &'static str,
    /// Why it is a risk.
    reason: Option<&'d str>,
    /// The rules that make the change.
    rules: Vec<VersionedRuleJson<'d>>,
}

#[derive(Serialize, JsonSchema)]
struct Transition<'d> {
    before: &'d str,
    after: &'d str,
}

#[derive(Serialize, JsonSchema)]
struct VersionedRuleJson<'d> {
    /// The version that the rule is in.
    #[schemars(extend("enum" = ["old", "new"]))]
    side: &'static str,
    #[serde(flatten)]
    rule: RuleRef<'d>,
}

pub(super) fn write(diff: &PolicyDiff, out: &mut dyn Write) -> io::Result<()> {
    let counts = Counts::of(diff);
    let document = DiffDocument {
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
    vocabulary::write(document, out)
}

fn of_profile(profile: &ProfileDiff) -> ProfileJson<'_> {
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
    ProfileJson {
        name: &profile.name,
        status,
        renamed_from,
        mode,
        relation: profile.relation_name(),
        old: old.as_ref().map(Location::from),
        new: new.as_ref().map(Location::from),
        attributes: attributes.collect(),
        changes: profile.changes.iter().map(of_change).collect(),
        unknown: profile.unknown.iter().map(of_rule).collect(),
    }
}

fn of_change(change: &diff::AccessChange) -> ChangeJson<'_> {
    let transition = change.transition.as_ref();
    ChangeJson {
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

fn of_rule(versioned: &VersionedRule) -> VersionedRuleJson<'_> {
    VersionedRuleJson {
        side: versioned.version.name(),
        rule: (&versioned.rule).into(),
    }
}
