//! `aalint init`.

use std::io::Write;

use anyhow::{Context, bail};

use super::args::InitArguments as Arguments;
use super::discovery::collect;
use super::exit;
use super::images::images;
use super::setup::Setup;
use crate::config::ConfigFile;
use crate::config::leads_out;
use crate::containers::ContainerView;
use crate::host::{Disk, Within, create_new};
use crate::policy::Search;
use crate::rules;
use crate::session::{
    CommandLine, GivenImage, Input, InputKind, Options, ProfileDraft, Workspace, starter,
};
use crate::source::{Snapshot, Vfs};

/// Where profiles are written, below the directory of the project.
const DIRECTORY: &str = "apparmor";

pub(super) fn run(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<u8> {
    let directory = arguments.directory.trim_end_matches('/');
    let directory = if directory.is_empty() { "/" } else { directory };
    let paths = [directory.to_owned()];
    let setup = Setup::new(&arguments.places, &paths)?.sound()?;
    let inside = setup.inside(&arguments.places, &paths);
    let disk = Within::new(&Disk, &inside);
    let files = setup.snapshot(&disk);
    let mut collected = collect(&files, &paths, &setup)?;
    let search = setup.search(&arguments.places, &paths)?;
    let given = images(&setup, &disk, &arguments.image)?;
    given.tell_notes()?;
    let image = written_image(arguments, directory, &given.images);
    let options = Options {
        inputs: std::mem::take(&mut collected.inputs),
        found: std::mem::take(&mut collected.found),
        search: search.clone(),
        config: setup.file.clone(),
        images: given.images,
        ..Options::default()
    };
    let workspace = Workspace::open(files, options);
    let views = workspace.containers(directory);
    if !views.iter().any(ContainerView::is_known) {
        bail!(
            "{directory} describes no container whose program is known: a Dockerfile on a known base image, or --image with an archive, \
             a directory with the files of an image, or an image that the engine has, is needed"
        );
    }
    let mut project = Project {
        directory,
        place: Disk.real_path(directory).unwrap_or_default(),
        is_dry_run: arguments.dry_run,
        written: Vec::new(),
        kept: Vec::new(),
    };
    let drafts = project.profiles(arguments, &workspace, &views, out)?;
    let names: Vec<String> = drafts.iter().map(|draft| draft.name.clone()).collect();
    let packs = |name: &str| {
        let draft = drafts.iter().find(|draft| draft.name == name);
        let keeps = |pack: &str| {
            draft.is_none_or(|draft| keeps(draft, pack, &setup.snapshot(&disk), &search))
        };
        ProfileDraft::kept_packs(&keeps)
    };
    let verified = starter::Verified::of(&views, &names, directory);
    let config = starter::config(&names, &packs, image.as_deref(), verified.as_ref());
    project.put("aalint.toml", &config)?;
    project.tell(out)?;
    out.flush()?;
    Ok(exit::CLEAN)
}

/// The image of the command line that the configuration of a project in `directory` can name: the path counts from there, and may not
/// lead out of it.
fn written_image(arguments: &Arguments, directory: &str, given: &[GivenImage]) -> Option<String> {
    if arguments.image.is_empty() {
        return None;
    }
    let first = given.first().filter(|given| given.profile.is_none())?;
    let is_below = directory == "." && !leads_out(&first.path);
    (first.is_of_engine || is_below).then(|| first.path.clone())
}

/// A directory with what was written into it.
struct Project<'p> {
    directory: &'p str,
    /// Where it really lies.
    place: String,
    is_dry_run: bool,
    /// The files, with their texts if nothing is written.
    written: Vec<(String, String)>,
    /// What was there already.
    kept: Vec<String>,
}

impl Project<'_> {
    /// Writes profiles and intents of those containers whose program is known, each profile once.
    fn profiles(
        &mut self,
        arguments: &Arguments,
        workspace: &Workspace<'_>,
        views: &[ContainerView],
        out: &mut dyn Write,
    ) -> anyhow::Result<Vec<ProfileDraft>> {
        let mut drafts: Vec<ProfileDraft> = Vec::new();
        for view in views.iter().filter(|view| view.is_known()) {
            let name = match &arguments.name {
                Some(name) if views.len() == 1 => name.clone(),
                _ => starter::name(view, &self.place),
            };
            if drafts.iter().any(|draft| draft.name == name) {
                continue;
            }
            let draft = ProfileDraft::of(view, &name);
            if workspace
                .policy()
                .profiles()
                .any(|profile| profile.name == name)
            {
                self.kept.push(format!("the profile `{name}`"));
            } else {
                self.put(&format!("{DIRECTORY}/{name}"), &draft.profile)?;
                self.put(&format!("{name}.intents"), &draft.intents)?;
                for unknown in &draft.unknown {
                    writeln!(
                        out,
                        "{name}: {unknown} is not known, so rules may be missing: run it, and let `aalint audit` explain what is refused"
                    )?;
                }
            }
            drafts.push(draft);
        }
        Ok(drafts)
    }

    /// Writes a file that is not there yet.
    fn put(&mut self, name: &str, text: &str) -> anyhow::Result<()> {
        let path = match self.directory {
            "." => name.to_owned(),
            directory => format!("{}/{name}", directory.trim_end_matches('/')),
        };
        let is_new = match self.is_dry_run {
            true => Disk.kind(&path).is_none(),
            false => {
                create_new(&path, text).with_context(|| format!("{path} cannot be written"))?
            }
        };
        match is_new {
            true => self.written.push((path, text.to_owned())),
            false => self.kept.push(path),
        }
        Ok(())
    }

    fn tell(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        for (path, text) in &self.written {
            match self.is_dry_run {
                true => writeln!(out, "would write {path}:\n\n{text}")?,
                false => writeln!(out, "wrote {path}")?,
            }
        }
        for what in &self.kept {
            writeln!(out, "kept {what}, which was there")?;
        }
        writeln!(out, "next: aalint check {}", self.directory)?;
        Ok(())
    }
}

/// Whether the profile of a draft keeps a pack of promises, also with the rules that it may turn out to need.
fn keeps(draft: &ProfileDraft, pack: &str, files: &Snapshot<'_>, search: &Search) -> bool {
    let path = "draft";
    let files = Snapshot::new(files.below());
    files.insert(path, draft.at_most().into_bytes());
    let config = format!(
        "[[profile]]\nname = \"{}\"\nintents = [\"{pack}\"]\n",
        draft.name
    );
    let options = Options {
        inputs: vec![Input {
            path: path.to_owned(),
            kind: InputKind::Policy,
        }],
        search: search.clone(),
        config: Some(ConfigFile::new("aalint.toml", &config).into()),
        cli: CommandLine {
            select: vec!["intents".to_owned()],
            ..CommandLine::default()
        },
        ..Options::default()
    };
    Workspace::open(files, options)
        .check(rules::all())
        .findings
        .is_empty()
}
