//! `impossible-dbus-value`: conditions of D-Bus rules that no message and no name can meet.

use std::sync::LazyLock;

use crate::analysis::{dbus_interface, dbus_member, dbus_name, dbus_path};
use crate::diagnostic::{Applicability, Severity};
use crate::glob::{Nfa, alternatives, collapse_slashes, literal};
use crate::lang::keywords::suggest;
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::syntax::ast::{Body, Condition, Word};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// The buses that dbus-daemon has configurations for. The configuration of another one may name it in any way.
const BUSES: [&str; 3] = ["system", "session", "accessibility"];

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for fact in profile.own_facts(cx.summaries) {
        let Body::Dbus(rule) = &fact.rule.body else {
            continue;
        };
        let of_peer = rule.peer.iter().flat_map(|peer| &peer.conditions);
        for condition in rule.conditions.iter().chain(of_peer) {
            let [word] = condition.values.as_slice() else {
                continue;
            };
            match cx.slice(condition.name.in_file(fact.file)) {
                "bus" => bus(condition, *word, fact, cx, sink),
                name => {
                    let kind = KINDS.iter().find(|kind| kind.condition == name);
                    if let Some(kind) = kind {
                        value(kind, condition, *word, (fact, profile), cx, sink);
                    }
                }
            }
        }
    }
}

/// Kinds of values, as the D-Bus specification has them under "Valid Names" and "Valid Object Paths".
static KINDS: LazyLock<[Kind; 4]> = LazyLock::new(|| {
    [
        Kind {
            condition: "path",
            title: "object path",
            valid: dbus_path(),
        },
        Kind {
            condition: "interface",
            title: "interface name",
            valid: dbus_interface(),
        },
        Kind {
            condition: "member",
            title: "name of a method or signal",
            valid: dbus_member(),
        },
        Kind {
            condition: "name",
            title: "bus name",
            valid: dbus_name(),
        },
    ]
});

/// Most alternatives of one value that are looked at.
const MAX_ALTERNATIVES: usize = 32;

struct Kind {
    /// The condition that has such values.
    condition: &'static str,
    title: &'static str,
    /// At least all texts that are such a value; nothing where a message has no such value.
    valid: Option<Nfa>,
}

impl Kind {
    /// Whether a pattern can match such a value; also if it cannot be read.
    fn can_match(&self, pattern: &str) -> bool {
        let (Ok(nfa), Some(valid)) = (Nfa::text(pattern), &self.valid) else {
            return true;
        };
        // Of nearly all patterns an example is such a value.
        valid.matches(&nfa.example()) || nfa.intersects(valid)
    }

    /// The same where a value has alternatives: what is wrong with one of them need not be wrong with all.
    fn fault_of_all(&self, value: &str) -> (&'static str, Option<String>) {
        let all = alternatives(value, MAX_ALTERNATIVES).unwrap_or_default();
        if !value.contains('{') || all.len() < 2 {
            return self.fault(value);
        }
        let mut faults = all.iter().map(|one| self.fault(one).0);
        let first = faults.next().unwrap_or_default();
        match faults.all(|fault| fault == first) {
            true => (first, None),
            false => ("none of its alternatives is one", None),
        }
    }

    /// What is wrong with a value that cannot be, and what was probably meant.
    fn fault(&self, value: &str) -> (&'static str, Option<String>) {
        let better = |text: String| Some(text).filter(|text| self.can_match(text));
        if let Some(rest) = value.strip_prefix('=') {
            return ("one `=` is enough", better(rest.to_owned()));
        }
        match self.condition {
            "path" if !value.starts_with(['/', '*', '{', '[', '?', '@']) => (
                "an object path begins with `/`",
                better(format!("/{value}")),
            ),
            "path" if value.ends_with('/') => (
                "an object path has no slash at its end",
                better(value.trim_end_matches('/').to_owned()),
            ),
            "path" => (
                "an object path is made of `/`, letters, digits and `_`",
                None,
            ),
            "interface" if value.contains('/') => (
                "an interface name has dots and no slashes",
                better(value.trim_start_matches('/').replace('/', ".")),
            ),
            "interface" if !value.contains('.') => ("an interface name has at least one dot", None),
            "interface" if value.starts_with('.') || value.ends_with('.') => (
                "an interface name neither begins nor ends with a dot",
                better(value.trim_matches('.').to_owned()),
            ),
            "interface" => (
                "an interface name is made of letters, digits, `_` and dots",
                None,
            ),
            "member" if value.contains('.') => (
                "the name of a method or signal has no dots",
                value.rsplit('.').next().map(str::to_owned).and_then(better),
            ),
            "member" => (
                "the name of a method or signal is made of letters, digits and `_`",
                None,
            ),
            _ if value.contains('/') => (
                "a bus name has dots and no slashes",
                better(value.trim_start_matches('/').replace('/', ".")),
            ),
            _ if !value.contains('.') => ("a bus name has at least one dot", None),
            _ if value.starts_with('.') || value.ends_with('.') => (
                "a bus name neither begins nor ends with a dot",
                better(value.trim_matches('.').to_owned()),
            ),
            _ => (
                "a bus name is made of letters, digits, `_`, `-` and dots",
                None,
            ),
        }
    }
}

fn value(
    kind: &Kind,
    condition: &Condition,
    word: Word,
    (fact, profile): (&Fact<'_>, &ProfileView<'_>),
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let Some(pattern) = cx.expand(profile, fact, word) else {
        return;
    };
    let pattern = if kind.condition == "path" {
        collapse_slashes(&pattern)
    } else {
        pattern
    };
    if kind.can_match(&pattern) {
        return;
    }
    let written = cx.value(fact.file, word);
    let (fault, better) = kind.fault_of_all(&written);
    let finding = sink
        .at(
            condition.range.in_file(fact.file),
            format!(
                "`{}={written}` matches no {}: {fault}",
                kind.condition, kind.title
            ),
        )
        .note("the rule loads and never matches");
    sink.report(match better {
        Some(better) => finding.replace(
            Applicability::Unsafe,
            format!("write `{better}`"),
            word.0.in_file(fact.file),
            better,
        ),
        None => finding.help("correct the value, or remove the rule"),
    });
}

/// A misspelt bus. Any other word may be what a bus of one's own is called.
fn bus(condition: &Condition, word: Word, fact: &Fact<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let written = cx.value(fact.file, word);
    let Some(name) = literal(&written).filter(|name| !BUSES.contains(&name.as_str())) else {
        return;
    };
    let meant = name.trim_start_matches('=');
    let known = BUSES.iter().find(|bus| **bus == meant).copied();
    let Some(better) = known.or_else(|| suggest(meant, BUSES.into_iter())) else {
        return;
    };
    let finding = sink
        .at(
            condition.range.in_file(fact.file),
            format!(
                "`{written}` is not one of the usual buses: `system`, `session`, `accessibility`"
            ),
        )
        .severity(Severity::Info)
        .mark(format!("did you mean `{better}`?"))
        .note("on a system without a bus of this name the rule never matches")
        .replace(
            Applicability::Unsafe,
            format!("write `{better}`"),
            word.0.in_file(fact.file),
            better,
        );
    sink.report(finding);
}
