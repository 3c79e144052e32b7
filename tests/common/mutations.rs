//! Texts that were changed by chance: what people and editors leave half written.

use proptest::prelude::*;
use proptest::test_runner::TestRng;

use super::tokens::TOKENS;

/// A text with three changes: a character is taken out, a token put in, a piece taken out or put in twice.
pub fn mutated(text: &str, random: &mut TestRng) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..3 {
        if chars.is_empty() {
            break;
        }
        let at = random.next_u32() as usize % chars.len();
        match random.next_u32() % 4 {
            0 => {
                chars.remove(at);
            }
            1 => {
                let piece = TOKENS[random.next_u32() as usize % TOKENS.len()];
                chars.splice(at..at, piece.chars());
            }
            2 => {
                let end = (at + random.next_u32() as usize % 200).min(chars.len());
                chars.drain(at..end);
            }
            _ => {
                let end = (at + random.next_u32() as usize % 200).min(chars.len());
                let copy: Vec<char> = chars[at..end].to_vec();
                chars.splice(at..at, copy);
            }
        }
    }
    chars.into_iter().collect()
}
