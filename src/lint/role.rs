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
}

impl FileRole {
    /// The role of a file.
    #[must_use]
    pub fn of(path: &str, ast: &Ast) -> Self {
        let has = |test: fn(&Item) -> bool| ast.items.iter().any(test);
        if path.split('/').any(|part| part == "tunables") {
            return Self::Tunables;
        }
        // An abstraction may bring child profiles.
        if path.split('/').any(|part| matches!(part, "abstractions" | "local")) {
            return Self::Abstraction;
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
