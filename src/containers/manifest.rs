//! Reading files that name profiles.

use super::compose_files::{Alone, ComposeFiles, NeighbourFiles};
use super::workload::{Placed, Workload};
use super::yaml::{self, ManifestFault};
use super::{engine_config, helm, home_assistant, kubernetes, lxc, nomad, units};
use crate::source::{FileId, Span, TextRange};

/// Kinds of files that name profiles.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Manifest {
    /// A compose file.
    Compose,
    /// A Kubernetes manifest, or a template of one.
    Kubernetes,
    /// A `.container` file of Podman's Quadlet.
    Quadlet,
    /// A unit of systemd.
    Unit,
    /// The configuration of an add-on of Home Assistant.
    AddOn,
    /// The configuration of a container of LXC.
    Lxc,
    /// An instance or profile of Incus or LXD.
    Incus,
    /// A job of Nomad.
    Nomad,
    /// `containers.conf` or `crio.conf`.
    EngineConfig,
    /// Tasks of Ansible.
    Playbook,
}

/// What a file says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Described {
    /// The containers that it describes.
    pub workloads: Vec<Workload>,
    /// The profiles that its programs outside of containers start under.
    pub programs: Vec<Placed>,
    /// Where it loads profiles.
    pub loaders: Vec<Span>,
    /// What of it is not read.
    pub unread: Option<&'static str>,
}

/// What a file is, by its name and its text.
#[must_use]
pub fn classify(path: &str, text: &str) -> Option<Manifest> {
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let (stem, end) = name.rsplit_once('.').unwrap_or((name, ""));
    let has = |start: &str| text.lines().any(|line| line.starts_with(start));
    match end {
        "container" => has("[Container]").then_some(Manifest::Quadlet),
        "service" | "socket" | "mount" | "swap" => is_unit(text).then_some(Manifest::Unit),
        "hcl" | "nomad" => is_job(text).then_some(Manifest::Nomad),
        "conf" => {
            let is_of_engine = |name: &str| matches!(name, "containers.conf" | "crio.conf");
            let around = directory.rsplit('/').next().unwrap_or_default();
            let is_engine = is_of_engine(name) || is_of_engine(around.trim_end_matches(".d"));
            if is_engine {
                text.contains("apparmor_profile")
                    .then_some(Manifest::EngineConfig)
            } else if around.ends_with(".service.d") {
                is_unit(text).then_some(Manifest::Unit)
            } else {
                lxc::is_configuration(text).then_some(Manifest::Lxc)
            }
        }
        "" if name == "config" => lxc::is_configuration(text).then_some(Manifest::Lxc),
        "json" if stem == "config" => {
            let is_add_on = text.contains("\"slug\"") && text.contains("\"arch\"");
            is_add_on.then_some(Manifest::AddOn)
        }
        "yaml" | "yml" => of_yaml(stem, text),
        _ => None,
    }
}

/// Profiles may be called after units (`apparmor.service`), and have no sections.
fn is_unit(text: &str) -> bool {
    let is_section = |line: &str| line.starts_with('[') && line.trim_end().ends_with(']');
    let names_some = text.contains("AppArmorProfile") || text.contains("apparmor_parser");
    names_some && text.lines().any(is_section)
}

/// Profiles may be called after programs (`usr.bin.nomad`), and have none of these keys.
fn is_job(text: &str) -> bool {
    let options = text.contains("security_opt") && text.contains("apparmor");
    options || text.contains("apparmor_profile")
}

fn of_yaml(stem: &str, text: &str) -> Option<Manifest> {
    let has = |key: &str| text.lines().any(|line| line.starts_with(key));
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
    if has("apiVersion:") && has("kind:") {
        return Some(Manifest::Kubernetes);
    }
    if stem == "config" && has("slug:") && has("name:") {
        return Some(Manifest::AddOn);
    }
    if text.contains("raw.lxc:") {
        return Some(Manifest::Incus);
    }
    let is_playbook = text.contains("apparmor_parser") && has("- ");
    is_playbook.then_some(Manifest::Playbook)
}

