//! Probes of mounts, in a mount namespace of the thread's own.

use std::io;

use rustix::mount::{MountFlags, UnmountFlags, mount, mount_bind, unmount};
use rustix::process::pivot_root;
use rustix::thread::UnshareFlags;

use super::decoy_root::{DecoyRoot, unshare};
use super::task::{Performed, Ready};
use crate::verify::plan::MountCall;

const POINT: &str = MountCall::POINT;
const SOURCE: &str = MountCall::SOURCE;
const OLD_ROOT: &str = MountCall::OLD_ROOT;

/// Places what is mounted.
pub(super) fn place(root: &DecoyRoot) -> io::Result<()> {
    root.directory(POINT.as_bytes(), true)?;
    root.directory(SOURCE.as_bytes(), true)
}

/// Makes ready for a call.
pub(super) fn ready(call: MountCall) -> io::Result<Ready<'static>> {
    unshare(UnshareFlags::NEWNS)?;
    let new = || {
        mount(
            MountCall::DEVICE,
            POINT,
            MountCall::TYPE,
            MountFlags::empty(),
            None,
        )
    };
    Ok(match call {
        MountCall::New => Box::new(move || Performed::of("mount", new())),
        MountCall::Bind => Box::new(|| Performed::of("mount", mount_bind(SOURCE, POINT))),
        MountCall::Umount => {
            new()?;
            Box::new(|| Performed::of("umount2", unmount(POINT, UnmountFlags::empty())))
        }
        MountCall::PivotRoot => {
            new()?;
            rustix::fs::mkdir(OLD_ROOT, rustix::fs::Mode::RWXU)?;
            Box::new(|| Performed::of("pivot_root", pivot_root(POINT, OLD_ROOT)))
        }
    })
}
