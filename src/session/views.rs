//! Containers as they will run: what manifests and Dockerfiles say, put together with what is known of their images.

use rustc_hash::FxHashSet;

use super::given_image::GivenImage;
use super::options::Options;
use crate::containers::{
    ContainerView, ImageBuild, ImageOrigin, KnownImage, Stated, ViewedProfile, Workload, process,
};
use crate::images::{BuildContext, BuiltImage, ImageConfig, base_image};
use crate::policy::Store;
use crate::source::{EntryKind, Vfs};

/// What files are called that say how an image is built.
pub(super) const DOCKERFILES: [&str; 2] = ["Dockerfile", "Containerfile"];

/// Most containers that are looked at.
const MAX_VIEWS: usize = 2_000;

/// The containers that files describe, and those of images that somebody named.
pub(super) fn views(
    vfs: &dyn Vfs,
    store: &Store,
    options: &Options,
    workloads: &[Workload],
    docker_projects: &FxHashSet<String>,
) -> Vec<ContainerView> {
    let finder = Finder { vfs, options };
    let mut views: Vec<ContainerView> = Vec::new();
    for workload in workloads.iter().take(MAX_VIEWS) {
        let Some(profile) = workload.profile() else {
            continue;
        };
        let path = &store.sources.get(workload.place.file).path;
        let image = finder.of_workload(workload, &profile.text, path);
        let profile = ViewedProfile::Named(profile.text.clone());
        views.push(ContainerView::new(
            workload.who.clone(),
            profile,
            Some(workload),
            image,
        ));
    }
    for given in &options.images {
        let Some(name) = &given.profile else { continue };
        let is_there = |view: &ContainerView| matches!(&view.profile, ViewedProfile::Named(known) if known == name);
        if !views.iter().any(is_there) {
            let who = format!("the container of `{}`", given.path);
            let profile = ViewedProfile::Named(name.clone());
            let image = Finder::given(given, || None);
            views.push(ContainerView::new(who, profile, None, image));
        }
    }
    // Nothing says whose image it is: the only profile that can be meant.
    let of_all = options
        .images
        .iter()
        .filter(|given| given.profile.is_none());
    if views.is_empty() && docker_projects.is_empty() {
        views.extend(of_all.map(|given| {
            let who = format!("the container of `{}`", given.path);
            let image = Finder::given(given, || None);
            ContainerView::new(who, ViewedProfile::Only, None, image)
        }));
    }
    let mut projects: Vec<&String> = docker_projects.iter().collect();
    projects.sort();
    for directory in projects.into_iter().take(MAX_VIEWS) {
        let (who, image) = match options.images.iter().find(|given| given.profile.is_none()) {
            Some(given) => {
                let image = Finder::given(given, || Some(finder.beside(directory)?.image.config));
                (format!("the container of `{}`", given.path), image)
            }
            None => {
                views.extend(finder.beside(directory));
                continue;
            }
        };
        let profile = ViewedProfile::Beside(directory.clone());
        views.push(ContainerView::new(who, profile, None, image));
    }
    views
}

/// The containers of the project in a directory, whether files name a profile for them or not.
pub(super) fn project_views(
    vfs: &dyn Vfs,
    store: &Store,
    options: &Options,
    workloads: &[Workload],
    directory: &str,
) -> Vec<ContainerView> {
    let finder = Finder { vfs, options };
    let described = workloads.iter().take(MAX_VIEWS).map(|workload| {
        let profile = workload
            .profile()
            .map(|name| name.text.clone())
            .unwrap_or_default();
        let path = &store.sources.get(workload.place.file).path;
        let image = finder.of_workload(workload, &profile, path);
        let profile = ViewedProfile::Named(profile);
        ContainerView::new(workload.who.clone(), profile, Some(workload), image)
    });
    let described: Vec<ContainerView> = described.collect();
    if !described.is_empty() {
        return described;
    }
    let given = options.images.iter().map(|given| {
        let profile = match &given.profile {
            Some(name) => ViewedProfile::Named(name.clone()),
            None => ViewedProfile::Beside(directory.to_owned()),
        };
        let who = format!("the container of `{}`", given.path);
        let image = Finder::given(given, || Some(finder.beside(directory)?.image.config));
        ContainerView::new(who, profile, None, image)
    });
    let given: Vec<ContainerView> = given.collect();
    if !given.is_empty() {
        return given;
    }
    finder.beside(directory).into_iter().collect()
}

