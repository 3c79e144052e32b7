//! Permission words and conditions that several rule kinds share; `signal`, `ptrace`, `mqueue`.

use super::Checker;
use crate::lang;
use crate::syntax::ast::{Condition, ConditionOperator, Conditioned};
use crate::syntax::fault::{FaultKind, OperandFault, SyntaxFault, Vocabulary};

impl Checker<'_> {
    /// `kind` is the keyword of the rule.
    pub(super) fn permissions(
        &mut self,
        rule: &Conditioned,
        kind: &'static str,
        known: &'static [&'static str],
    ) {
        for word in &rule.access {
            let text = self.value(*word);
            let takes_letters = known.contains(&"read") || known.contains(&"send");
            let is_letters = takes_letters
                && !text.is_empty()
                && text.bytes().all(|b| matches!(b, b'r' | b'w' | b'R' | b'W'));
            if !known.contains(&&*text) && !is_letters {
                self.unknown(word.0, Vocabulary::Permission(kind), known.iter().copied());
            }
        }
    }

    pub(super) fn only_equals(&mut self, condition: &Condition) -> bool {
        let is_equal = condition.operator == ConditionOperator::Equal;
        if !is_equal {
            self.operand(condition.range, OperandFault::OnlyEquals);
        }
        is_equal
    }

    /// Notes every condition that stands twice.
    pub(super) fn given_once(&mut self, _kind: &'static str, conditions: &[Condition]) {
        for (index, condition) in conditions.iter().enumerate() {
            let name = self.slice(condition.name);
            let first = conditions
                .iter()
                .take(index)
                .find(|before| self.slice(before.name) == name);
            if let Some(first) = first {
                self.fault(
                    condition.range,
                    FaultKind::Syntax(SyntaxFault::TwiceGiven(first.range)),
                );
            }
        }
    }

    pub(super) fn signal(&mut self, rule: &Conditioned) {
        self.permissions(rule, "signal", lang::words::SIGNAL_PERMISSIONS);
        self.no_group(rule);
        for condition in &rule.conditions {
            match self.slice(condition.name) {
                "set" => {
                    self.only_equals(condition);
                    for value in &condition.values {
                        if !lang::signal::is_signal(&self.value(*value)) {
                            self.unknown(
                                value.0,
                                Vocabulary::Signal,
                                lang::signal::SIGNALS.iter().map(|signal| signal.0),
                            );
                        }
                    }
                }
                "peer" => {
                    self.only_equals(condition);
                }
                _ => self.unknown(
                    condition.name,
                    Vocabulary::Condition("signal"),
                    ["set", "peer"].into_iter(),
                ),
            }
        }
        let peers: Vec<_> = rule
            .conditions
            .iter()
            .filter(|c| self.slice(c.name) == "peer")
            .cloned()
            .collect();
        self.given_once("signal", &peers);
    }

    pub(super) fn ptrace(&mut self, rule: &Conditioned) {
        self.permissions(rule, "ptrace", lang::words::PTRACE_PERMISSIONS);
        self.no_group(rule);
        for condition in &rule.conditions {
            if self.slice(condition.name) == "peer" {
                self.only_equals(condition);
            } else {
                self.unknown(
                    condition.name,
                    Vocabulary::Condition("ptrace"),
                    ["peer"].into_iter(),
                );
            }
        }
        self.given_once("ptrace", &rule.conditions);
    }

    fn no_group(&mut self, rule: &Conditioned) {
        if let Some(peer) = &rule.peer {
            self.fault(peer.range, FaultKind::Syntax(SyntaxFault::Group));
        }
    }

    pub(super) fn mqueue(&mut self, rule: &Conditioned) {
        self.permissions(rule, "mqueue", lang::words::MQUEUE_PERMISSIONS);
        self.no_group(rule);
        let mut queue_type = None;
        for condition in &rule.conditions {
            self.only_equals(condition);
            let value = condition
                .values
                .first()
                .map(|value| (self.value(*value).into_owned(), value.0));
            match (self.slice(condition.name), value) {
                ("type", Some((value, range))) => {
                    if !matches!(value.as_str(), "posix" | "sysv") {
                        self.unknown(
                            range,
                            Vocabulary::Value("type"),
                            ["posix", "sysv"].into_iter(),
                        );
                    }
                    queue_type = Some(value);
                }
                ("type", None) | ("label", _) => {}
                _ => self.unknown(
                    condition.name,
                    Vocabulary::Condition("mqueue"),
                    ["type", "label"].into_iter(),
                ),
            }
        }
        self.given_once("mqueue", &rule.conditions);
        let Some(name) = rule.operands.first() else {
            return;
        };
        let text = self.value(*name);
        let is_path = text.starts_with('/');
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let fault = match queue_type.as_deref() {
            _ if !is_path && !is_number => OperandFault::MqueueName,
            Some("sysv") if is_path => OperandFault::MqueueNameAndType,
            Some("posix") if is_number => OperandFault::MqueueNameAndType,
            _ => return,
        };
        self.operand(name.0, fault);
    }
}
