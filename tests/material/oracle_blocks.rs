//! What apparmor_parser makes of rules in blocks and in `if`, against what aalint says of them.
//!
//! Profiles made by chance hold blocks in blocks, `if`, hats and includes around rules of every kind. aalint says which
//! rules are in force; written down one after the other they must compile to the same. See docs/oracles.md.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::common::{Missing, needed};
use crate::oracle::case::by_name;
use crate::oracle::decode;
use crate::oracle::minimise;
use crate::oracle::random::Random;
use crate::oracle::run::{self, Features, Input, Outcome, Parser, Tree};
use crate::oracle::same::{self, Extent};
use aalint::lang::targets::Version;
use aalint::policy::{Fact, InBlock, ProfileView, Search};
use aalint::session::{
    self, CommandLine, Input as Checked, InputKind, Options, Policy, with_policy_of,
};
use aalint::source::MemoryVfs;
use aalint::syntax::ast::{Body, Mode, Owner};
use rayon::prelude::*;

const LIMIT: Duration = Duration::from_secs(20);

/// What profiles include; the names are those of files below the base directory.
const INCLUDES: [(&str, &str); 5] = [
    ("files", "/i/a r,\nowner /i/b rw,\nlink /i/c -> /i/d,\n"),
    (
        "kinds",
        "capability mknod,\nsignal (send) peer=i,\n/i/k r,\nptrace (read) peer=i,\n",
    ),
    (
        "denies",
        "deny /i/* w,\ndeny capability setuid,\naudit /i/z w,\n",
    ),
    ("blocks", "audit {\n/i/e r,\ncapability setgid,\n}\n"),
    ("outer", "include <kinds>\n/i/o r,\n"),
];

/// A parser, what it is to aalint, and what its profiles may use.
struct Side {
    parser: &'static Parser,
    version: Version,
    features: Features,
}

fn sides() -> Result<Vec<Side>, Missing> {
    let material = needed("conformance/tst/features_files")?;
    let parsers = run::needed()?;
    // The newer one knows kinds that the file of its own tests does not name.
    let newest = run::directory().join("unstable/etc/apparmor.d/abi/5.0");
    Ok(vec![
        Side {
            parser: &parsers.newer,
            version: Version(5, 0),
            features: Features::from_file(&newest),
        },
        Side {
            parser: &parsers.stable,
            version: Version(3, 0),
            features: Features::from_file(&material.join("features.all")),
        },
    ])
}

struct Maker<'r> {
    random: &'r mut Random,
    text: String,
    is_newer: bool,
    /// The mode of the blocks around, and their owner.
    mode: Option<&'static str>,
}

fn profile(random: &mut Random, is_newer: bool) -> String {
    let mut maker = Maker {
        random,
        text: "$yes = true\n$no = false\n@{D} = /v /w/\nprofile p {\n".to_owned(),
        is_newer,
        mode: None,
    };
    for _ in 0..1 + maker.random.below(6) {
        maker.item(0);
    }
    maker.text.push_str("}\n");
    maker.text
}

