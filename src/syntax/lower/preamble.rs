//! Includes, abi rules, aliases and variables.

use super::Lower;
use super::tokens::Tokens;
use crate::source::TextRange;
use crate::syntax::ast::{
    Abi, Alias, AssignOperator, BooleanAssignment, Include, IncludeStyle, VariableAssignment, Word,
};
use crate::syntax::fault::{Deprecated, Expected, FaultKind, PathRole, SyntaxFault, VariableFault};
use crate::syntax::kind::SyntaxKind;
use crate::syntax::tree::Cursor;

impl Lower<'_> {
    pub(super) fn include(&mut self, node: Cursor<'_>) -> Option<Include> {
        let range = self.range(node);
        let Some(path) = node.child(SyntaxKind::IncludePath) else {
            self.syntax(
                TextRange::at(range.end),
                SyntaxFault::Missing(Expected::IncludePath),
            );
            return None;
        };
        self.check_closed(path);
        let written = self.range(path);
        self.check_quotes_in_angles(written);
        let (style, inner) = self.inner_path(written);
        Some(Include {
            range,
            written,
            path: inner,
            style,
            pound: node.kind() == SyntaxKind::PoundInclude,
            if_exists: node.child(SyntaxKind::IfExists).is_some(),
            index: 0,
        })
    }

    /// Quotes in `<…>` must stand directly inside.
    fn check_quotes_in_angles(&mut self, written: TextRange) {
        let text = self.slice(written);
        let inner = text.strip_prefix('<').unwrap_or(text);
        let inner = inner.strip_suffix('>').unwrap_or(inner);
        let is_whole = inner
            .strip_prefix('"')
            .and_then(|inner| inner.strip_suffix('"'))
            .is_some_and(|inner| !inner.replace("\\\"", "").contains('"'));
        let has_tab = inner.contains('\t') && !is_whole;
        if text.starts_with('<') && (inner.contains('"') && !is_whole || has_tab) {
            self.syntax(written, SyntaxFault::Unexpected(Expected::IncludePath));
        }
    }

    /// How a path is searched, and where it stands within `<>`, quotes and blanks.
    fn inner_path(&self, written: TextRange) -> (IncludeStyle, TextRange) {
        let text = self.slice(written);
        let style = if text.starts_with('<') {
            IncludeStyle::Searched
        } else {
            IncludeStyle::Plain
        };
        let inner = match text.strip_prefix('<') {
            Some(inner) => {
                let inner = inner.strip_suffix('>').unwrap_or(inner);
                let inner = inner.trim_matches([' ', '\t']);
                let unquoted = inner
                    .strip_prefix('"')
                    .and_then(|inner| inner.strip_suffix('"'));
                unquoted.unwrap_or(inner)
            }
            None => match text.strip_prefix('"') {
                Some(inner) => inner.strip_suffix('"').unwrap_or(inner),
                None => text,
            },
        };
        let left = inner.as_ptr().addr() - text.as_ptr().addr();
        (style, written.part(left, left + inner.len()))
    }

    pub(super) fn abi(&mut self, node: Cursor<'_>) -> Option<Abi> {
        let range = self.range(node);
        let mut paths = node
            .children()
            .filter(|child| child.kind() == SyntaxKind::AbiPath);
        let Some(path) = paths.next() else {
            self.syntax(
                TextRange::at(range.end),
                SyntaxFault::Missing(Expected::IncludePath),
            );
            return None;
        };
        self.check_closed(path);
        if let Some(comment) = node.child(SyntaxKind::Comment) {
            self.syntax(self.range(comment), SyntaxFault::CommentInRule);
        }
        let written = self.range(path);
        if let Some(more) = paths.next() {
            let more = self.range(more);
            self.syntax(more, SyntaxFault::Unexpected(Expected::EndOfRule));
        } else if node.child(SyntaxKind::Comma).is_none() {
            self.fault(TextRange::at(written.end), FaultKind::MissingComma);
        }
        self.check_quotes_in_angles(written);
        let text = self.slice(written);
        if !text.starts_with(['<', '"']) && text.contains(['<', '>']) {
            self.syntax(written, SyntaxFault::Unexpected(Expected::IncludePath));
        }
        let is_mixed = text.starts_with("\"<") || text.starts_with("<\"");
        let is_empty = text.trim_matches(['<', '>', '"', ' ', '\t']).is_empty();
        if is_empty {
            self.syntax(written, SyntaxFault::Missing(Expected::IncludePath));
        }
        let (style, path) = if is_mixed && text.starts_with('"') {
            (
                IncludeStyle::Plain,
                written.part(1, text.len().saturating_sub(1)),
            )
        } else {
            self.inner_path(written)
        };
        Some(Abi {
            range,
            written,
            path,
            style,
        })
    }

    pub(super) fn alias(&mut self, node: Cursor<'_>) -> Option<Alias> {
        let range = self.range(node);
        let mut tokens = Tokens::new(self, node);
        let from = tokens.next();
        if let (Some(glued), Some(_)) = (
            from.and_then(|from| self.glued_arrow(from.range)),
            tokens.peek(),
        ) {
            self.syntax(glued, SyntaxFault::ArrowBlanks);
            return None;
        }
        let arrow = tokens.take(SyntaxKind::Arrow);
        let to = tokens.next();
        let (Some(from), Some(_), Some(to)) = (from, arrow, to) else {
            let expected = if from.is_none() {
                Expected::Path
            } else {
                Expected::Target
            };
            self.syntax(
                TextRange::at(tokens.end.max(range.start + 5)),
                SyntaxFault::Missing(expected),
            );
            return None;
        };
        if !self.is_path_token(from) {
            self.syntax(from.range, SyntaxFault::Unexpected(Expected::Path));
        }
        self.check_bare_variable(from.range);
        for path in [from, to] {
            if !self
                .slice(path.range)
                .trim_start_matches('"')
                .starts_with(['/', '@'])
            {
                self.fault(path.range, FaultKind::RelativePath(PathRole::Alias));
            }
        }
        if let Some(extra) = tokens.peek() {
            self.syntax(extra.range, SyntaxFault::Unexpected(Expected::EndOfRule));
        } else if tokens.comma.is_none() {
            self.fault(TextRange::at(tokens.end), FaultKind::MissingComma);
        }
        Some(Alias {
            range,
            from: from.word(),
            to: to.word(),
        })
    }

    pub(super) fn variable_assignment(&mut self, node: Cursor<'_>) -> VariableAssignment {
        let mut range = self.range(node);
        let mut values = Vec::new();
        let mut written = TextRange::at(range.start);
        let mut operator = AssignOperator::Set;
        let mut end = range.start;
        for child in node.children() {
            let at = self.range(child);
            match child.kind() {
                SyntaxKind::Variable => written = at,
                SyntaxKind::AssignOperator => operator = self.operator(at),
                SyntaxKind::Value => {
                    self.check_closed(child);
                    values.push(Word(at));
                }
                SyntaxKind::ValueComma => self.fault(at, FaultKind::Variable(VariableFault::Comma)),
                SyntaxKind::ValueStray => {
                    self.fault(at, FaultKind::Variable(VariableFault::Garbage))
                }
                SyntaxKind::Comment
                    if at.end as usize == self.text.len() && !self.is_recovering =>
                {
                    // Without the end of the line the parser reads a comment as values.
                    self.comment(child);
                    values.push(Word(at));
                    continue;
                }
                SyntaxKind::Comment => {
                    self.comment(child);
                    continue;
                }
                _ => {}
            }
            end = at.end;
        }
        range.end = end;
        let has_fault = self
            .faults
            .last()
            .is_some_and(|fault| range.contains(fault.range));
        if values.is_empty() && !has_fault {
            self.fault(
                TextRange::at(end),
                FaultKind::Variable(VariableFault::NoValue),
            );
        }
        for value in &values {
            self.check_value(*value);
        }
        self.check_operator(written);
        self.check_line_end(written, false);
        let name = self.variable_name(written);
        VariableAssignment {
            range,
            written,
            name,
            operator,
            values,
        }
    }

    /// What stands directly behind a variable may make a word of both (LABEL in parser_lex.l): `@{A}:=` always does, and of
    /// `@NAME=` the lexer reads `@NAM` as the variable.
    fn check_operator(&mut self, written: TextRange) {
        let behind = self.text.get(written.end as usize..).unwrap_or_default();
        let has_braces = self.slice(written).starts_with("@{");
        if behind.starts_with(":=") {
            self.fault(written, FaultKind::Variable(VariableFault::OverrideBlank));
        } else if behind.starts_with(['=', '+', '?'])
            && !has_braces
            && self.slice(written).len() > 2
        {
            self.fault(written, FaultKind::Variable(VariableFault::Braces));
        }
    }

    /// `a,b` as a value is one value with a comma in it.
    fn check_value(&mut self, value: Word) {
        let text = self.slice(value.0);
        // What a comma does in `[…]`, regex-in-glob says.
        let outside_braces = |text: &str| {
            let mut depth = 0_i32;
            text.bytes().any(|byte| {
                depth += i32::from(matches!(byte, b'{' | b'['));
                depth -= i32::from(matches!(byte, b'}' | b']'));
                byte == b',' && depth == 0
            })
        };
        if !text.starts_with('"') && !text.contains('\\') && outside_braces(text) {
            self.fault(value.0, FaultKind::Deprecated(Deprecated::CommaInValue));
        }
    }

    /// `NAME` in `@{NAME}`, `@NAME`, `${NAME}`, `$NAME`.
    pub(super) fn variable_name(&mut self, written: TextRange) -> TextRange {
        let text = self.slice(written);
        let left = text.len() - text.trim_start_matches(['@', '$', '{']).len();
        let name = text.trim_matches(['@', '$', '{', '}']);
        let begins_well = name.starts_with(|c: char| c.is_ascii_alphabetic());
        let inner = written.part(left, left + name.len());
        if !begins_well {
            self.fault(written, FaultKind::Variable(VariableFault::Name));
        }
        inner
    }

    fn operator(&self, range: TextRange) -> AssignOperator {
        match self.slice(range) {
            "+=" => AssignOperator::Add,
            "?=" => AssignOperator::Default,
            ":=" => AssignOperator::Override,
            _ => AssignOperator::Set,
        }
    }

    pub(super) fn boolean_assignment(&mut self, node: Cursor<'_>) -> Option<BooleanAssignment> {
        let range = self.range(node);
        for comment in node
            .children()
            .filter(|child| child.kind() == SyntaxKind::Comment)
        {
            self.comment(comment);
        }
        let name = node
            .child(SyntaxKind::Boolean)
            .map(|child| self.range(child))?;
        let name = self.variable_name(name);
        let Some(operator) = node.child(SyntaxKind::AssignOperator) else {
            self.syntax(
                TextRange::at(name.end),
                SyntaxFault::Missing(Expected::Equals),
            );
            return None;
        };
        let at = self.range(operator);
        let operator = self.operator(at);
        if operator == AssignOperator::Add {
            self.fault(at, FaultKind::Variable(VariableFault::AddToBoolean));
        }
        let value = self.boolean_value(node, TextRange::new(at.end, range.end));
        Some(BooleanAssignment {
            range,
            name,
            operator,
            value,
        })
    }
}
