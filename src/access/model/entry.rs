//! Rules compiled to what they match and what they do.

use std::sync::{Arc, OnceLock};

use crate::access::{Class, Exec};
use crate::glob::{Nfa, PrefixIndex};
use crate::syntax::ast::Mode;

/// A rule, or a part of one, as the decision function uses it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Which strings it matches.
    pub nfa: Arc<Nfa>,
    /// What it does.
    pub effect: Mode,
    /// The bits that it does it to.
    pub mask: u32,
    /// The bits that it audits; for a deny rule those that it does not silence.
    pub audit: u32,
    /// Its priority, -1000 to 1000.
    pub priority: i32,
    /// What an exec leads to, if `x` is among the bits.
    pub exec: Option<Exec>,
    /// The rule: its number among those of its segment.
    pub fact: u32,
}

/// The entries of the rules of one segment.
#[derive(Debug, Default)]
pub struct Rules {
    classes: Vec<(Class, Vec<Entry>)>,
    /// Numbers of rules that could not be compiled, because a variable is unknown or the pattern too
    /// large: what depends on them is unknown.
    pub unreadable: Vec<u32>,
    /// Numbers of `network` rules with addresses, which are restrictions to some kernels only: what they
    /// say about `inet` and `inet6` is unknown.
    pub undecided: Vec<u32>,
    /// Numbers of the entries that deny, by class.
    denies: Vec<(Class, u32)>,
    by_prefix: OnceLock<PrefixIndex>,
}

impl Rules {
    /// Adds an entry.
    pub fn push(&mut self, class: Class, entry: Entry) {
        if entry.effect == Mode::Deny {
            let number = self.entries(class).len();
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            self.denies.push((class, number));
        }
        match self.classes.iter_mut().find(|(known, _)| *known == class) {
            Some((_, entries)) => entries.push(entry),
            None => self.classes.push((class, vec![entry])),
        }
    }

    /// The entries of a class.
    #[must_use]
    pub fn entries(&self, class: Class) -> &[Entry] {
        self.classes
            .iter()
            .find(|(known, _)| *known == class)
            .map(|(_, entries)| entries.as_slice())
            .unwrap_or_default()
    }

    /// The entries of a class that deny.
    pub fn denies(&self, class: Class) -> impl Iterator<Item = &Entry> {
        let of_class = self.denies.iter().filter(move |(known, _)| *known == class);
        of_class.filter_map(move |(_, number)| self.entries(class).get(*number as usize))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty() && self.unreadable.is_empty()
    }

    /// Numbers of the entries for files that may match a path that begins with one of `prefixes`.
    #[must_use]
    pub fn files_intersecting(&self, prefixes: &[Vec<u8>]) -> Vec<u32> {
        self.by_prefix().intersecting(prefixes)
    }

    /// Numbers of the entries for files that may match `path`; one may come more than once.
    #[must_use]
    pub fn files_matching(&self, path: &[u8]) -> Vec<u32> {
        let mut found = Vec::new();
        self.by_prefix().matching(path, &mut found);
        found
    }

    fn by_prefix(&self) -> &PrefixIndex {
        self.by_prefix.get_or_init(|| {
            let files = self.entries(Class::File).iter();
            PrefixIndex::new((0..).zip(files.map(|entry| entry.nfa.prefixes())))
        })
    }

    /// Gives back memory that further entries would need.
    pub fn shrink(&mut self) {
        for (_, entries) in &mut self.classes {
            entries.shrink_to_fit();
        }
        self.classes.shrink_to_fit();
    }
}
