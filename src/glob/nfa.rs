//! Patterns compiled to nondeterministic automata over bytes.
//!
//! AppArmor matches bytes: `?` takes one byte of a character that has several, and a class is a set
//! of bytes. Requests other than paths are byte strings too (a mount is its mount point, source,
//! type and options with NUL between them), so one kind of NFA serves all of them.

use std::hash::{Hash, Hasher};
use std::sync::OnceLock;

use super::{GlobFault, check};

/// Most states of one NFA. apparmor.d's longest pattern needs 28,000.
pub const MAX_STATES: usize = 100_000;

/// A set of bytes.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct ByteSet([u64; 4]);

impl ByteSet {
    /// Every byte but NUL: what `**` repeats.
    pub const ANY: Self = Self([!1, !0, !0, !0]);
    /// Every byte but NUL and `/`: what `?` takes and `*` repeats.
    pub const SEGMENT: Self = Self([!1 & !(1 << b'/'), !0, !0, !0]);
    /// Every byte.
    pub const ALL: Self = Self([!0; 4]);

    /// The set of these bytes.
    #[must_use]
    pub fn of(bytes: impl IntoIterator<Item = u8>) -> Self {
        let mut set = Self::default();
        for byte in bytes {
            set.insert(byte);
        }
        set
    }

    /// Adds a byte.
    pub fn insert(&mut self, byte: u8) {
        if let Some(word) = self.0.get_mut(usize::from(byte / 64)) {
            *word |= 1 << (byte % 64);
        }
    }

    /// Adds all bytes of another set.
    pub fn extend(&mut self, other: Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine |= theirs;
        }
    }

    /// Whether a byte is in it.
    #[must_use]
    pub fn contains(&self, byte: u8) -> bool {
        self.0
            .get(usize::from(byte / 64))
            .is_some_and(|word| word >> (byte % 64) & 1 == 1)
    }

    /// The byte in it, if there is just one.
    #[must_use]
    pub fn only(&self) -> Option<u8> {
        let mut words = (0_u32..).zip(self.0).filter(|(_, word)| *word != 0);
        let (number, word) = words.next()?;
        let is_one = word.is_power_of_two() && words.next().is_none();
        u8::try_from(number * 64 + word.trailing_zeros())
            .ok()
            .filter(|_| is_one)
    }

    /// Every byte that is not in it.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let [a, b, c, d] = self.0;
        Self([!a, !b, !c, !d])
    }

    /// Whether it has a byte in common with another set.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        self.0
            .iter()
            .zip(other.0)
            .any(|(mine, theirs)| mine & theirs != 0)
    }

    /// Whether it holds no byte.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0 == [0; 4]
    }
}

/// One state.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum NfaState {
    /// Consumes this byte; goes on behind itself.
    Byte(u8),
    /// Consumes a byte of the set with that number.
    Set(u32),
    /// Consumes nothing; goes on at both. The first is the one behind itself, or both are the same.
    Split(u32, u32),
    /// The end.
    Accept,
}

/// The states of an NFA, four bytes each. A profile of a real tree has four million, and as values of [`NfaState`], three
/// times as large, they were a quarter of the memory of a run.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct States(Box<[u32]>);

/// What a state is, in its two highest bits.
const KIND: u32 = 0b11 << 30;
const SET: u32 = 0b01 << 30;
const JUMP: u32 = 0b10 << 30;
const FORK: u32 = 0b11 << 30;
/// A byte is itself; this is the end.
const ACCEPT: u32 = 0x100;

impl States {
    fn new(states: &[NfaState]) -> Self {
        let packed = (0..)
            .zip(states)
            .map(|(index, state): (u32, &NfaState)| match *state {
                NfaState::Byte(byte) => u32::from(byte),
                NfaState::Accept => ACCEPT,
                NfaState::Set(number) => SET | number,
                NfaState::Split(left, right) if left == right => JUMP | left,
                NfaState::Split(left, right) => {
                    debug_assert_eq!(left, index + 1, "the first way is straight on");
                    FORK | right
                }
            });
        Self(packed.collect())
    }

