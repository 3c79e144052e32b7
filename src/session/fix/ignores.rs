//! Comments that ignore findings, as edits.

use std::collections::BTreeMap;

use super::candidate::{EditCandidate, EditKey};
use super::model::WithheldEdit;
use crate::diagnostic::{Applicability, Diagnostic, Edit, Fix};
use crate::lint::Suppressions;
use crate::session::check::Report;
use crate::source::{FileId, ResolvedSpan, Source, Span, TextRange};
use crate::syntax::ast::Ast;

/// One edit for the findings of each line: a comment that names their rules, with the reason. Of the ways in which that can be written,
/// the first that is not withheld.
pub(super) fn ignores(
    report: &Report,
    is_checked: &dyn Fn(FileId) -> bool,
    reason: &str,
    withheld: &BTreeMap<EditKey, WithheldEdit>,
) -> Vec<EditCandidate> {
    let store = &report.store;
    let mut lines: BTreeMap<(FileId, u32), Vec<&Diagnostic>> = BTreeMap::new();
    for finding in &report.findings {
        let Some(place) = finding.place().filter(|place| is_checked(place.file)) else {
            continue;
        };
        let line = store.sources.get(place.file).line_range(place.range.start);
        let of_line = lines.entry((place.file, line.start)).or_default();
        of_line.push(finding);
    }
    let mut found = Vec::new();
    for ((file, line), findings) in lines {
        let source = store.sources.get(file);
        let (Some(loaded), Some(place)) =
            (store.file(file), findings.first().and_then(|f| f.place()))
        else {
            continue;
        };
        let mut names: Vec<&str> = findings.iter().map(|finding| finding.rule.name).collect();
        names.sort_unstable();
        names.dedup();
        let ways = Ways {
            file,
            source,
            ast: &loaded.file.ast,
            names: names.join(", "),
            reason,
        };
        let candidates = ways.all(line).into_iter().map(|edit| {
            let fix = Fix {
                title: format!("ignore {}", ways.names),
                edits: vec![edit],
                applicability: Applicability::Safe,
            };
            let place = ResolvedSpan::of(place, &store.sources);
            EditCandidate {
                is_safe: false,
                is_ignore: true,
                is_of_syntax: false,
                ..EditCandidate::of(&findings, &fix, place, report)
            }
        });
        let mut candidates = candidates;
        found.extend(candidates.find(|one| !withheld.contains_key(&one.key)));
    }
    found
}

/// How findings of a line can be ignored.
struct Ways<'w> {
    file: FileId,
    source: &'w Source,
    ast: &'w Ast,
    /// The rules, with commas between them.
    names: String,
    reason: &'w str,
}

impl Ways<'_> {
    fn edit(&self, at: u32, text: String) -> Edit {
        Edit {
            span: Span {
                file: self.file,
                range: TextRange::new(at, at),
            },
            text,
        }
    }

    fn comment(&self) -> String {
        format!("# aalint: ignore({}) {}", self.names, self.reason)
    }

    /// The ways, the narrowest first: a comment that is there already, the end of the line, a line above it.
    fn all(&self, start: u32) -> Vec<Edit> {
        let line = self.source.line_range(start);
        let mut ways = Vec::new();
        let is_on_line = |range: &TextRange| line.start <= range.start && range.start <= line.end;
        let of_line = self.ast.comments.iter().find(|comment| is_on_line(comment));
        let suppressions = Suppressions::of(self.file, self.source, self.ast).all;
        let own = |comment: TextRange| {
            let mut all = suppressions.iter();
            all.find(|one| one.span.range == comment && !one.is_foreign)
        };
        match of_line {
            Some(comment) => {
                let last = own(*comment).and_then(|one| one.names.last());
                ways.extend(
                    last.map(|(_, place)| self.edit(place.end, format!(", {}", self.names))),
                );
            }
            None => ways.push(self.edit(line.end, format!(" {}", self.comment()))),
        }
        let text = self.source.slice(line);
        let indent = text.len() - text.trim_start_matches([' ', '\t']).len();
        let indent = text.get(..indent).unwrap_or_default();
        let newline = match self.source.text.contains("\r\n") {
            true => "\r\n",
            false => "\n",
        };
        ways.push(self.edit(line.start, format!("{indent}{}{newline}", self.comment())));
        ways
    }
}
