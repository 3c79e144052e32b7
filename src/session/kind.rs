//! What a file is, by its name and its text.

use std::borrow::Cow;

use crate::source::TextRange;
use crate::syntax::ast::{Ast, Body, Item, Profile};
use crate::syntax::{self, File};

/// What a text looks like.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Looks {
    /// A profile, or what belongs to one.
    Policy,
    /// The same, in an encoding of several bytes a character.
    Wide,
    /// The same, but for NUL bytes in it.
    WithNul,
    /// Neither.
    Other,
}

/// How much behind the comments of a large file is looked at, in bytes.
const SAMPLE: usize = 64 * 1024;

/// Names of files that lie beside policy.
const OTHER_NAMES: &[&str] = &[
    "aalint.toml",
    "CMakeLists.txt",
    "COPYING",
    "ChangeLog",
    "Containerfile",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "README",
    "meson.build",
];

/// What the names of files of other kinds end in.
const OTHER_ENDS: &[&str] = &[
    "md", "txt", "toml", "yaml", "yml", "json", "py", "sh", "rs", "c", "h", "cc", "go", "js",
    "html", "css", "pod", "conf", "cfg", "ini", "in", "lock", "xml", "log", "patch", "diff", "csv",
    "tsv", "am", "mk", "bak", "orig", "rej", "png", "jpg", "jpeg", "gif", "svg", "ico", "pdf",
    "zip", "gz", "xz", "zst", "bz2", "tar", "so", "o", "a",
];

/// How files of other kinds begin.
const MAGIC: &[&[u8]] = &[
    b"\x7fELF",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"PK\x03\x04",
    b"\xfd7zXZ\0",
    b"\x28\xb5\x2f\xfd",
    b"BZh",
    b"%PDF-",
    b"SQLite format 3\0",
    b"!<arch>\n",
    b"RIFF",
    b"\0\0\x01\0",
];

/// The last part of a path.
pub(super) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// Whether a file is plainly something else by its name.
pub(super) fn is_other(name: &str) -> bool {
    let end = name.rsplit_once('.').map(|(_, end)| end);
    OTHER_NAMES.contains(&name) || end.is_some_and(|end| OTHER_ENDS.contains(&end))
}

/// Whether a file that is called like something else may be policy all the same: profiles are called
/// after programs (`usr.lib.dovecot.log`).
pub(super) fn may_be_policy(name: &str, text: &str) -> bool {
    match name.rsplit_once('.') {
        Some((_, "txt" | "conf")) => !OTHER_NAMES.contains(&name),
        Some((_, "sh" | "log")) => !text.starts_with("#!"),
        _ => false,
    }
}

pub(super) fn is_yaml(name: &str) -> bool {
    matches!(name.rsplit_once('.'), Some((_, "yaml" | "yml")))
}

/// Whether a file is called as the profile of a program is: after its path, with dots.
pub(super) fn is_name_of_profile(name: &str) -> bool {
    ["usr.", "bin.", "sbin.", "opt.", "lib.", "snap."]
        .iter()
        .any(|start| name.starts_with(start))
}

/// Whether bytes begin as those of a program, an image or an archive do.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    MAGIC.iter().any(|magic| bytes.starts_with(magic))
}

/// Whether one of the names of a directory's path is one that policy trees often have, and others too.
pub(super) fn is_generic_place(directory: &str) -> bool {
    directory.split('/').any(|part| {
        matches!(
            part,
            "apparmor" | "apparmor-profiles" | "local" | "profiles"
        )
    })
}

/// What a text looks like.
pub(super) fn looks(text: &str) -> Looks {
    let is_policy = |text: &str| has_line(text) || (text.contains('{') && has_profile(text));
    if is_policy(text) {
        return Looks::Policy;
    }
    let nuls = text.bytes().filter(|byte| *byte == 0).count();
    if nuls == 0 || !is_policy(&narrow(text)) {
        return Looks::Other;
    }
    // ASCII in UTF-16 has one NUL in two bytes, in UTF-32 three in four, and never four in a row.
    match nuls * 3 > text.len() && !text.contains("\0\0\0\0") {
        true => Looks::Wide,
        false => Looks::WithNul,
    }
}

