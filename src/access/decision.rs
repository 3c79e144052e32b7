//! What a profile decides for a request, by which rules, and what that depends on.

use std::ops::ControlFlow;

use super::{
    Class, Conflict, Deciding, Effective, EntryRef, Exec, ProfileMode, Request, Unknown, Verdict,
    Want, bits, deciding, show,
};
use crate::glob::{TooComplex, Trace};
use crate::policy::{Digests, ProfileView};

/// How a request is decided as a whole.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Outcome {
    /// All of it is allowed.
    Allowed,
    /// All of it is refused, each part by a rule that denies it.
    Denied,
    /// All of it is refused, for want of a rule.
    Unmatched,
    /// All of it is refused, some by a rule and some for want of one.
    Refused,
    /// Nobody but who answers prompts allows it.
    Asked,
    /// Some of it is allowed and some is not.
    Partly,
    /// That depends on something that is not known: [`Decision::open`].
    Unknown,
}

/// What is decided for one of the requests that are meant.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Ruling {
    /// It is allowed.
    Allowed,
    /// A rule denies it.
    Denied,
    /// No rule is about it.
    Unmatched,
    /// It is left to who answers prompts.
    Asked,
}

/// One of the requests that are meant, and why it is decided as it is.
#[derive(Clone, Debug)]
pub struct Example<'e> {
    /// What is decided for it.
    pub ruling: Ruling,
    /// Its kind.
    pub class: Class,
    /// Its string.
    pub witness: Vec<u8>,
    /// The permissions, of those asked for, that are decided so.
    pub bits: u32,
    /// What the exec leads to, if `x` is among them and allowed.
    pub exec: Option<Exec>,
    /// Whether the profile's mode decides, and no rule.
    pub by_mode: bool,
    /// The rules that decide, and those that lose.
    pub deciding: Deciding<'e>,
}

impl Example<'_> {
    /// It as a request.
    #[must_use]
    pub fn show(&self) -> String {
        show(self.class, &self.witness, self.bits, self.exec.as_ref())
    }
}

/// What a profile decides for a request.
#[derive(Clone, Debug)]
pub struct Decision<'e> {
    /// The profile's mode.
    pub mode: ProfileMode,
    /// How the request is decided as a whole.
    pub outcome: Outcome,
    /// An example of each ruling there is.
    pub examples: Vec<Example<'e>>,
    /// What the answer depends on and is not known. Beside [`Outcome::Denied`]: what could overrule
    /// the denial by a priority alone.
    pub open: Option<Unknown>,
}

impl<'e> Decision<'e> {
    /// Asks a profile. `effective` is what its rules decide.
    #[must_use]
    pub fn of(
        effective: &'e Effective,
        request: &Request,
        mode: ProfileMode,
        profile: &ProfileView<'_>,
        digests: &Digests<'_>,
    ) -> Self {
        let mut examples = Examples::default();
        let mut wants: Vec<&Want> = request.wants.iter().collect();
        // The pair of program and label says more than the program alone, which comes first.
        if wants.iter().all(|want| want.class == Class::ChangeProfile) {
            wants.reverse();
        }
        for want in wants {
            if let Err(TooComplex) = examples.collect(effective, want, mode) {
                return Self {
                    mode,
                    outcome: Outcome::Unknown,
                    examples: Vec::new(),
                    open: Some(Unknown::TooComplex),
                };
            }
        }
        let open = examples.conflict.take();
        let examples = examples.finish();
        let open = open.or_else(|| Unknown::of(effective, &examples, mode, profile, digests));
        let outcome = outcome(&examples);
        let is_firm = match open {
            None => true,
            // What an include could hold is reckoned without priorities.
            Some(Unknown::Include(_)) => outcome == Outcome::Denied,
            Some(_) => false,
        };
        Self {
            mode,
            outcome: if is_firm { outcome } else { Outcome::Unknown },
            examples,
            open,
        }
    }

    /// Whether all of it is allowed.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.outcome == Outcome::Allowed
    }

    /// The example of a ruling.
    #[must_use]
    pub fn example(&self, ruling: Ruling) -> Option<&Example<'e>> {
        self.examples
            .iter()
            .find(|example| example.ruling == ruling)
    }
}

