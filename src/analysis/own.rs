//! The rules that are written in a profile itself, each with all that it compiles to.

use crate::access::{Class, Effective, EntryRef, Exec};
use crate::glob::Nfa;
use crate::policy::{Fact, FileSummaries, ProfileView, RuleId};
use crate::syntax::ast::Mode;

/// A rule written in a profile.
#[derive(Clone, Debug)]
pub struct OwnRule<'e> {
    /// Its segment and its number there.
    pub number: RuleId,
    /// All that it compiles to.
    pub entries: Vec<(Class, EntryRef<'e>)>,
}

impl OwnRule<'_> {
    /// The rule as written.
    #[must_use]
    pub fn fact<'p, 's>(
        &self,
        profile: &'p ProfileView<'s>,
        summaries: &'p FileSummaries<'s>,
    ) -> Option<&'p Fact<'s>> {
        let (_, entry) = self.entries.first()?;
        entry.origin(profile, summaries).map(|(_, fact)| fact)
    }
}

/// What an entry does, to tell whether another does the same.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Meaning<'e> {
    class: Class,
    nfa: &'e Nfa,
    is_exact: bool,
    effect: Mode,
    priority: i32,
    mask: u32,
    audit: u32,
    exec: Option<&'e Exec>,
}

impl<'e> OwnRule<'e> {
    /// What it does. Rules that do the same are equal in this.
    #[must_use]
    pub fn meaning(&self) -> Vec<Meaning<'e>> {
        let meaning = |(class, found): &(Class, EntryRef<'e>)| Meaning {
            class: *class,
            nfa: &found.entry.nfa,
            is_exact: found.entry.nfa.is_exact,
            effect: found.entry.effect,
            priority: found.entry.priority,
            mask: found.entry.mask,
            audit: found.entry.audit,
            exec: found.entry.exec.as_ref(),
        };
        self.entries.iter().map(meaning).collect()
    }
}

impl Effective {
    /// The rules written in the profile that compile to anything, in the order of the text.
    #[must_use]
    pub fn own_rules<'e>(&'e self, profile: &'e ProfileView<'_>) -> Vec<OwnRule<'e>> {
        let mut entries: Vec<(Class, EntryRef<'e>)> = Vec::new();
        for class in Class::ALL {
            let of_class = self.own_entries(profile, class);
            entries.extend(of_class.map(|entry| (class, entry)));
        }
        entries.sort_by_key(|(_, entry)| entry.rule());
        let chunks = entries.chunk_by(|left, right| left.1.rule() == right.1.rule());
        let of_rule = |chunk: &[(Class, EntryRef<'e>)]| {
            chunk.first().map(|(_, entry)| OwnRule {
                number: entry.rule(),
                entries: chunk.to_vec(),
            })
        };
        chunks.filter_map(of_rule).collect()
    }
}
