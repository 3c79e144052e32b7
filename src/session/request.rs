//! What is wrong with requests.

use super::check::check;
use super::discovery::{Input, InputKind};
use super::options::Options;
use super::rule_selection::CommandLine;
use crate::access::{REQUEST_PREFIX, RequestFault};
use crate::diagnostic::{Label, LabelStyle, Meta};
use crate::glob::MAX_STATES;
use crate::lint::Rule;
use crate::policy::{Expanded, ProfileView, variable_uses};
use crate::rules::registry::{BARE_X, MISSING_COMMA, UNDEFINED_VARIABLE};
use crate::source::{MemoryVfs, Span, TextRange};

/// Rules that say of a profile what is no fault of a request.
const NOT_FOR_REQUESTS: [&Meta; 3] = [BARE_X, UNDEFINED_VARIABLE, MISSING_COMMA];

/// What is wrong with a text that should be a request.
#[derive(Clone, Debug)]
pub struct FaultyRequest {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Vec<String>,
}

impl FaultyRequest {
    fn new(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            labels: vec![Label {
                span,
                style: LabelStyle::Primary,
                text: String::new(),
            }],
            help: vec![help.into()],
        }
    }
}

/// Words for a fault of the request that stands at `span`.
pub(super) fn faults(
    span: Span,
    text: &str,
    fault: &RequestFault,
    profile: &ProfileView<'_>,
    rules: &[Rule],
) -> Vec<FaultyRequest> {
    match fault {
        RequestFault::Syntax(_) => {
            let mut found = linted(span, text, rules);
            if found.is_empty() {
                let help =
                    "write it as it would stand in a profile: `/etc/hosts r`, `capability chown`";
                found.push(FaultyRequest::new(span, "this is no rule", help));
            }
            found
        }
        RequestFault::NotOneRule => vec![FaultyRequest::new(
            span,
            "a request is one rule",
            "write each request on a line or as an argument of its own",
        )],
        RequestFault::Qualified(range) => vec![FaultyRequest::new(
            moved(*range, span),
            format!(
                "`{}` says what a rule does, not what is asked",
                slice(text, *range)
            ),
            "remove it: a request has no qualifier but `owner` and `other`",
        )],
        RequestFault::Unreadable => vec![unreadable(span, text, profile)],
    }
}

fn slice(text: &str, range: TextRange) -> &str {
    text.get(range.start as usize..range.end as usize)
        .unwrap_or_default()
}

/// A range of the request as a place in the text around it.
fn moved(range: TextRange, request: Span) -> Span {
    let range = request.range.part(range.start as usize, range.end as usize);
    Span { range, ..request }
}

fn unreadable(span: Span, text: &str, profile: &ProfileView<'_>) -> FaultyRequest {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let mut uses = variable_uses(text, TextRange::new(0, length));
    match uses.find(|(name, _)| profile.env.variable(name).is_none()) {
        Some((name, range)) => FaultyRequest::new(
            moved(range, span),
            format!("the profile knows no variable `@{{{name}}}`"),
            "write its value",
        ),
        None if is_too_large(text, profile) => FaultyRequest::new(
            span,
            format!(
                "the request is too large: aalint follows patterns of up to {MAX_STATES} states"
            ),
            "ask for less at once",
        ),
        None => FaultyRequest::new(
            span,
            "nothing that is asked of a profile is described so",
            "ask for files, capabilities, mounts, sockets, signals and the like; resource limits and \
             `all` are not asked for",
        ),
    }
}

/// Whether a request is larger than any pattern that is followed; each character is a state.
fn is_too_large(text: &str, profile: &ProfileView<'_>) -> bool {
    match profile.env.expand(text) {
        Expanded::Text(text) => text.len() > MAX_STATES,
        Expanded::TooLarge | Expanded::TooDeep => true,
        Expanded::Undefined(_) | Expanded::Recursive(_) => false,
    }
}

/// What the rules for profiles say of a request.
fn linted(span: Span, text: &str, rules: &[Rule]) -> Vec<FaultyRequest> {
    let body = text.trim_end_matches(',').trim_end();
    let mut vfs = MemoryVfs::default();
    vfs.insert("request".to_owned(), format!("{REQUEST_PREFIX}{body}, }}"));
    let prefix = u32::try_from(REQUEST_PREFIX.len()).unwrap_or(0);
    let back = |label: Label| {
        let start = label.span.range.start.saturating_sub(prefix);
        let end = label.span.range.end.saturating_sub(prefix);
        Label {
            span: moved(TextRange::new(start, end), span),
            ..label
        }
    };
    check(&vfs, &only("request", &["AA1", "AA7"]), rules)
        .findings
        .into_iter()
        .filter(|finding| !NOT_FOR_REQUESTS.contains(&finding.rule))
        .map(|finding| FaultyRequest {
            message: finding.message,
            labels: finding.labels.into_iter().map(back).collect(),
            help: match finding.fix {
                Some(fix) if finding.help.is_empty() => vec![fix.title],
                _ => finding.help,
            },
        })
        .collect()
}

/// One file under a choice of rules.
fn only(path: &str, select: &[&str]) -> Options {
    Options {
        inputs: vec![Input {
            path: path.to_owned(),
            kind: InputKind::Policy,
        }],
        cli: CommandLine {
            select: select.iter().map(|name| (*name).to_owned()).collect(),
            ..CommandLine::default()
        },
        ..Options::default()
    }
}
