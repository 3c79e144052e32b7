//! Decisions in which apparmor_parser is not what one would expect, each as compiled policy shows it.

use aalint::access::{Decision, Outcome, ProfileMode, Request, Unknown, bits};
use aalint::lang::permissions::READ;
use aalint::policy::Search;
use aalint::session::with_policy;
use aalint::source::MemoryVfs;

use crate::common::{aalint, directory, text};

fn decide(policy: &str, request: &str) -> (Outcome, bool) {
    let mut vfs = MemoryVfs::default();
    vfs.insert("policy".to_owned(), policy.to_owned());
    let paths = ["policy".to_owned()];
    with_policy(&vfs, &Search::default(), &paths, &[], |policy| {
        let profile = policy.profiles().next().unwrap();
        let effective = policy.effective(profile);
        let request = Request::read(request, &profile.env, &profile.name).unwrap();
        let mode = ProfileMode::Enforce;
        let decision = Decision::of(&effective, &request, mode, profile, policy.summaries);
        let is_about_addresses = matches!(decision.open, Some(Unknown::Addresses(..)));
        (decision.outcome, is_about_addresses)
    })
}

fn outcome(rules: &str, request: &str) -> Outcome {
    decide(&format!("profile p {{ {rules} }}"), request).0
}

/// `check` of a file, and what it prints.
fn check(policy: &str) -> (Option<i32>, String) {
    let here = directory(&[("policy", policy)]);
    let output = aalint(
        here.path(),
        &[
            "check",
            "--isolated",
            "--select",
            "intent-violated",
            "policy",
        ],
    );
    (output.status.code(), text(&output.stdout))
}

#[test]
fn a_network_rule_decides_about_unix_sockets() {
    let talk = "unix (connect, send) type=stream";
    assert_eq!(outcome("network unix,", talk), Outcome::Allowed);
    assert_eq!(outcome("unix, deny network unix,", talk), Outcome::Denied);
    assert_eq!(outcome("network unix dgram,", talk), Outcome::Unmatched);
    assert_eq!(outcome("network inet,", talk), Outcome::Unmatched);
    assert_eq!(
        outcome(
            "network unix, deny unix (connect),",
            "unix connect type=stream"
        ),
        Outcome::Denied
    );
    assert_eq!(
        outcome(
            "network unix, deny unix (connect),",
            "unix send type=stream"
        ),
        Outcome::Allowed
    );
    // A request for such sockets is one for both ways in which kernels ask.
    assert_eq!(
        outcome("network unix,", "network unix stream"),
        Outcome::Allowed
    );
    assert_eq!(
        outcome("network unix, deny unix,", "network unix stream"),
        Outcome::Partly
    );
    let violated = [
        ("deny unix (connect, send) type=stream", "network unix,"),
        (
            "allow unix (connect, send) type=stream",
            "unix,\n  deny network unix,",
        ),
    ];
    for (promise, rules) in violated {
        let policy = format!("profile p {{\n  # aalint: assert {promise},\n  {rules}\n}}\n");
        let (code, out) = check(&policy);
        assert_eq!(code, Some(1), "{out}");
        assert!(out.contains("intent-violated"), "{out}");
    }
}

#[test]
fn the_network_rule_is_named_and_compared() {
    let policy = "profile a {\n  unix peer=(label=x),\n  network unix stream,\n}\n";
    let without = "profile a {\n  unix peer=(label=x),\n}\n";
    let here = directory(&[("old", policy), ("new", without)]);
    let asked = aalint(
        here.path(),
        &[
            "query",
            "--isolated",
            "old",
            "unix (connect) type=stream peer=(label=foo)",
        ],
    );
    let out = text(&asked.stdout);
    assert_eq!(asked.status.code(), Some(0), "{out}");
    assert!(out.contains("old:3:3 network unix stream"), "{out}");
    let compared = aalint(
        here.path(),
        &["diff", "--isolated", "--exact", "old", "new"],
    );
    let out = text(&compared.stdout);
    assert!(
        out.contains("narrower") && out.contains("network unix stream"),
        "{out}"
    );
}

#[test]
fn aliases_rewrite_rules_and_no_requests() {
    let policy = "alias /etc/ -> /usr/etc/,\nprofile p { /etc/x r, deny /usr/etc/x r, }";
    assert_eq!(decide(policy, "/etc/x r").0, Outcome::Allowed);
    assert_eq!(decide(policy, "/usr/etc/x r").0, Outcome::Denied);
    let policy = "alias /a -> /b,\nprofile p { link /a -> /a, }";
    assert_eq!(decide(policy, "link /a -> /a").0, Outcome::Allowed);
    assert_eq!(decide(policy, "link /b -> /a").0, Outcome::Allowed);
    assert_eq!(decide(policy, "link /c -> /a").0, Outcome::Unmatched);
}

