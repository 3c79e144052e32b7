//! Probes in words.

use super::words::request;
use crate::access::bits;
use crate::lang::permissions::FilePerms;
use crate::verify::Question;
use crate::verify::probe::{
    Destination, FileCall, Probe, ProbeOperation, ProbeOutcome, ProbeResult, Unprobed,
};

/// Why a probe that passed should not have.
pub(super) fn passed(question: &Question, probe: &Probe) -> String {
    format!(
        "`{}` passes under the profile: {}",
        request(question, probe.bit),
        done(probe)
    )
}

/// Why a probe that was refused should not have been.
pub(super) fn stopped(question: &Question, probe: &Probe) -> String {
    let hint = match (
        &probe.operation,
        probe.confined.as_ref().map(|one| &one.outcome),
    ) {
        (
            ProbeOperation::File {
                call: FileCall::Exec,
                ..
            },
            Some(ProbeOutcome::Failed(EACCES)),
        ) => "; the profile that it leads to may not be loaded",
        (_, Some(ProbeOutcome::Failed(EPERM))) => "; it also needs a capability",
        _ => "",
    };
    format!(
        "`{}` is refused under the profile, and not without it: {}{hint}",
        request(question, probe.bit),
        side(probe.last())
    )
}

/// What a rule that is proved does not allow by itself.
pub(super) fn without_capability(question: &Question, probe: &Probe) -> String {
    let needed = match probe.needed_capability() {
        Some(name) => format!("the capability `{name}`"),
        None => "a capability".to_owned(),
    };
    format!(
        "`{}` also needs {needed}, which the profile does not allow: {}",
        request(question, probe.bit),
        side(probe.last())
    )
}

/// Why a program should have been started under another label.
pub(super) fn elsewhere(question: &Question, probe: &Probe) -> String {
    let started = probe
        .confined
        .as_ref()
        .and_then(|one| one.started.as_deref());
    let wanted = match &probe.leads_to {
        Some(Destination::Profile(name)) => format!("`{name}`"),
        Some(Destination::Some(start)) if start.is_empty() => "a profile".to_owned(),
        Some(Destination::Some(start)) => format!("a child of `{}`", start.trim_end_matches('/')),
        Some(Destination::Unconfined) | None => "`unconfined`".to_owned(),
    };
    format!(
        "`{}` starts the program under `{}` instead of {wanted}",
        request(question, probe.bit),
        started.unwrap_or("nothing"),
    )
}

/// Why a probe shows nothing.
pub(super) fn blind(question: &Question, probe: &Probe) -> String {
    let shown = request(question, probe.bit);
    if probe.confined.is_some() {
        return format!("no probe shows `{shown}`: {}", side(probe.last()));
    }
    format!(
        "no probe shows `{shown}`: not confined either, {}",
        side(&probe.control)
    )
}

/// Why permissions are not probed.
pub(super) fn unprobed(question: &Question, why: Unprobed) -> String {
    match why {
        Unprobed::Name => "no file can have this name".to_owned(),
        Unprobed::Directory => "it means nothing for a directory".to_owned(),
        Unprobed::Without(bits) => {
            let other = permission(question, bits);
            format!("it is of no use without `{other}`, which the profile refuses")
        }
        Unprobed::LinkAlone => "whether a link can be made depends on more than this".to_owned(),
        Unprobed::Socket => {
            "no such socket can be made here, or nothing be done with it".to_owned()
        }
        Unprobed::Peer => "it takes another process with a label that none can have".to_owned(),
        Unprobed::Class(class) => format!("no probe makes such `{}` requests", class.name()),
    }
}

/// What was done, as the outcome of a probe that passed.
fn done(probe: &Probe) -> String {
    let Some(confined) = &probe.confined else {
        return "it was not tried".to_owned();
    };
    match &confined.started {
        Some(label) => format!("{} succeeds, under the label `{label}`", confined.call),
        None => format!("{} succeeds", confined.call),
    }
}

/// How a side ended.
pub(super) fn side(trial: &ProbeResult) -> String {
    let call = match trial.call.as_str() {
        "" => "the call",
        call => call,
    };
    match &trial.outcome {
        ProbeOutcome::Passed => format!("{call} succeeds"),
        ProbeOutcome::Failed(number) => format!("{call} fails with {}", errno(*number)),
        ProbeOutcome::Killed => "the task is killed".to_owned(),
        ProbeOutcome::TimedOut => "the task hangs".to_owned(),
        ProbeOutcome::Astray(why) => format!("the task is not where it should be: {why}"),
        ProbeOutcome::Unplaced(number) => {
            format!("what it takes cannot be made ready: {}", errno(*number))
        }
    }
}

/// The word for how a side ended.
pub(super) const fn outcome(outcome: &ProbeOutcome) -> &'static str {
    match outcome {
        ProbeOutcome::Passed => "passed",
        ProbeOutcome::Failed(_) => "failed",
        ProbeOutcome::Killed => "killed",
        ProbeOutcome::TimedOut => "timed out",
        ProbeOutcome::Astray(_) => "astray",
        ProbeOutcome::Unplaced(_) => "unplaced",
    }
}

const EPERM: i32 = 1;
const EACCES: i32 = 13;

/// Numbers of errors that probes meet, errno(3), as on all machines that aalint probes on.
const ERRORS: &[(i32, &str)] = &[
    (EPERM, "EPERM"),
    (2, "ENOENT"),
    (3, "ESRCH"),
    (9, "EBADF"),
    (11, "EAGAIN"),
    (12, "ENOMEM"),
    (EACCES, "EACCES"),
    (16, "EBUSY"),
    (17, "EEXIST"),
    (18, "EXDEV"),
    (19, "ENODEV"),
    (20, "ENOTDIR"),
    (21, "EISDIR"),
    (22, "EINVAL"),
    (26, "ETXTBSY"),
    (28, "ENOSPC"),
    (30, "EROFS"),
    (36, "ENAMETOOLONG"),
    (38, "ENOSYS"),
    (39, "ENOTEMPTY"),
    (40, "ELOOP"),
    (92, "ENOPROTOOPT"),
    (93, "EPROTONOSUPPORT"),
    (94, "ESOCKTNOSUPPORT"),
    (95, "EOPNOTSUPP"),
    (97, "EAFNOSUPPORT"),
    (98, "EADDRINUSE"),
    (99, "EADDRNOTAVAIL"),
    (100, "ENETDOWN"),
    (101, "ENETUNREACH"),
    (111, "ECONNREFUSED"),
];

/// The name of an error.
pub(super) fn errno(number: i32) -> String {
    let known = ERRORS.iter().find(|(known, _)| *known == number);
    known.map_or_else(|| format!("error {number}"), |(_, name)| (*name).to_owned())
}

/// The permissions of a probe, in the letters or words of rules.
pub(super) fn permission(question: &Question, bit: u32) -> String {
    let bit = if question.class == crate::access::Class::File {
        let low = (bit | bit >> bits::OTHER) & bits::HALF;
        return FilePerms {
            bits: u8::try_from(low).unwrap_or(0),
            exec_mode: None,
        }
        .to_string();
    } else {
        bit
    };
    let words = question.class.words().iter();
    let found = words
        .filter(|(_, known)| *known == bit)
        .map(|(word, _)| *word);
    found.take(1).collect()
}
