//! Promises of the configuration that are about no profile.

use super::{Options, with_policy};
use crate::config::{Config, ConfigFault, ConfigFaultKind};
use crate::lang::keywords::suggest;
use crate::policy::Unit;
use crate::source::Vfs;

/// Enters a fault for each `[[profile]]` that is about no profile, and for intents without a profile.
/// Where a part of the policy is checked, the rest of it counts as well.
pub(super) fn enter(
    vfs: &dyn Vfs,
    options: &Options,
    config: &Config,
    units: &[Unit<'_>],
    faults: &mut Vec<ConfigFault>,
) {
    let Some(elsewhere) = &options.elsewhere else {
        return;
    };
    let profiles = units.iter().flat_map(|unit| &unit.profiles);
    let mut names: Vec<String> = profiles.map(|profile| profile.full_name.clone()).collect();
    let mut unapplied = unapplied(config, &names);
    if !unapplied.is_empty() && !elsewhere.is_empty() {
        let (search, variables) = (&options.search, &config.variables);
        with_policy(vfs, search, elsewhere, variables, |policy| {
            names.extend(policy.profiles().map(|profile| profile.full_name.clone()));
        });
        unapplied = self::unapplied(config, &names);
    }
    // What cannot be read may define it, and is reported.
    faults.extend(unapplied);
    faults.sort_by_key(|fault| fault.range.start);
}

fn unapplied(config: &Config, names: &[String]) -> Vec<ConfigFault> {
    let mut faults = Vec::new();
    for table in &config.profiles {
        if !names.iter().any(|name| table.is_about(name)) {
            let text = &table.name.text;
            let suggestion = suggest(text, names.iter().map(String::as_str)).map(str::to_owned);
            faults.push(ConfigFault {
                range: table.name.range,
                kind: ConfigFaultKind::NoSuchProfile(text.clone(), suggestion),
            });
        }
    }
    let intents = config.intents.first().filter(|_| names.is_empty());
    faults.extend(intents.map(|intent| ConfigFault {
        range: intent.range,
        kind: ConfigFaultKind::NoProfile,
    }));
    faults
}
