//! The words of rules and profiles that apparmor_parser compiles as patterns, as 5.0.2 does for a kernel that mediates all.

use super::ast::{Body, Condition, Conditioned, MountRule, PolicyRule, Profile, Word};
use crate::source::TextRange;

/// The words of a rule that are patterns, in the order of the text.
#[must_use]
pub fn of_rule(text: &str, rule: &PolicyRule) -> Vec<Word> {
    match &rule.body {
        // The target of an exec is a name, that of a link a path.
        Body::File(file) => {
            let target = file.target.filter(|_| !file.perms.has_exec());
            [Some(file.path), target].into_iter().flatten().collect()
        }
        Body::Link(link) => vec![link.link, link.target],
        Body::ChangeProfile(change) => [change.exec, change.target].into_iter().flatten().collect(),
        Body::Signal(rule) | Body::Ptrace(rule) => conditions(text, rule, &["peer"]),
        Body::Network(rule) => network(text, rule),
        Body::Unix(rule) => conditions(text, rule, &["addr", "label"]),
        Body::Dbus(rule) => conditions(text, rule, crate::lang::words::DBUS_CONDITIONS),
        Body::IoUring(rule) => conditions(text, rule, &["label"]),
        Body::Mqueue(rule) => mqueue(text, rule),
        Body::Mount(rule) | Body::Remount(rule) => mount(text, rule, &["fstype", "vfstype"]),
        Body::PivotRoot(rule) => {
            let root = MountRule {
                target: None,
                ..rule.clone()
            };
            mount(text, &root, &["oldroot"])
        }
        // What kind of file system is unmounted is read and not compiled.
        Body::Umount(rule) => mount(text, rule, &[]),
        Body::AllFiles
        | Body::Capability(_)
        | Body::Userns(_)
        | Body::Rlimit(_)
        | Body::All
        | Body::Unreadable => Vec::new(),
    }
}

/// The addresses of a `unix` rule. The parser puts variables in first and takes the first character off then, which is an `@`
/// unless it is the brace of alternatives.
#[must_use]
pub fn addresses(text: &str, rule: &PolicyRule) -> Vec<Word> {
    match &rule.body {
        Body::Unix(rule) => conditions(text, rule, &["addr"]),
        _ => Vec::new(),
    }
}

/// The pattern that a profile attaches to: its attachment, or else its name without the namespace and what stands in front of
/// the last `//`.
#[must_use]
pub fn attachment(text: &str, profile: &Profile) -> Word {
    profile.attachment.unwrap_or_else(|| {
        let range = profile.name.0;
        let written = slice(text, range);
        let namespace = written
            .strip_prefix(':')
            .and_then(|rest| rest.find(':'))
            .map_or(0, |end| end + 2);
        let local = written.rfind("//").map_or(0, |end| end + 2);
        Word(range.part(namespace.max(local), written.len()))
    })
}

/// The values of `xattrs=(…)`.
#[must_use]
pub fn xattrs(profile: &Profile) -> Vec<Word> {
    let conditions = profile.xattrs.iter().flat_map(|group| &group.conditions);
    conditions
        .flat_map(|condition| condition.values.iter().copied())
        .collect()
}

fn conditions(text: &str, rule: &Conditioned, names: &[&str]) -> Vec<Word> {
    let peer = rule.peer.iter().flat_map(|peer| &peer.conditions);
    values(text, rule.conditions.iter().chain(peer), names)
}

/// Of several interfaces the first one counts.
fn network(text: &str, rule: &Conditioned) -> Vec<Word> {
    let mut words = conditions(text, rule, &["label"]);
    let interface = |condition: &&Condition| slice(text, condition.name) == "interface";
    let interface = rule.conditions.iter().find(interface);
    words.extend(interface.and_then(|condition| condition.values.first()));
    words
}

/// No kernel mediates System V queues, whose names are numbers, so nothing is compiled of a rule about them.
fn mqueue(text: &str, rule: &Conditioned) -> Vec<Word> {
    let is_type = |condition: &&Condition| slice(text, condition.name) == "type";
    let queue_type = rule.conditions.iter().find(is_type);
    let is_system_v = queue_type
        .and_then(|condition| condition.values.first())
        .is_some_and(|value| slice(text, value.0) == "sysv");
    let name = rule.operands.first().copied();
    let is_number = |name: Word| slice(text, name.0).starts_with(|c: char| c.is_ascii_digit());
    if is_system_v || name.is_some_and(is_number) {
        return Vec::new();
    }
    let mut words = conditions(text, rule, &["label"]);
    words.extend(name);
    words
}

fn mount(text: &str, rule: &MountRule, names: &[&str]) -> Vec<Word> {
    let mut words = values(text, rule.conditions.iter(), names);
    words.extend([rule.source, rule.target].into_iter().flatten());
    words
}

fn slice(text: &str, range: TextRange) -> &str {
    text.get(range.start as usize..range.end as usize)
        .unwrap_or_default()
}

fn values<'c>(
    text: &str,
    conditions: impl Iterator<Item = &'c Condition>,
    names: &[&str],
) -> Vec<Word> {
    let is_pattern = |condition: &&Condition| names.contains(&slice(text, condition.name));
    conditions
        .filter(is_pattern)
        .flat_map(|condition| condition.values.iter().copied())
        .collect()
}
