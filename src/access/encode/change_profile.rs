//! Rules of `change_profile`.
//!
//! A rule allows the change at once even where it names a program, and the change at the exec of that
//! program besides (process_dfa_entry in parser_regex.c). It is never audited, and its priority does
//! not count.

use super::{Compiler, Unreadable};
use crate::access::{Class, Exec, perms::change_profile};
use crate::glob::{Builder, ByteSet, Program};
use crate::lang::permissions::{EXEC, ExecKind, ExecMode};
use crate::syntax::ast::{ChangeProfile, Mode, Safety};

impl Compiler<'_, '_> {
    pub(super) fn change_profile(&mut self, rule: &ChangeProfile) -> Result<(), Unreadable> {
        let target = match rule.target {
            Some(word) => self.expanded(word)?,
            None => "**".to_owned(),
        };
        let program = rule.exec.map(|word| self.expanded(word)).transpose()?;
        let mut exec = Builder::default();
        match &program {
            Some(path) => exec.glob(path)?,
            None => {
                exec.byte(b'/');
                exec.one_of(ByteSet::SEGMENT);
                exec.any_of(ByteSet::ANY);
            }
        }
        let mut pair = exec.clone();
        pair.byte(0);
        pair.glob(&target)?;
        let is_unsafe = matches!(rule.safety, Some((Safety::Unsafe, _)));
        let mode = ExecMode {
            kind: ExecKind::Profile,
            is_unsafe,
        };
        // Only a rule that names a program says whether the environment is scrubbed.
        let has_mode = program.is_some();
        let mode = has_mode.then_some(Exec { mode, target: None });
        let x = if has_mode { u32::from(EXEC) } else { 0 };

        let target = Program::text(&target)?;
        let both = change_profile::NOW | change_profile::ON_EXEC;
        self.change(target, both, None);
        self.change(exec.finish()?, change_profile::ON_EXEC, None);
        self.change(pair.finish()?, change_profile::ON_EXEC | x, mode);
        self.interface();
        Ok(())
    }

    fn change(&mut self, program: Program, mask: u32, exec: Option<Exec>) {
        // What is never recorded is never silenced either.
        let mut entry = self.entry(program, mask, 0);
        entry.priority = 0;
        // The parser does not prompt for these.
        if entry.effect == Mode::Prompt {
            entry.effect = Mode::Allow;
        }
        entry.exec = exec.filter(|_| entry.effect == Mode::Allow);
        self.add(Class::ChangeProfile, entry);
    }
}
