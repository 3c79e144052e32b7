//! Changes in words, with places instead of numbers.

use super::located::Located;
use super::model::{AccessChange, VersionedRule};
use super::risk::{self, JudgedChange};
use crate::access::{
    Change, ChangeCause, Class, ComparedProfile, Detail, Exec, PolicyVersion, Verdict, bits,
    change_at, show, word,
};
use crate::lang::capabilities::{CAPABILITIES, Capability};
use crate::lang::permissions::{EXEC, FilePerms};
use crate::policy::{Fact, RuleId};
use crate::session::rule_at::RuleAt;
use crate::source::{SourceMap, TextRange};
use crate::syntax::ast::Body;

/// All changes in words, the riskiest gains first.
pub(super) fn all(
    old: Located<'_, '_>,
    new: Located<'_, '_>,
    subjects: [ComparedProfile<'_>; 2],
    detail: Detail,
    found: Vec<Change>,
) -> Vec<AccessChange> {
    let all = with_words(old, new, subjects, detail, found).into_iter();
    all.map(|(_, told)| told).collect()
}

/// All changes, each with its words, the riskiest gains first.
pub(super) fn with_words(
    old: Located<'_, '_>,
    new: Located<'_, '_>,
    subjects: [ComparedProfile<'_>; 2],
    detail: Detail,
    found: Vec<Change>,
) -> Vec<(Change, AccessChange)> {
    let mut found = joined(found);
    let with_files = interfaces(&found);
    found.retain(|change| change.class != Class::File || !with_files.contains(&change.causes));
    let mut all: Vec<JudgedChange> = found.into_iter().map(JudgedChange::of).collect();
    risk::look_at_the_sensitive(subjects, detail, &mut all);
    all.sort_by(|left, right| {
        let (of_left, of_right) = (&left.risk, &right.risk);
        let (shown_left, shown_right) = (&left.shown.witness, &right.shown.witness);
        let (left, right) = (&left.change, &right.change);
        let rank = |change: &Change| {
            let delta = &change.delta;
            let is_gain = delta.gained != 0 || delta.is_exec_changed;
            (!is_gain, !delta.is_access())
        };
        (rank(left), std::cmp::Reverse(of_left.level), left.class)
            .cmp(&(rank(right), std::cmp::Reverse(of_right.level), right.class))
            .then_with(|| shown_left.cmp(shown_right))
            .then_with(|| left.causes.cmp(&right.causes))
    });
    let teller = Teller {
        old,
        new,
        subjects,
        detail,
    };
    all.into_iter()
        .map(|judged| {
            let told = teller.tell(&judged);
            (judged.change, told)
        })
        .collect()
}

/// The causes of changes of profile. The files by which the program asks for one come with them.
fn interfaces(found: &[Change]) -> Vec<Vec<ChangeCause>> {
    let changes = found
        .iter()
        .filter(|change| change.class == Class::ChangeProfile);
    changes.map(|change| change.causes.clone()).collect()
}

/// One change of several that the same rules make with other permissions in the same direction, as
/// those of a socket's name and of its peer.
fn joined(found: Vec<Change>) -> Vec<Change> {
    let mut all: Vec<Change> = Vec::new();
    let is_simple = |change: &Change| {
        let delta = &change.delta;
        delta.is_access()
            && !delta.is_exec_changed
            && (change.class != Class::File || (delta.gained | delta.lost) & bits::EXECS == 0)
    };
    for change in found {
        let known = all.iter_mut().find(|known| {
            known.class == change.class
                && known.causes == change.causes
                && known.delta.relation() == change.delta.relation()
                && is_simple(known)
                && is_simple(&change)
        });
        match known {
            Some(known) => {
                known.delta.gained |= change.delta.gained;
                known.delta.lost |= change.delta.lost;
                known.is_whole &= change.is_whole;
            }
            None => all.push(change),
        }
    }
    all
}

struct Teller<'p, 'o, 'n> {
    old: Located<'p, 'o>,
    new: Located<'p, 'n>,
    subjects: [ComparedProfile<'p>; 2],
    detail: Detail,
}

impl Teller<'_, '_, '_> {
    fn tell(&self, judged: &JudgedChange) -> AccessChange {
        let change = &judged.change;
        let [old, new] = &change.verdicts;
        let (mut rules, mut patterns): (Vec<VersionedRule>, Vec<Option<String>>) =
            (Vec::new(), Vec::new());
        for cause in &change.causes {
            let told = match cause.version {
                PolicyVersion::Old => rule(self.old, cause.version, cause.rule, change.class),
                PolicyVersion::New => rule(self.new, cause.version, cause.rule, change.class),
            };
            if let Some((rule, pattern)) = told {
                rules.push(rule);
                patterns.push(pattern);
            }
        }
        rules.sort();
        rules.dedup();
        patterns.dedup();
        let pattern = match patterns.as_slice() {
            [Some(only)] => Some(only.clone()),
            _ => None,
        };
        let request = request(&judged.shown);
        AccessChange {
            class: change.class,
            gained: self.permissions(change, change.delta.gained, new),
            lost: self.permissions(change, change.delta.lost, old),
            transition: transition(change),
            logging: logging(change),
            is_whole: change.is_whole || pattern.is_none(),
            pattern: pattern.unwrap_or_else(|| subject(&judged.shown)),
            request,
            risk: judged.risk.clone(),
            rules,
        }
    }
}

impl Teller<'_, '_, '_> {
    /// Permissions in letters or words; of capabilities their names, the most dangerous first.
    fn permissions(&self, change: &Change, bits: u32, verdict: &Verdict) -> String {
        if change.class != Class::Capability || bits == 0 {
            return permissions(change, bits, verdict);
        }
        let [old, new] = self.subjects;
        let at = |number: &u8| change_at(old, new, self.detail, Class::Capability, &[*number]);
        let mut all: Vec<&Capability> = (0..)
            .zip(CAPABILITIES)
            .filter(|(number, _)| at(number).is_some_and(|other| change.covers(&other)))
            .map(|(_, capability)| capability)
            .collect();
        all.sort_by_key(|capability| std::cmp::Reverse(capability.danger));
        let more = all.len().saturating_sub(MAX_NAMES);
        let mut told: Vec<String> = all
            .iter()
            .take(MAX_NAMES)
            .map(|capability| capability.name.to_owned())
            .collect();
        if more > 0 {
            told.push(format!("and {more} more"));
        }
        told.join(", ")
    }
}

