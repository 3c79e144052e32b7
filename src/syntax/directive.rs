//! Directives in comments: our own, and those of apparmor.d's build step, `#aa:NAME …`, as far as they change what is loaded.
//!
//! `only` and `exclude` keep or drop the line at whose end they stand, or, on a line of their own,
//! the paragraph behind them. `exec`, `dbus` and `stack` add rules. `lint` belongs to a linter.

use crate::source::TextRange;

/// What follows `aalint:` in a comment of ours, and where in the comment that begins.
#[must_use]
pub fn directive(comment: &str) -> Option<(&str, usize)> {
    let body = comment.trim_start_matches('#').trim_start();
    let rest = body.strip_prefix("aalint:")?.trim_start();
    Some((rest, comment.len() - rest.len()))
}

/// Why a comment that is meant for aalint does nothing.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum DirectiveFault {
    /// No directive has this name.
    Word,
    /// The rules to ignore are not named in parentheses.
    List,
    /// It does not begin with `aalint:`.
    Prefix,
}

/// What is wrong with a comment that is meant for aalint, and which part of it to mark. What is nearly an assertion is said
/// with the assertions.
#[must_use]
pub fn directive_fault(comment: &str) -> Option<(DirectiveFault, usize, usize)> {
    if let Some((rest, at)) = directive(comment) {
        let end = rest.find([' ', '\t', '(', '[', '=', ':', ',']);
        let word = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        let behind = rest.get(word.len()..).unwrap_or_default();
        let fault = match word {
            "ignore" | "ignore-file" if has_names(behind) => return None,
            "ignore" | "ignore-file" => DirectiveFault::List,
            _ if word == "assert" || is_nearly_assert(word) => return None,
            _ => DirectiveFault::Word,
        };
        let shown = if word.is_empty() { rest } else { word };
        return Some((fault, at, at + shown.len()));
    }
    let body = comment.trim_start_matches('#').trim_start();
    let start = comment.len() - body.len();
    let lower = body.to_ascii_lowercase();
    let rest = lower.strip_prefix("aalint")?;
    let word = rest.trim_start_matches([' ', '\t', ':', '-', '_', '=']);
    let has_colon = rest.trim_start().starts_with(':');
    let is_directive = [
        "ignore(",
        "ignore-",
        "ignore[",
        "ignore:",
        "ignore=",
        "assert allow",
        "assert deny",
    ]
    .iter()
    .any(|known| word.starts_with(known));
    let end = start + body.split(' ').next().map_or(0, str::len);
    (has_colon || is_directive && word.len() < rest.len()).then_some((
        DirectiveFault::Prefix,
        start,
        end,
    ))
}

/// Whether a word was probably meant to be `assert`.
pub(super) fn is_nearly_assert(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let is_near = crate::lang::keywords::suggest(word, ["assert"].into_iter()).is_some();
    word != "assert" && (is_near || lower.starts_with("assert") || lower.starts_with("expect"))
}

/// Whether a list in parentheses names anything.
fn has_names(text: &str) -> bool {
    let list = text.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    list.is_some_and(|(names, _)| names.split(',').any(|name| !name.trim().is_empty()))
}

/// The ranges that the build step may drop, sorted and apart, and whether there is any directive of a build step.
pub(super) fn find(text: &str, comments: &[TextRange]) -> (Vec<TextRange>, bool) {
    let mut ranges = Vec::new();
    let mut is_source = false;
    // Comments come in the order of the text: one in a paragraph that was looked at ends with it.
    let mut paragraph = TextRange::default();
    for comment in comments {
        let written = text
            .get(comment.start as usize..comment.end as usize)
            .unwrap_or_default();
        let Some(directive) = written.strip_prefix("#aa:") else {
            continue;
        };
        let name = directive.split_whitespace().next().unwrap_or_default();
        is_source |= matches!(name, "only" | "exclude" | "exec" | "dbus" | "stack");
        if matches!(name, "only" | "exclude") {
            ranges.push(covered(text, *comment, &mut paragraph));
        }
    }
    ranges.sort();
    let mut joined: Vec<TextRange> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => *last = last.cover(range),
            _ => joined.push(range),
        }
    }
    (joined, is_source)
}

fn covered(text: &str, comment: TextRange, paragraph: &mut TextRange) -> TextRange {
    let before = text.get(..comment.start as usize).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let is_alone = before
        .get(line_start..)
        .unwrap_or_default()
        .trim()
        .is_empty();
    let start = u32::try_from(line_start).unwrap_or(u32::MAX);
    if !is_alone {
        return TextRange::new(start, comment.end);
    }
    if paragraph.start <= comment.start && comment.end < paragraph.end {
        return TextRange::new(start, paragraph.end);
    }
    let behind = text.get(comment.end as usize..).unwrap_or_default();
    let blank = behind
        .match_indices('\n')
        .map(|(at, _)| at)
        .skip(1)
        .find(|at| {
            behind.get(..*at).is_some_and(|part| {
                part.rsplit('\n')
                    .next()
                    .is_some_and(|line| line.trim().is_empty())
            })
        });
    let length = blank.unwrap_or(behind.len());
    *paragraph = TextRange::new(start, comment.end + u32::try_from(length).unwrap_or(0));
    *paragraph
}

#[cfg(test)]
mod tests {
    use super::super::read;

    #[test]
    fn conditions_cover_a_line_or_a_paragraph() {
        let text = "profile a {\n  /a r, #aa:only apt\n  /b r,\n\n  #aa:exclude ubuntu\n  /c r,\n  /d r,\n\n  /e r,\n}\n";
        let file = read(text);
        let covered: Vec<&str> = file
            .build_conditions
            .iter()
            .map(|range| text.get(range.start as usize..range.end as usize).unwrap())
            .collect();
        assert_eq!(covered.len(), 2);
        assert!(covered[0].contains("/a") && !covered[0].contains("/b"));
        assert!(
            covered[1].contains("/c") && covered[1].contains("/d") && !covered[1].contains("/e")
        );
        assert!(file.is_build_source);
    }
}
