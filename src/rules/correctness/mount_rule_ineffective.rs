//! `mount-rule-ineffective`: mount rules that match nothing that is meant.

use crate::lang::mount::{self, BIND, REMOUNT};
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;
use crate::syntax::ast::{Body, ConditionOperator};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for fact in profile.own_facts(cx.summaries) {
        let Body::Mount(rule) = &fact.rule.body else {
            continue;
        };
        let mut flags = 0;
        let mut fstype = None;
        for condition in &rule.conditions {
            match cx.slice(condition.name.in_file(fact.file)) {
                "options" | "option" if condition.operator == ConditionOperator::Equal => {
                    for value in &condition.values {
                        flags |=
                            mount::option(&cx.value(fact.file, *value)).map_or(0, |(set, _)| set);
                    }
                }
                "fstype" | "vfstype" => fstype = Some(condition.range.in_file(fact.file)),
                _ => {}
            }
        }
        if let (true, Some(source), None) = (flags & REMOUNT != 0, rule.source, rule.target) {
            let place = source.0.in_file(fact.file);
            let path = cx.slice(place);
            let finding = sink
                .at(
                    place,
                    format!("`{path}` is read as the source of a remount, which has none"),
                )
                .note("the rule loads and never matches")
                .help(format!(
                    "write `-> {path}`: the mount point stands behind the arrow"
                ));
            sink.report(finding);
        }
        if let (true, Some(fstype)) = (flags & BIND != 0, fstype) {
            let finding = sink
                .at(fstype, "a bind mount has no file system type")
                .note("the parser makes a rule for a new mount of it, so the bind mount stays refused")
                .help("remove the condition");
            sink.report(finding);
        }
    }
}
