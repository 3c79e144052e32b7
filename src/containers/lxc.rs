//! Containers of LXC: `lxc.apparmor.profile`, also in `raw.lxc` of Incus and LXD.

use super::workload::{Confinement, ContainerEngine, Placed, Workload};
use super::yaml::YamlNode;
use crate::source::{FileId, Span, TextRange};

/// The keys that name a profile, today's and that of LXC before 3.0.
pub(super) const KEYS: [&str; 2] = ["lxc.apparmor.profile", "lxc.aa_profile"];

/// Whether a text has a line that names a profile.
pub(super) fn is_configuration(text: &str) -> bool {
    text.lines().any(|line| assignment(line).is_some())
}

/// The value of a line that names a profile, and where it begins in the line.
fn assignment(line: &str) -> Option<(usize, &str)> {
    let (key, value) = line.split_once('=')?;
    let blank = value.len() - value.trim_start().len();
    KEYS.contains(&key.trim())
        .then(|| (key.len() + 1 + blank, value.trim()))
}

/// The container that a configuration describes; of several profiles the last one counts.
pub(super) fn container(path: &str, file: FileId, text: &str) -> Option<Workload> {
    let name = text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "lxc.uts.name").then(|| value.trim())
    });
    let name = name.unwrap_or_else(|| path.rsplit('/').next().unwrap_or_default());
    let mut workload: Option<Workload> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some((start, value)) = assignment(line) {
            let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let begin = at + start;
            let place = TextRange::new(offset(begin), offset(begin + value.len())).in_file(file);
            let new = || Workload::new(ContainerEngine::Lxc, format!("container `{name}`"), place);
            let workload = workload.get_or_insert_with(new);
            workload.confinement.push(said(value, place));
        }
        at += line.len();
    }
    workload
}

/// The instances or profiles of Incus in a document that pass a profile on to LXC.
pub(super) fn instance(document: &YamlNode) -> Option<Workload> {
    let raw = document.get("config")?.get("raw.lxc")?;
    let name = document.get("name").and_then(YamlNode::text);
    let who = format!("container `{}`", name.unwrap_or("config"));
    let mut workload = Workload::new(ContainerEngine::Lxc, who, raw.place);
    let lines = raw.text()?.lines().filter_map(assignment);
    let said = lines.map(|(_, value)| said(value, raw.place));
    workload.confinement.extend(said);
    (!workload.confinement.is_empty()).then_some(workload)
}

/// `unchanged` and `generated` are words of LXC's own; a stack of profiles is not followed.
fn said(value: &str, place: Span) -> Confinement {
    match value {
        "unconfined" => Confinement::Unconfined(place),
        "generated" | "" => Confinement::RuntimeDefault(place),
        "unchanged" => Confinement::Unknown(place),
        name if name.contains("//&") || name.starts_with([':', '&']) => Confinement::Unknown(place),
        name => Confinement::Named(Placed {
            text: name.to_owned(),
            place,
        }),
    }
}
