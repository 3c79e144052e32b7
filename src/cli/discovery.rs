//! The files that the command line names, sorted.

use super::setup::Setup;
use crate::host::{self, FoundFile};
use crate::session::{self, Candidate, Collected};
use crate::source::Snapshot;

/// The files at `paths` and below them; those that are to be judged are kept in `files`.
pub(super) fn collect(
    files: &Snapshot<'_>,
    paths: &[String],
    setup: &Setup,
) -> anyhow::Result<Collected> {
    collect_but(files, paths, setup, &|_| false)
}

/// The same without those that are known already.
pub(super) fn collect_but(
    files: &Snapshot<'_>,
    paths: &[String],
    setup: &Setup,
    is_known: &dyn Fn(&str) -> bool,
) -> anyhow::Result<Collected> {
    let excluded = setup.excluded()?;
    let is_excluded = |path: &str| {
        let relative = path.strip_prefix(&setup.root).unwrap_or(path);
        excluded.is_match(relative.strip_prefix("./").unwrap_or(relative))
    };
    let walked = host::walk(paths);
    let found = walked.files.into_iter();
    let found = found.filter(|file| !is_known(&file.path)).map(candidate);
    let mut collected = session::collect(files, found, &is_excluded);
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
