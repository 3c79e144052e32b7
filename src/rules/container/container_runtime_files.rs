//! `container-runtime-files`: files that every container has, and programs need.

use crate::access::{Class, Effective, EntryRef, bits, perms};
use crate::diagnostic::{Claim, Severity};
use crate::lang::network;
use crate::lang::permissions::{FilePerms, READ};
use crate::lang::places::{RUNTIME_FILES, RuntimeFile};
use crate::lint::{Check, Cx, ImpliedIntents, Sink, listed};
use crate::policy::ProfileView;
use crate::syntax::ast::Mode;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// What verify asks the kernel about.
pub const IMPLIED_INTENTS: ImpliedIntents = ImpliedIntents {
    is_for_containers: true,
    promises: || {
        let promise = |file: &RuntimeFile| {
            let access = FilePerms {
                bits: file.bits,
                exec_mode: None,
            };
            format!("allow {} {access}", file.path)
        };
        RUNTIME_FILES.iter().map(promise).collect()
    },
};

/// How many files a finding names.
const MAX_NAMED: usize = 4;

/// Without these two no name is resolved.
const NAMES: [&str; 2] = ["/etc/resolv.conf", "/etc/hosts"];

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    if !cx.is_for_container(profile) {
        return;
    }
    let effective = cx.effective(profile);
    denied(profile, &effective, cx, sink);
    if omits_names(&effective) && !effective.may_allow_more(Class::File, profile, cx.summaries) {
        let requests = NAMES.map(|path| format!("{path} r"));
        let claims = requests
            .iter()
            .filter_map(|request| cx.claim(profile, request));
        let finding = sink
            .at(
                profile.name_span(),
                format!(
                    "`{}` allows network sockets, and no rule allows reading `/etc/resolv.conf` or `/etc/hosts`",
                    profile.full_name
                ),
            )
            .claims(claims)
            .severity(Severity::Info)
            .note("the program cannot look up host names, not even those of other containers")
            .help("add `/etc/{hosts,resolv.conf,nsswitch.conf} r,` if the program looks up names");
        sink.report(finding);
    }
}

fn denied(profile: &ProfileView<'_>, effective: &Effective, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut last = None;
    for entry in effective.own_entries(profile, Class::File) {
        if entry.entry.effect != Mode::Deny || last == Some(entry.rule()) {
            continue;
        }
        let taken: Vec<&RuntimeFile> = RUNTIME_FILES
            .iter()
            .filter(|file| takes(entry, file, effective))
            .collect();
        let origin = entry.origin(profile, cx.summaries);
        let (Some(first), Some((_, fact))) = (taken.first(), origin) else {
            continue;
        };
        last = Some(entry.rule());
        let asked = taken.iter().map(|file| {
            let access = FilePerms {
                bits: file.bits,
                exec_mode: None,
            };
            format!("{} {access}", file.path)
        });
        let claims: Vec<Claim> = asked
            .filter_map(|request| cx.claim(profile, &request))
            .collect();
        let mut finding = sink
            .at(
                cx.span(fact),
                format!("this rule denies `{}`: {}", first.path, first.why),
            )
            .claims(claims);
        let rest = taken.iter().skip(1);
        let rest: Vec<String> = rest.map(|file| file.path.to_owned()).collect();
        if !rest.is_empty() {
            finding = finding.note(format!("it also denies {}", listed(&rest, MAX_NAMED)));
        }
        let finding = finding
            .note("a deny rule overrides every allow rule, those of abstractions as well, and is not logged")
            .help(first.instead);
        sink.report(finding);
    }
}

/// Whether the entry is why something that programs need of the file is denied to everybody.
fn takes(entry: EntryRef<'_>, file: &RuntimeFile, effective: &Effective) -> bool {
    let mask = bits::both(file.bits);
    if entry.entry.mask & mask == 0 || !entry.entry.nfa.matches(file.path.as_bytes()) {
        return false;
    }
    let verdict = effective.decide(Class::File, file.path.as_bytes());
    let taken = verdict.deny & entry.entry.mask & mask;
    let both = taken & taken >> bits::OTHER & bits::HALF;
    both != 0
}

/// Whether the profile grants sockets of the internet, and no rule is about the files that say how
/// names are resolved.
fn omits_names(effective: &Effective) -> bool {
    let is_open = NAMES.iter().any(|path| {
        let verdict = effective.decide(Class::File, path.as_bytes());
        (verdict.allow | verdict.deny) & bits::both(READ) != 0
    });
    if is_open {
        return false;
    }
    let kinds = ["inet", "inet6"].map(network::family_number);
    let stream = network::type_number("stream").unwrap_or(1);
    kinds.into_iter().flatten().any(|family| {
        // Family, type, protocol, and no addresses.
        let socket = [family, stream, 6, 0, 0, 0, 0, 0, 0];
        let verdict = effective.decide(Class::Network, &socket);
        verdict.allow & perms::socket::CREATE != 0
    })
}
