//! How to render.

/// How to render.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Style {
    /// Whether colours may be used.
    pub color: bool,
    /// Nothing but findings.
    pub quiet: bool,
    /// A table of how often each rule fired.
    pub statistics: bool,
}
