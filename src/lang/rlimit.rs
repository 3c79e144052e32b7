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

/// Checks a limit as apparmor_parser 6.0 does.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn check(resource: &str, value: &str, unit: Option<&str>) -> Result<(), RlimitFault> {
    if !RESOURCES.contains(&resource) {
        return Err(RlimitFault::Resource);
    }
    if value == "infinity" {
        return Ok(());
    }
    let number: i64 = value.parse().map_err(|_| RlimitFault::Value)?;
    match resource {
        "nice" if unit.is_some() => Err(RlimitFault::Unit),
        "nice" if !(-20..=19).contains(&number) => Err(RlimitFault::NiceRange),
        "nice" => Ok(()),
        _ if number < 0 => Err(RlimitFault::Value),
        "cpu" => {
            let micros = time(number, unit.unwrap_or("s"))?;
            if micros < 1_000_000 {
                Err(RlimitFault::BelowOneSecond)
            } else {
                Ok(())
            }
        }
        "rttime" => time(number, unit.unwrap_or("us")).map(|_| ()),
        "nofile" | "ofile" | "nproc" | "locks" | "sigpending" | "rtprio" => {
            if unit.is_some() {
                Err(RlimitFault::Unit)
            } else {
                Ok(())
            }
        }
        // The parser takes any beginning of the unit: `K`, `KB`.
        _ => match unit {
            None => Ok(()),
            Some(unit)
                if ["KB", "MB", "GB"]
                    .iter()
                    .any(|whole| whole.starts_with(unit)) =>
            {
                Ok(())
            }
            Some(_) => Err(RlimitFault::Unit),
        },
    }
}

fn time(number: i64, unit: &str) -> Result<u64, RlimitFault> {
    let scale = TIME_UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .ok_or(RlimitFault::Unit)?
        .1;
    Ok(number.unsigned_abs().saturating_mul(scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits() {
        assert_eq!(check("cpu", "5", Some("minutes")), Ok(()));
        assert_eq!(
            check("cpu", "5", Some("ms")),
            Err(RlimitFault::BelowOneSecond)
        );
        assert_eq!(check("nice", "-21", None), Err(RlimitFault::NiceRange));
        assert_eq!(check("nofile", "1", Some("KB")), Err(RlimitFault::Unit));
        assert_eq!(check("data", "1", Some("K")), Ok(()));
        assert_eq!(check("foo", "1", None), Err(RlimitFault::Resource));
        assert_eq!(check("as", "infinity", None), Ok(()));
    }
}
