//! One page for people that explains itself: the matrix of promises and tiers, and the evidence behind
//! each cell. It loads nothing and needs no script, so that it can be kept with a release or mailed.

use std::io::{self, Write};

use super::super::words::at_column;
use super::sheet::{Cell, Sheet, SheetGroup, SheetLine, rule_at};
use super::words::{clean, result};
use crate::verify::{ProofStatus, Refusal};

const STYLE: &str = include_str!("page.css");

pub(super) fn write(sheet: &Sheet, profiles: &[String], out: &mut dyn Write) -> io::Result<()> {
    let title = profiles.join(", ");
    head(&title, out)?;
    writeln!(out, "<header>")?;
    writeln!(out, "<p class=\"kind\">aalint verify</p>")?;
    writeln!(out, "<h1>{}</h1>", text(&title))?;
    counts(sheet, out)?;
    writeln!(out, "<dl>")?;
    for (name, value) in &sheet.head {
        writeln!(out, "<dt>{}</dt><dd>{}</dd>", text(name), text(value))?;
    }
    writeln!(out, "</dl>")?;
    if !sheet.notes.is_empty() {
        writeln!(out, "<ul class=\"notes\">")?;
        for note in &sheet.notes {
            writeln!(out, "<li>{}</li>", marked(note))?;
        }
        writeln!(out, "</ul>")?;
    }
    writeln!(out, "</header>\n<main>")?;
    open(sheet, out)?;
    let mut number = 0;
    for group in &sheet.groups {
        of_group(group, sheet, &mut number, out)?;
    }
    foot(out)
}

/// A page that says that nothing was verified.
pub(super) fn skipped(refusal: &Refusal, out: &mut dyn Write) -> io::Result<()> {
    head("nothing was verified", out)?;
    writeln!(out, "<header>")?;
    writeln!(out, "<p class=\"kind\">aalint verify</p>")?;
    writeln!(out, "<h1>Nothing was verified</h1>")?;
    writeln!(
        out,
        "<p class=\"banner\"><strong>Skipped:</strong> {}.<br>What to do: {}</p>",
        marked(&refusal.to_string()),
        marked(refusal.help())
    )?;
    writeln!(out, "</header>\n<main>")?;
    foot(out)
}

fn head(title: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>")?;
    writeln!(out, "<meta charset=\"utf-8\">")?;
    writeln!(
        out,
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    )?;
    // Whatever stands in a profile, the page can neither load nor run anything.
    writeln!(
        out,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    )?;
    writeln!(out, "<title>aalint verify: {}</title>", text(title))?;
    writeln!(out, "<style>\n{STYLE}</style>\n</head>\n<body>")
}

fn foot(out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "</main>\n<footer>Written by aalint {}.</footer>\n</body>\n</html>",
        env!("CARGO_PKG_VERSION")
    )
}

fn counts(sheet: &Sheet, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<ul class=\"counts\" aria-label=\"Results\">")?;
    for one in ProofStatus::ALL.into_iter().rev() {
        let count = sheet.count(one);
        if count > 0 {
            writeln!(
                out,
                "<li>{}</li>",
                chip(one, &format!("{count} {}", result(one)))
            )?;
        }
    }
    writeln!(out, "</ul>")
}

/// The rows that are not proved, as a list of links.
fn open(sheet: &Sheet, out: &mut dyn Write) -> io::Result<()> {
    let numbered = sheet.lines().enumerate();
    let open: Vec<_> = numbered
        .filter(|(_, line)| line.result != ProofStatus::Proved)
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section>\n<h2>Not proved</h2>\n<ul class=\"open\">")?;
    for (number, line) in open {
        writeln!(
            out,
            "<li><a href=\"#r{number}\">{}</a>: {}</li>",
            line_text(line),
            marked(line.why.as_deref().unwrap_or(result(line.result)))
        )?;
    }
    writeln!(out, "</ul>\n</section>")
}

