//! A pattern's alternatives, written out.

/// The patterns without `{…}` that together match what `pattern` matches; `None` if there are more
/// than `most`, or the pattern is unbalanced.
#[must_use]
pub fn alternatives(pattern: &str, most: usize) -> Option<Vec<String>> {
    let mut speller = Speller {
        chars: pattern.chars().collect(),
        at: 0,
        most,
    };
    let found = speller.sequence(0)?;
    (speller.at == speller.chars.len()).then_some(found)
}

struct Speller {
    chars: Vec<char>,
    at: usize,
    most: usize,
}

impl Speller {
    fn sequence(&mut self, depth: usize) -> Option<Vec<String>> {
        let mut found = vec![String::new()];
        while let Some(c) = self.chars.get(self.at).copied() {
            match c {
                ',' | '}' if depth > 0 => return Some(found),
                '{' => {
                    let group = self.group(depth + 1)?;
                    if found.len().saturating_mul(group.len()) > self.most {
                        return None;
                    }
                    found = found
                        .iter()
                        .flat_map(|before| group.iter().map(move |one| format!("{before}{one}")))
                        .collect();
                }
                _ => {
                    let end = self.unit();
                    let unit: String = self.chars.get(self.at..end)?.iter().collect();
                    found.iter_mut().for_each(|text| text.push_str(&unit));
                    self.at = end;
                }
            }
        }
        (depth == 0).then_some(found)
    }

    /// The end of what cannot be parted: a character, an escape, or a class.
    fn unit(&self) -> usize {
        let mut end = self.at + 1;
        match self.chars.get(self.at) {
            Some('\\') => end += 1,
            Some('[') => {
                while let Some(c) = self.chars.get(end) {
                    end += if *c == '\\' { 2 } else { 1 };
                    if *c == ']' {
                        break;
                    }
                }
            }
            _ => {}
        }
        end.min(self.chars.len())
    }

    fn group(&mut self, depth: usize) -> Option<Vec<String>> {
        let mut all = Vec::new();
        if depth > 50 {
            return None;
        }
        loop {
            self.at += 1;
            all.extend(self.sequence(depth)?);
            if all.len() > self.most {
                return None;
            }
            match self.chars.get(self.at)? {
                ',' => {}
                _ => break,
            }
        }
        self.at += 1;
        Some(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelled_out() {
        let found = |pattern| alternatives(pattern, 8);
        assert_eq!(found("/a"), Some(vec!["/a".to_owned()]));
        assert_eq!(
            found("/{a,b{,c}}/[^,}]"),
            Some(
                ["/a/[^,}]", "/b/[^,}]", "/bc/[^,}]"]
                    .map(String::from)
                    .to_vec()
            )
        );
        assert_eq!(found("/\\{a"), Some(vec!["/\\{a".to_owned()]));
        assert_eq!(found("/{a,b}{a,b}{a,b}{a,b}"), None);
        assert_eq!(found("/{a"), None);
    }
}
