//! `deny-shadows-allow`: allow rules of which deny rules leave nothing.

use std::ops::ControlFlow;

use crate::access::{Class, Effective, EntryRef, ProfileMode, bits, show};
use crate::analysis::{Denies, OwnRule};
use crate::glob::Nfa;
use crate::lang::permissions::LINK;
use crate::lint::{Check, Cx, Sink, letters};
use crate::policy::{Fact, ProfileView};
use crate::syntax::ast::Mode;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Most deny rules that a finding marks.
const MAX_LABELS: usize = 3;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let effective = cx.effective(profile);
    let denies = Class::ALL.map(|class| Denies::of(&effective, class));
    let source = cx.store.sources.get(profile.file);
    if denies.iter().all(|denies| denies.entries.is_empty())
        || ProfileMode::of(profile, &source.text) == ProfileMode::Unconfined
    {
        return;
    }
    let is_met = |class: Class, entry: &EntryRef<'_>| {
        let denies = denies.get(class as usize);
        entry.entry.effect != Mode::Deny
            && denies.is_some_and(|denies| {
                denies.deny_example(
                    &entry.entry.nfa,
                    granted_by(class, *entry),
                    &effective.budget,
                )
            })
    };
    let is_met_there = |class: &Class| {
        let mut own = effective.own_entries(profile, *class);
        own.any(|entry| is_met(*class, &entry))
    };
    if !Class::ALL.iter().any(is_met_there) {
        return;
    }
    for rule in effective.own_rules(profile) {
        if effective.budget.left() == 0 {
            break;
        }
        let mut entries = rule.entries.iter();
        if entries.any(|(class, entry)| is_met(*class, entry))
            && let Some(fact) = rule.fact(profile, cx.summaries)
            && let Some(loss) = Loss::of(&rule, &effective)
        {
            report(&loss, fact, profile, cx, sink);
        }
    }
}

/// What deny rules override of a rule.
struct Loss<'e> {
    /// The bits, of all that the rule grants, that are denied wherever and for whomever it grants them.
    lost: u32,
    /// Whether nothing else is left.
    is_whole: bool,
    /// A request that is denied.
    witness: String,
    /// The same as a class, a text and bits.
    denied: (Class, Vec<u8>, u32),
    denies: Vec<EntryRef<'e>>,
}

/// The same of one of its entries.
struct Part<'e> {
    class: Class,
    lost: u32,
    witness: Vec<u8>,
    denies: Vec<EntryRef<'e>>,
}

impl<'e> Loss<'e> {
    /// `None` if something of every permission is left. Of what is no file all must be gone: what one
    /// rule grants there is often several requests.
    fn of(rule: &OwnRule<'e>, effective: &'e Effective) -> Option<Self> {
        let (mut granted, mut kept, mut is_about_files) = (0, 0, false);
        let mut parts = Vec::new();
        for (class, entry) in &rule.entries {
            let mask = granted_by(*class, *entry);
            let part = Part::of(*class, *entry, mask, effective);
            granted |= mask;
            kept |= mask & !part.lost;
            is_about_files |= *class == Class::File;
            // What the owner keeps is not lost, and neither is what others keep.
            if is_about_files {
                let both = (kept | kept >> bits::OTHER) & bits::HALF;
                kept |= both | both << bits::OTHER;
            } else if kept != 0 {
                return None;
            }
            parts.push(part);
        }
        let lost = granted & !kept;
        let is_cause = |part: &&Part<'_>| part.lost & lost != 0;
        let first = parts.iter().find(is_cause)?;
        let (class, text) = (first.class, &first.witness);
        let shown = if class == Class::File && !text.contains(&0) {
            String::from_utf8_lossy(text).into_owned()
        } else {
            show(class, text, first.lost & lost, None)
        };
        let mut denies: Vec<EntryRef<'e>> = Vec::new();
        for deny in parts.iter().flat_map(|part| &part.denies) {
            let is_known = denies.iter().any(|known| known.rule() == deny.rule());
            if !is_known && deny.entry.mask & lost != 0 {
                denies.push(*deny);
            }
        }
        Some(Self {
            lost,
            is_whole: kept == 0,
            witness: shown,
            denied: (class, text.clone(), first.lost & lost),
            denies,
        })
    }
}

