//! From paths to a report: the one door for the command line and the tests.

mod applied;
mod base;
mod collect;
pub mod diff;
mod intents;
mod kind;
mod policy;
mod promises;
mod query;
mod request;
mod target;
mod veil;
mod wanted;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::config::{Config, ConfigFault};
use crate::containers::{self, Expected, ManifestFault};
use crate::diagnostic::Diagnostic;
use crate::lang::targets::Target;
use crate::lint::{self, Cx, Decisions, FileRole, Rule};
use crate::policy::{Digests, IncludeTarget, NEWEST_PARSER, PreambleCache, Search, Store, Unit};
use crate::source::{Budget, FileId, Source, Vfs, VfsError};

pub use base::find_base;
pub use collect::{Candidate, Collected, Input, InputKind, LeftOut, classify, collect};
pub use intents::{PACKS, UnknownIntent};
pub use policy::{Policy, with_policies, with_policy, with_policy_of};
pub use promises::{PromiseError, Promised, with_promises};
pub use query::{Answered, Answers, Obstacle, Place, Query, QueryError, Shown, query};
pub use request::FaultyRequest;
pub use target::{parser, target};
pub use veil::Veil;
pub use wanted::{CommandLine, Overrides};

use intents::Wish;

/// What to check, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The files, in any order.
    pub inputs: Vec<Input>,
    /// The paths of those that nobody named, but a directory around them: a manifest among them that
    /// cannot be read is noted, not reported.
    pub found: FxHashSet<String>,
    /// Files of policy that belong to it and are not checked: promises of the configuration may be
    /// about profiles in them. `None` if what the promises are about does not matter.
    pub elsewhere: Option<Vec<String>>,
    /// Where includes are searched.
    pub search: Search,
    /// The configuration: its path and text.
    pub config: Option<(String, String)>,
    /// Selections from the command line.
    pub cli: CommandLine,
    /// Intents that all profiles must keep besides those of the configuration: names, or paths.
    pub intents: Vec<String>,
    /// Whether the inputs are a whole policy set.
    pub is_whole_set: bool,
    /// Where the policy will run, if not as the configuration says.
    pub target: Option<Target>,
}

/// What came of a check.
#[derive(Debug, Default)]
pub struct Report {
    /// All files that were read.
    pub store: Store,
    /// The findings, sorted by path, place and rule.
    pub findings: Vec<Diagnostic>,
    /// How many findings comments silenced.
    pub suppressed: usize,
    /// Policy files checked.
    pub files: usize,
    /// Profiles in them, children and hats included.
    pub profiles: usize,
    /// What to tell in general.
    pub notes: Vec<String>,
    /// Files that could not be judged, and why.
    pub failures: Vec<(String, String)>,
    /// What was left out.
    pub left_out: LeftOut,
    /// The paths that somebody named.
    pub looked_at: Vec<String>,
    /// Compose files and manifests that were read.
    pub manifests: usize,
    /// Names of rules on the command line that fit none.
    pub unknown: Vec<lint::UnknownSelector>,
    /// Names of intents on the command line that fit none.
    pub unknown_intents: Vec<UnknownIntent>,
}

impl Report {
    /// Enters what came of looking for the files at `paths`.
    pub fn collected(
        &mut self,
        paths: &[String],
        failures: Vec<(String, String)>,
        left_out: LeftOut,
    ) {
        self.looked_at = paths.to_vec();
        self.failures.extend(failures);
        self.failures.sort();
        let unreadable = std::mem::take(&mut self.left_out.unreadable);
        self.left_out = left_out;
        self.left_out.unreadable.extend(unreadable);
        self.left_out.unreadable.sort();
        self.notes.extend(self.left_out.note());
        self.notes.extend(self.left_out.unwalked_note());
    }

    /// Whether nothing at all was judged, and nobody asked for that: what the configuration excludes
    /// and a person names is left out on purpose.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let is_asked_for = self.left_out.is_excluded_by_name;
        self.files == 0 && self.manifests == 0 && !is_asked_for
    }
}

