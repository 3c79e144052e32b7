//! Why a name is nearly another.

/// A name that was probably meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NearMiss {
    /// The name.
    pub name: String,
    /// Why it was probably meant, as a sentence.
    pub why: String,
    /// Whether the name that is used is a misspelling of it.
    pub is_typo: bool,
}

/// The one among `defined` that `expected` probably means; each of these is a file name and a profile name. `None` if none of
/// them is near.
#[must_use]
pub fn near_miss(expected: &str, defined: &[(String, String)]) -> Option<NearMiss> {
    let typo = |name: &str, why: String| NearMiss {
        name: name.to_owned(),
        why,
        is_typo: true,
    };
    let other = |name: &str, why: String| NearMiss {
        is_typo: false,
        ..typo(name, why)
    };
    if let Some((file, name)) = defined.iter().find(|(file, _)| file == expected) {
        let why = format!(
            "the file `{file}` defines a profile called `{name}`; the runtime goes by that name, not by the file's"
        );
        return Some(other(name, why));
    }
    let lower = expected.to_ascii_lowercase();
    let mut names = defined.iter().map(|(_, name)| name);
    if let Some(name) = names.find(|name| name.to_ascii_lowercase() == lower) {
        let why = format!("`{name}` differs in upper and lower case");
        return Some(typo(name, why));
    }
    let plain = |name: &str| name.to_ascii_lowercase().replace(['_', '-', '.', ' '], "");
    let mut names = defined.iter().map(|(_, name)| name);
    if let Some(name) = names.find(|name| plain(name) == plain(expected)) {
        return Some(typo(name, format!("`{name}` differs in its punctuation")));
    }
    let nearest = defined
        .iter()
        .map(|(_, name)| (strsim::osa_distance(expected, name), name))
        .filter(|(distance, name)| *distance <= 2 && distance * 3 <= name.len())
        .min();
    if let Some((_, name)) = nearest {
        return Some(typo(name, format!("`{name}` is spelled nearly so")));
    }
    let [(file, name)] = defined else {
        return None;
    };
    let why = match name.starts_with('/') {
        true => format!(
            "`{file}` defines a profile called `{name}`: a profile written as a path is named by that path"
        ),
        false => format!("`{file}` defines a profile called `{name}`"),
    };
    Some(other(name, why))
}
