//! `attach-disconnected-path`: `attach_disconnected` without a directory for what is disconnected.

use crate::lint::{Check, Cx, Sink, has_flag};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(written) = &profile.ast.flags else {
        return;
    };
    let source = cx.store.sources.get(profile.file);
    let flags = profile.flags(&source.text);
    let is_placed = flags
        .iter()
        .any(|flag| flag.starts_with("attach_disconnected.path"));
    // Container runtimes give paths to processes before they are connected.
    if is_placed || !has_flag(&flags, "attach_disconnected") || cx.may_be_for_container(profile) {
        return;
    }
    let mut words = written.values.iter();
    let flag = words.find(|word| source.slice(word.0) == "attach_disconnected");
    let Some(flag) = flag else { return };
    let finding = sink
        .at(
            flag.0.in_file(profile.file),
            "`attach_disconnected` puts disconnected paths below `/`, among the others",
        )
        .note("a rule for `/x` then also matches the file `x` of a mount that the process does not see")
        .help("with AppArmor 4.0 or newer, give them a directory of their own (`attach_disconnected.path=/att/NAME/`), and write rules for what the program needs there");
    sink.report(finding);
}
