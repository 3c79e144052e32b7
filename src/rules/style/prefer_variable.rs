//! `prefer-variable`: paths that begin with the value of a variable.

use crate::diagnostic::Applicability;
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;
use crate::source::TextRange;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Beginnings of paths and the variables of AppArmor's tunables that are used for them.
const VARIABLES: [(&str, &str); 5] = [
    ("/home/*/", "HOME"),
    ("/proc/", "PROC"),
    ("/sys/", "sys"),
    ("/run/", "run"),
    ("/var/run/", "run"),
];

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    if !cx.targets.contains_key(&profile.file) {
        return;
    }
    for fact in profile.own_facts(cx.summaries) {
        let crate::syntax::ast::Body::File(rule) = &fact.rule.body else {
            continue;
        };
        let path = cx.slice(rule.path.0.in_file(fact.file));
        let quote = u32::from(path.starts_with('"'));
        let path = path.trim_start_matches('"');
        let mut known = VARIABLES.iter();
        let Some((literal, name)) = known.find(|(literal, _)| path.starts_with(literal)) else {
            continue;
        };
        let Some((place, of)) = value(profile, name, literal) else {
            continue;
        };
        let start = rule.path.0.start.saturating_add(quote);
        let length = u32::try_from(literal.len()).unwrap_or(0);
        let span = TextRange::new(start, start.saturating_add(length)).in_file(fact.file);
        let (said, applicability) = match of {
            1 => ("the value", Applicability::Safe),
            _ => ("a value", Applicability::Unsafe),
        };
        let finding = sink
            .at(span, format!("`{literal}` is {said} of `@{{{name}}}`"))
            .label(place, "defined here")
            .note("a profile with the variable also fits a system that keeps these files elsewhere")
            .replace(
                applicability,
                format!("write `@{{{name}}}/`"),
                span,
                format!("@{{{name}}}/"),
            );
        sink.report(finding);
    }
}

/// Where the variable is defined and how many values it has, if one of them is `literal`.
fn value(
    profile: &ProfileView<'_>,
    name: &str,
    literal: &str,
) -> Option<(crate::source::Span, usize)> {
    let definition = profile.env.variable(name)?;
    let is_it = |value: &String| {
        let text = profile.env.expand(value).text().unwrap_or_default();
        let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty()).collect();
        text.starts_with('/') && format!("/{}/", parts.join("/")) == literal
    };
    let mut values = definition.values.iter();
    values
        .any(is_it)
        .then_some((definition.place, definition.values.len()))
}
