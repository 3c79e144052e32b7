//! Paths that lead through symbolic links: the kernel decides by what lies behind them.

use std::borrow::Cow;
use std::ops::ControlFlow;

use crate::access::{Class, Effective};
use crate::glob::{InputDomain, Nfa, alternatives, literal};
use crate::images::{ImageTree, Lookup, NodeKind};
use crate::lang::links::{COMMANDS, EVERYWHERE, MERGED_USR};
use crate::policy::Fact;
use crate::syntax::ast::Mode;

/// Most alternatives of one path that are looked at.
const MAX_ALTERNATIVES: usize = 32;

/// A path that leads through a link, and what the kernel sees instead; both may be patterns.
#[derive(Debug)]
pub struct LinkedPath {
    /// The link.
    pub link: Cow<'static, str>,
    /// What it leads to.
    pub leads_to: Cow<'static, str>,
    /// The path as a rule has it.
    pub written: String,
    /// The path as the kernel sees it.
    pub real: String,
    /// Where the link is one.
    pub kind: LinkKind,
}

/// Where a link is one.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum LinkKind {
    /// A link of every distribution.
    Everywhere,
    /// The same below a directory that a rule denies as a whole.
    Part,
    /// A link where `/usr` is merged.
    MergedUsr,
    /// A command that is a link on Debian and Ubuntu.
    Command,
    /// A link of the image of a container.
    Image,
}

impl LinkedPath {
    /// The ways of a path's alternatives, if each leads through a link: else the kernel sees one of them, which may be the
    /// one that is meant. A rule that denies a directory above a link is meant to deny what the link leads to.
    #[must_use]
    pub fn all(path: &str, is_deny: bool) -> Option<Vec<Self>> {
        let all = alternatives(path, MAX_ALTERNATIVES)?;
        let is_var = |one: &String| matches!(one.as_str(), "/var/" | "/var/**");
        if is_deny && all.iter().any(|one| one == "/var/**") && all.iter().all(is_var) {
            let within = |(link, leads_to): &(&'static str, &'static str)| Self {
                link: (*link).into(),
                leads_to: (*leads_to).into(),
                written: format!("{link}/**"),
                real: format!("{leads_to}/**"),
                kind: LinkKind::Part,
            };
            return Some(EVERYWHERE.iter().map(within).collect());
        }
        all.iter().map(|one| Self::of(one)).collect()
    }

    /// Whether all that a pattern matches may lead through links: most begin elsewhere, which is seen without looking at
    /// their alternatives.
    #[must_use]
    pub fn may_be_all(nfa: &Nfa) -> bool {
        let links = || EVERYWHERE.iter().chain(MERGED_USR).chain(COMMANDS);
        let may_lead = |prefix: &Vec<u8>| {
            links().any(|(link, _)| {
                let link = link.as_bytes();
                link.starts_with(prefix) || prefix.starts_with(link)
            })
        };
        nfa.prefixes().iter().all(may_lead)
    }

    /// The way of one path without alternatives, if it leads through a link.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let through = |(link, leads_to): &(&'static str, &'static str)| {
            let rest = path.strip_prefix(link)?;
            rest.starts_with('/')
                .then(|| (*link, *leads_to, format!("{leads_to}{rest}")))
        };
        let way = |(link, leads_to, real): (&'static str, &'static str, String), kind| Self {
            link: link.into(),
            leads_to: leads_to.into(),
            written: path.to_owned(),
            real,
            kind,
        };
        if let Some(found) = EVERYWHERE.iter().find_map(through) {
            return Some(way(found, LinkKind::Everywhere));
        }
        let merged = MERGED_USR.iter().find_map(through);
        let in_usr = merged.as_ref().map_or(path, |(.., real)| real.as_str());
        let command =
            literal(in_usr).and_then(|name| COMMANDS.iter().find(|(link, _)| *link == name));
        match (command, merged) {
            (Some((_, target)), Some((link, leads_to, _))) => Some(way(
                (link, leads_to, (*target).to_owned()),
                LinkKind::MergedUsr,
            )),
            (Some((link, target)), None) => {
                Some(way((link, target, (*target).to_owned()), LinkKind::Command))
            }
            (None, Some(found)) => Some(way(found, LinkKind::MergedUsr)),
            (None, None) => None,
        }
    }
}

impl LinkedPath {
    /// The way of a path as an image has it: of a path without patterns that leads through a link there, or of a directory whose first
    /// part is one.
    #[must_use]
    pub fn in_image(path: &str, tree: &ImageTree) -> Option<Self> {
        let plain = literal(path).filter(|plain| plain == path)?;
        let Lookup::Found(real, _) = tree.lookup(plain.as_bytes()) else {
            return None;
        };
        let real = String::from_utf8(real).ok()?;
        let written = plain.trim_end_matches('/');
        (real != written).then(|| Self {
            link: written.to_owned().into(),
            leads_to: real.clone().into(),
            written: path.to_owned(),
            real: match path.ends_with('/') {
                true => format!("{real}/"),
                false => real,
            },
            kind: LinkKind::Image,
        })
    }

    /// Whether the link is one in an image; `None` if that is not known.
    #[must_use]
    pub fn is_link_in(&self, tree: &ImageTree) -> Option<bool> {
        match tree.lookup_itself(self.link.as_bytes()) {
            Lookup::Found(path, node) => {
                let is_itself = path == self.link.as_bytes();
                Some(matches!(node.kind, NodeKind::Link(_)) || !is_itself)
            }
            Lookup::Missing => Some(false),
            Lookup::Unknown => None,
        }
    }
}

/// What a rule is meant to decide of the real paths, and does not.
#[derive(Copy, Clone, Debug)]
pub struct MissedPerms {
    /// Permissions that are allowed for one of the paths though the rule denies them, or not allowed for one of them though
    /// it allows them.
    pub perms: u32,
    /// Whether that holds for each of the paths.
    pub is_everywhere: bool,
}

/// What a rule is meant to decide of the real paths, and does not. `None` if that is not known: it is too complex, or a file
/// that is not read may decide it.
#[must_use]
pub fn missed_behind_link(
    way: &LinkedPath,
    fact: &Fact<'_>,
    mask: u32,
    effective: &Effective,
) -> Option<MissedPerms> {
    let real = Nfa::path(&way.real).ok()?;
    if effective.is_uncertain() {
        return None;
    }
    let (mut somewhere, mut everywhere) = (0, mask);
    let visited = effective.visit(
        Class::File,
        &[&real],
        InputDomain::Paths,
        |verdict, _, _| {
            let missed = match fact.mode {
                Mode::Deny => mask & verdict.allow,
                // What the profile denies there is not missing.
                _ => mask & !(verdict.allow | verdict.deny),
            };
            somewhere |= missed;
            everywhere &= missed;
            ControlFlow::Continue(())
        },
    );
    visited.ok()?;
    Some(MissedPerms {
        perms: somewhere,
        is_everywhere: somewhere == everywhere,
    })
}
