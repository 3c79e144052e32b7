//! Policy with its configuration, read once for everything that is asked of it.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use self_cell::self_cell;

use super::discovery::InputKind;
use super::failure::failure;
use super::implied::implied_intents;
use super::intents::{self, Choice, UnknownIntent, Wish};
use super::options::{Loads, Options};
use super::others::Others;
use super::policy::Policy;
use super::reach::IncludeReach;
use super::request_lines::requests;
use super::target::target;
use crate::config::{Config, ConfigFault, ConfigFile};
use crate::lang::targets::{Target, Version};
use crate::lint::{Chosen, Decisions, FileRole};
use crate::policy::{FileSummaries, IncludeTarget, NEWEST_PARSER, PreambleCache, Store, Unit};
use crate::source::{Budget, FileId, Snapshot, Span, Vfs, VfsError, split_embedded};

/// From this number of files on the other cores are worth their start.
const MANY: usize = 8;

/// Policy with its configuration: the files as they were when they were first read, what is written in them, and what
/// the profiles in them decide. Every command builds one and asks it everything.
pub struct Workspace<'v> {
    files: Snapshot<'v>,
    options: Options,
    material: Material,
    analysed: Analysed,
}

/// A workspace as it was before, and the paths, as keys of the snapshot, that were forgotten since.
type Before<'b, 'v> = (&'b Workspace<'v>, &'b FxHashSet<String>);

/// What a workspace knows apart from the texts and what they load to.
pub(super) struct Material {
    pub(super) config: Arc<Config>,
    pub(super) config_faults: Vec<ConfigFault>,
    /// The policy files that were named, each once, in the order of the inputs; files of intents come last.
    pub(super) order: Vec<FileId>,
    pub(super) roles: FxHashMap<FileId, FileRole>,
    pub(super) chosen: Vec<Choice>,
    pub(super) unknown_intents: Vec<UnknownIntent>,
    /// What rules imply of profiles, and whether only of those for containers.
    pub(super) implied_intents: Vec<(Choice, bool)>,
    pub(super) others: Others,
    /// The requests, in the order of the options.
    pub(super) requests: Vec<Span>,
    pub(super) target: Option<Target>,
    /// Why the target of the configuration cannot be used.
    pub(super) target_failure: Option<(String, String)>,
    pub(super) parser: Version,
    /// Policy files that cannot be read, and why.
    pub(super) failures: Vec<(String, String)>,
    /// Manifests that cannot be read, and why.
    pub(super) manifest_failures: Vec<(String, String)>,
}

/// What the files of a store load to.
struct Analysis<'s> {
    summaries: FileSummaries<'s>,
    units: Vec<Unit<'s>>,
    decisions: Decisions,
    /// The intents that profiles must keep.
    chosen: Vec<Chosen<'s>>,
    implied: Implied<'s>,
}

/// What rules imply of profiles, as intents.
pub(super) struct Implied<'s> {
    /// Of all.
    pub(super) of_all: Vec<Chosen<'s>>,
    /// Of those for containers.
    pub(super) of_containers: Vec<Chosen<'s>>,
}

self_cell!(
    struct Analysed {
        owner: Arc<Store>,
        #[covariant]
        dependent: Analysis,
    }
);

impl<'v> Workspace<'v> {
    /// Reads what the options name, with everything that it includes, through `files`.
    #[must_use]
    pub fn open(files: Snapshot<'v>, options: Options) -> Self {
        Self::load(files, options, None)
    }

    /// Takes up that the files at `changed` were changed, added or removed: they are read again, and `options` says what is
    /// there now. What does not depend on them is kept: the other files as they were read, and the decision functions of
    /// profiles that are made of them. Everything is then as in a workspace that is opened anew.
    pub fn update(&mut self, changed: &[String], options: impl FnOnce(&Snapshot<'v>) -> Options) {
        let forgotten = changed.iter().flat_map(|path| self.files.forget(path));
        let forgotten: FxHashSet<String> = forgotten.collect();
        let options = options(&self.files);
        let nothing = Snapshot::new(self.files.below());
        let files = std::mem::replace(&mut self.files, nothing);
        *self = Self::load(files, options, Some((self, &forgotten)));
    }

    fn load(files: Snapshot<'v>, options: Options, before: Option<Before<'_, 'v>>) -> Self {
        let (store, material) = Material::load(&files, &options, before);
        let analysed = Analysed::new(Arc::new(store), |store| {
            let earlier = before.map(|(before, _)| before.decisions());
            Analysis::of(store, &material, &options, earlier)
        });
        if let Some((before, _)) = before {
            let same = unchanged_units(before, &material, analysed.borrow_owner());
            let earlier = &before.analysed.borrow_dependent().decisions;
            let decisions = &analysed.borrow_dependent().decisions;
            decisions.keep(earlier, |file| same.contains(&file));
        }
        Self {
            files,
            options,
            material,
            analysed,
        }
    }

    /// The files, as they were when they were read.
    #[must_use]
    pub const fn files(&self) -> &Snapshot<'v> {
        &self.files
    }

