//! Add-ons of Home Assistant: `config.yaml` with `apparmor.txt` beside it.

use super::stated::Stated;
use super::workload::{Confinement, ContainerEngine, Placed, Workload};
use super::yaml::YamlNode;
use crate::syntax;
use crate::syntax::ast::Item;

/// The add-on that a configuration describes. `profile` is the text of its `apparmor.txt`: the Supervisor loads that under a
/// name of its own, so the profile in it is the one that is used, whatever it is called.
pub(super) fn add_on(document: &YamlNode, profile: Option<&str>) -> Option<Workload> {
    let slug = document.get("slug")?;
    let who = format!("add-on `{}`", slug.text()?);
    let mut workload = Workload::new(ContainerEngine::Docker, who, slug.place);
    let switch = document.get("apparmor");
    let place = switch.map_or(slug.place, |switch| switch.place);
    match switch.and_then(YamlNode::text) {
        Some("false") => workload.confinement.push(Confinement::Unconfined(place)),
        None | Some("true") => {
            let name = profile.and_then(first_profile);
            let said = name.map(|text| Confinement::Named(Placed { text, place }));
            workload.confinement.extend(said);
        }
        Some(name) => workload.confinement.push(Confinement::Named(Placed {
            text: name.to_owned(),
            place,
        })),
    }
    let image = document.get("image");
    if let Some((image, text)) = image.and_then(|image| Some((image, image.text()?))) {
        // The Supervisor puts the architecture in.
        workload.image = match text.contains('{') {
            true => Stated::Unknown,
            false => Stated::Known(Placed {
                text: text.to_owned(),
                place: image.place,
            }),
        };
    }
    let capabilities = document.get("privileged").and_then(YamlNode::list);
    for capability in capabilities.unwrap_or_default() {
        workload.cap_add.push(capability.text().map(str::to_owned));
    }
    workload.mounts.may_be_more = true;
    workload.environment.may_be_more = true;
    Some(workload)
}

/// The name of the first profile in a text.
fn first_profile(text: &str) -> Option<String> {
    let file = syntax::read(text);
    file.ast.items.iter().find_map(|item| {
        let Item::Profile(profile) = item else {
            return None;
        };
        let range = profile.name.0;
        let written = text.get(range.start as usize..range.end as usize)?;
        Some(syntax::text::value(written).into_owned())
    })
}
