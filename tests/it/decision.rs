//! Decisions: outcomes, the rules that decide and those that lose, what modes change, and what is
//! not known.

use aalint::access::{Decision, Lost, Outcome, ProfileMode, Request, Ruling, Unknown, show, word};
use aalint::policy::Search;
use aalint::session::{Policy, with_policy};
use aalint::source::MemoryVfs;

/// Ruling, request, texts of the rules that decide, texts of those that lose and why.
type Example = (Ruling, String, Vec<String>, Vec<(String, Lost)>);

/// A decision as plain data.
#[derive(Debug)]
struct Plain {
    outcome: Outcome,
    examples: Vec<Example>,
    by_mode: bool,
    open: Option<Unknown>,
}

fn with_policy_of<R>(text: &str, ask: impl FnOnce(&Policy<'_>) -> R) -> R {
    let mut vfs = MemoryVfs::default();
    vfs.insert("profiles".to_owned(), text.to_owned());
    let search = Search {
        directories: Vec::new(),
        has_no_base: true,
    };
    with_policy(&vfs, &search, &["profiles".to_owned()], &[], ask)
}

fn ask(text: &str, request: &str) -> Plain {
    with_policy_of(text, |policy| {
        let profile = policy.profiles().next().unwrap();
        let effective = policy.effective(profile);
        let sources = &policy.store.sources;
        let mode = ProfileMode::of(profile, &sources.get(profile.file).text);
        let request = Request::read(request, &profile.env, &profile.name).unwrap();
        let decision = Decision::of(&effective, &request, mode, profile, policy.summaries);
        let text = |found: &aalint::access::EntryRef<'_>| {
            let (_, fact) = found.origin(profile, policy.summaries).unwrap();
            sources.slice(fact.rule.range.in_file(fact.file)).to_owned()
        };
        Plain {
            outcome: decision.outcome,
            by_mode: decision.examples.iter().any(|example| example.by_mode),
            examples: decision
                .examples
                .iter()
                .map(|example| {
                    let shown = show(
                        example.class,
                        &example.witness,
                        example.bits,
                        example.exec.as_ref(),
                    );
                    let deciding = &example.deciding;
                    let winners = deciding.winners.iter().map(text).collect();
                    let losers = deciding.losers.iter();
                    let losers = losers.map(|(found, why)| (text(found), *why)).collect();
                    (example.ruling, shown, winners, losers)
                })
                .collect(),
            open: decision.open,
        }
    })
}

fn outcome(rules: &str, request: &str) -> Outcome {
    ask(&format!("profile p {{ {rules} }}"), request).outcome
}

#[test]
fn outcomes() {
    assert_eq!(outcome("/a r,", "/a r"), Outcome::Allowed);
    assert_eq!(outcome("deny /a r,", "/a r"), Outcome::Denied);
    assert_eq!(outcome("/b r,", "/a r"), Outcome::Unmatched);
    assert_eq!(outcome("deny /b r,", "/{a,b} r"), Outcome::Refused);
    assert_eq!(outcome("prompt /a r,", "/a r"), Outcome::Asked);
    assert_eq!(outcome("/a r,", "/{a,b} r"), Outcome::Partly);
    assert_eq!(outcome("/a r,", "/a rw"), Outcome::Partly);
    assert_eq!(outcome("/a r,", "/a x"), Outcome::Unmatched);
    assert_eq!(outcome("/a px,", "/a x"), Outcome::Allowed);
    assert_eq!(outcome("/a px,", "/a ix"), Outcome::Unmatched);
}

#[test]
fn every_subject_is_meant_unless_the_request_says_owner() {
    let decision = ask("profile p { owner /a rw, /a r, }", "/a rw");
    assert_eq!(decision.outcome, Outcome::Partly);
    let requests: Vec<&str> = decision.examples.iter().map(|e| e.1.as_str()).collect();
    assert_eq!(requests, ["/a r, owner /a w", "other /a w"]);
    assert_eq!(outcome("owner /a rw,", "owner /a rw"), Outcome::Allowed);
}

