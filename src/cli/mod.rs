//! The command line.

#![expect(
    clippy::disallowed_methods,
    reason = "the command line is where the standard streams are used"
)]

mod args;
mod audit;
mod check;
mod diff;
mod discovery;
mod edits;
mod engine_profile;
mod exit;
mod fmt;
mod formats;
mod graph;
mod images;
mod init;
#[cfg(feature = "lsp")]
mod lsp;
mod query;
mod setup;
mod show;
mod stderr;
#[cfg(feature = "verify")]
mod verify;

#[cfg(feature = "lsp")]
pub use lsp::Around;

#[cfg(feature = "verify")]
pub use exit::of_refusal;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::report::{self, Clean, Style};
use crate::rules;
use args::{Arguments, AuditArguments, Color, Command};
use stderr::complaints;

/// Runs the command line.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let is_help = !error.use_stderr();
            let _ = error.print();
            return ExitCode::from(if is_help { exit::CLEAN } else { exit::FAILURE });
        }
    };
    match run(&arguments) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let _ = writeln!(complaints(false), "aalint: {error:#}");
            ExitCode::from(exit::FAILURE)
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let style = Style {
        color: arguments.color.is_on(),
        ..Style::default()
    };
    // It follows a log as long as somebody reads what it says.
    if let Command::Audit(arguments) = &arguments.command {
        let mut out = Clean::new(io::BufWriter::new(io::stdout().lock()), style.color);
        return exit::or_unread(explain_records(arguments, style, &mut out));
    }
    #[cfg(feature = "verify")]
    if let Command::Verify(arguments) = &arguments.command
        && arguments.audit
    {
        let mut out = Clean::new(io::BufWriter::new(io::stdout().lock()), style.color);
        return exit::or_unread(verify::run(arguments, style, &mut out));
    }
    // What it writes are messages: neither is it cleaned, nor does the lock of standard output stay here.
    #[cfg(feature = "lsp")]
    if let Command::Lsp { .. } = &arguments.command {
        return Ok(lsp::run());
    }
    let out = exit::Unread::new(io::BufWriter::new(io::stdout().lock()));
    let mut out = Clean::new(out, style.color);
    let code = match &arguments.command {
        Command::Check(check) => check::run(check, style, &mut out)?,
        Command::Diff(diff) => diff::run(diff, style, &mut out)?,
        Command::Show(show) => show::run(show, style, &mut out)?,
        Command::Query(query) => query::run(query, style, &mut out)?,
        Command::EngineProfile(arguments) => {
            engine_profile::run(arguments, &mut out)?;
            exit::CLEAN
        }
        Command::Baseline { rest } => {
            let new = [&["aalint engine-profile".to_owned()], rest.as_slice()].concat();
            anyhow::bail!("`aalint baseline` has a new name; run `{}`", new.join(" "))
        }
        Command::Graph(arguments) => graph::run(arguments, &mut out)?,
        Command::Init(arguments) => init::run(arguments, &mut out)?,
        Command::Fmt(arguments) => fmt::run(arguments, &mut out)?,
        #[cfg(feature = "lsp")]
        Command::Lsp { .. } => exit::CLEAN,
        Command::Audit(arguments) => explain_records(arguments, style, &mut out)?,
        #[cfg(feature = "verify")]
        Command::Verify(arguments) => verify::run(arguments, style, &mut out)?,
        #[cfg(feature = "verify")]
        Command::Reap => verify::reap()?,
        #[cfg(feature = "verify")]
        Command::Probe => {
            // A thread writes, and this one holds the lock of standard output.
            let out = std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned()?;
            let mut out = std::fs::File::from(out);
            crate::verify::probe::work(&mut io::stdin().lock(), &mut out)?;
            0
        }
        Command::Rules => {
            report::list(rules::all().iter().map(|rule| rule.meta), style, &mut out)?;
            exit::CLEAN
        }
        Command::Explain { rule } => {
            explain(rule, style, &mut out)?;
            exit::CLEAN
        }
    };
    out.flush()?;
    Ok(code)
}

/// Shows the page of a rule.
fn explain(wanted: &str, style: Style, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut all = rules::all().iter();
    let Some(found) = all.find(|rule| rule.meta.is_called(wanted)) else {
        let names = rules::all().iter().map(|rule| rule.meta.name);
        let hint = crate::lang::keywords::suggest(wanted, names);
        let hint = hint.map_or_else(
            || "`aalint rules` lists them".to_owned(),
            |name| format!("did you mean `{name}`?"),
        );
        anyhow::bail!("there is no rule `{wanted}`; {hint}");
    };
    report::explain(found.meta, style, out)?;
    Ok(())
}

/// Runs `aalint audit`.
#[cfg(feature = "verify")]
fn explain_records(
    arguments: &AuditArguments,
    style: Style,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    verify::audit(arguments, style, out)
}

/// Runs `aalint audit` in a build that does not ask the kernel.
#[cfg(not(feature = "verify"))]
fn explain_records(
    arguments: &AuditArguments,
    style: Style,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let first = arguments.policy.first();
    let setup = setup::Setup::new(&arguments.places, first.map_or(&[], std::slice::from_ref))?;
    let places = audit::AuditPlaces::new(arguments, &setup)?;
    audit::run(arguments, &places, style, out, &mut |_, _| {
        anyhow::bail!(
            "this build of aalint does not watch the kernel; name a log, or read the journal with --journal"
        )
    })
}

impl Color {
    /// Whether to use colours on standard output.
    fn is_on(self) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => {
                anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
            }
        }
    }
}
