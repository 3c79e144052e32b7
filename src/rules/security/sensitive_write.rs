//! `sensitive-write`: files that decide what others run or may do.

use std::sync::LazyLock;

use crate::access::{Opened, Targets, is_among_much};
use crate::diagnostic::Severity;
use crate::lang::files::SWITCHES;
use crate::lang::permissions::{APPEND, WRITE};
use crate::lint::{Check, Cx, Pledge, Sink, closed, listed};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// What verify asks the kernel about.
pub const PLEDGE: Pledge = Pledge {
    is_for_containers: false,
    promises: || closed(SWITCHES, "w"),
};

static TARGETS: LazyLock<Targets> =
    LazyLock::new(|| Targets::new(SWITCHES.iter().map(|file| (file.pattern, file.example))));

const WANTED: u8 = WRITE | APPEND;

/// How many other files a finding names.
const MOST: usize = 3;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let effective = cx.effective(profile);
    let opened = effective.opened(profile, cx.digests, &TARGETS, WANTED, |entry, path| {
        !is_among_much(entry, path)
    });
    for rule in &opened {
        report(rule, profile, cx, sink);
    }
}

fn report(rule: &Opened<'_>, profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(((_, fact), file)) = rule.first(profile, cx.digests) else {
        return;
    };
    let path = file.text();
    // `container-proc-sys` tells that of containers, except what Docker's default profile allows.
    let is_of_kernel = path.starts_with("/proc/")
        || path.starts_with("/sys/") && !path.starts_with("/sys/fs/cgroup/");
    if is_of_kernel && cx.container(profile).is_some() {
        return;
    }
    let reason = SWITCHES.get(file.number).map_or("", |known| known.reason);
    let is_named = rule.is_named();
    let message = if is_named {
        format!("`{path}` can be written")
    } else {
        format!("a pattern reaches too far: `{path}` can be written")
    };
    let mut finding = sink.at(cx.span(fact), message).mark(format!("it {reason}"));
    if rule.files.len() > 1 {
        finding = finding.note(format!("so can {}", listed(&rule.others(), MOST)));
    }
    finding =
        finding.note("who takes the program over acts through that file outside of this profile");
    finding = if is_named {
        // Who names the file knows what it is.
        finding
            .severity(Severity::Info)
            .help("remove the rule if the program can do without")
    } else {
        finding.help(format!(
            "name the files that the program needs, or add `deny {path} w,`"
        ))
    };
    sink.report(finding);
}
