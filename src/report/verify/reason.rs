//! Why a promise ends as it does, in words.

use super::probes;
use super::words::{linked_from, request};
use crate::verify::{Asked, Gap, Judged, Plan, Question, Reason, Subject};

/// Why a promise ends as it does, as a sentence; `None` if it is proved and there is nothing more to say.
pub(super) fn why(plan: &Plan, subject: &Subject, judged: &Judged) -> Option<String> {
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
        Reason::UnexpectedAllow(probe) => {
            question.map_or(String::new(), |one| probes::passed(one, probe))
        }
        Reason::UnexpectedDenial(probe) => {
            question.map_or(String::new(), |one| probes::stopped(one, probe))
        }
        Reason::WithoutCapability(probe) => {
            question.map_or(String::new(), |one| probes::without_capability(one, probe))
        }
        Reason::WrongLabel(probe) => {
            question.map_or(String::new(), |one| probes::elsewhere(one, probe))
        }
        Reason::Inconclusive(probe) => {
            question.map_or(String::new(), |one| probes::blind(one, probe))
        }
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
