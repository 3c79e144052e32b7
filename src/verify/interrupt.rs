//! Signals that ask verify to stop.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag::register_usize;

/// Makes a signal do nothing.
pub(super) fn ignore(signal: i32) -> io::Result<()> {
    register_usize(signal, Arc::default(), 0).map(drop)
}

/// Whether somebody wants verify to stop, and by which signal.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    /// Catches SIGINT, SIGTERM and SIGHUP from now on.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn catch() -> io::Result<Self> {
        let flag = Self::default();
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            let number = usize::try_from(signal).unwrap_or_default();
            register_usize(signal, Arc::clone(&flag.0), number)?;
        }
        Ok(flag)
    }

    /// The number of the signal that came.
    #[must_use]
    pub fn signal(&self) -> Option<u8> {
        let number = self.0.load(Ordering::Relaxed);
        u8::try_from(number).ok().filter(|number| *number != 0)
    }

    /// Whether one came.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.signal().is_some()
    }
}
