//! Where variables stand in text.

use crate::source::TextRange;

/// The variables `@{NAME}` in `range` of `text`, comments left out.
pub fn variable_uses(text: &str, range: TextRange) -> VariableUses<'_> {
    let text = text
        .get(range.start as usize..range.end as usize)
        .unwrap_or_default();
    VariableUses { text, range, at: 0 }
}

/// Walks over the variables of a text; see [`variable_uses`].
#[derive(Clone, Debug)]
pub struct VariableUses<'t> {
    text: &'t str,
    range: TextRange,
    at: usize,
}

impl<'t> Iterator for VariableUses<'t> {
    type Item = (&'t str, TextRange);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.text.get(self.at..)?;
            let step = rest.find(['@', '#', '\\'])?;
            let found = self.at + step;
            let rest = rest.get(step..)?;
            let starts_word = found == 0
                || self
                    .text
                    .as_bytes()
                    .get(found - 1)
                    .is_some_and(u8::is_ascii_whitespace);
            self.at = found + 1;
            if rest.starts_with('\\') {
                // What a backslash escapes is no variable.
                self.at += rest.chars().nth(1).map_or(0, char::len_utf8);
            } else if rest.starts_with('#') && starts_word {
                self.at = found + rest.find('\n').unwrap_or(rest.len());
            } else if let Some(name) = rest.strip_prefix("@{").and_then(variable_name) {
                self.at = found + name.len() + 3;
                return Some((name, self.range.part(found, self.at)));
            }
        }
    }
}

/// The name of a variable at the start of `text`, which stands behind `@{`.
fn variable_name(text: &str) -> Option<&str> {
    let length = text
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        .count();
    let name = text.get(..length)?;
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic());
    (is_name && text.get(length..)?.starts_with('}')).then_some(name)
}

/// Whether `@{` stands somewhere in a value where [`variable_uses`] sees no variable.
pub(super) fn has_strange(written: &str) -> bool {
    let length = u32::try_from(written.len()).unwrap_or(u32::MAX);
    let uses = variable_uses(written, TextRange::new(0, length));
    written.matches("@{").count() != uses.count()
}
