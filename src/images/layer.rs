//! A layer of an image: the changes that its tar archive makes (OCI image specification, "Image Layer Filesystem Changeset").

use std::io::{self, Read};

use tar::{Archive, EntryType, PaxExtensions};

use super::budget::ImageBudget;
use super::error::ImageError;
use super::file::{Content, FileFacts, FileOwner, MAX_SCRIPT_BYTES};

/// Most bytes of an ELF file that are held at once. The tables of larger programs lie at both ends: what is needed of them may not be
/// found, and is then unknown.
const MAX_ELF_BYTES: u64 = 96 << 20;

/// Most bytes of the names that stand in front of an entry; Linux takes paths of 4,096.
const MAX_NAME_BYTES: u64 = 64 << 10;

/// The longest path (`PATH_MAX`).
const MAX_PATH_BYTES: usize = 4_096;

/// The changes of a layer, in the order in which they are made: what is removed first.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// Paths that are removed.
    pub removed: Vec<Vec<u8>>,
    /// Directories whose content is removed.
    pub emptied: Vec<Vec<u8>>,
    /// What is added, or replaces something.
    pub entries: Vec<LayerEntry>,
}

/// Something that a layer adds.
#[derive(Clone, Debug)]
pub struct LayerEntry {
    /// Its path, without the slash in front.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: LayerEntryKind,
    /// Whose it is, and its permission bits.
    pub owner: FileOwner,
}

/// What a layer adds.
#[derive(Clone, Debug)]
pub enum LayerEntryKind {
    /// A directory.
    Directory,
    /// A regular file.
    File(FileFacts),
    /// A symbolic link, with its target.
    Link(Vec<u8>),
    /// Another name of the file with this path.
    HardLink(Vec<u8>),
    /// A device, a pipe or a socket.
    Other,
}

/// The names that stand in front of an entry, in entries of their own.
#[derive(Default)]
pub(super) struct LongNames {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
}

impl Layer {
    /// Reads the tar archive of a layer, decompressed.
    ///
    /// # Errors
    /// If it is damaged, of a kind that no image has, or larger than is read.
    pub(super) fn read(stream: impl Read, budget: &ImageBudget) -> Result<Self, ImageError> {
        let stream = Counted { stream, budget };
        let mut archive = Archive::new(stream);
        let mut layer = Self::default();
        let mut names = LongNames::default();
        // Raw: what stands in front of an entry would be read without a limit.
        for entry in archive.entries()?.raw(true) {
            let mut entry = entry?;
            if !names.take(&mut entry)? {
                layer.enter(&mut entry, std::mem::take(&mut names), budget)?;
            }
        }
        Ok(layer)
    }

    fn enter<R: Read>(
        &mut self,
        entry: &mut tar::Entry<'_, R>,
        names: LongNames,
        budget: &ImageBudget,
    ) -> Result<(), ImageError> {
        let header = entry.header();
        let path = names
            .path
            .unwrap_or_else(|| header.path_bytes().into_owned());
        let Some(path) = components(&path) else {
            return Ok(());
        };
        if self.is_removal(&path) {
            return budget.entry(path.len());
        }
        let link = || {
            let link = names
                .link
                .or_else(|| header.link_name_bytes().map(|name| name.into_owned()));
            link.unwrap_or_default()
        };
        // What the file system could not hold is not there.
        let id = |id: io::Result<u64>| {
            id.ok()
                .and_then(|id| u32::try_from(id).ok())
                .unwrap_or(u32::MAX)
        };
        let owner = FileOwner {
            user: id(header.uid()),
            group: id(header.gid()),
            mode: header.mode().unwrap_or(0) & 0o7777,
        };
        let kind = match header.entry_type() {
            EntryType::Directory => LayerEntryKind::Directory,
            EntryType::Symlink => LayerEntryKind::Link(link()),
            EntryType::Link => match components(&link()) {
                Some(link) => LayerEntryKind::HardLink(link),
                None => return Ok(()),
            },
            EntryType::Regular | EntryType::Continuous => {
                LayerEntryKind::File(read_content(&path, entry)?)
            }
            _ => LayerEntryKind::Other,
        };
        let kept = match &kind {
            LayerEntryKind::Link(link) | LayerEntryKind::HardLink(link) => link.len(),
            LayerEntryKind::File(file) => file.kept_bytes(),
            _ => 0,
        };
        budget.entry(path.len() + kept)?;
        self.entries.push(LayerEntry { path, kind, owner });
        Ok(())
    }

    /// Enters a whiteout: `.wh.NAME` removes NAME, `.wh..wh..opq` what the directory held before.
    fn is_removal(&mut self, path: &[u8]) -> bool {
        let slash = path.iter().rposition(|byte| *byte == b'/');
        let (directory, name) = match slash {
            Some(slash) => path.split_at(slash + 1),
            None => (&b""[..], path),
        };
        let Some(removed) = name.strip_prefix(b".wh.") else {
            return false;
        };
        if removed == b".wh..opq" {
            let directory = directory.strip_suffix(b"/").unwrap_or(directory);
            self.emptied.push(directory.to_vec());
        } else if !removed.starts_with(b".wh.") && !removed.is_empty() {
            self.removed.push([directory, removed].concat());
        }
        true
    }
}

