//! File permissions and exec modes, apparmor.d(5), "Access Modes".

use std::fmt;

/// What an exec leads to.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ExecKind {
    /// `ix`: the same profile.
    Inherit,
    /// `px`: a profile of its own.
    Profile,
    /// `cx`: a child profile.
    Child,
    /// `ux`: no confinement.
    Unconfined,
    /// `pix`: its profile, or else the same one.
    ProfileOrInherit,
    /// `cix`: a child, or else the same profile.
    ChildOrInherit,
    /// `pux`: its profile, or else no confinement.
    ProfileOrUnconfined,
    /// `cux`: a child, or else no confinement.
    ChildOrUnconfined,
}

impl ExecKind {
    /// Whether the program may end up without confinement.
    #[must_use]
    pub const fn may_be_unconfined(self) -> bool {
        matches!(
            self,
            Self::Unconfined | Self::ProfileOrUnconfined | Self::ChildOrUnconfined
        )
    }

    const fn letters(self) -> &'static str {
        match self {
            Self::Inherit => "ix",
            Self::Profile => "px",
            Self::Child => "cx",
            Self::Unconfined => "ux",
            Self::ProfileOrInherit => "pix",
            Self::ChildOrInherit => "cix",
            Self::ProfileOrUnconfined => "pux",
            Self::ChildOrUnconfined => "cux",
        }
    }
}

/// An exec mode.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ExecMode {
    /// What it leads to.
    pub kind: ExecKind,
    /// Lower case: the environment is passed on unscrubbed.
    pub is_unsafe: bool,
}

impl fmt::Display for ExecMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = self.kind.letters();
        match self.kind {
            ExecKind::Inherit => f.write_str(letters),
            _ if self.is_unsafe => f.write_str(letters),
            // Only the first letter, and the `u` behind it, say "scrubbed".
            ExecKind::ProfileOrUnconfined => f.write_str("PUx"),
            ExecKind::ChildOrUnconfined => f.write_str("CUx"),
            _ => {
                let mut rest = letters.chars();
                if let Some(first) = rest.next() {
                    write!(f, "{}", first.to_ascii_uppercase())?;
                }
                f.write_str(rest.as_str())
            }
        }
    }
}

/// `r`
pub const READ: u8 = 1;
/// `w`
pub const WRITE: u8 = 1 << 1;
/// `a`
pub const APPEND: u8 = 1 << 2;
/// `l`
pub const LINK: u8 = 1 << 3;
/// `k`
pub const LOCK: u8 = 1 << 4;
/// `m`
pub const MMAP: u8 = 1 << 5;
/// `x` in any form
pub const EXEC: u8 = 1 << 6;

/// The letters of permissions but for those of the exec mode, in the order in which most profiles have them.
const USUAL_ORDER: &str = "mrwalk";

/// Written permissions in the order in which most profiles have them: `mrwalk`, then the exec mode as it is written.
/// `None` if a letter stands in the exec mode, or is in upper case where that means nothing.
#[must_use]
pub fn order_letters(written: &str) -> Option<String> {
    let is_exec = |letter: char| "pcuixPCUX".contains(letter);
    let is_other = |letter: char| USUAL_ORDER.contains(letter);
    let mode = written.trim_start_matches(is_other);
    let mode = mode.trim_end_matches(is_other);
    if !mode.chars().all(is_exec) {
        return None;
    }
    let letters = USUAL_ORDER.chars();
    let mut ordered: String = letters
        .flat_map(|letter| written.chars().filter(move |other| *other == letter))
        .collect();
    ordered.push_str(mode);
    Some(ordered)
}

/// A set of file permissions.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct FilePerms {
    /// Bits of [`READ`], [`WRITE`] (which includes [`APPEND`]), …
    pub bits: u8,
    /// The exec mode, if one is given.
    pub exec_mode: Option<ExecMode>,
}

