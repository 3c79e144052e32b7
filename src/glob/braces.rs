//! A list of paths as one pattern that the parser takes.

/// The paths of a list that commas outside of braces separate, as one pattern that begins with a slash: `/srv/{a,b}` of
/// `/srv/a,/srv/b`. `None` unless all are paths from the root; what follows the name of the first may be a list of names.
#[must_use]
pub fn joined_in_braces(list: &str) -> Option<String> {
    let (prefix, mut rests) = factored(&parts(list))?;
    // The parser reads `,,` as the end of the rule.
    rests.sort_by_key(|rest| !rest.is_empty());
    Some(format!("{prefix}{{{}}}", rests.join(",")))
}

/// The parts that commas outside of braces separate.
fn parts(bare: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_u32, 0);
    for (at, byte) in bare.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                parts.extend(bare.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.extend(bare.get(start..));
    parts
}

/// The directories that all parts begin with, and what is left of each; `None` unless all are paths from the root.
fn factored<'p>(parts: &[&'p str]) -> Option<(&'p str, Vec<&'p str>)> {
    let first = *parts.first()?;
    // What follows the last slash of the first part is a list of its own: `/etc/a,{b,c}`.
    let is_of_name = |part: &&str| {
        let names = part.strip_prefix('{');
        names.is_some_and(|names| !names.starts_with(['/', '@']))
    };
    if first.starts_with('/') && parts.iter().skip(1).all(is_of_name) {
        let at = first.rfind('/')? + 1;
        let (prefix, name) = first.split_at_checked(at)?;
        let names = std::iter::once(name).chain(parts.iter().skip(1).copied());
        return (!prefix.contains(['{', '[', '\\'])).then(|| (prefix, names.collect()));
    }
    if !parts.iter().all(|part| part.starts_with('/')) {
        return None;
    }
    let plain = first
        .find(['{', '[', '@', '\\', '*', '?'])
        .unwrap_or(first.len());
    let common = |length: &usize| {
        let prefix = first.get(..*length);
        prefix.is_some_and(|prefix| parts.iter().all(|part| part.starts_with(prefix)))
    };
    let slashes = first.match_indices('/').map(|(at, _)| at + 1);
    let mut lengths = slashes.filter(|end| *end <= plain).filter(common);
    let length = lengths.next_back()?;
    let rests = parts.iter().filter_map(|part| part.get(length..));
    Some((first.get(..length)?, rests.collect()))
}
