//! Claims: what rules say that a profile decides, asked and not assumed.

use super::Cx;
use crate::access::{
    Class, Decision, Effective, Entry, Outcome, ProfileMode, Request, Want, bits, show,
};
use crate::analysis::{ExposingRule, WriteExec};
use crate::diagnostic::{Claim, ClaimedDecision};
use crate::lang::permissions::{APPEND, WRITE};
use crate::policy::ProfileView;
use crate::syntax::ast::Mode;

impl Cx<'_> {
    /// Puts a request to a profile, as it will be once it is enforced. `None` where the answer is not known or not
    /// one for all that the request asks for, or where the text is no request of this profile: then nothing can be
    /// said.
    #[must_use]
    pub fn claim(&self, profile: &ProfileView<'_>, request: &str) -> Option<Claim> {
        self.ask(profile, request, false)
    }

    /// The claim that a profile allows a request, if it does.
    #[must_use]
    pub fn allowed(&self, profile: &ProfileView<'_>, request: &str) -> Option<Claim> {
        self.ask(profile, request, true).filter(Claim::is_allowed)
    }

    /// If only what is allowed is asked for, what else is decided may stay unknown.
    fn ask(&self, profile: &ProfileView<'_>, request: &str, only_allowed: bool) -> Option<Claim> {
        let decide = || {
            let asked = Request::read(request, &profile.env, &profile.name).ok()?;
            let source = self.store.sources.get(profile.file);
            let mode = ProfileMode::of(profile, &source.text).once_enforced();
            match literals(&asked) {
                Some(literals) => self.decide_literals(&asked, &literals, mode, profile),
                None if only_allowed && self.refuses_an_example(&asked, mode, profile) => None,
                None => self.decide(&asked, mode, profile),
            }
        };
        // Many rules can expose one file: it is decided once.
        let key = (profile.id, only_allowed, request);
        let decision = self.decisions.claimed(key, decide)?;
        Some(Claim {
            profile: profile.full_name.clone(),
            request: request.to_owned(),
            decision,
        })
    }

    /// Whether a text that is asked for is not allowed: then not all of them are, and no search is needed.
    fn refuses_an_example(
        &self,
        asked: &Request,
        mode: ProfileMode,
        profile: &ProfileView<'_>,
    ) -> bool {
        let effective = self.effective(profile);
        asked.wants.iter().any(|want| {
            let example = want.nfa.example();
            let is_possible = want.domain().contains(&example)
                && want
                    .class
                    .request_domain()
                    .is_none_or(|possible| possible.matches(&example));
            let verdict = mode.applied(want.class, &effective.decide(want.class, &example));
            is_possible && want.refused(&verdict) & want.alone() != 0
        })
    }

    /// One string for each part of the request: no search is needed.
    fn decide_literals(
        &self,
        asked: &Request,
        literals: &[Vec<u8>],
        mode: ProfileMode,
        profile: &ProfileView<'_>,
    ) -> Option<ClaimedDecision> {
        let effective = self.effective(profile);
        let of_one = |(want, text): (&Want, &Vec<u8>)| {
            let rules = effective.decide(want.class, text);
            let verdict = mode.applied(want.class, &rules);
            let alone = want.alone();
            let (allowed, denied) = (alone & !want.refused(&verdict), alone & rules.deny);
            let decision = if rules.conflict.is_some() || alone == 0 {
                return None;
            } else if allowed == alone {
                ClaimedDecision::Allowed
            } else if denied == alone {
                ClaimedDecision::Denied
            } else if (allowed | denied | (rules.allow & alone)) == 0 {
                ClaimedDecision::Unmatched
            } else {
                return None;
            };
            (!self.is_open_to(decision, want.class, &effective, profile)).then_some(decision)
        };
        let mut decisions = asked.wants.iter().zip(literals).map(of_one);
        let first = decisions.next()??;
        decisions.all(|other| other == Some(first)).then_some(first)
    }

    /// Whether what is not known of a profile could change a decision.
    fn is_open_to(
        &self,
        decision: ClaimedDecision,
        class: Class,
        effective: &Effective,
        profile: &ProfileView<'_>,
    ) -> bool {
        // What an include that is not there holds could allow or deny it.
        let is_gap = profile.unknown.or(profile.missing).is_some();
        match decision {
            ClaimedDecision::Denied => false,
            _ if is_gap => true,
            ClaimedDecision::Allowed => effective.may_deny_more(class, profile, self.summaries),
            ClaimedDecision::Unmatched => effective.may_allow_more(class, profile, self.summaries),
        }
    }

    /// Whether no rule is about anything that is asked for, and the mode lets nothing of it pass: no search is needed.
    fn is_about_nothing(effective: &Effective, asked: &Request, mode: ProfileMode) -> bool {
        asked.wants.iter().all(|want| {
            // Paths that cannot be have no NFA to compare with.
            let Some(possible) = want.class.request_domain() else {
                return false;
            };
            want.alone() != 0
                && !mode.passes(want.class)
                && effective
                    .about(want.class, want.mask, &[&*want.nfa])
                    .is_empty()
                && want.nfa.intersects(possible)
        })
    }

    /// Whether one rule allows all that is asked for and no other is against it. A search over all that rules tell apart
    /// takes milliseconds where many are about sockets.
    fn is_allowed_by_one(effective: &Effective, asked: &Request) -> bool {
        asked.wants.iter().all(|want| {
            // Execs have more to them, and a change of profile is decided by label and program together.
            let possible = match want.class {
                Class::File | Class::ChangeProfile => None,
                class => class.request_domain(),
            };
            let Some(possible) = possible.filter(|_| want.alone() == want.mask) else {
                return false;
            };
            let wanted = [&*want.nfa, possible];
            let about = effective.about(want.class, want.mask, &wanted);
            let covers = |entry: &Entry| {
                let outside = || {
                    effective
                        .budget
                        .common(&wanted, &[&*entry.nfa], want.domain())
                };
                entry.mask & want.mask == want.mask && outside() == Ok(None)
            };
            about.iter().all(|found| found.entry.effect == Mode::Allow)
                && want.nfa.intersects(possible)
                && about.iter().any(|found| covers(found.entry))
        })
    }

    fn decide(
        &self,
        asked: &Request,
        mode: ProfileMode,
        profile: &ProfileView<'_>,
    ) -> Option<ClaimedDecision> {
        let effective = self.effective(profile);
        if Self::is_about_nothing(&effective, asked, mode) {
            let unmatched = ClaimedDecision::Unmatched;
            let is_open = |want: &Want| self.is_open_to(unmatched, want.class, &effective, profile);
            return (!asked.wants.iter().any(is_open)).then_some(unmatched);
        }
        if Self::is_allowed_by_one(&effective, asked) {
            let allowed = ClaimedDecision::Allowed;
            let is_open = |want: &Want| self.is_open_to(allowed, want.class, &effective, profile);
            return (!asked.wants.iter().any(is_open)).then_some(allowed);
        }
        let decision = Decision::of(&effective, asked, mode, profile, self.summaries);
        match decision.outcome {
            Outcome::Allowed => Some(ClaimedDecision::Allowed),
            Outcome::Denied => Some(ClaimedDecision::Denied),
            Outcome::Unmatched => Some(ClaimedDecision::Unmatched),
            Outcome::Refused | Outcome::Asked | Outcome::Partly | Outcome::Unknown => None,
        }
    }

    /// The same for a string of a class and permission bits. Of files what holds for everybody, for owners alone and
    /// for others alone are claims of their own.
    #[must_use]
    pub fn claims_of(
        &self,
        profile: &ProfileView<'_>,
        class: Class,
        text: &[u8],
        bits: u32,
    ) -> Vec<Claim> {
        let asked = if class == Class::File {
            halves(bits)
        } else {
            vec![bits]
        };
        let requests = asked.into_iter().map(|bits| show(class, text, bits, None));
        let claims = requests.filter_map(|request| self.claim(profile, &request));
        claims.collect()
    }

    /// What is allowed of the files that a rule exposes.
    #[must_use]
    pub fn claims_of_exposed(
        &self,
        profile: &ProfileView<'_>,
        rule: &ExposingRule<'_>,
    ) -> Vec<Claim> {
        let files = rule.files.iter();
        let claims =
            files.flat_map(|file| self.claims_of(profile, Class::File, &file.path, file.bits));
        claims.collect()
    }

    /// What is allowed of a file that can be written and executed, `executing` being the permissions that count as that.
    #[must_use]
    pub fn claims_of_write_exec(
        &self,
        profile: &ProfileView<'_>,
        write_exec: &WriteExec<'_>,
        executing: u8,
    ) -> Vec<Claim> {
        let counting = bits::both(WRITE | APPEND | executing);
        let allowed = write_exec.verdict.allow & counting;
        self.claims_of(profile, Class::File, &write_exec.path, allowed)
    }
}

/// The strings that a request asks for, one for each of its parts, if that is all that it asks for and the kernel
/// decides each by itself: sockets have addresses, and a change of profile is decided by label and program together.
fn literals(asked: &Request) -> Option<Vec<Vec<u8>>> {
    let literal = |want: &Want| match want.class {
        Class::Network | Class::Unix | Class::ChangeProfile => None,
        _ => want.nfa.as_literal(),
    };
    asked.wants.iter().map(literal).collect()
}

/// Permission bits of files as those of both kinds of subjects, of owners alone, and of others alone.
fn halves(mask: u32) -> Vec<u32> {
    let (owner, other) = (mask & bits::HALF, mask >> bits::OTHER & bits::HALF);
    let both = owner & other;
    let parts = [
        both | both << bits::OTHER,
        owner & !both,
        (other & !both) << bits::OTHER,
    ];
    parts.into_iter().filter(|part| *part != 0).collect()
}
