//! `deny-shadows-allow`: allow rules of which deny rules leave nothing.

use std::ops::ControlFlow;

use crate::access::{Class, Effective, EntryRef, bits};
use crate::glob::PrefixTree;
use crate::lang::permissions::{APPEND, FilePerms, LINK, WRITE};
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Most deny rules that a finding marks.
const MOST_LABELS: usize = 3;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let effective = cx.effective(profile);
    let mut losses: Vec<Loss<'_>> = Vec::new();
    for class in Class::ALL {
        let mut denies = PrefixTree::default();
        for (number, deny) in (0..).zip(effective.denies(class)) {
            denies.insert(deny.entry.program.beginnings(), number);
        }
        if denies.is_empty() {
            continue;
        }
        for entry in effective.own_entries(profile, class) {
            if entry.entry.effect == Mode::Deny {
                continue;
            }
            let of_rule = losses.iter().position(|loss| loss.rule == entry.rule());
            let loss = match of_rule.and_then(|at| losses.get_mut(at)) {
                Some(loss) => loss,
                None => {
                    losses.push(Loss::of(entry.rule()));
                    let Some(loss) = losses.last_mut() else {
                        continue;
                    };
                    loss
                }
            };
            let meets = !denies.meeting(entry.entry.program.beginnings()).is_empty();
            loss.enter(class, entry, &effective, meets);
        }
    }
    for loss in &losses {
        if loss.lost() != 0 && (loss.is_about_files || loss.kept == 0) {
            report(loss, profile, cx, sink);
        }
    }
}

/// What a rule grants, what of it is never denied, and what denies the rest.
struct Loss<'e> {
    rule: (usize, u32),
    granted: u32,
    kept: u32,
    is_about_files: bool,
    entry: Option<EntryRef<'e>>,
    denies: Vec<EntryRef<'e>>,
}

impl<'e> Loss<'e> {
    const fn of(rule: (usize, u32)) -> Self {
        Self {
            rule,
            granted: 0,
            kept: 0,
            is_about_files: false,
            entry: None,
            denies: Vec::new(),
        }
    }

    /// Bits that are denied wherever and for whomever the rule grants them.
    const fn lost(&self) -> u32 {
        let lost = self.granted & !self.kept;
        if !self.is_about_files {
            return lost;
        }
        let kept = (self.kept | self.kept >> bits::OTHER) & bits::HALF;
        lost & !(kept | kept << bits::OTHER)
    }

    fn enter(&mut self, class: Class, entry: EntryRef<'e>, effective: &'e Effective, meets: bool) {
        let link = bits::both(LINK);
        let mask = match class {
            // The second half of a link decides: deny rules name it alone.
            Class::File if entry.entry.program.has_nul() => entry.entry.mask & link,
            Class::File => entry.entry.mask & !link,
            _ => entry.entry.mask,
        };
        self.is_about_files |= class == Class::File;
        self.granted |= mask;
        let lost = if meets {
            denied(effective, class, entry, mask, &mut self.denies)
        } else {
            0
        };
        self.kept |= mask & !lost;
        if lost != 0 {
            self.entry.get_or_insert(entry);
        }
    }
}

/// The bits of `mask` that are denied for every request that an entry matches. What is too complex to
/// find out counts as not denied.
fn denied<'e>(
    effective: &'e Effective,
    class: Class,
    entry: EntryRef<'e>,
    mask: u32,
    denies: &mut Vec<EntryRef<'e>>,
) -> u32 {
    let program = &*entry.entry.program;
    let mut lost = mask & effective.decide(class, &program.example()).deny;
    if lost != 0 && program.as_literal().is_none() {
        lost &= effective.decide(class, &program.other_example()).deny;
    }
    if lost == 0 {
        return 0;
    }
    let among = class.among(program);
    let mut is_seen = false;
    let all = effective.visit(class, &[program], among, |verdict, matching, _| {
        is_seen = true;
        lost &= verdict.deny;
        let is_cause = |found: &&EntryRef<'e>| {
            found.entry.effect == Mode::Deny && found.entry.mask & lost != 0
        };
        for cause in matching.iter().filter(is_cause) {
            if denies.iter().all(|known| known.rule() != cause.rule()) {
                denies.push(*cause);
            }
        }
        if lost == 0 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    if all.is_ok() && is_seen { lost } else { 0 }
}

fn report(loss: &Loss<'_>, profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some((_, fact)) = loss
        .entry
        .and_then(|entry| entry.origin(profile, cx.digests))
    else {
        return;
    };
    if cx.is_conditional(fact) {
        return;
    }
    let what = if loss.kept == 0 {
        "everything".to_owned()
    } else {
        format!("`{}`", letters(loss.lost()))
    };
    let rules = if loss.denies.len() > 1 {
        "deny rules take"
    } else {
        "a deny rule takes"
    };
    let message = format!("{rules} back {what} that `{}` grants", cx.brief(fact));
    let mut finding = sink.at(cx.span(fact), message);
    if let Body::File(_) = fact.rule.body
        && let Some(entry) = loss.entry
    {
        let witness = String::from_utf8_lossy(&entry.entry.program.example()).into_owned();
        finding = finding.mark(format!("`{witness}` is denied"));
    }
    let origins = loss
        .denies
        .iter()
        .filter_map(|deny| deny.origin(profile, cx.digests));
    let mut denies: Vec<&Fact<'_>> = origins.map(|(_, fact)| fact).collect();
    denies.sort_by_key(|fact| (fact.file != profile.file, cx.span(fact)));
    if denies.iter().any(|fact| cx.is_conditional(fact)) {
        return;
    }
    let count = denies.len();
    for (at, deny) in denies.iter().take(MOST_LABELS).enumerate() {
        let text = match (at, count) {
            (0, 1..=MOST_LABELS) => "deny always wins; order does not matter".to_owned(),
            (0, _) => format!(
                "deny always wins; {} more rules deny it",
                count - MOST_LABELS
            ),
            _ => "so does this one".to_owned(),
        };
        finding = finding.label(cx.span(deny), text);
    }
    let is_logged = denies.iter().all(|deny| deny.is_audit);
    if !is_logged {
        finding = finding
            .note("the request is refused, and nothing is logged: an explicit deny is quiet");
    }
    sink.report(finding.help(
        "remove the allow rule, or narrow the deny rule so that it leaves out what this rule grants",
    ));
}

/// File permissions in either half, as letters.
fn letters(mask: u32) -> FilePerms {
    let both = (mask | mask >> bits::OTHER) & bits::HALF;
    let all = u8::try_from(both).unwrap_or(0);
    let bits = if all & WRITE != 0 { all & !APPEND } else { all };
    FilePerms {
        bits,
        exec_mode: None,
    }
}
