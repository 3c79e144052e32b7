//! What a profile grants: what it gains against a profile without rules.

use std::ops::ControlFlow;

use super::describe;
use super::located::Located;
use super::model::AccessChange;
use crate::access::{
    Change, ChangeCause, Class, ComparedProfile, Detail, Effective, Exec, ProfileMode,
    SearchBudget, bits, changes,
};
use crate::glob::TooComplex;
use crate::lang::permissions::{APPEND, EXEC, LINK, LOCK, MMAP, WRITE};

/// Everything that the rules of a profile grant, the riskiest first. The mode of the profile does not matter.
///
/// # Errors
/// If that is too complex to find out.
pub(in crate::session) fn gains(
    located: Located<'_, '_>,
    effective: &Effective,
) -> Result<Vec<(Change, AccessChange)>, TooComplex> {
    let nothing = Effective {
        parts: Vec::new(),
        is_incomplete: false,
        budget: SearchBudget::default(),
    };
    // Both sides have one mode, since a change of mode would hide what the rules alone grant.
    let subjects = [&nothing, effective].map(|effective| ComparedProfile {
        effective,
        name: &located.1.full_name,
        mode: ProfileMode::Enforce,
    });
    let [old, new] = subjects;
    let found = changes(old, new, Detail::Access)?;
    let found = found.into_iter();
    let mut found: Vec<Change> = found.flat_map(|change| parts(change, effective)).collect();
    // Parts of several changes may say the same; the one that is about a whole pattern says most.
    found.sort_by_key(|change| !change.is_whole);
    let mut kept: Vec<Change> = Vec::new();
    for change in found {
        if !kept.iter().any(|known| known.covers(&change)) {
            kept.push(change);
        }
    }
    let found = kept;
    let all = describe::with_words(located, located, subjects, Detail::Access, found);
    let is_gain = |(change, _): &(Change, AccessChange)| {
        change.delta.gained != 0 || change.delta.is_exec_changed
    };
    Ok(all.into_iter().filter(is_gain).collect())
}

/// A change of a file in parts that are judged each by itself: what is started, what is written, and the rest. What comes
/// along with a part stays with it.
fn parts(change: Change, effective: &Effective) -> Vec<Change> {
    if change.class != Class::File || change.witness.contains(&0) {
        return vec![change];
    }
    let gained = change.delta.gained;
    let take = |main: u8, along: u8| match gained & bits::both(main) {
        0 => 0,
        _ => gained & bits::both(main | along),
    };
    let [_, verdict] = &change.verdicts;
    let stays = verdict.exec.iter().flatten().any(Exec::may_inherit);
    let started = take(EXEC, if stays { MMAP } else { 0 });
    let written = take(WRITE | APPEND | LINK, LOCK);
    let rest = gained & !(started | written);
    let part = |gained| {
        let mut part = change.clone();
        part.delta.gained = gained;
        // What brings along nothing but `m` does not start anything.
        let main = match gained & bits::EXECS {
            0 => gained,
            execs => execs,
        };
        let is_about_it = |cause: &ChangeCause| {
            let mut entries = effective.entries(change.class);
            entries.any(|found| found.rule() == cause.rule && found.entry.mask & main != 0)
        };
        part.causes.retain(is_about_it);
        if part.causes.len() < change.causes.len() {
            part.is_whole = is_whole(&part, main, effective);
        }
        part
    };
    let all = [started, written, rest].into_iter();
    all.filter(|gained| *gained != 0).map(part).collect()
}

/// Whether everything that the only rule of a part matches is allowed as the part says.
fn is_whole(part: &Change, main: u32, effective: &Effective) -> bool {
    let [cause] = part.causes.as_slice() else {
        return false;
    };
    let entries = effective.entries(part.class);
    let mut entries = entries.filter(|found| {
        found.rule() == cause.rule && found.entry.mask & main != 0 && !found.entry.nfa.has_nul()
    });
    entries.all(|found| {
        let nfa = &*found.entry.nfa;
        let mut is_allowed = true;
        let domain = part.class.domain(nfa);
        let visited = effective.visit(part.class, &[nfa], domain, |verdict, _, _| {
            is_allowed = part.delta.gained & !(verdict.allow | verdict.prompt) == 0;
            match is_allowed {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        });
        is_allowed && visited.is_ok()
    })
}
