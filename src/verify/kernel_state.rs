//! What the kernel shows of a plan's profiles.

use std::io;

use super::{Kernel, LoadedProfile, Plan, Refusal};

/// What the kernel shows of the profiles.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct KernelState {
    /// In the order of the plan.
    pub(super) profiles: Vec<LoadedProfile>,
    /// The hash of their bytes, where it is shown.
    pub(super) sha256: Option<String>,
    /// Whether the bytes are those that were loaded; `None` where they are not shown.
    pub(super) is_same: Option<bool>,
}

/// Reads it.
pub(super) fn read_kernel_state(
    plan: &Plan,
    kernel: &Kernel,
    blob: &[u8],
) -> Result<KernelState, Refusal> {
    let system = |error| Refusal::System("the loaded profiles cannot be read", error);
    let loaded = kernel.loaded().map_err(system)?;
    let mut profiles = Vec::new();
    let (mut sha256, mut is_same) = (None, Some(true));
    for profile in &plan.profiles {
        let found = loaded.iter().find(|loaded| loaded.name == profile.name);
        let missing = || {
            let name = &profile.name;
            Refusal::Load(io::Error::other(format!(
                "it does not show the profile `{name}`"
            )))
        };
        profiles.push(found.cloned().ok_or_else(missing)?);
        if profile.is_child {
            continue;
        }
        match kernel.raw(&profile.name) {
            Ok(Some(raw)) => {
                is_same = is_same.map(|same| same && raw.bytes == blob);
                sha256 = raw.sha256;
            }
            Ok(None) => return Err(missing()),
            Err(_) => is_same = None,
        }
    }
    Ok(KernelState {
        profiles,
        sha256,
        is_same,
    })
}
