//! Source lines with marks, through codespan.

use std::io::{self, Write};
use std::ops::Range;

use codespan_reporting::diagnostic as codespan;
use codespan_reporting::files::{Error, Files};
use codespan_reporting::term;

use super::{ansi, one_line};
use crate::diagnostic::{Label, LabelStyle, Severity};
use crate::source::{FileId, SourceMap, Span, TextRange};

/// Longest part of a line that is shown, in bytes, before and behind a mark.
const AROUND: usize = 100;

/// Writes the source lines of `labels`, marked as `severity` has it.
pub(super) fn write(
    severity: Severity,
    labels: &[Label],
    sources: &SourceMap,
    color: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (outside, inside): (Vec<&Label>, Vec<&Label>) = labels
        .iter()
        .partition(|label| sources.get(label.span.file).is_outside);
    for label in outside {
        let place = place(label.span, sources);
        let text = match label.text.is_empty() {
            true => String::new(),
            false => format!(": {}", one_line(&label.text)),
        };
        writeln!(
            out,
            "  ┌─ {place}{text} (a file outside: its text is not shown)"
        )?;
    }
    if inside.is_empty() {
        return Ok(());
    }
    let rendered = snippets(severity, &inside, sources, color)?;
    // Codespan writes a header line of its own.
    let body = rendered.split_once('\n').map_or("", |(_, body)| body);
    writeln!(out, "{}", body.trim_end_matches('\n'))
}

/// Writes the include statements that lead to a place, outermost first.
pub(super) fn way(via: &[Span], sources: &SourceMap, out: &mut dyn Write) -> io::Result<()> {
    for (depth, via) in via.iter().enumerate() {
        let what = if depth == 0 {
            "included at"
        } else {
            "and from there at"
        };
        writeln!(out, "   = {what} {}", place(*via, sources))?;
    }
    Ok(())
}

/// `path:line:column`
pub(super) fn place(span: Span, sources: &SourceMap) -> String {
    let source = sources.get(span.file);
    let position = source.position(span.range.start);
    let (line, column) = (position.line, position.column);
    format!("{}:{line}:{column}", one_line(&source.path))
}

fn snippets(
    severity: Severity,
    marks: &[&Label],
    sources: &SourceMap,
    color: bool,
) -> io::Result<String> {
    let severity = match severity {
        Severity::Error => codespan::Severity::Error,
        Severity::Warning => codespan::Severity::Warning,
        Severity::Info => codespan::Severity::Note,
        Severity::Hint => codespan::Severity::Help,
    };
    let mut shown = Shown {
        sources,
        cuts: Vec::new(),
    };
    let mut labels = Vec::new();
    for label in marks {
        let (file, range) = shown.place(label.span);
        let style = match label.style {
            LabelStyle::Primary => codespan::LabelStyle::Primary,
            LabelStyle::Secondary => codespan::LabelStyle::Secondary,
        };
        labels.push(codespan::Label::new(style, file, range).with_message(one_line(&label.text)));
    }
    let diagnostic = codespan::Diagnostic::new(severity)
        .with_message("")
        .with_labels(labels);
    let mut buffer = Vec::new();
    let config = term::Config {
        tab_width: 4,
        ..term::Config::default()
    };
    let result = if color {
        let mut painter = Painter { out: &mut buffer };
        term::emit_to_write_style(&mut painter, &config, &shown, &diagnostic)
    } else {
        term::emit_to_io_write(&mut buffer, &config, &shown, &diagnostic)
    };
    result.map_err(|error| io::Error::other(error.to_string()))?;
    Ok(String::from_utf8_lossy(&buffer).into_owned())
}

/// A file as it is shown: whole, or one over-long line cut down to the part around a mark.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum ShownFile {
    Whole(FileId),
    Cut(usize),
}

struct Cut {
    file: FileId,
    line: usize,
    column: usize,
    text: String,
}

struct Shown<'s> {
    sources: &'s SourceMap,
    cuts: Vec<Cut>,
}

impl Shown<'_> {
    /// Where a span is shown; only the first line of a longer one where lines are very long.
    fn place(&mut self, span: Span) -> (ShownFile, Range<usize>) {
        let source = self.sources.get(span.file);
        let length = source.text.len();
        let start = floor(&source.text, (span.range.start as usize).min(length));
        let end = floor(&source.text, (span.range.end as usize).clamp(start, length));
        let line = source.line_range(u32::try_from(start).unwrap_or(u32::MAX));
        if ((line.end - line.start) as usize) <= 3 * AROUND {
            return (
                ShownFile::Whole(span.file),
                start..end.min(end_of_lines(source.slice(line), start, end, line)),
            );
        }
        let end = end.min(line.end as usize).min(start + AROUND);
        let from = floor(
            &source.text,
            start.saturating_sub(AROUND).max(line.start as usize),
        );
        let to = floor(&source.text, (end + AROUND).min(line.end as usize));
        let text = source.text.get(from..to).unwrap_or_default().to_owned();
        let end = floor(&source.text, end);
        let number = source.lines.line(line.start) + 1;
        let column = source
            .position(u32::try_from(from).unwrap_or(u32::MAX))
            .column as usize;
        self.cuts.push(Cut {
            file: span.file,
            line: number,
            column,
            text,
        });
        (
            ShownFile::Cut(self.cuts.len() - 1),
            start - from..end.max(start) - from,
        )
    }
}

