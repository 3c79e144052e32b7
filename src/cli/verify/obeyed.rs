//! The configuration that verify obeys, and what it may make root do.
//!
//! verify runs as root. A directory that is named is meant, and so is its aalint.toml; one further up was meant by
//! nobody who may not be root anyway. What reaches beyond the confinement of the profile is done for the caller's own
//! files, or with `--trust`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::cli::args::{Places, VerifyArguments};
use crate::cli::exit::FAILURE;
use crate::cli::setup::Setup;
use crate::cli::stderr::complaints;
use crate::config::{Container, ImageSource, Reach, leads_out};
use crate::host::{Foreign, InsidePaths, Owners, Survey};
use crate::report::one_line;
use crate::source::MAX_FILE_BYTES;

/// The name of a configuration.
const NAME: &str = "aalint.toml";

/// A configuration, and who may change it.
pub(super) struct Obeyed {
    pub(super) setup: Setup,
    /// Who else may change it.
    foreign: Option<Foreign>,
    /// Those that were passed over, and why.
    passed_over: Vec<String>,
}

impl Obeyed {
    /// The one that the command line names; that of the directory `path`; or else that of the nearest
    /// directory above which nobody else may change.
    pub(super) fn find(places: &Places, path: &str) -> anyhow::Result<Self> {
        let owners = Owners::caller();
        let mut obeyed = Self {
            setup: Setup::of(None),
            foreign: None,
            passed_over: Vec::new(),
        };
        if places.isolated {
            return Ok(obeyed);
        }
        if let Some(path) = &places.config {
            let context = || format!("reading the configuration {path}");
            let survey = Survey::of(Path::new(path), &owners).with_context(context)?;
            obeyed.obey(path.clone(), survey)?;
            return Ok(obeyed);
        }
        let Ok(named) = canonical(Path::new(path)) else {
            // The code that needs the file reports that it is missing.
            return Ok(obeyed);
        };
        for directory in named.ancestors() {
            let path = directory.join(NAME);
            if !is_there(&path) {
                continue;
            }
            let name = shown(&path);
            let context = || format!("reading the configuration {name}");
            let survey = Survey::of(&path, &owners).with_context(context)?;
            if !survey.is_file() {
                bail!(
                    "{name} is no regular file, so there is no configuration to obey; --isolated does without"
                );
            }
            if let Some(foreign) = survey.foreign.as_ref().filter(|_| directory != named) {
                let why = format!("{} is not obeyed: {foreign}", one_line(&name));
                obeyed.passed_over.push(why);
                continue;
            }
            // The user who made the link need not be allowed to read what it leads to, and what it says is shown.
            if !canonical(&path)?.starts_with(directory) {
                bail!(
                    "{name} is a link that leads out of its directory; --config names a configuration that is elsewhere"
                );
            }
            obeyed.obey(name, survey)?;
            break;
        }
        Ok(obeyed)
    }

    fn obey(&mut self, path: String, survey: Survey) -> anyhow::Result<()> {
        let context = || format!("reading the configuration {path}");
        let bytes = survey.read(MAX_FILE_BYTES as u64).with_context(context)?;
        let text = String::from_utf8(bytes).with_context(context)?;
        self.setup = Setup::of(Some((path, text)));
        self.foreign = survey.foreign;
        Ok(())
    }

    /// The path of the configuration.
    pub(super) fn path(&self) -> Option<&str> {
        self.setup.file.as_ref().map(|file| file.path.as_str())
    }

    /// Says which configurations are not obeyed.
    pub(super) fn tell_others(&self) -> io::Result<()> {
        let mut err = complaints(false);
        for why in &self.passed_over {
            writeln!(err, "aalint: {why}")?;
        }
        Ok(())
    }

    /// Says which configuration is obeyed.
    pub(super) fn tell(&self) -> io::Result<()> {
        let mut err = complaints(false);
        match self.path() {
            Some(path) => writeln!(err, "aalint: the configuration is {}", one_line(path)),
            None => Ok(()),
        }
    }

