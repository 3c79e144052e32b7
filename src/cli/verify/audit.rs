//! `aalint audit` in a build that can ask the kernel, and `aalint verify --audit`, as it was called.

use std::io::Write;
use std::time::Duration;

use anyhow::{Context, anyhow};

use super::end::refused;
use super::obeyed::Obeyed;
use crate::cli::args::{AuditArguments, VerifyArguments};
use crate::cli::audit::{self, AuditPlaces, LogListener};
use crate::cli::exit;
use crate::cli::stderr::complaints;
use crate::host::Disk;
use crate::report::{Format, ReportKind, Style};
use crate::source::{EntryKind, Vfs};
use crate::verify::{Heard, Interrupt, Watch};

/// How often to look whether somebody wants it to end.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// Runs `aalint audit`. Root obeys no configuration that somebody else could have written.
pub(in crate::cli) fn audit(
    arguments: &AuditArguments,
    style: Style,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let first = arguments.policy.first().map_or(".", String::as_str);
    let obeyed = Obeyed::find(&arguments.places, first)?;
    obeyed.tell_others()?;
    obeyed.tell()?;
    let places = AuditPlaces::new(arguments, &obeyed.setup)?;
    exit::or_unread(audit::run(arguments, &places, style, out, &mut watch))
}

/// Runs `aalint verify --audit`.
pub(super) fn run(
    arguments: &VerifyArguments,
    style: Style,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    // The formats of `verify` are known before it is clear that this is about records.
    let format = Format::named(arguments.format.name(), ReportKind::Audit);
    let format = format.map_err(|why| anyhow!(why))?;
    writeln!(
        complaints(false),
        "aalint: `aalint verify --audit` is now called `aalint audit`; the old name still works"
    )?;
    let obeyed = Obeyed::find(&arguments.places, &arguments.path)?;
    obeyed.tell_others()?;
    obeyed.tell()?;
    let path = arguments.path.clone();
    // A directory with `[verify]` stands for the profile that is named there.
    let configured = match &obeyed.setup.config.verify {
        Some(verify) if Disk.kind(&path) == Some(EntryKind::Directory) => {
            Some(obeyed.setup.path(&verify.profile.text))
        }
        _ => None,
    };
    let is_trusted = arguments.trust;
    let arguments = AuditArguments {
        log: arguments.from.clone(),
        journal: false,
        follow: true,
        live: true,
        policy: vec![path.clone()],
        all: arguments.all,
        format,
        intent: Vec::new(),
        target: None,
        places: arguments.places.clone(),
    };
    let mut places = AuditPlaces::new(&arguments, &obeyed.setup)?;
    obeyed.add_named(is_trusted, &mut places.inside);
    if let Some(configured) = configured {
        places.policy = vec![configured];
    }
    exit::or_unread(audit::run(&arguments, &places, style, out, &mut watch))
}

/// Watches records until a signal comes.
fn watch(listener: &mut LogListener<'_, '_>, out: &mut dyn Write) -> anyhow::Result<u8> {
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
            listener.sum_up()?;
            return Ok(128_u8.saturating_add(signal));
        }
    }
}