impl FilePerms {
    /// Its letters in the order in which profiles have them most: `mrwlk`, or `mralk`, and the exec mode.
    #[must_use]
    pub fn in_usual_order(self) -> String {
        order_letters(&self.to_string()).unwrap_or_else(|| self.to_string())
    }

    /// Whether any of `bits` is in it.
    #[must_use]
    pub const fn has(self, bits: u8) -> bool {
        self.bits & bits != 0
    }

    /// Whether `x` is in it.
    #[must_use]
    pub const fn has_exec(self) -> bool {
        self.has(EXEC)
    }

    /// Whether `l` is in it.
    #[must_use]
    pub const fn has_link(self) -> bool {
        self.has(LINK)
    }

    /// Whether nothing but `l` is in it.
    #[must_use]
    pub const fn is_only_link(self) -> bool {
        self.bits & !LINK == 0
    }

    /// The same with a bare `x`, as deny rules need it.
    #[must_use]
    pub const fn without_exec_mode(self) -> Self {
        Self {
            bits: self.bits,
            exec_mode: None,
        }
    }
}

impl fmt::Display for FilePerms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = [
            (READ, "r"),
            (WRITE, "w"),
            (LINK, "l"),
            (LOCK, "k"),
            (MMAP, "m"),
        ];
        for (bit, letter) in letters {
            if self.has(bit) {
                f.write_str(letter)?;
            }
        }
        if self.has(APPEND) && !self.has(WRITE) {
            f.write_str("a")?;
        }
        match self.exec_mode {
            Some(mode) => mode.fmt(f),
            None if self.has_exec() => f.write_str("x"),
            None => Ok(()),
        }
    }
}

/// What is wrong with written permissions.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum PermFault {
    /// No permission has this letter, at this byte.
    UnknownLetter(usize),
    /// `w` together with `a`.
    WriteAndAppend,
    /// Two exec modes that differ.
    ConflictingExec,
    /// Upper case where it has no meaning.
    Uppercase,
}

/// Permissions as read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ParsedPerms {
    /// What they grant or refuse.
    pub perms: FilePerms,
    /// What is wrong with them.
    pub faults: Vec<PermFault>,
}

/// Whether the parser's lexer takes a word for permissions (MODES in parser_lex.l).
#[must_use]
pub fn is_mode_word(word: &str) -> bool {
    // The keyword wins.
    if word == "all" {
        return false;
    }
    let mut bytes = word.bytes().peekable();
    let mut any = false;
    while let Some(byte) = bytes.next() {
        any = true;
        match byte {
            b'R' | b'W' | b'L' | b'M' | b'X' | b'r' | b'w' | b'a' | b'l' | b'm' | b'k' | b'x' => {
                continue;
            }
            b'p' | b'c' | b'P' | b'C' => {
                let _ = bytes.next_if(|next| matches!(next.to_ascii_lowercase(), b'i' | b'u'));
            }
            b'i' | b'u' | b'I' | b'U' => {}
            _ => return false,
        }
        if bytes
            .next_if(|next| next.eq_ignore_ascii_case(&b'x'))
            .is_none()
        {
            return false;
        }
    }
    any
}

