//! Results without the text of files outside of what is checked.
//!
//! Where a rule, a line or a name is quoted as it is written, [`SourceMap::shown`] leaves it out. What a message
//! makes of a file is not quoted: the value of a variable, an example of a pattern. So words decide: what is
//! written in a file outside, in no file inside, and in no path that is told anyway, is not shown.

mod draw;

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use crate::source::{HIDDEN, SourceMap};
use crate::syntax::text::value;

/// Shortest word that is looked for within others, and of which others may be a part, in characters: values are
/// joined, and long texts are cut.
const MIN_PART: usize = 4;

/// What is not to be shown.
#[derive(Debug, Default)]
pub struct Veil {
    /// The paths of the files outside.
    outside: FxHashSet<String>,
    /// Words that are written in them alone.
    hidden: FxHashSet<String>,
    /// The same in order, and read backwards.
    forward: BTreeSet<String>,
    backward: BTreeSet<String>,
    /// How long those are that may be a part of a longer word, in bytes.
    lengths: Vec<usize>,
    /// Words that are shown anyway.
    known: FxHashSet<String>,
    /// Words of aalint's own pages.
    ours: FxHashSet<&'static str>,
}

impl Veil {
    /// Over the files outside among `sources`, and what `more` says; `None` if nothing is to be hidden.
    #[must_use]
    pub fn over(sources: &[&SourceMap], more: Option<&str>) -> Option<Self> {
        let files = || sources.iter().flat_map(|sources| sources.iter());
        let mut veil = Self::default();
        let mut hidden = FxHashSet::default();
        let texts = files().filter(|(_, source)| source.is_outside);
        for text in texts.map(|(_, source)| source.text.as_str()).chain(more) {
            hidden.extend(words(text).map(str::to_owned));
            // As they are once they are read.
            for written in text.split_whitespace().filter(|word| word.contains('\\')) {
                hidden.extend(words(&value(written)).map(str::to_owned));
            }
        }
        if hidden.is_empty() && !files().any(|(_, source)| source.is_outside) {
            return None;
        }
        for (_, source) in files() {
            veil.known.extend(words(&source.path).map(str::to_owned));
            if source.is_outside {
                veil.outside.insert(source.path.clone());
            } else {
                veil.known.extend(words(&source.text).map(str::to_owned));
            }
        }
        hidden.retain(|word| !veil.known.contains(word));
        let long = hidden.iter().filter(|word| word.len() >= MIN_PART);
        let lengths: BTreeSet<usize> = long.map(String::len).collect();
        veil.lengths = lengths.into_iter().collect();
        let backwards = |word: &String| word.chars().rev().collect();
        veil.backward = hidden.iter().map(backwards).collect();
        veil.forward = hidden.iter().cloned().collect();
        veil.hidden = hidden;
        let pages = crate::rules::all().iter().map(|rule| rule.meta.page);
        veil.ours = pages.flat_map(words).collect();
        Some(veil)
    }

    /// Whether a text tells something that is not to be shown.
    #[must_use]
    pub fn is_over(&self, text: &str) -> bool {
        words(text).any(|word| self.hides(word))
    }

    /// A text that comes from policy, or what stands for it.
    #[must_use]
    pub fn value(&self, text: &str) -> String {
        match self.is_over(text) {
            true => HIDDEN.to_owned(),
            false => text.to_owned(),
        }
    }

    fn hides(&self, word: &str) -> bool {
        if self.known.contains(word) {
            return false;
        }
        self.hidden.contains(word) || self.is_whole_of(word) || self.is_part_of(word)
    }

    /// Whether a hidden word is a part of a longer one.
    fn is_whole_of(&self, word: &str) -> bool {
        let lengths = self
            .lengths
            .iter()
            .take_while(|length| **length < word.len());
        let mut parts = lengths.flat_map(|length| {
            (0..=word.len() - length).filter_map(move |start| word.get(start..start + length))
        });
        parts.any(|part| self.hidden.contains(part))
    }

    /// Whether a word is the beginning or the end of a hidden one.
    fn is_part_of(&self, word: &str) -> bool {
        let begins = |all: &BTreeSet<String>, word: &str| {
            let next = all.range(word.to_owned()..).next();
            next.is_some_and(|next| next.starts_with(word))
        };
        let backwards: String = word.chars().rev().collect();
        word.len() >= MIN_PART
            && (begins(&self.forward, word) || begins(&self.backward, &backwards))
    }

    /// A sentence in which what is quoted may come from policy. `None` if it holds a hidden word that is not quoted,
    /// nor one of ours: what is quoted may hold a quote.
    fn sentence(&self, text: &str) -> Option<String> {
        let mut parts = Vec::new();
        for (number, part) in text.split('`').enumerate() {
            let is_quoted = number % 2 == 1;
            parts.push(match is_quoted && self.is_over(part) {
                true => HIDDEN,
                false => part,
            });
            let is_shown = |word: &str| self.ours.contains(word) || !self.hides(word);
            if !is_quoted && !words(part).all(is_shown) {
                return None;
            }
        }
        Some(parts.join("`"))
    }
}

/// Runs of letters and digits.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    /// A veil over a file outside, beside one inside.
    fn veil(outside: &str, inside: &str) -> Veil {
        let mut sources = SourceMap::default();
        let mut hidden = Source::new("out/there", outside.as_bytes().to_vec());
        hidden.is_outside = true;
        sources.add(hidden);
        sources.add(Source::new("here", inside.as_bytes().to_vec()));
        Veil::over(&[&sources], None).unwrap()
    }

    #[test]
    fn words_of_a_file_outside_are_hidden_however_they_come() {
        let veil = veil(
            "root:hunter2:/srv/\\x70ass/x\n@{X}=ab\n",
            "profile root /srv/web {\n}\n",
        );
        for text in [
            "hunter2",
            "/srv/hunter2/**",
            // Joined with others, and cut.
            "/srv/xhunter2y",
            "/srv/hunt",
            "nter2",
            // Once its escapes are read.
            "/srv/pass/x",
            "ab",
            "x",
        ] {
            assert!(veil.is_over(text), "{text}");
            assert_eq!(veil.value(text), HIDDEN);
        }
        for text in [
            "root",
            "/srv/web",
            "out/there",
            "/srv/{,*}",
            "abc",
            "/usr/lib/",
        ] {
            assert!(!veil.is_over(text), "{text}");
            assert_eq!(veil.value(text), text);
        }
    }

    #[test]
    fn a_sentence_loses_what_it_quotes_or_is_lost() {
        let veil = veil("hunter2 `odd allows", "profile p {\n}\n");
        let shown = |text: &str| veil.sentence(text);
        assert_eq!(
            shown("the profile `p` allows `/hunter2`").as_deref(),
            Some("the profile `p` allows `…`")
        );
        // A quote in what is quoted puts it outside of the quotes.
        assert_eq!(shown("it allows `/a`hunter2`"), None);
        assert_eq!(shown("it allows hunter2"), None);
        assert_eq!(shown("it allows `p`").as_deref(), Some("it allows `p`"));
    }

    #[test]
    fn nothing_is_hidden_where_nothing_lies_outside() {
        let mut sources = SourceMap::default();
        sources.add(Source::new("here", b"profile p {\n}\n".to_vec()));
        assert!(Veil::over(&[&sources], None).is_none());
        assert!(Veil::over(&[&sources], Some("variables")).is_some());
    }
}
