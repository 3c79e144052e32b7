//! `missing-owner`: rules for users' files that grant those of others.

use std::sync::LazyLock;

use crate::access::{Class, Entry, bits};
use crate::glob::{Among, Program};
use crate::lang::permissions::{APPEND, READ, WRITE};
use crate::lint::{Check, Cx, Sink, deeds};
use crate::policy::ProfileView;
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

/// Where root's lie; a rule for the homes of all is about these, too.
const OF_ROOT: &[u8] = b"/root/";

/// Files and directories of users.
static USERS: LazyLock<Option<Program>> =
    LazyLock::new(|| Program::path("/{home,run/user,tmp,var/tmp,dev/shm}/[^/]**").ok());

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let effective = cx.effective(profile);
    let homes = homes(profile);
    let mut last = None;
    for entry in effective.own_entries(profile, Class::File) {
        let wanted = u32::from(about(entry.entry, &homes)) << bits::OTHER & entry.entry.mask;
        if wanted == 0 || last == Some(entry.rule()) {
            continue;
        }
        let Some(users) = USERS.as_ref() else { return };
        let path = effective
            .effort
            .common(&[&entry.entry.program, users], &[], Among::Paths);
        let Some(path) = path.ok().flatten() else {
            continue;
        };
        let allowed = effective.decide(Class::File, &path).allow & wanted;
        let origin = entry.origin(profile, cx.digests);
        let Some((_, fact)) = origin.filter(|_| allowed != 0) else {
            continue;
        };
        if effective.may_deny_more(Class::File, profile, cx.digests) {
            return;
        }
        last = Some(entry.rule());
        let permissions = u8::try_from(allowed >> bits::OTHER & bits::HALF).unwrap_or(0);
        let finding = sink
            .at(
                cx.span(fact),
                format!(
                    "`{}` can be {} whoever owns it",
                    String::from_utf8_lossy(&path),
                    deeds(permissions)
                ),
            )
            .note("what lies there belongs to users, and other users' files are none of the program's business")
            .help("write `owner` in front of the rule, unless the program serves several users");
        sink.report(finding);
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

/// The permissions that count, if the entry is about users' files alone.
fn about(entry: &Entry, homes: &[Vec<u8>]) -> u8 {
    if entry.effect != Mode::Allow || entry.mask >> bits::OTHER & bits::HALF == 0 {
        return 0;
    }
    let mut counting = 0;
    for beginning in entry.program.beginnings() {
        let place = PLACES
            .iter()
            .find(|(place, _)| beginning.starts_with(place));
        match place {
            Some((_, bits)) => counting |= bits,
            None if homes.iter().any(|home| beginning.starts_with(home)) => {
                counting |= READ | WRITES;
            }
            None if beginning.starts_with(OF_ROOT) => {}
            None => return 0,
        }
    }
    counting
}
