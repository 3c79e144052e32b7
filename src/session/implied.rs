//! What rules imply of profiles.

use super::intents::{Choice, numbered};
use super::options::Options;
use super::rule_selection::{CommandLine, RuleSelection};
use crate::config::Config;
use crate::policy::Store;

/// What the rules that are on take for granted, as intents in the store, and whether only of
/// containers.
pub(super) fn implied_intents(
    store: &mut Store,
    config: &Config,
    options: &Options,
) -> Vec<(Choice, bool)> {
    let rules = options.implied_by;
    if rules.is_empty() {
        return Vec::new();
    }
    // What the command line selects is for another check, and where the configuration lies does not matter.
    let (selection, _) = RuleSelection::new(config, "", &CommandLine::default(), rules);
    let mut implied_intents = Vec::new();
    for rule in rules {
        let Some(implied) = rule
            .implied_intents
            .filter(|_| selection.is_on_anywhere(rule.meta))
        else {
            continue;
        };
        let name = rule.meta.name;
        let file = store.add_built_in(&format!("<{name}.intents>"), &implied.intent(name));
        let intents = numbered(store, file);
        implied_intents.extend(
            intents.map(|(file, number)| ((file, number, None), implied.is_for_containers)),
        );
    }
    implied_intents
}