    /// What was asked for.
    #[must_use]
    pub const fn options(&self) -> &Options {
        &self.options
    }

    /// All texts.
    #[must_use]
    pub fn store(&self) -> &Arc<Store> {
        self.analysed.borrow_owner()
    }

    /// How many decision functions are compiled.
    #[must_use]
    pub fn compiled(&self) -> usize {
        self.decisions().compiled()
    }

    /// The profiles, to be asked.
    #[must_use]
    pub fn policy(&self) -> Policy<'_> {
        let analysis = self.analysed.borrow_dependent();
        Policy {
            store: self.analysed.borrow_owner(),
            summaries: &analysis.summaries,
            units: &analysis.units,
            pool: analysis.decisions.pool(),
            failures: self.material.failures.clone(),
        }
    }

    /// The same, of the files at these paths alone, which must be next to each other among the inputs.
    #[must_use]
    pub fn policy_at(&self, paths: &[String]) -> Policy<'_> {
        let all = self.policy();
        let files = paths.iter().map(|path| split_embedded(path).0);
        let paths: FxHashSet<&str> = files.collect();
        let is_there = |unit: &&Unit<'_>| {
            let path = &all.store.sources.get(unit.file).path;
            paths.contains(path.as_str())
        };
        let first = all.units.iter().take_while(|unit| !is_there(unit)).count();
        let (_, rest) = all.units.split_at(first);
        let count = rest.iter().take_while(is_there).count();
        let (units, _) = rest.split_at(count);
        let is_beyond = |path: &String| all.store.beyond().contains(path);
        let failures = all.failures.into_iter();
        let failures =
            failures.filter(|(path, _)| paths.contains(path.as_str()) || is_beyond(path));
        Policy {
            units,
            failures: failures.collect(),
            ..all
        }
    }

    pub(super) const fn material(&self) -> &Material {
        &self.material
    }

    pub(super) fn summaries(&self) -> &FileSummaries<'_> {
        &self.analysed.borrow_dependent().summaries
    }

    pub(super) fn units(&self) -> &[Unit<'_>] {
        &self.analysed.borrow_dependent().units
    }

    pub(super) fn chosen(&self) -> &[Chosen<'_>] {
        &self.analysed.borrow_dependent().chosen
    }

    pub(super) fn implied(&self) -> &Implied<'_> {
        &self.analysed.borrow_dependent().implied
    }

    pub(super) fn decisions(&self) -> &Decisions {
        &self.analysed.borrow_dependent().decisions
    }
}

impl Material {
    fn load(
        files: &Snapshot<'_>,
        options: &Options,
        before: Option<Before<'_, '_>>,
    ) -> (Store, Self) {
        let empty = Arc::default();
        let file: &Arc<ConfigFile> = options.config.as_ref().unwrap_or(&empty);
        let config = Arc::clone(&file.config);
        let mut config_faults = file.faults.clone();
        let wishes = Wish::all(&config, options);
        let policy = options
            .inputs
            .iter()
            .filter(|input| input.kind == InputKind::Policy);
        let mut paths: Vec<String> = policy.map(|input| input.path.clone()).collect();
        paths.extend(wishes.iter().filter_map(Wish::path));
        let (mut store, read) = match before {
            Some((before, forgotten)) => {
                let is_same = |path: &str| !forgotten.contains(&*Snapshot::key(path));
                Store::reload(before.store(), &is_same, files, &options.search, &paths)
            }
            None => Store::load(files, &options.search, &paths),
        };
        let mut failures = Vec::new();
        let mut roles = FxHashMap::default();
        let mut order = Vec::new();
        let included = included(&store);
        for result in read {
            match result {
                Ok(id) => {
                    let role = role(&store, &included, id);
                    if roles.insert(id, role).is_none() {
                        order.push(id);
                    }
                }
                Err((path, error)) => failures.push(unread(&path, &error)),
            }
        }
        failures.extend(beyond(&store));
        conceal_wished(files, options, &wishes, &mut failures);
        let (chosen, unknown_intents) = intents::choose(&mut store, &wishes, &mut config_faults);
        let implied_intents = implied_intents(&mut store, &config, options);
        let mut manifest_failures = Vec::new();
        let others = Others::read(files, &mut store, &config, options, &mut manifest_failures);
        let requests = requests(&mut store, &options.requests);
        let mut target_failure = None;
        let target = wanted_target(files, options, &config, &mut target_failure);
        let of_target = target.as_ref().and_then(|target| target.parser);
        let parser = options.parser.or(of_target);
        let material = Self {
            config,
            config_faults,
            order,
            roles,
            chosen,
            unknown_intents,
            implied_intents,
            others,
            requests,
            target,
            target_failure,
            parser: parser.unwrap_or(NEWEST_PARSER),
            failures,
            manifest_failures,
        };
        (store, material)
    }
}

