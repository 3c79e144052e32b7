//! Files with secrets that a profile may read.

use std::sync::LazyLock;

use super::model::Grant;
use crate::access::Effective;
use crate::analysis::FileList;
use crate::lang::files::{Files, RAW_DEVICES, SECRETS};
use crate::lang::permissions::READ;
use crate::session::diff::{Located, Risk, RiskLevel};
use crate::session::rule_at::RuleAt;

/// What holds secrets, or reaches them below every file permission, worst first.
static FILES: LazyLock<Vec<&'static Files>> = LazyLock::new(|| {
    let lists = [RAW_DEVICES, SECRETS];
    lists.into_iter().flatten().collect()
});

static LIST: LazyLock<FileList> =
    LazyLock::new(|| FileList::new(FILES.iter().map(|file| (file.pattern, file.example))));

/// Those of the files above that the rules let the program read, each once.
pub(super) fn all((policy, profile): Located<'_, '_>, effective: &Effective) -> Vec<Grant> {
    let mut found: Vec<(usize, Grant)> = Vec::new();
    for rule in effective.all_exposing_rules(profile, policy.summaries, &LIST, READ) {
        let at = RuleAt::of(&rule.entry, profile, policy);
        for exposed in &rule.files {
            let path = exposed.text();
            let known = found.iter_mut().find(|(_, grant)| grant.pattern == path);
            match (known, FILES.get(exposed.number)) {
                (Some((_, grant)), _) => grant.rules.extend(at.clone()),
                (None, Some(file)) => found.push((
                    exposed.number,
                    Grant {
                        permissions: "r".to_owned(),
                        is_whole: true,
                        request: format!("{path} r"),
                        execs: Vec::new(),
                        missing: None,
                        risk: Risk {
                            level: RiskLevel::High,
                            reason: Some(format!("`{path}` {}", file.reason)),
                        },
                        rules: at.iter().cloned().collect(),
                        pattern: path,
                    },
                )),
                (None, None) => {}
            }
        }
    }
    found.sort_by_key(|(number, _)| *number);
    found.into_iter().map(|(_, grant)| grant).collect()
}
