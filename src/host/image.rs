//! Images of containers on disk: archives, OCI layouts, and directories with the files of a system.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{
    CWD, Dir, FileType, Mode, OFlags, RawMode, ResolveFlags, Stat, lstat, openat, openat2,
    readlinkat, stat, statat,
};

use super::name::real;
use super::open::regular;
use crate::images::{
    ContainerImage, FileOwner, ImageConfig, ImageError, ImageStore, ImageTree, Layer, LayerEntry,
    LayerEntryKind, OpenArchive, ReadSeek, Reading, image, read_archive, read_content,
};

/// Whether something is at a path, be it a link that leads nowhere; what cannot be looked at may be there.
#[must_use]
pub fn is_there(path: &str) -> bool {
    use rustix::io::Errno;
    let found = lstat(&*real(path));
    !matches!(
        found,
        Err(Errno::NOENT | Errno::NOTDIR | Errno::NAMETOOLONG)
    )
}

/// Reads the image at a path: an archive of one, an OCI layout, or a directory with the files of a system. Nothing is unpacked, and
/// no link inside a directory is followed on this machine.
///
/// # Errors
/// If it is not one, cannot be read, or is larger than is read.
pub fn open_image(path: &str) -> Result<ContainerImage, ImageError> {
    let path = PathBuf::from(&*real(path));
    let found = stat(&path).map_err(io::Error::from)?;
    if FileType::from_raw_mode(found.st_mode) != FileType::Directory {
        return read_archive(&Archive(path));
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = openat(CWD, &path, flags, Mode::empty()).map_err(io::Error::from)?;
    let reading = Reading::default();
    if is_layout(&root) {
        return image(&Layout(root), &reading);
    }
    let mut layer = Layer::default();
    let mut open: Vec<Vec<u8>> = vec![Vec::new()];
    while let Some(directory) = open.pop() {
        list(&root, &directory, &mut layer, &mut open, &reading)?;
    }
    let mut tree = ImageTree::new(true);
    tree.apply(layer);
    match tree.is_system() {
        true => Ok(ContainerImage {
            tree,
            config: ImageConfig::default(),
        }),
        false => Err(ImageError::NoImage),
    }
}

/// An archive on disk.
struct Archive(PathBuf);

impl OpenArchive for Archive {
    fn open(&self) -> io::Result<Box<dyn ReadSeek>> {
        Ok(Box::new(opened(&self.0)?))
    }
}

fn opened(path: &Path) -> io::Result<File> {
    let (file, _) =
        regular(path).map_err(|error| io::Error::other(ImageError::Refused(error.to_string())))?;
    Ok(file)
}

/// A directory that is an OCI layout.
struct Layout(OwnedFd);

impl ImageStore for Layout {
    fn open(&self, name: &str) -> Result<Box<dyn Read + '_>, ImageError> {
        match below(self.0.as_fd(), name.as_bytes(), OFlags::RDONLY) {
            Ok(file) => Ok(Box::new(File::from(file))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(ImageError::Missing(name.to_owned()))
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn is_layout(root: &OwnedFd) -> bool {
    below(root.as_fd(), b"oci-layout", OFlags::RDONLY).is_ok()
}

/// Opens something below a directory; no link is followed on the way.
fn below(root: BorrowedFd<'_>, path: &[u8], flags: OFlags) -> io::Result<OwnedFd> {
    let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    let path = if path.is_empty() { &b"."[..] } else { path };
    Ok(openat2(root, path, flags, Mode::empty(), resolve)?)
}

/// Enters what a directory holds. What cannot be read on this machine is not known to be there or not: the whole is refused.
fn list(
    root: &OwnedFd,
    directory: &[u8],
    layer: &mut Layer,
    open: &mut Vec<Vec<u8>>,
    reading: &Reading,
) -> Result<(), ImageError> {
    let within = |error: io::Error| {
        let path = String::from_utf8_lossy(directory).into_owned();
        ImageError::Within(path, error.to_string())
    };
    let opened = below(root.as_fd(), directory, OFlags::RDONLY | OFlags::DIRECTORY);
    let opened = opened.map_err(within)?;
    for entry in Dir::read_from(&opened).map_err(io::Error::from)? {
        let entry = entry.map_err(io::Error::from)?;
        let name = entry.file_name().to_bytes();
        if matches!(name, b"." | b"..") {
            continue;
        }
        let path = match directory.is_empty() {
            true => name.to_vec(),
            false => [directory, b"/", name].concat(),
        };
        reading.entry(path.len())?;
        let found = statat(
            &opened,
            entry.file_name(),
            rustix::fs::AtFlags::SYMLINK_NOFOLLOW,
        );
        let found = found.map_err(io::Error::from).map_err(within)?;
        let kind = match FileType::from_raw_mode(found.st_mode) {
            FileType::Directory => {
                open.push(path.clone());
                LayerEntryKind::Directory
            }
            FileType::Symlink => {
                let target = readlinkat(&opened, entry.file_name(), Vec::new());
                LayerEntryKind::Link(target.map_err(io::Error::from)?.into_bytes())
            }
            FileType::RegularFile => {
                let file = below(opened.as_fd(), name, OFlags::RDONLY).map_err(within)?;
                LayerEntryKind::File(read_content(&path, &mut File::from(file))?)
            }
            _ => LayerEntryKind::Other,
        };
        let owner = owner(&found);
        layer.entries.push(LayerEntry { path, kind, owner });
    }
    Ok(())
}

fn owner(found: &Stat) -> FileOwner {
    let mode: RawMode = found.st_mode;
    FileOwner {
        user: found.st_uid,
        group: found.st_gid,
        mode: mode & 0o7777,
    }
}
