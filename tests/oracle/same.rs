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
        Some(Place::default()),
        extent,
    );
    let files = || walk([left.files.as_ref(), right.files.as_ref()], None, extent);
    others
        .map(|text| format!("policy at {text}"))
        .or_else(|| files().map(|text| format!("files at {text}")))
}

/// The bits that rules about files set: `rwaxmlk`, and those of change_profile and hats. The newer parser adds others to
/// every state that is not the first.
const OF_FILES: u32 = 0x5_800f | ONEXEC | CHANGE_PROFILE | CHANGE_HAT;

/// The class of mounts in compiled policy, and the bits of its permissions.
const MOUNTS: u8 = 7;
const PIVOT_ROOT: u32 = 1;
const MOUNT: u32 = 2;
const UMOUNT: u32 = 4;

/// Where in a string of the policy a walk is.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Place {
    /// The first byte.
    class: Option<u8>,
    /// How many NUL bytes followed; more than two are two.
    separators: u8,
}

impl Place {
    fn after(self, byte: u8) -> Self {
        match self.class {
            None => Self {
                class: Some(byte),
                separators: 0,
            },
            Some(_) => Self {
                separators: (self.separators + u8::from(byte == 0)).min(2),
                ..self
            },
        }
    }

    /// The bits for which the kernel looks here. 5.0.2 puts the permissions of `umount`, `pivot_root` and `mount` rules
    /// together whose conditions are the same, and sets all of them on the strings of each; but the kernel asks about
    /// unmounting only with the first part of such a string, and about a new root with two (security/apparmor/mount.c).
    fn mask(self) -> u32 {
        match (self.class, self.separators) {
            // Every question begins with the byte of its class.
            (None, _) => 0,
            (Some(MOUNTS), 0) => !(PIVOT_ROOT | MOUNT),
            (Some(MOUNTS), 1) => !(UMOUNT | MOUNT),
            (Some(MOUNTS), _) => !(UMOUNT | PIVOT_ROOT),
            _ => u32::MAX,
        }
    }
}

type Said = [(u32, u32, u32, u32, Option<Exec>); 2];

/// What a state says; `has_exec` for files, of which alone one can be executed.
fn said(
    policy: Option<&Automaton>,
    state: State,
    mask: u32,
    has_exec: bool,
    extent: Extent,
) -> Said {
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
        let exec = exec.filter(|_| has_exec);
        (allow, audit, quiet, raw.prompt & mask, exec)
    };
    [
        half(owner, answer.owner.exec),
        half(other, answer.other.exec),
    ]
}

/// Walks both automata side by side. Those of the policy know where in a string they are, those of files need not.
fn walk(both: [Option<&Automaton>; 2], place: Option<Place>, extent: Extent) -> Option<String> {
    let mut kinds = HashMap::new();
    // NUL speaks for other bytes only where it must.
    for byte in (1..=u8::MAX).chain([0]) {
        let class = |policy: Option<&Automaton>| policy.map(|policy| policy.dfa.class(byte));
        kinds
            .entry((class(both[0]), class(both[1])))
            .or_insert(byte);
    }
    let mut bytes: Vec<u8> = kinds.into_values().collect();
    bytes.sort_unstable();
    let start = (
        both.map(|policy| policy.map_or(0, |policy| policy.start)),
        place,
    );
    let mut before: HashMap<_, (_, u8)> = HashMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(here) = open.pop_front() {
        let (states, place) = here;
        let mask = place.map_or(OF_FILES, Place::mask);
        let has_exec = place.is_none();
        let (left, right) = (
            said(both[0], states[0], mask, has_exec, extent),
            said(both[1], states[1], mask, has_exec, extent),
        );
        if left != right {
            let (mut at, mut way) = (here, Vec::new());
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
            let next = ([step(0), step(1)], place.map(|place| place.after(byte)));
            if next.0 != [0, 0] && next != start && !before.contains_key(&next) {
                before.insert(next, (here, byte));
                open.push_back(next);
            }
        }
    }
    None
}