/// Up to this number of permissions are named each; more, if they are all there are, in one.
const FEW_WORDS: usize = 4;

/// Most capabilities that are named.
const MAX_NAMES: usize = 6;

/// A rule of a profile, and the pattern that it is about.
pub(super) fn rule(
    (policy, profile): Located<'_, '_>,
    version: PolicyVersion,
    id: RuleId,
    class: Class,
) -> Option<(VersionedRule, Option<String>)> {
    let (segment, fact) = profile.rule(id, policy.summaries)?;
    let sources = &policy.store.sources;
    let span = fact.rule.range.in_file(fact.file);
    let text = on_one_line(sources.slice(span));
    let told = VersionedRule {
        version,
        rule: RuleAt::at(span, &segment.via, text, sources),
    };
    // Rules of other kinds come with files of their own.
    let is_about_files = matches!(
        fact.rule.body,
        Body::File(_) | Body::Link(_) | Body::AllFiles | Body::All
    );
    let has_pattern = class != Class::File || is_about_files;
    Some((told, has_pattern.then(|| pattern(fact, sources))))
}

/// The path of a file rule, and of others what stands behind the qualifiers.
fn pattern(fact: &Fact<'_>, sources: &SourceMap) -> String {
    let rule = fact.rule;
    let range = match &rule.body {
        Body::File(file) => file.path.0,
        _ => TextRange {
            start: match rule.qualifiers.range.is_empty() {
                true => rule.range.start,
                false => rule.qualifiers.range.end,
            },
            end: rule.range.end,
        },
    };
    let text = sources.slice(range.in_file(fact.file));
    on_one_line(text.trim_end().trim_end_matches(','))
}

pub(super) fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Bits that a change is about.
fn about(change: &Change) -> u32 {
    let [old, new] = &change.verdicts;
    let delta = &change.delta;
    let mut about = delta.gained | delta.lost;
    if delta.is_exec_changed {
        about |= bits::EXECS & old.allow & new.allow;
    }
    if !delta.is_access() {
        about |= (old.audit ^ new.audit) | (old.quiet ^ new.quiet);
    }
    about
}

