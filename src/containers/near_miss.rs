//! Why a name is nearly another.

/// Explains why `expected` is not among `defined`; each of these is a file name and a profile name.
/// `None` if none of them is near.
#[must_use]
pub fn near_miss(expected: &str, defined: &[(String, String)]) -> Option<String> {
    let lower = expected.to_ascii_lowercase();
    let plain = |name: &str| name.to_ascii_lowercase().replace(['_', '-', '.', ' '], "");
    if let Some((file, name)) = defined.iter().find(|(file, _)| file == expected) {
        return Some(format!(
            "the file `{file}` defines a profile called `{name}`; the runtime goes by that name, not by the file's"
        ));
    }
    if let Some((_, name)) = defined
        .iter()
        .find(|(_, name)| name.to_ascii_lowercase() == lower)
    {
        return Some(format!("`{name}` differs in upper and lower case"));
    }
    if let Some((_, name)) = defined
        .iter()
        .find(|(_, name)| plain(name) == plain(expected))
    {
        return Some(format!("`{name}` differs in its punctuation"));
    }
    let nearest = defined
        .iter()
        .map(|(_, name)| (strsim::osa_distance(expected, name), name))
        .filter(|(distance, name)| *distance <= 2 && *distance < name.len())
        .min();
    if let Some((_, name)) = nearest {
        return Some(format!("`{name}` is spelled nearly so"));
    }
    match defined {
        [(file, name)] if name.starts_with('/') => Some(format!(
            "`{file}` defines a profile called `{name}`: a profile written as a path is named by that path"
        )),
        [(file, name)] => Some(format!("`{file}` defines a profile called `{name}`")),
        _ => None,
    }
}
