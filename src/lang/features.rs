//! Feature sets: what a kernel mediates, or what an abi says policy was written for.
//!
//! A kernel shows its features as files below `/sys/kernel/security/apparmor/features`. Abi files
//! hold the same tree as nested text, `name {value}`; see aa_features(3).

use std::collections::BTreeMap;

/// Deepest nesting of a feature text that is followed; that of kernels is 3.
const MAX_DEPTH: usize = 16;

/// Whether a feature is there.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Support {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// Nothing is known about it.
    Unknown,
}

/// Features by path, `network_v8/af_mask`, with their values.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Features {
    values: BTreeMap<String, String>,
    /// Beginnings of paths about which nothing is known.
    unknown: Vec<&'static str>,
}

impl Features {
    /// Reads the nested text of an abi file. Any text is taken; what has no name is left out.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut features = Self::default();
        let mut open: Vec<&str> = Vec::new();
        let mut words: Vec<&str> = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, behind) = rest.split_at(at);
            words.extend(before.split_whitespace());
            if behind.starts_with('{') {
                open.push(words.pop().unwrap_or_default());
                words.clear();
            } else {
                if !words.is_empty() && open.len() <= MAX_DEPTH {
                    features.insert(&open.join("/"), &words.join(" "));
                }
                words.clear();
                open.pop();
            }
            rest = behind.get(1..).unwrap_or_default();
        }
        features
    }

    /// A set of these paths and values, which knows nothing about what begins with `unknown`.
    #[must_use]
    pub fn of(known: &[&[(&str, &str)]], unknown: &[&'static str]) -> Self {
        let mut features = Self {
            unknown: unknown.to_vec(),
            ..Self::default()
        };
        for (path, value) in known.iter().copied().flatten() {
            features.insert(path, value);
        }
        features
    }

    /// Adds a feature.
    pub fn insert(&mut self, path: &str, value: &str) {
        if !path.is_empty() {
            self.values.insert(path.to_owned(), value.trim().to_owned());
        }
    }

    /// Whether nothing is in it: then it is no feature set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The features, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .iter()
            .map(|(path, value)| (path.as_str(), value.as_str()))
    }

    /// Whether there is a feature of this path, or one below it.
    #[must_use]
    pub fn has(&self, path: &str) -> Support {
        if self.unknown.iter().any(|part| path.starts_with(part)) {
            return Support::Unknown;
        }
        let below = format!("{path}/");
        let is_there = self.values.get(path).is_some_and(|value| value != "no")
            || self
                .values
                .range(below.clone()..)
                .next()
                .is_some_and(|(found, _)| found.starts_with(&below));
        if is_there { Support::Yes } else { Support::No }
    }

    /// Whether the value of a feature has this word.
    #[must_use]
    pub fn has_word(&self, path: &str, word: &str) -> Support {
        match self.has(path) {
            Support::Yes => match self.values.get(path) {
                Some(value) if value.split_whitespace().any(|found| found == word) => Support::Yes,
                _ => Support::No,
            },
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_an_abi_file() {
        let features = Features::parse(
            "query {label {multi_transaction {yes\n}\nperms {allow deny\n}\n}\n}\ncapability {0xffffff\n}\nnamespaces {pivot_root {no\n}\nmask {userns_create\n}\n}\n}\n",
        );
        let all: Vec<(&str, &str)> = features.iter().collect();
        assert_eq!(
            all,
            [
                ("capability", "0xffffff"),
                ("namespaces/mask", "userns_create"),
                ("namespaces/pivot_root", "no"),
                ("query/label/multi_transaction", "yes"),
                ("query/label/perms", "allow deny"),
            ]
        );
        assert_eq!(features.has("query"), Support::Yes);
        assert_eq!(features.has("quer"), Support::No);
        assert_eq!(features.has("namespaces/pivot_root"), Support::No);
        assert_eq!(features.has_word("query/label/perms", "deny"), Support::Yes);
        assert_eq!(features.has_word("query/label/perms", "den"), Support::No);
    }

    #[test]
    fn any_text_is_taken() {
        for text in ["", "{", "}", "{}{}", "a {", "a {b {c", "}}} a {b}", "{x}"] {
            let _ = Features::parse(text);
        }
        assert_eq!(Features::parse("a {b}").has("a"), Support::Yes);
        assert!(Features::parse("profile x { /a r, }").has("file") == Support::No);
        let deep = "a {".repeat(100_000) + "b" + &"}".repeat(100_000);
        assert!(Features::parse(&deep).is_empty());
    }

    #[test]
    fn what_is_unknown_is_said() {
        let features = Features::of(&[&[("file/mask", "read")]], &["ipc", "io_uring"]);
        assert_eq!(features.has("ipc/posix_mqueue"), Support::Unknown);
        assert_eq!(features.has("file"), Support::Yes);
        assert_eq!(features.has("dbus"), Support::No);
    }
}
