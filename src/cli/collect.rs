//! The files that the command line names, sorted.

use super::setup::Setup;
use crate::host::{self, Disk, FoundFile};
use crate::session::{self, Candidate, Collected};

/// The files at `paths` and below them.
pub(super) fn collect(paths: &[String], setup: &Setup) -> anyhow::Result<Collected> {
    let excluded = setup.excluded()?;
    let is_excluded = |path: &str| {
        let relative = path.strip_prefix(&setup.root).unwrap_or(path);
        excluded.is_match(relative.strip_prefix("./").unwrap_or(relative))
    };
    let walked = host::walk(paths);
    let found = walked.files.into_iter().map(candidate);
    let mut collected = session::collect(&Disk, found, &is_excluded);
    collected.left_out.ignored = walked.ignored;
    collected.left_out.unwalked = walked.unwalked;
    Ok(collected)
}

fn candidate(found: FoundFile) -> Candidate {
    Candidate {
        path: found.path,
        named: found.named,
        obstacle: found.obstacle,
    }
}