/// The request that shows a change.
fn request(change: &Change) -> String {
    let [old, new] = &change.verdicts;
    let version = if change.delta.gained == 0 && !change.delta.is_exec_changed {
        old
    } else {
        new
    };
    let exec = version.exec.iter().flatten().next();
    show(change.class, &change.witness, about(change), exec)
}

/// What the request is about, without permissions.
fn subject(change: &Change) -> String {
    match change.class {
        Class::File if !change.witness.contains(&0) => word(&change.witness),
        _ => request(change),
    }
}

/// Permission bits in letters, or words.
fn permissions(change: &Change, bits: u32, verdict: &Verdict) -> String {
    let class = change.class;
    let mut told = if class == Class::File && change.witness.contains(&0) {
        pair_letters(bits, verdict)
    } else if class == Class::File {
        letters(bits, verdict)
    } else if class.words().len() > FEW_WORDS && bits == class.all_bits() {
        "all permissions".to_owned()
    } else {
        let words = class.words().iter();
        // Several words mean the same; the first is the usual one.
        let mut left = bits;
        let mut told = Vec::new();
        for (word, bit) in words {
            if left & bit != 0 {
                left &= !bit;
                told.push(*word);
            }
        }
        told.join(", ")
    };
    if bits != 0 && bits & !verdict.prompt == 0 {
        told.push_str(" (prompt)");
    }
    told
}

fn letters(bits: u32, verdict: &Verdict) -> String {
    let half = |shift: u32| u8::try_from(bits >> shift & bits::HALF).unwrap_or(0);
    let (owner, other) = (half(0), half(bits::OTHER));
    let [of_owner, of_other] = &verdict.exec;
    let mut both = owner & other;
    if of_owner != of_other {
        both &= !EXEC;
    }
    let told: Vec<String> = [
        ("", both, of_owner),
        ("owner ", owner & !both, of_owner),
        ("other ", other & !both, of_other),
    ]
    .into_iter()
    .filter(|(_, bits, _)| *bits != 0)
    .map(|(qualifier, bits, exec)| {
        let exec_mode = exec.as_ref().map(|exec| exec.mode);
        let exec_mode = exec_mode.filter(|_| bits & EXEC != 0);
        format!("{qualifier}{}", FilePerms { bits, exec_mode })
    })
    .collect();
    told.join(", ")
}

/// Permission bits of the pair of a link and its target.
fn pair_letters(bits: u32, verdict: &Verdict) -> String {
    let mut told = letters(bits & !bits::SUBSET, verdict);
    if bits & bits::SUBSET != 0 {
        told.push_str(if told.is_empty() { "" } else { ", " });
        told.push_str("l beyond what the target allows");
    }
    told
}

/// Where execs that both allow led and lead.
fn transition(change: &Change) -> Option<(String, String)> {
    let [old, new] = &change.verdicts;
    if !change.delta.is_exec_changed {
        return None;
    }
    let halves = old.exec.iter().zip(&new.exec);
    let told = |exec: &Option<Exec>| exec.as_ref().map_or_else(|| "x".to_owned(), exec_text);
    halves
        .filter(|(old, new)| old != new)
        .map(|(old, new)| (told(old), told(new)))
        .next()
}

fn exec_text(exec: &Exec) -> String {
    let target = exec.target.as_deref().map(|target| {
        let child = target.strip_prefix("//").unwrap_or(target);
        format!(" -> {}", word(child.as_bytes()))
    });
    format!("{}{}", exec.mode, target.unwrap_or_default())
}

/// What is recorded or silenced otherwise.
fn logging(change: &Change) -> String {
    let [old, new] = &change.verdicts;
    if !change.delta.is_log_changed || change.delta.is_access() {
        return String::new();
    }
    let told = |bits: u32, verdict, what: &str| {
        (bits != 0).then(|| format!("{} {what}", permissions(change, bits, verdict)))
    };
    let all = [
        told(new.audit & !old.audit, new, "is recorded"),
        told(old.audit & !new.audit, old, "is no longer recorded"),
        told(new.quiet & !old.quiet, new, "is denied in silence"),
        told(
            old.quiet & !new.quiet,
            old,
            "is no longer denied in silence",
        ),
    ];
    all.into_iter().flatten().collect::<Vec<_>>().join("; ")
}
