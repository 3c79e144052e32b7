//! A JSON document; docs/show.md describes it field by field.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::super::vocabulary::{self, Document, Location, RuleRef};
use crate::access::{Exec, ProfileMode};
use crate::session::diff::RiskLevel;
use crate::session::{
    AccessTopic, EngineFactResult, FactStanding, Grant, ShownDenial, ShownProfile, TopicGrants,
};

/// The document of `show`.
#[derive(Serialize, JsonSchema)]
pub(in crate::report) struct ShowDocument<'p> {
    /// Full name of the profile.
    profile: &'p str,
    /// The name in the header of the profile.
    location: Location<'p>,
    /// What the profile attaches to, with the values of variables.
    attachment: Option<&'p str>,
    /// The mode of the profile. All that follows is what the rules decide, whatever the mode is.
    #[schemars(extend("enum" = ProfileMode::ALL.map(ProfileMode::name)))]
    mode: &'static str,
    /// Whether the file has errors that keep the parser from loading it.
    faulty: bool,
    /// The full names of the children and hats.
    children: &'p [String],
    /// What the rules allow, the riskiest topic first.
    topics: Vec<TopicJson<'p>>,
    /// Topics about which no rule allows anything. A topic of which that is not known is in neither list.
    absent: Vec<&'static str>,
    /// Deny rules that are in force; those that override a rule that allows come first.
    denials: Vec<DenialJson<'p>>,
    /// Includes and rules that cannot be read: what they allow or deny is not known.
    unknown: Vec<RuleRef<'p>>,
    /// How the profile compares with the default profile of Docker.
    comparison: ComparisonJson<'p>,
}

impl Document for ShowDocument<'_> {
    const NAME: &'static str = "show";
    const COMMAND: &'static str = "show --format json";
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TopicJson<'p> {
    #[schemars(extend("enum" = AccessTopic::ALL.map(AccessTopic::name)))]
    topic: &'static str,
    /// The highest risk of the grants.
    #[schemars(extend("enum" = RiskLevel::ALL.map(RiskLevel::name)))]
    risk: &'static str,
    /// Whether a rule that cannot be read could deny some of it.
    may_be_denied: bool,
    /// What is allowed, the riskiest first.
    grants: Vec<GrantJson<'p>>,
}

#[derive(Serialize, JsonSchema)]
struct GrantJson<'p> {
    /// Permissions in letters (files) or words. `(prompt)` after them: left to prompts. Empty for a capability.
    permissions: &'p str,
    /// The pattern of the rule as written, or the request if several rules allow it together; the name of a capability.
    pattern: &'p str,
    /// Whether everything that the pattern matches is allowed; otherwise a part of it is.
    whole: bool,
    /// A request that is allowed, in the syntax of rules.
    request: &'p str,
    /// What programs run under that it starts: one, or one for files of the program's own user and one for others.
    execs: Vec<ExecJson<'p>>,
    /// What the profile does not allow, and the capability needs it to have effect: a sentence, or `null`.
    missing: Option<&'static str>,
    #[schemars(extend("enum" = RiskLevel::ALL.map(RiskLevel::name)))]
    risk: &'static str,
    /// Why it is a risk.
    reason: Option<&'p str>,
    /// The rules that allow it.
    rules: Vec<RuleRef<'p>>,
}

#[derive(Serialize, JsonSchema)]
struct ExecJson<'p> {
    /// The exec mode, such as `Px`.
    mode: String,
    /// The profile that the rule names.
    target: Option<&'p str>,
}

#[derive(Serialize, JsonSchema)]
struct DenialJson<'p> {
    rule: RuleRef<'p>,
    /// A request that another rule allows and this one denies, or `null`.
    overrides: Option<&'p str>,
}

#[derive(Serialize, JsonSchema)]
struct ComparisonJson<'p> {
    /// The name of the default profile.
    name: &'static str,
    /// The version of the engine.
    version: &'static str,
    /// What is known of the default profile.
    facts: Vec<FactJson<'p>>,
    /// What the default profile allows and this one does not allow, or not all of.
    narrower: &'p [&'static str],
}

#[derive(Serialize, JsonSchema)]
struct FactJson<'p> {
    /// The fact as a promise, as `engine-profile show` prints it.
    promise: &'static str,
    /// What it is about.
    about: &'static str,
    /// `kept`: the profile decides alike. `weaker`: it allows what the default profile denies, or a part. `stricter`: it
    /// does not allow all that the default profile allows.
    #[schemars(extend("enum" = FactStanding::ALL.map(FactStanding::name)))]
    standing: &'static str,
    /// A request that the two decide differently, in the syntax of rules; `null` if they do so about all of the fact.
    example: Option<&'p str>,
}

pub(super) fn write(profile: &ShownProfile, out: &mut dyn Write) -> io::Result<()> {
    let compared = &profile.comparison;
    let document = ShowDocument {
        profile: &profile.name,
        location: (&profile.place).into(),
        attachment: profile.attachment.as_deref(),
        mode: profile.mode.name(),
        faulty: profile.is_faulty,
        children: &profile.children,
        topics: profile.topics.iter().map(of_topic).collect(),
        absent: profile.absent.iter().map(|topic| topic.name()).collect(),
        denials: profile.denials.iter().map(of_denial).collect(),
        unknown: profile.unknown.iter().map(RuleRef::from).collect(),
        comparison: ComparisonJson {
            name: compared.name,
            version: compared.version,
            facts: compared.facts.iter().map(of_fact).collect(),
            narrower: &compared.narrower,
        },
    };
    vocabulary::write(document, out)
}

fn of_topic(topic: &TopicGrants) -> TopicJson<'_> {
    TopicJson {
        topic: topic.topic.name(),
        risk: topic.risk().name(),
        may_be_denied: topic.may_be_denied,
        grants: topic.grants.iter().map(of_grant).collect(),
    }
}

fn of_grant(grant: &Grant) -> GrantJson<'_> {
    GrantJson {
        permissions: &grant.permissions,
        pattern: &grant.pattern,
        whole: grant.is_whole,
        request: &grant.request,
        execs: grant.execs.iter().map(of_exec).collect(),
        missing: grant.missing,
        risk: grant.risk.level.name(),
        reason: grant.risk.reason.as_deref(),
        rules: grant.rules.iter().map(RuleRef::from).collect(),
    }
}

fn of_exec(exec: &Exec) -> ExecJson<'_> {
    ExecJson {
        mode: exec.mode.to_string(),
        target: exec.target.as_deref(),
    }
}

fn of_denial(denial: &ShownDenial) -> DenialJson<'_> {
    DenialJson {
        rule: (&denial.rule).into(),
        overrides: denial.overrides.as_deref(),
    }
}

fn of_fact(fact: &EngineFactResult) -> FactJson<'_> {
    FactJson {
        promise: fact.promise,
        about: fact.about,
        standing: fact.standing.name(),
        example: fact.example.as_deref(),
    }
}
