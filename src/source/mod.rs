//! Text and places in it: files, byte ranges, lines and columns, and the file system as a trait.

mod budget;
mod embedded;
mod lines;
mod map;
mod overlay;
mod resolved;
mod snapshot;
mod span;
mod vfs;

pub use budget::{Budget, MAX_LOOK_BYTES, MAX_LOOK_FILES, MAX_RUN_BYTES, MAX_RUN_FILES};
pub use embedded::{embedded_path, masked, split_embedded};
pub use lines::{LineIndex, Position};
pub use map::{HIDDEN, Source, SourceMap, TextProblem};
pub use overlay::Overlay;
pub use resolved::ResolvedSpan;
pub use snapshot::Snapshot;
pub use span::{FileId, Span, TextRange};
pub use vfs::{DirEntry, EntryKind, MemoryVfs, Vfs, VfsError};

/// Largest file that is read, in bytes. A larger one is reported, not parsed.
///
/// The largest profile shipped anywhere is well below 1 MiB; the limit bounds memory (the tree of a
/// file takes about ten times its size).
pub const MAX_FILE_BYTES: usize = 8 * 1024 * 1024;
