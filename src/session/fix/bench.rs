//! The policy before and after edits, side by side.

use std::collections::{BTreeMap, BTreeSet};

use super::model::FixedFile;
use crate::lint::Rule;
use crate::policy::Search;
use crate::session::check::Report;
use crate::session::discovery::{Input, InputKind};
use crate::session::options::{Loads, Options};
use crate::session::reach::IncludeReach;
use crate::session::workspace::Workspace;
use crate::source::{Overlay, Snapshot, Vfs};

/// Texts by path that differ from those on the disk.
pub(super) type Texts = BTreeMap<String, String>;

/// A state of the policy.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum EditState {
    /// With all edits that are proved.
    Accepted,
    /// With edits that are tried.
    Tried,
}

/// A policy in both states.
pub(super) struct BothStates<'v> {
    /// With all edits that are proved.
    pub(super) accepted: Workspace<'v>,
    /// With edits that are tried; nothing where none was tried yet.
    tried: Option<Workspace<'v>>,
    options: Options,
}

impl<'v> BothStates<'v> {
    /// With edits that are tried.
    pub(super) fn tried(&self) -> &Workspace<'v> {
        self.tried.as_ref().unwrap_or(&self.accepted)
    }
}

/// What is checked and the policy around it, in both states.
pub(super) struct EditBench<'v> {
    overlays: &'v [Overlay<'v>; 2],
    texts: [Texts; 2],
    /// What is checked comes first.
    pairs: Vec<BothStates<'v>>,
    /// Paths for which policy around them was looked for.
    known: BTreeSet<String>,
}

