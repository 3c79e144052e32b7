//! Profiles with what is promised of them, for whoever wants to see it kept.

use super::intents::{Choice, Wish, choose, numbered, resolve};
use super::policy::{Policy, in_store, load};
use super::{CommandLine, Options, Overrides, UnknownIntent};
use crate::config::{Config, ConfigFault, ConfigFaultKind};
use crate::lint::{Chosen, Promise, Rule, promises};
use crate::policy::{ProfileView, Store};
use crate::source::Vfs;

/// A profile and what is promised of it.
#[derive(Debug)]
pub struct Promised<'p> {
    /// The profile.
    pub profile: &'p ProfileView<'p>,
    /// The promises, in the order of assertions, files and lines.
    pub promises: Vec<Promise<'p>>,
    /// What lint rules take for granted of such a profile, each with the rule's name in place of the
    /// intent's. Whether the policy keeps it was not looked at.
    pub pledged: Vec<Promise<'p>>,
}

/// Why promises cannot be looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PromiseError {
    /// A file cannot be read; its path and why.
    Unreadable(String, String),
    /// An intent that nobody defines.
    Intent(UnknownIntent),
    /// The configuration has a fault.
    Config(ConfigFault),
}

/// Loads the policy files among the inputs with everything that they include, and calls `ask` with
/// their profiles, what the configuration and `options` promise of them, and what those of `rules` that
/// the configuration leaves on take for granted.
///
/// # Errors
/// If a file cannot be read, the configuration is faulty, or an intent is unknown.
pub fn with_promises<R>(
    vfs: &dyn Vfs,
    options: &Options,
    rules: &[Rule],
    ask: impl FnOnce(&Policy<'_>, &[Promised<'_>]) -> R,
) -> Result<R, PromiseError> {
    let text = options.config.as_ref().map(|(_, text)| text.as_str());
    let (config, mut faults) = crate::config::read(text.unwrap_or_default());
    let wishes = Wish::all(&config, options);
    let inputs = options.inputs.iter().map(|input| input.path.clone());
    let inputs: Vec<String> = inputs.collect();
    let wished = wishes.iter().filter_map(Wish::path);
    let paths: Vec<String> = inputs.iter().cloned().chain(wished).collect();
    let (mut store, mut files, failures) = load(vfs, &options.search, &paths);
    if let Some((path, why)) = failures.into_iter().next() {
        return Err(PromiseError::Unreadable(path, why));
    }
    let (chosen, unknown) = choose(&mut store, &wishes, &mut faults);
    if let Some(unknown) = unknown.into_iter().next() {
        return Err(PromiseError::Intent(unknown));
    }
    if let Some(fault) = faults.into_iter().next() {
        return Err(match fault.kind {
            ConfigFaultKind::NoSuchIntent(text, suggestion) => {
                PromiseError::Intent(UnknownIntent { text, suggestion })
            }
            _ => PromiseError::Config(fault),
        });
    }
    files.retain(|id| inputs.contains(&store.sources.get(*id).path));
    let pledges = pledges(&mut store, &config, options, rules);
    let of_rules = |is_for_containers: bool| {
        let meant = pledges.iter().filter(|(_, one)| *one == is_for_containers);
        let meant: Vec<Choice> = meant.map(|(choice, _)| *choice).collect();
        resolve(&store, &meant)
    };
    let (for_containers, for_all) = (of_rules(true), of_rules(false));
    let chosen = resolve(&store, &chosen);
    let variables = &config.variables;
    let parser = super::target::parser(None, &config);
    Ok(in_store(
        &store,
        &files,
        Vec::new(),
        variables,
        parser,
        |policy| {
            let promised = policy.profiles().map(|profile| Promised {
                profile,
                promises: promises(profile, &store, &chosen, &config),
                pledged: {
                    let is_container = is_for_container(profile, &config);
                    let special = for_containers.iter().filter(|_| is_container);
                    for_all
                        .iter()
                        .chain(special)
                        .flat_map(Chosen::promises)
                        .collect()
                },
            });
            let promised: Vec<Promised<'_>> = promised.collect();
            ask(policy, &promised)
        },
    ))
}

/// What the rules that are on take for granted, as intents in the store, and whether only of
/// containers.
fn pledges(
    store: &mut Store,
    config: &Config,
    options: &Options,
    rules: &[Rule],
) -> Vec<(Choice, bool)> {
    // What the command line selects is for another check.
    let options = Options {
        cli: CommandLine::default(),
        config: options.config.clone(),
        ..Options::default()
    };
    let (overrides, _) = Overrides::new(config, &options, rules);
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

/// Whether the configuration tells that a profile is for a container.
fn is_for_container(profile: &ProfileView<'_>, config: &Config) -> bool {
    if profile.parent.is_some() {
        return false;
    }
    let name = &profile.name;
    config.profile_kind(name).unwrap_or_else(|| {
        let verified = config
            .verify
            .as_ref()
            .and_then(|verify| verify.name.as_ref());
        let mut expected = config.expect.iter().chain(verified);
        expected.any(|expected| expected.text == *name)
    })
}
