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
use crate::host::{Disk, Within, create_new};
use crate::policy::Search;
use crate::rules;
use crate::session::{CommandLine, Draft, Input, InputKind, Options, Workspace, starter};
use crate::source::Snapshot;

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
    let options = Options {
        inputs: std::mem::take(&mut collected.inputs),
        found: std::mem::take(&mut collected.found),
        search: search.clone(),
        config: setup.file.clone(),
        images: images(&setup, &disk, &arguments.image)?,
        ..Options::default()
    };
    let workspace = Workspace::open(files, options);
    let views = workspace.containers(directory);
    let known: Vec<_> = views.iter().filter(|view| view.is_known()).collect();
    if known.is_empty() {
        bail!(
            "{directory} describes no container whose program is known: a Dockerfile on a known base image, or --image with an archive \
             or a directory with the files of an image, is needed"
        );
    }
    let mut written = Vec::new();
    let mut kept = Vec::new();
    let mut names = Vec::new();
    let mut drafts: Vec<Draft> = Vec::new();
    for view in known {
        let name = match &arguments.name {
            Some(name) if views.len() == 1 => name.clone(),
            _ => starter::name(view, directory),
        };
        if names.contains(&name) {
            continue;
        }
        names.push(name.clone());
        let draft = Draft::of(view, &name);
        let is_there = workspace
            .policy()
            .profiles()
            .any(|profile| profile.name == name);
        if is_there {
            kept.push(format!("profile `{name}`"));
            continue;
        }
        for (path, text) in [
            (format!("{directory}/{DIRECTORY}/{name}"), &draft.profile),
            (format!("{directory}/{name}.intents"), &draft.intents),
        ] {
            put(&path, text, &mut written, &mut kept)?;
        }
        for unknown in &draft.unknown {
            writeln!(
                out,
                "{name}: {unknown} is not known, so rules may be missing: run it, and let `aalint audit` explain what is refused"
            )?;
        }
        drafts.push(draft);
    }
    let packs = |name: &str| {
        let draft = drafts.iter().find(|draft| draft.name == name);
        let keeps = |pack: &str| {
            draft.is_none_or(|draft| keeps(draft, pack, &setup.snapshot(&disk), &search))
        };
        Draft::kept_packs(&keeps)
    };
    let verified = starter::Verified::of(&views, &names, directory);
    let image = arguments
        .image
        .first()
        .map(String::as_str)
        .filter(|path| !leads_out(path));
    let config = starter::config(&names, &packs, image, verified.as_ref());
    put(
        &format!("{directory}/aalint.toml"),
        &config,
        &mut written,
        &mut kept,
    )?;
    for path in &written {
        writeln!(out, "wrote {path}")?;
    }
    for what in &kept {
        writeln!(out, "kept {what}, which was there")?;
    }
    writeln!(out, "next: aalint check {directory}")?;
    out.flush()?;
    Ok(exit::CLEAN)
}

/// Whether the profile of a draft keeps a pack of promises.
fn keeps(draft: &Draft, pack: &str, files: &Snapshot<'_>, search: &Search) -> bool {
    let path = "draft";
    let files = Snapshot::new(files.below());
    files.insert(path, draft.profile.clone().into_bytes());
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

/// Writes a file that is not there yet.
fn put(
    path: &str,
    text: &str,
    written: &mut Vec<String>,
    kept: &mut Vec<String>,
) -> anyhow::Result<()> {
    let made = create_new(path, text).with_context(|| format!("{path} cannot be written"))?;
    match made {
        true => written.push(path.to_owned()),
        false => kept.push(path.to_owned()),
    }
    Ok(())
}
