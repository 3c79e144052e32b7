//! Files that are no policy: the configuration, compose files and manifests.

use rustc_hash::FxHashSet;

use super::discovery::InputKind;
use super::embedded;
use super::failure::failure;
use super::options::Options;
use super::views::{DOCKERFILES, views};
use crate::config::{Config, ConfigFault};
use crate::containers::{
    self, ContainerView, Described, ExpectedProfile, Manifest, ManifestFault, NeighbourFiles,
    Workload,
};
use crate::lint::directories;
use crate::policy::Store;
use crate::source::{Budget, EntryKind, FileId, Source, SourceMap, Span, Vfs};

/// Files that are no policy.
#[derive(Default)]
pub(super) struct Others {
    pub(super) files: Vec<FileId>,
    pub(super) expected: Vec<ExpectedProfile>,
    /// Names of profiles that manifests define in a form that is not judged.
    pub(super) unjudged: Vec<String>,
    /// Manifests of which a part is not read, and why.
    pub(super) unread: Vec<(String, String)>,
    /// What loads profiles.
    pub(super) loaders: Vec<Span>,
    /// The containers that manifests describe.
    pub(super) workloads: Vec<Workload>,
    pub(super) faults: Vec<(FileId, ManifestFault)>,
    pub(super) manifests: usize,
    /// Directories of files to check, and those above them, that hold a Dockerfile.
    pub(super) docker_projects: FxHashSet<String>,
    /// The containers as they will run.
    pub(super) views: Vec<ContainerView>,
    /// Manifests that nobody named and that cannot be read, and why.
    pub(super) unreadable: Vec<(String, String)>,
}

/// Files beside a manifest. What lies outside is not read: nobody named it.
struct Neighbours<'n> {
    vfs: &'n dyn Vfs,
    sources: &'n mut SourceMap,
    budget: &'n mut Budget,
}

impl Neighbours<'_> {
    fn read(&mut self, path: &str) -> Option<Source> {
        if self.budget.is_spent()
            || self.vfs.kind(path) != Some(EntryKind::File)
            || self.vfs.is_outside(path)
        {
            return None;
        }
        let bytes = self.vfs.read(path).ok()?;
        self.budget.take(bytes.len()).ok()?;
        Some(Source::new(path, bytes))
    }
}

impl NeighbourFiles for Neighbours<'_> {
    fn open(&mut self, path: &str) -> Option<(FileId, String)> {
        let source = self.read(path)?;
        let text = source.text.clone();
        Some((self.sources.add(source), text))
    }

    fn text(&mut self, path: &str) -> Option<String> {
        self.read(path).map(|source| source.text)
    }
}

impl Others {
    /// Reads them; `failures` are manifests that somebody named and that cannot be read.
    pub(super) fn read(
        vfs: &dyn Vfs,
        store: &mut Store,
        config: &Config,
        options: &Options,
        failures: &mut Vec<(String, String)>,
    ) -> Self {
        let mut others = Self::default();
        others.config(vfs, store, config, options);
        others.dockerfiles(vfs, options);
        others.manifests(vfs, store, options, failures);
        others.views = views(
            vfs,
            store,
            options,
            &others.workloads,
            &others.docker_projects,
        );
        others
    }

    fn config(&mut self, vfs: &dyn Vfs, store: &mut Store, config: &Config, options: &Options) {
        let Some(file) = &options.config else {
            return;
        };
        let mut source = Source::new(file.path.clone(), file.text.clone().into_bytes());
        source.is_outside = vfs.is_outside(&file.path);
        let id = store.sources.add(source);
        self.files.push(id);
        for name in &config.expect {
            self.expected.push(ExpectedProfile {
                name: name.text.clone(),
                span: name.range.in_file(id),
                who: "the configuration".to_owned(),
                ports: Vec::new(),
                is_container: true,
            });
        }
    }

    /// Looks for Dockerfiles beside the files to check.
    fn dockerfiles(&mut self, vfs: &dyn Vfs, options: &Options) {
        let policy = options.inputs.iter();
        let policy = policy.filter(|input| input.kind == InputKind::Policy);
        let places: FxHashSet<&str> = policy.flat_map(|input| directories(&input.path)).collect();
        let has_one = |directory: &&str| {
            DOCKERFILES.iter().any(|name| {
                let path = match *directory {
                    "" => (*name).to_owned(),
                    directory => format!("{directory}/{name}"),
                };
                vfs.kind(&path) == Some(EntryKind::File)
            })
        };
        let projects = places.into_iter().filter(has_one);
        self.docker_projects = projects.map(str::to_owned).collect();
    }

    /// Faults with the file that they are in, which is the first of these.
    pub(super) fn faults_of_config(&self, faults: Vec<ConfigFault>) -> Vec<(FileId, ConfigFault)> {
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
        let mut budget = Budget::of_policy();
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
            let (text, is_outside) = (source.text.clone(), source.is_outside);
            let id = store.sources.add(source);
            let mut neighbours = Neighbours {
                vfs,
                sources: &mut store.sources,
                budget: &mut budget,
            };
            let result = containers::read_with(kind, &input.path, id, &text, &mut neighbours);
            if let Err(fault) = &result
                && (options.found.contains(&input.path) || containers::is_template(&text))
            {
                let why = match is_outside {
                    true => "cannot be read as YAML".to_owned(),
                    false => fault.to_string(),
                };
                self.unreadable.push((input.path.clone(), why));
                continue;
            }
            self.manifests += 1;
            if kind == Manifest::Kubernetes {
                self.unjudged.extend(embedded::unjudged_names(&text));
            }
            self.files.push(id);
            match result {
                Ok(described) => self.enter(described, &input.path),
                Err(fault) => self.faults.push((id, fault)),
            }
        }
    }

    fn enter(&mut self, described: Described, path: &str) {
        if let Some(why) = described.unread {
            self.unread.push((path.to_owned(), why.to_owned()));
        }
        self.expected
            .extend(ExpectedProfile::of(&described.workloads));
        let name = path.rsplit('/').next().unwrap_or_default();
        let programs = described.programs.into_iter();
        self.expected
            .extend(programs.map(|profile| ExpectedProfile {
                name: profile.text,
                span: profile.place,
                who: format!("unit `{name}`"),
                ports: Vec::new(),
                is_container: false,
            }));
        self.loaders.extend(described.loaders);
        self.workloads.extend(described.workloads);
    }
}
