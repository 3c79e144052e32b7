//! `incomplete-complement`: deny rules that mean "all but", and leave out more.

use crate::access::{Class, Effective};
use crate::analysis::{
    ComplementRule, ComplementRules, Uncovered, complement_rules, exact_complement, refined_words,
};
use crate::diagnostic::{Claim, Severity};
use crate::glob::Nfa;
use crate::lint::{Check, Cx, Sink, listed};
use crate::policy::ProfileView;
use crate::source::Span;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Most words that a better pattern is made of.
const MAX_WORDS: usize = 16;
/// Most names that a finding shows.
const MAX_NAMES: usize = 6;
/// Most rules of a chain that a finding marks.
const MAX_LABELS: usize = 6;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    // What an include brings that nobody named is for its own authors, and what a build step may drop is not one policy.
    let rules = complement_rules(
        profile,
        cx.summaries,
        |fact, rule| {
            cx.targets.contains_key(&fact.file)
                && cx.slice(rule.path.0.in_file(fact.file)).contains("[^")
                && !cx.is_conditional(fact)
        },
        |fact, word| cx.expand(profile, fact, word),
    );
    if rules.is_empty() {
        return;
    }
    let effective = cx.effective(profile);
    if effective.is_uncertain() {
        return;
    }
    let all = ComplementRules::of(&rules);
    for of_rule in rules.chunk_by(|left, right| left.place() == right.place()) {
        side_by_side(of_rule, &all, (profile, &effective), cx, sink);
    }
    let mut told: Vec<Span> = Vec::new();
    for first in rules.iter().filter(|rule| all.is_first(rule)) {
        let chain = all.chain_from(first);
        if !told.contains(&first.place())
            && one_by_one(first, &chain, (profile, &effective), cx, sink)
        {
            told.push(first.place());
        }
    }
}

