//! Requests that a probe can make, for rules and promises that describe many.
//!
//! The shortest example of what a rule describes is often one that nobody can make: a mount of no
//! type, a signal to a label that is not there. So where a promise covers one of these, it is asked
//! about as well.

use super::operation::MountCall;
use super::{mount, socket};
use crate::access::Class;
use crate::lang::signal;

/// The label of who is not confined.
pub(super) const UNCONFINED: &str = "unconfined";

/// Strings of requests that can be made under a profile of that name.
#[must_use]
pub fn requests(class: Class, profile: &str) -> Vec<Vec<u8>> {
    let peers = [UNCONFINED, profile];
    match class {
        Class::Network => socket::kinds()
            .map(|(family, kind)| vec![family, kind, 0, 0, 0, 0, 0, 0, 0])
            .collect(),
        Class::Mount => mount::REQUESTS.into_iter().map(mount::text).collect(),
        Class::Signal => {
            let number = signal::number("term").unwrap_or_default();
            let with = |peer: &str| [&[number], peer.as_bytes()].concat();
            peers.into_iter().map(with).collect()
        }
        Class::Ptrace => peers.map(|peer| peer.as_bytes().to_vec()).into(),
        Class::ChangeProfile => vec![UNCONFINED.as_bytes().to_vec()],
        _ => Vec::new(),
    }
}

/// The call that makes a request of the mount family, if it is one of [`requests`].
pub(super) fn mount_call(text: &[u8]) -> Option<MountCall> {
    let of_text = |call: &MountCall| mount::text(*call) == text;
    mount::REQUESTS.into_iter().find(of_text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_are_found_again() {
        for call in mount::REQUESTS {
            assert_eq!(mount_call(&mount::text(call)), Some(call));
        }
        assert_eq!(mount_call(b"/mnt/"), None);
    }
}
