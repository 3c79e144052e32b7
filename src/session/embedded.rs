//! Policy in manifests: which of it is judged, and findings about it in terms of the manifest.

use super::kind;
use crate::containers::{EmbeddedKind, EmbeddedPolicy, embedded_policies};
use crate::diagnostic::{Diagnostic, Edit};
use crate::policy::Store;
use crate::source::{SourceMap, Span, TextRange};

/// What is policy in a manifest. An object that is made for it holds nothing else.
pub(super) fn policies(text: &str) -> Vec<EmbeddedPolicy> {
    let mut found = embedded_policies(text);
    found.retain(|policy| {
        let is_for_policy = policy.what.starts_with('`');
        is_for_policy || policy.text().is_some_and(kind::is_policy_for_sure)
    });
    found
}

/// Why policy in a manifest is not judged; `None` if it is.
pub(super) fn obstacle(policy: &EmbeddedPolicy) -> Option<String> {
    let what = &policy.what;
    match &policy.kind {
        EmbeddedKind::InPlace(..) => None,
        EmbeddedKind::Rewritten(_) => Some(format!(
            "the policy in {what} is not judged: write it as a literal block (`|`)"
        )),
        EmbeddedKind::Abstract(name) => Some(format!(
            "the profile `{name}` in {what} is not judged: the operator makes it of lists"
        )),
    }
}

/// The names of profiles in a manifest that are not judged.
pub(super) fn unjudged_names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for policy in policies(text) {
        match &policy.kind {
            EmbeddedKind::InPlace(..) => {}
            EmbeddedKind::Abstract(name) => names.push(name.clone()),
            EmbeddedKind::Rewritten(text) => names.extend(kind::profile_names(text)),
        }
    }
    names
}

/// Puts findings about parts of files where the file shows them: a place outside of the part becomes its first line. An edit
/// gets the part's indentation; one that does not fit becomes advice.
pub(super) fn settle(findings: &mut [Diagnostic], store: &Store) {
    let sources = &store.sources;
    if sources.iter().all(|(_, source)| source.part.is_none()) {
        return;
    }
    for finding in findings {
        for label in &mut finding.labels {
            label.span = within(label.span, sources);
        }
        let Some(mut fix) = finding.fix.take() else {
            continue;
        };
        let mut edits = fix.edits.iter_mut();
        match edits.all(|edit| indent(edit, sources)) {
            true => finding.fix = Some(fix),
            false if finding.help.is_empty() => finding.help.push(fix.title),
            false => {}
        }
    }
}

fn within(span: Span, sources: &SourceMap) -> Span {
    let source = sources.get(span.file);
    let Some(part) = source.part.filter(|part| !part.contains(span.range)) else {
        return span;
    };
    let text = source.slice(part);
    let blank = text.len() - text.trim_start().len();
    part.part(blank, blank).in_file(span.file)
}

/// Whether an edit can be made in the file that holds the part; it is indented as the part is.
fn indent(edit: &mut Edit, sources: &SourceMap) -> bool {
    let source = sources.get(edit.span.file);
    let Some(part) = source.part else {
        return true;
    };
    // What belongs to the beginning of the file belongs to that of the part.
    if edit.span.range.end < part.start && edit.span.range.is_empty() {
        edit.span.range = TextRange::at(part.start);
    }
    if !part.contains(edit.span.range) {
        return false;
    }
    if !edit.text.contains('\n') {
        return true;
    }
    let before = TextRange::new(part.start, edit.span.range.start);
    let is_at_line = before.is_empty() || source.slice(before).ends_with('\n');
    if edit.text.ends_with('\n') && !is_at_line {
        return false;
    }
    let lines = source.slice(part).lines();
    let lines = lines.filter(|line| !line.trim().is_empty());
    let depth = lines.map(|line| line.len() - line.trim_start_matches(' ').len());
    let indent = " ".repeat(depth.min().unwrap_or(0));
    let mut text = String::new();
    for (number, line) in edit.text.split_inclusive('\n').enumerate() {
        if (number > 0 || is_at_line) && !line.trim().is_empty() {
            text.push_str(&indent);
        }
        text.push_str(line);
    }
    edit.text = text;
    true
}
