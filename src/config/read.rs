//! Reading the configuration.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::schema::{Holds, KEYS, Key};
use super::{Config, ConfigFault, ConfigFaultKind, Named, Override, ProfileKind, RuleChoice};
use crate::diagnostic::Severity;
use crate::lang::targets::Target;
use crate::source::TextRange;

/// Reads `aalint.toml`. What cannot be used is left out and noted.
#[must_use]
pub fn read(text: &str) -> (Config, Vec<ConfigFault>) {
    let mut reader = Reader { faults: Vec::new() };
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let range = error
            .span()
            .map_or(TextRange::default(), |span| range(&span));
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        reader.fault(range, ConfigFaultKind::Toml(message));
    }
    let mut config = Config::default();
    // Half a file could say the opposite of what is meant.
    if errors.is_empty() {
        reader.top(document.get_ref(), &mut config);
    }
    (config, reader.faults)
}

pub(super) fn range(span: &std::ops::Range<usize>) -> TextRange {
    let offset = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    TextRange::new(offset(span.start), offset(span.end))
}

pub(super) struct Reader {
    faults: Vec<ConfigFault>,
}

pub(super) type Value<'i> = Spanned<DeValue<'i>>;

impl Reader {
    pub(super) fn fault(&mut self, range: TextRange, kind: ConfigFaultKind) {
        self.faults.push(ConfigFault { range, kind });
    }

    /// The known entries of a table; notes the others.
    fn entries<'t, 'i>(
        &mut self,
        table: &'t DeTable<'i>,
        keys: &'static [Key],
    ) -> Vec<(&'static Key, &'t Value<'i>)> {
        let mut entries = Vec::new();
        for (name, value) in table {
            match keys.iter().find(|key| key.name == name.get_ref()) {
                Some(key) => entries.push((key, value)),
                None => {
                    let candidates = keys.iter().map(|key| key.name);
                    let suggestion = crate::lang::keywords::suggest(name.get_ref(), candidates);
                    self.fault(
                        range(&name.span()),
                        ConfigFaultKind::UnknownKey(name.get_ref().to_string(), suggestion),
                    );
                }
            }
        }
        entries
    }

    fn top(&mut self, table: &DeTable<'_>, config: &mut Config) {
        for (key, value) in self.entries(table, KEYS) {
            match key.name {
                "base" => config.base = self.text(value),
                "include" => config.include = self.texts(value),
                "exclude" => config.exclude = self.patterns(value),
                "target" => config.target = self.target(value),
                "fail-on" => config.fail_on = self.severity(value, false).flatten(),
                "pedantic" => config.pedantic = self.flag(value),
                "audit" => config.audit = self.flag(value),
                "intents" => config.intents = self.texts(value),
                "lint" => config.lint = self.choice(value, key),
                "override" => {
                    for (table, at) in self.tables(value) {
                        let entry = self.override_(table, at, key);
                        config.overrides.push(entry);
                    }
                }
                "profile" => {
                    for (table, at) in self.tables(value) {
                        let kind = self.profile(table, at, key);
                        config.profiles.extend(kind);
                    }
                }
                "variables" => config.variables = self.variables(value),
                "verify" => config.verify = self.verify(value, key),
                _ => {
                    for (_, value) in self.inner(value, key) {
                        config.expect = self.texts(value);
                    }
                }
            }
        }
    }

    pub(super) fn inner<'t, 'i>(
        &mut self,
        value: &'t Value<'i>,
        key: &'static Key,
    ) -> Vec<(&'static Key, &'t Value<'i>)> {
        match (value.get_ref(), key.holds) {
            (DeValue::Table(table), Holds::Table(keys)) => self.entries(table, keys),
            _ => {
                self.fault(range(&value.span()), ConfigFaultKind::Type("a table"));
                Vec::new()
            }
        }
    }

    fn choice(&mut self, value: &Value<'_>, key: &'static Key) -> RuleChoice {
        let entries = self.inner(value, key);
        self.choice_of(entries)
    }

    fn choice_of(&mut self, entries: Vec<(&'static Key, &Value<'_>)>) -> RuleChoice {
        let mut choice = RuleChoice::default();
        for (key, value) in entries {
            match key.name {
                "select" => {
                    let names = self.texts(value);
                    if names.is_empty() {
                        let what = "the name of a rule at least";
                        self.fault(range(&value.span()), ConfigFaultKind::Type(what));
                    }
                    choice.select = Some(names);
                }
                "extend-select" => choice.extend = self.texts(value),
                "ignore" => choice.ignore = self.texts(value),
                "severity" => choice.severities = self.severities(value),
                _ => {}
            }
        }
        choice
    }

    fn override_(&mut self, table: &DeTable<'_>, at: TextRange, key: &'static Key) -> Override {
        let Holds::Tables(keys) = key.holds else {
            return Override::default();
        };
        let entries = self.entries(table, keys);
        let paths = entries
            .iter()
            .find(|(key, _)| key.name == "paths")
            .map(|(_, value)| *value);
        let paths = match paths {
            Some(value) => self.patterns(value),
            None => {
                self.fault(at, ConfigFaultKind::Missing("paths"));
                Vec::new()
            }
        };
        Override {
            paths,
            choice: self.choice_of(entries),
        }
    }

