//! `profile-name-mismatch`: file and profile with different names.

use crate::lint::{Check, Cx, FileView, Sink};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(unit) = file.unit else { return };
    let own: Vec<&ProfileView<'_>> = unit
        .profiles
        .iter()
        .filter(|p| p.parent.is_none() && p.file == file.id)
        .collect();
    let [profile] = own.as_slice() else { return };
    // Policy in a manifest has no file of its own.
    if file.source.part.is_some() {
        return;
    }
    let file_name = file.source.path.rsplit('/').next().unwrap_or_default();
    let dotted = |path: &str| path.trim_start_matches('/').replace('/', ".");
    let is_dotted = file_name.contains('.') && !file_name.starts_with('<');
    let fits = profile.name == file_name
        || dotted(&profile.name) == file_name
        || profile
            .attachment
            .as_deref()
            .is_some_and(|path| dotted(path) == file_name)
        || (is_dotted && file_name.rsplit('.').next() == Some(profile.name.as_str()))
        || profile.name.starts_with(':');
    if !fits && !file_name.starts_with('<') {
        let finding = sink
            .at(
                profile.name_span(),
                format!(
                    "the file `{file_name}` defines the profile `{}`",
                    profile.name
                ),
            )
            .note("people look for a profile in the file of its name")
            .help(format!("call the file `{}`", dotted(&profile.name)));
        sink.report(finding);
    }
}
