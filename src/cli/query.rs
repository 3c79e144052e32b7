//! `aalint query`.

use std::io::Write;

use anyhow::{Context, bail};

use super::args::QueryArguments;
use super::exit;
use super::images::images;
use super::setup::{Setup, standard_input, target};
use super::stderr::complaints;
use crate::host::{Disk, Within};
use crate::lang::keywords::suggest;
use crate::report::{self, Style};
use crate::rules;
use crate::session::{Options, QueryError, Workspace, policy_at};
use crate::source::Vfs;

/// What requests on the command line are called in messages.
const COMMAND_LINE: &str = "<command line>";

pub(super) fn run(
    arguments: &QueryArguments,
    style: Style,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let file = std::slice::from_ref(&arguments.file);
    let setup = Setup::new(&arguments.places, file)?.sound()?;
    let inside = setup.inside(&arguments.places, file);
    let disk = Within::new(&Disk, &inside);
    let files = setup.snapshot(&disk);
    let images = images(&setup, &disk, &arguments.image)?;
    images.tell_notes()?;
    let options = Options {
        target: target(&files, arguments.target.as_deref())?,
        requests: requests(&files, arguments)?,
        config: setup.file.clone(),
        images: images.images,
        ..Options::of_policy(
            &policy_at(&files, &arguments.file),
            setup.search(&arguments.places, file)?,
        )
    };
    let workspace = Workspace::open(files, options);
    let answers = match workspace.query(arguments.profile.as_deref(), rules::all()) {
        Ok(answers) => answers,
        Err(error) => bail!("{}", words(&error, &arguments.file)),
    };
    if !answers.faults.is_empty() {
        let sources = &answers.store.sources;
        report::faulty_requests(
            &answers.faults,
            sources,
            style,
            &mut complaints(style.color),
        )?;
        return Ok(exit::FAILURE);
    }
    if answers.answers.is_empty() {
        bail!("there is no request; write one a line, such as `/etc/shadow r`");
    }
    report::answers(arguments.format, &answers, arguments.why, style, out)?;
    Ok(exit::of_query(&answers))
}

/// The requests with the names of where they stand: those of the command line, then those of files.
fn requests(files: &dyn Vfs, arguments: &QueryArguments) -> anyhow::Result<Vec<(String, String)>> {
    let mut requests = Vec::new();
    if !arguments.ask.is_empty() {
        // Each argument is a request of its own; the line ends tell them apart.
        let lines: Vec<String> = arguments
            .ask
            .iter()
            .map(|request| request.replace('\n', " "))
            .collect();
        requests.push((COMMAND_LINE.to_owned(), lines.join("\n")));
    }
    for path in &arguments.requests {
        let (name, bytes) = if path == "-" {
            ("<stdin>", standard_input()?)
        } else {
            let read = files.read(path);
            (
                path.as_str(),
                read.with_context(|| format!("reading the requests {path}"))?,
            )
        };
        let text =
            String::from_utf8(bytes).with_context(|| format!("reading the requests {name}"))?;
        requests.push((name.to_owned(), text));
    }
    Ok(requests)
}

/// Why no profile of `file` can be asked.
pub(super) fn words(error: &QueryError, file: &str) -> String {
    match error {
        QueryError::Unreadable(path, why) => format!("{path}: {why}"),
        QueryError::NoProfile => format!("{file} defines no profile"),
        QueryError::Several(names) => format!(
            "{file} defines several profiles; name one with --profile: {}",
            list(names)
        ),
        QueryError::NoSuchProfile(name, names) => {
            let similar = suggest(name, names.iter().map(String::as_str));
            let hint = similar.map_or_else(
                || {
                    if names.is_empty() {
                        "it defines none".to_owned()
                    } else {
                        format!("it defines {}", list(names))
                    }
                },
                |name| format!("did you mean `{name}`?"),
            );
            format!("{file} defines no profile `{name}`; {hint}")
        }
    }
}

fn list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
