//! Whether a profile is for a container, and how that is known.

use super::Cx;
use crate::containers::{ExpectedProfile, near_miss};
use crate::diagnostic::{Diagnostic, Severity};
use crate::policy::ProfileView;
use crate::source::Span;
use crate::syntax::ast::{Body, Mode};

/// The flags that the default profiles of container engines have.
pub const CONTAINER_FLAGS: [&str; 2] = ["attach_disconnected", "mediate_deleted"];

/// Whether flags have this one, with a path (`attach_disconnected.path=…`) or without.
#[must_use]
pub fn has_flag(flags: &[&str], wanted: &str) -> bool {
    flags.iter().any(|flag| {
        let rest = flag.strip_prefix(wanted);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(".path"))
    })
}

/// How it is known that a profile is for a container.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Containment {
    /// The configuration says so.
    Configured,
    /// This place names it.
    Named(Span),
    /// It attaches to no program, has a flag that container profiles have, and its file lies in a project that has a
    /// Dockerfile.
    Project,
    /// It attaches to no program, has both flags that container profiles have, and denies mounts. Helpers of the
    /// host can look alike, so that this is likely and not known.
    Likely,
}

impl Containment {
    /// Whether it is more than likely.
    #[must_use]
    pub const fn is_known(self) -> bool {
        !matches!(self, Self::Likely)
    }

    /// How findings about containers begin, so that they hold for profiles that only look like one as well.
    #[must_use]
    pub const fn condition(self) -> &'static str {
        match self {
            Self::Likely => "if this profile is for a container: ",
            _ => "",
        }
    }

    /// A finding about containers is an info at most where the profile only looks like one.
    #[must_use]
    pub fn limit(self, finding: Diagnostic) -> Diagnostic {
        let severity = finding.severity;
        match self {
            Self::Likely if severity > Severity::Info => finding.severity(Severity::Info),
            _ => finding,
        }
    }
}

impl Cx<'_> {
    /// Whether a profile is made for a container, and how that is known.
    #[must_use]
    pub fn container(&self, profile: &ProfileView<'_>) -> Option<Containment> {
        if profile.parent.is_some() {
            return None;
        }
        if let Some(kind) = self.config.profile_kind(&profile.name) {
            return kind.then_some(Containment::Configured);
        }
        if let Some(span) = self.naming_place(profile) {
            return Some(Containment::Named(span));
        }
        if profile.attachment.is_some() {
            return None;
        }
        let source = self.store.sources.get(profile.file);
        let flags = profile.flags(&source.text);
        let has = CONTAINER_FLAGS.map(|flag| has_flag(&flags, flag));
        let mut around = directories(&source.path);
        if has.contains(&true) && around.any(|one| self.docker_projects.contains(one)) {
            return Some(Containment::Project);
        }
        (has == [true; 2] && self.denies_mounts(profile)).then_some(Containment::Likely)
    }

    /// Whether a profile is known to be for a container.
    #[must_use]
    pub fn is_for_container(&self, profile: &ProfileView<'_>) -> bool {
        self.container(profile).is_some_and(Containment::is_known)
    }

    /// Whether a profile may be for a container: that is known, or it has no attachment and the flags that container profiles
    /// have. What holds on a host alone is not said of such a profile.
    #[must_use]
    pub fn may_be_for_container(&self, profile: &ProfileView<'_>) -> bool {
        let source = self.store.sources.get(profile.file);
        let flags = profile.flags(&source.text);
        let has_shape = profile.parent.is_none()
            && profile.attachment.is_none()
            && CONTAINER_FLAGS.iter().all(|flag| has_flag(&flags, flag));
        self.container(profile).is_some()
            || has_shape && self.config.profile_kind(&profile.name) != Some(false)
    }

    /// How the header of a container's profile is best written: the name that is expected, no attachment, both flags
    /// for containers beside those that are there. All findings about the header propose this one.
    #[must_use]
    pub fn container_header(&self, profile: &ProfileView<'_>) -> String {
        let expected: Vec<&ExpectedProfile> = self.expected_by_containers().collect();
        let is_typo = |expected: &str| {
            let defined = [(String::new(), profile.name.clone())];
            near_miss(expected, &defined).is_some_and(|near| near.is_typo)
        };
        let name = match expected.as_slice() {
            // A misspelt name is to be corrected where it is used.
            [only] if !is_typo(&only.name) => &only.name,
            _ => &profile.name,
        };
        let source = self.store.sources.get(profile.file);
        let mut flags = profile.flags(&source.text);
        for wanted in CONTAINER_FLAGS {
            if !has_flag(&flags, wanted) && !flags.contains(&"delegate_deleted") {
                flags.push(wanted);
            }
        }
        format!("profile {name} flags=({}) {{", flags.join(", "))
    }

    /// The profiles that containers use.
    pub fn expected_by_containers(&self) -> impl Iterator<Item = &ExpectedProfile> {
        let expected = self.expected.iter();
        expected.filter(|expected| expected.is_container)
    }

    /// The place in a manifest or the configuration that names a profile.
    fn naming_place(&self, profile: &ProfileView<'_>) -> Option<Span> {
        let mut expected = self.expected_by_containers();
        if let Some(expected) = expected.find(|expected| expected.name == profile.name) {
            return Some(expected.span);
        }
        // The only profile of a file with the expected name, or the only one checked at all where
        // somebody expects one that nobody defines.
        let path = &self.store.sources.get(profile.file).path;
        let file_name = path.rsplit('/').next().unwrap_or_default();
        let is_only = self.expected_by_containers().next().is_some()
            && self
                .units
                .iter()
                .map(|unit| unit.profiles.iter().filter(|p| p.parent.is_none()).count())
                .sum::<usize>()
                == 1;
        let mut expected = self.expected_by_containers();
        let expected = expected.find(|e| e.name == file_name || is_only);
        expected.map(|expected| expected.span)
    }

    fn denies_mounts(&self, profile: &ProfileView<'_>) -> bool {
        let mut facts = profile.own_facts(self.summaries);
        facts.any(|fact| {
            fact.mode == Mode::Deny && matches!(fact.rule.body, Body::Mount(_) | Body::Umount(_))
        })
    }
}

/// The directory of a file and the one above it, as they begin its path; the current directory is the empty text.
pub fn directories(path: &str) -> impl Iterator<Item = &str> {
    let above = |path: &str| match path.rfind('/') {
        Some(0) => 1,
        Some(slash) => slash,
        None => 0,
    };
    let own = path.get(..above(path)).unwrap_or_default();
    let parent = path.get(..above(own)).unwrap_or_default();
    std::iter::once(own).chain((parent != own).then_some(parent))
}