/// Checks policy.
#[must_use]
pub fn check(vfs: &dyn Vfs, options: &Options, rules: &[Rule]) -> Report {
    let (config, mut config_faults) = match &options.config {
        Some((_, text)) => crate::config::read(text),
        None => Default::default(),
    };
    let wishes = Wish::all(&config, options);
    let mut policy_paths: Vec<String> = options
        .inputs
        .iter()
        .filter(|input| input.kind == InputKind::Policy)
        .map(|input| input.path.clone())
        .collect();
    policy_paths.extend(wishes.iter().filter_map(Wish::path));
    let (mut store, read) = Store::load(vfs, &options.search, &policy_paths);
    let included: FxHashSet<FileId> = store
        .iter()
        .flat_map(|(_, file)| &file.includes)
        .filter_map(|target| {
            if let IncludeTarget::Files(files) = target {
                Some(files)
            } else {
                None
            }
        })
        .flatten()
        .copied()
        .collect();
    let mut failures = Vec::new();
    let mut targets: FxHashMap<FileId, FileRole> = FxHashMap::default();
    let mut order = Vec::new();
    for result in read {
        match result {
            Ok(id) => {
                let role = store.file(id).map(|file| {
                    FileRole::of(
                        &store.sources.get(id).path,
                        &file.file.ast,
                        included.contains(&id),
                    )
                });
                if targets
                    .insert(id, role.unwrap_or(FileRole::Profiles))
                    .is_none()
                {
                    order.push(id);
                }
            }
            Err((path, error)) => failures.push((path, failure(&error))),
        }
    }
    failures.extend(beyond(&store));
    conceal_wished(vfs, options, &wishes, &mut failures);
    let (chosen, unknown_intents) = intents::choose(&mut store, &wishes, &mut config_faults);
    let mut others = Others::default();
    others.config(vfs, &mut store, &config, options);
    others.manifests(vfs, &mut store, options, &mut failures);
    let (manifests, unreadable) = (others.manifests, std::mem::take(&mut others.unreadable));
    let target = wanted_target(vfs, options, &config, &mut failures);
    let (overrides, unknown) = Overrides::new(&config, options, rules);
    let mut report = Report {
        files: order.len(),
        failures,
        manifests,
        left_out: LeftOut {
            unreadable,
            ..LeftOut::default()
        },
        unknown,
        unknown_intents,
        ..Report::default()
    };
    {
        let parser = target.as_ref().and_then(|target| target.parser);
        let digests = Digests::new(&store, parser.unwrap_or(NEWEST_PARSER));
        let cache = PreambleCache::default();
        let with_profiles: Vec<FileId> = order
            .iter()
            .copied()
            .filter(|id| targets.get(id) == Some(&FileRole::Profiles))
            .collect();
        let load = |id: &FileId| Unit::new(&store, &digests, &cache, *id, &config.variables);
        let units: Vec<Unit<'_>> = if with_profiles.len() < 8 {
            with_profiles.iter().map(load).collect()
        } else {
            with_profiles.par_iter().map(load).collect()
        };
        report.profiles = units.iter().map(|unit| unit.profiles.len()).sum();
        applied::enter(vfs, options, &config, &units, &mut config_faults);
        let config_faults = others.faults_of_config(config_faults);
        if let Some(note) = unknown_note(&store, &units) {
            report.notes.push(note);
        }
        let decisions = Decisions::new(&units, digests.parser());
        let cx = Cx {
            decisions: &decisions,
            store: &store,
            digests: &digests,
            units: &units,
            targets: &targets,
            config: &config,
            expected: &others.expected,
            intents: &intents::resolve(&store, &chosen),
            others: &others.files,
            is_whole_set: options.is_whole_set,
            target: target.as_ref(),
            config_faults: &config_faults,
            manifest_faults: &others.faults,
            unknown_selectors: overrides.unknown(),
        };
        let found = lint::run(
            rules,
            &cx,
            &|meta| overrides.is_on_anywhere(meta),
            &|finding, cx| overrides.is_wanted(finding, cx),
        );
        report.findings = found.findings;
        if let Some(veil) = Veil::over(&[&store.sources], None) {
            veil.draw_over(&mut report.findings, &store.sources);
            for unknown in &mut report.unknown_intents {
                unknown.suggestion = unknown.suggestion.take().filter(|name| !veil.is_over(name));
            }
        }
        report.suppressed = found.suppressed;
    }
    report.store = store;
    report
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
        .filter(|(path, _)| vfs.is_outside(path));
    for (config, _) in outside {
        for (path, why) in failures.iter_mut() {
            let mut wished = wishes.iter().filter(|wish| wish.is_of_config());
            if wished.any(|wish| wish.path().as_ref() == Some(path)) {
                config.clone_into(path);
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
    failures: &mut Vec<(String, String)>,
) -> Option<Target> {
    if options.target.is_some() {
        return options.target.clone();
    }
    let (path, _) = options.config.as_ref()?;
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
        .map_err(|error| failures.push((path.clone(), told(error))))
        .ok()
}

fn failure(error: &VfsError) -> String {
    match error {
        VfsError::TooLarge(bytes) => format!(
            "is too large: {bytes} bytes, and aalint reads files of up to {} bytes",
            crate::source::MAX_FILE_BYTES
        ),
        other => other.to_string(),
    }
}

/// What is included and beyond what a run reads.
fn beyond(store: &Store) -> impl Iterator<Item = (String, String)> {
    let why = Budget::of_policy().beyond().to_string();
    let beyond = store.beyond().iter();
    beyond.map(move |path| (path.clone(), why.clone()))
}

/// One note for everything that could not be included, instead of a finding for each.
fn unknown_note(store: &Store, units: &[Unit<'_>]) -> Option<String> {
    let mut missing: Vec<String> = units
        .iter()
        .flat_map(|unit| {
            unit.profiles
                .iter()
                // Where a limit is the reason a finding says so.
                .filter(|profile| profile.limit.is_none())
                .filter_map(|profile| profile.unknown)
                .chain(unit.unknown.filter(|_| unit.limit.is_none()))
        })
        .filter(|span| store.sources.slice(*span).contains("include"))
        .map(|span| store.sources.shown(span).trim().to_owned())
        .collect();
    missing.sort();
    missing.dedup();
    let example = missing.first()?;
    Some(format!(
        "no AppArmor policy base was found, so {} not known (such as `{example}`): rules that depend on \
         it stay silent; name a base directory with --base to check everything",
        if missing.len() == 1 {
            "what one include brings is".to_owned()
        } else {
            format!("what {} includes bring is", missing.len())
        }
    ))
}

/// Files that are no policy.
#[derive(Default)]
struct Others {
    files: Vec<FileId>,
    expected: Vec<Expected>,
    faults: Vec<(FileId, ManifestFault)>,
    manifests: usize,
    /// Manifests that nobody named and that cannot be read, and why.
    unreadable: Vec<(String, String)>,
}

impl Others {
    fn config(&mut self, vfs: &dyn Vfs, store: &mut Store, config: &Config, options: &Options) {
        let Some((path, text)) = &options.config else {
            return;
        };
        let mut source = Source::new(path.clone(), text.clone().into_bytes());
        source.is_outside = vfs.is_outside(path);
        let id = store.sources.add(source);
        self.files.push(id);
        for name in &config.expect {
            self.expected.push(Expected {
                name: name.text.clone(),
                span: name.range.in_file(id),
                who: "the configuration".to_owned(),
                ports: Vec::new(),
            });
        }
    }

    /// Faults with the file that they are in, which is the first of these.
    fn faults_of_config(&self, faults: Vec<ConfigFault>) -> Vec<(FileId, ConfigFault)> {
        let place = |fault| Some((*self.files.first()?, fault));
        faults.into_iter().filter_map(place).collect()
    }

    fn manifests(
        &mut self,
        vfs: &dyn Vfs,
        store: &mut Store,
        options: &Options,
        failures: &mut Vec<(String, String)>,
    ) {
        for input in &options.inputs {
            let InputKind::Manifest(kind) = input.kind else {
                continue;
            };
            let bytes = match vfs.read(&input.path) {
                Ok(bytes) => bytes,
                Err(error) => {
                    failures.push((input.path.clone(), failure(&error)));
                    continue;
                }
            };
            let mut source = Source::new(input.path.clone(), bytes);
            source.is_outside = vfs.is_outside(&input.path);
            let result = containers::read(kind, &source.text);
            if let Err(fault) = &result
                && options.found.contains(&input.path)
            {
                let why = match source.is_outside {
                    true => "cannot be read as YAML".to_owned(),
                    false => fault.to_string(),
                };
                self.unreadable.push((input.path.clone(), why));
                continue;
            }
            self.manifests += 1;
            let id = store.sources.add(source);
            self.files.push(id);
            match result {
                Ok(expectations) => {
                    self.expected
                        .extend(expectations.into_iter().map(|expectation| Expected {
                            span: expectation.range.in_file(id),
                            name: expectation.name,
                            who: expectation.who,
                            ports: expectation.ports,
                        }))
                }
                Err(fault) => self.faults.push((id, fault)),
            }
        }
    }
}
