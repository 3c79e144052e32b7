//! What the kernel shows of profiles that were loaded.

use std::io;

use super::securityfs::{Kernel, LoadedProfile};
use crate::verify::Refusal;

/// A profile that should be loaded.
#[derive(Copy, Clone, Debug)]
pub(in crate::verify) struct WantedProfile<'p> {
    /// Its full name.
    pub(in crate::verify) name: &'p str,
    /// Whether it is a child or hat: the kernel shows no bytes of its own for it.
    pub(in crate::verify) is_child: bool,
}

/// What the kernel shows of the profiles.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::verify) struct KernelState {
    /// In the order in which they were expected.
    pub(in crate::verify) profiles: Vec<LoadedProfile>,
    /// The hash of their bytes, where it is shown.
    pub(in crate::verify) sha256: Option<String>,
    /// Whether the bytes are those that were loaded; `None` where they are not shown.
    pub(in crate::verify) is_same: Option<bool>,
}

impl Kernel {
    /// Reads the state of profiles that were loaded from `blob`.
    pub(in crate::verify) fn state(
        &self,
        expected: &[WantedProfile<'_>],
        blob: &[u8],
    ) -> Result<KernelState, Refusal> {
        let system = |error| Refusal::System("the loaded profiles cannot be read", error);
        let loaded = self.loaded().map_err(system)?;
        let mut profiles = Vec::new();
        let (mut sha256, mut is_same) = (None, Some(true));
        for profile in expected {
            let found = loaded.iter().find(|loaded| loaded.name == profile.name);
            let missing = || {
                let name = profile.name;
                Refusal::Load(io::Error::other(format!(
                    "it does not show the profile `{name}`"
                )))
            };
            profiles.push(found.cloned().ok_or_else(missing)?);
            if profile.is_child {
                continue;
            }
            match self.raw(profile.name) {
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
}
