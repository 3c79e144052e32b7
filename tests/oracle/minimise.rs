//! What differs, boiled down: lines go, then characters of the rules, then bytes of the question, as long as it differs.

use super::compare::Disagreement;

/// How often both are asked again for one disagreement.
const ATTEMPTS: usize = 400;

/// Makes the profile and the question smaller.
pub fn minimise(
    mut found: Disagreement,
    differs: &impl Fn(&str, &[u8]) -> Option<Disagreement>,
) -> Disagreement {
    let mut attempts = 0;
    loop {
        let before = (found.profile.len(), found.question.len());
        let mut at = 0;
        while let Some(smaller) = without_line(&found.profile, at) {
            attempts += 1;
            match differs(&smaller, &found.question) {
                Some(other) => found = other,
                None => at += 1,
            }
        }
        for (what, length) in [
            (0, found.profile.chars().count()),
            (1, found.question.len()),
        ] {
            for at in (0..length).rev() {
                attempts += 1;
                if attempts > ATTEMPTS {
                    return found;
                }
                let other = match what {
                    0 => {
                        let kept = found.profile.chars().enumerate();
                        let kept: String = kept
                            .filter(|(index, _)| *index != at)
                            .map(|(_, c)| c)
                            .collect();
                        differs(&kept, &found.question)
                    }
                    _ => {
                        let mut question = found.question.clone();
                        question.remove(at);
                        differs(&found.profile, &question)
                    }
                };
                if let Some(other) = other {
                    found = other;
                }
            }
        }
        if before == (found.profile.len(), found.question.len()) {
            return found;
        }
    }
}

fn without_line(text: &str, at: usize) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    lines.get(at)?;
    let kept = lines.iter().enumerate().filter(|(index, _)| *index != at);
    Some(kept.map(|(_, line)| format!("{line}\n")).collect())
}
