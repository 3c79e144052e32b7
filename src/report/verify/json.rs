//! The JSON documents of a verification; docs/json.md names their schemas.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::super::vocabulary::{self, Document, Location, RuleRef};
use super::reason::why;
use super::words::{DECIDED, decided, halves, linked_from, request, result, side};
use super::{container, evidence};
use crate::access::Class;
use crate::verify::probe::Probed;
use crate::verify::{
    Answer, Asked, Judged, Plan, ProofStatus, Question, QuestionId, Refusal, Reply, Side, Subject,
    SubjectKind, Verification, WitnessOrigin,
};

/// The document of `verify`.
#[derive(Serialize, JsonSchema)]
pub(in crate::report) struct VerifyDocument<'v> {
    /// What was verified: `a`, the policy; `b`, probes; `c`, the container.
    #[schemars(extend("items" = { "type": "string", "enum": ["a", "b", "c"] }))]
    tiers: Vec<&'static str>,
    machine: Machine<'v>,
    policy: PolicyJson<'v>,
    /// What was to be confirmed: promises, what lint rules imply, and rules.
    subjects: Vec<SubjectJson<'v>>,
    /// What came of tier C.
    container: Option<container::ContainerJson<'v>>,
    notes: Notes<'v>,
    summary: Summary,
}

impl Document for VerifyDocument<'_> {
    const NAME: &'static str = "verify";
    const COMMAND: &'static str = "verify --format json";
}

/// The document of `verify --allow-skip` where nothing was verified.
#[derive(Serialize, JsonSchema)]
pub(in crate::report) struct SkipDocument {
    skipped: Skipped,
}

impl Document for SkipDocument {
    const NAME: &'static str = "verify-skip";
    const COMMAND: &'static str = "verify --format json --allow-skip, if nothing was verified";
}

#[derive(Serialize, JsonSchema)]
struct Skipped {
    /// Why this machine cannot verify the policy.
    reason: String,
    /// What to do.
    help: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct Machine<'v> {
    /// The release of the kernel.
    kernel: &'v str,
    /// The version of apparmor_parser.
    parser: &'v str,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PolicyJson<'v> {
    /// The file that defines the profiles.
    path: &'v str,
    profiles: Vec<ProfileMode<'v>>,
    /// The hash of what the parser compiled.
    sha256: &'v str,
    /// The hash that the kernel shows of what it loaded; null before Linux 6.8.
    kernel_sha256: Option<&'v str>,
    /// Whether the copy of the kernel is what was compiled, byte for byte; null where the kernel does not show it.
    is_same: Option<bool>,
    /// Whether the policy was loaded before, and stayed.
    was_loaded: bool,
    /// Whether other policy was in its place before, and came back.
    has_replaced: bool,
    /// What changed in the policy of the kernel while it was asked.
    change: Option<&'v str>,
}

#[derive(Serialize, JsonSchema)]
struct ProfileMode<'v> {
    name: &'v str,
    /// The mode that the kernel shows.
    mode: &'v str,
}

/// Something that was to be confirmed.
#[derive(Serialize, JsonSchema)]
struct SubjectJson<'v> {
    /// Full name of the profile.
    profile: &'v str,
    #[schemars(extend("enum" = ["intent", "assertion", "lint", "rule"]))]
    kind: &'static str,
    /// For `intent`: the name of the intent.
    intent: Option<&'v str>,
    /// For `lint`: the name of the lint rule that implies it. The location is then the header of the profile.
    lint: Option<&'v str>,
    /// The promise or rule as written.
    text: &'v str,
    #[serde(flatten)]
    location: Location<'v>,
    /// What aalint decides for all of it, in the mode of the profile. `refused`: denied or unmatched, which a kernel does not
    /// tell apart.
    #[schemars(extend("enum" = DECIDED.map(decided)))]
    r#static: &'static str,
    /// What the kernel decides for the witnesses.
    #[schemars(extend("enum" = SIDES.map(side)))]
    kernel: &'static str,
    /// What the probes of the witnesses showed; `-` where none showed anything.
    #[schemars(extend("enum" = SIDES.map(side)))]
    probe: &'static str,
    #[schemars(extend("enum" = ProofStatus::ALL.map(result)))]
    result: &'static str,
    /// Why it is not proved, or what a rule that is proved needs to have effect, as a sentence.
    reason: Option<String>,
    /// The rules that decide the witnesses, the first few.
    rules: Vec<RuleRef<'v>>,
    /// The requests that show it.
    witnesses: Vec<EvidenceJson>,
    /// Requests next to the witnesses.
    neighbours: Vec<EvidenceJson>,
}

