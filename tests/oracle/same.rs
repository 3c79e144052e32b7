//! Whether two compiled profiles mean the same to the kernel.

use std::collections::{HashMap, VecDeque};

use super::access::{CHANGE_HAT, CHANGE_PROFILE, Exec, ONEXEC, Raw};
use super::decode::{Automaton, Masks, Profile};
use super::dfa::State;

/// What is compared.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Extent {
    /// What is allowed, and where an exec leads.
    Allowed,
    /// That, and what is logged.
    All,
}

/// What of two profiles differs, with an example; `None` if nothing does.
pub fn difference(left: &Profile, right: &Profile, extent: Extent) -> Option<String> {
    let flags = |profile: &Profile| (profile.flags, profile.rlimits.clone());
    if flags(left) != flags(right) {
        return Some(format!(
            "flags or limits: {:?} and {:?}",
            flags(left),
            flags(right)
        ));
    }
    let capabilities = |profile: &Profile| {
        let Masks {
            allow,
            audit,
            quiet,
        } = profile.capabilities;
        match extent {
            Extent::Allowed => (allow, 0, 0),
            Extent::All => (allow, audit & allow, quiet & !allow),
        }
    };
    if capabilities(left) != capabilities(right) {
        return Some(format!(
            "capabilities: {:x?} and {:x?}",
            left.capabilities, right.capabilities
        ));
    }
    let families = |profile: &Profile| -> Vec<(u16, u16, u16)> {
        let all = profile.families.iter();
        all.map(|one| match extent {
            Extent::Allowed => (one.allow, 0, 0),
            Extent::All => (one.allow, one.audit & one.allow, one.quiet & !one.allow),
        })
        .collect()
    };
    if families(left) != families(right) {
        return Some("families".to_owned());
    }
    for class in 0..=u8::MAX {
        let mediates =
            |profile: &Profile| profile.policy.as_ref().is_some_and(|p| p.mediates(class));
        if mediates(left) != mediates(right) {
            return Some(format!("class {class} is mediated by one alone"));
        }
    }
    let others = walk(
        [left.policy.as_ref(), right.policy.as_ref()],
        u32::MAX,
        extent,
    );
    let files = || {
        walk(
            [left.files.as_ref(), right.files.as_ref()],
            OF_FILES,
            extent,
        )
    };
    others
        .map(|text| format!("policy at {text}"))
        .or_else(|| files().map(|text| format!("files at {text}")))
}

/// The bits that rules about files set: `rwaxmlk`, and those of change_profile and hats. The newer parser adds others to
/// every state that is not the first.
const OF_FILES: u32 = 0x5_800f | ONEXEC | CHANGE_PROFILE | CHANGE_HAT;

type Said = [(u32, u32, u32, u32, Option<Exec>); 2];

fn said(policy: Option<&Automaton>, state: State, mask: u32, extent: Extent) -> Said {
    let Some(policy) = policy.filter(|_| state != 0) else {
        return Default::default();
    };
    let (owner, other) = policy.raw(state);
    let answer = policy.answer_at(state);
    let half = |raw: Raw, exec: Option<Exec>| {
        let allow = raw.allow & mask;
        // What is allowed cannot be quiet, and what is refused is logged by its own rule.
        let (audit, quiet) = match extent {
            Extent::Allowed => (0, 0),
            Extent::All => (raw.audit & allow, raw.quiet & !allow & mask),
        };
        (allow, audit, quiet, raw.prompt, exec)
    };
    [
        half(owner, answer.owner.exec),
        half(other, answer.other.exec),
    ]
}

fn walk(both: [Option<&Automaton>; 2], mask: u32, extent: Extent) -> Option<String> {
    let mut kinds = HashMap::new();
    for byte in 0..=u8::MAX {
        let class = |policy: Option<&Automaton>| policy.map(|policy| policy.dfa.class(byte));
        kinds
            .entry((class(both[0]), class(both[1])))
            .or_insert(byte);
    }
    let mut bytes: Vec<u8> = kinds.into_values().collect();
    bytes.sort_unstable();
    let start = both.map(|policy| policy.map_or(0, |policy| policy.start));
    let mut before: HashMap<[State; 2], ([State; 2], u8)> = HashMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(states) = open.pop_front() {
        let (left, right) = (
            said(both[0], states[0], mask, extent),
            said(both[1], states[1], mask, extent),
        );
        if left != right {
            let (mut at, mut way) = (states, Vec::new());
            while let Some((previous, byte)) = before.get(&at).filter(|_| at != start) {
                way.push(*byte);
                at = *previous;
            }
            way.reverse();
            let text = String::from_utf8_lossy(&way).into_owned();
            return Some(format!("{text:?}: {left:x?} and {right:x?}"));
        }
        for &byte in &bytes {
            let step = |number: usize| {
                both[number].map_or(0, |policy: &Automaton| {
                    policy.dfa.step(states[number], byte)
                })
            };
            let next = [step(0), step(1)];
            if next != [0, 0] && next != start && !before.contains_key(&next) {
                before.insert(next, (states, byte));
                open.push_back(next);
            }
        }
    }
    None
}
