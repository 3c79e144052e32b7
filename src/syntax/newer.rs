//! What of a file older parsers refuse.
//!
//! Each construct was tried with apparmor_parser 3.0.8, 4.1.0 and 5.0.2; `refused_by` is the newest of
//! them that refuses it. What lies between them is not told.

use super::ast::{
    AssignOperator, Body, Condition, Conditioned, Expression, IncludeStyle, Item, Mode, MountRule,
    PolicyRule, Profile, Qualifiers,
};
use crate::lang::mount;
use crate::lang::targets::Version;
use crate::source::TextRange;

/// Syntax that came with some version.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Newer {
    /// The text.
    pub range: TextRange,
    /// What it is: "`all` rules".
    pub what: &'static str,
    /// The newest version known to refuse it.
    pub refused_by: Version,
    /// The oldest version known to take it.
    pub taken_by: Version,
}

const fn since_4(range: TextRange, what: &'static str) -> Newer {
    Newer {
        range,
        what,
        refused_by: Version(3, 0),
        taken_by: Version(4, 1),
    }
}

const fn since_5(range: TextRange, what: &'static str) -> Newer {
    Newer {
        range,
        what,
        refused_by: Version(4, 1),
        taken_by: Version(5, 0),
    }
}

/// Everything among `items`, at any depth, that AppArmor 3.0 refuses, in the order of the text.
#[must_use]
pub fn newer(items: &[Item], source: &str) -> Vec<Newer> {
    let mut walk = Walk {
        source,
        found: Vec::new(),
    };
    walk.items(items);
    walk.found.sort_by_key(|newer| newer.range.start);
    walk.found
}

struct Walk<'t> {
    source: &'t str,
    found: Vec<Newer>,
}