    fn profile(
        &mut self,
        table: &DeTable<'_>,
        at: TextRange,
        key: &'static Key,
    ) -> Option<ProfileKind> {
        let Holds::Tables(keys) = key.holds else {
            return None;
        };
        let mut name = None;
        let mut kind = None;
        let mut intents = None;
        for (key, value) in self.entries(table, keys) {
            match key.name {
                "name" => name = self.text(value),
                "kind" => kind = self.text(value),
                _ => intents = Some(self.texts(value)),
            }
        }
        // Either says something about the profile.
        let says_nothing = kind.is_none() && intents.is_none();
        for (is_missing, missing) in [(name.is_none(), "name"), (says_nothing, "kind")] {
            if is_missing {
                self.fault(at, ConfigFaultKind::Missing(missing));
            }
        }
        let is_container = match kind {
            None => None,
            Some(kind) => match kind.text.as_str() {
                "container" => Some(true),
                "host" => Some(false),
                _ => {
                    self.fault(kind.range, ConfigFaultKind::NoneOf(&["container", "host"]));
                    None
                }
            },
        };
        Some(ProfileKind {
            name: name?,
            is_container,
            intents: intents.unwrap_or_default(),
        })
    }

    fn tables<'t, 'i>(&mut self, value: &'t Value<'i>) -> Vec<(&'t DeTable<'i>, TextRange)> {
        let DeValue::Array(array) = value.get_ref() else {
            self.fault(
                range(&value.span()),
                ConfigFaultKind::Type("an array of tables, written `[[…]]`"),
            );
            return Vec::new();
        };
        let mut tables = Vec::new();
        for element in array {
            match element.get_ref() {
                DeValue::Table(table) => tables.push((table, range(&element.span()))),
                _ => self.fault(range(&element.span()), ConfigFaultKind::Type("a table")),
            }
        }
        tables
    }

    fn variables(&mut self, value: &Value<'_>) -> Vec<(String, Vec<String>)> {
        let DeValue::Table(table) = value.get_ref() else {
            self.fault(range(&value.span()), ConfigFaultKind::Type("a table"));
            return Vec::new();
        };
        let mut variables = Vec::new();
        for (name, value) in table {
            let values = self
                .texts(value)
                .into_iter()
                .map(|value| value.text)
                .collect();
            variables.push((name.get_ref().to_string(), values));
        }
        variables
    }

    fn severities(&mut self, value: &Value<'_>) -> Vec<(Named, Option<Severity>)> {
        let DeValue::Table(table) = value.get_ref() else {
            self.fault(range(&value.span()), ConfigFaultKind::Type("a table"));
            return Vec::new();
        };
        let mut severities = Vec::new();
        for (name, value) in table {
            if let Some(severity) = self.severity(value, true) {
                let name = Named {
                    text: name.get_ref().to_string(),
                    range: range(&name.span()),
                };
                severities.push((name, severity));
            }
        }
        severities
    }

    /// `Some(None)` is `off`.
    fn severity(&mut self, value: &Value<'_>, may_be_off: bool) -> Option<Option<Severity>> {
        let text = self.text(value)?;
        if may_be_off && text.text == "off" {
            return Some(None);
        }
        let severity = Severity::from_name(&text.text);
        if severity.is_none() {
            let names: &'static [&'static str] = if may_be_off {
                &["error", "warning", "info", "hint", "off"]
            } else {
                &["error", "warning", "info", "hint"]
            };
            self.fault(text.range, ConfigFaultKind::NoneOf(names));
        }
        severity.map(Some)
    }

    pub(super) fn text(&mut self, value: &Value<'_>) -> Option<Named> {
        let at = range(&value.span());
        match value.get_ref() {
            DeValue::String(text) => Some(Named {
                text: text.to_string(),
                range: at,
            }),
            _ => {
                self.fault(at, ConfigFaultKind::Type("a string"));
                None
            }
        }
    }

    /// A name of the table, or a path.
    fn target(&mut self, value: &Value<'_>) -> Option<Named> {
        let text = self.text(value)?;
        if Target::named(&text.text).is_some() || text.text.contains('/') {
            return Some(text);
        }
        let names: Vec<&'static str> = Target::names().collect();
        self.fault(text.range, ConfigFaultKind::NoSuchTarget(names));
        None
    }

    pub(super) fn flag(&mut self, value: &Value<'_>) -> bool {
        match value.get_ref() {
            DeValue::Boolean(flag) => *flag,
            _ => {
                self.fault(range(&value.span()), ConfigFaultKind::Type("true or false"));
                false
            }
        }
    }

    pub(super) fn texts(&mut self, value: &Value<'_>) -> Vec<Named> {
        let DeValue::Array(array) = value.get_ref() else {
            self.fault(
                range(&value.span()),
                ConfigFaultKind::Type("a list of strings"),
            );
            return Vec::new();
        };
        array
            .iter()
            .filter_map(|element| self.text(element))
            .collect()
    }

    fn patterns(&mut self, value: &Value<'_>) -> Vec<Named> {
        let mut patterns = self.texts(value);
        patterns.retain(|pattern| match globset::Glob::new(&pattern.text) {
            Ok(_) => true,
            Err(error) => {
                self.fault(
                    pattern.range,
                    ConfigFaultKind::Pattern(error.kind().to_string()),
                );
                false
            }
        });
        patterns
    }
}
