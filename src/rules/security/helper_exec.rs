//! `helper-exec`: patterns that let helpers be executed.

use std::sync::LazyLock;

use crate::access::{Class, Effective, Exec, Targets};
use crate::lang::files::HELPERS;
use crate::lang::permissions::EXEC;
use crate::lint::{Check, Cx, Sink, listed};
use crate::policy::ProfileView;
use crate::syntax::ast::Body;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

static TARGETS: LazyLock<Targets> =
    LazyLock::new(|| Targets::new(HELPERS.iter().map(|file| (file.pattern, file.example))));

/// How many other helpers a finding names.
const MOST: usize = 4;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let effective = cx.effective(profile);
    let opened = effective.opened(profile, cx.digests, &TARGETS, EXEC, |entry, _| {
        !entry.program.is_exact
    });
    for rule in opened.iter().filter(|rule| !rule.is_named()) {
        let Some(((_, fact), file)) = rule.first(profile, cx.digests) else {
            continue;
        };
        // `allow-all` speaks of these.
        if matches!(fact.rule.body, Body::AllFiles | Body::All) {
            continue;
        }
        let (path, whither) = (file.text(), whither(&effective, &file.path));
        let does = HELPERS.get(file.number).map_or("", |known| known.reason);
        let mut finding = sink
            .at(
                cx.span(fact),
                format!("a pattern lets `{path}` be executed {whither}"),
            )
            .mark(format!("it {does}"));
        if rule.files.len() > 1 {
            finding = finding.note(format!("and {}", listed(&rule.others(), MOST)));
        }
        let finding = finding
            .note("such programs do what this one could not, and the pattern was hardly meant for them")
            .help("name the programs that are needed; give helpers a profile of their own (`Px`, `Cx`)");
        sink.report(finding);
    }
}

/// Where an exec leads.
fn whither(effective: &Effective, path: &[u8]) -> &'static str {
    let verdict = effective.decide(Class::File, path);
    match verdict.exec.iter().flatten().next() {
        Some(exec) if exec.mode.kind.may_be_unconfined() => "without confinement",
        Some(exec) if Exec::may_inherit(exec) => "under this profile",
        _ => "under another profile",
    }
}
