//! Rule pages in the terminal.

use std::io::{self, Write};

use super::{Style, ansi};
use crate::diagnostic::{Applicability, Meta};

/// Writes the page of a rule.
///
/// # Errors
/// If `out` fails.
pub fn explain(meta: &Meta, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let fix = meta.fix.map_or("no fix", |fix| fix.name());
    let fix = if meta.fix.is_some() {
        format!("fix: {fix}")
    } else {
        fix.to_owned()
    };
    writeln!(
        out,
        "{} {}\n{}, {}, {}, {fix}, since {}\n",
        ansi::paint(meta.code, ansi::BOLD, style.color),
        ansi::paint(meta.name, ansi::BOLD, style.color),
        meta.group,
        meta.severity,
        meta.level.name(),
        meta.since
    )?;
    let mut is_code = false;
    for line in body(meta.page).lines() {
        if line.starts_with("```") {
            is_code = !is_code;
        } else if is_code {
            writeln!(out, "    {}", marked(line.trim_end()))?;
        } else if let Some(heading) = line.strip_prefix("# ").or_else(|| line.strip_prefix("## ")) {
            writeln!(out, "{}", ansi::paint(heading, ansi::BOLD, style.color))?;
        } else {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// Writes one line for each rule: code, name, severity, level, the best edit that it offers, and what it reports.
///
/// # Errors
/// If `out` fails.
pub fn list<'m>(
    rules: impl Iterator<Item = &'m Meta>,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let [code, name, severity, level, edit] = ["code", "rule", "severity", "level", "edit"];
    writeln!(
        out,
        "{}",
        ansi::paint(
            &format!("{code:<6} {name:<30} {severity:<8} {level:<8} {edit:<7} what it reports"),
            ansi::BOLD,
            style.color
        )
    )?;
    for meta in rules {
        let severity = ansi::paint(
            &format!("{:<8}", meta.severity.name()),
            ansi::severity(meta.severity),
            style.color,
        );
        let name = ansi::paint(&format!("{:<30}", meta.name), ansi::BOLD, style.color);
        let edit = meta.fix.map_or("-", Applicability::name);
        writeln!(
            out,
            "{:<6} {name} {severity} {:<8} {edit:<7} {}",
            meta.code,
            meta.level.name(),
            meta.summary
        )?;
    }
    Ok(())
}

/// The page of a rule as Markdown, for readers that know nothing of our marks.
pub(super) fn markdown(meta: &Meta) -> String {
    let mut is_code = false;
    let lines = body(meta.page).lines().map(|line| {
        is_code ^= line.starts_with("```");
        match is_code {
            true => marked(line.trim_end()) + "\n",
            false => format!("{line}\n"),
        }
    });
    lines.collect()
}

/// A line of an example, in which a mark says where a finding is.
fn marked(line: &str) -> String {
    match line.split_once("#~") {
        None => line.to_owned(),
        Some((code, said)) if said.trim().is_empty() => format!("{code}# <- here"),
        Some((code, said)) => format!("{code}# <- {}", said.trim()),
    }
}

/// A page without its front matter.
fn body(page: &str) -> &str {
    let rest = page.strip_prefix("---\n").unwrap_or(page);
    rest.split_once("\n---\n")
        .map_or(page, |(_, body)| body.trim_start())
}
