//! One audit record.
//!
//! Written as the kernel writes it (security/apparmor/audit.c and the callbacks of each class), or, for
//! D-Bus, as the bus daemon does through libapparmor; behind whatever the log puts in front.

use std::borrow::Cow;

use super::fields::{fields, interpreted};
use super::json;

/// What each record begins with.
const KEY: &str = "apparmor=";

/// Length of what may stand for a quotation mark, in bytes.
const MAX_MARK: usize = 8;

/// How often a record may be quoted in JSON texts, one within the other.
const MAX_QUOTED: usize = 4;

/// What a record says was done.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// A request was refused.
    Denied,
    /// A request passed that no rule allows: the profile is in complain mode.
    Allowed,
    /// A request was allowed, and a rule or flag wants it recorded.
    Audit,
    /// A request was refused, and the task killed for it.
    Killed,
    /// Policy or the state of AppArmor changed.
    Status,
    /// Something failed within AppArmor.
    Error,
    /// A hint about a change of profile.
    Hint,
}

impl Kind {
    const ALL: [(&'static str, Self); 7] = [
        ("DENIED", Self::Denied),
        ("ALLOWED", Self::Allowed),
        ("AUDIT", Self::Audit),
        ("KILLED", Self::Killed),
        ("STATUS", Self::Status),
        ("ERROR", Self::Error),
        ("HINT", Self::Hint),
    ];

    /// Its word in the record.
    #[must_use]
    pub fn word(self) -> &'static str {
        let found = Self::ALL.iter().find(|(_, kind)| *kind == self);
        found.map_or("", |(word, _)| word)
    }

    /// Whether the request did not pass.
    #[must_use]
    pub const fn is_refused(self) -> bool {
        matches!(self, Self::Denied | Self::Killed)
    }
}

/// When a record was made, and its number; together they name it.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Time {
    /// Seconds since 1970.
    pub seconds: u64,
    /// Thousandths of a second.
    pub millis: u16,
    /// The record's number since the machine started.
    pub serial: u64,
}

/// A record of AppArmor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// What was done.
    pub kind: Kind,
    /// When; not every log keeps it.
    pub time: Option<Time>,
    /// The label of the task: a profile's full name, or several joined by `//&`.
    pub label: String,
    /// What the task did, in the kernel's word.
    pub operation: String,
    /// All fields in their order, decoded.
    pub fields: Vec<(String, Vec<u8>)>,
}

impl Record {
    /// The value of a field.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&[u8]> {
        let found = self.fields.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value.as_slice())
    }

    /// The same as text.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<Cow<'_, str>> {
        self.get(key).map(String::from_utf8_lossy)
    }

    /// The same as a number.
    #[must_use]
    pub fn number<N: std::str::FromStr>(&self, key: &str) -> Option<N> {
        std::str::from_utf8(self.get(key)?).ok()?.parse().ok()
    }

    /// The process, as the first process namespace counts.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.number("pid")
    }

    /// The name of the task that asked.
    #[must_use]
    pub fn command(&self) -> Option<Cow<'_, str>> {
        self.text("comm")
    }
}

/// Reads a line of a log: of the kernel (`dmesg`, /dev/kmsg, syslog, the journal), of auditd, of `ausearch` with and
/// without `--interpret`, a JSON document with such a line in it, or the text of a netlink message. `None` if it holds
/// no record of AppArmor.
#[must_use]
pub fn parse(line: &str) -> Option<Record> {
    let mut text = Cow::Borrowed(line);
    for _ in 0..MAX_QUOTED {
        // In JSON the line goes on behind the text that holds the record.
        let is_json = text.trim_start().starts_with('{');
        let inner = json::text_with(&text, KEY);
        match (inner, plain(&text).filter(|_| !is_json)) {
            (_, Some(mut record)) => {
                if record.time.is_none() && text.len() < line.len() {
                    record.time = journal_time(line);
                }
                return Some(record);
            }
            (Some(inner), None) => text = Cow::Owned(inner),
            (None, None) => return json::message(&text).and_then(|message| plain(&message)),
        }
    }
    None
}

/// The time of an entry of the journal.
fn journal_time(line: &str) -> Option<Time> {
    let (micros, serial) = json::journal_time(line)?;
    Some(Time {
        seconds: micros / 1_000_000,
        millis: u16::try_from(micros / 1000 % 1000).ok()?,
        serial,
    })
}

/// Whether a line has what a record of AppArmor begins with. If [`parse`] gives none, the line holds a record in a form
/// that is not known.
#[must_use]
pub fn looks_like_record(line: &str) -> bool {
    let mut found = line.match_indices(KEY);
    found.any(|(at, _)| {
        let behind = line.get(at + KEY.len()..).unwrap_or_default();
        let word = behind.split_whitespace().next().unwrap_or_default();
        // Whatever stands for a quotation mark: `\"`, `&quot;`, `#034`. `apparmor=1` is an argument of the kernel.
        let is_kind = |(kind, _): &(&str, Kind)| word.find(kind).is_some_and(|at| at <= MAX_MARK);
        let word = word.trim_start_matches('"');
        let capitals = word.chars().take_while(char::is_ascii_uppercase).count();
        Kind::ALL.iter().any(is_kind) || capitals > 2
    })
}

/// Reads a line that holds the record as it was written.
fn plain(line: &str) -> Option<Record> {
    let start = start(line)?;
    let (before, body) = line.split_at_checked(start)?;
    // What user space reports is between apostrophes; what auditd adds follows a separator.
    let body = match before.ends_with('\'') {
        true => body.split('\'').next().unwrap_or(body),
        false => body,
    };
    let body = body.split('\u{1d}').next().unwrap_or(body);
    let fields = match body.strip_prefix(KEY)?.starts_with('"') {
        true => fields(body),
        false => interpreted(body)?,
    };
    let get = |key: &str| {
        let found = fields.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    };
    let word = get("apparmor")?;
    let (_, kind) = Kind::ALL.iter().find(|(known, _)| *known == word)?;
    Some(Record {
        kind: *kind,
        time: time(before),
        label: get("profile").or_else(|| get("label")).unwrap_or_default(),
        operation: get("operation").unwrap_or_default(),
        fields,
    })
}

