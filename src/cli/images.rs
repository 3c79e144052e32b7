//! The images of containers that the command line and the configuration name.

use std::io::{self, Write};

use anyhow::{Context, anyhow, bail};
use rayon::prelude::*;

use super::setup::Setup;
use super::stderr::complaints;
use crate::config::leads_out;
use crate::host::{is_there, open_image};
use crate::images::{ContainerImage, ImageError, is_reference};
use crate::session::GivenImage;
use crate::source::{EntryKind, Vfs};

/// How archives are called: such a name is a path, though it has the form of an image's name.
const ARCHIVES: [&str; 9] = [
    ".tar", ".tgz", ".tzst", ".txz", ".gz", ".zst", ".xz", ".bz2", ".oci",
];

/// The images that were read.
pub(super) struct GivenImages {
    pub(super) images: Vec<GivenImage>,
    /// What to say of those that were not.
    pub(super) notes: Vec<String>,
}

impl GivenImages {
    /// Tells the notes on standard error, for commands whose output has no place for them.
    pub(super) fn tell_notes(&self) -> io::Result<()> {
        for note in &self.notes {
            writeln!(complaints(false), "aalint: {note}")?;
        }
        Ok(())
    }
}

/// An image that is to be read.
struct NamedImage {
    profile: Option<String>,
    /// Its path, or its name.
    text: String,
    is_of_engine: bool,
}

/// Reads the images: those of the command line, or else those of the configuration, whose paths may not lead out of its directory.
/// What is no path and has the form of an image's name is asked of the engine of this machine.
pub(super) fn images(
    setup: &Setup,
    vfs: &dyn Vfs,
    given: &[String],
) -> anyhow::Result<GivenImages> {
    let mut notes = Vec::new();
    let mut named: Vec<NamedImage> = given.iter().map(|text| of_argument(vfs, text)).collect();
    if named.is_empty() {
        named = configured(setup, vfs, &mut notes)?;
    }
    let read = |named: NamedImage| {
        let path = &named.text;
        let image = match named.is_of_engine {
            true => of_engine(path),
            false => of_path(path),
        };
        let image = image.with_context(|| format!("the image {path} cannot be read"))?;
        Ok(GivenImage {
            profile: named.profile,
            is_of_engine: named.is_of_engine,
            image: image.into(),
            path: named.text,
        })
    };
    let images: anyhow::Result<Vec<GivenImage>> = named.into_par_iter().map(read).collect();
    Ok(GivenImages {
        images: images?,
        notes,
    })
}

/// An image of the command line: `[PROFILE=]PATH` or `[PROFILE=]NAME`.
fn of_argument(vfs: &dyn Vfs, text: &str) -> NamedImage {
    let (profile, text) = match text.split_once('=') {
        Some((profile, path)) if !profile.is_empty() && !profile.contains('/') => {
            (Some(profile.to_owned()), path)
        }
        _ => (None, text),
    };
    NamedImage {
        profile,
        is_of_engine: is_name(vfs, text, ""),
        text: text.to_owned(),
    }
}

/// The images that the configuration names. Its words may be a stranger's: then the engine is not asked, and `notes` gets why.
fn configured(
    setup: &Setup,
    vfs: &dyn Vfs,
    notes: &mut Vec<String>,
) -> anyhow::Result<Vec<NamedImage>> {
    let config = &setup.config;
    let of_all = config.image.iter().map(|path| (None, path));
    let of_profiles = config
        .images
        .iter()
        .map(|(name, path)| (Some(name.clone()), path));
    let mut named = Vec::new();
    for (profile, path) in of_all.chain(of_profiles) {
        let text = &path.text;
        let is_of_engine = is_name(vfs, text, &setup.root);
        if is_of_engine && let Some(stranger) = stranger(setup) {
            let profile = profile.map_or_else(String::new, |profile| format!("{profile}="));
            notes.push(format!(
                "the engine is not asked for the image `{text}` that the configuration names, because {stranger}; \
                 `--image {profile}{text}` asks for it"
            ));
            continue;
        }
        let full = setup.path(text);
        if !is_of_engine && (leads_out(text) || vfs.is_outside(&full)) {
            bail!(
                "the configuration names the image `{text}`, which lies outside of its directory; --image may name it"
            );
        }
        named.push(NamedImage {
            profile,
            text: if is_of_engine { text.clone() } else { full },
            is_of_engine,
        });
    }
    Ok(named)
}

/// Whether a text is the name of an image and no path. `root` is the directory that paths count from, with a slash behind.
fn is_name(vfs: &dyn Vfs, text: &str, root: &str) -> bool {
    let is_of_directory = text.split_once('/').is_some_and(|(first, _)| {
        vfs.kind(&format!("{root}{first}")) == Some(EntryKind::Directory)
    });
    let is_of_archive = ARCHIVES.iter().any(|end| text.ends_with(end));
    is_reference(text) && !is_of_archive && !is_of_directory && !is_there(&format!("{root}{text}"))
}

fn of_path(path: &str) -> anyhow::Result<ContainerImage> {
    open_image(path).map_err(|error| {
        let is_bare_name = is_reference(path) && !path.contains([':', '@']);
        match error {
            // Directories are often called as the image is that is built from them.
            ImageError::NoImage if is_bare_name => {
                anyhow!("{error}; `--image {path}:latest` names the image that the engine has")
            }
            error => error.into(),
        }
    })
}

#[cfg(feature = "verify")]
fn of_engine(name: &str) -> anyhow::Result<ContainerImage> {
    use crate::verify::container::{EngineImageError, engine_image};

    let none = "no such path is there";
    let saved = format!("`docker save {name} -o FILE` writes a file that --image takes");
    let address = super::verify::local_endpoint().with_context(|| {
        format!("{none}, and which container engine to ask for an image of that name is not known")
    })?;
    engine_image(&address, name).map_err(|error| match &error {
        EngineImageError::NoEngine(..) => anyhow!(
            "{none}, and {error}; start it, or name another one with DOCKER_HOST; or, where an engine has the image, {saved}"
        ),
        EngineImageError::Remote(_) => anyhow!(
            "{none}, and {error}; name a `unix://` socket of this one with DOCKER_HOST; or, where the engine is, {saved}"
        ),
        EngineImageError::Missing(_, near) => {
            let near = near.as_ref();
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            anyhow!("{none}, and {error}; `docker pull {name}` gets it{near}")
        }
        EngineImageError::Stopped(..) | EngineImageError::Refused(..) => {
            anyhow!("{error}; {saved}, or says why not")
        }
        EngineImageError::Unread(..) => error.into(),
    })
}

#[cfg(not(feature = "verify"))]
fn of_engine(name: &str) -> anyhow::Result<ContainerImage> {
    bail!(
        "no such path is there, and this build of aalint cannot ask a container engine for an image of that name, since it is built \
         without the feature `verify`; `docker save {name} -o FILE` writes a file that --image takes"
    )
}

/// Why the words of the configuration may be somebody else's.
#[cfg(feature = "verify")]
fn stranger(setup: &Setup) -> Option<String> {
    use crate::host::{Owners, Survey};

    let path = &setup.file.as_ref()?.path;
    match Survey::of(std::path::Path::new(path), &Owners::caller()) {
        Ok(survey) => survey.foreign.map(|foreign| foreign.to_string()),
        Err(error) => Some(format!("it is not known who may write to {path}: {error}")),
    }
}

/// Without the feature no engine is asked at all.
#[cfg(not(feature = "verify"))]
const fn stranger(_: &Setup) -> Option<String> {
    None
}
