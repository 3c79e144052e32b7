//! Putting the values of variables into text.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Env;
use super::expansion_cache::{Expanded, Expansion, ExpansionCache};

/// Longest text that is made by putting variables in, in bytes. apparmor.d's longest pattern comes
/// to 30 kB.
pub const MAX_EXPANSION_BYTES: usize = 256 * 1024;

/// Most texts that the variables in one value multiply to, as they do in the parser. Beyond that the
/// value is not known.
pub const MAX_TEXTS: usize = 16_384;

/// From this number of texts on those that can stay alternatives within each other do. A pattern of
/// alternatives is smaller, and as exact where nothing at their ends depends on what is beside them.
const MANY_TEXTS: usize = 256;

/// Most variables that are followed into each other's values. Beyond that the value is not known.
pub const MAX_VARIABLE_DEPTH: usize = 32;

impl Env {
    /// Puts the values of all variables into `text`, as apparmor_parser 5 and 6 do
    /// (parser_variable.c): several values become alternatives. Slashes at the end of a value go where
    /// a slash follows; slashes at its start go where one stands before, unless there is nothing else
    /// before.
    #[must_use]
    pub fn expand(&self, text: &str) -> Expanded {
        if !text.contains('@') {
            return Expanded::Text(text.to_owned());
        }
        match self.expand_outermost(text) {
            Ok(text) => Expanded::Text(text),
            Err(fault) => fault,
        }
    }

    fn expand_outermost(&self, text: &str) -> Result<String, Expanded> {
        let mut out = String::with_capacity(text.len() * 2);
        let mut rest = text;
        while let Some((before, name, behind)) = next_variable(rest) {
            out.push_str(before);
            let ends = Ends {
                start: out.ends_with('/') && out.contains(|c| c != '/'),
                end: behind.starts_with('/'),
            };
            let expansion = self.expansion(name, &mut Vec::new())?;
            let mut texts: Vec<&str> = expansion.texts.iter().map(|text| ends.trim(text)).collect();
            if ends.start || ends.end {
                let mut seen = FxHashSet::default();
                texts.retain(|text| seen.insert(*text));
            }
            // Which of them closes a brace that another one opens depends on their order, which in the parser is that of bytes.
            if self.has_broken_values() {
                texts.sort_unstable();
            }
            push_alternatives(&texts, &mut out);
            if out.len() > MAX_EXPANSION_BYTES {
                return Err(Expanded::TooLarge);
            }
            rest = behind;
        }
        out.push_str(rest);
        Ok(out)
    }

    /// The names of the variables that a variable needs, its own among them.
    ///
    /// # Errors
    /// If it has no texts.
    pub(super) fn needs(&self, name: &str) -> Result<Arc<FxHashSet<String>>, Expanded> {
        Ok(self.expansion(name, &mut Vec::new())?.uses)
    }

    /// How a text begins that begins with a variable, whatever follows: nothing is known of one without texts.
    pub(super) fn beginning(&self, name: &str) -> String {
        let expansion = self.expansion(name, &mut Vec::new());
        let texts = expansion.as_ref().map(|expansion| &*expansion.texts);
        match texts {
            // Slashes at its end may go.
            Ok([one]) => one.trim_end_matches('/').to_owned(),
            Ok([_, _, ..]) => "{".to_owned(),
            _ => String::new(),
        }
    }

