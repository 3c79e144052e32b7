//! The decision function on small profiles whose answers are plain.

use aalint::access::{Class, Detail, Verdict, bits, is_equal};
use aalint::glob::InputDomain;
use aalint::lang::permissions::{EXEC, LINK, MMAP, READ, WRITE};
use aalint::policy::Search;
use aalint::session::{Policy, with_policy};
use aalint::source::MemoryVfs;

fn with_profiles<R>(text: &str, ask: impl FnOnce(&Policy<'_>) -> R) -> R {
    let mut vfs = MemoryVfs::default();
    vfs.insert("profiles".to_owned(), text.to_owned());
    with_policy(&vfs, &Search::default(), &["profiles".to_owned()], &[], ask)
}

fn decide(rules: &str, path: &str) -> Verdict {
    with_profiles(&format!("profile p {{ {rules} }}"), |policy| {
        let profile = policy.profiles().next().unwrap();
        let effective = policy.effective(profile);
        effective.decide(Class::File, path.as_bytes())
    })
}

fn both(bits: u8) -> u32 {
    bits::both(bits)
}

#[test]
fn deny_wins_per_bit() {
    let verdict = decide("/etc/** rw, deny /etc/shadow w,", "/etc/shadow");
    assert_eq!(verdict.allow & both(READ | WRITE), both(READ));
    assert_eq!(verdict.quiet & both(WRITE), both(WRITE));
}

#[test]
fn priority_beats_deny() {
    let verdict = decide("priority=1 /a r, deny /a r,", "/a");
    assert_eq!(verdict.allow, both(READ));
    assert_eq!(verdict.deny, 0);
}

#[test]
fn inherit_brings_mmap() {
    let verdict = decide("/a ix,", "/a");
    assert_eq!(verdict.allow, both(EXEC | MMAP));
    assert_eq!(decide("/a px,", "/a").allow, both(EXEC));
}

#[test]
fn owner_is_one_half() {
    assert_eq!(decide("owner /a r,", "/a").allow, u32::from(READ));
}

#[test]
fn exact_rules_decide_the_exec() {
    let verdict = decide("/a* ix, /{a,b} px,", "/a");
    let exec = verdict.exec[0].clone().unwrap();
    assert_eq!(exec.mode.to_string(), "px");
    assert_eq!(verdict.conflict, None);
    assert!(decide("/a* ix, /*a px,", "/aa").conflict.is_some());
    // A higher priority settles it, if the parser comes to that rule in time: 5.0.2 puts those with
    // `audit` last.
    let settled = |rules: &str| decide(rules, "/aa").conflict.is_none();
    assert!(settled("/a* ix, /*a px, priority=1 /aa ux,"));
    assert!(settled("/a* ix, /*a px, priority=1 /** ux,"));
    assert!(settled("audit /a* ix, /*a px, priority=1 audit /aa ux,"));
    assert!(settled("owner /a* ix, /*a px, priority=1 owner /aa ux,"));
    assert!(!settled("/a* ix, /*a px, priority=1 audit /aa ux,"));
    assert!(!settled("/a* ix, /*a px, priority=1 owner /aa ux,"));
    assert!(!settled("/a* ix, /*a px, priority=1 deny /aa x,"));
    assert!(!settled("/a* ix, /*a px, priority=1 /aa rm,"));
}

#[test]
fn links_need_a_pair() {
    let rules = "/a l, deny link /a -> /b,";
    assert_eq!(decide(rules, "/a").allow, both(LINK));
    assert_eq!(decide(rules, "/a\0/b").allow & both(LINK), 0);
    assert_eq!(decide(rules, "/a\0/c").allow & both(LINK), both(LINK));
}

#[test]
fn the_same_policy_written_otherwise_is_equal() {
    let same_among = |among, left: &str, right: &str| {
        with_profiles(
            &format!("profile a {{ {left} }} profile b {{ {right} }}"),
            |policy| {
                let all: Vec<_> = policy.profiles().map(|p| policy.effective(p)).collect();
                is_equal(&all[0], &all[1], Class::File, among, Detail::Exact).unwrap()
            },
        )
    };
    let same = |left: &str, right: &str| same_among(InputDomain::Bytes, left, right);
    assert!(same("/a r, /b r,", "/{b,a} r,"));
    assert!(same("/a* r, /ab r,", "/a* r,"));
    assert!(!same("/a* r, /ab w,", "/a* r,"));
    assert!(same("/a ix,", "/a mix,"));
    assert!(!same("owner /a r,", "/a r,"));
    assert!(same("/a r, deny /a r,", "deny /a r,"));
    // They differ about `//x`, which is no path.
    assert!(!same("/{,**} r,", "/ r, /** r,"));
    assert!(same_among(InputDomain::Paths, "/{,**} r,", "/ r, /** r,"));
}
