//! `ambiguous-attachment`: two profiles that attach to one program.

use crate::glob::{Among, PrefixTree, Program, common, literal, literal_prefix};
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Policy(check);

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let profiles = cx.units.iter().flat_map(|unit| &unit.profiles);
    let attached: Vec<Attached<'_>> = profiles.filter_map(Attached::of).collect();
    let mut tree = PrefixTree::default();
    for (number, one) in (0..).zip(&attached) {
        for earlier in tree.meeting(one.program.beginnings()) {
            let Some(other) = attached.get(earlier as usize) else {
                continue;
            };
            if let Some(witness) = other.conflict(one) {
                report(other, one, &witness, sink);
            }
        }
        tree.insert(one.program.beginnings(), number);
    }
}

/// A profile that attaches to programs.
struct Attached<'p> {
    profile: &'p ProfileView<'p>,
    pattern: &'p str,
    program: Program,
}

impl<'p> Attached<'p> {
    /// Profiles of their own alone: what a child attaches to counts only within its parent. Attributes
    /// make a profile more specific.
    fn of(profile: &'p ProfileView<'p>) -> Option<Self> {
        if profile.parent.is_some() || profile.ast.xattrs.is_some() {
            return None;
        }
        let pattern = profile.attachment.as_deref()?;
        let program = Program::path(pattern).ok()?;
        Some(Self {
            profile,
            pattern,
            program,
        })
    }

    /// A program that both attach to, where no kernel prefers one of them: kernels differ in how they
    /// measure which pattern is more specific, so only what all of them measure alike is told.
    fn conflict(&self, other: &Self) -> Option<String> {
        if self.profile.full_name == other.profile.full_name {
            return None;
        }
        let is_equal = self.program == other.program;
        let [mine, theirs] = [self, other].map(|one| literal_prefix(one.pattern));
        let goes_on_alike = |one: &Self, prefix: &str| {
            let rest = one.pattern.get(prefix.len()..).unwrap_or_default();
            rest.starts_with('*') && !rest.contains(['{', '[', '?'])
        };
        let is_level = mine.len() == theirs.len()
            && goes_on_alike(self, mine)
            && goes_on_alike(other, theirs)
            && literals_behind(self.pattern) == literals_behind(other.pattern);
        if !is_equal && !is_level {
            return None;
        }
        if let Some(path) = literal(self.pattern).filter(|_| is_equal) {
            return Some(path);
        }
        let witness = common(&[&self.program, &other.program], &[], Among::Paths).ok()??;
        Some(String::from_utf8_lossy(&witness).into_owned())
    }
}

/// How many characters of a pattern are no wildcards.
fn literals_behind(pattern: &str) -> usize {
    pattern.chars().filter(|c| *c != '*').count()
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
        .label(place(first), "the other one")
        .note("neither pattern is more specific, so the kernel uses neither profile; from a confined program the exec fails")
        .help("give each program to one profile: narrow one of the attachments, or remove one profile");
    sink.report(finding);
}
