//! Rules of the mount family.

use super::{Compiler, Unreadable};
use crate::access::{Class, perms::mount};
use crate::glob::{Builder, ByteSet, Nfa, collapse_slashes};
use crate::lang::mount::{ALL, MountShape, Operation, REMOUNT, option};
use crate::syntax::ast::{Condition, ConditionOperator, MountRule, Word};

/// What `mount` and `remount` rules say.
#[derive(Default)]
struct Mount {
    point: Option<String>,
    source: Option<String>,
    types: Vec<String>,
    /// Bits of `options=`.
    required: Option<u32>,
    /// Bits of `options in`.
    optional: Option<u32>,
}

impl Compiler<'_, '_> {
    pub(super) fn mount(&mut self, rule: &MountRule) -> Result<(), Unreadable> {
        let mut mount = self.options(&rule.conditions, 0)?;
        mount.source = self.path(rule.source)?;
        mount.point = self.path(rule.target)?;
        self.operations(&mount)
    }

    pub(super) fn remount(&mut self, rule: &MountRule) -> Result<(), Unreadable> {
        let mut mount = self.options(&rule.conditions, REMOUNT)?;
        mount.point = self.path(rule.source)?;
        if mount.required.is_none() && mount.optional.is_none() {
            mount.optional = Some(ALL & !REMOUNT);
        }
        mount.required.get_or_insert(REMOUNT);
        self.operations(&mount)
    }

    /// Conditions have no effect here (mnt_rule in mount.cc).
    pub(super) fn umount(&mut self, rule: &MountRule) -> Result<(), Unreadable> {
        let point = self.path(rule.source)?;
        let mut builder = Builder::default();
        part(&mut builder, point.as_deref())?;
        self.push_plain(Class::Mount, builder.finish()?, mount::UMOUNT);
        Ok(())
    }

    /// The profile behind `->` has no effect (mnt_rule in mount.cc).
    pub(super) fn pivot_root(&mut self, rule: &MountRule) -> Result<(), Unreadable> {
        self.only(&rule.conditions, &["oldroot"])?;
        let new = self.path(rule.source)?;
        let old = self.condition(&rule.conditions, "oldroot")?;
        let old = old.map(|old| collapse_slashes(&old));
        let mut builder = Builder::default();
        part(&mut builder, new.as_deref())?;
        builder.byte(0);
        part(&mut builder, old.as_deref())?;
        self.push_plain(Class::Mount, builder.finish()?, mount::PIVOT_ROOT);
        Ok(())
    }

    fn path(&self, word: Option<Word>) -> Result<Option<String>, Unreadable> {
        let path = word.map(|word| self.expanded(word)).transpose()?;
        Ok(path.map(|path| collapse_slashes(&path)))
    }

    /// Reads the conditions; `implied` is required in addition to what `options=` says.
    fn options(&self, conditions: &[Condition], implied: u32) -> Result<Mount, Unreadable> {
        let mut mount = Mount::default();
        for condition in conditions {
            match self.slice(condition.name) {
                "fstype" | "vfstype" => {
                    for word in &condition.values {
                        mount.types.push(self.expanded(*word)?);
                    }
                }
                "options" | "option" => {
                    let (mut set, mut cleared) = (0, 0);
                    for word in &condition.values {
                        let (sets, clears) = option(&self.value(*word)).ok_or(Unreadable::Words)?;
                        set |= sets;
                        cleared |= clears;
                    }
                    let is_optional = condition.operator == ConditionOperator::In;
                    let (place, bits) = if is_optional {
                        (&mut mount.optional, set | cleared)
                    } else {
                        (&mut mount.required, set | implied)
                    };
                    let conflicts = !is_optional && bits & cleared != 0;
                    if place.replace(bits).is_some() || conflicts {
                        return Err(Unreadable::Words);
                    }
                }
                _ => return Err(Unreadable::Words),
            }
        }
        Ok(mount)
    }

    fn operations(&mut self, mount: &Mount) -> Result<(), Unreadable> {
        let shape = MountShape {
            required: mount.required,
            optional: mount.optional,
            has_fstype: !mount.types.is_empty(),
            has_source: mount.source.is_some(),
            has_target: mount.point.is_some(),
        };
        let operations = shape.operations().map_err(|_| Unreadable::Words)?;
        for operation in operations {
            self.push_plain(Class::Mount, mount.nfa(operation)?, mount::MOUNT);
        }
        Ok(())
    }
}

impl Mount {
    fn nfa(&self, operation: Operation) -> Result<Nfa, Unreadable> {
        let mut builder = Builder::default();
        let (point, source) = match operation {
            // Whatever the source is. Without a mount point the source stands for it.
            Operation::Remount | Operation::Propagation => {
                (self.point.as_deref().or(self.source.as_deref()), None)
            }
            // Matches nothing that the kernel names.
            _ if self.source.as_deref() == Some("detached") => (self.point.as_deref(), Some("")),
            _ => (self.point.as_deref(), self.source.as_deref()),
        };
        part(&mut builder, point)?;
        builder.byte(0);
        part(&mut builder, source)?;
        builder.byte(0);
        match operation {
            Operation::New if !self.types.is_empty() => {
                builder.alternatives(&self.types, |builder, kind| builder.glob(kind))?;
            }
            _ => builder.any_of(ByteSet::ANY),
        }
        builder.byte(0);
        let is_free = self.required.is_none() && self.optional.is_none();
        let optional = if is_free {
            ALL
        } else {
            self.optional.unwrap_or(0)
        };
        let possible = operation.options();
        flags(
            &mut builder,
            self.required.unwrap_or(0) & possible,
            optional & possible,
        )?;
        Ok(builder.finish()?)
    }
}

/// Appends a pattern, or anything without one.
fn part(builder: &mut Builder, pattern: Option<&str>) -> Result<(), Unreadable> {
    match pattern {
        Some(pattern) => builder.glob(pattern)?,
        None => builder.any_of(ByteSet::ANY),
    }
    Ok(())
}

/// Appends a byte for each flag; what is optional is so even where it is required.
fn flags(builder: &mut Builder, required: u32, optional: u32) -> Result<(), Unreadable> {
    for (number, bit) in (1..).zip((0..32).map(|shift| 1_u32 << shift)) {
        if optional & bit != 0 {
            builder.alternatives([true, false], |builder, is_there| {
                if is_there {
                    builder.byte(number);
                }
                Ok(())
            })?;
        } else if required & bit != 0 {
            builder.byte(number);
        }
    }
    Ok(())
}
