//! What findings say about text that the parser refuses and whose meaning is plain.

use crate::diagnostic::Applicability;
use crate::syntax::fault::{NameFault, SlipKind};

/// The words for a slip.
#[derive(Clone, Debug)]
pub struct SlipWords {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    /// What the edit does.
    pub title: &'static str,
    /// Whether the edit can mean anything else than what was written.
    pub applicability: Applicability,
}

/// The words for a slip; `text` is what is marked.
#[must_use]
pub fn slip_words(kind: SlipKind, text: &str) -> SlipWords {
    let words = |message: String, help: String, title| SlipWords {
        message,
        help,
        title,
        applicability: match kind {
            SlipKind::CommaBeforePermissions
            | SlipKind::CommaBetweenCapabilities
            | SlipKind::CommaBetweenParts => Applicability::Safe,
            _ => Applicability::Unsafe,
        },
    };
    match kind {
        SlipKind::BlankInPath => words(
            format!("the path `{text}` contains a blank and has no quotes"),
            format!("quote the path: `\"{text}\"`"),
            "quote the path",
        ),
        SlipKind::BlankInValue => words(
            format!("`{text}` follows the value of a condition"),
            "quote a value that contains a blank: `peer=\"a b\"`".to_owned(),
            "quote the value",
        ),
        SlipKind::BareFlags => words(
            format!("the flags `{text}` are written without `flags=`"),
            "write flags as `flags=(complain)`, before the `{`".to_owned(),
            "write `flags=(…)`",
        ),
        SlipKind::Negation => words(
            format!("`{text}` cannot negate a condition"),
            "use `=` or `in` and list the values that must match: conditions know no `!=`"
                .to_owned(),
            "write `=`",
        ),
        SlipKind::MountCommand => words(
            format!("`{text}` is an option of mount(8), not a condition of a mount rule"),
            "write `-t tmpfs` as `fstype=tmpfs`, and `-o ro` or `--bind` as `options=(ro, bind)`"
                .to_owned(),
            "write conditions",
        ),
        SlipKind::LateCondition => words(
            format!("the condition `{text}` follows the source of a mount rule"),
            "write the conditions before the source: `mount fstype=ext4 /dev/sda1 -> /mnt/,`"
                .to_owned(),
            "move the condition",
        ),
        SlipKind::NoMountArrow => words(
            format!("the mount point `{text}` has no `->` before it"),
            format!("write `-> {text}`"),
            "write the arrow",
        ),
        SlipKind::CommaBeforePermissions => words(
            "a comma separates a path from its permissions".to_owned(),
            "remove the comma between the path and its permissions".to_owned(),
            "remove the comma",
        ),
        SlipKind::CommaBetweenCapabilities => words(
            format!("`{text}` follows a comma, which ends the capability rule"),
            "separate the capabilities of a rule by blanks: `capability net_admin net_raw,`"
                .to_owned(),
            "remove the commas",
        ),
        SlipKind::NetworkWord => words(
            format!("`{text}` is too much for one network rule"),
            "write another rule: a network rule has one family and one type".to_owned(),
            "write a rule for each",
        ),
        SlipKind::CommaBetweenParts => words(
            "a comma separates the parts of one rule".to_owned(),
            "remove the comma: a rule ends at its first comma outside of parentheses".to_owned(),
            "remove the comma",
        ),
        SlipKind::BareList => words(
            format!("several values, here `{text}`, are written without parentheses"),
            "write a list in parentheses: `signal (send, receive) set=(hup, int),`".to_owned(),
            "write the parentheses",
        ),
        SlipKind::BareAngle => words(
            format!(
                "`{}` names a file to include, without `include`",
                text.trim_end_matches(',')
            ),
            format!("write `include {}`", text.trim_end_matches(',')),
            "write `include`",
        ),
    }
}

/// The message about the name or attachment `text` of a profile, and what to do.
#[must_use]
pub fn name_fault_words(fault: NameFault, text: &str) -> (String, String) {
    match fault {
        NameFault::NeedsKeyword => (
            format!("`{text}` is not a path, so its profile needs the word `profile`"),
            format!("write `profile {text} {{`"),
        ),
        NameFault::Attachment => (
            format!("the attachment `{text}` is not a path"),
            "begin the attachment with `/` or with a variable, and quote a profile name that contains a blank"
                .to_owned(),
        ),
        NameFault::NamespaceNotTerminated => (
            format!("the namespace of `{text}` does not end"),
            "write `:namespace:name`".to_owned(),
        ),
        NameFault::NamespaceEmpty => (
            format!("the namespace of `{text}` is empty"),
            "write `:namespace:name`".to_owned(),
        ),
        NameFault::Empty => (
            format!("`{text}` names no profile"),
            "write `:namespace:name`".to_owned(),
        ),
        NameFault::Stacked => (
            format!("the profile name `{text}` begins with `&`"),
            "remove the `&`: it stacks profiles where they are used, not where they are defined".to_owned(),
        ),
    }
}
