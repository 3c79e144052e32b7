//! Rules of `change_profile`.
//!
//! A rule allows the change at once even where it names a program, and the change at the exec of that
//! program as well (process_dfa_entry in parser_regex.c). It is never audited. Its priority does not count, nor that it
//! prompts, up to 5.0; 6.0 heeds both.

use super::{Compiler, Unreadable};
use crate::access::{Class, Exec, perms::change_profile};
use crate::glob::{Builder, ByteSet, Nfa, NfaFault};
use crate::lang::permissions::{EXEC, ExecKind, ExecMode};
use crate::lang::targets::Version;
use crate::syntax::ast::{ChangeProfile, Mode, Safety};

/// The first parser that heeds priorities and prompts of these rules.
const FIRST_HEEDING: Version = Version(6, 0);

impl Compiler<'_, '_> {
    pub(super) fn change_profile(&mut self, rule: &ChangeProfile) -> Result<(), Unreadable> {
        let target = match rule.target {
            Some(word) => self.expanded(word)?,
            None => "**".to_owned(),
        };
        let program = rule.exec.map(|word| self.expanded(word)).transpose()?;
        let label = |builder: &mut Builder| builder.glob(&target);
        let exec = |builder: &mut Builder| match &program {
            Some(path) => builder.glob(path),
            None => {
                builder.byte(b'/');
                builder.one_of(ByteSet::SEGMENT);
                builder.any_of(ByteSet::ANY);
                Ok(())
            }
        };
        let pair = joined(exec, label)?;
        if self.is_request {
            match rule.exec {
                Some(_) => self.change(pair, change_profile::WHOLE_ON_EXEC, None),
                None => self.change(Nfa::text(&target)?, change_profile::NOW, None),
            }
            return Ok(());
        }
        let is_unsafe = matches!(rule.safety, Some((Safety::Unsafe, _)));
        let mode = ExecMode {
            kind: ExecKind::Profile,
            is_unsafe,
        };
        // Only a rule that names a program says whether the environment is scrubbed.
        let has_mode = program.is_some();
        let mode = has_mode.then_some(Exec { mode, target: None });
        let x = if has_mode { u32::from(EXEC) } else { 0 };

        let both = change_profile::NOW | change_profile::ON_EXEC;
        self.change(Nfa::text(&target)?, both, None);
        self.change(alone(exec)?, change_profile::ON_EXEC, None);
        self.change(pair, change_profile::ON_EXEC | x, mode);
        // The automaton has paths and labels together, so each may match as the other.
        for nfa in [joined(anything, label)?, joined(anything, exec)?] {
            self.change(nfa, change_profile::LABEL_ON_EXEC, None);
        }
        for nfa in [joined(label, anything)?, joined(exec, anything)?] {
            self.change(nfa, change_profile::PROGRAM_ON_EXEC, None);
        }
        self.interface();
        Ok(())
    }

    fn change(&mut self, nfa: Nfa, mask: u32, exec: Option<Exec>) {
        // What is never recorded is never silenced either.
        let mut entry = self.entry(nfa, mask, 0);
        if self.patterns.parser() < FIRST_HEEDING {
            entry.priority = 0;
            if entry.effect == Mode::Prompt {
                entry.effect = Mode::Allow;
            }
        }
        entry.exec = exec.filter(|_| entry.effect == Mode::Allow);
        self.add(Class::ChangeProfile, entry);
    }
}

type Appended = Result<(), NfaFault>;

fn alone(part: impl Fn(&mut Builder) -> Appended) -> Result<Nfa, NfaFault> {
    let mut builder = Builder::default();
    part(&mut builder)?;
    builder.finish()
}

/// A program's path, NUL, and a label.
fn joined(
    path: impl Fn(&mut Builder) -> Appended,
    label: impl Fn(&mut Builder) -> Appended,
) -> Result<Nfa, NfaFault> {
    let mut builder = Builder::default();
    path(&mut builder)?;
    builder.byte(0);
    label(&mut builder)?;
    builder.finish()
}

fn anything(builder: &mut Builder) -> Appended {
    builder.any_of(ByteSet::ANY);
    Ok(())
}
