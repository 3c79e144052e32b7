//! Which rule decided what a record tells.
//!
//! The kernel's records end where policy begins: they say what was refused, and not by which rule, nor what is missing.
//! An [`Explainer`] puts the request of a record to the decision function of its profile. Where a rule is missing it
//! proposes the narrowest one, unless somebody promised of the profile that this stays denied.

use std::sync::OnceLock;

use super::hats::{Hats, hats};
use super::promised::{Forbidden, PromisedDenials};
use super::record::{Kind, Record};
use super::request::{NotAsked, Requested, once_attached, requests};
use super::suggest::{Suggestion, suggest};
use crate::access::{Effective, Entry, EntryRef, ProfileMode, Verdict, combine, deciding, show};
use crate::policy::ProfileView;
use crate::session::{Policy, Promised, RuleAt};
use crate::syntax::text::value;

/// Why a record came about, as the policy has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cause {
    /// Rules did not decide.
    NotAsked(NotAsked),
    /// The policy defines no such profile.
    NoProfile,
    /// The task has no profile: it is unconfined.
    Unconfined,
    /// The profile has no such hat.
    NoHat(Hats),
    /// The kernel could not name the file for want of a flag.
    Disconnected(Disconnected),
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

/// A file that the kernel could not name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Disconnected {
    /// Its path once the profile has the flag `attach_disconnected`.
    pub path: String,
    /// Whether the policy has the flag: then the kernel has another version loaded.
    pub has_flag: bool,
    /// What the policy decides for that path; `None` if it does not define the profile, or the record does not say what
    /// was asked.
    pub then: Option<Box<Explanation>>,
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
    /// The narrowest missing rule, where one is missing and no promise is against it.
    pub suggestion: Option<Suggestion>,
    /// The promises that deny what the missing rule would allow.
    pub forbidden: Vec<Forbidden>,
}

impl Explanation {
    /// Of what rules did not decide.
    const fn only(cause: Cause) -> Self {
        Self {
            request: None,
            cause,
            rules: Vec::new(),
            suggestion: None,
            forbidden: Vec::new(),
        }
    }
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
    profiles: Vec<Explained<'p, 's>>,
}

