//! Signals, signal(7), as apparmor_parser 6.0 names them.

/// Signals, lower case without `SIG`, with their numbers in compiled policy; a number's usual name
/// first. `exists` is the test whether a process is there.
pub const SIGNALS: &[(&str, u8)] = &[
    ("hup", 1),
    ("int", 2),
    ("quit", 3),
    ("ill", 4),
    ("trap", 5),
    ("abrt", 6),
    ("bus", 7),
    ("fpe", 8),
    ("kill", 9),
    ("usr1", 10),
    ("segv", 11),
    ("usr2", 12),
    ("pipe", 13),
    ("alrm", 14),
    ("term", 15),
    ("stkflt", 16),
    ("chld", 17),
    ("cont", 18),
    ("stop", 19),
    ("tstp", 20),
    ("stp", 20),
    ("ttin", 21),
    ("ttou", 22),
    ("urg", 23),
    ("xcpu", 24),
    ("xfsz", 25),
    ("vtalrm", 26),
    ("prof", 27),
    ("winch", 28),
    ("io", 29),
    ("poll", 29),
    ("pwr", 30),
    ("sys", 31),
    ("emt", 32),
    ("exists", 35),
];

/// Highest real-time signal, counted from `rtmin+0`.
pub const MAX_REALTIME: u32 = 32;

/// The number of the first real-time signal in compiled policy.
const FIRST_REALTIME: u8 = 128;

/// Whether it names a signal, real-time signals (`rtmin+N`) included.
#[must_use]
pub fn is_signal(name: &str) -> bool {
    number(name).is_some()
}

/// The number of a signal in compiled policy, which is the same on all machines (signal.cc).
#[must_use]
pub fn number(name: &str) -> Option<u8> {
    if let Some(text) = name.strip_prefix("rtmin+") {
        let number = leading_number(text)?;
        return (number <= MAX_REALTIME)
            .then(|| u8::try_from(number).ok())
            .flatten()
            .and_then(|number| FIRST_REALTIME.checked_add(number));
    }
    let found = SIGNALS.iter().find(|(known, _)| *known == name);
    found.map(|(_, number)| *number)
}

/// The number at the start of a text as strtoul(3) reads it, 0 without one; the parser ignores the rest.
fn leading_number(text: &str) -> Option<u32> {
    let text = text.trim_start_matches([' ', '\t', '\n', '\u{b}', '\u{c}', '\r']);
    let digits = text.strip_prefix('+').unwrap_or(text);
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    match digits.get(..end) {
        // What is negative wraps to a number that is too large.
        Some("") if text.starts_with('-') => None,
        Some("") => Some(0),
        digits => digits?.parse().ok(),
    }
}
