//! The values of variables that were put together already.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};

use rustc_hash::{FxHashMap, FxHashSet};

/// How much is remembered at least, in bytes.
const LEAST_REMEMBERED_BYTES: usize = 16 * 1024;

/// How much is remembered for each byte that is written, so that what is remembered stays in
/// proportion to it.
const REMEMBERED_FOR_ONE: usize = 64;

/// Values of variables with the variables in them put in. The rules of one profile use the same few
/// variables thousands of times, and nearly all profiles stand on the same tunables.
#[derive(Debug)]
pub(super) struct ExpansionCache {
    values: RwLock<FxHashMap<String, Expansion>>,
    /// How many bytes may still be remembered.
    room: AtomicUsize,
}

/// All texts that a variable stands for, each once, and how many variables lie within each other in
/// it, so that [`super::MAX_VARIABLE_DEPTH`] does not depend on what was asked before.
#[derive(Clone, Debug)]
pub(super) struct Expansion {
    pub(super) texts: Arc<[String]>,
    pub(super) depth: usize,
    /// The names of the variables that it needs, its own among them.
    pub(super) uses: Arc<FxHashSet<String>>,
}

impl Default for ExpansionCache {
    fn default() -> Self {
        Self::of(0)
    }
}

impl Clone for ExpansionCache {
    /// A copy of an environment begins with nothing remembered: it is about to be changed.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl ExpansionCache {
    /// A cache for values of variables of that many bytes.
    pub(super) fn of(written: usize) -> Self {
        let room = written.saturating_mul(REMEMBERED_FOR_ONE);
        Self {
            values: RwLock::default(),
            room: AtomicUsize::new(room.max(LEAST_REMEMBERED_BYTES)),
        }
    }

    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    pub(super) fn recall(&self, name: &str) -> Option<Expansion> {
        self.values.read().ok()?.get(name).cloned()
    }

    pub(super) fn remember(&self, name: &str, expansion: &Expansion) {
        let bytes: usize = expansion.texts.iter().map(String::len).sum();
        let less = |room: usize| room.checked_sub(bytes);
        if self
            .room
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
            .is_ok()
            && let Ok(mut values) = self.values.write()
        {
            values.insert(name.to_owned(), expansion.clone());
        }
    }
}

/// Text with its variables put in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expanded {
    /// The text; several values of a variable stand as alternatives, `{a,b}`.
    Text(String),
    /// It needs this variable, which is not defined.
    Undefined(String),
    /// It needs this variable, whose value leads back to itself.
    Recursive(String),
    /// It grows beyond [`super::MAX_EXPANSION_BYTES`] or [`super::MAX_TEXTS`].
    TooLarge,
    /// Its variables lead into each other more than [`super::MAX_VARIABLE_DEPTH`] times, maybe without end.
    TooDeep,
}

impl Expanded {
    /// The text, if there is one.
    #[must_use]
    pub fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}