/// A mark over very many lines shows its first line only.
fn end_of_lines(first_line: &str, start: usize, end: usize, line: TextRange) -> usize {
    let is_long = end - start > 2000;
    if is_long {
        line.start as usize + first_line.len()
    } else {
        end
    }
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl<'f> Files<'f> for Shown<'_> {
    type FileId = ShownFile;
    type Name = String;
    type Source = &'f str;

    fn name(&'f self, id: ShownFile) -> Result<String, Error> {
        let file = match id {
            ShownFile::Whole(file) => file,
            ShownFile::Cut(index) => self.cuts.get(index).ok_or(Error::FileMissing)?.file,
        };
        Ok(one_line(&self.sources.get(file).path))
    }

    fn source(&'f self, id: ShownFile) -> Result<&'f str, Error> {
        match id {
            ShownFile::Whole(file) => Ok(&self.sources.get(file).text),
            ShownFile::Cut(index) => self
                .cuts
                .get(index)
                .map(|cut| cut.text.as_str())
                .ok_or(Error::FileMissing),
        }
    }

    fn line_index(&'f self, id: ShownFile, byte: usize) -> Result<usize, Error> {
        match id {
            ShownFile::Whole(file) => Ok(self
                .sources
                .get(file)
                .lines
                .line(u32::try_from(byte).unwrap_or(u32::MAX))),
            ShownFile::Cut(_) => Ok(0),
        }
    }

    fn line_number(&'f self, id: ShownFile, line: usize) -> Result<usize, Error> {
        match id {
            ShownFile::Whole(_) => Ok(line + 1),
            ShownFile::Cut(index) => self
                .cuts
                .get(index)
                .map(|cut| cut.line)
                .ok_or(Error::FileMissing),
        }
    }

    fn column_number(&'f self, id: ShownFile, line: usize, byte: usize) -> Result<usize, Error> {
        let text = self.source(id)?;
        let range = self.line_range(id, line)?;
        let before = text
            .get(range.start..byte)
            .unwrap_or_default()
            .chars()
            .count();
        let first = match id {
            ShownFile::Whole(_) => 1,
            ShownFile::Cut(index) => self.cuts.get(index).map_or(1, |cut| cut.column),
        };
        Ok(first + before)
    }

    fn line_range(&'f self, id: ShownFile, line: usize) -> Result<Range<usize>, Error> {
        match id {
            ShownFile::Cut(index) => {
                Ok(0..self.cuts.get(index).ok_or(Error::FileMissing)?.text.len())
            }
            ShownFile::Whole(file) => {
                let source = self.sources.get(file);
                let max = source.lines.line_count();
                let start = source
                    .lines
                    .line_start(line)
                    .ok_or(Error::LineTooLarge { given: line, max })?
                    as usize;
                let end = source
                    .lines
                    .line_start(line + 1)
                    .map_or(source.text.len(), |end| end as usize);
                Ok(start..end)
            }
        }
    }
}

/// Colours for codespan.
struct Painter<'o> {
    out: &'o mut Vec<u8>,
}

impl Painter<'_> {
    fn set(&mut self, style: anstyle::Style) -> io::Result<()> {
        write!(self.out, "{style}")
    }
}

impl Write for Painter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl term::WriteStyle for Painter<'_> {
    fn set_header(&mut self, _: codespan::Severity) -> io::Result<()> {
        Ok(())
    }

    fn set_header_message(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn set_line_number(&mut self) -> io::Result<()> {
        self.set(ansi::DIM)
    }

    fn set_note_bullet(&mut self) -> io::Result<()> {
        self.set(ansi::DIM)
    }

    fn set_source_border(&mut self) -> io::Result<()> {
        self.set(ansi::DIM)
    }

    fn set_label(
        &mut self,
        severity: codespan::Severity,
        style: codespan::LabelStyle,
    ) -> io::Result<()> {
        let severity = match severity {
            codespan::Severity::Bug | codespan::Severity::Error => Severity::Error,
            codespan::Severity::Warning => Severity::Warning,
            codespan::Severity::Note => Severity::Info,
            codespan::Severity::Help => Severity::Hint,
        };
        match style {
            codespan::LabelStyle::Primary => self.set(ansi::severity(severity)),
            codespan::LabelStyle::Secondary => self.set(anstyle::AnsiColor::Blue.on_default()),
        }
    }

    fn reset(&mut self) -> io::Result<()> {
        write!(self.out, "{}", anstyle::Reset)
    }
}
