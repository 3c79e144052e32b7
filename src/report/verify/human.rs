//! A table for people.

use std::io::{self, Write};

use super::super::{Style, ansi, one_line, plural};
use super::{asked, container, decided, reason, result, side};
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
    let mut header = None;
    for (subject, judged) in shown {
        let title = title(plan, subject);
        if header.as_ref() != Some(&title) {
            let padded = format!("{title:<width$}");
            let line = format!("{padded}    static    kernel      result");
            writeln!(out, "\n{}", ansi::paint(&line, ansi::BOLD, style.color))?;
            header = Some(title);
        }
        row(plan, subject, judged, width, style, out)?;
    }
    if let Some(trial) = &verification.container {
        container::write(trial, style, out)?;
    }
    writeln!(out)?;
    if !all {
        hidden(&rows, out)?;
    }
    notes(verification, out)?;
    writeln!(out, "{}", summary(verification))
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
    writeln!(out, "  asked    {}", plural(count, "request"))
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

fn row(
    plan: &Plan,
    subject: &Subject,
    judged: &Judged,
    width: usize,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let word = painted(judged.result, style);
    writeln!(
        out,
        "  {:<width$}  {:<8}  {:<10}  {word}",
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

/// The word for a result, in its colour.
pub(super) fn painted(of: Result, style: Style) -> String {
    ansi::paint(result(of), ansi::severity(color(of)), style.color)
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
            "an earlier run had left something; it was cleaned up"
        )?;
    }
    if let Some(leftover) = &verification.leftover {
        let what = one_line(&leftover.what);
        writeln!(out, "left of this run: `{what}`: {}", one_line(&leftover.why))?;
    }
    Ok(())
}

/// `57 proved, 1 failed`
fn summary(verification: &Verification) -> String {
    let counts = Result::ALL.into_iter().filter_map(|one| {
        let count = verification.results().filter(|result| *result == one).count();
        (count > 0).then(|| format!("{count} {}", result(one)))
    });
    counts.collect::<Vec<_>>().join(", ")
}
