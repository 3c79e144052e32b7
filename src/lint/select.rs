//! Which rules are on, and how severe their findings are.

use super::{RetiredName, UnknownSelector};
use crate::diagnostic::{Level, Meta, Severity};

/// What somebody wrote to name rules.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Selector {
    /// `all`
    All,
    /// `default`, `pedantic`, `audit`
    Level(&'static str),
    /// `security`: all rules of a group.
    Group(String),
    /// `AA1`: all rules whose code begins so.
    CodePrefix(String),
    /// A rule by its name or its whole code.
    Rule(String),
}

impl Selector {
    /// Reads a selector.
    ///
    /// # Errors
    /// If no rule is named by it.
    pub fn parse(text: &str, rules: &[super::Rule]) -> Result<Self, UnknownSelector> {
        let names = || rules.iter().map(|rule| rule.meta.name);
        let groups = || rules.iter().map(|rule| rule.meta.group);
        match text {
            "all" => return Ok(Self::All),
            "default" => return Ok(Self::Level("default")),
            "pedantic" => return Ok(Self::Level("pedantic")),
            "audit" => return Ok(Self::Level("audit")),
            _ => {}
        }
        if names().any(|name| name == text) {
            return Ok(Self::Rule(text.to_owned()));
        }
        if groups().any(|group| group == text) {
            return Ok(Self::Group(text.to_owned()));
        }
        let code = text.to_ascii_uppercase();
        if let Some(rule) = rules.iter().find(|rule| rule.meta.code == code) {
            return Ok(Self::Rule(rule.meta.name.to_owned()));
        }
        if code.starts_with("AA") && rules.iter().any(|rule| rule.meta.code.starts_with(&code)) {
            return Ok(Self::CodePrefix(code));
        }
        if let Some(rule) = rules
            .iter()
            .find(|rule| rule.meta.instead_of(text).is_some())
        {
            return Ok(Self::Rule(rule.meta.name.to_owned()));
        }
        let suggestion = crate::lang::keywords::suggest(text, names().chain(groups()));
        Err(UnknownSelector {
            text: text.to_owned(),
            suggestion,
        })
    }

    /// Whether it names a finding of this level, or a rule by its own.
    fn matches(&self, meta: &Meta, finding: Level) -> bool {
        match self {
            Self::All => true,
            Self::Level(level) => finding.name() == *level,
            Self::Group(group) => meta.group == group,
            Self::CodePrefix(prefix) => meta.code.starts_with(prefix.as_str()),
            Self::Rule(name) => meta.name == name,
        }
    }

    /// More specific selectors win over less specific ones.
    fn rank(&self) -> usize {
        match self {
            Self::All => 0,
            Self::Level(_) => 1,
            Self::Group(_) => 2,
            Self::CodePrefix(prefix) => prefix.len(),
            Self::Rule(_) => 100,
        }
    }
}

/// What a name or a code is called today, if one of `rules` was called so in an earlier version.
#[must_use]
pub fn retired_name<'m>(
    text: &str,
    rules: impl IntoIterator<Item = &'m Meta>,
) -> Option<RetiredName> {
    let mut rules = rules.into_iter();
    rules.find_map(|meta| RetiredName::of(text, meta))
}

/// A choice of rules and severities. Of several selectors that name a rule the most specific one
/// decides; of equally specific ones `ignore` wins.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Selection {
    /// Exactly these, instead of the levels.
    pub only: Option<Vec<Selector>>,
    /// These as well.
    pub extend: Vec<Selector>,
    /// Not these.
    pub ignore: Vec<Selector>,
    /// Severities; `None` is off.
    pub severities: Vec<(Selector, Option<Severity>)>,
    /// Rules for people who polish.
    pub pedantic: bool,
    /// Rules for people who review.
    pub audit: bool,
}

impl Selection {
    /// The severity of findings of a rule, given the level and the severity that they have by themselves; `None` if
    /// they are not wanted.
    #[must_use]
    pub fn severity(&self, meta: &Meta, level: Level, own: Severity) -> Option<Severity> {
        if !self.is_on(meta, level) {
            return None;
        }
        let chosen = self
            .severities
            .iter()
            .filter(|(selector, _)| selector.matches(meta, level));
        match chosen.max_by_key(|(selector, _)| selector.rank()) {
            Some((_, severity)) => *severity,
            None => Some(own),
        }
    }

    fn is_on(&self, meta: &Meta, level: Level) -> bool {
        let best = |selectors: &[Selector]| {
            selectors
                .iter()
                .filter(|selector| selector.matches(meta, level))
                .map(Selector::rank)
                .max()
        };
        let by_level = match (&self.only, level) {
            (Some(only), _) => best(only),
            (None, Level::Default) => Some(0),
            (None, Level::Pedantic) => self.pedantic.then_some(0),
            (None, Level::Audit) => self.audit.then_some(0),
            (None, Level::Style) => None,
        };
        let on = by_level.max(best(&self.extend));
        match (on, best(&self.ignore)) {
            (Some(on), Some(off)) => on > off,
            (on, None) => on.is_some(),
            (None, Some(_)) => false,
        }
    }
}
