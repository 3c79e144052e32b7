//! What a file is for.

use crate::syntax::ast::{Ast, Item};

/// What a file is for, by what stands in it and where it lies.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum FileRole {
    /// Holds profiles.
    Profiles,
    /// Holds rules, to be included in profiles.
    Abstraction,
    /// Holds variables, to be included in front of profiles.
    Tunables,
    /// Holds intents.
    Intents,
}

/// Whether a file of this path holds intents.
#[must_use]
pub fn is_intents(path: &str) -> bool {
    path.ends_with(".intents")
}

impl FileRole {
    /// Whether a file means something only where another one includes it.
    #[must_use]
    pub const fn is_part(self) -> bool {
        matches!(self, Self::Abstraction | Self::Tunables)
    }

    /// The role of a file. `is_included` says whether another file that was read includes it.
    #[must_use]
    pub fn of(path: &str, ast: &Ast, is_included: bool) -> Self {
        if is_intents(path) {
            return Self::Intents;
        }
        let has = |test: fn(&Item) -> bool| ast.items.iter().any(test);
        let mut parts: Vec<&str> = path.split('/').collect();
        parts.pop();
        if parts.contains(&"tunables") {
            return Self::Tunables;
        }
        // An abstraction may bring child profiles.
        if parts
            .iter()
            .any(|part| matches!(*part, "abstractions" | "local" | "mappings"))
        {
            return Self::Abstraction;
        }
        // `apache2.d` and the like hold parts; anything else would be loaded by itself.
        let holds_parts = parts
            .iter()
            .any(|part| part.ends_with(".d") && *part != "apparmor.d");
        // A part may be a hat.
        let has_own_profile = ast
            .items
            .iter()
            .any(|item| matches!(item, Item::Profile(p) if !p.form.is_hat()));
        if holds_parts && !has_own_profile && has(|item| matches!(item, Item::Profile(_))) {
            return Self::Abstraction;
        }
        if !holds_parts && !is_included {
            return Self::Profiles;
        }
        if has(|item| matches!(item, Item::Profile(_))) {
            return Self::Profiles;
        }
        if has(|item| matches!(item, Item::Rule(_) | Item::Block(_) | Item::Conditional(_))) {
            return Self::Abstraction;
        }
        if has(|item| matches!(item, Item::Variable(_) | Item::Boolean(_) | Item::Alias(_))) {
            return Self::Tunables;
        }
        Self::Profiles
    }
}
