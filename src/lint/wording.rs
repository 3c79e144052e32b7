//! Turns of phrase that several rules need.

use crate::access::bits;
use crate::lang::permissions::{APPEND, FilePerms, READ, WRITE};

/// What can be done to a file with these permissions: `read`, `written`, `read and written`.
#[must_use]
pub const fn verbs(permissions: u8) -> &'static str {
    match (permissions & READ != 0, permissions & (WRITE | APPEND) != 0) {
        (true, true) => "read and written",
        (false, true) => "written",
        _ => "read",
    }
}

/// A list in code quotes, of which at most `most` are named: `` `a`, `b` and 3 more``.
#[must_use]
pub fn listed(all: &[String], most: usize) -> String {
    let named: Vec<String> = all
        .iter()
        .take(most)
        .map(|one| format!("`{one}`"))
        .collect();
    match (named.split_last(), all.len().saturating_sub(named.len())) {
        (None, _) => String::new(),
        (Some(_), more @ 1..) => format!("{} and {more} more", named.join(", ")),
        (Some((last, [])), 0) => last.clone(),
        (Some((last, rest)), 0) => format!("{} and {last}", rest.join(", ")),
    }
}

/// File permissions of an entry or a verdict, in either half, as letters.
#[must_use]
pub fn letters(mask: u32) -> FilePerms {
    let both = (mask | mask >> bits::OTHER) & bits::HALF;
    let all = u8::try_from(both).unwrap_or(0);
    let bits = if all & WRITE != 0 { all & !APPEND } else { all };
    FilePerms {
        bits,
        exec_mode: None,
    }
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn lists() {
        let all = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(listed(&all, 3), "`a`, `b` and `c`");
        assert_eq!(listed(&all, 2), "`a`, `b` and 1 more");
        assert_eq!(listed(&all[..1], 2), "`a`");
        assert_eq!(listed(&[], 2), "");
    }
}
