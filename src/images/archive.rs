//! Archives of images: what `docker save` writes, OCI layouts, and the files of a root file system alone.

use std::io::{self, Read, Seek, SeekFrom};

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use tar::{Archive, EntryType};

use super::budget::ImageBudget;
use super::compression::{decompressed, is_compressed};
use super::config::ImageConfig;
use super::error::ImageError;
use super::layer::{Layer, LongNames};
use super::tree::ImageTree;

/// Most bytes of a JSON document in an archive.
const MAX_JSON_BYTES: u64 = 4 << 20;

/// Most layers of an image; engines make at most 127.
const MAX_LAYERS: usize = 1_000;

/// Most members of the outer archive, counted with its directories and with what stands in front of members.
const MAX_MEMBERS: usize = 10_000;

/// An image: its files, and what it runs.
#[derive(Clone, Debug)]
pub struct ContainerImage {
    /// The files.
    pub tree: ImageTree,
    /// What it says of its process; nothing if only its files are known.
    pub config: ImageConfig,
}

/// Where the documents and layers of an image are.
pub trait ImageStore: Sync {
    /// Opens something by its path in the store.
    ///
    /// # Errors
    /// If it is not there, or cannot be read.
    fn open(&self, name: &str) -> Result<Box<dyn Read + '_>, ImageError>;

    /// Reads layers, in this order.
    ///
    /// # Errors
    /// If one of them cannot be read.
    #[doc(hidden)]
    fn layers(&self, names: &[String], reading: &Reading) -> Result<Vec<Layer>, ImageError> {
        let layer = |name: &String| Layer::read(decompressed(self.open(name)?)?, &reading.budget);
        names.par_iter().map(layer).collect()
    }
}

/// What is left of the limits while an image is read.
#[derive(Debug, Default)]
pub struct Reading {
    pub(super) budget: ImageBudget,
    /// Of the archive itself. Its layers are counted again, decompressed: an image may be as large as either may be.
    outer: ImageBudget,
}

impl Reading {
    /// Takes an entry with what is kept of it, in bytes.
    ///
    /// # Errors
    /// If so much is not left.
    pub fn entry(&self, kept: usize) -> Result<(), ImageError> {
        self.budget.entry(kept)
    }
}

/// Opens an archive anew, at its beginning: layers are read at the same time.
pub trait OpenArchive: Sync {
    /// A reader of its own.
    ///
    /// # Errors
    /// If it cannot be opened.
    fn open(&self) -> io::Result<Box<dyn ReadSeek>>;
}

/// What can be read from any place.
pub trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

/// Reads an image from an archive: one that `docker save` wrote, an OCI layout, or the files of a root file system as `docker export`
/// writes them; as it is or compressed.
///
/// # Errors
/// If it is not one, damaged, or larger than is read.
pub fn read_archive(source: &dyn OpenArchive) -> Result<ContainerImage, ImageError> {
    let mut start = Vec::new();
    source.open()?.take(4).read_to_end(&mut start)?;
    let reading = Reading::default();
    if is_compressed(&start) {
        let stream = decompressed(source.open()?)?;
        return match members(
            Archive::new(stream).entries()?,
            &reading,
            &mut |_, _| Ok(()),
        )? {
            Some(members) => image(&CompressedArchive { source, members }, &reading),
            None => root_file_system(decompressed(source.open()?)?, &reading),
        };
    }
    let mut archive = Archive::new(source.open()?);
    match members(archive.entries_with_seek()?, &reading, &mut |_, _| Ok(()))? {
        Some(members) => image(&PlainArchive { source, members }, &reading),
        None => root_file_system(source.open()?, &reading),
    }
}

fn root_file_system(stream: impl Read, reading: &Reading) -> Result<ContainerImage, ImageError> {
    let mut tree = ImageTree::new(true);
    tree.apply(Layer::read(stream, &reading.budget)?);
    match tree.is_system() {
        true => Ok(ContainerImage {
            tree,
            config: ImageConfig::default(),
        }),
        false => Err(ImageError::NoImage),
    }
}

/// ArchiveMembers of an archive, by name.
pub(super) type ArchiveMembers = FxHashMap<String, ArchiveMember>;

/// A member of an archive of an image.
pub(super) enum ArchiveMember {
    /// Its bytes: where they begin, and how many they are.
    Bytes(u64, u64),
    /// Another name of this one.
    Link(String),
    /// A document, which was kept when the archive was read for the first time.
    Document(Vec<u8>),
}

