//! Signals and tracing: a peer is known by its label. And namespaces, which know nothing.

use super::{Compiler, Unreadable};
use crate::access::Class;
use crate::glob::{Builder, ByteSet, Nfa};
use crate::lang::signal;
use crate::syntax::ast::{Condition, ConditionOperator, Conditioned};

impl Compiler<'_, '_> {
    pub(super) fn signal(&mut self, rule: &Conditioned) -> Result<(), Unreadable> {
        self.only(&rule.conditions, &["set", "peer"])?;
        let bits = self.access(rule, Class::Signal)?;
        let mut builder = Builder::default();
        builder.one_of(self.signals(&rule.conditions)?);
        self.peer(&rule.conditions, &mut builder)?;
        let mask = bits.unwrap_or(Class::Signal.all_bits());
        self.push_plain(Class::Signal, builder.finish()?, mask);
        Ok(())
    }

    /// The numbers of all signals that are named; several conditions add up.
    fn signals(&self, conditions: &[Condition]) -> Result<ByteSet, Unreadable> {
        let mut numbers = ByteSet::default();
        for condition in conditions {
            if self.slice(condition.name) != "set" {
                continue;
            }
            if condition.operator != ConditionOperator::Equal {
                return Err(Unreadable::Words);
            }
            for word in &condition.values {
                let number = signal::number(&self.value(*word)).ok_or(Unreadable::Words)?;
                numbers.insert(number);
            }
        }
        Ok(if numbers.is_empty() {
            ByteSet::ALL
        } else {
            numbers
        })
    }

    pub(super) fn ptrace(&mut self, rule: &Conditioned) -> Result<(), Unreadable> {
        self.only(&rule.conditions, &["peer"])?;
        let bits = self.access(rule, Class::Ptrace)?;
        let mut builder = Builder::default();
        self.peer(&rule.conditions, &mut builder)?;
        let mask = bits.unwrap_or(Class::Ptrace.all_bits());
        self.push_plain(Class::Ptrace, builder.finish()?, mask);
        Ok(())
    }

    /// Appends what `peer=` says, or any label.
    fn peer(&self, conditions: &[Condition], builder: &mut Builder) -> Result<(), Unreadable> {
        match self.condition(conditions, "peer")? {
            Some(label) => builder.glob(&label)?,
            None => {
                builder.one_of(ByteSet::ANY);
                builder.any_of(ByteSet::ANY);
            }
        }
        Ok(())
    }

    pub(super) fn userns(&mut self, rule: &Conditioned) -> Result<(), Unreadable> {
        self.only(&rule.conditions, &[])?;
        let bits = self.access(rule, Class::Userns)?;
        let mask = bits.unwrap_or(Class::Userns.all_bits());
        self.push_plain(Class::Userns, Nfa::literal(b""), mask);
        Ok(())
    }
}
