//! How much of an image is read, whoever made it.

use std::sync::atomic::{AtomicU64, Ordering};

use super::ImageError;

/// Most bytes of an image, decompressed. Images with everything for training on GPUs come to 20 GB.
const MAX_IMAGE_BYTES: u64 = 32 << 30;

/// Most entries of all layers together.
const MAX_IMAGE_ENTRIES: u64 = 2_000_000;

/// Most bytes that are kept of an image: names, targets of links, names of libraries, texts.
const MAX_KEPT_BYTES: u64 = 256 << 20;

/// What is left of the limits of an image, of whose layers several are read at once.
#[derive(Debug)]
pub(super) struct ImageBudget {
    bytes: AtomicU64,
    entries: AtomicU64,
    kept: AtomicU64,
}

impl Default for ImageBudget {
    fn default() -> Self {
        Self::new(MAX_IMAGE_BYTES, MAX_IMAGE_ENTRIES, MAX_KEPT_BYTES)
    }
}

impl ImageBudget {
    /// These many bytes, entries, and bytes that are kept.
    pub(super) const fn new(bytes: u64, entries: u64, kept: u64) -> Self {
        Self {
            bytes: AtomicU64::new(bytes),
            entries: AtomicU64::new(entries),
            kept: AtomicU64::new(kept),
        }
    }

    /// Takes bytes that were read.
    ///
    /// # Errors
    /// If so many are not left.
    pub(super) fn read(&self, bytes: u64) -> Result<(), ImageError> {
        take(&self.bytes, bytes, "bytes")
    }

    /// Takes an entry with what is kept of it, in bytes.
    ///
    /// # Errors
    /// If so much is not left.
    pub(super) fn entry(&self, kept: usize) -> Result<(), ImageError> {
        take(&self.entries, 1, "entries")?;
        // Each entry costs a node as well.
        take(&self.kept, kept as u64 + 64, "names")
    }
}

fn take(left: &AtomicU64, count: u64, what: &'static str) -> Result<(), ImageError> {
    let rest = |left: u64| left.checked_sub(count);
    match left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, rest) {
        Ok(_) => Ok(()),
        Err(_) => Err(ImageError::TooLarge(what)),
    }
}
