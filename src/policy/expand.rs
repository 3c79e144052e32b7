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
    /// Puts the values of all variables into `text`, as apparmor_parser 6.0 does (by alternation).
    #[must_use]
    pub fn expand(&self, text: &str) -> Expanded {
        if !text.contains("@{") {
            return Expanded::Text(text.to_owned());
        }
        let mut out = String::with_capacity(text.len() * 2);
        let mut open = Vec::new();
        match self.expand_into(text, &mut out, &mut open) {
            Ok(()) => Expanded::Text(out),
            Err(fault) => fault,
        }
    }

    fn expand_into(
        &self,
        text: &str,
        out: &mut String,
        open: &mut Vec<String>,
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
                .map(|(name, _)| name);
            match name {
                Some(name) if !is_escaped => {
                    self.variable_into(name, out, open)?;
                    rest = variable.get(name.len() + 3..).unwrap_or_default();
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

    fn variable_into(
        &self,
        name: &str,
        out: &mut String,
        open: &mut Vec<String>,
    ) -> Result<(), Expanded> {
        let Some(definition) = self.variable(name) else {
            return Err(Expanded::Undefined(name.to_owned()));
        };
        if open.iter().any(|outer| outer == name) || open.len() >= MAX_DEPTH {
            return Err(Expanded::Recursive(name.to_owned()));
        }
        open.push(name.to_owned());
        match definition.values.as_slice() {
            [one] => self.expand_into(one, out, open)?,
            many => {
                out.push('{');
                for (index, value) in many.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    self.expand_into(value, out, open)?;
                }
                out.push('}');
            }
        }
        open.pop();
        Ok(())
    }
}