#[test]
fn children_are_named_by_the_name_in_the_header() {
    let target = |policy: &str, number: usize| {
        let mut vfs = MemoryVfs::default();
        vfs.insert("policy".to_owned(), policy.to_owned());
        let paths = ["policy".to_owned()];
        with_policy(&vfs, &Search::default(), &paths, &[], |policy| {
            let profile = policy.profiles().nth(number).unwrap();
            let verdict = policy
                .effective(profile)
                .decide(aalint::access::Class::File, b"/a");
            let exec = verdict.exec[0].clone().unwrap();
            exec.target.unwrap().to_string()
        })
    };
    assert_eq!(target("profile a//b { /a Cx -> s, }", 0), "a//b//s");
    assert_eq!(target("profile :ns:a//b { /a Cx -> s, }", 0), "a//b//s");
    assert_eq!(target("profile a { profile b { /a Cx -> s, } }", 1), "b//s");
}

#[test]
fn a_change_at_exec_needs_three_answers() {
    let request = "change_profile /a -> c";
    assert_eq!(outcome("change_profile -> a,", request), Outcome::Unmatched);
    assert_eq!(outcome("change_profile -> c,", request), Outcome::Allowed);
    assert_eq!(
        outcome("change_profile /a -> c,", request),
        Outcome::Allowed
    );
    // A denial for one label is one for the program.
    let rules = "change_profile /a -> c, deny change_profile /a -> x,";
    assert_eq!(outcome(rules, request), Outcome::Denied);
    assert_eq!(
        outcome("change_profile /a -> c,", "change_profile /* -> c"),
        Outcome::Partly
    );
    // 5.0.2 gives them no priority, and does not prompt for them.
    let rules = "priority=1 change_profile -> c, deny change_profile -> c,";
    assert_eq!(outcome(rules, "change_profile -> c"), Outcome::Denied);
    assert_eq!(
        outcome("prompt change_profile -> c,", "change_profile -> c"),
        Outcome::Allowed
    );
}

#[test]
fn queues_that_have_no_label_are_meant_as_well() {
    let rules = "deny mqueue label=boo /foo, mqueue type=posix /foo,";
    assert_eq!(outcome(rules, "mqueue create /foo"), Outcome::Denied);
    assert_eq!(outcome(rules, "mqueue open /foo"), Outcome::Partly);
    assert_eq!(
        outcome("mqueue /foo,", "mqueue create /foo"),
        Outcome::Allowed
    );
    assert_eq!(
        outcome("mqueue label=** /foo,", "mqueue open label=x /foo"),
        Outcome::Allowed
    );
    assert_eq!(
        outcome("mqueue label=x /foo,", "mqueue create /foo"),
        Outcome::Allowed
    );
    // The parser writes the label twice for queues of System V, where it writes for both kinds.
    assert_eq!(
        outcome("mqueue label=x,", "mqueue open label=x 5"),
        Outcome::Unmatched
    );
    assert_eq!(
        outcome("mqueue label=x,", "mqueue open label=xx 5"),
        Outcome::Allowed
    );
    assert_eq!(
        outcome("mqueue label=x 5,", "mqueue open label=x 5"),
        Outcome::Allowed
    );
}

#[test]
fn what_addresses_restrict_depends_on_the_kernel() {
    let unknown = (Outcome::Unknown, true);
    for (rules, request) in [
        ("network inet port=80,", "network inet stream"),
        ("network inet ip=127.0.0.1,", "network (bind) inet"),
        (
            "network peer=(ip=127.0.0.1),",
            "network (connect) inet6 dgram",
        ),
        (
            "network inet, deny network inet port=80,",
            "network inet stream",
        ),
        ("network inet interface=lo,", "network inet"),
    ] {
        let policy = format!("profile p {{ {rules} }}");
        assert_eq!(decide(&policy, request), unknown, "{rules} {request}");
    }
    // What no such rule could change is known.
    for (rules, request, expected) in [
        (
            "network inet port=80,",
            "network netlink raw",
            Outcome::Unmatched,
        ),
        (
            "network inet, network inet port=80,",
            "network inet stream",
            Outcome::Allowed,
        ),
        (
            "deny network, network inet port=80,",
            "network inet stream",
            Outcome::Denied,
        ),
        (
            "network peer=(label=x),",
            "unix (connect) type=stream",
            Outcome::Allowed,
        ),
        (
            "network inet port=80,",
            "unix (connect) type=stream",
            Outcome::Unmatched,
        ),
    ] {
        let policy = format!("profile p {{ {rules} }}");
        assert_eq!(
            decide(&policy, request),
            (expected, false),
            "{rules} {request}"
        );
    }
    let policy =
        "profile p {\n  # aalint: assert deny network inet dgram,\n  network inet port=80,\n}\n";
    let (code, out) = check(policy);
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("depends on the kernel"), "{out}");
}

/// A reading rule is about the owner's files and others.
#[test]
fn a_request_is_no_rule() {
    let mut vfs = MemoryVfs::default();
    vfs.insert(
        "policy".to_owned(),
        "alias /a -> /b,\nprofile p { /a r, }".to_owned(),
    );
    let paths = ["policy".to_owned()];
    with_policy(&vfs, &Search::default(), &paths, &[], |policy| {
        let profile = policy.profiles().next().unwrap();
        let request = Request::read("/a r", &profile.env, &profile.name).unwrap();
        let masks: Vec<u32> = request.wants.iter().map(|want| want.mask).collect();
        assert_eq!(masks, [bits::both(READ)]);
        assert!(!request.wants[0].nfa.matches(b"/b"));
    });
}