impl Maker<'_> {
    fn item(&mut self, depth: usize) {
        match self.random.below(100) {
            0..34 if depth < 4 => self.block(depth),
            34..46 if depth < 4 => self.conditional(depth),
            46..54 => {
                let (name, _) = INCLUDES[self.random.below(INCLUDES.len())];
                let _ = writeln!(self.text, "include <{name}>");
            }
            54..58 if depth < 2 => {
                // A second one of the same name is refused.
                let name = format!(
                    "{}{}",
                    self.random.pick(&["^h", "profile c"]),
                    self.text.len()
                );
                let _ = writeln!(self.text, "{name} {{");
                let around = self.mode.take();
                self.item(depth + 2);
                self.rule();
                self.mode = around;
                self.text.push_str("}\n");
            }
            _ => self.rule(),
        }
    }

    fn block(&mut self, depth: usize) {
        let audit = if self.random.percent(20) {
            "audit "
        } else {
            ""
        };
        let mode = self.mode_qualifier();
        let owner = *self.random.pick(&["", "", "", "owner ", "other "]);
        let _ = writeln!(self.text, "{audit}{mode}{owner}{{");
        let around = self.mode;
        if !mode.is_empty() {
            self.mode = Some(mode);
        }
        for _ in 0..self.random.below(4) {
            self.item(depth + 1);
        }
        self.mode = around;
        self.text.push_str("}\n");
    }

    /// A mode, or nothing. One that contradicts a block around is an error in its own right.
    fn mode_qualifier(&mut self) -> &'static str {
        // 3.0 takes no `deny` and no `prompt` in front of a block.
        let wanted = match (self.is_newer, self.random.below(100)) {
            (_, 0..55) => "",
            (_, 55..65) => "allow ",
            (true, 65..85) => "deny ",
            (true, 85..90) => "prompt ",
            _ => "",
        };
        self.fitting(wanted)
    }

    fn fitting(&self, wanted: &'static str) -> &'static str {
        match self.mode {
            Some(mode) if mode != wanted => "",
            _ => wanted,
        }
    }

    fn conditional(&mut self, depth: usize) {
        let condition =
            *self
                .random
                .pick(&["$yes", "$no", "not $no", "defined @{D}", "defined @{E}"]);
        let _ = writeln!(self.text, "if {condition} {{");
        for _ in 0..self.random.below(3) {
            self.item(depth + 1);
        }
        if self.random.percent(50) {
            self.text.push_str("} else {\n");
            for _ in 0..self.random.below(3) {
                self.item(depth + 1);
            }
        }
        self.text.push_str("}\n");
    }

    fn rule(&mut self) {
        let is_file = self.random.percent(55);
        let mut mode = match self.random.below(100) {
            0..50 => "",
            50..58 => "allow ",
            58..96 => "deny ",
            _ if self.is_newer => "prompt ",
            _ => "",
        };
        mode = self.fitting(mode);
        let is_denied = (mode == "deny ") || (mode.is_empty() && self.mode == Some("deny "));
        let audit = if self.random.percent(25) {
            "audit "
        } else {
            ""
        };
        if !is_file {
            return self.other(audit, mode);
        }
        let priority = if self.is_newer && self.random.percent(10) {
            "priority=3 "
        } else {
            ""
        };
        let owner = *self.random.pick(&["", "", "", "owner ", "other "]);
        let path = *self
            .random
            .pick(&["/a", "/b", "/*", "/a*", "/i/a", "@{D}/x"]);
        let rule = match self.random.below(10) {
            0 => format!("link {path} -> /a"),
            1 if !is_denied => format!("{path} px"),
            2 if !is_denied => "file".to_owned(),
            _ => format!("{path} {}", self.random.pick(&["r", "w", "rw", "k", "rm"])),
        };
        let _ = writeln!(self.text, "{priority}{audit}{mode}{owner}{rule},");
    }

    fn other(&mut self, audit: &str, mode: &str) {
        let old = [
            "capability chown",
            "capability",
            "network inet stream",
            "network",
            "mount /a -> /b/",
            "umount /b/",
            "remount /b/",
            "pivot_root /b/",
            "signal (send) peer=x",
            "signal",
            "ptrace (trace) peer=x",
            "unix (connect) type=stream",
            "dbus (send) bus=session",
            "change_profile -> q",
            "change_profile -> /q/*",
            "set rlimit nofile <= 5",
        ];
        let new = ["mqueue r /q", "userns", "io_uring sqpoll", "all"];
        let at = self.random.below(if self.is_newer {
            old.len() + new.len()
        } else {
            old.len()
        });
        let rule = old.iter().chain(&new).nth(at).unwrap();
        if rule.starts_with("set") {
            let _ = writeln!(self.text, "{rule},");
            return;
        }
        // 5.0 takes `prompt` at change_profile and does not heed it.
        let is_prompt = mode == "prompt " || self.mode == Some("prompt ");
        if is_prompt && rule.starts_with("change_profile") {
            return;
        }
        let _ = writeln!(self.text, "{audit}{mode}{rule},");
    }
}

/// The rules in force of a profile and its children, one after the other.
fn flat(policy: &Policy<'_>, index: usize, profiles: &[&ProfileView<'_>], text: &mut String) {
    let profile = profiles[index];
    for (_, fact) in profile.facts(policy.summaries) {
        flat_rule(policy, fact, text);
    }
    for (child, view) in profiles.iter().enumerate() {
        if view.parent == Some(index) {
            let header = policy
                .store
                .sources
                .slice(view.ast.header.in_file(view.file));
            let _ = writeln!(text, "{header} {{");
            flat(policy, child, profiles, text);
            text.push_str("}\n");
        }
    }
}

