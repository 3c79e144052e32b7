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
const TIME_UNITS: &[(&str, u64)] = &[
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

/// Reads a limit as apparmor_parser 6.0 does. The value is in seconds for `cpu`, in microseconds for
/// `rttime`, in bytes for sizes, and for `nice` what setrlimit(2) takes: 20 minus the nice value.
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
    let number: i64 = value.parse().map_err(|_| RlimitFault::Value)?;
    if resource == "nice" {
        return match unit {
            Some(_) => Err(RlimitFault::Unit),
            None if !(-20..=19).contains(&number) => Err(RlimitFault::NiceRange),
            None => Ok(20_i64.wrapping_sub(number).unsigned_abs()),
        };
    }
    let number = u64::try_from(number).map_err(|_| RlimitFault::Value)?;
    match resource {
        "cpu" => {
            let micros = time(number, unit.unwrap_or("s"))?;
            if micros < 1_000_000 {
                Err(RlimitFault::BelowOneSecond)
            } else {
                Ok(micros / 1_000_000)
            }
        }
        "rttime" => time(number, unit.unwrap_or("us")),
        "nofile" | "ofile" | "nproc" | "locks" | "sigpending" | "rtprio" => {
            if unit.is_some() {
                Err(RlimitFault::Unit)
            } else {
                Ok(number)
            }
        }
        _ => size(number, unit),
    }
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
    Ok(number.saturating_mul(1 << shift))
}

fn time(number: u64, unit: &str) -> Result<u64, RlimitFault> {
    let scale = TIME_UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .ok_or(RlimitFault::Unit)?
        .1;
    Ok(number.saturating_mul(scale))
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
        assert_eq!(read("nice", "-5", None), Ok(25));
        assert_eq!(read("nice", "-21", None), Err(RlimitFault::NiceRange));
        assert_eq!(read("nofile", "1", Some("KB")), Err(RlimitFault::Unit));
        assert_eq!(read("data", "1", Some("K")), Ok(1024));
        assert_eq!(read("foo", "1", None), Err(RlimitFault::Resource));
        assert_eq!(read("as", "infinity", None), Ok(INFINITY));
    }
}
