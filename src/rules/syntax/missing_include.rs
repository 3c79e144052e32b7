//! `missing-include`: includes that lead nowhere.

use crate::lint::{Check, Cx, FileRole, FileView, Sink};
use crate::policy::{IncludeTarget, ProblemKind, includes};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for problem in file.unit.iter().flat_map(|unit| &unit.problems) {
        let written = cx.slice(problem.span);
        let mut finding = match &problem.kind {
            ProblemKind::MissingInclude => sink
                .at(problem.span, format!("there is no file `{written}`"))
                .help("check the spelling and the base directory (--base, -I), or write `include if exists`"),
            ProblemKind::UnreadableInclude(why) => sink
                .at(problem.span, format!("`{written}` cannot be read: {why}"))
                .help("the parser will fail in the same way"),
            ProblemKind::EndlessInclude => sink
                .at(problem.span, format!("`{written}` is included from within a profile that it defines"))
                .note("each copy of the profile includes the next one, without end")
                .help("include it outside of the profile, or move the rules that both need into a file of their own"),
            ProblemKind::TooManyProfiles => sink
                .at(problem.span, "includes multiply the profiles of this file to more than 10000")
                .note("child profiles that include files with child profiles multiply")
                .help("include the files once, in the outer profile"),
            _ => continue,
        };
        finding.via.clone_from(&problem.via);
        sink.report(finding);
    }
    // A file that is only included is not loaded by itself; its includes still lead somewhere.
    let is_target = cx.targets.contains_key(&file.id);
    if file.unit.is_none() && is_target && file.role != FileRole::Profiles {
        let Some(loaded) = cx.store.file(file.id) else {
            return;
        };
        for (include, target) in includes(&file.file.ast.items)
            .into_iter()
            .zip(&loaded.includes)
        {
            if *target == IncludeTarget::Missing && !include.if_exists {
                let written = file.slice(include.written);
                let finding = sink
                    .at(file.span(include.written), format!("there is no file `{written}`"))
                    .help("check the spelling and the base directory (--base, -I), or write `include if exists`");
                sink.report(finding);
            }
        }
    }
}
