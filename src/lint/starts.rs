//! What a container's profile refuses of what the container opens when it starts.

use super::{Cx, directories, listed};
use crate::access::{Class, ProfileMode};
use crate::containers::{ContainerView, ViewedProfile};
use crate::diagnostic::{Claim, ClaimedDecision, Diagnostic, Severity};
use crate::images::{FileAccess, Need, Purpose};
use crate::lang::permissions::ExecKind;
use crate::policy::ProfileView;
use crate::source::Span;
use crate::syntax::ast::Mode;

/// A file that a container opens when it starts, and its profile refuses.
#[derive(Debug)]
pub struct RefusedAccess<'v> {
    /// The file, and why it is opened.
    pub access: &'v FileAccess,
    /// The decision of the profile.
    pub claim: Claim,
}

impl<'c> Cx<'c> {
    /// The containers that run under a profile: those that files name it for; or else the one whose Dockerfile lies beside it, if no other
    /// profile there can be meant.
    #[must_use]
    pub fn views_of(&self, profile: &ProfileView<'_>) -> Vec<&'c ContainerView> {
        if profile.parent.is_some() || self.views.is_empty() {
            return Vec::new();
        }
        let is_named = |view: &&ContainerView| matches!(&view.profile, ViewedProfile::Named(name) if *name == profile.name);
        let named: Vec<&'c ContainerView> = self.views.iter().filter(is_named).collect();
        if named.is_empty() && self.is_only(profile) {
            let is_meant = |view: &&ContainerView| view.profile == ViewedProfile::Only;
            let meant: Vec<&'c ContainerView> = self.views.iter().filter(is_meant).collect();
            if !meant.is_empty() {
                return meant;
            }
        }
        if !named.is_empty() || !self.is_for_container(profile) {
            return named;
        }
        let path = &self.store.sources.get(profile.file).path;
        let around: Vec<&str> = directories(path).collect();
        let mut beside = self.views.iter().filter(|view| {
            matches!(&view.profile, ViewedProfile::Beside(directory) if around.contains(&directory.as_str()))
        });
        let Some(view) = beside.next() else {
            return Vec::new();
        };
        let ViewedProfile::Beside(directory) = &view.profile else {
            return Vec::new();
        };
        let others = self.units.iter().flat_map(|unit| &unit.profiles);
        let mut rivals = others.filter(|other| {
            let path = &self.store.sources.get(other.file).path;
            other.id != profile.id
                && directories(path).any(|one| one == directory)
                && self.is_for_container(other)
        });
        match rivals.next() {
            None => vec![view],
            Some(_) => Vec::new(),
        }
    }

    /// Whether no other profile is checked, its children aside.
    fn is_only(&self, profile: &ProfileView<'_>) -> bool {
        let all = self.units.iter().flat_map(|unit| &unit.profiles);
        let mut others = all.filter(|other| other.parent.is_none() && other.id != profile.id);
        others.next().is_none()
    }

    /// What a profile refuses of the files that a container opens when it starts, in order, for the first architecture that its
    /// image may be for. Nothing if it refuses nothing for another one, and nothing of what happens after a program went to another
    /// profile.
    #[must_use]
    pub fn refused_at_start<'v>(
        &self,
        profile: &ProfileView<'_>,
        view: &'v ContainerView,
        is_wanted: fn(&FileAccess) -> bool,
    ) -> Vec<RefusedAccess<'v>> {
        let refused = view.startups.iter().map(|startup| {
            let accesses = self.followed(profile, &startup.accesses);
            let wanted = accesses.iter().filter(|access| is_wanted(access));
            let refused = wanted.filter_map(|access| {
                let claim = self.refusal(profile, view, access)?;
                Some(RefusedAccess { access, claim })
            });
            refused.collect::<Vec<_>>()
        });
        let refused: Vec<Vec<RefusedAccess<'v>>> = refused.collect();
        match refused.iter().any(Vec::is_empty) {
            true => Vec::new(),
            false => refused.into_iter().next().unwrap_or_default(),
        }
    }

    /// Those that happen under the profile: what follows an exec that leads elsewhere does not.
    fn followed<'v>(
        &self,
        profile: &ProfileView<'_>,
        accesses: &'v [FileAccess],
    ) -> &'v [FileAccess] {
        let effective = self.effective(profile);
        let leads_away = |access: &FileAccess| {
            let exec = effective.decide(Class::File, access.path.as_bytes()).exec;
            let mut modes = exec.iter().flatten();
            access.need == Need::Execute
                && modes.any(|exec| exec.target.is_some() || exec.mode.kind != ExecKind::Inherit)
        };
        let end = accesses.iter().position(leads_away);
        let end = end.map_or(accesses.len(), |end| end + 1);
        accesses.get(..end).unwrap_or_default()
    }

    /// That a profile refuses a file, if it is known to.
    fn refusal(
        &self,
        profile: &ProfileView<'_>,
        view: &ContainerView,
        access: &FileAccess,
    ) -> Option<Claim> {
        let letters: &[&str] = match access.need {
            Need::Read => &["r"],
            Need::Map => &["r", "m"],
            Need::Execute => &["x"],
        };
        let who = match (view.user_id(), access.owner) {
            (Some(user), Some(owner)) if user == owner.user => "owner ",
            (Some(_), Some(_)) => "other ",
            _ => "",
        };
        let ask = |path: &str| {
            letters.iter().find_map(|letter| {
                let path = quoted_path(path);
                let claim = self.claim(profile, &format!("{who}{path} {letter}"))?;
                (!claim.is_allowed()).then_some(claim)
            })
        };
        let claim = ask(&access.path)?;
        access
            .instead
            .iter()
            .all(|path| ask(path).is_some())
            .then_some(claim)
    }

    /// The deny rule that decides a refusal, if one does.
    #[must_use]
    pub fn denying_rule(
        &self,
        profile: &ProfileView<'_>,
        refused: &RefusedAccess<'_>,
    ) -> Option<Span> {
        let effective = self.effective(profile);
        let path = refused.access.path.as_bytes();
        let denied = effective.decide(Class::File, path).deny;
        let matching = effective.matching(Class::File, path);
        let decides = matching
            .iter()
            .find(|found| found.entry.effect == Mode::Deny && found.entry.mask & denied != 0)?;
        let (via, fact) = decides.origin(profile, self.summaries)?;
        // Of an included file the statement that includes it shows.
        (refused.claim.decision == ClaimedDecision::Denied)
            .then(|| via.first().copied().unwrap_or_else(|| self.span(fact)))
    }

    /// A finding about a container that cannot start: where the deny rule stands that decides, if one does, and what else is refused.
    #[must_use]
    pub fn refused_start(
        &self,
        profile: &ProfileView<'_>,
        refused: &[RefusedAccess<'_>],
        finding: Diagnostic,
    ) -> Diagnostic {
        let denying = refused
            .iter()
            .find_map(|one| self.denying_rule(profile, one));
        let finding = match denying {
            Some(place) => finding.label(place, "this rule denies it"),
            None => finding,
        };
        let others: Vec<String> = refused
            .iter()
            .skip(1)
            .map(|one| one.access.path.clone())
            .collect();
        let finding = match others.is_empty() {
            true => finding,
            false => finding.note(format!(
                "the start needs {} as well",
                listed(&others, MORE_SHOWN)
            )),
        };
        let claims = refused.iter().map(|one| one.claim.clone());
        let finding = finding.claims(claims);
        let rules: Vec<String> = rules_for(refused)
            .iter()
            .map(|rule| format!("`{rule}`"))
            .collect();
        let finding = match (rules.split_last(), denying.is_some()) {
            (_, true) => finding.help("narrow the deny rule so that it does not match this file: no allow rule overrides it"),
            (Some((last, [])), _) => finding.help(format!("add {last}")),
            (Some((last, first)), _) => finding.help(format!("add {} and {last}", first.join(", "))),
            (None, _) => finding,
        };
        match self.only_records(profile) {
            true => finding.severity(Severity::Info).note("this profile is in complain mode: until it is enforced, this is recorded and allowed"),
            false => finding,
        }
    }

    /// Whether a profile only records what it refuses.
    #[must_use]
    pub fn only_records(&self, profile: &ProfileView<'_>) -> bool {
        let source = self.store.sources.get(profile.file);
        ProfileMode::of(profile, &source.text) == ProfileMode::Complain
    }
}

