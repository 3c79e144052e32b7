//! `deprecated-path-name`: profiles named by a path.

use crate::diagnostic::Applicability;
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;
use crate::source::TextRange;
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
    let is_simple = short != "NAME" && short.chars().all(is_plain) && !is_named(profile, short, cx);
    let prefix = match profile.ast.form {
        ProfileForm::Path => format!("profile {short} "),
        _ => format!("{short} "),
    };
    let start = TextRange::at(profile.ast.name.0.start).in_file(profile.file);
    sink.report(match is_simple {
        true => {
            let title = format!("name the profile `{short}`");
            finding.replace(Applicability::Unsafe, title, start, prefix)
        }
        false => finding,
    });
}

const fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.')
}

/// Whether a profile has the short name already, or the file names this one by its path.
fn is_named(profile: &ProfileView<'_>, short: &str, cx: &Cx<'_>) -> bool {
    let mut profiles = cx.units.iter().flat_map(|unit| &unit.profiles);
    let text = &cx.store.sources.get(profile.file).text;
    let mut uses = ["peer=", "label=", "-> "].into_iter();
    profiles.any(|other| other.name == short)
        || uses.any(|before| text.contains(&format!("{before}{}", profile.name)))
}
