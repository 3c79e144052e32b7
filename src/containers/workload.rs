//! What a file says of a container.

use super::stated::{Listing, Stated};
use crate::source::Span;

/// A container as a file describes it. What the file does not say ([`Stated::Unstated`]) is left to the image; what it says
/// with a variable that has no value is [`Stated::Unknown`], and never guessed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Workload {
    /// What runs it.
    pub engine: ContainerEngine,
    /// Service or container, with its name: ``service `web` ``.
    pub who: String,
    /// Where its name is written; its file is the one that describes it.
    pub place: Span,
    /// What is said of AppArmor, in the order in which the engine takes it; the last decides.
    pub confinement: Vec<Confinement>,
    /// The image.
    pub image: Stated<Placed>,
    /// How the image is built, if the file says so.
    pub build: Option<ImageBuild>,
    /// What replaces the image's entrypoint: `entrypoint` in a compose file, `command` in Kubernetes. Empty, it removes it.
    pub entrypoint: Stated<Vec<String>>,
    /// What replaces the image's command: `command` in a compose file, `args` in Kubernetes.
    pub command: Stated<Vec<String>>,
    /// `USER[:GROUP]`, by name or number.
    pub user: Stated<String>,
    /// The working directory.
    pub working_dir: Stated<String>,
    /// Variables of the environment; a value that is unstated comes from where the engine runs.
    pub environment: Listing<(String, Stated<String>)>,
    /// The container's ports that are named, the ends of ranges; none where one cannot be read.
    pub ports: Vec<u16>,
    /// What is mounted into it.
    pub mounts: Listing<ContainerMount>,
    /// Whether its root is read-only.
    pub is_read_only: Stated<bool>,
    /// Whether it begins with the engine's init.
    pub has_init: Stated<bool>,
    /// Capabilities that it gets, as written.
    pub cap_add: Listing<String>,
    /// Capabilities that it does not get, as written.
    pub cap_drop: Listing<String>,
    /// Whether it is privileged.
    pub is_privileged: Stated<bool>,
    /// Whether its processes can gain no privileges by an exec.
    pub has_no_new_privileges: Stated<bool>,
}

/// What runs a container.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum ContainerEngine {
    /// Docker, or what takes its options.
    Docker,
    /// The container runtime of a Kubernetes node.
    Kubernetes,
    /// Podman.
    Podman,
    /// LXC, also under Incus and LXD.
    Lxc,
    /// Nomad, which runs Docker or Podman.
    Nomad,
}

/// What is said of a container's confinement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Confinement {
    /// A profile, by its name.
    Named(Placed),
    /// None.
    Unconfined(Span),
    /// The profile that the engine brings.
    RuntimeDefault(Span),
    /// Something that cannot be read: a variable without a value.
    Unknown(Span),
    /// Something that the engine refuses, and why.
    Refused(Span, &'static str),
}

impl Confinement {
    /// Where it is said.
    #[must_use]
    pub const fn place(&self) -> Span {
        match self {
            Self::Named(name) => name.place,
            Self::Unconfined(place)
            | Self::RuntimeDefault(place)
            | Self::Unknown(place)
            | Self::Refused(place, _) => *place,
        }
    }
}

/// A text with the place where it is written, as a whole value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placed {
    /// The text.
    pub text: String,
    /// The place.
    pub place: Span,
}

/// How an image is built. Paths are as written, relative to the directory of the file that `place` lies in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImageBuild {
    /// Where it is said.
    pub place: Span,
    /// The directory or URL of the build context.
    pub context: Stated<String>,
    /// The Dockerfile, relative to the context.
    pub dockerfile: Stated<String>,
    /// The text of a Dockerfile that the file itself holds.
    pub dockerfile_inline: Stated<String>,
    /// The stage.
    pub target: Stated<String>,
    /// The build arguments; a value that is unstated comes from where the image is built.
    pub args: Listing<(String, Stated<String>)>,
}

/// Something that is mounted into a container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContainerMount {
    /// The path in the container.
    pub target: String,
    /// What is mounted there.
    pub kind: ContainerMountKind,
    /// The path on the host, or the name of the volume, configuration or secret.
    pub source: Stated<String>,
    /// Whether it is read-only.
    pub is_read_only: bool,
    /// Where it is said.
    pub place: Span,
}

/// Kinds of mounts.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum ContainerMountKind {
    /// A file or directory of the host.
    Bind,
    /// A volume.
    Volume,
    /// A file system in memory.
    Tmpfs,
    /// Files that the engine makes: configurations and secrets.
    Files,
    /// Something else.
    Other,
}

impl Workload {
    /// A container of which nothing but its name is said.
    #[must_use]
    pub const fn new(engine: ContainerEngine, who: String, place: Span) -> Self {
        Self {
            engine,
            who,
            place,
            confinement: Vec::new(),
            image: Stated::Unstated,
            build: None,
            entrypoint: Stated::Unstated,
            command: Stated::Unstated,
            user: Stated::Unstated,
            working_dir: Stated::Unstated,
            environment: Listing::EMPTY,
            ports: Vec::new(),
            mounts: Listing::EMPTY,
            is_read_only: Stated::Unstated,
            has_init: Stated::Unstated,
            cap_add: Listing::EMPTY,
            cap_drop: Listing::EMPTY,
            is_privileged: Stated::Unstated,
            has_no_new_privileges: Stated::Unstated,
        }
    }

    /// Makes unknown what is not said: something that cannot be read may say it.
    pub(super) fn forget_unstated(&mut self) {
        fn forget<T>(said: &mut Stated<T>) {
            if said.is_unstated() {
                *said = Stated::Unknown;
            }
        }
        self.confinement.insert(0, Confinement::Unknown(self.place));
        forget(&mut self.image);
        forget(&mut self.entrypoint);
        forget(&mut self.command);
        forget(&mut self.user);
        forget(&mut self.working_dir);
        forget(&mut self.is_read_only);
        forget(&mut self.is_privileged);
        forget(&mut self.has_no_new_privileges);
        self.environment.may_be_more = true;
        self.mounts.may_be_more = true;
        self.cap_add.may_be_more = true;
        self.cap_drop.may_be_more = true;
        self.ports.clear();
    }

    /// Whether it loads profiles: it runs the parser, or is made for that by its name.
    #[must_use]
    pub fn is_loader(&self) -> bool {
        let commands = [&self.entrypoint, &self.command];
        let mut words = commands.into_iter().filter_map(Stated::known).flatten();
        let image = self.image.known();
        words.any(|word| word.contains("apparmor_parser"))
            || image.is_some_and(|image| image.text.contains("apparmor-loader"))
    }

    /// The profile that it runs under by name, if the file names one and nothing replaces it.
    #[must_use]
    pub fn profile(&self) -> Option<&Placed> {
        match self.confinement.last()? {
            Confinement::Named(name) => Some(name),
            _ => None,
        }
    }
}
