//! Patterns.

use super::Checker;
use crate::glob::{self, GlobFault};
use crate::syntax::ast::Word;
use crate::syntax::fault::{FaultKind, VariableFault};

impl Checker<'_> {
    pub(super) fn globs(&mut self, words: &[Word]) {
        for word in words {
            self.glob(*word);
        }
    }

    /// Checks one pattern as written; offsets are shifted by an opening quote.
    pub(super) fn glob(&mut self, word: Word) {
        let written = self.slice(word.0);
        let quote = usize::from(written.starts_with('"'));
        let inner = match written.strip_prefix('"') {
            Some(rest) => rest.strip_suffix('"').unwrap_or(rest),
            None => written,
        };
        if !inner.contains(['{', '}', '[', ']', '\\']) {
            return;
        }
        if let Some((start, end)) = glob::invalid_variable(inner) {
            let place = word.0.part(start + quote, end + quote);
            return self.fault(place, FaultKind::Variable(VariableFault::Name));
        }
        let Some(fault) = glob::check(inner) else {
            return;
        };
        // The values of its variables may hold the other half.
        if glob::has_variable(inner) && fault.is_about_balance() {
            return;
        }
        let (start, end) = match fault {
            GlobFault::UnclosedBrace(at)
            | GlobFault::UnclosedClass(at)
            | GlobFault::StrayBrace(at)
            | GlobFault::StrayBracket(at)
            | GlobFault::TrailingBackslash(at)
            | GlobFault::StrayHyphen(at)
            | GlobFault::TooDeep(at) => (at, at + 1),
            GlobFault::EmptyClass(at) => (at, at + 2),
            GlobFault::SingleAlternative(start, end) | GlobFault::ReversedRange(start, end) => {
                (start, end)
            }
        };
        self.fault(
            word.0.part(start + quote, end + quote),
            FaultKind::Glob(fault),
        );
    }
}