#[test]
fn a_pattern_has_an_example_of_each_side() {
    let decision = ask("profile p { /etc/* r, deny /etc/s* r, }", "/etc/** r");
    assert_eq!(decision.outcome, Outcome::Partly);
    let rulings: Vec<Ruling> = decision.examples.iter().map(|e| e.0).collect();
    assert_eq!(
        rulings,
        [Ruling::Allowed, Ruling::Denied, Ruling::Unmatched]
    );
    let (_, request, winners, losers) = &decision.examples[1];
    assert_eq!(request, "/etc/s r");
    assert_eq!(winners, &["deny /etc/s* r,"]);
    assert_eq!(losers, &[("/etc/* r,".to_owned(), Lost::ToDeny)]);
}

#[test]
fn losers_lose_for_a_reason() {
    let lost = |rules: &str, request: &str| {
        let mut decision = ask(&format!("profile p {{ {rules} }}"), request);
        decision.examples.remove(0).3
    };
    let because = |rule: &str, why| vec![(rule.to_owned(), why)];
    assert_eq!(
        lost("priority=1 /a r, deny /a r,", "/a r"),
        because("deny /a r,", Lost::ToPriority)
    );
    assert_eq!(
        lost("/* ix, /a px,", "/a x"),
        because("/* ix,", Lost::ToExact)
    );
    assert_eq!(
        lost("prompt /* r, /a r,", "/a r"),
        because("prompt /* r,", Lost::ToAllow)
    );
    assert_eq!(lost("/* r, /a r, /a w,", "/a r"), []);
}

#[test]
fn inherited_execs_may_be_mapped() {
    let decision = ask("profile p { /a ix, }", "/a m");
    assert_eq!(decision.outcome, Outcome::Allowed);
    assert_eq!(decision.examples[0].2, ["/a ix,"]);
}

#[test]
fn links_are_decided_by_their_pair() {
    assert_eq!(
        outcome("/a l, deny link /a -> /b,", "link /a -> /b"),
        Outcome::Denied
    );
    assert_eq!(
        outcome("/a l, deny link /a -> /b,", "link subset /a -> /c"),
        Outcome::Allowed
    );
    let decision = ask("profile p { }", "link /a -> /b");
    assert_eq!(decision.outcome, Outcome::Unmatched);
}

#[test]
fn one_path_is_decided_among_thousands_of_rules() {
    let rules: String = (0..5_000)
        .map(|number| format!("/etc/**{number} r, "))
        .collect();
    assert_eq!(outcome(&rules, "/etc/a4999 r"), Outcome::Allowed);
    let rules = format!("{rules} deny /etc/a* r,");
    assert_eq!(outcome(&rules, "/etc/a4999 r"), Outcome::Denied);
}

#[test]
fn modes_change_the_answer() {
    let asked = |flags: &str, rules: &str, request: &str| {
        let decision = ask(&format!("profile p flags=({flags}) {{ {rules} }}"), request);
        (decision.outcome, decision.by_mode)
    };
    assert_eq!(asked("complain", "", "/a r"), (Outcome::Allowed, true));
    assert_eq!(
        asked("complain", "/a r,", "/a r"),
        (Outcome::Allowed, false)
    );
    assert_eq!(
        asked("complain", "deny /a r,", "/a r"),
        (Outcome::Denied, false)
    );
    // Compiled policy holds no trace of it.
    assert_eq!(
        asked("complain", "audit deny /a r,", "/a r"),
        (Outcome::Allowed, true)
    );
    assert_eq!(
        asked("unconfined", "deny /a r,", "/a r"),
        (Outcome::Allowed, true)
    );
    assert_eq!(asked("default_allow", "", "/a r"), (Outcome::Allowed, true));
    assert_eq!(
        asked("default_allow", "audit deny /a r,", "/a r"),
        (Outcome::Denied, false)
    );
    assert_eq!(asked("kill", "", "/a r"), (Outcome::Unmatched, false));
    assert_eq!(asked("prompt", "", "/a r"), (Outcome::Asked, false));
}

