//! Which capabilities a profile leaves to its tasks.
//!
//! The query interface says nothing about capabilities. But capget(2) shows a task only those that
//! its profile allows (apparmor_capget). So a thread of our own, which the label is a property of,
//! enters the profile, looks, and ends: nothing else is done under the profile.

use std::io;
use std::path::Path;

use super::label::Tasks;
use super::securityfs::LoadedProfile;

/// The capabilities that a task with all of them keeps under a loaded profile, as a set of bits.
///
/// # Errors
/// If the thread cannot enter the profile; the reason says which label it has instead.
pub(in crate::verify) fn capabilities(proc: &Path, profile: &LoadedProfile) -> io::Result<u64> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| of_this_thread(proc, profile));
        thread
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the confined thread ended early")))
    })
}

fn of_this_thread(proc: &Path, profile: &LoadedProfile) -> io::Result<u64> {
    let before = rustix::thread::capabilities(None)?.permitted;
    Tasks::of(proc)?.own()?.enter(profile)?;
    let kept = rustix::thread::capabilities(None)?.permitted;
    // What this process lacks anyway says nothing about the profile.
    let missing = !before.bits();
    let all = (1_u64 << crate::lang::capabilities::CAPABILITIES.len()) - 1;
    if missing & all != 0 {
        return Err(io::Error::other("this process itself lacks capabilities"));
    }
    Ok(kept.bits())
}
