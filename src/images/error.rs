//! Why an image could not be read.

use std::io;

/// Why an image could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// It could not be read, or is damaged. What a library says of damage quotes the file, and is not shown.
    #[error("{}", reason(.0))]
    Io(io::Error),
    /// A directory or file in it cannot be read.
    #[error("`{0}` in it cannot be read: {1}")]
    Within(String, String),
    /// What lies at its path is not read: a device, a pipe.
    #[error("{0}")]
    Refused(String),
    /// A document in it is no JSON of the expected form; its name, a line and a column.
    #[error("`{0}` is not as in an image, at line {1}, column {2}")]
    Json(String, usize, usize),
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

impl From<io::Error> for ImageError {
    fn from(error: io::Error) -> Self {
        // Readers of this module pass their own errors through libraries, which wrap them.
        let mut inner: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(one) = inner {
            match one.downcast_ref::<Self>() {
                Some(Self::TooLarge(what)) => return Self::TooLarge(what),
                Some(Self::Refused(why)) => return Self::Refused(why.clone()),
                _ => {}
            }
            let wrapped = one.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            inner = match wrapped {
                Some(wrapped) => Some(wrapped),
                None => one.source(),
            };
        }
        Self::Io(error)
    }
}

/// What the system says, or that the archive is damaged.
fn reason(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code).to_string(),
        None => "it is no archive of an image, or it is damaged".to_owned(),
    }
}
