//! Which probes show what is asked about a file.

use super::{ProbePlanner, Unprobed};
use crate::access::{Class, Exec, bits};
use crate::lang::permissions::{APPEND, EXEC, ExecKind, LINK, LOCK, MMAP, READ, WRITE};
use crate::verify::probe::message::Destination;
use crate::verify::probe::operation::{FileCall, ProbeOperation};

impl ProbePlanner<'_> {
    /// The probes of a path.
    pub(super) fn file(&mut self, path: &[u8], wanted: u32) {
        for (is_own, shift) in [(true, 0), (false, bits::OTHER)] {
            let half = |bits: u32| u8::try_from(bits >> shift & bits::HALF).unwrap_or(0);
            let (wanted, allowed) = (half(wanted), half(self.question.allow));
            let has = |permission: u8| wanted & permission != 0;
            if path.ends_with(b"/") {
                self.directory(path, is_own, wanted, shift);
                continue;
            }
            let mut add = |permission: u8, call: FileCall| {
                let operation = ProbeOperation::File {
                    path: path.to_vec(),
                    is_own,
                    call,
                };
                let to = match call {
                    FileCall::Exec if allowed & EXEC != 0 => self.destination(is_own),
                    _ => None,
                };
                self.add(u32::from(permission) << shift, operation, to);
            };
            if has(READ) {
                add(READ, FileCall::Read);
            }
            if has(WRITE) {
                add(WRITE, FileCall::Write);
                // What is made belongs to who makes it.
                if is_own {
                    add(WRITE, FileCall::Create);
                }
                add(WRITE, FileCall::Delete);
                // rename(2) asks for `r` as well as `w`.
                if allowed & WRITE == 0 || allowed & READ != 0 {
                    add(WRITE, FileCall::Rename);
                }
            }
            if has(APPEND) {
                add(APPEND, FileCall::Append);
            }
            let is_openable = allowed & (READ | WRITE) != 0;
            let is_useless_lock = allowed & LOCK != 0 && !is_openable;
            if has(LOCK) && !is_useless_lock {
                let is_reading = allowed & READ != 0 || !is_openable;
                add(LOCK, FileCall::Lock { is_reading });
            }
            let is_useless_map = allowed & MMAP != 0 && allowed & READ == 0;
            if has(MMAP) && !is_useless_map {
                add(MMAP, FileCall::Map);
            }
            if has(EXEC) {
                add(EXEC, FileCall::Exec);
            }
            for (permission, is_useless) in [(LOCK, is_useless_lock), (MMAP, is_useless_map)] {
                if has(permission) && is_useless {
                    let why = Unprobed::Without(u32::from(READ));
                    self.skip(u32::from(permission) << shift, why);
                }
            }
            if has(LINK) {
                self.skip(u32::from(LINK) << shift, Unprobed::LinkAlone);
            }
        }
    }

    fn directory(&mut self, path: &[u8], is_own: bool, wanted: u8, shift: u32) {
        let mut add = |permission: u8, call: FileCall| {
            let operation = ProbeOperation::File {
                path: path.to_vec(),
                is_own,
                call,
            };
            self.add(u32::from(permission) << shift, operation, None);
        };
        if wanted & READ != 0 {
            add(READ, FileCall::List);
        }
        if wanted & WRITE != 0 && path != b"/" {
            if is_own {
                add(WRITE, FileCall::MakeDirectory);
            }
            add(WRITE, FileCall::RemoveDirectory);
        }
        // To append is to write.
        let meaningless = wanted & !(READ | WRITE | APPEND);
        if meaningless != 0 {
            self.skip(u32::from(meaningless) << shift, Unprobed::Directory);
        }
    }

    /// A link also needs `l` for its path, and for its target all that it grants itself; so where
    /// the pair is allowed it is tried only if the rest is known to be allowed as well.
    pub(super) fn link(&mut self, link: &[u8], target: &[u8], wanted: u32) {
        let link_bit = u32::from(LINK);
        let is_useless = self.question.allow & link_bit != 0
            && (self.question.allow & bits::SUBSET != 0 || !self.may_link(link));
        if target.ends_with(b"/") || link.ends_with(b"/") {
            return self.skip(wanted, Unprobed::Directory);
        }
        if is_useless {
            return self.skip(wanted, Unprobed::LinkAlone);
        }
        for (is_own, shift) in [(true, 0), (false, bits::OTHER)] {
            if wanted & link_bit << shift == 0 {
                continue;
            }
            let operation = ProbeOperation::Link {
                link: link.to_vec(),
                target: target.to_vec(),
                is_own,
            };
            self.add(link_bit << shift, operation, None);
        }
    }

    /// Whether `l` is allowed for a path by itself, as far as that is asked.
    fn may_link(&self, link: &[u8]) -> bool {
        let both = bits::both(LINK);
        self.plan.questions.iter().any(|question| {
            question.profile == self.question.profile
                && question.class == Class::File
                && question.text == link
                && question.allow & both == both
        })
    }

    fn destination(&self, is_own: bool) -> Option<Destination> {
        let exec = self.question.exec.get(usize::from(!is_own))?.as_ref()?;
        let profile = self.plan.profiles.get(self.question.profile)?;
        destination(exec, &profile.name)
    }
}

/// Where an exec leads to, as far as the rule alone tells.
fn destination(exec: &Exec, own: &str) -> Option<Destination> {
    match (exec.mode.kind, exec.target.as_deref()) {
        (ExecKind::Inherit, _) => Some(Destination::Profile(own.to_owned())),
        (ExecKind::Unconfined, _) => Some(Destination::Unconfined),
        (ExecKind::Profile | ExecKind::Child, Some(name)) => {
            // A stack, a namespace, or a pattern.
            let is_plain = !name.contains(['&', ':', '@', '*', '?', '[', '{']);
            is_plain.then(|| Destination::Profile(name.to_owned()))
        }
        (ExecKind::Profile, None) => Some(Destination::Some(String::new())),
        (ExecKind::Child, None) => Some(Destination::Some(format!("{own}//"))),
        _ => None,
    }
}
