//! The images of containers that the command line and the configuration name.

use anyhow::{Context, bail};
use rayon::prelude::*;

use super::setup::Setup;
use crate::config::leads_out;
use crate::host::open_image;
use crate::session::GivenImage;
use crate::source::Vfs;

/// Reads the images: those of the command line, or else those of the configuration, whose paths may not lead out of its directory.
pub(super) fn images(
    setup: &Setup,
    vfs: &dyn Vfs,
    given: &[String],
) -> anyhow::Result<Vec<GivenImage>> {
    let mut named: Vec<(Option<String>, String)> = Vec::new();
    for text in given {
        named.push(match text.split_once('=') {
            Some((profile, path)) if !profile.is_empty() && !profile.contains('/') => {
                (Some(profile.to_owned()), path.to_owned())
            }
            _ => (None, text.clone()),
        });
    }
    if named.is_empty() {
        let config = &setup.config;
        let of_all = config.image.iter().map(|path| (None, path));
        let of_profiles = config
            .images
            .iter()
            .map(|(name, path)| (Some(name.clone()), path));
        for (profile, path) in of_all.chain(of_profiles) {
            let full = setup.path(&path.text);
            if leads_out(&path.text) || vfs.is_outside(&full) {
                bail!(
                    "the configuration names the image `{}`, which lies outside of its directory; --image may name it",
                    path.text
                );
            }
            named.push((profile, full));
        }
    }
    let read = |(profile, path): (Option<String>, String)| {
        let image =
            open_image(&path).with_context(|| format!("the image {path} cannot be read"))?;
        Ok(GivenImage {
            profile,
            path,
            image: image.into(),
        })
    };
    named.into_par_iter().map(read).collect()
}
