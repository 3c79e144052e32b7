//! Two compiled automata side by side: what the second allows that the first does not, and the other way round, on every
//! path that there can be.

use std::collections::{HashMap, HashSet, VecDeque};

use aalint::lang::permissions::EXEC;

use super::access::{Half, Pair};
use super::decode::Automaton;
use super::dfa::State;

/// What differs.
#[derive(Clone, Debug, Default)]
pub struct Differences {
    /// A path, or a link with its target, of which the second allows more.
    pub gained: Option<Vec<u8>>,
    /// One of which it allows less.
    pub lost: Option<Vec<u8>>,
    /// One that both may execute, with another outcome.
    pub moved: Option<Vec<u8>>,
}

/// How far into a path a text is.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
enum Seen {
    Nothing,
    Slash,
    Dot,
    DotDot,
    Name,
}

fn after(seen: Seen, byte: u8) -> Option<Seen> {
    match (seen, byte) {
        (_, 0..b' ' | 0x7f) => None,
        (Seen::Nothing | Seen::Name, b'/') => Some(Seen::Slash),
        (Seen::Nothing, _) | (_, b'/') => None,
        (Seen::Slash, b'.') => Some(Seen::Dot),
        (Seen::Dot, b'.') => Some(Seen::DotDot),
        _ => Some(Seen::Name),
    }
}

const fn may_end(seen: Seen) -> bool {
    matches!(seen, Seen::Slash | Seen::Name)
}

/// Where both are. Behind a link's name: whether each allows the link to an owner and to others.
type Node = ([State; 2], Seen, Option<[[bool; 2]; 2]>);

/// Everything that differs about files. An absent automaton allows nothing.
pub fn files(both: [Option<&Automaton>; 2]) -> Differences {
    let mut differences = Differences::default();
    let starts = both.map(|files| files.map_or(0, |files| files.start));
    walk(
        bytes(both, true),
        (starts, Seen::Nothing, None),
        |(states, seen, links), byte| {
            let step = |state: State, files: Option<&Automaton>| {
                files.map_or(0, |files| files.dfa.step(state, byte))
            };
            let next = [step(states[0], both[0]), step(states[1], both[1])];
            if byte != 0 {
                return Some((next, after(seen, byte)?, links));
            }
            let is_link = links.is_none() && may_end(seen);
            let allowed = |number: usize| {
                let raw = both[number].map(|files| files.raw(states[number]));
                raw.map_or([false; 2], |(owner, other)| {
                    [owner, other].map(|raw| raw.allow & 0x40000 != 0)
                })
            };
            is_link.then(|| (next, Seen::Nothing, Some([allowed(0), allowed(1)])))
        },
        |(states, seen, links), way| {
            if !may_end(seen) {
                return;
            }
            match links {
                None => differences.path(both, states, way),
                Some(links) => differences.pair(both, states, links, way),
            }
        },
    );
    differences
}

/// A text for which the automata of everything but files differ in what they allow.
pub fn others(both: [Option<&Automaton>; 2]) -> Option<Vec<u8>> {
    let mut found = None;
    let starts = both.map(|policy| policy.map_or(0, |policy| policy.start));
    walk(
        bytes(both, false),
        (starts, Seen::Name, None),
        |(states, seen, links), byte| {
            let step = |number: usize| {
                both[number].map_or(0, |policy: &Automaton| {
                    policy.dfa.step(states[number], byte)
                })
            };
            Some(([step(0), step(1)], seen, links))
        },
        |(states, ..), way| {
            let allowed = |number: usize| {
                let raw = both[number].map(|policy| policy.raw(states[number]));
                raw.map_or((0, 0), |(owner, other)| (owner.allow, other.allow))
            };
            if found.is_none() && allowed(0) != allowed(1) {
                found = Some(way());
            }
        },
    );
    found
}

impl Differences {
    fn path(
        &mut self,
        both: [Option<&Automaton>; 2],
        states: [State; 2],
        way: &dyn Fn() -> Vec<u8>,
    ) {
        let answer = |number: usize| {
            let answer = both[number].map(|files| files.answer_at(states[number]));
            answer.unwrap_or_default()
        };
        let (old, new) = (answer(0), answer(1));
        self.half(&old.owner, &new.owner, way);
        self.half(&old.other, &new.other, way);
    }

    fn half(&mut self, old: &Half, new: &Half, way: &dyn Fn() -> Vec<u8>) {
        if new.allow & !old.allow != 0 {
            self.gained.get_or_insert_with(way);
        }
        if old.allow & !new.allow != 0 {
            self.lost.get_or_insert_with(way);
        }
        if old.allow & new.allow & EXEC != 0 && old.exec != new.exec {
            self.moved.get_or_insert_with(way);
        }
    }

    fn pair(
        &mut self,
        both: [Option<&Automaton>; 2],
        states: [State; 2],
        links: [[bool; 2]; 2],
        way: &dyn Fn() -> Vec<u8>,
    ) {
        let pairs = |number: usize| {
            let pairs = both[number].map(|files| files.target_at(states[number], links[number]));
            pairs.unwrap_or_default()
        };
        let (old, new): ([Pair; 2], [Pair; 2]) = (pairs(0), pairs(1));
        for (old, new) in old.into_iter().zip(new) {
            let is_freer = old.is_subset && !new.is_subset;
            let is_tied = new.is_subset && !old.is_subset;
            let stays = old.is_allowed && new.is_allowed;
            if (new.is_allowed && !old.is_allowed) || (stays && is_freer) {
                self.gained.get_or_insert_with(way);
            }
            if (old.is_allowed && !new.is_allowed) || (stays && is_tied) {
                self.lost.get_or_insert_with(way);
            }
        }
    }
}

/// A byte of each kind that an automaton or a path tells apart.
fn bytes(both: [Option<&Automaton>; 2], are_paths: bool) -> Vec<u8> {
    let mut known = HashSet::new();
    let is_special = |byte: u8| are_paths && (byte < b' ' || matches!(byte, b'/' | b'.' | 0x7f));
    let kind = |byte: u8| {
        let class = |policy: Option<&Automaton>| policy.map(|policy| policy.dfa.class(byte));
        (
            class(both[0]),
            class(both[1]),
            is_special(byte).then_some(byte),
        )
    };
    (0..=255).filter(|byte| known.insert(kind(*byte))).collect()
}

fn walk(
    bytes: Vec<u8>,
    start: Node,
    step: impl Fn(Node, u8) -> Option<Node>,
    mut visit: impl FnMut(Node, &dyn Fn() -> Vec<u8>),
) {
    let mut before: HashMap<Node, (Node, u8)> = HashMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(node) = open.pop_front() {
        visit(node, &|| {
            let (mut at, mut way) = (node, Vec::new());
            while let Some((previous, byte)) = before.get(&at).filter(|_| at != start) {
                way.push(*byte);
                at = *previous;
            }
            way.reverse();
            way
        });
        for byte in &bytes {
            let Some(next) = step(node, *byte) else {
                continue;
            };
            if next.0 != [0, 0] && next != start && !before.contains_key(&next) {
                before.insert(next, (node, *byte));
                open.push_back(next);
            }
        }
    }
}