/// The containers that a file describes, without those beside it.
///
/// # Errors
/// If it cannot be read.
pub fn read(kind: Manifest, file: FileId, text: &str) -> Result<Vec<Workload>, ManifestFault> {
    read_with(kind, "", file, text, &mut Alone).map(|described| described.workloads)
}

/// What the file at `path` says, with the files that it refers to.
///
/// # Errors
/// If it cannot be read.
pub fn read_with(
    kind: Manifest,
    path: &str,
    file: FileId,
    text: &str,
    files: &mut dyn NeighbourFiles,
) -> Result<Described, ManifestFault> {
    let workloads = match kind {
        Manifest::Compose => {
            let documents = yaml::documents(file, text)?;
            ComposeFiles::new(files).services(path, &documents)?
        }
        Manifest::Kubernetes => match yaml::documents(file, text) {
            // Many objects hold actions in texts, for other programs.
            Err(_) if helm::is_template(text) => return template(file, text),
            documents => documents?
                .iter()
                .flat_map(|document| kubernetes::containers(document))
                .collect(),
        },
        Manifest::AddOn => {
            let (around, _) = path.rsplit_once('/').unwrap_or((".", path));
            let profile = files.text(&format!("{around}/apparmor.txt"));
            yaml::documents(file, text)?
                .iter()
                .filter_map(|document| home_assistant::add_on(document, profile.as_deref()))
                .collect()
        }
        Manifest::Incus => yaml::documents(file, text)?
            .iter()
            .filter_map(|document| lxc::instance(document))
            .collect(),
        Manifest::Quadlet => units::quadlet(path, file, text).into_iter().collect(),
        Manifest::Lxc => lxc::container(path, file, text).into_iter().collect(),
        Manifest::Nomad => nomad::tasks(file, text),
        Manifest::EngineConfig => engine_config::defaults(path, file, text)
            .into_iter()
            .collect(),
        Manifest::Unit => {
            let unit = units::unit(file, text);
            return Ok(Described {
                programs: unit.profile.into_iter().collect(),
                loaders: unit.loader.into_iter().collect(),
                ..Described::default()
            });
        }
        Manifest::Playbook => {
            return Ok(Described {
                loaders: parser(file, text).into_iter().collect(),
                ..Described::default()
            });
        }
    };
    let loaders = workloads.iter().filter(|workload| workload.is_loader());
    Ok(Described {
        loaders: loaders.map(|workload| workload.place).collect(),
        workloads,
        ..Described::default()
    })
}

/// A template of Helm: nothing is known of what its actions bring.
fn template(file: FileId, text: &str) -> Result<Described, ManifestFault> {
    let fault = || {
        let why = "an action of a template is not closed".to_owned();
        ManifestFault::Yaml(TextRange::at(0), why)
    };
    let yaml = helm::as_yaml(text).ok_or_else(fault)?;
    let documents = yaml::documents(file, &yaml)?;
    let containers = documents
        .iter()
        .flat_map(|document| kubernetes::containers(document));
    let mut workloads: Vec<Workload> = containers.collect();
    for workload in &mut workloads {
        workload.forget_unstated();
    }
    Ok(Described {
        workloads,
        unread: Some("is a template: what its actions bring is not known"),
        ..Described::default()
    })
}

