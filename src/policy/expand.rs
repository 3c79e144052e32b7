//! Putting the values of variables into text.

use super::Env;

/// Longest text that is made by putting variables in, in bytes. apparmor.d's longest pattern comes
/// to 30 kB.
pub const MAX_EXPANSION_BYTES: usize = 256 * 1024;

/// Deepest nesting of variables that is followed.
const MAX_DEPTH: usize = 32;

/// Text with its variables put in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expanded {
    /// The text; several values of a variable stand as alternatives, `{a,b}`.
    Text(String),
    /// It needs this variable, which is not defined.
    Undefined(String),
    /// It needs this variable, whose value leads back to itself.
    Recursive(String),
    /// It grows beyond [`MAX_EXPANSION_BYTES`].
    TooLarge,
}

impl Expanded {
    /// The text, if there is one.
    #[must_use]
    pub fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl Env {
    /// Puts the values of all variables into `text`, as apparmor_parser 5 and 6 do
    /// (parser_variable.c): several values become alternatives, and slashes of a value at its ends
    /// go where another slash stands beside it.
    #[must_use]
    pub fn expand(&self, text: &str) -> Expanded {
        if !text.contains("@{") {
            return Expanded::Text(text.to_owned());
        }
        let mut out = String::with_capacity(text.len() * 2);
        let mut open = Vec::new();
        match self.expand_into(text, None, &mut out, &mut open) {
            Ok(()) => Expanded::Text(out),
            Err(fault) => fault,
        }
    }

    /// `next` is what follows `text`.
    fn expand_into<'e>(
        &'e self,
        text: &'e str,
        next: Option<char>,
        out: &mut String,
        open: &mut Vec<&'e str>,
    ) -> Result<(), Expanded> {
        let mut rest = text;
        while let Some(at) = rest.find("@{") {
            let (before, variable) = rest.split_at(at);
            out.push_str(before);
            let is_escaped = before
                .bytes()
                .rev()
                .take_while(|byte| *byte == b'\\')
                .count()
                % 2
                == 1;
            let name = variable
                .get(2..)
                .and_then(|body| body.split_once('}'))
                .map(|(name, _)| name)
                .filter(|name| is_name(name));
            match name {
                Some(name) if !is_escaped => {
                    rest = variable.get(name.len() + 3..).unwrap_or_default();
                    self.variable_into(name, rest.chars().next().or(next), out, open)?;
                }
                _ => {
                    out.push_str("@{");
                    rest = variable.get(2..).unwrap_or_default();
                }
            }
            if out.len() > MAX_EXPANSION_BYTES {
                return Err(Expanded::TooLarge);
            }
        }
        out.push_str(rest);
        Ok(())
    }

    fn variable_into<'e>(
        &'e self,
        name: &'e str,
        next: Option<char>,
        out: &mut String,
        open: &mut Vec<&'e str>,
    ) -> Result<(), Expanded> {
        let Some(definition) = self.variable_or_ambient(name) else {
            return Err(Expanded::Undefined(name.to_owned()));
        };
        if open.contains(&name) || open.len() >= MAX_DEPTH {
            return Err(Expanded::Recursive(name.to_owned()));
        }
        open.push(name);
        let (has_slash_before, has_slash_behind) = (out.ends_with('/'), next == Some('/'));
        let trimmed = |value: &'e str| {
            let value = if has_slash_before {
                value.trim_start_matches('/')
            } else {
                value
            };
            if has_slash_behind {
                value.trim_end_matches('/')
            } else {
                value
            }
        };
        match definition.values.as_slice() {
            [one] => self.expand_into(trimmed(one), next, out, open)?,
            many => {
                out.push('{');
                for (index, value) in many.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    let next = if index + 1 < many.len() { ',' } else { '}' };
                    self.expand_into(trimmed(value), Some(next), out, open)?;
                }
                out.push('}');
            }
        }
        open.pop();
        Ok(())
    }
}

/// Whether a variable can have this name; `@{a,b}` is an `@` and two alternatives.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Definition;
    use crate::source::{FileId, Span};

    #[test]
    fn slashes_meet() {
        let mut env = Env::default();
        let place = Span::start_of(FileId(0));
        for (name, values) in [
            ("H", vec!["/home/*/", "/root/"]),
            ("one", vec!["/one/"]),
            ("in", vec!["@{one}/in"]),
        ] {
            let values = values.into_iter().map(str::to_owned).collect();
            env.set(name, Definition { place, values });
        }
        let expand = |text| env.expand(text).text().unwrap_or_default();
        assert_eq!(expand("@{H}/x"), "{/home/*,/root}/x");
        assert_eq!(expand("@{H}x"), "{/home/*/,/root/}x");
        assert_eq!(expand("/@{one}/x"), "/one/x");
        assert_eq!(expand("/@{in}"), "/one/in");
        assert_eq!(expand("@{one}x"), "/one/x");
        assert_eq!(expand("@{a,b}"), "@{a,b}");
    }
}
