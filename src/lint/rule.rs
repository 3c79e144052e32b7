//! What a rule is.

use super::{Cx, FileView, ImpliedIntents, SuppressionView};
use crate::diagnostic::{Diagnostic, Meta};
use crate::policy::ProfileView;
use crate::source::Span;

/// A lint rule: its identity, from its page, and its code.
#[derive(Copy, Clone, Debug)]
pub struct Rule {
    /// What it is called and how it behaves.
    pub meta: &'static Meta,
    /// What it looks at.
    pub check: Check,
    /// What it implies for a profile in which it finds nothing.
    pub implied_intents: Option<ImpliedIntents>,
}

/// What a rule looks at.
#[derive(Copy, Clone, Debug)]
pub enum Check {
    /// One file, as written. Runs on every file that is checked; rules of the group `syntax` run on
    /// what these include as well.
    File(fn(&FileView<'_>, &Cx<'_>, &mut Sink<'_>)),
    /// One profile, child profile or hat, with everything that it includes.
    Profile(fn(&ProfileView<'_>, &Cx<'_>, &mut Sink<'_>)),
    /// The same for rules that claim that something is missing. Runs on profiles whose includes could all be read: what could
    /// not be read may bring it.
    WholeProfile(fn(&ProfileView<'_>, &Cx<'_>, &mut Sink<'_>)),
    /// Everything that is checked, at once.
    Policy(fn(&Cx<'_>, &mut Sink<'_>)),
    /// One comment that silences findings, and what came of it.
    Suppression(fn(&SuppressionView<'_>, &Cx<'_>, &mut Sink<'_>)),
}

/// Takes the findings of one rule.
#[derive(Debug)]
pub struct Sink<'k> {
    meta: &'static Meta,
    found: &'k mut Vec<Diagnostic>,
}

impl<'k> Sink<'k> {
    /// A sink for the findings of `meta`.
    pub const fn new(meta: &'static Meta, found: &'k mut Vec<Diagnostic>) -> Self {
        Self { meta, found }
    }

    /// Begins a finding at `span`; see [`Diagnostic`] for how a message is worded.
    #[must_use]
    pub fn at(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.meta, span, message)
    }

    /// Reports it.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }
}
