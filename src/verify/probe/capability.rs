//! Probes of capabilities: a call that takes this one and nothing else.
//!
//! The objects are ones that AppArmor knows no path of, so that no file rule is asked as well, and what
//! is changed belongs to the thread, which ends. For a capability that has no such call, or none that is
//! harmless, capget(2) is the witness: it shows a task what its profile leaves to it (apparmor_capget).

use std::io;

use rustix::fd::OwnedFd;
use rustix::fs::{Gid, MemfdFlags, Mode, Uid, XattrFlags, fchmod, fchown, fsetxattr, memfd_create};
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, chroot, getrlimit, setrlimit};
use rustix::process::{getpriority_process, setpriority_process};
use rustix::system::sethostname;
use rustix::thread::{CapabilitySet, UnshareFlags, capabilities};
use rustix::thread::{remove_capability_from_bounding_set, set_thread_res_gid, set_thread_res_uid};
use rustix::time::{TimerfdClockId, TimerfdFlags, timerfd_create};

use super::decoy_root::unshare;
use super::task::{Performed, Ready};
use crate::lang::capabilities::CAPABILITIES;
use crate::verify::kernel::SOMEBODY_ELSE;

/// The attribute that setfcap is about: version 2, with nothing in it (linux/capability.h).
const FILE_CAPABILITIES: [u8; 20] = [0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
/// The highest priority that there is.
const HIGHEST: i32 = -20;

/// Makes ready for a call that takes the capability of that number.
pub(super) fn ready(number: u8) -> io::Result<Ready<'static>> {
    let name = CAPABILITIES.get(usize::from(number)).map(|one| one.name);
    let ready = match name.unwrap_or_default() {
        "chown" => {
            let file = memory(false)?;
            let somebody = Some(Uid::from_raw(SOMEBODY_ELSE));
            done("fchown", move || fchown(&file, somebody, None))
        }
        "fowner" => {
            let file = memory(true)?;
            done("fchmod", move || fchmod(&file, Mode::RWXU))
        }
        "setfcap" => {
            let file = memory(false)?;
            let flags = XattrFlags::empty();
            done("fsetxattr", move || {
                fsetxattr(&file, "security.capability", &FILE_CAPABILITIES, flags)
            })
        }
        "setuid" => {
            let uid = Uid::from_raw(SOMEBODY_ELSE);
            done("setresuid", move || set_thread_res_uid(uid, uid, uid))
        }
        "setgid" => {
            let gid = Gid::from_raw(SOMEBODY_ELSE);
            done("setresgid", move || set_thread_res_gid(gid, gid, gid))
        }
        "setpcap" => done("prctl", || {
            remove_capability_from_bounding_set(CapabilitySet::WAKE_ALARM)
        }),
        "sys_chroot" => {
            unshare(UnshareFlags::FS)?;
            done("chroot", || chroot("/"))
        }
        "sys_admin" => {
            unshare(UnshareFlags::NEWUTS)?;
            done("sethostname", || sethostname(b"aalint"))
        }
        "sys_nice" => match niceness()? {
            Some(nice) => done("setpriority", move || setpriority_process(None, nice - 1)),
            None => capget(number),
        },
        "sys_resource" => match lower_limit()? {
            Some(limit) => done("setrlimit", move || setrlimit(Resource::Core, limit)),
            None => capget(number),
        },
        "wake_alarm" => done("timerfd_create", || {
            timerfd_create(TimerfdClockId::RealtimeAlarm, TimerfdFlags::CLOEXEC)
        }),
        _ => capget(number),
    };
    Ok(ready)
}

fn done<T>(
    call: &'static str,
    make: impl FnOnce() -> rustix::io::Result<T> + 'static,
) -> Ready<'static> {
    Box::new(move || Performed::of(call, make()))
}

fn capget(number: u8) -> Ready<'static> {
    done("capget", move || {
        let kept = capabilities(None)?.permitted.bits();
        if kept >> number & 1 == 1 {
            Ok(())
        } else {
            Err(Errno::PERM)
        }
    })
}

/// A file in memory, which has no path.
fn memory(is_somebody_elses: bool) -> io::Result<OwnedFd> {
    let file = memfd_create("aalint", MemfdFlags::CLOEXEC)?;
    if is_somebody_elses {
        fchown(&file, Some(Uid::from_raw(SOMEBODY_ELSE)), None)?;
    }
    Ok(file)
}

/// The thread's niceness, if it takes the capability to lower it.
fn niceness() -> io::Result<Option<i32>> {
    let nice = getpriority_process(None)?;
    let is_free = getrlimit(Resource::Nice).current != Some(0);
    Ok((nice > HIGHEST && !is_free).then_some(nice))
}

/// Lowers a hard limit that nothing here depends on, and gives what it was.
fn lower_limit() -> io::Result<Option<Rlimit>> {
    let before = getrlimit(Resource::Core);
    let lower = before.maximum.unwrap_or(1 << 40).saturating_sub(1);
    if before.maximum == Some(lower) {
        return Ok(None);
    }
    let limit = |maximum| Rlimit {
        current: Some(0),
        maximum: Some(maximum),
    };
    setrlimit(Resource::Core, limit(lower))?;
    Ok(Some(limit(lower + 1)))
}
