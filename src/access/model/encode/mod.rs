//! From a rule in force to entries.

mod all;
mod capability;
mod change_profile;
mod dbus;
mod file;
mod interface;
mod io_uring;
mod labels;
mod mount;
mod mqueue;
mod network;
mod unix;

pub(super) use interface::of_hats;

use std::sync::Arc;

use super::patterns::Patterns;
use crate::access::{Class, Entry, Exec, Rules, bits};
use crate::glob::{Nfa, NfaFault};
use crate::policy::{Env, Expanded, Fact};
use crate::source::{SourceMap, TextRange};
use crate::syntax::ast::{Body, Condition, ConditionOperator, Conditioned, Mode, Owner, Word};
use crate::syntax::text;

/// Why a rule cannot be compiled.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Unreadable {
    /// A variable has no value, or the rule is faulty.
    Words,
    /// Its pattern is too large.
    TooLarge,
}

impl From<NfaFault> for Unreadable {
    fn from(fault: NfaFault) -> Self {
        match fault {
            NfaFault::Invalid(_) => Self::Words,
            NfaFault::TooLarge => Self::TooLarge,
        }
    }
}

/// A rule being compiled.
pub(super) struct Compiler<'c, 's> {
    pub(super) sources: &'c SourceMap,
    pub(super) env: &'c Env,
    /// Name of the profile as it is written in its own header, `//` included; children are named by it.
    pub(super) profile: &'c str,
    pub(super) fact: &'c Fact<'s>,
    /// The fact's number in its segment.
    pub(super) number: u32,
    pub(super) rules: &'c mut Rules,
    /// Compiled patterns.
    pub(super) patterns: &'c Patterns,
    /// Whether the rule is read as a request: then it stands for what the kernel asks, and for nothing
    /// that the parser adds to a rule.
    pub(super) is_request: bool,
}

impl Compiler<'_, '_> {
    /// Adds the entries of the rule.
    pub(super) fn rule(&mut self) {
        let rule = self.fact.rule;
        let result = match &rule.body {
            Body::File(rule) => self.file(rule),
            Body::AllFiles => self.all_files(),
            Body::Link(rule) => self.link(rule),
            Body::Capability(names) => self.capability(names),
            Body::Network(rule) => self.network(rule),
            Body::Mount(rule) => self.mount(rule),
            Body::Remount(rule) => self.remount(rule),
            Body::Umount(rule) => self.umount(rule),
            Body::PivotRoot(rule) => self.pivot_root(rule),
            Body::Signal(rule) => self.signal(rule),
            Body::Ptrace(rule) => self.ptrace(rule),
            Body::Unix(rule) => self.unix(rule),
            Body::Dbus(rule) => self.dbus(rule),
            Body::Mqueue(rule) => self.mqueue(rule),
            Body::Userns(rule) => self.userns(rule),
            Body::IoUring(rule) => self.io_uring(rule),
            Body::ChangeProfile(rule) => self.change_profile(rule),
            Body::All => self.all(),
            // A limit is no request; see `shape`.
            Body::Rlimit(_) => Ok(()),
            Body::Unreadable => Err(Unreadable::Words),
        };
        if result.is_err() {
            self.rules.unreadable.push(self.number);
        }
    }

    /// What is written at a place.
    pub(super) fn slice(&self, range: TextRange) -> &str {
        self.sources.slice(range.in_file(self.fact.file))
    }

    /// The text of a word, quotes and escapes resolved.
    pub(super) fn value(&self, word: Word) -> String {
        text::value(self.slice(word.0)).into_owned()
    }

    /// The same with variables put in.
    pub(super) fn expanded(&self, word: Word) -> Result<String, Unreadable> {
        match self.env.expand(&self.value(word)) {
            Expanded::Text(text) => Ok(text),
            Expanded::TooLarge | Expanded::TooDeep => Err(Unreadable::TooLarge),
            Expanded::Undefined(_) | Expanded::Recursive(_) => Err(Unreadable::Words),
        }
    }

    /// The only value of the condition of that name, variables put in. `None` if it is not given.
    fn condition(
        &self,
        conditions: &[Condition],
        name: &str,
    ) -> Result<Option<String>, Unreadable> {
        let mut found = conditions
            .iter()
            .filter(|condition| self.slice(condition.name) == name);
        let Some(condition) = found.next() else {
            return Ok(None);
        };
        match condition.values.as_slice() {
            [word] if found.next().is_none() && condition.operator == ConditionOperator::Equal => {
                self.expanded(*word).map(Some)
            }
            _ => Err(Unreadable::Words),
        }
    }

    /// Refuses conditions with other names than these.
    fn only(&self, conditions: &[Condition], names: &[&str]) -> Result<(), Unreadable> {
        let is_known = |condition: &Condition| names.contains(&self.slice(condition.name));
        if conditions.iter().all(is_known) {
            Ok(())
        } else {
            Err(Unreadable::Words)
        }
    }

    /// The permissions that a rule names; `None` if it names none.
    fn access(&self, rule: &Conditioned, class: Class) -> Result<Option<u32>, Unreadable> {
        let mut bits = None;
        for word in &rule.access {
            let bit = class.bits_of(&self.value(*word)).ok_or(Unreadable::Words)?;
            bits = Some(bits.unwrap_or(0) | bit);
        }
        Ok(bits)
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
        nfa: impl Into<Arc<Nfa>>,
        mask: u32,
        audited: u32,
        exec: Option<Exec>,
    ) {
        let mut entry = self.entry(nfa, mask, audited);
        entry.exec = exec.filter(|_| self.fact.mode != Mode::Deny);
        self.add(class, entry);
    }

    /// Adds an entry with the rule's qualifiers for these bits, all of them audited if the rule is.
    fn push_plain(&mut self, class: Class, nfa: impl Into<Arc<Nfa>>, mask: u32) {
        self.push(class, nfa, mask, mask, None);
    }

    /// An entry with the rule's qualifiers; `audited` are the bits that the rule can record or
    /// silence.
    fn entry(&self, nfa: impl Into<Arc<Nfa>>, mask: u32, audited: u32) -> Entry {
        let audit = match (self.fact.mode, self.fact.is_audit) {
            (Mode::Deny, true) => mask,
            (Mode::Deny, false) => mask & !audited,
            (_, true) => audited,
            (_, false) => 0,
        };
        Entry {
            nfa: nfa.into(),
            effect: self.fact.mode,
            mask,
            audit,
            priority: self.fact.priority,
            exec: None,
            fact: self.number,
        }
    }

    fn add(&mut self, class: Class, entry: Entry) {
        if entry.mask | entry.audit != 0 {
            self.rules.push(class, entry);
        }
    }
}