/// The bits that an entry grants.
fn granted_by(class: Class, entry: EntryRef<'_>) -> u32 {
    let link = bits::both(LINK);
    match class {
        // The second half of a link decides: deny rules name it alone.
        Class::File if entry.entry.nfa.has_nul() => entry.entry.mask & link,
        Class::File => entry.entry.mask & !link,
        _ => entry.entry.mask,
    }
}

impl<'e> Part<'e> {
    /// The bits of `mask` that are denied for every request that an entry matches. What is too complex
    /// to find out counts as not denied.
    fn of(class: Class, entry: EntryRef<'e>, mask: u32, effective: &'e Effective) -> Self {
        let nfa = &*entry.entry.nfa;
        let mut part = Part {
            class,
            lost: mask,
            witness: Vec::new(),
            denies: Vec::new(),
        };
        // Of most rules something is left, and an example shows it.
        for example in [nfa.other_example(), nfa.example()] {
            if part.lost == 0 || effective.budget.left() == 0 {
                break;
            }
            part.lost &= effective.decide(class, &example).deny;
        }
        if part.lost == 0 || !part.narrow(nfa, effective) {
            part.lost = 0;
        }
        part
    }

    /// Looks at all requests; whether there is one, and it could be found out.
    fn narrow(&mut self, nfa: &Nfa, effective: &'e Effective) -> bool {
        let domain = self.class.domain(nfa);
        let mut is_seen = false;
        let all = effective.visit(self.class, &[nfa], domain, |verdict, matching, trace| {
            if !is_seen {
                self.witness = trace.text();
                is_seen = true;
            }
            self.lost &= verdict.deny;
            for found in matching.iter().filter(|found| {
                found.entry.effect == Mode::Deny && found.entry.mask & self.lost != 0
            }) {
                let mut known = self.denies.iter();
                if known.all(|known| known.rule() != found.rule()) {
                    self.denies.push(*found);
                }
            }
            if self.lost == 0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        all.is_ok() && is_seen
    }
}

fn report(
    loss: &Loss<'_>,
    fact: &Fact<'_>,
    profile: &ProfileView<'_>,
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let origins = loss
        .denies
        .iter()
        .filter_map(|deny| deny.origin(profile, cx.summaries));
    let mut denies: Vec<&Fact<'_>> = origins.map(|(_, fact)| fact).collect();
    denies.sort_by_key(|fact| (fact.file != profile.file, cx.span(fact)));
    if cx.is_conditional(fact) || denies.iter().any(|fact| cx.is_conditional(fact)) {
        return;
    }
    let brief = cx.brief(fact);
    let lost = if loss.is_whole {
        format!("`{brief}` has no effect")
    } else {
        format!("`{brief}` does not allow `{}`", letters(loss.lost))
    };
    let message = match denies.len() {
        1 => format!("{lost}: a deny rule overrides it"),
        _ => format!("{lost}: deny rules override it"),
    };
    let (class, text, bits) = &loss.denied;
    let mut finding = sink
        .at(cx.span(fact), message)
        .mark(format!("`{}` is denied", loss.witness))
        .claims(cx.claims_of(profile, *class, text, *bits));
    for (at, deny) in denies.iter().take(MAX_LABELS).enumerate() {
        let text = match (at, denies.len().saturating_sub(MAX_LABELS)) {
            (0, 0) => "deny always wins; order does not matter".to_owned(),
            (0, 1) => "deny always wins; one more rule denies it".to_owned(),
            (0, more) => format!("deny always wins; {more} more rules deny it"),
            _ => "so does this one".to_owned(),
        };
        finding = finding.label(cx.span(deny), text);
    }
    finding = if denies.iter().all(|deny| deny.is_audit) {
        finding.note("the kernel denies what this rule seems to allow")
    } else {
        finding.note("the kernel denies what this rule seems to allow, and does not log it")
    };
    sink.report(finding.help(
        "remove this rule, or narrow the deny rule so that it does not match what this rule allows",
    ));
}
