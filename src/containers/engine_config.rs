//! Configurations of engines that name the default profile: `containers.conf` of Podman, `crio.conf` of CRI-O.

use toml::de::{DeTable, DeValue};

use super::workload::{Confinement, ContainerEngine, Placed, Workload};
use crate::source::{FileId, TextRange};

/// The tables in which `apparmor_profile` is read.
const TABLES: [&[&str]; 2] = [&["containers"], &["crio", "runtime"]];

/// What an engine does with containers of which nothing else is said; nothing if the text is no TOML.
pub(super) fn defaults(path: &str, file: FileId, text: &str) -> Option<Workload> {
    let table = DeTable::parse(text).ok()?;
    for names in TABLES {
        let mut table = table.get_ref();
        let mut is_there = true;
        for name in names {
            match table.get(*name).map(|value| value.get_ref()) {
                Some(DeValue::Table(inner)) => table = inner,
                _ => is_there = false,
            }
        }
        let Some(value) = table.get("apparmor_profile").filter(|_| is_there) else {
            continue;
        };
        let DeValue::String(name) = value.get_ref() else {
            continue;
        };
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let (start, end) = (offset(value.span().start), offset(value.span().end));
        let place = TextRange::new(start, end).in_file(file);
        let name_of_file = path.rsplit('/').next().unwrap_or_default();
        let who = format!("`{name_of_file}`");
        let mut workload = Workload::new(ContainerEngine::Podman, who, place);
        workload.confinement.push(match &**name {
            "unconfined" => Confinement::Unconfined(place),
            "" => Confinement::RuntimeDefault(place),
            name => Confinement::Named(Placed {
                text: name.to_owned(),
                place,
            }),
        });
        workload.forget_unstated();
        return Some(workload);
    }
    None
}