/// Reads permissions, as parse_sub_perms of apparmor_parser 6.0 does.
#[must_use]
pub fn parse_file_perms(word: &str) -> ParsedPerms {
    let mut parsed = ParsedPerms::default();
    let mut chars = word.char_indices().peekable();
    let mut seen_append = false;
    let mut seen_write = false;
    while let Some((at, letter)) = chars.next() {
        let lower = letter.to_ascii_lowercase();
        let bits = match lower {
            'r' => READ,
            'w' => WRITE | APPEND,
            'a' => APPEND,
            'l' => LINK,
            'k' => LOCK,
            'm' => MMAP,
            'x' => EXEC,
            'i' | 'u' | 'p' | 'c' => {
                let second = chars.peek().map(|(_, next)| next.to_ascii_lowercase());
                let fallback =
                    second.filter(|next| matches!(lower, 'p' | 'c') && matches!(next, 'i' | 'u'));
                if fallback.is_some() {
                    chars.next();
                }
                if chars
                    .next_if(|(_, next)| next.eq_ignore_ascii_case(&'x'))
                    .is_none()
                {
                    parsed.faults.push(PermFault::UnknownLetter(at));
                    continue;
                }
                exec(&mut parsed, lower, fallback, letter.is_ascii_lowercase());
                EXEC
            }
            _ => {
                parsed.faults.push(PermFault::UnknownLetter(at));
                continue;
            }
        };
        seen_append |= lower == 'a';
        seen_write |= lower == 'w';
        let is_mode = matches!(lower, 'i' | 'u' | 'p' | 'c');
        if letter.is_ascii_uppercase() && (!is_mode || lower == 'i') {
            note(&mut parsed, PermFault::Uppercase);
        }
        parsed.perms.bits |= bits;
    }
    if seen_append && seen_write {
        note(&mut parsed, PermFault::WriteAndAppend);
    }
    parsed
}

fn note(parsed: &mut ParsedPerms, fault: PermFault) {
    if !parsed.faults.contains(&fault) {
        parsed.faults.push(fault);
    }
}

fn exec(parsed: &mut ParsedPerms, letter: char, fallback: Option<char>, is_lower: bool) {
    let kind = match (letter, fallback) {
        ('i', _) => ExecKind::Inherit,
        ('u', _) => ExecKind::Unconfined,
        ('p', None) => ExecKind::Profile,
        ('p', Some('i')) => ExecKind::ProfileOrInherit,
        ('p', _) => ExecKind::ProfileOrUnconfined,
        (_, None) => ExecKind::Child,
        (_, Some('i')) => ExecKind::ChildOrInherit,
        _ => ExecKind::ChildOrUnconfined,
    };
    let mode = ExecMode {
        kind,
        is_unsafe: is_lower && kind != ExecKind::Inherit,
    };
    // A bare `x` in front stands for any mode, and of those only `ix` may follow.
    let is_bare = parsed.perms.has_exec() && parsed.perms.exec_mode.is_none();
    if is_bare && kind != ExecKind::Inherit {
        note(parsed, PermFault::ConflictingExec);
    }
    match parsed.perms.exec_mode {
        Some(before) if before != mode => note(parsed, PermFault::ConflictingExec),
        _ => parsed.perms.exec_mode = Some(mode),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mode_words() {
        for word in ["r", "rw", "rmix", "Pix", "pUx", "rwixrl", "x", "CUx", "iX"] {
            assert!(is_mode_word(word), "{word}");
        }
        for word in ["", "rp", "i", "px1", "foo", "pi", "rz", "uix", "K", "A"] {
            assert!(!is_mode_word(word), "{word}");
        }
    }

    #[test]
    fn permissions_round_trip() {
        for word in [
            "r", "rw", "rwlkm", "mrix", "Px", "px", "pix", "PUx", "cux", "Ux", "x",
        ] {
            let parsed = parse_file_perms(word);
            assert_eq!(parsed.faults, [], "{word}");
            let again = parse_file_perms(&parsed.perms.to_string());
            assert_eq!(again.perms, parsed.perms, "{word}");
        }
    }

    #[test]
    fn conflicts() {
        assert_eq!(
            parse_file_perms("ixpx").faults,
            [PermFault::ConflictingExec]
        );
        assert_eq!(parse_file_perms("ixix").faults, []);
        assert_eq!(
            parse_file_perms("pxPx").faults,
            [PermFault::ConflictingExec]
        );
        assert_eq!(parse_file_perms("aw").faults, [PermFault::WriteAndAppend]);
        assert_eq!(parse_file_perms("R").faults, [PermFault::Uppercase]);
        assert_eq!(
            parse_file_perms("rmix")
                .perms
                .without_exec_mode()
                .to_string(),
            "rmx"
        );
    }
}
