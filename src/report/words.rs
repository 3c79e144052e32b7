//! Sentences about a whole report, and text for one line.

use crate::access::{Outcome, ProfileMode};
use crate::diagnostic::Severity;
use crate::session::Report;
use crate::source::ResolvedSpan;

/// Most paths that a sentence names.
const MAX_PATHS: usize = 3;

/// `2 errors, 1 warning in 3 files (41 profiles)`
pub(super) fn summary(report: &Report) -> String {
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
pub(super) fn left_out(report: &Report) -> Option<String> {
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
        .take(MAX_PATHS)
        .map(|path| format!("`{}`", one_line(path)))
        .collect();
    let more = match report.looked_at.len().saturating_sub(MAX_PATHS) {
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

pub(super) fn plural(count: usize, what: &str) -> String {
    if count == 1 || what == "info" {
        format!("{count} {what}")
    } else {
        format!("{count} {what}s")
    }
}

/// All words for outcomes come from these.
pub(super) const OUTCOMES: [Outcome; 7] = [
    Outcome::Allowed,
    Outcome::Denied,
    Outcome::Unmatched,
    Outcome::Refused,
    Outcome::Asked,
    Outcome::Partly,
    Outcome::Unknown,
];

/// The word for an outcome, the same in text and in JSON.
pub(super) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allowed => "allowed",
        Outcome::Denied => "denied",
        Outcome::Unmatched => "unmatched",
        Outcome::Refused => "refused",
        Outcome::Asked => "prompt",
        Outcome::Partly => "partly",
        Outcome::Unknown => "unknown",
    }
}

/// What a mode does to requests that no rule decides, as what follows the profile's name;
/// `None` where it does nothing special.
pub(super) const fn mode(mode: ProfileMode) -> Option<&'static str> {
    match mode {
        ProfileMode::Enforce => None,
        ProfileMode::Complain => Some(
            "is in complain mode: what no rule allows passes and is recorded; only a `deny` without `audit` refuses",
        ),
        ProfileMode::Kill => {
            Some("is in kill mode: a request that is refused and recorded kills the task")
        }
        ProfileMode::DefaultAllow => {
            Some("has the flag default_allow: what no rule denies is allowed")
        }
        ProfileMode::Unconfined => {
            Some("is unconfined: only user namespaces are mediated, whatever the rules say")
        }
        ProfileMode::Prompt => {
            Some("is in prompt mode: the user is asked about what no rule decides")
        }
    }
}

/// `path:line:column`, on one line.
pub(super) fn at_column(place: &ResolvedSpan) -> String {
    format!("{}:{}", at_line(place), place.start.column)
}

/// `path:line`, on one line.
pub(super) fn at_line(place: &ResolvedSpan) -> String {
    format!("{}:{}", one_line(&place.path), place.start.line)
}

/// Text without the characters that XML 1.0 and HTML cannot hold, not even escaped.
pub(super) fn markup_text(text: &str) -> String {
    let is_allowed = |c: &char| {
        matches!(c, '\n' | '\t') || !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    text.chars()
        .map(|c| if is_allowed(&c) { c } else { '\u{fffd}' })
        .collect()
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
