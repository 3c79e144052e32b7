//! `container-flags`: the flags that profiles for containers need.

use crate::diagnostic::Applicability;
use crate::lint::{CONTAINER_FLAGS, Check, Cx, Sink, has_flag, listed};
use crate::policy::ProfileView;
use crate::source::TextRange;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    if !cx.is_for_container(profile) {
        return;
    }
    let source = cx.store.sources.get(profile.file);
    let flags = profile.flags(&source.text);
    let missing: Vec<String> = CONTAINER_FLAGS
        .into_iter()
        .filter(|wanted| !has_flag(&flags, wanted))
        .map(str::to_owned)
        .collect();
    if missing.is_empty() || flags.contains(&"delegate_deleted") || flags.contains(&"unconfined") {
        return;
    }
    let place = profile
        .ast
        .flags
        .as_ref()
        .map_or(profile.ast.name.0, |flags| flags.range)
        .in_file(profile.file);
    let plural = if missing.len() == 1 { "" } else { "s" };
    let finding = sink
        .at(
            place,
            format!(
                "`{}` is the profile of a container and lacks the flag{plural} {}",
                profile.full_name,
                listed(&missing, missing.len())
            ),
        )
        .note(
            "the kernel then refuses files that have no path in the container, such as deleted files that are still \
             open, whatever the rules allow",
        )
        .help(format!("write `{}`", cx.container_header(profile)));
    sink.report(match addition(profile, &missing) {
        Some((at, text)) => finding.replace(
            Applicability::Unsafe,
            "write the flags",
            TextRange::at(at).in_file(profile.file),
            text,
        ),
        None => finding,
    });
}

/// Where flags can be added to the header, and the text that adds them.
fn addition(profile: &ProfileView<'_>, missing: &[String]) -> Option<(u32, String)> {
    let header = profile.ast;
    let flags = missing.join(", ");
    match &header.flags {
        Some(written) => {
            let last = written.values.last()?;
            Some((last.0.end, format!(", {flags}")))
        }
        None if header.xattrs.is_some() => None,
        None => {
            let last = header.attachment.unwrap_or(header.name);
            Some((last.0.end, format!(" flags=({flags})")))
        }
    }
}
