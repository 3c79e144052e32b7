//! A file as the parser would load it: preamble evaluated, profiles with all their rules.

mod checks;
mod conditions;
mod doubtful;
mod evaluation;
mod preamble;
mod profile;

pub use evaluation::PreambleCache;

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::profile::Evaluated;
use super::{
    Bits, DeclaredAbi, Definition, Env, FileSummaries, Limit, Problem, ProfileView, Store,
};
use crate::source::{FileId, Span};
use evaluation::Evaluation;

/// A file with everything that it includes.
#[derive(Clone, Debug)]
pub struct Unit<'s> {
    /// The file.
    pub file: FileId,
    /// What its preamble defines.
    pub env: Env,
    /// Its profiles, children and hats behind the profile around them.
    pub profiles: Vec<ProfileView<'s>>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// Numbers of the variables that anything in it uses.
    pub used: Bits,
    /// An include statement whose file is unknown.
    pub unknown: Option<Span>,
    /// An include statement of the preamble whose file is not there or cannot be read.
    pub missing: Option<Span>,
    /// Where a limit of aalint ends what is followed outside of its profiles; [`Self::unknown`] is set as well.
    pub limit: Option<(Span, Limit)>,
    /// The first abi rule of its preamble; the parser passes over further ones.
    pub abi: Option<DeclaredAbi<'s>>,
}

impl<'s> Unit<'s> {
    /// Whether every include that it and its profiles name could be read; see [`ProfileView::is_whole`].
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.unknown.is_none()
            && self.missing.is_none()
            && self.profiles.iter().all(ProfileView::is_whole)
    }

    /// Evaluates a file. `ambient` are variables that a build step defines.
    #[must_use]
    pub fn new(
        store: &'s Store,
        summaries: &FileSummaries<'s>,
        cache: &PreambleCache,
        file: FileId,
        ambient: &[(String, Vec<String>)],
    ) -> Self {
        let mut evaluation = Evaluation {
            file,
            store,
            summaries,
            cache,
            env: Env::with_ambient(ambient_definitions(file, ambient)),
            seen: FxHashSet::default(),
            used: Bits::default(),
            defined: Bits::default(),
            unknown: None,
            limit: None,
            depth: 0,
            missing: None,
            outcome: Evaluated::default(),
            has_profile: false,
            ambient,
            abi: None,
        };
        if let Some(loaded) = store.file(file) {
            evaluation.preamble(&loaded.file.ast.items, file, &[]);
        }
        evaluation.check_definitions(file);
        evaluation.check_duplicates();
        evaluation.drop_consequences(file);
        evaluation.outcome.profiles.shrink_to_fit();
        Self {
            file,
            env: evaluation.env,
            profiles: evaluation.outcome.profiles,
            problems: evaluation.outcome.problems,
            used: evaluation.used,
            unknown: evaluation.unknown,
            missing: evaluation.missing,
            limit: evaluation.limit,
            abi: evaluation.abi,
        }
    }
}

/// What a build step defines, `@{att}` as nothing: profiles that apparmor.d does not attach elsewhere.
fn ambient_definitions(
    file: FileId,
    ambient: &[(String, Vec<String>)],
) -> Arc<FxHashMap<String, Definition>> {
    let att = [("att".to_owned(), vec![String::new()])];
    let definitions = att.iter().chain(ambient).map(|(name, values)| {
        let definition = Definition {
            place: Span::start_of(file),
            values: values.clone(),
        };
        (name.clone(), definition)
    });
    Arc::new(definitions.collect())
}
