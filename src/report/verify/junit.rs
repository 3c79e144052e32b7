//! JUnit XML: a suite for each intent or other group of a profile, a case for each promise or rule.

use std::io::{self, Write};

use super::super::junit::{self, CaseEnd, TestCase, TestSuite, Trouble};
use super::super::words::at_column;
use super::sheet::{Sheet, SheetGroup, SheetLine};
use super::words::result;
use crate::verify::{ProofStatus, Refusal};

pub(super) fn write(sheet: &Sheet, out: &mut dyn Write) -> io::Result<()> {
    let suites = sheet.groups.iter().map(|group| suite(group, sheet));
    junit::write("aalint verify", &suites.collect::<Vec<_>>(), out)
}

/// A document that says that nothing was verified.
pub(super) fn skipped(refusal: &Refusal, out: &mut dyn Write) -> io::Result<()> {
    let case = TestCase {
        name: "this machine can verify".to_owned(),
        place: None,
        end: CaseEnd::Skipped(Trouble {
            message: refusal.to_string(),
            details: refusal.help().to_owned(),
        }),
    };
    let suite = TestSuite {
        name: "the run".to_owned(),
        cases: vec![case],
    };
    junit::write("aalint verify", &[suite], out)
}

fn suite(group: &SheetGroup, sheet: &Sheet) -> TestSuite {
    let texts: Vec<&str> = group.lines.iter().map(|line| line.text.as_str()).collect();
    let cases = group.lines.iter().map(|line| {
        let is_twice = texts.iter().filter(|text| **text == line.text).count() > 1;
        case(line, is_twice, sheet)
    });
    TestSuite {
        name: group.title.clone(),
        cases: cases.collect(),
    }
}

fn case(line: &SheetLine, is_twice: bool, sheet: &Sheet) -> TestCase {
    let mut name = line.text.clone();
    // Servers tell cases by their names.
    if let Some(place) = line.place.as_ref().filter(|_| is_twice) {
        name.push_str(&format!(" ({})", at_column(place)));
    }
    let kind = result(line.result);
    let trouble = || Trouble {
        message: line.why.as_deref().unwrap_or(kind).to_owned(),
        details: details(line, sheet),
    };
    let place = line.place.as_ref();
    TestCase {
        name,
        place: place.map(|place| (place.path.clone(), Some(place.start.line))),
        end: match line.result {
            ProofStatus::Proved => CaseEnd::Passed,
            ProofStatus::NotAsked | ProofStatus::Inconclusive => CaseEnd::Skipped(trouble()),
            ProofStatus::NotEnforced | ProofStatus::Failed => CaseEnd::Failed(kind, trouble()),
            ProofStatus::Disagreement => CaseEnd::Errored(kind, trouble()),
        },
    }
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
