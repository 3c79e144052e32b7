//! `missing-loader`: profiles under which no dynamically linked program starts.

use std::sync::LazyLock;

use crate::access::{Class, Effective, bits};
use crate::glob::{InputDomain, Nfa};
use crate::lang::permissions::READ;
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;
use crate::syntax::ast::Mode;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Every dynamic loader, ld.so(8), and C library where systems keep them: `ld-linux-x86-64.so.2`,
/// `ld-2.31.so`, `ld64.so.1`, `ld-musl-armhf.so.1`, `libc.so.6`, `libc-2.31.so`.
static LIBRARIES: LazyLock<Nfa> = LazyLock::new(|| Nfa::constant(ANY_LIBRARY));
const ANY_LIBRARY: &str = "/{{,usr/}{,local/}lib{,32,64,x32},nix/store,gnu/store,snap,system/lib{,64}}/{,**/}{ld{,64,-*},libc,libc-*}.so*";

/// The usual loaders: most profiles let one of them be read.
const LOADERS: &[&str] = &[
    "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
    "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
    "/usr/lib64/ld-linux-x86-64.so.2",
    "/lib64/ld-linux-x86-64.so.2",
    "/usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1",
    "/lib/ld-musl-x86_64.so.1",
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
        "the loader finds no library outside of the standard directories",
    ),
];

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let is_hat = profile.ast.form.is_hat();
    if is_hat || profile.ast.items.is_empty() || cx.is_open(profile) {
        return;
    }
    let effective = cx.effective(profile);
    // Of an image whose libraries are known `container-libraries` says which of them is refused.
    let views = cx.views_of(profile);
    if !views.is_empty() && views.iter().all(|view| view.knows_libraries()) {
        return;
    }
    denied(profile, &effective, cx, sink);
    // What is entered by change_profile has its libraries already.
    let is_started = profile.attachment.is_some() || cx.container(profile).is_some();
    if !is_started || !grants_files(&effective) || may_start(profile, &effective, cx) {
        return;
    }
    let finding = sink
        .at(
            profile.name_span(),
            format!(
                "`{}` allows neither the dynamic loader nor the C library to be read",
                profile.full_name
            ),
        )
        .claims(READ_BY_ALL.iter().take(2).filter_map(|(path, _)| cx.claim(profile, &format!("{path} r"))))
        .note("a dynamically linked program does not start without them; a static one needs neither")
        .help("add `/{usr/,}lib{,32,64}/** mr,` and `/etc/ld.so.cache r,`; `include <abstractions/base>` allows these and more");
    sink.report(finding);
}

fn grants_files(effective: &Effective) -> bool {
    let mut entries = effective.entries(Class::File);
    entries.any(|found| found.entry.effect == Mode::Allow)
}

/// Whether some loader or C library may be read, or is denied, which is told of the deny rule, or it
/// cannot be found out.
fn may_start(profile: &ProfileView<'_>, effective: &Effective, cx: &Cx<'_>) -> bool {
    let is_told = |path| is_read(effective, path) || deny(effective, path) != 0;
    if LOADERS.iter().copied().any(is_told) {
        return true;
    }
    if effective.may_allow_more(Class::File, profile, cx.summaries) {
        return true;
    }
    let found = effective.find(
        Class::File,
        &[&*LIBRARIES],
        InputDomain::Paths,
        |verdict, _| verdict.allow & bits::both(READ) != 0,
    );
    !matches!(found, Ok(None))
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
        let Some((_, fact)) = cause.and_then(|cause| cause.origin(profile, cx.summaries)) else {
            continue;
        };
        if seen.contains(&cx.span(fact)) {
            continue;
        }
        seen.push(cx.span(fact));
        let finding = sink
            .at(
                cx.span(fact),
                format!(
                    "`{}` denies `{path}`, which every dynamically linked program reads",
                    cx.brief(fact)
                ),
            )
            .claims(cx.claim(profile, &format!("{path} r")))
            .note(format!(
                "{outcome}; `include <abstractions/base>` does not help, because deny always wins"
            ))
            .help("narrow the rule so that it does not match the loader and the libraries");
        sink.report(finding);
    }
}
