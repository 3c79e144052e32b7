//! Patterns that are compiled once, and the parser for which rules are compiled.

use std::hash::Hash;
use std::sync::{Arc, RwLock};

use rustc_hash::FxHashMap;

use super::sockets::Sockets;
use crate::glob::{Nfa, NfaFault};
use crate::lang::targets::Version;
use crate::policy::NEWEST_PARSER;

/// Compiled patterns by what they were compiled from.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    /// The parser whose decisions are told; the newest if none is set.
    parser: Option<Version>,
    /// Patterns of paths by their text.
    paths: Remembered<String>,
    /// Descriptions of sockets.
    sockets: Remembered<Sockets>,
}

/// What was made for a key.
type Known<K> = Arc<RwLock<FxHashMap<K, Arc<Nfa>>>>;

/// What was made for a key here, and what was made for it in the policy before a change. What nobody asked for again is dropped with the
/// next change.
#[derive(Debug)]
struct Remembered<K> {
    now: Known<K>,
    before: Option<Known<K>>,
}

impl<K> Default for Remembered<K> {
    fn default() -> Self {
        Self {
            now: Known::default(),
            before: None,
        }
    }
}

impl<K> Remembered<K> {
    fn after(before: &Self) -> Self {
        Self {
            now: Known::default(),
            before: Some(Arc::clone(&before.now)),
        }
    }
}

impl Patterns {
    /// For the rules that this parser loads.
    pub(super) fn of(parser: Version) -> Self {
        Self {
            parser: Some(parser),
            ..Self::default()
        }
    }

    /// The same where some of the patterns are likely to be those of `before`.
    pub(super) fn after(parser: Version, before: &Self) -> Self {
        Self {
            parser: Some(parser),
            paths: Remembered::after(&before.paths),
            sockets: Remembered::after(&before.sockets),
        }
    }

    /// The parser whose decisions are told.
    pub(super) fn parser(&self) -> Version {
        self.parser.unwrap_or(NEWEST_PARSER)
    }

    /// A pattern of paths, compiled.
    pub(super) fn path(&self, pattern: String) -> Result<Arc<Nfa>, NfaFault> {
        once(&self.paths, pattern, |pattern| Nfa::path(pattern))
    }

    /// Sockets with any address, compiled.
    pub(super) fn sockets(&self, sockets: &Sockets) -> Result<Arc<Nfa>, NfaFault> {
        once(&self.sockets, *sockets, Sockets::anywhere)
    }
}

/// What is known of a key; else it is made and remembered.
fn once<K: Eq + Hash>(
    known: &Remembered<K>,
    key: K,
    make: impl Fn(&K) -> Result<Nfa, NfaFault>,
) -> Result<Arc<Nfa>, NfaFault> {
    let look = |known: &Known<K>| known.read().ok().and_then(|all| all.get(&key).cloned());
    if let Some(found) = look(&known.now) {
        return Ok(found);
    }
    let found = match known.before.as_ref().and_then(look) {
        Some(found) => found,
        None => Arc::new(make(&key)?),
    };
    if let Ok(mut all) = known.now.write() {
        all.insert(key, Arc::clone(&found));
    }
    Ok(found)
}