/// Finds images.
struct Finder<'f> {
    vfs: &'f dyn Vfs,
    options: &'f Options,
}

impl Finder<'_> {
    /// An image that somebody named. Files alone say nothing of the process: `described` gives what a Dockerfile or the table does.
    fn given(given: &GivenImage, described: impl FnOnce() -> Option<ImageConfig>) -> KnownImage {
        let own = &given.image.config;
        let says_nothing = own.entrypoint.is_none() && own.command.is_none();
        let config = if says_nothing { described() } else { None };
        KnownImage {
            origin: match given.is_of_engine {
                true => ImageOrigin::Engine(given.path.clone()),
                false => ImageOrigin::Files(given.path.clone()),
            },
            trees: vec![given.image.tree.clone()],
            config: config.unwrap_or_else(|| own.clone()),
        }
    }

    /// The container of the Dockerfile in a directory.
    fn beside(&self, directory: &str) -> Option<ContainerView> {
        let mut paths = DOCKERFILES.iter().map(|name| join(directory, name));
        let path = paths.find(|path| self.vfs.kind(path) == Some(EntryKind::File))?;
        let image = self.of_dockerfile(directory, &path, None, &[], None);
        let profile = ViewedProfile::Beside(directory.to_owned());
        let who = format!("the container of `{path}`");
        Some(ContainerView::new(who, profile, None, image))
    }

    /// The image of a container that a file at `path` describes.
    fn of_workload(&self, workload: &Workload, profile: &str, path: &str) -> KnownImage {
        let images = &self.options.images;
        let own = images
            .iter()
            .find(|given| given.profile.as_deref() == Some(profile));
        let any = || images.iter().find(|given| given.profile.is_none());
        if let Some(given) = own.or_else(any) {
            return Self::given(given, || Some(self.described(workload, path).config));
        }
        self.described(workload, path)
    }

    /// The same without the images that somebody named.
    fn described(&self, workload: &Workload, path: &str) -> KnownImage {
        if let Some(build) = &workload.build {
            return self.of_build(build, workload, path);
        }
        match &workload.image {
            Stated::Known(reference) => of_reference(&reference.text),
            Stated::Unknown => KnownImage::unknown("its name has a variable without a value"),
            Stated::Unstated => KnownImage::unknown("no file names it"),
        }
    }

    fn of_build(&self, build: &ImageBuild, workload: &Workload, path: &str) -> KnownImage {
        let known = |value: &Stated<String>, default: &str| match value {
            Stated::Known(value) => Some(value.clone()),
            Stated::Unstated => Some(default.to_owned()),
            Stated::Unknown => None,
        };
        let (Some(context), Some(dockerfile)) = (
            known(&build.context, "."),
            known(&build.dockerfile, DOCKERFILES[0]),
        ) else {
            return KnownImage::unknown("its build has a variable without a value");
        };
        if !build.dockerfile_inline.is_unstated() {
            return KnownImage::unknown("its Dockerfile is a text in the compose file");
        }
        if context.contains("://") || context.starts_with("git@") {
            return KnownImage::unknown("it is built from an address");
        }
        let around = path.rsplit_once('/').map_or("", |(directory, _)| directory);
        let directory = join(around, &context);
        let dockerfile = match dockerfile.starts_with('/') {
            true => dockerfile,
            false => join(&directory, &dockerfile),
        };
        let target = match &build.target {
            Stated::Known(target) => Some(target.as_str()),
            Stated::Unstated => None,
            Stated::Unknown => {
                return KnownImage::unknown("its build has a variable without a value");
            }
        };
        let arguments = build.args.items.iter();
        let arguments: Vec<(String, String)> = arguments
            .filter_map(|(name, value)| Some((name.clone(), value.known()?.clone())))
            .collect();
        self.of_dockerfile(&directory, &dockerfile, target, &arguments, Some(workload))
    }

    fn of_dockerfile(
        &self,
        directory: &str,
        path: &str,
        target: Option<&str>,
        arguments: &[(String, String)],
        workload: Option<&Workload>,
    ) -> KnownImage {
        // What a file outside says must not show in what is said of it.
        if self.vfs.is_outside(path) {
            return KnownImage::unknown("its Dockerfile lies outside of what is checked");
        }
        let Ok(bytes) = self.vfs.read(path) else {
            return KnownImage::unknown(format!("`{path}` cannot be read"));
        };
        let text = String::from_utf8_lossy(&bytes);
        let mut built = match BuiltImage::read(&text, target, arguments) {
            Ok(built) => built,
            Err(fault) => return KnownImage::unknown(format!("`{path}` cannot be read: {fault}")),
        };
        if let Some(process) = process(workload, &built.config) {
            let context = BuildContext {
                files: self.vfs,
                directory,
            };
            built.look_up(&process.arguments, process.working_dir.as_deref(), context);
        }
        KnownImage {
            origin: ImageOrigin::Dockerfile {
                path: path.to_owned(),
                base: built.base,
                is_base_known: built.base_source.is_some(),
            },
            trees: built.trees,
            config: built.config,
        }
    }
}

