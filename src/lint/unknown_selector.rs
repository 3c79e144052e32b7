//! Names of rules that no rule has.

/// A name that fits no rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownSelector {
    /// What was written.
    pub text: String,
    /// The name that was probably meant.
    pub suggestion: Option<&'static str>,
}
