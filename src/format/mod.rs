//! How policy is laid out: what `aalint fmt` makes of a text.
//!
//! White space is all that changes, and most of a file's own layout stays: the default changes few of the files that people write. A
//! text is taken line by line, with what the tree knows of each line. Text that is broken stays as it is.

mod layout;
mod lines;
mod paragraph;

use std::mem::{Discriminant, discriminant};
use std::ops::RangeInclusive;

pub use layout::{Alignment, Layout};

use crate::syntax::fault::{FaultKind, SyntaxFault};
use crate::syntax::{self, File, SyntaxKind};
use layout::Frozen;
use lines::{LineKind, TextLine, lines};

/// Why a text is left as it is.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum FormatFault {
    /// It is plainly no policy.
    NotPolicy,
    /// More than its white space would change.
    Unsafe,
}

/// Most blank lines in a row between the items of a file.
const BLANK_LINES: usize = 2;

/// The text laid out anew. Of `only`, counted from one, the lines are that may change; all of them if there is none.
///
/// # Errors
/// If the text is no policy, or more than white space would change.
pub fn format(
    text: &str,
    layout: &Layout,
    only: Option<RangeInclusive<usize>>,
) -> Result<String, FormatFault> {
    let file = syntax::read(text);
    let is_no_policy =
        |kind: &FaultKind| matches!(kind, FaultKind::Syntax(SyntaxFault::NotPolicy(_)));
    if file.faults.iter().any(|fault| is_no_policy(&fault.kind)) {
        return Err(FormatFault::NotPolicy);
    }
    // Blanks alone say nothing, and an empty file is something else.
    if text.trim().is_empty() {
        return Ok(text.to_owned());
    }
    for frozen in [Frozen::Lines, Frozen::Items] {
        let formatted = laid_out(text, &file, layout, frozen, only.as_ref());
        // Most files are laid out already: to parse them anew would be half of the work.
        if text == formatted || is_same(text, &formatted) {
            return Ok(formatted);
        }
    }
    match file.faults.is_empty() {
        true => Err(FormatFault::Unsafe),
        // What is broken may end anywhere.
        false => Ok(text.to_owned()),
    }
}

fn laid_out(
    text: &str,
    file: &File,
    layout: &Layout,
    frozen: Frozen,
    only: Option<&RangeInclusive<usize>>,
) -> String {
    let lines = lines(text, file, layout, frozen);
    let bodies = paragraph::bodies(&lines, layout);
    let end = line_end(text);
    let formatted = put_together(text.len(), &lines, &bodies, end, only);
    // Lines that went, and broken ones that keep their ends, can leave most lines with the other one.
    match line_end(&formatted) {
        other if other != end => put_together(text.len(), &lines, &bodies, other, only),
        _ => formatted,
    }
}

/// The lines with their new texts, as far as they may change.
fn put_together(
    length: usize,
    lines: &[TextLine<'_>],
    bodies: &[String],
    end: &str,
    only: Option<&RangeInclusive<usize>>,
) -> String {
    let may_change = |number: usize| only.is_none_or(|only| only.contains(&(number + 1)));
    let mut formatted = String::with_capacity(length);
    let mut writer = Blanks::default();
    for (number, line) in lines.iter().enumerate() {
        let next = lines.get(number + 1..).unwrap_or_default();
        let may_change = may_change(number) && !line.is_frozen;
        if may_change && line.kind == LineKind::Blank {
            if !writer.wants(line, next) {
                continue;
            }
        } else {
            writer.seen(line);
        }
        match bodies.get(number).filter(|_| may_change) {
            Some(body) => formatted.push_str(body),
            None => formatted.push_str(line.text),
        }
        let keeps_end = !may_change || line.ends_within_text;
        formatted.push_str(if keeps_end { line.end } else { end });
    }
    formatted
}

/// What most lines end with.
fn line_end(text: &str) -> &'static str {
    let all = text.matches('\n').count();
    let windows = text.matches("\r\n").count();
    if windows * 2 > all { "\r\n" } else { "\n" }
}

/// Which blank lines stay.
#[derive(Default)]
struct Blanks {
    in_a_row: usize,
    /// Whether a line that is not blank was there.
    has_begun: bool,
    /// Whether the last such line opens a block.
    has_opened: bool,
}

impl Blanks {
    fn seen(&mut self, line: &TextLine<'_>) {
        if line.kind == LineKind::Blank {
            self.in_a_row += 1;
            return;
        }
        *self = Self {
            in_a_row: 0,
            has_begun: true,
            has_opened: line.opens_block,
        };
    }

    fn wants(&mut self, line: &TextLine<'_>, rest: &[TextLine<'_>]) -> bool {
        let most = if line.depth == 0 { BLANK_LINES } else { 1 };
        let may_stay = self.has_begun && !self.has_opened && self.in_a_row < most;
        self.in_a_row += 1;
        // Few of many blank lines come to this: each look goes to the end of them.
        let next = || rest.iter().find(|line| line.kind != LineKind::Blank);
        may_stay && next().is_some_and(|next| next.kind != LineKind::Close)
    }
}

/// Whether two texts differ in white space alone, and in none that means something: the parts of their trees are the same, and so is what
/// is wrong with them.
fn is_same(old: &str, new: &str) -> bool {
    let is_blank = |c: &char| matches!(c, ' ' | '\t' | '\r' | '\n');
    let rest = |text: &str| -> Vec<char> { text.chars().filter(|c| !is_blank(c)).collect() };
    rest(old) == rest(new) && parts(old) == parts(new) && faults(old) == faults(new)
}

/// The kinds of faults, without those that the end of the last line makes good.
fn faults(text: &str) -> Vec<Discriminant<FaultKind>> {
    let of_end = |kind: &FaultKind| {
        matches!(
            kind,
            FaultKind::Syntax(SyntaxFault::CommentAtEnd | SyntaxFault::IncludeAtEnd)
        )
    };
    let faults = syntax::read(text).faults.into_iter();
    let faults = faults.map(|fault| fault.kind);
    faults
        .filter(|kind| !of_end(kind))
        .map(|kind| discriminant(&kind))
        .collect()
}

/// The nodes of a text, with the text of those that have no others in them.
fn parts(text: &str) -> Vec<(SyntaxKind, String)> {
    let tree = syntax::parse(text);
    let nodes = tree.nodes();
    let mut parts = Vec::with_capacity(nodes.len());
    for (index, node) in nodes.iter().enumerate() {
        let following = nodes.get(index + 1);
        let is_leaf = following.is_none_or(|next| !node.range.contains(next.range));
        let own = match is_leaf && node.kind != SyntaxKind::Block {
            true => text.get(node.range.start as usize..node.range.end as usize),
            false => None,
        };
        let own = own.unwrap_or_default();
        let own = match node.kind {
            SyntaxKind::Comment => own.trim_end_matches([' ', '\t', '\r']),
            _ if own.contains(['\n', '"', '\\']) => own,
            // Without others in it a rule is a keyword and blanks.
            _ => own.trim_end_matches([' ', '\t', '\r', '\n']),
        };
        let kept = if own.contains(['\n', '"', '\\']) {
            own.to_owned()
        } else {
            own.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        parts.push((node.kind, kept));
    }
    parts
}
