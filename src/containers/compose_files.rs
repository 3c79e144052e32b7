//! Compose files together: `extends`, also to other files, the override file, and `.env`.

use std::rc::Rc;

use rustc_hash::FxHashMap;

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
    known: FxHashMap<String, Vec<Rc<YamlNode>>>,
    /// How many nodes were copied from one service to another.
    copied: usize,
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
        documents: Vec<Rc<YamlNode>>,
    ) -> Result<Vec<Workload>, ManifestFault> {
        let env = self.files.text(&beside(path, ".env")).unwrap_or_default();
        let variables = Variables::of_env_file(&env);
        let (stem, _) = path.rsplit_once('.').unwrap_or((path, ""));
        // It is read with the file that it belongs to.
        if let Some(base) = stem.strip_suffix(".override")
            && ["yaml", "yml"]
                .iter()
                .any(|end| !self.documents(&format!("{base}.{end}")).is_empty())
        {
            return Ok(Vec::new());
        }
        let overrides: Vec<String> = ["yml", "yaml"]
            .iter()
            .map(|end| format!("{stem}.override.{end}"))
            .filter(|path| !self.documents(path).is_empty())
            .take(1)
            .collect();
        let mut found = Vec::new();
        self.known.insert(path.to_owned(), documents);
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
        let mut known = rustc_hash::FxHashSet::default();
        let mut names = Vec::new();
        for path in paths {
            for document in self.documents(path) {
                let services = document.get("services").map(YamlNode::entries);
                for (name, _) in services.unwrap_or_default() {
                    let text = name.text().unwrap_or_default().to_owned();
                    if known.insert(text.clone()) {
                        names.push((text, name.place));
                    }
                }
            }
        }
        names
    }

    fn documents(&mut self, path: &str) -> Vec<Rc<YamlNode>> {
        if let Some(known) = self.known.get(path) {
            return known.clone();
        }
        let read = self.files.open(path);
        let read = read.and_then(|(file, text)| documents(file, &text).ok());
        let read = read.unwrap_or_default();
        self.known.insert(path.to_owned(), read.clone());
        read
    }

    /// A service of a file with what it extends; `None` if there is none of that name.
    fn extended(
        &mut self,
        path: &str,
        name: &str,
        depth: usize,
    ) -> Result<Option<Extended>, ManifestFault> {
        let documents = self.documents(path);
        let own = documents.iter().find_map(|document| {
            let services = document.get("services")?;
            services.get_shared(name)
        });
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
        let mut entries: Vec<(Rc<YamlNode>, Rc<YamlNode>)> = Vec::new();
        for (key, value) in own.shared_entries() {
            let name = key.text().unwrap_or_default();
            let inherited = base.get_shared(name);
            let value = match (inherited, value.tag.as_deref()) {
                (None, _) | (_, Some("reset" | "override")) => value,
                (Some(inherited), _) => self.united(name, &inherited, &value)?,
            };
            entries.push((key, value));
        }
        for (key, value) in base.shared_entries() {
            if own.get(key.text().unwrap_or_default()).is_none() {
                entries.push((key, value));
            }
        }
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
