//! `sensitive-read`: files that give secrets away.

use std::sync::LazyLock;

use crate::access::{Opened, Targets, is_among_much};
use crate::diagnostic::Severity;
use crate::lang::files::SECRETS;
use crate::lang::permissions::READ;
use crate::lint::{Check, Cx, Pledge, Sink, closed, listed};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// What verify asks the kernel about.
pub const PLEDGE: Pledge = Pledge {
    is_for_containers: false,
    promises: || closed(SECRETS, "r"),
};

static TARGETS: LazyLock<Targets> =
    LazyLock::new(|| Targets::new(SECRETS.iter().map(|file| (file.pattern, file.example))));

const WANTED: u8 = READ;

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
    let reason = SECRETS.get(file.number).map_or("", |known| known.reason);
    let is_named = rule.is_named();
    let message = if is_named {
        format!("`{path}` can be read")
    } else {
        format!("a pattern reaches a secret: `{path}` can be read")
    };
    let mut finding = sink.at(cx.span(fact), message).mark(format!("it {reason}"));
    if rule.files.len() > 1 {
        finding = finding.note(format!("so can {}", listed(&rule.others(), MOST)));
    }
    finding = if is_named {
        // Who names the file knows what it is.
        finding
            .severity(Severity::Info)
            .note("who takes the program over has the secret, and can use it elsewhere")
            .help("remove the rule if the program can do without")
    } else {
        finding
            .note("who takes the program over has the secret, and can use it elsewhere")
            .help(format!(
                "name the files that the program needs, or add `deny {path} r,`"
            ))
    };
    sink.report(finding);
}
