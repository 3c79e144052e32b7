//! Lines that are JSON, or parts of it: `journalctl --output=json`, `dmesg --json`, logs of containers.
//!
//! Only the text that holds a record matters, and not what the program calls it. So the text is looked for, and the
//! document around it need not be known, nor stand on one line.

use serde_json::Value;

/// The JSON text that holds `word`, decoded; `None` if the word stands in none. The end of the line ends a text.
pub(super) fn text_with(line: &str, word: &str) -> Option<String> {
    let mut all = line.match_indices(word).map(|(at, _)| at);
    all.find_map(|at| {
        let text = literal(line, at)?;
        serde_json::from_str::<String>(&text).ok()
    })
}

/// The text around a place, with its quotation marks.
fn literal(line: &str, at: usize) -> Option<String> {
    let (mut start, mut is_escaped) = (None, false);
    for (index, letter) in line.char_indices() {
        match (letter, start) {
            _ if is_escaped => is_escaped = false,
            ('\\', Some(_)) => is_escaped = true,
            ('"', None) if index < at => start = Some(index),
            ('"', None) => return None,
            ('"', Some(from)) if index > at => return line.get(from..=index).map(str::to_owned),
            ('"', Some(_)) => start = None,
            _ => {}
        }
    }
    let cut = line.get(start?..)?;
    let cut = if is_escaped {
        cut.strip_suffix('\\')?
    } else {
        cut
    };
    Some(format!("{cut}\""))
}

/// The message of an entry of the journal that holds bytes that are no text: the journal writes numbers then.
pub(super) fn message(line: &str) -> Option<String> {
    let line = line.trim();
    if !line.starts_with('{') {
        return None;
    }
    let entry: Value = serde_json::from_str(line).ok()?;
    let numbers = entry.get("MESSAGE")?.as_array()?.iter();
    let bytes: Option<Vec<u8>> = numbers
        .map(|number| u8::try_from(number.as_u64()?).ok())
        .collect();
    Some(String::from_utf8_lossy(&bytes?).into_owned())
}

/// When the entry of the journal says that an audit record was made, in microseconds, and the number of the record. The
/// journal keeps both apart from the message where it heard the record itself.
pub(super) fn journal_time(line: &str) -> Option<(u64, u64)> {
    let entry: Value = serde_json::from_str(line.trim()).ok()?;
    let number = |key: &str| entry.get(key)?.as_str()?.parse().ok();
    Some((number("_SOURCE_REALTIME_TIMESTAMP")?, number("_AUDIT_ID")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_with_the_word_is_found() {
        for (line, expected) in [
            (r#"{"a":"x","b":"see w=\"1\"","c":2}"#, Some("see w=\"1\"")),
            (r#"	"b" : "w=\u0022","#, Some("w=\"")),
            (r#"{"b":"w=1"#, Some("w=1")),
            (r#"{"b":"w=1\"#, Some("w=1")),
            (r#"{"b":"w=\q"}"#, None),
            ("w=1", None),
            (r#"a "b" w=1 "c""#, None),
        ] {
            assert_eq!(text_with(line, "w=").as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn a_message_may_be_numbers() {
        assert_eq!(
            message(r#"{"MESSAGE":[97,255,98]}"#).as_deref(),
            Some("a\u{fffd}b")
        );
        for line in [
            "",
            "[]",
            "{",
            r#"{"MESSAGE":"x"}"#,
            r#"{"MESSAGE":[256]}"#,
            r#"{"MESSAGE":[-1]}"#,
        ] {
            assert_eq!(message(line), None, "{line}");
        }
    }
}
