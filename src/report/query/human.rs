//! A line for each request, or the rules with their source lines.

use std::io::{self, Write};

use super::super::{Style, ansi, one_line, snippet};
use super::words::{elsewhere, followed, mode, obstacle, outcome, ruling};
use crate::access::{Outcome, Ruling};
use crate::diagnostic::{Label, LabelStyle, Severity};
use crate::session::{Answered, Answers, Obstacle, RulePlace, Shown};
use crate::source::Span;

/// Widest request that the others are aligned with, in characters.
const ALIGNED_WIDTH: usize = 48;

/// Longest text of a rule that is shown in a line, in characters.
const MAX_RULE: usize = 80;

pub(super) fn write(
    answers: &Answers,
    why: bool,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let page = Page { answers, style };
    let requests = answers.answers.iter().flat_map(|answer| {
        let examples = answer.examples.iter().filter(|_| is_split(answer));
        let inner = examples.map(|example| example.request.chars().count() + 2);
        inner.chain([answer.request.chars().count()])
    });
    let width = requests
        .filter(|width| *width <= ALIGNED_WIDTH)
        .max()
        .unwrap_or(0);
    for answer in &answers.answers {
        if why {
            page.explain(answer, out)?;
        } else {
            page.line(answer, width, out)?;
        }
    }
    for note in page.notes() {
        let name = ansi::paint("note:", ansi::BOLD, style.color);
        writeln!(out, "{name} {note}")?;
    }
    Ok(())
}

/// Whether the parts of a request are decided differently, so that each has a line.
fn is_split(answer: &Answered) -> bool {
    answer.outcome != Outcome::Unknown && answer.examples.len() > 1
}

const fn severity(ruling: Ruling) -> Severity {
    match ruling {
        Ruling::Allowed => Severity::Hint,
        Ruling::Denied => Severity::Error,
        Ruling::Unmatched => Severity::Warning,
        Ruling::Asked => Severity::Info,
    }
}

const fn color(outcome: Outcome) -> Severity {
    match outcome {
        Outcome::Allowed => Severity::Hint,
        Outcome::Denied | Outcome::Refused => Severity::Error,
        Outcome::Unmatched | Outcome::Partly => Severity::Warning,
        Outcome::Asked | Outcome::Unknown => Severity::Info,
    }
}

struct Page<'a> {
    answers: &'a Answers,
    style: Style,
}

