//! A text cut into tokens that can be moved about: words, quoted strings, blanks, punctuation.

/// Cuts a text; the tokens joined are the text again.
pub fn tokens(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (token, behind) = rest.split_at(length(rest));
        found.push(token);
        rest = behind;
    }
    found
}

fn length(text: &str) -> usize {
    let first = text.chars().next().map_or(1, char::len_utf8);
    let run = |is_in: fn(char) -> bool| text.find(|c| !is_in(c)).unwrap_or(text.len());
    match text.as_bytes()[0] {
        b' ' | b'\t' => run(|c| matches!(c, ' ' | '\t')),
        b'#' => text.find('\n').unwrap_or(text.len()),
        b'"' => text[1..].find(['"', '\n']).map_or(first, |at| at + 2),
        b'\n' | b',' | b'(' | b')' | b'=' | b'}' => first,
        b'{' if text[first..].starts_with([' ', '\t', '\n']) => first,
        b'-' if text.starts_with("->") => 2,
        _ => run(|c| !matches!(c, ' ' | '\t' | '\n' | ',' | '(' | ')' | '=' | '"' | '#')),
    }
    .max(first)
}

/// Whether a token is only blanks or the end of a line.
pub fn is_blank(token: &str) -> bool {
    token.trim().is_empty()
}
