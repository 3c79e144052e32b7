//! A file that both sides read: its profiles are compared one by one.

use aalint::policy::{Expanded, ProfileView};
use aalint::session::Policy;
use aalint::syntax::ast::Body;
use aalint::syntax::text;

use super::compare::{Sides, Tally, ask};
use super::decode::Profile;
use super::question;
use super::random::Random;

/// One input that both read.
pub struct Case {
    pub name: String,
    /// The parser is 3.0.8.
    pub is_stable: bool,
    /// How many for each profile.
    pub questions: usize,
    pub random: Random,
    pub tally: Tally,
}

impl Case {
    pub fn compare(&mut self, compiled: &[Profile], policy: &Policy<'_>) {
        for profile in policy.profiles() {
            let ours = policy.effective(profile);
            if ours.is_incomplete {
                self.tally.leave_out("aalint could not read an include");
                continue;
            }
            let Some(theirs) = by_name(compiled, &profile.full_name) else {
                let reason = if self.is_stable && profile.full_name.matches("//").count() > 1 {
                    "3.0.8 names children of children otherwise".to_owned()
                } else {
                    format!("no compiled profile: {} {}", self.name, profile.full_name)
                };
                self.tally.leave_out(reason);
                continue;
            };
            let patterns = Patterns::of(profile, policy);
            if self.is_stable && patterns.has_leading_variable {
                self.tally
                    .leave_out("a path begins with `/@{`: 3.0.8 trims slashes otherwise");
                continue;
            }
            if ours
                .parts
                .iter()
                .any(|part| !part.rules.unreadable.is_empty())
            {
                self.tally.leave_out(
                    "a rule whose brackets only pair once the parser has rewritten it: to aalint unknown",
                );
                continue;
            }
            let mut has_pairs = true;
            if self.is_stable && patterns.has_link_target {
                has_pairs = false;
                self.tally
                    .leave_out("links only, beside `PATH l -> TARGET`: 3.0.8 ignores that target");
            } else if self.is_stable && patterns.has_aliased_subset {
                has_pairs = false;
                self.tally.leave_out(
                    "links only, beside `link subset` and an alias: 3.0.8 forgets `subset` in what the alias makes",
                );
            }
            let files = theirs.files.as_ref();
            let asked = question::of(files, &patterns.texts, self.questions, &mut self.random);
            let sides = Sides {
                name: &self.name,
                theirs: files,
                ours: &ours,
                is_stable: self.is_stable,
                has_pairs,
            };
            ask(&sides, &asked, &mut self.tally);
        }
    }
}

/// The compiled profile of a name.
pub fn by_name<'p>(profiles: &'p [Profile], name: &str) -> Option<&'p Profile> {
    profiles.iter().find(|profile| {
        let full = match &profile.namespace {
            Some(namespace) => format!(":{namespace}:{}", profile.name),
            None => profile.name.clone(),
        };
        profile.name == name || full == name
    })
}

/// The patterns of a profile's rules.
pub struct Patterns {
    /// With their variables put in.
    pub texts: Vec<String>,
    /// One stands behind `->` of a rule `PATH l -> TARGET`.
    pub has_link_target: bool,
    /// One begins with slashes and a variable.
    has_leading_variable: bool,
    /// There are aliases, and a rule has `subset`.
    has_aliased_subset: bool,
}

impl Patterns {
    pub fn of(profile: &ProfileView<'_>, policy: &Policy<'_>) -> Self {
        let mut patterns = Self {
            texts: Vec::new(),
            has_link_target: false,
            has_leading_variable: false,
            has_aliased_subset: false,
        };
        let has_alias = !profile.env.aliases.is_empty();
        for (_, fact) in profile.facts(policy.summaries) {
            let words = match &fact.rule.body {
                Body::File(rule) => {
                    patterns.has_link_target |= rule.perms.has_link() && rule.target.is_some();
                    patterns.has_aliased_subset |= has_alias && rule.subset.is_some();
                    [Some(rule.path), rule.target]
                }
                Body::Link(rule) => {
                    patterns.has_aliased_subset |= has_alias && rule.subset.is_some();
                    [Some(rule.link), Some(rule.target)]
                }
                _ => [None, None],
            };
            for word in words.into_iter().flatten() {
                let value = text::value(policy.store.sources.slice(word.0.in_file(fact.file)));
                let behind = value.trim_start_matches('/');
                patterns.has_leading_variable |=
                    behind.len() < value.len() && behind.starts_with("@{");
                if let Expanded::Text(text) = profile.env.expand(&value) {
                    patterns.texts.push(text);
                }
            }
        }
        patterns
    }
}
