//! What `aalint init` starts a project with, beside the profiles.

use std::fmt::Write as _;

use super::draft::Draft;
use super::views::project_views;
use super::workspace::Workspace;
use crate::containers::{ContainerView, ImageOrigin, ViewedProfile};

impl Workspace<'_> {
    /// The containers of the project in a directory, whether a profile is named for them or not: those that manifests describe, or
    /// else the one of its Dockerfile, or of an image that somebody named.
    #[must_use]
    pub fn containers(&self, directory: &str) -> Vec<ContainerView> {
        let others = &self.material().others;
        project_views(
            self.files(),
            self.store(),
            self.options(),
            others,
            directory,
        )
    }
}

/// The name of a container's profile: the one that a file names, or else that of the service or directory.
#[must_use]
pub fn name(view: &ContainerView, directory: &str) -> String {
    let quoted = view.who.split('`').nth(1);
    let name = match (&view.profile, quoted) {
        (ViewedProfile::Named(name), _) if !name.is_empty() => name,
        (_, Some(quoted)) if view.place.is_some() => quoted,
        _ => directory
            .trim_end_matches(['/', '.'])
            .rsplit('/')
            .next()
            .unwrap_or_default(),
    };
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "-_".contains(c) {
            c
        } else {
            '-'
        }
    };
    let name: String = name.chars().map(plain).collect();
    let name = name.trim_matches('-');
    match name.is_empty() {
        true => "app".to_owned(),
        false => name.to_owned(),
    }
}

/// The configuration of a project with these profiles; `packs` says which packs a profile keeps.
#[must_use]
pub fn config(
    names: &[String],
    packs: &dyn Fn(&str) -> Vec<&'static str>,
    image: Option<&str>,
    verified: Option<&Verified>,
) -> String {
    let mut out =
        "# Configuration of aalint for this directory, written by `aalint init`.\n".to_owned();
    for name in names {
        let mut intents: Vec<String> = packs(name)
            .into_iter()
            .map(|pack| format!("\"{pack}\""))
            .collect();
        intents.push(format!("\"{name}.intents\""));
        let _ = write!(
            out,
            "\n# What the profile promises. The packs come with aalint; `aalint check` says which promise an edit breaks.\n\
             [[profile]]\nname = \"{name}\"\nkind = \"container\"\nintents = [{}]\n",
            intents.join(", ")
        );
    }
    if let Some(image) = image {
        let image = toml::Value::String(image.to_owned());
        let _ = write!(
            out,
            "\n# The files of the container's image, to see whether it can start.\n[container]\nimage = {image}\n"
        );
    }
    if let Some(verified) = verified {
        let Verified { name, port } = verified;
        let _ = write!(
            out,
            "\n# `aalint verify` takes this to the kernel, and runs the container.\n\
             [verify]\nprofile = \"apparmor/{name}\"\nname = \"{name}\"\nbuild = \".\"\nport = {port}\n"
        );
    }
    out
}

/// The container that `aalint verify` can build and run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    /// The name of its profile.
    pub name: String,
    /// The port that it listens on.
    pub port: u16,
}

impl Verified {
    /// The one of a project whose Dockerfile lies in its directory, if it says on which port it listens.
    #[must_use]
    pub fn of(views: &[ContainerView], names: &[String], directory: &str) -> Option<Self> {
        let [view] = views else { return None };
        let here = ["Dockerfile", "Containerfile"].map(|name| match directory {
            "." | "" => name.to_owned(),
            directory => format!("{directory}/{name}"),
        });
        match &view.image.origin {
            ImageOrigin::Dockerfile { path, .. } if here.contains(path) => {}
            _ => return None,
        }
        Some(Self {
            name: names.first()?.clone(),
            port: *view.image.config.ports.first()?,
        })
    }
}

impl Draft {
    /// The packs whose promises a draft keeps, as `keeps` says of each.
    #[must_use]
    pub fn kept_packs(keeps: &dyn Fn(&str) -> bool) -> Vec<&'static str> {
        Self::packs().filter(|pack| keeps(pack)).collect()
    }
}
