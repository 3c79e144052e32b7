//! The policy around the open documents, kept up to date.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::documents::OpenDocuments;
use super::editor_files::EditorFiles;
use super::surroundings::Surroundings;
use crate::rules;
use crate::session::{InputKind, Options, Report, Workspace};
use crate::source::Snapshot;

/// Documents that are checked together, with the policy around them.
pub(super) struct PolicyTree<'v> {
    pub(super) workspace: Workspace<'v>,
    pub(super) report: Report,
    /// Why nothing is checked.
    pub(super) failure: Option<String>,
}

/// The trees of the open documents, and the whole workspace once somebody asks for it.
pub(super) struct PolicyTrees<'v> {
    overlay: &'v EditorFiles,
    surroundings: &'v dyn Surroundings,
    documents: OpenDocuments,
    /// The name of the tree of each open document, by path.
    keys: BTreeMap<String, String>,
    trees: BTreeMap<String, PolicyTree<'v>>,
    /// What changed since the trees were last made, by the name of the tree.
    changed: BTreeMap<String, Vec<String>>,
    folders: Vec<String>,
}

impl<'v> PolicyTrees<'v> {
    pub(super) fn new(
        overlay: &'v EditorFiles,
        surroundings: &'v dyn Surroundings,
        folders: Vec<String>,
    ) -> Self {
        Self {
            overlay,
            surroundings,
            documents: OpenDocuments::default(),
            keys: BTreeMap::new(),
            trees: BTreeMap::new(),
            changed: BTreeMap::new(),
            folders,
        }
    }

    pub(super) const fn documents(&self) -> &OpenDocuments {
        &self.documents
    }

    pub(super) const fn surroundings(&self) -> &'v dyn Surroundings {
        self.surroundings
    }

    pub(super) fn folders(&self) -> &[String] {
        &self.folders
    }

    /// Takes up the documents as they are now.
    pub(super) fn documents_are(&mut self, documents: OpenDocuments) {
        let before = std::mem::replace(&mut self.documents, documents);
        let mut changed = Vec::new();
        for document in self.documents.iter() {
            let earlier = before.get(&document.uri);
            if earlier.is_none_or(|earlier| !Arc::ptr_eq(&earlier.text, &document.text)) {
                changed.push(document.path.clone());
            }
        }
        let gone = before.iter();
        let gone = gone.filter(|document| self.documents.get(&document.uri).is_none());
        changed.extend(gone.map(|document| document.path.clone()));
        self.overlay.lay(&self.documents);
        self.touched(&changed);
    }

    pub(super) fn folders_are(&mut self, folders: Vec<String>) {
        self.folders = folders;
        self.touched(&[]);
    }

    /// Takes up that files were changed, added or removed.
    pub(super) fn touched(&mut self, paths: &[String]) {
        let files = self.documents.iter();
        let files: Vec<String> = files.map(|document| document.path.clone()).collect();
        let named = [files.as_slice(), &self.folders].concat();
        self.overlay.show(self.surroundings.inside(&named));
        let key = |path: String| (path.clone(), self.surroundings.key(&path));
        self.keys = files.into_iter().map(key).collect();
        let wanted: BTreeSet<&String> = self.keys.values().collect();
        self.trees.retain(|key, _| wanted.contains(key));
        self.changed.retain(|key, _| wanted.contains(key));
        for key in wanted {
            let changed = self.changed.entry(key.clone()).or_default();
            changed.extend(paths.iter().cloned());
        }
    }

    /// The names of the trees.
    pub(super) fn keys(&self) -> Vec<String> {
        let keys: BTreeSet<&String> = self.keys.values().collect();
        keys.into_iter().cloned().collect()
    }

    /// The tree of the document at a path, as it is now.
    pub(super) fn of(&mut self, path: &str) -> Option<&PolicyTree<'v>> {
        let key = self.keys.get(path)?.clone();
        self.at(&key)
    }

    /// The tree of that name, as it is now.
    pub(super) fn at(&mut self, key: &str) -> Option<&PolicyTree<'v>> {
        if let Some(changed) = self.changed.remove(key) {
            let tree = self.made(key, &changed);
            self.trees.insert(key.to_owned(), tree);
        }
        self.trees.get(key)
    }

    fn made(&mut self, key: &str, changed: &[String]) -> PolicyTree<'v> {
        let of_key = |path: &str| self.keys.get(path).is_some_and(|one| one == key);
        let documents = self.documents.iter();
        let documents = documents.filter(|document| of_key(&document.path));
        let (mut paths, mut untitled) = (Vec::new(), Vec::new());
        for document in documents {
            match document.is_untitled {
                true => untitled.push(document.path.clone()),
                false => paths.push(document.path.clone()),
            }
        }
        let mut failure = None;
        let mut options = |files: &Snapshot<'_>| {
            let options = self.surroundings.options(files, &paths, &untitled);
            options.unwrap_or_else(|why| {
                failure = Some(why);
                Options::default()
            })
        };
        let workspace = match self.trees.remove(key) {
            Some(tree) => {
                let mut workspace = tree.workspace;
                workspace.update(changed, options);
                workspace
            }
            None => {
                let files = Snapshot::new(self.overlay);
                let options = options(&files);
                Workspace::open(files, options)
            }
        };
        let report = match failure.is_none() {
            true => workspace.check(rules::all()),
            false => Report::default(),
        };
        PolicyTree {
            workspace,
            report,
            failure,
        }
    }

    /// What `check` says of the directories of the workspace.
    pub(super) fn whole(&self) -> Result<Report, String> {
        self.opened_at(&self.folders)
            .map(|workspace| workspace.check(rules::all()))
    }

    /// The policy in the directories of the workspace, and the open documents.
    pub(super) fn opened(&self) -> Result<Workspace<'v>, String> {
        let open = self.documents.iter();
        let open = open.map(|document| document.path.clone());
        let elsewhere = open.filter(|path| !self.is_in_workspace(path));
        let paths: Vec<String> = self.folders.iter().cloned().chain(elsewhere).collect();
        self.opened_at(&paths)
    }

    /// The paths of the policy in the directories of the workspace; none where they cannot be read.
    pub(super) fn policy_of_workspace(&self) -> Vec<String> {
        let files = Snapshot::new(self.overlay);
        let options = self.surroundings.whole(&files, &self.folders);
        let inputs = options.map(|options| options.inputs).unwrap_or_default();
        let policy = inputs.into_iter();
        let policy = policy.filter(|input| input.kind == InputKind::Policy);
        policy.map(|input| input.path).collect()
    }

    fn opened_at(&self, paths: &[String]) -> Result<Workspace<'v>, String> {
        let files = Snapshot::new(self.overlay);
        let options = self.surroundings.whole(&files, paths)?;
        Ok(Workspace::open(files, options))
    }

    /// Whether a file lies in the workspace.
    pub(super) fn is_in_workspace(&self, path: &str) -> bool {
        is_below(path, &self.folders)
    }
}

/// Whether a file lies in one of the directories.
pub(super) fn is_below(path: &str, folders: &[String]) -> bool {
    folders.iter().any(|folder| {
        let rest = path.strip_prefix(folder.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.starts_with('/'))
    })
}
