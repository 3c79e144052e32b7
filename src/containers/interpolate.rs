//! Variables in the values of compose files: `$NAME`, `${NAME}`, `${NAME:-default}` and their relatives, as the
//! compose specification describes them.

use rustc_hash::FxHashMap;

/// Deepest nesting of defaults in defaults.
const MAX_DEPTH: usize = 16;

/// Variables with their values.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Variables {
    /// A value that is nothing is there and cannot be read.
    known: FxHashMap<String, Option<String>>,
}

impl Variables {
    /// Those of an `.env` file. The environment of the user may replace them, which nobody knows here.
    pub(super) fn of_env_file(text: &str) -> Self {
        let mut known = FxHashMap::default();
        for line in text.lines() {
            let line = line.trim();
            let line = line.strip_prefix("export ").unwrap_or(line);
            let Some((name, value)) = line.split_once('=').filter(|_| !line.starts_with('#'))
            else {
                continue;
            };
            known.insert(name.trim().to_owned(), env_value(value.trim()));
        }
        Self { known }
    }

    /// The value of a variable, if it has one; `None` where it has one that cannot be read.
    fn value(&self, name: &str) -> Option<Option<&String>> {
        match self.known.get(name) {
            None => Some(None),
            Some(value) => Some(Some(value.as_ref()?)),
        }
    }

    /// Puts variables in. `None` where one has neither a value nor a default, or the text is not well-formed.
    pub(super) fn interpolate(&self, text: &str) -> Option<String> {
        match text.contains('$') {
            true => self.interpolate_within(text, MAX_DEPTH),
            false => Some(text.to_owned()),
        }
    }

    fn interpolate_within(&self, mut text: &str, depth: usize) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        let mut done = String::new();
        while let Some((before, after)) = text.split_once('$') {
            done.push_str(before);
            if let Some(rest) = after.strip_prefix('$') {
                done.push('$');
                text = rest;
            } else if let Some(rest) = after.strip_prefix('{') {
                let (inside, rest) = until_close(rest)?;
                done.push_str(&self.braced(inside, depth)?);
                text = rest;
            } else {
                let (name, rest) = name(after)?;
                done.push_str(self.value(name)??);
                text = rest;
            }
        }
        done.push_str(text);
        Some(done)
    }

    /// What stands between braces.
    fn braced(&self, inside: &str, depth: usize) -> Option<String> {
        let (name, operator) = name(inside)?;
        let value = self.value(name)?;
        let full = value.filter(|value| !value.is_empty());
        let default = |text| self.interpolate_within(text, depth);
        if operator.is_empty() {
            value.cloned()
        } else if let Some(text) = operator.strip_prefix(":-") {
            full.map_or_else(|| default(text), |value| Some(value.clone()))
        } else if let Some(text) = operator.strip_prefix('-') {
            value.map_or_else(|| default(text), |value| Some(value.clone()))
        } else if operator.starts_with(":?") {
            full.cloned()
        } else if operator.starts_with('?') {
            value.cloned()
        } else if let Some(text) = operator.strip_prefix(":+") {
            // Without a value it is empty, but the environment may have one.
            full.and_then(|_| default(text))
        } else if let Some(text) = operator.strip_prefix('+') {
            value.and_then(|_| default(text))
        } else {
            None
        }
    }
}

/// A value of an `.env` file; `None` where it holds variables or escapes.
fn env_value(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    let value = match quote {
        Some(quote) => {
            let (value, _) = text.get(1..)?.split_once(quote)?;
            value
        }
        None => text.split(" #").next().unwrap_or_default().trim_end(),
    };
    let is_plain = quote == Some('\'') || !value.contains(['$', '\\']);
    is_plain.then(|| value.to_owned())
}

/// A name at the beginning, and what follows.
fn name(text: &str) -> Option<(&str, &str)> {
    let is_part = |c: char| c == '_' || c.is_ascii_alphanumeric();
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    (!name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit())).then_some((name, rest))
}

/// What stands in front of the brace that closes, and what follows it.
fn until_close(text: &str) -> Option<(&str, &str)> {
    let mut open = 1_usize;
    let mut is_after_dollar = false;
    for (at, c) in text.char_indices() {
        match c {
            '{' if is_after_dollar => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        is_after_dollar = c == '$';
        if open == 0 {
            let (inside, rest) = text.split_at_checked(at)?;
            return Some((inside, rest.get(1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_defaults() {
        let variables = Variables::of_env_file(
            "# C=d\nA=a # comment\n E = \nQ=\"b c\"\nexport S='$x'\nU=${A}\nnothing\n",
        );
        let of = |text: &str| variables.interpolate(text);
        for (text, value) in [
            ("x", Some("x")),
            ("$A-$A", Some("a-a")),
            ("${A}b", Some("ab")),
            ("$$A", Some("$A")),
            ("${B}", None),
            ("${B:-d}", Some("d")),
            ("${B-d}", Some("d")),
            ("${E:-d}", Some("d")),
            ("${E-d}", Some("")),
            ("${B:-${C:-x${A}}}", Some("xa")),
            ("${A:?must}", Some("a")),
            ("${B:?must}", None),
            ("${A:+other}", Some("other")),
            ("${B:+other}", None),
            ("${A", None),
            ("$", None),
            ("${1}", None),
            ("$Q $S", Some("b c $x")),
            ("${U:-d}", None),
            ("${nothing:-d}", Some("d")),
        ] {
            assert_eq!(of(text).as_deref(), value, "{text}");
        }
        assert_eq!(of(&"${B:-".repeat(100_000)), None);
        let nested = format!("{}{}", "${B:-".repeat(40), "}".repeat(40));
        assert_eq!(of(&nested), None);
    }
}
