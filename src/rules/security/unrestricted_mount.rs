//! `unrestricted-mount`: mount rules without source and mount point.

use crate::access::{Class, EntryRef, Request};
use crate::diagnostic::Claim;
use crate::lint::{Check, Cx, EveryFile, Sink};
use crate::policy::{ProfileView, RuleId};
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Mounts that put something in the place of a file that matters.
const MOUNTS: [&str; 3] = [
    "mount options=(bind) /home/user/passwd -> /etc/passwd",
    "mount options=(move) /home/user/etc/ -> /etc/",
    "mount fstype=tmpfs tmpfs -> /etc/",
];

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let every_file = EveryFile::new(profile, cx);
    // A rule has several entries.
    let mut told: Vec<RuleId> = Vec::new();
    for entry in cx.effective(profile).own_entries(profile, Class::Mount) {
        let origin = entry.origin(profile, cx.summaries);
        let Some((_, fact)) = origin.filter(|(_, fact)| fact.mode == Mode::Allow) else {
            continue;
        };
        let Body::Mount(rule) = &fact.rule.body else {
            continue;
        };
        let has_fstype = rule
            .conditions
            .iter()
            .any(|c| cx.slice(c.name.in_file(fact.file)).ends_with("fstype"));
        if told.contains(&entry.rule())
            || rule.source.is_some()
            || rule.target.is_some()
            || has_fstype
        {
            continue;
        }
        // Rules that change propagation or the flags of what is mounted put nothing anywhere.
        let mut mounts = MOUNTS.iter();
        let Some(claim) = mounts.find_map(|request| by_entry(request, entry, profile, cx)) else {
            continue;
        };
        told.push(entry.rule());
        let finding = sink
            .at(
                cx.span(fact),
                format!("this rule allows mounts anywhere, for example `{}`", claim.request),
            )
            .claims([claim])
            .note("such a mount replaces a file that other rules and other programs trust")
            .help("name the mount point and what is mounted: `mount fstype=tmpfs tmpfs -> /run/app/,`");
        sink.report(every_file.include(finding, fact));
    }
}

/// The claim that a mount is allowed, if it is, and the entry is one that allows it.
fn by_entry(
    request: &str,
    entry: EntryRef<'_>,
    profile: &ProfileView<'_>,
    cx: &Cx<'_>,
) -> Option<Claim> {
    let asked = Request::read(request, &profile.env, &profile.name).ok()?;
    let mut wants = asked.wants.iter();
    let is_its = wants.any(|want| {
        want.class == Class::Mount
            && entry.entry.mask & want.mask != 0
            && entry.entry.nfa.intersects(&want.nfa)
    });
    cx.allowed(profile, request).filter(|_| is_its)
}
