//! Reading the configuration.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::schema::{
    ALIGNMENTS, ContainerKey, FormatKey, INDENTS, KINDS, Keys, LintKey, OverrideKey, PRESETS,
    ProfileKey, TopKey,
};
use super::{
    Config, ConfigFault, ConfigFaultKind, Named, Override, ProfileKind, RetiredKey, RuleChoice,
};
use crate::diagnostic::Severity;
use crate::format::{Alignment, Layout};
use crate::lang::targets::Target;
use crate::source::TextRange;

/// Reads `aalint.toml`. What cannot be used is left out and noted.
#[must_use]
pub fn read(text: &str) -> (Config, Vec<ConfigFault>) {
    let mut reader = Reader::default();
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
    config.retired = reader.retired;
    (config, reader.faults)
}

pub(super) fn range(span: &std::ops::Range<usize>) -> TextRange {
    let offset = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    TextRange::new(offset(span.start), offset(span.end))
}

#[derive(Default)]
pub(super) struct Reader {
    faults: Vec<ConfigFault>,
    retired: Vec<RetiredKey>,
}

/// An entry of a table: its key, where that stands, and its value.
pub(super) type KeyValue<'t, 'i, K> = (K, &'t Value<'i>);

pub(super) type Value<'i> = Spanned<DeValue<'i>>;

impl Reader {
    pub(super) fn fault(&mut self, range: TextRange, kind: ConfigFaultKind) {
        self.faults.push(ConfigFault { range, kind });
    }

    /// The known entries of a table; notes the others. A retired name means the key that has taken its place,
    /// unless that is there as well.
    pub(super) fn entries<'t, 'i, K: Keys>(
        &mut self,
        table: &'t DeTable<'i>,
    ) -> Vec<KeyValue<'t, 'i, K>> {
        let mut entries = Vec::new();
        for (written, value) in table {
            let name: &str = written.get_ref();
            let at = range(&written.span());
            if let Some((id, _)) = K::ALL.iter().find(|(_, key)| key.name == name) {
                entries.push((*id, value));
                continue;
            }
            let old = K::ALL.iter().find(|(_, key)| key.retired.contains(&name));
            let Some((id, key)) = old else {
                let candidates = K::ALL.iter().map(|(_, key)| key.name);
                let suggestion = crate::lang::keywords::suggest(name, candidates);
                self.fault(at, ConfigFaultKind::UnknownKey(name.to_owned(), suggestion));
                continue;
            };
            if table.iter().any(|(other, _)| other.get_ref() == key.name) {
                self.fault(at, ConfigFaultKind::OldAndNew(name.to_owned(), key.name));
                continue;
            }
            self.retired.push(RetiredKey {
                written: Named {
                    text: name.to_owned(),
                    range: at,
                },
                now: key.name,
            });
            entries.push((*id, value));
        }
        entries
    }

    fn top(&mut self, table: &DeTable<'_>, config: &mut Config) {
        let mut preset = None;
        for (key, value) in self.entries(table) {
            match key {
                TopKey::Preset => preset = self.preset(value),
                TopKey::Base => config.base = self.text(value),
                TopKey::Include => config.include = self.texts(value),
                TopKey::Exclude => config.exclude = self.patterns(value),
                TopKey::Target => config.target = self.target(value),
                TopKey::FailOn => config.fail_on = self.severity(value, false).flatten(),
                TopKey::Pedantic => config.pedantic = self.flag(value),
                TopKey::Audit => config.audit = self.flag(value),
                TopKey::Intents => config.intents = self.texts(value),
                TopKey::Lint => config.lint = self.choice(value),
                TopKey::Override => {
                    for (table, at) in self.tables(value) {
                        let entry = self.override_(table, at);
                        config.overrides.push(entry);
                    }
                }
                TopKey::Profile => {
                    for (table, at) in self.tables(value) {
                        let kind = self.profile(table, at);
                        config.profiles.extend(kind);
                    }
                }
                TopKey::Variables => config.variables = self.variables(value),
                TopKey::Format => config.layout = self.layout(value),
                TopKey::Verify => config.verify = self.verify(value),
                TopKey::Container => {
                    for (key, value) in self.inner(value) {
                        match key {
                            ContainerKey::Expect => config.expect = self.texts(value),
                            ContainerKey::Image => config.image = self.text(value),
                            ContainerKey::Images => config.images = self.named_texts(value),
                        }
                    }
                }
            }
        }
        config.lint.extend.extend(preset);
    }

    /// The group of rules that a preset enables, at the place of the preset.
    fn preset(&mut self, value: &Value<'_>) -> Option<Named> {
        let name = self.text(value)?;
        if !PRESETS.contains(&name.text.as_str()) {
            self.fault(name.range, ConfigFaultKind::NoneOf(&PRESETS));
            return None;
        }
        Some(Named {
            text: "style".to_owned(),
            range: name.range,
        })
    }

    fn layout(&mut self, value: &Value<'_>) -> Layout {
        let mut layout = Layout::default();
        for (key, value) in self.inner(value) {
            match key {
                FormatKey::Indent => {
                    let what = "a whole number from 1 to 16";
                    let indent = self.number(value, INDENTS, what).map(usize::from);
                    layout.indent = indent.unwrap_or(layout.indent);
                }
                FormatKey::Align => {
                    let Some(name) = self.text(value) else {
                        continue;
                    };
                    let found = Alignment::ALL.iter().find(|(known, _)| *known == name.text);
                    match found {
                        Some((_, alignment)) => layout.alignment = *alignment,
                        None => self.fault(name.range, ConfigFaultKind::NoneOf(&ALIGNMENTS)),
                    }
                }
            }
        }
        layout
    }

