//! A decision in Markdown: a line for each of its examples.

use super::words::{obstacle, ruling};
use crate::access::Outcome;
use crate::report::markdown::code;
use crate::report::snippet;
use crate::session::{Answered, RulePlace, Shown};
use crate::source::SourceMap;

/// The lines of a decision: what is decided for which example and by which rules, and which rules lose and why.
#[must_use]
pub fn decision_lines(answer: &Answered, sources: &SourceMap) -> Vec<String> {
    let mut lines: Vec<String> = match answer.outcome {
        Outcome::Unknown => Vec::new(),
        _ => answer
            .examples
            .iter()
            .map(|one| line(one, sources))
            .collect(),
    };
    let open = answer.open.as_ref().filter(|_| lines.is_empty());
    lines.extend(open.map(|open| format!("unknown: {}", obstacle(open, sources))));
    lines
}

fn line(example: &Shown, sources: &SourceMap) -> String {
    let rule = |place: &RulePlace| {
        let text = sources.shown(place.span).trim_end_matches(',');
        let words: Vec<&str> = text.split_whitespace().collect();
        format!(
            "{} ({})",
            code(&words.join(" ")),
            snippet::place(place.span, sources)
        )
    };
    let mut line = format!("{}: {}", ruling(example.ruling), code(&example.request));
    if example.by_mode {
        line.push_str(", by the mode of the profile");
    } else if let Some(first) = example.winners.first() {
        line.push_str(&format!(", by {}", rule(first)));
        match example.winners.len() - 1 {
            0 => {}
            1 => line.push_str(" and 1 more rule"),
            more => line.push_str(&format!(" and {more} more rules")),
        }
    }
    if let Some((loser, why)) = example.losers.first() {
        line.push_str(&format!("; overrides {}: {}", rule(loser), why.sentence()));
    }
    line
}
