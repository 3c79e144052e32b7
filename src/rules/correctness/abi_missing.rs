//! `abi-missing`: files that declare no abi, reported once in a run.

use rustc_hash::FxHashSet;

use crate::diagnostic::{Applicability, Diagnostic, Edit};
use crate::lint::{Check, Cx, Sink, once_in_a_run};
use crate::policy::{IncludeTarget, Unit, includes};
use crate::source::{FileId, Span, TextRange};
use crate::syntax::ast::Item;

/// What the registry runs.
pub const CHECK: Check = Check::Policy(check);

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut lacking: Vec<Lacking<'_>> = cx
        .units
        .iter()
        .filter_map(|unit| Lacking::of(unit, cx))
        .collect();
    let path = |one: &Lacking<'_>| &cx.store.sources.get(one.unit.file).path;
    lacking.sort_by(|left, right| path(left).cmp(path(right)));
    let places: Vec<Span> = lacking.iter().map(|one| one.place).collect();
    once_in_a_run(&places, cx, sink, |number, others, sink| {
        let one = lacking.get(number)?;
        // Of those that are told of together, each is mended.
        let together = match others {
            0 => std::slice::from_ref(one),
            _ => lacking.as_slice(),
        };
        Some(one.finding(together, cx, sink))
    });
}

/// A file without an abi.
struct Lacking<'c> {
    unit: &'c Unit<'c>,
    /// The name of its first profile.
    place: Span,
    /// Where it begins.
    start: Span,
}

impl<'c> Lacking<'c> {
    /// `None` if it has one, or may have one in a file that could not be read.
    fn of(unit: &'c Unit<'c>, cx: &'c Cx<'c>) -> Option<Self> {
        if unit.profiles.is_empty() || !unit.is_whole() || has_abi(unit.file, cx) {
            return None;
        }
        let items = &cx.store.file(unit.file)?.file.ast.items;
        let name = items.iter().find_map(|item| match item {
            Item::Profile(profile) => Some(profile.name.0),
            _ => None,
        })?;
        let start = items.first().map_or(0, |item| item.range().start);
        Some(Self {
            unit,
            place: name.in_file(unit.file),
            start: TextRange::at(start).in_file(unit.file),
        })
    }

    fn finding(&self, together: &[Self], cx: &Cx<'_>, sink: &Sink<'_>) -> Diagnostic {
        let message = match together.len().saturating_sub(1) {
            0 => "this file declares no abi".to_owned(),
            1 => "this file and 1 other declare no abi".to_owned(),
            others => format!("this file and {others} others declare no abi"),
        };
        let finding = sink
            .at(self.place, message)
            .note("without an abi rule the parser takes a default, which differs between versions and distributions")
            .note("the abi decides which kinds of rules the kernel enforces");
        let loading: Vec<&Self> = together.iter().filter(|one| one.loads(cx)).collect();
        // The parser refuses a file whose abi is not there.
        let Some(abi) = cx.newest_abi().filter(|_| !loading.is_empty()) else {
            return finding
                .help("declare an abi that your AppArmor ships, for example `abi <abi/3.0>,`");
        };
        let title = match loading.len() {
            1 => format!("declare `abi <{abi}>,`"),
            count => format!("declare `abi <{abi}>,` in {count} files"),
        };
        let edits = loading.into_iter().map(|one| Edit {
            span: one.start,
            text: format!("abi <{abi}>,\n"),
        });
        finding.fix(Applicability::Unsafe, title, edits.collect())
    }

    /// Whether the parser takes the file: what it refuses already needs another edit first.
    fn loads(&self, cx: &Cx<'_>) -> bool {
        let loaded = cx.store.file(self.unit.file);
        let has_faults = loaded.is_none_or(|loaded| !loaded.file.faults.is_empty());
        self.unit.problems.is_empty() && !has_faults
    }
}

/// Whether a file, or what it includes in front of its profiles, declares an abi.
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
