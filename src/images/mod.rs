//! Images of containers: the files in them, what they run, and what a start of it opens.
//!
//! An image is known from an archive or a directory, or as far as its Dockerfile and the table of common base images tell.
//! What is not known is *unknown*: nothing is said of it.

mod account;
mod archive;
mod base;
mod budget;
mod compression;
mod config;
mod dockerfile;
mod elf;
mod error;
mod file;
mod ignored;
mod interpreters;
mod layer;
mod libraries;
mod reference;
mod startup;
mod stream;
mod tree;
mod words;

pub use account::user_id;
pub use archive::{
    ContainerImage, ImageStore, OpenArchive, ReadSeek, Reading, image, read_archive,
};
pub use base::{Architecture, KnownBase, base_image};
pub use config::ImageConfig;
pub use dockerfile::{BuildContext, BuiltImage, DockerfileFault};
pub use elf::Linkage;
pub use error::ImageError;
pub use file::{Content, FileFacts, FileOwner, Script};
pub use ignored::{DockerIgnore, IGNORE_FILE};
pub use layer::{Layer, LayerEntry, LayerEntryKind, read_content};
pub use libraries::{Library, libraries};
pub use reference::{is_reference, near_reference};
pub use startup::{FileAccess, Need, Process, Purpose, Startup};
pub use stream::read_stream;
pub use tree::{FileNode, FileNodeKind, ImageTree, Lookup};
pub use words::split_words;
