//! `container-weaker-than-default`: what Docker's default profile denies, and this one grants.

use rustc_hash::FxHashMap;

use crate::access::{Class, Effective, EntryRef, OutcomeExamples, Request, bits, show};
use crate::containers::{EngineFact, EngineProfile};
use crate::lang::KERNEL_FILES;
use crate::lang::permissions::READ;
use crate::lint::{Check, Cx, Sink, listed};
use crate::policy::ProfileView;
use crate::source::Span;
use crate::syntax::ast::Mode;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

const DEFAULT: &str = "docker-default";

/// How many further requests a finding names.
const MAX_NAMED: usize = 3;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    // A copy of the default profile may be an older one, and is meant to be one.
    if !cx.is_for_container(profile) || profile.name == DEFAULT {
        return;
    }
    let Some(facts) = EngineProfile::named(DEFAULT).and_then(|known| known.facts(known.newest()))
    else {
        return;
    };
    let effective = cx.effective(profile);
    let mut rules: Vec<Span> = Vec::new();
    let mut granted: FxHashMap<Span, Vec<(String, &str)>> = FxHashMap::default();
    for fact in facts {
        let Some((class, request, rule)) = weaker(&effective, &fact, profile, cx) else {
            continue;
        };
        if effective.may_deny_more(class, profile, cx.summaries) {
            continue;
        }
        if !rules.contains(&rule) {
            rules.push(rule);
        }
        granted.entry(rule).or_default().push((request, fact.about));
    }
    for rule in rules {
        let all = granted.remove(&rule).unwrap_or_default();
        let Some((first, about)) = all.first() else {
            continue;
        };
        let requests = all.iter().map(|(request, _)| request);
        let claims = requests.filter_map(|request| cx.claim(profile, request));
        let mut finding = sink
            .at(
                rule,
                format!("this rule allows `{first}`, which Docker's default profile denies"),
            )
            .mark(format!("allows {about}"))
            .claims(claims.collect::<Vec<_>>());
        let rest: Vec<String> = all
            .iter()
            .skip(1)
            .map(|(request, _)| request.clone())
            .collect();
        if !rest.is_empty() {
            finding = finding.note(format!("it also allows {}", listed(&rest, MAX_NAMED)));
        }
        let finding = finding
            .note("this profile replaces the default profile, so nothing else denies it")
            .help("narrow the rule, or add the deny rules; `aalint engine-profile show docker-default` lists what to keep");
        sink.report(finding);
    }
}

/// A request that the default profile denies and this one grants, and the profile's own rule that
/// does.
fn weaker(
    effective: &Effective,
    fact: &EngineFact,
    profile: &ProfileView<'_>,
    cx: &Cx<'_>,
) -> Option<(Class, String, Span)> {
    let asked = fact.promise.strip_prefix("deny ")?;
    let request = Request::read(asked, &profile.env, &profile.name).ok()?;
    let examples = OutcomeExamples::of(effective, &request).ok()?;
    let is_all = examples.denied.is_none() && examples.unmatched.is_none();
    let (class, found) = examples.granted?;
    // What is written is the matter of `container-proc-sys`.
    let counting = match class {
        Class::File => bits::both(READ),
        _ => u32::MAX,
    };
    let wants = request.wants.iter().filter(|want| want.class == class);
    let wanted = wants.fold(0, |all, want| all | want.mask);
    let allowed = found.verdict.allow & wanted & counting;
    let grants = |entry: &&EntryRef<'_>| {
        entry.entry.effect == Mode::Allow
            && entry.entry.mask & allowed != 0
            && profile.is_own(entry.segment)
    };
    let granting = found.matching.iter().find(grants)?;
    let (_, rule) = granting.origin(profile, cx.summaries)?;
    let request = if class != Class::File {
        if is_all {
            asked.to_owned()
        } else {
            show(class, found.witness.as_slice(), allowed, None)
        }
    } else {
        // A path that no system has would prove nothing: below powercap is no file called `serial`.
        let is_one = |path: &&&str| {
            let path = path.as_bytes();
            let mut wants = request.wants.iter().filter(|want| want.class == class);
            wants.any(|want| want.nfa.matches(path))
                && effective.decide(class, path).allow & allowed == allowed
                && granting.entry.nfa.matches(path)
        };
        let known = KERNEL_FILES.iter().find(is_one)?;
        show(class, known.as_bytes(), allowed, None)
    };
    Some((class, request, cx.span(rule)))
}
