//! `invalid-config`: faults of `aalint.toml`, and of compose files and manifests.

use crate::config::ConfigFaultKind;
use crate::containers::{MAX_NESTING, ManifestFault};
use crate::diagnostic::Severity;
use crate::lint::{Check, Cx, Sink, listed};
use crate::source::{Span, TextRange};

/// How many names of intents are listed.
const KNOWN: usize = 12;

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
                "the aliases of the file multiply to more than aalint follows".to_owned(),
            ),
            ManifestFault::TooDeep => (
                TextRange::at(0),
                format!("the collections of the file are nested deeper than {MAX_NESTING}"),
            ),
        };
        let finding = sink
            .at(Span { file: *file, range }, message)
            .severity(Severity::Warning)
            .help("correct the file: until then aalint does not compare its profile names with the profiles");
        sink.report(finding);
    }
}

fn words(fault: &ConfigFaultKind) -> (String, String) {
    match fault {
        ConfigFaultKind::Toml(why) => (
            format!("the configuration is not valid TOML: {why}"),
            "correct the line: until then aalint checks no policy".to_owned(),
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
            format!("write {what} here"),
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
            format!("the pattern is invalid: {why}"),
            "write a glob such as `profiles/**`".to_owned(),
        ),
        ConfigFaultKind::NoSuchIntent(name, suggestion, known) => {
            let help = suggestion.as_ref().map_or_else(
                || {
                    let known = listed(known, KNOWN);
                    format!("write one of {known}, or the path of a file that ends in `.intents`")
                },
                |name| format!("did you mean `{name}`?"),
            );
            (format!("there is no intent `{name}`"), help)
        }
        ConfigFaultKind::NoSuchProfile(name, suggestion) => {
            let help = suggestion.as_ref().map_or_else(
                || "name the profile as its header does, or remove the table".to_owned(),
                |name| format!("did you mean `{name}`?"),
            );
            (
                format!("no profile is called `{name}`, so this table has no effect"),
                help,
            )
        }
        ConfigFaultKind::NoProfile => (
            "there is no profile to keep these intents".to_owned(),
            "check the directory that holds the profiles".to_owned(),
        ),
        ConfigFaultKind::NoSuchFile(path) => (
            format!("no file matches `{path}`, so this override changes nothing"),
            "write paths relative to the directory of aalint.toml, or remove the override"
                .to_owned(),
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
