//! Whether two patterns have a path in common, as far as their literal parts tell.

use super::{Program, literal};

/// What is known of two patterns.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Overlap {
    /// No path matches both.
    None,
    /// Some path matches both.
    Some,
    /// The literal parts do not tell.
    Unknown,
}

/// The part of a pattern in front of its first glob character.
#[must_use]
pub fn literal_prefix(pattern: &str) -> &str {
    let end = pattern
        .find(['*', '?', '[', '{', '\\'])
        .unwrap_or(pattern.len());
    pattern.get(..end).unwrap_or_default()
}

/// Whether two patterns without variables have a path in common. Exact if one of them is literal;
/// otherwise only clearly disjoint beginnings are told.
#[must_use]
pub fn overlap(left: &str, right: &str) -> Overlap {
    let told = |is_match: bool| {
        if is_match {
            Overlap::Some
        } else {
            Overlap::None
        }
    };
    match (literal(left), literal(right)) {
        (Some(left), Some(right)) => told(left == right),
        (Some(path), None) => Program::path(right).map_or(Overlap::Unknown, |right| {
            told(right.matches(path.as_bytes()))
        }),
        (None, Some(path)) => {
            Program::path(left).map_or(Overlap::Unknown, |left| told(left.matches(path.as_bytes())))
        }
        (None, None) => {
            let (left, right) = (literal_prefix(left), literal_prefix(right));
            // Slashes collapse before patterns are compared, so doubled ones tell nothing.
            if left.contains("//") || right.contains("//") {
                return Overlap::Unknown;
            }
            if left.starts_with(right) || right.starts_with(left) {
                Overlap::Unknown
            } else {
                Overlap::None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlaps() {
        assert_eq!(overlap("/etc/**", "/app/**"), Overlap::None);
        assert_eq!(overlap("/etc/**", "/etc/a*"), Overlap::Unknown);
        assert_eq!(overlap("/etc/shadow", "/etc/*"), Overlap::Some);
        assert_eq!(overlap("/etc/shadow", "/etc/a*"), Overlap::None);
        assert_eq!(overlap("/{,usr/}bin/*", "/app/x"), Overlap::None);
    }
}
