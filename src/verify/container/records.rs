//! What the kernel refused to the container, and why.

use std::time::Duration;

use crate::audit::{Cause, Explanation, Record, parse};
use crate::verify::{Heard, Watch};

/// How long to wait for a record that is on its way.
const LISTEN: Duration = Duration::from_millis(100);

/// A refused request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// The first record of it.
    pub record: Record,
    /// How many there were.
    pub count: usize,
    /// Which rule decided, or which is missing.
    pub explanation: Explanation,
}

impl Refused {
    /// Whether no rule denies it.
    #[must_use]
    pub fn is_unforeseen(&self) -> bool {
        self.explanation.cause != Cause::Denied
    }
}

/// Listens to the kernel's records.
#[derive(Debug)]
pub(super) struct Listener {
    watch: Option<Watch>,
    records: Vec<Record>,
    has_lost: bool,
}

impl Listener {
    /// Listens from now on. Where nothing can be heard, it says so at the end.
    pub(super) fn open() -> Self {
        let watch = Watch::open().ok();
        Self {
            has_lost: watch.is_none(),
            watch,
            records: Vec::new(),
        }
    }

    /// Takes what has come: the kernel keeps only so much.
    pub(super) fn take(&mut self) {
        let Some(watch) = &mut self.watch else {
            return;
        };
        loop {
            match watch.next(LISTEN) {
                Ok(Some(Heard::Line(line))) => self.records.extend(parse(&line)),
                Ok(Some(Heard::Lost)) => self.has_lost = true,
                Ok(None) => return,
                Err(_) => {
                    self.has_lost = true;
                    return;
                }
            }
        }
    }

    /// Takes what has come since the last time and keeps none of it.
    pub(super) fn forget(&mut self) {
        let (count, has_lost) = (self.records.len(), self.has_lost);
        self.take();
        self.records.truncate(count);
        self.has_lost = has_lost;
    }

    /// The refusals of a profile and its children, and whether there may have been more.
    pub(super) fn end(mut self, profile: &str) -> (Vec<Record>, bool) {
        self.take();
        let below = format!("{profile}//");
        self.records.retain(|record| {
            let mut names = record.label.split("//&");
            let is_ours = names.any(|name| name == profile || name.starts_with(&below));
            record.kind.is_refused() && is_ours
        });
        (self.records, self.has_lost)
    }
}
