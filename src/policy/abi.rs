//! The abi that policy declares, with the features that its file lists.

use rustc_hash::FxHashMap;

use crate::lang::features::Features;
use crate::source::{FileId, SourceMap, Span, VfsError};
use crate::syntax::File;
use crate::syntax::ast::{Abi, IncludeStyle, Item};
use crate::syntax::text;

/// What an abi rule names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AbiFile {
    /// A file with these features.
    Features(Features),
    /// `<kernel>`: whatever the running kernel has (AppArmor 5).
    Kernel,
    /// Nothing that can be read as features.
    Unreadable,
    /// There is no such file.
    Missing,
}

/// Where the file of an abi rule is.
pub(super) enum AbiPlace {
    /// At this path.
    At(String),
    /// Nowhere.
    Nowhere,
    /// Nothing can be known: no base directory was found on this machine.
    Unknown,
}

/// An abi rule in force.
#[derive(Copy, Clone, Debug)]
pub struct DeclaredAbi<'s> {
    /// The rule.
    pub span: Span,
    /// What it names, if that is known.
    pub file: Option<&'s AbiFile>,
}

impl<'s> DeclaredAbi<'s> {
    /// The features, if they are known.
    #[must_use]
    pub const fn features(&self) -> Option<&'s Features> {
        match self.file {
            Some(AbiFile::Features(features)) => Some(features),
            _ => None,
        }
    }
}

/// The abi files that policy names, by how they are named.
#[derive(PartialEq, Eq, Debug, Default)]
pub(super) struct Abis(FxHashMap<String, AbiFile>);

impl Abis {
    pub(super) fn get(&self, source: &str, abi: &Abi) -> Option<&AbiFile> {
        self.0.get(&key(source, abi))
    }

    /// Reads what the abi rules of a file name. `read` reads a file, and `find` gives the paths that may be meant.
    pub(super) fn read(
        &mut self,
        read: &mut dyn FnMut(&str) -> Result<Vec<u8>, VfsError>,
        source: &str,
        file: &File,
        find: &mut dyn FnMut(&str, IncludeStyle) -> AbiPlace,
    ) {
        let mut rules = Vec::new();
        abi_rules(&file.ast.items, &mut rules);
        for abi in rules {
            let key = key(source, abi);
            if self.0.contains_key(&key) {
                continue;
            }
            let name = text::file_path(slice(source, abi)).into_owned();
            let is_built_in = abi.style == IncludeStyle::Searched;
            let found = match find(&name, abi.style) {
                AbiPlace::At(path) => match read(&path) {
                    Ok(bytes) => {
                        let features = Features::parse(&String::from_utf8_lossy(&bytes));
                        if features.is_empty() {
                            AbiFile::Unreadable
                        } else {
                            AbiFile::Features(features)
                        }
                    }
                    Err(_) => AbiFile::Unreadable,
                },
                AbiPlace::Nowhere | AbiPlace::Unknown if is_built_in && name == "kernel" => {
                    AbiFile::Kernel
                }
                // What the parser was built with (AppArmor 5).
                AbiPlace::Nowhere if is_built_in && name == "default" => AbiFile::Unreadable,
                AbiPlace::Nowhere => AbiFile::Missing,
                AbiPlace::Unknown => continue,
            };
            self.0.insert(key, found);
        }
    }
}

/// The abi rules among `items`, at any depth.
fn abi_rules<'a>(items: &'a [Item], found: &mut Vec<&'a Abi>) {
    for item in items {
        match item {
            Item::Abi(abi) => found.push(abi),
            Item::Profile(profile) => abi_rules(&profile.items, found),
            Item::Block(block) => abi_rules(&block.items, found),
            Item::Conditional(conditional) => {
                for branch in &conditional.branches {
                    abi_rules(&branch.items, found);
                }
            }
            _ => {}
        }
    }
}

fn slice<'t>(source: &'t str, abi: &Abi) -> &'t str {
    source
        .get(abi.path.start as usize..abi.path.end as usize)
        .unwrap_or_default()
}

fn key(source: &str, abi: &Abi) -> String {
    let name = text::file_path(slice(source, abi));
    match abi.style {
        IncludeStyle::Searched => format!("<{name}>"),
        IncludeStyle::Plain => name.into_owned(),
    }
}

/// The rule in `file` as one in force.
pub(super) fn declared<'s>(
    sources: &SourceMap,
    abis: &'s Abis,
    file: FileId,
    abi: &Abi,
) -> DeclaredAbi<'s> {
    DeclaredAbi {
        span: abi.range.in_file(file),
        file: abis.get(&sources.get(file).text, abi),
    }
}
