//! Probes of io_uring.

use rustix::io_uring::{IoringSetupFlags, io_uring_params, io_uring_setup};

use super::task::{Performed, Ready};

/// Makes ready for a ring that a thread of the kernel serves.
#[expect(unsafe_code, reason = "io_uring_setup(2) has no safe form")]
pub(super) fn ready() -> Ready<'static> {
    Box::new(|| {
        let mut parameters = io_uring_params::default();
        parameters.flags = IoringSetupFlags::SQPOLL;
        // SAFETY: the flag that needs another ring's descriptor is not set, and nothing is submitted.
        let made = unsafe { io_uring_setup(1, &mut parameters) };
        Performed::of("io_uring_setup", made)
    })
}
