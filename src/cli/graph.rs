//! `aalint graph`.

use std::io::Write;

use anyhow::bail;

use super::args::Graph as Arguments;
use super::setup::Setup;
use super::{FAILURE, complaints};
use crate::access::graph::Graph;
use crate::host::{self, Disk};
use crate::lint::FileRole;
use crate::policy::{IncludeTarget, Unit};
use crate::report::{self, View};
use crate::session::{self, InputKind, Policy};
use crate::source::Vfs;

pub(super) fn run(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<u8> {
    let found = match host::walk(&arguments.paths) {
        Ok(found) => found,
        Err((path, why)) => bail!("{path}: {why}"),
    };
    let is_policy = |file: &host::FoundFile| {
        let bytes = Disk.read(&file.path).unwrap_or_default();
        let kind = session::classify(&file.path, &String::from_utf8_lossy(&bytes));
        kind == Some(InputKind::Policy) || (file.is_named && kind.is_none())
    };
    let paths: Vec<String> = found
        .into_iter()
        .filter(is_policy)
        .map(|file| file.path)
        .collect();
    let setup = Setup::new(&arguments.places, &arguments.paths)?;
    let search = setup.search(&arguments.places, &arguments.paths)?;
    let variables = &setup.config.variables;
    session::with_policy(&Disk, &search, &paths, variables, |policy| {
        let code = write(arguments, policy, out)?;
        for (path, reason) in &policy.failures {
            writeln!(complaints(false), "aalint: {path}: {reason}")?;
        }
        Ok(if policy.failures.is_empty() {
            code
        } else {
            FAILURE
        })
    })
}

fn write(arguments: &Arguments, policy: &Policy<'_>, out: &mut dyn Write) -> anyhow::Result<u8> {
    let graph = Graph::of(
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
    let view = View {
        graph: &graph,
        store: policy.store,
        goal,
    };
    report::write_graph(arguments.format, view, out)?;
    Ok(0)
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
