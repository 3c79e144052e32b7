//! A set of profiles, and how a transition finds the one that it leads to.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::attachment::Attachment;
use super::{NodeKind, ProfileNode};
use crate::access::Pool;
use crate::glob::PrefixIndex;
use crate::policy::{FileSummaries, ProfileView, Unit};
use crate::source::SourceMap;

/// Where an edge leads before all nodes are numbered.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum To {
    Known(usize),
    Other(NodeKind, Arc<str>),
}

impl To {
    pub(super) fn unconfined() -> Self {
        Self::Other(NodeKind::Unconfined, "unconfined".into())
    }
}

/// All profiles, and how they are found.
pub(super) struct Set<'a, 's> {
    pub(super) profiles: Vec<&'a ProfileView<'s>>,
    /// Numbers of the children and hats of each.
    pub(super) children: Vec<Vec<usize>>,
    pub(super) names: FxHashMap<&'a str, usize>,
    /// What each attaches to.
    pub(super) attachments: Vec<Option<Attachment>>,
    /// The same by prefixes, of those that are no children.
    pub(super) by_prefix: PrefixIndex,
    pub(super) summaries: &'a FileSummaries<'s>,
    pub(super) sources: &'a SourceMap,
    pub(super) pool: &'a Pool,
}

impl<'a, 's> Set<'a, 's> {
    pub(super) fn new(
        units: impl IntoIterator<Item = &'a Unit<'s>>,
        summaries: &'a FileSummaries<'s>,
        sources: &'a SourceMap,
        pool: &'a Pool,
    ) -> Self {
        let mut profiles: Vec<&ProfileView<'s>> = Vec::new();
        let mut children: Vec<Vec<usize>> = Vec::new();
        for unit in units {
            let first = profiles.len();
            for profile in &unit.profiles {
                let number = profiles.len();
                profiles.push(profile);
                children.push(Vec::new());
                let siblings = profile
                    .parent
                    .and_then(|parent| children.get_mut(first + parent));
                if let Some(siblings) = siblings {
                    siblings.push(number);
                }
            }
        }
        let mut names = FxHashMap::default();
        for (number, profile) in profiles.iter().enumerate() {
            names.entry(profile.full_name.as_str()).or_insert(number);
        }
        let attachments: Vec<Option<Attachment>> = profiles
            .iter()
            .map(|profile| Attachment::new(profile.attachment.as_deref()?))
            .collect();
        let numbered = (0..).zip(&profiles).zip(&attachments);
        let own = numbered.filter(|((_, profile), _)| profile.parent.is_none());
        let by_prefix = PrefixIndex::new(own.filter_map(|((number, _), attachment)| {
            let attachment = attachment.as_ref()?;
            Some((number, attachment.nfa.prefixes()))
        }));
        Self {
            profiles,
            children,
            names,
            attachments,
            by_prefix,
            summaries,
            sources,
            pool,
        }
    }

    pub(super) fn node(&self, number: usize) -> ProfileNode {
        let Some(profile) = self.profiles.get(number) else {
            return ProfileNode {
                name: "".into(),
                kind: NodeKind::Missing,
                attachment: None,
                mode: None,
                place: None,
            };
        };
        let kind = match (profile.ast.form.is_hat(), profile.parent) {
            (true, _) => NodeKind::Hat,
            (false, Some(_)) => NodeKind::Child,
            (false, None) => NodeKind::Profile,
        };
        ProfileNode {
            name: profile.full_name.as_str().into(),
            kind,
            attachment: profile.attachment.clone(),
            mode: self.mode(profile),
            place: Some(profile.name_span()),
        }
    }

    pub(super) fn mode(&self, profile: &ProfileView<'_>) -> Option<&'static str> {
        let flags = profile.flags(&self.sources.get(profile.file).text);
        let modes = crate::lang::flags::MODES.iter();
        modes
            .copied()
            .find(|mode| *mode != "enforce" && flags.contains(mode))
    }
}
