//! What the rules find in a workspace.

use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashSet};

use super::applied;
use super::discovery::LeftOut;
use super::embedded;
use super::intents::UnknownIntent;
use super::options::Options;
use super::rule_selection::{CommandLine, NamesOfCommandLine, RuleSelection};
use super::shipped;
use super::veil::Veil;
use super::views;
use super::workspace::Workspace;
use crate::config::{Config, ConfigFault, ConfigFaultKind, RetiredKey};
use crate::containers::ContainerView;
use crate::diagnostic::Diagnostic;
use crate::lint::{self, Cx, RetiredName, RetiredNames, Rule};
use crate::policy::{ProfileView, Store, Unit};
use crate::source::{FileId, Snapshot, Vfs};

/// What came of a check.
#[derive(Debug, Default)]
pub struct Report {
    /// All files that were read.
    pub store: Arc<Store>,
    /// The findings, sorted by path, place and rule.
    pub findings: Vec<Diagnostic>,
    /// How many findings comments silenced.
    pub suppressed: usize,
    /// Policy files checked.
    pub files: usize,
    /// The same files, in the order of the inputs.
    pub checked: Vec<FileId>,
    /// Profiles in them, children and hats included.
    pub profiles: usize,
    /// What to tell in general.
    pub notes: Vec<String>,
    /// Files that could not be judged, and why.
    pub failures: Vec<(String, String)>,
    /// What was left out.
    pub left_out: LeftOut,
    /// The paths that somebody named.
    pub looked_at: Vec<String>,
    /// Compose files and manifests that were read.
    pub manifests: usize,
    /// Names of rules on the command line that fit none.
    pub unknown: Vec<lint::UnknownSelector>,
    /// Names on the command line that rules had in an earlier version.
    pub retired: Vec<RetiredName>,
    /// Names of intents on the command line that fit none.
    pub unknown_intents: Vec<UnknownIntent>,
}

impl Report {
    /// Enters what came of looking for the files at `paths`.
    pub fn collected(
        &mut self,
        paths: &[String],
        failures: Vec<(String, String)>,
        left_out: LeftOut,
    ) {
        self.looked_at = paths.to_vec();
        self.failures.extend(failures);
        self.failures.sort();
        let unreadable = std::mem::take(&mut self.left_out.unreadable);
        let unjudged = std::mem::take(&mut self.left_out.unjudged);
        self.left_out = left_out;
        self.left_out.unjudged.extend(unjudged);
        self.left_out.unjudged.sort();
        self.left_out.unreadable.extend(unreadable);
        self.left_out.unreadable.sort();
        self.notes.extend(self.left_out.unjudged_notes());
        self.notes.extend(self.left_out.note());
        self.notes.extend(self.left_out.unwalked_note());
    }

    /// Whether nothing at all was judged, and nobody asked for that: what the configuration excludes
    /// and a person names is left out on purpose.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let is_asked_for = self.left_out.is_excluded_by_name;
        self.files == 0 && self.manifests == 0 && !is_asked_for
    }
}

/// Checks policy.
#[must_use]
pub fn check(vfs: &dyn Vfs, options: &Options, rules: &[Rule]) -> Report {
    Workspace::open(Snapshot::new(vfs), options.clone()).check(rules)
}

