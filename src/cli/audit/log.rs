//! Logs that are read from their beginning to their end.

use std::io::{BufRead, BufReader, Write, stdin};

use anyhow::Context;

use super::listener::LogListener;
use crate::cli::stderr::complaints;
use crate::host;

/// Maximum length of a line of a log that is looked at, in bytes; records are shorter.
const MAX_LINE: usize = 64 * 1024;

/// Where lines come from.
pub(super) enum LogSource {
    /// A log that was saved; its path.
    Log(String),
    /// Standard input.
    Input,
    /// The journal, since the machine started.
    Journal,
    /// The kernel, from now on.
    Live,
}

/// A log that is open.
pub(super) enum OpenLog {
    /// A file or a stream, and what it is called.
    Lines(Box<dyn BufRead>, String),
    /// The journal.
    Journal(host::JournalReader),
}

impl OpenLog {
    /// Opens what was asked for; `None` if nothing is saved there.
    pub(super) fn open(source: &LogSource, follows: bool) -> anyhow::Result<Option<Self>> {
        Ok(Some(match source {
            LogSource::Log(path) => {
                let context = || format!("reading the log {path}");
                let file = host::log(path).with_context(context)?;
                Self::Lines(Box::new(BufReader::new(file)), path.clone())
            }
            LogSource::Input => Self::Lines(Box::new(stdin().lock()), "-".to_owned()),
            LogSource::Journal => {
                let context =
                    "the journal cannot be read by journalctl; a log can be named instead";
                Self::Journal(host::journal(follows).context(context)?)
            }
            LogSource::Live => return Ok(None),
        }))
    }

    /// Explains all of it: at its end, or each record as soon as it is read.
    pub(super) fn explain(
        self,
        listener: &mut LogListener<'_, '_>,
        follows: bool,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        let mut take = |line: &str, is_last: bool| -> anyhow::Result<()> {
            if !follows {
                listener.take(line);
                return Ok(());
            }
            listener.hear(line, out)?;
            if is_last {
                out.flush()?;
            }
            Ok(())
        };
        match self {
            Self::Lines(mut lines, name) => {
                let context = || format!("reading the log {name}");
                each_line(&mut lines, &mut take).with_context(context)?;
            }
            Self::Journal(mut journal) => {
                each_line(&mut BufReader::new(&mut journal), &mut take)?;
                journal.finish()?;
            }
        }
        if !follows {
            listener.show(out)?;
        }
        listener.sum_up()
    }
}

/// Takes each line, and whether no other one is there yet.
fn each_line(
    reader: &mut dyn BufRead,
    take: &mut dyn FnMut(&str, bool) -> anyhow::Result<()>,
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
        let is_last = used == available.len();
        // Of a longer line only the beginning is kept: a log need not be text.
        let room = MAX_LINE.saturating_sub(line.len());
        line.extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
        reader.consume(used);
        if is_end {
            take(&String::from_utf8_lossy(&line), is_last)?;
            line.clear();
        }
    }
    if !line.is_empty() {
        take(&String::from_utf8_lossy(&line), true)?;
    }
    Ok(())
}

/// Says that standard input is read, where nobody asked for it by name.
pub(super) fn tell_input() -> anyhow::Result<()> {
    writeln!(complaints(false), "aalint: reading standard input")?;
    Ok(())
}
