//! What a run could not undo.

/// Something of ours that is still there, and why.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{what}` is left of a run: {why}")]
pub struct Leftover {
    /// What it is.
    pub what: String,
    /// Why it could not be removed or restored.
    pub why: String,
}
