//! Reading compose files and Kubernetes manifests.

use saphyr::{LoadableYamlNode, MarkedYaml, SafelyIndex, YamlData};
use saphyr_parser::{Event, Parser};

use super::ports;
use super::yaml::text_of;
use crate::source::TextRange;

/// Most nodes that a file may come to once its aliases are followed.
const MAX_NODES: usize = 200_000;

/// Deepest nesting of collections that is followed, aliases included; manifests stay below 20.
pub const MAX_NESTING: usize = 64;

/// Kinds of files that name profiles.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Manifest {
    /// A compose file.
    Compose,
    /// A Kubernetes manifest.
    Kubernetes,
}

/// A name that a file expects.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expectation {
    /// The name of the profile.
    pub name: String,
    /// Where it stands, as a whole value.
    pub range: TextRange,
    /// `service web` or `container app`.
    pub who: String,
    /// The container's ports that are named, the ends of ranges; none where one cannot be read.
    pub ports: Vec<u16>,
}

/// Why a file could not be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ManifestFault {
    /// It is no YAML; where, and what the parser says.
    #[error("is no YAML: {1}")]
    Yaml(TextRange, String),
    /// Its aliases multiply to more than is followed.
    #[error("its aliases multiply beyond what is followed")]
    TooLarge,
    /// Its collections are nested deeper than is followed.
    #[error("its collections are nested deeper than {MAX_NESTING}")]
    TooDeep,
}

/// What a file is, by its name and its text.
#[must_use]
pub fn classify(path: &str, text: &str) -> Option<Manifest> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let stem = name
        .strip_suffix(".yaml")
        .or_else(|| name.strip_suffix(".yml"))?;
    let is_compose = ["compose", "docker-compose", "podman-compose"]
        .iter()
        .any(|known| {
            stem == *known
                || stem.starts_with(&format!("{known}."))
                || stem.starts_with(&format!("{known}-"))
        });
    if is_compose {
        return Some(Manifest::Compose);
    }
    let has = |key: &str| text.lines().any(|line| line.starts_with(key));
    (has("apiVersion:") && has("kind:")).then_some(Manifest::Kubernetes)
}

/// The profile names in a file.
///
/// # Errors
/// If it cannot be read.
pub fn read(kind: Manifest, text: &str) -> Result<Vec<Expectation>, ManifestFault> {
    check_size(text)?;
    let documents = MarkedYaml::load_from_str(text).map_err(|error| fault(text, &error))?;
    let offsets: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let mut reader = Reader {
        text,
        offsets: &offsets,
        found: Vec::new(),
        is_too_deep: false,
    };
    for document in &documents {
        match kind {
            Manifest::Compose => reader.compose(document),
            Manifest::Kubernetes => reader.kubernetes(document, 0),
        }
    }
    if reader.is_too_deep {
        return Err(ManifestFault::TooDeep);
    }
    Ok(reader.found)
}

fn fault(text: &str, error: &saphyr::ScanError) -> ManifestFault {
    // Its own limit lies beyond ours, and it may look ahead as far.
    if error.info() == "recursion limit exceeded" {
        return ManifestFault::TooDeep;
    }
    let at = text
        .char_indices()
        .nth(error.marker().index())
        .map_or(text.len(), |(at, _)| at);
    let at = u32::try_from(at).unwrap_or(u32::MAX);
    ManifestFault::Yaml(TextRange::at(at), error.info().to_owned())
}

/// Follows aliases in thought only: a few nested ones can stand for billions of nodes.
fn check_size(text: &str) -> Result<(), ManifestFault> {
    let mut sizes: Vec<usize> = Vec::new();
    // Nodes counted so far in each open collection, with its anchor.
    let mut open: Vec<(usize, usize)> = vec![(0, 0)];
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| fault(text, &error))?;
        let mut count = |nodes: usize| {
            if let Some((_, total)) = open.last_mut() {
                *total = total.saturating_add(nodes);
            }
        };
        match event {
            Event::Alias(anchor) => count(sizes.get(anchor).copied().unwrap_or(1)),
            Event::Scalar(_, _, anchor, _) => {
                count(1);
                remember(&mut sizes, anchor, 1);
            }
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => {
                open.push((anchor, 1))
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some((anchor, total)) = open.pop() {
                    remember(&mut sizes, anchor, total);
                    if let Some((_, outer)) = open.last_mut() {
                        *outer = outer.saturating_add(total);
                    }
                }
            }
            _ => {}
        }
        // The outermost collection is not one of the file's.
        if open.len() > MAX_NESTING + 1 {
            return Err(ManifestFault::TooDeep);
        }
        if open.last().is_some_and(|(_, total)| *total > MAX_NODES) {
            return Err(ManifestFault::TooLarge);
        }
    }
    Ok(())
}

fn remember(sizes: &mut Vec<usize>, anchor: usize, nodes: usize) {
    if anchor > 0 && anchor < MAX_NODES {
        if sizes.len() <= anchor {
            sizes.resize(anchor + 1, 1);
        }
        if let Some(size) = sizes.get_mut(anchor) {
            *size = nodes;
        }
    }
}

struct Reader<'r> {
    text: &'r str,
    /// Byte offset of each character: the parser counts characters.
    offsets: &'r [usize],
    found: Vec<Expectation>,
    is_too_deep: bool,
}

