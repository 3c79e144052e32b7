//! `missing-local-include`: profiles and abstractions without a place for local rules.

use crate::diagnostic::{Applicability, Diagnostic};
use crate::lint::{Check, Cx, FileRole, FileView, Sink, profile_end};
use crate::source::{Span, TextRange};
use crate::syntax::ast::{Include, Item, Profile};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let path = &file.source.path;
    let name = path.rsplit('/').next().unwrap_or(path);
    match file.role {
        FileRole::Profiles => of_profiles(name, file, cx, sink),
        FileRole::Abstraction => of_abstraction(name, file, sink),
        _ => {}
    }
}

fn of_profiles(name: &str, file: &FileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let profiles: Vec<&Profile> = profiles(&file.file.ast.items).collect();
    let views = file.unit.iter().flat_map(|unit| &unit.profiles);
    let of_containers: Vec<Span> = views
        .filter(|view| cx.may_be_for_container(view))
        .map(|view| view.name_span())
        .collect();
    for profile in &profiles {
        let place = file.span(profile.name.0);
        if of_containers.contains(&place) || has(&profile.items, "local/", file) {
            continue;
        }
        let finding = sink
            .at(place, "this profile includes no file of `local/`")
            .note("administrators keep their rules there, so that an update of the profile does not take them away");
        let statement = format!("include if exists <local/{name}>");
        let end = profile_end(file.source, profile).filter(|_| profiles.len() == 1);
        sink.report(match end {
            Some((start, indent)) => insert(
                finding,
                &format!("{indent}  {statement}\n"),
                start.start,
                file,
            ),
            None => finding.help(format!("write `{statement}` at the end of the profile")),
        });
    }
}

/// Profiles that are loaded by themselves.
fn profiles(items: &[Item]) -> impl Iterator<Item = &Profile> {
    items.iter().filter_map(|item| match item {
        Item::Profile(profile) => Some(&**profile),
        _ => None,
    })
}

fn of_abstraction(name: &str, file: &FileView<'_>, sink: &mut Sink<'_>) {
    let Some((_, within)) = file.source.path.rsplit_once("abstractions/") else {
        return;
    };
    let items = &file.file.ast.items;
    let (Some(first), Some(last)) = (items.first(), items.last()) else {
        return;
    };
    let directory = format!("abstractions/{within}.d");
    // A part of `abstractions/x.d/` is what is included there.
    if within.contains(".d/") || has(items, &directory, file) {
        return;
    }
    let finding = sink
        .at(file.span(first.range()), format!("the abstraction `{name}` includes no directory for local rules"))
        .note("administrators keep their rules there, so that an update of the abstraction does not take them away");
    let line = file.source.line_range(last.range().start);
    let indent = file.slice(TextRange::new(line.start, last.range().start));
    let end = file.source.text.len();
    let statement = format!("include if exists <{directory}>");
    sink.report(match u32::try_from(end) {
        Ok(end) if file.source.text.ends_with('\n') && indent.trim().is_empty() => {
            insert(finding, &format!("\n{indent}{statement}\n"), end, file)
        }
        _ => finding.help(format!("write `{statement}` at the end of the file")),
    });
}

fn insert(finding: Diagnostic, text: &str, at: u32, file: &FileView<'_>) -> Diagnostic {
    let place = file.span(TextRange::at(at));
    // The file may be there, with rules that had no effect.
    finding.replace(
        Applicability::Unsafe,
        format!("write `{}`", text.trim()),
        place,
        text,
    )
}

/// Whether one of these items, or an item in a block among them, includes a path that begins so.
fn has(items: &[Item], prefix: &str, file: &FileView<'_>) -> bool {
    let is_it = |include: &Include| file.slice(include.path).contains(prefix);
    items.iter().any(|item| match item {
        Item::Include(include) => is_it(include),
        Item::Block(block) => has(&block.items, prefix, file),
        Item::Conditional(conditional) => {
            let mut branches = conditional.branches.iter();
            branches.any(|branch| has(&branch.items, prefix, file))
        }
        _ => false,
    })
}
