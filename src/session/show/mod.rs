//! What a profile allows, by topic and risk; what it denies; and what that depends on.

mod capabilities;
mod default_profile;
mod denials;
mod model;
mod secrets;
mod topics;

use super::diff::unknown_rules;
use super::policy::Policy;
use super::query::{QueryError, choose};
use super::veil::Veil;
use super::workspace::Workspace;
use crate::access::{PolicyVersion, ProfileMode, SearchBudget};
use crate::glob::TooComplex;
use crate::lint::Rule;
use crate::policy::ProfileView;
use crate::source::ResolvedSpan;

pub use model::{
    AccessTopic, EngineComparison, EngineFactResult, FactStanding, Grant, ShownDenial,
    ShownProfile, TopicGrants,
};

/// Most steps of all searches together that one profile may take.
const MAX_SHOW_STEPS: u64 = 400_000_000;

/// Why a profile cannot be shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ShowError {
    /// It is not clear which profile is meant, or there is none.
    Choice(QueryError),
    /// What the profile of that name allows is too complex to find out.
    TooComplex(String),
}

impl Workspace<'_> {
    /// Shows the profile of that name, or the only one. `hidden` are the texts that no output may quote.
    ///
    /// # Errors
    /// If there is no such profile, or it is too complex.
    pub fn show(
        &self,
        profile: Option<&str>,
        veil: Option<&Veil>,
        rules: &[Rule],
    ) -> Result<ShownProfile, ShowError> {
        let policy = self.policy();
        let profile = choose(&policy, profile, veil).map_err(ShowError::Choice)?;
        let shown = shown(&policy, profile);
        let mut shown =
            shown.map_err(|TooComplex| ShowError::TooComplex(profile.full_name.clone()))?;
        shown.is_faulty = self.has_errors(rules);
        if let Some(veil) = veil {
            veil.draw_over_profile(&mut shown);
        }
        Ok(shown)
    }
}

fn shown(policy: &Policy<'_>, profile: &ProfileView<'_>) -> Result<ShownProfile, TooComplex> {
    let located = (policy, profile);
    let sources = &policy.store.sources;
    let mut effective = policy.effective(profile);
    effective.budget = SearchBudget::limited(MAX_SHOW_STEPS);
    let unknown = unknown_rules(located, PolicyVersion::New, &effective);
    let topics = topics::all(located, &effective)?;
    let below = format!("{}//", profile.full_name);
    let children = policy.profiles().filter(|other| {
        other.id.unit == profile.id.unit && other.full_name.starts_with(below.as_str())
    });
    let mode = ProfileMode::of(profile, &sources.get(profile.file).text);
    Ok(ShownProfile {
        name: profile.full_name.clone(),
        place: ResolvedSpan::of(profile.name_span(), sources),
        attachment: profile.attachment.clone(),
        mode,
        is_faulty: false,
        children: children.map(|child| child.full_name.clone()).collect(),
        absent: topics::absent(&topics, located, &effective),
        topics,
        denials: denials::all(located, &effective)?,
        unknown: unknown.into_iter().map(|unknown| unknown.rule).collect(),
        comparison: default_profile::compare(located, &effective, mode),
    })
}
