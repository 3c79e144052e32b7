//! What rules take for granted of a profile in which they find nothing.

use crate::lang::files::Files;

/// What a rule takes for granted of a profile in which it finds nothing: `aalint verify` asks the kernel
/// about it. Of a profile that does not keep something of it, that is left out: the rule tells what is
/// wrong, and need not find everything wrong.
///
/// A rule that has any says so beside its `CHECK`, and `cargo xtask bless` enters it in the registry:
///
/// ```
/// use aalint::lint::Pledge;
///
/// pub const PLEDGE: Pledge = Pledge {
///     is_for_containers: true,
///     promises: || vec!["deny capability sys_admin".to_owned()],
/// };
/// ```
#[derive(Copy, Clone, Debug)]
pub struct Pledge {
    /// Whether only profiles for containers are meant.
    pub is_for_containers: bool,
    /// The promises, each as in an intent, without the comma.
    pub promises: fn() -> Vec<String>,
}

impl Pledge {
    /// The promises as an intent with the name of the rule.
    #[must_use]
    pub fn intent(&self, rule: &str) -> String {
        let promises = (self.promises)();
        let lines = promises.iter().map(|promise| format!("  {promise},\n"));
        format!("intent {rule} {{\n{}}}\n", lines.collect::<String>())
    }
}

/// That none of these files is open to `access`, as letters of a rule.
#[must_use]
pub fn closed(files: &[Files], access: &str) -> Vec<String> {
    let closed = files.iter();
    closed
        .map(|files| format!("deny {} {access}", files.pattern))
        .collect()
}
