//! `aalint verify --audit`.

use std::io::{BufRead, BufReader, Write, stdin};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};

use super::end::refused;
use super::obeyed::Obeyed;
use crate::cli::args::VerifyArguments;
use crate::cli::discovery::collect;
use crate::cli::exit;
use crate::cli::setup::Setup;
use crate::cli::stderr::complaints;
use crate::host::{self, Disk, Within};
use crate::report::{self, Format, ReportKind, Style};
use crate::session::{Options, Policy, Veil, Workspace};
use crate::source::{EntryKind, Snapshot, Vfs};
use crate::verify::Interrupt;
use crate::verify::audit::{Cause, Explainer, Heard, Kind, Watch, parse};

/// How often to look whether somebody wants it to end.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// Maximum length of a line of a log that is looked at, in bytes; records are shorter.
const MAX_LINE: usize = 64 * 1024;

pub(super) fn run(
    arguments: &VerifyArguments,
    style: Style,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    // The formats of `verify` are known before it is clear that this is about records.
    let format = Format::named(arguments.format.name(), ReportKind::Audit);
    let format = format.map_err(|why| anyhow!(why))?;
    let obeyed = Obeyed::find(arguments)?;
    obeyed.tell_others()?;
    obeyed.tell()?;
    let setup = &obeyed.setup;
    setup.stop_if_broken()?;
    let mut inside = setup.inside(&arguments.places, std::slice::from_ref(&arguments.path));
    obeyed.add_named(arguments, &mut inside);
    let disk = Within::new(&Disk, &inside);
    let files = setup.snapshot(&disk);
    let paths = paths(arguments, &files, setup)?;
    let options = Options {
        config: setup.file.clone(),
        ..Options::of_policy(&paths, setup.search(&arguments.places, &paths)?)
    };
    let workspace = Workspace::open(files, options);
    let policy = &workspace.policy();
    if let Some((path, why)) = policy.failures.first() {
        bail!("{path}: {why}");
    }
    if policy.profiles().next().is_none() {
        bail!("{} defines no profile", arguments.path);
    }
    let mut listener = Listener {
        policy,
        explainer: Explainer::new(policy),
        veil: Veil::over(&[&policy.store.sources], setup.hidden(&inside)),
        format,
        style,
        all: arguments.all,
        explained: 0,
        others: 0,
    };
    match &arguments.from {
        Some(path) => saved(path, &mut listener, out),
        None => watch(&mut listener, out),
    }
}

/// The files of policy: the one named, that of `[verify]`, or all in the directory.
fn paths(
    arguments: &VerifyArguments,
    files: &Snapshot<'_>,
    setup: &Setup,
) -> anyhow::Result<Vec<String>> {
    let path = &arguments.path;
    match (Disk.kind(path), &setup.config.verify) {
        (None, _) => bail!("{path}: no such file or directory"),
        (Some(EntryKind::File), _) => return Ok(vec![path.clone()]),
        (Some(EntryKind::Directory), Some(verify)) => {
            return Ok(vec![setup.path(&verify.profile.text)]);
        }
        (Some(EntryKind::Directory), None) => {}
    }
    let collected = collect(files, std::slice::from_ref(path), setup)?;
    if let Some((path, why)) = collected.failures.first() {
        bail!("{path}: {why}");
    }
    exit::note(&collected.left_out);
    Ok(collected.policy())
}

struct Listener<'l, 'p> {
    policy: &'l Policy<'p>,
    explainer: Explainer<'l, 'p>,
    veil: Option<Veil>,
    format: Format,
    style: Style,
    /// Whether records of other profiles are shown as well.
    all: bool,
    explained: usize,
    others: usize,
}

impl Listener<'_, '_> {
    fn hear(&mut self, line: &str, out: &mut dyn Write) -> anyhow::Result<()> {
        let Some(record) = parse(line) else {
            return Ok(());
        };
        let mut explanation = self.explainer.explain(&record);
        let is_other = match explanation.cause {
            Cause::NoProfile => true,
            _ if record.kind == Kind::Status => {
                let name = record.text("name").unwrap_or_default();
                !self
                    .policy
                    .profiles()
                    .any(|profile| profile.full_name == name)
            }
            _ => !self.explainer.knows(&record),
        };
        if is_other && !self.all {
            self.others += 1;
            return Ok(());
        }
        self.explained += 1;
        if let (Some(veil), Some(suggestion)) = (&self.veil, &mut explanation.suggestion) {
            suggestion.rule = veil.value(&suggestion.rule);
            for opens in &mut suggestion.opens {
                *opens = veil.value(opens);
            }
            suggestion.example = suggestion.example.as_deref().map(|path| veil.value(path));
        }
        report::audit_record(self.format, &record, &explanation, self.style, out)?;
        Ok(())
    }

    fn summary(&self) -> String {
        let records = |count: usize| match count {
            1 => "1 record".to_owned(),
            count => format!("{count} records"),
        };
        let explained = records(self.explained);
        match self.others {
            0 => format!("{explained} explained"),
            others => format!(
                "{explained} explained; {} of other profiles not shown (--all shows them)",
                records(others)
            ),
        }
    }
}

/// Reads a log that was saved.
fn saved(path: &str, listener: &mut Listener<'_, '_>, out: &mut dyn Write) -> anyhow::Result<u8> {
    let context = || format!("reading the log {path}");
    if path == "-" {
        each_line(stdin().lock(), listener, out).with_context(context)?;
    } else {
        let file = host::log(path).with_context(context)?;
        each_line(BufReader::new(file), listener, out).with_context(context)?;
    }
    out.flush()?;
    writeln!(complaints(false), "{}", listener.summary())?;
    Ok(0)
}

fn each_line(
    mut reader: impl BufRead,
    listener: &mut Listener<'_, '_>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut line = Vec::new();
    loop {
        let available = reader.fill_buf()?;
        if available.is_empty() {
            break;
        }
        let (part, is_end, used) = match available.iter().position(|byte| *byte == b'\n') {
            Some(at) => (available.get(..at).unwrap_or_default(), true, at + 1),
            None => (available, false, available.len()),
        };
        // Of a longer line only the beginning is kept: a log need not be text.
        let room = MAX_LINE.saturating_sub(line.len());
        line.extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
        reader.consume(used);
        if is_end {
            listener.hear(&String::from_utf8_lossy(&line), out)?;
            line.clear();
        }
    }
    listener.hear(&String::from_utf8_lossy(&line), out)
}

/// Watches records until a signal comes.
fn watch(listener: &mut Listener<'_, '_>, out: &mut dyn Write) -> anyhow::Result<u8> {
    let mut watch = match Watch::open() {
        Ok(watch) => watch,
        Err(refusal) => return refused(&refusal),
    };
    let interrupt = Interrupt::catch().context("catching signals")?;
    writeln!(
        complaints(false),
        "watching {}; Ctrl-C ends it",
        watch.name()
    )?;
    loop {
        match watch.next(POLL_INTERVAL).context("reading audit records")? {
            Some(Heard::Line(line)) => listener.hear(&line, out)?,
            Some(Heard::Lost) => writeln!(complaints(false), "aalint: records were lost here")?,
            None => {}
        }
        out.flush()?;
        if let Some(signal) = interrupt.signal() {
            writeln!(complaints(false), "{}", listener.summary())?;
            return Ok(128_u8.saturating_add(signal));
        }
    }
}