/// A profile with what is made of it once a record is about it.
#[derive(Debug)]
struct Explained<'p, 's> {
    view: &'s ProfileView<'s>,
    effective: OnceLock<Effective>,
    promised: Option<&'p Promised<'p>>,
    denials: OnceLock<PromisedDenials>,
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
        let profiles = policy.profiles().map(|view| Explained {
            view,
            effective: OnceLock::new(),
            promised: None,
            denials: OnceLock::new(),
        });
        Self {
            policy,
            profiles: profiles.collect(),
        }
    }

    /// The same, and no rule is proposed that breaks a promise.
    #[must_use]
    pub fn with_promises(mut self, promised: &'p [Promised<'p>]) -> Self {
        // Both are in the order of the policy's profiles.
        for (profile, promised) in self.profiles.iter_mut().zip(promised) {
            profile.promised = Some(promised);
        }
        self
    }

    /// Explains a record.
    #[must_use]
    pub fn explain(&self, record: &Record) -> Explanation {
        let requests = match requests(record) {
            Ok(requests) => requests,
            Err(NotAsked::Disconnected) => return self.disconnected(record),
            Err(_) if record.operation == "change_hat" => return self.hat(record),
            Err(why) => return Explanation::only(Cause::NotAsked(why)),
        };
        self.requested(record, requests)
    }

    /// Explains what a record asked for.
    fn requested(&self, record: &Record, requests: Vec<Requested>) -> Explanation {
        let shown = requests
            .iter()
            .map(|one| show(one.class, &one.text, one.bits, None));
        let shown = shown.collect::<Vec<_>>().join(", ");
        let Some(profile) = self.profile(record) else {
            let cause = match learning(&record.label) {
                Some(name) => Cause::Learning(name.to_owned()),
                None if is_unconfined(record) => Cause::Unconfined,
                None => Cause::NoProfile,
            };
            return Explanation {
                request: Some(shown),
                ..Explanation::only(cause)
            };
        };
        let effective = self.effective(profile);
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
            ..self.decided(record, profile, &decided)
        }
    }

    /// Explains a record of a file that the kernel could not name, by the name that it will have.
    fn disconnected(&self, record: &Record) -> Explanation {
        let profile = self.profile(record);
        let flags = profile.map_or_else(Vec::new, |profile| {
            let source = &self.policy.store.sources.get(profile.view.file).text;
            profile.view.flags(source)
        });
        let prefix = flags.iter().find_map(|flag| {
            let path = flag.strip_prefix("attach_disconnected.path=")?;
            Some(value(path).into_owned())
        });
        let has_flag = prefix.is_some() || flags.contains(&"attach_disconnected");
        let requested = once_attached(record, prefix.as_deref().unwrap_or_default());
        let name = record.text("name").unwrap_or_default();
        let path = match &requested {
            Some(requested) => String::from_utf8_lossy(&requested.text).into_owned(),
            None => format!("/{name}"),
        };
        let then = match (profile, requested) {
            (Some(_), Some(requested)) => Some(Box::new(self.requested(record, vec![requested]))),
            _ => None,
        };
        Explanation::only(Cause::Disconnected(Disconnected {
            path,
            has_flag,
            then,
        }))
    }

    /// Explains a record of a change of hat, which no rule decides.
    fn hat(&self, record: &Record) -> Explanation {
        if is_unconfined(record) {
            return Explanation::only(Cause::Unconfined);
        }
        let views = self.profiles.iter().map(|profile| profile.view);
        let found = match record.text("name") {
            Some(name) => hats(views, local(&record.label), &name),
            None => None,
        };
        Explanation::only(match found {
            Some(hats) => Cause::NoHat(hats),
            None => Cause::NotAsked(NotAsked::Operation),
        })
    }

    /// Whether a record is about a profile of the policy, or one that the kernel made up below it.
    #[must_use]
    pub fn knows(&self, record: &Record) -> bool {
        let mut names = record.label.split("//&").map(local);
        names.any(|name| {
            let name = learning(name).unwrap_or(name);
            self.profiles
                .iter()
                .any(|profile| profile.view.full_name == name)
        })
    }

    fn profile(&self, record: &Record) -> Option<&Explained<'p, 's>> {
        let mut names = record.label.split("//&").map(local);
        let find = |name: &str| self.profiles.iter().find(|p| p.view.full_name == name);
        names.find_map(find)
    }

    fn effective<'e>(&self, profile: &'e Explained<'p, 's>) -> &'e Effective {
        profile
            .effective
            .get_or_init(|| self.policy.effective(profile.view))
    }

    fn decided(
        &self,
        record: &Record,
        explained: &Explained<'p, 's>,
        decided: &[Decided<'_>],
    ) -> Explanation {
        let (profile, effective) = (explained.view, self.effective(explained));
        let source = &self.policy.store.sources.get(profile.file).text;
        let mode = ProfileMode::of(profile, source).once_enforced();
        let because = |cause, rules| Explanation {
            rules,
            ..Explanation::only(cause)
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
            return because(cause, rules);
        }
        let denied = |one: &Decided<'_>| refused(one) & one.verdict.deny;
        let rules = self.rules(profile, decided, denied, |entry| entry.mask);
        if !rules.is_empty() {
            return because(Cause::Denied, rules);
        }
        match decided.iter().find(|one| refused(one) != 0) {
            Some(_) if self.may_allow_more(profile, effective, decided) => {
                because(Cause::Unknown, Vec::new())
            }
            Some(one) => {
                let found = suggest(
                    &record.operation,
                    &one.requested,
                    refused(one),
                    effective,
                    profile,
                    mode,
                );
                let forbidden = found.as_ref().map_or_else(Vec::new, |(_, request)| {
                    self.denials(explained).against(request)
                });
                let suggestion = found.filter(|_| forbidden.is_empty());
                Explanation {
                    suggestion: suggestion.map(|(suggestion, _)| suggestion),
                    forbidden,
                    ..Explanation::only(Cause::Unmatched)
                }
            }
            None => {
                let asked = |one: &Decided<'_>| one.requested.bits;
                let rules = self.rules(profile, decided, asked, |entry| entry.mask);
                because(Cause::Differs, rules)
            }
        }
    }

    fn denials<'e>(&self, profile: &'e Explained<'p, 's>) -> &'e PromisedDenials {
        profile.denials.get_or_init(|| {
            let promises = profile
                .promised
                .map(|promised| promised.promises.as_slice());
            PromisedDenials::of(
                promises.unwrap_or_default(),
                profile.view,
                &self.policy.store.sources,
            )
        })
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

/// Whether the task has no profile.
fn is_unconfined(record: &Record) -> bool {
    local(&record.label) == "unconfined"
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
