//! Whether a pattern matches a path: a nondeterministic automaton, run state by state.

/// Most states a pattern may compile to. A larger one is not matched at all (`None`).
const MAX_STATES: usize = 20_000;

/// What one state consumes.
#[derive(Clone, Debug)]
enum State {
    Char(char),
    /// `?`, `*`: anything but `/`.
    Segment,
    /// `**`: anything.
    Any,
    Class {
        is_negated: bool,
        ranges: Vec<(char, char)>,
    },
    /// Consumes nothing; goes on at both.
    Split(usize, usize),
    Accept,
}

/// A compiled pattern.
#[derive(Clone, Debug)]
pub struct Pattern {
    states: Vec<State>,
}

impl Pattern {
    /// Compiles a pattern without variables. Consecutive slashes count as one, except two at the
    /// very start (filter_slashes in parser_regex.c). `None` if it is invalid or too large.
    #[must_use]
    pub fn new(pattern: &str) -> Option<Self> {
        if super::check(pattern)
            .is_some_and(|fault| !matches!(fault, super::GlobFault::ReversedRange(..)))
        {
            return None;
        }
        let chars: Vec<char> = collapse_slashes(pattern).chars().collect();
        let mut compiler = Compiler {
            chars: &chars,
            at: 0,
            states: Vec::new(),
        };
        compiler.sequence(0)?;
        compiler.push(State::Accept)?;
        Some(Self {
            states: compiler.states,
        })
    }

    /// Whether it matches the whole of `path`.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let mut current = vec![false; self.states.len()];
        let mut list = Vec::new();
        self.enter(0, &mut current, &mut list);
        for c in path.chars() {
            let mut next = vec![false; self.states.len()];
            let mut next_list = Vec::new();
            for &index in &list {
                let is_taken = match self.states.get(index) {
                    Some(State::Char(expected)) => *expected == c,
                    Some(State::Segment) => c != '/',
                    Some(State::Any) => true,
                    Some(State::Class { is_negated, ranges }) => {
                        ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *is_negated
                    }
                    _ => false,
                };
                if is_taken {
                    self.enter(index + 1, &mut next, &mut next_list);
                }
            }
            list = next_list;
        }
        list.iter()
            .any(|index| matches!(self.states.get(*index), Some(State::Accept)))
    }

    fn enter(&self, index: usize, seen: &mut [bool], list: &mut Vec<usize>) {
        let mut open = vec![index];
        while let Some(index) = open.pop() {
            match seen.get_mut(index) {
                Some(mark) if !*mark => *mark = true,
                _ => continue,
            }
            match self.states.get(index) {
                Some(State::Split(left, right)) => open.extend([*left, *right]),
                Some(_) => list.push(index),
                None => {}
            }
        }
    }
}

/// The path that a pattern stands for, if it stands for exactly one.
#[must_use]
pub fn literal(pattern: &str) -> Option<String> {
    let mut path = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => path.push(chars.next()?),
            '*' | '?' | '[' | ']' | '{' | '}' => return None,
            '@' if chars.as_str().starts_with('{') => return None,
            _ => path.push(c),
        }
    }
    Some(collapse_slashes(&path))
}

fn collapse_slashes(text: &str) -> String {
    let is_namespace = text.starts_with("//") && !text.starts_with("///");
    let mut kept = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '/' && kept.ends_with('/') && !(is_namespace && kept == "/") {
            continue;
        }
        kept.push(c);
    }
    kept
}

struct Compiler<'c> {
    chars: &'c [char],
    at: usize,
    states: Vec<State>,
}