impl Walk<'_> {
    fn text(&self, range: TextRange) -> &str {
        self.source
            .get(range.start as usize..range.end as usize)
            .unwrap_or_default()
    }

    fn items(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Abi(abi) => {
                    let name = self.text(abi.path);
                    if abi.style == IncludeStyle::Searched && matches!(name, "kernel" | "default") {
                        self.found
                            .push(since_5(abi.range, "an abi that is no file"));
                    }
                }
                Item::Variable(variable) => self.assignment(variable.operator, variable.range),
                Item::Boolean(boolean) => {
                    self.assignment(boolean.operator, boolean.range);
                    match &boolean.value {
                        None
                        | Some(
                            Expression::Literal(_)
                            | Expression::Unreadable(_)
                            | Expression::TooLong(_),
                        ) => {}
                        Some(_) => self.found.push(since_5(
                            boolean.range,
                            "expressions as the value of a boolean",
                        )),
                    }
                }
                Item::Profile(profile) => self.profile(profile),
                Item::Block(block) => {
                    self.qualifiers(&block.qualifiers);
                    if let Some((Mode::Deny, range)) = block.qualifiers.mode {
                        self.found
                            .push(since_4(range, "`deny` in front of a block"));
                    }
                    self.items(&block.items);
                }
                Item::Conditional(conditional) => {
                    for branch in &conditional.branches {
                        if let Some(condition) = &branch.condition {
                            self.expression(condition, branch.header);
                        }
                        if self.text(branch.header).contains('(') {
                            self.found
                                .push(since_5(branch.header, "parentheses behind `if`"));
                        }
                        self.items(&branch.items);
                    }
                }
                Item::Rule(rule) => self.rule(rule),
                // Intents are for aalint alone.
                Item::Include(_) | Item::Alias(_) | Item::Intent(_) => {}
            }
        }
    }

    fn assignment(&mut self, operator: AssignOperator, range: TextRange) {
        match operator {
            AssignOperator::Default => self.found.push(since_5(range, "`?=`")),
            AssignOperator::Override => self.found.push(since_5(range, "`:=`")),
            AssignOperator::Set | AssignOperator::Add => {}
        }
    }

    fn expression(&mut self, expression: &Expression, header: TextRange) {
        match expression {
            Expression::Boolean(_)
            | Expression::Defined(_)
            | Expression::Unreadable(_)
            | Expression::TooLong(_) => {}
            Expression::Not(inner) => self.expression(inner, header),
            Expression::Compare(..) => self.found.push(since_5(header, "comparisons behind `if`")),
            Expression::Literal(_) => self
                .found
                .push(since_5(header, "`true` and `false` behind `if`")),
            Expression::Or(..) | Expression::And(..) => {
                self.found
                    .push(since_5(header, "`and` and `or` behind `if`"));
            }
        }
    }

    fn profile(&mut self, profile: &Profile) {
        let flags = profile.flags.as_ref().map(|flags| flags.values.as_slice());
        for flag in flags.unwrap_or_default() {
            let text = self.text(flag.0).trim_matches('"');
            let name = text.split_once('=').map_or(text, |(name, _)| name);
            let newer = match name {
                "default_allow" => since_4(flag.0, "the flag `default_allow`"),
                "prompt" => since_4(flag.0, "the flag `prompt`"),
                "debug" => since_4(flag.0, "the flag `debug`"),
                "error" => since_4(flag.0, "the flag `error`"),
                "interruptible" => since_4(flag.0, "the flag `interruptible`"),
                "kill.signal" => since_4(flag.0, "the flag `kill.signal`"),
                "attach_disconnected.path" => {
                    since_4(flag.0, "the flag `attach_disconnected.path`")
                }
                "attach_disconnected.ipc" => since_5(flag.0, "the flag `attach_disconnected.ipc`"),
                _ => continue,
            };
            self.found.push(newer);
        }
        self.items(&profile.items);
    }

    fn qualifiers(&mut self, qualifiers: &Qualifiers) {
        if let Some((_, range)) = qualifiers.priority {
            self.found.push(since_4(range, "`priority`"));
        }
        if let Some((Mode::Prompt, range)) = qualifiers.mode {
            self.found.push(since_4(range, "`prompt`"));
        }
    }

    fn rule(&mut self, rule: &PolicyRule) {
        self.qualifiers(&rule.qualifiers);
        match &rule.body {
            Body::All => self.found.push(since_4(rule.keyword, "`all` rules")),
            Body::Userns(_) => self.found.push(since_4(rule.keyword, "`userns` rules")),
            Body::Mqueue(_) => self.found.push(since_4(rule.keyword, "`mqueue` rules")),
            Body::IoUring(_) => self.found.push(since_4(rule.keyword, "`io_uring` rules")),
            Body::Network(network) => self.network(network),
            Body::Mount(mount) => self.mount(mount, true),
            Body::Remount(mount) => self.mount(mount, false),
            _ => {}
        }
    }

    fn network(&mut self, network: &Conditioned) {
        let of_peer = network.peer.as_ref().map(|peer| peer.conditions.as_slice());
        let conditions = network.conditions.iter().chain(of_peer.unwrap_or_default());
        for condition in conditions {
            let newer = match self.text(condition.name) {
                "label" => since_5(condition.range, "labels of `network` rules"),
                "interface" => since_5(condition.range, "interfaces of `network` rules"),
                _ => since_4(condition.range, "addresses and ports of `network` rules"),
            };
            self.found.push(newer);
        }
        // Also an empty list.
        if !network.access_range.is_empty() {
            self.found.push(since_4(
                network.access_range,
                "permissions of `network` rules",
            ));
        }
        if let Some(peer) = network
            .peer
            .as_ref()
            .filter(|peer| peer.conditions.is_empty())
        {
            self.found
                .push(since_4(peer.range, "`peer=()` in `network` rules"));
        }
    }

    fn mount(&mut self, rule: &MountRule, is_mount: bool) {
        let is_options = |condition: &&Condition| self.text(condition.name) == "options";
        let options = rule.conditions.iter().filter(is_options);
        let values = options.flat_map(|condition| &condition.values);
        let words: Vec<(&str, TextRange)> = values
            .map(|value| (self.text(value.0).trim_matches('"'), value.0))
            .collect();
        let newer = |(word, range): &(&str, TextRange)| {
            let is_newer = NEWER_OPTIONS.contains(word);
            is_newer.then(|| since_4(*range, "this mount option"))
        };
        let mut found: Vec<Newer> = words.iter().filter_map(newer).collect();
        // 3.0 takes the path for that of an ordinary mount as soon as another flag stands beside the propagation.
        let is_propagation = words
            .iter()
            .all(|(word, _)| propagates(word) || *word == "remount");
        if is_mount
            && is_propagation
            && rule.source.is_some()
            && rule.target.is_none()
            && let Some((_, range)) = words.iter().find(|(word, _)| propagates(word))
        {
            found.push(since_4(
                *range,
                "propagation without `->` in front of the path",
            ));
        }
        self.found.extend(found);
    }
}

fn propagates(option: &str) -> bool {
    mount::OPTIONS
        .iter()
        .any(|(name, set, _)| *name == option && set & mount::PROPAGATION != 0)
}

/// Mount options that came after AppArmor 3.0.
const NEWER_OPTIONS: &[&str] = &[
    "lazytime",
    "nolazytime",
    "nostrictatime",
    "nosymfollow",
    "symfollow",
];
