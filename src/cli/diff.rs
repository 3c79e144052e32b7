//! `aalint diff`.

use std::io::Write;

use anyhow::{anyhow, bail};

use super::args::Diff;
use super::collect::collect;
use super::exit;
use super::setup::{Setup, target};
use crate::access::{Detail, Version};
use crate::host::{self, Disk, Preloaded, Range, Revision, Within, normal};
use crate::lang::keywords::suggest;
use crate::policy::Search;
use crate::report::{self, Style};
use crate::session::diff::{DiffOptions, Failure, PolicyDiff, diff};
use crate::session::{
    self, Candidate, Collected, LeftOut, Policy, Veil, find_base, with_policies, with_policy_of,
};
use crate::source::{EntryKind, Vfs};

pub(super) fn run(arguments: &Diff, style: Style, out: &mut dyn Write) -> anyhow::Result<u8> {
    let found = match &arguments.git {
        Some(range) => of_revisions(arguments, range)?,
        None => of_files(arguments)?,
    };
    report::diff(arguments.format, &found, style, out)?;
    out.flush()?;
    exit::tell(found.failures.iter().map(|failure| {
        let side = failure.side.map(|side| format!("{}: ", side.name()));
        let what = format!("{}{}", side.unwrap_or_default(), failure.what);
        (what, failure.why.clone())
    }));
    Ok(exit::of_diff(&found, arguments.fail_on))
}

/// One of the two policies.
struct Side<'v> {
    version: Version,
    vfs: Preloaded<'v>,
    search: Search,
    paths: Vec<String>,
    failures: Vec<(String, String)>,
    left_out: LeftOut,
}

impl<'v> Side<'v> {
    fn new(version: Version, vfs: &'v dyn Vfs, collected: Collected) -> Self {
        let (paths, collected) = collected.into_policy();
        Self {
            version,
            vfs: Preloaded {
                below: vfs,
                files: collected.files,
            },
            search: Search::default(),
            paths,
            failures: collected.failures,
            left_out: collected.left_out,
        }
    }
}

fn of_files(arguments: &Diff) -> anyhow::Result<PolicyDiff> {
    let [old, new] = arguments.paths.as_slice() else {
        bail!("two versions are needed: `aalint diff OLD NEW`, or `aalint diff --git A..B`");
    };
    for path in [old, new] {
        if Disk.kind(path).is_none() {
            bail!("{path}: no such file or directory");
        }
    }
    // What decides about a proposal is not for the proposal to say.
    let setup = Setup::new(&arguments.places, std::slice::from_ref(old))?.sound()?;
    let notes = setup.proposed(&arguments.places, new);
    let side = |version, path: &String| -> anyhow::Result<Side<'static>> {
        let collected = collect(std::slice::from_ref(path), &setup)?;
        let mut side = Side::new(version, &Disk, collected);
        side.search = setup.search_in(&arguments.places, &Disk, tree(path), |directory| {
            let is_there = Disk.kind(directory) == Some(EntryKind::Directory);
            is_there.then(|| directory.to_owned())
        })?;
        Ok(side)
    };
    let sides = [side(Version::Old, old)?, side(Version::New, new)?];
    let mut found = compare(arguments, &setup, &sides)?;
    found.notes.splice(0..0, notes);
    Ok(found)
}

fn of_revisions(arguments: &Diff, range: &str) -> anyhow::Result<PolicyDiff> {
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
    let (setup, notes) = Setup::of_revision(&arguments.places, &range, &trees)?;
    let setup = setup.sound()?;
    let excluded = setup.excluded()?;
    let root = normal(&format!("{}/{}", range.prefix, setup.root));
    let is_excluded = |path: &str| {
        let relative = path.strip_prefix(&root).unwrap_or(path);
        excluded.is_match(relative.trim_start_matches('/'))
    };
    let [old, new] = &trees;
    let mut sides = [(Version::Old, old), (Version::New, new)].map(|(version, tree)| {
        let collected = session::collect(tree, candidates(tree, &wanted), &is_excluded);
        Side::new(version, tree, collected)
    });
    for (side, tree) in sides.iter_mut().zip(&trees) {
        let around = match wanted.is_empty() {
            true => &[String::new()],
            false => wanted.as_slice(),
        };
        side.search = search(arguments, &setup, tree, around, &range.prefix)?;
    }
    let mut found = compare(arguments, &setup, &sides)?;
    found.notes.splice(0..0, notes);
    Ok(found)
}