/// Text of several bytes a character, as far as it is ASCII.
fn narrow(text: &str) -> Cow<'_, str> {
    let is_kept = |c: char| c.is_ascii() && c != '\0';
    Cow::Owned(text.chars().filter(|c| is_kept(*c)).collect())
}

/// Whether a line of the text can only be AppArmor's. It is asked first, because it is quick.
fn has_line(text: &str) -> bool {
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
        // An assignment in other languages.
        let is_header = is_header && !line.starts_with("profile =");
        is_include || is_header
    })
}

/// Whether a text of a file that is called like something else is policy: nothing but a profile counts,
/// since other languages have lines that look alike.
pub(super) fn is_policy_for_sure(text: &str) -> bool {
    text.contains('{') && has_profile(text)
}

/// The names of the profiles that a text defines, as they are written.
pub(super) fn profile_names(text: &str) -> Vec<String> {
    let file = syntax::read(text);
    let name = |profile: &Profile| {
        let range = profile.name.0;
        let written = text.get(range.start as usize..range.end as usize);
        syntax::text::value(written.unwrap_or_default()).into_owned()
    };
    profiles(&file.ast).map(name).collect()
}

/// Whether the text holds a profile, as the parser reads it: its header may stand on several lines, or
/// have a comment behind its brace.
fn has_profile(text: &str) -> bool {
    let file = syntax::read(text);
    profiles(&file.ast).any(|profile| is_profile(text, &file, profile))
}

fn profiles(ast: &Ast) -> impl Iterator<Item = &Profile> {
    ast.items.iter().filter_map(|item| match item {
        Item::Profile(profile) => Some(&**profile),
        _ => None,
    })
}

/// Whether what was read as a profile is one: words in front of a brace are found in many languages.
fn is_profile(text: &str, file: &File, profile: &Profile) -> bool {
    let slice = |range: TextRange| {
        let slice = text.get(range.start as usize..range.end as usize);
        slice.unwrap_or_default()
    };
    let is_sound = |range: TextRange| {
        let mut faults = file.faults.iter();
        !faults.any(|fault| range.start <= fault.range.start && fault.range.start < range.end)
    };
    let name = slice(profile.name.0);
    let is_path = ["/", "\"/", "@{", "\"@{"]
        .iter()
        .any(|start| name.starts_with(start));
    let header = slice(profile.header);
    let is_called = is_path || header.starts_with("profile") || profile.flags.is_some();
    // A rule that has a fault is one all the same.
    let is_rule = |item: &Item| match item {
        Item::Rule(rule) => {
            let is_path = matches!(rule.body, Body::File(_)) && slice(rule.range).contains('/');
            let has_keyword = !rule.keyword.is_empty() && !matches!(rule.body, Body::Unreadable);
            is_path || has_keyword || is_sound(rule.range)
        }
        Item::Conditional(_) | Item::Block(_) => false,
        other => is_sound(other.range()),
    };
    let is_empty = profile.items.is_empty() && is_sound(profile.range);
    is_called && is_sound(profile.header) && (is_empty || profile.items.iter().any(is_rule))
}

/// Whether anything in it could be a statement of an abstraction or of tunables.
pub(super) fn has_statement(text: &str) -> bool {
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

/// Whether the beginning of a file that is too large could be that of policy. The parser takes nothing
/// in front of policy but comments; where the beginning holds nothing else, anything may follow.
pub(super) fn begins_as_policy(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let text = match text.contains('\0') {
        true => narrow(&text),
        false => text,
    };
    let is_skipped = |line: &&str| {
        let line = line.trim();
        line.is_empty()
            || (line.starts_with('#') && !line.starts_with("#include"))
            || line.starts_with('\u{fffd}')
    };
    let skipped: usize = text
        .split_inclusive('\n')
        .take_while(is_skipped)
        .map(str::len)
        .sum();
    let rest = text.get(skipped..).unwrap_or_default();
    let mut end = rest.len().min(SAMPLE);
    while !rest.is_char_boundary(end) {
        end -= 1;
    }
    let sample = rest.get(..end).unwrap_or_default();
    let begins = ["@{", "include ", "alias ", "abi ", "profile "]
        .iter()
        .any(|start| sample.starts_with(start));
    let is_blank = !text.is_empty() && sample.trim().is_empty();
    is_blank || begins || looks(sample) == Looks::Policy
}
