//! `duplicate-word`: words and letters that stand twice in one list.

use crate::diagnostic::Applicability;
use crate::lint::{Check, Cx, FileView, Sink, written_rules};
use crate::source::TextRange;
use crate::syntax::ast::{Body, Conditioned, FileRule, MountRule, Word};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for rule in written_rules(&file.file.ast.items) {
        match &rule.body {
            Body::File(rule) => letters(rule, file, sink),
            Body::Capability(words) => repeated(words, file, sink),
            Body::Mount(rule) | Body::Remount(rule) | Body::Umount(rule) => {
                of_mount(rule, file, sink)
            }
            Body::Signal(rule)
            | Body::Ptrace(rule)
            | Body::Unix(rule)
            | Body::Dbus(rule)
            | Body::Mqueue(rule)
            | Body::IoUring(rule) => of_conditioned(rule, file, sink),
            _ => {}
        }
    }
}

fn of_mount(rule: &MountRule, file: &FileView<'_>, sink: &mut Sink<'_>) {
    for condition in &rule.conditions {
        repeated(&condition.values, file, sink);
    }
}

fn of_conditioned(rule: &Conditioned, file: &FileView<'_>, sink: &mut Sink<'_>) {
    repeated(&rule.access, file, sink);
    for condition in &rule.conditions {
        repeated(&condition.values, file, sink);
    }
}

/// Reports the words that an earlier one equals.
fn repeated(words: &[Word], file: &FileView<'_>, sink: &mut Sink<'_>) {
    let pairs = words.iter().zip(words.iter().skip(1));
    for (number, (before, word)) in (1..).zip(pairs) {
        let text = file.slice(word.0);
        let mut earlier = words.iter().take(number);
        let Some(first) = earlier.find(|other| file.slice(other.0) == text) else {
            continue;
        };
        let gap = TextRange::new(before.0.end, word.0.start);
        let is_plain = file
            .slice(gap)
            .chars()
            .all(|c| c == ',' || c.is_whitespace());
        let finding = sink
            .at(
                file.span(word.0),
                format!("`{text}` stands twice in this rule"),
            )
            .label(file.span(first.0), "the first one");
        let gone = TextRange::new(before.0.end, word.0.end);
        sink.report(match is_plain {
            true => finding.replace(
                Applicability::Safe,
                "remove the second one",
                file.span(gone),
                "",
            ),
            false => finding.help("remove one of the two"),
        });
    }
}

/// Reports permissions of a file rule that have a letter twice.
fn letters(rule: &FileRule, file: &FileView<'_>, sink: &mut Sink<'_>) {
    let written = file.slice(rule.perms_range);
    let mut once = String::new();
    let mut twice = None;
    for letter in written.chars() {
        match "mrwalk".contains(letter) && once.contains(letter) {
            true => twice = twice.or(Some(letter)),
            false => once.push(letter),
        }
    }
    let Some(letter) = twice else { return };
    let place = file.span(rule.perms_range);
    let finding = sink
        .at(place, format!("`{letter}` stands twice in `{written}`"))
        .replace(Applicability::Safe, format!("write `{once}`"), place, once);
    sink.report(finding);
}
