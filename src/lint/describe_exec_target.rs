//! Under what an executed program will run, in words.

use super::Cx;
use crate::access::Exec;
use crate::lang::permissions::ExecKind;
use crate::policy::ProfileView;

/// Under what a program runs that a profile executes: continues "`PATH` can be executed …".
///
/// What attaches is looked up among the profiles that are checked; where none of them does, one that
/// is not checked still may.
#[must_use]
pub fn describe_exec_target(
    exec: &Exec,
    path: &[u8],
    profile: &ProfileView<'_>,
    cx: &Cx<'_>,
) -> String {
    if let Some(target) = &exec.target {
        return match target.strip_prefix('&') {
            Some(stacked) => format!("under this profile and `{stacked}`"),
            None => format!("under the profile `{target}`"),
        };
    }
    match exec.mode.kind {
        ExecKind::Inherit => return "under this profile".to_owned(),
        ExecKind::Unconfined => return "without confinement".to_owned(),
        _ => {}
    }
    let attached = attached(exec.mode.kind, path, profile, cx);
    match (attached.as_slice(), exec.mode.kind) {
        ([one], _) if *one == profile.full_name => "under this profile".to_owned(),
        ([one], _) => format!("under the profile `{one}`"),
        ([], ExecKind::ProfileOrInherit | ExecKind::ChildOrInherit) => {
            "under this profile unless another attaches to it".to_owned()
        }
        ([], ExecKind::ProfileOrUnconfined | ExecKind::ChildOrUnconfined) => {
            "without confinement unless a profile attaches to it".to_owned()
        }
        _ => "under another profile".to_owned(),
    }
}

/// The names of those that attach to the path: of profiles, or of children of this one.
fn attached<'c>(
    kind: ExecKind,
    path: &[u8],
    profile: &ProfileView<'_>,
    cx: &'c Cx<'_>,
) -> Vec<&'c str> {
    let is_child_wanted = matches!(
        kind,
        ExecKind::Child | ExecKind::ChildOrInherit | ExecKind::ChildOrUnconfined
    );
    let is_candidate = |name: &str, is_child: bool| {
        let below = name.strip_prefix(profile.full_name.as_str());
        let child = below.and_then(|below| below.strip_prefix("//"));
        match is_child_wanted {
            true => is_child && child.is_some_and(|child| !child.contains("//")),
            false => !is_child,
        }
    };
    let all = cx.decisions.attachments(cx.units).iter();
    let mut names: Vec<&str> = all
        .filter(|found| is_candidate(&found.name, found.is_child) && found.nfa.matches(path))
        .map(|found| found.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}
