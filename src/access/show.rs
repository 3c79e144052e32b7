//! Requests as text, in the syntax of rules.

use super::{Class, Exec, bits};
use crate::lang::capabilities::CAPABILITIES;
use crate::lang::permissions::{EXEC, FilePerms};

/// A request as the rules that ask for it, with commas between them and none at the end. `bits` are
/// those of the class; `exec` is what an exec leads to, where that is known.
#[must_use]
pub fn show(class: Class, text: &[u8], bits: u32, exec: Option<&Exec>) -> String {
    match class {
        Class::File => file(text, bits, exec),
        Class::Capability => capability(text),
        _ => format!("{class:?} {}", text.escape_ascii()),
    }
}

fn file(text: &[u8], bits: u32, exec: Option<&Exec>) -> String {
    let half = |shift: u32| u8::try_from(bits >> shift & bits::HALF).unwrap_or(0);
    let (owner, other) = (half(0), half(bits::OTHER));
    let both = owner & other;
    let shown: Vec<String> = [
        ("", both),
        ("owner ", owner & !both),
        ("other ", other & !both),
    ]
    .into_iter()
    .filter(|(_, bits)| *bits != 0)
    .map(|(qualifier, bits)| format!("{qualifier}{}", path_rule(text, bits, exec)))
    .collect();
    match (shown.is_empty(), text.contains(&0)) {
        // A link that need not be a subset is asked for by its second half alone.
        (true, true) => path_rule(text, 0, None),
        (true, false) => word(text),
        _ => shown.join(", "),
    }
}

fn path_rule(text: &[u8], bits: u8, exec: Option<&Exec>) -> String {
    if let Some((link, target)) = split(text) {
        return format!("link {} -> {}", word(link), word(target));
    }
    let exec = exec.filter(|_| bits & EXEC != 0);
    let perms = FilePerms {
        bits,
        exec_mode: exec.map(|exec| exec.mode),
    };
    let target = exec.and_then(|exec| exec.target.as_deref());
    let target = target.map_or_else(String::new, |target| {
        format!(" -> {}", word(target.as_bytes()))
    });
    format!("{} {perms}{target}", word(text))
}

fn split(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|byte| *byte == 0)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

fn capability(text: &[u8]) -> String {
    let name = match text {
        [number] => CAPABILITIES.get(usize::from(*number)),
        _ => None,
    };
    match name {
        Some(known) => format!("capability {}", known.name),
        None => format!("capability number {}", text.escape_ascii()),
    }
}

/// A text as one word of a rule that matches just this text: quoted and escaped where needed.
#[must_use]
pub fn word(text: &[u8]) -> String {
    let mut shown = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '*' | '?' | '[' | ']' | '{' | '}' | '^' | '\\' | '"' => shown.extend(['\\', c]),
                c if c.is_control() => shown.push_str(&octal(c)),
                c => shown.push(c),
            }
        }
        for byte in chunk.invalid() {
            shown.push_str(&format!("\\{byte:03o}"));
        }
    }
    let is_plain = !shown.is_empty() && !shown.contains([' ', ',', '!', '#', '=', '(', ')', '"']);
    if is_plain {
        shown
    } else {
        format!("\"{shown}\"")
    }
}

fn octal(c: char) -> String {
    let mut buffer = [0; 4];
    let bytes = c.encode_utf8(&mut buffer).bytes();
    bytes.map(|byte| format!("\\{byte:03o}")).collect()
}
