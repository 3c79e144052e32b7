//! Containers of Kubernetes objects. Pods are looked for anywhere: a pod means the same in every kind of object.

use rustc_hash::{FxHashMap, FxHashSet};

use super::helm::{UNKNOWN, is_template};
use super::ports;
use super::stated::{Listing, Stated};
use super::workload::{
    Confinement, ContainerEngine, ContainerMount, ContainerMountKind, Placed, Workload,
};
use super::yaml::{YamlNode, YamlValue};

const ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";

/// The keys of a pod that hold containers.
const CONTAINERS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// The containers of a document.
pub(super) fn containers(document: &YamlNode) -> Vec<Workload> {
    let mut found = Vec::new();
    walk(document, None, &mut found);
    found
}

/// The depth is bounded: deeper files are not read at all.
fn walk(node: &YamlNode, metadata: Option<&YamlNode>, found: &mut Vec<Workload>) {
    match &node.value {
        YamlValue::Scalar(..) => {}
        YamlValue::List(items) => {
            for item in items {
                walk(item, None, found);
            }
        }
        YamlValue::Map(_) => {
            let is_pod = CONTAINERS
                .iter()
                .any(|key| node.get(key).is_some_and(|list| list.list().is_some()));
            if is_pod {
                Pod::new(node, metadata).containers(found);
            } else {
                stray(node, found);
            }
            let metadata = node.get("metadata");
            if !is_pod {
                annotated(node, metadata, found);
            }
            for (key, value) in node.entries() {
                let key = key.text().unwrap_or_default();
                if !(is_pod && CONTAINERS.contains(&key)) {
                    walk(value, metadata, found);
                }
            }
        }
    }
}

/// A security context outside of a pod and its containers, such as in a patch: what it says holds of a pod.
fn stray(node: &YamlNode, found: &mut Vec<Workload>) {
    let context = node.get("securityContext");
    let Some(said) = context.and_then(confinement) else {
        return;
    };
    let who = match node.get("name").and_then(YamlNode::text) {
        Some(name) => called(name),
        None => "pod".to_owned(),
    };
    let mut workload = Workload::new(ContainerEngine::Kubernetes, who, said.place());
    workload.confinement.push(said);
    found.push(workload);
}

/// Annotations of an object that holds no pod, or a pod without these containers: a patch.
fn annotated(node: &YamlNode, metadata: Option<&YamlNode>, found: &mut Vec<Workload>) {
    let pod = node.get("spec");
    let names = pod.map(|pod| container_names(pod)).unwrap_or_default();
    for (container, said) in annotations(metadata) {
        if !names.contains(&container) {
            let who = called(container);
            let mut workload = Workload::new(ContainerEngine::Kubernetes, who, said.place());
            workload.confinement.push(said);
            found.push(workload);
        }
    }
}

fn container_names(pod: &YamlNode) -> FxHashSet<&str> {
    let lists = CONTAINERS.iter().filter_map(|key| pod.get(key)?.list());
    let names = lists.flatten().filter_map(|one| one.get("name")?.text());
    names.collect()
}

/// What annotations say of containers.
fn annotations(metadata: Option<&YamlNode>) -> Vec<(&str, Confinement)> {
    let annotations = metadata.and_then(|metadata| metadata.get("annotations"));
    let entries = annotations.map(YamlNode::entries).unwrap_or_default();
    let mut found = Vec::new();
    for (key, value) in entries {
        let container = key.text().and_then(|key| key.strip_prefix(ANNOTATION));
        if let (Some(container), Some(text)) = (container, value.text()) {
            let place = value.place;
            let said = match text.strip_prefix("localhost/") {
                Some(name) if !is_filled_in(name) => Confinement::Named(Placed {
                    text: name.to_owned(),
                    place,
                }),
                Some(_) => Confinement::Unknown(place),
                None if is_unknown(value) => Confinement::Unknown(place),
                None if text == "unconfined" => Confinement::Unconfined(place),
                None if text == "runtime/default" => Confinement::RuntimeDefault(place),
                None => Confinement::Refused(place, "the annotation names no kind of profile"),
            };
            found.push((container, said));
        }
    }
    found
}

