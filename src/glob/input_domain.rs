//! Which texts a search is about: all bytes, or paths as the kernel makes them.

/// The texts that a search is about.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum InputDomain {
    /// Paths as the kernel makes them: `/`, no empty component, neither `.` nor `..`, no control
    /// characters; a directory's ends in `/`.
    Paths,
    /// Two such paths with NUL between them.
    Pairs,
    /// Any bytes without NUL.
    Texts,
    /// Any bytes.
    Bytes,
}

/// What of a path was read so far.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Seen {
    Nothing,
    Slash,
    Dot,
    DotDot,
    Name,
}

impl InputDomain {
    /// What is read after one more byte; `None` if no text of the domain goes on so.
    pub(super) fn after(self, seen: Seen, byte: u8) -> Option<Seen> {
        match self {
            Self::Bytes => Some(Seen::Name),
            Self::Texts => (byte != 0).then_some(Seen::Name),
            Self::Pairs if byte == 0 => Self::Paths.may_end(seen).then_some(Seen::Nothing),
            Self::Paths | Self::Pairs if byte < b' ' || byte == 0x7f => None,
            Self::Paths | Self::Pairs => match (seen, byte) {
                (Seen::Nothing | Seen::Name, b'/') => Some(Seen::Slash),
                (Seen::Nothing, _) | (_, b'/') => None,
                (Seen::Slash, b'.') => Some(Seen::Dot),
                (Seen::Dot, b'.') => Some(Seen::DotDot),
                _ => Some(Seen::Name),
            },
        }
    }

    /// Whether a text is in the domain.
    #[must_use]
    pub fn contains(self, text: &[u8]) -> bool {
        let end = text
            .iter()
            .try_fold(Seen::Nothing, |seen, byte| self.after(seen, *byte));
        end.is_some_and(|seen| self.may_end(seen))
    }

    pub(super) fn may_end(self, seen: Seen) -> bool {
        match self {
            Self::Bytes | Self::Texts => true,
            Self::Paths | Self::Pairs => matches!(seen, Seen::Slash | Seen::Name),
        }
    }
}
