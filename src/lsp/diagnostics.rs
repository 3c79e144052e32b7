//! Findings as the protocol's diagnostics.

use std::collections::BTreeMap;

use gen_lsp_types::{
    Code, Diagnostic as LspDiagnostic, DiagnosticRelatedInformation, DiagnosticSeverity,
    DiagnosticTag, Location, Message, Range, Uri,
};
use rustc_hash::FxHashMap;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::documents::OpenDocuments;
use super::encoding::{PositionEncoding, TextLines};
use super::uri::uri_of;
use crate::diagnostic::{Diagnostic, LabelStyle, Meta, Severity};
use crate::session::Report;
use crate::source::{FileId, SourceMap, Span, TextRange};

/// Rules whose findings mark text that could as well be gone.
const UNNECESSARY: [&str; 6] = [
    "dropped-rule",
    "redundant-deny",
    "redundant-rule",
    "unused-include",
    "unused-suppression",
    "unused-variable",
];

/// Diagnostics by the URI of the file.
pub(super) type ByFile = BTreeMap<String, Vec<LspDiagnostic>>;

/// Places in files in the terms of the protocol.
pub(super) struct ClientPlaces<'r> {
    sources: &'r SourceMap,
    documents: &'r OpenDocuments,
    encoding: PositionEncoding,
    lines: FxHashMap<FileId, TextLines<'r>>,
}

impl<'r> ClientPlaces<'r> {
    pub(super) fn new(
        sources: &'r SourceMap,
        documents: &'r OpenDocuments,
        encoding: PositionEncoding,
    ) -> Self {
        Self {
            sources,
            documents,
            encoding,
            lines: FxHashMap::default(),
        }
    }

    /// The URI of a file, in the client's spelling if it is open.
    pub(super) fn uri(&self, file: FileId) -> String {
        let path = &self.sources.get(file).path;
        let document = self.documents.at(path);
        document.map_or_else(|| uri_of(path), |document| document.uri.clone())
    }

    pub(super) fn range(&mut self, span: Span) -> Range {
        let (sources, encoding) = (self.sources, self.encoding);
        let new = || TextLines::new(&sources.get(span.file).text, encoding);
        let lines = self.lines.entry(span.file).or_insert_with(new);
        lines.range(span.range)
    }

    /// The bytes of a file that a range of the protocol is.
    pub(super) fn bytes(&self, file: FileId, range: &Range) -> TextRange {
        let text = &self.sources.get(file).text;
        TextLines::new(text, self.encoding).bytes(range)
    }

    pub(super) fn location(&mut self, span: Span) -> Location {
        Location {
            uri: Uri(self.uri(span.file)),
            range: self.range(span),
        }
    }
}

/// The findings of a report, by file.
pub(super) fn by_file(
    report: &Report,
    documents: &OpenDocuments,
    encoding: PositionEncoding,
) -> ByFile {
    let mut places = ClientPlaces::new(&report.store.sources, documents, encoding);
    let mut all = ByFile::new();
    for finding in &report.findings {
        if let Some(place) = finding.place() {
            let diagnostic = diagnostic(finding, place, &mut places);
            all.entry(places.uri(place.file))
                .or_default()
                .push(diagnostic);
        }
    }
    all
}

/// A finding at its place.
pub(super) fn diagnostic(
    finding: &Diagnostic,
    place: Span,
    places: &mut ClientPlaces<'_>,
) -> LspDiagnostic {
    let mut message = finding.message.clone();
    for help in &finding.help {
        message.push_str("\nhelp: ");
        message.push_str(help);
    }
    LspDiagnostic {
        range: places.range(place),
        severity: Some(severity(finding.severity)),
        code: Some(Code::String(finding.rule.name.to_owned())),
        code_description: None,
        source: Some("aalint".to_owned()),
        message: Message::String(message),
        tags: tag(finding.rule).map(|tag| vec![tag]),
        related_information: related(finding, place, places),
        data: None,
    }
}

fn related(
    finding: &Diagnostic,
    place: Span,
    places: &mut ClientPlaces<'_>,
) -> Option<Vec<DiagnosticRelatedInformation>> {
    let mut related = Vec::new();
    for label in &finding.labels {
        let is_the_place = label.style == LabelStyle::Primary && label.span == place;
        if !is_the_place && !label.text.is_empty() {
            related.push((label.span, label.text.as_str()));
        }
    }
    let others = finding.via.iter().rev().filter(|via| **via != place);
    related.extend(others.map(|via| (*via, "included here")));
    let mut information = |(span, text): (Span, &str)| DiagnosticRelatedInformation {
        location: places.location(span),
        message: text.to_owned(),
    };
    let related: Vec<_> = related.into_iter().map(&mut information).collect();
    (!related.is_empty()).then_some(related)
}

const fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::Error,
        Severity::Warning => DiagnosticSeverity::Warning,
        Severity::Info => DiagnosticSeverity::Information,
        Severity::Hint => DiagnosticSeverity::Hint,
    }
}

fn tag(rule: &Meta) -> Option<DiagnosticTag> {
    if UNNECESSARY.contains(&rule.name) {
        Some(DiagnosticTag::Unnecessary)
    } else if rule.group == "deprecated" {
        Some(DiagnosticTag::Deprecated)
    } else {
        None
    }
}

/// What names a list of diagnostics, in the form of JSON: the same lists have the same name.
pub(super) fn result_id(items: &Value) -> String {
    let hash = Sha256::digest(items.to_string());
    let bytes = hash.iter().take(16);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::UNNECESSARY;
    use crate::rules;

    #[test]
    fn rules_of_what_could_be_gone_exist() {
        for name in UNNECESSARY {
            assert!(
                rules::all().iter().any(|rule| rule.meta.name == name),
                "{name}"
            );
        }
    }
}
