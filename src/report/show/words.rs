//! Words for what a profile allows.

use super::super::plural;
use super::super::words::mode;
use crate::access::{Class, Exec, ProfileMode};
use crate::lang::permissions::ExecKind;
use crate::session::{
    AccessTopic, EngineComparison, EngineFactResult, FactStanding, Grant, ShownDenial, ShownProfile,
};

/// What a topic is called in a heading.
pub(super) const fn heading(topic: AccessTopic) -> &'static str {
    match topic {
        AccessTopic::Execute => "starts programs",
        AccessTopic::ChangeProfile => "changes its profile",
        AccessTopic::Write => "writes files",
        AccessTopic::Secret => "reads secrets",
        AccessTopic::Network => "network",
        AccessTopic::Unix => "unix sockets",
        AccessTopic::Capability => "capabilities",
        AccessTopic::Mount => "mounts",
        AccessTopic::Signal => "signals",
        AccessTopic::Ptrace => "ptrace",
        AccessTopic::Dbus => "D-Bus",
        AccessTopic::Mqueue => "message queues",
        AccessTopic::Userns => "user namespaces",
        AccessTopic::IoUring => "io_uring",
        AccessTopic::Read => "reads files",
    }
}

/// What a topic is called in a list of topics about which no rule allows anything.
const fn thing(topic: AccessTopic) -> &'static str {
    match topic {
        AccessTopic::Execute => "starting programs",
        AccessTopic::ChangeProfile => "changing the profile",
        AccessTopic::Write => "writing files",
        AccessTopic::Network => "network sockets",
        other => heading(other),
    }
}

/// The topics about which no rule allows anything, as a sentence.
pub(super) fn absent(profile: &ShownProfile) -> Option<String> {
    let things: Vec<&str> = profile.absent.iter().map(|topic| thing(*topic)).collect();
    (!things.is_empty()).then(|| format!("no rule allows: {}", things.join(", ")))
}

/// What programs run under that a rule lets start, as words that follow `under`.
fn under(exec: &Exec) -> String {
    let otherwise = match exec.mode.kind {
        ExecKind::ProfileOrInherit | ExecKind::ChildOrInherit => ", otherwise this profile",
        ExecKind::ProfileOrUnconfined | ExecKind::ChildOrUnconfined => ", otherwise no confinement",
        _ => "",
    };
    let which = match (&exec.target, exec.mode.kind) {
        (Some(target), _) => match target.strip_prefix('&') {
            Some(stacked) => format!("this profile and `{stacked}`"),
            None => format!("the profile `{target}`"),
        },
        (None, ExecKind::Inherit) => "this profile".to_owned(),
        (None, ExecKind::Unconfined) => "no confinement".to_owned(),
        (None, ExecKind::Child | ExecKind::ChildOrInherit | ExecKind::ChildOrUnconfined) => {
            "the child profile that attaches".to_owned()
        }
        (None, _) => "the profile that attaches".to_owned(),
    };
    format!("{which}{otherwise}")
}

/// What something that is allowed is about: the pattern, with permissions where the pattern does not name them.
pub(super) fn subject(topic: AccessTopic, grant: &Grant) -> (Option<&str>, String) {
    let permissions = match topic.class() {
        Class::File | Class::Capability => Some(grant.permissions.as_str()),
        _ => None,
    };
    let part = if grant.is_whole { "" } else { "a part of " };
    (
        permissions.filter(|text| !text.is_empty()),
        format!("{part}{}", grant.pattern),
    )
}

/// What there is to say about something that is allowed.
pub(super) fn remark(topic: AccessTopic, grant: &Grant) -> Option<String> {
    let mut all = Vec::new();
    if topic == AccessTopic::Execute {
        let under = grant.execs.iter().map(under).collect::<Vec<_>>();
        if !under.is_empty() {
            all.push(format!("under {}", under.join(" or ")));
        }
    }
    if topic.class() != Class::File && !grant.is_whole {
        all.push(format!("such as `{}`", grant.request));
    }
    all.extend(grant.risk.reason.clone());
    if let Some(missing) = grant.missing {
        all.push(format!("but {missing}"));
    }
    (!all.is_empty()).then(|| all.join("; "))
}

/// What a mode makes of the page, as sentences.
pub(super) fn notes(profile: &ShownProfile) -> Vec<String> {
    let name = &profile.name;
    let mut notes = Vec::new();
    if let Some(what) = mode(profile.mode) {
        notes.push(format!("`{name}` {what}"));
    }
    if profile.mode.as_reviewed() != profile.mode || profile.mode == ProfileMode::DefaultAllow {
        notes.push(
            "what is shown is what the rules say, as if nothing else were allowed".to_owned(),
        );
    }
    if profile.is_faulty {
        notes.push(
            "the file has errors that keep it from being loaded: `aalint check` shows them"
                .to_owned(),
        );
    }
    if !profile.unknown.is_empty() {
        notes.push(format!(
            "{} cannot be read: what is shown is about the rest, and it could allow or deny more",
            plural(profile.unknown.len(), "statement")
        ));
    }
    notes
}

/// How many rules deny, and how many of them override a rule that allows.
pub(super) fn denial_counts(denials: &[ShownDenial]) -> String {
    let overriding = denials.iter().filter(|denial| denial.overrides.is_some());
    let rules = plural(denials.len(), "rule");
    match overriding.count() {
        0 => rules,
        1 => format!("{rules}, 1 overrides a rule that allows"),
        more => format!("{rules}, {more} override rules that allow"),
    }
}

/// How a profile compares with a default profile, in lines.
pub(super) fn comparison(comparison: &EngineComparison) -> Vec<String> {
    let of = |standing: FactStanding| {
        let facts = comparison.facts.iter();
        facts.filter(move |fact| fact.standing == standing)
    };
    let example = |fact: &EngineFactResult| {
        let (_, promised) = fact.promise.split_once(' ').unwrap_or_default();
        let request = fact.example.as_deref().unwrap_or(promised);
        format!("`{request}` ({})", fact.about)
    };
    let mut lines = vec![format!(
        "decides as it does in {} of {}",
        of(FactStanding::Kept).count(),
        plural(comparison.facts.len(), "known respect")
    )];
    for fact in of(FactStanding::Weaker) {
        lines.push(format!("weaker: allows {}", example(fact)));
    }
    for fact in of(FactStanding::Stricter) {
        lines.push(format!("stricter: does not allow {}", example(fact)));
    }
    if !comparison.narrower.is_empty() {
        lines.push(format!(
            "stricter: does not allow all of: {}",
            comparison.narrower.join(", ")
        ));
    }
    let unknown = of(FactStanding::Unknown).count();
    if unknown > 0 {
        lines.push(format!("not known: {}", plural(unknown, "respect")));
    }
    lines
}
