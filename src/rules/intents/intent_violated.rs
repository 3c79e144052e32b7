//! `intent-violated`: profiles that do not keep what somebody promised of them.

use crate::access::Ruling;
use crate::diagnostic::Severity;
use crate::lint::{Broken, Check, Counterexample, Cx, Promise, Sink, broken, promises};
use crate::policy::ProfileView;
use crate::source::Span;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for promise in promises(profile, cx.store, cx.intents, cx.config) {
        judge(&promise, profile, cx, sink);
    }
}

fn judge(promise: &Promise<'_>, profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let name = &profile.full_name;
    let text = cx.slice(promise.span()).trim_end_matches(',');
    let (message, help) = match broken(promise, profile, cx) {
        None => return,
        Some(Broken::Example(example)) => return violated(promise, &example, profile, cx, sink),
        Some(Broken::Undecidable) => (
            format!("whether `{name}` keeps `{text}` cannot be decided"),
            "write values for variables that the profile does not define, and promise neither `all` nor resource limits",
        ),
        Some(Broken::Addresses(rule)) => {
            let message = format!(
                "whether `{name}` keeps `{text}` depends on the kernel: most ignore the addresses of `network` rules"
            );
            let finding = sink
                .at(promised_at(promise, profile), message)
                .severity(Severity::Warning)
                .label(
                    rule,
                    "such a kernel applies this rule to all of `inet` and `inet6`",
                )
                .help("write the rule without addresses, and restrict addresses with a firewall");
            sink.report(if promise.intent.is_some() {
                finding.label(promise.span(), "promised here")
            } else {
                finding
            });
            return;
        }
        Some(Broken::Beyond(rule, limit)) => {
            let (label, help) = match limit {
                Some(limit) => (limit.words(), "write the profile within this limit"),
                None => (
                    "aalint does not follow all values of this rule".to_owned(),
                    "use fewer values, or write several as one: `{a,b,c}` instead of `a b c`",
                ),
            };
            let finding = sink
                .at(
                    promised_at(promise, profile),
                    format!("whether `{name}` keeps `{text}` cannot be decided"),
                )
                .severity(Severity::Warning)
                .label(rule, label)
                .help(help);
            sink.report(if promise.intent.is_some() {
                finding.label(promise.span(), "promised here")
            } else {
                finding
            });
            return;
        }
        Some(Broken::TooComplex) => (
            format!("whether `{name}` keeps `{text}` is too complex to decide"),
            "promise less at once: fewer wildcards in one rule",
        ),
    };
    let finding = sink
        .at(promised_at(promise, profile), message)
        .severity(Severity::Warning)
        .help(help);
    sink.report(if promise.intent.is_some() {
        finding.label(promise.span(), "promised here")
    } else {
        finding
    });
}

/// An assertion stands in the profile; what an intent promises shows at the profile's name.
fn promised_at(promise: &Promise<'_>, profile: &ProfileView<'_>) -> Span {
    match promise.intent {
        None => promise.span(),
        Some(_) => profile.name_span(),
    }
}

fn violated(
    promise: &Promise<'_>,
    example: &Counterexample,
    profile: &ProfileView<'_>,
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let name = &profile.full_name;
    let request = &example.request;
    let is_deny = promise.rule.qualifiers.is_deny();
    let does = match example.ruling {
        Ruling::Allowed => "allows",
        Ruling::Denied => "denies",
        Ruling::Unmatched => "does not allow",
        Ruling::Asked => "prompts for",
    };
    let says = if is_deny { "denies" } else { "allows" };
    let whose = promise.intent.map_or_else(
        || format!("the assertion here {says}"),
        |intent| format!("the intent `{intent}` {says}"),
    );
    let mut finding = sink.at(
        promised_at(promise, profile),
        format!("`{name}` {does} `{request}`, which {whose}"),
    );
    if promise.intent.is_some() {
        finding = finding.label(promise.span(), "promised here");
    }
    finding = match &example.rule {
        Some((rule, via)) if !example.by_mode => {
            let decides = match example.ruling {
                Ruling::Allowed => "allows it",
                Ruling::Asked => "leaves it to prompts",
                _ => "denies it",
            };
            let finding = finding.label(*rule, decides);
            match via.first() {
                Some(include) => finding.label(*include, "which is included here"),
                None => finding,
            }
        }
        _ if promise.intent.is_some() => finding,
        _ => {
            let header = profile.ast.header.in_file(profile.file);
            let why = if example.by_mode {
                "its flags allow what no rule matches"
            } else {
                "no rule in this profile matches it"
            };
            finding.label(header, why)
        }
    };
    let text = cx.slice(promise.span()).trim_end_matches(',');
    sink.report(finding.help(help(is_deny, example, text)));
}

/// A promise is a rule that would make it true.
fn help(is_deny: bool, example: &Counterexample, promise: &str) -> String {
    match (is_deny, example.ruling) {
        (true, _) if example.by_mode => {
            format!("remove the flag, or add `{promise},` as a rule")
        }
        (true, _) => format!("narrow the rule, or add `{promise},` as one: deny always wins"),
        (false, Ruling::Denied) => "narrow the rule that denies it, or promise less".to_owned(),
        (false, _) => format!("add `{promise},` as a rule, or promise less"),
    }
}
