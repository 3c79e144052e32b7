//! A profile, with everything that its includes bring.

use super::file_summary::FileSummaries;
use super::{DeclaredAbi, Dropped, Env, Fact, IncludeChain, Limit, Problem};
use crate::source::{FileId, Span};
use crate::syntax::ast::{Profile, Word};
use crate::syntax::text;

/// Rules of a profile that come from one place.
#[derive(Clone, Debug)]
pub struct Segment<'s> {
    /// The file.
    pub file: FileId,
    /// The include statements that lead there, outermost first; empty for the profile's own rules.
    pub via: IncludeChain,
    /// The rules, if they are not those of the file's summary.
    own: Option<Vec<Fact<'s>>>,
}

impl<'s> Segment<'s> {
    pub(super) const fn of_file(file: FileId, via: IncludeChain) -> Self {
        Self {
            file,
            via,
            own: None,
        }
    }

    pub(super) fn of_rules(file: FileId, via: IncludeChain, mut rules: Vec<Fact<'s>>) -> Self {
        rules.shrink_to_fit();
        Self {
            file,
            via,
            own: Some(rules),
        }
    }

    /// The rules.
    #[must_use]
    pub fn facts<'d>(&'d self, summaries: &'d FileSummaries<'s>) -> &'d [Fact<'s>] {
        match &self.own {
            Some(rules) => rules,
            None => summaries
                .file(self.file)
                .map(|summary| summary.rules.as_slice())
                .unwrap_or_default(),
        }
    }

    /// Whether the rules are all those of the file's summary.
    #[must_use]
    pub const fn is_whole_file(&self) -> bool {
        self.own.is_none()
    }
}

/// Which profile it is, among all that were loaded.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ProfileId {
    /// The file that was loaded: the profile is written there or in what it includes.
    pub unit: FileId,
    /// Its number among the profiles of that file.
    pub number: u32,
}

/// Which rule of a profile.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RuleId {
    /// The segment that it stands in, as a place in [`ProfileView::segments`].
    pub segment: usize,
    /// Its number among the rules of the segment.
    pub number: u32,
}

/// A profile, child profile or hat as it is loaded.
#[derive(Clone, Debug)]
pub struct ProfileView<'s> {
    /// Which one it is.
    pub id: ProfileId,
    /// What is written.
    pub ast: &'s Profile,
    /// The file it is written in.
    pub file: FileId,
    /// The include statements that lead there, outermost first.
    pub via: IncludeChain,
    /// Index of the profile around it, in its unit.
    pub parent: Option<usize>,
    /// Its name with variables put in; as written where they cannot be.
    pub name: String,
    /// Its name with those of the profiles around it: `parent//child`.
    pub full_name: String,
    /// What it attaches to, variables put in: the attachment, or a name that is a path.
    pub attachment: Option<String>,
    /// The variables in force, `profile_name` and the like included.
    pub env: Env,
    /// The abi rule in force: the first in front of it.
    pub abi: Option<DeclaredAbi<'s>>,
    /// Its rules, by where they come from; its own first.
    pub segments: Vec<Segment<'s>>,
    /// What stands in it, or in what it includes, and is not loaded.
    pub dropped: Vec<Dropped<'s>>,
    /// Whether profiles or hats stand in it.
    pub has_children: bool,
    /// An include statement whose file is unknown: what it would bring is not among the rules.
    pub unknown: Option<Span>,
    /// Where a limit of aalint ends what is followed, and which; [`Self::unknown`] is set as well.
    pub limit: Option<(Span, Limit)>,
    /// An include statement whose file is not there or cannot be read: the parser refuses the profile,
    /// and what the file would bring is not among the rules either.
    pub missing: Option<Span>,
}

impl<'s> ProfileView<'s> {
    /// Whether every include that it and its preamble name could be read. Of one that is not whole nothing is claimed to be
    /// missing: what was not read may bring it.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.unknown.is_none() && self.missing.is_none()
    }

    /// A rule with the segment it comes from.
    #[must_use]
    pub fn rule<'d>(
        &'d self,
        id: RuleId,
        summaries: &'d FileSummaries<'s>,
    ) -> Option<(&'d Segment<'s>, &'d Fact<'s>)> {
        let segment = self.segments.get(id.segment)?;
        let fact = segment.facts(summaries).get(id.number as usize)?;
        Some((segment, fact))
    }

    /// All rules with the segment they come from.
    pub fn facts<'d>(
        &'d self,
        summaries: &'d FileSummaries<'s>,
    ) -> impl Iterator<Item = (&'d Segment<'s>, &'d Fact<'s>)> {
        self.segments.iter().flat_map(|segment| {
            segment
                .facts(summaries)
                .iter()
                .map(move |fact| (segment, fact))
        })
    }

    /// The rules written in the profile itself.
    pub fn own_facts<'d>(
        &'d self,
        summaries: &'d FileSummaries<'s>,
    ) -> impl Iterator<Item = &'d Fact<'s>> {
        let own = self
            .segments
            .iter()
            .filter(|segment| segment.via.len() == self.via.len());
        own.flat_map(|segment| segment.facts(summaries))
    }

    /// Whether the rules of the segment with that number are written in the profile itself.
    #[must_use]
    pub fn is_own(&self, segment: usize) -> bool {
        let segment = self.segments.get(segment);
        segment.is_some_and(|segment| segment.via.len() == self.via.len())
    }

    /// The flags, as written.
    pub fn flags<'t>(&self, source: &'t str) -> Vec<&'t str>
    where
        's: 't,
    {
        let Some(flags) = &self.ast.flags else {
            return Vec::new();
        };
        flags
            .values
            .iter()
            .map(|word| {
                source
                    .get(word.0.start as usize..word.0.end as usize)
                    .unwrap_or_default()
            })
            .map(|flag| flag.trim_matches('"'))
            .collect()
    }

    /// A word of it with variables put in. `None` if they cannot be.
    #[must_use]
    pub fn expand(&self, source: &str, word: Word) -> Option<String> {
        let written = source.get(word.0.start as usize..word.0.end as usize)?;
        self.env.expand(&text::value(written)).text()
    }

    /// A place in this profile's header.
    #[must_use]
    pub const fn name_span(&self) -> Span {
        self.ast.name.0.in_file(self.file)
    }

    /// The place of its attachment: that of its name where the name is the attachment.
    #[must_use]
    pub fn attachment_span(&self) -> Span {
        let word = self.ast.attachment.unwrap_or(self.ast.name);
        word.0.in_file(self.file)
    }
}

/// What came of a file: profiles and problems.
#[derive(Clone, Debug, Default)]
pub(super) struct Evaluated<'s> {
    pub(super) profiles: Vec<ProfileView<'s>>,
    pub(super) problems: Vec<Problem>,
}
