//! Finding the transitions.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::{Edge, Graph, How, Node, NodeKind};
use crate::access::perms::change_profile;
use crate::access::{Class, Effective, EntryRef, Exec, Part, Pool, Rules, bits};
use crate::glob::{Among, PrefixTree, Program, TooComplex, common, outside};
use crate::lang::permissions::{EXEC, ExecKind};
use crate::policy::{Digests, ProfileView, Unit};
use crate::source::{SourceMap, Span};
use crate::syntax::ast::Mode;

/// Where an edge leads before all nodes are numbered.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum To {
    Known(usize),
    Other(NodeKind, Arc<str>),
}

/// An edge of the profile that is looked at.
struct Draft {
    to: To,
    how: How,
    place: Span,
    via: Vec<Span>,
}

/// All profiles, and how they are found.
struct Set<'a, 's> {
    profiles: Vec<&'a ProfileView<'s>>,
    /// Numbers of the children and hats of each.
    children: Vec<Vec<usize>>,
    names: FxHashMap<&'a str, usize>,
    /// What each attaches to.
    attachments: Vec<Option<Attachment>>,
    /// The same by beginnings, of those that are no children.
    tree: PrefixTree,
    digests: &'a Digests<'s>,
    sources: &'a SourceMap,
    pool: &'a Pool,
}

/// What a profile attaches to.
struct Attachment {
    program: Program,
    /// Paths that it matches; all of them where it is made of short alternatives.
    samples: Vec<Vec<u8>>,
}

impl Attachment {
    fn new(pattern: &str) -> Option<Self> {
        let program = Program::path(pattern).ok()?;
        let beginnings = program.beginnings().iter();
        let mut samples: Vec<Vec<u8>> = beginnings
            .filter(|text| Among::Paths.holds(text) && program.matches(text))
            .cloned()
            .collect();
        samples.sort_by_key(Vec::len);
        Some(Self { program, samples })
    }
}

/// The entries that decide about exec, without all others: most rules are about something else.
fn exec_rules(effective: &Effective) -> Effective {
    let parts = effective.parts.iter().map(|part| {
        let mut rules = Rules::default();
        let entries = part.rules.entries(Class::File).iter();
        for entry in entries.filter(|entry| entry.mask & bits::both(EXEC) != 0) {
            rules.push(Class::File, entry.clone());
        }
        Part {
            rules: Arc::new(rules),
            segment: part.segment,
        }
    });
    Effective {
        parts: parts.filter(|part| !part.rules.is_empty()).collect(),
        is_incomplete: effective.is_incomplete,
        effort: effective.effort.clone(),
    }
}

impl Graph {
    /// The transitions of all profiles of `units`.
    #[must_use]
    pub fn of<'a, 's: 'a>(
        units: impl IntoIterator<Item = &'a Unit<'s>>,
        digests: &'a Digests<'s>,
        sources: &'a SourceMap,
        pool: &'a Pool,
    ) -> Self {
        let set = Set::new(units, digests, sources, pool);
        let look = |number: usize| Transitions::of(&set, number);
        let found: Vec<(Vec<Draft>, bool)> =
            (0..set.profiles.len()).into_par_iter().map(look).collect();
        let mut nodes: Vec<Node> = (0..set.profiles.len()).map(|at| set.node(at)).collect();
        let mut others: BTreeMap<(NodeKind, Arc<str>), usize> = BTreeMap::new();
        others.insert((NodeKind::Unconfined, "unconfined".into()), 0);
        for draft in found.iter().flat_map(|(drafts, _)| drafts) {
            if let To::Other(kind, name) = &draft.to {
                others.insert((*kind, Arc::clone(name)), 0);
            }
        }
        for ((kind, name), number) in &mut others {
            *number = nodes.len();
            nodes.push(Node {
                name: Arc::clone(name),
                kind: *kind,
                attachment: None,
                mode: None,
                place: None,
            });
        }
        let mut graph = Self {
            nodes,
            ..Self::default()
        };
        for (from, (drafts, is_incomplete)) in found.into_iter().enumerate() {
            if is_incomplete {
                graph.incomplete.push(from);
            }
            for draft in drafts {
                let to = match draft.to {
                    To::Known(number) => number,
                    To::Other(kind, name) => others.get(&(kind, name)).copied().unwrap_or(from),
                };
                graph.edges.push(Edge {
                    from,
                    to,
                    how: draft.how,
                    place: draft.place,
                    via: draft.via,
                });
            }
        }
        graph
    }
}

