//! `dbus` rules.

use super::Checker;
use crate::lang::words;
use crate::syntax::ast::{Condition, Conditioned};
use crate::syntax::fault::{OperandFault, Vocabulary};

impl Checker<'_> {
    pub(super) fn dbus(&mut self, rule: &Conditioned) {
        self.permissions(rule, "dbus", words::DBUS_PERMISSIONS);
        let peer = rule
            .peer
            .as_ref()
            .map(|peer| peer.conditions.as_slice())
            .unwrap_or_default();
        for condition in rule.conditions.iter().chain(peer) {
            self.dbus_condition(condition);
        }
        let all: Vec<Condition> = rule.conditions.iter().chain(peer).cloned().collect();
        let label = rule
            .conditions
            .iter()
            .find(|condition| self.slice(condition.name) == "label");
        if let Some(label) = label {
            return self.operand(label.range, OperandFault::OnlyInPeer);
        }
        self.given_once("dbus", &all);
        self.dbus_purpose(rule, &all, peer);
    }

    fn dbus_condition(&mut self, condition: &Condition) {
        if !self.only_equals(condition) {
            return;
        }
        let name = self.slice(condition.name);
        let Some(name) = words::DBUS_CONDITIONS.iter().find(|known| **known == name) else {
            return self.unknown(
                condition.name,
                Vocabulary::Condition("dbus"),
                words::DBUS_CONDITIONS.iter().copied(),
            );
        };
        if let Some(second) = condition.values.get(1) {
            self.operand(second.0, OperandFault::SingleValue(name));
        }
    }

    /// Whether the rule is about messages or about owning a name; it cannot be about both.
    fn dbus_purpose(&mut self, rule: &Conditioned, all: &[Condition], peer: &[Condition]) {
        let is_message =
            |c: &&Condition| words::DBUS_MESSAGE_CONDITIONS.contains(&self.slice(c.name));
        let service = rule
            .conditions
            .iter()
            .find(|c| self.slice(c.name) == "name");
        let message = all
            .iter()
            .find(is_message)
            .or(peer.iter().find(|c| self.slice(c.name) == "name"));
        let has = |words: &[&str]| {
            let found = rule
                .access
                .iter()
                .find(|word| words.contains(&&*self.value(**word)));
            found.copied()
        };
        if let (Some(service), Some(_)) = (service, message) {
            return self.operand(service.range, OperandFault::DbusMixed);
        }
        if let (Some(bind), Some(_)) = (has(&["bind"]), message) {
            return self.operand(bind.0, OperandFault::DbusBindWithMessage);
        }
        if let (Some(send), Some(_)) = (
            has(&["send", "receive", "read", "write", "r", "w", "rw", "wr"]),
            service,
        ) {
            return self.operand(send.0, OperandFault::DbusMessageWithService);
        }
        let other = all.iter().find(|c| self.slice(c.name) != "bus");
        if let (Some(_), Some(other)) = (has(&["eavesdrop"]), other) {
            self.operand(other.range, OperandFault::DbusEavesdrop);
        }
    }
}
