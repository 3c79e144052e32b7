//! `aalint diff`.

use std::io::Write;

use anyhow::{anyhow, bail};

use super::args::DiffArguments;
use super::discovery::collect;
use super::exit;
use super::setup::{Setup, target};
use crate::access::{Detail, PolicyVersion};
use crate::host::{self, Disk, InsidePaths, Revision, RevisionRange, Within, normal};
use crate::lang::keywords::suggest;
use crate::lang::targets::Target;
use crate::policy::Search;
use crate::report::{self, Style};
use crate::session::diff::{DiffOptions, Failure, PolicyDiff, diff};
use crate::session::{
    self, Candidate, Collected, LeftOut, Options, Policy, Veil, Workspace, find_base,
};
use crate::source::{EntryKind, Snapshot, Vfs};

pub(super) fn run(
    arguments: &DiffArguments,
    style: Style,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
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
struct Side {
    version: PolicyVersion,
    search: Search,
    paths: Vec<String>,
    failures: Vec<(String, String)>,
    left_out: LeftOut,
}

impl Side {
    fn new(version: PolicyVersion, collected: Collected) -> Self {
        let (paths, collected) = collected.into_policy();
        Self {
            version,
            search: Search::default(),
            paths,
            failures: collected.failures,
            left_out: collected.left_out,
        }
    }
}

fn of_files(arguments: &DiffArguments) -> anyhow::Result<PolicyDiff> {
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
    let inside = setup.inside(&arguments.places, &arguments.paths);
    let disk = Within::new(&Disk, &inside);
    // Both lie on one disk: what both include is read once.
    let files = setup.snapshot(&disk);
    let side = |version, path: &String| -> anyhow::Result<Side> {
        let collected = collect(&files, std::slice::from_ref(path), &setup)?;
        let mut side = Side::new(version, collected);
        side.search = setup.search_in(&arguments.places, &Disk, tree(path), |directory| {
            let is_there = Disk.kind(directory) == Some(EntryKind::Directory);
            is_there.then(|| directory.to_owned())
        })?;
        Ok(side)
    };
    let sides = [
        side(PolicyVersion::Old, old)?,
        side(PolicyVersion::New, new)?,
    ];
    let [old, new] = &sides;
    let is_apart = new.paths.iter().all(|path| !old.paths.contains(path));
    let mut asked = Question::new(arguments, &setup, &inside)?;
    let options = |side: &Side, paths: &[String]| asked.options(side, paths);
    if old.search == new.search && is_apart {
        let both = options(old, &[old.paths.as_slice(), &new.paths].concat());
        let workspace = Workspace::open(files, both);
        asked.compare(
            &workspace.policy_at(&old.paths),
            &workspace.policy_at(&new.paths),
        );
    } else {
        let old = Workspace::open(Snapshot::new(&files), options(old, &old.paths));
        let new = Workspace::open(Snapshot::new(&files), options(new, &new.paths));
        asked.compare(&old.policy(), &new.policy());
    }
    let mut found = asked.answer(&sides)?;
    found.notes.splice(0..0, notes);
    Ok(found)
}

fn of_revisions(arguments: &DiffArguments, range: &str) -> anyhow::Result<PolicyDiff> {
    let range = RevisionRange::read(range).map_err(|why| anyhow!("--git: {why}"))?;
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
    // The paths of revisions are not those of the disk.
    let inside = setup.inside(&arguments.places, &[]);
    let [old, new] = trees.each_ref().map(|tree| Within::new(tree, &inside));
    let files = [&old, &new].map(|tree| Snapshot::new(tree));
    let [old_files, new_files] = &files;
    let [old, new] = &trees;
    let kept = [
        (PolicyVersion::Old, old, old_files),
        (PolicyVersion::New, new, new_files),
    ];
    let mut sides = kept.map(|(version, tree, files)| {
        let collected = session::collect(files, candidates(tree, &wanted), &is_excluded);
        Side::new(version, collected)
    });
    for (side, tree) in sides.iter_mut().zip(&trees) {
        let around = match wanted.is_empty() {
            true => &[String::new()],
            false => wanted.as_slice(),
        };
        side.search = search(arguments, &setup, tree, around, &range.prefix)?;
    }
    let mut asked = Question::new(arguments, &setup, &inside)?;
    let [old, new] = &sides;
    let [old, new] = [old, new].map(|side| asked.options(side, &side.paths));
    let [old_files, new_files] = files;
    let old = Workspace::open(old_files, old);
    let new = Workspace::open(new_files, new);
    asked.compare(&old.policy(), &new.policy());
    let mut found = asked.answer(&sides)?;
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
    arguments: &DiffArguments,
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

/// What is asked of two policies, and what came of it.
struct Question<'q> {
    arguments: &'q DiffArguments,
    setup: &'q Setup,
    inside: &'q InsidePaths,
    target: Option<Target>,
    found: PolicyDiff,
    /// The names of all profiles.
    names: Vec<String>,
    veil: Option<Veil>,
}

impl<'q> Question<'q> {
    fn new(
        arguments: &'q DiffArguments,
        setup: &'q Setup,
        inside: &'q InsidePaths,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            arguments,
            setup,
            inside,
            target: target(&Disk, arguments.target.as_deref())?,
            found: PolicyDiff::default(),
            names: Vec::new(),
            veil: None,
        })
    }

    /// How the files at `paths` are loaded.
    fn options(&self, side: &Side, paths: &[String]) -> Options {
        Options {
            parser: Some(session::parser(self.target.as_ref(), &self.setup.config)),
            variables: self.setup.config.variables.clone(),
            ..Options::of_policy(paths, side.search.clone())
        }
    }

    fn compare(&mut self, old: &Policy<'_>, new: &Policy<'_>) {
        let options = DiffOptions {
            detail: match self.arguments.exact {
                true => Detail::Exact,
                false => Detail::Access,
            },
            profiles: self.arguments.profile.clone(),
        };
        let names = old.profiles().map(|profile| &profile.full_name);
        let names = names.chain(new.profiles().map(|profile| &profile.full_name));
        self.names = names.cloned().collect();
        let sources = [&old.store.sources, &new.store.sources];
        self.found = diff(old, new, &options);
        self.veil = Veil::over(&sources, self.setup.hidden(self.inside));
        if let Some(veil) = &self.veil {
            veil.draw_over_diff(&mut self.found);
        }
    }

    fn answer(self, sides: &[Side; 2]) -> anyhow::Result<PolicyDiff> {
        let mut named = self.arguments.profile.iter();
        if let Some(missing) = named.find(|name| !self.names.contains(name)) {
            let is_shown =
                |name: &&String| self.veil.as_ref().is_none_or(|veil| !veil.is_over(name));
            let shown = self.names.iter().filter(is_shown).map(String::as_str);
            let hint = suggest(missing, shown)
                .map(|name| format!("; did you mean `{name}`?"))
                .unwrap_or_default();
            bail!("there is no profile `{missing}` on either side{hint}");
        }
        let mut found = self.found;
        enter(&mut found, sides, self.names.is_empty());
        Ok(found)
    }
}

/// Enters what the comparison leaves out, and what it cannot judge.
fn enter(found: &mut PolicyDiff, sides: &[Side; 2], is_idle: bool) {
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
