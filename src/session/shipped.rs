//! Findings in files of the base directory that AppArmor brings: they are not the user's to mend.

use std::collections::BTreeSet;

use super::options::Options;
use crate::diagnostic::{Diagnostic, Severity};
use crate::lang::is_shipped;
use crate::source::SourceMap;

/// Takes out of findings those in such files that nobody named, and says what was taken out. What keeps policy from
/// loading stays.
pub(super) fn take_out(
    findings: &mut Vec<Diagnostic>,
    options: &Options,
    sources: &SourceMap,
) -> Option<String> {
    if options.includes_base {
        return None;
    }
    let mut files: BTreeSet<String> = BTreeSet::new();
    let before = findings.len();
    findings.retain(|finding| {
        let place = finding
            .place()
            .filter(|_| finding.severity != Severity::Error);
        let path = place.map(|place| sources.get(place.file).path.as_str());
        match path.filter(|path| options.found.contains(*path) && is_of_base(path, options)) {
            Some(path) => {
                files.insert(path.to_owned());
                false
            }
            None => true,
        }
    });
    let count = before - findings.len();
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    (count > 0).then(|| {
        format!(
            "{count} finding{} in {} file{} that AppArmor ships in the base directory {} not shown; \
             `--include-base` shows them",
            plural(count),
            files.len(),
            plural(files.len()),
            if count == 1 { "is" } else { "are" },
        )
    })
}

fn is_of_base(path: &str, options: &Options) -> bool {
    let mut directories = options.search.directories.iter();
    directories.any(|base| {
        let base = base.trim_end_matches('/');
        let below = match base {
            "." => Some(path.strip_prefix("./").unwrap_or(path)),
            base => path
                .strip_prefix(base)
                .and_then(|rest| rest.strip_prefix('/')),
        };
        below.is_some_and(is_shipped)
    })
}
