//! Words that start a rule or qualify it, and did-you-mean.

/// Words that start an item: a rule, a profile or a preamble statement.
pub const ITEM_WORDS: &[&str] = &[
    "abi",
    "alias",
    "all",
    "capability",
    "change_profile",
    "dbus",
    "else",
    "file",
    "hat",
    "if",
    "include",
    "io_uring",
    "link",
    "mount",
    "mqueue",
    "network",
    "pivot_root",
    "profile",
    "ptrace",
    "remount",
    "rewrite",
    "set",
    "signal",
    "umount",
    "unix",
    "unmount",
    "userns",
];

/// Qualifiers of rules.
pub const QUALIFIERS: &[&str] = &[
    "audit", "allow", "deny", "prompt", "owner", "other", "user", "priority", "safe", "unsafe",
];

/// Further words that apparmor_parser's lexer takes for tokens of their own outside of quotes, wherever they stand in a file
/// or link rule (`keyword_table` in parser_misc.c of 5.0).
const RESERVED: &[&str] = &[
    "and",
    "bind",
    "defined",
    "delete",
    "eavesdrop",
    "in",
    "not",
    "or",
    "peer",
    "read",
    "receive",
    "rlimit",
    "send",
    "subset",
    "trace",
    "tracedby",
    "write",
];

/// Whether a bare word cannot be a path, since the parser has a token for it.
#[must_use]
pub fn is_reserved(word: &str) -> bool {
    ITEM_WORDS.contains(&word) || QUALIFIERS.contains(&word) || RESERVED.contains(&word)
}

/// Whether an item can start with this word.
#[must_use]
pub fn starts_item(word: &str) -> bool {
    ITEM_WORDS.contains(&word)
        || QUALIFIERS.contains(&word)
        || matches!(word, "}" | "#include")
        || word.starts_with("priority=")
}

/// The item word or qualifier that was probably meant.
#[must_use]
pub fn suggest_keyword(word: &str) -> Option<&'static str> {
    suggest(word, ITEM_WORDS.iter().chain(QUALIFIERS).copied())
}

/// The candidate that was probably meant: another case, with a prefix such as `CAP_` removed, or
/// spelled nearly so.
#[must_use]
pub fn suggest<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let lower = word.to_ascii_lowercase();
    let bare = ["cap_", "af_", "sig", "rlimit_", "ms_"]
        .iter()
        .find_map(|prefix| lower.strip_prefix(prefix));
    let mut best: Option<(usize, &'c str)> = None;
    for candidate in candidates {
        if candidate == lower || Some(candidate) == bare {
            return Some(candidate);
        }
        let distance = strsim::osa_distance(bare.unwrap_or(&lower), candidate);
        // One slip in four letters; three at the most.
        let limit = (lower.len().max(candidate.len()) / 4).clamp(1, 3);
        if distance <= limit
            && distance < candidate.len()
            && best.is_none_or(|(least, _)| distance < least)
        {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions() {
        let capabilities = || {
            super::super::capabilities::CAPABILITIES
                .iter()
                .map(|c| c.name)
        };
        assert_eq!(suggest("CAP_CHOWN", capabilities()), Some("chown"));
        assert_eq!(suggest("sys_amdin", capabilities()), Some("sys_admin"));
        assert_eq!(suggest("foobar", capabilities()), None);
        assert_eq!(suggest_keyword("capabilty"), Some("capability"));
    }
}
