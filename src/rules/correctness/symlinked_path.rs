//! `symlinked-path`: paths that the kernel never sees, because a symbolic link leads elsewhere.

use crate::access::{Class, Effective, EntryRef};
use crate::analysis::{LinkKind, LinkedPath, MissedPerms, missed_behind_link};
use crate::diagnostic::{Diagnostic, Level, Severity};
use crate::glob::{alternatives, literal};
use crate::images::ImageTree;
use crate::lint::{Check, Cx, Sink, letters};
use crate::policy::{Fact, ProfileView};
use crate::source::Span;
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Most alternatives of one path that are looked at.
const MAX_ALTERNATIVES: usize = 32;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let host = Host::of(profile, cx);
    attachment(profile, &host, sink);
    let may_be_linked = |written: &str| host.image.is_some() || may_be_linked(written);
    let may_be = |fact: &Fact<'_>| matches!(&fact.rule.body, Body::File(rule) if may_be_linked(cx.slice(rule.path.0.in_file(fact.file))));
    if !profile.own_facts(cx.summaries).any(may_be) {
        return;
    }
    let effective = cx.effective(profile);
    for own in effective.own_rules(profile) {
        let Some(fact) = own.fact(profile, cx.summaries) else {
            continue;
        };
        let Body::File(rule) = &fact.rule.body else {
            continue;
        };
        let written = cx.slice(rule.path.0.in_file(fact.file));
        if fact.mode == Mode::Prompt || cx.is_conditional(fact) || !may_be_linked(written) {
            continue;
        }
        let is_file = |(class, _): &&(Class, EntryRef<'_>)| *class == Class::File;
        let mut files = own.entries.iter().filter(is_file);
        if host.image.is_none() && !files.any(|(_, entry)| LinkedPath::may_be_all(&entry.entry.nfa))
        {
            continue;
        }
        let path = cx.expand(profile, fact, rule.path);
        let Some(ways) = path.and_then(|path| host.ways(&path, fact.mode == Mode::Deny)) else {
            continue;
        };
        let files = own
            .entries
            .iter()
            .filter(|(class, entry)| *class == Class::File && !entry.entry.nfa.has_nul());
        let mask = files.fold(0, |all, (_, entry)| all | entry.entry.mask);
        let missed: Option<Vec<MissedPerms>> = ways
            .iter()
            .map(|way| missed_behind_link(way, fact, mask, &effective))
            .collect();
        let Some(missed) = missed else { continue };
        let first = ways
            .iter()
            .zip(&missed)
            .find(|(_, missed)| missed.perms != 0);
        match first {
            Some((way, missed)) => {
                if let Some(finding) = host.finding(way, fact, *missed, cx, sink) {
                    let perms = missed.perms;
                    let claims = cx.claims_of(profile, Class::File, way.real.as_bytes(), perms);
                    let is_one_path = literal(&way.real).is_some_and(|path| path == way.real);
                    sink.report(finding.claims(claims.into_iter().filter(|_| is_one_path)));
                }
            }
            None if fact.mode == Mode::Deny => {
                uncovered(&ways, fact, mask, &effective, &host, cx, sink);
            }
            None => {}
        }
    }
}

/// Whether a path as written can lead through a link: most begin elsewhere.
fn may_be_linked(written: &str) -> bool {
    let written = written.trim_start_matches('"');
    let starts = [
        "/bin",
        "/sbin",
        "/lib",
        "/var",
        "/usr/bin",
        "/usr/sbin",
        "/{",
        "@{",
    ];
    starts.iter().any(|start| written.starts_with(start))
}

/// A deny rule above a link that every distribution has, where nothing denies what the link leads to: nothing allows it
/// either, so only those who polish want to know.
fn uncovered(
    ways: &[LinkedPath],
    fact: &Fact<'_>,
    mask: u32,
    effective: &Effective,
    host: &Host<'_>,
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let is_denied = |way: &LinkedPath| {
        let example = format!("{}zeta", way.real.trim_end_matches('*'));
        effective.decide(Class::File, example.as_bytes()).deny & mask == mask
    };
    let mut ways = ways.iter();
    let way = ways.find(|way| way.kind == LinkKind::Part && !is_denied(way));
    let Some(LinkedPath { link, leads_to, .. }) = way else {
        return;
    };
    let what = if host.is_container { "image" } else { "system" };
    let finding = sink
        .at(
            cx.span(fact),
            format!(
                "this rule does not cover `{leads_to}`, which `{link}` links to on most {what}s"
            ),
        )
        .severity(Severity::Info)
        .level(Level::Pedantic)
        .note(format!(
            "the kernel decides by the path after all links; no rule allows `{}` there today",
            letters(mask)
        ))
        .help(format!("deny `{leads_to}/**` as well"));
    sink.report(finding);
}

/// What is known of the system that a profile is for.
struct Host<'c> {
    is_container: bool,
    /// Whose image it is, and its files.
    image: Option<(&'c str, &'c ImageTree)>,
    /// A target whose `/usr` is merged.
    merged: Option<&'c str>,
}

impl<'c> Host<'c> {
    fn of(profile: &ProfileView<'_>, cx: &'c Cx<'_>) -> Self {
        let is_container = cx.may_be_for_container(profile);
        let merged = cx
            .target
            .filter(|target| target.merges_usr && !is_container);
        let views = cx.views_of(profile);
        // Of several containers each may have other links.
        let image = match views.as_slice() {
            [only] => only
                .image
                .trees
                .first()
                .map(|tree| (only.who.as_str(), tree)),
            _ => None,
        };
        Self {
            is_container,
            image,
            merged: merged.and_then(|target| target.name.split(" (").next()),
        }
    }