    /// A table of names and texts.
    pub(super) fn named_texts(&mut self, value: &Value<'_>) -> Vec<(String, Named)> {
        let DeValue::Table(table) = value.get_ref() else {
            self.fault(range(&value.span()), ConfigFaultKind::Type("a table"));
            return Vec::new();
        };
        let entries = table.iter();
        entries
            .filter_map(|(name, value)| Some((name.get_ref().to_string(), self.text(value)?)))
            .collect()
    }

    pub(super) fn inner<'t, 'i, K: Keys>(
        &mut self,
        value: &'t Value<'i>,
    ) -> Vec<KeyValue<'t, 'i, K>> {
        let DeValue::Table(table) = value.get_ref() else {
            self.fault(range(&value.span()), ConfigFaultKind::Type("a table"));
            return Vec::new();
        };
        self.entries(table)
    }

    fn choice(&mut self, value: &Value<'_>) -> RuleChoice {
        let mut choice = RuleChoice::default();
        for (key, value) in self.inner(value) {
            match key {
                LintKey::Select => {
                    let names = self.texts(value);
                    if names.is_empty() {
                        let what = "the name of a rule at least";
                        self.fault(range(&value.span()), ConfigFaultKind::Type(what));
                    }
                    choice.select = Some(names);
                }
                LintKey::Extend => choice.extend = self.texts(value),
                LintKey::Ignore => choice.ignore = self.texts(value),
                LintKey::Severity => choice.severities = self.severities(value),
            }
        }
        choice
    }

    fn override_(&mut self, table: &DeTable<'_>, at: TextRange) -> Override {
        let mut paths = None;
        let mut choice = RuleChoice::default();
        for (key, value) in self.entries(table) {
            match key {
                OverrideKey::Paths => paths = Some(self.patterns(value)),
                OverrideKey::Extend => choice.extend = self.texts(value),
                OverrideKey::Ignore => choice.ignore = self.texts(value),
                OverrideKey::Severity => choice.severities = self.severities(value),
            }
        }
        if paths.is_none() {
            self.fault(at, ConfigFaultKind::Missing("paths"));
        }
        Override {
            paths: paths.unwrap_or_default(),
            choice,
        }
    }

    fn profile(&mut self, table: &DeTable<'_>, at: TextRange) -> Option<ProfileKind> {
        let mut name = None;
        let mut kind = None;
        let mut intents = None;
        for (key, value) in self.entries(table) {
            match key {
                ProfileKey::Name => name = self.text(value),
                ProfileKey::Kind => kind = self.text(value),
                ProfileKey::Intents => intents = Some(self.texts(value)),
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
                    self.fault(kind.range, ConfigFaultKind::NoneOf(&KINDS));
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

#[cfg(test)]
mod tests {
    use toml::de::DeTable;

    use super::super::schema::{Holds, Key, Keys};
    use super::{Config, ConfigFaultKind, Reader};

    /// Keys of a table of which one was called otherwise before.
    #[derive(Copy, Clone, PartialEq, Eq, Debug)]
    enum Renamed {
        Threshold,
    }

    impl Keys for Renamed {
        const ALL: &'static [(Self, Key)] = &[(
            Self::Threshold,
            Key {
                name: "threshold",
                holds: Holds::Text,
                about: "",
                retired: &["limit"],
            },
        )];
    }

    fn read(text: &str) -> (Vec<Renamed>, Config, Vec<ConfigFaultKind>) {
        let (document, _) = DeTable::parse_recoverable(text);
        let mut reader = Reader::default();
        let entries = reader.entries::<Renamed>(document.get_ref());
        let keys = entries.iter().map(|(key, _)| *key).collect();
        let config = Config {
            retired: reader.retired,
            ..Config::default()
        };
        let faults = reader.faults.into_iter().map(|fault| fault.kind);
        (keys, config, faults.collect())
    }

    #[test]
    fn a_key_is_read_under_its_old_name() {
        let (keys, config, faults) = read("limit = 'x'\n");
        assert_eq!((keys, faults), (vec![Renamed::Threshold], vec![]));
        let [retired] = config.retired.as_slice() else {
            panic!("{:?}", config.retired);
        };
        assert_eq!(
            (retired.written.text.as_str(), retired.now),
            ("limit", "threshold")
        );
        assert_eq!(
            (retired.written.range.start, retired.written.range.end),
            (0, 5)
        );
        let (keys, config, faults) = read("threshold = 'x'\n");
        assert_eq!((keys.len(), config.retired.len(), faults.len()), (1, 0, 0));
    }

    #[test]
    fn old_and_new_name_together_are_a_fault() {
        let (keys, config, faults) = read("limit = 'x'\nthreshold = 'y'\n");
        assert_eq!((keys.len(), config.retired.len()), (1, 0));
        let [ConfigFaultKind::OldAndNew(old, "threshold")] = faults.as_slice() else {
            panic!("{faults:?}");
        };
        assert_eq!(old, "limit");
    }
}
