//! Which capabilities a profile leaves to its tasks.
//!
//! The query interface says nothing about capabilities. But capget(2) shows a task only those that
//! its profile allows (apparmor_capget). So a thread of our own, which the label is a property of,
//! enters the profile, looks, and ends: nothing else is done under the profile.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::kernel::Loaded;

/// Longest label that is read back, in bytes.
const LONGEST: usize = 4096;

/// The capabilities that a task with all of them keeps under a loaded profile, as a set of bits.
///
/// # Errors
/// If the thread cannot enter the profile; the reason says which label it has instead.
pub(super) fn capabilities(proc: &Path, profile: &Loaded) -> io::Result<u64> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| of_this_thread(proc, profile));
        thread
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the confined thread ended early")))
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "a thread changes its label through a file"
)]
fn of_this_thread(proc: &Path, profile: &Loaded) -> io::Result<u64> {
    let before = rustix::thread::capabilities(None)?.permitted;
    // Opened outside of the profile, which may not allow it.
    let attributes = proc.join("thread-self/attr");
    let mut options = File::options();
    options.read(true).write(true);
    let file = options
        .open(attributes.join("apparmor/current"))
        .or_else(|_| options.open(attributes.join("current")))?;
    file.write_at(format!("changeprofile {}", profile.name).as_bytes(), 0)?;
    let mut label = [0; LONGEST];
    let length = file.read_at(&mut label, 0)?;
    let label = String::from_utf8_lossy(label.get(..length).unwrap_or_default());
    let expected = format!("{} ({})", profile.name, profile.mode);
    if label.trim_end() != expected {
        let label = label.trim_end();
        return Err(io::Error::other(format!(
            "a thread that enters it has the label `{label}` instead of `{expected}`"
        )));
    }
    let kept = rustix::thread::capabilities(None)?.permitted;
    // What this process lacks anyway says nothing about the profile.
    let missing = !before.bits();
    let all = (1_u64 << crate::lang::capabilities::CAPABILITIES.len()) - 1;
    if missing & all != 0 {
        return Err(io::Error::other("this process itself lacks capabilities"));
    }
    Ok(kept.bits())
}