    /// All texts of a variable. Variables in its values multiply them.
    fn expansion<'e>(
        &'e self,
        name: &'e str,
        open: &mut Vec<&'e str>,
    ) -> Result<Expansion, Expanded> {
        if let Some(known) = self.recall(name) {
            if open.len() + known.depth > MAX_VARIABLE_DEPTH {
                return Err(Expanded::TooDeep);
            }
            return Ok(known);
        }
        let Some(definition) = self.variable_or_ambient(name) else {
            return Err(Expanded::Undefined(name.to_owned()));
        };
        if open.contains(&name) {
            return Err(Expanded::Recursive(name.to_owned()));
        }
        if open.len() >= MAX_VARIABLE_DEPTH {
            return Err(Expanded::TooDeep);
        }
        open.push(name);
        let mut depth = 0;
        let mut texts = Vec::new();
        let mut uses = FxHashSet::default();
        uses.insert(name.to_owned());
        for value in &definition.values {
            depth = depth.max(self.multiplied(value, &mut texts, &mut uses, open)?);
        }
        open.pop();
        let mut seen = FxHashSet::default();
        texts.retain(|text| seen.insert(text.clone()));
        let expansion = Expansion {
            texts: texts.into(),
            depth: depth + 1,
            uses: Arc::new(uses),
        };
        self.cache_for(&expansion).remember(name, &expansion);
        Ok(expansion)
    }

    /// The variables whose values lead into a circle, however long it is.
    pub(super) fn circular(&self) -> FxHashSet<&str> {
        let mut needs: FxHashMap<&str, FxHashSet<&str>> = FxHashMap::default();
        let mut needed_by: FxHashMap<&str, Vec<&str>> = FxHashMap::default();
        let names: FxHashSet<&str> = self.definitions().map(|(name, _)| name).collect();
        for &name in &names {
            let values = self.variable(name).map(|definition| &definition.values);
            let mut inner = FxHashSet::default();
            for value in values.into_iter().flatten() {
                let mut rest = value.as_str();
                while let Some((_, used, behind)) = next_variable(rest) {
                    if let Some(used) = names.get(used)
                        && inner.insert(*used)
                    {
                        needed_by.entry(*used).or_default().push(name);
                    }
                    rest = behind;
                }
            }
            needs.insert(name, inner);
        }
        // What needs nothing that is left leads to an end.
        let empty = needs.iter().filter(|(_, inner)| inner.is_empty());
        let mut done: Vec<&str> = empty.map(|(name, _)| *name).collect();
        while let Some(name) = done.pop() {
            needs.remove(name);
            for user in needed_by.remove(name).unwrap_or_default() {
                if let Some(inner) = needs.get_mut(user)
                    && inner.remove(name)
                    && inner.is_empty()
                {
                    done.push(user);
                }
            }
        }
        needs.into_keys().collect()
    }

    fn recall(&self, name: &str) -> Option<Expansion> {
        let shared = self.cache_of_foundation();
        let shared = shared.and_then(|memory| memory.recall(name));
        shared
            .filter(|expansion| self.is_of_foundation(expansion))
            .or_else(|| self.cache.recall(name))
    }

    fn cache_for(&self, expansion: &Expansion) -> &ExpansionCache {
        let shared = self.cache_of_foundation();
        shared
            .filter(|_| self.is_of_foundation(expansion))
            .unwrap_or(&self.cache)
    }

    /// Whether it needs nothing that is set above the foundation.
    fn is_of_foundation(&self, expansion: &Expansion) -> bool {
        !self
            .names_above_foundation()
            .any(|name| expansion.uses.contains(name))
    }

    /// Adds the texts of one value and what they use; returns how many variables lie within each other
    /// in it.
    fn multiplied<'e>(
        &'e self,
        value: &'e str,
        all: &mut Vec<String>,
        uses: &mut FxHashSet<String>,
        open: &mut Vec<&'e str>,
    ) -> Result<usize, Expanded> {
        if let Some(name) = invalid_name(value) {
            return Err(Expanded::Undefined(name.to_owned()));
        }
        let mut texts = vec![String::new()];
        let mut depth = 0;
        let mut rest = value;
        while let Some((before, name, behind)) = next_variable(rest) {
            let inner = self.expansion(name, open)?;
            depth = depth.max(inner.depth);
            uses.extend(inner.uses.iter().cloned());
            texts.iter_mut().for_each(|text| text.push_str(before));
            let count = texts.len().saturating_mul(inner.texts.len());
            let may_nest = count > MANY_TEXTS && inner.texts.iter().all(|text| is_closed(text));
            if !may_nest && count > MAX_TEXTS {
                return Err(Expanded::TooLarge);
            }
            if !may_nest {
                let with = |text: &String| {
                    let text = text.clone();
                    let values = inner.texts.iter();
                    values
                        .map(move |value| format!("{text}{value}"))
                        .collect::<Vec<_>>()
                };
                texts = texts.iter().flat_map(with).collect();
            } else {
                let values: Vec<&str> = inner.texts.iter().map(String::as_str).collect();
                let add = |text: &mut String| push_alternatives(&values, text);
                texts.iter_mut().for_each(add);
            }
            if texts.iter().map(String::len).sum::<usize>() > MAX_EXPANSION_BYTES {
                return Err(Expanded::TooLarge);
            }
            rest = behind;
        }
        texts.iter_mut().for_each(|text| text.push_str(rest));
        all.append(&mut texts);
        Ok(depth)
    }
}

