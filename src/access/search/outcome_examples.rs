//! An example of each way in which a request is decided by the rules alone.

use std::ops::ControlFlow;

use crate::access::{Class, Effective, EntryRef, Found, Request, Verdict};
use crate::glob::{TooComplex, Trace};

/// How a request is decided.
#[derive(Clone, Debug, Default)]
pub struct OutcomeExamples<'e> {
    /// An example that is allowed: everything asked for it.
    pub allowed: Option<(Class, Found<'e>)>,
    /// An example of which at least one permission is allowed.
    pub granted: Option<(Class, Found<'e>)>,
    /// An example of which a deny rule refuses something.
    pub denied: Option<(Class, Found<'e>)>,
    /// An example of which no rule allows something, and none denies it.
    pub unmatched: Option<(Class, Found<'e>)>,
}

impl<'e> OutcomeExamples<'e> {
    /// Asks a profile: looks for an example of each outcome.
    ///
    /// # Errors
    /// If that is too complex to find out.
    pub fn of(effective: &'e Effective, request: &Request) -> Result<Self, TooComplex> {
        let mut examples = Self::default();
        for want in &request.wants {
            let mut visit = |verdict: &Verdict, matching: &[EntryRef<'e>], trace: Trace<'_>| {
                let found = || {
                    let found = Found {
                        witness: trace.text(),
                        verdict: verdict.clone(),
                        matching: matching.to_vec(),
                    };
                    (want.class, found)
                };
                let refused = want.refused(verdict);
                let place = if refused == 0 {
                    &mut examples.allowed
                } else if refused & verdict.deny != 0 {
                    &mut examples.denied
                } else {
                    &mut examples.unmatched
                };
                place.get_or_insert_with(found);
                if want.granted(verdict) != 0 {
                    examples.granted.get_or_insert_with(found);
                }
                if examples.is_settled() {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            };
            effective.visit(want.class, &[&want.nfa], want.domain(), &mut visit)?;
        }
        Ok(examples)
    }

    const fn is_settled(&self) -> bool {
        self.allowed.is_some() && self.denied.is_some() && self.unmatched.is_some()
    }

    /// Whether all of it is allowed.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        self.allowed.is_some() && self.denied.is_none() && self.unmatched.is_none()
    }

    /// Whether nothing of it is allowed, not even one permission of several.
    #[must_use]
    pub const fn is_refused(&self) -> bool {
        self.granted.is_none()
    }
}
