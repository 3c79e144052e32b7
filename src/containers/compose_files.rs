//! Compose files together: `extends`, also to other files, the override file, and `.env`.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::compose::Service;
use super::interpolate::Variables;
use super::workload::Workload;
use super::yaml::{MAX_NODES, ManifestFault, YamlNode, YamlValue, documents};
use crate::source::{FileId, Span};

/// Most services that extend one another in a row.
const MAX_EXTENDS: usize = 16;

/// Files beside a manifest.
pub trait NeighbourFiles {
    /// The number and the text of the file at a path. `None` if it is not there or must not be read.
    fn open(&mut self, path: &str) -> Option<(FileId, String)>;

    /// The text of a file in which nothing has a place that is shown.
    fn text(&mut self, path: &str) -> Option<String>;
}

/// No files beside it.
pub(super) struct Alone;

impl NeighbourFiles for Alone {
    fn open(&mut self, _: &str) -> Option<(FileId, String)> {
        None
    }

    fn text(&mut self, _: &str) -> Option<String> {
        None
    }
}

/// A compose file with those beside it.
pub(super) struct ComposeFiles<'f> {
    files: &'f mut dyn NeighbourFiles,
    known: FxHashMap<String, Rc<Services>>,
    /// How many nodes were copied from one service to another.
    copied: usize,
}

/// The services of a file.
#[derive(Default)]
struct Services {
    /// Their names in the order of the file, with their places.
    names: Vec<(String, Span)>,
    by_name: FxHashMap<String, Rc<YamlNode>>,
    /// Whether the file could be read.
    is_there: bool,
}

impl Services {
    fn of(documents: &[Rc<YamlNode>]) -> Self {
        let mut services = Self {
            is_there: true,
            ..Self::default()
        };
        let found = documents
            .iter()
            .filter_map(|one| one.get_shared("services"));
        for (name, node) in found.flat_map(|services| services.shared_entries()) {
            let text = name.text().unwrap_or_default();
            if !services.by_name.contains_key(text) {
                services.names.push((text.to_owned(), name.place));
                services.by_name.insert(text.to_owned(), node);
            }
        }
        services
    }
}

/// A service with what it extends; some of that may be unknown.
type Extended = (Rc<YamlNode>, bool);

impl<'f> ComposeFiles<'f> {
    pub(super) fn new(files: &'f mut dyn NeighbourFiles) -> Self {
        Self {
            files,
            known: FxHashMap::default(),
            copied: 0,
        }
    }

    /// The services of the file at `path`, with what its override file changes.
    pub(super) fn services(
        mut self,
        path: &str,
        documents: &[Rc<YamlNode>],
    ) -> Result<Vec<Workload>, ManifestFault> {
        let env = self.files.text(&beside(path, ".env")).unwrap_or_default();
        let variables = Variables::of_env_file(&env);
        let (stem, _) = path.rsplit_once('.').unwrap_or((path, ""));
        // It is read with the file that it belongs to.
        if let Some(base) = stem.strip_suffix(".override")
            && ["yaml", "yml"]
                .iter()
                .any(|end| self.services_of(&format!("{base}.{end}")).is_there)
        {
            return Ok(Vec::new());
        }
        let overrides: Vec<String> = ["yml", "yaml"]
            .iter()
            .map(|end| format!("{stem}.override.{end}"))
            .filter(|path| self.services_of(path).is_there)
            .take(1)
            .collect();
        let mut found = Vec::new();
        let own = Rc::new(Services::of(documents));
        self.known.insert(path.to_owned(), own);
        let paths: Vec<&str> = std::iter::once(path)
            .chain(overrides.iter().map(String::as_str))
            .collect();
        for (name, place) in self.names(&paths) {
            let mut service: Option<Extended> = None;
            for path in &paths {
                let Some(own) = self.extended(path, &name, MAX_EXTENDS)? else {
                    continue;
                };
                service = Some(match service {
                    None => own,
                    Some((base, is_partial)) => (self.merged(&base, &own.0)?, is_partial || own.1),
                });
            }
            if let Some((node, is_partial)) = service {
                let who = format!("service `{name}`");
                let service = Service {
                    node: &node,
                    variables: &variables,
                };
                let mut workload = service.workload(who, place);
                if is_partial {
                    workload.forget_unstated();
                }
                found.push(workload);
            }
        }
        Ok(found)
    }

    /// The names of the services in these files, each once, with their places.
    fn names(&mut self, paths: &[&str]) -> Vec<(String, Span)> {
        let mut known = FxHashSet::default();
        let mut names = Vec::new();
        for path in paths {
            let services = self.services_of(path);
            let new = services.names.iter();
            names.extend(new.filter(|(name, _)| known.insert(name.clone())).cloned());
        }
        names
    }