fn of_reference(reference: &str) -> KnownImage {
    match base_image(reference) {
        Some(base) => KnownImage {
            origin: ImageOrigin::Table(reference.to_owned()),
            trees: base.trees,
            config: base.config,
        },
        None => KnownImage::unknown(format!("the files of `{reference}` are not at hand")),
    }
}

/// A path below a directory, without `.` and with `..` resolved as far as it goes.
fn join(directory: &str, path: &str) -> String {
    let mut parts: Vec<&str> = directory
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    let is_absolute = directory.starts_with('/') || path.starts_with('/');
    if path.starts_with('/') {
        parts.clear();
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match is_absolute {
        true => format!("/{joined}"),
        false => joined,
    }
}

/// How many containers a note names.
const MORE_SHOWN: usize = 3;

/// What to say of the images of containers in general: of which of them something was read, and of which nothing is known.
pub(super) fn notes(views: &[&ContainerView]) -> Vec<String> {
    let mut read: Vec<String> = Vec::new();
    let mut unread: Vec<String> = Vec::new();
    for view in views {
        let who = &view.who;
        let (list, text) = match &view.image.origin {
            ImageOrigin::Files(path) => (&mut read, format!("{who} (all files of `{path}`)")),
            ImageOrigin::Engine(name) => (
                &mut read,
                format!("{who} (all files of the engine's copy of `{name}`)"),
            ),
            ImageOrigin::Dockerfile {
                path,
                base: Some(base),
                is_base_known: true,
            } => (
                &mut read,
                format!("{who} (`{path}`, and some files of `{base}`)"),
            ),
            ImageOrigin::Dockerfile { path, base, .. } => {
                let base = base
                    .as_ref()
                    .map_or_else(|| "its base image".to_owned(), |base| format!("`{base}`"));
                (
                    &mut unread,
                    format!(
                        "{who} (the files of {base}, on which `{path}` builds, are not at hand)"
                    ),
                )
            }
            ImageOrigin::Table(reference) => {
                (&mut read, format!("{who} (some files of `{reference}`)"))
            }
            ImageOrigin::Unknown(why) => (&mut unread, format!("{who} ({why})")),
        };
        if !list.contains(&text) {
            list.push(text);
        }
    }
    let mut notes = Vec::new();
    if !read.is_empty() {
        notes.push(format!("read of container images: {}", named(&read)));
    }
    if !unread.is_empty() {
        notes.push(format!(
            "whether these containers can start under their profiles is not known: {}; --image names an archive, a directory with \
             the files of an image, or an image that the engine has",
            named(&unread)
        ));
    }
    notes
}

fn named(all: &[String]) -> String {
    let shown: Vec<&str> = all.iter().take(MORE_SHOWN).map(String::as_str).collect();
    match all.len().saturating_sub(MORE_SHOWN) {
        0 => shown.join("; "),
        more => format!("{}; and {more} more", shown.join("; ")),
    }
}
