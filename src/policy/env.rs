//! Variables and booleans, as a file's preamble defines them.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Aliases;
use super::expansion_cache::ExpansionCache;
use crate::glob;
use crate::source::Span;

/// A variable and where its values come from.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Where it was set first.
    pub place: Span,
    /// The values, unquoted, in order.
    pub values: Vec<String>,
}

/// Keeps the first of values that are the same: a variable is a set.
fn once(values: &mut Vec<String>) {
    if values.len() > 1 {
        let mut seen = FxHashSet::default();
        values.retain(|value| seen.insert(value.clone()));
    }
}

/// The values of a variable that many lines add to, so that each line costs what it adds.
type Known = FxHashSet<String>;

/// Above this number of values of a variable a set of them is kept beside it.
const FEW: usize = 16;

/// Adds values to those of a variable, which has each once.
fn extend(definition: &mut Definition, values: &[String], known: &mut Known) {
    if definition.values.len() <= FEW {
        definition.values.extend_from_slice(values);
        once(&mut definition.values);
        known.clear();
        return;
    }
    // Made anew where it is not that of these values: after a definition, or in a copy.
    if known.len() != definition.values.len() {
        *known = definition.values.iter().cloned().collect();
    }
    for value in values {
        if known.insert(value.clone()) {
            definition.values.push(value.clone());
        }
    }
}

fn is_broken(values: &[String]) -> bool {
    let mut values = values.iter();
    values.any(|value| value.contains(['{', '}', '[', ']', '\\']) && glob::check(value).is_some())
}

/// Variables that several environments share.
#[derive(Debug)]
struct Layer {
    variables: FxHashMap<String, Definition>,
    /// The names of those with a value that is no pattern by itself.
    broken: Vec<String>,
    /// Values of variables that need no variable above this layer, if it is the oldest one.
    cache: ExpansionCache,
}

impl Layer {
    fn new(variables: FxHashMap<String, Definition>) -> Self {
        let values = variables.values().flat_map(|variable| &variable.values);
        let written = values.map(String::len).sum();
        let broken = variables.iter();
        let broken = broken.filter(|(_, variable)| is_broken(&variable.values));
        Self {
            broken: broken.map(|(name, _)| name.clone()).collect(),
            cache: ExpansionCache::of(written),
            variables,
        }
    }
}

/// What is defined at some point. Cheap to copy: most files share the tunables.
#[derive(Clone, Debug, Default)]
pub struct Env {
    /// Shared with other environments, the newest last.
    layers: Vec<Arc<Layer>>,
    own: FxHashMap<String, Definition>,
    /// The names of those that ever had a value that is no pattern by itself, and are not in a shared part yet.
    broken_own: Vec<String>,
    /// Of variables in `own`, by name.
    known: FxHashMap<String, Known>,
    booleans: FxHashMap<String, (bool, Span)>,
    /// What a build step defines: put into text where nothing else defines it.
    ambient: Arc<FxHashMap<String, Definition>>,
    /// Path prefixes that are also written otherwise.
    pub aliases: Arc<Aliases>,
    pub(super) cache: ExpansionCache,
}

impl Env {
    /// Nothing but what a build step defines.
    pub(super) fn with_ambient(ambient: Arc<FxHashMap<String, Definition>>) -> Self {
        Self {
            ambient,
            ..Self::default()
        }
    }

    /// The variable of that name.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&Definition> {
        self.own.get(name).or_else(|| {
            let mut newest_first = self.layers.iter().rev();
            newest_first.find_map(|layer| layer.variables.get(name))
        })
    }

    /// The same, or what a build step defines.
    pub(super) fn variable_or_ambient(&self, name: &str) -> Option<&Definition> {
        self.variable(name).or_else(|| self.ambient.get(name))
    }

    /// The boolean of that name and where it was set.
    #[must_use]
    pub fn boolean(&self, name: &str) -> Option<(bool, Span)> {
        self.booleans.get(name).copied()
    }

    /// Sets a variable, whatever it was.
    pub fn set(&mut self, name: &str, definition: Definition) {
        self.cache.forget();
        let mut definition = definition;
        once(&mut definition.values);
        self.note_broken(name, &definition.values);
        self.known.remove(name);
        self.own.insert(name.to_owned(), definition);
    }

    /// Adds values to a variable; `false` if it is not defined.
    pub fn add(&mut self, name: &str, values: &[String]) -> bool {
        self.cache.forget();
        self.note_broken(name, values);
        if !self.own.contains_key(name) {
            let Some(definition) = self.variable(name).cloned() else {
                return false;
            };
            self.known.remove(name);
            self.own.insert(name.to_owned(), definition);
        }
        if let Some(definition) = self.own.get_mut(name) {
            let known = self.known.entry(name.to_owned()).or_default();
            extend(definition, values, known);
        }
        true
    }

    fn note_broken(&mut self, name: &str, values: &[String]) {
        if is_broken(values) {
            self.broken_own.push(name.to_owned());
        }
    }

    /// Sets a boolean, whatever it was.
    pub fn set_boolean(&mut self, name: &str, value: bool, place: Span) {
        self.booleans.insert(name.to_owned(), (value, place));
    }

    /// Makes what is defined so far a shared part, so that copies are cheap.
    pub fn share(&mut self) {
        if !self.own.is_empty() {
            let own = std::mem::take(&mut self.own);
            // Not emptied: a copy of an empty map has as much room as the map had.
            self.known = FxHashMap::default();
            self.layers.push(Arc::new(Layer::new(own)));
        }
    }

    /// Where the oldest part that is shared with other environments lies: to be compared, never
    /// followed.
    #[must_use]
    pub fn foundation(&self) -> Option<usize> {
        self.layers.first().map(|layer| Arc::as_ptr(layer) as usize)
    }

    /// The values that a variable has in the foundation.
    #[must_use]
    pub fn values_in_foundation(&self, name: &str) -> &[String] {
        let definition = self
            .layers
            .first()
            .and_then(|layer| layer.variables.get(name));
        definition.map_or(&[], |definition| &definition.values)
    }

    /// What is remembered for all environments that stand on the same foundation.
    pub(super) fn cache_of_foundation(&self) -> Option<&ExpansionCache> {
        self.layers.first().map(|layer| &layer.cache)
    }

    /// The names of the variables that are not, or not only, set in the foundation.
    pub fn names_above_foundation(&self) -> impl Iterator<Item = &str> {
        self.layers
            .iter()
            .skip(1)
            .flat_map(|layer| layer.variables.keys())
            .chain(self.own.keys())
            .map(String::as_str)
    }

    /// Whether some variable has a value that is no pattern by itself: what is sound as it is written may be broken then.
    pub(super) fn has_broken_values(&self) -> bool {
        self.broken_names().next().is_some()
    }

    /// The names of the variables with such values; some may be more than once there, and some have others by now.
    pub(super) fn broken_names(&self) -> impl Iterator<Item = &str> {
        let shared = self.layers.iter().flat_map(|layer| &layer.broken);
        shared.chain(&self.broken_own).map(String::as_str)
    }

    /// Whether nothing is defined.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
            && self.own.is_empty()
            && self.booleans.is_empty()
            && self.aliases.is_empty()
    }

    /// All variables with their names, in no order; some more than once, with what they were before.
    pub fn definitions(&self) -> impl Iterator<Item = (&str, &Definition)> {
        let shared = self.layers.iter().flat_map(|layer| &layer.variables);
        let all = shared.chain(&self.own);
        all.map(|(name, definition)| (name.as_str(), definition))
    }
}