fn of_group(
    group: &SheetGroup,
    sheet: &Sheet,
    number: &mut usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    // Rows about the run itself have no tiers.
    let has_cells = group.lines.iter().any(|line| !line.cells.is_empty());
    let columns: &[&str] = if has_cells { &sheet.columns } else { &[] };
    let title = text(&group.title);
    let class = if has_cells { "table" } else { "table plain" };
    writeln!(out, "<section>\n<h2>{title}</h2>\n<div class=\"{class}\">")?;
    writeln!(out, "<table>\n<caption>{title}</caption>")?;
    write!(out, "<thead><tr><th scope=\"col\">promise</th>")?;
    for column in columns {
        write!(out, "<th scope=\"col\">{}</th>", text(column))?;
    }
    writeln!(out, "<th scope=\"col\">result</th></tr></thead>\n<tbody>")?;
    for line in &group.lines {
        row(line, *number, out)?;
        *number += 1;
    }
    writeln!(out, "</tbody>\n</table>\n</div>\n</section>")
}

fn row(line: &SheetLine, number: usize, out: &mut dyn Write) -> io::Result<()> {
    let promise = line_text(line);
    write!(out, "<tr id=\"r{number}\"><th scope=\"row\">{promise}")?;
    if let Some(place) = &line.place {
        let place = text(&at_column(place));
        write!(out, "<span class=\"place\">{place}</span>")?;
    }
    if let Some(why) = &line.why {
        write!(out, "<span class=\"why\">{}</span>", marked(why))?;
        for rule in &line.rules {
            let rule = marked(&format!("decided by {}", rule_at(rule)));
            write!(out, "<span class=\"place\">{rule}</span>")?;
        }
    }
    writeln!(out, "</th>")?;
    for one in &line.cells {
        cell(one, out)?;
    }
    writeln!(
        out,
        "<td>{}</td></tr>",
        chip(line.result, result(line.result))
    )
}

/// A promise as code; what must hold for the run is a sentence.
fn line_text(line: &SheetLine) -> String {
    match line.place {
        Some(_) => format!("<span class=\"request\">{}</span>", text(&line.text)),
        None => text(&line.text),
    }
}

fn cell(cell: &Cell, out: &mut dyn Write) -> io::Result<()> {
    if cell.evidence.is_empty() {
        return writeln!(out, "<td>{}</td>", text(cell.word));
    }
    writeln!(
        out,
        "<td><details><summary>{}</summary><ul>",
        text(cell.word)
    )?;
    for evidence in &cell.evidence {
        writeln!(out, "<li class=\"request\">{}</li>", text(evidence))?;
    }
    writeln!(out, "</ul></details></td>")
}

/// A result that is told by its word, a sign and a colour.
fn chip(one: ProofStatus, words: &str) -> String {
    let sign = match one {
        ProofStatus::Proved => "✓",
        ProofStatus::Inconclusive => "?",
        ProofStatus::NotEnforced | ProofStatus::Failed => "✗",
        ProofStatus::Disagreement => "≠",
    };
    let class = result(one).replace(' ', "-");
    format!(
        "<span class=\"chip {class}\"><span aria-hidden=\"true\">{sign}</span> {}</span>",
        text(words)
    )
}

/// Text that means nothing to a browser.
fn text(text: &str) -> String {
    quick_xml::escape::escape(clean(text)).into_owned()
}

/// The same, with what stands between backticks set as code.
fn marked(sentence: &str) -> String {
    let mut parts = sentence.split('`');
    let mut marked = text(parts.next().unwrap_or_default());
    let mut is_code = true;
    let mut rest = parts.peekable();
    while let Some(part) = rest.next() {
        // The last backtick of an odd number is one.
        if is_code && rest.peek().is_none() {
            marked.push('`');
            marked.push_str(&text(part));
            break;
        }
        if is_code {
            marked.push_str(&format!("<code>{}</code>", text(part)));
        } else {
            marked.push_str(&text(part));
        }
        is_code = !is_code;
    }
    marked
}
