//! A container as it will run, as far as its image and the files that describe it tell.

use super::stated::{Listing, Stated};
use super::workload::{ContainerMountKind, Workload};
use crate::images::{
    FileAccess, FileOwner, ImageConfig, ImageTree, Process, Purpose, Startup, user_id,
};
use crate::source::Span;

/// Where what is known of an image comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ImageOrigin {
    /// An archive or a directory, at this path: every file is known.
    Files(String),
    /// A Dockerfile at this path, and the base image that it begins with, if it is known which one that is.
    Dockerfile {
        /// Its path.
        path: String,
        /// The base image.
        base: Option<String>,
        /// Whether files of the base image are known.
        is_base_known: bool,
    },
    /// All files of the image of this name, as the engine has it.
    Engine(String),
    /// The table of base images, for this reference.
    Table(String),
    /// Nothing is known of it, and why, in words that follow "nothing is known of its image: ".
    Unknown(String),
}

/// Which profile a container runs under.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ViewedProfile {
    /// The one of this name.
    Named(String),
    /// The one for a container whose file lies in this directory, or below it.
    Beside(String),
    /// The only one that is checked.
    Only,
}

/// An image, as far as it is known.
#[derive(Clone, Debug)]
pub struct KnownImage {
    /// Where it is known from.
    pub origin: ImageOrigin,
    /// Its files, once for each architecture that may be meant; none if nothing is known.
    pub trees: Vec<ImageTree>,
    /// What it runs.
    pub config: ImageConfig,
}

impl KnownImage {
    /// An image of which nothing is known.
    #[must_use]
    pub fn unknown(why: impl Into<String>) -> Self {
        Self {
            origin: ImageOrigin::Unknown(why.into()),
            trees: Vec::new(),
            config: ImageConfig::default(),
        }
    }
}

/// A container as it will run.
#[derive(Clone, Debug)]
pub struct ContainerView {
    /// Who it is: ``service `web` ``, ``the image of `Dockerfile` ``.
    pub who: String,
    /// The profile that it runs under.
    pub profile: ViewedProfile,
    /// Where a file describes it.
    pub place: Option<Span>,
    /// Its image.
    pub image: KnownImage,
    /// Its process; `None` if that is not known.
    pub process: Option<Process>,
    /// What opens which files when it starts, for each tree.
    pub startups: Vec<Startup>,
    /// The user that it runs as, as written; `None` if that is not known.
    pub user: Option<String>,
    /// What is mounted into it: what a file says, and the volumes of the image.
    pub mounts: Vec<ViewedMount>,
    /// Whether a file says that its root file system is read-only.
    pub is_read_only: bool,
    /// Whether a file says that its processes can gain no privileges by an exec.
    pub has_no_new_privileges: bool,
}

/// Something that is mounted into a container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ViewedMount {
    /// The path in the container, without a slash at the end.
    pub target: String,
    /// What is mounted there.
    pub kind: ContainerMountKind,
    /// Whether it is read-only.
    pub is_read_only: bool,
}

impl ContainerView {
    /// Puts an image and what a file says of a container together. Relative paths of a command are below the working directory of both.
    #[must_use]
    pub fn new(
        who: String,
        profile: ViewedProfile,
        workload: Option<&Workload>,
        mut image: KnownImage,
    ) -> Self {
        let process = process(workload, &image.config);
        let user = match workload.map(|workload| &workload.user) {
            Some(Stated::Known(user)) => Some(user.clone()),
            Some(Stated::Unknown) => None,
            Some(Stated::Unstated) | None => image.config.user.clone(),
        };
        let mounts = mounts(workload, &image.config);
        if let Some(workload) = workload {
            mount(workload, &mut image);
        }
        let startups = match &process {
            Some(process) => {
                let trees = image.trees.iter();
                trees.map(|tree| Startup::of(tree, process)).collect()
            }
            None => Vec::new(),
        };
        Self {
            who,
            profile,
            place: workload.map(|workload| workload.place),
            image,
            process,
            startups,
            user,
            mounts,
            is_read_only: workload
                .is_some_and(|workload| workload.is_read_only == Stated::Known(true)),
            has_no_new_privileges: workload
                .is_some_and(|workload| workload.has_no_new_privileges == Stated::Known(true)),
        }
    }

    /// The number of its user, if that is known: of a name, if the image's `/etc/passwd` has it.
    #[must_use]
    pub fn user_id(&self) -> Option<u32> {
        let user = self.user.as_deref()?.split(':').next()?;
        user_id(user, self.image.trees.first()?)
    }

