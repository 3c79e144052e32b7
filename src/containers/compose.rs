//! A service of a compose file.

use rustc_hash::FxHashSet;

use super::docker_options::{SecurityOption, confinement, tmpfs, truth, volume};
use super::interpolate::Variables;
use super::ports;
use super::stated::{Listing, Stated};

use super::workload::{
    Confinement, ContainerEngine, ContainerMount, ContainerMountKind, ImageBuild, Placed, Workload,
};
use super::yaml::{YamlNode, YamlValue};
use crate::images::split_words;
use crate::source::Span;

/// A service with the variables of its file.
pub(super) struct Service<'s> {
    pub(super) node: &'s YamlNode,
    pub(super) variables: &'s Variables,
}

impl Service<'_> {
    pub(super) fn workload(&self, who: String, place: Span) -> Workload {
        let mut workload = Workload::new(ContainerEngine::Docker, who, place);
        self.security_options(&mut workload);
        workload.image = self.placed("image");
        workload.build = self.node.get("build").map(|build| self.build(build));
        workload.entrypoint = self.command("entrypoint");
        workload.command = self.command("command");
        workload.user = self.string(self.node.get("user"));
        workload.working_dir = self.string(self.node.get("working_dir"));
        workload.environment = self.pairs(self.node.get("environment"));
        workload.environment.may_be_more |= self.node.get("env_file").is_some();
        workload.ports = ports::of_service(self.node).unwrap_or_default();
        workload.mounts = self.mounts();
        workload.is_read_only = self.truth("read_only");
        // In the process namespace of others Docker starts no init.
        if matches!(self.string(self.node.get("pid")), Stated::Unstated) {
            workload.has_init = self.truth("init");
        }
        workload.cap_add = self.strings("cap_add");
        workload.cap_drop = self.strings("cap_drop");
        workload.is_privileged = self.truth("privileged");
        workload
    }

    fn text(&self, node: &YamlNode) -> Option<String> {
        self.variables.interpolate(node.text()?)
    }

    fn string(&self, node: Option<&YamlNode>) -> Stated<String> {
        match node {
            None => Stated::Unstated,
            Some(node) if node.is_null() => Stated::Unstated,
            Some(node) => self.text(node).into(),
        }
    }

    fn placed(&self, key: &str) -> Stated<Placed> {
        let Some(node) = self.node.get(key) else {
            return Stated::Unstated;
        };
        let place = node.place;
        self.string(Some(node)).map(|text| Placed { text, place })
    }

    fn truth(&self, key: &str) -> Stated<bool> {
        match self.string(self.node.get(key)) {
            Stated::Known(text) => truth(&text).into(),
            Stated::Unknown => Stated::Unknown,
            Stated::Unstated => Stated::Unstated,
        }
    }

    /// A list of texts; a single text counts as one.
    fn strings(&self, key: &str) -> Listing<String> {
        let mut found = Listing::EMPTY;
        let Some(node) = self.node.get(key).filter(|node| !node.is_null()) else {
            return found;
        };
        match node.list() {
            Some(items) => items.iter().for_each(|item| found.push(self.text(item))),
            None => found.push(self.text(node)),
        }
        found
    }

    /// Names with values, as a mapping or a list of `NAME=VALUE`.
    fn pairs(&self, node: Option<&YamlNode>) -> Listing<(String, Stated<String>)> {
        let mut found = Listing::EMPTY;
        let Some(node) = node.filter(|node| !node.is_null()) else {
            return found;
        };
        match &node.value {
            YamlValue::List(items) => {
                for item in items {
                    found.push(self.text(item).map(|text| match text.split_once('=') {
                        Some((name, value)) => (name.to_owned(), Stated::Known(value.to_owned())),
                        None => (text, Stated::Unstated),
                    }));
                }
            }
            YamlValue::Map(_) => {
                for (name, value) in node.entries() {
                    let name = name.text().map(str::to_owned);
                    found.push(name.map(|name| (name, self.string(Some(value)))));
                }
            }
            YamlValue::Scalar(..) => found.may_be_more = true,
        }
        found
    }

    /// A command as a list of words, or as a text that compose splits like a shell does.
    fn command(&self, key: &str) -> Stated<Vec<String>> {
        let Some(node) = self.node.get(key).filter(|node| !node.is_null()) else {
            return Stated::Unstated;
        };
        match node.list() {
            Some(items) => {
                let words: Option<Vec<String>> = items.iter().map(|item| self.text(item)).collect();
                words.into()
            }
            None => self.text(node).and_then(|text| split_words(&text)).into(),
        }
    }

    fn build(&self, node: &YamlNode) -> ImageBuild {
        let of = |key| self.string(node.get(key));
        ImageBuild {
            place: node.place,
            context: match node.is_map() {
                true => of("context"),
                false => self.string(Some(node)),
            },
            dockerfile: of("dockerfile"),
            dockerfile_inline: of("dockerfile_inline"),
            target: of("target"),
            args: self.pairs(node.get("args")),
        }
    }

    fn security_options(&self, workload: &mut Workload) {
        if let Some(misspelt) = self.node.get("security-opt") {
            let refused = Confinement::Refused(misspelt.place, "the key is `security_opt`");
            workload.confinement.push(refused);
        }
        let Some(node) = self.node.get("security_opt").filter(|node| !node.is_null()) else {
            return;
        };
        let Some(options) = node.list() else {
            let why = "`security_opt` is no list";
            let refused = Confinement::Refused(node.place, why);
            workload.confinement.push(refused);
            return;
        };
        for option in options {
            let Some(text) = option.text() else {
                let why = "it is no text";
                let refused = Confinement::Refused(option.place, why);
                workload.confinement.push(refused);
                continue;
            };
            match SecurityOption::of(text) {
                SecurityOption::NoNewPrivileges(value) => {
                    let value = value.map_or(Some(true), |value| {
                        let value = self.variables.interpolate(value);
                        value.and_then(|value| truth(&value))
                    });
                    workload.has_no_new_privileges = value.into();
                }
                SecurityOption::AppArmor(value) => workload
                    .confinement
                    .extend(confinement(self.variables.interpolate(value), option.place)),
                SecurityOption::Misspelt => {
                    let why = "blanks are part of the option's name";
                    let refused = Confinement::Refused(option.place, why);
                    workload.confinement.push(refused);
                }
                // A variable alone may stand for any option.
                SecurityOption::Other if text.starts_with('$') => {
                    match self.variables.interpolate(text) {
                        Some(_) => {}
                        None => workload
                            .confinement
                            .push(Confinement::Unknown(option.place)),
                    }
                }
                SecurityOption::Other => {}
            }
        }
    }

    fn mounts(&self) -> Listing<ContainerMount> {
        let mut found = Listing::EMPTY;
        found.may_be_more = self.node.get("volumes_from").is_some();
        for item in items(self.node.get("volumes")) {
            found.push(match item.is_map() {
                true => self.long_mount(item),
                false => self.text(item).and_then(|text| volume(&text, item.place)),
            });
        }
        let in_memory = self.node.get("tmpfs").filter(|node| !node.is_null());
        let one = in_memory.filter(|node| node.list().is_none());
        for item in items(in_memory).chain(one) {
            found.push(self.text(item).map(|text| tmpfs(&text, item.place)));
        }
        for (key, directory) in [("configs", "/"), ("secrets", "/run/secrets/")] {
            for item in items(self.node.get(key)) {
                found.push(self.engine_file(item, directory));
            }
        }
        // Of two at one place the later one counts.
        let mut known = FxHashSet::default();
        let mut items = std::mem::take(&mut found.items);
        items.reverse();
        items.retain(|mount| known.insert(mount.target.clone()));
        items.reverse();
        found.items = items;
        found
    }

    fn long_mount(&self, node: &YamlNode) -> Option<ContainerMount> {
        let kind = match self.text(node.get("type")?)?.as_str() {
            "bind" => ContainerMountKind::Bind,
            "volume" => ContainerMountKind::Volume,
            "tmpfs" => ContainerMountKind::Tmpfs,
            _ => ContainerMountKind::Other,
        };
        let is_read_only = match self.string(node.get("read_only")) {
            Stated::Unstated => false,
            Stated::Unknown => return None,
            Stated::Known(text) => truth(&text)?,
        };
        Some(ContainerMount {
            target: self.text(node.get("target")?)?,
            kind,
            source: self.string(node.get("source")),
            is_read_only,
            place: node.place,
        })
    }

    /// A configuration or secret, which has the name of its source unless a target is given.
    fn engine_file(&self, node: &YamlNode, directory: &str) -> Option<ContainerMount> {
        let (source, target) = match node.is_map() {
            true => (
                self.text(node.get("source")?)?,
                self.string(node.get("target")),
            ),
            false => (self.text(node)?, Stated::Unstated),
        };
        let target = match target {
            Stated::Unknown => return None,
            Stated::Unstated => source.clone(),
            Stated::Known(target) => target,
        };
        Some(ContainerMount {
            target: match target.starts_with('/') {
                true => target,
                false => format!("{directory}{target}"),
            },
            kind: ContainerMountKind::Files,
            source: Stated::Known(source),
            is_read_only: true,
            place: node.place,
        })
    }
}

fn items(node: Option<&YamlNode>) -> impl Iterator<Item = &YamlNode> {
    let items = node.and_then(YamlNode::list).unwrap_or_default();
    items.iter().map(|item| &**item)
}
