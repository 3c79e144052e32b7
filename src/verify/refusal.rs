//! Why this machine cannot verify anything, and what to do instead.

use std::io;

use super::leftover::Leftover;
use crate::host::Foreign;

/// Why nothing was verified.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The kernel has no AppArmor, or it is switched off.
    #[error("the running kernel has no AppArmor: nothing enforces a profile here")]
    NoAppArmor,
    /// The kernel has AppArmor, but does not show it.
    #[error("the kernel's AppArmor is not visible: `{0}` is not there")]
    NotVisible(String),
    /// The caller is not root.
    #[error("only root may load policy into the kernel")]
    NotRoot,
    /// A parameter of the kernel makes it enforce nothing.
    #[error(
        "the kernel's AppArmor is in `{0}` mode as a whole: nothing is enforced, whatever profiles say"
    )]
    GlobalMode(String),
    /// Policy can no longer be changed.
    #[error("the kernel's policy is locked: no profile can be loaded until the next boot")]
    Locked,
    /// aalint itself runs under a profile; its label.
    #[error("aalint itself is confined, by `{0}`: what it sees would be that profile's view")]
    Confined(String),
    /// apparmor_parser is not installed.
    #[error("`{0}` is not there: it compiles policy for the kernel")]
    NoParser(String),
    /// apparmor_parser is too old; its version.
    #[error("apparmor_parser is too old: version {0}, and verify needs 3.0")]
    OldParser(String),
    /// The program that should be apparmor_parser shows no version.
    #[error("`{0}` does not say which version it is")]
    OddParser(String),
    /// Somebody other than root may change apparmor_parser.
    #[error("`{program}` is not run as root: {by}")]
    ForeignParser {
        /// Its path.
        program: String,
        /// Who may change it.
        by: Foreign,
    },
    /// A profile for another namespace, or one whose name cannot be shown.
    #[error("the profile `{name}` is not loaded: {why}")]
    OddName {
        /// The name, as it can be shown.
        name: String,
        /// What is odd about it.
        why: &'static str,
    },
    /// The parser makes other profiles of the policy than aalint.
    #[error("apparmor_parser compiles other profiles than aalint reads: {0}")]
    OtherProfiles(String),
    /// The policy includes a file by its absolute path, which somebody else may exchange.
    #[error("the policy includes `{path}` by its absolute path, and {by}")]
    ForeignInclude {
        /// The file.
        path: String,
        /// Who may exchange it.
        by: Foreign,
    },
    /// The file defines no profile of the name that the runtime asks for.
    #[error("{path} defines no profile `{wanted}`, which `[verify]` names: {defined}")]
    Name {
        /// The file.
        path: String,
        /// The name that `[verify]` tells.
        wanted: String,
        /// What it defines, in words.
        defined: String,
    },
    /// A profile of that name is loaded already, from other bytes.
    #[error("a profile `{0}` is loaded already, and it is another one")]
    AlreadyLoaded(String),
    /// What is loaded cannot be saved, so it could not be restored.
    #[error("the profile `{name}` that is loaded cannot be saved: {error}")]
    NotSaved {
        /// The profile.
        name: String,
        /// Why.
        error: io::Error,
    },
    /// Another run holds the lock of the journal; who.
    #[error("another aalint verify is at work{0}")]
    Busy(String),
    /// The journal cannot be kept.
    #[error("the journal of what must be undone cannot be kept in {place}: {error}")]
    Journal {
        /// The directory.
        place: String,
        /// Why.
        error: io::Error,
    },
    /// An earlier run left something that cannot be cleaned up.
    #[error(transparent)]
    Leftover(#[from] Leftover),
    /// The container engine cannot be spoken to, or stopped answering.
    #[error("the container engine at {address} does not answer: {why}")]
    Engine {
        /// Where it should listen.
        address: String,
        /// What happened instead.
        why: String,
    },
    /// The container engine refuses something that it should not.
    #[error("the container engine refuses: {0}")]
    EngineRefuses(String),
    /// The engine is on another machine.
    #[error(
        "the container engine at {0} is not on this machine: its kernel is not the one that is asked here"
    )]
    RemoteEngine(String),
    /// The engine's containers run under another kernel.
    #[error("the container engine runs containers under another kernel, {0}")]
    OtherKernel(String),
    /// The engine runs without root, and cannot apply profiles.
    #[error("the container engine at {0} is rootless: it applies no AppArmor profile")]
    Rootless(String),
    /// The engine applies no profiles.
    #[error("the container engine at {0} applies no AppArmor profile")]
    EngineWithoutAppArmor(String),
    /// The engine does not have the image.
    #[error("the container engine has no image `{0}`")]
    NoImage(String),
    /// Something that is to be mounted is not there.
    #[error("`{0}` is not there, and is to be mounted in the container")]
    NoVolume(String),
    /// The image cannot be built.
    #[error("the image cannot be built from {directory}: {why}")]
    Build {
        /// The directory of the Dockerfile.
        directory: String,
        /// What the engine says.
        why: String,
    },
    /// apparmor_parser refuses the policy; its messages.
    #[error("apparmor_parser refuses the policy: {0}")]
    Compile(String),
    /// The kernel refuses the policy.
    #[error("the kernel refuses the policy: {0}")]
    Load(io::Error),
    /// Audit records cannot be read; why.
    #[error("audit records cannot be read: {0}")]
    NoRecords(String),
    /// A system call fails; what could not be done, and why.
    #[error("{0}: {1}")]
    System(&'static str, io::Error),
    /// A signal came; its number.
    #[error("interrupted by signal {0}")]
    Interrupted(u8),
}

