//! `all,`: every rule kind without conditions (all_rule.cc).

use std::sync::Arc;

use super::file::EVERYTHING;
use super::{Compiler, Unreadable};
use crate::access::{Class, Exec, bits};
use crate::glob::Nfa;
use crate::lang::permissions::{APPEND, EXEC, ExecKind, ExecMode, LINK, LOCK, MMAP, READ, WRITE};
use crate::policy::Fact;
use crate::syntax::ast::{Conditioned, Mode, MountRule};

impl Compiler<'_, '_> {
    pub(super) fn all(&mut self) -> Result<(), Unreadable> {
        // Where the parser denies all, it silences what it should record and the other way round; unix
        // sockets it silences always.
        let is_deny = self.fact.mode == Mode::Deny;
        let is_audit = self.fact.is_audit;
        self.recording(is_audit && !is_deny, |compiler| {
            compiler.unix(&Conditioned::default())
        })?;
        self.recording(is_audit != is_deny, |compiler| compiler.all_but_unix())
    }

    /// Compiles a part of the rule as if it were written with `audit`, or without.
    pub(super) fn recording(
        &mut self,
        is_audit: bool,
        part: impl FnOnce(&mut Compiler<'_, '_>) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        let fact = Fact {
            is_audit,
            ..*self.fact
        };
        part(&mut Compiler {
            sources: self.sources,
            env: self.env,
            profile: self.profile,
            fact: &fact,
            number: self.number,
            rules: self.rules,
            patterns: self.patterns,
            is_request: self.is_request,
        })
    }

    fn all_but_unix(&mut self) -> Result<(), Unreadable> {
        let conditions = Conditioned::default();
        let mount = MountRule::default();
        self.interface();
        self.every_file()?;
        self.capability(&[])?;
        self.dbus(&conditions)?;
        self.io_uring(&conditions)?;
        self.mqueue(&conditions)?;
        self.ptrace(&conditions)?;
        self.signal(&conditions)?;
        self.userns(&conditions)?;
        self.mount(&mount)?;
        self.remount(&mount)?;
        self.umount(&mount)?;
        self.pivot_root(&mount)?;
        self.network_alone(&conditions)?;
        Ok(())
    }

    /// `ix` has a lower priority, so that other rules decide what execs lead to.
    fn every_file(&mut self) -> Result<(), Unreadable> {
        let nfa = Arc::new(Nfa::path(EVERYTHING)?);
        let is_deny = self.fact.mode == Mode::Deny;
        let mask = self.halves(READ | WRITE | APPEND | LINK | LOCK | MMAP);
        // The parser denies these to the owner alone.
        let mask = if is_deny {
            mask & bits::HALF & !u32::from(LINK)
        } else {
            mask
        };
        let audited = mask & !bits::both(LINK);
        self.push(Class::File, Arc::clone(&nfa), mask, audited, None);
        let link = self.halves(LINK) & if is_deny { bits::HALF } else { u32::MAX };
        self.link_pair(EVERYTHING, None, true, link)?;
        let mode = ExecMode {
            kind: ExecKind::Inherit,
            is_unsafe: false,
        };
        let x = self.halves(EXEC);
        let mut entry = self.entry(nfa, x, x);
        entry.priority -= 2;
        entry.exec = Some(Exec { mode, target: None }).filter(|_| !is_deny);
        self.add(Class::File, entry);
        Ok(())
    }
}
