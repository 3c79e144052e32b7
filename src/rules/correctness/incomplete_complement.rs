//! `incomplete-complement`: deny rules that mean "all but", and leave out more.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::access::{Class, Effective, bits};
use crate::glob::{Among, Program, Rung, all_but, alternatives, common, outside};
use crate::lang::KERNEL_FILES;
use crate::lang::permissions::LINK;
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::source::Span;
use crate::syntax::ast::{Body, FileRule, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Most alternatives of one pattern that are looked at.
const MOST_ALTERNATIVES: usize = 64;
/// Most words that a better pattern is made of.
const MOST_WORDS: usize = 16;
/// Most names that a finding shows.
const MOST_NAMES: usize = 6;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    super::slash_in_class::check(profile, cx, sink);
    let steps = steps(profile, cx);
    if steps.is_empty() {
        return;
    }
    let effective = cx.effective(profile);
    if effective.is_uncertain() {
        return;
    }
    let mut groups: BTreeMap<&[u8], Vec<&Step<'_>>> = BTreeMap::new();
    for step in &steps {
        groups.entry(&step.rung.prefix).or_default().push(step);
    }
    for (prefix, group) in &groups {
        let deeper: Vec<&[u8]> = groups
            .keys()
            .copied()
            .filter(|other| other.len() > prefix.len() && other.starts_with(prefix))
            .collect();
        let mut rules = group.clone();
        rules.dedup_by_key(|step| cx.span(step.fact));
        for step in rules {
            let of_rule = |other: &&&Step<'_>| cx.span(other.fact) == cx.span(step.fact);
            let steps: Vec<&Step<'_>> = group.iter().filter(of_rule).copied().collect();
            let gap = Gap::of(&steps, &deeper, &effective);
            if let Some(gap) = gap {
                report(&gap, step, sink);
            }
        }
    }
}

/// A rung and the rule it stands in.
struct Step<'p> {
    rung: Rung,
    fact: &'p Fact<'p>,
    via: &'p [Span],
    mask: u32,
}

/// The rungs of all deny rules in the files that are checked.
fn steps<'p>(profile: &'p ProfileView<'p>, cx: &'p Cx<'p>) -> Vec<Step<'p>> {
    let mut found = Vec::new();
    for segment in &profile.segments {
        let facts = segment.facts(cx.digests);
        let digest = cx.digests.file(segment.file);
        let denies: Vec<&Fact<'_>> = match digest.filter(|_| segment.is_whole_file()) {
            Some(digest) => {
                let numbers = digest.denies.iter();
                numbers.filter_map(|at| facts.get(*at as usize)).collect()
            }
            None => facts
                .iter()
                .filter(|fact| fact.mode == Mode::Deny)
                .collect(),
        };
        for fact in denies {
            if let Body::File(rule) = &fact.rule.body
                && cx.targets.contains_key(&fact.file)
                && cx.slice(rule.path.0.in_file(fact.file)).contains("[^")
            {
                found.extend(of_rule(fact, rule, &segment.via, profile, cx));
            }
        }
    }
    found
}

fn of_rule<'p>(
    fact: &'p Fact<'p>,
    rule: &FileRule,
    via: &'p [Span],
    profile: &ProfileView<'_>,
    cx: &Cx<'_>,
) -> Vec<Step<'p>> {
    let path = cx.expand(profile, fact, rule.path);
    let all = path.and_then(|path| alternatives(&path, MOST_ALTERNATIVES));
    let rungs = all.into_iter().flatten().filter_map(|one| Rung::read(&one));
    let mask = bits::both(rule.perms.bits & !LINK);
    rungs
        .map(|rung| Step {
            rung,
            fact,
            via,
            mask,
        })
        .collect()
}

/// What is left open.
struct Gap<'g> {
    /// Names that systems have, or one that shows it.
    names: Vec<String>,
    /// The pattern that would not leave it open.
    better: Option<String>,
    /// Classes side by side that are read as "none of them".
    classes: Option<&'g str>,
}

impl<'g> Gap<'g> {
    /// What the rungs of one rule leave open, where no rung that goes deeper takes over.
    fn of(steps: &[&'g Step<'g>], deeper: &[&[u8]], effective: &Effective) -> Option<Self> {
        let beginnings: Vec<Program> = deeper
            .iter()
            .filter_map(|prefix| beginning(prefix))
            .collect();
        let is_side_by_side = |step: &&&Step<'_>| step.rung.left_out.len() > 1;
        let several = steps.iter().find(is_side_by_side).copied();
        let mut names = Vec::new();
        for step in steps {
            let mut apart: Vec<&Program> = beginnings.iter().collect();
            let exceptions = exceptions(&step.rung, deeper)?;
            apart.extend(&exceptions);
            names.extend(known_names(step, &apart, effective));
        }
        names.sort_unstable();
        names.dedup();
        if let (true, Some(step)) = (names.is_empty(), several) {
            let mut apart: Vec<&Program> = beginnings.iter().collect();
            let exceptions = exceptions(&step.rung, deeper)?;
            apart.extend(&exceptions);
            names.extend(shortest(step, &apart, effective));
        }
        let first = steps.first()?;
        (!names.is_empty()).then(|| Gap {
            names,
            better: better(several.unwrap_or(first), deeper),
            classes: several.map(|step| step.rung.classes.as_str()),
        })
    }
}

