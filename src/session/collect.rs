//! Which files are policy.

use crate::containers::{self, Manifest};
use crate::policy::is_ignored;

/// What a file is checked as.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum InputKind {
    /// AppArmor policy.
    Policy,
    /// A compose file or Kubernetes manifest: names profiles.
    Manifest(Manifest),
}

/// A file to check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Input {
    /// Its path.
    pub path: String,
    /// What it is.
    pub kind: InputKind,
}

/// Names of directories whose files are no policy although they lie in a policy tree.
const NO_POLICY: &[&str] = &[
    "abi",
    "disable",
    "cache",
    "cache.d",
    "force-complain",
    "abi_stub",
];

/// Names of files that lie beside policy.
const NO_POLICY_NAMES: &[&str] = &[
    "aalint.toml",
    "CMakeLists.txt",
    "COPYING",
    "ChangeLog",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "README",
    "meson.build",
];

/// What a file found in a directory is; `None` if it is none of our business. `text` is its
/// beginning at least.
#[must_use]
pub fn classify(path: &str, text: &str) -> Option<InputKind> {
    if let Some(kind) = containers::classify(path, text) {
        return Some(InputKind::Manifest(kind));
    }
    let mut parts: Vec<&str> = path.split('/').collect();
    let name = parts.pop().unwrap_or_default();
    if is_ignored(name) || parts.iter().any(|part| NO_POLICY.contains(part)) {
        return None;
    }
    if NO_POLICY_NAMES.contains(&name) || text.contains('\0') {
        return None;
    }
    if crate::lint::is_intents(name) {
        return Some(InputKind::Policy);
    }
    let in_policy_tree = parts.iter().any(|part| {
        matches!(
            *part,
            "apparmor.d"
                | "apparmor"
                | "abstractions"
                | "tunables"
                | "local"
                | "profiles"
                | "apparmor-profiles"
        )
    });
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    let is_other_format = extension.is_some_and(|extension| {
        matches!(
            extension,
            "md" | "txt"
                | "toml"
                | "yaml"
                | "yml"
                | "json"
                | "py"
                | "sh"
                | "rs"
                | "c"
                | "h"
                | "cc"
                | "go"
                | "js"
                | "html"
                | "css"
                | "pod"
                | "conf"
                | "cfg"
                | "ini"
                | "in"
                | "lock"
                | "xml"
                | "log"
                | "patch"
                | "diff"
                | "csv"
                | "tsv"
                | "am"
                | "mk"
                | "bak"
                | "orig"
                | "rej"
        )
    });
    let is_policy =
        looks_like_policy(text) || (in_policy_tree && !is_other_format && has_statement(text));
    let may_be_named_so = match extension {
        Some("txt" | "conf") => true,
        // Profiles of programs that are called so: `usr.lib.dovecot.log`.
        Some("sh" | "log") => looks_like_policy(text) && !text.starts_with("#!"),
        _ => false,
    };
    (is_policy && (!is_other_format || may_be_named_so)).then_some(InputKind::Policy)
}

/// Whether a line of the text can only be AppArmor's.
fn looks_like_policy(text: &str) -> bool {
    text.lines().map(str::trim).any(|line| {
        let is_include = [
            "#include <abstractions/",
            "#include <tunables/",
            "include <abstractions/",
            "include <tunables/",
            "abi <abi/",
        ]
        .iter()
        .any(|start| line.starts_with(start));
        let is_header = line.ends_with('{')
            && (line.starts_with("profile ")
                || line.contains("flags=(")
                || (line.starts_with('/') && !line.contains(';')));
        is_include || is_header
    })
}

/// Whether anything in it could be a statement of an abstraction or of tunables.
fn has_statement(text: &str) -> bool {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .any(|line| {
            line.starts_with("@{")
                || line.starts_with("include ")
                || line.ends_with(',')
                || line.starts_with("alias ")
        })
        || text
            .lines()
            .all(|line| line.trim().is_empty() || line.trim().starts_with('#'))
}
