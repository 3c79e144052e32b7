//! Why a record came about, in words.

use super::super::one_line;
use crate::audit::{Cause, Disconnected, Explanation, Hats, Kind, NotAsked, Record};
use crate::lang::known_profiles::known_profile;

/// Why a record came about, as a sentence without period.
pub(super) fn sentence(record: &Record, explanation: &Explanation) -> String {
    match &explanation.cause {
        Cause::NotAsked(why) => not_asked(record, why),
        Cause::NoProfile => format!(
            "the policy defines no profile `{}`",
            one_line(&record.label)
        ),
        Cause::Unconfined => "the program has no profile".to_owned(),
        Cause::NoHat(hats) => no_hat(hats),
        Cause::Disconnected(disconnected) => no_name(disconnected),
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

/// What is known beyond the policy, in sentences without period.
#[derive(Default)]
pub(super) struct Known {
    /// Where a profile comes from, and why the kernel refuses.
    pub(super) notes: Vec<String>,
    /// What to do.
    pub(super) help: Vec<String>,
}

/// What is known of a record beyond the policy.
pub(super) fn known(record: &Record) -> Known {
    let mut all = Known::default();
    if let Some(known) = known_profile(&record.label) {
        let outer = record.label.split("//").next().unwrap_or(&record.label);
        all.notes
            .push(format!("`{}` {}", one_line(outer), known.origin));
        all.help.push(known.advice.to_owned());
    }
    if record.operation == "userns_create" && record.label == "unconfined" {
        user_namespaces(record, &mut all);
    }
    if record.operation == "change_hat" && record.label == "unconfined" {
        all.notes.push(
            "only a program that runs under a profile can change to one of its hats".to_owned(),
        );
        let program = program(record);
        all.help.push(format!(
            "load a profile that attaches to {program}, then start it again"
        ));
    }
    all
}

/// Why a program without a profile makes a record about user namespaces (apparmor_userns_create in security/apparmor/lsm.c,
/// and Ubuntu's changes of it).
fn user_namespaces(record: &Record, all: &mut Known) {
    let program = program(record);
    let what = match record.kind.is_refused() {
        true => "refuses user namespaces to programs without a profile",
        false => "restricts the user namespaces of programs without a profile",
    };
    all.notes.push(format!(
        "`kernel.apparmor_restrict_unprivileged_userns`, which Ubuntu sets, {what}"
    ));
    all.help.push(format!(
        "write a profile for {program} that allows `userns,`"
    ));
}

/// The program that made a record, by its name.
fn program(record: &Record) -> String {
    let command = record.command().map(|command| one_line(&command));
    command.map_or_else(|| "the program".to_owned(), |name| format!("`{name}`"))
}

fn no_hat(hats: &Hats) -> String {
    let (profile, wanted) = (one_line(&hats.profile), one_line(&hats.wanted));
    let known: Vec<String> = hats
        .known
        .iter()
        .map(|name| format!("`{}`", one_line(name)))
        .collect();
    let known = match known.as_slice() {
        [] => "it has none".to_owned(),
        [only] => format!("its only hat is {only}"),
        all => format!("its hats are {}", all.join(", ")),
    };
    format!("`{profile}` has no hat `{wanted}`; {known}")
}

fn no_name(disconnected: &Disconnected) -> String {
    let path = one_line(&disconnected.path);
    if disconnected.has_flag {
        return format!(
            "the kernel cannot name the file, and in this policy the profile has the flag that names it `{path}`: \
             the kernel has another version loaded"
        );
    }
    let then = match disconnected.then.as_ref().map(|then| &then.cause) {
        Some(Cause::Denied) => ", which a rule denies",
        Some(Cause::Unmatched) => ", which no rule allows",
        Some(Cause::Differs) => ", which the policy allows",
        _ => "",
    };
    format!(
        "the kernel cannot name the file from where the task is, so no rule was asked; with the flag \
         `attach_disconnected` it is `{path}`{then}"
    )
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
        NotAsked::NoName | NotAsked::Disconnected => {
            "the kernel cannot name the file, so no rule was asked".to_owned()
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
