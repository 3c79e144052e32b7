//! Which paths to ask about: members of the rules' patterns, their near misses, one way into every state of the compiled
//! automaton, and chance.

use std::collections::VecDeque;

use super::decode::Automaton;
use super::dfa::{Dfa, State};
use super::random::Random;

/// Into so many states of an automaton a way is looked for.
const MOST_STATES: usize = 200_000;

/// Bytes that occur in what is asked, likelier ones more often.
const BYTES: &[u8] = b"aaabbbcd019xyz.-_ ,^/\xc3\xa9{}[]*?@~\x7f\x01";

/// A byte, seldom an odd one.
fn byte(random: &mut Random) -> u8 {
    *random.pick(BYTES)
}

/// A text that a pattern without variables probably matches. Patterns are read loosely: what comes out is a question, and
/// a near miss is as good.
pub fn member(pattern: &str, random: &mut Random) -> Vec<u8> {
    let mut rest = pattern.as_bytes();
    let mut text = Vec::new();
    sequence(&mut rest, false, random, &mut text);
    text
}

/// Reads to the end, or up to the `,` or `}` of the group around it.
fn sequence(rest: &mut &[u8], is_in_group: bool, random: &mut Random, text: &mut Vec<u8>) {
    while let Some((first, tail)) = rest.split_first() {
        match first {
            b'}' | b',' if is_in_group => break,
            b'{' => {
                *rest = tail;
                group(rest, random, text);
                continue;
            }
            _ => *rest = tail,
        }
        match first {
            b'\\' => {
                if let Some((escaped, tail)) = rest.split_first() {
                    text.push(*escaped);
                    *rest = tail;
                }
            }
            b'?' => text.push(segment_byte(random)),
            b'*' => {
                let is_deep = rest.first() == Some(&b'*');
                while let Some(tail) = rest.strip_prefix(b"*") {
                    *rest = tail;
                }
                for _ in 0..random.below(4) {
                    let any = if is_deep {
                        byte(random)
                    } else {
                        segment_byte(random)
                    };
                    text.push(any);
                }
            }
            b'[' => class(rest, random, text),
            other => text.push(*other),
        }
    }
}

fn segment_byte(random: &mut Random) -> u8 {
    match byte(random) {
        b'/' => b'a',
        other => other,
    }
}

fn group(rest: &mut &[u8], random: &mut Random, text: &mut Vec<u8>) {
    // Reservoir: each alternative is kept with the same chance.
    let start = text.len();
    let mut kept = Vec::new();
    let mut count = 0;
    loop {
        sequence(rest, true, random, text);
        count += 1;
        if random.below(count) == 0 {
            kept = text.split_off(start);
        }
        text.truncate(start);
        match rest.split_first() {
            Some((b',', tail)) => *rest = tail,
            Some((_, tail)) => {
                *rest = tail;
                break;
            }
            None => break,
        }
    }
    text.extend(kept);
}

fn class(rest: &mut &[u8], random: &mut Random, text: &mut Vec<u8>) {
    let mut members = Vec::new();
    let is_negated = rest.first() == Some(&b'^');
    while let Some((first, tail)) = rest.split_first() {
        *rest = tail;
        match first {
            b']' => break,
            b'\\' => {
                if let Some((escaped, tail)) = rest.split_first() {
                    members.push(*escaped);
                    *rest = tail;
                }
            }
            other => members.push(*other),
        }
    }
    let byte = if is_negated || members.is_empty() || random.percent(20) {
        byte(random)
    } else {
        *random.pick(&members)
    };
    text.push(byte);
}

/// Texts that differ a little.
fn twins(text: &[u8], random: &mut Random, count: usize) -> Vec<Vec<u8>> {
    let mut twins = Vec::with_capacity(count);
    for _ in 0..count {
        let mut twin = text.to_vec();
        let at = random.below(twin.len() + 1);
        match random.below(9) {
            0 => twin.insert(at, byte(random)),
            1 if at < twin.len() => {
                twin.remove(at);
            }
            2 if at < twin.len() => twin[at] = byte(random),
            3 if twin.last() == Some(&b'/') => {
                twin.pop();
            }
            3 => twin.push(b'/'),
            4 => {
                let slashes: Vec<usize> = (0..twin.len()).filter(|at| twin[*at] == b'/').collect();
                if !slashes.is_empty() {
                    twin.insert(*random.pick(&slashes), b'/');
                }
            }
            5 => twin.truncate(at),
            6 => twin.push(byte(random)),
            7 if at < twin.len() => twin[at] = b'/',
            _ => twin.extend_from_slice(b"/a"),
        }
        twins.push(twin);
    }
    twins
}

/// A path made by chance.
pub fn any(random: &mut Random) -> Vec<u8> {
    let mut text = b"/".to_vec();
    for _ in 0..random.below(8) {
        text.push(if random.percent(25) {
            b'/'
        } else {
            byte(random)
        });
    }
    text
}

/// For each state of an automaton a shortest text that leads there, at most `limit` of them.
fn ways(dfa: &Dfa, start: State, limit: usize) -> Vec<Vec<u8>> {
    let bytes = dfa.representatives(BYTES);
    // The state before and the byte, by state.
    let mut before: Vec<Option<(State, u8)>> = vec![None; dfa.states()];
    let mut found = vec![start];
    let mut open = VecDeque::from([start]);
    'search: while let Some(state) = open.pop_front() {
        for byte in &bytes {
            let next = dfa.step(state, *byte);
            let slot = &mut before[next as usize];
            if next == 0 || next == start || slot.is_some() {
                continue;
            }
            *slot = Some((state, *byte));
            found.push(next);
            open.push_back(next);
            if found.len() >= limit {
                break 'search;
            }
        }
    }
    let way = |mut state: State| {
        let mut way = Vec::new();
        while let Some((previous, byte)) = before[state as usize] {
            way.push(byte);
            state = previous;
        }
        way.reverse();
        way
    };
    found.into_iter().map(way).collect()
}

/// So many questions, from the patterns of a profile and from its compiled automaton: paths, and links with their targets.
pub fn of(
    theirs: Option<&Automaton>,
    patterns: &[String],
    count: usize,
    random: &mut Random,
) -> Vec<Vec<u8>> {
    let mut asked = Vec::with_capacity(count + 8);
    if let Some(files) = theirs {
        let mut ways = ways(&files.dfa, files.start, MOST_STATES);
        ways.retain(|way| is_question(way));
        let bytes = files.dfa.representatives(BYTES);
        let share = if ways.is_empty() { 0 } else { count * 2 / 5 };
        for _ in 0..share {
            let mut text = random.pick(&ways).clone();
            if random.percent(60) {
                text.push(*random.pick(&bytes));
            }
            asked.push(text);
        }
    }
    while asked.len() < count {
        let base = one(patterns, random);
        if random.percent(15) {
            let target = one(patterns, random);
            asked.push([base.as_slice(), b"\0", &target].concat());
        }
        asked.extend(twins(&base, random, 3));
        asked.push(base);
    }
    asked.retain(|text| is_question(text));
    asked
}

fn one(patterns: &[String], random: &mut Random) -> Vec<u8> {
    if patterns.is_empty() || random.percent(5) {
        any(random)
    } else {
        member(random.pick::<String>(patterns), random)
    }
}

/// Whether a text is a path, or a link and its target.
fn is_question(text: &[u8]) -> bool {
    let mut parts = text.split(|byte| *byte == 0);
    let is_path = |part: &[u8]| part.first() == Some(&b'/');
    parts.clone().count() <= 2 && parts.all(is_path)
}
