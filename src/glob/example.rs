//! A text that an NFA matches, made without a search.

use super::nfa::{ByteSet, Nfa, NfaState};

/// Bytes that read well in an example, best first.
const READABLE: &[u8] = b"xyzabcdefghijklmnopqrstuvw0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.,:+";

impl Nfa {
    /// A text that it matches: what may be left out is left out, and of alternatives the last one is
    /// taken. It may be no path even where others are.
    #[must_use]
    pub fn example(&self) -> Vec<u8> {
        let mut text = Vec::new();
        let mut at = 0_u32;
        loop {
            match self.states.get(at) {
                Some(NfaState::Byte(byte)) => {
                    text.push(byte);
                    at += 1;
                }
                Some(NfaState::Set(set)) => {
                    text.push(readable(self.set(set)));
                    at += 1;
                }
                // The second way always leads on, out of a repetition or to the next alternative.
                Some(NfaState::Split(_, second)) if second > at => at = second,
                _ => return text,
            }
        }
    }

    /// Another one, as different as may be: of alternatives the first is taken, and what may be repeated
    /// stands there, with a slash if that is among it.
    #[must_use]
    pub fn other_example(&self) -> Vec<u8> {
        let mut text = Vec::new();
        let mut at = 0_u32;
        loop {
            match self.states.get(at) {
                Some(NfaState::Byte(byte)) => {
                    text.push(byte);
                    at += 1;
                }
                Some(NfaState::Set(set)) => {
                    text.push(unusual(self.set(set)));
                    at += 1;
                }
                Some(NfaState::Split(first, second)) if self.repeats(at) => {
                    if let Some(NfaState::Set(set)) = self.states.get(first) {
                        let set = self.set(set);
                        text.push(unusual(set));
                        if set.contains(b'/') {
                            text.extend([b'/', unusual(set)]);
                        }
                    }
                    at = second;
                }
                Some(NfaState::Split(first, _)) if first > at => at = first,
                _ => return text,
            }
        }
    }

    /// Whether a repetition begins at a state.
    pub(super) fn repeats(&self, at: u32) -> bool {
        let again = self.states.get(at + 2);
        matches!(self.states.get(at), Some(NfaState::Split(next, _)) if next == at + 1)
            && matches!(again, Some(NfaState::Split(left, _)) if left == at)
    }
}

fn unusual(set: ByteSet) -> u8 {
    let mut all = READABLE
        .iter()
        .rev()
        .copied()
        .filter(|byte| *byte != b'.')
        .chain(0..=u8::MAX);
    all.find(|byte| set.contains(*byte)).unwrap_or_default()
}

fn readable(set: ByteSet) -> u8 {
    let rest = 0..=u8::MAX;
    let mut all = READABLE.iter().copied().chain(rest);
    all.find(|byte| set.contains(*byte)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_match() {
        for pattern in [
            "/a",
            "/*",
            "/**",
            "/a/{b,c,}*/**",
            "/{,usr/}bin/[^x]?",
            "/{a,{b,c*}}/[0-9]",
            "/a{,/**}",
        ] {
            let nfa = Nfa::path(pattern).unwrap();
            let text = nfa.example();
            let shown = String::from_utf8_lossy(&text);
            assert!(nfa.matches(&text), "{pattern}: {shown}");
            assert!(nfa.matches(&nfa.other_example()), "{pattern}");
        }
        let nfa = Nfa::path("/a/**").unwrap();
        assert_eq!(nfa.example(), b"/a/x");
        assert_eq!(nfa.other_example(), b"/a/++/+");
    }
}
