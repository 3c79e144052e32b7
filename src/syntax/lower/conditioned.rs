//! Rules with permissions, conditions and a peer.

use super::Lower;
use super::tokens::Tokens;
use crate::lang::keywords::suggest;
use crate::lang::{network, words};
use crate::source::TextRange;
use crate::syntax::ast::{Body, Condition, ConditionOperator, Conditioned, Group, Word};
use crate::syntax::fault::{Expected, SlipKind, SyntaxFault};
use crate::syntax::kind::SyntaxKind;
use crate::syntax::tree::Cursor;

/// What a rule kind takes apart from conditions.
struct Shape {
    permissions: &'static [&'static str],
    /// How many words may stand between the permissions and the conditions.
    operands: usize,
    /// Whether one word may stand behind the conditions.
    has_name: bool,
    /// Whether permissions may stand in parentheses.
    takes_list: bool,
    /// Whether `r`, `w` and both may stand for permissions without parentheses.
    takes_letters: bool,
}

fn shape(kind: SyntaxKind) -> Shape {
    let plain = |permissions| Shape {
        permissions,
        operands: 0,
        has_name: false,
        takes_list: true,
        takes_letters: true,
    };
    match kind {
        SyntaxKind::Network => Shape {
            operands: 2,
            ..plain(words::SOCKET_PERMISSIONS)
        },
        SyntaxKind::Unix => plain(words::SOCKET_PERMISSIONS),
        SyntaxKind::Dbus => plain(words::DBUS_PERMISSIONS),
        SyntaxKind::Signal => plain(words::SIGNAL_PERMISSIONS),
        SyntaxKind::Ptrace => plain(words::PTRACE_PERMISSIONS),
        SyntaxKind::Mqueue => Shape {
            has_name: true,
            ..plain(words::MQUEUE_PERMISSIONS)
        },
        // The parser's lexer knows no parentheses here.
        SyntaxKind::Userns => Shape {
            takes_list: false,
            takes_letters: false,
            ..plain(words::USERNS_PERMISSIONS)
        },
        _ => Shape {
            takes_letters: false,
            ..plain(words::IO_URING_PERMISSIONS)
        },
    }
}

