//! Profiles with what is promised of them, for code that wants to see it kept.

use super::intents::UnknownIntent;
use super::workspace::Workspace;
use crate::config::{Config, ConfigFaultKind};
use crate::lint::{Chosen, Promise, is_intents, promises};
use crate::policy::ProfileView;

/// A profile and what is promised of it.
#[derive(Debug)]
pub struct Promised<'p> {
    /// The profile.
    pub profile: &'p ProfileView<'p>,
    /// The promises, in the order of assertions, files and lines.
    pub promises: Vec<Promise<'p>>,
    /// What lint rules take for granted of such a profile, each with the rule's name in place of the
    /// intent's. Whether the policy keeps it was not looked at.
    pub implied: Vec<Promise<'p>>,
}

/// Why promises cannot be looked at.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PromiseError {
    /// A file cannot be read.
    #[error("{path}: {why}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
    /// An intent that nobody defines.
    #[error(transparent)]
    Intent(#[from] UnknownIntent),
    /// The configuration is no TOML; what the parser says.
    #[error("the configuration is no TOML: {0}")]
    Toml(String),
    /// The configuration has another fault.
    #[error("the configuration is faulty; `aalint check` shows where")]
    Config,
}

impl Workspace<'_> {
    /// The profiles, what the configuration and the options promise of them, and what those of the rules in
    /// [`super::Options::implied_by`] that the configuration leaves on take for granted.
    ///
    /// # Errors
    /// If a file cannot be read, the configuration is faulty, or an intent is unknown.
    pub fn promised(&self) -> Result<Vec<Promised<'_>>, PromiseError> {
        if let Some((path, why)) = self.material().failures.first().cloned() {
            return Err(PromiseError::Unreadable { path, why });
        }
        self.promised_anyway()
    }

    /// The same for what can be read of the policy; intents must be read all.
    ///
    /// # Errors
    /// If a file of intents cannot be read, the configuration is faulty, or an intent is unknown.
    pub fn promised_anyway(&self) -> Result<Vec<Promised<'_>>, PromiseError> {
        let (material, store) = (self.material(), self.store());
        let mut unread = material.failures.iter();
        if let Some((path, why)) = unread.find(|(path, _)| is_intents(path)).cloned() {
            return Err(PromiseError::Unreadable { path, why });
        }
        if let Some(unknown) = material.unknown_intents.first().cloned() {
            return Err(unknown.into());
        }
        if let Some(fault) = material.config_faults.first().cloned() {
            return Err(match fault.kind {
                ConfigFaultKind::NoSuchIntent(text, suggestion, known) => {
                    PromiseError::Intent(UnknownIntent {
                        text,
                        suggestion,
                        known,
                    })
                }
                ConfigFaultKind::Toml(why) => PromiseError::Toml(why),
                _ => PromiseError::Config,
            });
        }
        let (chosen, implied, config) = (self.chosen(), self.implied(), &material.config);
        let policy = self.policy();
        let promised = policy.profiles().map(|profile| {
            let of_containers = match is_for_container(profile, config) {
                true => implied.of_containers.as_slice(),
                false => &[],
            };
            Promised {
                profile,
                promises: promises(profile, store, chosen, config),
                implied: {
                    let all = implied.of_all.iter().chain(of_containers);
                    all.flat_map(Chosen::promises).collect()
                },
            }
        });
        Ok(promised.collect())
    }
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
