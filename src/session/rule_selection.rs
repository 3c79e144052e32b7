//! Which findings are wanted, by command line, overrides and configuration.

use globset::{Glob, GlobMatcher};

use crate::config::{Config, Named, RuleChoice};
use crate::diagnostic::{Diagnostic, Level, Meta};
use crate::lint::{
    Cx, RetiredName, RetiredNames, Rule, Selection, Selector, UnknownSelector, retired_name,
};
use crate::rules::registry::INVALID_CONFIG;
use crate::source::TextRange;

/// The rule that cannot be switched off: where the configuration is broken, what it says of rules is
/// not to be trusted.
const ALWAYS_ON: &Meta = INVALID_CONFIG;

/// Selections from the command line.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CommandLine {
    /// `--select`: exactly these.
    pub select: Vec<String>,
    /// `--extend-select`
    pub extend: Vec<String>,
    /// `--ignore`
    pub ignore: Vec<String>,
    /// `--pedantic`
    pub pedantic: bool,
    /// `--audit`
    pub audit: bool,
}

/// Names of rules on the command line that a person should hear about.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NamesOfCommandLine {
    /// Those that fit no rule.
    pub unknown: Vec<UnknownSelector>,
    /// Those that a rule had in an earlier version.
    pub retired: Vec<RetiredName>,
}

fn metas(rules: &[Rule]) -> impl Iterator<Item = &'static Meta> {
    rules.iter().map(|rule| rule.meta)
}

/// The selection in general, and those for some paths.
#[derive(Clone, Debug, Default)]
pub struct RuleSelection {
    general: Selection,
    /// Patterns, and the selection for what they match.
    special: Vec<(Vec<GlobMatcher>, Selection)>,
    /// Directory of the configuration.
    root: String,
    unknown: Vec<(TextRange, UnknownSelector)>,
    retired: RetiredNames,
}

impl RuleSelection {
    /// Reads all selectors. `root` is the directory of the configuration with a slash behind it, or nothing. What is to be
    /// said about the names on the command line is returned.
    #[must_use]
    pub fn new(
        config: &Config,
        root: &str,
        cli: &CommandLine,
        rules: &[Rule],
    ) -> (Self, NamesOfCommandLine) {
        let mut names = NamesOfCommandLine::default();
        let mut parse = |texts: &[String]| -> Vec<Selector> {
            let mut selectors = Vec::new();
            for text in texts
                .iter()
                .flat_map(|text| text.split(','))
                .map(str::trim)
                .filter(|text| !text.is_empty())
            {
                match Selector::parse(text, rules) {
                    Ok(selector) => {
                        names.retired.extend(retired_name(text, metas(rules)));
                        selectors.push(selector);
                    }
                    Err(error) => names.unknown.push(error),
                }
            }
            selectors
        };
        let (select, extend, ignore) = (parse(&cli.select), parse(&cli.extend), parse(&cli.ignore));
        let mut all = Self::default();
        let mut general = Selection {
            pedantic: config.pedantic || cli.pedantic,
            audit: config.audit || cli.audit,
            ..Selection::default()
        };
        all.add(&mut general, &config.lint, rules);
        // `--select` means exactly that: neither levels nor the configuration's choice count.
        if !cli.select.is_empty() {
            general.only = Some(select);
            general.extend.clear();
            general.ignore.clear();
        }
        general.extend.extend(extend);
        general.ignore.extend(ignore);
        for entry in &config.overrides {
            let mut selection = general.clone();
            all.add(&mut selection, &entry.choice, rules);
            let matchers = entry
                .paths
                .iter()
                .filter_map(|path| Glob::new(&path.text).ok());
            all.special.push((
                matchers.map(|glob| glob.compile_matcher()).collect(),
                selection,
            ));
        }
        all.general = general;
        root.clone_into(&mut all.root);
        (all, names)
    }

    fn add(&mut self, selection: &mut Selection, choice: &RuleChoice, rules: &[Rule]) {
        if let Some(select) = &choice.select {
            selection.only = Some(self.parse(select, rules));
        }
        let extend = self.parse(&choice.extend, rules);
        selection.extend.extend(extend);
        let ignore = self.parse(&choice.ignore, rules);
        selection.ignore.extend(ignore);
        for (name, severity) in &choice.severities {
            let selectors = self.parse(std::slice::from_ref(name), rules);
            selection
                .severities
                .extend(selectors.into_iter().map(|selector| (selector, *severity)));
        }
    }

    fn parse(&mut self, names: &[Named], rules: &[Rule]) -> Vec<Selector> {
        let mut selectors = Vec::new();
        for name in names {
            match Selector::parse(&name.text, rules) {
                Ok(selector) => {
                    let retired = retired_name(&name.text, metas(rules));
                    self.retired.extend(retired.map(|old| (name.range, old)));
                    selectors.push(selector);
                }
                Err(error) => self.unknown.push((name.range, error)),
            }
        }
        selectors
    }

    /// Names in the configuration that fit no rule.
    #[must_use]
    pub fn unknown(&self) -> &[(TextRange, UnknownSelector)] {
        &self.unknown
    }

    /// Names in the configuration that rules had in earlier versions.
    #[must_use]
    pub fn retired(&self) -> &[(TextRange, RetiredName)] {
        &self.retired
    }

    /// Whether a rule is on for any path.
    #[must_use]
    pub fn is_on_anywhere(&self, meta: &Meta) -> bool {
        if meta == ALWAYS_ON {
            return true;
        }
        let special = self.special.iter().map(|(_, selection)| selection);
        special.chain([&self.general]).any(|selection| {
            let severity = selection.severity(meta, meta.level, meta.severity);
            severity.is_some()
        })
    }

    /// Whether findings of this one's rule are wanted at its place; sets its severity.
    pub fn is_wanted(&self, finding: &mut Diagnostic, cx: &Cx<'_>) -> bool {
        self.decide(finding, finding.rule.level, cx)
    }

    /// Whether a finding is wanted at its own level. Asked once the comments have silenced what they name, so that none
    /// of them counts as unused on a run that shows less.
    pub fn is_shown(&self, finding: &mut Diagnostic, cx: &Cx<'_>) -> bool {
        finding.level == finding.rule.level || self.decide(finding, finding.level, cx)
    }

    fn decide(&self, finding: &mut Diagnostic, level: Level, cx: &Cx<'_>) -> bool {
        if finding.rule == ALWAYS_ON {
            return true;
        }
        let path = finding
            .place()
            .map(|place| cx.store.sources.get(place.file).path.as_str())
            .unwrap_or_default();
        let relative = path.strip_prefix(&self.root).unwrap_or(path);
        let relative = relative.strip_prefix("./").unwrap_or(relative);
        let special = self
            .special
            .iter()
            .rev()
            .find(|(globs, _)| globs.iter().any(|glob| glob.is_match(relative)));
        let selection = special.map_or(&self.general, |(_, selection)| selection);
        match selection.severity(finding.rule, level, finding.severity) {
            Some(severity) => {
                finding.severity = severity;
                true
            }
            None => false,
        }
    }
}