/// Examples by ruling: the first of each, and for what is allowed one that is so in whole if there is.
#[derive(Default)]
struct Examples<'e> {
    allowed: Option<Example<'e>>,
    granted: Option<Example<'e>>,
    refused: Vec<Example<'e>>,
    conflict: Option<Unknown>,
}

impl<'e> Examples<'e> {
    fn collect(
        &mut self,
        effective: &'e Effective,
        want: &Want,
        mode: ProfileMode,
    ) -> Result<(), TooComplex> {
        let visit = |rules: &Verdict, matching: &[EntryRef<'e>], trace: Trace<'_>| {
            self.enter(want, mode, rules, matching, trace);
            let is_settled = self.conflict.is_some()
                || (self.allowed.is_some() && self.refused.len() == REFUSALS.len());
            if is_settled {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        match want.class.possible() {
            Some(possible) => {
                let wanted = [&*want.program, possible];
                effective.visit(want.class, &wanted, want.among(), visit)
            }
            None => effective.visit(want.class, &[&want.program], want.among(), visit),
        }
    }

    fn enter(
        &mut self,
        want: &Want,
        mode: ProfileMode,
        rules: &Verdict,
        matching: &[EntryRef<'e>],
        trace: Trace<'_>,
    ) {
        let asks_exec = want.class == Class::File && want.mask & bits::EXECS != 0;
        if let (true, Some(Conflict(left, right))) = (asks_exec, rules.conflict)
            && let (Some(left), Some(right)) = (matching.get(left), matching.get(right))
        {
            self.conflict = Some(Unknown::Conflict(left.rule(), right.rule()));
        }
        let verdict = mode.applied(want.class, rules);
        let example = |ruling, bits| Example {
            ruling,
            class: want.class,
            witness: trace.text(),
            bits,
            exec: exec_of(want, &verdict, bits).filter(|_| ruling == Ruling::Allowed),
            by_mode: ruling == Ruling::Allowed && bits & !rules.allow != 0,
            deciding: deciding(matching, bits),
        };
        let (refused, granted) = (want.refused(&verdict), want.granted(&verdict));
        // A link's path alone says nothing: the pair of path and target decides.
        if refused == 0 && granted == 0 {
            return;
        }
        if refused == 0 {
            self.allowed
                .get_or_insert_with(|| example(Ruling::Allowed, want.mask));
            return;
        }
        if granted != 0 {
            self.granted
                .get_or_insert_with(|| example(Ruling::Allowed, granted));
        }
        let ruling = if refused & verdict.deny != 0 {
            (Ruling::Denied, refused & verdict.deny)
        } else if refused & verdict.prompt != 0 {
            (Ruling::Asked, refused & verdict.prompt)
        } else {
            (Ruling::Unmatched, refused)
        };
        if self.refused.iter().all(|known| known.ruling != ruling.0) {
            self.refused.push(example(ruling.0, ruling.1));
        }
    }

    /// What is allowed first, then what is denied, unmatched, asked for.
    fn finish(self) -> Vec<Example<'e>> {
        let mut all: Vec<Example<'e>> = self.allowed.or(self.granted).into_iter().collect();
        all.extend(self.refused);
        all.sort_by_key(|example| REFUSALS.iter().position(|ruling| *ruling == example.ruling));
        all
    }
}

const REFUSALS: [Ruling; 3] = [Ruling::Denied, Ruling::Unmatched, Ruling::Asked];

fn exec_of(want: &Want, verdict: &Verdict, bits: u32) -> Option<Exec> {
    let is_asked = want.class == Class::File && bits & bits::EXECS != 0;
    let exec = verdict.exec.iter().flatten().next();
    exec.filter(|_| is_asked).cloned()
}

fn outcome(examples: &[Example<'_>]) -> Outcome {
    let mut rulings: Vec<Ruling> = examples.iter().map(|example| example.ruling).collect();
    rulings.dedup();
    match rulings.as_slice() {
        [] => Outcome::Unknown,
        [Ruling::Allowed] => Outcome::Allowed,
        [Ruling::Denied] => Outcome::Denied,
        [Ruling::Unmatched] => Outcome::Unmatched,
        [Ruling::Asked] => Outcome::Asked,
        [Ruling::Allowed, ..] => Outcome::Partly,
        _ => Outcome::Refused,
    }
}
