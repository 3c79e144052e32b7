//! The identity of a rule, as its page states it.

use super::{Applicability, Severity};

/// Who wants to hear of a rule.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// Everybody: on unless switched off.
    Default,
    /// People who polish: on with `--pedantic` or when selected.
    Pedantic,
    /// People who review a policy line by line: on with `--audit` or when selected.
    Audit,
    /// People who keep a set of profiles in one style: on when selected, by the group `style`, a name or a code.
    Style,
}

impl Level {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Pedantic => "pedantic",
            Self::Audit => "audit",
            Self::Style => "style",
        }
    }
}

/// What a rule is called and how it behaves, generated from the front matter of its page.
#[derive(Debug)]
pub struct Meta {
    /// Kebab-case name of the smell, `unrestricted-etc`. The primary identity.
    pub name: &'static str,
    /// Short stable code for machines, `AA301`.
    pub code: &'static str,
    /// The folder of its page and of its code.
    pub group: &'static str,
    /// How bad a finding is unless the finding or the configuration says otherwise.
    pub severity: Severity,
    /// Who wants to hear of it.
    pub level: Level,
    /// The best edit it can offer, if any.
    pub fix: Option<Applicability>,
    /// Names and codes that it had in earlier versions. They keep working.
    pub retired: &'static [&'static str],
    /// First version of aalint that has it.
    pub since: &'static str,
    /// The first sentence of the page, without its period.
    pub summary: &'static str,
    /// The whole page, Markdown with front matter.
    pub page: &'static str,
}

impl Meta {
    /// Whether `text` is its name or its code, today's or a retired one. The case of a code does not count.
    #[must_use]
    pub fn is_called(&self, text: &str) -> bool {
        self.name == text || self.code.eq_ignore_ascii_case(text) || self.instead_of(text).is_some()
    }

    /// What to write instead of `text`, if that is a name or a code that it had in an earlier version: its name for a name,
    /// its code for a code.
    #[must_use]
    pub fn instead_of(&self, text: &str) -> Option<&'static str> {
        let mut retired = self.retired.iter();
        let old =
            retired.find(|old| **old == text || is_code(old) && old.eq_ignore_ascii_case(text))?;
        Some(if is_code(old) { self.code } else { self.name })
    }
}

/// Whether the name of a rule is a code: they begin with `AA`, and names have small letters only.
#[must_use]
pub fn is_code(text: &str) -> bool {
    text.starts_with("AA")
}

impl PartialEq for Meta {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Meta {}