/// What a security context says of AppArmor.
fn confinement(context: &YamlNode) -> Option<Confinement> {
    let profile = context
        .get("appArmorProfile")
        .filter(|node| !node.is_null())?;
    let name = profile.get("localhostProfile");
    let kind = profile.get("type").and_then(YamlNode::text);
    if [Some(profile), name, profile.get("type")]
        .into_iter()
        .flatten()
        .any(is_unknown)
    {
        return Some(Confinement::Unknown(profile.place));
    }
    let name = |why| match name.and_then(|node| Some((node, node.text()?))) {
        Some((node, text)) if !text.is_empty() => Confinement::Named(Placed {
            text: text.to_owned(),
            place: node.place,
        }),
        _ => Confinement::Refused(profile.place, why),
    };
    Some(match kind {
        Some("Localhost") => name("`Localhost` needs `localhostProfile`"),
        Some("Unconfined") => Confinement::Unconfined(profile.place),
        Some("RuntimeDefault") => Confinement::RuntimeDefault(profile.place),
        // A patch may name the profile alone.
        None => name("`appArmorProfile` has no `type`"),
        Some(_) => Confinement::Refused(profile.place, "there is no such type of profile"),
    })
}

struct Pod<'p> {
    node: &'p YamlNode,
    context: Option<&'p YamlNode>,
    annotations: FxHashMap<&'p str, Confinement>,
    /// Its volumes by name.
    volumes: FxHashMap<&'p str, &'p YamlNode>,
}

impl<'p> Pod<'p> {
    fn new(node: &'p YamlNode, metadata: Option<&'p YamlNode>) -> Self {
        let volumes = node.get("volumes").and_then(YamlNode::list);
        let volumes = volumes.unwrap_or_default().iter();
        Self {
            node,
            context: node.get("securityContext"),
            annotations: annotations(metadata).into_iter().collect(),
            volumes: volumes
                .filter_map(|volume| Some((volume.get("name")?.text()?, &**volume)))
                .collect(),
        }
    }

    fn containers(&self, found: &mut Vec<Workload>) {
        for key in CONTAINERS {
            let list = self.node.get(key).and_then(YamlNode::list);
            for container in list.unwrap_or_default() {
                found.push(self.workload(container));
            }
        }
    }

    fn workload(&self, node: &YamlNode) -> Workload {
        let name = node.get("name");
        let text = name.and_then(YamlNode::text).unwrap_or_default();
        let place = name.map_or(node.place, |name| name.place);
        let mut workload = Workload::new(ContainerEngine::Kubernetes, called(text), place);
        let context = node.get("securityContext");
        workload.confinement = self
            .context
            .and_then(confinement)
            .into_iter()
            .chain(self.annotations.get(text).cloned())
            .chain(context.and_then(confinement))
            .collect();
        let image = node.get("image");
        workload.image = string(image).map(|text| Placed {
            text,
            place: image.map_or(place, |image| image.place),
        });
        workload.entrypoint = words(node.get("command"));
        workload.command = words(node.get("args"));
        workload.working_dir = string(node.get("workingDir"));
        workload.environment = environment(node);
        workload.ports = ports::of_container(node).unwrap_or_default();
        workload.mounts = self.mounts(node);
        let of = |key| context.and_then(|context| context.get(key));
        workload.user = self.user(context);
        workload.is_read_only = truth(of("readOnlyRootFilesystem"));
        workload.is_privileged = truth(of("privileged"));
        workload.has_no_new_privileges = truth(of("allowPrivilegeEscalation")).map(|may| !may);
        let capabilities = of("capabilities");
        let list = |key| strings(capabilities.and_then(|lists| lists.get(key)));
        workload.cap_add = list("add");
        workload.cap_drop = list("drop");
        workload
    }

    /// The container's security context goes before the pod's, field by field.
    fn user(&self, context: Option<&YamlNode>) -> Stated<String> {
        let of = |key| {
            let own = string(context.and_then(|context| context.get(key)));
            own.or(string(self.context.and_then(|context| context.get(key))))
        };
        match (of("runAsUser"), of("runAsGroup")) {
            (Stated::Unstated, Stated::Unstated) => Stated::Unstated,
            (Stated::Known(user), Stated::Unstated) => Stated::Known(user),
            (Stated::Known(user), Stated::Known(group)) => Stated::Known(format!("{user}:{group}")),
            _ => Stated::Unknown,
        }
    }

    fn mounts(&self, node: &YamlNode) -> Listing<ContainerMount> {
        let mut found = Listing::EMPTY;
        let mounts = node.get("volumeMounts").and_then(YamlNode::list);
        for mount in mounts.unwrap_or_default() {
            found.push(self.mount(mount));
        }
        found
    }