fn flat_rule(policy: &Policy<'_>, fact: &Fact<'_>, text: &mut String) {
    let rule = fact.rule;
    let start = rule.qualifiers.range.end.max(rule.range.start);
    let body = aalint::source::TextRange::new(start, rule.range.end);
    let body = policy.store.sources.slice(body.in_file(fact.file));
    let priority = match fact.priority {
        0 => String::new(),
        priority => format!("priority={priority} "),
    };
    let audit = if fact.is_audit { "audit " } else { "" };
    // What the parser says of it is compared; the rule `inverted-deny` tells of it.
    let mode = match fact.in_block {
        InBlock::Inverted(mode) => mode,
        _ => fact.mode,
    };
    let mode = match mode {
        Mode::Allow => "",
        Mode::Deny => "deny ",
        Mode::Prompt => "prompt ",
    };
    let owner = match fact.owner {
        Some(_) if matches!(rule.body, Body::ChangeProfile(_)) => "",
        Some(Owner::Owner) => "owner ",
        Some(Owner::Other) => "other ",
        None => "",
    };
    let _ = writeln!(text, "{priority}{audit}{mode}{owner}{body}");
}

/// The flat form, whether a rule in it is inverted, and how many rules are dropped.
fn flattened(text: &str, version: Version) -> (String, bool, usize) {
    let search = Search {
        directories: vec!["base".to_owned()],
        has_no_base: false,
    };
    let paths = ["profile".to_owned()];
    with_policy_of(version, &vfs(text), &search, &paths, &[], |policy| {
        let profiles: Vec<&ProfileView<'_>> = policy.profiles().collect();
        let mut flat_text = "@{D} = /v /w/\nprofile p {\n".to_owned();
        if profiles.is_empty() {
            return (String::new(), false, 0);
        }
        flat(policy, 0, &profiles, &mut flat_text);
        flat_text.push_str("}\n");
        let mut facts = profiles
            .iter()
            .flat_map(|profile| profile.facts(policy.summaries));
        let is_inverted = facts.any(|(_, fact)| matches!(fact.in_block, InBlock::Inverted(_)));
        let dropped = profiles.iter().map(|profile| profile.dropped.len()).sum();
        (flat_text, is_inverted, dropped)
    })
}

fn vfs(text: &str) -> MemoryVfs {
    let mut vfs = MemoryVfs::default();
    vfs.insert("profile", text);
    for (name, content) in INCLUDES {
        vfs.insert(format!("base/{name}"), content);
    }
    vfs
}

/// The names of the rules that find an error.
fn errors(text: &str, version: Version) -> Vec<String> {
    let options = Options {
        inputs: vec![Checked {
            path: "profile".to_owned(),
            kind: InputKind::Policy,
        }],
        search: Search {
            directories: vec!["base".to_owned()],
            has_no_base: false,
        },
        target: aalint::lang::targets::Target::named(&version.to_string()),
        cli: CommandLine {
            select: vec!["AA1".to_owned()],
            ..CommandLine::default()
        },
        ..Options::default()
    };
    let report = session::check(&vfs(text), &options, aalint::rules::all());
    let found = report.findings.iter();
    found.map(|finding| finding.rule.name.to_owned()).collect()
}

