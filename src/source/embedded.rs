//! Paths of texts that are a part of a file: policy in a Kubernetes manifest. The text of such a path has the lines of
//! the file up to the end of the part and is blank in front of it, so that its places are those of the file.

use super::TextRange;

/// No path on disk holds it.
const SEPARATOR: char = '\0';

/// The path of the part at `range` of the file at `path`.
#[must_use]
pub fn embedded_path(path: &str, range: TextRange) -> String {
    format!("{path}{SEPARATOR}{}-{}", range.start, range.end)
}

/// The path of the file, and the part of it that is meant, if it is one.
#[must_use]
pub fn split_embedded(path: &str) -> (&str, Option<TextRange>) {
    let Some((file, part)) = path.split_once(SEPARATOR) else {
        return (path, None);
    };
    let range = part.split_once('-').and_then(|(start, end)| {
        let (start, end) = (start.parse().ok()?, end.parse().ok()?);
        (start <= end).then_some(TextRange::new(start, end))
    });
    (file, range)
}

/// A text up to the end of a range, blank in front of the range, its lines kept. A carriage return is blank as well: YAML drops
/// it.
#[must_use]
pub fn masked(text: &str, range: TextRange) -> String {
    let (start, end) = (range.start as usize, range.end as usize);
    let mut masked = String::with_capacity(text.len());
    for (at, c) in text.get(..end).unwrap_or_default().char_indices() {
        let is_kept = c == '\n' || at >= start && c != '\r';
        match is_kept {
            true => masked.push(c),
            false => masked.extend(std::iter::repeat_n(' ', c.len_utf8())),
        }
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_the_places_of_its_file() {
        let text = "ä: |\r\n  profile p {\r\n  }\r\nb: c\n";
        let start = u32::try_from(text.find("  profile").unwrap()).unwrap();
        let end = u32::try_from(text.find("b:").unwrap()).unwrap();
        let masked = masked(text, TextRange::new(start, end));
        assert_eq!(masked, "      \n  profile p { \n  } \n");
        assert!(text.starts_with("ä: |\r\n") && masked.len() + 5 == text.len());
        let path = embedded_path("d/a.yaml", TextRange::new(3, 9));
        assert_eq!(
            split_embedded(&path),
            ("d/a.yaml", Some(TextRange::new(3, 9)))
        );
        assert_eq!(split_embedded("d/a.yaml"), ("d/a.yaml", None));
    }
}
