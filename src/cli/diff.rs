//! `aalint diff`.

use std::io::Write;

use anyhow::{anyhow, bail};
use rustc_hash::FxHashMap;

use super::args::{Diff, DiffThreshold};
use super::setup::Setup;
use super::{FAILURE, FINDINGS, complaints};
use crate::access::Detail;
use crate::host::{self, Disk, Preloaded, Range, Revision, normal};
use crate::lang::keywords::suggest;
use crate::policy::Search;
use crate::report::{self, Style};
use crate::session::diff::{DiffOptions, PolicyDiff, diff};
use crate::session::{self, InputKind, Policy, find_base, with_policies, with_policy};
use crate::source::{EntryKind, Vfs};

pub(super) fn run(arguments: &Diff, style: Style, out: &mut dyn Write) -> anyhow::Result<u8> {
    let found = match &arguments.git {
        Some(range) => of_revisions(arguments, range)?,
        None => of_files(arguments)?,
    };
    report::diff(arguments.format, &found, style, out)?;
    out.flush()?;
    for (what, reason) in &found.failures {
        writeln!(complaints(false), "aalint: {what}: {reason}")?;
    }
    if !found.failures.is_empty() {
        return Ok(FAILURE);
    }
    let is_failed = match arguments.fail_on {
        DiffThreshold::Wider => found.is_wider(),
        DiffThreshold::Narrower => found.is_narrower(),
        DiffThreshold::Different => found.is_different(),
        DiffThreshold::Never => false,
    };
    Ok(if is_failed { FINDINGS } else { 0 })
}

/// One of the two policies.
struct Side<'v> {
    vfs: Preloaded<'v>,
    search: Search,
    paths: Vec<String>,
}

fn of_files(arguments: &Diff) -> anyhow::Result<PolicyDiff> {
    let [old, new] = arguments.paths.as_slice() else {
        bail!("two versions are needed: `aalint diff OLD NEW`, or `aalint diff --git A..B`");
    };
    let setup = Setup::new(&arguments.places, std::slice::from_ref(new))?;
    let side = |path: &String| -> anyhow::Result<Side<'static>> {
        let found = match host::walk(std::slice::from_ref(path)) {
            Ok(found) => found,
            Err((path, why)) => bail!("{path}: {why}"),
        };
        let excluded = setup.excluded()?;
        let found = found.into_iter().filter(|file| {
            let relative = file.path.strip_prefix(&setup.root).unwrap_or(&file.path);
            !excluded.is_match(relative.strip_prefix("./").unwrap_or(relative))
        });
        let named = found.map(|file| (file.path, file.is_named));
        let mut side = policy_files(&Disk, named);
        side.search = setup.search_in(&arguments.places, &Disk, tree(path), |directory| {
            let is_there = Disk.kind(directory) == Some(EntryKind::Directory);
            is_there.then(|| directory.to_owned())
        })?;
        Ok(side)
    };
    compare(arguments, &setup, &side(old)?, &side(new)?)
}

fn of_revisions(arguments: &Diff, range: &str) -> anyhow::Result<PolicyDiff> {
    let setup = Setup::new(&arguments.places, &[])?;
    let range = Range::read(range).map_err(|why| anyhow!("--git: {why}"))?;
    let wanted: Vec<String> = arguments
        .paths
        .iter()
        .map(|path| normal(&format!("{}/{path}", range.prefix)))
        .collect();
    let open = |commit: &str| Revision::open(commit).map_err(|why| anyhow!("--git: {why}"));
    let trees = [open(&range.old)?, open(&range.new)?];
    for path in &wanted {
        if trees.iter().all(|tree| tree.kind(path).is_none()) {
            bail!("{path}: no such file or directory in either revision");
        }
    }
    let excluded = setup.excluded()?;
    let side = |tree: &'_ Revision| -> anyhow::Result<Vec<(String, bool)>> {
        let is_hidden = |path: &str| path.split('/').any(|part| part.starts_with('.'));
        let files = tree.paths().filter(|path| {
            let is_below = |directory: &String| {
                directory.is_empty() || path.starts_with(&format!("{directory}/"))
            };
            let below = wanted.is_empty() || wanted.iter().any(is_below);
            let mine = path.strip_prefix(&range.prefix).unwrap_or(path);
            below && !is_hidden(path) && !excluded.is_match(mine)
        });
        let mut files: Vec<_> = files.map(|path| (path.to_owned(), false)).collect();
        let named = wanted
            .iter()
            .filter(|path| tree.kind(path) == Some(EntryKind::File));
        files.extend(named.map(|path| (path.clone(), true)));
        Ok(files)
    };
    let [old, new] = &trees;
    let (mut of_old, mut of_new) = (policy_files(old, side(old)?), policy_files(new, side(new)?));
    for (side, tree) in [(&mut of_old, old), (&mut of_new, new)] {
        let around = if wanted.is_empty() {
            &[String::new()]
        } else {
            wanted.as_slice()
        };
        side.search = search(arguments, &setup, tree, around, &range.prefix)?;
    }
    compare(arguments, &setup, &of_old, &of_new)
}

