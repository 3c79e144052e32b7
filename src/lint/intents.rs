//! Promises about profiles.

use crate::config::Config;
use crate::policy::{ProfileView, Store};
use crate::source::{FileId, Span};
use crate::syntax::ast::{Intent, PolicyRule};

/// An intent that profiles must keep.
#[derive(Clone, Debug)]
pub struct Chosen<'c> {
    /// Its name.
    pub name: String,
    /// The file it stands in.
    pub file: FileId,
    /// It.
    pub intent: &'c Intent,
    /// Index of the `[[profile]]` table that chooses it; `None` if it is for all profiles that stand in
    /// no other.
    pub chooser: Option<usize>,
}

impl<'c> Chosen<'c> {
    /// Its promises.
    pub fn promises(&'c self) -> impl Iterator<Item = Promise<'c>> {
        self.intent.promises.iter().map(|rule| Promise {
            rule,
            file: self.file,
            intent: Some(&self.name),
        })
    }

    /// Whether a profile must keep it.
    #[must_use]
    pub fn is_for(&self, profile: &ProfileView<'_>, config: &Config) -> bool {
        match self.chooser {
            None => profile.parent.is_none(),
            Some(number) => {
                let table = config.profiles.get(number);
                table.is_some_and(|table| table.is_about(&profile.full_name))
            }
        }
    }
}

/// What is promised of a profile: the assertions in it, then the intents that were chosen for it.
#[must_use]
pub fn promises<'c>(
    profile: &ProfileView<'_>,
    store: &'c Store,
    chosen: &'c [Chosen<'c>],
    config: &Config,
) -> Vec<Promise<'c>> {
    let loaded = store.file(profile.file);
    let assertions = loaded.map(|loaded| loaded.file.assertions.as_slice());
    let asserted = assertions
        .unwrap_or_default()
        .iter()
        .filter(|assertion| assertion.profile == profile.ast.range)
        .map(|assertion| Promise {
            rule: &assertion.promise,
            file: profile.file,
            intent: None,
        });
    let mut promises: Vec<Promise<'c>> = asserted.collect();
    for chosen in chosen.iter().filter(|one| one.is_for(profile, config)) {
        promises.extend(chosen.promises());
    }
    promises
}

/// One promise.
#[derive(Copy, Clone, Debug)]
pub struct Promise<'c> {
    /// As a rule.
    pub rule: &'c PolicyRule,
    /// Where it stands.
    pub file: FileId,
    /// The name of its intent; `None` for an assertion.
    pub intent: Option<&'c str>,
}

impl Promise<'_> {
    /// Where it stands.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.rule.range.in_file(self.file)
    }
}
