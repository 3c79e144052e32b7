//! A JSON document; docs/schema/verify.schema.json is its schema.

use std::io::{self, Write};

use serde::Serialize;

use super::super::json::{Tool, tool};
use super::reason::why;
use super::words::{decided, halves, linked_from, request, result, side};
use super::{container, evidence};
use crate::verify::probe::Probed;
use crate::verify::{
    Answer, Asked, Judged, Plan, ProofStatus, Question, QuestionId, Refusal, Reply, RuleAt,
    Subject, SubjectKind, Verification, WitnessOrigin,
};

/// Version of the document's form. It changes when a field changes its meaning or goes away.
const VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'v> {
    version: u32,
    tool: Tool,
    tiers: Vec<&'static str>,
    machine: Machine<'v>,
    policy: Policy<'v>,
    subjects: Vec<Row<'v>>,
    container: Option<container::ContainerJson<'v>>,
    notes: Notes<'v>,
    summary: Summary,
}

/// What is written where nothing was verified.
#[derive(Serialize)]
struct Skip {
    version: u32,
    tool: Tool,
    skipped: Skipped,
}

#[derive(Serialize)]
struct Skipped {
    reason: String,
    help: &'static str,
}

#[derive(Serialize)]
struct Machine<'v> {
    kernel: &'v str,
    parser: &'v str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Policy<'v> {
    path: &'v str,
    profiles: Vec<Profile<'v>>,
    sha256: &'v str,
    kernel_sha256: Option<&'v str>,
    is_same: Option<bool>,
    was_loaded: bool,
    has_replaced: bool,
    change: Option<&'v str>,
}

#[derive(Serialize)]
struct Profile<'v> {
    name: &'v str,
    mode: &'v str,
}

#[derive(Serialize)]
struct Row<'v> {
    profile: &'v str,
    kind: &'static str,
    intent: Option<&'v str>,
    lint: Option<&'v str>,
    text: &'v str,
    path: &'v str,
    line: u32,
    column: u32,
    r#static: &'static str,
    kernel: &'static str,
    probe: &'static str,
    result: &'static str,
    reason: Option<String>,
    rules: Vec<Rule<'v>>,
    witnesses: Vec<Evidence<'v>>,
    twins: Vec<Evidence<'v>>,
}

#[derive(Serialize)]
struct Rule<'v> {
    text: &'v str,
    path: &'v str,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct Evidence<'v> {
    request: String,
    class: &'static str,
    origin: &'static str,
    from: Option<String>,
    r#static: Decided,
    kernel: Option<Answered<'v>>,
    agrees: Option<bool>,
    probes: Vec<evidence::ProbedJson>,
    unprobed: Vec<evidence::UnprobedJson>,
}

/// What aalint says is allowed, as bits of its own.
#[derive(Serialize)]
struct Decided {
    owner: u32,
    other: Option<u32>,
}

#[derive(Serialize)]
struct Answered<'v> {
    owner: Words<'v>,
    other: Option<Words<'v>>,
}

/// The kernel's words as it gives them.
#[derive(Serialize)]
struct Words<'v>(#[serde(serialize_with = "words")] &'v Reply);

fn words<S: serde::Serializer>(reply: &&Reply, serializer: S) -> Result<S::Ok, S::Error> {
    let parts = [
        ("allow", reply.allow),
        ("deny", reply.deny),
        ("audit", reply.audit),
        ("quiet", reply.quiet),
    ];
    let parts = parts.map(|(name, bits)| (name, format!("{bits:#010x}")));
    serializer.collect_map(parts)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Notes<'v> {
    parser: &'v [String],
    blind: Vec<Blind<'v>>,
    before_5: usize,
    leftover: Option<Left<'v>>,
    has_recovered: bool,
}

#[derive(Serialize)]
struct Left<'v> {
    what: &'v str,
    why: &'v str,
}

