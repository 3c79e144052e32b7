//! Aliases: path prefixes that are also written otherwise, apparmor.d(5), "Alias rules".

use crate::glob::PrefixTree;

/// The aliases of a preamble, in order. Distributions ship hundreds, and nearly no path has one.
#[derive(Clone, Debug, Default)]
pub struct Aliases {
    pairs: Vec<(String, String)>,
    tree: PrefixTree,
}

impl Aliases {
    /// Adds an alias of the prefix `from`.
    pub(super) fn push(&mut self, from: String, to: String) {
        let number = u32::try_from(self.pairs.len()).unwrap_or(u32::MAX);
        self.tree.insert(&[from.clone().into_bytes()], number);
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
        self.tree.matching(path.as_bytes(), &mut numbers);
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
