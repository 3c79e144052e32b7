//! `aalint fmt`.

use std::io::Write;
use std::ops::RangeInclusive;

use anyhow::{Context, bail};
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use similar::TextDiff;

use super::args::FmtArguments as Arguments;
use super::discovery::collect;
use super::exit;
use super::setup::{Setup, standard_input};
use super::stderr::complaints;
use crate::format::{FormatFault, Layout, format};
use crate::host::{Disk, InsidePaths, Within, replace};
use crate::session::{Input, InputKind};
use crate::source::{Vfs, split_embedded};

/// Lines around a change in a difference.
const CONTEXT_LINES: usize = 3;

pub(super) fn run(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<u8> {
    let setup = Setup::new(&arguments.places, &arguments.paths)?.sound()?;
    let job = Job {
        arguments,
        layout: setup.config.layout,
        lines: lines(arguments)?,
    };
    if arguments.paths.iter().any(|path| path == "-") {
        if arguments.paths.len() > 1 {
            bail!("standard input is formatted alone; leave the other paths out");
        }
        return job.standard_input(out);
    }
    let mut inside = InsidePaths::nowhere();
    for path in &arguments.paths {
        inside.add(path);
    }
    let disk = Within::new(&Disk, &inside);
    let files = setup.snapshot(&disk);
    let collected = collect(&files, &arguments.paths, &setup)?;
    // What two names lead to is written once.
    let mut known = FxHashSet::default();
    let is_file = |input: &&Input| {
        input.kind == InputKind::Policy
            && split_embedded(&input.path).1.is_none()
            && known.insert(Disk.real_path(&input.path))
    };
    let inputs: Vec<&Input> = collected.inputs.iter().filter(is_file).collect();
    let mut failures = collected.failures;
    let is_excluded = collected.left_out.is_excluded_by_name;
    if inputs.is_empty() && failures.is_empty() && !is_excluded {
        bail!("nothing was laid out: there is no file with policy in what is named");
    }
    let results = inputs.par_iter().map(|input| {
        let bytes = files.read(&input.path).map_err(|error| error.to_string())?;
        let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
        match disk.is_outside(&input.path) {
            true => Err("it lies outside of what is named".to_owned()),
            false => job.formatted(&text).map(|formatted| (text, formatted)),
        }
    });
    let results: Vec<Result<(String, String), String>> = results.collect();
    let (mut changed, mut same) = (0, 0);
    for (input, result) in inputs.iter().zip(results) {
        let path = &input.path;
        match result {
            Ok((text, formatted)) if text == formatted => same += 1,
            Ok((text, formatted)) => match job.finish(path, &text, &formatted, out) {
                Ok(()) => changed += 1,
                Err(error) => failures.push((path.clone(), error.to_string())),
            },
            Err(why) => failures.push((path.clone(), format!("{why}: not formatted"))),
        }
    }
    job.tell(changed, same, out)?;
    out.flush()?;
    let has_failed = !failures.is_empty();
    exit::tell(failures);
    Ok(match (has_failed, arguments.writes()) {
        (true, _) => exit::FAILURE,
        (false, false) if changed > 0 => exit::FINDINGS,
        (false, _) => exit::CLEAN,
    })
}

/// The lines that `--lines` names.
fn lines(arguments: &Arguments) -> anyhow::Result<Option<RangeInclusive<usize>>> {
    let Some(text) = &arguments.lines else {
        return Ok(None);
    };
    let parsed = text.split_once('-').and_then(|(first, last)| {
        let (first, last) = (first.parse().ok()?, last.parse().ok()?);
        (0 < first && first <= last).then_some(first..=last)
    });
    match parsed {
        Some(lines) => Ok(Some(lines)),
        None => bail!("`{text}` names no lines; write --lines FIRST-LAST, counted from 1"),
    }
}

/// What is to be done.
struct Job<'a> {
    arguments: &'a Arguments,
    layout: Layout,
    lines: Option<RangeInclusive<usize>>,
}

impl Job<'_> {
    fn formatted(&self, text: &str) -> Result<String, String> {
        format(text, &self.layout, self.lines.clone()).map_err(|fault| {
            match fault {
                FormatFault::NotPolicy => "it is no policy",
                FormatFault::Unsafe => "more than its white space would change",
            }
            .to_owned()
        })
    }

    fn standard_input(&self, out: &mut dyn Write) -> anyhow::Result<u8> {
        let name = &self.arguments.stdin_filename;
        let text = String::from_utf8(standard_input()?).context("reading standard input")?;
        let formatted = match self.formatted(&text) {
            Ok(formatted) => formatted,
            // Who pipes a text through gets it back.
            Err(why) => {
                if self.arguments.writes() {
                    out.write_all(text.as_bytes())?;
                    out.flush()?;
                }
                writeln!(complaints(false), "aalint: {name}: {why}: not formatted")?;
                return Ok(exit::FAILURE);
            }
        };
        if self.arguments.writes() {
            out.write_all(formatted.as_bytes())?;
        } else if text != formatted {
            self.finish(name, &text, &formatted, out)?;
        }
        out.flush()?;
        Ok(match self.arguments.writes() || text == formatted {
            true => exit::CLEAN,
            false => exit::FINDINGS,
        })
    }

    /// Writes the file, or tells what would be written.
    fn finish(
        &self,
        path: &str,
        text: &str,
        formatted: &str,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        if self.arguments.diff {
            let diff = TextDiff::from_lines(text, formatted);
            let mut unified = diff.unified_diff();
            let unified = unified.context_radius(CONTEXT_LINES).header(path, path);
            write!(out, "{unified}")?;
        } else if self.arguments.check {
            writeln!(out, "would reformat {path}")?;
        } else {
            replace(path, text.as_bytes(), formatted.as_bytes())?;
        }
        Ok(())
    }

    fn tell(&self, changed: usize, same: usize, out: &mut dyn Write) -> anyhow::Result<()> {
        let files = |count: usize| match count {
            1 => "1 file".to_owned(),
            count => format!("{count} files"),
        };
        let (done, left) = match self.arguments.writes() {
            true => ("reformatted", "left as it was"),
            false => ("would be reformatted", "is formatted"),
        };
        let left = match (same, left) {
            (1, left) => left,
            (_, "is formatted") => "are formatted",
            _ => "left as they were",
        };
        let mut told = Vec::new();
        if changed > 0 {
            told.push(format!("{} {done}", files(changed)));
        }
        if same > 0 {
            told.push(format!("{} {left}", files(same)));
        }
        // A difference is for programs as well.
        if !told.is_empty() && !self.arguments.diff {
            writeln!(out, "{}", told.join(", "))?;
        } else if !told.is_empty() {
            writeln!(complaints(false), "{}", told.join(", "))?;
        }
        Ok(())
    }
}
