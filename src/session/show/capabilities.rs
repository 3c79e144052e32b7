//! Capabilities that a profile allows, each with what else it needs to have effect.

use super::model::Grant;
use crate::access::{Class, Effective};
use crate::analysis::missing_use;
use crate::lang::capabilities::CAPABILITIES;
use crate::session::diff::{Located, Risk};
use crate::session::rule_at::RuleAt;
use crate::syntax::ast::Mode;

/// All capabilities that the rules allow, the most dangerous first.
pub(super) fn all((policy, profile): Located<'_, '_>, effective: &Effective) -> Vec<Grant> {
    let mut found = Vec::new();
    for (number, known) in (0_u8..).zip(CAPABILITIES) {
        let verdict = effective.decide(Class::Capability, &[number]);
        if verdict.allow | verdict.prompt == 0 {
            continue;
        }
        let matching = effective.matching(Class::Capability, &[number]);
        let granting = matching
            .iter()
            .filter(|found| found.entry.effect != Mode::Deny);
        let missing = missing_use(known.name, effective, profile, policy.summaries);
        let grant = Grant {
            permissions: match verdict.allow {
                0 => "prompt".to_owned(),
                _ => String::new(),
            },
            pattern: known.name.to_owned(),
            is_whole: true,
            request: format!("capability {}", known.name),
            execs: Vec::new(),
            missing: missing.map(|missing| missing.missing),
            risk: Risk::of_known(known),
            rules: granting
                .filter_map(|found| RuleAt::of(found, profile, policy))
                .collect(),
        };
        found.push((known.danger, grant));
    }
    found.sort_by_key(|(danger, _)| std::cmp::Reverse(*danger));
    found.into_iter().map(|(_, grant)| grant).collect()
}