/// Whatever begins with `prefix`.
fn beginning(prefix: &[u8]) -> Option<Program> {
    let mut builder = crate::glob::Builder::default();
    builder.bytes(prefix);
    builder.any_of(crate::glob::ByteSet::ANY);
    builder.finish().ok()
}

/// What a rung means to leave out, but for what other rungs go into.
fn exceptions(rung: &Rung, deeper: &[&[u8]]) -> Option<Vec<Program>> {
    let [bytes] = rung.left_out.as_slice() else {
        return Some(vec![rung.exception()?]);
    };
    let words = bytes
        .iter()
        .map(|byte| [rung.prefix.as_slice(), &[*byte]].concat());
    let is_left = |word: &Vec<u8>| !deeper.iter().any(|prefix| prefix.starts_with(word));
    words.filter(is_left).map(|word| beginning(&word)).collect()
}

/// Files of the kernel that are left open.
fn known_names(step: &Step<'_>, apart: &[&Program], effective: &Effective) -> Vec<String> {
    let is_open = |name: &&&str| {
        let name = name.as_bytes();
        name.starts_with(&step.rung.prefix)
            && step.rung.relaxed.matches(name)
            && !apart.iter().any(|program| program.matches(name))
            && effective.decide(Class::File, name).allow & step.mask != 0
    };
    KERNEL_FILES
        .iter()
        .filter(is_open)
        .map(|name| (*name).to_owned())
        .collect()
}

/// The shortest path that is left open.
fn shortest(step: &Step<'_>, apart: &[&Program], effective: &Effective) -> Option<String> {
    let mut found = None;
    let wanted = [&step.rung.relaxed];
    let result = effective.visit_outside(
        Class::File,
        &wanted,
        apart,
        Among::Paths,
        |verdict, _, trace| {
            if verdict.allow & step.mask == 0 {
                return ControlFlow::Continue(());
            }
            found = Some(String::from_utf8_lossy(&trace.text()).into_owned());
            ControlFlow::Break(())
        },
    );
    result.ok()?;
    found
}

/// The exact pattern, if it can be shown to be right.
fn better(step: &Step<'_>, deeper: &[&[u8]]) -> Option<String> {
    let rung = &step.rung;
    let mut words = Vec::new();
    for word in rung.words(MOST_WORDS)? {
        let whole = [rung.prefix.as_slice(), &word].concat();
        let refined = deeper.iter().filter(|prefix| prefix.starts_with(&whole));
        let before = words.len();
        words.extend(
            refined
                .filter_map(|prefix| prefix.strip_prefix(rung.prefix.as_slice()))
                .map(<[u8]>::to_vec),
        );
        if words.len() == before {
            words.push(word);
        }
    }
    let prefix = std::str::from_utf8(&rung.prefix).ok()?;
    let pattern = format!("{prefix}{}", all_but(&words, &rung.rest)?);
    let program = Program::path(&pattern).ok()?;
    let kept: Vec<Program> = words
        .iter()
        .filter_map(|word| beginning(&[rung.prefix.as_slice(), word].concat()))
        .collect();
    let with_kept: Vec<&Program> = std::iter::once(&program).chain(&kept).collect();
    let is_whole = outside(&rung.relaxed, &with_kept, Among::Paths) == Ok(None);
    let is_apart = kept
        .iter()
        .all(|kept| common(&[&program, kept], &[], Among::Paths) == Ok(None));
    (is_whole && is_apart).then_some(pattern)
}

fn report(gap: &Gap<'_>, step: &Step<'_>, sink: &mut Sink<'_>) {
    let Body::File(rule) = &step.fact.rule.body else {
        return;
    };
    let shown: Vec<String> = gap
        .names
        .iter()
        .take(MOST_NAMES)
        .map(|name| format!("`{name}`"))
        .collect();
    let mut names = shown.join(", ");
    if gap.names.len() > MOST_NAMES {
        names = format!("{names} and {} more", gap.names.len() - MOST_NAMES);
    }
    let mut finding = sink.at(
        rule.path.0.in_file(step.fact.file),
        format!("the pattern denies less than all but its exceptions: it leaves open {names}"),
    );
    finding = match gap.classes {
        Some(classes) => finding
            .mark(format!("`{classes}` needs every one of its letters to differ"))
            .note("a name escapes the rule as soon as one letter is that of the exception at its place"),
        None => finding
            .mark("leaves open all that begins like its exceptions")
            .note("other deny rules go into the exceptions, but only into some of what begins like them"),
    };
    finding = match &gap.better {
        Some(better) => finding.help(format!("write `{better}`, which leaves out the exceptions and nothing else")),
        None => finding.help("write one alternative for each letter: for all but `abc` that is `{[^a]**,a{,[^b]**},ab{,[^c]**}}`"),
    };
    finding.via = step.via.to_vec();
    sink.report(finding);
}
