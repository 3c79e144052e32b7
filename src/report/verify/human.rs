//! A table for people.

use std::io::{self, Write};

use super::super::{Style, ansi, one_line, plural};
use super::{asked, decided, reason, result, side};
use crate::diagnostic::Severity;
use crate::verify::{Judged, Plan, Result, Subject, SubjectKind, Verification};

/// Longest text of a promise that is shown whole, in characters.
const LONGEST: usize = 64;

pub(super) fn write(
    plan: &Plan,
    verification: &Verification,
    all: bool,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    head(plan, verification, out)?;
    let rows: Vec<(&Subject, &Judged)> = plan.subjects.iter().zip(&verification.judged).collect();
    let is_shown = |(subject, judged): &&(&Subject, &Judged)| {
        all || subject.kind != SubjectKind::Rule || judged.result != Result::Proved
    };
    let shown: Vec<_> = rows.iter().filter(is_shown).copied().collect();
    let texts = shown
        .iter()
        .map(|(subject, _)| text(subject).chars().count());
    let width = texts.max().unwrap_or(0).max(8);
    let has_probes = !verification.probed.is_empty();
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
    writeln!(out)?;
    if !all {
        hidden(&rows, out)?;
    }
    notes(verification, out)?;
    writeln!(out, "{}", summary(&rows))
}

fn head(plan: &Plan, verification: &Verification, out: &mut dyn Write) -> io::Result<()> {
    let proof = &verification.proof;
    let environment = &verification.environment;
    for (profile, mode) in plan.profiles.iter().zip(&proof.modes) {
        writeln!(out, "{} ({mode})", one_line(&profile.name))?;
    }
    let how = match (proof.was_loaded, proof.has_replaced) {
        (true, _) => "was loaded already",
        (false, true) => "loaded in place of another, which is back",
        (false, false) => "loaded for this run",
    };
    writeln!(out, "  policy   {}, {how}", one_line(&plan.path))?;
    let short = proof.sha256.get(..16).unwrap_or(&proof.sha256);
    let same = match proof.is_same {
        Some(_) => format!("the kernel's bytes are those that were compiled, sha256 {short}…"),
        None => "not shown: this kernel does not export what was loaded".to_owned(),
    };
    writeln!(out, "  proof    {same}")?;
    writeln!(
        out,
        "  machine  Linux {}, apparmor_parser {}",
        one_line(&environment.kernel),
        one_line(&environment.parser)
    )?;
    let count = verification.answers.iter().flatten().count();
    writeln!(out, "  asked    {}", plural(count, "request"))?;
    let probes = verification.probes();
    if probes > 0 {
        writeln!(out, "  probed   {}", plural(probes, "system call"))?;
    }
    Ok(())
}

fn title(plan: &Plan, subject: &Subject) -> String {
    let profile = plan.profiles.get(subject.profile);
    let name = profile.map_or("", |profile| profile.name.as_str());
    one_line(&match &subject.kind {
        SubjectKind::Intent(intent) => format!("{name}: intent {intent}"),
        SubjectKind::Assertion => format!("{name}: assertions"),
        SubjectKind::Rule => format!("{name}: rules"),
    })
}

fn text(subject: &Subject) -> String {
    let text = one_line(&subject.text);
    if text.chars().count() <= LONGEST {
        return text;
    }
    format!("{}…", text.chars().take(LONGEST).collect::<String>())
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
    let word = ansi::paint(
        result(judged.result),
        ansi::severity(color(judged.result)),
        style.color,
    );
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
    let Some(why) = &judged.reason else {
        return Ok(());
    };
    let question = judged
        .question
        .and_then(|number| plan.questions.get(number));
    let why = reason(why, question, asked(subject, judged.question));
    let (path, line, column) = &subject.place;
    writeln!(out, "      {}", one_line(&why))?;
    writeln!(out, "      at {}:{line}:{column}", one_line(path))
}

const fn color(result: Result) -> Severity {
    match result {
        Result::Proved => Severity::Hint,
        Result::Inconclusive => Severity::Warning,
        Result::NotEnforced | Result::Failed | Result::Disagreement => Severity::Error,
    }
}

/// How many rules are not shown, because nothing is wrong with them.
fn hidden(rows: &[(&Subject, &Judged)], out: &mut dyn Write) -> io::Result<()> {
    let is_hidden = |(subject, judged): &&(&Subject, &Judged)| {
        subject.kind == SubjectKind::Rule && judged.result == Result::Proved
    };
    let count = rows.iter().filter(is_hidden).count();
    if count > 0 {
        let rules = plural(count, "rule");
        writeln!(
            out,
            "{rules} decided as aalint says, not shown (--all shows them)"
        )?;
    }
    Ok(())
}

fn notes(verification: &Verification, out: &mut dyn Write) -> io::Result<()> {
    for warning in &verification.warnings {
        writeln!(out, "apparmor_parser: {}", one_line(warning))?;
    }
    for (profile, why) in &verification.blind {
        let profile = one_line(profile);
        writeln!(
            out,
            "capabilities of `{profile}` were not looked at: {}",
            one_line(why)
        )?;
    }
    if let Some(change) = &verification.proof.change {
        writeln!(out, "not valid: {change} while the kernel was asked")?;
    }
    if verification.has_recovered {
        writeln!(
            out,
            "an earlier run had left policy in the kernel; it was cleaned up"
        )?;
    }
    if let Some(leftover) = &verification.leftover {
        let profile = one_line(&leftover.profile);
        writeln!(
            out,
            "left in the kernel: `{profile}`: {}",
            one_line(&leftover.why)
        )?;
    }
    Ok(())
}

/// `57 proved, 1 failed`
fn summary(rows: &[(&Subject, &Judged)]) -> String {
    let counts = Result::ALL.into_iter().filter_map(|one| {
        let count = rows
            .iter()
            .filter(|(_, judged)| judged.result == one)
            .count();
        (count > 0).then(|| format!("{count} {}", result(one)))
    });
    counts.collect::<Vec<_>>().join(", ")
}
