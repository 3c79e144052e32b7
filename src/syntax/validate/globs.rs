//! Patterns.

use super::Checker;
use crate::glob::{self, GlobFault};
use crate::syntax::ast::Word;
use crate::syntax::fault::{FaultKind, OperandFault, VariableFault};

impl Checker<'_> {
    pub(super) fn globs(&mut self, words: &[Word]) {
        for word in words {
            self.glob(*word, |_| true);
        }
    }

    /// Values of extended attributes, in which the parser passes over some faults.
    pub(super) fn xattr_globs(&mut self, words: &[Word]) {
        for word in words {
            if has_variable_in_braces(self.slice(word.0)) {
                self.operand(word.0, OperandFault::Variable);
            }
            self.glob(*word, |fault| {
                !matches!(
                    fault,
                    GlobFault::StrayBracket(_)
                        | GlobFault::SingleAlternative(..)
                        | GlobFault::TrailingBackslash(_)
                )
            });
        }
    }

    /// Checks one pattern as written; offsets are shifted by an opening quote.
    fn glob(&mut self, word: Word, counts: fn(GlobFault) -> bool) {
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
        let Some(fault) = glob::check(inner).filter(|fault| counts(*fault)) else {
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

/// Whether a variable stands within braces: where no values are put in, it is read as alternatives of which there is one.
fn has_variable_in_braces(written: &str) -> bool {
    let mut depth = 0_u32;
    let mut before = ' ';
    for c in written.chars() {
        match c {
            _ if before == '\\' => {}
            '{' if before == '@' && depth > 0 => return true,
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        before = if before == '\\' { ' ' } else { c };
    }
    false
}
