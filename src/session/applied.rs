//! What the configuration says of profiles and files that do not exist.

use globset::{Glob, GlobMatcher};

use super::options::Options;
use super::veil::Veil;
use super::workspace::Workspace;
use crate::config::{Config, ConfigFault, ConfigFaultKind};
use crate::lang::keywords::suggest;
use crate::policy::Unit;
use crate::source::{Snapshot, Vfs};

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
    // Those of files outside are none to suggest; what is checked goes under a veil as a whole.
    let mut shown = names.clone();
    let mut unapplied = unapplied(config, &names, &shown);
    if !unapplied.is_empty() && !elsewhere.is_empty() {
        let options = Options {
            variables: config.variables.clone(),
            ..Options::of_policy(elsewhere, options.search.clone())
        };
        let workspace = Workspace::open(Snapshot::new(vfs), options);
        let veil = Veil::over(&[&workspace.store().sources], None);
        for profile in workspace.policy().profiles() {
            let name = &profile.full_name;
            names.push(name.clone());
            if veil.as_ref().is_none_or(|veil| !veil.is_over(name)) {
                shown.push(name.clone());
            }
        }
        unapplied = self::unapplied(config, &names, &shown);
    }
    // What cannot be read may define it, and is reported.
    faults.extend(unapplied);
    faults.sort_by_key(|fault| fault.range.start);
}

/// `names` are those of all profiles, and `shown` those that may be suggested.
fn unapplied(config: &Config, names: &[String], shown: &[String]) -> Vec<ConfigFault> {
    let mut faults = Vec::new();
    for table in &config.profiles {
        if !names.iter().any(|name| table.is_about(name)) {
            let text = &table.name.text;
            let suggestion = suggest(text, shown.iter().map(String::as_str)).map(str::to_owned);
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

/// Enters a fault for each `[[override]]` whose paths match no file: none that is checked, none of `others`, and none of the
/// rest of the policy.
pub(super) fn overrides<'p>(
    options: &'p Options,
    config: &Config,
    others: impl Iterator<Item = &'p str>,
    faults: &mut Vec<ConfigFault>,
) {
    let Some(elsewhere) = &options.elsewhere else {
        return;
    };
    let root = options.config.as_ref().map(|file| file.root());
    let root = root.unwrap_or_default();
    let inputs = options.inputs.iter().map(|input| input.path.as_str());
    let elsewhere = elsewhere.iter().map(String::as_str);
    let paths = inputs.chain(elsewhere).chain(others).map(|path| {
        let relative = path.strip_prefix(root).unwrap_or(path);
        relative.strip_prefix("./").unwrap_or(relative)
    });
    let paths: Vec<&str> = paths.collect();
    for entry in &config.overrides {
        let globs = entry
            .paths
            .iter()
            .filter_map(|path| Glob::new(&path.text).ok());
        let matchers: Vec<GlobMatcher> = globs.map(|glob| glob.compile_matcher()).collect();
        let is_met = paths
            .iter()
            .any(|path| matchers.iter().any(|glob| glob.is_match(path)));
        let all_are_sound = matchers.len() == entry.paths.len();
        if let Some(first) = entry.paths.first().filter(|_| !is_met && all_are_sound) {
            faults.push(ConfigFault {
                range: first.range,
                kind: ConfigFaultKind::NoSuchFile(first.text.clone()),
            });
        }
    }
    faults.sort_by_key(|fault| fault.range.start);
}
