//! How much is read in a run, whatever a tree holds.

use super::VfsError;

/// Most policy that a run reads, in bytes: all files that are checked and all that these include.
///
/// The largest set that is shipped anywhere has less than 10 MiB. The limit bounds memory: rules take up to 40
/// times their text.
pub const MAX_RUN_BYTES: u64 = 64 * 1024 * 1024;

/// Most files with policy that a run reads.
pub const MAX_RUN_FILES: usize = 50_000;

/// Most that a run looks at to find out what is policy, in bytes.
pub const MAX_LOOK_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// Most files that a run looks at to find out what is policy.
pub const MAX_LOOK_FILES: usize = 1_000_000;

/// What is left of the limits of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Budget {
    bytes: u64,
    files: usize,
    limits: (u64, usize),
}

impl Budget {
    /// With these limits.
    #[must_use]
    pub const fn new(bytes: u64, files: usize) -> Self {
        Self {
            bytes,
            files,
            limits: (bytes, files),
        }
    }

    /// For policy.
    #[must_use]
    pub const fn of_policy() -> Self {
        Self::new(MAX_RUN_BYTES, MAX_RUN_FILES)
    }

    /// For what is looked at to find policy.
    #[must_use]
    pub const fn of_looks() -> Self {
        Self::new(MAX_LOOK_BYTES, MAX_LOOK_FILES)
    }

    /// Whether nothing more may be read.
    #[must_use]
    pub const fn is_spent(&self) -> bool {
        self.bytes == 0 || self.files == 0
    }

    /// Takes one more file of that many bytes. A smaller one that comes later may still fit.
    ///
    /// # Errors
    /// If that is more than is left.
    pub fn take(&mut self, bytes: usize) -> Result<(), VfsError> {
        match (self.bytes.checked_sub(bytes as u64), self.files) {
            (Some(left), 1..) => {
                self.bytes = left;
                self.files -= 1;
                Ok(())
            }
            _ => Err(self.beyond()),
        }
    }

    /// Why something is not read.
    #[must_use]
    pub const fn beyond(&self) -> VfsError {
        VfsError::Beyond(self.limits.0, self.limits.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_files_are_counted_up_to_the_limit() {
        let mut budget = Budget::new(10, 3);
        assert_eq!(budget.take(6), Ok(()));
        assert_eq!(budget.take(5), Err(VfsError::Beyond(10, 3)));
        assert_eq!(budget.take(4), Ok(()));
        assert!(budget.is_spent());
        assert_eq!(budget.take(0), Ok(()));
        assert_eq!(budget.take(0), Err(VfsError::Beyond(10, 3)));
    }
}