impl RefusedAccess<'_> {
    /// Why it is refused, to follow what is done with the file: "and no rule allows reading it".
    #[must_use]
    pub fn reason(&self) -> String {
        let verb = match self.claim.request.rsplit(' ').next() {
            Some("m") => "mapping",
            Some("x") => "executing",
            _ if self.access.path.ends_with('/') => "listing",
            _ => "reading",
        };
        match self.claim.decision {
            ClaimedDecision::Denied => format!("a deny rule denies {verb} it"),
            _ => format!("no rule allows {verb} it"),
        }
    }
}

/// How many of the other refused files a finding names.
const MORE_SHOWN: usize = 3;

/// Rules that allow what is refused, each once: of the libraries in a directory one rule.
fn rules_for(refused: &[RefusedAccess<'_>]) -> Vec<String> {
    let mut rules: Vec<(String, Vec<&'static str>)> = Vec::new();
    for RefusedAccess { access, claim } in refused {
        if claim.decision == ClaimedDecision::Denied {
            continue;
        }
        let path = quoted_path(&access.path);
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let is_library = name.starts_with("lib") && name.contains(".so");
        let library_of_language = match &access.purpose {
            Purpose::StandardLibrary(_) => path
                .split_once("/encodings")
                .map_or(&*path, |(library, _)| library),
            _ => "",
        };
        let allowed = match access.need {
            // Modules in machine code lie beside the others.
            _ if !library_of_language.is_empty() => {
                let library = library_of_language.trim_end_matches('/');
                vec![
                    (format!("{library}/{{,**}}"), READS),
                    (format!("{library}/**.so"), MAPS),
                ]
            }
            Need::Map if is_library && !path.starts_with('"') => {
                vec![(format!("{directory}/lib*.so*"), MAPS)]
            }
            Need::Map => vec![(path, MAPS)],
            Need::Read => vec![(path, READS)],
            Need::Execute => vec![(path, EXECUTES)],
        };
        // One rule for each path: a script is executed and read.
        for (path, needed) in allowed {
            match rules.iter_mut().find(|(known, _)| *known == path) {
                Some((_, kept)) => kept.extend(needed),
                None => rules.push((path, needed.to_vec())),
            }
        }
    }
    let text = |(path, needed): &(String, Vec<&str>)| {
        let words = ["m", "r", "ix"].iter().filter(|word| needed.contains(word));
        format!("{path} {},", words.copied().collect::<String>())
    };
    rules.iter().map(text).collect()
}

/// The permissions of the rule for a file that is read, mapped, or executed.
const READS: &[&str] = &["r"];
const MAPS: &[&str] = &["m", "r"];
const EXECUTES: &[&str] = &["ix"];

/// A path as rules and requests have it: no pattern, and quoted if it holds blanks.
#[must_use]
pub fn quoted_path(path: &str) -> String {
    let mut literal = String::with_capacity(path.len());
    for c in path.chars() {
        if "*?[]{}^\\,\"@".contains(c) {
            literal.push('\\');
        }
        literal.push(c);
    }
    match literal.contains(char::is_whitespace) {
        true => format!("\"{literal}\""),
        false => literal,
    }
}
