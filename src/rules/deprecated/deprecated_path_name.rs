//! `deprecated-path-name`: profiles named by a path.

use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;
use crate::syntax::ast::ProfileForm;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let is_path = profile.ast.form == ProfileForm::Path || profile.ast.form == ProfileForm::Keyword;
    let written = cx.slice(profile.name_span());
    if !is_path
        || !profile.name.starts_with('/')
        || profile.ast.attachment.is_some()
        || profile.parent.is_some()
    {
        return;
    }
    let last = profile.name.rsplit('/').next().unwrap_or_default();
    let short = if last.is_empty() || last.contains(['*', '{', '[', '?']) {
        "NAME"
    } else {
        last
    };
    let finding = sink
        .at(
            profile.name_span(),
            format!("the profile is named by the path `{written}`"),
        )
        .note("audit messages, `peer=` and container runtimes use that whole path as the name")
        .help(format!("write `profile {short} {written} {{`"));
    sink.report(finding);
}
