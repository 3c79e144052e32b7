//! From a rule in force to entries.

mod file;

use std::sync::Arc;

use super::{Class, Entry, Exec, Pool, Rules, bits};
use crate::glob::{Program, ProgramFault};
use crate::policy::{Env, Expanded, Fact};
use crate::source::SourceMap;
use crate::syntax::ast::{Body, Mode, Owner, Word};
use crate::syntax::text;

/// Why a rule cannot be compiled.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Unreadable {
    /// A variable has no value, or the rule is faulty.
    Words,
    /// Its pattern is too large.
    TooLarge,
}

impl From<ProgramFault> for Unreadable {
    fn from(fault: ProgramFault) -> Self {
        match fault {
            ProgramFault::Invalid(_) => Self::Words,
            ProgramFault::TooLarge => Self::TooLarge,
        }
    }
}

/// A rule being compiled.
pub(super) struct Compiler<'c, 's> {
    pub(super) sources: &'c SourceMap,
    pub(super) env: &'c Env,
    /// Full name of the profile; children are named by it.
    pub(super) profile: &'c str,
    pub(super) fact: &'c Fact<'s>,
    /// The fact's number in its segment.
    pub(super) number: u32,
    pub(super) rules: &'c mut Rules,
    /// Compiled patterns.
    pub(super) pool: &'c Pool,
}

impl Compiler<'_, '_> {
    /// Adds the entries of the rule.
    pub(super) fn rule(&mut self) {
        let rule = self.fact.rule;
        let result = match &rule.body {
            Body::File(rule) => self.file(rule),
            Body::AllFiles => self.all_files(),
            Body::Link(rule) => self.link(rule),
            Body::All => self.all_files(),
            _ => Ok(()),
        };
        if result.is_err() {
            self.rules.unreadable.push(self.number);
        }
    }

    /// The text of a word, quotes and escapes resolved.
    pub(super) fn value(&self, word: Word) -> String {
        text::value(self.sources.slice(word.0.in_file(self.fact.file))).into_owned()
    }

    /// The same with variables put in.
    pub(super) fn expanded(&self, word: Word) -> Result<String, Unreadable> {
        match self.env.expand(&self.value(word)) {
            Expanded::Text(text) => Ok(text),
            Expanded::TooLarge => Err(Unreadable::TooLarge),
            Expanded::Undefined(_) | Expanded::Recursive(_) => Err(Unreadable::Words),
        }
    }

    /// Bits of files for the halves that the rule is about.
    pub(super) fn halves(&self, bits: u8) -> u32 {
        match self.fact.owner {
            Some(Owner::Owner) => u32::from(bits),
            Some(Owner::Other) => u32::from(bits) << bits::OTHER,
            None => bits::both(bits),
        }
    }

    /// Adds an entry with the rule's qualifiers.
    pub(super) fn push(
        &mut self,
        class: Class,
        program: impl Into<Arc<Program>>,
        mask: u32,
        audited: u32,
        exec: Option<Exec>,
    ) {
        if mask == 0 {
            return;
        }
        let entry = Entry {
            program: program.into(),
            effect: self.fact.mode,
            mask,
            audit: if self.fact.is_audit { audited } else { 0 },
            priority: self.fact.priority,
            exec: exec.filter(|_| self.fact.mode != Mode::Deny),
            fact: self.number,
        };
        self.rules.push(class, entry);
    }
}
