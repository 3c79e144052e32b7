//! `abi-missing`: no abi is declared.

use rustc_hash::FxHashSet;

use crate::diagnostic::Applicability;
use crate::lint::{Check, Cx, FileView, Sink};
use crate::policy::{IncludeTarget, includes};
use crate::source::{FileId, TextRange};
use crate::syntax::ast::Item;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    if file.unit.is_none_or(|unit| unit.profiles.is_empty()) || has_abi(file.id, cx) {
        return;
    }
    let first = file.file.ast.items.iter().find_map(|item| match item {
        Item::Profile(profile) => Some(profile.name.0),
        _ => None,
    });
    let Some(name) = first else { return };
    let start = file
        .file
        .ast
        .items
        .first()
        .map_or(0, |item| item.range().start);
    let mut finding = sink
        .at(file.span(name), "the file does not say which abi its profiles are written for")
        .note("the parser then takes a default that differs between versions, and with it what is mediated")
        .help("abi 4.0 goes with AppArmor 4.x; abi 3.0 keeps what AppArmor 3 mediated");
    // The parser refuses a file whose abi is not there.
    if let Some(abi) = cx.newest_abi() {
        let text = format!("abi <{abi}>,\n");
        finding = finding.replace(
            Applicability::Unsafe,
            "declare the abi",
            file.span(TextRange::at(start)),
            text,
        );
    }
    sink.report(finding);
}

/// Whether the file, or what it includes in front of its profiles, declares an abi.
fn has_abi(id: FileId, cx: &Cx<'_>) -> bool {
    let mut seen = FxHashSet::from_iter([id]);
    let mut open = vec![id];
    while let Some(loaded) = open.pop().and_then(|id| cx.store.file(id)) {
        let items = &loaded.file.ast.items;
        let has_own = items.iter().any(|item| match item {
            Item::Abi(_) => true,
            Item::Profile(profile) => {
                let mut items = profile.items.iter();
                items.any(|item| matches!(item, Item::Abi(_)))
            }
            _ => false,
        });
        if has_own {
            return true;
        }
        let own = items.iter().filter_map(|item| match item {
            Item::Include(include) => Some(include.range),
            _ => None,
        });
        let preamble: Vec<TextRange> = own.collect();
        for (include, target) in includes(items).into_iter().zip(&loaded.includes) {
            if let IncludeTarget::Files(files) = target
                && preamble.contains(&include.range)
            {
                open.extend(files.iter().copied().filter(|file| seen.insert(*file)));
            }
        }
    }
    false
}