/// The members of an archive of an image; `None` if it is not one, but may hold the files of a system. `take` gets the names and bytes of
/// those that are no documents, as they come, and need not read them.
pub(super) fn members<R: Read>(
    entries: tar::Entries<'_, R>,
    reading: &Reading,
    take: &mut dyn FnMut(&str, &mut dyn Read) -> Result<(), ImageError>,
) -> Result<Option<ArchiveMembers>, ImageError> {
    let mut members = ArchiveMembers::default();
    let mut is_image = false;
    let mut names = LongNames::default();
    for (count, entry) in entries.raw(true).enumerate() {
        let mut entry = entry?;
        // Directories and what stands in front of members count as well, or they could go on without end.
        if count == MAX_MEMBERS {
            return Err(ImageError::TooLarge("members"));
        }
        let size = entry.size();
        reading.outer.read(size)?;
        if names.take(&mut entry)? {
            continue;
        }
        let kind = entry.header().entry_type();
        let LongNames { path, link } = std::mem::take(&mut names);
        let name = member_name(path, &entry);
        if !is_member(&name) {
            return Ok(None);
        }
        is_image |= matches!(&*name, "manifest.json" | "index.json");
        let member = match kind {
            EntryType::Symlink | EntryType::Link => {
                let target = link
                    .unwrap_or_else(|| entry.link_name_bytes().unwrap_or_default().into_owned());
                ArchiveMember::Link(resolve(&name, &String::from_utf8_lossy(&target)))
            }
            EntryType::Regular => {
                let mut start = Vec::new();
                entry.by_ref().take(1).read_to_end(&mut start)?;
                if size <= MAX_JSON_BYTES && matches!(start.first(), Some(b'{' | b'[')) {
                    entry.read_to_end(&mut start)?;
                    reading.budget.entry(start.len())?;
                    ArchiveMember::Document(start)
                } else {
                    take(&name, &mut start.as_slice().chain(entry.by_ref()))?;
                    ArchiveMember::Bytes(entry.raw_file_position(), size)
                }
            }
            _ => continue,
        };
        members.insert(name, member);
    }
    Ok(is_image.then_some(members))
}

/// The name of a member, from the root of the archive.
fn member_name<R: Read>(long: Option<Vec<u8>>, entry: &tar::Entry<'_, R>) -> String {
    let name = long.unwrap_or_else(|| entry.path_bytes().into_owned());
    let name = String::from_utf8_lossy(&name);
    name.trim_start_matches("./").to_owned()
}

/// Whether an archive of an image has a member of such a name: `manifest.json`, `blobs/sha256/…`, `HASH/layer.tar`, `HASH.json`.
fn is_member(name: &str) -> bool {
    let is_hash =
        |text: &str| text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let first = name
        .trim_end_matches('/')
        .split('/')
        .next()
        .unwrap_or_default();
    let stem = first.split('.').next().unwrap_or_default();
    matches!(
        first,
        "" | "manifest.json" | "repositories" | "index.json" | "oci-layout" | "blobs" | "ingest"
    ) || is_hash(stem)
}

/// The target of a link, from the root of the archive.
fn resolve(name: &str, target: &str) -> String {
    let mut parts: Vec<&str> = name.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Follows the links of a member to it.
pub(super) fn member<'m>(
    members: &'m ArchiveMembers,
    name: &str,
) -> Result<(&'m str, &'m ArchiveMember), ImageError> {
    let mut at = name;
    // Old versions of Docker link layers that are the same.
    for _ in 0..8 {
        match members.get_key_value(at) {
            Some((_, ArchiveMember::Link(target))) => at = target,
            Some((name, member)) => return Ok((name, member)),
            None => break,
        }
    }
    Err(ImageError::Missing(name.to_owned()))
}

/// An archive that can be read from any place.
struct PlainArchive<'s> {
    source: &'s dyn OpenArchive,
    members: ArchiveMembers,
}

impl ImageStore for PlainArchive<'_> {
    fn open(&self, name: &str) -> Result<Box<dyn Read + '_>, ImageError> {
        match member(&self.members, name)?.1 {
            ArchiveMember::Document(bytes) => Ok(Box::new(&**bytes)),
            ArchiveMember::Bytes(start, length) => {
                let mut stream = self.source.open()?;
                stream.seek(SeekFrom::Start(*start))?;
                Ok(Box::new(stream.take(*length)))
            }
            ArchiveMember::Link(_) => Err(ImageError::Missing(name.to_owned())),
        }
    }
}

/// An archive that can only be read from its beginning.
struct CompressedArchive<'s> {
    source: &'s dyn OpenArchive,
    members: ArchiveMembers,
}

impl ImageStore for CompressedArchive<'_> {
    fn open(&self, name: &str) -> Result<Box<dyn Read + '_>, ImageError> {
        match member(&self.members, name)?.1 {
            ArchiveMember::Document(bytes) => Ok(Box::new(&**bytes)),
            _ => Err(ImageError::Missing(name.to_owned())),
        }
    }

    fn layers(&self, names: &[String], reading: &Reading) -> Result<Vec<Layer>, ImageError> {
        let real = |name: &String| Ok(member(&self.members, name)?.0);
        let real: Vec<&str> = names.iter().map(real).collect::<Result<_, ImageError>>()?;
        let mut found: FxHashMap<String, Layer> = FxHashMap::default();
        let mut archive = Archive::new(decompressed(self.source.open()?)?);
        let mut names = LongNames::default();
        for entry in archive.entries()?.raw(true) {
            let mut entry = entry?;
            if names.take(&mut entry)? {
                continue;
            }
            let name = member_name(std::mem::take(&mut names).path, &entry);
            if real.contains(&&*name) && !found.contains_key(&name) {
                let layer = Layer::read(decompressed(entry)?, &reading.budget)?;
                found.insert(name, layer);
            }
        }
        let layer = |name: &&str| {
            let layer = found.get(*name).cloned();
            layer.ok_or_else(|| ImageError::Missing((*name).to_owned()))
        };
        real.iter().map(layer).collect()
    }
}