/// Where a text names the parser.
fn parser(file: FileId, text: &str) -> Option<Span> {
    const PARSER: &str = "apparmor_parser";
    let at = u32::try_from(text.find(PARSER)?).ok()?;
    let length = u32::try_from(PARSER.len()).ok()?;
    Some(TextRange::new(at, at + length).in_file(file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::containers::{Confinement, ContainerMountKind, Placed, Stated};

    fn read(kind: Manifest, text: &str) -> Result<Vec<Workload>, ManifestFault> {
        super::read(kind, FileId(0), text)
    }

    fn slice<'t>(text: &'t str, name: &Placed) -> &'t str {
        let range = name.place.range;
        text.get(range.start as usize..range.end as usize).unwrap()
    }

    #[test]
    fn compose_names() {
        let text = "services:\n  web:\n    image: x\n    security_opt:\n      - no-new-privileges:true\n      - apparmor=flask-app\n      - \"apparmor:other\"\n      - apparmor=unconfined\n      - apparmor=${X}\n";
        let [web] = &read(Manifest::Compose, text).unwrap()[..] else {
            panic!()
        };
        let [
            Confinement::Named(first),
            Confinement::Named(second),
            Confinement::Unconfined(_),
            Confinement::Unknown(_),
        ] = &web.confinement[..]
        else {
            panic!("{:?}", web.confinement)
        };
        assert_eq!((&*first.text, &*second.text), ("flask-app", "other"));
        assert_eq!(slice(text, first), "apparmor=flask-app");
        assert_eq!(web.who, "service `web`");
        assert_eq!(web.has_no_new_privileges.known(), Some(&true));
    }

    #[test]
    fn kubernetes_names() {
        let text = "apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    container.apparmor.security.beta.kubernetes.io/old: localhost/ä-old\nspec:\n  securityContext:\n    appArmorProfile: {type: Localhost, localhostProfile: pod-wide}\n  containers:\n  - name: app\n    securityContext:\n      appArmorProfile:\n        type: Localhost\n        localhostProfile: app-profile\n  - name: old\n  initContainers:\n  - name: first\n";
        let found = read(Manifest::Kubernetes, text).unwrap();
        let names = found.iter().map(|workload| {
            let name = workload.profile().unwrap();
            assert!(slice(text, name).ends_with(&name.text));
            (name.text.as_str(), workload.who.as_str())
        });
        assert_eq!(
            names.collect::<Vec<_>>(),
            [
                ("pod-wide", "container `first`"),
                ("app-profile", "container `app`"),
                ("ä-old", "container `old`"),
            ]
        );
    }

    #[test]
    fn a_service_with_all_that_is_read() {
        let text = "x-base: &base\n  cap_drop: [ALL]\n  environment: {A: one, B: 2, C: }\nservices:\n  web:\n    <<: *base\n    image: \"img:${TAG:-1}\"\n    build: {context: ./app, target: run, args: [V=1, W]}\n    entrypoint: sh -c 'a b'\n    command: [\"x\", \"${Y}\"]\n    user: 1000:1000\n    working_dir: /srv\n    read_only: true\n    privileged: \"${P:-false}\"\n    cap_add: [NET_BIND_SERVICE, \"${C}\"]\n    volumes:\n      - ./data:/data:ro\n      - cache:/cache\n      - /anonymous\n      - {type: bind, source: /etc, target: /host, read_only: true}\n      - \"${D}:/x\"\n    tmpfs: /run:size=1m\n    secrets: [key, {source: s, target: /k}]\n";
        let [web] = &read(Manifest::Compose, text).unwrap()[..] else {
            panic!()
        };
        assert_eq!(web.image.known().unwrap().text, "img:1");
        let build = web.build.as_ref().unwrap();
        assert_eq!(build.context.known().unwrap(), "./app");
        assert!(build.dockerfile.is_unstated());
        assert_eq!(
            build.args.items,
            [
                ("V".to_owned(), Stated::Known("1".to_owned())),
                ("W".to_owned(), Stated::Unstated)
            ]
        );
        assert_eq!(web.entrypoint.known().unwrap(), &["sh", "-c", "a b"]);
        assert_eq!(web.command, Stated::Unknown);
        assert_eq!(web.user.known().unwrap(), "1000:1000");
        assert_eq!(web.is_read_only, Stated::Known(true));
        assert_eq!(web.is_privileged, Stated::Known(false));
        assert!(web.cap_add.may_be_more && !web.cap_drop.may_be_more);
        assert_eq!(web.cap_drop.items, ["ALL"]);
        assert_eq!(web.environment.items.len(), 3);
        assert_eq!(web.environment.items[2].1, Stated::Unstated);
        let mounts = web.mounts.items.iter();
        let mounts: Vec<_> = mounts
            .map(|mount| (mount.target.as_str(), mount.kind, mount.is_read_only))
            .collect();
        assert!(web.mounts.may_be_more);
        assert_eq!(
            mounts,
            [
                ("/data", ContainerMountKind::Bind, true),
                ("/cache", ContainerMountKind::Volume, false),
                ("/anonymous", ContainerMountKind::Volume, false),
                ("/host", ContainerMountKind::Bind, true),
                ("/run", ContainerMountKind::Tmpfs, false),
                ("/run/secrets/key", ContainerMountKind::Files, true),
                ("/k", ContainerMountKind::Files, true),
            ]
        );
    }

    #[test]
    fn a_pod_with_all_that_is_read() {
        let text = "kind: List\nitems:\n- kind: CronJob\n  spec: {jobTemplate: {spec: {template: {spec: {\n    securityContext: {runAsUser: 1000, appArmorProfile: {type: Unconfined}},\n    volumes: [{name: h, hostPath: {path: /var}}, {name: c, configMap: {name: x}}],\n    containers: [{name: a, image: i, command: [sh], args: [\"$(A)\"], env: [{name: A, value: b}, {name: S, valueFrom: {}}],\n      volumeMounts: [{name: h, mountPath: /h, readOnly: true}, {name: c, mountPath: /c}],\n      securityContext: {privileged: true, runAsGroup: 5, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false,\n        capabilities: {add: [A], drop: [ALL]}}}]}}}}}\n";
        let [a] = &read(Manifest::Kubernetes, text).unwrap()[..] else {
            panic!()
        };
        assert!(matches!(a.confinement[..], [Confinement::Unconfined(_)]));
        assert_eq!(a.image.known().unwrap().text, "i");
        assert_eq!(a.entrypoint.known().unwrap(), &["sh"]);
        assert_eq!(a.command, Stated::Unknown);
        assert_eq!(a.user.known().unwrap(), "1000:5");
        assert_eq!(a.environment.items[1].1, Stated::Unknown);
        assert_eq!(a.is_privileged, Stated::Known(true));
        assert_eq!(a.has_no_new_privileges, Stated::Known(true));
        assert_eq!(a.is_read_only, Stated::Known(true));
        assert_eq!(a.cap_drop.items, ["ALL"]);
        let [h, c] = &a.mounts.items[..] else {
            panic!()
        };
        assert_eq!(h.source.known().unwrap(), "/var");
        assert!(h.is_read_only && h.kind == ContainerMountKind::Bind);
        assert_eq!(c.kind, ContainerMountKind::Files);
    }

    #[test]
    fn what_engines_refuse_is_known() {
        let refused = |kind, text: &str| {
            let found = read(kind, text).unwrap();
            matches!(found[0].confinement.last(), Some(Confinement::Refused(..)))
        };
        let service = |options: &str| {
            refused(
                Manifest::Compose,
                &format!("services: {{a: {{security_opt: {options}}}}}"),
            )
        };
        assert!(service("[apparmor = web]"));
        assert!(service("apparmor=web"));
        assert!(service("[{apparmor: web}]"));
        assert!(!service("[apparmor=web]"));
        let pod = |profile: &str| {
            refused(
                Manifest::Kubernetes,
                &format!(
                    "spec: {{containers: [{{name: a, securityContext: {{appArmorProfile: {profile}}}}}]}}"
                ),
            )
        };
        assert!(pod("{type: Localhost}"));
        assert!(pod("{type: Local, localhostProfile: x}"));
        assert!(!pod("{type: Localhost, localhostProfile: x}"));
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
