//! `missing-loader`: profiles under which no dynamically linked program starts.

use crate::access::{Class, Effective, bits};
use crate::lang::permissions::READ;
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;
use crate::syntax::ast::Mode;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Loaders and C libraries, ld.so(8), by architecture and distribution.
const LOADERS: &[&str] = &[
    "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
    "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
    "/usr/lib64/ld-linux-x86-64.so.2",
    "/lib64/ld-linux-x86-64.so.2",
    "/usr/lib/ld-linux-x86-64.so.2",
    "/lib/x86_64-linux-gnu/ld-2.31.so",
    "/lib64/ld-2.31.so",
    "/usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1",
    "/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1",
    "/lib/ld-linux-aarch64.so.1",
    "/usr/lib/ld-linux-aarch64.so.1",
    "/lib/ld-musl-x86_64.so.1",
    "/usr/lib/ld-musl-x86_64.so.1",
    "/lib/ld-musl-aarch64.so.1",
    "/lib/i386-linux-gnu/ld-linux.so.2",
    "/usr/lib/i386-linux-gnu/ld-linux.so.2",
    "/lib/ld-linux.so.2",
    "/lib/arm-linux-gnueabihf/ld-linux-armhf.so.3",
];

/// What every dynamically linked program reads, with what becomes of it if it may not.
const READ_BY_ALL: &[(&str, &str)] = &[
    (
        "/usr/lib/x86_64-linux-gnu/libc.so.6",
        "the program does not start",
    ),
    (
        "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
        "the program does not start",
    ),
    (
        "/etc/ld.so.cache",
        "libraries outside of the standard directories are not found",
    ),
];

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let is_hat = profile.ast.form.is_hat();
    if is_hat || profile.ast.items.is_empty() || cx.is_open(profile) {
        return;
    }
    let effective = cx.effective(profile);
    denied(profile, &effective, cx, sink);
    if effective.is_uncertain() || LOADERS.iter().any(|path| is_read(&effective, path)) {
        return;
    }
    let grants_files = effective
        .entries(Class::File)
        .any(|found| found.entry.effect == Mode::Allow);
    let is_denied = LOADERS.iter().any(|path| deny(&effective, path) != 0);
    if !grants_files || is_denied {
        return;
    }
    let finding = sink
        .at(
            profile.name_span(),
            format!("the profile `{}` lets no program read the dynamic loader", profile.full_name),
        )
        .note("a dynamically linked program does not start without it and the C library; a static one needs neither")
        .help("add `include <abstractions/base>`");
    sink.report(finding);
}

fn is_read(effective: &Effective, path: &str) -> bool {
    effective.decide(Class::File, path.as_bytes()).allow & bits::both(READ) != 0
}

fn deny(effective: &Effective, path: &str) -> u32 {
    effective.decide(Class::File, path.as_bytes()).deny & bits::both(READ)
}

/// Deny rules of the profile itself that hit what every program reads.
fn denied(profile: &ProfileView<'_>, effective: &Effective, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut own = effective
        .denies(Class::File)
        .filter(|deny| profile.is_own(deny.segment));
    if own.next().is_none() {
        return;
    }
    let mut seen = Vec::new();
    for (path, outcome) in READ_BY_ALL {
        if deny(effective, path) == 0 {
            continue;
        }
        let matching = effective.matching(Class::File, path.as_bytes());
        let cause = matching.iter().find(|found| {
            found.entry.effect == Mode::Deny
                && found.entry.mask & bits::both(READ) != 0
                && profile.is_own(found.segment)
        });
        let Some((_, fact)) = cause.and_then(|cause| cause.origin(profile, cx.digests)) else {
            continue;
        };
        if seen.contains(&cx.span(fact)) {
            continue;
        }
        seen.push(cx.span(fact));
        let finding = sink
            .at(
                cx.span(fact),
                format!("this rule denies `{path}`, which every dynamically linked program reads"),
            )
            .note(format!(
                "{outcome}; deny always wins, so `abstractions/base` does not help"
            ))
            .help("leave out the files of the dynamic loader, or deny only what is secret");
        sink.report(finding);
    }
}