impl LongNames {
    /// Takes up an entry that stands in front of another one; `false` if it is an entry of its own.
    ///
    /// # Errors
    /// If it is longer than is read, or says that the next one is of a kind that no image has.
    pub(super) fn take<R: Read>(
        &mut self,
        entry: &mut tar::Entry<'_, R>,
    ) -> Result<bool, ImageError> {
        match entry.header().entry_type() {
            EntryType::GNULongName => self.path = Some(name(entry)?),
            EntryType::GNULongLink => self.link = Some(name(entry)?),
            EntryType::XHeader => self.extend(&bounded(entry)?)?,
            EntryType::XGlobalHeader => {}
            EntryType::GNUSparse => return Err(ImageError::Sparse),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Takes the names of a pax header.
    fn extend(&mut self, bytes: &[u8]) -> Result<(), ImageError> {
        for record in PaxExtensions::new(bytes) {
            let record = record?;
            match record.key_bytes() {
                b"path" => self.path = Some(record.value_bytes().to_vec()),
                b"linkpath" => self.link = Some(record.value_bytes().to_vec()),
                // The size in the header does not hold then, and neither do the places of what follows.
                b"size" => return Err(ImageError::LargeEntry),
                key if key.starts_with(b"GNU.sparse.") => return Err(ImageError::Sparse),
                _ => {}
            }
        }
        Ok(())
    }
}

impl FileFacts {
    /// About how many bytes are kept of it.
    fn kept_bytes(&self) -> usize {
        let texts = |texts: &[String]| texts.iter().map(|text| text.len() + 24).sum::<usize>();
        match &self.content {
            Content::Elf(Some(elf)) => {
                128 + texts(&elf.needed) + texts(&elf.run_path) + texts(&elf.r_path)
            }
            Content::Script(script) => {
                64 + script.interpreter.len() + script.argument.as_ref().map_or(0, String::len)
            }
            Content::Text(text) => text.len(),
            Content::Unknown | Content::Data | Content::Elf(None) => 0,
        }
    }
}

/// A path without its slash in front, `.` and empty components; `None` for the root itself, and for what would lead out of
/// it or is longer than Linux allows: no engine makes such a file.
fn components(path: &[u8]) -> Option<Vec<u8>> {
    let mut clean = Vec::with_capacity(path.len());
    for component in path.split(|byte| *byte == b'/') {
        match component {
            b"" | b"." => {}
            b".." => return None,
            component => {
                if !clean.is_empty() {
                    clean.push(b'/');
                }
                clean.extend_from_slice(component);
            }
        }
    }
    (!clean.is_empty() && clean.len() < MAX_PATH_BYTES && !clean.contains(&0)).then_some(clean)
}

fn bounded(entry: &mut impl Read) -> Result<Vec<u8>, ImageError> {
    let mut bytes = Vec::new();
    entry.take(MAX_NAME_BYTES + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > MAX_NAME_BYTES {
        true => Err(ImageError::LongName),
        false => Ok(bytes),
    }
}

/// A long name ends with a NUL.
fn name(entry: &mut impl Read) -> Result<Vec<u8>, ImageError> {
    let mut bytes = bounded(entry)?;
    if bytes.last() == Some(&0) {
        bytes.pop();
    }
    Ok(bytes)
}

/// Reads as much of a file as it takes to say what it is.
///
/// # Errors
/// If it cannot be read.
pub fn read_content(path: &[u8], entry: &mut impl Read) -> Result<FileFacts, ImageError> {
    let mut bytes = Vec::new();
    entry.take(4).read_to_end(&mut bytes)?;
    let most = if bytes == b"\x7fELF" {
        MAX_ELF_BYTES
    } else if bytes.starts_with(b"#!") || super::file::is_text_needed(path) {
        MAX_SCRIPT_BYTES as u64
    } else {
        let content = Content::Data;
        return Ok(FileFacts { content });
    };
    entry.take(most).read_to_end(&mut bytes)?;
    let content = Content::of(path, &bytes);
    Ok(FileFacts { content })
}

/// Counts what is read.
struct Counted<'b, R> {
    stream: R,
    budget: &'b ImageBudget,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer)?;
        self.budget.read(count as u64).map_err(io::Error::other)?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_the_limits_is_said() {
        let mut builder = tar::Builder::new(Vec::new());
        for name in ["usr/a", "usr/b", "usr/c"] {
            let mut header = tar::Header::new_gnu();
            header.set_size(3);
            builder.append_data(&mut header, name, &b"abc"[..]).unwrap();
        }
        let bytes = builder.into_inner().unwrap();
        let read = |bytes_left, entries, kept| {
            let budget = ImageBudget::new(bytes_left, entries, kept);
            Layer::read(bytes.as_slice(), &budget).map(|layer| layer.entries.len())
        };
        assert!(matches!(read(1 << 20, 3, 1_000), Ok(3)));
        assert!(matches!(
            read(600, 3, 1_000),
            Err(ImageError::TooLarge("bytes"))
        ));
        assert!(matches!(
            read(1 << 20, 2, 1_000),
            Err(ImageError::TooLarge("entries"))
        ));
        assert!(matches!(
            read(1 << 20, 3, 100),
            Err(ImageError::TooLarge("names"))
        ));
    }
}
