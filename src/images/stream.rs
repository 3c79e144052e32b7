//! The stream of `docker save`: an archive that can be read once, from its beginning to its end.
//!
//! Engines say what is a layer in a document that comes after all layers. So what may be one is read as one, and what the image does
//! not name is dropped. To keep the stream on disk would take as much space as the image.

use std::io::Read;

use rustc_hash::FxHashMap;
use tar::Archive;

use super::archive::{
    ArchiveMember, ArchiveMembers, ContainerImage, ImageStore, Reading, image, member, members,
};
use super::compression::decompressed;
use super::error::ImageError;
use super::layer::Layer;

/// Reads an image as an engine sends it: what `docker save` writes, or an OCI layout as a tar archive.
///
/// # Errors
/// If it is not one, damaged, or larger than is read. An error of the stream that wraps an [`ImageError::Refused`] is given as that.
pub fn read_stream(stream: impl Read) -> Result<ContainerImage, ImageError> {
    let reading = Reading::default();
    let mut layers: FxHashMap<String, Result<Layer, ImageError>> = FxHashMap::default();
    let mut take = |name: &str, bytes: &mut dyn Read| {
        let layer = decompressed(bytes).map_err(ImageError::from);
        let layer = layer.and_then(|bytes| Layer::read(bytes, &reading.budget));
        match layer {
            // Not the fault of what may be no layer at all.
            Err(error @ (ImageError::TooLarge(_) | ImageError::Refused(_))) => Err(error),
            layer => {
                layers.insert(name.to_owned(), layer);
                Ok(())
            }
        }
    };
    let mut archive = Archive::new(stream);
    let members = members(archive.entries()?, &reading, &mut take)?;
    let members = members.ok_or(ImageError::NoImage)?;
    image(&Streamed { members, layers }, &reading)
}

/// What was read of a stream.
struct Streamed {
    members: ArchiveMembers,
    /// What may be layers, by the names of members.
    layers: FxHashMap<String, Result<Layer, ImageError>>,
}

impl ImageStore for Streamed {
    fn open(&self, name: &str) -> Result<Box<dyn Read + '_>, ImageError> {
        match member(&self.members, name)?.1 {
            ArchiveMember::Document(bytes) => Ok(Box::new(&**bytes)),
            _ => Err(ImageError::Missing(name.to_owned())),
        }
    }

    fn layers(&self, names: &[String], _: &Reading) -> Result<Vec<Layer>, ImageError> {
        let layer = |name: &String| {
            let (real, _) = member(&self.members, name)?;
            match self.layers.get(real) {
                Some(Ok(layer)) => Ok(layer.clone()),
                Some(Err(error)) => Err(ImageError::Within(name.clone(), error.to_string())),
                None => Err(ImageError::Missing(name.clone())),
            }
        };
        names.iter().map(layer).collect()
    }
}
