//! What a verification would do.

use std::io::{self, Write};

use super::super::{one_line, plural};
use super::words::linked_from;
use crate::verify::container::{Image, Spec};
use crate::verify::probe::ProbePlan;
use crate::verify::{Ask, Gap, Plan, Settings, Subject, SubjectKind};

/// Writes what verify would do with a plan.
///
/// # Errors
/// If `out` fails.
pub fn plan(plan: &Plan, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let mut last = 0;
    let mut next = || {
        last += 1;
        last
    };
    match &settings.configuration {
        Some(path) => writeln!(
            out,
            "aalint verify would, as root and as {} says:",
            one_line(path)
        )?,
        None => writeln!(out, "aalint verify would, as root:")?,
    }
    load(plan, settings, &mut next, out)?;
    if settings.tiers.policy {
        ask(plan, settings, &mut next, out)?;
    }
    if settings.tiers.probes {
        let count = ProbePlan::of(plan).specs.len();
        writeln!(
            out,
            "  {}. make {}, each under the profile and beside it without, with decoys in a mount namespace of their own",
            next(),
            plural(count, "probe"),
        )?;
    }
    if let Some(spec) = &settings.container {
        container(spec, &mut next, out)?;
    }
    writeln!(out, "  {}. take the policy out of the kernel again", next())?;
    beyond(settings, out)?;
    if settings.tiers.policy {
        confirmed(plan, out)
    } else {
        Ok(())
    }
}

/// The steps that bring the policy into the kernel.
fn load(
    plan: &Plan,
    settings: &Settings,
    next: &mut impl FnMut() -> u32,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paths = &settings.paths;
    let names = plan
        .profiles
        .iter()
        .map(|profile| format!("`{}`", one_line(&profile.name)));
    let names = names.collect::<Vec<_>>().join(", ");
    writeln!(
        out,
        "  {}. compile {} with `{}` for the running kernel",
        next(),
        one_line(&plan.path),
        paths.parser
    )?;
    writeln!(
        out,
        "  {}. note in {} what must be undone",
        next(),
        paths.journal.display()
    )?;
    let replace = if settings.may_replace {
        "; save what bears the same names, and put this in its place"
    } else {
        "; stop if other profiles of the same names are loaded"
    };
    let apparmor = paths.apparmor.display();
    writeln!(
        out,
        "  {}. load {names} through {apparmor}/.load{replace}",
        next()
    )?;
    writeln!(
        out,
        "  {}. compare the kernel's copy with what was compiled, and read the modes",
        next()
    )
}

/// The steps of tier A.
fn ask(
    plan: &Plan,
    settings: &Settings,
    next: &mut impl FnMut() -> u32,
    out: &mut dyn Write,
) -> io::Result<()> {
    let asks = || {
        plan.questions
            .iter()
            .filter_map(|question| question.ask.as_ref())
    };
    let is_query = |ask: &&Ask| matches!(ask, Ask::Query(_));
    let queries = asks().filter(is_query).count();
    let capabilities = asks().count() - queries;
    let others = asks()
        .filter(|ask| matches!(ask, Ask::Query(wire) if wire.has_owner))
        .count();
    writeln!(
        out,
        "  {}. put {} to {}/.access, of files once as owner and once as somebody else ({} in all)",
        next(),
        plural(queries, "query").replace("querys", "queries"),
        settings.paths.apparmor.display(),
        queries + others
    )?;
    if capabilities > 0 {
        writeln!(
            out,
            "  {}. enter each profile with a thread of its own, and look which of {} it keeps",
            next(),
            plural(capabilities, "capability").replace("capabilitys", "capabilities")
        )?;
    }
    Ok(())
}

/// What the questions would confirm, and what they cannot.
fn confirmed(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let count = |is_it: &dyn Fn(&SubjectKind) -> bool| {
        plan.subjects.iter().filter(|one| is_it(&one.kind)).count()
    };
    let rules = count(&|kind| *kind == SubjectKind::Rule);
    let of_lint = count(&|kind| matches!(kind, SubjectKind::Lint(_)));
    let promises = plan.subjects.len() - rules - of_lint;
    writeln!(
        out,
        "to confirm {}, {}, and {}",
        plural(promises, "promise"),
        plural(rules, "rule"),
        plural(of_lint, "implied intent")
    )?;
    for subject in &plan.subjects {
        if let Some(Gap::Class(class)) = &subject.gap {
            let text = one_line(&subject.text);
            writeln!(out, "not asked in tier A: `{text}` ({})", class.name())?;
        }
    }
    links(plan, out)
}

/// Where a link leads from what a subject is about: where that breaks it, the last such place, which is a file that is there.
fn link(plan: &Plan, subject: &Subject) -> Option<String> {
    let text = one_line(&subject.text);
    let mut kept = None;
    for asked in subject.witnesses.iter().rev() {
        let question = plan.questions.get(asked.question);
        let (Some(from), Some(question)) = (linked_from(plan, asked), question) else {
            continue;
        };
        let real = one_line(&String::from_utf8_lossy(&question.text));
        let fails = match subject.is_deny {
            true => question.allow & asked.alone != 0,
            false => !question.allow & asked.mask != 0,
        };
        if fails {
            return Some(format!(
                "`{text}` would fail: symbolic links lead from `{from}` to `{real}`, of which the profile decides otherwise"
            ));
        }
        kept = Some(format!(
            "`{text}` is asked about `{real}` as well: symbolic links lead there from `{from}`"
        ));
    }
    kept
}

/// Where links of the image lead that is known before anything runs, and what would come of it.
fn links(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let Some(container) = &plan.image_of else {
        return Ok(());
    };
    let links: Vec<String> = plan
        .subjects
        .iter()
        .filter_map(|subject| link(plan, subject))
        .collect();
    if !links.is_empty() {
        writeln!(out, "in the image of {}:", one_line(container))?;
    }
    for link in links {
        writeln!(out, "  {link}")?;
    }
    Ok(())
}

/// What reaches beyond the confinement of the profile, and whether it needs trust.
fn beyond(settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    if settings.reach.is_empty() {
        return Ok(());
    }
    writeln!(out, "this reaches beyond the confinement of the profile:")?;
    for reach in &settings.reach {
        writeln!(out, "  {}: {}", reach.key, one_line(&reach.what))?;
    }
    match &settings.stranger {
        Some(stranger) => writeln!(out, "so it needs `--trust`: {stranger}"),
        None => Ok(()),
    }
}

/// The steps of tier C.
fn container(spec: &Spec, next: &mut impl FnMut() -> u32, out: &mut dyn Write) -> io::Result<()> {
    let endpoint = one_line(&spec.endpoint);
    match &spec.image {
        Image::Named(name) => writeln!(
            out,
            "  {}. take the image `{}` of the engine at {endpoint}",
            next(),
            one_line(name)
        )?,
        Image::Build(path) => writeln!(
            out,
            "  {}. build an image from {} with the engine at {endpoint}",
            next(),
            one_line(path)
        )?,
    }
    writeln!(
        out,
        "  {}. start a container without profile, ask for port {} and {} in its network, and stop it",
        next(),
        spec.port,
        one_line(&spec.request)
    )?;
    writeln!(
        out,
        "  {}. start one under `{}`, read the label of each of its tasks, and ask for the same",
        next(),
        one_line(&spec.profile)
    )?;
    writeln!(
        out,
        "  {}. execute its program once more, stop it, start it again, and read the labels each time",
        next()
    )?;
    writeln!(
        out,
        "  {}. remove the containers, and the image if it was built",
        next()
    )
}