impl<'s> Analysis<'s> {
    fn of(
        store: &'s Store,
        material: &Material,
        options: &Options,
        earlier: Option<&Decisions>,
    ) -> Self {
        let summaries = FileSummaries::new(store, material.parser);
        let cache = PreambleCache::default();
        let is_loaded = |id: &&FileId| match (options.loads, material.roles.get(id)) {
            (Loads::All, role) => role != Some(&FileRole::Intents),
            (Loads::Profiles, role) => role == Some(&FileRole::Profiles),
        };
        let files: Vec<FileId> = material.order.iter().filter(is_loaded).copied().collect();
        let variables = match options.variables.is_empty() {
            true => &material.config.variables,
            false => &options.variables,
        };
        let load = |id: &FileId| Unit::new(store, &summaries, &cache, *id, variables);
        let units: Vec<Unit<'_>> = if files.len() < MANY {
            files.iter().map(load).collect()
        } else {
            files.par_iter().map(load).collect()
        };
        let implied = |is_for_containers: bool| {
            let implied_intents = material.implied_intents.iter();
            let meant = implied_intents.filter(|(_, one)| *one == is_for_containers);
            let meant: Vec<Choice> = meant.map(|(choice, _)| *choice).collect();
            intents::resolve(store, &meant)
        };
        Self {
            decisions: Decisions::new(&units, material.parser, earlier),
            summaries,
            units,
            chosen: intents::resolve(store, &material.chosen),
            implied: Implied {
                of_all: implied(false),
                of_containers: implied(true),
            },
        }
    }
}

/// The files that load to the same as before: neither they nor anything that they include has changed.
fn unchanged_units(
    before: &Workspace<'_>,
    material: &Material,
    store: &Store,
) -> FxHashSet<FileId> {
    let earlier = before.store();
    let is_other = before.material.parser != material.parser
        || before.material.config.variables != material.config.variables
        || !earlier.has_same_surroundings(store);
    if is_other {
        return FxHashSet::default();
    }
    let changed = store.iter().map(|(id, _)| id);
    let changed = changed.filter(|id| !earlier.has_same(store, *id));
    let reached = IncludeReach::of(store).including_any(changed);
    let all = store.iter().map(|(id, _)| id);
    all.filter(|id| !reached.contains(id)).collect()
}

/// The files that others include.
pub(super) fn included(store: &Store) -> FxHashSet<FileId> {
    let targets = store.iter().flat_map(|(_, file)| &file.includes);
    let files = targets.filter_map(|target| match target {
        IncludeTarget::Files(files) => Some(files),
        _ => None,
    });
    files.flatten().copied().collect()
}

/// A file, or the file that a text is a part of, and why it cannot be read.
fn unread(path: &str, error: &VfsError) -> (String, String) {
    let (path, _) = split_embedded(path);
    (path.to_owned(), failure(error))
}

fn role(store: &Store, included: &FxHashSet<FileId>, id: FileId) -> FileRole {
    let path = &store.sources.get(id).path;
    store.file(id).map_or(FileRole::Profiles, |loaded| {
        FileRole::of(path, &loaded.file.ast, included.contains(&id))
    })
}

/// Leaves out the paths of intents that a configuration outside names and that cannot be read.
fn conceal_wished(
    vfs: &dyn Vfs,
    options: &Options,
    wishes: &[Wish],
    failures: &mut [(String, String)],
) {
    let outside = options
        .config
        .iter()
        .filter(|config| vfs.is_outside(&config.path));
    for config in outside {
        for (path, why) in failures.iter_mut() {
            let mut wished = wishes.iter().filter(|wish| wish.is_of_config());
            if wished.any(|wish| wish.path().as_ref() == Some(path)) {
                path.clone_from(&config.path);
                "a file of intents that it names cannot be read".clone_into(why);
            }
        }
    }
}

/// The target of the command line, or else that of the configuration.
fn wanted_target(
    vfs: &dyn Vfs,
    options: &Options,
    config: &Config,
    failure: &mut Option<(String, String)>,
) -> Option<Target> {
    if options.target.is_some() {
        return options.target.clone();
    }
    let path = &options.config.as_ref()?.path;
    let text = &config.target.as_ref()?.text;
    let root = path.rsplit_once('/').map(|(root, _)| root);
    let text = match root {
        Some(root) if Target::named(text).is_none() && !text.starts_with('/') => {
            format!("{root}/{text}")
        }
        _ => text.clone(),
    };
    let told = |error: String| match vfs.is_outside(path) {
        true => "its target cannot be used".to_owned(),
        false => error,
    };
    target(vfs, &text)
        .map_err(|error| *failure = Some((path.clone(), told(error))))
        .ok()
}

/// What is included and beyond what a run reads.
fn beyond(store: &Store) -> impl Iterator<Item = (String, String)> {
    let why = Budget::of_policy().beyond().to_string();
    let beyond = store.beyond().iter();
    beyond.map(move |path| (path.clone(), why.clone()))
}