    /// The state of that number.
    #[inline]
    pub(super) fn get(&self, index: u32) -> Option<NfaState> {
        let packed = *self.0.get(index as usize)?;
        let rest = packed & !KIND;
        Some(match packed & KIND {
            SET => NfaState::Set(rest),
            JUMP => NfaState::Split(rest, rest),
            FORK => NfaState::Split(index + 1, rest),
            _ => u8::try_from(rest).map_or(NfaState::Accept, NfaState::Byte),
        })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// All of them, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = NfaState> {
        (0..).map_while(|index| self.get(index))
    }
}

/// The sets that nearly every pattern has; their numbers come before those of its own.
const COMMON_SETS: [ByteSet; 3] = [ByteSet::SEGMENT, ByteSet::ANY, ByteSet::ALL];

/// A compiled pattern.
#[derive(Clone, Debug)]
pub struct Nfa {
    pub(super) states: States,
    /// Its own sets, behind [`COMMON_SETS`].
    sets: Box<[ByteSet]>,
    /// Whether it is made of literals, spelled-out classes and alternatives alone. Such a pattern
    /// decides over others what an exec leads to.
    pub is_exact: bool,
    pub(super) prefixes: OnceLock<Vec<Vec<u8>>>,
}

impl PartialEq for Nfa {
    fn eq(&self, other: &Self) -> bool {
        self.states == other.states && self.sets == other.sets
    }
}

impl Eq for Nfa {}

impl Hash for Nfa {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.states.hash(hasher);
        self.sets.hash(hasher);
    }
}

/// Why a pattern cannot be compiled.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum NfaFault {
    /// It is no valid pattern.
    Invalid(GlobFault),
    /// It needs more than [`MAX_STATES`] states.
    TooLarge,
}

impl Nfa {
    /// Compiles a pattern of paths: without variables and quotes. Consecutive slashes count as one,
    /// except two at the very start (filter_slashes in parser_regex.c).
    ///
    /// # Errors
    /// If it is invalid or too large.
    pub fn path(pattern: &str) -> Result<Self, NfaFault> {
        let mut builder = Builder::default();
        builder.glob(&collapse_slashes(pattern))?;
        builder.finish()
    }

    /// Compiles a pattern of paths that is part of the program. A test compiles all of them, so that a slip in one
    /// cannot switch a rule off; outside of tests an invalid one matches nothing.
    #[must_use]
    pub fn constant(pattern: &'static str) -> Self {
        let compiled = Self::path(pattern);
        debug_assert!(compiled.is_ok(), "{pattern} is no pattern");
        compiled.unwrap_or_else(|_| Self::literal(b""))
    }

    /// Compiles a pattern that is no path: slashes stay as they are.
    ///
    /// # Errors
    /// If it is invalid or too large.
    pub fn text(pattern: &str) -> Result<Self, NfaFault> {
        let mut builder = Builder::default();
        builder.glob(pattern)?;
        builder.finish()
    }

    /// The NFA that matches just these bytes.
    #[must_use]
    pub fn literal(bytes: &[u8]) -> Self {
        let mut states: Vec<NfaState> = bytes.iter().map(|byte| NfaState::Byte(*byte)).collect();
        states.push(NfaState::Accept);
        Self {
            states: States::new(&states),
            sets: Box::default(),
            is_exact: true,
            prefixes: OnceLock::new(),
        }
    }

    /// Whatever begins with these bytes.
    #[must_use]
    pub fn with_prefix(bytes: &[u8]) -> Option<Self> {
        let mut builder = Builder::default();
        builder.bytes(bytes);
        builder.any_of(ByteSet::ANY);
        builder.finish().ok()
    }

    /// The only string it matches, if there is just one.
    #[must_use]
    pub fn as_literal(&self) -> Option<Vec<u8>> {
        let (last, states) = self.states.0.split_last()?;
        let byte = |state: &u32| u8::try_from(*state).ok();
        let bytes = states.iter().map(byte);
        bytes
            .collect::<Option<Vec<u8>>>()
            .filter(|_| *last == ACCEPT)
    }

    /// Whether NUL stands in it, as between the parts of a request that has several.
    #[must_use]
    pub fn has_nul(&self) -> bool {
        self.states.0.contains(&0)
    }

