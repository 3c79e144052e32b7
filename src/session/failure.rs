//! Why a file cannot be read.

use crate::source::{MAX_FILE_BYTES, VfsError};

/// Why a file cannot be read, in words.
pub(super) fn failure(error: &VfsError) -> String {
    match error {
        VfsError::TooLarge(bytes) => format!(
            "is too large: {bytes} bytes, and aalint reads files of up to {} bytes",
            MAX_FILE_BYTES
        ),
        other => other.to_string(),
    }
}
