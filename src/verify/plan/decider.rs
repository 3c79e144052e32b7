//! What a profile decides, and by which rules, for code that no longer has the policy.

use crate::policy::RuleId;
use rustc_hash::FxHashMap;

use crate::access::{
    Class, Effective, Entry, Exec, ProfileMode, Verdict, combine, deciding, mmap_before_5,
};
use crate::session::RuleAt;
use crate::verify::kernel::Ask;

/// The decision function of a profile.
#[derive(Clone, Debug)]
pub(in crate::verify) struct ProfileDecider {
    pub(in crate::verify) effective: Effective,
    pub(in crate::verify) mode: ProfileMode,
    /// The rules, by segment and number there.
    pub(in crate::verify) rules: FxHashMap<RuleId, RuleAt>,
}

/// What is decided of a request. Where no profile decides, nothing is allowed and nothing can be asked.
#[derive(Debug, Default)]
pub(in crate::verify) struct ExpectedAnswer {
    /// What the compiled policy must allow.
    pub(in crate::verify) allow: u32,
    /// What parsers before 5.0 allow as well: [`mmap_before_5`].
    pub(in crate::verify) before_5: u32,
    /// What is refused without a record.
    pub(in crate::verify) quiet: u32,
    /// How it is asked; `None` where it cannot be.
    pub(in crate::verify) ask: Option<Ask>,
    /// What an exec leads to, for the owner of the program and for others.
    pub(in crate::verify) exec: [Option<Exec>; 2],
}

impl ProfileDecider {
    /// What the kernel should answer to a request.
    pub(in crate::verify) fn expected(&self, class: Class, text: &[u8]) -> ExpectedAnswer {
        let matching = self.effective.matching(class, text);
        let entries: Vec<&Entry> = matching.iter().map(|found| found.entry).collect();
        let verdict = self.applied(class, combine(&entries));
        let is_uniform = samples(class, text)
            .iter()
            .all(|sample| self.decided(class, sample).allow == verdict.allow);
        ExpectedAnswer {
            ask: Ask::of(class, text).filter(|_| is_uniform),
            allow: verdict.allow,
            before_5: match class {
                Class::File => mmap_before_5(&entries, &verdict),
                _ => 0,
            },
            quiet: verdict.quiet,
            exec: verdict.exec,
        }
    }

    /// What the compiled policy decides. It keeps the modes complain and kill apart from the rules.
    pub(in crate::verify) fn decided(&self, class: Class, text: &[u8]) -> Verdict {
        self.applied(class, self.effective.decide(class, text))
    }

    /// The rules that decide these permissions of a request.
    pub(in crate::verify) fn deciding_rules(
        &self,
        class: Class,
        text: &[u8],
        mask: u32,
    ) -> Vec<&RuleAt> {
        let matching = self.effective.matching(class, text);
        let winners = deciding(&matching, mask).winners.into_iter();
        winners
            .filter_map(|found| self.rules.get(&found.rule()))
            .collect()
    }

    fn applied(&self, class: Class, verdict: Verdict) -> Verdict {
        match self.mode {
            ProfileMode::DefaultAllow | ProfileMode::Unconfined => {
                self.mode.applied(class, &verdict)
            }
            _ => verdict,
        }
    }
}

fn samples(class: Class, text: &[u8]) -> Vec<Vec<u8>> {
    let (Class::Network, Some([family, kind])) = (class, text.get(..2)) else {
        return Vec::new();
    };
    let none: &[u8] = &[0, 0, 0];
    let local: &[u8] = &[4, 127, 0, 0, 1, 0x1f, 0x90];
    let mut samples = Vec::new();
    for protocol in [0, 1, 6, 17] {
        for address in [none, local] {
            let mut sample = vec![*family, *kind, protocol];
            sample.extend_from_slice(address);
            sample.extend_from_slice(none);
            samples.push(sample);
        }
    }
    samples
}
