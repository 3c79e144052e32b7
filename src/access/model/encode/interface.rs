//! Files that a profile may use without a rule for them: those by which the kernel is asked to change
//! the profile. The parser adds rules for the owner, with priority 0 and never denied.

use std::sync::{Arc, OnceLock};

use super::Compiler;
use crate::access::{Class, Entry, Rules};
use crate::glob::Nfa;
use crate::lang::permissions::{READ, WRITE};
use crate::syntax::ast::Mode;

/// With a rule of `change_profile`, one that denies included.
const CHANGE_PROFILE: &str = "/proc/*/attr/{apparmor/,}{current,exec}";
/// In a hat, and where there are children or hats.
const CHANGE_HAT: &str = "/proc/[0-9]*/attr/{apparmor/,}current";
/// In both cases.
const LIBRARY: [&str; 2] = [
    "/proc/*/attr/apparmor/",
    "/sys/module/apparmor/parameters/enabled",
];

impl Compiler<'_, '_> {
    /// What comes with a rule of `change_profile`.
    pub(super) fn interface(&mut self) {
        enter(self.rules, CHANGE_PROFILE, self.number);
    }
}

/// What a hat, or a profile with children or hats, gets.
pub(in crate::access) fn of_hats() -> Arc<Rules> {
    static RULES: OnceLock<Arc<Rules>> = OnceLock::new();
    let rules = RULES.get_or_init(|| {
        let mut rules = Rules::default();
        enter(&mut rules, CHANGE_HAT, u32::MAX);
        Arc::new(rules)
    });
    Arc::clone(rules)
}

fn enter(rules: &mut Rules, written: &str, fact: u32) {
    let read = LIBRARY.map(|path| (path, READ));
    for (path, bits) in read.into_iter().chain([(written, WRITE)]) {
        let Ok(nfa) = Nfa::path(path) else {
            continue;
        };
        let entry = Entry {
            nfa: Arc::new(nfa),
            effect: Mode::Allow,
            mask: u32::from(bits),
            audit: 0,
            priority: 0,
            exec: None,
            fact,
        };
        rules.push(Class::File, entry);
    }
}
