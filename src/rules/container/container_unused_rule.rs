//! `container-unused-rule`: a rule of a container's profile that matches no file of its image.

use std::sync::LazyLock;

use crate::access::Class;
use crate::containers::{ContainerView, ImageOrigin};
use crate::glob::Nfa;
use crate::images::{FileNodeKind, Lookup};
use crate::lang::permissions::{APPEND, LINK, WRITE};
use crate::lint::{Check, Cx, Sink, quoted_path};
use crate::policy::{Fact, ProfileView};
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// What no image holds, and every container has: kernel file systems, devices, scratch files, and the files that the runtime writes.
static OF_RUNTIME: LazyLock<Nfa> = LazyLock::new(|| Nfa::constant(ANY_OF_RUNTIME));
const ANY_OF_RUNTIME: &str = "/{{proc,sys,dev,run,tmp,var/run,var/tmp}{,/**},etc/{hosts,hostname,resolv.conf,mtab},.dockerenv}";

/// Most files of an image that are compared with the rules of a profile.
const MAX_COMPARED_FILES: usize = 20_000_000;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let views = cx.views_of(profile);
    let is_whole = |view: &&ContainerView| {
        matches!(
            view.image.origin,
            ImageOrigin::Files(_) | ImageOrigin::Engine(_)
        )
    };
    if views.is_empty() || !views.iter().all(is_whole) {
        return;
    }
    let mut left = MAX_COMPARED_FILES;
    let effective = cx.effective(profile);
    for own in effective.own_rules(profile) {
        let Some(fact) = own.fact(profile, cx.summaries) else {
            continue;
        };
        if !is_about_existing_files(fact) || cx.is_conditional(fact) {
            continue;
        }
        let files = own
            .entries
            .iter()
            .filter(|(class, found)| *class == Class::File && !found.entry.nfa.has_nul());
        let nfas: Vec<&Nfa> = files.map(|(_, found)| &*found.entry.nfa).collect();
        if nfas.is_empty()
            || nfas
                .iter()
                .any(|nfa| views.iter().any(|view| may_match(nfa, view, &mut left)))
        {
            continue;
        }
        let who = views
            .first()
            .map(|view| view.who.as_str())
            .unwrap_or_default();
        let finding = sink
            .at(
                cx.span(fact),
                format!("`{}` matches no file in the image of {who}", cx.brief(fact)),
            )
            .note("nor does it match a volume, or a file that the kernel or the runtime provides")
            .help("remove the rule, or correct its path");
        sink.report(finding);
    }
}

/// Whether a rule allows only what needs a file that is there.
fn is_about_existing_files(fact: &Fact<'_>) -> bool {
    match &fact.rule.body {
        Body::File(rule) => {
            fact.mode == Mode::Allow && rule.perms.bits & (WRITE | APPEND | LINK) == 0
        }
        _ => false,
    }
}

/// Whether a pattern matches something that the container has, or that is too much to find out. What leads through a link of the
/// image is `symlinked-path`'s.
fn may_match(nfa: &Nfa, view: &ContainerView, left: &mut usize) -> bool {
    let Some(tree) = view.image.trees.first() else {
        return true;
    };
    if nfa.intersects(&OF_RUNTIME) {
        return true;
    }
    let is_of_mount = |target: &String| {
        let below = Nfa::path(&format!(
            "{}{{,/,/**}}",
            quoted_path(target).trim_matches('"')
        ));
        below.is_ok_and(|below| nfa.intersects(&below))
    };
    if view.mounts.iter().any(|mount| is_of_mount(&mount.target)) {
        return true;
    }
    nfa.prefixes().iter().any(|prefix| {
        let prefix = prefix.strip_prefix(b"/").unwrap_or(prefix);
        let mut ends = prefix.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        let leads_through_link = ends.any(|end| {
            let directory = prefix.get(..end).unwrap_or_default();
            matches!(tree.lookup_itself(directory), Lookup::Found(_, node) if matches!(node.kind, FileNodeKind::Link(_)))
        });
        if leads_through_link {
            return true;
        }
        // A directory ends with a slash for rules alone.
        let beginning = prefix.strip_suffix(b"/").unwrap_or(prefix);
        tree.starting_with(beginning).any(|(path, node)| {
            *left = left.saturating_sub(1);
            let slash: &[u8] = if node.kind == FileNodeKind::Directory { b"/" } else { b"" };
            let full = [b"/", path, slash].concat();
            *left == 0 || nfa.matches(&full)
        })
    })
}
