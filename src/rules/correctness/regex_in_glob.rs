//! `regex-in-glob`: patterns written like regular expressions.

use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;
use crate::syntax::ast::Body;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for fact in profile.own_facts(cx.summaries) {
        let Body::File(rule) = &fact.rule.body else {
            continue;
        };
        let span = rule.path.0.in_file(fact.file);
        let written = cx.slice(span);
        let Some((start, length, instead)) = find(written) else {
            continue;
        };
        let part = written.get(start..start + length).unwrap_or_default();
        let place = rule.path.0.part(start, start + length).in_file(fact.file);
        let finding = sink
            .at(
                place,
                format!("`{part}` is a regular expression, and `{written}` is a glob"),
            )
            .mark("stands for itself here")
            .note("the rule matches nothing that is meant")
            .help(instead);
        sink.report(finding);
    }
}

/// Where a regular expression shows: start, length in bytes, and what to write instead.
fn find(pattern: &str) -> Option<(usize, usize, &'static str)> {
    if let Some(at) = pattern.find("]+") {
        let is_end = pattern
            .get(at + 2..)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.', '-', '"', '{']));
        if is_end && !pattern.contains('@') {
            return Some((
                at + 1,
                1,
                "globs cannot repeat a class: write `[0-9]*` for a digit and anything behind it, or `{[0-9],[0-9][0-9]}`",
            ));
        }
    }
    if let Some(open) = pattern.find('(') {
        let rest = pattern.get(open..).unwrap_or_default();
        if let Some(close) = rest.find(')') {
            let inside = rest.get(1..close).unwrap_or_default();
            if inside.contains('|') {
                return Some((open, close + 1, "write the alternatives in braces: `{a,b}`"));
            }
        }
    }
    for escape in ["\\w", "\\s", "\\d", "\\S", "\\W", "\\D"] {
        if let Some(at) = pattern.find(escape) {
            let is_decimal = escape == "\\d"
                && pattern
                    .get(at + 2..)
                    .is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()));
            let is_escaped = pattern
                .get(..at)
                .is_some_and(|before| before.ends_with('\\'));
            if !is_decimal && !is_escaped {
                return Some((
                    at,
                    2,
                    "write the characters as a class: `[0-9]`, `[a-zA-Z0-9_]`",
                ));
            }
        }
    }
    let body = pattern.trim_end_matches('"');
    if body.ends_with('$') && body.len() > 1 {
        return Some((
            body.len() - 1,
            1,
            "a glob always matches the whole path: remove it",
        ));
    }
    None
}