impl Page<'_> {
    fn notes(&self) -> Vec<String> {
        let profile = one_line(&self.answers.profile);
        let mut notes = Vec::new();
        if let Some(mode) = mode(self.answers.mode) {
            notes.push(format!("`{profile}` {mode}"));
        }
        if self.answers.is_faulty {
            notes.push(
                "the file has errors that keep it from being loaded: `aalint check` shows them"
                    .to_owned(),
            );
        }
        for answer in &self.answers.answers {
            let request = &answer.request;
            let links = answer.followed.iter().map(|link| followed(request, link));
            notes.extend(links);
            let links = answer.elsewhere.iter();
            notes.extend(links.map(|link| elsewhere(request, link)));
        }
        notes
    }

    fn word(&self, word: &str, severity: Severity) -> String {
        ansi::paint(
            &format!("{word:<9}"),
            ansi::severity(severity),
            self.style.color,
        )
    }

    fn line(&self, answer: &Answered, width: usize, out: &mut dyn Write) -> io::Result<()> {
        let word = self.word(outcome(answer.outcome), color(answer.outcome));
        let request = one_line(&answer.request);
        if is_split(answer) {
            writeln!(out, "{word}  {request}")?;
            for example in &answer.examples {
                let word = self.word(ruling(example.ruling), severity(example.ruling));
                let shown = one_line(&example.request);
                let width = width.saturating_sub(2);
                let line = format!("  {word}  {shown:<width$}  {}", self.reason(example));
                writeln!(out, "{}", line.trim_end())?;
            }
            return Ok(());
        }
        let reason = match (&answer.open, answer.examples.first()) {
            (Some(open), _) if answer.outcome == Outcome::Unknown => {
                obstacle(open, &self.answers.store.sources)
            }
            (_, Some(example)) => self.reason(example),
            (_, None) => String::new(),
        };
        let line = format!("{word}  {request:<width$}  {reason}");
        writeln!(out, "{}", line.trim_end())
    }

    /// The first rule that decides, or what does in its place.
    fn reason(&self, example: &Shown) -> String {
        if example.by_mode {
            return format!("{} mode", self.answers.mode.name());
        }
        let Some(first) = example.winners.first() else {
            return match example.ruling {
                Ruling::Unmatched => "no rule matches".to_owned(),
                Ruling::Allowed | Ruling::Denied | Ruling::Asked => String::new(),
            };
        };
        let sources = &self.answers.store.sources;
        let rule = sources.shown(first.span).trim_end_matches(',');
        let rule = shortened(&one_line(rule));
        let mut reason = format!("{} {rule}", snippet::place(first.span, sources));
        if let Some(include) = first.via.first() {
            reason.push_str(&format!(
                " (included at {})",
                snippet::place(*include, sources)
            ));
        }
        match example.winners.len() - 1 {
            0 => {}
            1 => reason.push_str(" and 1 more rule"),
            more => reason.push_str(&format!(" and {more} more rules")),
        }
        reason
    }

    fn explain(&self, answer: &Answered, out: &mut dyn Write) -> io::Result<()> {
        let word = ansi::paint(
            outcome(answer.outcome),
            ansi::severity(color(answer.outcome)),
            self.style.color,
        );
        let request = ansi::paint(&one_line(&answer.request), ansi::BOLD, self.style.color);
        writeln!(out, "{word}: {request}")?;
        for example in &answer.examples {
            if is_split(answer) || answer.outcome == Outcome::Unknown {
                writeln!(
                    out,
                    " {}: {}",
                    ruling(example.ruling),
                    one_line(&example.request)
                )?;
            }
            self.rules(example, out)?;
        }
        if let Some(open) = &answer.open {
            let sentence = match answer.outcome {
                Outcome::Unknown => obstacle(open, &self.answers.store.sources),
                _ => self.priority_alone(open),
            };
            let name = ansi::paint("why:", ansi::BOLD, self.style.color);
            writeln!(out, "   = {name} {sentence}")?;
        }
        writeln!(out)
    }

    fn priority_alone(&self, open: &Obstacle) -> String {
        match open {
            Obstacle::Include(span) => format!(
                "`{}` is not known here; only a rule with a higher `priority` in it could change this",
                one_line(self.answers.store.sources.shown(*span).trim())
            ),
            open => obstacle(open, &self.answers.store.sources),
        }
    }

    fn rules(&self, example: &Shown, out: &mut dyn Write) -> io::Result<()> {
        let sources = &self.answers.store.sources;
        let mut labels = Vec::new();
        for place in &example.winners {
            let text = match example.ruling {
                Ruling::Allowed => "allows it",
                Ruling::Denied => "denies it",
                Ruling::Unmatched => "does not cover it",
                Ruling::Asked => "asks the user",
            };
            labels.push(label(place, LabelStyle::Primary, text.to_owned()));
        }
        for (place, why) in &example.losers {
            let text = format!("overridden: {}", why.sentence());
            labels.push(label(place, LabelStyle::Secondary, text));
        }
        if (labels.is_empty() || example.by_mode)
            && let Some(header) = self.answers.header
        {
            let text = if example.by_mode {
                format!("{} mode allows it", self.answers.mode.name())
            } else if example.ruling == Ruling::Allowed {
                "the parser allows it to all profiles of this kind".to_owned()
            } else {
                "no rule in this profile matches it".to_owned()
            };
            labels.insert(0, mark(header, LabelStyle::Primary, text));
        }
        snippet::write(
            severity(example.ruling),
            &labels,
            sources,
            self.style.color,
            out,
        )?;
        let mut ways: Vec<&[Span]> = Vec::new();
        let losers = example.losers.iter().map(|(place, _)| place);
        for place in example.winners.iter().chain(losers) {
            if !place.via.is_empty() && !ways.contains(&place.via.as_slice()) {
                ways.push(&place.via);
                snippet::way(&place.via, sources, out)?;
            }
        }
        Ok(())
    }
}

fn label(place: &RulePlace, style: LabelStyle, text: String) -> Label {
    mark(place.span, style, text)
}

const fn mark(span: Span, style: LabelStyle, text: String) -> Label {
    Label { span, style, text }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= MAX_RULE {
        return text.to_owned();
    }
    format!("{}…", text.chars().take(MAX_RULE).collect::<String>())
}
