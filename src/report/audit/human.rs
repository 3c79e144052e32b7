//! A few lines for each entry.

use std::io::{self, Write};

use super::super::words::{at_column, at_line, plural};
use super::super::{Style, ansi, one_line};
use super::entry::RecordEntry;
use super::shown::ShownRecord;
use super::words::{Known, known, sentence};

use crate::audit::{Cause, Explanation, Kind};
use crate::diagnostic::Severity;

pub(super) fn write(entry: &RecordEntry<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let (record, explanation) = (entry.first.record, entry.first.explanation);
    let more = match entry.more.len() {
        0 => String::new(),
        count => format!(" and {} in this directory", plural(count, "other file")),
    };
    let times = match entry.count() {
        1 => String::new(),
        count => format!(", {count} times"),
    };
    let who = who(entry);
    writeln!(out, "{}{more}{who}{times}", heading(&entry.first, style))?;
    let sentence = match entry.more.len() {
        0 => sentence(record, explanation),
        _ => sentence(record, explanation).replacen("allows it", "allows them", 1),
    };
    writeln!(out, "    {sentence}")?;
    because(explanation, out)?;
    if let Cause::Disconnected(disconnected) = &explanation.cause
        && let Some(then) = &disconnected.then
    {
        because(then, out)?;
        missing(&[], then, out)?;
    }
    missing(&entry.rules(), explanation, out)?;
    let Known { notes, help } = known(record);
    for note in notes {
        writeln!(out, "    note: {note}")?;
    }
    for help in help {
        writeln!(out, "    help: {help}")?;
    }
    Ok(())
}

/// A line for a record that says the same as one before.
pub(super) fn again(shown: ShownRecord<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let heading = heading(&shown, style);
    writeln!(out, "{heading}  again, {} times so far", shown.count)
}

/// `DENIED  web: /etc/hosts r`
fn heading(shown: &ShownRecord<'_>, style: Style) -> String {
    let record = shown.record;
    let word = ansi::paint(
        record.kind.word(),
        ansi::severity(color(record.kind)),
        style.color,
    );
    let what = match &shown.explanation.request {
        Some(request) => one_line(request),
        None => one_line(&record.operation),
    };
    let what = ansi::paint(&what, ansi::BOLD, style.color);
    format!("{word}  {}: {what}", one_line(&record.label))
}

/// The rules that decide, and the promises that stand against a rule.
fn because(explanation: &Explanation, out: &mut dyn Write) -> io::Result<()> {
    for rule in &explanation.rules {
        let text = one_line(&rule.text);
        writeln!(out, "    {}: {text}", at_column(&rule.place))?;
        for via in &rule.via {
            writeln!(out, "      included at {}", at_line(via))?;
        }
    }
    for forbidden in &explanation.forbidden {
        let promise = match &forbidden.intent {
            Some(name) => format!("the intent `{}`", one_line(name)),
            None => "an assertion".to_owned(),
        };
        writeln!(out, "    no rule is proposed: {promise} denies the request")?;
        let (place, text) = (at_column(&forbidden.promise.place), &forbidden.promise.text);
        writeln!(out, "      {place}: {}", one_line(text))?;
    }
    Ok(())
}

/// The missing rules: `rules`, or that of the explanation.
fn missing(rules: &[&str], explanation: &Explanation, out: &mut dyn Write) -> io::Result<()> {
    let Some(suggestion) = &explanation.suggestion else {
        return Ok(());
    };
    let own = [suggestion.rule.as_str()];
    let rules = if rules.is_empty() { &own } else { rules };
    for rule in rules {
        writeln!(out, "    missing: {}", one_line(rule))?;
    }
    if let Some(warning) = &suggestion.warning {
        writeln!(out, "      warning: {}", one_line(warning))?;
    }
    for opens in &suggestion.opens {
        writeln!(out, "      note: {}", one_line(opens))?;
    }
    if let (Some(example), [_]) = (&suggestion.example, rules) {
        let example = one_line(example);
        writeln!(out, "      note: it also allows, for example, `{example}`")?;
    }
    Ok(())
}

const fn color(kind: Kind) -> Severity {
    match kind {
        Kind::Denied | Kind::Killed | Kind::Error => Severity::Error,
        Kind::Allowed => Severity::Warning,
        Kind::Audit | Kind::Status | Kind::Hint => Severity::Info,
    }
}

/// `  (cat, pid 77)`
fn who(entry: &RecordEntry<'_>) -> String {
    let record = entry.first.record;
    let mut others = entry.all();
    let has_others = others.any(|shown| shown.has_other_pids || shown.record.pid() != record.pid());
    let more = if has_others { " and others" } else { "" };
    let command = record.command().map(|command| one_line(&command));
    let pid = record.pid().map(|pid| format!("pid {pid}{more}"));
    let parts: Vec<String> = command.into_iter().chain(pid).collect();
    match parts.as_slice() {
        [] => String::new(),
        parts => format!("  ({})", parts.join(", ")),
    }
}