/// Those of the files that hold policy; who names a file wants it read as that.
fn policy_files(vfs: &dyn Vfs, files: impl IntoIterator<Item = (String, bool)>) -> Side<'_> {
    let mut side = Side {
        vfs: Preloaded {
            below: vfs,
            files: FxHashMap::default(),
        },
        search: Search::default(),
        paths: Vec::new(),
    };
    for (path, is_named) in files {
        let is_policy = match vfs.read(&path) {
            Ok(bytes) => {
                let kind = session::classify(&path, &String::from_utf8_lossy(&bytes));
                side.vfs.files.insert(path.clone(), bytes);
                kind == Some(InputKind::Policy)
            }
            Err(_) => false,
        };
        if is_policy || is_named {
            side.paths.push(path);
        }
    }
    side
}

/// Where includes of a revision are searched: directories of its tree come before those on disk.
fn search(
    arguments: &Diff,
    setup: &Setup,
    tree: &Revision,
    around: &[String],
    prefix: &str,
) -> anyhow::Result<Search> {
    let trees = find_base(tree, around).into_iter().collect();
    setup.search_in(&arguments.places, tree, trees, |directory| {
        let inside = normal(&format!("{prefix}/{directory}"));
        if !directory.starts_with('/') && tree.kind(&inside) == Some(EntryKind::Directory) {
            return Some(inside);
        }
        let on_disk = std::path::absolute(directory).ok()?.to_str()?.to_owned();
        (Disk.kind(&on_disk) == Some(EntryKind::Directory)).then_some(on_disk)
    })
}

/// The policy tree that `path` lies in, or else the nearest one below it.
fn tree(path: &String) -> Vec<String> {
    let trees = host::policy_trees(std::slice::from_ref(path));
    if !trees.is_empty() {
        return trees;
    }
    find_base(&Disk, std::slice::from_ref(path))
        .into_iter()
        .collect()
}

fn compare(
    arguments: &Diff,
    setup: &Setup,
    old: &Side<'_>,
    new: &Side<'_>,
) -> anyhow::Result<PolicyDiff> {
    let options = DiffOptions {
        detail: match arguments.exact {
            true => Detail::Exact,
            false => Detail::Access,
        },
        profiles: arguments.profile.clone(),
    };
    let variables = &setup.config.variables;
    let ask = |old: &Policy<'_>, new: &Policy<'_>| {
        let names = old.profiles().map(|profile| &profile.full_name);
        let names = names.chain(new.profiles().map(|profile| &profile.full_name));
        let names: Vec<String> = names.cloned().collect();
        (diff(old, new, &options), names)
    };
    let is_apart = new.paths.iter().all(|path| !old.paths.contains(path));
    let (found, names) = if arguments.git.is_none() && old.search == new.search && is_apart {
        let mut vfs = Preloaded {
            below: &Disk,
            files: old.vfs.files.clone(),
        };
        vfs.files.extend(new.vfs.files.clone());
        let paths = [old.paths.as_slice(), new.paths.as_slice()];
        with_policies(&vfs, &old.search, paths, variables, ask)
    } else {
        with_policy(&old.vfs, &old.search, &old.paths, variables, |before| {
            with_policy(&new.vfs, &new.search, &new.paths, variables, |after| {
                ask(before, after)
            })
        })
    };
    if let Some(missing) = arguments.profile.iter().find(|name| !names.contains(name)) {
        let hint = suggest(missing, names.iter().map(String::as_str));
        let hint = hint
            .map(|name| format!("; did you mean `{name}`?"))
            .unwrap_or_default();
        bail!("there is no profile `{missing}` on either side{hint}");
    }
    Ok(found)
}
