//! `missing-owner`: rules for users' files that grant those of others.

use std::sync::LazyLock;

use crate::access::{Class, Effective, Entry, bits, perms};
use crate::analysis::is_part_of_broad_access;
use crate::diagnostic::Applicability;
use crate::glob::{InputDomain, Nfa, readable};
use crate::lang::capabilities;
use crate::lang::permissions::{APPEND, READ, WRITE};
use crate::lint::{Check, Cx, Sink, verbs};
use crate::policy::ProfileView;
use crate::source::TextRange;
use crate::syntax::ast::Mode;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

const WRITES: u8 = WRITE | APPEND;

/// Where users' files lie, and which permissions count there.
const PLACES: &[(&[u8], u8)] = &[
    (b"/home/", READ | WRITES),
    (b"/run/user/", READ | WRITES),
    (b"/tmp/", WRITES),
    (b"/var/tmp/", WRITES),
    (b"/dev/shm/", WRITES),
];

/// With one of these a program is meant to reach the files of others, or to become them.
const OF_OTHERS: [&str; 6] = [
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "setgid",
    "setuid",
];

/// Where the programs of root lie.
const OF_ADMINISTRATORS: [&[u8]; 3] = [b"/sbin/", b"/usr/sbin/", b"/usr/local/sbin/"];

/// Where root's lie; a rule for the homes of all is about these, too.
const OF_ROOT: &[u8] = b"/root/";

/// Files and directories of users.
static USERS: LazyLock<Nfa> =
    LazyLock::new(|| Nfa::constant("/{home,run/user,tmp,var/tmp,dev/shm}/[^/]**"));

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let effective = cx.effective(profile);
    if serves_others(&effective) {
        return;
    }
    let homes = homes(profile);
    let is_roots = is_of_root(profile);
    let mut last = None;
    for entry in effective.own_entries(profile, Class::File) {
        let about = about(entry.entry, &homes, is_roots);
        let wanted = u32::from(about) << bits::OTHER & entry.entry.mask;
        if wanted == 0 || last == Some(entry.rule()) {
            continue;
        }
        let users: &Nfa = &USERS;
        let path = effective
            .budget
            .common(&[&entry.entry.nfa, users], &[], InputDomain::Paths);
        let Some(path) = path.ok().flatten() else {
            continue;
        };
        let path = readable(path, &[&entry.entry.nfa, users], &[]);
        let allowed = effective.decide(Class::File, &path).allow & wanted;
        let origin = entry.origin(profile, cx.summaries);
        let Some((_, fact)) = origin.filter(|_| allowed != 0) else {
            continue;
        };
        if effective.may_deny_more(Class::File, profile, cx.summaries) {
            return;
        }
        last = Some(entry.rule());
        let permissions = u8::try_from(allowed >> bits::OTHER & bits::HALF).unwrap_or(0);
        let finding = sink
            .at(
                cx.span(fact),
                format!(
                    "`{}` can be {}, no matter which user owns it",
                    String::from_utf8_lossy(&path),
                    verbs(permissions)
                ),
            )
            .claims(cx.claims_of(profile, Class::File, &path, allowed))
            .note("an attacker who compromises the program gets access to the files of other users as well, as far as their modes allow")
            .help("put `owner` in front of the rule, unless the program serves several users");
        let is_free = fact.owner.is_none() && cx.targets.contains_key(&fact.file);
        // `broad-access` reports what is in all homes, and other rules what is in one's own.
        let is_free = is_free && !is_part_of_broad_access(entry.entry, &path);
        sink.report(match is_free {
            true => finding.replace(
                Applicability::Unsafe,
                "write `owner`",
                TextRange::at(fact.rule.keyword.start).in_file(fact.file),
                "owner ",
            ),
            false => finding,
        });
    }
}

/// Where else this policy says that users' homes lie.
fn homes(profile: &ProfileView<'_>) -> Vec<Vec<u8>> {
    let known = profile.env.variable("HOMEDIRS");
    let values = known.map_or([].as_slice(), |known| known.values.as_slice());
    let directories = values.iter().map(|value| value.trim_matches('/'));
    directories
        .filter(|value| !value.is_empty() && !value.contains(['@', '*', '?', '[', '{', '\\']))
        .map(|value| format!("/{value}/").into_bytes())
        .collect()
}

/// Whether the program is granted what those need that handle other users' files.
fn serves_others(effective: &Effective) -> bool {
    let numbers = OF_OTHERS
        .iter()
        .filter_map(|name| capabilities::number(name));
    let mut decided = numbers.map(|number| effective.decide(Class::Capability, &[number]));
    decided.any(|verdict| verdict.allow & perms::USE != 0)
}

/// Whether the program lies among those of the administrator: run by root, it owns no file of a user.
fn is_of_root(profile: &ProfileView<'_>) -> bool {
    let attachment = profile.attachment.as_deref();
    let nfa = attachment.and_then(|path| Nfa::path(path).ok());
    nfa.is_some_and(|nfa| {
        let mut prefixes = nfa.prefixes().iter();
        prefixes.all(|prefix| {
            let mut places = OF_ADMINISTRATORS.iter();
            places.any(|place| prefix.starts_with(place))
        })
    })
}

/// The permissions that count, if the entry is about users' files alone, and not about homes where these
/// do not count.
fn about(entry: &Entry, homes: &[Vec<u8>], is_roots: bool) -> u8 {
    if entry.effect != Mode::Allow || entry.mask >> bits::OTHER & bits::HALF == 0 {
        return 0;
    }
    let mut counting = 0;
    for prefix in entry.nfa.prefixes() {
        let place = PLACES.iter().find(|(place, _)| prefix.starts_with(place));
        match place {
            Some((_, bits)) if is_roots && bits & READ != 0 => {}
            Some((_, bits)) => counting |= bits,
            None if is_roots && homes.iter().any(|home| prefix.starts_with(home)) => {}
            None if homes.iter().any(|home| prefix.starts_with(home)) => {
                counting |= READ | WRITES;
            }
            None if prefix.starts_with(OF_ROOT) => {}
            None => return 0,
        }
    }
    counting
}
