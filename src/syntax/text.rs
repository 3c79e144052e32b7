//! Reading words: quotes and escapes.

use std::borrow::Cow;

/// The value of a word as written: quotes removed, escapes resolved.
///
/// `\"`, `\ `, `\n`, `\t`, `\ooo` (octal), `\xhh` and `\dnnn` become the character they name. An
/// escaped glob character (`*?[]{}^,\`) keeps its backslash, because the glob needs it; so does an
/// escape that names nothing. (apparmor_parser 6.0, parser_misc.c, does the same.)
#[must_use]
pub fn value(written: &str) -> Cow<'_, str> {
    read(written, "")
}

/// The path of a file that is included: as [`value`], but the parser leaves the backslash in front of a blank, `!` and `#`
/// there. In a pattern that makes no difference; a file has another name then.
#[must_use]
pub fn file_path(written: &str) -> Cow<'_, str> {
    read(written, " !#")
}

/// `kept` are the characters that keep a backslash in front of them.
fn read<'w>(written: &'w str, kept: &str) -> Cow<'w, str> {
    let inner = match written.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').unwrap_or(rest),
        None => written,
    };
    if inner.contains('\\') {
        Cow::Owned(unescape(inner, kept))
    } else {
        Cow::Borrowed(inner)
    }
}

/// Whether a word stands in quotes.
#[must_use]
pub fn is_quoted(written: &str) -> bool {
    written.starts_with('"')
}

fn unescape(text: &str, kept: &str) -> String {
    let mut value = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        value.push_str(before);
        let body = escape.strip_prefix('\\').unwrap_or_default();
        match character(body) {
            Some((c, length)) => {
                if "*?[]{}^,\\".contains(c) || kept.contains(c) && body.starts_with(c) {
                    value.push('\\');
                }
                value.push(c);
                rest = body.get(length..).unwrap_or_default();
            }
            None => {
                value.push('\\');
                rest = body;
            }
        }
    }
    value.push_str(rest);
    value
}

/// The character that the text behind a backslash names, and how many bytes of it do.
fn character(body: &str) -> Option<(char, usize)> {
    let first = body.chars().next()?;
    let simple = match first {
        '"' => Some('"'),
        '\\' => Some('\\'),
        'a' => Some('\u{7}'),
        'e' => Some('\u{1b}'),
        'f' => Some('\u{c}'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        ' ' | '!' | '#' | '*' | '?' | '[' | ']' | '{' | '}' | '^' | ',' => Some(first),
        _ => None,
    };
    if let Some(c) = simple {
        return Some((c, first.len_utf8()));
    }
    let (prefix, radix, longest) = match first {
        '0'..='7' => (0, 8, 3),
        'x' => (1, 16, 2),
        'd' => (1, 10, 3),
        _ => return None,
    };
    let digits = body.get(prefix..)?;
    let count = digits
        .chars()
        .take(longest)
        .take_while(|c| c.is_digit(radix))
        .count();
    let code = u32::from_str_radix(digits.get(..count)?, radix).ok()?;
    let c = char::from_u32(code).filter(|_| code != 0 && code < 256)?;
    Some((c, prefix + count))
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn quotes_and_escapes() {
        assert_eq!(value("/a"), "/a");
        assert_eq!(value("\"/a b\""), "/a b");
        assert_eq!(value("\"/a\\\"b\""), "/a\"b");
        assert_eq!(value("/a\\040b"), "/a b");
        assert_eq!(value("/a\\x20b"), "/a b");
        assert_eq!(value("/a\\d032b"), "/a b");
        assert_eq!(value("/a\\*"), "/a\\*");
        assert_eq!(value("/a\\052"), "/a\\*");
        assert_eq!(value("/a\\q"), "/a\\q");
        assert_eq!(value("/a\\b"), "/a\\b");
        assert_eq!(value("/a\\"), "/a\\");
    }
}
