//! Which rule decided what a record tells.

use std::sync::OnceLock;

use super::record::{Kind, Record};
use super::request::{NotAsked, Requested, requests};
use super::suggest::{Suggestion, suggest};
use crate::access::{Effective, Entry, EntryRef, ProfileMode, Verdict, combine, deciding, show};
use crate::policy::ProfileView;
use crate::session::{Policy, RuleAt};

/// Why a record came about, as the policy has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cause {
    /// Rules did not decide.
    NotAsked(NotAsked),
    /// The policy defines no such profile.
    NoProfile,
    /// The task runs under a profile that the kernel made up to learn: the profile named here is in
    /// complain mode, and no rule of it says what the exec leads to.
    Learning(String),
    /// A rule denies the request.
    Denied,
    /// No rule is about the request.
    Unmatched,
    /// The request is allowed, and a rule wants it recorded.
    Audited,
    /// The request is allowed, and no rule wants it recorded: a flag of the profile does, or the whole
    /// kernel records everything.
    AuditedByFlag,
    /// The policy allows what was refused, or refuses what was allowed: the kernel has another policy.
    Differs,
    /// It depends on an include or a rule that is not known here.
    Unknown,
}

/// A record explained.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// The request in the syntax of rules; `None` where rules did not decide.
    pub request: Option<String>,
    /// Why it came about.
    pub cause: Cause,
    /// The rules that decide.
    pub rules: Vec<RuleAt>,
    /// The narrowest missing rule, where one is missing.
    pub suggestion: Option<Suggestion>,
}

/// Explains one record. For many, an [`Explainer`] is quicker.
#[must_use]
pub fn explain(policy: &Policy<'_>, record: &Record) -> Explanation {
    Explainer::new(policy).explain(record)
}

/// Explains records by a policy; each profile is compiled once.
#[derive(Debug)]
pub struct Explainer<'p, 's> {
    policy: &'p Policy<'s>,
    profiles: Vec<(&'s ProfileView<'s>, OnceLock<Effective>)>,
}

/// What is decided for a request.
struct Decided<'e> {
    requested: Requested,
    verdict: Verdict,
    matching: Vec<EntryRef<'e>>,
}

impl<'p, 's> Explainer<'p, 's> {
    /// For the profiles of a policy.
    #[must_use]
    pub fn new(policy: &'p Policy<'s>) -> Self {
        let profiles = policy.profiles().map(|profile| (profile, OnceLock::new()));
        Self {
            policy,
            profiles: profiles.collect(),
        }
    }

    /// Explains a record.
    #[must_use]
    pub fn explain(&self, record: &Record) -> Explanation {
        let only = |cause| Explanation {
            request: None,
            cause,
            rules: Vec::new(),
            suggestion: None,
        };
        let requests = match requests(record) {
            Ok(requests) => requests,
            Err(why) => return only(Cause::NotAsked(why)),
        };
        let shown = requests
            .iter()
            .map(|one| show(one.class, &one.text, one.bits, None));
        let shown = shown.collect::<Vec<_>>().join(", ");
        let Some((profile, effective)) = self.profile(record) else {
            let cause = match learning(&record.label) {
                Some(name) => Cause::Learning(name.to_owned()),
                None => Cause::NoProfile,
            };
            return Explanation {
                request: Some(shown),
                ..only(cause)
            };
        };
        let decided = requests.into_iter().map(|requested| {
            let matching = effective.matching(requested.class, &requested.text);
            let entries: Vec<&Entry> = matching.iter().map(|found| found.entry).collect();
            Decided {
                verdict: combine(&entries),
                requested,
                matching,
            }
        });
        let decided: Vec<Decided<'_>> = decided.collect();
        Explanation {
            request: Some(shown),
            ..self.decided(record, profile, effective, &decided)
        }
    }

    /// Whether a record is about a profile of the policy, or one that the kernel made up below it.
    #[must_use]
    pub fn knows(&self, record: &Record) -> bool {
        let mut names = record.label.split("//&").map(local);
        names.any(|name| {
            let name = learning(name).unwrap_or(name);
            self.profiles
                .iter()
                .any(|(profile, _)| profile.full_name == name)
        })
    }

