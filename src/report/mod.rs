//! Rendering what was found, one file a format.

mod ansi;
#[cfg(feature = "verify")]
mod audit;
mod clean;
mod concise;
mod diff;
mod edit;
mod github;
mod graph;
mod human;
mod json;
mod page;
mod query;
mod snippet;
mod statistics;
#[cfg(feature = "verify")]
mod verify;

use std::io::{self, Write};

use crate::diagnostic::Severity;
use crate::session::Report;

#[cfg(feature = "verify")]
pub use audit::{AuditFormat, audit_record};
pub use clean::Clean;
pub use diff::{DiffFormat, diff};
pub use graph::{GraphFormat, View, write as write_graph};
pub use page::{explain, list};
pub use query::{AnswerFormat, answers, faulty_requests};
#[cfg(feature = "verify")]
pub use verify::{VerifyFormat, plan, skipped, verification};

/// Most paths that a sentence names.
const MOST_PATHS: usize = 3;

/// How to render.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Style {
    /// Whether colours may be used.
    pub color: bool,
    /// Nothing but findings.
    pub quiet: bool,
    /// A table of how often each rule fired.
    pub statistics: bool,
}

/// A format.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
pub enum Format {
    /// With source lines, reasons and edits, for people.
    #[default]
    Human,
    /// `path:line:col: severity[code] name: message`, for editors.
    Concise,
    /// A JSON document; docs/json.md describes it.
    Json,
    /// Annotations of a GitHub workflow.
    Github,
}

/// Writes a report.
///
/// # Errors
/// If `out` fails.
pub fn write(format: Format, report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human => human::write(report, style, out)?,
        Format::Concise => concise::write(report, style, out)?,
        Format::Json => return json::write(report, out),
        Format::Github => github::write(report, style, out)?,
    }
    if style.statistics {
        statistics::write(report, out)
    } else {
        Ok(())
    }
}

/// `2 errors, 1 warning in 3 files (41 profiles)`
fn summary(report: &Report) -> String {
    let mut counts = Vec::new();
    for severity in Severity::ALL.into_iter().rev() {
        let count = report
            .findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count();
        if count > 0 {
            counts.push(plural(count, severity.name()));
        }
    }
    let found = if counts.is_empty() {
        "no findings".to_owned()
    } else {
        counts.join(", ")
    };
    let suppressed = match report.suppressed {
        0 => String::new(),
        count => format!(", {count} suppressed"),
    };
    let files = plural(report.files, "file");
    let profiles = plural(report.profiles, "profile");
    let unjudged = match report.failures.len() {
        0 => String::new(),
        count => format!("; {} could not be judged", plural(count, "file")),
    };
    format!("{found} in {files} ({profiles}){suppressed}{unjudged}")
}

/// `12 files of other kinds, 2 excluded by the configuration`; `None` if nothing is left out.
fn left_out(report: &Report) -> Option<String> {
    let left_out = &report.left_out;
    let others = match left_out.others {
        1 => "file of another kind",
        _ => "files of other kinds",
    };
    let links = match left_out.unwalked.len() {
        1 => "link to a directory outside",
        _ => "links to directories outside",
    };
    let counts = [
        (left_out.others, others),
        (left_out.excluded, "excluded by the configuration"),
        (left_out.inactive, "that AppArmor does not load"),
        (left_out.unreadable.len(), "not readable"),
        (left_out.ignored, "named by .gitignore"),
        (left_out.unwalked.len(), links),
    ];
    let told: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// What is amiss where no profile was checked: "no findings" says nothing then.
pub(super) fn idle(report: &Report) -> Option<String> {
    if report.profiles > 0 {
        return None;
    }
    let paths: Vec<String> = report
        .looked_at
        .iter()
        .take(MOST_PATHS)
        .map(|path| format!("`{}`", one_line(path)))
        .collect();
    let more = match report.looked_at.len().saturating_sub(MOST_PATHS) {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    let place = match paths.is_empty() {
        true => String::new(),
        false => format!(" in {}{more}", paths.join(", ")),
    };
    let mut looked = Vec::new();
    if report.files > 0 {
        looked.push(format!(
            "{} without a profile",
            plural(report.files, "policy file")
        ));
    }
    if report.manifests > 0 {
        looked.push(plural(report.manifests, "manifest"));
    }
    if !report.failures.is_empty() {
        looked.push(format!("{} not judged", report.failures.len()));
    }
    looked.extend(left_out(report));
    let looked = match looked.is_empty() {
        true => "no file".to_owned(),
        false => looked.join(", "),
    };
    Some(format!("no profile was checked{place}: {looked}"))
}

fn plural(count: usize, what: &str) -> String {
    if count == 1 || what == "info" {
        format!("{count} {what}")
    } else {
        format!("{count} {what}s")
    }
}

/// Text on one line, without control characters.
pub(crate) fn one_line(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            if c.is_control() {
                c.escape_default().collect::<Vec<_>>()
            } else {
                vec![c]
            }
        })
        .collect()
}
