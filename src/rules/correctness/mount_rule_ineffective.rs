//! `mount-rule-ineffective`: mount rules that are about another operation than they seem to be, or about no mount at all.

use std::sync::LazyLock;

use crate::access::{Class, perms, show};
use crate::diagnostic::Applicability;
use crate::glob::{Builder, ByteSet, InputDomain, Nfa, alternatives, common};
use crate::lang::mount::{self, BIND, MountShape, Operation, REMOUNT};
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::source::Span;
use crate::syntax::ast::{Body, ConditionOperator, Mode, MountRule};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Most alternatives of one path that are looked at.
const MAX_ALTERNATIVES: usize = 32;

/// Paths of directories, as the kernel asks for them.
static DIRECTORIES: LazyLock<Nfa> = LazyLock::new(|| Nfa::constant("/{,**/}"));

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for fact in profile.own_facts(cx.summaries) {
        let Body::Mount(rule) = &fact.rule.body else {
            continue;
        };
        let written = Written::of(rule, fact, cx);
        let [operation] = written.operations.as_slice() else {
            continue;
        };
        if written.shape.required.unwrap_or(0) & REMOUNT != 0 && *operation != Operation::Remount {
            no_remount(&written, *operation, fact, profile, cx, sink);
        } else if let (true, Some(fstype)) = (written.is_bind(), written.fstype) {
            let finding = sink
                .at(fstype, "a bind mount has no file system type")
                .note("with `fstype` the parser takes this for a rule about new mounts, and it matches no bind mount")
                .help("remove the condition");
            sink.report(finding);
        } else if *operation == Operation::New {
            no_directory(&written, fact, profile, cx, sink);
        }
    }
}

/// A rule, and what the parser makes of it.
struct Written<'r> {
    rule: &'r MountRule,
    shape: MountShape,
    /// What it is about; empty if the parser refuses it.
    operations: Vec<Operation>,
    /// The condition that names file systems.
    fstype: Option<Span>,
    /// The file systems.
    types: Vec<String>,
}

impl<'r> Written<'r> {
    fn of(rule: &'r MountRule, fact: &Fact<'_>, cx: &Cx<'_>) -> Self {
        let mut shape = MountShape {
            has_source: rule.source.is_some(),
            has_target: rule.target.is_some(),
            ..MountShape::default()
        };
        let (mut fstype, mut types) = (None, Vec::new());
        for condition in &rule.conditions {
            let values = condition.values.iter();
            match cx.slice(condition.name.in_file(fact.file)) {
                "options" | "option" => {
                    let bits = values
                        .filter_map(|value| mount::option(&cx.value(fact.file, *value)))
                        .fold((0, 0), |all, (set, cleared)| (all.0 | set, all.1 | cleared));
                    if condition.operator == ConditionOperator::In {
                        shape.optional = Some(bits.0 | bits.1);
                    } else {
                        shape.required = Some(bits.0);
                    }
                }
                "fstype" | "vfstype" => {
                    fstype = Some(condition.range.in_file(fact.file));
                    types.extend(values.map(|value| cx.value(fact.file, *value)));
                }
                _ => {}
            }
        }
        shape.has_fstype = fstype.is_some();
        Self {
            rule,
            shape,
            operations: shape.operations().unwrap_or_default(),
            fstype,
            types,
        }
    }

    fn is_bind(&self) -> bool {
        self.shape.required.unwrap_or(0) & BIND != 0
    }
}

