//! Text that is safe on a terminal, whatever the files hold that it quotes.

use std::io::{self, Write};

/// A writer that shows control characters instead of passing them on: a terminal would obey them, and a log
/// would be read as something else. What reverses the direction of text is shown too, since it hides what
/// stands there. Each is written `\u001b`, which is right in JSON as well.
///
/// A piece of text has to be written at once, as `write!` does.
#[derive(Debug)]
pub struct Clean<W> {
    inner: W,
    has_colors: bool,
}

impl<W: Write> Clean<W> {
    /// Around a writer. With colours, sequences that only set one are passed on.
    pub const fn new(inner: W, has_colors: bool) -> Self {
        Self { inner, has_colors }
    }
}

impl<W: Write> Write for Clean<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while let Some((at, hit)) = self.next(rest) {
            let (clean, behind) = rest.split_at(at);
            self.inner.write_all(clean)?;
            write!(self.inner, "\\u{:04x}", hit.code)?;
            rest = behind.get(hit.bytes..).unwrap_or_default();
        }
        self.inner.write_all(rest)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// A character that is not passed on.
struct Hit {
    code: u32,
    /// How many bytes it takes.
    bytes: usize,
}

impl<W> Clean<W> {
    /// The first character that is not passed on, and where.
    fn next(&self, text: &[u8]) -> Option<(usize, Hit)> {
        let mut at = 0;
        loop {
            let is_suspect = |byte: &u8| {
                (*byte < b' ' && *byte != b'\n' && *byte != b'\t')
                    || matches!(*byte, 0x7f | 0xc2 | 0xd8 | 0xe2)
            };
            let rest = text.get(at..)?;
            at += rest.iter().position(is_suspect)?;
            let rest = text.get(at..)?;
            if let Some(hit) = hit(rest)
                && !(self.has_colors && is_color(rest))
            {
                return Some((at, hit));
            }
            at += 1;
        }
    }
}

/// What begins here, if it is not to be passed on.
fn hit(text: &[u8]) -> Option<Hit> {
    let (code, bytes) = match *text {
        [byte @ (..=0x1f | 0x7f), ..] => (u32::from(byte), 1),
        // C1 control characters, among them U+009B, which begins what ESC and `[` do.
        [0xc2, byte @ 0x80..=0x9f, ..] => (u32::from(byte), 2),
        // U+061C; U+200E, U+200F, U+2028 to U+202E; U+2066 to U+2069.
        [0xd8, 0x9c, ..] => (0x061c, 2),
        [0xe2, 0x80, byte @ (0x8e | 0x8f | 0xa8..=0xae), ..] => {
            (0x2000 + u32::from(byte & 0x3f), 3)
        }
        [0xe2, 0x81, byte @ 0xa6..=0xa9, ..] => (0x2040 + u32::from(byte & 0x3f), 3),
        _ => return None,
    };
    Some(Hit { code, bytes })
}

/// Whether a sequence begins here that sets colours and does nothing else.
fn is_color(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b"\x1b[") else {
        return false;
    };
    let end = rest
        .iter()
        .position(|byte| !matches!(byte, b'0'..=b'9' | b';'));
    end.and_then(|end| rest.get(end)) == Some(&b'm')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(text: &str, has_colors: bool) -> String {
        let mut out = Vec::new();
        write!(Clean::new(&mut out, has_colors), "{text}").unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn control_characters_are_shown() {
        for has_colors in [false, true] {
            let text = "a\u{1b}[2J\u{7f}\r\u{9b}2J\u{202e}\u{2066}\u{61c}\u{200f}z";
            let shown = r"a\u001b[2J\u007f\u000d\u009b2J\u202e\u2066\u061c\u200fz";
            assert_eq!(clean(text, has_colors), shown);
        }
        let plain = "ä │ € \u{a0} \t x\n";
        assert_eq!(clean(plain, false), plain);
    }

    #[test]
    fn colors_are_passed_on_where_they_are_wanted() {
        let text = "\u{1b}[1;31mred\u{1b}[0m\u{1b}[2K\u{1b}[";
        assert_eq!(
            clean(text, true),
            "\u{1b}[1;31mred\u{1b}[0m\\u001b[2K\\u001b["
        );
        assert!(!clean(text, false).contains('\u{1b}'));
    }
}
