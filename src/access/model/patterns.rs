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
    paths: Remembered<String, Nfa>,
    /// Descriptions of sockets.
    sockets: Remembered<Sockets, Nfa>,
}

/// What was made for a key.
type Remembered<K, V> = RwLock<FxHashMap<K, Arc<V>>>;

impl Patterns {
    /// For the rules that this parser loads.
    pub(super) fn of(parser: Version) -> Self {
        Self {
            parser: Some(parser),
            ..Self::default()
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
    known: &Remembered<K, Nfa>,
    key: K,
    make: impl Fn(&K) -> Result<Nfa, NfaFault>,
) -> Result<Arc<Nfa>, NfaFault> {
    let found = known.read().ok().and_then(|all| all.get(&key).cloned());
    if let Some(found) = found {
        return Ok(found);
    }
    let made = Arc::new(make(&key)?);
    if let Ok(mut all) = known.write() {
        all.insert(key, Arc::clone(&made));
    }
    Ok(made)
}
