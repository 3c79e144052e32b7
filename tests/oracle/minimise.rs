//! What differs, boiled down: lines go, then characters of the rules, then bytes of the question, as long as it differs.

use super::compare::Disagreement;

/// How often both are asked again for one disagreement.
const ATTEMPTS: usize = 400;

/// Makes the profile and the question smaller.
pub fn minimise(
    mut found: Disagreement,
    ask: &impl Fn(&str, &[u8]) -> Option<Disagreement>,
) -> Disagreement {
    // It must stay the same difference.
    let answers = (found.parser.clone(), found.aalint.clone());
    let differs = |text: &str, question: &[u8]| {
        ask(text, question).filter(|now| (&now.parser, &now.aalint) == (&answers.0, &answers.1))
    };
    let question = found.question.clone();
    let text = smaller_text(&found.profile, |text| differs(text, &question).is_some());
    for at in (0..question.len()).rev() {
        let mut shorter = found.question.clone();
        shorter.remove(at);
        if differs(&text, &shorter).is_some() {
            found.question = shorter;
        }
    }
    differs(&text, &found.question).unwrap_or(found)
}

/// A smaller text for which `holds` still holds.
pub fn smaller_text(text: &str, holds: impl Fn(&str) -> bool) -> String {
    let mut text = text.to_owned();
    let mut attempts = 0;
    loop {
        let before = text.len();
        for by_line in [true, false] {
            let separator = if by_line { "\n" } else { "" };
            let mut at = 0;
            loop {
                let mut parts: Vec<&str> = text.split(separator).collect();
                if at >= parts.len() {
                    break;
                }
                attempts += 1;
                if attempts > ATTEMPTS {
                    return text;
                }
                let is_nothing = parts.remove(at).is_empty();
                let shorter = parts.join(separator);
                if !is_nothing && holds(&shorter) {
                    text = shorter;
                } else {
                    at += 1;
                }
            }
        }
        if text.len() == before {
            return text;
        }
    }
}