/// A rule for a remount that has a source, or a file system type: a rule about another operation.
fn no_remount(
    written: &Written<'_>,
    operation: Operation,
    fact: &Fact<'_>,
    profile: &ProfileView<'_>,
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let what = match operation {
        Operation::Bind => "bind mounts",
        Operation::Propagation => "the propagation of mounts",
        Operation::Move => "moves of mounts",
        Operation::New | Operation::Remount => "new mounts",
    };
    let brief = cx.brief(fact);
    let source = written.rule.source.map(|word| word.0.in_file(fact.file));
    let cause = match (source, written.fstype) {
        (Some(source), _) => (source, "a remount has no source"),
        (None, Some(fstype)) => (fstype, "a remount has no file system type"),
        (None, None) => return,
    };
    let mut finding = sink
        .at(
            cause.0,
            format!("`{brief}` is a rule about {what}, not about a remount"),
        )
        .mark(cause.1);
    if let Some(example) = example(fact, profile, cx) {
        let verb = if fact.mode == Mode::Deny {
            "denies"
        } else {
            "allows"
        };
        finding = finding
            .note(format!("it {verb} for example `{example}`"))
            .claims(cx.claim(profile, &example));
    }
    finding = match (source, written.rule.target) {
        (Some(source), None) => {
            let path = cx.slice(source);
            let right = brief.replacen(path, &format!("-> {path}"), 1);
            finding.help(format!(
                "write `{right},`: the mount point follows an arrow"
            ))
        }
        (Some(_), Some(_)) => {
            finding.help("remove the source: the mount point alone follows the arrow")
        }
        _ => finding.help("remove the condition"),
    };
    sink.report(finding);
}

/// Mounts at a place that a reader knows; the shortest mount point would be no path at all.
static AT_MNT: LazyLock<Option<Nfa>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder.bytes(b"/mnt/\0");
    builder.any_of(ByteSet::ALL);
    builder.finish().ok()
});

/// A request that the rule decides.
fn example(fact: &Fact<'_>, profile: &ProfileView<'_>, cx: &Cx<'_>) -> Option<String> {
    let effective = cx.effective(profile);
    let own = effective.own_entries(profile, Class::Mount).find(|entry| {
        let origin = entry.origin(profile, cx.summaries);
        origin.is_some_and(|(_, of)| cx.span(of) == cx.span(fact))
    })?;
    let bits = own.entry.mask & perms::mount::MOUNT;
    let at = AT_MNT
        .as_ref()
        .filter(|_| matches!(&fact.rule.body, Body::Mount(rule) if rule.target.is_none()));
    let wanted: Vec<&Nfa> = std::iter::once(&*own.entry.nfa).chain(at).collect();
    let found = effective.find(Class::Mount, &wanted, InputDomain::Bytes, |verdict, _| {
        let decided = match fact.mode {
            Mode::Deny => verdict.deny,
            _ => verdict.allow,
        };
        decided & bits != 0
    });
    let found = found.ok()??;
    Some(show(Class::Mount, &found.witness, bits, None))
}

/// Whether each alternative of a path begins at the root.
fn is_absolute(path: &str) -> bool {
    let all = alternatives(path, MAX_ALTERNATIVES);
    all.is_some_and(|all| all.iter().all(|one| one.starts_with('/')))
}

/// A new mount on a name that no directory has.
fn no_directory(
    written: &Written<'_>,
    fact: &Fact<'_>,
    profile: &ProfileView<'_>,
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    // The root of a FUSE file system may be a file, and then so is the mount point.
    let may_be_file =
        |kind: &String| kind.starts_with("fuse") || kind.contains(['*', '?', '[', '{', '@']);
    let (Some(word), false) = (written.rule.target, written.types.iter().any(may_be_file)) else {
        return;
    };
    if written.types.is_empty() {
        return;
    }
    let point = cx.expand(profile, fact, word);
    let Some(Ok(point)) = point
        .filter(|point| is_absolute(point))
        .map(|point| Nfa::path(&point))
    else {
        return;
    };
    if common(&[&point, &DIRECTORIES], &[], InputDomain::Bytes) != Ok(None) {
        return;
    }
    let place = word.0.in_file(fact.file);
    let path = cx.slice(place);
    let end = path.len() - usize::from(path.ends_with('"'));
    let bare = path.trim_matches('"');
    let verb = if fact.mode == Mode::Deny {
        "denies"
    } else {
        "allows"
    };
    let finding = sink
        .at(
            place,
            format!("this rule {verb} no mount: the mount point `{bare}` lacks a slash at its end"),
        )
        .note("a file system is mounted on a directory, and the kernel asks for a directory with a slash at the end of its path")
        .replace(
            Applicability::Unsafe,
            format!("write `{bare}/`"),
            word.0.part(end, end).in_file(fact.file),
            "/",
        );
    sink.report(finding);
}