impl Workspace<'_> {
    /// What is to be said before any rule has run.
    fn unjudged(&self, names: NamesOfCommandLine) -> Report {
        let material = self.material();
        let mut failures = material.failures.clone();
        failures.extend(material.manifest_failures.iter().cloned());
        failures.extend(material.target_failure.clone());
        let (store, units) = (self.store(), self.units());
        Report {
            store: Arc::clone(store),
            files: material.order.len(),
            checked: material.order.clone(),
            profiles: units.iter().map(|unit| unit.profiles.len()).sum(),
            notes: unknown_note(store, units).into_iter().collect(),
            failures,
            manifests: material.others.manifests,
            left_out: LeftOut {
                unreadable: material.others.unreadable.clone(),
                unjudged: material.others.unread.clone(),
                ..LeftOut::default()
            },
            unknown: names.unknown,
            retired: names.retired,
            unknown_intents: material.unknown_intents.clone(),
            ..Report::default()
        }
    }

    /// What `rules` find, as far as the configuration and the command line want it.
    #[must_use]
    pub fn check(&self, rules: &[Rule]) -> Report {
        self.check_selected(&self.options().cli, rules)
    }

    /// What is wrong with the configuration, what it says of profiles and files that do not exist included.
    fn config_faults(&self) -> Vec<(FileId, ConfigFault)> {
        let (material, options) = (self.material(), self.options());
        let (store, units) = (self.store(), self.units());
        let mut faults = material.config_faults.clone();
        applied::enter(self.files(), options, &material.config, units, &mut faults);
        let others = material.others.files.iter();
        let others = others.map(|file| store.sources.get(*file).path.as_str());
        applied::overrides(options, &material.config, others, &mut faults);
        material.others.faults_of_config(faults)
    }

    /// The same with another choice of rules on the command line.
    #[must_use]
    pub fn check_selected(&self, choice: &CommandLine, rules: &[Rule]) -> Report {
        let (material, options) = (self.material(), self.options());
        let root = options.config.as_ref().map(|file| file.root());
        let (selection, names) =
            RuleSelection::new(&material.config, root.unwrap_or_default(), choice, rules);
        let store = self.store();
        let mut report = self.unjudged(names);
        let config_faults = self.config_faults();
        let is_broken =
            |fault: &(FileId, ConfigFault)| matches!(fault.1.kind, ConfigFaultKind::Toml(_));
        // Of a file that cannot be read nothing is known of what it wants.
        let only = config_faults
            .iter()
            .any(is_broken)
            .then_some("invalid-config");
        let retired_names = [selection.retired(), &retired_keys(&material.config)].concat();
        let shipped = shipped::unnamed(store, options);
        let suppressions = lint::suppressions(store, &material.roles);
        let metas: Vec<_> = rules.iter().map(|rule| rule.meta).collect();
        let cx = Cx {
            config_faults: &config_faults,
            unknown_selectors: selection.unknown(),
            retired_names: &retired_names,
            suppressions: &suppressions,
            shipped: &shipped,
            rules: &metas,
            ..self.context()
        };
        let found = lint::run(
            rules,
            &cx,
            &|meta| only.is_none_or(|name| meta.name == name) && selection.is_on_anywhere(meta),
            &|finding, cx| selection.is_wanted(finding, cx),
            &|finding| selection.is_shown(finding, &cx),
        );
        if only.is_some() {
            (report.files, report.profiles) = (0, 0);
            report.checked.clear();
        }
        report.findings = found.findings;
        embedded::settle(&mut report.findings, store);
        report.suppressed = found.suppressed;
        report.notes.extend(shipped::note(&found.shipped));
        if only.is_none() {
            report.notes.extend(views::notes(&used_views(&cx)));
        }
        if let Some(veil) = Veil::over(&[&store.sources], None) {
            veil.draw_over(&mut report.findings, &store.sources);
            for unknown in &mut report.unknown_intents {
                unknown.suggestion = unknown.suggestion.take().filter(|name| !veil.is_over(name));
                unknown.known.retain(|name| !veil.is_over(name));
            }
        }
        report
    }

    /// What is known of the policy and what lies around it, without what a choice of rules adds.
    pub(super) fn context(&self) -> Cx<'_> {
        let (material, options) = (self.material(), self.options());
        Cx {
            decisions: self.decisions(),
            store: self.store(),
            summaries: self.summaries(),
            units: self.units(),
            targets: &material.roles,
            config: &material.config,
            expected: &material.others.expected,
            workloads: &material.others.workloads,
            unjudged: &material.others.unjudged,
            loaders: &material.others.loaders,
            views: &material.others.views,
            docker_projects: &material.others.docker_projects,
            intents: self.chosen(),
            others: &material.others.files,
            shipped: &NO_FILES,
            is_whole_set: options.is_whole_set,
            target: material.target.as_ref(),
            config_faults: &[],
            manifest_faults: &material.others.faults,
            unknown_selectors: &[],
            retired_names: &[],
            suppressions: &[],
            rules: &[],
        }
    }

    /// The containers that run under the profile of that full name.
    #[must_use]
    pub fn containers_of(&self, profile: &str) -> Vec<&ContainerView> {
        let mut profiles = self.units().iter().flat_map(|unit| &unit.profiles);
        let found = profiles.find(|one| one.full_name == profile);
        found.map_or_else(Vec::new, |profile| self.views_of(profile))
    }

    /// The containers that run under a profile.
    pub(super) fn views_of(&self, profile: &ProfileView<'_>) -> Vec<&ContainerView> {
        self.context().views_of(profile)
    }
}

/// Where nothing is shipped.
static NO_FILES: FxHashSet<FileId> = FxHashSet::with_hasher(FxBuildHasher);

/// The containers that run under profiles that are checked.
fn used_views<'c>(cx: &'c Cx<'_>) -> Vec<&'c ContainerView> {
    let profiles = cx.units.iter().flat_map(|unit| &unit.profiles);
    profiles.flat_map(|profile| cx.views_of(profile)).collect()
}

fn retired_keys(config: &Config) -> RetiredNames {
    let name = |key: &RetiredKey| RetiredName {
        text: key.written.text.clone(),
        now: key.now,
    };
    let keys = config.retired.iter();
    keys.map(|key| (key.written.range, name(key))).collect()
}

/// One note for everything that could not be included, instead of a finding for each.
fn unknown_note(store: &Store, units: &[Unit<'_>]) -> Option<String> {
    let mut missing: Vec<String> = units
        .iter()
        .flat_map(|unit| {
            unit.profiles
                .iter()
                // Where a limit is the reason a finding says so.
                .filter(|profile| profile.limit.is_none())
                .filter_map(|profile| profile.unknown)
                .chain(unit.unknown.filter(|_| unit.limit.is_none()))
        })
        // An include without `<…>` has a finding of its own.
        .filter(|span| store.sources.slice(*span).contains("include"))
        .filter(|span| store.sources.slice(*span).contains('<'))
        .map(|span| store.sources.shown(span).trim().to_owned())
        .collect();
    missing.sort();
    missing.dedup();
    let example = missing.first()?;
    Some(format!(
        "no AppArmor policy base was found, so {} not known (such as `{example}`): rules that depend on \
         it stay silent; name a base directory with --base to check everything",
        if missing.len() == 1 {
            "what one include brings is".to_owned()
        } else {
            format!("what {} includes bring is", missing.len())
        }
    ))
}
