//! Which intents profiles must keep.

use super::options::Options;
use crate::config::{Config, ConfigFault, ConfigFaultKind, Named};
use crate::lang::keywords::suggest;
use crate::lint::{Chosen, is_intents, listed};
use crate::policy::Store;
use crate::source::{FileId, TextRange};
use crate::syntax::ast::{Intent, Item};
use crate::syntax::text;

/// The packs of intents that come with aalint, by the names of their files.
pub const PACKS: &[(&str, &str)] = &[
    (
        "container",
        include_str!("../../rules/intents/container.intents"),
    ),
    (
        "no-escape-hatches",
        include_str!("../../rules/intents/no-escape-hatches.intents"),
    ),
    (
        "no-host-secrets",
        include_str!("../../rules/intents/no-host-secrets.intents"),
    ),
    (
        "no-new-code",
        include_str!("../../rules/intents/no-new-code.intents"),
    ),
    (
        "no-privilege-escalation",
        include_str!("../../rules/intents/no-privilege-escalation.intents"),
    ),
];

/// How many names of intents are listed.
const KNOWN: usize = 12;

/// A name on the command line that no intent has.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("there is no intent `{text}`; {}", self.hint())]
pub struct UnknownIntent {
    /// What was written.
    pub text: String,
    /// The name that was probably meant.
    pub suggestion: Option<String>,
    /// The names that there are, sorted.
    pub known: Vec<String>,
}

impl UnknownIntent {
    fn hint(&self) -> String {
        match &self.suggestion {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!(
                "there are {}; a file of intents is named by its path, which ends in `.intents`",
                listed(&self.known, KNOWN)
            ),
        }
    }
}

/// Somebody names an intent, or a file of them.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    /// The name, or the path as it is read.
    text: String,
    /// Where in the configuration, if it stands there.
    place: Option<TextRange>,
    /// Index of the `[[profile]]` table.
    chooser: Option<usize>,
}

impl Wish {
    /// All those of the configuration and the command line.
    pub(super) fn all(config: &Config, options: &Options) -> Vec<Self> {
        let root = options.config.as_ref().map(|file| file.root());
        let root = root.filter(|root| !root.is_empty());
        let read = |name: &Named, chooser| Self {
            text: match root {
                Some(root) if is_intents(&name.text) && !name.text.starts_with('/') => {
                    as_input(format!("{root}{}", name.text), options)
                }
                _ => as_input(name.text.clone(), options),
            },
            place: Some(name.range),
            chooser,
        };
        let mut wishes: Vec<Self> = config.intents.iter().map(|name| read(name, None)).collect();
        for (number, profile) in config.profiles.iter().enumerate() {
            wishes.extend(profile.intents.iter().map(|name| read(name, Some(number))));
        }
        wishes.extend(options.intents.iter().map(|text| Self {
            text: as_input(text.clone(), options),
            place: None,
            chooser: None,
        }));
        wishes
    }

    /// Whether the configuration names it.
    pub(super) const fn is_of_config(&self) -> bool {
        self.place.is_some()
    }

    /// The path, if it names a file.
    pub(super) fn path(&self) -> Option<String> {
        is_intents(&self.text).then(|| self.text.clone())
    }
}

/// A path as it is written among the inputs, so that no file is read twice.
fn as_input(path: String, options: &Options) -> String {
    let plain = |path: &str| path.trim_start_matches("./").to_owned();
    let same = options
        .inputs
        .iter()
        .find(|input| plain(&input.path) == plain(&path));
    same.map_or(path, |input| input.path.clone())
}

/// An intent by its file and its number there, and who chooses it.
pub(super) type Choice = (FileId, usize, Option<usize>);