/// What the two make of a text differs so; `Ok` says what was compared.
fn compare(side: &Side, base: &Tree, text: &str) -> Result<&'static str, String> {
    let compile = |text: &str| {
        let input = Input {
            text: text.as_bytes(),
            base: Some(base),
            features: &side.features,
        };
        side.parser.compile(&input, LIMIT)
    };
    let errors = errors(text, side.version);
    let bytes = match (compile(text), errors.is_empty()) {
        (Outcome::Compiled(bytes), true) => bytes,
        (Outcome::Refused(_), false) => return Ok("refused by both"),
        (Outcome::Compiled(_), false) => {
            return Err(format!("taken by the parser, errors {errors:?}"));
        }
        // 3.0.8 ends without a message at a branch that holds behind a network rule.
        (Outcome::Refused(message), true)
            if side.version < Version(4, 0)
                && message == "(no message)"
                && text.contains("network") =>
        {
            return Ok("refused by the parser for `if` behind `network`");
        }
        (Outcome::Refused(message), true) => {
            return Err(format!("refused by the parser alone: {message}"));
        }
        (Outcome::TimedOut, _) => return Err("takes the parser too long".to_owned()),
    };
    let (flat, is_inverted, dropped) = flattened(text, side.version);
    let Outcome::Compiled(flat_bytes) = compile(&flat) else {
        return Err(format!("the flat form is refused:\n{flat}"));
    };
    let (blocks, flat_profiles) = (
        decode::decode(&bytes).unwrap(),
        decode::decode(&flat_bytes).unwrap(),
    );
    let names = |profiles: &[decode::Profile]| -> Vec<String> {
        let mut names: Vec<String> = profiles
            .iter()
            .map(|profile| profile.name.clone())
            .collect();
        names.sort();
        names
    };
    if names(&blocks) != names(&flat_profiles) {
        return Err(format!(
            "profiles {:?} and {:?}",
            names(&blocks),
            names(&flat_profiles)
        ));
    }
    // The parser also mistakes what an inverted rule audits, and 3.0 what `owner` in front of a block
    // leaves of an audited rule: it goes on auditing the files of others.
    let is_old_owner = side.version < Version(4, 0) && has_owned_block(text);
    let extent = if is_inverted || is_old_owner {
        Extent::Allowed
    } else {
        Extent::All
    };
    for profile in &blocks {
        let other = by_name(&flat_profiles, &profile.name).unwrap();
        if let Some(difference) = same::difference(profile, other, extent) {
            return Err(format!("{}: {difference}\nflat:\n{flat}", profile.name));
        }
    }
    Ok(match (is_inverted, dropped) {
        (true, _) => "the same, with inverted rules",
        (false, 0) => "the same",
        (false, _) => "the same, with dropped rules",
    })
}

fn has_owned_block(text: &str) -> bool {
    let mut lines = text.lines();
    lines.any(|line| line.ends_with('{') && (line.contains("owner") || line.contains("other")))
}

fn base() -> Tree {
    let directory = run::directory().join("blocks");
    std::fs::create_dir_all(&directory).unwrap();
    for (name, content) in INCLUDES {
        let path = directory.join(name);
        if std::fs::read_to_string(&path).ok().as_deref() != Some(content) {
            std::fs::write(&path, content).unwrap();
        }
    }
    Tree::new(&directory)
}

pub fn blocks_compile_to_what_aalint_says_is_in_force() -> Result<(), Missing> {
    let is_full = std::env::var("AALINT_ORACLE").as_deref() == Ok("full");
    let count: u64 = if is_full { 12_000 } else { 1_200 };
    let sides = sides()?;
    let base = base();
    for side in &sides {
        let of_seed = |seed: u64| {
            let mut random = Random::new(seed);
            let text = profile(&mut random, side.version >= Version(4, 0));
            (compare(side, &base, &text), text)
        };
        let all: Vec<_> = (1..=count).into_par_iter().map(of_seed).collect();
        let mut tally: BTreeMap<&str, usize> = BTreeMap::new();
        let mut wrong = Vec::new();
        for (result, text) in all {
            match result {
                Ok(what) => *tally.entry(what).or_default() += 1,
                Err(why) => wrong.push((why, text)),
            }
        }
        println!("{}: {tally:?}, {} differ", side.parser.version, wrong.len());
        for (why, text) in wrong.iter().take(5) {
            let kind = |why: &str| why.chars().take(20).collect::<String>();
            let differs = |text: &str| {
                let now = compare(side, &base, text);
                now.is_err_and(|now| kind(&now) == kind(why))
            };
            if why.starts_with("refused") {
                println!("{text}\n=> {why}\n");
                continue;
            }
            let small = minimise::smaller_text(text, differs);
            let why = compare(side, &base, &small).unwrap_err();
            println!("{small}\n=> {why}\n");
        }
        assert!(wrong.is_empty(), "{} differ", wrong.len());
        // A test that compared nothing would be no test.
        assert!(
            tally
                .get("the same, with dropped rules")
                .is_some_and(|same| *same > 100)
        );
    }
    Ok(())
}
