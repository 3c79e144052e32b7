//! Aliases: path prefixes that are also written otherwise, apparmor.d(5), "Alias rules".

use std::sync::OnceLock;

use crate::glob::PrefixIndex;

/// The aliases of a preamble, in order. Distributions ship hundreds, and nearly no path has one.
#[derive(Clone, Debug, Default)]
pub struct Aliases {
    pairs: Vec<(String, String)>,
    /// Of those so far; made when a path is looked at.
    by_prefix: OnceLock<PrefixIndex>,
}

impl Aliases {
    /// Adds an alias of the prefix `from`.
    pub(super) fn push(&mut self, from: String, to: String) {
        self.by_prefix.take();
        self.pairs.push((from, to));
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.pairs.is_empty()
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
}
