//! The keys of the configuration, as a table that the reader, the schema and the documentation share.

use serde_json::{Map, Value, json};

/// What a key holds.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Holds {
    Text,
    Flag,
    Texts,
    Severity,
    /// A table of selectors and severities.
    Severities,
    /// A table of names and lists of texts.
    Variables,
    /// A table of names and texts.
    TextTable,
    /// `container` or `host`.
    Kind,
    /// A whole number within these bounds.
    Number(u16, u16),
    Table(&'static [Key]),
    Tables(&'static [Key]),
}

/// One key.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) holds: Holds,
    pub(super) about: &'static str,
}

const fn key(name: &'static str, holds: Holds, about: &'static str) -> Key {
    Key { name, holds, about }
}

const SELECT: Key = key(
    "select",
    Holds::Texts,
    "Exactly these rules: names, codes, code prefixes, groups, or levels.",
);
const EXTEND: Key = key("extend-select", Holds::Texts, "These rules as well.");
const IGNORE: Key = key("ignore", Holds::Texts, "Not these rules.");
const SEVERITY: Key = key(
    "severity",
    Holds::Severities,
    "Severities by rule: error, warning, info, hint or off.",
);

const INTENTS: Key = key(
    "intents",
    Holds::Texts,
    "Intents to keep: names, or paths of files of intents, relative to this file.",
);

/// All keys at the top.
pub(super) const KEYS: &[Key] = &[
    key(
        "base",
        Holds::Text,
        "The policy base directory, relative to this file; /etc/apparmor.d where it exists if not given.",
    ),
    key(
        "include",
        Holds::Texts,
        "Further directories in which includes are searched, relative to this file.",
    ),
    key(
        "exclude",
        Holds::Texts,
        "Patterns of paths, relative to this file, that are not checked.",
    ),
    key(
        "target",
        Holds::Text,
        "Where the policy will run: a distribution, kernel or parser such as debian-12, linux-6.12 or 4.1, or a directory of kernel features, relative to this file.",
    ),
    key(
        "fail-on",
        Holds::Severity,
        "The mildest severity that makes the exit code 1; warning if not given.",
    ),
    key(
        "pedantic",
        Holds::Flag,
        "Switches on the rules for people who polish.",
    ),
    key(
        "audit",
        Holds::Flag,
        "Switches on the rules for people who review a policy line by line.",
    ),
    INTENTS,
    key(
        "lint",
        Holds::Table(&[SELECT, EXTEND, IGNORE, SEVERITY]),
        "Which rules are on, and how severe.",
    ),
    key(
        "override",
        Holds::Tables(&[
            key(
                "paths",
                Holds::Texts,
                "Patterns of paths, relative to this file.",
            ),
            EXTEND,
            IGNORE,
            SEVERITY,
        ]),
        "A different choice of rules for some files.",
    ),
    key(
        "profile",
        Holds::Tables(&[
            key("name", Holds::Text, "The name of a profile, or a pattern."),
            key(
                "kind",
                Holds::Kind,
                "What the profile confines: container or host.",
            ),
            INTENTS,
        ]),
        "What a profile is for.",
    ),
    key(
        "variables",
        Holds::Variables,
        "Variables that a build step defines, with their values.",
    ),
    key(
        "container",
        Holds::Table(&[key(
            "expect",
            Holds::Texts,
            "Profile names that the container runtime is told.",
        )]),
        "What container runtimes are told.",
    ),
    key(
        "verify",
        Holds::Table(&[
            key(
                "profile",
                Holds::Text,
                "The file that defines the profile to verify, relative to this file.",
            ),
            key(
                "name",
                Holds::Text,
                "The name under which the container runtime asks for the profile.",
            ),
            key(
                "image",
                Holds::Text,
                "The image of the container, which the engine must have; or `build`.",
            ),
            key(
                "build",
                Holds::Text,
                "A directory with a Dockerfile from which the image is built, relative to this file.",
            ),
            key(
                "command",
                Holds::Texts,
                "What the container runs instead of the image's command.",
            ),
            key(
                "port",
                Holds::Number(1, 65535),
                "The port at which the application answers HTTP inside of the container.",
            ),
            key(
                "request",
                Holds::Text,
                "The path that is asked for; `/` if not given.",
            ),
            key(
                "status",
                Holds::Number(100, 599),
                "The status of the answer; 200 if not given.",
            ),
            key(
                "environment",
                Holds::TextTable,
                "Environment variables of the container.",
            ),
            key(
                "volumes",
                Holds::Texts,
                "Mounts, `SOURCE:TARGET` or `SOURCE:TARGET:ro`, with sources relative to this file.",
            ),
            key(
                "tmpfs",
                Holds::Texts,
                "Temporary file systems, `TARGET` or `TARGET:OPTIONS`.",
            ),
            key(
                "drop-capabilities",
                Holds::Texts,
                "Capabilities that the container does not get; `ALL` for all.",
            ),
            key(
                "read-only",
                Holds::Flag,
                "Whether the root file system of the container is read-only.",
            ),
            key(
                "no-new-privileges",
                Holds::Flag,
                "Whether its processes can gain no privileges by what they execute.",
            ),
            key(
                "privileged",
                Holds::Flag,
                "Whether the container is privileged.",
            ),
            key(
                "endpoint",
                Holds::Text,
                "Where the container engine listens, `unix:///…`; that of DOCKER_HOST or of Docker's context if not given.",
            ),
        ]),
        "What `aalint verify` takes to the kernel.",
    ),
];

/// The JSON schema of `aalint.toml`.
#[must_use]
pub fn schema() -> Value {
    let mut schema = table(KEYS);
    if let Some(object) = schema.as_object_mut() {
        object.insert(
            "$schema".to_owned(),
            json!("https://json-schema.org/draft/2020-12/schema"),
        );
        object.insert(
            "$comment".to_owned(),
            json!("Generated from src/config/schema.rs; cargo xtask bless writes it."),
        );
        object.insert("title".to_owned(), json!("aalint.toml"));
    }
    schema
}

fn table(keys: &[Key]) -> Value {
    let mut properties = Map::new();
    for key in keys {
        let mut value = holds(key.holds);
        if let Some(object) = value.as_object_mut() {
            object.insert("description".to_owned(), json!(key.about));
        }
        properties.insert(key.name.to_owned(), value);
    }
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn holds(holds: Holds) -> Value {
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    match holds {
        Holds::Text => json!({ "type": "string" }),
        Holds::Flag => json!({ "type": "boolean" }),
        Holds::Texts => texts,
        Holds::TextTable => {
            json!({ "type": "object", "additionalProperties": { "type": "string" } })
        }
        Holds::Number(least, most) => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Holds::Severity => json!({ "enum": ["error", "warning", "info", "hint"] }),
        Holds::Severities => {
            json!({ "type": "object", "additionalProperties": { "enum": ["error", "warning", "info", "hint", "off"] } })
        }
        Holds::Variables => json!({ "type": "object", "additionalProperties": texts }),
        Holds::Kind => json!({ "enum": ["container", "host"] }),
        Holds::Table(keys) => table(keys),
        Holds::Tables(keys) => json!({ "type": "array", "items": table(keys) }),
    }
}
