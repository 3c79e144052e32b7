//! Why a record came about, in words.

use super::super::one_line;
use crate::verify::audit::{Cause, Explanation, Kind, NotAsked, Record};

/// Why a record came about, as a sentence without period.
pub(super) fn sentence(record: &Record, explanation: &Explanation) -> String {
    match &explanation.cause {
        Cause::NotAsked(why) => not_asked(record, why),
        Cause::NoProfile => format!(
            "the policy defines no profile `{}`",
            one_line(&record.label)
        ),
        Cause::Learning(name) => format!(
            "the task runs under a profile that the kernel made up, because no rule of `{}` says what its exec leads to",
            one_line(name)
        ),
        Cause::Denied => "a rule denies it".to_owned(),
        Cause::Unmatched if record.kind == Kind::Allowed => {
            "no rule allows it; it passed because the profile is in complain mode".to_owned()
        }
        Cause::Unmatched => "no rule allows it".to_owned(),
        Cause::Audited => "a rule allows it and wants it recorded".to_owned(),
        Cause::AuditedByFlag => {
            "it is allowed, and no rule wants it recorded: the profile's flag `audit` does, or the kernel records everything"
                .to_owned()
        }
        Cause::Differs if record.kind.is_refused() => {
            "this policy allows it: the kernel has another version loaded".to_owned()
        }
        Cause::Differs => {
            "this policy decides otherwise: the kernel has another version loaded".to_owned()
        }
        Cause::Unknown => {
            "it depends on an include or a rule that cannot be read here".to_owned()
        }
    }
}

fn not_asked(record: &Record, why: &NotAsked) -> String {
    let name = record.text("name").unwrap_or_default();
    let name = one_line(&name);
    match why {
        NotAsked::Status => {
            let what = match record.operation.as_str() {
                "profile_load" => "was loaded",
                "profile_replace" => "was replaced",
                "profile_remove" => "was removed",
                other => return format!("AppArmor reports `{}`", one_line(other)),
            };
            format!("`{name}` {what}")
        }
        NotAsked::NoName => {
            "the kernel cannot name the file from where the task is, so no rule was asked; the flag `attach_disconnected` gives such files a name below `/`, and a deleted file has none"
                .to_owned()
        }
        NotAsked::NoNewPrivileges => {
            "the process may gain no privileges (no_new_privs), and the new profile is not a subset of its own"
                .to_owned()
        }
        NotAsked::NoTarget => {
            "the profile that should follow is not loaded".to_owned()
        }
        NotAsked::Traced => "a tracer that may not trace the new profile watches the process".to_owned(),
        NotAsked::Operation => {
            format!("no rule decides `{}`", one_line(&record.operation))
        }
        NotAsked::Incomplete => "the record does not say enough to ask the policy".to_owned(),
    }
}