impl<'a, 's> Set<'a, 's> {
    fn new(
        units: impl IntoIterator<Item = &'a Unit<'s>>,
        digests: &'a Digests<'s>,
        sources: &'a SourceMap,
        pool: &'a Pool,
    ) -> Self {
        let mut profiles: Vec<&ProfileView<'s>> = Vec::new();
        let mut children: Vec<Vec<usize>> = Vec::new();
        for unit in units {
            let first = profiles.len();
            for profile in &unit.profiles {
                let number = profiles.len();
                profiles.push(profile);
                children.push(Vec::new());
                let siblings = profile
                    .parent
                    .and_then(|parent| children.get_mut(first + parent));
                if let Some(siblings) = siblings {
                    siblings.push(number);
                }
            }
        }
        let mut names = FxHashMap::default();
        for (number, profile) in profiles.iter().enumerate() {
            names.entry(profile.full_name.as_str()).or_insert(number);
        }
        let attachments: Vec<Option<Attachment>> = profiles
            .iter()
            .map(|profile| Attachment::new(profile.attachment.as_deref()?))
            .collect();
        let mut tree = PrefixTree::default();
        for ((number, profile), attachment) in (0..).zip(&profiles).zip(&attachments) {
            if let (None, Some(attachment)) = (profile.parent, attachment) {
                tree.insert(attachment.program.beginnings(), number);
            }
        }
        Self {
            profiles,
            children,
            names,
            attachments,
            tree,
            digests,
            sources,
            pool,
        }
    }

    fn node(&self, number: usize) -> Node {
        let Some(profile) = self.profiles.get(number) else {
            return Node {
                name: "".into(),
                kind: NodeKind::Missing,
                attachment: None,
                mode: None,
                place: None,
            };
        };
        let kind = match (profile.ast.form.is_hat(), profile.parent) {
            (true, _) => NodeKind::Hat,
            (false, Some(_)) => NodeKind::Child,
            (false, None) => NodeKind::Profile,
        };
        Node {
            name: profile.full_name.as_str().into(),
            kind,
            attachment: profile.attachment.clone(),
            mode: self.mode(profile),
            place: Some(profile.name_span()),
        }
    }

    fn mode(&self, profile: &ProfileView<'_>) -> Option<&'static str> {
        let flags = profile.flags(&self.sources.get(profile.file).text);
        let modes = crate::lang::flags::MODES.iter();
        modes
            .copied()
            .find(|mode| *mode != "enforce" && flags.contains(mode))
    }
}

/// Looks for the transitions of one profile.
struct Transitions<'t, 'a, 's> {
    set: &'t Set<'a, 's>,
    number: usize,
    profile: &'a ProfileView<'s>,
    effective: Effective,
    drafts: Vec<Draft>,
    is_incomplete: bool,
}