/// Finds what the wishes name; adds the packs among them to the store. Names that nobody defines
/// become faults of the configuration, or are returned.
pub(super) fn choose(
    store: &mut Store,
    wishes: &[Wish],
    faults: &mut Vec<ConfigFault>,
) -> (Vec<Choice>, Vec<UnknownIntent>) {
    let (mut chosen, mut unknown) = (Vec::new(), Vec::new());
    for wish in wishes {
        let found = if is_intents(&wish.text) {
            // What cannot be read has been reported.
            let file = store.by_path(&wish.text);
            file.map_or_else(Vec::new, |file| numbered(store, file).collect())
        } else {
            named(store, &wish.text)
        };
        if found.is_empty() && !is_intents(&wish.text) {
            let known = known_names(store);
            let names = known.iter().map(String::as_str);
            let suggestion = suggest(&wish.text, names).map(str::to_owned);
            let text = wish.text.clone();
            match wish.place {
                Some(range) => faults.push(ConfigFault {
                    range,
                    kind: ConfigFaultKind::NoSuchIntent(text, suggestion, known),
                }),
                None => unknown.push(UnknownIntent {
                    text,
                    suggestion,
                    known,
                }),
            }
        }
        let found = found.into_iter();
        chosen.extend(found.map(|(file, number)| (file, number, wish.chooser)));
    }
    chosen.sort_unstable();
    chosen.dedup();
    (chosen, unknown)
}

/// The intents of that name: those of the files that are read, or else of a pack.
fn named(store: &mut Store, name: &str) -> Vec<(FileId, usize)> {
    let files: Vec<FileId> = store.iter().map(|(id, _)| id).collect();
    let mut found = Vec::new();
    for file in files {
        let fits = |(file, number): &(FileId, usize)| {
            intent(store, *file, *number)
                .is_some_and(|intent| name_of(store, *file, intent) == name)
        };
        found.extend(numbered(store, file).filter(fits));
    }
    if found.is_empty()
        && let Some((name, text)) = PACKS.iter().find(|(known, _)| *known == name)
    {
        let file = store.add_built_in(&format!("<{name}.intents>"), text);
        found.extend(numbered(store, file));
    }
    found
}

/// The names of the packs, and of the intents in the files that are read.
fn known_names(store: &Store) -> Vec<String> {
    let mut names: Vec<String> = PACKS.iter().map(|(name, _)| (*name).to_owned()).collect();
    // The text of a file outside of what was named is shown nowhere, the names of its intents included.
    let inside = store
        .iter()
        .filter(|(file, _)| !store.sources.get(*file).is_outside);
    for (file, _) in inside {
        let intents = numbered(store, file).filter_map(|(_, number)| intent(store, file, number));
        names.extend(intents.map(|intent| name_of(store, file, intent)));
    }
    names.sort();
    names.dedup();
    names
}

/// The intents of a file by number.
pub(super) fn numbered(
    store: &Store,
    file: FileId,
) -> impl Iterator<Item = (FileId, usize)> + use<> {
    let items = store.file(file).map(|loaded| &loaded.file.ast.items);
    let numbers: Vec<usize> = items
        .into_iter()
        .flatten()
        .enumerate()
        .filter(|(_, item)| matches!(item, Item::Intent(_)))
        .map(|(number, _)| number)
        .collect();
    numbers.into_iter().map(move |number| (file, number))
}

fn intent(store: &Store, file: FileId, number: usize) -> Option<&Intent> {
    match store.file(file)?.file.ast.items.get(number)? {
        Item::Intent(intent) => Some(intent),
        _ => None,
    }
}

fn name_of(store: &Store, file: FileId, intent: &Intent) -> String {
    text::value(store.sources.slice(intent.name.0.in_file(file))).into_owned()
}

/// The intents that were chosen.
pub(super) fn resolve<'s>(store: &'s Store, chosen: &[Choice]) -> Vec<Chosen<'s>> {
    let resolved = chosen.iter().filter_map(|(file, number, chooser)| {
        let intent = intent(store, *file, *number)?;
        Some(Chosen {
            name: name_of(store, *file, intent),
            file: *file,
            intent,
            chooser: *chooser,
        })
    });
    resolved.collect()
}