    /// The ways of a path's alternatives, if each leads through a link, as far as the image has it.
    fn ways(&self, path: &str, is_deny: bool) -> Option<Vec<LinkedPath>> {
        let Some((_, tree)) = self.image else {
            return LinkedPath::all(path, is_deny);
        };
        let of_image = |one: &String| LinkedPath::in_image(one, tree);
        let all = alternatives(path, MAX_ALTERNATIVES)?;
        if let Some(ways) = all.iter().map(of_image).collect() {
            return Some(ways);
        }
        let ways = LinkedPath::all(path, is_deny)?;
        let is_link = |way: &LinkedPath| way.is_link_in(tree) != Some(false);
        ways.iter().all(is_link).then_some(ways)
    }

    /// Whether the image has the link.
    fn is_in_image(&self, way: &LinkedPath) -> bool {
        self.image
            .is_some_and(|(_, tree)| way.is_link_in(tree) == Some(true))
    }

    /// Where the link is one, as the beginning of a sentence, and how sure that is.
    fn place(&self, way: &LinkedPath) -> (String, Severity) {
        let LinkedPath { link, leads_to, .. } = way;
        if let Some((who, _)) = self.image.filter(|_| self.is_in_image(way)) {
            return (format!("in the image of {who}"), Severity::Warning);
        }
        match (way.kind, self.merged, self.is_container) {
            (LinkKind::Everywhere | LinkKind::Part, _, true) => (
                format!("in images where `{link}` links to `{leads_to}`"),
                Severity::Info,
            ),
            (LinkKind::Everywhere, _, false) => (
                format!("on systems where `{link}` links to `{leads_to}`"),
                Severity::Warning,
            ),
            (LinkKind::Part, _, false) => (
                format!("on systems where `{link}` links to `{leads_to}`"),
                Severity::Info,
            ),
            (_, Some(target), _) => (format!("on {target}"), Severity::Warning),
            (LinkKind::MergedUsr, None, true) => (
                "in images with a merged `/usr`, as Debian's and Ubuntu's".to_owned(),
                Severity::Info,
            ),
            (LinkKind::MergedUsr, None, false) => (
                "on systems with a merged `/usr`, as Debian and Ubuntu".to_owned(),
                Severity::Info,
            ),
            (LinkKind::Command | LinkKind::Image, None, true) => {
                ("in images of Debian and Ubuntu".to_owned(), Severity::Info)
            }
            (LinkKind::Command | LinkKind::Image, None, false) => {
                ("on Debian and Ubuntu".to_owned(), Severity::Info)
            }
        }
    }

    fn finding(
        &self,
        way: &LinkedPath,
        fact: &Fact<'_>,
        missed: MissedPerms,
        cx: &Cx<'_>,
        sink: &Sink<'_>,
    ) -> Option<Diagnostic> {
        let (place, severity) = self.place(way);
        let LinkedPath { written, real, .. } = way;
        let (message, help) = match fact.mode {
            Mode::Deny => (
                format!("{place}, `{written}` is `{real}`, which this rule does not deny"),
                format!("deny `{real}` as well"),
            ),
            _ if self.is_in_image(way) => (
                format!("{place}, this rule allows nothing: `{written}` is `{real}`"),
                format!("allow `{real}` instead"),
            ),
            // Without a target nobody knows whether a rule that allows is for an older system.
            _ if way.kind != LinkKind::Everywhere && self.merged.is_none() => return None,
            // In a container `/var/run` may be a directory.
            _ if self.is_container => return None,
            _ => (
                format!("{place}, this rule allows nothing: `{written}` is `{real}`"),
                match way.kind {
                    LinkKind::Everywhere => {
                        format!(
                            "write `{}` for `{}`, or begin the path with `@{{run}}`",
                            way.leads_to, way.link
                        )
                    }
                    _ => format!("allow `{real}` instead"),
                },
            ),
        };
        let letters = letters(missed.perms);
        let why = match (fact.mode, missed.is_everywhere) {
            (Mode::Deny, _) => format!("the profile allows `{letters}` there"),
            (_, true) => format!("no rule allows `{letters}` there"),
            (_, false) => format!("the other rules do not allow `{letters}` for all of `{real}`"),
        };
        let why = format!("the kernel decides by the path after all links, and {why}");
        let finding = sink.at(cx.span(fact), message).severity(severity);
        Some(finding.note(why).help(help))
    }
}

/// A profile that attaches to a link alone: the kernel looks for the program that the link leads to.
fn attachment(profile: &ProfileView<'_>, host: &Host<'_>, sink: &mut Sink<'_>) {
    let Some(path) = profile
        .attachment
        .as_deref()
        .filter(|path| may_be_linked(path))
    else {
        return;
    };
    let Some(ways) = host.ways(path, false) else {
        return;
    };
    let Some(way) = ways.first() else { return };
    let (place, severity) = host.place(way);
    let at: Span = profile.attachment_span();
    let finding = sink
        .at(
            at,
            format!(
                "{place}, `{}` does not attach: the kernel sees `{}` as `{}`",
                profile.full_name, way.written, way.real
            ),
        )
        .severity(severity)
        .note("the kernel looks for a profile by the path of the program after all links")
        .help(format!("attach to `{}`", way.real));
    sink.report(finding);
}
