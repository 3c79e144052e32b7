//! From byte offsets to lines and columns.

/// A place as people and editors count it: everything starts at 1.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Position {
    /// Line.
    pub line: u32,
    /// Column in Unicode scalar values.
    pub column: u32,
    /// Column in UTF-16 code units, as the language server protocol counts.
    pub utf16_column: u32,
}

/// The start offset of each line of a text.
#[derive(Clone, Debug, Default)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Indexes `text`. Lines end with `\n`; a `\r` before it belongs to the line.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(
            text.bytes()
                .enumerate()
                .filter(|&(_, byte)| byte == b'\n')
                .map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX)),
        );
        Self { starts }
    }

    /// Number of the line (from 0) that holds `offset` (bytes).
    #[must_use]
    pub fn line(&self, offset: u32) -> usize {
        self.starts
            .partition_point(|&start| start <= offset)
            .saturating_sub(1)
    }

    /// Offset of the first byte of `line` (from 0), if there is such a line.
    #[must_use]
    pub fn line_start(&self, line: usize) -> Option<u32> {
        self.starts.get(line).copied()
    }

    /// How many lines there are; an empty text has one.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.starts.len()
    }

    /// Line and columns of the byte at `offset` of `text`, which must be the indexed text.
    #[must_use]
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let line = self.line(offset);
        let start = self.line_start(line).unwrap_or(0) as usize;
        let before = text.get(start..offset as usize).unwrap_or_default();
        let columns = before.chars().count();
        let utf16: usize = before.chars().map(char::len_utf16).sum();
        let count = |n: usize| u32::try_from(n + 1).unwrap_or(u32::MAX);
        Position {
            line: count(line),
            column: count(columns),
            utf16_column: count(utf16),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_utf16_units() {
        let text = "a\n/ä/𝄞x r,\n";
        let index = LineIndex::new(text);
        let at = text.find('x').unwrap() as u32;
        assert_eq!(
            index.position(text, at),
            Position {
                line: 2,
                column: 5,
                utf16_column: 6
            }
        );
    }

    #[test]
    fn last_line_without_newline_has_a_number() {
        let text = "a\nb";
        assert_eq!(LineIndex::new(text).position(text, 3).line, 2);
        assert_eq!(LineIndex::new("").line_count(), 1);
    }
}
