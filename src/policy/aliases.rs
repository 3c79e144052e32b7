//! Aliases: path prefixes that are also written otherwise, apparmor.d(5), "Alias rules".

use std::sync::OnceLock;

use crate::glob::{self, PrefixIndex};

/// The aliases of a preamble, in order. Distributions ship hundreds, and nearly no path has one.
#[derive(Clone, Debug, Default)]
pub struct Aliases {
    pairs: Vec<(String, String)>,
    /// Of those so far; made when a path is looked at.
    by_prefix: OnceLock<PrefixIndex>,
    /// What those replace that could break a pattern.
    breaking: Vec<String>,
}

impl Aliases {
    /// Adds an alias of the prefix `from`.
    pub(super) fn push(&mut self, from: String, to: String) {
        self.by_prefix.take();
        if may_break(&from) || may_break(&to) {
            self.breaking.push(from.clone());
        }
        self.pairs.push((from, to));
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The prefixes of which they could make something that is no pattern, with what stands behind. Of all others they make
    /// patterns of patterns: what they replace opens nothing that it does not close, and neither does what they put there.
    pub(super) fn breaking(&self) -> &[String] {
        &self.breaking
    }

    /// What they make of a path, in their order.
    #[must_use]
    pub fn of(&self, path: &str) -> Vec<String> {
        if self.is_empty() {
            return Vec::new();
        }
        let mut numbers = Vec::new();
        let by_prefix = self.by_prefix.get_or_init(|| {
            let prefixes = self
                .pairs
                .iter()
                .map(|(from, _)| [from.clone().into_bytes()]);
            let prefixes: Vec<[Vec<u8>; 1]> = prefixes.collect();
            PrefixIndex::new((0..).zip(prefixes.iter().map(|prefix| prefix.as_slice())))
        });
        by_prefix.matching(path.as_bytes(), &mut numbers);
        numbers.sort_unstable();
        let pairs = numbers.iter().filter_map(|at| self.pairs.get(*at as usize));
        pairs
            .filter_map(|(from, to)| Some(format!("{to}{}", path.strip_prefix(from.as_str())?)))
            .collect()
    }
}

/// Whether what stands behind a prefix may mean something else than by itself.
fn may_break(prefix: &str) -> bool {
    glob::check(prefix).is_some() || glob::first_variable(prefix).is_some() || prefix.ends_with('@')
}

#[cfg(test)]
mod tests {
    use super::Aliases;

    #[test]
    fn prefixes_are_put_in_place_of_others_in_order() {
        let mut aliases = Aliases::default();
        for (from, to) in [
            ("/usr/", "/mnt/usr/"),
            ("/home", "/"),
            ("/usr/bin/a", "/b"),
            ("/", ""),
        ] {
            aliases.push(from.to_owned(), to.to_owned());
        }
        assert_eq!(
            aliases.of("/usr/bin/ab"),
            ["/mnt/usr/bin/ab", "/bb", "usr/bin/ab"]
        );
        assert_eq!(aliases.of("/home/x"), ["//x", "home/x"]);
        assert_eq!(aliases.of("x"), [""; 0]);
    }
    #[test]
    fn what_opens_no_alternatives_breaks_nothing() {
        let keep = |from: &str, to: &str| {
            let mut aliases = Aliases::default();
            aliases.push(from.to_owned(), to.to_owned());
            aliases.breaking().is_empty()
        };
        assert!(keep("/{,usr/}bin/dd", "/usr/bin/gnudd"));
        assert!(!keep("/{a", "/b"));
        assert!(!keep("/a", "/[b"));
        assert!(!keep("/a", "/@{B}"));
        assert!(!keep("/a", "/b@"));
        assert!(!keep("/a\\", "/b"));
    }
}
