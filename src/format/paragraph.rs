//! Paragraphs of file rules: what stands in front of a rule, and between its path and its permissions.

use std::collections::BTreeSet;

use super::layout::{Alignment, Layout};
use super::lines::{FileRuleParts, LineKind, TextLine, column_after};

/// A file rule of a paragraph, by columns.
#[derive(Copy, Clone)]
struct Row {
    line: usize,
    parts: FileRuleParts,
    start: usize,
    path: usize,
    path_end: usize,
    permissions: usize,
    end: usize,
}

/// The lines as they are to be written, without their ends.
pub(super) fn bodies(lines: &[TextLine<'_>], layout: &Layout) -> Vec<String> {
    let written = |line: &TextLine<'_>| match line.kind {
        LineKind::Blank => String::new(),
        _ => {
            let kept = if line.ends_within_text {
                line.text.trim_start_matches([' ', '\t'])
            } else {
                line.body
            };
            format!("{:width$}{kept}", "", width = line.indent)
        }
    };
    let mut bodies: Vec<String> = lines.iter().map(written).collect();
    let mut rows: Vec<Row> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let row = row(number, line);
        let goes_on = row.is_some()
            && rows.last().is_none_or(|last| {
                last.line + 1 == number
                    && lines
                        .get(last.line)
                        .is_some_and(|before| before.depth == line.depth)
            });
        if !goes_on {
            write(&rows, lines, layout, &mut bodies);
            rows.clear();
        }
        rows.extend(row);
    }
    write(&rows, lines, layout, &mut bodies);
    bodies
}

fn row(number: usize, line: &TextLine<'_>) -> Option<Row> {
    let parts = line
        .file_rule
        .filter(|_| !line.is_frozen && !line.ends_within_text)?;
    let column = |at: usize| Some(column_after(line.body.get(..at)?, line.column));
    Some(Row {
        line: number,
        parts,
        start: line.column,
        path: column(parts.path)?,
        path_end: column(parts.path_end)?,
        permissions: column(parts.permissions)?,
        end: column(parts.end)?,
    })
}

/// What a paragraph has between paths and permissions.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Gaps {
    /// One blank, or what is there.
    AsTheyAre,
    One,
    /// The permissions begin in one column.
    Left,
    /// The rules end in one column.
    Right,
}

fn gaps(rows: &[Row], layout: &Layout) -> Gaps {
    let is_one = |row: &Row| row.permissions == row.path_end + 1;
    let same = |column: fn(&Row) -> usize| {
        let mut columns = rows.iter().map(column);
        let first = columns.next();
        columns.all(|one| Some(one) == first)
    };
    match layout.alignment {
        Alignment::Never => Gaps::One,
        Alignment::Always => Gaps::Left,
        Alignment::Keep if rows.len() < 2 || rows.iter().all(is_one) => Gaps::AsTheyAre,
        Alignment::Keep if same(|row| row.permissions) => Gaps::Left,
        Alignment::Keep if same(|row| row.end) => Gaps::Right,
        Alignment::Keep => Gaps::AsTheyAre,
    }
}

/// Writes the rules of a paragraph.
fn write(rows: &[Row], lines: &[TextLine<'_>], layout: &Layout, bodies: &mut [String]) {
    let Some(margin) = rows.iter().map(|row| row.start).min() else {
        return;
    };
    // The path of a rule without qualifiers may stand below those of rules that have some.
    let qualified = rows
        .iter()
        .filter(|row| row.start == margin && row.path > margin);
    let shared: BTreeSet<usize> = qualified.map(|row| row.path).collect();
    let is_padded = |row: &Row| row.start > margin && shared.contains(&row.path);
    let start = |row: &Row| {
        let indent = lines.get(row.line).map_or(0, |line| line.indent);
        if is_padded(row) {
            indent + row.start - margin
        } else {
            indent
        }
    };
    let gaps = gaps(rows, layout);
    let path_end = |row: &Row| start(row) + row.path_end - row.start;
    // The nearest column that the paragraph has had, once its rules have moved.
    let least = rows.iter().map(path_end).max().unwrap_or(0) + 1;
    let moved = rows
        .iter()
        .map(|row| start(row) + row.permissions - row.start);
    let column = match layout.alignment {
        Alignment::Always => least,
        Alignment::Keep | Alignment::Never => moved.min().unwrap_or(0).max(least),
    };
    let ends = rows.iter().map(|row| start(row) + row.end - row.start);
    let ends = ends.max().unwrap_or(0);
    for row in rows {
        let gap = match gaps {
            Gaps::One => 1,
            Gaps::AsTheyAre => row.permissions - row.path_end,
            Gaps::Left => column.saturating_sub(path_end(row)),
            Gaps::Right => (ends + row.permissions).saturating_sub(row.end + path_end(row)),
        };
        let Some(line) = lines.get(row.line) else {
            continue;
        };
        let (Some(head), Some(rest)) = (
            line.body.get(..row.parts.path_end),
            line.body.get(row.parts.permissions..),
        ) else {
            continue;
        };
        if let Some(body) = bodies.get_mut(row.line) {
            *body = format!(
                "{:start$}{head}{:gap$}{rest}",
                "",
                "",
                start = start(row),
                gap = gap.max(1)
            );
        }
    }
}
