//! Words and variables of Dockerfiles.

/// Values of variables: `None` for one that a build may set, so that its value is not known.
pub(super) type Values = Vec<(String, Option<String>)>;

/// Splits a line into words as shells and Dockerfiles do: at blanks outside of quotes, which are resolved. `None` where a quote is not closed.
#[must_use]
pub fn split_words(text: &str) -> Option<Vec<String>> {
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

/// Puts the values of variables into a text: `$NAME`, `${NAME}`, `${NAME:-word}`, `${NAME:+word}`. `None` if a value is not known,
/// or the text is of another form. A variable that nothing sets is empty.
#[must_use]
pub(super) fn expand(text: &str, values: &Values) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['$', '\\']) {
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        if let Some(after) = found.strip_prefix('\\') {
            let mut chars = after.chars();
            out.extend(chars.next());
            rest = chars.as_str();
            continue;
        }
        let found = found.get(1..)?;
        if let Some(inner) = found.strip_prefix('{') {
            let (inner, after) = inner.split_once('}')?;
            out.push_str(&braced(inner, values)?);
            rest = after;
        } else {
            let end = found
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(found.len());
            let (name, after) = found.split_at(end);
            if name.is_empty() {
                out.push('$');
            } else {
                out.push_str(&value(name, values)?);
            }
            rest = after;
        }
    }
    out.push_str(rest);
    Some(out)
}

fn braced(inner: &str, values: &Values) -> Option<String> {
    let end = inner
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(inner.len());
    let (name, operator) = inner.split_at(end);
    if name.is_empty() {
        return None;
    }
    if operator.is_empty() {
        return value(name, values);
    }
    let current = value(name, values)?;
    let operand = |prefixes: [&str; 2]| {
        prefixes
            .iter()
            .find_map(|prefix| operator.strip_prefix(prefix))
    };
    if let Some(word) = operand([":-", "-"]) {
        return Some(if current.is_empty() {
            expand(word, values)?
        } else {
            current
        });
    }
    if let Some(word) = operand([":+", "+"]) {
        return Some(if current.is_empty() {
            current
        } else {
            expand(word, values)?
        });
    }
    None
}

/// The value of a variable, the last one that was given to it.
fn value(name: &str, values: &Values) -> Option<String> {
    match values.iter().rev().find(|(known, _)| known == name) {
        Some((_, value)) => value.clone(),
        None => Some(String::new()),
    }
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

    #[test]
    fn words_of_a_dockerfile() {
        let words = split_words(r#" A=1  B="x y" C='$d' D=e\ f "" "#).unwrap();
        assert_eq!(words, ["A=1", "B=x y", "C=$d", "D=e f", ""]);
    }

    #[test]
    fn variables_are_put_in() {
        let values = vec![
            ("A".to_owned(), Some("1".to_owned())),
            ("UNKNOWN".to_owned(), None),
            ("EMPTY".to_owned(), Some(String::new())),
        ];
        let expand = |text: &str| expand(text, &values);
        assert_eq!(expand("python:$A-slim").unwrap(), "python:1-slim");
        assert_eq!(
            expand("${A}x${B:-2}${EMPTY:-3}${A:+4}${EMPTY:+5}").unwrap(),
            "1x234"
        );
        assert_eq!(expand(r"\$A $ $").unwrap(), "$A $ $");
        assert_eq!(expand("${NOTHING}").unwrap(), "");
        for unknown in ["$UNKNOWN", "${UNKNOWN:-1}", "${A", "${A%x}", "${}"] {
            assert_eq!(expand(unknown), None, "{unknown}");
        }
    }
}
