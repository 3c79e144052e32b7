//! What a run has left that is gone.

use super::copy::sweep;
use super::journal::{Journal, REAPER};
use super::{Refusal, Roots};

/// Undoes what a run that is gone has left. `false` if there was nothing.
///
/// # Errors
/// If another run is at work, or something cannot be undone.
pub fn cleanup(roots: &Roots) -> Result<bool, Refusal> {
    let journal = Journal::open(&roots.journal)?;
    recover(&journal, roots)
}

/// The same, when the run is known to be gone. Whoever else has the lock does it as well.
pub(super) fn cleanup_as_reaper(roots: &Roots) -> Result<bool, Refusal> {
    let journal = Journal::open_as(&roots.journal, REAPER)?;
    recover(&journal, roots)
}

/// The same with the journal in hand.
pub(super) fn recover(journal: &Journal, roots: &Roots) -> Result<bool, Refusal> {
    let unreadable = |error| Refusal::Journal(roots.journal.display().to_string(), error);
    sweep(&roots.journal).map_err(unreadable)?;
    let Some(entry) = journal.stale().map_err(unreadable)? else {
        return Ok(false);
    };
    journal
        .undo(&entry, roots)
        .map_err(|left| Refusal::Leftover(left.what, left.why))?;
    Ok(true)
}
