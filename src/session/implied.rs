//! What rules imply of profiles.

use super::intents::{Choice, numbered};
use super::options::Options;
use super::rule_selection::{CommandLine, RuleSelection};
use crate::config::Config;
use crate::policy::Store;

/// What the rules that are on take for granted, as intents in the store, and whether only of
/// containers.
pub(super) fn pledges(
    store: &mut Store,
    config: &Config,
    options: &Options,
) -> Vec<(Choice, bool)> {
    let rules = options.pledged_by;
    if rules.is_empty() {
        return Vec::new();
    }
    // What the command line selects is for another check, and where the configuration lies does not matter.
    let (overrides, _) = RuleSelection::new(config, "", &CommandLine::default(), rules);
    let mut pledges = Vec::new();
    for rule in rules {
        let Some(pledge) = rule.pledge.filter(|_| overrides.is_on_anywhere(rule.meta)) else {
            continue;
        };
        let name = rule.meta.name;
        let file = store.add_built_in(&format!("<{name}.intents>"), &pledge.intent(name));
        let intents = numbered(store, file);
        pledges
            .extend(intents.map(|(file, number)| ((file, number, None), pledge.is_for_containers)));
    }
    pledges
}
