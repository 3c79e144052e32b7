//! Rules of message queues.

use super::{Compiler, Unreadable};
use crate::access::{Class, perms::mqueue};
use crate::glob::{Builder, ByteSet};
use crate::syntax::ast::Conditioned;

/// What a rule with a label grants for a queue that has none because it does not exist yet: `mq_open`
/// asks for reading and writing while it creates it (mqueue.h).
const CREATION: u32 = mqueue::CREATE | mqueue::READ | mqueue::WRITE;

/// The two kinds of queues.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Kind {
    Posix,
    SystemV,
}

impl Compiler<'_, '_> {
    pub(super) fn mqueue(&mut self, rule: &Conditioned) -> Result<(), Unreadable> {
        self.only(&rule.conditions, &["type", "label"])?;
        let bits = self.access(rule, Class::Mqueue)?;
        let mask = bits.unwrap_or(Class::Mqueue.all_bits());
        let name = match rule.operands.first() {
            Some(word) => Some(self.expanded(*word)?),
            None => None,
        };
        let label = self.condition(&rule.conditions, "label")?;
        let kind = match self.condition(&rule.conditions, "type")?.as_deref() {
            None => None,
            Some("posix") => Some(Kind::Posix),
            Some("sysv") => Some(Kind::SystemV),
            Some(_) => return Err(Unreadable::Words),
        };
        let implied = name.as_deref().map(kind_of).transpose()?;
        if let (Some(kind), Some(implied)) = (kind, implied)
            && kind != implied
        {
            return Err(Unreadable::Words);
        }
        for one in [Kind::Posix, Kind::SystemV] {
            if kind.or(implied).is_some_and(|kind| kind != one) {
                continue;
            }
            // The kernel asks whether a queue may be created while it has no label.
            let creation = if self.is_request {
                mqueue::CREATE
            } else {
                CREATION
            };
            let labelled = if self.is_request {
                mask & !mqueue::CREATE
            } else {
                mask
            };
            let mut builder = queue(one, name.as_deref())?;
            let unlabelled = builder.clone().finish()?;
            builder.byte(0);
            match &label {
                Some(label) => {
                    builder.glob(label)?;
                    // Of a rule about both kinds the parser writes the label once more for the second one
                    // (gen_policy_re in mqueue.cc of 5.0.2).
                    let is_second = one == Kind::SystemV && kind.or(implied).is_none();
                    if is_second && !self.is_request {
                        builder.glob(label)?;
                    }
                    if mask & mqueue::CREATE != 0 {
                        self.push_plain(Class::Mqueue, unlabelled, mask & creation);
                    }
                }
                None => {
                    builder.one_of(ByteSet::ANY);
                    builder.any_of(ByteSet::ANY);
                    self.push_plain(Class::Mqueue, unlabelled, mask);
                }
            }
            self.push_plain(Class::Mqueue, builder.finish()?, labelled);
        }
        Ok(())
    }
}

fn kind_of(name: &str) -> Result<Kind, Unreadable> {
    if name.starts_with('/') {
        Ok(Kind::Posix)
    } else if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(Kind::SystemV)
    } else {
        Err(Unreadable::Words)
    }
}

fn queue(kind: Kind, name: Option<&str>) -> Result<Builder, Unreadable> {
    let mut builder = Builder::default();
    match kind {
        Kind::Posix => {
            builder.byte(b'p');
            match name {
                Some(name) => builder.glob(name)?,
                None => builder.any_of(ByteSet::ANY),
            }
        }
        Kind::SystemV => {
            builder.byte(b's');
            match name {
                Some(name) => {
                    // The parser keeps the low 32 bits of a greater number.
                    let key: u64 = name.parse().map_err(|_| Unreadable::Words)?;
                    let key = key & u64::from(u32::MAX);
                    builder.bytes(key.to_string().as_bytes());
                }
                None => {
                    let digits = ByteSet::of(b'0'..=b'9');
                    builder.one_of(digits);
                    builder.any_of(digits);
                }
            }
        }
    }
    Ok(builder)
}
