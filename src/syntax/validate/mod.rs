//! Checks items against the tables of what AppArmor knows: words, conditions, values, globs.

mod dbus;
mod flags;
mod globs;
mod mount;
mod socket;
mod words;

use super::ast::{
    Ast, Body, Condition, Conditioned, FileRule, Item, PolicyRule, Qualifiers, Safety, Word,
};
use super::fault::{
    ExecTargetFault, Fault, FaultKind, OperandFault, QualifierFault, Slip, SlipKind, SyntaxFault,
    UnknownWord, Vocabulary,
};
use super::{patterns, text};
use crate::glob;
use crate::lang;
use crate::source::TextRange;
use std::borrow::Cow;

/// Adds the faults of every item to `faults`.
pub(super) fn validate(text: &str, ast: &Ast, faults: &mut Vec<Fault>) {
    let mut checker = Checker { text, faults };
    checker.items(&ast.items, &[]);
}

/// Adds the faults of the promise of an assertion to `faults`.
pub(super) fn validate_promise(text: &str, promise: &PolicyRule, faults: &mut Vec<Fault>) {
    Checker { text, faults }.rule(promise, &[]);
}

struct Checker<'c> {
    text: &'c str,
    faults: &'c mut Vec<Fault>,
}

impl<'c> Checker<'c> {
    fn slice(&self, range: TextRange) -> &'c str {
        self.text
            .get(range.start as usize..range.end as usize)
            .unwrap_or_default()
    }

    fn value(&self, word: Word) -> Cow<'c, str> {
        text::value(self.slice(word.0))
    }

    fn fault(&mut self, range: TextRange, kind: FaultKind) {
        self.faults.push(Fault { range, kind });
    }

    fn operand(&mut self, range: TextRange, fault: OperandFault) {
        self.fault(range, FaultKind::Operands(fault));
    }

    fn unknown(
        &mut self,
        range: TextRange,
        vocabulary: Vocabulary,
        candidates: impl Iterator<Item = &'static str>,
    ) {
        let written = self.slice(range);
        let candidates: Vec<&'static str> = candidates.collect();
        let is_known = |word: &str| candidates.contains(&word);
        if written.contains(',') && written.split(',').all(is_known) {
            return self.bare_list(range, vocabulary);
        }
        let candidates = candidates.into_iter();
        let suggestion = lang::keywords::suggest(&text::value(self.slice(range)), candidates);
        self.fault(
            range,
            FaultKind::Unknown(UnknownWord {
                vocabulary,
                suggestion,
            }),
        );
    }

    /// Values with commas between them and without the parentheses of a list.
    fn bare_list(&mut self, range: TextRange, vocabulary: Vocabulary) {
        let (kind, edits) = match vocabulary {
            Vocabulary::Network => (SlipKind::NetworkWord, Vec::new()),
            _ => {
                let names: Vec<&str> = self.slice(range).split(',').collect();
                let list = format!("({})", names.join(", "));
                (SlipKind::BareList, vec![(range, list)])
            }
        };
        let slip = SyntaxFault::Slip(Slip { kind, edits });
        self.fault(range, FaultKind::Syntax(slip));
    }

    /// `outer` are the qualifiers of the blocks around, the innermost last.
    fn items(&mut self, items: &[Item], outer: &[&Qualifiers]) {
        for item in items {
            match item {
                Item::Profile(profile) => {
                    self.flags(profile.flags.as_ref());
                    self.globs(&[patterns::attachment(self.text, profile)]);
                    self.xattr_globs(&patterns::xattrs(profile));
                    self.items(&profile.items, &[]);
                }
                Item::Block(block) => {
                    self.against_block(&block.qualifiers, outer);
                    let inner = [outer, &[&block.qualifiers]].concat();
                    self.items(&block.items, &inner);
                }
                Item::Conditional(conditional) => {
                    for branch in &conditional.branches {
                        self.items(&branch.items, outer);
                    }
                }
                Item::Rule(rule) => {
                    self.against_block(&rule.qualifiers, outer);
                    self.rule(rule, outer);
                }
                Item::Intent(intent) => {
                    for promise in &intent.promises {
                        self.rule(promise, &[]);
                    }
                }
                Item::Include(_)
                | Item::Abi(_)
                | Item::Alias(_)
                | Item::Variable(_)
                | Item::Boolean(_) => {}
            }
        }
    }

    fn against_block(&mut self, inner: &Qualifiers, outer: &[&Qualifiers]) {
        let around = outer.last().and_then(|block| block.mode);
        if let (Some((mode, range)), Some((around, first))) = (inner.mode, around) {
            let fault = if mode == around {
                QualifierFault::RepeatsBlock(first)
            } else {
                QualifierFault::ConflictWithBlock(first)
            };
            self.fault(range, FaultKind::Qualifier(fault));
        }
    }

    /// What is wrong with the permissions of a file rule that denies, or lies in a block that does.
    fn denied_exec(&mut self, rule: &PolicyRule, file: &FileRule, outer: &[&Qualifiers]) {
        let is_deny = rule.qualifiers.is_deny();
        let is_denied = is_deny || outer.iter().any(|block| block.is_deny());
        let range = file.perms_range;
        if is_denied && !is_deny && file.perms.exec_mode.is_some() {
            let instead = file.perms.without_exec_mode().to_string();
            self.fault(range, FaultKind::DenyWithExecMode { instead });
        }
        if let (Some((Safety::Unsafe, range)), true, true) =
            (file.safety, is_denied, file.perms.has_exec())
        {
            self.fault(range, FaultKind::ExecTarget(ExecTargetFault::UnsafeDenied));
        }
    }

    fn rule(&mut self, rule: &PolicyRule, outer: &[&Qualifiers]) {
        self.qualifiers(rule);
        self.globs(&patterns::of_rule(self.text, rule));
        match &rule.body {
            Body::File(file) => self.denied_exec(rule, file, outer),
            Body::Capability(names) => {
                for name in names {
                    if lang::capabilities::capability(self.slice(name.0)).is_none() {
                        let known = lang::capabilities::CAPABILITIES.iter().map(|cap| cap.name);
                        self.unknown(name.0, Vocabulary::Capability, known);
                    }
                }
            }
            Body::Network(network) => self.network(network),
            Body::Unix(unix) => self.unix(unix),
            Body::Dbus(dbus) => self.dbus(dbus),
            Body::Signal(signal) => self.signal(signal),
            Body::Ptrace(ptrace) => self.ptrace(ptrace),
            Body::Mqueue(mqueue) => self.mqueue(mqueue),
            Body::Userns(userns) => {
                self.plain(userns, "userns", lang::words::USERNS_PERMISSIONS, &[])
            }
            Body::IoUring(io_uring) => {
                self.plain(
                    io_uring,
                    "io_uring",
                    lang::words::IO_URING_PERMISSIONS,
                    &["label"],
                );
                let further = |condition: &Condition| condition.values.get(1).copied();
                for second in io_uring.conditions.iter().filter_map(further) {
                    self.operand(second.0, OperandFault::SingleValue("label"));
                }
            }
            Body::Mount(_) | Body::Remount(_) | Body::Umount(_) | Body::PivotRoot(_) => {
                self.mount_family(&rule.body);
            }
            Body::Rlimit(limit) => {
                let unit = limit.unit.map(|unit| self.slice(unit.0));
                let checked = lang::rlimit::read(
                    self.slice(limit.resource.0),
                    self.slice(limit.value.0),
                    unit,
                );
                if let Err(fault) = checked {
                    let range = match fault {
                        lang::rlimit::RlimitFault::Resource => limit.resource.0,
                        lang::rlimit::RlimitFault::Unit => limit.unit.unwrap_or(limit.value).0,
                        _ => limit.value.0,
                    };
                    self.operand(range, OperandFault::Rlimit(fault));
                }
            }
            Body::AllFiles
                if rule.qualifiers.is_deny() || outer.iter().any(|block| block.is_deny()) =>
            {
                self.fault(rule.keyword, FaultKind::DenyAllFiles);
            }
            Body::AllFiles
            | Body::Link(_)
            | Body::ChangeProfile(_)
            | Body::All
            | Body::Unreadable => {}
        }
    }

    /// Conditions of which the parser takes the values as they are written.
    pub(super) fn no_variable(&mut self, rule: &Conditioned, names: &[&str]) {
        let peer = rule.peer.iter().flat_map(|peer| &peer.conditions);
        for condition in rule.conditions.iter().chain(peer) {
            if !names.contains(&self.slice(condition.name)) {
                continue;
            }
            for value in &condition.values {
                if glob::has_variable(self.slice(value.0)) {
                    self.operand(value.0, OperandFault::Variable);
                }
            }
        }
    }

    fn qualifiers(&mut self, rule: &PolicyRule) {
        let Some(kind) = kind_without_owner(&rule.body) else {
            return;
        };
        if kind == "set rlimit" {
            if !rule.qualifiers.range.is_empty() {
                self.fault(
                    rule.qualifiers.range,
                    FaultKind::Qualifier(QualifierFault::NotAllowedHere),
                );
            }
            return;
        }
        if let Some((_, range)) = rule.qualifiers.owner {
            self.fault(
                range,
                FaultKind::Qualifier(QualifierFault::OwnerNotAllowed(kind)),
            );
        }
        if let (Some((value, range)), true) =
            (rule.qualifiers.priority, matches!(kind, "network" | "all"))
            && value != 0
        {
            self.fault(
                range,
                FaultKind::Qualifier(QualifierFault::PriorityNotAllowed(kind)),
            );
        }
    }

    /// A rule kind that takes permissions and a few conditions with one value each.
    fn plain(
        &mut self,
        rule: &Conditioned,
        kind: &'static str,
        permissions: &'static [&'static str],
        conditions: &'static [&'static str],
    ) {
        self.permissions(rule, kind, permissions);
        if let Some(peer) = &rule.peer {
            self.fault(peer.range, FaultKind::Syntax(SyntaxFault::Group));
        }
        for condition in &rule.conditions {
            if conditions.contains(&self.slice(condition.name)) {
                self.only_equals(condition);
            } else {
                self.unknown(
                    condition.name,
                    Vocabulary::Condition(kind),
                    conditions.iter().copied(),
                );
            }
        }
        self.given_once(kind, &rule.conditions);
    }
}

/// The keyword of a rule kind that knows no owner.
fn kind_without_owner(body: &Body) -> Option<&'static str> {
    Some(match body {
        Body::Capability(_) => "capability",
        Body::Network(_) => "network",
        Body::Mount(_) => "mount",
        Body::Remount(_) => "remount",
        Body::Umount(_) => "umount",
        Body::PivotRoot(_) => "pivot_root",
        Body::Signal(_) => "signal",
        Body::Ptrace(_) => "ptrace",
        Body::Unix(_) => "unix",
        Body::Dbus(_) => "dbus",
        Body::Mqueue(_) => "mqueue",
        Body::Userns(_) => "userns",
        Body::IoUring(_) => "io_uring",
        Body::ChangeProfile(_) => "change_profile",
        Body::All => "all",
        Body::Rlimit(_) => "set rlimit",
        Body::File(_) | Body::AllFiles | Body::Link(_) | Body::Unreadable => return None,
    })
}