/// Where the record begins: no word goes on there, and the kernel's word for what it did follows.
fn start(line: &str) -> Option<usize> {
    let all = line.match_indices(KEY).map(|(at, _)| at);
    let mut begins = all.filter(|at| {
        let before = line.get(..*at).unwrap_or_default();
        let behind = line.get(at + KEY.len()..).unwrap_or_default();
        let is_quoted = behind.starts_with('"');
        let is_kind = |(word, _): &(&str, Kind)| {
            let rest = behind.strip_prefix(word);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\'']))
        };
        let is_word = is_quoted || Kind::ALL.iter().any(is_kind);
        is_word && (before.is_empty() || before.ends_with([' ', '\t', '\'', '=']))
    });
    begins.next()
}

/// `audit(SECONDS.MILLIS:SERIAL)`
fn time(before: &str) -> Option<Time> {
    let (_, behind) = before.rsplit_once("audit(")?;
    let (inner, _) = behind.split_once(')')?;
    let (time, serial) = inner.split_once(':')?;
    let (seconds, millis) = time.split_once('.')?;
    Some(Time {
        seconds: seconds.parse().ok()?,
        millis: millis.parse().ok()?,
        serial: serial.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"apparmor="DENIED" operation="open" class="file" profile="web" name="/etc/shadow" pid=77 comm="cat" requested_mask="r" denied_mask="r" fsuid=0 ouid=0"#;

    #[test]
    fn a_record_is_found_behind_what_each_log_puts_in_front() {
        for before in [
            "audit(1700000000.123:45): ",
            "type=AVC msg=audit(1700000000.123:45): ",
            "[   12.345678] audit: type=1400 audit(1700000000.123:45): ",
            "Nov 14 22:13:20 host kernel: [   12.345678] audit: type=1400 audit(1700000000.123:45): ",
            "5,1234,567890,-;audit: type=1400 audit(1700000000.123:45): ",
        ] {
            let record = parse(&format!("{before}{BODY}")).unwrap();
            assert_eq!(record.kind, Kind::Denied, "{before}");
            assert_eq!(record.operation, "open");
            assert_eq!(record.label, "web");
            assert_eq!(record.get("name"), Some(&b"/etc/shadow"[..]));
            assert_eq!(
                (record.pid(), record.command().as_deref()),
                (Some(77), Some("cat"))
            );
            let time = record.time.unwrap();
            assert_eq!(
                (time.seconds, time.millis, time.serial),
                (1_700_000_000, 123, 45)
            );
        }
    }

    #[test]
    fn a_time_is_not_needed() {
        let record = parse(&format!("Nov 14 22:13:20 host audit[77]: AVC {BODY}")).unwrap();
        assert_eq!(record.time, None);
        assert_eq!(record.label, "web");
        assert_eq!(parse(BODY).unwrap().time, None);
    }

    #[test]
    fn what_auditd_adds_is_left_out() {
        let record = parse(&format!("{BODY}\u{1d}FSUID=\"root\" name=\"forged\"")).unwrap();
        assert_eq!(record.text("ouid").as_deref(), Some("0"));
        assert_eq!(record.get("FSUID"), None);
    }

    #[test]
    fn records_of_the_bus_daemon_stand_between_apostrophes() {
        let line = r#"type=USER_AVC msg=audit(1700000000.001:9): pid=500 uid=101 auid=4294967295 ses=4294967295 msg='apparmor="DENIED" operation="dbus_method_call" bus="system" path="/org/a" interface="org.a.I" member="M" mask="send" name="org.a" pid=77 label="web" peer_pid=600 peer_label="unconfined" exe="/usr/bin/dbus-daemon" sauid=101 hostname=? addr=? terminal=?'"#;
        let record = parse(line).unwrap();
        assert_eq!(record.label, "web");
        assert_eq!(record.pid(), Some(77));
        assert_eq!(record.text("terminal").as_deref(), Some("?"));
        assert_eq!(record.time.unwrap().serial, 9);
    }

    #[test]
    fn every_kind_is_known() {
        for (word, kind) in Kind::ALL {
            let record = parse(&format!("apparmor=\"{word}\" operation=\"x\"")).unwrap();
            assert_eq!((record.kind, kind.word()), (kind, word));
        }
        assert_eq!(parse("apparmor=\"NONSENSE\" operation=\"x\""), None);
    }

    #[test]
    fn other_lines_hold_none() {
        for line in [
            "",
            "audit: type=1400 audit(1.2:3): avc: denied { read } scontext=x",
            "security_opt: apparmor=web",
            "notapparmor=\"DENIED\"",
            "apparmor=\"DENIED",
        ] {
            let _ = parse(line);
        }
        assert_eq!(parse("notapparmor=\"DENIED\" operation=\"x\""), None);
        assert_eq!(parse("apparmor=web operation=\"x\""), None);
    }

    #[test]
    fn labels_and_names_are_decoded() {
        let line = r#"audit(1.002:3): apparmor="DENIED" operation="open" profile=6D792077656220 name=2F746D702F6120622220C3A9 pid=1 comm=6120622063"#;
        let record = parse(line).unwrap();
        assert_eq!(record.label, "my web ");
        assert_eq!(record.text("name").as_deref(), Some("/tmp/a b\" é"));
        assert_eq!(record.command().as_deref(), Some("a b c"));
    }
}
