//! Whether policy may be taken to the kernel.

use std::io::Write;
use std::path::Path;

use anyhow::anyhow;

use super::end::End;
use super::obeyed::stranger_to;
use crate::cli::exit;
use crate::cli::stderr::complaints;
use crate::config::Reach;
use crate::diagnostic::Severity;
use crate::host::{Owners, Survey};
use crate::report::{self, Format, Style};
use crate::rules;
use crate::rules::registry::{CONTAINER_SIGNALS, INVALID_CONFIG, INVALID_INTENT};
use crate::session::{CommandLine, Veil, Workspace};
use crate::source::{Source, SourceMap, Vfs};
use crate::verify::{self, Plan, Refusal, Tiers};

/// The rules whose findings keep a policy from being verified: what cannot be loaded, promises that cannot
/// be read, and for a container what nobody could stop.
fn faults(tiers: Tiers) -> Vec<String> {
    let mut rules = vec!["AA1".to_owned(), INVALID_INTENT.name.to_owned()];
    if tiers.container {
        rules.push(CONTAINER_SIGNALS.name.to_owned());
    }
    rules
}

/// Shows what keeps the policy or the configuration from being used, before anybody else meets it.
pub(super) fn faulty(workspace: &Workspace<'_>, tiers: Tiers, style: Style) -> Result<(), End> {
    let choice = CommandLine {
        select: faults(tiers),
        ..CommandLine::default()
    };
    let mut report = workspace.check_selected(&choice, rules::all());
    if let Some((path, reason)) = report.failures.first() {
        return Err(anyhow!("{path}: {reason}").into());
    }
    report
        .findings
        .retain(|finding| finding.severity == Severity::Error);
    let Some(first) = report.findings.first() else {
        return Ok(());
    };
    let is_config = first.rule == INVALID_CONFIG;
    let mut err = complaints(style.color);
    report::write(Format::Human, &report, style, &mut err)?;
    if is_config {
        return Err(End::Told(exit::FAILURE));
    }
    let (why, code) = if first.rule == CONTAINER_SIGNALS {
        ("nobody could stop its container", exit::FINDINGS)
    } else if first.rule == INVALID_INTENT {
        ("a promise cannot be read", exit::FAILURE)
    } else {
        ("the policy cannot be loaded as it is", exit::FINDINGS)
    };
    writeln!(err, "aalint: {why}: nothing was verified")?;
    Err(End::Told(code))
}

/// Refuses policy with a file outside where somebody else may have made the way there, or where its profiles are
/// named there: names and what the kernel answers are shown.
pub(super) fn leads_out(workspace: &Workspace<'_>, is_own: bool) -> Result<(), End> {
    let snapshot = workspace.files();
    let files = snapshot.files();
    let Some((outside, _)) = files.iter().find(|(path, _)| snapshot.is_outside(path)) else {
        return Ok(());
    };
    let is_own = is_own && files.iter().all(|(path, _)| stranger_to(path).is_none());
    if let Ok(plan) = verify::plan(workspace) {
        // Of somebody else's there is more to say.
        only_own_includes(&plan)?;
        let mut sources = SourceMap::default();
        for (path, bytes) in &files {
            let mut source = Source::new(path.clone(), bytes.clone());
            source.is_outside = snapshot.is_outside(path);
            sources.add(source);
        }
        let veil = Veil::over(&[&sources], None);
        let is_over = |text: &str| veil.as_ref().is_some_and(|veil| veil.is_over(text));
        let mut profiles = plan.profiles.iter();
        let is_named_there = profiles.any(|profile| {
            is_over(&profile.name) || profile.attachment.as_deref().is_some_and(is_over)
        });
        if is_own && !is_named_there {
            return Ok(());
        }
    }
    Err(anyhow!(
        "{outside} leads out of the policy that is verified: its text may not be for everybody; `-I` names a \
         directory whose text is, and `--trust` takes what the configuration names"
    )
    .into())
}

/// Plans what is asked of policy that can be loaded.
pub(super) fn planned(workspace: &Workspace<'_>) -> Result<Plan, End> {
    let plan = verify::plan(workspace).map_err(|error| End::Failed(error.into()))?;
    plan.can_be_loaded().map_err(End::Refused)?;
    only_own_includes(&plan)?;
    Ok(plan)
}

/// What profiles do to programs of this machine that they attach to.
pub(super) fn attached(plan: &Plan) -> Vec<Reach> {
    let outer = plan.profiles.iter().filter(|profile| !profile.is_child);
    let attached = outer.filter_map(|profile| {
        let pattern = profile.attachment.as_ref()?;
        let name = &profile.name;
        Some(Reach {
            key: "attachment",
            what: format!(
                "programs of this machine at {pattern} that start meanwhile are under `{name}`"
            ),
        })
    });
    attached.collect()
}

/// Whether nobody else may exchange what the policy includes by an absolute path: the parser reads that itself.
fn only_own_includes(plan: &Plan) -> Result<(), End> {
    for path in &plan.absolute_includes {
        // What is not there is included by nobody, or the parser says so.
        let Ok(survey) = Survey::of(Path::new(path), &Owners::caller()) else {
            continue;
        };
        if let Some(foreign) = survey.foreign {
            return Err(End::Refused(Refusal::ForeignInclude {
                path: path.clone(),
                by: foreign,
            }));
        }
    }
    Ok(())
}
