//! `unused-variable`: variables that nothing uses.

use crate::diagnostic::Applicability;
use crate::lint::{Check, Cx, FileRole, FileView, Sink, whole_lines};
use crate::policy::variable_uses;
use crate::source::TextRange;
use crate::syntax::ast::{AssignOperator, Item};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(unit) = file.unit else { return };
    // What could not be read may use it.
    if file.role != FileRole::Profiles || unit.profiles.is_empty() || !unit.is_whole() {
        return;
    }
    for item in &file.file.ast.items {
        let Item::Variable(variable) = item else {
            continue;
        };
        let name = file.slice(variable.name);
        // apparmor.d's build step sets it in every profile.
        if name == "att" {
            continue;
        }
        // Adding to, or replacing, a tunable is for others.
        let is_own = variable.operator == AssignOperator::Set
            && unit
                .env
                .variable(name)
                .is_some_and(|definition| definition.place.file == file.id);
        let is_used = cx
            .summaries
            .number(name)
            .is_some_and(|number| unit.used.contains(number));
        // Also in parts that are not in force: conditionals, and places that only the text shows.
        let end = u32::try_from(file.source.text.len()).unwrap_or(u32::MAX);
        let is_mentioned = || {
            variable_uses(&file.source.text, TextRange::new(0, end))
                .any(|(used, range)| used == name && range != variable.written)
                || file.source.text.matches(&format!("@{name}")).count() > 0
        };
        if is_own && !is_used && !is_mentioned() {
            let finding = sink
                .at(
                    file.span(variable.written),
                    format!("nothing uses the variable `@{{{name}}}`"),
                )
                .note("often the name is misspelt where the variable should be used")
                .help("remove it, or correct the name where it should be used");
            // Without it nothing might use a variable of its value.
            let mut values = variable.values.iter();
            let has_variables = values.any(|value| file.slice(value.0).contains('@'));
            let gone = file.span(whole_lines(file.source, variable.range));
            sink.report(match has_variables {
                true => finding,
                false => finding.replace(Applicability::Unsafe, "remove the variable", gone, ""),
            });
        }
    }
}
