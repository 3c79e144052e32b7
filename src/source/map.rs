//! Files that were read, by number.

use std::sync::Arc;

use super::{FileId, LineIndex, Position, Span, TextRange, split_embedded};

/// What is shown in place of the text of a file outside.
pub const HIDDEN: &str = "…";

/// What is wrong with a file's bytes, before anything is parsed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TextProblem {
    /// The bytes at this offset are not UTF-8; they were replaced by U+FFFD.
    NotUtf8(TextRange),
    /// A NUL byte.
    Nul(TextRange),
}

/// One file: where it came from and what stands in it.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path as shown to people.
    pub path: String,
    /// The text. Bytes that are not UTF-8 are replaced by U+FFFD and noted in `problems`.
    pub text: String,
    /// Offsets of the lines.
    pub lines: LineIndex,
    /// What is wrong with the bytes.
    pub problems: Vec<TextProblem>,
    /// Whether it lies outside of what somebody named, so that its text is not to be shown.
    pub is_outside: bool,
    /// How many bytes the file has; the text may have others.
    pub bytes: usize,
    /// The part of the file that the text is, where it is not all of it; the text in front of it is blank.
    pub part: Option<TextRange>,
}

impl Source {
    /// A source of `bytes`; never fails. The path may be that of a part of a file ([`embedded_path`](super::embedded_path)).
    #[must_use]
    pub fn new(path: impl Into<String>, bytes: Vec<u8>) -> Self {
        let mut problems = Vec::new();
        let length = bytes.len();
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => replace_invalid(error.as_bytes(), &mut problems),
        };
        if let Some(at) = text.bytes().position(|byte| byte == 0) {
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            problems.push(TextProblem::Nul(TextRange::new(at, at + 1)));
        }
        let path = path.into();
        let (shown, part) = split_embedded(&path);
        Self {
            path: shown.to_owned(),
            part,
            lines: LineIndex::new(&text),
            text,
            problems,
            is_outside: false,
            bytes: length,
        }
    }

    /// The text in `range`; empty where the range does not fit.
    #[must_use]
    pub fn slice(&self, range: TextRange) -> &str {
        self.text
            .get(range.start as usize..range.end as usize)
            .unwrap_or_default()
    }

    /// Line and columns of `offset` (bytes).
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        self.lines.position(&self.text, offset)
    }

    /// Where the line behind the one that holds `offset` (bytes) begins, or else the end of the text.
    #[must_use]
    pub fn next_line(&self, offset: u32) -> u32 {
        let next = self.lines.line_start(self.lines.line(offset) + 1);
        next.unwrap_or_else(|| u32::try_from(self.text.len()).unwrap_or(u32::MAX))
    }

    /// The line (without its end) that holds `offset` (bytes), as a range.
    #[must_use]
    pub fn line_range(&self, offset: u32) -> TextRange {
        let line = self.lines.line(offset);
        let start = self.lines.line_start(line).unwrap_or(0);
        let length = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        let end = self.lines.line_start(line + 1).unwrap_or(length);
        let text = self.slice(TextRange::new(start, end));
        let kept = text.trim_end_matches(['\n', '\r']).len();
        TextRange::new(start, start + u32::try_from(kept).unwrap_or(0))
    }
}

fn replace_invalid(bytes: &[u8], problems: &mut Vec<TextProblem>) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            let start = u32::try_from(text.len()).unwrap_or(u32::MAX);
            text.push('\u{fffd}');
            let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
            problems.push(TextProblem::NotUtf8(TextRange::new(start, end)));
        }
    }
    text
}

/// All files of a run, in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    sources: Vec<Arc<Source>>,
}

impl SourceMap {
    /// Adds a file and names it.
    pub fn add(&mut self, source: impl Into<Arc<Source>>) -> FileId {
        let id = self.next_id();
        self.sources.push(source.into());
        id
    }

    /// The number of the file that will be added next.
    #[must_use]
    pub fn next_id(&self) -> FileId {
        FileId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX))
    }

    /// The file of that number, to be shared with another map.
    #[must_use]
    pub fn shared(&self, file: FileId) -> Option<&Arc<Source>> {
        self.sources.get(file.0 as usize)
    }

    /// The file of that number. Numbers come from [`SourceMap::add`] of the same map; any other
    /// gives an empty file.
    #[must_use]
    pub fn get(&self, file: FileId) -> &Source {
        static EMPTY: std::sync::LazyLock<Source> =
            std::sync::LazyLock::new(|| Source::new("", Vec::new()));
        self.sources
            .get(file.0 as usize)
            .map_or(&*EMPTY, |source| &**source)
    }

    /// The text of a span.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.file).slice(span.range)
    }

    /// The text of a span as it may be shown: [`HIDDEN`] for that of a file outside.
    #[must_use]
    pub fn shown(&self, span: Span) -> &str {
        if self.get(span.file).is_outside {
            HIDDEN
        } else {
            self.slice(span)
        }
    }

    /// All files with their numbers, in order.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        let sources = self.sources.iter().map(|source| &**source);
        (0u32..).map(FileId).zip(sources)
    }
}
