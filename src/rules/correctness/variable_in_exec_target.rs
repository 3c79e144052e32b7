//! `variable-in-exec-target`: the parser puts no variables into the target of an exec.

use crate::lint::{Check, Cx, Sink};
use crate::policy::{ProfileView, variable_uses};
use crate::source::{Span, TextRange};
use crate::syntax::ast::Body;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for fact in profile.own_facts(cx.summaries) {
        let Body::File(rule) = &fact.rule.body else {
            continue;
        };
        let Some(target) = rule.target.filter(|_| rule.perms.has_exec()) else {
            continue;
        };
        let span = target.0.in_file(fact.file);
        let written = cx.slice(span);
        let whole = TextRange::new(0, target.0.end - target.0.start);
        let Some((name, place)) = variable_uses(written, whole).next() else {
            continue;
        };
        let place = Span {
            range: target.0.part(place.start as usize, place.end as usize),
            ..span
        };
        let finding = sink
            .at(
                place,
                format!("apparmor_parser does not expand `@{{{name}}}` in the target of an exec"),
            )
            .note(format!(
                "the exec changes to a profile whose name is literally `{written}`"
            ))
            .help("write the name of the profile without a variable");
        sink.report(finding);
    }
}