#[test]
fn what_is_not_known_is_not_decided() {
    let with_include = |rules: &str, request: &str| {
        let text = format!("profile p {{ include <abstractions/base> {rules} }}");
        let decision = ask(&text, request);
        (
            decision.outcome,
            matches!(decision.open, Some(Unknown::Include(_))),
        )
    };
    assert_eq!(with_include("/a r,", "/a r"), (Outcome::Unknown, true));
    assert_eq!(with_include("", "/a r"), (Outcome::Unknown, true));
    // What an include could hold loses against it, unless by priority.
    assert_eq!(with_include("deny /a r,", "/a r"), (Outcome::Denied, true));
    let with_rule = |rules: &str, request: &str| {
        let decision = ask(&format!("profile p {{ {rules} }}"), request);
        (
            decision.outcome,
            matches!(decision.open, Some(Unknown::Rule(..))),
        )
    };
    let (unknown, known) = ((Outcome::Unknown, true), |outcome| (outcome, false));
    assert_eq!(with_rule("@{NO}/b r,", "/a r"), unknown);
    assert_eq!(
        with_rule("@{NO}/b r, /a r,", "/a r"),
        known(Outcome::Allowed)
    );
    assert_eq!(with_rule("deny @{NO}/b r, /a r,", "/a r"), unknown);
    assert_eq!(
        with_rule("deny @{NO}/b r,", "/a r"),
        known(Outcome::Unmatched)
    );
    assert_eq!(
        with_rule("@{NO}/b r, deny /a r,", "/a r"),
        known(Outcome::Denied)
    );
    let conflict = ask("profile p { /a* ix, /*a px, }", "/aa x");
    assert_eq!(conflict.outcome, Outcome::Unknown);
    assert!(matches!(conflict.open, Some(Unknown::Conflict(..))));
}

#[test]
fn what_is_shown_can_be_asked() {
    for path in [
        "/a",
        "/a b",
        "/a\"b",
        "/[x]{y}*?",
        "/a,",
        "/ü",
        "/a\\b",
        "/a#",
        "/@{x}",
    ] {
        with_policy_of("profile p { }", |policy| {
            let env = &policy.profiles().next().unwrap().env;
            let text = format!("{} r", word(path.as_bytes()));
            let request =
                Request::read(&text, env, "p").unwrap_or_else(|e| panic!("{text}: {e:?}"));
            let asked = request.wants[0].nfa.as_literal().unwrap();
            assert_eq!(String::from_utf8(asked).unwrap(), path, "{text}");
        });
    }
    assert_eq!(word(b"/a\nb\xff"), "/a\\012b\\377");
}

