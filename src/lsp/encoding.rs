//! Between offsets in bytes and the positions of the protocol.

use gen_lsp_types::{Position, Range};

use crate::source::TextRange;

/// How the characters of a line are counted.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum PositionEncoding {
    /// In bytes.
    Utf8,
    /// In UTF-16 code units, which every client can.
    #[default]
    Utf16,
}

/// A text with the starts of its lines, as the protocol counts them: `\n`, `\r\n` and `\r` end one.
#[derive(Debug)]
pub struct TextLines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    encoding: PositionEncoding,
}

impl<'t> TextLines<'t> {
    /// The lines of a text.
    #[must_use]
    pub fn new(text: &'t str, encoding: PositionEncoding) -> Self {
        let mut starts = vec![0];
        let mut bytes = text.bytes().enumerate().peekable();
        while let Some((at, byte)) = bytes.next() {
            let ends_line = match byte {
                b'\n' => true,
                b'\r' => bytes.peek().is_none_or(|(_, next)| *next != b'\n'),
                _ => false,
            };
            if ends_line {
                starts.push(at + 1);
            }
        }
        Self {
            text,
            starts,
            encoding,
        }
    }

    /// The line of that number, from 0, without its end.
    fn line(&self, line: usize) -> Option<&'t str> {
        let start = *self.starts.get(line)?;
        let end = self.starts.get(line + 1).copied();
        let line = self.text.get(start..end.unwrap_or(self.text.len()))?;
        Some(line.trim_end_matches(['\r', '\n']))
    }

    /// The offset in bytes of a position. One behind the end of its line is the end of the line, one in the middle of a
    /// character is the start of the character, and one behind the last line is the end of the text.
    #[must_use]
    pub fn offset(&self, position: Position) -> usize {
        let number = position.line as usize;
        let (Some(start), Some(line)) = (self.starts.get(number), self.line(number)) else {
            return self.text.len();
        };
        let wanted = position.character as usize;
        let mut counted = 0;
        for (at, c) in line.char_indices() {
            counted += self.width(c);
            if counted > wanted {
                return start + at;
            }
        }
        start + line.len()
    }

    /// The position of an offset in bytes.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let line = line.saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or_default();
        let before = self.text.get(start..offset).unwrap_or_default();
        let character: usize = before.chars().map(|c| self.width(c)).sum();
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            character: u32::try_from(character).unwrap_or(u32::MAX),
        }
    }

    /// The range of the protocol that is a range of bytes.
    #[must_use]
    pub fn range(&self, range: TextRange) -> Range {
        Range {
            start: self.position(range.start as usize),
            end: self.position(range.end as usize),
        }
    }

    /// The range of bytes that is a range of the protocol; an empty one at its start if it ends before that.
    #[must_use]
    pub fn bytes(&self, range: &Range) -> TextRange {
        let start = self.offset(range.start);
        let end = self.offset(range.end).max(start);
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        TextRange::new(offset(start), offset(end))
    }

    const fn width(&self, c: char) -> usize {
        match self.encoding {
            PositionEncoding::Utf8 => c.len_utf8(),
            PositionEncoding::Utf16 => c.len_utf16(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn positions_and_offsets_are_the_same_places() {
        let text = "a\r\nä𝄞b\rc\n\nd";
        for encoding in [PositionEncoding::Utf8, PositionEncoding::Utf16] {
            let lines = TextLines::new(text, encoding);
            for (offset, c) in text.char_indices() {
                if c != '\n' {
                    assert_eq!(lines.offset(lines.position(offset)), offset, "{encoding:?}");
                }
            }
            assert_eq!(lines.position(text.len()).line, 4);
        }
        let utf16 = TextLines::new(text, PositionEncoding::Utf16);
        let utf8 = TextLines::new(text, PositionEncoding::Utf8);
        let b = text.find('b').unwrap();
        assert_eq!(utf16.position(b), at(1, 3));
        assert_eq!(utf8.position(b), at(1, 6));
    }

    #[test]
    fn positions_that_are_nowhere_are_moved_back() {
        let text = "a\r\n𝄞b\n";
        let lines = TextLines::new(text, PositionEncoding::Utf16);
        assert_eq!(lines.offset(at(0, 99)), 1);
        assert_eq!(lines.offset(at(1, 1)), 3);
        assert_eq!(lines.offset(at(9, 0)), text.len());
    }
}
