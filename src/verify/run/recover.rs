//! What a run has left that is gone.

use super::journal::{Journal, REAPER};
use super::undo::undo;
use crate::verify::kernel::sweep;
use crate::verify::{Refusal, SystemPaths};

/// Undoes what a run that is gone has left. `false` if there was nothing.
///
/// # Errors
/// If another run is at work, or something cannot be undone.
pub fn cleanup(paths: &SystemPaths) -> Result<bool, Refusal> {
    let journal = Journal::open(&paths.journal)?;
    recover(&journal, paths)
}

/// The same, when the run is known to have ended. Another process that holds the lock does it as well.
pub(super) fn cleanup_as_reaper(paths: &SystemPaths) -> Result<bool, Refusal> {
    let journal = Journal::open_as(&paths.journal, REAPER)?;
    recover(&journal, paths)
}

/// The same with the journal in hand.
pub(super) fn recover(journal: &Journal, paths: &SystemPaths) -> Result<bool, Refusal> {
    let unreadable = |error| Refusal::Journal {
        place: paths.journal.display().to_string(),
        error,
    };
    sweep(&paths.journal).map_err(unreadable)?;
    let Some(entry) = journal.stale().map_err(unreadable)? else {
        return Ok(false);
    };
    undo(journal, &entry, paths)?;
    Ok(true)
}
