//! Kinds of texts about which aalint and the parser differ, each with its reason.

use super::shrink::Difference;

/// A kind of difference.
pub struct Kind {
    pub name: &'static str,
    /// Why it stays.
    pub reason: &'static str,
    pub is_it: fn(&Difference) -> bool,
}

/// All of them.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "quotes over several lines",
        reason: "legal, and nearly always a quote that is missing: aalint says so on the line itself",
        is_it: |found| found.aalint_says("a quote is not closed on its line"),
    },
    Kind {
        name: "an undefined variable as a part of a value",
        reason: "5.0.2 forgets to look it up where the value holds other text or there are more values; 3.0.8 refuses it",
        is_it: |found| {
            found.aalint_says("undefined-variable")
                && found.has_line(|line| assigns(line) && uses_variable(line))
        },
    },
    Kind {
        name: "a variable that leads back to itself and is not used",
        reason: "the parser looks only when it is used; the value is wrong all the same",
        is_it: |found| found.aalint_says("leads back to itself"),
    },
    Kind {
        name: "`@{att}`",
        reason: "the build of apparmor.d puts it in, and its sources are checked as well",
        is_it: |found| found.parser_says("Failed to find declaration for: @{att}"),
    },
    Kind {
        name: "a pattern broken by an alias",
        reason: "the pattern is sound as it is written; aalint checks no pattern that an alias makes of another",
        is_it: |found| found.parser_says("Regex grouping error") && found.has_line(is_alias),
    },
    Kind {
        name: "brackets that the values of variables leave open, outside of file rules",
        reason: "aalint puts values into the patterns of file rules only; such values are reported where a path uses them",
        is_it: |found| {
            found.parser_says("Regex grouping error")
                && found.has_line(|line| !assigns(line) && uses_variable(line))
        },
    },
];

fn assigns(line: &str) -> bool {
    line.trim_start().starts_with('@') && line.contains('=')
}

fn uses_variable(line: &str) -> bool {
    line.rsplit_once('=')
        .map_or(line, |(_, values)| values)
        .contains("@{")
}

fn is_alias(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("alias") || line.starts_with("rewrite")
}

impl Difference {
    fn aalint_says(&self, part: &str) -> bool {
        self.aalint
            .as_ref()
            .is_some_and(|message| message.contains(part))
    }

    fn parser_says(&self, part: &str) -> bool {
        self.parser
            .as_ref()
            .is_some_and(|message| message.contains(part))
    }

    fn has_line(&self, is_it: impl Fn(&str) -> bool) -> bool {
        self.text.lines().any(is_it)
    }
}

/// The kind of a difference.
pub fn kind(found: &Difference) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| (kind.is_it)(found))
}
