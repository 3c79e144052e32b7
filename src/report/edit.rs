//! A suggested edit as changed lines.

use std::io::{self, Write};

use super::ansi;
use crate::diagnostic::{Applicability, Edit, Fix, apply_edits};
use crate::source::{FileId, Source, SourceMap, TextRange};

/// Longest line that is shown, in characters.
const WIDTH: usize = 160;

pub(super) fn write(
    fix: &Fix,
    sources: &SourceMap,
    color: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let caution = match fix.applicability {
        Applicability::Safe => "",
        Applicability::Unsafe => " (changes what the policy grants or refuses; review it)",
        Applicability::Display => " (an example; adapt it)",
    };
    writeln!(
        out,
        "   = {} {}{caution}",
        ansi::paint("edit:", ansi::BOLD, color),
        fix.title
    )?;
    let mut files: Vec<FileId> = fix.edits.iter().map(|edit| edit.span.file).collect();
    files.sort_unstable();
    files.dedup();
    for file in files {
        let edits: Vec<&Edit> = fix
            .edits
            .iter()
            .filter(|edit| edit.span.file == file)
            .collect();
        file_lines(sources.get(file), &edits, color, out)?;
    }
    Ok(())
}

fn file_lines(
    source: &Source,
    edits: &[&Edit],
    color: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let first = edits
        .iter()
        .map(|edit| edit.span.range.start)
        .min()
        .unwrap_or(0);
    let last = edits
        .iter()
        .map(|edit| edit.span.range.end)
        .max()
        .unwrap_or(0);
    let lines = TextRange::new(source.line_range(first).start, source.line_range(last).end);
    let old = source.slice(lines);
    let moved: Vec<Edit> = edits
        .iter()
        .map(|edit| {
            let range = edit.span.range;
            let range = TextRange::new(range.start - lines.start, range.end - lines.start);
            Edit {
                span: range.in_file(edit.span.file),
                text: edit.text.clone(),
            }
        })
        .collect();
    let new = apply_edits(old, &moved.iter().collect::<Vec<_>>());
    let number = source.position(lines.start).line;
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let common = old
        .iter()
        .zip(&new)
        .take_while(|(old, new)| old == new)
        .count();
    let rest = |lines: &[&str]| lines.get(common..).unwrap_or_default().len();
    let tail = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take(rest(&old).min(rest(&new)))
        .take_while(|(o, n)| o == n)
        .count();
    let changed = |lines: &[&str]| {
        let kept = lines.iter().take(lines.len() - tail).skip(common);
        kept.map(|line| line.chars().take(WIDTH).collect::<String>())
            .collect::<Vec<_>>()
    };
    for (lines, sign, style) in [
        (changed(&old), '-', ansi::REMOVED),
        (changed(&new), '+', ansi::ADDED),
    ] {
        for (line, number) in lines.iter().zip(number as usize + common..) {
            writeln!(
                out,
                "     {number:>5} {}",
                ansi::paint(&format!("{sign} {}", line.trim_end()), style, color)
            )?;
        }
    }
    Ok(())
}
