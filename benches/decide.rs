//! How many requests for files a profile decides per second, once its decision function is built.

#![allow(clippy::unwrap_used, reason = "a bench may fail loudly")]

use std::fmt::Write as _;

use aalint::access::{Class, Effective};
use aalint::policy::Search;
use aalint::session::with_policy;
use aalint::source::MemoryVfs;
use divan::Bencher;
use divan::counter::ItemsCount;

fn main() {
    divan::main();
}

/// A profile with so many file rules: literals, patterns, and some that deny.
fn profile(rules: usize) -> String {
    let mut text = "abi <abi/4.0>,\nprofile p {\n".to_owned();
    for number in 0..rules {
        match number % 4 {
            0 => writeln!(text, "  /usr/lib/program{number}/*.so mr,"),
            1 => writeln!(text, "  /etc/program{number}/{{,**}} r,"),
            2 => writeln!(text, "  owner /home/*/.program{number}/** rwk,"),
            _ => writeln!(text, "  deny /var/lib/program{number}/secret* rw,"),
        }
        .unwrap();
    }
    text.push_str("}\n");
    text
}

/// As many paths as rules, of which every other one is matched by a rule.
fn paths(rules: usize) -> Vec<String> {
    let path = |number: usize| match number % 4 {
        0 => format!("/usr/lib/program{number}/module.so"),
        1 => format!("/etc/program{number}x/conf"),
        2 => format!("/home/user/.program{number}/cache/file"),
        _ => format!("/var/lib/program{number}/public"),
    };
    (0..rules).map(path).collect()
}

/// The decision function of such a profile, and paths to ask it for.
fn with_effective(rules: usize, ask: impl FnOnce(&Effective, &[String])) {
    let mut vfs = MemoryVfs::default();
    vfs.insert("p".to_owned(), profile(rules));
    let search = Search {
        directories: Vec::new(),
        has_no_base: true,
    };
    with_policy(&vfs, &search, &["p".to_owned()], &[], |policy| {
        let profile = policy.profiles().next().unwrap();
        ask(&policy.effective(profile), &paths(rules));
    });
}

#[divan::bench(args = [20, 100, 500])]
fn decide(bencher: Bencher<'_, '_>, rules: usize) {
    with_effective(rules, |effective, paths| {
        bencher
            .counter(ItemsCount::new(paths.len()))
            .bench_local(|| {
                let all = paths.iter();
                all.map(|path| effective.decide(Class::File, path.as_bytes()).allow)
                    .fold(0, |all, allow| all | allow)
            });
    });
}

/// The same by an automaton that is there already.
#[divan::bench(args = [20, 100, 500])]
fn decide_many(bencher: Bencher<'_, '_>, rules: usize) {
    with_effective(rules, |effective, paths| {
        let mut decider = effective.decider(Class::File);
        bencher
            .counter(ItemsCount::new(paths.len()))
            .bench_local(|| {
                let all = paths.iter();
                all.map(|path| decider.decide(path.as_bytes()).allow)
                    .fold(0, |all, allow| all | allow)
            });
    });
}