impl Compiler<'_> {
    fn push(&mut self, state: State) -> Option<usize> {
        if self.states.len() >= MAX_STATES {
            return None;
        }
        self.states.push(state);
        Some(self.states.len() - 1)
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    /// Compiles up to the end, or up to the `,` or `}` of the group at `depth`.
    fn sequence(&mut self, depth: usize) -> Option<()> {
        while let Some(c) = self.peek() {
            match c {
                ',' | '}' if depth > 0 => return Some(()),
                '\\' => {
                    self.at += 1;
                    let escaped = self.peek()?;
                    self.push(State::Char(escaped))?;
                    self.at += 1;
                }
                '*' => self.star()?,
                '?' => {
                    self.push(State::Segment)?;
                    self.at += 1;
                }
                '[' => self.class()?,
                '{' => self.group(depth + 1)?,
                _ => {
                    self.push(State::Char(c))?;
                    self.at += 1;
                }
            }
        }
        Some(())
    }

    fn star(&mut self) -> Option<()> {
        let before = self.at.checked_sub(1).and_then(|at| self.chars.get(at));
        let start = self.at;
        while self.peek() == Some('*') {
            self.at += 1;
        }
        let is_whole = before == Some(&'/') && matches!(self.peek(), None | Some('/'));
        let state = if self.at - start > 1 {
            State::Any
        } else {
            State::Segment
        };
        // A whole component needs a first character, and that is no slash.
        if is_whole {
            self.push(State::Segment)?;
        }
        let split = self.push(State::Split(0, 0))?;
        self.push(state)?;
        let again = self.push(State::Split(split, split))?;
        if let Some(target) = self.states.get_mut(split) {
            *target = State::Split(split + 1, again + 1);
        }
        Some(())
    }

    fn class(&mut self) -> Option<()> {
        self.at += 1;
        let is_negated = self.peek() == Some('^');
        self.at += usize::from(is_negated);
        let mut ranges = Vec::new();
        loop {
            let mut low = self.peek()?;
            if low == ']' {
                break;
            }
            self.at += 1;
            if low == '\\' {
                low = self.peek()?;
                self.at += 1;
            }
            let is_range =
                self.peek() == Some('-') && self.chars.get(self.at + 1).is_some_and(|c| *c != ']');
            if is_range {
                let high = *self.chars.get(self.at + 1)?;
                self.at += 2;
                ranges.push((low, high));
            } else {
                ranges.push((low, low));
            }
        }
        self.at += 1;
        self.push(State::Class { is_negated, ranges }).map(|_| ())
    }

    fn group(&mut self, depth: usize) -> Option<()> {
        let mut ends = Vec::new();
        loop {
            self.at += 1;
            let split = self.push(State::Split(0, 0))?;
            self.sequence(depth)?;
            ends.push(self.push(State::Split(0, 0))?);
            let next = self.states.len();
            let is_last = self.peek()? == '}';
            if let Some(state) = self.states.get_mut(split) {
                *state = State::Split(split + 1, if is_last { split + 1 } else { next });
            }
            if is_last {
                break;
            }
        }
        self.at += 1;
        let after = self.states.len();
        for end in ends {
            if let Some(state) = self.states.get_mut(end) {
                *state = State::Split(after, after);
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        Pattern::new(pattern).unwrap().matches(path)
    }

    #[test]
    fn globs() {
        assert!(matches("/etc/**", "/etc/a/b"));
        assert!(!matches("/etc/**", "/etc/"));
        assert!(!matches("/etc/*", "/etc/a/b"));
        assert!(!matches("/etc/*", "/etc/"));
        assert!(matches("/etc/a*", "/etc/a"));
        assert!(matches("/{,usr/}bin/{sh,bash}", "/usr/bin/bash"));
        assert!(matches("/{,usr/}bin/{sh,bash}", "/bin/sh"));
        assert!(!matches("/{,usr/}bin/{sh,bash}", "/bin/zsh"));
        assert!(matches("/a[^b]c", "/a/c"));
        assert!(matches("/a[b-d]", "/ac"));
        assert!(matches("/a//b", "/a/b"));
        assert!(matches("/a\\*", "/a*"));
        assert!(matches("/{**,}", "/"));
        assert!(matches("/a{b,c{d,e}}f", "/acef"));
        assert!(matches("/**/b", "/x/y/b"));
        assert!(!matches("/opt/*", "/opt/foo/bar"));
    }

    #[test]
    fn literals() {
        assert_eq!(literal("/a//b").as_deref(), Some("/a/b"));
        assert_eq!(literal("/a\\*").as_deref(), Some("/a*"));
        assert_eq!(literal("/a*"), None);
        assert_eq!(literal("@{HOME}/a"), None);
    }
}
