//! Words of a command line, split as a shell splits them.

/// Splits at blanks outside of quotes. `None` where a quote is not closed.
pub(super) fn split_words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (Some('\''), c) => word.get_or_insert_default().push(c),
            (_, '\\') => word.get_or_insert_default().push(chars.next()?),
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_blanks() {
        let of = |text: &str| split_words(text).map(|words| words.join("|"));
        assert_eq!(of("").as_deref(), Some(""));
        assert_eq!(of(" a  b ").as_deref(), Some("a|b"));
        assert_eq!(
            of("sh -c 'a \"b'\" c\\\"\"d").as_deref(),
            Some("sh|-c|a \"b c\"d")
        );
        assert_eq!(of("''").as_deref(), Some(""));
        assert_eq!(split_words("''").map(|words| words.len()), Some(1));
        assert_eq!(of("a\\ b").as_deref(), Some("a b"));
        assert_eq!(of("'a"), None);
        assert_eq!(of("a\\"), None);
    }
}
