//! A difference boiled down: tokens go, then characters, as long as both sides still differ in the same way.

use super::judge::{Answer, Judge};
use super::token::tokens;

/// How often a text is made smaller, at most.
const ROUNDS: usize = 40;
/// How many smaller texts are looked at one by one in a round.
const TRIES: usize = 3;

/// A text that one side refuses and the other takes.
#[derive(Clone, Debug)]
pub struct Difference {
    pub number: u64,
    pub text: String,
    /// The parser's message, if it refuses.
    pub parser: Option<String>,
    /// aalint's message, if it refuses.
    pub aalint: Option<String>,
}

impl Difference {
    /// Asks both; `None` if they agree.
    pub fn of(judge: &Judge<'_>, number: u64, text: &str) -> Option<Self> {
        let aalint = judge.aalint(text);
        let parser = match judge.parser(text) {
            Answer::Taken => None,
            Answer::Refused(message) => Some(message),
            Answer::TimedOut => return None,
        };
        (aalint.is_some() != parser.is_some()).then(|| Self {
            number,
            text: text.to_owned(),
            parser,
            aalint,
        })
    }

    /// What the side that refuses says, without names and places.
    pub fn group(&self) -> String {
        match (&self.parser, &self.aalint) {
            (Some(message), _) => format!("only the parser refuses: {}", plain(message)),
            (_, Some(message)) => format!("only aalint refuses: {}", plain(message)),
            _ => "both take it".to_owned(),
        }
    }

    /// The same difference with a smaller text.
    pub fn smaller(&self, judge: &Judge<'_>) -> Self {
        let mut best = self.clone();
        for _ in 0..ROUNDS {
            let found = [8, 2, 1]
                .iter()
                .find_map(|step| best.without(judge, &tokens(&best.text), *step))
                .or_else(|| {
                    let characters = best.text.split("").collect::<Vec<_>>();
                    best.without(judge, &characters, 1)
                });
            match found {
                Some(found) => best = found,
                None => break,
            }
        }
        best
    }

    /// The same difference without some of the parts, `step` at a time: all that can go alone if that holds, or else one.
    fn without(&self, judge: &Judge<'_>, parts: &[&str], step: usize) -> Option<Self> {
        let starts: Vec<usize> = (0..parts.len()).step_by(step).collect();
        let rest = |start: usize| {
            [&parts[..start], &parts[(start + step).min(parts.len())..]]
                .concat()
                .concat()
        };
        let texts: Vec<String> = starts.iter().map(|start| rest(*start)).collect();
        let verdicts = judge.verdicts_uncached(&texts);
        let may_go: Vec<usize> = starts
            .iter()
            .zip(&texts)
            .zip(verdicts)
            .filter(|((_, text), is_taken)| {
                is_taken.is_some_and(|is_taken| is_taken == self.parser.is_none())
                    && **text != self.text
                    && judge.aalint(text).is_some() == self.aalint.is_some()
            })
            .map(|((start, _), _)| *start)
            .collect();
        let kept = (0..parts.len()).filter(|at| !may_go.contains(&(at - at % step)));
        let all_gone: String = kept.map(|at| parts[at]).collect();
        let group = self.group();
        let is_same =
            |text: &str| Self::of(judge, self.number, text).filter(|found| found.group() == group);
        if may_go.len() > 1
            && let Some(found) = is_same(&all_gone)
        {
            return Some(found);
        }
        may_go
            .iter()
            .take(TRIES)
            .find_map(|start| is_same(&rest(*start)))
    }
}

fn plain(message: &str) -> String {
    let message = message
        .rsplit_once(" at line ")
        .map_or(message, |(_, rest)| rest);
    let mut plain = String::new();
    let mut is_quoted = false;
    for c in message.chars() {
        match c {
            '`' | '\'' => is_quoted = !is_quoted,
            '0'..='9' => {}
            _ if is_quoted => continue,
            _ => {}
        }
        if !c.is_ascii_digit() {
            plain.push(c);
        }
    }
    plain
}
