//! How paths begin, as far as that is known before variables are put in.

use std::borrow::Cow;

use super::{Bits, variable_uses};
use crate::source::TextRange;
use crate::syntax::ast::{Body, PolicyRule};

/// Whether aliases hold for the patterns of a rule.
pub(super) const fn takes_aliases(rule: &PolicyRule) -> bool {
    matches!(rule.body, Body::File(_) | Body::Link(_))
}

/// How a path begins.
#[derive(Debug)]
pub(super) enum Beginning<'t> {
    /// With this text: all of it, or what stands before its first variable.
    Text(&'t str),
    /// With a variable of this name.
    Variable(&'t str),
}

impl<'t> Beginning<'t> {
    /// That of a path as written, quotes and escapes resolved.
    pub(super) fn of(written: &'t str) -> Self {
        let length = u32::try_from(written.len()).unwrap_or(u32::MAX);
        match variable_uses(written, TextRange::new(0, length)).next() {
            Some((name, place)) if place.start == 0 => Self::Variable(name),
            // Comments, which `variable_uses` knows, are none in a value: what stands before an `@` is certain.
            _ => Self::Text(written.split('@').next().unwrap_or_default()),
        }
    }
}

/// Whether one of two texts begins with the other.
pub(super) fn begin_alike(one: &str, other: &str) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// How the paths of a file's rules begin.
#[derive(Debug, Default)]
pub(super) struct Beginnings {
    /// Sorted, each once.
    texts: Vec<String>,
    /// The numbers of the variables.
    pub(super) variables: Bits,
}

impl Beginnings {
    pub(super) fn of<'t>(
        written: impl Iterator<Item = Cow<'t, str>>,
        number: impl Fn(&str) -> Option<u32>,
    ) -> Self {
        let mut found = Self::default();
        for written in written {
            let beginning = Beginning::of(&written);
            match beginning {
                Beginning::Text(text) => found.texts.push(text.to_owned()),
                Beginning::Variable(name) => match number(name) {
                    Some(number) => found.variables.insert(number),
                    None => found.texts.push(String::new()),
                },
            }
        }
        found.texts.sort_unstable();
        found.texts.dedup();
        found
    }

    /// Whether a path that begins with a text may begin with `prefix`.
    pub(super) fn may_begin_with(&self, prefix: &str) -> bool {
        // Those that begin with it lie together, and so do all that it begins with.
        let from = self.texts.partition_point(|text| text.as_str() < prefix);
        let behind = self.texts.get(from).map(String::as_str);
        if behind.is_some_and(|text| text.starts_with(prefix)) {
            return true;
        }
        let ends = prefix.char_indices().map(|(at, _)| at);
        let mut shorter = ends.filter_map(|end| prefix.get(..end));
        shorter.any(|text| {
            self.texts
                .binary_search_by(|known| known.as_str().cmp(text))
                .is_ok()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_found_whichever_is_longer() {
        let written = [
            "/usr/bin/[a-z]*",
            "/etc/@{x}",
            "@{bin}/x",
            "/a\\@{b}",
            "/v**",
        ];
        let found = Beginnings::of(written.into_iter().map(Cow::Borrowed), |name| {
            (name == "bin").then_some(7)
        });
        for prefix in [
            "/usr/bin/[",
            "/etc/passwd",
            "/etc/",
            "/etc",
            "/v**",
            "/v",
            "/a\\@",
            "/",
        ] {
            assert!(found.may_begin_with(prefix), "{prefix}");
        }
        for prefix in ["/usr/bin/b", "/opt", "/vx", "/eta"] {
            assert!(!found.may_begin_with(prefix), "{prefix}");
        }
        assert!(found.variables.contains(7));
    }
}
