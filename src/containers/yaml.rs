//! YAML as a tree with places: aliases put in, within bounds, and merge keys followed.

use std::rc::Rc;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};

use crate::source::{FileId, Span, TextRange};

/// Most nodes that a file may come to once its aliases are followed.
pub(super) const MAX_NODES: usize = 200_000;

/// Deepest nesting of collections that is followed, aliases included; manifests stay below 20.
pub const MAX_NESTING: usize = 64;

/// Why a file could not be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ManifestFault {
    /// It is no YAML; where, and what the parser says.
    #[error("is no YAML: {1}")]
    Yaml(TextRange, String),
    /// Its aliases multiply to more than is followed.
    #[error("its aliases multiply beyond what is followed")]
    TooLarge,
    /// Its collections are nested deeper than is followed.
    #[error("its collections are nested deeper than {MAX_NESTING}")]
    TooDeep,
}

/// A value with its place. What an alias stands for has the place where it is written.
#[derive(Debug)]
pub(super) struct YamlNode {
    pub(super) place: Span,
    /// A tag of the file's own, such as `!reset`.
    pub(super) tag: Option<String>,
    pub(super) value: YamlValue,
    /// How many collections are nested in it, itself included.
    height: usize,
    /// How many nodes it comes to, itself included.
    size: usize,
}

/// What a node is.
#[derive(Debug)]
pub(super) enum YamlValue {
    /// A text, a number, a truth value or nothing.
    Scalar(String, ScalarStyle),
    /// A sequence.
    List(Vec<Rc<YamlNode>>),
    /// A mapping, with its merge keys as written.
    Map(Vec<(Rc<YamlNode>, Rc<YamlNode>)>),
}

impl YamlValue {
    /// A text.
    pub(super) fn text_of(text: &str) -> Self {
        Self::Scalar(text.to_owned(), ScalarStyle::DoubleQuoted)
    }
}

impl YamlNode {
    /// The text of a scalar that is not null.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            YamlValue::Scalar(text, _) if !self.is_null() => Some(text),
            _ => None,
        }
    }

    /// Whether nothing is written, or `null`, or what compose takes for that.
    pub(super) fn is_null(&self) -> bool {
        let is_reset = self.tag.as_deref() == Some("reset");
        is_reset
            || matches!(&self.value, YamlValue::Scalar(text, ScalarStyle::Plain)
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// The items of a sequence.
    pub(super) fn list(&self) -> Option<&[Rc<Self>]> {
        match &self.value {
            YamlValue::List(items) => Some(items),
            _ => None,
        }
    }

    /// Whether it is a mapping.
    pub(super) const fn is_map(&self) -> bool {
        matches!(self.value, YamlValue::Map(_))
    }

    /// The value of a key, in the mapping itself or in one that a merge key brings. A null is there and has no text.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let YamlValue::Map(entries) = &self.value else {
            return None;
        };
        let mut own = entries.iter().rev();
        if let Some((_, value)) = own.find(|(name, _)| name.text() == Some(key)) {
            return Some(value);
        }
        self.merged().find_map(|merged| merged.get(key))
    }

    /// The value of a key, to be kept.
    pub(super) fn get_shared(&self, key: &str) -> Option<Rc<Self>> {
        let mut entries = self.collected().into_iter();
        entries
            .find(|(name, _)| name.text() == Some(key))
            .map(|(_, value)| Rc::clone(value))
    }

    /// The keys of a mapping with their values, those of merge keys after its own; each key once.
    pub(super) fn entries(&self) -> Vec<(&Self, &Self)> {
        let found = self.collected().into_iter();
        found.map(|(key, value)| (&**key, &**value)).collect()
    }

    /// The same, to be kept.
    pub(super) fn shared_entries(&self) -> Vec<(Rc<Self>, Rc<Self>)> {
        let found = self.collected().into_iter();
        let keep = |(key, value): (&Rc<Self>, &Rc<Self>)| (Rc::clone(key), Rc::clone(value));
        found.map(keep).collect()
    }

    /// A node of the same place with another value.
    pub(super) fn with(&self, value: YamlValue) -> Self {
        Self {
            place: self.place,
            tag: None,
            value,
            height: self.height,
            size: self.size,
        }
    }

    fn collected(&self) -> Vec<(&Rc<Self>, &Rc<Self>)> {
        let mut found = Vec::new();
        self.collect_entries(&mut rustc_hash::FxHashSet::default(), &mut found);
        found
    }

    fn collect_entries<'n>(
        &'n self,
        known: &mut rustc_hash::FxHashSet<&'n str>,
        found: &mut Vec<(&'n Rc<Self>, &'n Rc<Self>)>,
    ) {
        let YamlValue::Map(entries) = &self.value else {
            return;
        };
        for (key, value) in entries {
            let name = key.text().unwrap_or_default();
            if name != "<<" && known.insert(name) {
                found.push((key, value));
            }
        }
        for merged in self.merged() {
            merged.collect_entries(known, found);
        }
    }

    /// The mappings that merge keys bring, the strongest first.
    fn merged(&self) -> impl Iterator<Item = &Self> {
        let entries: &[_] = match &self.value {
            YamlValue::Map(entries) => entries,
            _ => &[],
        };
        let merges = entries.iter().filter(|(key, _)| key.text() == Some("<<"));
        merges.flat_map(|(_, value)| match &value.value {
            YamlValue::List(items) => items.iter().map(|item| &**item).collect(),
            _ => vec![&**value],
        })
    }
}

