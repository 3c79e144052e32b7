//! Names that rules had in earlier versions.

use crate::diagnostic::Meta;
use crate::source::TextRange;

/// A name or a code that a rule had in an earlier version, as somebody wrote it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RetiredName {
    /// What was written.
    pub text: String,
    /// What it is called today, in the same form: a code for a code.
    pub now: &'static str,
}

impl RetiredName {
    /// What `text` is called today, if `meta` was called so once.
    #[must_use]
    pub fn of(text: &str, meta: &Meta) -> Option<Self> {
        Some(Self {
            text: text.to_owned(),
            now: meta.instead_of(text)?,
        })
    }
}

/// Retired names in the configuration, with their places.
pub type RetiredNames = Vec<(TextRange, RetiredName)>;