impl Transitions<'_, '_, '_> {
    /// The edges, in the order of the rules, and whether some may be missing.
    fn of(set: &Set<'_, '_>, number: usize) -> (Vec<Draft>, bool) {
        let Some(profile) = set.profiles.get(number) else {
            return (Vec::new(), false);
        };
        let effective = Effective::of(profile, set.digests, set.sources, set.pool);
        let is_incomplete = effective.is_incomplete;
        let mut transitions = Transitions {
            set,
            number,
            profile,
            effective,
            drafts: Vec::new(),
            is_incomplete,
        };
        transitions.mode();
        transitions.execs();
        transitions.changes();
        transitions.hats();
        let mut drafts = transitions.drafts;
        drafts.sort_by(|a, b| {
            let key = |draft: &Draft| (draft.place, draft.to.clone(), draft.how.clone());
            key(a).cmp(&key(b))
        });
        drafts.dedup_by(|a, b| a.place == b.place && a.to == b.to && a.how.is_same_way(&b.how));
        (drafts, transitions.is_incomplete)
    }

    fn mode(&mut self) {
        if self.set.mode(self.profile) == Some("unconfined") {
            let flags = self.profile.ast.flags.as_ref().map(|flags| flags.range);
            let place = flags.unwrap_or(self.profile.ast.header);
            self.drafts.push(Draft {
                to: unconfined(),
                how: How::Mode,
                place: place.in_file(self.profile.file),
                via: self.profile.via.to_vec(),
            });
        }
    }

    fn execs(&mut self) {
        let effective = exec_rules(&self.effective);
        for found in effective.entries(Class::File) {
            let entry = found.entry;
            let is_exec = entry.mask & bits::both(EXEC) != 0 && entry.effect == Mode::Allow;
            match entry.exec.as_ref().filter(|_| is_exec) {
                Some(exec) if exec.mode.kind != ExecKind::Inherit => {
                    self.exec(&effective, found, exec);
                }
                _ => {}
            }
        }
    }

    fn exec(&mut self, effective: &Effective, found: EntryRef<'_>, exec: &Exec) {
        match (&exec.target, exec.mode.kind) {
            (Some(target), _) => self.named(effective, found, exec, target),
            (None, ExecKind::Unconfined) => {
                if let Some(witness) = self.witness(effective, found, exec, None) {
                    self.add(found, unconfined(), exec, witness, false);
                }
            }
            (None, ExecKind::Child | ExecKind::ChildOrInherit | ExecKind::ChildOrUnconfined) => {
                let set = self.set;
                let children = set.children.get(self.number).map(Vec::as_slice);
                self.attached(effective, found, exec, children.unwrap_or_default());
            }
            (None, _) => {
                let set = self.set;
                let meeting = set.tree.meeting(found.entry.program.beginnings());
                let candidates: Vec<usize> = meeting.iter().map(|at| *at as usize).collect();
                self.attached(effective, found, exec, &candidates);
            }
        }
    }

    /// A path at which this rule decides what an exec leads to, and which `other` matches as well.
    fn witness(
        &mut self,
        effective: &Effective,
        found: EntryRef<'_>,
        exec: &Exec,
        other: Option<&Attachment>,
    ) -> Option<String> {
        let program = &*found.entry.program;
        let decides = |text: &[u8]| {
            let verdict = effective.decide(Class::File, text);
            verdict.exec.iter().flatten().any(|found| found == exec)
        };
        let samples = other.map(|other| other.samples.as_slice());
        let mut samples = samples.unwrap_or_default().iter();
        if let Some(text) = samples.find(|text| program.matches(text) && decides(text)) {
            return Some(String::from_utf8_lossy(text).into_owned());
        }
        let other = other.map(|other| &other.program);
        let wanted: Vec<&Program> = std::iter::once(program).chain(other).collect();
        match self.search(effective, &wanted, exec, &decides) {
            Ok(text) => text.map(|text| String::from_utf8_lossy(&text).into_owned()),
            Err(TooComplex) => {
                self.is_incomplete = true;
                None
            }
        }
    }

    /// A path that all of `wanted` match and at which the exec is decided so.
    fn search(
        &self,
        effective: &Effective,
        wanted: &[&Program],
        exec: &Exec,
        decides: &dyn Fn(&[u8]) -> bool,
    ) -> Result<Option<Vec<u8>>, TooComplex> {
        // Mostly the first path that comes to mind will do.
        match common(wanted, &[], Among::Paths)? {
            None => return Ok(None),
            Some(text) if decides(&text) => return Ok(Some(text)),
            Some(_) => {}
        }
        let found = effective.find(Class::File, wanted, Among::Paths, |verdict, _| {
            verdict.exec.iter().flatten().any(|found| found == exec)
        })?;
        Ok(found.map(|found| found.witness))
    }

    fn add(
        &mut self,
        found: EntryRef<'_>,
        to: To,
        exec: &Exec,
        witness: String,
        is_fallback: bool,
    ) {
        let how = How::Exec {
            mode: exec.mode,
            is_fallback,
            witness,
        };
        self.push(found, to, how);
    }

    fn push(&mut self, found: EntryRef<'_>, to: To, how: How) {
        if let Some((via, fact)) = found.origin(self.profile, self.set.digests) {
            self.drafts.push(Draft {
                to,
                how,
                place: fact.rule.range.in_file(fact.file),
                via: via.to_vec(),
            });
        }
    }

    fn named(
        &mut self,
        effective: &Effective,
        found: EntryRef<'_>,
        exec: &Exec,
        target: &Arc<str>,
    ) {
        let Some(witness) = self.witness(effective, found, exec, None) else {
            return;
        };
        let falls_back = exec.mode.kind != ExecKind::Profile;
        // The parser leaves variables in names of targets as they are; here they say what is meant.
        let target = self.profile.env.expand(target).text();
        let target = target.unwrap_or_default();
        for part in parts(&target) {
            let to = self.name(part);
            if let (To::Other(NodeKind::Missing, _), true) = (&to, falls_back) {
                if exec.mode.kind == ExecKind::ProfileOrUnconfined {
                    self.add(found, unconfined(), exec, witness.clone(), true);
                }
                continue;
            }
            self.add(found, to, exec, witness.clone(), false);
        }
    }

    /// What a name means here: children go by the last name of the profile around them.
    fn name(&self, name: &str) -> To {
        if name == "unconfined" {
            return unconfined();
        }
        if name.starts_with(':') {
            return To::Other(NodeKind::Namespace, name.into());
        }
        let known = self.set.names.get(name).copied().or_else(|| {
            let (_, local) = name.split_once("//")?;
            let nested = format!("{}//{local}", self.profile.full_name);
            self.set.names.get(nested.as_str()).copied()
        });
        known.map_or_else(|| To::Other(NodeKind::Missing, name.into()), To::Known)
    }

    /// Those of `candidates` whose attachment the rule meets, and what happens beside them.
    fn attached(
        &mut self,
        effective: &Effective,
        found: EntryRef<'_>,
        exec: &Exec,
        candidates: &[usize],
    ) {
        let set = self.set;
        let mut met = Vec::new();
        for &candidate in candidates {
            let Some(Some(attachment)) = set.attachments.get(candidate) else {
                continue;
            };
            if !attachment.program.may_meet(&found.entry.program) {
                continue;
            }
            if let Some(witness) = self.witness(effective, found, exec, Some(attachment)) {
                self.add(found, To::Known(candidate), exec, witness, false);
            }
            met.push(&attachment.program);
        }
        let Some(witness) = self.beside(effective, found, exec, &met) else {
            return;
        };
        match exec.mode.kind {
            ExecKind::ProfileOrUnconfined | ExecKind::ChildOrUnconfined => {
                self.add(found, unconfined(), exec, witness, true);
            }
            ExecKind::Profile | ExecKind::Child if met.is_empty() => {
                let to = To::Other(NodeKind::Missing, witness.as_str().into());
                self.add(found, to, exec, witness, false);
            }
            _ => {}
        }
    }

    /// A path at which the rule decides and to which no profile attaches.
    fn beside(
        &mut self,
        effective: &Effective,
        found: EntryRef<'_>,
        exec: &Exec,
        attachments: &[&Program],
    ) -> Option<String> {
        let first = self.witness(effective, found, exec, None)?;
        let is_free = |path: &str| {
            !attachments
                .iter()
                .any(|program| program.matches(path.as_bytes()))
        };
        if is_free(&first) {
            return Some(first);
        }
        match outside(&found.entry.program, attachments, Among::Paths) {
            Ok(path) => {
                let path = path?;
                let verdict = effective.decide(Class::File, &path);
                let is_decided = verdict.exec.iter().flatten().any(|found| found == exec);
                is_decided.then(|| String::from_utf8_lossy(&path).into_owned())
            }
            Err(_) => {
                self.is_incomplete = true;
                None
            }
        }
    }

    fn changes(&mut self) {
        let effective = self.effective.clone();
        for found in effective.entries(Class::ChangeProfile) {
            let entry = found.entry;
            let is_change = entry.mask & change_profile::NOW != 0 && entry.effect != Mode::Deny;
            if !is_change || found.origin(self.profile, self.set.digests).is_none() {
                continue;
            }
            if let Some(name) = entry.program.as_literal() {
                let name = String::from_utf8_lossy(&name).into_owned();
                for part in parts(&name) {
                    let to = self.name(part);
                    self.change(&effective, found, part, to);
                }
                continue;
            }
            for number in 0..self.set.profiles.len() {
                let name = self.set.profiles.get(number).map(|p| p.full_name.as_str());
                if let Some(name) = name
                    && entry.program.matches(name.as_bytes())
                    && number != self.number
                {
                    self.change(&effective, found, name, To::Known(number));
                }
            }
            if entry.program.matches(b"unconfined") {
                self.change(&effective, found, "unconfined", unconfined());
            }
        }
    }

    fn change(&mut self, effective: &Effective, found: EntryRef<'_>, name: &str, to: To) {
        let verdict = effective.decide(Class::ChangeProfile, name.as_bytes());
        // A part of a stack is not asked for by itself.
        let is_part = found
            .entry
            .program
            .as_literal()
            .is_some_and(|text| text != name.as_bytes());
        if is_part || verdict.allow & change_profile::NOW != 0 {
            self.push(found, to, How::ChangeProfile);
        }
    }

    fn hats(&mut self) {
        let children = self.set.children.get(self.number);
        for &child in children.map(Vec::as_slice).unwrap_or_default() {
            let Some(hat) = self.set.profiles.get(child) else {
                continue;
            };
            if hat.ast.form.is_hat() {
                self.drafts.push(Draft {
                    to: To::Known(child),
                    how: How::ChangeHat,
                    place: hat.name_span(),
                    via: hat.via.to_vec(),
                });
            }
        }
    }
}

impl How {
    /// Whether two edges of one rule to one profile say the same.
    fn is_same_way(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Exec {
                    mode, is_fallback, ..
                },
                Self::Exec {
                    mode: other,
                    is_fallback: theirs,
                    ..
                },
            ) => mode == other && is_fallback == theirs,
            _ => self == other,
        }
    }
}

fn unconfined() -> To {
    To::Other(NodeKind::Unconfined, "unconfined".into())
}

/// The profiles of a stack, `a//&b`; one that begins with `&` is put on top of the present one.
fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split("//&")
        .map(|part| part.trim_start_matches('&'))
        .filter(|part| !part.is_empty())
}
