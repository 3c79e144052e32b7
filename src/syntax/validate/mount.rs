//! Rules of the mount family.

use super::Checker;
use crate::lang::mount::{self, MountShape, OPTIONS, Unencodable};
use crate::source::TextRange;
use crate::syntax::ast::{Body, Condition, ConditionOperator, MountRule};
use crate::syntax::fault::{FaultKind, MountFault, Vocabulary};

/// Which keyword the rule has.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Verb {
    Mount,
    Remount,
    Umount,
    PivotRoot,
}

impl Checker<'_> {
    fn mount_fault(&mut self, range: TextRange, fault: MountFault) {
        self.fault(range, FaultKind::Mount(fault));
    }

    /// A rule of the mount family; no other.
    pub(super) fn mount_family(&mut self, body: &Body) {
        match body {
            Body::Mount(rule) => self.mount(rule, Verb::Mount),
            Body::Remount(rule) => self.mount(rule, Verb::Remount),
            Body::Umount(rule) => self.mount(rule, Verb::Umount),
            Body::PivotRoot(rule) => self.mount(rule, Verb::PivotRoot),
            _ => {}
        }
    }

    fn mount(&mut self, rule: &MountRule, verb: Verb) {
        if verb == Verb::PivotRoot {
            for condition in &rule.conditions {
                if self.slice(condition.name) != "oldroot" {
                    self.unknown(
                        condition.name,
                        Vocabulary::Condition("pivot_root"),
                        ["oldroot"].into_iter(),
                    );
                }
            }
            return;
        }
        let mut shape = MountShape {
            has_source: rule.source.is_some() && verb == Verb::Mount,
            has_target: rule.target.is_some() || (rule.source.is_some() && verb != Verb::Mount),
            ..MountShape::default()
        };
        let mut is_readable = true;
        for condition in &rule.conditions {
            match self.slice(condition.name) {
                "options" | "option" => is_readable &= self.options(condition, &mut shape, verb),
                "fstype" | "vfstype" => shape.has_fstype = true,
                _ => {
                    is_readable = false;
                    self.unknown(
                        condition.name,
                        Vocabulary::Condition("mount"),
                        ["options", "fstype"].into_iter(),
                    );
                }
            }
        }
        self.repeated_options(rule);
        if verb == Verb::Umount || !is_readable {
            return;
        }
        if verb == Verb::Remount {
            shape.required = Some(shape.required.unwrap_or(0) | mount::REMOUNT);
        }
        let place = rule.conditions.first().map(|condition| condition.range);
        match (shape.operations(), place) {
            (Err(Unencodable::PropagationWithSource), Some(place)) => {
                self.mount_fault(place, MountFault::PropagationWithSource);
            }
            (Err(Unencodable::Nothing), Some(place)) => {
                self.mount_fault(place, MountFault::EncodesNothing)
            }
            _ => {}
        }
    }

    /// Enters the options of one condition; `false` if they cannot be read.
    fn options(&mut self, condition: &Condition, shape: &mut MountShape, verb: Verb) -> bool {
        let (mut set, mut cleared) = (0, 0);
        let mut is_readable = true;
        for value in &condition.values {
            match mount::option(&self.value(*value)) {
                Some((sets, clears)) => {
                    set |= sets;
                    cleared |= clears;
                }
                None => {
                    is_readable = false;
                    self.unknown(
                        value.0,
                        Vocabulary::MountOption,
                        OPTIONS.iter().map(|option| option.0),
                    );
                }
            }
        }
        if condition.operator == ConditionOperator::In {
            shape.optional = Some(shape.optional.unwrap_or(0) | set | cleared);
            return is_readable;
        }
        let required = if verb == Verb::Remount {
            set | mount::REMOUNT
        } else {
            set
        };
        if required & cleared != 0 {
            self.mount_fault(condition.range, MountFault::ConflictingOptions);
            return false;
        }
        shape.required = Some(shape.required.unwrap_or(0) | set);
        is_readable
    }

    /// `options=` twice: the parser refuses it.
    fn repeated_options(&mut self, _rule: &MountRule) {}
}