/// An entry of `manifest.json` (Docker image specification 1.2).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Saved {
    config: String,
    layers: Vec<String>,
}

/// A reference to a blob (OCI image specification, "Content Descriptors").
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    digest: String,
    #[serde(default)]
    media_type: String,
    platform: Option<Platform>,
}

#[derive(Clone, Deserialize)]
struct Platform {
    #[serde(default)]
    architecture: String,
}

/// An index or a manifest (OCI image specification): which of them tells what it has.
#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    manifests: Vec<Descriptor>,
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Vec<Descriptor>,
}

/// Reads the image of a store.
///
/// # Errors
/// If it holds none or several, or a part is damaged or missing.
pub fn image(store: &dyn ImageStore, reading: &Reading) -> Result<ContainerImage, ImageError> {
    let (config, layers) = match document::<Vec<Saved>>(store, "manifest.json") {
        Ok(mut saved) => match (saved.pop(), saved.len()) {
            (Some(only), 0) => (only.config, only.layers),
            (_, rest) => return Err(ImageError::Several(rest + 1)),
        },
        Err(ImageError::Missing(_)) => of_layout(store)?,
        Err(error) => return Err(error),
    };
    if layers.len() > MAX_LAYERS {
        return Err(ImageError::TooLarge("layers"));
    }
    let config_bytes = bytes(store, &config)?;
    let config = ImageConfig::read(&config_bytes).map_err(|error| json(&config, &error))?;
    let mut tree = ImageTree::new(true);
    for layer in store.layers(&layers, reading)? {
        tree.apply(layer);
    }
    Ok(ContainerImage { tree, config })
}

/// The configuration and the layers that an OCI layout names.
fn of_layout(store: &dyn ImageStore) -> Result<(String, Vec<String>), ImageError> {
    let mut at = "index.json".to_owned();
    // An index may name an index: of one image for several platforms.
    for _ in 0..4 {
        let manifest: Manifest = document(store, &at)?;
        if let Some(config) = manifest.config {
            let layers = manifest.layers.iter().map(blob).collect::<Result<_, _>>()?;
            return Ok((blob(&config)?, layers));
        }
        // Attestations of a build are no images; their platform is "unknown".
        let is_image = |one: &&Descriptor| {
            let architecture = one
                .platform
                .as_ref()
                .map(|platform| &*platform.architecture);
            architecture != Some("unknown") && !one.media_type.contains("in-toto")
        };
        let mut images: Vec<&Descriptor> = manifest.manifests.iter().filter(is_image).collect();
        // An engine keeps the index of all platforms, and the files of those that it has.
        let is_there = |one: &&Descriptor| blob(one).is_ok_and(|name| store.open(&name).is_ok());
        if images.iter().any(is_there) {
            images.retain(is_there);
        }
        let is_amd64 = |one: &&&Descriptor| {
            one.platform
                .as_ref()
                .is_some_and(|platform| platform.architecture == "amd64")
        };
        let chosen = match images.as_slice() {
            [] => return Err(ImageError::NoImage),
            [only] => only,
            // The same image for several platforms: what a profile says of paths is the same for each.
            several if several.iter().all(|one| one.platform.is_some()) => images
                .iter()
                .find(is_amd64)
                .unwrap_or(several.first().ok_or(ImageError::NoImage)?),
            several => return Err(ImageError::Several(several.len())),
        };
        at = blob(chosen)?;
    }
    Err(ImageError::NoImage)
}

/// The path of a blob in a layout. Digests are names of files there: they hold nothing else.
fn blob(descriptor: &Descriptor) -> Result<String, ImageError> {
    let digest = &descriptor.digest;
    let is_plain =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match digest.split_once(':') {
        Some((method, hash)) if is_plain(method) && is_plain(hash) => {
            Ok(format!("blobs/{method}/{hash}"))
        }
        _ => Err(ImageError::Missing(digest.clone())),
    }
}

fn bytes(store: &dyn ImageStore, name: &str) -> Result<Vec<u8>, ImageError> {
    let mut bytes = Vec::new();
    store
        .open(name)?
        .take(MAX_JSON_BYTES)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn document<T: for<'d> Deserialize<'d>>(
    store: &dyn ImageStore,
    name: &str,
) -> Result<T, ImageError> {
    let bytes = bytes(store, name)?;
    serde_json::from_slice(&bytes).map_err(|error| json(name, &error))
}

/// What the library says quotes the document, and is not shown.
fn json(name: &str, error: &serde_json::Error) -> ImageError {
    ImageError::Json(name.to_owned(), error.line(), error.column())
}
