//! Waiting for what others do, but not without end.

use std::time::{Duration, Instant};

/// Measures how long something takes.
#[derive(Copy, Clone, Debug)]
pub(super) struct Stopwatch(Instant);

/// When to give up waiting.
#[derive(Copy, Clone, Debug)]
pub(super) struct Deadline {
    started: Stopwatch,
    limit: Duration,
}

#[expect(
    clippy::disallowed_methods,
    reason = "what others do takes its time, and verify has to wait for it"
)]
impl Stopwatch {
    /// Starts now.
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    pub(super) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

impl Deadline {
    /// The moment that is so far from now.
    pub(super) fn after(limit: Duration) -> Self {
        Self {
            started: Stopwatch::start(),
            limit,
        }
    }

    /// Whether the moment is over.
    pub(super) fn is_past(&self) -> bool {
        self.started.elapsed() > self.limit
    }

    /// The time that was waited so far.
    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// Lets some time pass.
#[expect(
    clippy::disallowed_methods,
    reason = "what others do takes its time, and verify has to wait for it"
)]
pub(super) fn pause(time: Duration) {
    std::thread::sleep(time);
}
