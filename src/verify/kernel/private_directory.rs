//! Directories that only root may write.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;

/// Makes the directory where it is not there.
///
/// # Errors
/// If it cannot be made, or somebody else may write there.
#[expect(
    clippy::disallowed_methods,
    reason = "what must outlive this process is kept in files"
)]
pub(in crate::verify) fn make_private(directory: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)?;
    let metadata = fs::symlink_metadata(directory)?;
    let is_own = metadata.uid() == rustix::process::geteuid().as_raw();
    if !metadata.is_dir() || !is_own || metadata.mode() & 0o022 != 0 {
        return Err(io::Error::other("somebody else may write there"));
    }
    Ok(())
}
