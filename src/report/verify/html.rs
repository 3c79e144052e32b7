//! One page for people that explains itself: the matrix of promises and tiers, and the evidence behind
//! each cell. It loads nothing and needs no script, so that it can be kept with a release or mailed.
//!
//! The templates in `html/` escape all text. What they show is made here, so that no template decides anything.

use std::io::{self, Write};

use askama::Template;

use super::super::words::{at_column, markup_text};
use super::sheet::{Sheet, SheetGroup, SheetLine, rule_at};
use super::words::result;
use crate::verify::{ProofStatus, Refusal};

/// The page of a verification.
#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    version: &'static str,
    title: String,
    /// How many rows have each result.
    counts: Vec<Chip>,
    /// What was verified and where, as names with values.
    head: Vec<(&'static str, String)>,
    notes: Vec<Sentence>,
    groups: Vec<PageGroup>,
}

/// The page that says that nothing was verified.
#[derive(Template)]
#[template(path = "skipped.html")]
struct SkipPage {
    version: &'static str,
    reason: Sentence,
    help: Sentence,
}

struct PageGroup {
    title: String,
    /// Names of the columns of tiers. Rows about the run itself have none.
    columns: Vec<&'static str>,
    rows: Vec<PageRow>,
}

struct PageRow {
    /// Counts all rows of the page, so that links can lead here.
    number: usize,
    text: String,
    place: Option<String>,
    /// Why it is not proved; empty if that is not known.
    why: Sentence,
    /// The rules that decide.
    rules: Vec<Sentence>,
    cells: Vec<PageCell>,
    chip: Chip,
    is_proved: bool,
    /// Why it is not proved, or else the result.
    reason: Sentence,
}

struct PageCell {
    word: &'static str,
    evidence: Vec<String>,
}

/// A result that is shown by its word, a sign and a colour.
struct Chip {
    class: String,
    sign: &'static str,
    words: String,
}

/// A sentence in parts.
type Sentence = Vec<Part>;

struct Part {
    text: String,
    /// Whether it stands between backticks.
    is_code: bool,
}

pub(super) fn write(sheet: &Sheet, profiles: &[String], out: &mut dyn Write) -> io::Result<()> {
    let mut numbers = 0..;
    let mut number = || numbers.next().unwrap_or_default();
    let counts = ProofStatus::ALL.into_iter().rev().filter_map(|one| {
        let count = sheet.count(one);
        (count > 0).then(|| chip(one, format!("{count} {}", result(one))))
    });
    let head = sheet.head.iter();
    let groups = sheet.groups.iter();
    let page = Page {
        version: env!("CARGO_PKG_VERSION"),
        title: markup_text(&profiles.join(", ")),
        counts: counts.collect(),
        head: head
            .map(|(name, value)| (*name, markup_text(value)))
            .collect(),
        notes: sheet.notes.iter().map(|note| sentence(note)).collect(),
        groups: groups
            .map(|group| of_group(group, sheet, &mut number))
            .collect(),
    };
    write_page(&page, out)
}

/// A page that says that nothing was verified.
pub(super) fn skipped(refusal: &Refusal, out: &mut dyn Write) -> io::Result<()> {
    let page = SkipPage {
        version: env!("CARGO_PKG_VERSION"),
        reason: sentence(&refusal.to_string()),
        help: sentence(refusal.help()),
    };
    write_page(&page, out)
}

fn write_page(page: &impl Template, out: &mut dyn Write) -> io::Result<()> {
    // A writer of text, such as the one for terminals, needs whole characters.
    let text = page.render().map_err(io::Error::other)?;
    writeln!(out, "{text}")
}

impl Page {
    /// The rows that are not proved.
    fn open(&self) -> impl Iterator<Item = &PageRow> {
        let rows = self.groups.iter().flat_map(|group| &group.rows);
        rows.filter(|row| !row.is_proved)
    }

    fn has_open(&self) -> bool {
        self.open().next().is_some()
    }
}

fn of_group(group: &SheetGroup, sheet: &Sheet, number: &mut impl FnMut() -> usize) -> PageGroup {
    let has_cells = group.lines.iter().any(|line| !line.cells.is_empty());
    let lines = group.lines.iter();
    PageGroup {
        title: markup_text(&group.title),
        columns: match has_cells {
            true => sheet.columns.clone(),
            false => Vec::new(),
        },
        rows: lines.map(|line| row(line, number())).collect(),
    }
}

fn row(line: &SheetLine, number: usize) -> PageRow {
    let word = result(line.result);
    let cells = line.cells.iter().map(|cell| PageCell {
        word: cell.word,
        evidence: cell.evidence.iter().map(|text| markup_text(text)).collect(),
    });
    let rules = line.rules.iter();
    PageRow {
        number,
        text: markup_text(&line.text),
        place: line
            .place
            .as_ref()
            .map(|place| markup_text(&at_column(place))),
        why: line.why.as_deref().map(sentence).unwrap_or_default(),
        rules: rules
            .map(|rule| sentence(&format!("decided by {}", rule_at(rule))))
            .collect(),
        cells: cells.collect(),
        chip: chip(line.result, word.to_owned()),
        is_proved: line.result == ProofStatus::Proved,
        reason: sentence(line.why.as_deref().unwrap_or(word)),
    }
}

fn chip(one: ProofStatus, words: String) -> Chip {
    Chip {
        class: result(one).replace(' ', "-"),
        sign: match one {
            ProofStatus::Proved => "✓",
            ProofStatus::NotAsked => "-",
            ProofStatus::Inconclusive => "?",
            ProofStatus::NotEnforced | ProofStatus::Failed => "✗",
            ProofStatus::Disagreement => "≠",
        },
        words,
    }
}

/// A sentence in which text between backticks is code.
fn sentence(text: &str) -> Sentence {
    let text = markup_text(text);
    // The last backtick of an odd number stands for itself.
    let is_odd = text.matches('`').count() % 2 == 1;
    let (paired, rest) = match text.rfind('`').filter(|_| is_odd) {
        Some(last) => text.split_at(last),
        None => (text.as_str(), ""),
    };
    let parts = paired.split('`').enumerate().map(|(at, part)| Part {
        text: part.to_owned(),
        is_code: at % 2 == 1,
    });
    let rest = Part {
        text: rest.to_owned(),
        is_code: false,
    };
    let all = parts.chain([rest]);
    all.filter(|part| !part.text.is_empty() || part.is_code)
        .collect()
}
