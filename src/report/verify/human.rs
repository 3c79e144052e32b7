//! A table for people.

use std::io::{self, Write};

use super::super::words::at_column;
use super::super::{Style, ansi, one_line, plural};
use super::container;
use super::reason::why;
use super::sheet::{self, title};
use super::words::{color, decided, painted, result, side};
use crate::verify::{Judged, Plan, PlannedId, ProofStatus, Subject, SubjectKind, Verification};

/// Longest text of a promise that is shown whole, in characters.
const MAX_PROMISE: usize = 64;

pub(super) fn write(
    plan: &Plan,
    verification: &Verification,
    all: bool,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    head(plan, verification, out)?;
    let rows: Vec<(&Subject, &Judged)> = plan.subjects.iter().zip(&verification.judged).collect();
    let is_shown = |(subject, judged): &&(&Subject, &Judged)| all || !is_hidden(subject, judged);
    let shown: Vec<_> = rows.iter().filter(is_shown).copied().collect();
    let texts = shown
        .iter()
        .map(|(subject, _)| text(subject).chars().count());
    let width = texts.max().unwrap_or(0).max(8);
    let has_probes = verification.tiers.probes;
    let mut header = None;
    for (subject, judged) in shown {
        let title = title(plan, subject);
        if header.as_ref() != Some(&title) {
            let padded = format!("{title:<width$}");
            let probe = if has_probes { "probe       " } else { "" };
            let line = format!("{padded}    static    kernel      {probe}result");
            writeln!(out, "\n{}", ansi::paint(&line, ansi::BOLD, style.color))?;
            header = Some(title);
        }
        let columns = Columns { width, has_probes };
        row(plan, subject, judged, columns, style, out)?;
    }
    if let Some(trial) = &verification.container {
        container::write(trial, style, out)?;
    }
    writeln!(out)?;
    if !all {
        implied(plan, &rows, width, style, out)?;
        hidden(&rows, out)?;
    }
    for note in sheet::notes(verification) {
        writeln!(out, "{note}")?;
    }
    writeln!(out, "{}", summary(verification))
}

fn head(plan: &Plan, verification: &Verification, out: &mut dyn Write) -> io::Result<()> {
    for profile in sheet::profiles(plan, verification) {
        writeln!(out, "{profile}")?;
    }
    for (name, value) in sheet::head(plan, verification) {
        writeln!(out, "  {name:<8} {value}")?;
    }
    Ok(())
}

fn text(subject: &Subject) -> String {
    let text = one_line(&subject.text);
    if text.chars().count() <= MAX_PROMISE {
        return text;
    }
    format!("{}…", text.chars().take(MAX_PROMISE).collect::<String>())
}

/// How wide the first column is, and whether there is one for probes.
#[derive(Copy, Clone)]
struct Columns {
    width: usize,
    has_probes: bool,
}

fn row(
    plan: &Plan,
    subject: &Subject,
    judged: &Judged,
    Columns { width, has_probes }: Columns,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let word = painted(judged.result, style);
    let probe = if has_probes {
        format!("{:<10}  ", side(judged.probe))
    } else {
        String::new()
    };
    writeln!(
        out,
        "  {:<width$}  {:<8}  {:<10}  {probe}{word}",
        text(subject),
        decided(subject.decided),
        side(judged.kernel),
    )?;
    let Some(why) = why(plan, subject, judged) else {
        return Ok(());
    };
    writeln!(out, "      {}", one_line(&why))?;
    writeln!(out, "      at {}", at_column(&subject.place))
}

/// Whether a row is only counted: nothing is wrong with it, and it is not a promise that somebody wrote.
fn is_hidden(subject: &Subject, judged: &Judged) -> bool {
    let is_own = matches!(subject.kind, SubjectKind::Rule | SubjectKind::Lint(_));
    let is_good = match judged.result {
        ProofStatus::Proved => judged.reason.is_none(),
        result => result == ProofStatus::NotAsked,
    };
    is_own && is_good
}

/// How many implied intents of each lint rule are kept.
fn implied(
    plan: &Plan,
    rows: &[(&Subject, &Judged)],
    width: usize,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let kept = rows
        .iter()
        .filter_map(|(subject, judged)| match &subject.kind {
            SubjectKind::Lint(rule) if is_hidden(subject, judged) => Some((subject.profile, rule)),
            _ => None,
        });
    let kept: Vec<(PlannedId, &String)> = kept.collect();
    let proved = ProofStatus::Proved;
    let word = ansi::paint(result(proved), ansi::severity(color(proved)), style.color);
    let mut last = None;
    for same in kept.chunk_by(|left, right| left == right) {
        let Some((number, rule)) = same.first() else {
            continue;
        };
        if last != Some(*number) {
            let profile = plan.profiles.get(*number);
            let name = one_line(profile.map_or("", |profile| profile.name.as_str()));
            let title = format!("{name}: implied intents of lint rules");
            writeln!(out, "{}", ansi::paint(&title, ansi::BOLD, style.color))?;
            last = Some(*number);
        }
        let text = format!("{rule}: {}", plural(same.len(), "promise"));
        // As wide as the columns above it.
        let width = width + 22;
        writeln!(out, "  {text:<width$}  {word}")?;
    }
    if !kept.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

/// How many rules are not shown, because nothing is wrong with them.
fn hidden(rows: &[(&Subject, &Judged)], out: &mut dyn Write) -> io::Result<()> {
    let of_rule = |(subject, judged): &&(&Subject, &Judged)| {
        subject.kind == SubjectKind::Rule && is_hidden(subject, judged)
    };
    let count = |is_wanted: fn(ProofStatus) -> bool| {
        let hidden = rows.iter().filter(of_rule);
        hidden
            .filter(|(_, judged)| is_wanted(judged.result))
            .count()
    };
    for (count, what) in [
        (
            count(|result| result == ProofStatus::Proved),
            "decided as aalint says",
        ),
        (
            count(|result| result == ProofStatus::NotAsked),
            "about requests that nothing puts to the kernel",
        ),
    ] {
        if count > 0 {
            let rules = plural(count, "rule");
            writeln!(out, "{rules} {what}, not shown (--all shows them)")?;
        }
    }
    Ok(())
}

/// `57 proved, 1 failed`
fn summary(verification: &Verification) -> String {
    let counts = ProofStatus::ALL.into_iter().filter_map(|one| {
        let count = verification
            .results()
            .filter(|result| *result == one)
            .count();
        (count > 0).then(|| format!("{count} {}", result(one)))
    });
    counts.collect::<Vec<_>>().join(", ")
}