/// The files of a revision at or below the paths that are wanted, all if there are none. Hidden ones
/// are left out, and links to directories: what they lead to is there by itself.
fn candidates(tree: &Revision, wanted: &[String]) -> Vec<Candidate> {
    let is_hidden = |path: &str| path.split('/').any(|part| part.starts_with('.'));
    let named = |path: &str| {
        let around = |wanted: &&String| {
            let is_in = |rest: &str| rest.is_empty() || rest.starts_with('/');
            wanted.is_empty() || path.strip_prefix(wanted.as_str()).is_some_and(is_in)
        };
        let named = wanted.iter().filter(around).map(String::len).max();
        named.or(wanted.is_empty().then_some(0))
    };
    let candidate = |path: &str| {
        let named = named(path)?;
        let is_left_out =
            is_hidden(path.get(named..).unwrap_or_default()) || tree.is_link_to_directory(path);
        (!is_left_out).then(|| Candidate {
            path: path.to_owned(),
            named,
            obstacle: None,
        })
    };
    tree.paths().filter_map(candidate).collect()
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
    [old, new]: &[Side<'_>; 2],
) -> anyhow::Result<PolicyDiff> {
    let options = DiffOptions {
        detail: match arguments.exact {
            true => Detail::Exact,
            false => Detail::Access,
        },
        profiles: arguments.profile.clone(),
    };
    let variables = &setup.config.variables;
    let target = target(arguments.target.as_deref())?;
    let parser = session::parser(target.as_ref(), &setup.config);
    // The paths of revisions are not those of the disk.
    let named = match arguments.git {
        Some(_) => &[],
        None => arguments.paths.as_slice(),
    };
    let inside = &setup.inside(&arguments.places, named);
    let ask = |old: &Policy<'_>, new: &Policy<'_>| {
        let names = old.profiles().map(|profile| &profile.full_name);
        let names = names.chain(new.profiles().map(|profile| &profile.full_name));
        let names: Vec<String> = names.cloned().collect();
        let sources = [&old.store.sources, &new.store.sources];
        let mut found = diff(old, new, &options);
        let veil = Veil::over(&sources, setup.hidden(inside));
        if let Some(veil) = &veil {
            veil.draw_over_diff(&mut found);
        }
        (found, names, veil)
    };
    let is_apart = new.paths.iter().all(|path| !old.paths.contains(path));
    let (mut found, names, veil) =
        if arguments.git.is_none() && old.search == new.search && is_apart {
            let mut vfs = Preloaded {
                below: &Disk,
                files: old.vfs.files.clone(),
            };
            vfs.files.extend(new.vfs.files.clone());
            let paths = [old.paths.as_slice(), new.paths.as_slice()];
            let vfs = Within::new(&vfs, inside);
            with_policies(parser, &vfs, &old.search, paths, variables, ask)
        } else {
            let [before, after] = [&old.vfs, &new.vfs].map(|vfs| Within::new(vfs, inside));
            let (old, new) = (&old, &new);
            with_policy_of(
                parser,
                &before,
                &old.search,
                &old.paths,
                variables,
                |before| {
                    with_policy_of(
                        parser,
                        &after,
                        &new.search,
                        &new.paths,
                        variables,
                        |after| ask(before, after),
                    )
                },
            )
        };
    if let Some(missing) = arguments.profile.iter().find(|name| !names.contains(name)) {
        let is_shown = |name: &&String| veil.as_ref().is_none_or(|veil| !veil.is_over(name));
        let hint = suggest(missing, names.iter().filter(is_shown).map(String::as_str));
        let hint = hint
            .map(|name| format!("; did you mean `{name}`?"))
            .unwrap_or_default();
        bail!("there is no profile `{missing}` on either side{hint}");
    }
    enter(&mut found, [old, new], names.is_empty());
    Ok(found)
}

/// Enters what the comparison leaves out, and what it cannot judge.
fn enter(found: &mut PolicyDiff, sides: [&Side<'_>; 2], is_idle: bool) {
    for side in sides {
        let failures = side.failures.iter();
        found.failures.extend(failures.map(|(what, why)| Failure {
            side: Some(side.version),
            what: what.clone(),
            why: why.clone(),
        }));
        let left_out = &side.left_out;
        let told = [
            left_out.note(),
            left_out.excluded_note(),
            left_out.ignored_note(),
            left_out.unwalked_note(),
        ];
        let told = told.into_iter().flatten();
        let name = side.version.name();
        found
            .notes
            .extend(told.map(|note| format!("{name}: {note}")));
    }
    if is_idle && found.failures.is_empty() {
        found.failures.push(Failure {
            side: None,
            what: "nothing is compared".to_owned(),
            why: "neither side defines a profile".to_owned(),
        });
    }
    found.failures.sort();
    found.failures.dedup();
}
