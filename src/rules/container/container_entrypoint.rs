//! `container-entrypoint`: what a container reads or executes first, and its profile refuses.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use crate::access::{Class, bits};
use crate::containers::ContainerView;
use crate::diagnostic::{Claim, Severity};
use crate::glob::{InputDomain, Nfa};
use crate::images::{FileAccess, Purpose};
use crate::lang::permissions::{EXEC, READ};
use crate::lint::{Check, Cx, RefusedAccess, Sink};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::WholeProfile(check);

/// Where images keep what they are made for, and the programs of their system: not its libraries, configuration and devices.
static OWN_FILES: LazyLock<Nfa> = LazyLock::new(|| Nfa::constant(ANY_OWN_FILE));
const ANY_OWN_FILE: &str = "/{*,{app,srv,opt,home,root,data,code,workspace,workdir,go,bin,sbin,usr/src,usr/app,usr/bin,usr/sbin,usr/local,var/www,var/lib}/**}";

/// What `abstractions/base` allows there, which no image brings: encrypted home directories, and the libraries of uClibc.
static OF_BASE: LazyLock<Nfa> = LazyLock::new(|| Nfa::constant(ANY_OF_BASE));
const ANY_OF_BASE: &str =
    "/{opt/*-linux-uclibc/**,{home/*,root}/.Private/{,**},home/.ecryptfs/{,**}}";

/// What an image may run first, if nothing better is known.
const SAMPLES: [&str; 2] = ["/entrypoint.sh r", "/bin/sh x"];

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let views = cx.views_of(profile);
    for view in &views {
        let refused = cx.refused_at_start(profile, view, is_entrypoint);
        let Some(first) = refused.first() else {
            continue;
        };
        let finding = sink
            .at(profile.name_span(), message(view, first))
            .note("the runtime starts the first program unconfined; what that program opens and executes is checked");
        sink.report(cx.refused_start(profile, &refused, finding));
    }
    if let Some(view) = views.iter().find(|view| !view.is_known()) {
        without_files(profile, view, cx, sink);
    }
}

fn is_entrypoint(access: &FileAccess) -> bool {
    matches!(access.purpose, Purpose::Script | Purpose::Program)
}

fn message(view: &ContainerView, refused: &RefusedAccess<'_>) -> String {
    let FileAccess { path, program, .. } = refused.access;
    let what = match refused.access.purpose {
        Purpose::Program => format!("`{program}` executes `{path}`"),
        _ => format!("`{program}` reads the script `{path}`"),
    };
    format!(
        "{} cannot start: {what}, and {}",
        view.who,
        refused.reason()
    )
}

/// A container of whose image nothing is known, under a profile that allows it neither to execute anything nor to read a file where images
/// have their own. A static program that needs no file would start.
fn without_files(
    profile: &ProfileView<'_>,
    view: &ContainerView,
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let effective = cx.effective(profile);
    if cx.is_open(profile) || effective.is_uncertain() {
        return;
    }
    let wanted = bits::both(READ | EXEC);
    let mut is_any_allowed = false;
    let visited = effective.visit_outside(
        Class::File,
        &[&*OWN_FILES],
        &[&*OF_BASE],
        InputDomain::Paths,
        |verdict, _, _| {
            is_any_allowed |= verdict.allow & wanted != 0;
            match is_any_allowed {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        },
    );
    if visited.is_err() || is_any_allowed {
        return;
    }
    let command = view
        .process
        .as_ref()
        .and_then(|process| process.arguments.first());
    let command = command.filter(|command| command.starts_with('/'));
    let asked = command.map(|command| format!("{command} r")).into_iter();
    let asked = asked.chain(SAMPLES.map(str::to_owned));
    let claims: Vec<Claim> = asked
        .filter_map(|request| cx.claim(profile, &request))
        .collect();
    let own = command.map_or("its own files".to_owned(), |command| format!("`{command}`"));
    let mut finding = sink
        .at(
            profile.name_span(),
            format!(
                "{} can read no file of a program and execute nothing under `{}`",
                view.who, profile.full_name
            ),
        )
        .severity(Severity::Warning)
        .claims(claims)
        .note(format!(
            "no rule allows reading or executing files such as {own} or those in `/app` and `/usr/bin`; only a static program that needs no file works"
        ))
        .help("allow what the image needs: its own files with `r`, and each program that it starts with `ix`");
    if cx.only_records(profile) {
        finding = finding.severity(Severity::Info);
    }
    sink.report(finding);
}
