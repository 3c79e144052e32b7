//! What a compiled profile holds apart from the answers to requests: its name, what it attaches to, its
//! flags and its limits.

use std::collections::BTreeMap;

use crate::access::{Class, Detail, Effective, is_equal};
use crate::glob::{Builder, InputDomain, Nfa, TooComplex, outside};
use crate::lang::{rlimit, signal};
use crate::policy::{FileSummaries, ProfileView};
use crate::source::SourceMap;
use crate::syntax::ast::{Body, Condition};
use crate::syntax::text;

/// A profile without its rules.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Its full name.
    pub name: String,
    /// Whether it is a hat.
    pub is_hat: bool,
    /// What it attaches to: a pattern, if it can be read.
    pub attachment: Option<Nfa>,
    /// The extended attributes that a program must have, each with the pattern of its value.
    pub attributes: BTreeMap<String, Option<Nfa>>,
    /// Its flags.
    pub flags: ImageFlags,
    /// Its limits by resource, in units of setrlimit(2).
    pub limits: BTreeMap<&'static str, u64>,
}

/// Flags, whatever way they are written.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ImageFlags {
    /// `complain` and the like; none for `enforce`. `default_allow` compiles to `unconfined`.
    pub mode: Option<&'static str>,
    /// Flags without a value that change anything.
    pub plain: Vec<&'static str>,
    /// Flags with their values.
    pub values: BTreeMap<&'static str, String>,
}

/// Flags that say what is so without them.
const DEFAULTS: [&str; 5] = [
    "enforce",
    "namespace_relative",
    "delegate_deleted",
    "no_attach_disconnected",
    "chroot_no_attach",
];

/// Limits with two names.
const OTHER_NAME: (&str, &str) = ("ofile", "nofile");

impl Shape {
    /// Reads it off a profile.
    #[must_use]
    pub fn of(
        profile: &ProfileView<'_>,
        summaries: &FileSummaries<'_>,
        sources: &SourceMap,
    ) -> Self {
        let source = sources.get(profile.file).text.as_str();
        let attachment = profile.attachment.as_deref();
        Self {
            name: profile.full_name.clone(),
            is_hat: profile.ast.form.is_hat(),
            attachment: attachment.and_then(|path| Nfa::path(path).ok()),
            attributes: attributes(profile, source),
            flags: ImageFlags::of(profile, source),
            limits: limits(profile, summaries, sources),
        }
    }