    pub(super) fn set(&self, number: u32) -> ByteSet {
        let (common, rest) = (COMMON_SETS.get(number as usize), number as usize);
        let own = || self.sets.get(rest.wrapping_sub(COMMON_SETS.len()));
        common.or_else(own).copied().unwrap_or_default()
    }
}

/// Puts an NFA together from parts.
#[derive(Clone, Debug)]
pub struct Builder {
    states: Vec<NfaState>,
    sets: Vec<ByteSet>,
    is_exact: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            states: Vec::new(),
            sets: Vec::new(),
            is_exact: true,
        }
    }
}

impl Builder {
    fn push(&mut self, state: NfaState) -> u32 {
        self.states.push(state);
        self.here() - 1
    }

    fn here(&self) -> u32 {
        u32::try_from(self.states.len()).unwrap_or(u32::MAX)
    }

    fn patch(&mut self, index: u32, state: NfaState) {
        if let Some(place) = self.states.get_mut(index as usize) {
            *place = state;
        }
    }

    /// Appends a byte.
    pub fn byte(&mut self, byte: u8) {
        self.push(NfaState::Byte(byte));
    }

    /// Appends these bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.byte(*byte);
        }
    }

    /// Appends one byte of a set, as a wildcard.
    pub fn one_of(&mut self, set: ByteSet) {
        self.is_exact = false;
        self.one_byte_of(set);
    }

    /// Appends one byte of a set that is spelled out.
    pub fn one_byte_of(&mut self, set: ByteSet) {
        // As a byte, so that a pattern of one text is known to be one.
        if let Some(byte) = set.only() {
            self.push(NfaState::Byte(byte));
            return;
        }
        let mut known = COMMON_SETS.iter().chain(&self.sets);
        let number = known.position(|known| *known == set).unwrap_or_else(|| {
            self.sets.push(set);
            COMMON_SETS.len() + self.sets.len() - 1
        });
        self.push(NfaState::Set(u32::try_from(number).unwrap_or(u32::MAX)));
    }

    /// Appends any number of bytes of a set.
    pub fn any_of(&mut self, set: ByteSet) {
        let split = self.push(NfaState::Split(0, 0));
        self.one_of(set);
        let again = self.push(NfaState::Split(split, split));
        self.patch(split, NfaState::Split(split + 1, again + 1));
    }

    /// Appends one of several sequences.
    ///
    /// # Errors
    /// What `sequence` gives.
    pub fn alternatives<T>(
        &mut self,
        all: impl IntoIterator<Item = T>,
        mut sequence: impl FnMut(&mut Self, T) -> Result<(), NfaFault>,
    ) -> Result<(), NfaFault> {
        let mut group = Group::default();
        for one in all {
            group.open(self);
            sequence(self, one)?;
            group.close(self);
        }
        group.end(self);
        Ok(())
    }

    /// Appends a pattern without variables.
    ///
    /// # Errors
    /// If it is invalid or too large.
    pub fn glob(&mut self, pattern: &str) -> Result<(), NfaFault> {
        self.read(pattern, ByteSet::SEGMENT, ByteSet::ANY)
    }

    /// The same where wildcards take NUL as well, as in names of abstract sockets.
    ///
    /// # Errors
    /// If it is invalid or too large.
    pub fn glob_with_nul(&mut self, pattern: &str) -> Result<(), NfaFault> {
        self.read(pattern, ByteSet::of([b'/']).inverse(), ByteSet::ALL)
    }

    fn read(&mut self, pattern: &str, segment: ByteSet, any: ByteSet) -> Result<(), NfaFault> {
        if let Some(fault) = check(pattern)
            && !matches!(fault, GlobFault::ReversedRange(..))
        {
            return Err(NfaFault::Invalid(fault));
        }
        let mut reader = Reader {
            bytes: pattern.as_bytes(),
            at: 0,
            builder: self,
            segment,
            any,
        };
        reader.sequence(0)
    }

    /// The NFA.
    ///
    /// # Errors
    /// If it is too large.
    pub fn finish(mut self) -> Result<Nfa, NfaFault> {
        self.push(NfaState::Accept);
        if self.states.len() > MAX_STATES {
            return Err(NfaFault::TooLarge);
        }
        Ok(Nfa {
            states: States::new(&self.states),
            sets: self.sets.into(),
            is_exact: self.is_exact,
            prefixes: OnceLock::new(),
        })
    }
}