/// Requests of every class: what the answer shows is itself a request, and granted by a rule that
/// says just that.
#[test]
fn every_class_is_shown_in_its_own_syntax() {
    for (request, expected) in [
        ("capability sys_admin", "capability sys_admin"),
        ("network inet stream", "network inet stream"),
        ("network inet6 dgram", "network inet6 dgram"),
        (
            "network (create, bind) netlink raw",
            "network (create, bind) netlink raw",
        ),
        ("network inet tcp", "network inet stream"),
        (
            "signal send set=(term) peer=web",
            "signal send set=(term) peer=web",
        ),
        (
            "ptrace (read, trace) peer=web",
            "ptrace (read, trace) peer=web",
        ),
        ("userns create", "userns"),
        ("io_uring sqpoll", "io_uring sqpoll"),
        (
            "io_uring override_creds label=web",
            "io_uring override_creds label=web",
        ),
        ("umount /mnt/", "umount /mnt/"),
        (
            "mount fstype=proc proc -> /proc/",
            "mount fstype=proc proc -> /proc/",
        ),
        (
            "mount fstype=tmpfs options=(nosuid, ro) tmpfs -> /b",
            "mount fstype=tmpfs options=(ro, nosuid) tmpfs -> /b",
        ),
        (
            // The kernel passes no other option of a bind mount on.
            "mount options=(ro, bind) /a -> /b",
            "mount options=(bind) /a -> /b",
        ),
        (
            "pivot_root oldroot=/old/ /new/",
            "pivot_root oldroot=/old/ /new/",
        ),
        (
            "mqueue read type=posix label=web /q",
            "mqueue read type=posix label=web /q",
        ),
        ("change_profile -> web", "change_profile -> web"),
        (
            "change_profile /bin/x -> web",
            "change_profile /bin/x -> web",
        ),
        (
            "dbus send bus=system path=/a interface=b.c member=d peer=(name=e, label=f)",
            "dbus send bus=system path=/a interface=b.c member=d peer=(name=e, label=f)",
        ),
        (
            "dbus bind bus=session name=a.b",
            "dbus bind bus=session name=a.b",
        ),
        (
            "unix (send) type=stream addr=none peer=(label=web)",
            "unix send type=stream addr=none peer=(label=web)",
        ),
        ("unix create type=dgram", "unix create type=dgram"),
    ] {
        let decision = ask("profile p { }", request);
        assert_eq!(decision.outcome, Outcome::Unmatched, "{request}");
        let shown = &decision.examples[0].1;
        assert_eq!(shown, expected, "{request}");
        let granted = ask(&format!("profile p {{ {shown}, }}"), shown);
        assert_eq!(granted.outcome, Outcome::Allowed, "{shown}: {granted:?}");
        let denied = ask(&format!("profile p {{ deny {shown}, }}"), shown);
        assert_eq!(denied.outcome, Outcome::Denied, "{shown}: {denied:?}");
    }
}

#[test]
fn answers_are_about_what_the_kernel_asks() {
    // No kernel has capability 63, protocol 200 is no socket type, and no label is empty.
    let all = "chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap \
               linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner \
               sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice \
               sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap \
               mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf \
               checkpoint_restore";
    assert_eq!(
        outcome(&format!("capability {all},"), "capability"),
        Outcome::Allowed
    );
    assert_eq!(outcome("capability chown,", "capability"), Outcome::Partly);
    let decision = ask(
        "profile p { signal send set=(term), }",
        "signal send peer=a",
    );
    assert_eq!(decision.outcome, Outcome::Partly);
    assert_eq!(decision.examples[0].1, "signal send set=(term) peer=a");
    assert!(decision.examples[1].1.starts_with("signal send set=("));
    let decision = ask(
        "profile p { network inet, network inet6, }",
        "network stream",
    );
    assert_eq!(decision.outcome, Outcome::Partly);
    assert!(
        decision.examples[1].1.starts_with("network "),
        "{decision:?}"
    );
    assert_eq!(outcome("deny mount,", "mount fstype=proc"), Outcome::Denied);
    assert_eq!(outcome("mount,", "mount fstype=proc"), Outcome::Allowed);
}

/// A small source of numbers that are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn pattern(&mut self) -> String {
        let parts = [
            "a", "b", "*", "**", "?", "{a,bb}", "[^a]", "/a", "/b", "/*", "/",
        ];
        let count = 1 + self.below(3);
        let rest: String = (0..count).map(|_| parts[self.below(parts.len())]).collect();
        format!("/{rest}")
    }

    fn rule(&mut self) -> String {
        let priority = ["", "", "", "", "priority=1 "][self.below(5)];
        let effect = ["", "", "", "deny ", "prompt "][self.below(5)];
        let owner = ["", "", "owner "][self.below(3)];
        let perms = ["r", "w", "rw"][self.below(3)];
        let pattern = self.pattern();
        format!("{priority}{effect}{owner}{pattern} {perms},")
    }
}

