//! io_uring rules.

use super::{Compiler, Unreadable};
use crate::access::{Class, perms::io_uring};
use crate::glob::{Builder, ByteSet, Nfa};
use crate::syntax::ast::Conditioned;

impl Compiler<'_, '_> {
    /// The label belongs to `override_creds`; `sqpoll` asks for none (io_uring.cc).
    pub(super) fn io_uring(&mut self, rule: &Conditioned) -> Result<(), Unreadable> {
        self.only(&rule.conditions, &["label"])?;
        let bits = self.access(rule, Class::IoUring)?;
        let mask = bits.unwrap_or(Class::IoUring.all_bits());
        let mut builder = Builder::default();
        match self.condition(&rule.conditions, "label")? {
            Some(label) => builder.glob(&label)?,
            None => builder.any_of(ByteSet::ANY),
        }
        let labels = builder.finish()?;
        self.push_plain(Class::IoUring, Nfa::literal(b""), mask & io_uring::SQPOLL);
        self.push_plain(Class::IoUring, labels, mask & io_uring::OVERRIDE_CREDS);
        Ok(())
    }
}
