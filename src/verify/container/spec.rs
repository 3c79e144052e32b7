//! What is run.

/// A container, and what is expected of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spec {
    /// The profile's name, as the engine gets it.
    pub profile: String,
    /// Where the engine listens: `unix:///…`.
    pub endpoint: String,
    /// The image.
    pub image: Image,
    /// Instead of the image's command, if there is one.
    pub command: Vec<String>,
    /// The port at which the application answers inside of the container.
    pub port: u16,
    /// The path that is asked for.
    pub request: String,
    /// The status of the answer.
    pub status: u16,
    /// `NAME=VALUE`
    pub environment: Vec<String>,
    /// `SOURCE:TARGET` or `SOURCE:TARGET:ro`, sources absolute or names of volumes.
    pub volumes: Vec<String>,
    /// Temporary file systems and their options.
    pub tmpfs: Vec<(String, String)>,
    /// Capabilities that it does not get.
    pub drop_capabilities: Vec<String>,
    /// Whether the root file system is read-only.
    pub is_read_only: bool,
    /// Whether its processes can gain no privileges by what they execute.
    pub has_no_new_privileges: bool,
    /// Whether it is privileged.
    pub is_privileged: bool,
}

/// An image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Image {
    /// One that the engine has.
    Named(String),
    /// To be built from this directory.
    Build(String),
}
