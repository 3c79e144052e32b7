//! What profiles attach to.

use crate::glob::{InputDomain, Nfa, collapse_slashes};

/// Most paths that are written out.
const MAX_PATHS: usize = 256;

/// What a profile attaches to.
pub(super) struct Attachment {
    /// It compiled.
    pub(super) nfa: Nfa,
    /// Paths that it matches.
    pub(super) samples: Vec<Vec<u8>>,
    /// Whether these are all: most attachments are a handful of paths, and looking these up is a
    /// hundred times faster than searching.
    pub(super) is_complete: bool,
}

impl Attachment {
    /// Of a pattern without variables; `None` if it cannot be compiled.
    pub(super) fn new(pattern: &str) -> Option<Self> {
        let nfa = Nfa::path(pattern).ok()?;
        let all = paths(pattern);
        let is_complete = all.is_some();
        let mut samples = all.unwrap_or_else(|| nfa.prefixes().to_vec());
        samples.retain(|text| InputDomain::Paths.contains(text) && nfa.matches(text));
        Some(Self {
            nfa,
            samples,
            is_complete,
        })
    }
}

/// All paths that a pattern matches, the shortest first, if these are a handful.
pub(super) fn paths(pattern: &str) -> Option<Vec<Vec<u8>>> {
    let all = alternatives(pattern)?;
    let mut paths: Vec<Vec<u8>> = all
        .iter()
        .map(|text| collapse_slashes(text).into_bytes())
        .collect();
    paths.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    paths.dedup();
    paths.retain(|path| InputDomain::Paths.contains(path));
    Some(paths)
}

/// All texts that a pattern without wildcards and escapes matches; `None` if it has some, or matches
/// too many.
fn alternatives(pattern: &str) -> Option<Vec<String>> {
    if pattern.contains(['*', '?', '[', '\\']) {
        return None;
    }
    let mut done = Vec::new();
    let mut open = vec![pattern.to_owned()];
    while let Some(text) = open.pop() {
        let Some((before, group)) = text.split_once('{') else {
            done.push(text);
            continue;
        };
        let (items, behind) = items(group)?;
        open.extend(items.iter().map(|item| format!("{before}{item}{behind}")));
        if open.len() + done.len() > MAX_PATHS {
            return None;
        }
    }
    Some(done)
}

/// The alternatives of a group whose brace stands in front of `text`, and what stands behind it.
fn items(text: &str) -> Option<(Vec<&str>, &str)> {
    let (mut depth, mut start) = (0_usize, 0);
    let mut items = Vec::new();
    for (at, character) in text.char_indices() {
        match (character, depth) {
            ('{', _) => depth += 1,
            ('}', 0) => {
                items.push(text.get(start..at)?);
                return Some((items, text.get(at + 1..)?));
            }
            ('}', _) => depth -= 1,
            (',', 0) => {
                items.push(text.get(start..at)?);
                start = at + 1;
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(pattern: &str) -> Option<Vec<String>> {
        let mut all = alternatives(pattern)?;
        all.sort();
        Some(all)
    }

    #[test]
    fn written_out() {
        let texts = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(all("/bin/x"), texts(&["/bin/x"]));
        assert_eq!(
            all("/{,usr/{,local/}}bin/{a,b}"),
            texts(&[
                "/bin/a",
                "/bin/b",
                "/usr/bin/a",
                "/usr/bin/b",
                "/usr/local/bin/a",
                "/usr/local/bin/b",
            ])
        );
        assert_eq!(all("/bin/*"), None);
        assert_eq!(all("/bin/\\{"), None);
        assert_eq!(all("/bin/{a"), None);
        assert_eq!(all(&format!("/{}", "{a,b}".repeat(20))), None);
    }

    #[test]
    fn samples_match() {
        let found = Attachment::new("/{,usr/}bin//{x,y}").map(|found| found.samples);
        let texts = ["/bin/x", "/bin/y", "/usr/bin/x", "/usr/bin/y"];
        assert_eq!(
            found,
            Some(texts.map(|text| text.as_bytes().to_vec()).to_vec())
        );
    }
}
