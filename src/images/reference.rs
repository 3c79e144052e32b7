//! Names of images: `python:3.13-slim`, `registry.example:5000/team/web@sha256:…` (the reference grammar of the distribution project).

/// Maximum length of a name of an image, in bytes.
const MAX_REFERENCE: usize = 512;

/// Maximum length of a tag, in bytes.
const MAX_TAG: usize = 128;

/// Least number of digits of a digest, whatever its method.
const MIN_DIGITS: usize = 32;

/// Whether it has the form of an image's name, or of its id. Then it may become a part of an address: it holds no `..`, `//` or `%`.
#[must_use]
pub fn is_reference(text: &str) -> bool {
    if text.len() > MAX_REFERENCE {
        return false;
    }
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    let (name, tag) = split_tag(rest);
    let (domain, path) = match name.split_once('/') {
        // Without one of these signs it is a part of the path.
        Some((first, path)) if first.contains(['.', ':']) || first == "localhost" => {
            (Some(first), path)
        }
        _ => (None, name),
    };
    domain.is_none_or(is_domain)
        && path.split('/').all(is_component)
        && tag.is_none_or(is_tag)
        && digest.is_none_or(is_digest)
}

/// The name and the tag, of a text without digest. A colon with a slash behind it belongs to a port.
fn split_tag(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (text, None),
    }
}

fn is_domain(text: &str) -> bool {
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let is_label = |label: &str| {
        let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty()
            && label.bytes().all(is_fit)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    host.split('.').all(is_label) && port.is_none_or(is_port)
}

/// A part of a path: words of small letters and digits, with `.`, `_`, `__` or dashes between them.
fn is_component(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut separator = String::new();
    for byte in text.bytes() {
        if !is_word(byte) {
            separator.push(char::from(byte));
            continue;
        }
        let is_separator = matches!(&*separator, "" | "." | "_" | "__")
            || separator.bytes().all(|byte| byte == b'-');
        if !is_separator {
            return false;
        }
        separator.clear();
    }
    text.bytes().next().is_some_and(is_word) && separator.is_empty()
}

fn is_tag(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= MAX_TAG
        && text.bytes().next().is_some_and(is_word)
        && text
            .bytes()
            .all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
}

fn is_digest(text: &str) -> bool {
    let Some((method, digits)) = text.split_once(':') else {
        return false;
    };
    let is_method = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let is_long_enough = match method {
        "sha256" => digits.len() == 64,
        _ => digits.len() >= MIN_DIGITS,
    };
    method.split(['-', '_', '+', '.']).all(is_method)
        && is_long_enough
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The name that was probably meant: one with a slip, or else one that differs in its tag alone.
#[must_use]
pub fn near_reference<'t>(name: &str, known: &[&'t str]) -> Option<&'t str> {
    let plain = |text: &str| text.strip_suffix(":latest").unwrap_or(text).to_owned();
    let wanted = plain(name);
    let limit = (wanted.len() / 4).clamp(1, 3);
    let by_distance = |known: &[&'t str]| {
        let distance = |known: &&'t str| (strsim::osa_distance(&wanted, &plain(known)), *known);
        known.iter().map(distance).min()
    };
    if let Some((distance, found)) = by_distance(known)
        && distance <= limit
        && distance < wanted.len()
    {
        return Some(found);
    }
    let repository = |text: &str| split_tag(text).0.to_owned();
    let own = repository(name);
    let others = known.iter().filter(|known| repository(known) == own);
    let others: Vec<&'t str> = others.copied().collect();
    Some(by_distance(&others)?.1)
}

#[cfg(test)]
mod tests {
    use super::{is_reference, near_reference};

    #[test]
    fn names_of_images() {
        let digits = "0123456789abcdef".repeat(4);
        let digest = format!("team/web@sha256:{digits}");
        let both = format!("localhost/a:1@sha256:{digits}");
        let id = format!("sha256:{digits}");
        for name in [
            "web",
            "web:1",
            "3proxy",
            "python:3.13-slim",
            "localhost:5000/a/b_c-d:1.2",
            "localhost/a__b/c---d:_x",
            "Registry.example/team/web",
            "0123456789ab",
            &digest,
            &both,
            &id,
        ] {
            assert!(is_reference(name), "{name}");
        }
        let long = "a".repeat(513);
        let long_tag = format!("a:{}", "1".repeat(129));
        let short = format!("web@sha256:{}", digits.get(1..).unwrap());
        for name in [
            "",
            "../containers",
            "a/../b",
            "a//b",
            "a/",
            "a?b",
            "a#b",
            "a b",
            "-a",
            "a-",
            "a..b",
            "a___b",
            "/a",
            "./a",
            "a%2f",
            "a\n",
            "Web",
            "Team/web",
            "web:",
            "web:-1",
            "web:a:1",
            "x.example:/web",
            "x.example:80a/web",
            "-x.example/web",
            "web@",
            "web@sha256",
            "web@sha256:0123",
            "web@:0123",
            &short,
            &long,
            &long_tag,
        ] {
            assert!(!is_reference(name), "{name}");
        }
    }

    #[test]
    fn the_near_name_is_found() {
        let known = [
            "python:3.13-slim",
            "python:3.12",
            "flask-app:latest",
            "db:1",
        ];
        let near = |name: &str| near_reference(name, &known);
        assert_eq!(near("pyhton:3.13-slim"), Some("python:3.13-slim"));
        assert_eq!(near("flask-ap"), Some("flask-app:latest"));
        assert_eq!(near("flask-app:2"), Some("flask-app:latest"));
        assert_eq!(near("python"), Some("python:3.12"));
        assert_eq!(near("python:3.13-slim-bookworm"), Some("python:3.13-slim"));
        assert_eq!(near("nginx:1.27"), None);
        assert_eq!(near("x"), None);
        assert_eq!(near_reference("web", &[]), None);
    }
}
