//! `aalint graph`.

use std::io::Write;

use anyhow::bail;

use super::args::GraphArguments as Arguments;
use super::discovery::collect;
use super::exit;
use super::setup::Setup;
use crate::access::graph::Graph;
use crate::host::{Disk, Within};
use crate::report::{self, View};
use crate::session::{Loads, Options, Policy, Veil, Workspace};

pub(super) fn run(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<u8> {
    let setup = Setup::new(&arguments.places, &arguments.paths)?.sound()?;
    let inside = setup.inside(&arguments.places, &arguments.paths);
    let disk = Within::new(&Disk, &inside);
    let files = setup.snapshot(&disk);
    let (paths, collected) = collect(&files, &arguments.paths, &setup)?.into_policy();
    let options = Options {
        config: setup.file.clone(),
        loads: Loads::Profiles,
        ..Options::of_policy(&paths, setup.search(&arguments.places, &arguments.paths)?)
    };
    let workspace = Workspace::open(files, options);
    let policy = &workspace.policy();
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
}

fn write(
    arguments: &Arguments,
    policy: &Policy<'_>,
    veil: Option<&Veil>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut graph = Graph::of(
        policy.units,
        policy.summaries,
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
