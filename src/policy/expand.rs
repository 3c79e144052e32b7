//! Putting the values of variables into text.

use std::sync::{Arc, RwLock};

use rustc_hash::FxHashMap;

use super::Env;

/// Longest text that is made by putting variables in, in bytes. apparmor.d's longest pattern comes
/// to 30 kB.
pub const MAX_EXPANSION_BYTES: usize = 256 * 1024;

/// Most texts that one value is taken apart into.
const MAX_TEXTS: usize = 10_000;

/// Deepest nesting of variables that is followed.
const MAX_DEPTH: usize = 32;

/// Longest value of a variable that is remembered, in bytes, so that what is remembered stays in
/// proportion to what is written.
const MAX_REMEMBERED_BYTES: usize = 4096;

/// Values of variables with the variables in them put in. The rules of one profile use the same few
/// variables thousands of times.
#[derive(Debug, Default)]
pub(super) struct Memory(RwLock<FxHashMap<String, Whole>>);

/// A value, and how many variables lie within each other in it, so that [`MAX_DEPTH`] does not depend
/// on what was asked before.
#[derive(Clone, Debug)]
struct Whole {
    text: Arc<str>,
    depth: usize,
}

impl Clone for Memory {
    /// A copy of an environment begins with nothing remembered: it is about to be changed.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Memory {
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    fn recall(&self, name: &str) -> Option<Whole> {
        self.0.read().ok()?.get(name).cloned()
    }