/// Several classes side by side in one pattern: it matches only names of which all letters differ.
fn side_by_side(
    rules: &[ComplementRule<'_>],
    all: &ComplementRules<'_>,
    (profile, effective): (&ProfileView<'_>, &Effective),
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let (mut uncovered, mut cause) = (Uncovered::default(), None);
    for rule in rules.iter().filter(|rule| rule.pattern.left_out.len() > 1) {
        let deeper = all.deeper_prefixes(&rule.pattern.prefix);
        let (Some(exception), Some(deeper)) = (rule.pattern.exception(), deeper) else {
            continue;
        };
        let mut apart = starting_with(deeper);
        apart.push(exception);
        let apart: Vec<&Nfa> = apart.iter().collect();
        let (known, made_up) = (uncovered.known.len(), uncovered.made_up.len());
        uncovered.extend(effective, &[&rule.pattern.relaxed], &apart, rule.mask);
        // The one that misses a file that systems have is the better example.
        if uncovered.known.len() > known && known == 0
            || cause.is_none() && uncovered.made_up.len() > made_up
        {
            cause = Some(rule);
        }
    }
    let Some(rule) = cause else {
        return;
    };
    let classes = &rule.pattern.classes;
    let finding = sink
        .at(
            rule.place(),
            format!(
                "this pattern misses names that it seems meant to deny: {}",
                still_allowed(&uncovered)
            ),
        )
        .mark(format!(
            "`{classes}` matches only names that differ in every one of these letters"
        ))
        .note("the rule does not match a name that has one of the excepted letters in its place");
    let place = [rule.place()];
    let denied = denied_at(&place, profile, effective, cx);
    let words = rule.pattern.words(MAX_WORDS);
    let exact = words.and_then(|words| {
        let deeper = all.deeper_prefixes(&rule.pattern.prefix)?;
        let words = refined_words(&rule.pattern, words, &deeper);
        exact_complement(&rule.pattern, &words, &denied, &uncovered, effective)
    });
    let help = match (exact, rule.pattern.letter_by_letter()) {
        (Some(exact), _) => {
            format!("write `{exact}`, which leaves out the exceptions and nothing else")
        }
        (None, Some(exact)) => format!("write `{exact}` for `{classes}`"),
        (None, None) => "write one alternative for each letter: for all but `abc` that is `{[^a]**,a{,[^b]**},ab{,[^c]**}}`".to_owned(),
    };
    let mut finding = finding
        .help(help)
        .claims(claims(&uncovered, rule.mask, profile, cx));
    finding.via = rule.via.to_vec();
    sink.report(finding);
}

/// Rules of which each denies a part of what the one before excepts: what falls between them. Whether
/// something was found.
fn one_by_one(
    first: &ComplementRule<'_>,
    chain: &[&ComplementRule<'_>],
    (profile, effective): (&ProfileView<'_>, &Effective),
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) -> bool {
    let prefixes: Vec<&[u8]> = chain.iter().map(|rule| &*rule.pattern.prefix).collect();
    let words = chain.iter().flat_map(|rule| rule.pattern.exceptions());
    let is_left = |word: &Vec<u8>| !prefixes.iter().any(|prefix| prefix.starts_with(word));
    let words: Vec<Vec<u8>> = words.filter(is_left).collect();
    let uncovered = between(first, chain, &words, effective);
    if uncovered.is_empty() {
        return false;
    }
    let mut places = Vec::new();
    for rule in chain {
        if !places.contains(&rule.place()) {
            places.push(rule.place());
        }
    }
    let these = match places.len() {
        1 => "this deny rule misses names that it seems".to_owned(),
        count => format!("these {count} deny rules miss names that they seem"),
    };
    let message = format!("{these} meant to deny: {}", still_allowed(&uncovered));
    let mut finding = sink.at(first.place(), message).mark("the first of them");
    for place in places.iter().skip(1).take(MAX_LABELS) {
        finding = finding.label(*place, "denies a part of an exception");
    }
    if uncovered.known.is_empty() {
        finding = finding.severity(Severity::Info);
    }
    let denied = denied_at(&places, profile, effective, cx);
    let note = "each rule denies names that differ from an exception in one letter, and no rule denies names that have that letter and differ later";
    let mut finding = finding
        .note(note)
        .help(one_rule(first, &words, &denied, &uncovered, effective))
        .claims(claims(&uncovered, first.mask, profile, cx));
    finding.via = first.via.to_vec();
    sink.report(finding);
    true
}

/// The names, as the end of a message.
fn still_allowed(uncovered: &Uncovered) -> String {
    let names = uncovered.names();
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{} {verb} still allowed", listed(names, MAX_NAMES))
}

/// That the names are allowed.
fn claims(uncovered: &Uncovered, mask: u32, profile: &ProfileView<'_>, cx: &Cx<'_>) -> Vec<Claim> {
    let effective = cx.effective(profile);
    let named = uncovered.names().iter().take(MAX_NAMES);
    let claims = named.flat_map(|name| {
        let allowed = effective.decide(Class::File, name.as_bytes()).allow & mask;
        cx.claims_of(profile, Class::File, name.as_bytes(), allowed)
    });
    claims.collect()
}

/// What the rules at some places deny.
fn denied_at<'e>(
    places: &[Span],
    profile: &ProfileView<'_>,
    effective: &'e Effective,
    cx: &Cx<'_>,
) -> Vec<&'e Nfa> {
    let denies = effective.denies(Class::File).filter(|deny| {
        let origin = deny.origin(profile, cx.summaries);
        origin.is_some_and(|(_, fact)| {
            let rule = cx.span(fact);
            let is_inside =
                |place: &Span| place.file == rule.file && rule.range.contains(place.range);
            places.iter().any(is_inside)
        })
    });
    denies.map(|deny| &*deny.entry.nfa).collect()
}

/// What a chain fails to deny that begins with none of `words`, its exceptions.
fn between(
    first: &ComplementRule<'_>,
    chain: &[&ComplementRule<'_>],
    words: &[Vec<u8>],
    effective: &Effective,
) -> Uncovered {
    let prefixes: Vec<&[u8]> = chain.iter().map(|rule| &*rule.pattern.prefix).collect();
    let exceptions = starting_with(words.iter().map(Vec::as_slice));
    // A word cut short is no file that anybody means.
    let cut: Vec<Nfa> = prefixes.iter().map(|prefix| Nfa::literal(prefix)).collect();
    let mut uncovered = Uncovered::default();
    for prefix in prefixes.iter().filter(|_| chain.len() > 1) {
        let deeper = prefixes
            .iter()
            .copied()
            .filter(|other| other.len() > prefix.len());
        let deeper = starting_with(deeper);
        let apart: Vec<&Nfa> = exceptions.iter().chain(&cut).chain(&deeper).collect();
        if let Some(inside) = Nfa::with_prefix(prefix) {
            let wanted = [&first.pattern.relaxed, &inside];
            uncovered.extend(effective, &wanted, &apart, first.mask);
        }
    }
    uncovered
}

/// What to write instead of a chain with these exceptions.
fn one_rule(
    first: &ComplementRule<'_>,
    words: &[Vec<u8>],
    denied: &[&Nfa],
    uncovered: &Uncovered,
    effective: &Effective,
) -> String {
    let cut = |word: &Vec<u8>| {
        word.strip_prefix(first.pattern.prefix.as_slice())
            .map(<[u8]>::to_vec)
    };
    let rests: Vec<Vec<u8>> = words.iter().filter_map(cut).collect();
    let Some(exact) = exact_complement(&first.pattern, &rests, denied, uncovered, effective) else {
        return "add a deny rule for these names".to_owned();
    };
    let spared: Vec<String> = words
        .iter()
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect();
    format!(
        "write one rule for `{exact}`: it leaves out names that begin with {} and nothing else",
        listed(&spared, MAX_NAMES)
    )
}

/// Whatever begins with one of these.
fn starting_with<'b>(all: impl IntoIterator<Item = &'b [u8]>) -> Vec<Nfa> {
    all.into_iter().filter_map(Nfa::with_prefix).collect()
}
