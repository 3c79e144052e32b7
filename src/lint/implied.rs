//! The intents that a rule implies for a profile in which it finds nothing.

use crate::lang::files::Files;

/// What a rule implies for a profile in which it finds nothing: `aalint verify` asks the kernel about it. A promise
/// that the profile does not keep is left out: the rule reports it, and it need not find everything that is wrong.
///
/// A rule that has any says so beside its `CHECK`, and `cargo xtask bless` enters it in the registry:
///
/// ```
/// use aalint::lint::ImpliedIntents;
///
/// pub const IMPLIED_INTENTS: ImpliedIntents = ImpliedIntents {
///     is_for_containers: true,
///     promises: || vec!["deny capability sys_admin".to_owned()],
/// };
/// ```
#[derive(Copy, Clone, Debug)]
pub struct ImpliedIntents {
    /// Whether only profiles for containers are meant.
    pub is_for_containers: bool,
    /// The promises, each as in an intent, without the comma.
    pub promises: fn() -> Vec<String>,
}

impl ImpliedIntents {
    /// The promises as an intent with the name of the rule.
    #[must_use]
    pub fn intent(&self, rule: &str) -> String {
        let promises = (self.promises)();
        let lines = promises.iter().map(|promise| format!("  {promise},\n"));
        format!("intent {rule} {{\n{}}}\n", lines.collect::<String>())
    }
}

/// The promises that deny `access`, in the letters of a file rule, to each of these files.
#[must_use]
pub fn deny_all(files: &[Files], access: &str) -> Vec<String> {
    let denied = files.iter();
    denied
        .map(|files| format!("deny {} {access}", files.pattern))
        .collect()
}
