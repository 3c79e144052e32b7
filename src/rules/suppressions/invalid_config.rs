//! `invalid-config`: faults of `aalint.toml`, and of compose files and manifests.

use crate::config::ConfigFaultKind;
use crate::containers::{MAX_NESTING, ManifestFault};
use crate::diagnostic::Severity;
use crate::lint::{Check, Cx, Sink};
use crate::source::{Span, TextRange};

/// What the registry runs.
pub const CHECK: Check = Check::Policy(check);

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (file, fault) in cx.config_faults {
        let (message, help) = words(&fault.kind);
        let finding = sink.at(fault.range.in_file(*file), message).help(help);
        sink.report(finding);
    }
    let config = cx.others.first().copied();
    if let Some(config) = config {
        for (range, unknown) in cx.unknown_selectors {
            let help = unknown.suggestion.map_or_else(
                || "`aalint rules` lists rules, codes and groups".to_owned(),
                |name| format!("did you mean `{name}`?"),
            );
            let finding = sink
                .at(
                    range.in_file(config),
                    format!("`{}` names no rule", unknown.text),
                )
                .help(help);
            sink.report(finding);
        }
    }
    for (file, fault) in cx.manifest_faults {
        let (range, message) = match fault {
            ManifestFault::Yaml(range, why) => (*range, format!("the file cannot be read: {why}")),
            ManifestFault::TooLarge => (
                TextRange::at(0),
                "the aliases of the file multiply beyond what is followed".to_owned(),
            ),
            ManifestFault::TooDeep => (
                TextRange::at(0),
                format!("the collections of the file are nested deeper than {MAX_NESTING}"),
            ),
        };
        let finding = sink
            .at(Span { file: *file, range }, message)
            .severity(Severity::Warning)
            .help("profile names in it are not compared with the profiles");
        sink.report(finding);
    }
}

fn words(fault: &ConfigFaultKind) -> (String, String) {
    match fault {
        ConfigFaultKind::Toml(why) => (
            format!("the configuration is no TOML: {why}"),
            "nothing of the file is used".to_owned(),
        ),
        ConfigFaultKind::UnknownKey(key, suggestion) => {
            let help = suggestion.map_or_else(
                || "docs/configuration.md lists the keys".to_owned(),
                |key| format!("did you mean `{key}`?"),
            );
            (format!("the key `{key}` is not known"), help)
        }
        ConfigFaultKind::OldAndNew(old, new) => (
            format!("`{old}` is the old name of `{new}`, and both are given"),
            format!("keep `{new}`"),
        ),
        ConfigFaultKind::Type(what) => (
            "the value has the wrong type".to_owned(),
            format!("{what} belongs here"),
        ),
        ConfigFaultKind::NoneOf(values) => (
            "the value is not known".to_owned(),
            format!("write one of {}", values.join(", ")),
        ),
        ConfigFaultKind::NoSuchTarget(names) => (
            "the target is not known".to_owned(),
            format!(
                "write one of {}, or the path of a directory with kernel features",
                names.join(", ")
            ),
        ),
        ConfigFaultKind::Pattern(why) => (
            format!("the pattern cannot be read: {why}"),
            "write a glob such as `profiles/**`".to_owned(),
        ),
        ConfigFaultKind::NoSuchIntent(name, suggestion) => {
            let help = suggestion.as_ref().map_or_else(
                || {
                    "docs/intents.md lists those that come with aalint; a file of intents is named by \
                     its path, which ends in `.intents`"
                        .to_owned()
                },
                |name| format!("did you mean `{name}`?"),
            );
            (format!("there is no intent `{name}`"), help)
        }
        ConfigFaultKind::NoSuchProfile(name, suggestion) => {
            let help = suggestion.as_ref().map_or_else(
                || "name the profile as its header does, or take the table away".to_owned(),
                |name| format!("did you mean `{name}`?"),
            );
            (
                format!("no profile is called `{name}`, so what is said here holds for none"),
                help,
            )
        }
        ConfigFaultKind::NoProfile => (
            "no profile is there that could keep these intents".to_owned(),
            "check the directory that holds the profiles".to_owned(),
        ),
        ConfigFaultKind::Both(first, second) => (
            format!("both `{first}` and `{second}` are given"),
            "keep one of them".to_owned(),
        ),
        ConfigFaultKind::Missing(key) => {
            (format!("the key `{key}` is missing"), "add it".to_owned())
        }
    }
}
