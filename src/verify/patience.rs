//! Waiting for what others do, not for ever.

use std::time::{Duration, Instant};

/// A time that has begun.
#[derive(Copy, Clone, Debug)]
pub(super) struct Patience {
    began: Instant,
    longest: Duration,
}

#[expect(
    clippy::disallowed_methods,
    reason = "what others do takes its time, and verify has to wait for it"
)]
impl Patience {
    /// Begins now, and is over after so long.
    pub(super) fn of(longest: Duration) -> Self {
        Self {
            began: Instant::now(),
            longest,
        }
    }

    /// Whether it is over.
    pub(super) fn is_over(&self) -> bool {
        self.spent() > self.longest
    }

    /// How long it was needed so far.
    pub(super) fn spent(&self) -> Duration {
        self.began.elapsed()
    }

    /// Lets a moment pass.
    pub(super) fn pause(moment: Duration) {
        std::thread::sleep(moment);
    }
}