    fn profile(&self, record: &Record) -> Option<(&'s ProfileView<'s>, &Effective)> {
        let mut names = record.label.split("//&").map(local);
        let find = |name: &str| self.profiles.iter().find(|(p, _)| p.full_name == name);
        let (profile, effective) = names.find_map(find)?;
        Some((
            profile,
            effective.get_or_init(|| self.policy.effective(profile)),
        ))
    }

    fn decided(
        &self,
        record: &Record,
        profile: &ProfileView<'_>,
        effective: &Effective,
        decided: &[Decided<'_>],
    ) -> Explanation {
        let source = &self.policy.store.sources.get(profile.file).text;
        let mode = ProfileMode::of(profile, source).once_enforced();
        let explained = |cause, rules, suggestion| Explanation {
            request: None,
            cause,
            rules,
            suggestion,
        };
        let refused = |one: &Decided<'_>| one.refused(mode);
        if record.kind == Kind::Audit {
            let audited = |one: &Decided<'_>| one.requested.bits & one.verdict.audit;
            let rules = self.rules(profile, decided, audited, |entry| entry.audit);
            let is_allowed = decided.iter().all(|one| refused(one) == 0);
            let cause = match (is_allowed, rules.is_empty()) {
                (false, _) if self.may_allow_more(profile, effective, decided) => Cause::Unknown,
                (false, _) => Cause::Differs,
                (true, false) => Cause::Audited,
                (true, true) => Cause::AuditedByFlag,
            };
            return explained(cause, rules, None);
        }
        let denied = |one: &Decided<'_>| refused(one) & one.verdict.deny;
        let rules = self.rules(profile, decided, denied, |entry| entry.mask);
        if !rules.is_empty() {
            return explained(Cause::Denied, rules, None);
        }
        match decided.iter().find(|one| refused(one) != 0) {
            Some(_) if self.may_allow_more(profile, effective, decided) => {
                explained(Cause::Unknown, Vec::new(), None)
            }
            Some(one) => {
                let suggestion = suggest(&one.requested, refused(one), effective, profile, mode);
                explained(Cause::Unmatched, Vec::new(), suggestion)
            }
            None => {
                let asked = |one: &Decided<'_>| one.requested.bits;
                let rules = self.rules(profile, decided, asked, |entry| entry.mask);
                explained(Cause::Differs, rules, None)
            }
        }
    }

    fn may_allow_more(
        &self,
        profile: &ProfileView<'_>,
        effective: &Effective,
        decided: &[Decided<'_>],
    ) -> bool {
        let mut classes = decided.iter().map(|one| one.requested.class);
        classes.any(|class| effective.may_allow_more(class, profile, self.policy.summaries))
    }

    /// The rules that decide the bits that `bits_of` gives of each request, each once; of these rules
    /// those of which `part_of` holds any of the bits.
    fn rules(
        &self,
        profile: &ProfileView<'_>,
        decided: &[Decided<'_>],
        bits_of: impl Fn(&Decided<'_>) -> u32,
        part_of: impl Fn(&Entry) -> u32,
    ) -> Vec<RuleAt> {
        let mut rules: Vec<RuleAt> = Vec::new();
        for one in decided {
            let bits = bits_of(one);
            let winners = deciding(&one.matching, bits).winners.into_iter();
            let winners = winners.filter(|found| part_of(found.entry) & bits != 0);
            for rule in winners.filter_map(|found| RuleAt::of(&found, profile, self.policy)) {
                if !rules.contains(&rule) {
                    rules.push(rule);
                }
            }
        }
        rules
    }
}

impl Decided<'_> {
    /// The bits that are refused, of those that were asked for.
    fn refused(&self, mode: ProfileMode) -> u32 {
        let verdict = mode.applied(self.requested.class, &self.verdict);
        self.requested.bits & !verdict.allow
    }
}

/// A label without its namespace.
fn local(label: &str) -> &str {
    let name = label
        .strip_prefix(':')
        .and_then(|rest| rest.split_once(':'));
    name.map_or(label, |(_, name)| name.strip_prefix("//").unwrap_or(name))
}

/// The profile under which the kernel made up one to learn: `web//null-/usr/bin/x`.
fn learning(label: &str) -> Option<&str> {
    let (name, _) = label.split_once("//null-")?;
    Some(name)
}
