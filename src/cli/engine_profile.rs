//! `aalint engine-profile`.

use std::io::Write;

use anyhow::bail;

use super::args::EngineProfileCommand as Arguments;
use crate::containers;
use crate::lang::keywords::suggest;

pub(super) fn run(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<()> {
    let Arguments::Show { name, version } = arguments;
    let Some(profile) = containers::EngineProfile::named(name) else {
        let names = || {
            containers::ENGINE_PROFILES
                .iter()
                .map(|profile| profile.name)
        };
        let hint = suggest(name, names()).map_or_else(
            || format!("known names: {}", list(names())),
            |name| format!("did you mean `{name}`?"),
        );
        bail!("there is no engine profile `{name}`; {hint}");
    };
    let version = version.as_deref().unwrap_or(profile.newest());
    let Some(text) = profile.intent(version) else {
        bail!(
            "the engine profile `{name}` has no version `{version}`; known versions: {}",
            list(profile.versions.iter().copied())
        );
    };
    write!(out, "{text}")?;
    Ok(())
}

fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let quoted: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
