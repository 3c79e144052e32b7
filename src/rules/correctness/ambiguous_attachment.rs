//! `ambiguous-attachment`: two profiles that attach to one program.

use crate::access::SearchBudget;
use crate::glob::{InputDomain, Nfa, PrefixIndex, literal, literal_prefix};
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Policy(check);

/// Most other profiles that one is compared with.
const MAX_COMPARED: usize = 256;
/// Most steps that all comparisons may take.
const MAX_STEPS: u64 = 60_000_000;
/// What putting two patterns side by side costs, in such steps.
const STEPS_OF_ONE: u64 = 20_000;

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let profiles = cx.units.iter().flat_map(|unit| &unit.profiles);
    let attached: Vec<Attached<'_>> = profiles.filter_map(Attached::of).collect();
    let budget = SearchBudget::limited(MAX_STEPS);
    let by_prefix = PrefixIndex::new((0..).zip(attached.iter().map(|one| one.nfa.prefixes())));
    for (number, one) in (0..).zip(&attached) {
        let intersecting = by_prefix.intersecting(one.nfa.prefixes());
        let earlier = intersecting.iter().take_while(|other| **other < number);
        let earlier = earlier.take(MAX_COMPARED);
        let first = earlier
            .filter_map(|at| attached.get(*at as usize))
            .find_map(|other| {
                let witness = other.conflict(one, &budget)?;
                Some((other, witness))
            });
        if let Some((other, witness)) = first {
            report(other, one, &witness, sink);
        }
    }
}

/// A profile that attaches to programs.
struct Attached<'p> {
    profile: &'p ProfileView<'p>,
    pattern: &'p str,
    nfa: Nfa,
    /// A text that it attaches to.
    example: Vec<u8>,
}

impl<'p> Attached<'p> {
    /// Profiles of their own alone: what a child attaches to counts only within its parent. Attributes
    /// make a profile more specific, and a profile whose name is a path without wildcards comes before
    /// all others (find_attach in security/apparmor/domain.c).
    fn of(profile: &'p ProfileView<'p>) -> Option<Self> {
        let pattern = profile.attachment.as_deref()?;
        let is_first = profile.ast.attachment.is_none() && literal(pattern).is_some();
        if profile.parent.is_some() || profile.ast.xattrs.is_some() || is_first {
            return None;
        }
        let nfa = Nfa::path(pattern).ok()?;
        Some(Self {
            profile,
            pattern,
            example: nfa.example(),
            nfa,
        })
    }

    /// A program that both attach to, where no kernel prefers one of them. Kernels differ in how they
    /// measure which pattern is more specific, but no measure tells apart what matches the same, nor
    /// `*` and `**` behind the same text where both match.
    fn conflict(&self, other: &Self, budget: &SearchBudget) -> Option<String> {
        let [mine, theirs] = [self, other].map(|one| literal_prefix(one.pattern));
        if self.profile.full_name == other.profile.full_name || mine.len() != theirs.len() {
            return None;
        }
        let is_level = mine == theirs
            && [self, other].iter().all(|one| {
                let rest = one.pattern.get(mine.len()..);
                matches!(rest, Some("*" | "**"))
            });
        if !is_level && !self.is_same(other, budget) {
            return None;
        }
        let both = [&self.nfa, &other.nfa];
        let witness = budget.common(&both, &[], InputDomain::Paths).ok()??;
        Some(String::from_utf8_lossy(&witness).into_owned())
    }

    /// Whether both attach to the same programs.
    fn is_same(&self, other: &Self, budget: &SearchBudget) -> bool {
        if self.nfa == other.nfa {
            return true;
        }
        let covers = |one: &Self, other: &Self| {
            budget.spend(STEPS_OF_ONE);
            let outside = budget.common(&[&one.nfa], &[&other.nfa], InputDomain::Bytes);
            matches!(outside, Ok(None))
        };
        self.nfa.matches(&other.example)
            && other.nfa.matches(&self.example)
            && budget.left() > 0
            && covers(self, other)
            && covers(other, self)
    }
}

fn report(first: &Attached<'_>, second: &Attached<'_>, witness: &str, sink: &mut Sink<'_>) {
    let place = |one: &Attached<'_>| {
        let word = one.profile.ast.attachment.unwrap_or(one.profile.ast.name);
        word.0.in_file(one.profile.file)
    };
    let names = [first, second].map(|one| one.profile.full_name.as_str());
    let finding = sink
        .at(
            place(second),
            format!("the profiles `{}` and `{}` both attach to `{witness}`", names[0], names[1]),
        )
        .label(place(first), "attaches to it as well")
        .note("neither attachment is more specific, so the kernel uses neither: the program starts unconfined, or does not start from a confined program")
        .help("give each program to one profile: narrow one of the attachments, or remove one profile");
    sink.report(finding);
}