    fn remember(&self, name: &str, text: &str, depth: usize) {
        if text.len() <= MAX_REMEMBERED_BYTES
            && let Ok(mut values) = self.0.write()
        {
            let text = text.into();
            values.insert(name.to_owned(), Whole { text, depth });
        }
    }
}

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
    /// (parser_variable.c): several values become alternatives. Slashes at the end of a value go where
    /// a slash follows; slashes at its start go where one stands before, unless the text between it
    /// and the variable before is nothing else.
    #[must_use]
    pub fn expand(&self, text: &str) -> Expanded {
        if !text.contains("@{") {
            return Expanded::Text(text.to_owned());
        }
        match self.expand_outermost(text) {
            Ok(text) => Expanded::Text(text),
            Err(fault) => fault,
        }
    }

    fn expand_outermost(&self, text: &str) -> Result<String, Expanded> {
        let mut out = String::with_capacity(text.len() * 2);
        let mut open = Vec::new();
        let mut rest = text;
        let mut between = String::new();
        while let Some(at) = rest.find('@') {
            let (before, variable) = rest.split_at(at);
            out.push_str(before);
            between.push_str(before);
            match variable_name(variable) {
                Some(name) if !is_escaped(&between) => {
                    rest = variable.get(name.len() + 3..).unwrap_or_default();
                    let ends = Ends {
                        start: between.ends_with('/') && between.contains(|c| c != '/'),
                        end: rest.starts_with('/'),
                    };
                    between.clear();
                    if ends.start || ends.end {
                        self.trimmed_into(name, ends, &mut out)?;
                    } else {
                        self.variable_into(name, &mut out, &mut open)?;
                    }
                }
                _ => {
                    out.push('@');
                    between.push('@');
                    rest = variable.get(1..).unwrap_or_default();
                }
            }
            if out.len() > MAX_EXPANSION_BYTES {
                return Err(Expanded::TooLarge);
            }
        }
        out.push_str(rest);
        Ok(out)
    }

    /// Adds the values of a variable without the slashes at their ends.
    fn trimmed_into(&self, name: &str, ends: Ends, out: &mut String) -> Result<(), Expanded> {
        let Some(definition) = self.variable_or_ambient(name) else {
            return Err(Expanded::Undefined(name.to_owned()));
        };
        let mut values: Vec<String> = Vec::new();
        for value in &definition.values {
            let is_deep = ends.start && value.starts_with("@{")
                || ends.end && value.ends_with('}') && value.contains("@{");
            let mut open = vec![name];
            let whole = if is_deep {
                self.flat(value, &mut open)?
            } else {
                let mut whole = String::new();
                self.expand_into(value, &mut whole, &mut open)?;
                vec![whole]
            };
            values.extend(whole.iter().map(|value| ends.trim(value).to_owned()));
        }
        values.dedup();
        if let [one] = values.as_slice() {
            out.push_str(one);
        } else {
            out.push('{');
            out.push_str(&values.join(","));
            out.push('}');
        }
        Ok(())
    }

    /// Every text that `value` can become: each value of each variable in it by itself.
    fn flat<'e>(
        &'e self,
        value: &'e str,
        open: &mut Vec<&'e str>,
    ) -> Result<Vec<String>, Expanded> {
        let mut texts = vec![String::new()];
        let mut rest = value;
        while let Some(at) = rest.find("@{") {
            let (before, variable) = rest.split_at(at);
            let Some(name) = variable_name(variable) else {
                break;
            };
            let Some(definition) = self.variable_or_ambient(name) else {
                return Err(Expanded::Undefined(name.to_owned()));
            };
            if open.contains(&name) || open.len() >= MAX_DEPTH {
                return Err(Expanded::Recursive(name.to_owned()));
            }
            open.push(name);
            let mut values = Vec::new();
            for value in &definition.values {
                values.extend(self.flat(value, open)?);
            }
            open.pop();
            if texts.len() * values.len() > MAX_TEXTS {
                return Err(Expanded::TooLarge);
            }
            texts = texts
                .iter()
                .flat_map(|text| {
                    values
                        .iter()
                        .map(move |value| format!("{text}{before}{value}"))
                })
                .collect();
            rest = variable.get(name.len() + 3..).unwrap_or_default();
        }
        texts.iter_mut().for_each(|text| text.push_str(rest));
        Ok(texts)
    }

    /// Returns how many variables lie within each other in `text`.
    fn expand_into<'e>(
        &'e self,
        text: &'e str,
        out: &mut String,
        open: &mut Vec<&'e str>,
    ) -> Result<usize, Expanded> {
        let mut rest = text;
        let mut depth = 0;
        while let Some(at) = rest.find('@') {
            let (before, variable) = rest.split_at(at);
            out.push_str(before);
            match variable_name(variable) {
                Some(name) if !is_escaped(before) => {
                    depth = depth.max(self.variable_into(name, out, open)?);
                    rest = variable.get(name.len() + 3..).unwrap_or_default();
                }
                _ => {
                    out.push('@');
                    rest = variable.get(1..).unwrap_or_default();
                }
            }
            if out.len() > MAX_EXPANSION_BYTES {
                return Err(Expanded::TooLarge);
            }
        }
        out.push_str(rest);
        Ok(depth)
    }

    fn variable_into<'e>(
        &'e self,
        name: &'e str,
        out: &mut String,
        open: &mut Vec<&'e str>,
    ) -> Result<usize, Expanded> {
        if let Some(known) = self.memory.recall(name) {
            if open.len() + known.depth > MAX_DEPTH {
                return Err(Expanded::Recursive(name.to_owned()));
            }
            out.push_str(&known.text);
            return Ok(known.depth);
        }
        let Some(definition) = self.variable_or_ambient(name) else {
            return Err(Expanded::Undefined(name.to_owned()));
        };
        if open.contains(&name) || open.len() >= MAX_DEPTH {
            return Err(Expanded::Recursive(name.to_owned()));
        }
        open.push(name);
        let start = out.len();
        let depth = 1 + self.values_into(&definition.values, out, open)?;
        open.pop();
        self.memory
            .remember(name, out.get(start..).unwrap_or_default(), depth);
        Ok(depth)
    }

    fn values_into<'e>(
        &'e self,
        values: &'e [String],
        out: &mut String,
        open: &mut Vec<&'e str>,
    ) -> Result<usize, Expanded> {
        if let [one] = values {
            return self.expand_into(one, out, open);
        }
        let mut depth = 0;
        out.push('{');
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            depth = depth.max(self.expand_into(value, out, open)?);
        }
        out.push('}');
        Ok(depth)
    }
}

/// The ends of a value that lose their slashes.
#[derive(Copy, Clone)]
struct Ends {
    start: bool,
    end: bool,
}

impl Ends {
    fn trim(self, value: &str) -> &str {
        let value = if self.start {
            value.trim_start_matches('/')
        } else {
            value
        };
        if self.end {
            value.trim_end_matches('/')
        } else {
            value
        }
    }
}

