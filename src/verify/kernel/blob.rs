//! The names of the profiles that compiled policy defines.
//!
//! Compiled policy is a stream of typed elements (the kernel's security/apparmor/policy_unpack.c). On its outermost
//! level `version`, `namespace` and `profile` follow each other; the first text of a `profile` is its name.

/// Deepest nesting; the parser writes four levels.
const MAX_DEPTH: usize = 16;

/// The full names of the profiles, in their order. One for another namespace begins with `:namespace:`.
///
/// # Errors
/// If the bytes are no compiled policy, or a name is no UTF-8.
pub fn names_in_policy(blob: &[u8]) -> Result<Vec<String>, Malformed> {
    let mut stream = Stream(blob);
    let mut names = Vec::new();
    let mut namespace = None;
    while !stream.0.is_empty() {
        let element = stream.element()?;
        match (element.name, element.kind) {
            // Each header is complete: without namespace, a profile belongs to that of who loads it.
            (Some(b"version"), _) => namespace = None,
            (Some(b"namespace"), Kind::Text(text)) => namespace = Some(text),
            (Some(b"profile"), Kind::Begin(end)) => {
                let Kind::Text(name) = stream.element()?.kind else {
                    return Err(Malformed("a profile without name"));
                };
                names.push(full_name(namespace, name)?);
                stream.skip_to(end, 1)?;
            }
            _ => return Err(Malformed("an unknown element between profiles")),
        }
    }
    Ok(names)
}

/// Why bytes are no compiled policy.
#[derive(Copy, Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the output of apparmor_parser is no compiled policy: {0}")]
pub struct Malformed(&'static str);

fn full_name(namespace: Option<&[u8]>, name: &[u8]) -> Result<String, Malformed> {
    let text =
        |bytes| std::str::from_utf8(bytes).map_err(|_| Malformed("a name that is not UTF-8"));
    let name = text(name)?;
    Ok(match namespace {
        Some(namespace) => format!(":{}:{name}", text(namespace)?),
        None => name.to_owned(),
    })
}

struct Stream<'b>(&'b [u8]);

struct Element<'b> {
    name: Option<&'b [u8]>,
    kind: Kind<'b>,
}

enum Kind<'b> {
    Text(&'b [u8]),
    /// A number or a blob.
    Other,
    /// A structure, list or array; the code that ends it.
    Begin(u8),
    /// The end of one; its code.
    End(u8),
}

impl<'b> Stream<'b> {
    fn take(&mut self, count: usize) -> Result<&'b [u8], Malformed> {
        let (head, tail) = self
            .0
            .split_at_checked(count)
            .ok_or(Malformed("it ends too early"))?;
        self.0 = tail;
        Ok(head)
    }

    /// A number of `width` bytes, the lowest first.
    fn number(&mut self, width: usize) -> Result<usize, Malformed> {
        let bytes = self.take(width)?.iter().rev();
        Ok(bytes.fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    /// A text without the NUL at its end.
    fn text(&mut self) -> Result<&'b [u8], Malformed> {
        let length = self.number(2)?;
        let bytes = self.take(length)?;
        Ok(bytes.strip_suffix(b"\0").unwrap_or(bytes))
    }

    fn element(&mut self) -> Result<Element<'b>, Malformed> {
        let mut name = None;
        let mut code = self.number(1)?;
        if code == 4 {
            name = Some(self.text()?);
            code = self.number(1)?;
        }
        let kind = match code {
            0..=3 => {
                self.take(1 << code)?;
                Kind::Other
            }
            5 => Kind::Text(self.text()?),
            6 => {
                let length = self.number(4)?;
                self.take(length)?;
                Kind::Other
            }
            7 => Kind::Begin(8),
            9 => Kind::Begin(10),
            11 => {
                // The count of its elements; its end is marked as well.
                self.take(2)?;
                Kind::Begin(12)
            }
            8 => Kind::End(8),
            10 => Kind::End(10),
            12 => Kind::End(12),
            _ => return Err(Malformed("an element of an unknown kind")),
        };
        Ok(Element { name, kind })
    }

    /// Passes over the rest of a group.
    fn skip_to(&mut self, end: u8, depth: usize) -> Result<(), Malformed> {
        if depth > MAX_DEPTH {
            return Err(Malformed("structures nest too deep"));
        }
        loop {
            match self.element()?.kind {
                Kind::End(code) if code == end => return Ok(()),
                Kind::End(_) => return Err(Malformed("a structure that ends as another one")),
                Kind::Begin(code) => self.skip_to(code, depth + 1)?,
                Kind::Text(_) | Kind::Other => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(code: u8, text: &str) -> Vec<u8> {
        let mut bytes = vec![code];
        let length = u16::try_from(text.len() + 1).unwrap();
        bytes.extend(length.to_le_bytes());
        bytes.extend(text.as_bytes());
        bytes.push(0);
        bytes
    }

    fn profile(namespace: Option<&str>, name: &str) -> Vec<u8> {
        let mut bytes = text(4, "version");
        bytes.extend([2, 5, 0, 0, 0]);
        if let Some(namespace) = namespace {
            bytes.extend(text(4, "namespace"));
            bytes.extend(text(5, namespace));
        }
        bytes.extend(text(4, "profile"));
        bytes.push(7);
        bytes.extend(text(5, name));
        // A blob of three bytes that look like the end of a structure, and a list.
        bytes.extend([6, 3, 0, 0, 0, 8, 8, 8, 9, 0, 1, 10, 8]);
        bytes
    }

    #[test]
    fn names_and_namespaces() {
        let blob = [
            profile(None, "web"),
            profile(Some("other"), "web//hat"),
            profile(None, "a b"),
        ]
        .concat();
        let names = names_in_policy(&blob).unwrap();
        assert_eq!(names, ["web", ":other:web//hat", "a b"]);
        assert_eq!(names_in_policy(b"").unwrap(), [""; 0]);
    }

    #[test]
    fn every_shorter_stream_is_refused_or_has_fewer_names() {
        let blob = [profile(None, "web"), profile(None, "app")].concat();
        let whole = profile(None, "web").len();
        for length in 1..blob.len() {
            let names = names_in_policy(&blob[..length]);
            match names {
                // Only headers may follow a complete profile.
                Ok(names) => assert!(names.len() <= usize::from(length >= whole), "{length}"),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
        let deep = [profile(None, "web"), vec![7; 64]].concat();
        assert!(names_in_policy(&deep).is_err());
        assert!(names_in_policy(b"\x7fELF").is_err());
    }
}
