//! Signals, signal(7), as apparmor_parser 6.0 names them.

/// Signal names, lower case without `SIG`. `exists` is the test whether a process is there.
pub const SIGNALS: &[&str] = &[
    "hup", "int", "quit", "ill", "trap", "abrt", "bus", "fpe", "kill", "usr1", "segv", "usr2",
    "pipe", "alrm", "term", "stkflt", "chld", "cont", "stop", "stp", "tstp", "ttin", "ttou", "urg",
    "xcpu", "xfsz", "vtalrm", "prof", "winch", "io", "poll", "pwr", "sys", "emt", "exists",
];

/// Highest real-time signal, counted from `rtmin+0`.
pub const MAX_REALTIME: u32 = 32;

/// Whether it names a signal, real-time signals (`rtmin+N`) included.
#[must_use]
pub fn is_signal(name: &str) -> bool {
    match name.strip_prefix("rtmin+") {
        Some(number) => {
            number.parse::<u32>().is_ok_and(|n| n <= MAX_REALTIME) && !number.starts_with('+')
        }
        None => SIGNALS.contains(&name),
    }
}
