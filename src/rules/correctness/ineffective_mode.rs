//! `ineffective-mode`: rules that a mode makes pointless, and empty profiles.

use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::syntax::ast::{Body, Item, Word};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let source = cx.store.sources.get(profile.file);
    let flags = profile.flags(&source.text);
    let is_open = flags
        .iter()
        .any(|flag| matches!(*flag, "unconfined" | "default_allow"));
    if flags.contains(&"unconfined") {
        // User namespaces are mediated even there (Ubuntu's restriction of unprivileged ones).
        let pointless = profile
            .own_facts(cx.summaries)
            .find(|fact| match &fact.rule.body {
                Body::File(rule) => !is_own_program(profile, fact, rule.path, cx),
                Body::Capability(_) | Body::Network(_) | Body::Mount(_) => true,
                _ => false,
            });
        if let Some(fact) = pointless {
            let finding = sink
                .at(
                    profile.name_span(),
                    format!("the rules of `{}` are not enforced", profile.full_name),
                )
                .label(cx.span(fact), "has no effect under `unconfined`")
                .help("remove the flag to enforce the profile, or the rules if it is only a name");
            sink.report(finding);
        }
        return;
    }
    let is_empty = profile
        .ast
        .items
        .iter()
        .all(|item| matches!(item, Item::Abi(_)));
    // A hat or child may be a place to change into, without anything to do there.
    if is_empty && !is_open && profile.parent.is_none() {
        let finding = sink
            .at(
                profile.name_span(),
                format!("the profile `{}` is empty", profile.full_name),
            )
            .note("it refuses everything, so its program cannot even start")
            .help("begin with `include <abstractions/base>`");
        sink.report(finding);
    }
}

/// Whether a path is the program that the profile attaches to. Profiles that are no more than a name,
/// as AppArmor ships them since 4.1, have `@{exec_path} mr,`.
fn is_own_program(profile: &ProfileView<'_>, fact: &Fact<'_>, path: Word, cx: &Cx<'_>) -> bool {
    let path = cx.expand(profile, fact, path);
    path.is_some() && path == profile.attachment
}
