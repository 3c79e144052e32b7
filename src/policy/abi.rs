//! The abi that policy declares, with the features that its file lists.

use rustc_hash::FxHashMap;

use crate::lang::features::Features;
use crate::source::{FileId, SourceMap, Span, Vfs};
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
#[derive(Debug, Default)]
pub(super) struct Abis(FxHashMap<String, AbiFile>);

impl Abis {
    pub(super) fn get(&self, source: &str, abi: &Abi) -> Option<&AbiFile> {
        self.0.get(&key(source, abi))
    }

    /// Reads what the abi rules of a file name. `find` gives the paths that may be meant.
    pub(super) fn read(
        &mut self,
        vfs: &dyn Vfs,
        source: &str,
        file: &File,
        find: &mut dyn FnMut(&str, IncludeStyle) -> Option<String>,
    ) {
        for item in &file.ast.items {
            let Item::Abi(abi) = item else { continue };
            let key = key(source, abi);
            if self.0.contains_key(&key) {
                continue;
            }
            let name = text::value(slice(source, abi)).into_owned();
            let found = find(&name, abi.style).map(|path| vfs.read(&path));
            let read = match found {
                Some(Ok(bytes)) => {
                    let features = Features::parse(&String::from_utf8_lossy(&bytes));
                    if features.is_empty() {
                        AbiFile::Unreadable
                    } else {
                        AbiFile::Features(features)
                    }
                }
                Some(Err(_)) => AbiFile::Unreadable,
                None if name == "kernel" && abi.style == IncludeStyle::Searched => AbiFile::Kernel,
                None => continue,
            };
            self.0.insert(key, read);
        }
    }
}

fn slice<'t>(source: &'t str, abi: &Abi) -> &'t str {
    source
        .get(abi.path.start as usize..abi.path.end as usize)
        .unwrap_or_default()
}

fn key(source: &str, abi: &Abi) -> String {
    let name = text::value(slice(source, abi));
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