    fn mount(&self, node: &YamlNode) -> Option<ContainerMount> {
        let name = node.get("name")?.text()?;
        let volume = self.volumes.get(name).copied();
        let part = |key| volume.and_then(|volume| volume.get(key));
        let (kind, source) = if let Some(path) = part("hostPath") {
            (ContainerMountKind::Bind, string(path.get("path")))
        } else if let Some(directory) = part("emptyDir") {
            let is_memory = directory.get("medium").and_then(YamlNode::text) == Some("Memory");
            let kind = match is_memory {
                true => ContainerMountKind::Tmpfs,
                false => ContainerMountKind::Volume,
            };
            (kind, Stated::Known(name.to_owned()))
        } else if ["configMap", "secret", "projected", "downwardAPI"]
            .iter()
            .any(|key| part(key).is_some())
        {
            (ContainerMountKind::Files, Stated::Known(name.to_owned()))
        } else if part("persistentVolumeClaim").is_some() || part("ephemeral").is_some() {
            (ContainerMountKind::Volume, Stated::Known(name.to_owned()))
        } else {
            (ContainerMountKind::Other, Stated::Known(name.to_owned()))
        };
        let is_read_only = match truth(node.get("readOnly")) {
            Stated::Unstated => false,
            Stated::Unknown => return None,
            Stated::Known(value) => value,
        };
        Some(ContainerMount {
            target: node.get("mountPath")?.text()?.to_owned(),
            kind,
            source,
            is_read_only: is_read_only || kind == ContainerMountKind::Files,
            place: node.place,
        })
    }
}

fn string(node: Option<&YamlNode>) -> Stated<String> {
    match node {
        None => Stated::Unstated,
        Some(node) if node.is_null() => Stated::Unstated,
        Some(node) if is_unknown(node) => Stated::Unknown,
        Some(node) => node.text().map(str::to_owned).into(),
    }
}

/// Whether a template fills it in.
fn is_unknown(node: &YamlNode) -> bool {
    node.text().is_some_and(is_filled_in)
}

fn is_filled_in(text: &str) -> bool {
    text.contains(UNKNOWN) || is_template(text)
}

/// A container with its name, if that is known.
fn called(name: &str) -> String {
    match is_filled_in(name) {
        false => format!("container `{name}`"),
        true => "container".to_owned(),
    }
}

fn truth(node: Option<&YamlNode>) -> Stated<bool> {
    match string(node) {
        Stated::Unstated => Stated::Unstated,
        Stated::Unknown => Stated::Unknown,
        Stated::Known(text) => Stated::from(text.parse().ok()),
    }
}

fn strings(node: Option<&YamlNode>) -> Listing<String> {
    let mut found = Listing::EMPTY;
    for item in node.and_then(YamlNode::list).unwrap_or_default() {
        let text = item.text().filter(|_| !is_unknown(item));
        found.push(text.map(str::to_owned));
    }
    found
}

/// Words of a command. The kubelet puts variables in for `$(NAME)`, which is not followed.
fn words(node: Option<&YamlNode>) -> Stated<Vec<String>> {
    let Some(node) = node.filter(|node| !node.is_null()) else {
        return Stated::Unstated;
    };
    let list = node.list();
    let words = list.and_then(|items| {
        let word = |item: &std::rc::Rc<YamlNode>| {
            let text = item.text()?;
            (!text.contains("$(") && !is_filled_in(text)).then(|| text.to_owned())
        };
        items.iter().map(word).collect()
    });
    Stated::from(words)
}

fn environment(node: &YamlNode) -> Listing<(String, Stated<String>)> {
    let mut found = Listing::EMPTY;
    found.may_be_more = node.get("envFrom").is_some();
    let list = node.get("env").and_then(YamlNode::list);
    for variable in list.unwrap_or_default() {
        let name = variable.get("name").and_then(YamlNode::text);
        found.push(name.map(|name| {
            let value = match variable.get("valueFrom") {
                Some(_) => Stated::Unknown,
                None => match string(variable.get("value")) {
                    Stated::Unstated => Stated::Known(String::new()),
                    Stated::Known(text) if text.contains("$(") => Stated::Unknown,
                    said => said,
                },
            };
            (name.to_owned(), value)
        }));
    }
    found
}
