//! Why an image could not be read.

use std::io;

/// Why an image could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// It could not be read, or is damaged.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A document in it is no JSON of the expected form.
    #[error("`{0}` cannot be read: {1}")]
    Json(String, serde_json::Error),
    /// Something that it names is not in it.
    #[error("`{0}` is not in it")]
    Missing(String),
    /// It holds several images.
    #[error("it holds {0} images: save one of them alone")]
    Several(usize),
    /// It is larger than is read.
    #[error("it has more {0} than are read")]
    TooLarge(&'static str),
    /// A name is longer than is read.
    #[error("it holds a name that is too long")]
    LongName,
    /// An entry says its size in an extended header.
    #[error("it holds a file of 8 GiB or more")]
    LargeEntry,
    /// An entry is sparse.
    #[error("it holds a sparse file, which image layers do not have")]
    Sparse,
    /// It is no archive of an image.
    #[error(
        "is no image: neither an archive of `docker save`, nor an OCI layout, nor the files of a system"
    )]
    NoImage,
}
