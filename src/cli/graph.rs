//! `aalint graph`.

use std::io::Write;

use anyhow::bail;

use super::args::Graph as Arguments;
use super::collect::collect;
use super::exit;
use super::setup::Setup;
use crate::access::graph::Graph;
use crate::host::{Disk, Preloaded, Within};
use crate::lint::FileRole;
use crate::policy::{IncludeTarget, Unit};
use crate::report::{self, View};
use crate::session::{self, Policy, Veil};

pub(super) fn run(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<u8> {
    let setup = Setup::new(&arguments.places, &arguments.paths)?.sound()?;
    let (paths, collected) = collect(&arguments.paths, &setup)?.into_policy();
    let vfs = Preloaded {
        below: &Disk,
        files: collected.files,
    };
    let search = setup.search(&arguments.places, &arguments.paths)?;
    let variables = &setup.config.variables;
    let inside = setup.inside(&arguments.places, &arguments.paths);
    let vfs = Within::new(&vfs, &inside);
    let parser = session::parser(None, &setup.config);
    session::with_policy_of(parser, &vfs, &search, &paths, variables, |policy| {
        let veil = Veil::over(&[&policy.store.sources], setup.hidden(&inside));
        write(arguments, policy, veil.as_ref(), out)?;
        out.flush()?;
        exit::note(&collected.left_out);
        let mut failures = [collected.failures.as_slice(), &policy.failures].concat();
        if policy.profiles().next().is_none() && failures.is_empty() {
            failures.push((arguments.paths.join(", "), "no profile is there".to_owned()));
        }
        exit::tell(failures.iter().cloned());
        Ok(exit::of_graph(&failures))
    })
}

fn write(
    arguments: &Arguments,
    policy: &Policy<'_>,
    veil: Option<&Veil>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut graph = Graph::of(
        with_profiles(policy),
        policy.digests,
        &policy.store.sources,
        policy.pool,
    );
    let goal = match &arguments.to {
        None => None,
        Some(name) => match graph.node(name) {
            Some(goal) => Some(goal),
            None => bail!(
                "there is no profile `{name}` among these; `aalint graph` without --to lists them"
            ),
        },
    };
    if let Some(veil) = veil {
        veil.draw_over_graph(&mut graph);
    }
    let view = View {
        graph: &graph,
        store: policy.store,
        goal,
    };
    report::write_graph(arguments.format, view, out)?;
    Ok(())
}

/// The files that are loaded by themselves: parts and abstractions are told with what includes them.
fn with_profiles<'p, 's>(policy: &'p Policy<'s>) -> impl Iterator<Item = &'p Unit<'s>> {
    let targets = policy.store.iter().flat_map(|(_, file)| &file.includes);
    let included: rustc_hash::FxHashSet<_> = targets
        .filter_map(|target| match target {
            IncludeTarget::Files(files) => Some(files),
            _ => None,
        })
        .flatten()
        .copied()
        .collect();
    policy.units.iter().filter(move |unit| {
        let path = &policy.store.sources.get(unit.file).path;
        policy.store.file(unit.file).is_some_and(|file| {
            let is_included = included.contains(&unit.file);
            FileRole::of(path, &file.file.ast, is_included) == FileRole::Profiles
        })
    })
}