/// Reads a pattern that [`check`] found valid.
struct Reader<'r> {
    bytes: &'r [u8],
    at: usize,
    builder: &'r mut Builder,
    /// What `?` takes and `*` repeats.
    segment: ByteSet,
    /// What `**` repeats.
    any: ByteSet,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Reads up to the end, or up to the `,` or `}` of the group at `depth`.
    fn sequence(&mut self, depth: usize) -> Result<(), NfaFault> {
        while let Some(byte) = self.peek() {
            if self.builder.states.len() > MAX_STATES {
                return Err(NfaFault::TooLarge);
            }
            match byte {
                b',' | b'}' if depth > 0 => return Ok(()),
                b'\\' => {
                    self.at += 1;
                    if let Some(escaped) = self.peek() {
                        self.builder.byte(escaped);
                    }
                    self.at += 1;
                }
                b'*' => self.star(),
                b'?' => {
                    self.builder.one_of(self.segment);
                    self.at += 1;
                }
                b'[' => self.class(),
                b'{' => self.group(depth + 1)?,
                _ => {
                    self.builder.byte(byte);
                    self.at += 1;
                }
            }
        }
        Ok(())
    }

    fn star(&mut self) {
        let before = self.at.checked_sub(1).and_then(|at| self.bytes.get(at));
        let start = self.at;
        while self.peek() == Some(b'*') {
            self.at += 1;
        }
        // A whole component needs a first character, and that is no slash.
        if before == Some(&b'/') && matches!(self.peek(), None | Some(b'/')) {
            self.builder.one_of(self.segment);
        }
        let is_deep = self.at - start > 1;
        self.builder
            .any_of(if is_deep { self.any } else { self.segment });
    }

    /// A class, as apparmor_parser rewrites it (convert_aaregex_to_pcre): a backslash is dropped before
    /// the class is read, so `\^` in front still negates and `\-` still makes a range.
    fn class(&mut self) {
        self.at += 1;
        let is_negated = self.class_byte().is_some_and(|(byte, _)| byte == b'^');
        if is_negated {
            self.take_class_byte();
        }
        let mut set = ByteSet::default();
        while let Some((low, is_special)) = self.class_byte().filter(|found| *found != (b']', true))
        {
            if is_special && matches!(low, b'*' | b'?') {
                return self.broken_class(set, is_negated);
            }
            self.take_class_byte();
            let start = self.at;
            let high = match self.take_class_byte() {
                Some((b'-', _)) => self.class_byte().filter(|found| *found != (b']', true)),
                _ => None,
            };
            match high {
                Some((high, _)) => {
                    self.take_class_byte();
                    // A range that runs backwards is read forwards.
                    (low.min(high)..=low.max(high)).for_each(|byte| set.insert(byte));
                }
                None => {
                    self.at = start;
                    set.insert(low);
                }
            }
        }
        self.at += 1;
        self.end_class(set, is_negated);
    }

    fn end_class(&mut self, set: ByteSet, is_negated: bool) {
        if is_negated {
            // NUL as well, unlike `?`.
            self.builder.one_of(set.inverse());
        } else {
            self.builder.one_byte_of(set);
        }
    }

    /// `*` and `?` are rewritten in a class as well: `[a*]` becomes the class of `a`, `[`, `^`, `/` and
    /// NUL, any number of times, and a `]` behind it.
    fn broken_class(&mut self, mut set: ByteSet, is_negated: bool) {
        for byte in *b"[^/\0" {
            set.insert(byte);
        }
        let set = if is_negated { set.inverse() } else { set };
        if self.peek() == Some(b'*') {
            self.builder.any_of(set);
        } else {
            self.builder.one_of(set);
        }
        self.at += 1;
        while let Some((byte, is_special)) = self.take_class_byte() {
            match byte {
                b'*' if is_special => self.builder.any_of(self.segment),
                b'?' if is_special => self.builder.one_of(self.segment),
                _ => self.builder.byte(byte),
            }
            if (byte, is_special) == (b']', true) {
                break;
            }
        }
    }

    /// The next byte of a class, and whether it stands without a backslash.
    fn class_byte(&self) -> Option<(u8, bool)> {
        match self.peek()? {
            b'\\' => self.bytes.get(self.at + 1).map(|byte| (*byte, false)),
            byte => Some((byte, true)),
        }
    }

    fn take_class_byte(&mut self) -> Option<(u8, bool)> {
        let found = self.class_byte()?;
        self.at += if found.1 { 1 } else { 2 };
        Some(found)
    }

    fn group(&mut self, depth: usize) -> Result<(), NfaFault> {
        let mut group = Group::default();
        loop {
            self.at += 1;
            group.open(self.builder);
            self.sequence(depth)?;
            group.close(self.builder);
            if self.peek() != Some(b',') {
                break;
            }
        }
        self.at += 1;
        group.end(self.builder);
        Ok(())
    }
}

