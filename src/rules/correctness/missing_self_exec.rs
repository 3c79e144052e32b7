//! `missing-self-exec`: profiles that may not read the program that they are for.

use crate::access::{Class, Effective, ProfileMode, bits};
use crate::glob::{InputDomain, Nfa};
use crate::lang::permissions::READ;
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::WholeProfile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(attachment) = &profile.attachment else {
        return;
    };
    if profile.ast.form.is_hat() || profile.ast.items.is_empty() || cx.is_open(profile) {
        return;
    }
    let Ok(nfa) = Nfa::path(attachment) else {
        return;
    };
    let effective = cx.effective(profile);
    if effective.may_allow_more(Class::File, profile, cx.summaries) || reads(&effective, &nfa) {
        return;
    }
    let example = String::from_utf8_lossy(&nfa.example()).into_owned();
    let place = profile.attachment_span();
    let mut finding = sink.at(
        place,
        format!(
            "`{}` does not allow its own program to be read: `{example}`",
            profile.full_name
        ),
    );
    let matching = effective.matching(Class::File, &nfa.example());
    let deny = matching
        .iter()
        .find(|found| found.entry.effect == Mode::Deny && found.entry.mask & bits::both(READ) != 0);
    if let Some((_, deny)) = deny.and_then(|deny| deny.origin(profile, cx.summaries)) {
        finding = finding.label(cx.span(deny), "denied here");
    }
    let source = cx.store.sources.get(profile.file);
    let passes = deny.is_none() && ProfileMode::of(profile, &source.text) == ProfileMode::Complain;
    finding = if passes {
        finding
            .note("in complain mode this is allowed and logged; once enforced, a confined program cannot start this one")
    } else {
        finding
            .note("a confined program cannot start it, since the new profile must allow `mr`")
            .note("a script cannot run, since its interpreter reads it")
    };
    let help = match deny {
        Some(_) => {
            format!("remove the deny rule, or narrow it so that it does not match `{example}`")
        }
        None => match at_this_path(profile, &example, cx) {
            Some(rule) => format!("add `mr` to the permissions of `{rule}`"),
            None => format!("add `{example} mr,`"),
        },
    };
    sink.report(finding.help(help));
}

/// A rule of the profile that allows something of just this path.
fn at_this_path(profile: &ProfileView<'_>, path: &str, cx: &Cx<'_>) -> Option<String> {
    let mut own = profile.own_facts(cx.summaries);
    let found = own.find(|fact| match &fact.rule.body {
        Body::File(rule) if fact.mode == Mode::Allow && fact.owner.is_none() => {
            cx.expand(profile, fact, rule.path).as_deref() == Some(path)
        }
        _ => false,
    });
    found.map(|fact| cx.brief(fact))
}

/// Whether anything that the profile attaches to may be read.
fn reads(effective: &Effective, nfa: &Nfa) -> bool {
    let read = bits::both(READ);
    if effective.decide(Class::File, &nfa.example()).allow & read != 0 {
        return true;
    }
    let found = effective.find(Class::File, &[nfa], InputDomain::Paths, |verdict, _| {
        verdict.allow & read != 0
    });
    !matches!(found, Ok(None))
}
