//! What holds for a whole comparison.

use super::model::ProfileDiff;
use crate::access::ProfileMode;

/// All notes.
pub(super) fn all(profiles: &[ProfileDiff]) -> Vec<String> {
    let undecided = |profile: &&ProfileDiff| profile.is_undecided;
    let partly = |profile: &&ProfileDiff| !profile.is_undecided && !profile.unknown.is_empty();
    let hidden = |profile: &&ProfileDiff| {
        let [_, new] = profile.modes;
        profile.is_different() && is_hidden(new) && profile.modes.iter().all(Option::is_some)
    };
    let revealed = |profile: &&ProfileDiff| {
        let [old, new] = profile.modes;
        is_hidden(old) && !is_hidden(new) && new.is_some()
    };
    let notes = [
        about(profiles, undecided).map(|of| {
            format!(
                "nothing is known of {}: something is missing or cannot be read in one version only, or \
                 goes beyond a limit of aalint (such as `{}`); what is shown is about the rest",
                of.0,
                example(of.1)
            )
        }),
        about(profiles, partly).map(|of| {
            format!(
                "what some statements mean is not known (such as `{}`), so for {} the answer is about \
                 the rest only; name the policy base directory with --base, or see what `aalint check` \
                 says",
                example(of.1),
                of.0
            )
        }),
        about(profiles, hidden).map(|of| {
            format!(
                "{} in {} mode, in which the kernel lets pass what no rule allows: the rules are compared \
                 as if they were enforced",
                is_or_are(&of.0),
                mode(of.1, 1)
            )
        }),
        about(profiles, revealed).map(|of| {
            format!(
                "{} no longer in {} mode: its rules come into force, and nothing that they grant was \
                 enforced before",
                is_or_are(&of.0),
                mode(of.1, 0)
            )
        }),
    ];
    notes.into_iter().flatten().collect()
}

/// Whether rules decide nothing in a mode but what they deny.
fn is_hidden(mode: Option<ProfileMode>) -> bool {
    mode.is_some_and(|mode| mode.as_reviewed() != mode)
}

/// How many profiles it is about, and the first of them.
fn about(
    profiles: &[ProfileDiff],
    is: impl Fn(&&ProfileDiff) -> bool,
) -> Option<(String, &ProfileDiff)> {
    let mut found = profiles.iter().filter(is);
    let first = found.next()?;
    let told = match found.count() {
        0 => format!("profile `{}`", first.name),
        more => format!("{} profiles (such as `{}`)", more + 1, first.name),
    };
    Some((told, first))
}

fn is_or_are(told: &str) -> String {
    match told.starts_with("profile") {
        true => format!("{told} is"),
        false => format!("{told} are"),
    }
}

fn example(profile: &ProfileDiff) -> &str {
    let first = profile.unknown.first();
    first.map_or("", |unknown| unknown.rule.text.as_str())
}

fn mode(profile: &ProfileDiff, side: usize) -> &'static str {
    let mode = profile.modes.get(side).copied().flatten();
    mode.unwrap_or_default().name()
}