impl Refusal {
    /// What to do.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::NoAppArmor => {
                "boot a kernel with AppArmor (`lsm=…,apparmor` or `apparmor=1 security=apparmor` on its command line), or use `aalint check`, which needs none"
            }
            Self::NotVisible(_) => "mount securityfs at /sys/kernel/security",
            Self::NotRoot => "run it with sudo; `aalint verify --plan` shows what it would do",
            Self::GlobalMode(_) => {
                "`echo -n enforce > /sys/module/apparmor/parameters/mode` as root; it concerns all profiles of the machine"
            }
            Self::Locked => "reboot without apparmor.lock_policy",
            Self::Confined(_) => "run it from outside of the profile or container",
            Self::NoParser(_) => "install the package `apparmor`",
            Self::OldParser(_) | Self::OddParser(_) => {
                "install a newer package `apparmor`; 3.0 came with Debian 12 and Ubuntu 20.10"
            }
            Self::ForeignParser { .. } => {
                "let root own it and the directories around it, and nobody else write there"
            }
            Self::OddName { .. } => {
                "verify loads profiles into the namespace in which it runs, under names that can be printed: rename it"
            }
            Self::OtherProfiles(_) => {
                "nothing of it was loaded, or it was removed again; please report this, with the policy"
            }
            Self::ForeignInclude { .. } => {
                "include it as `<…>` from a directory that `--base` or `--include` names, so that what is compiled is what was read"
            }
            Self::Name { .. } => {
                "a runtime asks for a profile by its name, not by its file: let both say the same"
            }
            Self::AlreadyLoaded(_) => {
                "`--replace` puts this one in its place and the old one back at the end; meanwhile its tasks run under this one"
            }
            Self::NotSaved { .. } => {
                "unload it first with `apparmor_parser --remove`, so that nothing must be restored"
            }
            Self::Busy(_) => "wait until it is done",
            Self::Journal { .. } => {
                "verify needs a directory that only root may write, and space there"
            }
            Self::Leftover(..) => {
                "see to what is said there, then `aalint verify --cleanup`; tasks that run under a profile must end first"
            }
            Self::Engine { .. } => {
                "start it, or name another one: `endpoint` in `[verify]`, or DOCKER_HOST; `--tier a` needs none"
            }
            Self::EngineRefuses(_) => {
                "`docker` on the command line may say more; `--tier a` needs no engine"
            }
            Self::RemoteEngine(_) => {
                "run verify on that machine, or name a `unix://` socket of this one in `[verify]` or DOCKER_HOST"
            }
            Self::OtherKernel(_) => {
                "an engine in a virtual machine, such as Docker Desktop's, is verified from inside of that machine"
            }
            Self::Rootless(_) | Self::EngineWithoutAppArmor(_) => {
                "use an engine that runs as root on a host with AppArmor and apparmor_parser"
            }
            Self::NoImage(_) => {
                "pull it, or let `build` in `[verify]` name the directory of a Dockerfile"
            }
            Self::NoVolume(_) => {
                "make it first, or mend `volumes`: what an engine makes itself would stay behind"
            }
            Self::Build { .. } => "`docker build` shows all of it",
            Self::Compile(_) => "`aalint check` shows what is wrong and where",
            Self::Load(_) | Self::System(..) => "the kernel log (`dmesg`) may say more",
            Self::NoRecords(_) => {
                "run it with sudo in the machine's first network namespace, name a log, or read the journal with `--journal`"
            }
            Self::Interrupted(_) => "nothing of this run is left",
        }
    }

    /// Whether it is the machine that cannot verify any profile, whatever is asked: what `--allow-skip`
    /// lets pass.
    #[must_use]
    pub const fn is_of_machine(&self) -> bool {
        matches!(
            self,
            Self::NoAppArmor
                | Self::NotVisible(_)
                | Self::NotRoot
                | Self::GlobalMode(_)
                | Self::Locked
                | Self::Confined(_)
                | Self::NoParser(_)
                | Self::OldParser(_)
                | Self::OddParser(_)
        )
    }
}
