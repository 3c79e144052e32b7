//! From byte offsets to lines and columns.

/// A place as people, editors and programs count it. Lines and columns start at 1.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Position {
    /// Line.
    pub line: u32,
    /// Column in Unicode scalar values.
    pub column: u32,
    /// Column in UTF-16 code units, as the language server protocol counts.
    pub utf16_column: u32,
    /// Offset in bytes of the text, from 0.
    pub offset: u32,
}

/// A known column within a long line.
#[derive(Copy, Clone, Debug)]
struct Mark {
    offset: u32,
    /// Characters and UTF-16 units between the start of the line and `offset`.
    columns: u32,
    utf16: u32,
}

/// The start offset of each line of a text.
#[derive(Clone, Debug, Default)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// Columns within long lines, so that counting them never takes long; by offset.
    marks: Vec<Mark>,
}

/// Distance of the marks in a long line, in bytes.
const MARK_DISTANCE: usize = 4096;

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
        let mut index = Self {
            starts,
            marks: Vec::new(),
        };
        index.mark_long_lines(text);
        index
    }

    fn mark_long_lines(&mut self, text: &str) {
        let ends = self
            .starts
            .iter()
            .skip(1)
            .map(|end| *end as usize)
            .chain([text.len()]);
        for (start, end) in self.starts.iter().map(|start| *start as usize).zip(ends) {
            if end - start <= 2 * MARK_DISTANCE {
                continue;
            }
            let (mut columns, mut utf16, mut next) = (0, 0, start + MARK_DISTANCE);
            for (at, c) in text.get(start..end).unwrap_or_default().char_indices() {
                if start + at >= next {
                    let offset = u32::try_from(start + at).unwrap_or(u32::MAX);
                    self.marks.push(Mark {
                        offset,
                        columns,
                        utf16,
                    });
                    next += MARK_DISTANCE;
                }
                columns += 1;
                utf16 += u32::try_from(c.len_utf16()).unwrap_or(1);
            }
        }
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
        let start = self.line_start(line).unwrap_or(0);
        let known = self
            .marks
            .partition_point(|mark| mark.offset <= offset)
            .checked_sub(1);
        let known = known
            .and_then(|index| self.marks.get(index))
            .filter(|mark| mark.offset > start);
        let from = known.map_or(start, |mark| mark.offset);
        let before = text.get(from as usize..offset as usize).unwrap_or_default();
        let columns = before.chars().count() + known.map_or(0, |mark| mark.columns as usize);
        let utf16: usize = before.chars().map(char::len_utf16).sum();
        let utf16 = utf16 + known.map_or(0, |mark| mark.utf16 as usize);
        let count = |n: usize| u32::try_from(n + 1).unwrap_or(u32::MAX);
        Position {
            line: count(line),
            column: count(columns),
            utf16_column: count(utf16),
            offset,
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
                utf16_column: 6,
                offset: at,
            }
        );
    }

    #[test]
    fn long_lines_are_counted_the_same() {
        let text = format!("x\n{}\ny", "aä𝄞 ".repeat(5000));
        let index = LineIndex::new(&text);
        for at in [2, 3, 4099, 8200, 20_002, 39_000] {
            let at = (at..).find(|at| text.is_char_boundary(*at)).unwrap();
            let before = text.get(2..at).unwrap();
            let position = index.position(&text, u32::try_from(at).unwrap());
            assert_eq!(position.line, 2);
            assert_eq!(position.column as usize, before.chars().count() + 1);
            assert_eq!(
                position.utf16_column as usize,
                before.encode_utf16().count() + 1
            );
        }
    }

    #[test]
    fn last_line_without_newline_has_a_number() {
        let text = "a\nb";
        assert_eq!(LineIndex::new(text).position(text, 3).line, 2);
        assert_eq!(LineIndex::new("").line_count(), 1);
    }
}
