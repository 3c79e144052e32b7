//! Finding the patterns that may meet another one without comparing it with all of them.

use super::literal_prefix;

/// Values by pattern.
#[derive(Clone, Debug)]
pub struct PrefixIndex<T> {
    /// By literal prefix, sorted.
    entries: Vec<(String, T)>,
}

impl<T> PrefixIndex<T> {
    /// An index of patterns without variables.
    pub fn new(patterns: impl IntoIterator<Item = (String, T)>) -> Self {
        let mut entries: Vec<(String, T)> = patterns
            .into_iter()
            .map(|(pattern, value)| (prefix(&pattern).to_owned(), value))
            .collect();
        entries.sort_by(|left, right| left.0.cmp(&right.0));
        Self { entries }
    }

    /// The values whose patterns may have a path in common with `pattern`: of the two literal
    /// prefixes one begins with the other.
    pub fn meeting<'i>(&'i self, pattern: &'i str) -> impl Iterator<Item = &'i T> {
        let wanted = prefix(pattern);
        let shorter = wanted.char_indices().flat_map(move |(end, _)| {
            let part = wanted.get(..end).unwrap_or_default();
            self.from(part)
                .take_while(move |(prefix, _)| prefix == part)
        });
        let longer = self
            .from(wanted)
            .take_while(move |(prefix, _)| prefix.starts_with(wanted));
        shorter.chain(longer).map(|(_, value)| value)
    }

    /// The entries from `prefix` on.
    fn from(&self, prefix: &str) -> std::slice::Iter<'_, (String, T)> {
        let start = self.entries.partition_point(|(p, _)| p.as_str() < prefix);
        self.entries.get(start..).unwrap_or_default().iter()
    }
}

/// Slashes collapse before patterns are compared, so a prefix with doubled ones tells nothing.
fn prefix(pattern: &str) -> &str {
    let prefix = literal_prefix(pattern);
    match prefix.find("//") {
        Some(at) => prefix.get(..=at).unwrap_or_default(),
        None => prefix,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates() {
        let patterns = ["/a", "/a/b*", "/a/b/c", "/{a,b}", "/x//y"];
        let index = PrefixIndex::new(patterns.map(|pattern| (pattern.to_owned(), pattern)));
        let meeting = |pattern| {
            let mut found: Vec<&str> = index.meeting(pattern).copied().collect();
            found.sort_unstable();
            found
        };
        assert_eq!(meeting("/a/b/c"), ["/a", "/a/b*", "/a/b/c", "/{a,b}"]);
        assert_eq!(meeting("/x/y"), ["/x//y", "/{a,b}"]);
        assert_eq!(meeting("/**").len(), 5);
        assert_eq!(meeting("/q"), ["/{a,b}"]);
    }
}