    fn services_of(&mut self, path: &str) -> Rc<Services> {
        if let Some(known) = self.known.get(path) {
            return Rc::clone(known);
        }
        let read = self.files.open(path);
        let read = read.and_then(|(file, text)| documents(file, &text).ok());
        let read = Rc::new(read.map(|read| Services::of(&read)).unwrap_or_default());
        self.known.insert(path.to_owned(), Rc::clone(&read));
        read
    }

    /// A service of a file with what it extends; `None` if there is none of that name.
    fn extended(
        &mut self,
        path: &str,
        name: &str,
        depth: usize,
    ) -> Result<Option<Extended>, ManifestFault> {
        let own = self.services_of(path).by_name.get(name).cloned();
        let Some(own) = own else {
            return Ok(None);
        };
        let Some(extends) = own.get("extends").filter(|node| !node.is_null()) else {
            return Ok(Some((own, false)));
        };
        let (service, file) = match extends.text() {
            Some(service) => (Some(service), None),
            None => (
                extends.get("service").and_then(YamlNode::text),
                extends.get("file"),
            ),
        };
        let file = match file {
            None => Some(path.to_owned()),
            Some(file) => file.text().map(|file| beside(path, file)),
        };
        let base = match (service, file, depth.checked_sub(1)) {
            (Some(service), Some(file), Some(depth)) => self.extended(&file, service, depth)?,
            _ => None,
        };
        match base {
            None => Ok(Some((own, true))),
            Some((base, is_partial)) => Ok(Some((self.merged(&base, &own)?, is_partial))),
        }
    }

    /// A service over another one: lists are put together, mappings united, and everything else is replaced.
    fn merged(
        &mut self,
        base: &Rc<YamlNode>,
        own: &Rc<YamlNode>,
    ) -> Result<Rc<YamlNode>, ManifestFault> {
        let inherited = base.shared_entries();
        let by_name: FxHashMap<&str, &Rc<YamlNode>> = inherited
            .iter()
            .map(|(key, value)| (key.text().unwrap_or_default(), value))
            .collect();
        let mut known = FxHashSet::default();
        let mut entries: Vec<(Rc<YamlNode>, Rc<YamlNode>)> = Vec::new();
        for (key, value) in own.shared_entries() {
            let name = key.text().unwrap_or_default();
            known.insert(name.to_owned());
            let value = match (by_name.get(name), value.tag.as_deref()) {
                (None, _) | (_, Some("reset" | "override")) => value,
                (Some(inherited), _) => self.united(name, inherited, &value)?,
            };
            entries.push((key, value));
        }
        let is_new = |(key, _): &&(Rc<YamlNode>, Rc<YamlNode>)| {
            !known.contains(key.text().unwrap_or_default())
        };
        entries.extend(inherited.iter().filter(is_new).cloned());
        self.count(entries.len())?;
        Ok(Rc::new(own.with(YamlValue::Map(entries))))
    }

    fn united(
        &mut self,
        key: &str,
        base: &Rc<YamlNode>,
        own: &Rc<YamlNode>,
    ) -> Result<Rc<YamlNode>, ManifestFault> {
        if matches!(key, "command" | "entrypoint") {
            return Ok(Rc::clone(own));
        }
        match (&base.value, &own.value) {
            (YamlValue::List(before), YamlValue::List(after)) => {
                self.count(before.len() + after.len())?;
                let items = before.iter().chain(after).cloned().collect();
                Ok(Rc::new(own.with(YamlValue::List(items))))
            }
            (YamlValue::Map(_), YamlValue::Map(_)) => self.merged(base, own),
            (YamlValue::List(_), YamlValue::Map(_)) if is_pairs(key) => {
                let base = Rc::new(as_map(base));
                self.merged(&base, own)
            }
            (YamlValue::Map(_), YamlValue::List(_)) if is_pairs(key) => {
                let own = Rc::new(as_map(own));
                self.merged(base, &own)
            }
            _ => Ok(Rc::clone(own)),
        }
    }

    fn count(&mut self, nodes: usize) -> Result<(), ManifestFault> {
        self.copied = self.copied.saturating_add(nodes);
        match self.copied > MAX_NODES {
            true => Err(ManifestFault::TooLarge),
            false => Ok(()),
        }
    }
}

/// Whether names with values are written as a mapping or as a list of `NAME=VALUE`.
fn is_pairs(key: &str) -> bool {
    matches!(key, "environment" | "args" | "labels")
}

/// A list of `NAME=VALUE` as a mapping.
fn as_map(list: &YamlNode) -> YamlNode {
    let entries = list.list().unwrap_or_default().iter().map(|item| {
        let text = item.text().unwrap_or_default();
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        let scalar = |text: &str| Rc::new(item.with(YamlValue::text_of(text)));
        (scalar(name), scalar(value))
    });
    list.with(YamlValue::Map(entries.collect()))
}

