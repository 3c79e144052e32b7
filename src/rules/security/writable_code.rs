//! `writable-code`: code that an interpreter runs, and the program may write.

use std::sync::LazyLock;

use crate::access::{Class, Effective, Exec, Verdict, bits};
use crate::analysis::{ExposedFile, ExposingRule, FileList, is_part_of_broad_access};
use crate::containers::ContainerView;
use crate::diagnostic::Claim;
use crate::glob::Nfa;
use crate::lang::interpreters::{INTERPRETERS, Interpreter};
use crate::lang::permissions::{APPEND, EXEC, ExecKind, MMAP, READ, WRITE};
use crate::lint::{Check, Cx, Sink, listed};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// The code of each interpreter.
static FILES: LazyLock<Vec<FileList>> = LazyLock::new(|| {
    let code = INTERPRETERS.iter().map(|known| known.code);
    code.map(|code| FileList::new(code.iter().copied()))
        .collect()
});

/// How many other files a finding names.
const MAX_NAMED: usize = 2;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let effective = cx.effective(profile);
    // A rule that opens the code of several is told once.
    let mut told = Vec::new();
    for view in cx.views_of(profile) {
        let files = started(view);
        let exposing = effective.exposing_rules(
            profile,
            cx.summaries,
            &FileList::of_paths(files),
            WRITE | APPEND,
            |entry, path| !is_part_of_broad_access(entry, path),
        );
        for rule in exposing {
            if !told.contains(&rule.entry.rule()) {
                told.push(rule.entry.rule());
                report(&rule, &view.who, profile, cx, sink);
            }
        }
    }
    for (interpreter, files) in INTERPRETERS.iter().zip(&*FILES) {
        // Few profiles write where code lies, so that is asked first.
        let exposing = effective.exposing_rules(
            profile,
            cx.summaries,
            files,
            WRITE | APPEND,
            |entry, path| !is_part_of_broad_access(entry, path),
        );
        for mut rule in exposing {
            rule.files.retain(|file| is_read(file, &effective));
            let is_told = told.contains(&rule.entry.rule());
            if !is_told && !rule.files.is_empty() && runs(interpreter, profile, &effective, cx) {
                told.push(rule.entry.rule());
                report(&rule, interpreter.name, profile, cx, sink);
            }
        }
    }
}

/// The files of its image that a container runs when it starts, and whose mode does not keep it from writing them.
fn started(view: &ContainerView) -> Vec<&str> {
    let startup = view.startups.first();
    let accesses = startup.into_iter().flat_map(|startup| &startup.accesses);
    let written = accesses.filter(|access| view.could_write(access.owner));
    let paths = written.map(|access| access.path.as_str());
    paths.filter(|path| !path.ends_with('/')).collect()
}

/// Whether the profile also reads the file: the code that it runs.
fn is_read(file: &ExposedFile, effective: &Effective) -> bool {
    effective.decide(Class::File, &file.path).allow & bits::both(READ) != 0
}

/// Whether the interpreter runs under this profile: the profile attaches to it, maps it, or executes it without leaving.
fn runs(
    interpreter: &Interpreter,
    profile: &ProfileView<'_>,
    effective: &Effective,
    cx: &Cx<'_>,
) -> bool {
    let attachment = profile.attachment.as_deref();
    let attachment = attachment.and_then(|path| Nfa::path(path).ok());
    interpreter.programs.iter().any(|path| {
        let path = path.as_bytes();
        attachment.as_ref().is_some_and(|known| known.matches(path))
            || is_run(&effective.decide(Class::File, path), |exec| {
                leaves(exec, path, profile, cx)
            })
    })
}

/// Whether a verdict lets a file be mapped as code, or executed under the profile itself. Who executes it under another one
/// does not run it here, even if the rule allows to map it.
fn is_run(verdict: &Verdict, leaves: impl Fn(&Exec) -> bool) -> bool {
    let halves = [bits::HALF, bits::HALF << bits::OTHER];
    let mut halves = halves.into_iter().zip(&verdict.exec);
    halves.any(|(half, exec)| {
        let is_executed = verdict.allow & half & bits::both(EXEC) != 0;
        match exec.as_ref().filter(|_| is_executed) {
            Some(exec) => !leaves(exec),
            None => verdict.allow & half & bits::both(MMAP) != 0,
        }
    })
}

/// Whether an exec of `path` certainly ends in another profile, or in none.
fn leaves(exec: &Exec, path: &[u8], profile: &ProfileView<'_>, cx: &Cx<'_>) -> bool {
    if !exec.may_inherit() {
        return true;
    }
    let unit = cx.units.iter().find(|unit| unit.file == profile.id.unit);
    let mut profiles = unit.into_iter().flat_map(|unit| &unit.profiles);
    match exec.target.as_deref() {
        // With a name a child is as any other profile.
        Some(target) => profiles.any(|other| other.full_name == target),
        None if exec.mode.kind != ExecKind::ChildOrInherit => false,
        None => profiles.any(|other| {
            let is_child = other.parent.is_some_and(|parent| {
                u32::try_from(parent).is_ok_and(|parent| parent == profile.id.number)
            });
            let path_of = other.attachment.as_deref().filter(|_| is_child);
            let attachment = path_of.and_then(|path| Nfa::path(path).ok());
            attachment.is_some_and(|attachment| attachment.matches(path))
        }),
    }
}

fn report(
    rule: &ExposingRule<'_>,
    runner: &str,
    profile: &ProfileView<'_>,
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let effective = cx.effective(profile);
    let Some(((_, fact), file)) = rule.first(profile, cx.summaries) else {
        return;
    };
    let path = file.text();
    let of_file = |file: &ExposedFile| {
        let bits = file.bits | effective.decide(Class::File, &file.path).allow & bits::both(READ);
        cx.claims_of(profile, Class::File, &file.path, bits)
    };
    let claims: Vec<Claim> = rule.files.iter().flat_map(of_file).collect();
    let mut finding = sink
        .at(
            cx.span(fact),
            format!("the program can overwrite code that {runner} runs, for example `{path}`"),
        )
        .claims(claims);
    if rule.files.len() > 1 {
        finding = finding.note(format!(
            "it can also overwrite {}",
            listed(&rule.others(), MAX_NAMED)
        ));
    }
    let finding = finding
        .note("an attacker who compromises the program once stays in control after a restart")
        .help("allow `r` for the code, and `rw` only for a directory that holds data");
    sink.report(finding);
}
