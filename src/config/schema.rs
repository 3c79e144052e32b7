//! The keys of the configuration, as a table that the reader, the schema and the documentation share.

use serde_json::{Map, Value, json};

/// What a key holds.
#[derive(Copy, Clone, Debug)]
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
    /// One of these.
    OneOf(&'static [&'static str]),
    /// A whole number from the first to the second, both included.
    Number(u16, u16),
    /// A table with these keys.
    Table(fn() -> Vec<Key>),
    /// An array of tables with these keys.
    Tables(fn() -> Vec<Key>),
}

/// One key.
#[derive(Copy, Clone, Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) holds: Holds,
    pub(super) about: &'static str,
    /// Names that it had in earlier versions. They keep working.
    pub(super) retired: &'static [&'static str],
}

const fn key(name: &'static str, holds: Holds, about: &'static str) -> Key {
    let retired = &[];
    Key {
        name,
        holds,
        about,
        retired,
    }
}

/// The keys of a table, as an enum: a reader that forgets one of them does not compile.
pub(super) trait Keys: Copy + 'static {
    const ALL: &'static [(Self, Key)];
}

fn keys_of<K: Keys>() -> Vec<Key> {
    K::ALL.iter().map(|(_, key)| *key).collect()
}

macro_rules! keys {
    ($(#[$about:meta])* $table:ident { $($id:ident = $key:expr),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Copy, Clone, PartialEq, Eq, Debug)]
        pub(super) enum $table { $($id),+ }

        impl Keys for $table {
            const ALL: &'static [(Self, Key)] = &[$((Self::$id, $key)),+];
        }
    };
}

const EXTEND: Key = key("extend-select", Holds::Texts, "Also enable these rules.");
const IGNORE: Key = key("ignore", Holds::Texts, "Disable these rules.");
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

/// What a profile may confine.
pub(super) const KINDS: [&str; 2] = ["container", "host"];
/// Groups of rules that a key turns on.
pub(super) const PRESETS: [&str; 1] = ["maintainer"];
/// How paragraphs may be aligned.
pub(super) const ALIGNMENTS: [&str; 3] = ["keep", "never", "always"];
/// The fewest and the most blanks for each level of blocks.
pub(super) const INDENTS: (u16, u16) = (1, 16);
/// The lowest and the highest port.
pub(super) const PORTS: (u16, u16) = (1, 65535);
/// The lowest and the highest status of an HTTP answer.
pub(super) const STATUSES: (u16, u16) = (100, 599);

keys! {
    /// The keys at the top.
    TopKey {
        Base = key(
        "base",
        Holds::Text,
        "The policy base directory, relative to this file; /etc/apparmor.d where it exists if not given.",
    ),
        Include = key(
        "include",
        Holds::Texts,
        "Further directories in which includes are searched, relative to this file.",
    ),
        Exclude = key(
        "exclude",
        Holds::Texts,
        "Patterns of paths, relative to this file, that are not checked.",
    ),
        Target = key(
        "target",
        Holds::Text,
        "Where the policy will run: a distribution, kernel or parser such as debian-12, linux-6.12 or 4.1, or a directory of kernel features, relative to this file.",
    ),
        FailOn = key(
        "fail-on",
        Holds::Severity,
        "The lowest severity that causes exit code 1; warning if not given.",
    ),
        Pedantic = key(
        "pedantic",
        Holds::Flag,
        "Also enable pedantic rules.",
    ),
        Audit = key(
        "audit",
        Holds::Flag,
        "Also enable audit rules, for a review of each line.",
    ),
        Preset = key(
        "preset",
        Holds::OneOf(&PRESETS),
        "Also enable rules for one kind of user: maintainer enables the group style, for one style in a whole set of profiles.",
    ),
        Intents = INTENTS,
        Lint = key(
        "lint",
        Holds::Table(keys_of::<LintKey>),
        "Which rules are on, and how severe.",
    ),
        Override = key(
        "override",
        Holds::Tables(keys_of::<OverrideKey>),
        "A different choice of rules for some files.",
    ),
        Profile = key(
        "profile",
        Holds::Tables(keys_of::<ProfileKey>),
        "What a profile is for.",
    ),
        Variables = key(
        "variables",
        Holds::Variables,
        "Variables that a build step defines, with their values.",
    ),
        Container = key(
        "container",
        Holds::Table(keys_of::<ContainerKey>),
        "What container runtimes are told.",
    ),
        Format = key(
        "format",
        Holds::Table(keys_of::<FormatKey>),
        "How `aalint fmt` lays profiles out.",
    ),
        Verify = key(
        "verify",
        Holds::Table(keys_of::<VerifyKey>),
        "What `aalint verify` takes to the kernel.",
    ),
    }
}

keys! {
    /// The keys of `[lint]`.
    LintKey {
        Select = key(
            "select",
            Holds::Texts,
            "Enable exactly these rules: names, codes, code prefixes, groups, or levels.",
        ),
        Extend = EXTEND,
        Ignore = IGNORE,
        Severity = SEVERITY,
    }
}

keys! {
    /// The keys of `[[override]]`.
    OverrideKey {
        Paths = key(
                "paths",
                Holds::Texts,
                "Patterns of paths, relative to this file.",
            ),
        Extend = EXTEND,
        Ignore = IGNORE,
        Severity = SEVERITY,
    }
}

keys! {
    /// The keys of `[[profile]]`.
    ProfileKey {
        Name = key("name", Holds::Text, "The name of a profile, or a pattern."),
        Kind = key(
                "kind",
                Holds::OneOf(&KINDS),
                "What the profile confines: container or host.",
            ),
        Intents = INTENTS,
    }
}

keys! {
    /// The keys of `[container]`.
    ContainerKey {
        Expect = key(
            "expect",
            Holds::Texts,
            "Profile names that the container runtime is told.",
        ),
        Image = key(
            "image",
            Holds::Text,
            "The image of the container: an archive of docker save, an OCI layout, or a directory with the files of a system, relative to this file; or the name of an image that the engine has.",
        ),
        Images = key(
            "images",
            Holds::TextTable,
            "The images of several containers, by the name of the profile that each runs under.",
        ),
    }
}

keys! {
    /// The keys of `[format]`.
    FormatKey {
        Indent = key(
            "indent",
            Holds::Number(INDENTS.0, INDENTS.1),
            "Blanks for each level of blocks; 2 if not given.",
        ),
        Align = key(
            "align",
            Holds::OneOf(&ALIGNMENTS),
            "Whether the permissions of consecutive file rules begin in one column: keep leaves each paragraph as it is, and is the default.",
        ),
    }
}

keys! {
    /// The keys of `[verify]`.
    VerifyKey {
        Profile = key(
                "profile",
                Holds::Text,
                "The file that defines the profile to verify, relative to this file.",
            ),
        Name = key(
                "name",
                Holds::Text,
                "The name under which the container runtime asks for the profile.",
            ),
        Image = key(
                "image",
                Holds::Text,
                "The image of the container, which the engine must have; or `build`.",
            ),
        Build = key(
                "build",
                Holds::Text,
                "A directory with a Dockerfile from which the image is built, relative to this file.",
            ),
        Command = key(
                "command",
                Holds::Texts,
                "What the container runs instead of the image's command.",
            ),
        Port = key(
                "port",
                Holds::Number(PORTS.0, PORTS.1),
                "The port at which the application answers HTTP inside of the container.",
            ),
        Request = key(
                "request",
                Holds::Text,
                "The path that is asked for; `/` if not given.",
            ),
        Status = key(
                "status",
                Holds::Number(STATUSES.0, STATUSES.1),
                "The status of the answer; 200 if not given.",
            ),
        Environment = key(
                "environment",
                Holds::TextTable,
                "Environment variables of the container.",
            ),
        Volumes = key(
                "volumes",
                Holds::Texts,
                "Mounts, `SOURCE:TARGET` or `SOURCE:TARGET:ro`, with sources relative to this file.",
            ),
        Tmpfs = key(
                "tmpfs",
                Holds::Texts,
                "Temporary file systems, `TARGET` or `TARGET:OPTIONS`.",
            ),
        DropCapabilities = key(
                "drop-capabilities",
                Holds::Texts,
                "Capabilities that the container does not get; `ALL` for all.",
            ),
        ReadOnly = key(
                "read-only",
                Holds::Flag,
                "Whether the root file system of the container is read-only.",
            ),
        NoNewPrivileges = key(
                "no-new-privileges",
                Holds::Flag,
                "Whether its processes can gain no privileges by what they execute.",
            ),
        Privileged = key(
                "privileged",
                Holds::Flag,
                "Whether the container is privileged.",
            ),
        Endpoint = key(
                "endpoint",
                Holds::Text,
                "Where the container engine listens, `unix:///…`; that of DOCKER_HOST or of Docker's context if not given.",
            ),
    }
}

/// The JSON schema of `aalint.toml`.
#[must_use]
pub fn schema() -> Value {
    let mut schema = table(&keys_of::<TopKey>());
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
        Holds::OneOf(names) => json!({ "enum": names }),
        Holds::Table(keys) => table(&keys()),
        Holds::Tables(keys) => json!({ "type": "array", "items": table(&keys()) }),
    }
}