impl Lower<'_> {
    pub(super) fn conditioned_rule(&mut self, kind: SyntaxKind, tokens: &mut Tokens<'_>) -> Body {
        let rule = self.conditioned(&shape(kind), tokens);
        match kind {
            SyntaxKind::Network => Body::Network(rule),
            SyntaxKind::Unix => Body::Unix(rule),
            SyntaxKind::Dbus => Body::Dbus(rule),
            SyntaxKind::Signal => Body::Signal(rule),
            SyntaxKind::Ptrace => Body::Ptrace(rule),
            SyntaxKind::Mqueue => Body::Mqueue(rule),
            SyntaxKind::Userns => Body::Userns(rule),
            _ => Body::IoUring(rule),
        }
    }

    fn conditioned(&mut self, shape: &Shape, tokens: &mut Tokens<'_>) -> Conditioned {
        let mut rule = Conditioned::default();
        self.access(shape, tokens, &mut rule);
        while let Some(token) = tokens.peek() {
            match token.kind {
                SyntaxKind::Condition if rule.peer.is_none() => {
                    let condition = self.condition(token.node);
                    rule.conditions.push(condition);
                }
                SyntaxKind::Group if rule.peer.is_none() => {
                    let group = self.group(token.node);
                    if self.slice(group.name) != "peer" {
                        self.syntax(group.range, SyntaxFault::Group);
                    }
                    rule.peer = Some(group);
                }
                SyntaxKind::Operand | SyntaxKind::Word | SyntaxKind::Path
                    if self.takes_operand(shape, &rule, token) =>
                {
                    self.check_closed(token.node);
                    rule.operands.push(token.word());
                }
                _ => break,
            }
            tokens.next();
        }
        rule
    }

    fn access(&mut self, shape: &Shape, tokens: &mut Tokens<'_>, rule: &mut Conditioned) {
        let Some(token) = tokens.peek() else { return };
        match token.kind {
            SyntaxKind::List if shape.takes_list => {
                rule.access = self.list_values(token.node);
                rule.access_range = token.range;
            }
            SyntaxKind::Operand | SyntaxKind::Word => {
                let text = self.slice(token.range);
                let is_mode = shape.takes_letters && matches!(text, "r" | "w" | "rw" | "wr");
                // Where nothing else can stand, a word that is nearly a permission is one that is misspelt.
                let is_misspelt = || {
                    let permissions = shape.permissions.iter().copied();
                    !shape.takes_list && suggest(text, permissions).is_some()
                };
                if !shape.permissions.contains(&text) && !is_mode && !is_misspelt() {
                    return;
                }
                rule.access = vec![token.word()];
                rule.access_range = token.range;
            }
            _ => return,
        }
        tokens.next();
    }

    fn takes_operand(
        &self,
        shape: &Shape,
        rule: &Conditioned,
        token: super::tokens::Token<'_>,
    ) -> bool {
        if self.is_rule_start(token) || rule.peer.is_some() {
            return false;
        }
        if shape.has_name {
            return rule.operands.is_empty();
        }
        let starts_rule =
            self.starts_line(token.range.start) && self.slice(token.range).starts_with('/');
        // `packet` is a family and a type.
        let is_family = |range| {
            let word = self.slice(range);
            network::FAMILIES.contains(&word) && !network::TYPES.contains(&word)
        };
        let is_second_family =
            is_family(token.range) && rule.operands.first().is_some_and(|word| is_family(word.0));
        rule.conditions.is_empty()
            && rule.operands.len() < shape.operands
            && !starts_rule
            && !is_second_family
    }

    pub(super) fn condition(&mut self, node: Cursor<'_>) -> Condition {
        let range = self.range(node);
        let name_node = node
            .children()
            .find(|c| matches!(c.kind(), SyntaxKind::ConditionName | SyntaxKind::EntryName));
        let name = name_node.map_or(TextRange::at(range.start), |name| self.range(name));
        let mut condition = Condition {
            range,
            name,
            operator: ConditionOperator::Equal,
            values: Vec::new(),
            is_list: false,
        };
        for child in node.children() {
            match child.kind() {
                SyntaxKind::InWord => condition.operator = ConditionOperator::In,
                SyntaxKind::List => {
                    condition.values = self.list_values(child);
                    condition.is_list = true;
                }
                SyntaxKind::Name | SyntaxKind::ListValue => {
                    self.check_closed(child);
                    let value = self.range(child);
                    // Elsewhere the carriage return becomes a part of the value.
                    if child.kind() == SyntaxKind::ListValue
                        && matches!(self.slice(name), "ip" | "port")
                    {
                        self.check_line_end(value, false);
                    }
                    condition.values.push(Word(value));
                }
                SyntaxKind::Comment => self.comment(child),
                _ => {}
            }
        }
        let sign = node.child(SyntaxKind::Equals).map(|sign| self.range(sign));
        if let (Some(sign), Some(value)) = (sign, condition.values.first())
            && !condition.is_list
            && node.kind() != SyntaxKind::Entry
            && self
                .slice(TextRange::new(sign.end, value.0.start))
                .contains('\n')
        {
            self.syntax(
                TextRange::at(sign.end),
                SyntaxFault::Missing(Expected::Value),
            );
        }
        if let Some(sign) = sign {
            if self.slice(sign) == ":=" {
                condition.operator = ConditionOperator::Override;
            }
            self.check_equals(sign, node.kind() == SyntaxKind::Entry);
        }
        if condition.values.is_empty() {
            self.syntax(
                TextRange::at(range.end),
                SyntaxFault::Missing(Expected::Value),
            );
        }
        condition
    }

    /// The sign of a condition is `=`, and what follows stands on the same line; of a line feed alone a list is found as well.
    fn check_equals(&mut self, sign: TextRange, is_entry: bool) {
        if self.slice(sign) == ":=" && !is_entry {
            // Only in `peer=()` the lexer reads the operator.
            self.syntax(sign, SyntaxFault::Unexpected(Expected::Equals));
        }
        let behind = self.text.get(sign.end as usize..).unwrap_or_default();
        let is_return = behind.trim_start_matches([' ', '\t']).starts_with("\r\n");
        if is_return && !is_entry {
            self.syntax(sign, SyntaxFault::CarriageReturn);
        }
    }

    pub(super) fn list_values(&mut self, node: Cursor<'_>) -> Vec<Word> {
        let range = self.range(node);
        if !self.slice(range).ends_with(')') {
            self.syntax(
                TextRange::new(range.start, range.start + 1),
                SyntaxFault::UnclosedList,
            );
        }
        let mut values = Vec::new();
        for child in node.children() {
            match child.kind() {
                SyntaxKind::ListValue => {
                    self.check_closed(child);
                    let value = self.range(child);
                    self.check_line_end(value, false);
                    values.push(Word(value));
                }
                SyntaxKind::ListStray => {
                    let stray = self.range(child);
                    match self.slice(stray) {
                        "!" => self.slip((stray, SlipKind::Negation, Vec::new())),
                        _ => self.syntax(stray, SyntaxFault::Unexpected(Expected::Value)),
                    }
                }
                _ => {}
            }
        }
        values
    }

    /// An extended attribute has one value that is not empty.
    fn check_xattr(&mut self, condition: &Condition) {
        if let [_, second, ..] = condition.values.as_slice() {
            self.syntax(second.0, SyntaxFault::Unexpected(Expected::EndOfList));
        } else if let [only] = condition.values.as_slice()
            && self.slice(only.0) == "\"\""
        {
            self.syntax(only.0, SyntaxFault::Unexpected(Expected::Value));
        }
    }

    pub(super) fn group(&mut self, node: Cursor<'_>) -> Group {
        let range = self.range(node);
        let name = node
            .child(SyntaxKind::GroupName)
            .map_or(range, |name| self.range(name));
        let mut conditions = Vec::new();
        let Some(list) = node.child(SyntaxKind::GroupList) else {
            return Group {
                range,
                name,
                conditions,
            };
        };
        let list_range = self.range(list);
        if !self.slice(list_range).ends_with(')') {
            self.syntax(
                TextRange::new(list_range.start, list_range.start + 1),
                SyntaxFault::UnclosedList,
            );
        }
        for child in list.children() {
            match child.kind() {
                SyntaxKind::Entry => {
                    let condition = self.condition(child);
                    if self.slice(name) == "xattrs" {
                        self.check_xattr(&condition);
                    } else if let Some(value) = condition.values.first()
                        && self.slice(value.0) == "\"\""
                    {
                        // The lexer wants a character between the quotes (LIST_COND_VAL in parser_lex.l).
                        self.syntax(value.0, SyntaxFault::Unexpected(Expected::Value));
                    }
                    conditions.push(condition);
                }
                SyntaxKind::EntryBare
                    if self.slice(name) == "xattrs"
                        && !self.slice(self.range(child)).starts_with('"') =>
                {
                    // `xattrs=(security.ima)`: any value.
                    let name = self.range(child);
                    conditions.push(Condition {
                        range: name,
                        name,
                        operator: ConditionOperator::Equal,
                        values: Vec::new(),
                        is_list: false,
                    });
                }
                SyntaxKind::EntryBare => {
                    let bare = self.range(child);
                    self.syntax(bare, SyntaxFault::Missing(Expected::Equals));
                }
                SyntaxKind::EntryStray => {
                    let stray = self.range(child);
                    self.syntax(stray, SyntaxFault::Unexpected(Expected::Value));
                }
                _ => {}
            }
        }
        Group {
            range,
            name,
            conditions,
        }
    }
}