/// The documents of a text.
///
/// # Errors
/// If it is no YAML, or beyond a bound.
pub(super) fn documents(file: FileId, text: &str) -> Result<Vec<Rc<YamlNode>>, ManifestFault> {
    let offsets: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let mut builder = Builder {
        file,
        text,
        offsets,
        anchors: Vec::new(),
        open: Vec::new(),
        documents: Vec::new(),
    };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| fault(text, &error))?;
        builder.take(event, span.start.index(), span.end.index())?;
    }
    Ok(builder.documents)
}

fn fault(text: &str, error: &ScanError) -> ManifestFault {
    // Its own limit lies beyond ours, and it may look ahead as far.
    if error.info() == "recursion limit exceeded" {
        return ManifestFault::TooDeep;
    }
    let at = text
        .char_indices()
        .nth(error.marker().index())
        .map_or(text.len(), |(at, _)| at);
    let at = u32::try_from(at).unwrap_or(u32::MAX);
    ManifestFault::Yaml(TextRange::at(at), error.info().to_owned())
}

struct Builder<'t> {
    file: FileId,
    text: &'t str,
    /// Byte offset of each character: the parser counts characters.
    offsets: Vec<usize>,
    /// What each anchor stands for.
    anchors: Vec<Option<Rc<YamlNode>>>,
    open: Vec<OpenCollection>,
    documents: Vec<Rc<YamlNode>>,
}

/// A collection whose end is still to come.
struct OpenCollection {
    start: usize,
    anchor: usize,
    tag: Option<String>,
    is_map: bool,
    nodes: Vec<Rc<YamlNode>>,
    size: usize,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, start: usize, end: usize) -> Result<(), ManifestFault> {
        match event {
            Event::Alias(anchor) => {
                // An alias of a collection that holds it stands for nothing.
                let known = self.anchors.get(anchor).cloned().flatten();
                let node = known.unwrap_or_else(|| {
                    let nothing = YamlValue::Scalar(String::new(), ScalarStyle::Plain);
                    Rc::new(self.node(start, end, None, nothing))
                });
                self.add(node, 0)
            }
            Event::Scalar(text, style, anchor, tag) => {
                let value = YamlValue::Scalar(text.into_owned(), style);
                let tag = tag.map(|tag| tag.suffix.clone());
                let node = self.node(start, end, tag, value);
                self.add(Rc::new(node), anchor)
            }
            Event::SequenceStart(anchor, tag) => self.begin(start, anchor, tag.as_deref(), false),
            Event::MappingStart(anchor, tag) => self.begin(start, anchor, tag.as_deref(), true),
            Event::SequenceEnd | Event::MappingEnd => self.end(end),
            _ => Ok(()),
        }
    }

    fn begin(
        &mut self,
        start: usize,
        anchor: usize,
        tag: Option<&saphyr_parser::Tag>,
        is_map: bool,
    ) -> Result<(), ManifestFault> {
        self.open.push(OpenCollection {
            start,
            anchor,
            tag: tag.map(|tag| tag.suffix.clone()),
            is_map,
            nodes: Vec::new(),
            size: 1,
        });
        match self.open.len() > MAX_NESTING {
            true => Err(ManifestFault::TooDeep),
            false => Ok(()),
        }
    }

    fn end(&mut self, end: usize) -> Result<(), ManifestFault> {
        let Some(done) = self.open.pop() else {
            return Ok(());
        };
        let height = done.nodes.iter().map(|node| node.height).max();
        let value = match done.is_map {
            false => YamlValue::List(done.nodes),
            true => {
                let mut nodes = done.nodes.into_iter();
                let mut entries = Vec::new();
                while let (Some(key), Some(value)) = (nodes.next(), nodes.next()) {
                    entries.push((key, value));
                }
                YamlValue::Map(entries)
            }
        };
        let mut node = self.node(done.start, end, done.tag, value);
        node.height = height.unwrap_or(0) + 1;
        node.size = done.size;
        self.add(Rc::new(node), done.anchor)
    }

    fn node(&self, start: usize, end: usize, tag: Option<String>, value: YamlValue) -> YamlNode {
        let byte = |index: usize| {
            let offset = self.offsets.get(index).copied().unwrap_or(self.text.len());
            u32::try_from(offset).unwrap_or(u32::MAX)
        };
        let range = TextRange::new(byte(start), byte(end).max(byte(start)));
        let text = self.text.get(range.start as usize..range.end as usize);
        let length = text.unwrap_or_default().trim_end().len();
        YamlNode {
            place: range.part(0, length).in_file(self.file),
            tag,
            value,
            height: 0,
            size: 1,
        }
    }

    fn add(&mut self, node: Rc<YamlNode>, anchor: usize) -> Result<(), ManifestFault> {
        if anchor > 0 && anchor < MAX_NODES {
            if self.anchors.len() <= anchor {
                self.anchors.resize(anchor + 1, None);
            }
            if let Some(known) = self.anchors.get_mut(anchor) {
                *known = Some(Rc::clone(&node));
            }
        }
        // Aliases nest what they stand for, and a few nested ones can stand for billions of nodes.
        if self.open.len() + node.height > MAX_NESTING {
            return Err(ManifestFault::TooDeep);
        }
        let Some(around) = self.open.last_mut() else {
            self.documents.push(node);
            return Ok(());
        };
        around.size = around.size.saturating_add(node.size);
        around.nodes.push(node);
        match around.size > MAX_NODES {
            true => Err(ManifestFault::TooLarge),
            false => Ok(()),
        }
    }
}