    /// Whether nobody else may have written the configuration, or they are trusted.
    pub(super) const fn is_own(&self, arguments: &VerifyArguments) -> bool {
        self.foreign.is_none() || arguments.trust
    }

    /// Adds what the configuration names to what may be shown, if the command line trusts it.
    pub(super) fn add_named(&self, is_trusted: bool, inside: &mut InsidePaths) {
        if !is_trusted {
            return;
        }
        for named in self.setup.config.paths() {
            inside.add(&self.setup.path(named));
        }
    }

    /// What reaches beyond the confinement of the profile.
    pub(super) fn reach(&self, has_container: bool) -> Vec<Reach> {
        let place = |path: &str| {
            let path = self.setup.path(path);
            // What a link leads to is what is meant.
            let real = canonical(Path::new(&path)).map_or(path, |real| real.display().to_string());
            one_line(&real)
        };
        let root = canonical(Path::new(&self.setup.root));
        let is_outside = |path: &str| match (&root, canonical(Path::new(&self.setup.path(path)))) {
            (Ok(root), Ok(real)) => !real.starts_with(root),
            _ => leads_out(path),
        };
        let config = &self.setup.config;
        config.reach(has_container, &place, &is_outside)
    }

    /// Who else may change what `reach` comes from: the configuration, or the directory that an image is built from.
    pub(super) fn stranger(&self, container: Option<&Container>) -> Option<Foreign> {
        if self.foreign.is_some() {
            return self.foreign.clone();
        }
        let Some(ImageSource::Build(directory)) = container.map(|container| &container.image)
        else {
            return None;
        };
        let directory = PathBuf::from(self.setup.path(&directory.text));
        let survey = Survey::of(&directory.join("Dockerfile"), &Owners::caller());
        survey.ok().and_then(|survey| survey.foreign)
    }
}

/// Who else may change a profile that attaches to programs of this machine.
pub(super) fn stranger_to(path: &str) -> Option<Foreign> {
    let survey = Survey::of(Path::new(path), &Owners::caller());
    survey.ok().and_then(|survey| survey.foreign)
}

/// Refuses what reaches beyond the confinement, because of a stranger; gives the exit code.
pub(super) fn untrusted(reach: &[Reach], foreign: &Foreign) -> io::Result<u8> {
    let mut err = complaints(false);
    writeln!(
        err,
        "aalint: {foreign}, and this reaches beyond the confinement of the profile:"
    )?;
    list(reach, &mut err)?;
    let is_of_container = |one: &Reach| !matches!(one.key, "attachment" | "profile");
    let without = match reach.iter().any(is_of_container) {
        true => ", and `--tier a,b` runs no container",
        false => "",
    };
    writeln!(
        err,
        "  help: read what it asks for; `--trust` does it all the same{without}"
    )?;
    Ok(FAILURE)
}

/// Says what reaches beyond the confinement.
pub(super) fn tell(reach: &[Reach]) -> io::Result<()> {
    let mut err = complaints(false);
    if reach.is_empty() {
        return Ok(());
    }
    writeln!(
        err,
        "aalint: this reaches beyond the confinement of the profile:"
    )?;
    list(reach, &mut err)
}

fn list(reach: &[Reach], out: &mut dyn Write) -> io::Result<()> {
    for Reach { key, what } in reach {
        writeln!(out, "  {key}: {}", one_line(what))?;
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the command line names files")]
fn canonical(path: &Path) -> io::Result<PathBuf> {
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    path.canonicalize()
}

/// Whether something has that name, be it a link that leads nowhere. A directory is no configuration.
#[expect(clippy::disallowed_methods, reason = "the command line names files")]
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok() && !path.is_dir()
}

/// A path as people would write it here.
fn shown(path: &Path) -> String {
    let here = canonical(Path::new("."));
    let below = here.ok().and_then(|here| path.strip_prefix(here).ok());
    below.unwrap_or(path).to_string_lossy().into_owned()
}
