//! How containers and images of a run are found again.

/// The label that everything of a run bears, with the run's name.
pub(super) const RUN: &str = "org.aalint.run";
