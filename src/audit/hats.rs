//! Which hats a profile has, for changes to one that it has not.

use crate::policy::ProfileView;

/// A hat that a profile does not have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hats {
    /// The profile whose hats a task may change to.
    pub profile: String,
    /// The hat that was asked for.
    pub wanted: String,
    /// The hats that there are, in the order of the policy.
    pub known: Vec<String>,
}

/// The hats among which a task with a label may choose; `None` if the policy does not define its profile, if it has the
/// hat that is `wanted`, or if an include that cannot be read may have it.
pub(super) fn hats<'s>(
    profiles: impl Iterator<Item = &'s ProfileView<'s>>,
    label: &str,
    wanted: &str,
) -> Option<Hats> {
    let profiles: Vec<&ProfileView<'_>> = profiles.collect();
    let named = |name: &str| {
        let mut all = profiles.iter();
        all.find(|profile| profile.full_name == name).copied()
    };
    // In a hat, a task may change to another hat of the same profile.
    let own = named(label)?;
    let around = match own.full_name.rsplit_once("//") {
        Some((around, _)) if own.ast.form.is_hat() => named(around)?,
        _ => own,
    };
    if around.unknown.is_some() {
        return None;
    }
    let below = format!("{}//", around.full_name);
    let known = profiles.iter().filter(|profile| profile.ast.form.is_hat());
    let known = known.filter_map(|hat| hat.full_name.strip_prefix(&below));
    let known: Vec<String> = known
        .filter(|name| !name.contains("//"))
        .map(str::to_owned)
        .collect();
    let wanted = wanted.strip_prefix(&below).unwrap_or(wanted);
    (!known.iter().any(|name| name == wanted)).then(|| Hats {
        profile: around.full_name.clone(),
        wanted: wanted.to_owned(),
        known,
    })
}