    /// Whether two profiles are alike in this.
    ///
    /// # Errors
    /// If what they attach to is too complex to compare.
    pub fn is_same(&self, other: &Self) -> Result<bool, TooComplex> {
        if self.name != other.name
            || self.is_hat != other.is_hat
            || self.flags != other.flags
            || self.limits != other.limits
            || !self.attributes.keys().eq(other.attributes.keys())
        {
            return Ok(false);
        }
        let values = self.attributes.values().zip(other.attributes.values());
        for (left, right) in std::iter::once((&self.attachment, &other.attachment)).chain(values) {
            if !is_same_language(left.as_ref(), right.as_ref())? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Whether two patterns match the same strings; no pattern is like no other.
///
/// # Errors
/// If that would take too long to find out.
pub fn is_same_language(left: Option<&Nfa>, right: Option<&Nfa>) -> Result<bool, TooComplex> {
    match (left, right) {
        (None, None) => Ok(true),
        (Some(left), Some(right)) if left == right => Ok(true),
        (Some(left), Some(right)) => Ok(outside(left, &[right], InputDomain::Bytes)?.is_none()
            && outside(right, &[left], InputDomain::Bytes)?.is_none()),
        _ => Ok(false),
    }
}

impl ImageFlags {
    fn of(profile: &ProfileView<'_>, source: &str) -> Self {
        let mut flags = Self::default();
        let words = profile.ast.flags.iter().flat_map(|flags| &flags.values);
        for word in words {
            let range = word.0.start as usize..word.0.end as usize;
            let written = source.get(range).unwrap_or_default();
            flags.enter(&text::value(written), profile);
        }
        flags.plain.sort_unstable();
        flags.plain.dedup();
        flags
    }

    fn enter(&mut self, flag: &str, profile: &ProfileView<'_>) {
        use crate::lang::flags::{MODES, PLAIN};
        if DEFAULTS.contains(&flag) {
            return;
        }
        if flag == "default_allow" {
            self.mode = Some("unconfined");
        } else if let Some(mode) = MODES.iter().find(|mode| **mode == flag) {
            self.mode = Some(mode);
        } else if let Some(plain) = PLAIN.iter().find(|plain| **plain == flag) {
            self.plain.push(plain);
        } else if let Some((name, value)) = flag.split_once('=') {
            let value = profile.env.expand(value).text();
            let value = value.unwrap_or_else(|| flag.to_owned());
            match name {
                "attach_disconnected.path" => {
                    self.plain.push("attach_disconnected");
                    self.values.insert("attach_disconnected.path", value);
                }
                "attach_disconnected.ipc" => {
                    self.plain.push("attach_disconnected.ipc");
                    self.values.insert("attach_disconnected.ipc", value);
                }
                "kill.signal" => {
                    let number = signal::number(&value).map(|number| number.to_string());
                    self.values.insert("kill.signal", number.unwrap_or(value));
                }
                "error" => {
                    let value = value.to_ascii_uppercase();
                    self.values.insert("error", value);
                }
                _ => {}
            }
        }
    }
}

fn attributes(profile: &ProfileView<'_>, source: &str) -> BTreeMap<String, Option<Nfa>> {
    let conditions = profile
        .ast
        .xattrs
        .iter()
        .flat_map(|group| &group.conditions);
    let attribute = |condition: &Condition| {
        let range = condition.name.start as usize..condition.name.end as usize;
        let name = text::value(source.get(range)?).into_owned();
        let value = match condition.values.first() {
            Some(word) => profile.expand(source, *word),
            None => Some("**".to_owned()),
        };
        let nfa = value.and_then(|value| {
            let mut builder = Builder::default();
            builder.glob_with_nul(&value).ok()?;
            builder.finish().ok()
        });
        Some((name, nfa))
    };
    conditions.filter_map(attribute).collect()
}

fn limits(
    profile: &ProfileView<'_>,
    summaries: &FileSummaries<'_>,
    sources: &SourceMap,
) -> BTreeMap<&'static str, u64> {
    let mut limits = BTreeMap::new();
    for (_, fact) in profile.facts(summaries) {
        let Body::Rlimit(limit) = &fact.rule.body else {
            continue;
        };
        let slice = |word: crate::syntax::ast::Word| sources.slice(word.0.in_file(fact.file));
        let written = slice(limit.resource);
        let value = rlimit::read(written, slice(limit.value), limit.unit.map(slice));
        let (other, name) = OTHER_NAME;
        let name = if written == other { name } else { written };
        let resource = rlimit::RESOURCES.iter().find(|known| **known == name);
        if let (Ok(value), Some(resource)) = (value, resource) {
            limits.insert(*resource, value);
        }
    }
    limits
}

/// What a profile compiles to.
#[derive(Clone, Debug)]
pub struct CompiledImage {
    /// All but its rules.
    pub shape: Shape,
    /// Its rules.
    pub effective: Effective,
}

impl CompiledImage {
    /// Whether two profiles compile to the same.
    ///
    /// # Errors
    /// If that is too complex to find out.
    pub fn is_same(
        &self,
        other: &Self,
        domain: InputDomain,
        detail: Detail,
    ) -> Result<bool, TooComplex> {
        if !self.shape.is_same(&other.shape)? {
            return Ok(false);
        }
        for class in Class::ALL {
            if !is_equal(&self.effective, &other.effective, class, domain, detail)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Whether two policies are the same: the same profiles, children and hats by name, each the same.
///
/// # Errors
/// If that is too complex to find out.
pub fn is_same_policy(
    left: &[CompiledImage],
    right: &[CompiledImage],
    domain: InputDomain,
    detail: Detail,
) -> Result<bool, TooComplex> {
    if left.len() != right.len() {
        return Ok(false);
    }
    for (a, b) in by_name(left).into_iter().zip(by_name(right)) {
        if !a.is_same(b, domain, detail)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn by_name(images: &[CompiledImage]) -> Vec<&CompiledImage> {
    let mut images: Vec<&CompiledImage> = images.iter().collect();
    images.sort_by(|a, b| a.shape.name.cmp(&b.shape.name));
    images
}
