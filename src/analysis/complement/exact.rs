//! The pattern that deny rules which mean "all but" should have been.

use super::NegatedPrefix;
use crate::access::Effective;
use crate::analysis::{Uncovered, all_but};
use crate::glob::{InputDomain, Nfa};

/// Words that a pattern leaves out, but for those of which other rules deny a part: there the whole of
/// what these rules go into.
#[must_use]
pub fn refined_words(
    pattern: &NegatedPrefix,
    words: Vec<Vec<u8>>,
    deeper: &[&[u8]],
) -> Vec<Vec<u8>> {
    let mut refined = Vec::new();
    for word in words {
        let whole = [pattern.prefix.as_slice(), &word].concat();
        let inside = deeper.iter().filter(|prefix| prefix.starts_with(&whole));
        let inside = inside.filter_map(|prefix| prefix.strip_prefix(pattern.prefix.as_slice()));
        let before = refined.len();
        refined.extend(inside.map(<[u8]>::to_vec));
        if refined.len() == before {
            refined.push(word);
        }
    }
    refined
}

/// The exact pattern, if it can be shown to be right: it matches all that is `denied` today, and the names that are not.
#[must_use]
pub fn exact_complement(
    pattern: &NegatedPrefix,
    words: &[Vec<u8>],
    denied: &[&Nfa],
    uncovered: &Uncovered,
    effective: &Effective,
) -> Option<String> {
    let prefix = std::str::from_utf8(&pattern.prefix).ok()?;
    let exact = format!("{prefix}{}", all_but(words, &pattern.rest)?);
    let nfa = Nfa::path(&exact).ok()?;
    let kept = words
        .iter()
        .map(|word| [pattern.prefix.as_slice(), word].concat());
    let kept: Vec<Nfa> = kept.filter_map(|word| Nfa::with_prefix(&word)).collect();
    let with_kept: Vec<&Nfa> = std::iter::once(&nfa).chain(&kept).collect();
    let budget = &effective.budget;
    let is_whole = budget.outside(&pattern.relaxed, &with_kept, InputDomain::Paths) == Ok(None);
    let is_apart = |kept| budget.common(&[&nfa, kept], &[], InputDomain::Paths) == Ok(None);
    let covers = |denied: &&Nfa| budget.outside(denied, &[&nfa], InputDomain::Paths) == Ok(None);
    let mut missed = uncovered.known.iter().chain(&uncovered.made_up);
    let is_right = is_whole
        && kept.iter().all(is_apart)
        && denied.iter().all(covers)
        && missed.all(|name| nfa.matches(name.as_bytes()));
    is_right.then_some(exact)
}