/// All strings of up to `length` bytes that are paths.
fn paths(length: usize) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = vec![b"/".to_vec()];
    let mut start = 0;
    for _ in 1..length {
        let end = all.len();
        for index in start..end {
            for byte in *b"/abx" {
                let mut next = all[index].clone();
                if next.ends_with(b"/") && byte == b'/' {
                    continue;
                }
                next.push(byte);
                all.push(next);
            }
        }
        start = end;
    }
    all
}

/// Answers agree with asking for every short path by itself.
#[test]
fn outcomes_agree_with_brute_force() {
    let mut numbers = Numbers(7);
    let paths = paths(7);
    let mut count = [0; 6];
    for round in 0..2000 {
        let rules: Vec<String> = (0..1 + numbers.below(5)).map(|_| numbers.rule()).collect();
        let flags = ["", "", "", "flags=(complain)", "flags=(default_allow)"][numbers.below(5)];
        let text = format!("profile p {flags} {{ {} }}", rules.join(" "));
        let request = format!(
            "{} {}",
            numbers.pattern(),
            ["r", "w", "rw"][numbers.below(3)]
        );
        with_policy_of(&text, |policy| {
            let profile = policy.profiles().next().unwrap();
            let effective = policy.effective(profile);
            let mode = ProfileMode::of(profile, &policy.store.sources.get(profile.file).text);
            let asked = Request::read(&request, &profile.env, "p").unwrap();
            let decision = Decision::of(&effective, &asked, mode, profile, policy.summaries);
            let [want] = asked.wants.as_slice() else {
                panic!("{request}: {:?}", asked.wants);
            };
            let mut decider = effective.decider(want.class);
            for path in &paths {
                let verdict = effective.decide(want.class, path);
                assert_eq!(*decider.decide(path), verdict, "{text}: {path:?}");
            }
            let (mut allowed, mut refused, mut whole) = (false, false, false);
            let mut rulings = Vec::new();
            for path in paths.iter().filter(|path| want.nfa.matches(path)) {
                let rules = effective.decide(want.class, path);
                let verdict = mode.applied(want.class, &rules);
                allowed |= want.granted(&verdict) != 0;
                whole |= want.refused(&verdict) == 0;
                refused |= want.refused(&verdict) != 0;
                let missing = want.refused(&verdict);
                let ruling = if missing == 0 {
                    continue;
                } else if missing & verdict.deny != 0 {
                    Ruling::Denied
                } else if missing & verdict.prompt != 0 {
                    Ruling::Asked
                } else {
                    Ruling::Unmatched
                };
                if !rulings.contains(&ruling) {
                    rulings.push(ruling);
                }
            }
            let expected = match (allowed, refused, rulings.as_slice()) {
                (true, false, _) => Outcome::Allowed,
                (true, true, _) => Outcome::Partly,
                (_, _, [Ruling::Denied]) => Outcome::Denied,
                (_, _, [Ruling::Unmatched]) => Outcome::Unmatched,
                (_, _, [Ruling::Asked]) => Outcome::Asked,
                (_, _, []) => return,
                _ => Outcome::Refused,
            };
            assert_eq!(
                decision.outcome, expected,
                "{round}: {text} asked for {request}"
            );
            if whole {
                let example = decision.example(Ruling::Allowed).unwrap();
                assert_eq!(example.bits & !want.mask, 0, "{text}");
            }
            // Each example is what it is said to be.
            for example in &decision.examples {
                let rules = effective.decide(example.class, &example.witness);
                let verdict = mode.applied(example.class, &rules);
                let bits = match example.ruling {
                    Ruling::Allowed => verdict.allow,
                    Ruling::Denied => verdict.deny,
                    Ruling::Asked => verdict.prompt,
                    Ruling::Unmatched => !(verdict.allow | verdict.deny | verdict.prompt),
                };
                assert_eq!(example.bits & !bits, 0, "{text} asked for {request}");
                assert!(want.nfa.matches(&example.witness));
            }
            count[expected as usize] += 1;
        });
    }
    // Every outcome that there is came up.
    assert!(count.iter().all(|count| *count > 3), "{count:?}");
}
