//! `container-user`: files that a container's user cannot open, whatever the profile allows.

use crate::containers::ContainerView;
use crate::images::{FileAccess, Lookup, Need, Owner};
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::WholeProfile(check);

/// Either lets root read every file and search every directory (capabilities(7)).
const READING: [&str; 2] = ["capability dac_override", "capability dac_read_search"];

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in cx.views_of(profile) {
        let Some(user) = view.user_id() else {
            continue;
        };
        let (Some(startup), Some(tree)) = (view.startups.first(), view.image.trees.first()) else {
            continue;
        };
        let mut accesses = startup.accesses.iter();
        let closed = accesses.find_map(|access| closed(access, user, view, tree));
        let Some((access, path, owner)) = closed else {
            continue;
        };
        let held = format!(
            "`{path}` belongs to user {} with mode {:04o}",
            owner.user, owner.mode
        );
        let finding = sink.at(profile.name_span(), String::new());
        let finding = if user == 0 {
            let claims: Vec<_> = READING
                .iter()
                .filter_map(|request| cx.claim(profile, request))
                .collect();
            if claims.len() != READING.len() || claims.iter().any(|claim| claim.is_allowed()) {
                continue;
            }
            let mut finding = finding
                .claims(claims)
                .note(format!(
                    "{held}: root needs `dac_override` or `dac_read_search` for it"
                ))
                .help(format!(
                    "let root read `{path}` in the image, or add `capability dac_read_search,`"
                ));
            finding.message = format!(
                "{} cannot start: root opens `{}`, and no rule allows the capability that this takes",
                view.who, access.path
            );
            finding
        } else {
            let mut finding = finding.note(held).help(
                "change the owner or the mode in the image, or the user that the container runs as",
            );
            finding.message = format!(
                "{} cannot start: its user {user} cannot open `{}`, whatever the profile allows",
                view.who, access.path
            );
            finding
        };
        sink.report(finding);
    }
}

/// The first file or directory on the way to a file that a user cannot open by its mode.
fn closed<'v>(
    access: &'v FileAccess,
    user: u32,
    view: &ContainerView,
    tree: &crate::images::ImageTree,
) -> Option<(&'v FileAccess, String, Owner)> {
    const READ: u32 = 0o4;
    const SEARCH: u32 = 0o1;
    let group = view.group_id();
    let is_closed = |owner: &Owner, wanted: u32| {
        let (of_owner, of_group) = (owner.mode >> 6 & wanted, owner.mode >> 3 & wanted);
        let in_group = group.is_none_or(|group| group == owner.group);
        let mut allowed = owner.mode & wanted;
        if user == owner.user {
            allowed = of_owner;
        } else if in_group {
            // Further groups of the user are not known: it is in this one, or it is not.
            allowed |= of_group;
        } else if of_group != 0 {
            return false;
        }
        allowed == 0
    };
    let path = access.path.trim_end_matches('/');
    for (at, _) in path.match_indices('/').skip(1) {
        let directory = path.get(..at)?;
        if let Lookup::Found(_, node) = tree.lookup(directory.as_bytes())
            && let Some(owner) = node.owner
            && is_closed(&owner, SEARCH)
        {
            return Some((access, directory.to_owned(), owner));
        }
    }
    let owner = access.owner?;
    let wanted = match access.need {
        Need::Read | Need::Map => READ,
        Need::Execute => SEARCH,
    };
    // Root may execute what somebody may.
    let is_executable = access.need == Need::Execute && user == 0 && owner.mode & 0o111 != 0;
    (!is_executable && is_closed(&owner, wanted)).then(|| (access, path.to_owned(), owner))
}