/// A path as another file names it.
fn beside(path: &str, name: &str) -> String {
    if name.starts_with('/') {
        return name.to_owned();
    }
    let mut directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    let mut rest = name;
    loop {
        if let Some(inner) = rest.strip_prefix("./") {
            rest = inner;
        } else if let Some(inner) = rest.strip_prefix("../")
            && !matches!(directory, "" | ".." | ".")
            && !directory.ends_with("/..")
        {
            directory = directory.rsplit_once('/').map_or("", |(above, _)| above);
            rest = inner;
        } else {
            break;
        }
    }
    match directory {
        "" if path.starts_with('/') => format!("/{rest}"),
        "" => rest.to_owned(),
        directory => format!("{directory}/{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::containers::{Confinement, Manifest, read_with};

    /// Files by path; the first one is read.
    struct Files(Vec<(&'static str, &'static str)>);

    impl NeighbourFiles for Files {
        fn open(&mut self, path: &str) -> Option<(FileId, String)> {
            let at = self.0.iter().position(|(name, _)| *name == path)?;
            let id = FileId(u32::try_from(at).ok()?);
            Some((id, self.0.get(at)?.1.to_owned()))
        }

        fn text(&mut self, path: &str) -> Option<String> {
            self.open(path).map(|(_, text)| text)
        }
    }

    fn names(files: &[(&'static str, &'static str)]) -> Vec<String> {
        let mut files = Files(files.to_vec());
        let (path, text) = files.0[0];
        let found = read_with(Manifest::Compose, path, FileId(0), text, &mut files).unwrap();
        let found = found.workloads;
        let name = |workload: &Workload| match workload.confinement.last() {
            Some(Confinement::Named(name)) => {
                let file = files.0[name.place.file.0 as usize].1;
                let range = name.place.range;
                assert!(file.get(range.start as usize..range.end as usize).is_some());
                name.text.clone()
            }
            other => format!("{other:?}").chars().take(7).collect(),
        };
        found.iter().map(name).collect()
    }

    #[test]
    fn services_extend_others() {
        let files = [
            (
                "d/compose.yaml",
                "services:\n  a: {security_opt: [apparmor=one]}\n  b: {extends: a}\n  c: {extends: {service: a}, security_opt: [\"apparmor=$TWO\"]}\n  d: {extends: {file: ../common.yml, service: base}}\n  e: {extends: {file: gone.yml, service: base}}\n  f: {extends: f}\n  g: {extends: {file: gone.yml, service: x}, security_opt: [apparmor=own]}\n  h: {extends: a, security_opt: !override [label=x]}\n",
            ),
            (
                "common.yml",
                "services: {base: {security_opt: [apparmor=common]}}",
            ),
            ("d/.env", "# names\nexport TWO='two'\n"),
        ];
        assert_eq!(
            names(&files),
            [
                "one", "one", "two", "common", "Some(Un", "Some(Un", "own", "None"
            ]
        );
    }

    #[test]
    fn an_override_file_is_part_of_its_file() {
        let files = [
            (
                "compose.yaml",
                "services: {a: {security_opt: [apparmor=one]}, b: {extends: a}}",
            ),
            (
                "compose.override.yaml",
                "services: {a: {security_opt: [apparmor=two]}, c: {security_opt: [apparmor=three]}}",
            ),
        ];
        assert_eq!(names(&files), ["two", "one", "three"]);
        let [base, over] = files;
        assert!(names(&[over, base]).is_empty());
        assert_eq!(names(&[over]), ["two", "three"]);
    }

    #[test]
    fn copies_are_bounded() {
        let mut text = "services:\n  a: {cap_add: [".to_owned() + &"X,".repeat(1000) + "]}\n";
        for number in 0..300 {
            text.push_str(&format!("  s{number}: {{extends: a, cap_add: [Y]}}\n"));
        }
        let fault = read_with(
            Manifest::Compose,
            "compose.yaml",
            FileId(0),
            &text,
            &mut Alone,
        );
        assert_eq!(fault, Err(ManifestFault::TooLarge));
    }

    #[test]
    fn paths_beside_files() {
        for (path, name, expected) in [
            ("compose.yaml", "x.yml", "x.yml"),
            ("a/compose.yaml", "./x.yml", "a/x.yml"),
            ("a/b/compose.yaml", "../x.yml", "a/x.yml"),
            ("a/compose.yaml", "../../x.yml", "../x.yml"),
            ("/a/compose.yaml", "../x.yml", "/x.yml"),
            ("a/compose.yaml", "/x.yml", "/x.yml"),
        ] {
            assert_eq!(beside(path, name), expected, "{path} {name}");
        }
    }
}
