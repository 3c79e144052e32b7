//! Conditions of `if`.

use super::evaluation::Evaluation;
use crate::policy::{Expanded, ProblemKind, variable_uses};
use crate::source::{FileId, Span, TextRange};
use crate::syntax::ast::{Comparison, Expression, Word};
use crate::syntax::text;

impl<'s> Evaluation<'s, '_> {
    /// The value of an expression; `None` if it depends on what cannot be known.
    pub(super) fn evaluate(
        &mut self,
        expression: &'s Expression,
        file: FileId,
        via: &[Span],
    ) -> Option<bool> {
        match expression {
            Expression::Or(left, right) => {
                let (left, right) = (
                    self.evaluate(left, file, via),
                    self.evaluate(right, file, via),
                );
                Some(left? | right?)
            }
            Expression::And(left, right) => {
                let (left, right) = (
                    self.evaluate(left, file, via),
                    self.evaluate(right, file, via),
                );
                Some(left? & right?)
            }
            Expression::Not(inner) => self.evaluate(inner, file, via).map(|value| !value),
            Expression::Boolean(word) => {
                let name = bare_name(self.slice(file, word.0));
                let value = self.env.boolean(name).map(|(value, _)| value);
                if value.is_none() && self.unknown.is_none() {
                    self.problem(
                        word.0.in_file(file),
                        via,
                        ProblemKind::UndefinedBoolean(name.to_owned()),
                    );
                }
                value
            }
            Expression::Defined(word) => {
                let written = self.slice(file, word.0);
                let name = bare_name(written);
                let is_defined = self.env.variable(name).is_some() && written.starts_with('@');
                (is_defined || self.unknown.is_none()).then_some(is_defined)
            }
            Expression::Literal(word) => {
                let text = self.slice(file, word.0).trim_matches('"');
                Some(text.eq_ignore_ascii_case("true"))
            }
            Expression::Compare(left, operator, right) => {
                self.compare(*left, *operator, *right, file, via)
            }
            Expression::Unreadable(_) | Expression::TooLong(_) => None,
        }
    }

    fn compare(
        &mut self,
        left: Word,
        operator: Comparison,
        right: Word,
        file: FileId,
        via: &[Span],
    ) -> Option<bool> {
        let place = left.0.cover(right.0).in_file(file);
        let (left, right) = (self.values(left, file, via), self.values(right, file, via));
        let (left, right) = (left?, right?);
        match operator {
            Comparison::Equal => return Some(left == right),
            Comparison::NotEqual => return Some(left != right),
            Comparison::In => return Some(left.iter().all(|value| right.contains(value))),
            _ => {}
        }
        let order = match (number(&left), number(&right)) {
            (Some(left), Some(right)) => left.cmp(&right),
            (None, None) => left.cmp(&right),
            _ => {
                self.problem(place, via, ProblemKind::ComparesMixed);
                return None;
            }
        };
        Some(match operator {
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
            Comparison::Less => order.is_lt(),
            _ => order.is_le(),
        })
    }

    /// A variable's values, or the word itself, sorted and each once.
    fn values(&mut self, word: Word, file: FileId, via: &[Span]) -> Option<Vec<String>> {
        let written = self.slice(file, word.0);
        let value = text::value(written).into_owned();
        let is_variable = variable_uses(
            &value,
            TextRange::new(0, u32::try_from(value.len()).unwrap_or(0)),
        )
        .next()
        .is_some_and(|(_, range)| range.start == 0 && range.end as usize == value.len());
        if !is_variable {
            return Some(vec![value]);
        }
        self.note_uses(file, word.0);
        let name = bare_name(&value).to_owned();
        let Some(definition) = self.env.variable(&name) else {
            if self.unknown.is_none() {
                self.problem(
                    word.0.in_file(file),
                    via,
                    ProblemKind::UndefinedVariable(name),
                );
            }
            return None;
        };
        let mut values: Vec<String> = Vec::new();
        let mut undefined = None;
        for value in &definition.values {
            match self.env.expand(value) {
                Expanded::Text(text) => values.push(text),
                Expanded::Undefined(name) => {
                    undefined.get_or_insert(name);
                }
                Expanded::Recursive(_) | Expanded::TooLarge | Expanded::TooDeep => return None,
            }
        }
        if let Some(name) = undefined {
            if self.unknown.is_none() && !self.is_ambient(&name) {
                let place = word.0.in_file(file);
                self.problem(place, via, ProblemKind::UndefinedVariable(name));
            }
            return None;
        }
        values.sort();
        values.dedup();
        Some(values)
    }
}

fn number(values: &[String]) -> Option<i64> {
    match values {
        [one] => {
            let digits = one.trim_start_matches(['-', '+']);
            let value = match digits.strip_prefix("0x") {
                Some(hex) => i64::from_str_radix(hex, 16).ok()?,
                None if digits.len() > 1 && digits.starts_with('0') => {
                    i64::from_str_radix(digits, 8).ok()?
                }
                None => digits.parse().ok()?,
            };
            Some(if one.starts_with('-') { -value } else { value })
        }
        _ => None,
    }
}

/// `NAME` in `@{NAME}`, `@NAME`, `${NAME}`, `$NAME`.
fn bare_name(written: &str) -> &str {
    written.trim_matches(['@', '$', '{', '}'])
}
