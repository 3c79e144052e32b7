//! `network` and `unix` rules.

use super::Checker;
use crate::lang::{network, words};
use crate::source::TextRange;
use crate::syntax::ast::{Condition, Conditioned};
use crate::syntax::fault::{OperandFault, Vocabulary};

impl Checker<'_> {
    pub(super) fn network(&mut self, rule: &Conditioned) {
        self.permissions(rule, "network", words::SOCKET_PERMISSIONS);
        self.local_permissions(rule);
        let operands: Vec<_> = rule.operands.iter().map(|word| self.value(*word)).collect();
        let (first, second) = (
            operands.first().map(|word| &**word),
            operands.get(1).map(|word| &**word),
        );
        if !network::is_valid(first, second) {
            self.network_words(rule, first, second);
        }
        let peer = rule
            .peer
            .as_ref()
            .map(|peer| peer.conditions.as_slice())
            .unwrap_or_default();
        for condition in &rule.conditions {
            self.network_condition(condition, false);
        }
        for condition in peer {
            self.network_condition(condition, true);
        }
        self.given_once("network", &rule.conditions);
        self.given_once("network", peer);
        // 5.0.2 refuses a label of its own in such a rule, and takes one of the peer.
        let of_peer = peer
            .iter()
            .filter(|condition| self.slice(condition.name) != "label");
        let has_address = rule.conditions.iter().chain(of_peer).next();
        let is_other_family = first.is_some_and(|family| {
            network::FAMILIES.contains(&family) && !matches!(family, "inet" | "inet6")
        });
        self.no_variable(rule, &["interface"]);
        if let (Some(condition), true) = (has_address, is_other_family) {
            self.operand(condition.range, OperandFault::FamilyWithoutAddress);
        }
    }

    fn network_words(&mut self, rule: &Conditioned, first: Option<&str>, second: Option<&str>) {
        let known = |word: &str| network::words().any(|known| known == word);
        for (word, text) in rule
            .operands
            .iter()
            .zip([first, second].into_iter().flatten())
        {
            if !known(text) {
                self.unknown(word.0, Vocabulary::Network, network::words());
                return;
            }
        }
        let range = rule
            .operands
            .iter()
            .map(|word| word.0)
            .reduce(TextRange::cover);
        self.operand(range.unwrap_or_default(), OperandFault::NetworkWords);
    }

    fn network_condition(&mut self, condition: &Condition, is_peer: bool) {
        let value = condition
            .values
            .first()
            .map(|value| (self.value(*value).into_owned(), value.0));
        let name = self.slice(condition.name);
        if name != "label" && matches!(name, "ip" | "port" | "interface") {
            self.only_equals(condition);
        }
        match (name, value) {
            ("ip", Some((value, range))) if !network::is_ip(&value) => {
                self.operand(range, OperandFault::Ip);
            }
            ("port", Some((value, range))) if !network::is_port(&value) => {
                self.operand(range, OperandFault::Port);
            }
            ("interface", _) if is_peer => {
                self.operand(condition.range, OperandFault::InterfaceInPeer)
            }
            ("interface" | "label" | "ip" | "port", _) => {}
            _ => {
                let known = ["ip", "port", "interface", "label"].into_iter();
                self.unknown(condition.name, Vocabulary::Condition("network"), known);
            }
        }
    }

    /// Permissions that are about the local socket exclude a peer.
    fn local_permissions(&mut self, rule: &Conditioned) {
        let has_peer = rule
            .peer
            .as_ref()
            .is_some_and(|peer| !peer.conditions.is_empty());
        let local = rule
            .access
            .iter()
            .find(|word| words::LOCAL_SOCKET_PERMISSIONS.contains(&&*self.value(**word)))
            .copied();
        if let (Some(word), true) = (local, has_peer) {
            self.operand(word.0, OperandFault::LocalPermissionWithPeer);
        }
    }

    pub(super) fn unix(&mut self, rule: &Conditioned) {
        self.permissions(rule, "unix", words::SOCKET_PERMISSIONS);
        self.local_permissions(rule);
        let peer = rule
            .peer
            .as_ref()
            .map(|peer| peer.conditions.as_slice())
            .unwrap_or_default();
        for condition in &rule.conditions {
            self.unix_condition(condition, false);
        }
        for condition in peer {
            self.unix_condition(condition, true);
        }
        self.given_once("unix", &rule.conditions);
        self.given_once("unix", peer);
    }

    fn unix_condition(&mut self, condition: &Condition, is_peer: bool) {
        let name = self.slice(condition.name);
        match (name, is_peer) {
            ("addr" | "type", _) | ("label", true) => {}
            ("label", false) => return self.operand(condition.range, OperandFault::OnlyInPeer),
            ("protocol", _) => return self.operand(condition.range, OperandFault::Unsupported),
            _ => {
                let known = ["type", "addr", "label"].into_iter();
                return self.unknown(condition.name, Vocabulary::Condition("unix"), known);
            }
        }
        if name == "type" && is_peer {
            return self.operand(condition.range, OperandFault::NotInPeer);
        }
        if !self.only_equals(condition) {
            return;
        }
        if let Some(second) = condition.values.get(1) {
            let name = if name == "addr" {
                "addr"
            } else if name == "type" {
                "type"
            } else {
                "label"
            };
            return self.operand(second.0, OperandFault::SingleValue(name));
        }
        let Some(value) = condition.values.first() else {
            return;
        };
        let text = self.value(*value).into_owned();
        match name {
            "addr" if !text.starts_with('@') && !matches!(text.as_str(), "none" | "auto") => {
                self.operand(value.0, OperandFault::UnixAddress);
            }
            "type" if !network::UNIX_TYPES.contains(&text.as_str()) => {
                self.unknown(
                    value.0,
                    Vocabulary::Value("type"),
                    network::TYPES.iter().copied(),
                );
            }
            _ => {}
        }
    }
}
