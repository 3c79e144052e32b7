//! Capability rules.
//!
//! The compiled policy holds capabilities as sets of bits, not as an automaton: priorities do not
//! count there (sd_serialize_profile in parser_interface.c).

use super::{Compiler, Unreadable};
use crate::access::{Class, perms};
use crate::glob::{Builder, ByteSet};
use crate::lang::capabilities::CAPABILITIES;
use crate::syntax::ast::Word;

/// How many capabilities a policy can hold.
const COUNT: u8 = 64;

impl Compiler<'_, '_> {
    /// No name means all of them, those that later kernels know as well.
    pub(super) fn capability(&mut self, names: &[Word]) -> Result<(), Unreadable> {
        let mut numbers = ByteSet::default();
        for name in names {
            let name = self.value(*name);
            let known = (0..).zip(CAPABILITIES).find(|(_, one)| one.name == name);
            let (number, _) = known.ok_or(Unreadable::Words)?;
            numbers.insert(number);
        }
        if names.is_empty() {
            numbers = ByteSet::of(0..COUNT);
        }
        let mut builder = Builder::default();
        builder.one_of(numbers);
        let mut entry = self.entry(builder.finish()?, perms::USE, perms::USE);
        entry.priority = 0;
        self.add(Class::Capability, entry);
        Ok(())
    }
}
