//! `broad-access`: rules that cover everything in a directory.

use std::sync::LazyLock;

use crate::access::{Class, Effective, EntryRef, bits};
use crate::analysis::breadth;
use crate::diagnostic::Severity;
use crate::lang::files::{Files, SECRETS, SWITCHES};
use crate::lang::permissions::{APPEND, READ, WRITE};
use crate::lang::places::{ROOTS, Root};
use crate::lint::{Check, Cx, Sink, verbs};
use crate::policy::ProfileView;
use crate::syntax::ast::Body;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// What can be lost, worst first: what is written before what is read.
static EXAMPLES: LazyLock<Vec<(u8, &'static Files)>> = LazyLock::new(|| {
    let writes = SWITCHES.iter().map(|file| (WRITE | APPEND, file));
    let reads = SECRETS.iter().map(|file| (READ, file));
    writes.chain(reads).collect()
});

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let effective = cx.effective(profile);
    let mut last = None;
    for entry in effective.own_entries(profile, Class::File) {
        let Some((root, bits)) = widest(entry) else {
            continue;
        };
        let Some((_, fact)) = entry.origin(profile, cx.summaries) else {
            continue;
        };
        // `allow-all` speaks of these. Aliases give a rule several entries.
        if matches!(fact.rule.body, Body::AllFiles | Body::All) || last == Some(entry.rule()) {
            continue;
        }
        let Some(shown) = example(&effective, entry, root, bits) else {
            continue;
        };
        if effective.may_deny_more(Class::File, profile, cx.summaries) {
            return;
        }
        last = Some(entry.rule());
        let whom = if shown.is_owners { " by its owner" } else { "" };
        let claims = cx.claims_of(profile, Class::File, shown.path.as_bytes(), shown.allowed);
        let finding = sink
            .at(
                cx.span(fact),
                format!(
                    "this rule covers {}: `{}` can be {}{whom}",
                    root.whose,
                    shown.path,
                    verbs(shown.bits)
                ),
            )
            .mark(
                shown
                    .reason
                    .map_or_else(String::new, |reason| format!("it {reason}")),
            )
            .claims(claims)
            .note("an attacker who compromises the program gets access to all of it")
            .help(help(root));
        // Documents and temporary files: what is secret or decides what runs is denied, or lies elsewhere.
        let finding = match shown.is_listed || root.is_roots {
            true => finding,
            false => finding.severity(Severity::Info),
        };
        sink.report(finding);
    }
}

fn help(root: &Root) -> &'static str {
    if root.is_roots {
        "name the files and directories that the program needs"
    } else {
        "name the files and directories that the program needs, or put `owner` in front of the rule"
    }
}

/// The widest directory of which the entry reaches everything.
fn widest(entry: EntryRef<'_>) -> Option<(&'static Root, u8)> {
    ROOTS.iter().find_map(|root| {
        let bits = breadth(entry.entry, root);
        (bits != 0).then_some((root, bits))
    })
}

/// A file that is open.
struct Shown {
    path: &'static str,
    bits: u8,
    /// The same as bits of the class.
    allowed: u32,
    /// Whether only to its owner.
    is_owners: bool,
    reason: Option<&'static str>,
    /// Whether it is a secret, or decides what runs.
    is_listed: bool,
}

/// The worst file in the directory that the entry opens, or any.
fn example(effective: &Effective, entry: EntryRef<'_>, root: &Root, wanted: u8) -> Option<Shown> {
    let open = |path: &'static str, wanted: u8, reason: Option<&'static str>, is_listed: bool| {
        if !entry.entry.nfa.matches(path.as_bytes()) {
            return None;
        }
        let allowed = effective.decide(Class::File, path.as_bytes()).allow & entry.entry.mask;
        let half = |shift: u32| u8::try_from(allowed >> shift & bits::HALF).unwrap_or(0) & wanted;
        let (owner, other) = (half(0), half(bits::OTHER));
        (owner | other != 0).then_some(Shown {
            path,
            bits: owner | other,
            allowed: allowed & bits::both(wanted),
            is_owners: other == 0,
            reason,
            is_listed,
        })
    };
    // That the directory as a whole is open shows at a file that no rule means.
    let stranger = root
        .strangers
        .iter()
        .find_map(|path| open(path, wanted, None, false))?;
    let in_root = |path: &str| {
        path.strip_prefix(root.path)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    let worst = EXAMPLES.iter().filter(|(_, file)| in_root(file.example));
    let worst = worst.map(|(bits, file)| (file.example, wanted & bits, file.reason, true));
    let known = root.known.iter();
    let known = known.map(|(path, reason)| (*path, wanted, *reason, false));
    let mut all = worst
        .chain(known)
        .filter_map(|(path, wanted, reason, is_listed)| {
            open(path, wanted, Some(reason), is_listed)
        });
    Some(all.next().unwrap_or(stranger))
}
