//! The fields of a record: `key=value`, as the kernel's audit code and libapparmor write them.
//!
//! A value is a number, a word, or text in quotation marks. What a task could have chosen is written
//! without quotation marks, in hexadecimal digits, if it holds a blank, a quotation mark or anything
//! that is not printable ASCII (audit_log_untrustedstring in kernel/audit.c).

/// Keys whose values a task can choose: without quotation marks they are hexadecimal.
const UNTRUSTED: &[&str] = &[
    "addr",
    "comm",
    "exe",
    "fstype",
    "label",
    "name",
    "namespace",
    "options",
    "path",
    "peer",
    "peer_addr",
    "peer_label",
    "profile",
    "srcname",
    "target",
    "tcontext",
    "trans",
];

/// Keys of records. Where values stand without quotation marks, these tell where one ends.
const KEYS: &[&str] = &[
    "addr",
    "apparmor",
    "bus",
    "capability",
    "capname",
    "class",
    "comm",
    "denied",
    "denied_mask",
    "error",
    "exe",
    "execpath",
    "family",
    "faddr",
    "flags",
    "fport",
    "fsuid",
    "fstype",
    "hostname",
    "info",
    "interface",
    "label",
    "laddr",
    "lport",
    "mask",
    "member",
    "name",
    "namespace",
    "operation",
    "options",
    "ouid",
    "path",
    "peer",
    "peer_addr",
    "peer_label",
    "peer_pid",
    "peer_profile",
    "pid",
    "profile",
    "protocol",
    "requested",
    "requested_mask",
    "rlimit",
    "sauid",
    "signal",
    "sock_type",
    "srcname",
    "target",
    "tcontext",
    "terminal",
    "trans",
    "value",
];

/// The fields of a text as `ausearch --interpret` writes it: values are decoded and stand without quotation marks, so
/// that a blank may be a part of one. `None` if a key stands there twice: then a value was chosen to look like fields.
pub(super) fn interpreted(text: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let starts = text
        .match_indices('=')
        .filter_map(|(equals, _)| key(text, equals));
    let starts: Vec<(usize, &str)> = starts.collect();
    let mut found: Vec<(String, Vec<u8>)> = Vec::new();
    for (number, (start, key)) in starts.iter().enumerate() {
        let end = starts.get(number + 1).map_or(text.len(), |(next, _)| *next);
        let value = text.get(start + key.len() + 1..end)?.trim();
        let quoted = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
        if found.iter().any(|(known, _)| known == key) {
            return None;
        }
        found.push((
            (*key).to_owned(),
            quoted.unwrap_or(value).as_bytes().to_vec(),
        ));
    }
    Some(found)
}

/// The key in front of an equals sign, and where it starts.
fn key(text: &str, equals: usize) -> Option<(usize, &str)> {
    let before = text.get(..equals)?;
    let start = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let key = before.get(start..)?;
    KEYS.contains(&key).then_some((start, key))
}

/// The fields of a text, in their order. What is no field is passed over.
pub(super) fn fields(text: &str) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        let end = rest.find(|c: char| c == '=' || c.is_whitespace());
        let Some(end) = end else { return found };
        let (key, behind) = rest.split_at(end);
        let Some(behind) = behind.strip_prefix('=') else {
            rest = behind;
            continue;
        };
        let value;
        (value, rest) = match behind.strip_prefix('"') {
            Some(quoted) => {
                let (inner, behind) = quoted.split_once('"').unwrap_or((quoted, ""));
                (inner.as_bytes().to_vec(), behind)
            }
            None => {
                let end = behind.find(char::is_whitespace).unwrap_or(behind.len());
                let (word, behind) = behind.split_at(end);
                (bare(key, word), behind)
            }
        };
        found.push((key.to_owned(), value));
    }
}

/// A value without quotation marks.
fn bare(key: &str, word: &str) -> Vec<u8> {
    let decoded = UNTRUSTED.contains(&key).then(|| hexadecimal(word));
    decoded
        .flatten()
        .unwrap_or_else(|| word.as_bytes().to_vec())
}

/// The bytes that pairs of hexadecimal digits stand for.
fn hexadecimal(word: &str) -> Option<Vec<u8>> {
    let digits = word.as_bytes();
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let pair = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(digit(high)? << 4 | digit(low)?).ok(),
        _ => None,
    };
    digits.chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(String, String)> {
        let fields = fields(text).into_iter();
        fields
            .map(|(key, value)| (key, String::from_utf8_lossy(&value).into_owned()))
            .collect()
    }

    #[test]
    fn values_are_numbers_words_and_text() {
        let text = r#"info="Failed name lookup - deleted entry" error=-2 pid=7 signal=term"#;
        let expected = [
            ("info", "Failed name lookup - deleted entry"),
            ("error", "-2"),
            ("pid", "7"),
            ("signal", "term"),
        ];
        let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(shown(text), expected);
    }

    #[test]
    fn what_a_task_chooses_may_be_hexadecimal() {
        assert_eq!(shown("name=2F612062")[0].1, "/a b");
        assert_eq!(fields("comm=FF2F")[0].1, b"\xff/");
        // Not an even number of digits, and not a key that is ever encoded.
        assert_eq!(shown("name=2F6")[0].1, "2F6");
        assert_eq!(shown("fsuid=1000")[0].1, "1000");
        assert_eq!(shown("name=(null)")[0].1, "(null)");
        assert_eq!(shown("addr=none")[0].1, "none");
        // In quotation marks it is text, whatever it looks like.
        assert_eq!(shown(r#"name="2F61""#)[0].1, "2F61");
    }

    #[test]
    fn without_quotation_marks_the_next_key_ends_a_value() {
        let text = "apparmor=DENIED name=/data 1/a=b comm=my app pid=5 ouid=root ";
        let expected = [
            ("apparmor", "DENIED"),
            ("name", "/data 1/a=b"),
            ("comm", "my app"),
            ("pid", "5"),
            ("ouid", "root"),
        ];
        let expected = expected.map(|(key, value)| (key.to_owned(), value.as_bytes().to_vec()));
        assert_eq!(interpreted(text).as_deref(), Some(&expected[..]));
        // A file's name that goes on like a record.
        assert_eq!(interpreted("name=/a ouid=0 fsuid=0 ouid=1"), None);
        assert_eq!(interpreted("nothing here"), Some(Vec::new()));
    }

    #[test]
    fn what_is_no_field_is_passed_over() {
        assert_eq!(
            shown("AVC and more pid=1"),
            [("pid".to_owned(), "1".to_owned())]
        );
        assert_eq!(shown(""), []);
        assert_eq!(
            shown("a= b=\""),
            [
                ("a".to_owned(), String::new()),
                ("b".to_owned(), String::new())
            ]
        );
        assert_eq!(shown("=x"), [(String::new(), "x".to_owned())]);
    }
}
