//! Names of files that are not UTF-8, as text that leads back to them.
//!
//! Paths are text everywhere above this floor. A byte that is not UTF-8 is written `\xNN`, and so is
//! the backslash of a name that holds such an escape by itself; so no two names are written alike.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

/// How an escape begins.
const START: &str = "\\x";

/// A path as text.
#[must_use]
pub fn shown(path: &OsStr) -> String {
    match path.to_str() {
        Some(text) if !text.contains(START) => return text.to_owned(),
        _ => {}
    }
    let mut text = String::with_capacity(path.len());
    for chunk in path.as_bytes().utf8_chunks() {
        let mut valid = chunk.valid();
        while let Some((before, behind)) = valid.split_once(START) {
            text.push_str(before);
            text.push_str(if byte(behind).is_some() {
                "\\x5cx"
            } else {
                START
            });
            valid = behind;
        }
        text.push_str(valid);
        for byte in chunk.invalid() {
            // Writing to a string cannot fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// A path that somebody typed, as text. Who copies what [`shown`] wrote means the file that it is about.
#[must_use]
pub fn typed(path: &OsStr) -> String {
    if let Some(text) = path.to_str()
        && text.contains(START)
        && !is_there(path.as_ref())
        && is_there(decoded(text).as_ref())
    {
        return text.to_owned();
    }
    shown(path)
}

/// The path that [`shown`] wrote, or that somebody typed: an escape that leads to nothing is taken by
/// the letter.
pub(super) fn real(path: &str) -> Cow<'_, Path> {
    if !path.contains(START) {
        return Cow::Borrowed(Path::new(path));
    }
    let decoded = decoded(path);
    if is_there(decoded.as_ref()) {
        Cow::Owned(decoded.into())
    } else {
        Cow::Borrowed(Path::new(path))
    }
}

/// Whether something has this name, be it a link that leads nowhere.
#[expect(
    clippy::disallowed_methods,
    reason = "whether a name is an escape depends on what is on disk"
)]
fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

fn decoded(path: &str) -> OsString {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, behind)) = rest.split_once(START) {
        bytes.extend_from_slice(before.as_bytes());
        match byte(behind) {
            Some(byte) => {
                bytes.push(byte);
                rest = behind.get(2..).unwrap_or_default();
            }
            None => {
                bytes.extend_from_slice(START.as_bytes());
                rest = behind;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    OsString::from_vec(bytes)
}

/// The byte of an escape behind its `\x`, if it is one that [`shown`] writes.
fn byte(behind: &str) -> Option<u8> {
    let digits = behind.get(..2)?;
    let is_ours = digits
        .bytes()
        .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    let byte = u8::from_str_radix(digits, 16).ok()?;
    (is_ours && (byte >= 0x80 || byte == b'\\')).then_some(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_names_are_written_alike_and_each_leads_back() {
        let parts: &[&[u8]] = &[
            b"a",
            b"\\",
            b"x",
            b"\xff",
            b"ff",
            b"5c",
            b"\\xff",
            b"\\x5c",
            b"\xc3",
            b"\xa4",
            b"\xc3\xa4",
        ];
        let mut seen = std::collections::BTreeMap::new();
        for first in parts {
            for second in parts {
                for third in parts {
                    for fourth in parts {
                        let name = [*first, second, third, fourth].concat();
                        let text = shown(OsStr::from_bytes(&name));
                        assert_eq!(decoded(&text).as_bytes(), name, "{text}");
                        if let Some(other) = seen.insert(text.clone(), name.clone()) {
                            assert_eq!(other, name, "{text}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn usual_names_stay() {
        for name in [
            "/etc/apparmor.d/usr.bin.man",
            "bär",
            "a\\b",
            "a\\xq",
            "a\\x41",
        ] {
            assert_eq!(shown(OsStr::new(name)), name);
        }
        assert_eq!(shown(OsStr::from_bytes(b"b\xe4r")), "b\\xe4r");
    }
}
