//! Resource limits, apparmor.d(5), "rlimit rules"; setrlimit(2).

/// What is wrong with a limit.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum RlimitFault {
    /// There is no such resource.
    Resource,
    /// The value is no number that this resource takes.
    Value,
    /// The unit does not exist, or the resource takes none.
    Unit,
    /// `cpu` below one second.
    BelowOneSecond,
    /// `nice` outside of -20 to 19.
    NiceRange,
}

/// All resources.
pub const RESOURCES: &[&str] = &[
    "cpu",
    "fsize",
    "data",
    "stack",
    "core",
    "rss",
    "nofile",
    "ofile",
    "as",
    "nproc",
    "memlock",
    "locks",
    "sigpending",
    "msgqueue",
    "nice",
    "rtprio",
    "rttime",
];

/// Units of time and their length in microseconds.
const TIME_UNITS: &[(&str, i64)] = &[
    ("us", 1),
    ("microsecond", 1),
    ("microseconds", 1),
    ("ms", 1_000),
    ("millisecond", 1_000),
    ("milliseconds", 1_000),
    ("s", 1_000_000),
    ("sec", 1_000_000),
    ("second", 1_000_000),
    ("seconds", 1_000_000),
    ("min", 60_000_000),
    ("minute", 60_000_000),
    ("minutes", 60_000_000),
    ("h", 3_600_000_000),
    ("hour", 3_600_000_000),
    ("hours", 3_600_000_000),
    ("d", 86_400_000_000),
    ("day", 86_400_000_000),
    ("days", 86_400_000_000),
    ("week", 604_800_000_000),
    ("weeks", 604_800_000_000),
];

/// The value of no limit.
pub const INFINITY: u64 = u64::MAX;

/// Reads a limit as apparmor_parser 3.0.8 and 5.0.2 do (rlimit_value in parser_yacc.y). The value is in seconds for
/// `cpu`, in microseconds for `rttime`, in bytes for sizes, and for `nice` 20 plus the nice value, which is what
/// compiled policy holds.
///
/// Numbers are those of strtoll(3): a leading zero makes them octal, and what is too large becomes the largest one.
/// Units multiply without a check, so that `17179869184 GB` is 0.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn read(resource: &str, value: &str, unit: Option<&str>) -> Result<u64, RlimitFault> {
    if !RESOURCES.contains(&resource) {
        return Err(RlimitFault::Resource);
    }
    if value == "infinity" {
        return Ok(INFINITY);
    }
    let number = strtoll(value).ok_or(RlimitFault::Value)?;
    if resource == "nice" {
        return match unit {
            Some(_) => Err(RlimitFault::Unit),
            None if !(-20..=19).contains(&number) => Err(RlimitFault::NiceRange),
            None => Ok(20_i64.wrapping_add(number).unsigned_abs()),
        };
    }
    let unsigned = u64::try_from(number).map_err(|_| RlimitFault::Value)?;
    match (resource, unit) {
        ("cpu" | "rttime", None) => Ok(unsigned),
        // The product is signed: what is too large may come out as less than a second.
        ("cpu", Some(unit)) => match time(number, unit)? {
            micros if micros < 1_000_000 => Err(RlimitFault::BelowOneSecond),
            micros => Ok(micros.unsigned_abs() / 1_000_000),
        },
        ("rttime", Some(unit)) => match time(number, unit)? {
            micros if micros <= 0 => Err(RlimitFault::Value),
            micros => Ok(micros.unsigned_abs()),
        },
        ("nofile" | "ofile" | "nproc" | "locks" | "sigpending" | "rtprio", unit) => match unit {
            Some(_) => Err(RlimitFault::Unit),
            None => Ok(unsigned),
        },
        (_, unit) => size(unsigned, unit),
    }
}

/// The number at the start of a text as strtoll(3) reads it with base 0; digits that do not fit the base end it.
fn strtoll(text: &str) -> Option<i64> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let base = if digits.starts_with('0') { 8 } else { 10 };
    let mut number = 0_i64;
    for digit in digits.chars() {
        let Some(digit) = digit.to_digit(base) else {
            break;
        };
        let digit = i64::from(digit);
        let shifted = number.checked_mul(i64::from(base));
        number = match shifted.and_then(|shifted| {
            if is_negative {
                shifted.checked_sub(digit)
            } else {
                shifted.checked_add(digit)
            }
        }) {
            Some(number) => number,
            None if is_negative => return Some(i64::MIN),
            None => return Some(i64::MAX),
        };
    }
    Some(number)
}

/// The parser takes any beginning of a unit of size: `K`, `KB`.
fn size(number: u64, unit: Option<&str>) -> Result<u64, RlimitFault> {
    let Some(unit) = unit else {
        return Ok(number);
    };
    let shift = [("KB", 10), ("MB", 20), ("GB", 30)]
        .into_iter()
        .find(|(whole, _)| whole.starts_with(unit))
        .ok_or(RlimitFault::Unit)?
        .1;
    Ok(number.wrapping_mul(1 << shift))
}

fn time(number: i64, unit: &str) -> Result<i64, RlimitFault> {
    let scale = TIME_UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .ok_or(RlimitFault::Unit)?
        .1;
    Ok(number.wrapping_mul(scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits() {
        assert_eq!(read("cpu", "5", Some("minutes")), Ok(300));
        assert_eq!(
            read("cpu", "5", Some("ms")),
            Err(RlimitFault::BelowOneSecond)
        );
        assert_eq!(read("nice", "-5", None), Ok(15));
        assert_eq!(read("nice", "010", None), Ok(28));
        assert_eq!(read("nice", "-21", None), Err(RlimitFault::NiceRange));
        assert_eq!(read("nofile", "1", Some("KB")), Err(RlimitFault::Unit));
        assert_eq!(read("data", "1", Some("K")), Ok(1024));
        assert_eq!(read("foo", "1", None), Err(RlimitFault::Resource));
        assert_eq!(read("as", "infinity", None), Ok(INFINITY));
    }

    /// Each as apparmor_parser 3.0.8 and 5.0.2 compile it.
    #[test]
    fn numbers_are_those_of_c() {
        for (resource, value, unit, expected) in [
            ("nofile", "010", None, Ok(8)),
            ("nofile", "08", None, Ok(0)),
            (
                "nofile",
                "18446744073709551615",
                None,
                Ok(i64::MAX.unsigned_abs()),
            ),
            ("nofile", "-1", None, Err(RlimitFault::Value)),
            ("nice", "-08", None, Ok(20)),
            ("nice", "024", None, Err(RlimitFault::NiceRange)),
            ("fsize", "1099511627776", Some("GB"), Ok(0)),
            ("fsize", "17179869185", Some("GB"), Ok(1 << 30)),
            ("fsize", "8589934592", Some("GB"), Ok(1 << 63)),
            ("rttime", "0", None, Ok(0)),
            ("rttime", "0", Some("us"), Err(RlimitFault::Value)),
            (
                "rttime",
                "9223372036855",
                Some("s"),
                Err(RlimitFault::Value),
            ),
            ("rttime", "18446744073710", Some("s"), Ok(448_384)),
            ("cpu", "0", None, Ok(0)),
            ("cpu", "0", Some("s"), Err(RlimitFault::BelowOneSecond)),
            ("cpu", "99999999999999", Some("days"), Ok(6_244_476_202_361)),
            (
                "cpu",
                "18446744073709",
                Some("s"),
                Err(RlimitFault::BelowOneSecond),
            ),
        ] {
            assert_eq!(
                read(resource, value, unit),
                expected,
                "{resource} {value} {unit:?}"
            );
        }
    }
}
