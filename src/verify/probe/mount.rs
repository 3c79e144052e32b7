//! Probes of mounts, in a mount namespace of the thread's own.

use std::io;

use rustix::mount::{MountFlags, UnmountFlags, mount, mount_bind, unmount};
use rustix::process::pivot_root;
use rustix::thread::UnshareFlags;

use super::decoy_root::{DecoyRoot, unshare};
use super::operation::MountCall;
use super::task::{Performed, Ready};

/// Where something is mounted, and what is bound there.
const POINT: &str = "/aalint/here/";
const SOURCE: &str = "/aalint/there/";
const OLD_ROOT: &str = "/aalint/here/old/";
const DEVICE: &str = "aalint";
const TYPE: &str = "tmpfs";
/// The byte for MS_BIND, mount(2): the number of its bit, from 1.
const BIND: u8 = 13;

/// A request as the kernel makes it for each call.
pub(super) const REQUESTS: [MountCall; 4] = [
    MountCall::New,
    MountCall::Bind,
    MountCall::Umount,
    MountCall::PivotRoot,
];

/// The string by which the kernel asks for a call.
pub(super) fn text(call: MountCall) -> Vec<u8> {
    match call {
        MountCall::New => format!("{POINT}\0{DEVICE}\0{TYPE}\0").into_bytes(),
        MountCall::Bind => [format!("{POINT}\0{SOURCE}\0\0").as_bytes(), &[BIND]].concat(),
        MountCall::Umount => POINT.as_bytes().to_vec(),
        MountCall::PivotRoot => format!("{POINT}\0{OLD_ROOT}").into_bytes(),
    }
}

/// Places what is mounted.
pub(super) fn place(root: &DecoyRoot) -> io::Result<()> {
    root.directory(POINT.as_bytes(), true)?;
    root.directory(SOURCE.as_bytes(), true)
}

/// Makes ready for a call.
pub(super) fn ready(call: MountCall) -> io::Result<Ready<'static>> {
    unshare(UnshareFlags::NEWNS)?;
    let new = || mount(DEVICE, POINT, TYPE, MountFlags::empty(), None);
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
