//! What came of a verification, and what one would do.

mod container;
mod evidence;
mod html;
mod human;
mod json;
mod junit;
mod plan;
mod probes;
mod sarif;
mod sheet;

use std::io::{self, Write};

use super::{Style, one_line};
use crate::access::{Outcome, bits, show};
use crate::verify::{
    Ask, Asked, Gap, Judged, Origin, Plan, Question, Reason, Refusal, Result, Side, Subject,
    Verification,
};
use sheet::Sheet;

pub use plan::plan;

/// A format of verifications.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
pub enum VerifyFormat {
    /// A table, for people.
    #[default]
    Human,
    /// A JSON document with all evidence; docs/verify.md describes it.
    Json,
    /// JUnit XML: a case for each promise and rule, for CI servers.
    Junit,
    /// SARIF 2.1.0: what is not proved, for code scanning.
    Sarif,
    /// One HTML page with the evidence behind each cell, for people.
    Html,
}

/// Writes what came of a verification; with `all` the rules that are as they should be as well.
///
/// # Errors
/// If `out` fails.
pub fn verification(
    format: VerifyFormat,
    plan: &Plan,
    verification: &Verification,
    all: bool,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        VerifyFormat::Human => human::write(plan, verification, all, style, out),
        VerifyFormat::Json => json::write(plan, verification, out),
        VerifyFormat::Junit => junit::write(&Sheet::new(plan, verification), out),
        VerifyFormat::Sarif => sarif::write(&Sheet::new(plan, verification), &plan.path, out),
        VerifyFormat::Html => {
            let profiles = sheet::profiles(plan, verification);
            html::write(&Sheet::new(plan, verification), &profiles, out)
        }
    }
}

/// Writes that nothing was verified, because the machine cannot, and that this was to pass.
///
/// # Errors
/// If `out` fails.
pub fn skipped(format: VerifyFormat, refusal: &Refusal, out: &mut dyn Write) -> io::Result<()> {
    match format {
        VerifyFormat::Human => writeln!(out, "skipped, nothing was verified: {refusal}"),
        VerifyFormat::Json => json::skipped(refusal, out),
        VerifyFormat::Junit => junit::skipped(refusal, out),
        VerifyFormat::Sarif => sarif::skipped(refusal, out),
        VerifyFormat::Html => html::skipped(refusal, out),
    }
}

/// Without the characters that XML 1.0 and HTML cannot hold, not even escaped.
fn clean(text: &str) -> String {
    let is_allowed = |c: &char| {
        matches!(c, '\n' | '\t') || !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    text.chars()
        .map(|c| if is_allowed(&c) { c } else { '\u{fffd}' })
        .collect()
}

/// The word for a result.
const fn result(result: Result) -> &'static str {
    match result {
        Result::Proved => "proved",
        Result::Inconclusive => "inconclusive",
        Result::NotEnforced => "not enforced",
        Result::Failed => "failed",
        Result::Disagreement => "disagreement",
    }
}

/// The word for what aalint decides.
const fn decided(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allowed => "allowed",
        Outcome::Denied | Outcome::Unmatched | Outcome::Refused => "refused",
        Outcome::Asked => "prompt",
        Outcome::Partly => "partly",
        Outcome::Unknown => "unknown",
    }
}

/// The word for what the kernel decides.
const fn side(side: Side) -> &'static str {
    match side {
        Side::Allowed => "allowed",
        Side::Refused => "refused",
        Side::Partly => "partly",
        Side::Unmediated => "unmediated",
        Side::Unknown => "-",
    }
}

/// A question as a request for these permissions; those that only others have are asked as `other`.
fn request(question: &Question, mask: u32) -> String {
    show(question.class, &question.text, mask, None)
}

/// Why a promise ends as it does, as a sentence; `None` if it is proved.
fn why(plan: &Plan, subject: &Subject, judged: &Judged) -> Option<String> {
    let number = judged.question;
    let question = number.and_then(|number| plan.questions.get(number));
    // The witness with that question.
    let is_it = |asked: &&Asked| Some(asked.question) == number;
    let asked = subject.witnesses.iter().find(is_it);
    let why = reason(judged.reason.as_ref()?, question, asked);
    Some(match asked.and_then(|asked| linked_from(plan, asked)) {
        Some(from) => format!("{why}; symbolic links lead there from `{from}`"),
        None => why,
    })
}

/// The path from which symbolic links lead to a witness.
fn linked_from(plan: &Plan, asked: &Asked) -> Option<String> {
    let Origin::Link(from) = asked.origin else {
        return None;
    };
    let question = plan.questions.get(from)?;
    Some(one_line(&String::from_utf8_lossy(&question.text)))
}

fn reason(reason: &Reason, question: Option<&Question>, asked: Option<&Asked>) -> String {
    let mask = asked.map_or(u32::MAX, |asked| asked.mask);
    let shown = question.map_or_else(String::new, |question| request(question, mask));
    match reason {
        Reason::Gap(Gap::Undecidable) => {
            "the policy does not tell: a variable has no value, or an include is missing".to_owned()
        }
        Reason::Gap(Gap::Addresses) => {
            "the policy does not tell: a `network` rule names addresses, which most kernels ignore"
                .to_owned()
        }
        Reason::Gap(Gap::TooComplex) => "to find examples would take too long".to_owned(),
        Reason::Gap(Gap::Nothing) => "nothing is what it describes".to_owned(),
        Reason::Gap(Gap::Class(class)) => format!(
            "tier A cannot ask the kernel about such `{}` requests",
            class.name()
        ),
        Reason::Unanswered => "the kernel gave no answer".to_owned(),
        Reason::Unmediated => format!("the kernel does not mediate `{shown}`: it passes"),
        Reason::Allowed => format!("the kernel allows `{shown}`"),
        Reason::Refused => format!("the kernel refuses `{shown}`"),
        Reason::Mode(mode) => format!("in {mode} mode `{shown}` passes"),
        Reason::Passed(probe) => question.map_or(String::new(), |one| probes::passed(one, probe)),
        Reason::Stopped(probe) => question.map_or(String::new(), |one| probes::stopped(one, probe)),
        Reason::Elsewhere(probe) => {
            question.map_or(String::new(), |one| probes::elsewhere(one, probe))
        }
        Reason::Blind(probe) => question.map_or(String::new(), |one| probes::blind(one, probe)),
        Reason::Differ(ours, theirs) => {
            let Some(question) = question else {
                return "aalint and the kernel differ".to_owned();
            };
            differ(question, *ours, *theirs)
        }
    }
}

fn differ(question: &Question, ours: u32, theirs: u32) -> String {
    let only = |bits: u32| (bits != 0).then(|| request(question, bits));
    match (only(ours & !theirs), only(theirs & !ours)) {
        (Some(ours), None) => format!("aalint says `{ours}` is allowed, the kernel refuses it"),
        (None, Some(theirs)) => format!("aalint says `{theirs}` is refused, the kernel allows it"),
        (Some(ours), Some(theirs)) => format!(
            "aalint says `{ours}` is allowed and `{theirs}` is not, the kernel says the opposite"
        ),
        (None, None) => "aalint and the kernel differ".to_owned(),
    }
}

/// The bits for owners, and those for others where these are told apart.
const fn halves(question: &Question, mask: u32) -> (u32, Option<u32>) {
    match &question.ask {
        Some(Ask::Query(wire)) if wire.has_owner => {
            (mask & bits::HALF, Some(mask >> bits::OTHER & bits::HALF))
        }
        _ => (mask, None),
    }
}
