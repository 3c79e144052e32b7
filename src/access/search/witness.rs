//! Requests to put to somebody else: what a kernel must decide as the decision function does.

use crate::policy::RuleId;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::access::{Class, Effective, EntryRef, Request, Verdict, Want};
use crate::glob::{TooComplex, Trace};
use crate::lang::capabilities::CAPABILITIES;

/// A request that another one stands for, and what is decided for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Witness {
    /// Its kind.
    pub class: Class,
    /// Its string.
    pub text: Vec<u8>,
    /// The permissions that are asked for.
    pub mask: u32,
    /// Of these, the ones that mean something alone.
    pub alone: u32,
    /// What the rules decide, whatever the profile's mode.
    pub verdict: Verdict,
}

impl Effective {
    /// A shortest example for each set of rules that match something of what `request` describes, at
    /// most `limit` for each of its parts. Of capabilities every one.
    ///
    /// # Errors
    /// If that is too complex to find out.
    pub fn witnesses(&self, request: &Request, limit: usize) -> Result<Vec<Witness>, TooComplex> {
        let mut found = Vec::new();
        for want in &request.wants {
            if want.class == Class::Capability {
                found.extend(self.capabilities(want));
                continue;
            }
            let mut known = BTreeSet::new();
            let visit = |verdict: &Verdict, matching: &[EntryRef<'_>], trace: Trace<'_>| {
                let mut rules: Vec<RuleId> = matching.iter().map(EntryRef::rule).collect();
                rules.sort_unstable();
                if known.insert(rules) {
                    found.push(of(want, trace.text(), verdict));
                }
                if known.len() >= limit {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            };
            match want.class.request_domain() {
                Some(request_domain) => {
                    let wanted = [&*want.nfa, request_domain];
                    self.visit(want.class, &wanted, want.domain(), visit)?;
                }
                None => self.visit(want.class, &[&want.nfa], want.domain(), visit)?,
            }
        }
        Ok(found)
    }

    fn capabilities(&self, want: &Want) -> Vec<Witness> {
        let count = u8::try_from(CAPABILITIES.len()).unwrap_or(u8::MAX);
        let numbers = (0..count).filter(|number| want.nfa.matches(&[*number]));
        let decided = numbers.map(|number| {
            let text = vec![number];
            let verdict = self.decide(want.class, &text);
            of(want, text, &verdict)
        });
        decided.collect()
    }
}

fn of(want: &Want, text: Vec<u8>, verdict: &Verdict) -> Witness {
    Witness {
        class: want.class,
        text,
        mask: want.mask,
        alone: want.alone(),
        verdict: verdict.clone(),
    }
}