/// Whether the ends of a text mean the same whatever is beside it: no slash that could meet another,
/// no `*` that could be a whole component, no alternatives that could hold one of them.
fn is_closed(text: &str) -> bool {
    let is_literal = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    text.starts_with(is_literal) && text.ends_with(is_literal)
}

fn push_alternatives(texts: &[&str], out: &mut String) {
    if let [one] = texts {
        out.push_str(one);
        return;
    }
    out.push('{');
    for (index, text) in texts.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(text);
    }
    out.push('}');
}

/// The first variable of a text: what stands before it, its name, and what follows.
fn next_variable(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        // Looking for one byte is several times as fast as for two.
        let at = from + text.get(from..)?.find('@')?;
        let (before, variable) = text.split_at_checked(at)?;
        let Some(variable) = variable.strip_prefix("@{") else {
            from = at + 1;
            continue;
        };
        let backslashes = before.bytes().rev().take_while(|byte| *byte == b'\\');
        match variable.split_once('}') {
            Some((name, behind)) if backslashes.count() % 2 == 0 && is_name(name) => {
                return Some((before, name, behind));
            }
            _ => from = at + 2,
        }
    }
}

/// The name of a variable that none can have. The parser finds no declaration for it where the value is used.
fn invalid_name(value: &str) -> Option<&str> {
    let mut rest = value;
    while let Some((before, behind)) = rest.split_once("@{") {
        let backslashes = before.bytes().rev().take_while(|byte| *byte == b'\\');
        let (name, _) = behind.split_once('}')?;
        if backslashes.count() % 2 == 0 && !name.is_empty() && !is_name(name) {
            return Some(name);
        }
        rest = behind;
    }
    None
}

/// Whether a variable can have this name; `@{a,b}` is an `@` and two alternatives.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
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
            ("MANY", &["@{TWO}-"]),
        ]);
        let expand = |text| env.expand(text).text().unwrap_or_default();
        assert_eq!(expand("@{H}/x"), "{/home/*,/root}/x");
        assert_eq!(expand("@{H}x"), "{/home/*/,/root/}x");
        assert_eq!(expand("/@{ONE}y"), "//one/y");
        assert_eq!(expand("/a/@{ONE}y"), "/a/one/y");
        assert_eq!(expand("@{IN}/x"), "/one/x");
        assert_eq!(expand("@{NEST}/x"), "{/d,/e}/x");
        assert_eq!(expand("@{ROOT}/y"), "/y");
        assert_eq!(expand("/@{ONE}/@{TWO}x"), "//one/{d/,e/}x");
        assert_eq!(expand("@{ONE}@{TWO}x"), "/one/{d/,e/}x");
        assert_eq!(expand("@{TWO}{/x,y}"), "{/d/,/e/}{/x,y}");
        assert_eq!(expand("@{a,b}"), "@{a,b}");
        assert_eq!(expand("@{MANY}*/"), "{/d/-,/e/-}*/");
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
        let names: Vec<String> = (0..=MAX_VARIABLE_DEPTH)
            .map(|number| format!("V{number}"))
            .collect();
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
        assert_eq!(asked_first.expand("@{V0}"), Expanded::TooDeep);
        assert_eq!(env.expand("@{V1}").text().as_deref(), Some("/end"));
        assert_eq!(env.expand("@{V0}"), Expanded::TooDeep);
        assert!(env.circular().is_empty());
    }

    #[test]
    fn circles_are_found_however_long_they_are() {
        let names: Vec<String> = (0..4 * MAX_VARIABLE_DEPTH)
            .map(|number| format!("V{number}"))
            .collect();
        let mut env = env(&[
            ("A", &["@{V0}", "/a"]),
            ("B", &["/b@{NO}"]),
            ("C", &["@{C}"]),
        ]);
        for (name, next) in names.iter().zip(names.iter().cycle().skip(1)) {
            let place = Span::start_of(FileId(0));
            let values = vec![format!("@{{{next}}}"), format!("@{{{next}}}x")];
            env.set(name, Definition { place, values });
        }
        let mut circular: Vec<&str> = env.circular().into_iter().collect();
        circular.sort_unstable();
        let mut expected: Vec<&str> = names.iter().map(String::as_str).chain(["A", "C"]).collect();
        expected.sort_unstable();
        assert_eq!(circular, expected);
    }
}
