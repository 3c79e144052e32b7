//! `aalint baseline`.

use std::io::Write;

use anyhow::bail;

use super::args::Baseline;
use crate::containers;
use crate::lang::keywords::suggest;

pub(super) fn run(arguments: &Baseline, out: &mut dyn Write) -> anyhow::Result<()> {
    let Baseline::Show { name, version } = arguments;
    let Some(baseline) = containers::EngineProfile::named(name) else {
        let names = || {
            containers::ENGINE_PROFILES
                .iter()
                .map(|baseline| baseline.name)
        };
        let hint = suggest(name, names()).map_or_else(
            || format!("known are {}", list(names())),
            |name| format!("did you mean `{name}`?"),
        );
        bail!("there is no baseline `{name}`; {hint}");
    };
    let version = version.as_deref().unwrap_or(baseline.newest());
    let Some(text) = baseline.intent(version) else {
        bail!(
            "the baseline `{name}` has no version `{version}`; known are {}",
            list(baseline.versions.iter().copied())
        );
    };
    write!(out, "{text}")?;
    Ok(())
}

fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let quoted: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