const SIDES: [Side; 5] = [
    Side::Allowed,
    Side::Refused,
    Side::Partly,
    Side::Unmediated,
    Side::Unknown,
];

/// A request and what it met.
#[derive(Serialize, JsonSchema)]
struct EvidenceJson {
    /// The request, in the syntax of rules.
    request: String,
    #[schemars(extend("enum" = Class::ALL.map(Class::name)))]
    class: &'static str,
    /// `example`: made from the policy. `existing`: a file that is there. `link`: where symbolic links lead from another
    /// witness. `neighbour`: next to a witness.
    #[schemars(extend("enum" = ["example", "existing", "link", NEIGHBOUR]))]
    origin: &'static str,
    /// For `link`: the path from which symbolic links lead there.
    from: Option<String>,
    /// What aalint says is allowed, as bits in the order of its own tables.
    r#static: Decided,
    /// The answer of the kernel.
    kernel: Option<Answered>,
    /// Whether the kernel decides as aalint says.
    agrees: Option<bool>,
    probes: Vec<evidence::ProbedJson>,
    /// Permissions that were not probed.
    unprobed: Vec<evidence::UnprobedJson>,
}

const NEIGHBOUR: &str = "neighbour";

/// Permissions of the owner of a file, and of others where the two differ.
#[derive(Serialize, JsonSchema)]
struct Decided {
    owner: u32,
    other: Option<u32>,
}

/// The same of the kernel.
#[derive(Serialize, JsonSchema)]
struct Answered {
    owner: Words,
    other: Option<Words>,
}

/// The words of the kernel as its query interface gives them, in hexadecimal.
#[derive(Serialize, JsonSchema)]
struct Words {
    allow: String,
    deny: String,
    audit: String,
    quiet: String,
}

impl From<&Reply> for Words {
    fn from(reply: &Reply) -> Self {
        let word = |bits: u32| format!("{bits:#010x}");
        Self {
            allow: word(reply.allow),
            deny: word(reply.deny),
            audit: word(reply.audit),
            quiet: word(reply.quiet),
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Notes<'v> {
    /// What the parser said.
    parser: &'v [String],
    /// Profiles whose capabilities could not be read.
    unread_capabilities: Vec<UnreadProfile<'v>>,
    /// In how many requests a parser before 5.0 leaves `m` where another rule overrides an `ix`, if this is such a parser.
    before_5: usize,
    /// What is still there.
    leftover: Option<LeftoverJson<'v>>,
    /// Whether an earlier run had left something, which was cleaned up.
    has_recovered: bool,
}

#[derive(Serialize, JsonSchema)]
struct LeftoverJson<'v> {
    what: &'v str,
    reason: &'v str,
}

#[derive(Serialize, JsonSchema)]
struct UnreadProfile<'v> {
    profile: &'v str,
    reason: &'v str,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Summary {
    proved: usize,
    /// Rules about requests that nothing puts to the kernel.
    not_asked: usize,
    inconclusive: usize,
    not_enforced: usize,
    failed: usize,
    disagreement: usize,
    /// How many requests the kernel answered.
    requests: usize,
    /// How many probes showed something.
    probes: usize,
}

/// A document that says that nothing was verified.
pub(super) fn skipped(refusal: &Refusal, out: &mut dyn Write) -> io::Result<()> {
    let document = SkipDocument {
        skipped: Skipped {
            reason: refusal.to_string(),
            help: refusal.help(),
        },
    };
    vocabulary::write(document, out)
}

pub(super) fn write(
    plan: &Plan,
    verification: &Verification,
    out: &mut dyn Write,
) -> io::Result<()> {
    let proof = &verification.proof;
    let unread = |(profile, reason)| UnreadProfile { profile, reason };
    let document = VerifyDocument {
        tiers: verification.tiers.names(),
        machine: Machine {
            kernel: &verification.environment.kernel,
            parser: &verification.environment.parser,
        },
        policy: PolicyJson {
            path: &plan.path,
            profiles: profiles(plan, verification),
            sha256: &proof.sha256,
            kernel_sha256: proof.kernel_sha256.as_deref(),
            is_same: proof.is_same,
            was_loaded: proof.was_loaded,
            has_replaced: proof.has_replaced,
            change: proof.change.as_deref(),
        },
        subjects: plan
            .subjects
            .iter()
            .zip(&verification.judged)
            .map(|(subject, judged)| row(plan, verification, subject, judged))
            .collect(),
        container: verification.container.as_ref().map(container::container),
        notes: Notes {
            parser: &verification.warnings,
            unread_capabilities: verification
                .blind
                .iter()
                .map(|hidden| (hidden.profile.as_str(), hidden.why.as_str()))
                .map(unread)
                .collect(),
            before_5: verification.before_5,
            leftover: verification.leftover.as_ref().map(|left| LeftoverJson {
                what: &left.what,
                reason: &left.why,
            }),
            has_recovered: verification.has_recovered,
        },
        summary: summary(verification),
    };
    vocabulary::write(document, out)
}

