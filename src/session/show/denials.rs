//! Deny rules that are in force, and what they override.

use std::ops::ControlFlow;

use super::model::ShownDenial;
use crate::access::{Class, Effective, EntryRef, show};
use crate::glob::TooComplex;
use crate::policy::RuleId;
use crate::session::diff::Located;
use crate::session::rule_at::RuleAt;
use crate::syntax::ast::Mode;

/// What is known of a deny rule.
struct Denial {
    rule: RuleId,
    at: RuleAt,
    is_own: bool,
    is_in_force: bool,
    overrides: Option<String>,
}

/// All deny rules that deny something; those that override others first, then the profile's own.
///
/// # Errors
/// If that is too complex to find out.
pub(super) fn all(
    located: Located<'_, '_>,
    effective: &Effective,
) -> Result<Vec<ShownDenial>, TooComplex> {
    let (policy, profile) = located;
    let mut found: Vec<Denial> = Vec::new();
    for class in Class::ALL {
        for entry in effective.denies(class) {
            let Some(at) = RuleAt::of(&entry, profile, policy) else {
                continue;
            };
            let known = found.iter().position(|known| known.rule == entry.rule());
            let number = known.unwrap_or(found.len());
            if known.is_none() {
                found.push(Denial {
                    rule: entry.rule(),
                    at,
                    is_own: profile.is_own(entry.segment),
                    is_in_force: false,
                    overrides: None,
                });
            }
            if let Some(denial) = found.get_mut(number) {
                look(denial, class, entry, effective)?;
            }
        }
    }
    found.retain(|denial| denial.is_in_force);
    found.sort_by_key(|denial| (denial.overrides.is_none(), !denial.is_own));
    let mut denials: Vec<ShownDenial> = Vec::new();
    for denial in found {
        // A file that two includes bring stands there once.
        let is_known = denials
            .iter()
            .any(|known| known.rule.place == denial.at.place);
        if !is_known {
            denials.push(ShownDenial {
                rule: denial.at,
                overrides: denial.overrides,
            });
        }
    }
    Ok(denials)
}

/// Enters what an entry of the rule denies.
fn look(
    denial: &mut Denial,
    class: Class,
    found: EntryRef<'_>,
    effective: &Effective,
) -> Result<(), TooComplex> {
    if denial.overrides.is_some() {
        return Ok(());
    }
    let entry = found.entry;
    let nfa = &*entry.nfa;
    effective.visit(
        class,
        &[nfa],
        class.domain(nfa),
        |verdict, matching, trace| {
            let denied = verdict.deny & entry.mask;
            denial.is_in_force |= denied != 0;
            let allowing = matching.iter().filter(|other| {
                other.entry.effect == Mode::Allow && other.entry.priority <= entry.priority
            });
            let overridden = allowing.fold(0, |bits, other| bits | other.entry.mask & denied);
            if overridden == 0 {
                return ControlFlow::Continue(());
            }
            denial.overrides = Some(show(class, &trace.text(), overridden, None));
            ControlFlow::Break(())
        },
    )
}
