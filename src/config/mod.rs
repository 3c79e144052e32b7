//! `aalint.toml`: read with the place of every fault, and its JSON schema.

mod file;
mod reach;
mod read;
mod schema;
mod verify;

use crate::diagnostic::Severity;
use crate::format::Layout;
use crate::source::TextRange;

pub use file::ConfigFile;
pub use reach::{Reach, is_path, leads_out};
pub use read::read;
pub use schema::schema;

/// Text from the configuration and where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    /// The text.
    pub text: String,
    /// Its place in the file, quotes included.
    pub range: TextRange,
}

/// A choice of rules, as written.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RuleChoice {
    /// `select`: exactly these.
    pub select: Option<Vec<Named>>,
    /// `extend-select`: these as well.
    pub extend: Vec<Named>,
    /// `ignore`
    pub ignore: Vec<Named>,
    /// `severity`; `None` is `off`.
    pub severities: Vec<(Named, Option<Severity>)>,
}

/// `[[override]]`: a choice for some files.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Override {
    /// Patterns of paths, relative to the directory of the configuration.
    pub paths: Vec<Named>,
    /// The choice.
    pub choice: RuleChoice,
}

/// `[[profile]]`: what a profile is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProfileKind {
    /// Its name, or a pattern.
    pub name: Named,
    /// Whether it is for a container, if that is said.
    pub is_container: Option<bool>,
    /// The intents that it must keep.
    pub intents: Vec<Named>,
}

impl ProfileKind {
    /// Whether it is about the profile of that name.
    #[must_use]
    pub fn is_about(&self, name: &str) -> bool {
        self.name.text == name
            || globset::Glob::new(&self.name.text)
                .is_ok_and(|glob| glob.compile_matcher().is_match(name))
    }
}

/// `[verify]`: what is taken to the kernel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyConfig {
    /// `profile`: the file that defines the profile, relative to the configuration.
    pub profile: Named,
    /// `name`: the name under which the container runtime asks for it.
    pub name: Option<Named>,
    /// What the container is like, if one is to be run.
    pub container: Option<Container>,
}

/// The container of `[verify]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Container {
    /// `image` or `build`
    pub image: ImageSource,
    /// `command`: instead of the image's.
    pub command: Vec<Named>,
    /// `port`, at which the application answers HTTP.
    pub port: u16,
    /// `request`: the path that is asked for; `/` if not given.
    pub request: String,
    /// `status`: of the answer; 200 if not given.
    pub status: u16,
    /// `environment`
    pub environment: Vec<(String, String)>,
    /// `volumes`: `SOURCE:TARGET` or `SOURCE:TARGET:ro`; relative sources are relative to the file.
    pub volumes: Vec<Named>,
    /// `tmpfs`: `TARGET` or `TARGET:OPTIONS`.
    pub tmpfs: Vec<Named>,
    /// `drop-capabilities`
    pub drop_capabilities: Vec<Named>,
    /// `read-only`: whether the root file system is.
    pub is_read_only: bool,
    /// `no-new-privileges`
    pub has_no_new_privileges: bool,
    /// `privileged`
    pub is_privileged: bool,
    /// `endpoint`: where the engine listens, `unix:///…`.
    pub endpoint: Option<Named>,
}

/// Where the image of a container comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ImageSource {
    /// `image`: one that the engine has.
    Image(Named),
    /// `build`: a directory with a Dockerfile, relative to the file.
    Build(Named),
}

/// What `aalint.toml` says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Config {
    /// `base`: the policy base directory, relative to the file.
    pub base: Option<Named>,
    /// `include`: further directories for `<…>`.
    pub include: Vec<Named>,
    /// `exclude`: patterns of paths that are not checked.
    pub exclude: Vec<Named>,
    /// `target`: where the policy will run; a name, or a path relative to the file.
    pub target: Option<Named>,
    /// `fail-on`
    pub fail_on: Option<Severity>,
    /// `pedantic`
    pub pedantic: bool,
    /// `audit`
    pub audit: bool,
    /// `intents`: those that all profiles must keep.
    pub intents: Vec<Named>,
    /// `[lint]`
    pub lint: RuleChoice,
    /// `[[override]]`
    pub overrides: Vec<Override>,
    /// `[[profile]]`
    pub profiles: Vec<ProfileKind>,
    /// `[variables]`: variables that a build step defines.
    pub variables: Vec<(String, Vec<String>)>,
    /// `[container] image`: the path of the container's image, or its name in the engine.
    pub image: Option<Named>,
    /// `[container.images]`: paths and names of images by the names of profiles.
    pub images: Vec<(String, Named)>,
    /// `[container] expect`: profile names that the runtime is told.
    pub expect: Vec<Named>,
    /// `[format]`
    pub layout: Layout,
    /// `[verify]`
    pub verify: Option<VerifyConfig>,
    /// Keys under names that have been replaced; they were read as the keys that took their place.
    pub retired: Vec<RetiredKey>,
}

/// A key under the name that it had in an earlier version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RetiredKey {
    /// As it was written.
    pub written: Named,
    /// What it is called today.
    pub now: &'static str,
}

impl Config {
    /// Whether the configuration says of a profile that it is for a container, or that it is not.
    #[must_use]
    pub fn profile_kind(&self, name: &str) -> Option<bool> {
        let said = self
            .profiles
            .iter()
            .find_map(|kind| kind.is_container.filter(|_| kind.is_about(name)));
        said.or_else(|| {
            let verify = self.verify.as_ref()?;
            let is_run = verify.container.is_some();
            let is_named = verify.name.as_ref().is_some_and(|named| named.text == name);
            (is_run && is_named).then_some(true)
        })
    }
}

impl Config {
    /// The paths of files and directories with policy, and of images, that it names.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let of_profiles = self.profiles.iter().flat_map(|profile| &profile.intents);
        let verified = self.verify.iter().map(|verify| &verify.profile);
        let directories = self.base.iter().chain(&self.include);
        let named = directories.chain(&self.intents).chain(of_profiles);
        let images = self.images.iter().map(|(_, image)| image);
        let named = named.chain(verified).chain(&self.image).chain(images);
        named.map(|named| named.text.as_str())
    }
}

/// What is wrong with a configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigFault {
    /// Where.
    pub range: TextRange,
    /// What.
    pub kind: ConfigFaultKind,
}

/// Kinds of faults of a configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConfigFaultKind {
    /// No TOML; what the parser says.
    Toml(String),
    /// A key nobody knows, and the one that was probably meant.
    UnknownKey(String, Option<&'static str>),
    /// A retired name beside the key that took its place.
    OldAndNew(String, &'static str),
    /// A value of another type; what it should be.
    Type(&'static str),
    /// A value that is not one of these.
    NoneOf(&'static [&'static str]),
    /// No target of that name; the names.
    NoSuchTarget(Vec<&'static str>),
    /// A pattern that cannot be read; why.
    Pattern(String),
    /// A required key that is missing.
    Missing(&'static str),
    /// Two keys of which only one can be meant.
    Both(&'static str, &'static str),
    /// An intent that nobody defines, the one that was probably meant, and those that there are.
    NoSuchIntent(String, Option<String>, Vec<String>),
    /// A profile that nobody defines, and the one that was probably meant.
    NoSuchProfile(String, Option<String>),
    /// Intents for all profiles, and no profile.
    NoProfile,
    /// An `[[override]]` whose paths match no file; the first of them.
    NoSuchFile(String),
}
