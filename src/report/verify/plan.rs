//! What a verification would do.

use std::io::{self, Write};

use super::super::{one_line, plural};
use crate::verify::probe::Attempts;
use crate::verify::{Ask, Gap, Plan, Settings, SubjectKind};

/// Writes what verify would do with a plan.
///
/// # Errors
/// If `out` fails.
pub fn plan(plan: &Plan, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let Settings {
        roots, may_replace, ..
    } = settings;
    let path = one_line(&plan.path);
    let apparmor = roots.apparmor.display();
    let names = plan
        .profiles
        .iter()
        .map(|profile| format!("`{}`", one_line(&profile.name)));
    let names = names.collect::<Vec<_>>().join(", ");
    let is_query = |ask: &&Ask| matches!(ask, Ask::Query(_));
    let asks = || {
        plan.questions
            .iter()
            .filter_map(|question| question.ask.as_ref())
    };
    let queries = asks().filter(is_query).count();
    let capabilities = asks().count() - queries;
    let others = asks()
        .filter(|ask| matches!(ask, Ask::Query(wire) if wire.has_owner))
        .count();
    let promises = plan
        .subjects
        .iter()
        .filter(|one| one.kind != SubjectKind::Rule)
        .count();
    let rules = plan.subjects.len() - promises;
    writeln!(out, "aalint verify would, as root:")?;
    writeln!(
        out,
        "  1. compile {path} with `{}` for the running kernel",
        roots.parser
    )?;
    writeln!(
        out,
        "  2. note in {} what must be undone",
        roots.journal.display()
    )?;
    let replace = if *may_replace {
        "; save what bears the same names, and put this in its place"
    } else {
        "; stop if other profiles of the same names are loaded"
    };
    writeln!(out, "  3. load {names} through {apparmor}/.load{replace}")?;
    writeln!(
        out,
        "  4. compare the kernel's copy with what was compiled, and read the modes"
    )?;
    writeln!(
        out,
        "  5. put {} to {apparmor}/.access, of files once as owner and once as somebody else ({} in all)",
        plural(queries, "query").replace("querys", "queries"),
        queries + others
    )?;
    let mut last = 6;
    if capabilities > 0 {
        last += 1;
        writeln!(
            out,
            "  6. enter each profile with a thread of its own, and look which of {} it keeps",
            plural(capabilities, "capability").replace("capabilitys", "capabilities")
        )?;
    }
    if settings.probes.is_some() {
        let count = Attempts::of(plan).tries.len();
        writeln!(
            out,
            "  {last}. make {}, each under the profile and beside it without, with decoys in a mount namespace of their own",
            plural(count, "probe"),
        )?;
        last += 1;
    }
    writeln!(out, "  {last}. take the policy out of the kernel again")?;
    writeln!(
        out,
        "to confirm {} and {}",
        plural(promises, "promise"),
        plural(rules, "rule")
    )?;
    for subject in &plan.subjects {
        if let Some(Gap::Class(class)) = &subject.gap {
            let text = one_line(&subject.text);
            writeln!(out, "not asked in tier A: `{text}` ({})", class.name())?;
        }
    }
    Ok(())
}