/// Alternatives under construction.
#[derive(Default)]
struct Group {
    last_split: Option<u32>,
    ends: Vec<u32>,
}

impl Group {
    fn open(&mut self, builder: &mut Builder) {
        let split = builder.push(NfaState::Split(0, 0));
        if let Some(before) = self.last_split.replace(split) {
            builder.patch(before, NfaState::Split(before + 1, split));
        }
    }

    fn close(&mut self, builder: &mut Builder) {
        self.ends.push(builder.push(NfaState::Split(0, 0)));
    }

    fn end(self, builder: &mut Builder) {
        if let Some(last) = self.last_split {
            builder.patch(last, NfaState::Split(last + 1, last + 1));
        }
        let after = builder.here();
        for end in self.ends {
            builder.patch(end, NfaState::Split(after, after));
        }
    }
}

/// Consecutive slashes become one, but two at the very start stay (filter_slashes in parser_regex.c).
#[must_use]
pub fn collapse_slashes(text: &str) -> String {
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

/// The part of a pattern in front of its first glob character.
#[must_use]
pub fn literal_prefix(pattern: &str) -> &str {
    let end = pattern
        .find(['*', '?', '[', '{', '\\'])
        .unwrap_or(pattern.len());
    pattern.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        Nfa::path(pattern).unwrap().matches(path.as_bytes())
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
        assert!(matches("/a[-b]", "/a-"));
        assert!(matches("/a[z-a]", "/ab"));
        assert!(matches("/a[\\^b]", "/ac") && !matches("/a[\\^b]", "/ab"));
        assert!(matches("/a[b^]", "/a^"));
        assert!(matches("/a[b\\-d]", "/ac"));
        assert!(matches("/a[\\]b]", "/a]"));
        assert!(matches("/d/[*?]", "/d/x]") && !matches("/d/[*?]", "/d/*"));
        assert!(matches("/d/[a*]", "/d/a]") && matches("/d/[a*]", "/d/]"));
        assert!(matches("/d/[a?]b", "/d/a]b"));
        assert!(matches("/a[^b]", "/a\0"));
        assert!(matches("/a//b", "/a/b"));
        assert!(matches("/a\\*", "/a*"));
        assert!(matches("/{**,}", "/"));
        assert!(matches("/a{b,c{d,e}}f", "/acef"));
        assert!(matches("/a{,b}", "/a"));
        assert!(matches("/**/b", "/x/y/b"));
        assert!(!matches("/opt/*", "/opt/foo/bar"));
        // A character of two bytes needs two `?`.
        assert!(!matches("/?", "/é"));
        assert!(matches("/??", "/é"));
    }

    #[test]
    fn literals() {
        assert_eq!(literal("/a//b").as_deref(), Some("/a/b"));
        assert_eq!(literal("/a\\*").as_deref(), Some("/a*"));
        assert_eq!(literal("/a*"), None);
        assert_eq!(literal("@{HOME}/a"), None);
    }

    #[test]
    fn exact() {
        for (pattern, is_exact) in [
            ("/a", true),
            ("/{a,b}", true),
            ("/a*", false),
            ("/[a]", true),
            ("/[^a]", false),
        ] {
            assert_eq!(
                Nfa::path(pattern).map(|p| p.is_exact),
                Ok(is_exact),
                "{pattern}"
            );
        }
    }
}
