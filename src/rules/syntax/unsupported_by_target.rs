//! `unsupported-by-target`: syntax that the target's parser refuses.

use crate::lang::targets::{Target, Version};
use crate::lint::{Check, Cx, FileView, Sink};
use crate::policy::variable_uses;
use crate::source::TextRange;
use crate::syntax::ast::Item;
use crate::syntax::newer;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

/// Variables that the parser sets since AppArmor 5.
const SET_SINCE_5: &[&str] = &["exec_path", "attach_path"];

fn check(file: &FileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(target) = cx.target else { return };
    let Some(parser) = target.parser else { return };
    for newer in newer(&file.file.ast.items, &file.source.text) {
        // What a build step decides may not be in the policy that is loaded.
        if newer.refused_by >= parser && !file.file.is_conditional(newer.range) {
            let what = newer.what;
            report(file, newer.range, what, newer.taken_by, target, sink);
        }
    }
    if parser <= Version(4, 1) {
        variables(file, target, sink);
    }
}

fn variables(file: &FileView<'_>, target: &Target, sink: &mut Sink<'_>) {
    let Some(unit) = file.unit.filter(|unit| unit.unknown.is_none()) else {
        return;
    };
    let profiles = file.file.ast.items.iter().filter_map(|item| match item {
        Item::Profile(profile) => Some(profile.range),
        _ => None,
    });
    for range in profiles {
        for name in SET_SINCE_5 {
            let mut uses = variable_uses(&file.source.text, range);
            let first = uses.find(|(found, _)| found == name);
            if let Some((_, place)) = first.filter(|_| unit.env.variable(name).is_none()) {
                let what = format!("the variable `@{{{name}}}`, and the policy does not define it");
                report(file, place, &what, Version(5, 0), target, sink);
            }
        }
    }
}

fn report(
    file: &FileView<'_>,
    range: TextRange,
    what: &str,
    taken_by: Version,
    target: &Target,
    sink: &mut Sink<'_>,
) {
    let finding = sink
        .at(
            file.span(range),
            format!("the parser of {} does not know {what}", target.name),
        )
        .note("it refuses the whole file and loads none of its profiles")
        .help(format!(
            "remove it, or keep it in a file for AppArmor {taken_by} and later"
        ));
    sink.report(finding);
}