/// `NAME` where the text begins with `@{NAME}`.
fn variable_name(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix("@{")?.split_once('}')?;
    Some(name)
}

/// Whether what follows `text` is escaped.
fn is_escaped(text: &str) -> bool {
    let backslashes = text.bytes().rev().take_while(|byte| *byte == b'\\');
    backslashes.count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::super::env::Definition;
    use super::*;
    use crate::source::{FileId, Span};

    fn env(variables: &[(&str, &[&str])]) -> Env {
        let mut env = Env::default();
        for (name, values) in variables {
            let values = values.iter().map(|value| (*value).to_owned()).collect();
            let place = Span::start_of(FileId(0));
            env.set(name, Definition { place, values });
        }
        env
    }

    #[test]
    fn values_are_put_in() {
        let env = env(&[
            ("A", &["/a", "@{B}/c"]),
            ("B", &["/b"]),
            ("LOOP", &["@{LOOP}"]),
        ]);
        let text = |text: &str| Expanded::Text(text.to_owned());
        // Twice: what is remembered is the same.
        for _ in 0..2 {
            assert_eq!(env.expand("@{A}/**"), text("{/a,/b/c}/**"));
            assert_eq!(env.expand("x@y\\@{A}\\\\@{B}@"), text("x@y\\@{A}\\\\/b@"));
            assert_eq!(
                env.expand("@{B}@{NO}"),
                Expanded::Undefined("NO".to_owned())
            );
            assert_eq!(
                env.expand("@{LOOP}"),
                Expanded::Recursive("LOOP".to_owned())
            );
        }
    }

    #[test]
    fn slashes_meet() {
        let env = env(&[
            ("H", &["/home/*/", "/root/"]),
            ("ONE", &["/one/"]),
            ("IN", &["@{ONE}"]),
            ("TWO", &["/d/", "/e/"]),
            ("NEST", &["@{TWO}"]),
            ("ROOT", &["/"]),
        ]);
        let expand = |text| env.expand(text).text().unwrap_or_default();
        assert_eq!(expand("@{H}/x"), "{/home/*,/root}/x");
        assert_eq!(expand("@{H}x"), "{/home/*/,/root/}x");
        assert_eq!(expand("/@{ONE}y"), "//one/y");
        assert_eq!(expand("/a/@{ONE}y"), "/a/one/y");
        assert_eq!(expand("@{IN}/x"), "/one/x");
        assert_eq!(expand("@{NEST}/x"), "{/d,/e}/x");
        assert_eq!(expand("@{ROOT}/y"), "/y");
        assert_eq!(expand("/@{ONE}/@{TWO}x"), "//one/{/d/,/e/}x");
        assert_eq!(expand("@{TWO}{/x,y}"), "{/d/,/e/}{/x,y}");
    }

    #[test]
    fn a_change_is_not_overlooked() {
        let mut env = env(&[("A", &["@{B}"]), ("B", &["/b"])]);
        assert_eq!(env.expand("@{A}").text().as_deref(), Some("/b"));
        let copy = env.clone();
        env.add("B", &["/c".to_owned()]);
        assert_eq!(env.expand("@{A}").text().as_deref(), Some("{/b,/c}"));
        assert_eq!(copy.expand("@{A}").text().as_deref(), Some("/b"));
    }

    #[test]
    fn the_depth_that_is_followed_does_not_depend_on_what_was_asked_before() {
        let names: Vec<String> = (0..=MAX_DEPTH).map(|number| format!("V{number}")).collect();
        let mut env = Env::default();
        for (index, name) in names.iter().enumerate() {
            let value = names
                .get(index + 1)
                .map_or("/end".to_owned(), |next| format!("@{{{next}}}"));
            let place = Span::start_of(FileId(0));
            env.set(
                name,
                Definition {
                    place,
                    values: vec![value],
                },
            );
        }
        let asked_first = env.clone();
        assert!(matches!(
            asked_first.expand("@{V0}"),
            Expanded::Recursive(_)
        ));
        assert_eq!(env.expand("@{V1}").text().as_deref(), Some("/end"));
        assert!(matches!(env.expand("@{V0}"), Expanded::Recursive(_)));
    }
}
