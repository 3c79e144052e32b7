//! What differs between two versions of a profile apart from their rules.

use super::located::{self, Located};
use crate::access::{ProfileMode, Relation, Shape, is_same_language};
use crate::glob::TooComplex;
use crate::lang::rlimit::INFINITY;
use crate::syntax::ast::Item;

/// Something about a profile that is no rule and differs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttributeChange {
    /// What: `mode`, `flag …`, `attachment`, `xattrs`, `rlimit …`, `abi`.
    pub name: String,
    /// As it was; `None` if it was not there.
    pub before: Option<String>,
    /// As it is.
    pub after: Option<String>,
    /// What it makes of the profile.
    pub relation: Relation,
}

/// All such changes; those that concern nothing but logging if `is_exact`.
///
/// # Errors
/// If what the versions attach to is too complex to compare.
pub(super) fn changes(
    old: Located<'_, '_>,
    new: Located<'_, '_>,
    is_exact: bool,
) -> Result<Vec<AttributeChange>, TooComplex> {
    let shape = |(policy, profile): Located<'_, '_>| {
        Shape::of(profile, policy.summaries, &policy.store.sources)
    };
    let mut found = Changes::default();
    found.mode([mode(old), mode(new)]);
    let (of_old, of_new) = (shape(old), shape(new));
    found.flags(&of_old, &of_new, is_exact);
    if !is_same_language(of_old.attachment.as_ref(), of_new.attachment.as_ref())? {
        let attachments = [&old.1.attachment, &new.1.attachment].map(Clone::clone);
        found.enter("attachment", attachments, Relation::Incomparable);
    }
    let mut attributes = of_old.attributes.keys().eq(of_new.attributes.keys());
    for (left, right) in of_old.attributes.values().zip(of_new.attributes.values()) {
        attributes = attributes && is_same_language(left.as_ref(), right.as_ref())?;
    }
    if !attributes {
        found.enter("xattrs", [xattrs(old), xattrs(new)], Relation::Incomparable);
    }
    found.limits(&of_old, &of_new);
    found.enter("abi", [abi(old), abi(new)], Relation::Incomparable);
    Ok(found.0)
}

#[derive(Default)]
struct Changes(Vec<AttributeChange>);

impl Changes {
    /// Enters a change, if there is one.
    fn enter(
        &mut self,
        name: impl Into<String>,
        [before, after]: [Option<String>; 2],
        relation: Relation,
    ) {
        if before != after {
            self.0.push(AttributeChange {
                name: name.into(),
                before,
                after,
                relation,
            });
        }
    }

    fn mode(&mut self, [old, new]: [ProfileMode; 2]) {
        // What comes into force was never refused or granted before: no order weighs that.
        let comes_into_force = old.as_reviewed() != old && new.as_reviewed() == new;
        let relation = match old.laxity().cmp(&new.laxity()) {
            _ if comes_into_force => Relation::Incomparable,
            std::cmp::Ordering::Less => Relation::Wider,
            std::cmp::Ordering::Equal => Relation::Equal,
            std::cmp::Ordering::Greater => Relation::Narrower,
        };
        let names = [old, new].map(|mode| Some(mode.name().to_owned()));
        self.enter("mode", names, relation);
    }

    fn flags(&mut self, old: &Shape, new: &Shape, is_exact: bool) {
        let mut all: Vec<&str> = old
            .flags
            .plain
            .iter()
            .chain(&new.flags.plain)
            .copied()
            .collect();
        all.sort_unstable();
        all.dedup();
        for flag in all {
            if is_about_logs(flag) && !is_exact {
                continue;
            }
            let has = |shape: &Shape| shape.flags.plain.contains(&flag);
            let relation = match (is_widening(flag), has(new)) {
                (true, true) => Relation::Wider,
                (true, false) => Relation::Narrower,
                (false, _) if is_about_logs(flag) || flag == "interruptible" => Relation::Equal,
                (false, _) => Relation::Incomparable,
            };
            let told = [old, new].map(|shape| has(shape).then(|| flag.to_owned()));
            self.enter(format!("flag {flag}"), told, relation);
        }
        let mut all: Vec<&str> = old
            .flags
            .values
            .keys()
            .chain(new.flags.values.keys())
            .copied()
            .collect();
        all.sort_unstable();
        all.dedup();
        for flag in all {
            let told = [old, new].map(|shape| shape.flags.values.get(flag).cloned());
            // How a refusal is reported; the same requests are refused.
            let relation = match flag {
                "error" | "kill.signal" => Relation::Equal,
                _ => Relation::Incomparable,
            };
            self.enter(format!("flag {flag}"), told, relation);
        }
    }

    /// A limit that is not set is that of the process that starts the program.
    fn limits(&mut self, old: &Shape, new: &Shape) {
        let mut all: Vec<&str> = old
            .limits
            .keys()
            .chain(new.limits.keys())
            .copied()
            .collect();
        all.sort_unstable();
        all.dedup();
        for resource in all {
            let values = [old, new].map(|shape| shape.limits.get(resource).copied());
            let relation = match values.map(|value| value.unwrap_or(INFINITY)) {
                [old, new] if old > new => Relation::Narrower,
                [old, new] if old < new => Relation::Wider,
                // `infinity` set and not set: nothing to reckon with.
                _ => Relation::Equal,
            };
            let told = values.map(|value| {
                value.map(|value| match value {
                    INFINITY => "infinity".to_owned(),
                    value => value.to_string(),
                })
            });
            self.enter(format!("rlimit {resource}"), told, relation);
        }
    }
}

/// Flags that change what is recorded and nothing else.
fn is_about_logs(flag: &str) -> bool {
    flag == "audit"
}

/// Flags by which rules reach files that they would not reach otherwise.
fn is_widening(flag: &str) -> bool {
    matches!(
        flag,
        "attach_disconnected" | "attach_disconnected.ipc" | "mediate_deleted"
    )
}

fn mode((policy, profile): Located<'_, '_>) -> ProfileMode {
    located::mode(policy, profile)
}

fn xattrs((policy, profile): Located<'_, '_>) -> Option<String> {
    let group = profile.ast.xattrs.as_ref()?;
    let text = policy
        .store
        .sources
        .shown(group.range.in_file(profile.file));
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The abi that the file of the profile names: it decides which rules the kernel is asked to enforce.
fn abi((policy, profile): Located<'_, '_>) -> Option<String> {
    let loaded = policy.store.file(profile.file)?;
    let abi = loaded.file.ast.items.iter().find_map(|item| match item {
        Item::Abi(abi) => Some(abi.path),
        _ => None,
    })?;
    Some(
        policy
            .store
            .sources
            .shown(abi.in_file(profile.file))
            .to_owned(),
    )
}
