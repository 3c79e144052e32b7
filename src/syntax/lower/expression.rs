//! Conditions of `if` and values of booleans.

use super::Lower;
use crate::source::TextRange;
use crate::syntax::ast::{Comparison, Expression, Word};
use crate::syntax::fault::{Expected, FaultKind, SyntaxFault, VariableFault};
use crate::syntax::kind::SyntaxKind;
use crate::syntax::tree::Cursor;

/// Most words of a condition that are read: `not`, `(` and the like count. What is made of them is as deep as they are many.
pub const MAX_CONDITION_WORDS: usize = 256;

impl Lower<'_> {
    pub(super) fn expression(&mut self, node: Cursor<'_>, range: TextRange) -> Expression {
        let words = self.expression_words(node);
        self.whole_expression(&words, range)
    }

    /// The value of `$NAME = …`, or `None` without one.
    pub(super) fn boolean_value(
        &mut self,
        node: Cursor<'_>,
        range: TextRange,
    ) -> Option<Expression> {
        let words = self.expression_words(node);
        if words.is_empty() {
            self.fault(
                TextRange::at(range.start),
                FaultKind::Variable(VariableFault::NoValue),
            );
            return None;
        }
        if let Some(comma) = words.iter().find(|word| self.slice(**word) == ",") {
            self.fault(*comma, FaultKind::Variable(VariableFault::Comma));
            return None;
        }
        Some(self.whole_expression(&words, range))
    }

    fn expression_words(&mut self, node: Cursor<'_>) -> Vec<TextRange> {
        let words = node
            .children()
            .filter(|child| child.kind() == SyntaxKind::ExpressionWord);
        let mut found = Vec::new();
        for word in words {
            let range = self.range(word);
            if self.slice(range).starts_with('"') {
                self.check_closed(word);
            }
            found.push(range);
        }
        found
    }

    fn whole_expression(&mut self, words: &[TextRange], range: TextRange) -> Expression {
        if let Some(beyond) = words.get(MAX_CONDITION_WORDS) {
            self.syntax(*beyond, SyntaxFault::LongCondition);
            return Expression::TooLong(range);
        }
        let mut reader = Reader { words, at: 0 };
        let Some(expression) = reader.any(self) else {
            let place = words
                .get(reader.at)
                .copied()
                .unwrap_or(TextRange::at(range.end));
            let fault = if words.is_empty() {
                SyntaxFault::Missing(Expected::Value)
            } else {
                SyntaxFault::Expression
            };
            self.syntax(place, fault);
            return Expression::Unreadable(range);
        };
        if let Some(extra) = words.get(reader.at) {
            self.syntax(*extra, SyntaxFault::Expression);
        }
        expression
    }
}

/// Reads words from left to right; every step consumes one, so it ends.
struct Reader<'w> {
    words: &'w [TextRange],
    at: usize,
}

impl Reader<'_> {
    fn peek<'t>(&self, lower: &'t Lower<'_>) -> Option<&'t str> {
        self.words.get(self.at).map(|range| lower.slice(*range))
    }

    fn take(&mut self, lower: &mut Lower<'_>, text: &str) -> bool {
        let is_it = self.peek(lower) == Some(text);
        if is_it {
            self.check_line_end(lower);
            self.at += 1;
        }
        is_it
    }

    /// Whether the word that comes next is read with the carriage return behind it, and so is another word.
    fn check_line_end(&self, lower: &mut Lower<'_>) {
        if let Some(word) = self.words.get(self.at)
            && !matches!(lower.slice(*word), "(" | ")" | "==" | "!=" | ">=" | "<=")
        {
            lower.check_line_end(*word, false);
        }
    }

    fn any(&mut self, lower: &mut Lower<'_>) -> Option<Expression> {
        let mut left = self.all(lower)?;
        while self.take(lower, "or") {
            left = Expression::Or(Box::new(left), Box::new(self.all(lower)?));
        }
        Some(left)
    }

    fn all(&mut self, lower: &mut Lower<'_>) -> Option<Expression> {
        let mut left = self.negation(lower)?;
        while self.take(lower, "and") {
            left = Expression::And(Box::new(left), Box::new(self.negation(lower)?));
        }
        Some(left)
    }

    fn negation(&mut self, lower: &mut Lower<'_>) -> Option<Expression> {
        let mut is_negated = false;
        while self.take(lower, "not") {
            is_negated = !is_negated;
        }
        let inner = self.factor(lower)?;
        Some(if is_negated {
            Expression::Not(Box::new(inner))
        } else {
            inner
        })
    }

    fn factor(&mut self, lower: &mut Lower<'_>) -> Option<Expression> {
        if self.take(lower, "(") {
            let inner = self.any(lower)?;
            return self.take(lower, ")").then_some(inner);
        }
        let is_defined = self.take(lower, "defined");
        let operand = self.operand(lower)?;
        let text = lower.slice(operand.0);
        if is_defined {
            lower.check_line_end(operand.0, false);
            return is_variable(text).then_some(Expression::Defined(operand));
        }
        if text.starts_with('$') && is_variable(text) {
            lower.check_line_end(operand.0, false);
            return Some(Expression::Boolean(operand));
        }
        let Some(comparison) = self.peek(lower).and_then(comparison) else {
            lower.check_line_end(operand.0, false);
            let is_boolean = ["true", "false"]
                .iter()
                .any(|word| text.trim_matches('"').eq_ignore_ascii_case(word));
            if !is_boolean {
                lower.syntax(operand.0, SyntaxFault::NotBoolean);
            }
            return Some(Expression::Literal(operand));
        };
        self.check_line_end(lower);
        self.at += 1;
        Some(Expression::Compare(
            operand,
            comparison,
            self.operand(lower)?,
        ))
    }

    fn operand(&mut self, lower: &Lower<'_>) -> Option<Word> {
        let range = *self.words.get(self.at)?;
        let text = lower.slice(range);
        let is_operator = matches!(
            text,
            "(" | ")" | "and" | "or" | "not" | "," | "=" | "!" | "+"
        );
        if is_operator || comparison(text).is_some() {
            return None;
        }
        self.at += 1;
        Some(Word(range))
    }
}

/// Whether a word is a variable and nothing else: `@{NAME}`, `@NAME`, `${NAME}`, `$NAME`.
fn is_variable(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['@', '$']) else {
        return false;
    };
    let inner = rest
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    let name = inner.unwrap_or(rest);
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn comparison(text: &str) -> Option<Comparison> {
    Some(match text {
        "==" => Comparison::Equal,
        "!=" => Comparison::NotEqual,
        "in" => Comparison::In,
        ">" => Comparison::Greater,
        ">=" => Comparison::GreaterOrEqual,
        "<" => Comparison::Less,
        "<=" => Comparison::LessOrEqual,
        _ => return None,
    })
}
