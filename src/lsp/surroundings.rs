//! What lies around documents: what `check` would find there.

use crate::format::Layout;
use crate::host::InsidePaths;
use crate::session::Options;
use crate::source::Snapshot;

/// Where the configuration and the policy around a document come from. The command line knows.
pub trait Surroundings: Send {
    /// A name for what holds for a file: its configuration and its policy tree. Files for which the same holds are checked
    /// together.
    fn key(&self, path: &str) -> String;

    /// What `check` does for the files at `paths`; `untitled` are policy whatever they are called.
    ///
    /// # Errors
    /// Where `check` would stop, with what it would say.
    fn options(
        &self,
        files: &Snapshot<'_>,
        paths: &[String],
        untitled: &[String],
    ) -> Result<Options, String>;

    /// What `check` does for all files below the directories `folders`.
    ///
    /// # Errors
    /// Where `check` would stop, with what it would say.
    fn whole(&self, files: &Snapshot<'_>, folders: &[String]) -> Result<Options, String>;

    /// How a file is laid out.
    ///
    /// # Errors
    /// Where `fmt` would stop, with what it would say.
    fn layout(&self, path: &str) -> Result<Layout, String>;

    /// Whose text may be shown where these files and directories are named.
    fn inside(&self, paths: &[String]) -> InsidePaths;
}
