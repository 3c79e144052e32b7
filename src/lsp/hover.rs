//! What stands at a position, in words.

use serde_json::{Value, json};

use super::hints::idle;
use super::place::{AskedDocument, around, touches};
use crate::lang::capabilities::capability;
use crate::lang::permissions::{APPEND, EXEC, ExecKind, FilePerms, LINK, LOCK, MMAP, READ, WRITE};
use crate::policy::{IncludeTarget, ProfileView};
use crate::report::{code, decision_lines};
use crate::source::TextRange;
use crate::syntax::ast::{Body, FileRule, Item, PolicyRule};
use crate::syntax::text;

/// Most profiles whose decisions are told.
const MAX_PROFILES: usize = 3;

/// Most values of a variable that are told.
const MAX_VALUES: usize = 20;

/// What is known of an offset.
pub(super) fn hover(offset: u32, asked: &mut AskedDocument<'_, '_>) -> Value {
    let (range, parts) = match at(offset, asked) {
        Some(found) => found,
        None => return Value::Null,
    };
    let contents = json!({ "kind": "markdown", "value": parts.join("\n\n") });
    json!({ "contents": contents, "range": asked.range(range) })
}

fn at(offset: u32, asked: &AskedDocument<'_, '_>) -> Option<(TextRange, Vec<String>)> {
    if let Some((name, range)) = asked.variable(offset) {
        return Some((range, vec![variable(name, offset, asked)?]));
    }
    if let Some((include, _)) = asked.include(offset) {
        let target = asked.loaded()?.includes.get(include.index)?;
        return Some((include.range, vec![leads(target, asked)?]));
    }
    let items = &asked.ast()?.items;
    let Item::Rule(rule) = around(items, offset).pop()? else {
        return None;
    };
    let mut parts = Vec::new();
    let mut place = rule.range;
    match &rule.body {
        Body::File(file) if touches(file.perms_range, offset) => {
            place = file.perms_range;
            parts.push(permissions(file));
        }
        Body::Capability(words) => {
            let words = words.iter().filter(|word| touches(word.0, offset));
            for word in words {
                place = word.0;
                parts.extend(danger(&text::value(asked.slice(word.0))));
            }
        }
        _ => {}
    }
    parts.extend(decisions(rule, asked));
    (!parts.is_empty()).then_some((place, parts))
}

fn variable(name: &str, offset: u32, asked: &AskedDocument<'_, '_>) -> Option<String> {
    let definition = asked.env(offset)?.variable(name)?;
    let sources = &asked.workspace().store().sources;
    if sources.get(definition.place.file).is_outside {
        return None;
    }
    let values = definition.values.iter().take(MAX_VALUES);
    let mut lines: Vec<String> = values.map(|value| format!("- {}", code(value))).collect();
    let more = definition.values.len().saturating_sub(MAX_VALUES);
    if more > 0 {
        lines.push(format!("- and {more} more"));
    }
    Some(format!(
        "{} is one of\n\n{}",
        code(&format!("@{{{name}}}")),
        lines.join("\n")
    ))
}

fn leads(target: &IncludeTarget, asked: &AskedDocument<'_, '_>) -> Option<String> {
    let sources = &asked.workspace().store().sources;
    match target {
        IncludeTarget::Files(files) => {
            let paths = files.iter().map(|file| code(&sources.get(*file).path));
            let paths: Vec<String> = paths.collect();
            (!paths.is_empty()).then(|| format!("includes {}", paths.join(", ")))
        }
        IncludeTarget::Missing => Some("no such file is there".to_owned()),
        IncludeTarget::Unreadable(why) => Some(format!("the file cannot be read: {why}")),
        IncludeTarget::MadeAtInstall => Some(
            "the package makes this file when it is installed, and it is empty then".to_owned(),
        ),
        IncludeTarget::Unknown | IncludeTarget::Relative(_) => None,
    }
}

/// The permissions of a file rule in words.
fn permissions(rule: &FileRule) -> String {
    const WORDS: [(u8, &str); 6] = [
        (READ, "read"),
        (WRITE, "write"),
        (APPEND, "append"),
        (LINK, "make hard links"),
        (LOCK, "lock"),
        (MMAP, "map as executable memory"),
    ];
    let FilePerms { bits, exec_mode } = rule.perms;
    // A process that may write may append as well.
    let is_told = |bit: u8| bits & bit != 0 && (bit != APPEND || bits & WRITE == 0);
    let words = WORDS.iter().filter(|(bit, _)| is_told(*bit));
    let mut words: Vec<String> = words.map(|(_, word)| (*word).to_owned()).collect();
    if let Some(mode) = exec_mode {
        let kind = match mode.kind {
            ExecKind::Inherit => "execute under this profile",
            ExecKind::Profile => "execute under the profile of the program",
            ExecKind::Child => "execute under a child profile",
            ExecKind::Unconfined => "execute without a profile",
            ExecKind::ProfileOrInherit => {
                "execute under the profile of the program, or else under this one"
            }
            ExecKind::ChildOrInherit => "execute under a child profile, or else under this one",
            ExecKind::ProfileOrUnconfined => {
                "execute under the profile of the program, or else without one"
            }
            ExecKind::ChildOrUnconfined => "execute under a child profile, or else without one",
        };
        let environment = match mode.kind {
            ExecKind::Inherit => "",
            _ if mode.is_unsafe => ", with the environment as it is",
            _ => ", with the environment scrubbed",
        };
        words.push(format!("{kind}{environment}"));
    } else if bits & EXEC != 0 {
        words.push("execute".to_owned());
    }
    words.join(", ")
}

/// What a capability gives away.
fn danger(name: &str) -> Option<String> {
    let found = capability(name)?;
    let name = code(found.name);
    let mut sentence = format!("{name} lets the process {}", found.grants);
    for enabler in found.enablers {
        sentence.push_str(&format!(
            "; where other rules allow it as well, {}",
            enabler.grants
        ));
    }
    Some(format!("{sentence}\n\ndanger: {} of 10", found.danger))
}

/// How the profiles that have a rule decide what the rule is about, and whether the rule adds anything.
fn decisions(rule: &PolicyRule, asked: &AskedDocument<'_, '_>) -> Vec<String> {
    let workspace = asked.workspace();
    let policy = workspace.policy();
    let has_rule = |profile: &&ProfileView<'_>| {
        let mut facts = profile.facts(policy.summaries);
        facts.any(|(_, fact)| fact.file == asked.file && fact.rule.range == rule.range)
    };
    let mut parts = Vec::new();
    for profile in policy.profiles().filter(has_rule).take(MAX_PROFILES) {
        let Some(answer) = workspace.decided(profile, rule, asked.file) else {
            continue;
        };
        let lines = decision_lines(&answer, &policy.store.sources).into_iter();
        let lines: Vec<String> = lines.map(|line| format!("- {line}")).collect();
        if !lines.is_empty() {
            let name = code(&profile.full_name);
            parts.push(format!("What {name} decides:\n\n{}", lines.join("\n")));
        }
    }
    let is_here = |place: crate::source::Span| place == rule.range.in_file(asked.file);
    let idle = idle(asked).into_iter().find(|(place, _)| is_here(*place));
    parts.extend(idle.map(|(_, message)| message));
    parts
}
