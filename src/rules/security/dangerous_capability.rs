//! `dangerous-capability`: capabilities that amount to the whole machine.

use crate::lang::capabilities::{CAPABILITIES, capability};
use crate::lint::{Check, Cx, ImpliedIntents, Sink};
use crate::policy::ProfileView;
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// What verify asks the kernel about.
pub const IMPLIED_INTENTS: ImpliedIntents = ImpliedIntents {
    is_for_containers: false,
    promises: || {
        let known = CAPABILITIES.iter();
        let dangerous = known.filter(|known| known.danger >= THRESHOLD);
        dangerous
            .map(|known| format!("deny capability {}", known.name))
            .collect()
    },
};

/// From this danger on a capability is reported.
const THRESHOLD: u8 = 10;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let denied: Vec<&str> = cx
        .facts(profile)
        .filter(|(_, fact)| fact.mode == Mode::Deny)
        .filter_map(|(_, fact)| match &fact.rule.body {
            Body::Capability(names) => Some((fact.file, names)),
            _ => None,
        })
        .flat_map(|(file, names)| names.iter().map(move |name| cx.slice(name.0.in_file(file))))
        .collect();
    for fact in profile
        .own_facts(cx.summaries)
        .filter(|fact| fact.mode == Mode::Allow)
    {
        let Body::Capability(names) = &fact.rule.body else {
            continue;
        };
        if names.is_empty() {
            let finding = sink
                .at(cx.span(fact), "every capability is granted")
                .note("the process can load kernel code, read all memory and change AppArmor's policy")
                .help("name the capabilities that the program needs");
            sink.report(finding);
        }
        for name in names {
            let text = cx.slice(name.0.in_file(fact.file));
            let Some(known) = capability(text).filter(|known| known.danger >= THRESHOLD) else {
                continue;
            };
            if denied.contains(&text) {
                continue;
            }
            let finding = sink
                .at(name.0.in_file(fact.file), format!("the capability `{text}` is granted"))
                .mark(format!("lets the process {}", known.grants))
                .help("remove it if the program can do without; most requests for it come from probing");
            sink.report(finding);
        }
    }
}