impl Reader<'_> {
    fn range(&self, node: &MarkedYaml<'_>) -> TextRange {
        let byte = |index: usize| {
            let offset = self.offsets.get(index).copied().unwrap_or(self.text.len());
            u32::try_from(offset).unwrap_or(u32::MAX)
        };
        let range = TextRange::new(byte(node.span.start.index()), byte(node.span.end.index()));
        let text = self
            .text
            .get(range.start as usize..range.end as usize)
            .unwrap_or_default();
        range.part(0, text.trim_end().len())
    }

    fn expect(&mut self, name: &str, node: &MarkedYaml<'_>, who: String, ports: Vec<u16>) {
        // `${NAME}` is filled in when the file is used.
        if !name.is_empty() && !name.contains('$') && name != "unconfined" {
            self.found.push(Expectation {
                name: name.to_owned(),
                range: self.range(node),
                who,
                ports,
            });
        }
    }

    fn compose(&mut self, document: &MarkedYaml<'_>) {
        let Some(YamlData::Mapping(services)) =
            document.get("services").map(|services| &services.data)
        else {
            return;
        };
        for (name, service) in services {
            let who = format!("service `{}`", text_of(name).unwrap_or_default());
            let Some(YamlData::Sequence(options)) =
                service.get("security_opt").map(|options| &options.data)
            else {
                continue;
            };
            for option in options {
                let Some(text) = text_of(option) else {
                    continue;
                };
                let profile = text
                    .strip_prefix("apparmor=")
                    .or_else(|| text.strip_prefix("apparmor:"));
                if let Some(profile) = profile {
                    let ports = ports::of_service(service).unwrap_or_default();
                    self.expect(profile.trim(), option, who.clone(), ports);
                }
            }
        }
    }

    /// Looks for the fields anywhere: they mean the same in every kind of object.
    fn kubernetes(&mut self, node: &MarkedYaml<'_>, depth: usize) {
        if depth > MAX_NESTING {
            self.is_too_deep = true;
            return;
        }
        match &node.data {
            YamlData::Sequence(nodes) => {
                for node in nodes {
                    self.kubernetes(node, depth + 1);
                }
            }
            YamlData::Mapping(entries) => {
                for (key, value) in entries {
                    self.kubernetes_entry(node, text_of(key).unwrap_or_default(), value);
                    self.kubernetes(value, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn kubernetes_entry(&mut self, parent: &MarkedYaml<'_>, key: &str, value: &MarkedYaml<'_>) {
        const ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";
        if let (Some(container), Some(text)) = (key.strip_prefix(ANNOTATION), text_of(value))
            && let Some(profile) = text.strip_prefix("localhost/")
        {
            self.expect(
                profile,
                value,
                format!("container `{container}`"),
                Vec::new(),
            );
        }
        if key == "securityContext"
            && let Some(profile) = value
                .get("appArmorProfile")
                .and_then(|profile| profile.get("localhostProfile"))
            && let Some(text) = text_of(profile)
        {
            let who = parent.get("name").and_then(text_of);
            let who = who.map_or_else(|| "pod".to_owned(), |name| format!("container `{name}`"));
            let ports = ports::of_container(parent).unwrap_or_default();
            self.expect(text, profile, who, ports);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compose_names() {
        let text = "services:\n  web:\n    image: x\n    security_opt:\n      - no-new-privileges:true\n      - apparmor=flask-app\n      - \"apparmor:other\"\n      - apparmor=unconfined\n      - apparmor=${X}\n";
        let found = read(Manifest::Compose, text).unwrap();
        let names: Vec<_> = found.iter().map(|e| e.name.as_str()).collect();
        assert_eq!(names, ["flask-app", "other"]);
        let range = found[0].range;
        assert_eq!(
            text.get(range.start as usize..range.end as usize).unwrap(),
            "apparmor=flask-app"
        );
        assert_eq!(found[0].who, "service `web`");
    }

    #[test]
    fn kubernetes_names() {
        let text = "apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    container.apparmor.security.beta.kubernetes.io/old: localhost/ä-old\nspec:\n  securityContext:\n    appArmorProfile: {type: Localhost, localhostProfile: pod-wide}\n  containers:\n  - name: app\n    securityContext:\n      appArmorProfile:\n        type: Localhost\n        localhostProfile: app-profile\n";
        let found = read(Manifest::Kubernetes, text).unwrap();
        let names: Vec<_> = found
            .iter()
            .map(|e| (e.name.as_str(), e.who.as_str()))
            .collect();
        assert_eq!(
            names,
            [
                ("ä-old", "container `old`"),
                ("pod-wide", "pod"),
                ("app-profile", "container `app`")
            ]
        );
        for expectation in &found {
            let text = text
                .get(expectation.range.start as usize..expectation.range.end as usize)
                .unwrap();
            assert!(text.ends_with(&expectation.name), "{text}");
        }
    }

    #[test]
    fn alias_bombs_are_refused() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let inner = vec![format!("*a{}", level - 1); 10].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{inner}]\n"));
        }
        assert_eq!(read(Manifest::Compose, &text), Err(ManifestFault::TooLarge));
        assert!(matches!(
            read(Manifest::Compose, "a: [b"),
            Err(ManifestFault::Yaml(..))
        ));
    }
}