fn profiles<'v>(plan: &'v Plan, verification: &'v Verification) -> Vec<ProfileMode<'v>> {
    let modes = &verification.proof.modes;
    let both = plan.profiles.iter().zip(modes);
    both.map(|(profile, mode)| ProfileMode {
        name: &profile.name,
        mode,
    })
    .collect()
}

fn row<'v>(
    plan: &'v Plan,
    verification: &'v Verification,
    subject: &'v Subject,
    judged: &'v Judged,
) -> SubjectJson<'v> {
    let profile = plan.profiles.get(subject.profile);
    let (kind, intent, lint) = match &subject.kind {
        SubjectKind::Intent(name) => ("intent", Some(name.as_str()), None),
        SubjectKind::Assertion => ("assertion", None, None),
        SubjectKind::Lint(name) => ("lint", None, Some(name.as_str())),
        SubjectKind::Rule => ("rule", None, None),
    };
    let evidence = |number: QuestionId, mask: u32| {
        let question = plan.questions.get(number)?;
        let answer = verification.answers.get(number).and_then(Option::as_ref);
        let probed = verification.probed.get(number).and_then(Option::as_ref);
        Some(shown(question, answer, probed, mask))
    };
    let of_witness = |asked: &Asked| {
        let evidence = evidence(asked.question, asked.mask)?;
        Some(EvidenceJson {
            origin: origin(asked.origin),
            from: linked_from(plan, asked),
            ..evidence
        })
    };
    let of_neighbour = |number: &QuestionId| {
        let evidence = evidence(*number, u32::MAX)?;
        Some(EvidenceJson {
            origin: NEIGHBOUR,
            ..evidence
        })
    };
    SubjectJson {
        profile: profile.map_or("", |profile| profile.name.as_str()),
        kind,
        intent,
        lint,
        text: &subject.text,
        location: (&subject.place).into(),
        r#static: decided(subject.decided),
        kernel: side(judged.kernel),
        probe: side(judged.probe),
        result: result(judged.result),
        reason: why(plan, subject, judged),
        rules: subject.rules.iter().map(RuleRef::from).collect(),
        witnesses: subject.witnesses.iter().filter_map(of_witness).collect(),
        neighbours: subject.neighbours.iter().filter_map(of_neighbour).collect(),
    }
}

const fn origin(origin: WitnessOrigin) -> &'static str {
    match origin {
        WitnessOrigin::Example => "example",
        WitnessOrigin::Existing => "existing",
        WitnessOrigin::Link(_) => "link",
    }
}

fn shown(
    question: &Question,
    answer: Option<&Answer>,
    probed: Option<&Probed>,
    mask: u32,
) -> EvidenceJson {
    let known = question.known();
    let decided = halves(question, question.allow & known);
    EvidenceJson {
        request: request(question, mask & known),
        class: question.class.name(),
        origin: origin(WitnessOrigin::Example),
        from: None,
        r#static: Decided {
            owner: decided.0,
            other: decided.1,
        },
        kernel: answer.map(|answer| Answered {
            owner: (&answer.owner).into(),
            other: answer.other.as_ref().map(Words::from),
        }),
        agrees: answer.map(|answer| question.difference(answer).is_none()),
        probes: evidence::probes(question, probed, mask),
        unprobed: evidence::unprobed(question, probed, mask),
    }
}

fn summary(verification: &Verification) -> Summary {
    let count = |wanted: ProofStatus| {
        let results = verification.results();
        results.filter(|result| *result == wanted).count()
    };
    Summary {
        proved: count(ProofStatus::Proved),
        not_asked: count(ProofStatus::NotAsked),
        inconclusive: count(ProofStatus::Inconclusive),
        not_enforced: count(ProofStatus::NotEnforced),
        failed: count(ProofStatus::Failed),
        disagreement: count(ProofStatus::Disagreement),
        requests: verification.answers.iter().flatten().count(),
        probes: verification.probes(),
    }
}
