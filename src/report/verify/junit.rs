//! JUnit XML, as CI servers read it: a suite for each intent or other group of a profile, a case for
//! each promise or rule.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

use super::super::words::at_column;
use super::sheet::{Sheet, SheetGroup, SheetLine};
use super::words::{clean, result};
use crate::verify::{ProofStatus, Refusal};

/// Counts as CI servers want them.
#[derive(Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Counts {
    fn of<'l>(lines: impl Iterator<Item = &'l SheetLine>) -> Self {
        let mut counts = Self::default();
        for line in lines {
            counts.tests += 1;
            match line.result {
                ProofStatus::Proved => {}
                ProofStatus::Inconclusive => counts.skipped += 1,
                ProofStatus::NotEnforced | ProofStatus::Failed => counts.failures += 1,
                ProofStatus::Disagreement => counts.errors += 1,
            }
        }
        counts
    }

    fn enter(&self, element: &mut BytesStart<'_>) {
        for (name, count) in [
            ("tests", self.tests),
            ("failures", self.failures),
            ("errors", self.errors),
            ("skipped", self.skipped),
        ] {
            element.push_attribute((name, count.to_string().as_str()));
        }
    }
}

pub(super) fn write(sheet: &Sheet, out: &mut dyn Write) -> io::Result<()> {
    document(&Counts::of(sheet.lines()), out, |xml| {
        for group in &sheet.groups {
            suite(group, sheet, xml)?;
        }
        Ok(())
    })
}

/// A document that says that nothing was verified.
pub(super) fn skipped(refusal: &Refusal, out: &mut dyn Write) -> io::Result<()> {
    let counts = Counts {
        tests: 1,
        skipped: 1,
        ..Counts::default()
    };
    document(&counts, out, |xml| {
        let mut suite = BytesStart::new("testsuite");
        suite.push_attribute(("name", "the run"));
        counts.enter(&mut suite);
        xml.write_event(Event::Start(suite))?;
        let mut case = BytesStart::new("testcase");
        case.push_attribute(("classname", "the run"));
        case.push_attribute(("name", "this machine can verify"));
        xml.write_event(Event::Start(case))?;
        let message = clean(&refusal.to_string());
        trouble("skipped", None, &message, refusal.help(), xml)?;
        xml.write_event(Event::End(BytesEnd::new("testcase")))?;
        xml.write_event(Event::End(BytesEnd::new("testsuite")))
    })
}

fn document<'w>(
    counts: &Counts,
    out: &'w mut dyn Write,
    inside: impl FnOnce(&mut Writer<&'w mut dyn Write>) -> io::Result<()>,
) -> io::Result<()> {
    let mut xml = Writer::new_with_indent(out, b' ', 2);
    let declaration = quick_xml::events::BytesDecl::new("1.0", Some("UTF-8"), None);
    xml.write_event(Event::Decl(declaration))?;
    let mut all = BytesStart::new("testsuites");
    all.push_attribute(("name", "aalint verify"));
    counts.enter(&mut all);
    xml.write_event(Event::Start(all))?;
    inside(&mut xml)?;
    xml.write_event(Event::End(BytesEnd::new("testsuites")))?;
    writeln!(xml.into_inner())
}

fn suite<W: Write>(group: &SheetGroup, sheet: &Sheet, xml: &mut Writer<W>) -> io::Result<()> {
    let title = clean(&group.title);
    let mut suite = BytesStart::new("testsuite");
    suite.push_attribute(("name", title.as_str()));
    Counts::of(group.lines.iter()).enter(&mut suite);
    xml.write_event(Event::Start(suite))?;
    let texts: Vec<&str> = group.lines.iter().map(|line| line.text.as_str()).collect();
    for line in &group.lines {
        let is_twice = texts.iter().filter(|text| **text == line.text).count() > 1;
        case(&title, line, is_twice, sheet, xml)?;
    }
    xml.write_event(Event::End(BytesEnd::new("testsuite")))
}

fn case<W: Write>(
    title: &str,
    line: &SheetLine,
    is_twice: bool,
    sheet: &Sheet,
    xml: &mut Writer<W>,
) -> io::Result<()> {
    let mut name = clean(&line.text);
    let mut case = BytesStart::new("testcase");
    case.push_attribute(("classname", title));
    // Servers tell cases by their names.
    if let Some(place) = line.place.as_ref().filter(|_| is_twice) {
        name.push_str(&clean(&format!(" ({})", at_column(place))));
    }
    case.push_attribute(("name", name.as_str()));
    if let Some(place) = &line.place {
        case.push_attribute(("file", clean(&place.path).as_str()));
        case.push_attribute(("line", place.start.line.to_string().as_str()));
    }
    if line.result == ProofStatus::Proved {
        return xml.write_event(Event::Empty(case));
    }
    xml.write_event(Event::Start(case))?;
    let element = match line.result {
        ProofStatus::Proved | ProofStatus::Inconclusive => "skipped",
        ProofStatus::NotEnforced | ProofStatus::Failed => "failure",
        ProofStatus::Disagreement => "error",
    };
    let kind = (element != "skipped").then(|| result(line.result));
    let message = clean(line.why.as_deref().unwrap_or(result(line.result)));
    trouble(element, kind, &message, &clean(&details(line, sheet)), xml)?;
    xml.write_event(Event::End(BytesEnd::new("testcase")))
}

fn trouble<W: Write>(
    element: &'static str,
    kind: Option<&str>,
    message: &str,
    details: &str,
    xml: &mut Writer<W>,
) -> io::Result<()> {
    let mut start = BytesStart::new(element);
    if let Some(kind) = kind {
        start.push_attribute(("type", kind));
    }
    start.push_attribute(("message", message));
    xml.write_event(Event::Start(start))?;
    xml.write_event(Event::Text(BytesText::new(details)))?;
    xml.write_event(Event::End(BytesEnd::new(element)))
}

/// What each column says, and what shows it.
fn details(line: &SheetLine, sheet: &Sheet) -> String {
    let mut text = String::new();
    if let Some(place) = &line.place {
        text.push_str(&format!("at {}\n", at_column(place)));
    }
    for (column, cell) in sheet.columns.iter().zip(&line.cells) {
        text.push_str(&format!("{column}: {}\n", cell.word));
        for evidence in &cell.evidence {
            text.push_str(&format!("  {evidence}\n"));
        }
    }
    text
}
