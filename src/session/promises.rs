//! Profiles with what is promised of them, for whoever wants to see it kept.

use super::intents::{Wish, choose, resolve};
use super::policy::{Policy, in_store, load};
use super::{Options, UnknownIntent};
use crate::config::{ConfigFault, ConfigFaultKind};
use crate::lint::{Promise, promises};
use crate::policy::ProfileView;
use crate::source::Vfs;

/// A profile and what is promised of it.
#[derive(Debug)]
pub struct Promised<'p> {
    /// The profile.
    pub profile: &'p ProfileView<'p>,
    /// The promises, in the order of assertions, files and lines.
    pub promises: Vec<Promise<'p>>,
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
/// their profiles and what the configuration and `options` promise of them.
///
/// # Errors
/// If a file cannot be read, the configuration is faulty, or an intent is unknown.
pub fn with_promises<R>(
    vfs: &dyn Vfs,
    options: &Options,
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
    let chosen = resolve(&store, &chosen);
    let variables = &config.variables;
    Ok(in_store(&store, &files, Vec::new(), variables, |policy| {
        let promised = policy.profiles().map(|profile| Promised {
            profile,
            promises: promises(profile, &store, &chosen, &config),
        });
        let promised: Vec<Promised<'_>> = promised.collect();
        ask(policy, &promised)
    }))
}