impl<'v> EditBench<'v> {
    /// Opens both states of what the options name.
    pub(super) fn open(overlays: &'v [Overlay<'v>; 2], options: &Options) -> Self {
        let mut bench = Self {
            overlays,
            texts: [Texts::new(), Texts::new()],
            pairs: Vec::new(),
            known: BTreeSet::new(),
        };
        bench.add(options.clone());
        bench
    }

    fn add_around(&mut self, paths: Vec<String>) {
        let Some(pair) = self.pairs.first() else {
            return;
        };
        let material = pair.accepted.material();
        let inputs = paths.into_iter().map(|path| Input {
            path,
            kind: InputKind::Policy,
        });
        self.add(Options {
            inputs: inputs.collect(),
            search: pair.options.search.clone(),
            loads: Loads::Profiles,
            parser: Some(material.parser),
            variables: material.config.variables.clone(),
            ..Options::default()
        });
    }

    fn add(&mut self, options: Options) {
        let [accepted, _] = self.overlays;
        self.pairs.push(BothStates {
            accepted: Workspace::open(Snapshot::new(accepted), options.clone()),
            tried: None,
            options,
        });
    }

    /// Both states of each policy; that which is checked comes first.
    pub(super) fn pairs(&self) -> &[BothStates<'v>] {
        &self.pairs
    }

    /// The texts with all edits that are proved.
    pub(super) const fn accepted(&self) -> &Texts {
        let [accepted, _] = &self.texts;
        accepted
    }

    /// What rules find in the policy as it is tried.
    pub(super) fn check(&self, rules: &[Rule]) -> Report {
        let checked = self.pairs.first();
        checked.map_or_else(Report::default, |pair| pair.tried().check(rules))
    }

    /// The text of a file with all edits that are proved.
    pub(super) fn text(&self, path: &str) -> String {
        let known = self.accepted().get(path).cloned();
        known.unwrap_or_else(|| text_of(self.overlays.first(), path))
    }

    /// Brings a state to these texts.
    pub(super) fn set(&mut self, side: EditState, texts: Texts) {
        let at = usize::from(side == EditState::Tried);
        let (Some(overlay), Some(known)) = (self.overlays.get(at), self.texts.get_mut(at)) else {
            return;
        };
        let mut changed: Vec<String> = Vec::new();
        for (path, text) in &texts {
            if known.get(path) != Some(text) {
                overlay.insert(path, text.clone());
                changed.push(path.clone());
            }
        }
        for path in known.keys().filter(|path| !texts.contains_key(*path)) {
            overlay.remove(path);
            changed.push(path.clone());
        }
        *known = texts;
        if changed.is_empty() {
            return;
        }
        let [_, tried] = self.overlays;
        for pair in &mut self.pairs {
            let workspace = match side {
                EditState::Accepted => Some(&mut pair.accepted),
                EditState::Tried => pair.tried.as_mut(),
            };
            match workspace {
                Some(workspace) => workspace.update(&changed, |_| pair.options.clone()),
                None => {
                    let files = Snapshot::new(tried);
                    pair.tried = Some(Workspace::open(files, pair.options.clone()));
                }
            }
        }
    }

    /// Sees to it that something shows what edits change in files that others include: the policy `around` them, and for rules
    /// that no known profile includes one that exists in memory alone.
    pub(super) fn reach<'p>(
        &mut self,
        paths: impl Iterator<Item = &'p str>,
        around: &dyn Fn(&str) -> Vec<String>,
    ) {
        let paths = paths.map(str::to_owned);
        let new: BTreeSet<String> = paths
            .filter(|path| self.known.insert(path.clone()))
            .collect();
        let parts: Vec<&String> = new.iter().filter(|path| self.is_part(path)).collect();
        let mut others: BTreeSet<String> = BTreeSet::new();
        for path in &parts {
            others.extend(around(path));
        }
        let inputs = self.pairs.iter().flat_map(|pair| &pair.options.inputs);
        for known in inputs {
            others.remove(&known.path);
        }
        if !others.is_empty() {
            self.add_around(others.into_iter().collect());
        }
        let wraps = parts.iter().filter_map(|path| self.wrap(path));
        let wraps: Vec<(String, String)> = wraps.collect();
        for (path, text) in &wraps {
            for overlay in self.overlays {
                overlay.insert(path, text.clone());
            }
        }
        if !wraps.is_empty() {
            self.add_around(wraps.into_iter().map(|(path, _)| path).collect());
        }
    }

    /// A profile of the rules in a file that no known profile includes: its path and its text.
    fn wrap(&self, path: &str) -> Option<(String, String)> {
        let is_reached = self
            .pairs
            .iter()
            .any(|pair| is_reached(&pair.accepted, path));
        let pair = self.pairs.first().filter(|_| !is_reached)?;
        let (base, name) = included_as(path, &pair.options.search)?;
        let tunables = match pair
            .accepted
            .files()
            .kind(&format!("{base}/tunables/global"))
        {
            Some(_) => "include <tunables/global>\n",
            None => "",
        };
        let text = format!("{tunables}profile proof {{\n  include <{name}>\n}}\n");
        let wrapped = name.replace('/', ".");
        Some((format!("{base}/.aalint-proof.{wrapped}"), text))
    }

    /// Whether a file means something only where it is included.
    pub(super) fn is_part(&self, path: &str) -> bool {
        let checked = self.pairs.first().map(|pair| &pair.accepted);
        checked.is_some_and(|workspace| {
            let id = workspace.store().by_path(path);
            let role = id.and_then(|id| workspace.material().roles.get(&id));
            role.is_some_and(|role| role.is_part())
        })
    }

    /// The files that differ from those on the disk.
    pub(super) fn files(&self) -> Vec<FixedFile> {
        let below = self.overlays.first();
        let files = self.accepted().iter().map(|(path, after)| FixedFile {
            path: path.clone(),
            before: below.map_or_else(String::new, |overlay| text_of(Some(overlay.below()), path)),
            after: after.clone(),
        });
        files.filter(|file| file.before != file.after).collect()
    }
}

fn text_of(files: Option<&(impl Vfs + ?Sized)>, path: &str) -> String {
    let bytes = files.and_then(|files| files.read(path).ok());
    String::from_utf8(bytes.unwrap_or_default()).unwrap_or_default()
}

/// Whether a profile of a workspace is made of a file.
fn is_reached(workspace: &Workspace<'_>, path: &str) -> bool {
    let reached = IncludeReach::of(workspace.store()).including(path);
    let mut units = workspace.units().iter();
    units.any(|unit| reached.contains(&unit.file) && !unit.profiles.is_empty())
}

/// The directory in which an include finds a file, and the name that it has there.
fn included_as<'p>(path: &'p str, search: &'p Search) -> Option<(&'p str, &'p str)> {
    search.directories.iter().find_map(|directory| {
        let base = directory.trim_end_matches('/');
        let name = path.strip_prefix(base)?.strip_prefix('/')?;
        Some((base, name))
    })
}
