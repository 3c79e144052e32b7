//! `writable-code`: code that an interpreter runs, and the program may write.

use std::sync::LazyLock;

use crate::access::{Class, Effective, bits};
use crate::analysis::{ExposedFile, ExposingRule, FileList, is_part_of_broad_access};
use crate::glob::Nfa;
use crate::lang::interpreters::{INTERPRETERS, Interpreter};
use crate::lang::permissions::{APPEND, EXEC, MMAP, READ, WRITE};
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
            if !is_told && !rule.files.is_empty() && runs(interpreter, profile, &effective) {
                told.push(rule.entry.rule());
                report(&rule, interpreter, profile, cx, sink);
            }
        }
    }
}

/// Whether the profile also reads the file: the code that it runs.
fn is_read(file: &ExposedFile, effective: &Effective) -> bool {
    effective.decide(Class::File, &file.path).allow & bits::both(READ) != 0
}

/// Whether the profile is for the interpreter, or may run or map it.
fn runs(interpreter: &Interpreter, profile: &ProfileView<'_>, effective: &Effective) -> bool {
    let attachment = profile.attachment.as_deref();
    let attachment = attachment.and_then(|path| Nfa::path(path).ok());
    interpreter.programs.iter().any(|path| {
        let path = path.as_bytes();
        attachment.as_ref().is_some_and(|known| known.matches(path))
            || effective.decide(Class::File, path).allow & bits::both(EXEC | MMAP) != 0
    })
}

fn report(
    rule: &ExposingRule<'_>,
    interpreter: &Interpreter,
    profile: &ProfileView<'_>,
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let Some(((_, fact), file)) = rule.first(profile, cx.summaries) else {
        return;
    };
    let (path, name) = (file.text(), interpreter.name);
    let mut finding = sink
        .at(
            cx.span(fact),
            format!("code for {name} can be written, for example `{path}`"),
        )
        .mark("writes what the interpreter reads");
    if rule.files.len() > 1 {
        finding = finding.note(format!("so can {}", listed(&rule.others(), MAX_NAMED)));
    }
    let finding = finding
        .note("an attacker who compromises the program once stays in control after a restart")
        .help("grant `r` for the code, and `rw` for a directory of its own that holds data alone");
    sink.report(finding);
}
