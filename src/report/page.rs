//! Rule pages in the terminal.

use std::io::{self, Write};

use super::{Style, ansi};
use crate::diagnostic::Meta;

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
            let line = line.trim_end();
            let marked = line.split_once("#~").map(|(code, said)| match said.trim() {
                "" => format!("{code}# <- here"),
                said => format!("{code}# <- {said}"),
            });
            writeln!(out, "    {}", marked.as_deref().unwrap_or(line))?;
        } else if let Some(heading) = line.strip_prefix("# ").or_else(|| line.strip_prefix("## ")) {
            writeln!(out, "{}", ansi::paint(heading, ansi::BOLD, style.color))?;
        } else {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// Writes one line for each rule.
///
/// # Errors
/// If `out` fails.
pub fn list<'m>(
    rules: impl Iterator<Item = &'m Meta>,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    for meta in rules {
        let severity = ansi::paint(
            &format!("{:<8}", meta.severity.name()),
            ansi::severity(meta.severity),
            style.color,
        );
        let name = ansi::paint(&format!("{:<30}", meta.name), ansi::BOLD, style.color);
        let level = match meta.level {
            crate::diagnostic::Level::Default => String::new(),
            level => format!(" [{}]", level.name()),
        };
        writeln!(
            out,
            "{}  {name} {severity} {}{level}",
            meta.code, meta.summary
        )?;
    }
    Ok(())
}

/// A page without its front matter.
fn body(page: &str) -> &str {
    let rest = page.strip_prefix("---\n").unwrap_or(page);
    rest.split_once("\n---\n")
        .map_or(page, |(_, body)| body.trim_start())
}
