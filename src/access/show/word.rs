//! A word of a rule.

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
