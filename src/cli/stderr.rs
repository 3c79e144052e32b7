//! Standard error.

use std::io;

use crate::report::Clean;

/// Standard error, for text that may come from files.
pub(super) fn complaints(has_colors: bool) -> Clean<io::StderrLock<'static>> {
    Clean::new(io::stderr().lock(), has_colors)
}