#[derive(Serialize)]
struct Blind<'v> {
    profile: &'v str,
    why: &'v str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    proved: usize,
    inconclusive: usize,
    not_enforced: usize,
    failed: usize,
    disagreement: usize,
    requests: usize,
    probes: usize,
}

/// A document that says that nothing was verified.
pub(super) fn skipped(refusal: &Refusal, out: &mut dyn Write) -> io::Result<()> {
    let document = Skip {
        version: VERSION,
        tool: tool(),
        skipped: Skipped {
            reason: refusal.to_string(),
            help: refusal.help(),
        },
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

pub(super) fn write(
    plan: &Plan,
    verification: &Verification,
    out: &mut dyn Write,
) -> io::Result<()> {
    let proof = &verification.proof;
    let blind = |(profile, why)| Blind { profile, why };
    let document = Document {
        version: VERSION,
        tool: tool(),
        tiers: verification.tiers.names(),
        machine: Machine {
            kernel: &verification.environment.kernel,
            parser: &verification.environment.parser,
        },
        policy: Policy {
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
            blind: verification
                .blind
                .iter()
                .map(|(profile, why)| (profile.as_str(), why.as_str()))
                .map(blind)
                .collect(),
            before_5: verification.before_5,
            leftover: verification.leftover.as_ref().map(|left| Left {
                what: &left.what,
                why: &left.why,
            }),
            has_recovered: verification.has_recovered,
        },
        summary: summary(verification),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn profiles<'v>(plan: &'v Plan, verification: &'v Verification) -> Vec<Profile<'v>> {
    let modes = &verification.proof.modes;
    let both = plan.profiles.iter().zip(modes);
    both.map(|(profile, mode)| Profile {
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
) -> Row<'v> {
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
        Some(Evidence {
            origin: origin(asked.origin),
            from: linked_from(plan, asked),
            ..evidence
        })
    };
    let of_twin = |number: &QuestionId| {
        let evidence = evidence(*number, u32::MAX)?;
        Some(Evidence {
            origin: "beside",
            ..evidence
        })
    };
    let (path, line, column) = &subject.place;
    Row {
        profile: profile.map_or("", |profile| profile.name.as_str()),
        kind,
        intent,
        lint,
        text: &subject.text,
        path,
        line: *line,
        column: *column,
        r#static: decided(subject.decided),
        kernel: side(judged.kernel),
        probe: side(judged.probe),
        result: result(judged.result),
        reason: why(plan, subject, judged),
        rules: subject.rules.iter().map(rule).collect(),
        witnesses: subject.witnesses.iter().filter_map(of_witness).collect(),
        twins: subject.twins.iter().filter_map(of_twin).collect(),
    }
}

const fn origin(origin: WitnessOrigin) -> &'static str {
    match origin {
        WitnessOrigin::Example => "example",
        WitnessOrigin::Existing => "existing",
        WitnessOrigin::Link(_) => "link",
    }
}

fn rule(rule: &RuleAt) -> Rule<'_> {
    let (path, line, column) = &rule.place;
    Rule {
        text: &rule.text,
        path,
        line: *line,
        column: *column,
    }
}

fn shown<'v>(
    question: &Question,
    answer: Option<&'v Answer>,
    probed: Option<&Probed>,
    mask: u32,
) -> Evidence<'v> {
    let known = question.known();
    let decided = halves(question, question.allow & known);
    Evidence {
        request: request(question, mask & known),
        class: question.class.name(),
        origin: origin(WitnessOrigin::Example),
        from: None,
        r#static: Decided {
            owner: decided.0,
            other: decided.1,
        },
        kernel: answer.map(|answer| Answered {
            owner: Words(&answer.owner),
            other: answer.other.as_ref().map(Words),
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
        inconclusive: count(ProofStatus::Inconclusive),
        not_enforced: count(ProofStatus::NotEnforced),
        failed: count(ProofStatus::Failed),
        disagreement: count(ProofStatus::Disagreement),
        requests: verification.answers.iter().flatten().count(),
        probes: verification.probes(),
    }
}