    /// The number of the group that is named beside its user; `None` if none is, or it is not known.
    #[must_use]
    pub fn group_id(&self) -> Option<u32> {
        self.user.as_deref()?.split_once(':')?.1.parse().ok()
    }

    /// Whether its process could write a file, as far as its mode and its file system decide that.
    #[must_use]
    pub fn could_write(&self, owner: Option<FileOwner>) -> bool {
        // Of an image all files are on the root file system.
        if self.is_read_only {
            return false;
        }
        match (self.user_id(), owner) {
            (Some(user), Some(owner)) if user != 0 && user != owner.user => {
                // Which other groups the user is in is not looked up.
                let may_be_in = self.group_id().is_none_or(|group| group == owner.group);
                owner.mode & 0o002 != 0 || owner.mode & 0o020 != 0 && may_be_in
            }
            (Some(user), Some(owner)) if user != 0 => owner.mode & 0o200 != 0,
            _ => true,
        }
    }

    /// Whether it is known which libraries its program needs.
    #[must_use]
    pub fn knows_libraries(&self) -> bool {
        let is_library = |access: &FileAccess| matches!(access.purpose, Purpose::Library(_));
        let mut startups = self.startups.iter();
        startups.any(|startup| startup.accesses.iter().any(is_library))
    }

    /// Whether a start of it can be followed at all.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.startups
            .iter()
            .any(|startup| startup.program.is_some())
    }
}

/// Where Docker mounts its init (moby, `inContainerInitPath` in `daemon/oci_linux.go`).
const DOCKER_INIT: &str = "/sbin/docker-init";

/// The process that a container starts. An entrypoint that a file gives takes the image's command away, as Docker and Kubernetes do.
#[must_use]
pub fn process(workload: Option<&Workload>, config: &ImageConfig) -> Option<Process> {
    let stated = |value: Option<&Stated<Vec<String>>>| value.cloned().unwrap_or_default();
    let entrypoint = stated(workload.map(|workload| &workload.entrypoint));
    let command = stated(workload.map(|workload| &workload.command));
    let takes_command = entrypoint.is_unstated();
    let entrypoint = match entrypoint {
        Stated::Known(words) => words,
        Stated::Unknown => return None,
        Stated::Unstated => config.entrypoint.clone()?,
    };
    let command = match command {
        Stated::Known(words) => words,
        Stated::Unknown => return None,
        Stated::Unstated if takes_command => config.command.clone()?,
        Stated::Unstated => Vec::new(),
    };
    let working_dir = match workload.map(|workload| &workload.working_dir) {
        Some(Stated::Known(directory)) => Some(directory.clone()),
        Some(Stated::Unknown) => None,
        Some(Stated::Unstated) | None => config.working_dir.clone(),
    };
    let mut environment = config.environment.clone();
    if let Some(Listing { items, .. }) = workload.map(|workload| &workload.environment) {
        let known = items
            .iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", value.known()?)));
        environment.extend(known);
    }
    let has_init = workload.is_some_and(|workload| workload.has_init == Stated::Known(true));
    let arguments: Vec<String> = entrypoint.into_iter().chain(command).collect();
    (!arguments.is_empty()).then_some(Process {
        arguments,
        environment,
        working_dir,
        init: has_init.then_some(DOCKER_INIT),
    })
}

/// What is mounted into a container.
fn mounts(workload: Option<&Workload>, config: &ImageConfig) -> Vec<ViewedMount> {
    let stated = workload
        .map(|workload| workload.mounts.items.as_slice())
        .unwrap_or_default();
    let stated = stated
        .iter()
        .map(|mount| (&mount.target, mount.kind, mount.is_read_only));
    let volumes = config
        .volumes
        .iter()
        .map(|target| (target, ContainerMountKind::Volume, false));
    let mut found: Vec<ViewedMount> = Vec::new();
    for (target, kind, is_read_only) in stated.chain(volumes) {
        let target = target.trim_end_matches('/').to_owned();
        if target.starts_with('/') && found.iter().all(|known| known.target != target) {
            found.push(ViewedMount {
                target,
                kind,
                is_read_only,
            });
        }
    }
    found
}

/// Takes up what is mounted over the image.
fn mount(workload: &Workload, image: &mut KnownImage) {
    for tree in &mut image.trees {
        for mount in &workload.mounts.items {
            tree.mount(&mount.target);
        }
    }
    if workload.mounts.may_be_more {
        // Anything may lie anywhere.
        image.trees.clear();
    }
}
