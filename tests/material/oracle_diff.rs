//! `diff` on profiles that were changed by chance, against the automata that apparmor_parser makes of both versions.
//!
//! The two automata are walked side by side, on every path there can be. What that gives for files, links, execs and
//! capabilities must be the relation that aalint gives; of all other rules, whether anything differs.
//!
//! A sample is compared on every run; AALINT_ORACLE=full compares more.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use crate::common::{Missing, needed};
use crate::oracle::decode::{self, Profile};
use crate::oracle::generate;
use crate::oracle::product;
use crate::oracle::random::Random;
use crate::oracle::run::{self, Features, Input, Outcome, Parser, Tree};
use aalint::access::{Class, ComparedProfile, Detail, ProfileMode, Relation, changes};
use aalint::host::Disk;
use aalint::policy::{ProfileView, Search};
use aalint::session::{Policy, with_policy};
use aalint::source::{MemoryVfs, Snapshot, Vfs};
use aalint::syntax::ast::{Body, Mode};
use rayon::prelude::*;

const LIMIT: Duration = Duration::from_secs(60);

fn number(variable: &str, usual: usize, full: usize) -> usize {
    match std::env::var(variable) {
        Ok(text) => text.parse().unwrap(),
        Err(_) if std::env::var("AALINT_ORACLE").as_deref() == Ok("full") => full,
        Err(_) => usual,
    }
}

/// What was compared.
#[derive(Default)]
struct Tally {
    profiles: usize,
    /// Changed profiles by what was done to them, and of these those of each relation.
    changed: BTreeMap<&'static str, BTreeMap<&'static str, usize>>,
    left_out: BTreeMap<String, usize>,
    disagreements: Vec<String>,
}

impl Tally {
    fn add(mut self, other: Self) -> Self {
        self.profiles += other.profiles;
        for (what, relations) in other.changed {
            for (relation, count) in relations {
                *self
                    .changed
                    .entry(what)
                    .or_default()
                    .entry(relation)
                    .or_default() += count;
            }
        }
        for (reason, count) in other.left_out {
            *self.left_out.entry(reason).or_default() += count;
        }
        self.disagreements.extend(other.disagreements);
        self
    }

    fn count(&self) -> usize {
        self.changed.values().flat_map(BTreeMap::values).sum()
    }

    fn print(&self, what: &str) {
        println!(
            "{what}: {} profiles, {} changed versions, {} disagreements",
            self.profiles,
            self.count(),
            self.disagreements.len()
        );
        for (kind, relations) in &self.changed {
            println!("{what}: {kind}: {relations:?}");
        }
        for (reason, count) in &self.left_out {
            println!("{what}: {count} not compared: {reason}");
        }
        for found in self.disagreements.iter().take(10) {
            println!("{found}\n");
        }
    }
}

/// A rule written in a profile.
struct Site {
    rule: Range<usize>,
    path: Option<Range<usize>>,
    perms: Option<Range<usize>>,
    has_exec: bool,
    is_plain: bool,
}

/// A profile's text and what may be changed in it.
struct Subjected {
    text: String,
    sites: Vec<Site>,
    /// Where the profile begins, and its closing brace.
    start: usize,
    end: usize,
}

fn subjected(policy: &Policy<'_>, profile: &ProfileView<'_>) -> Subjected {
    let text = policy.store.sources.get(profile.file).text.clone();
    let range = |range: aalint::source::TextRange| range.start as usize..range.end as usize;
    let mut sites: Vec<Site> = profile
        .own_facts(policy.summaries)
        .filter(|fact| fact.file == profile.file)
        .map(|fact| {
            let (path, perms, has_exec) = match &fact.rule.body {
                Body::File(rule) if !rule.is_leading => (
                    Some(range(rule.path.0)),
                    rule.target.is_none().then(|| range(rule.perms_range)),
                    rule.perms.has_exec(),
                ),
                Body::File(_) => (None, None, true),
                _ => (None, None, false),
            };
            Site {
                rule: range(fact.rule.range),
                path,
                perms,
                has_exec,
                is_plain: fact.rule.qualifiers.range.is_empty() && fact.mode == Mode::Allow,
            }
        })
        .collect();
    sites.sort_by_key(|site| site.rule.start);
    let whole = range(profile.ast.range);
    Subjected {
        text,
        sites,
        start: whole.start,
        end: whole.end - 1,
    }
}

const ADDED: [&str; 12] = [
    "/etc/** rw,",
    "owner /home/** rwk,",
    "deny /etc/*/** w,",
    "deny /** w,",
    "/a/[^b]*c r,",
    "capability sys_admin,",
    "deny capability chown,",
    "link subset /a/* -> /**,",
    "link /a/** -> /b/*,",
    "audit deny /usr/{bin,sbin}/** w,",
    "/{,**} k,",
    "owner /tmp/?? rwl,",
];

impl Subjected {
    /// A changed text, and what was done.
    fn changed(&self, random: &mut Random) -> Option<(&'static str, String)> {
        let replaced = |range: Range<usize>, by: &str| {
            let mut text = self.text.clone();
            text.replace_range(range, by);
            text
        };
        if self.sites.is_empty() || random.percent(8) {
            let rule = format!("\n  {}\n", random.pick(&ADDED));
            return Some(("a rule added", replaced(self.end..self.end, &rule)));
        }
        let site = random.pick(&self.sites);
        let rule = &self.text[site.rule.clone()];
        let path = site
            .path
            .clone()
            .map(|path| (self.text[path.clone()].to_owned(), path));
        match random.below(10) {
            0 => Some(("a rule dropped", replaced(site.rule.clone(), ""))),
            1 => Some((
                "a rule twice",
                replaced(site.rule.clone(), &format!("{rule}\n  {rule}")),
            )),
            2 => self
                .swapped(site, random)
                .map(|text| ("two rules swapped", text)),
            3 => {
                let (path, range) = path?;
                let variable = format!("@{{oracle_factored}}={path}\n");
                let mut text = replaced(range, "@{oracle_factored}");
                text.insert_str(self.start, &variable);
                Some(("a path as a variable", text))
            }
            4 => {
                let (path, range) = path?;
                let wider = match path.strip_suffix('"') {
                    Some(inner) => format!("{inner}{{,*}}\""),
                    None => format!("{path}{{,*}}"),
                };
                Some(("a path widened", replaced(range, &wider)))
            }
            5 => {
                let (path, range) = path?;
                let narrower = path.contains("**").then(|| path.replacen("**", "*", 1))?;
                Some(("a path narrowed", replaced(range, &narrower)))
            }
            6 => {
                let perms = site.perms.clone().filter(|_| !site.has_exec)?;
                let by = *random.pick(&["r", "w", "a", "rw", "k", "rwk", "m", "l", "rm"]);
                Some(("other permissions", replaced(perms, by)))
            }
            7 => {
                let perms = site.perms.clone().filter(|_| !site.has_exec)?;
                let letters = &self.text[perms.clone()];
                let (first, rest) = letters
                    .split_at_checked(1)
                    .filter(|(_, rest)| !rest.is_empty())?;
                let with = |letters: &str| {
                    let (start, end) = (perms.start - site.rule.start, perms.end - site.rule.start);
                    format!("{}{letters}{}", &rule[..start], &rule[end..])
                };
                let both = format!("{}\n  {}", with(first), with(rest));
                Some(("a rule split", replaced(site.rule.clone(), &both)))
            }
            8 if site.is_plain && !site.has_exec => Some((
                "a rule denied",
                replaced(site.rule.clone(), &format!("deny {rule}")),
            )),
            9 if site.is_plain && site.path.is_some() => Some((
                "owners only",
                replaced(site.rule.clone(), &format!("owner {rule}")),
            )),
            _ => None,
        }
    }

    fn swapped(&self, site: &Site, random: &mut Random) -> Option<String> {
        let other = random.pick(&self.sites);
        let (first, second) = if site.rule.start < other.rule.start {
            (&site.rule, &other.rule)
        } else {
            (&other.rule, &site.rule)
        };
        (first.end <= second.start).then(|| {
            let part = |range: Range<usize>| &self.text[range];
            [
                part(0..first.start),
                part(second.clone()),
                part(first.end..second.start),
                part(first.clone()),
                part(second.end..self.text.len()),
            ]
            .concat()
        })
    }
}

/// What is compared: the file, and where its includes are.
struct Source<'s> {
    path: String,
    vfs: &'s dyn Vfs,
    search: Search,
    tree: Option<&'s Tree>,
    parser: &'s Parser,
    features: &'s Features,
}

impl Source<'_> {
    fn compile(&self, text: &str) -> Result<Vec<Profile>, String> {
        let input = Input {
            text: text.as_bytes(),
            base: self.tree,
            features: self.features,
        };
        match self.parser.compile(&input, LIMIT) {
            Outcome::Compiled(bytes) => Ok(decode::decode(&bytes).unwrap()),
            Outcome::Refused(_) => Err("refused by the parser".to_owned()),
            Outcome::TimedOut => Err("takes the parser too long".to_owned()),
        }
    }

    fn with<R>(&self, text: &str, ask: impl FnOnce(&Policy<'_>) -> R) -> R {
        let vfs = Snapshot::new(self.vfs);
        vfs.insert(&self.path, text.as_bytes().to_vec());
        with_policy(
            &vfs,
            &self.search,
            std::slice::from_ref(&self.path),
            &[],
            ask,
        )
    }

    /// Changes the first profile of a text so many times, and compares each version with the first one.
    fn compare(&self, text: &str, count: usize, random: &mut Random, tally: &mut Tally) {
        let before = match self.compile(text) {
            Ok(before) => before,
            Err(reason) => return *tally.left_out.entry(reason).or_default() += 1,
        };
        tally.profiles += 1;
        let subject = self.with(text, |policy| {
            policy
                .profiles()
                .next()
                .map(|profile| subjected(policy, profile))
        });
        let Some(subject) = subject else { return };
        let mut left = count * 4;
        let mut made = 0;
        while made < count && left > 0 {
            left -= 1;
            let Some((what, changed)) = subject.changed(random) else {
                continue;
            };
            made += 1;
            match self.compile(&changed) {
                Ok(after) => self.versions([text, &changed], [&before, &after], what, tally),
                Err(reason) => {
                    *tally
                        .left_out
                        .entry(format!("{what}: {reason}"))
                        .or_default() += 1
                }
            }
        }
    }

    fn versions(
        &self,
        [old, new]: [&str; 2],
        [before, after]: [&[Profile]; 2],
        what: &'static str,
        tally: &mut Tally,
    ) {
        self.with(old, |of_old| {
            self.with(new, |of_new| {
                for (old, new) in of_old.profiles().zip(of_new.profiles()) {
                    assert_eq!(old.full_name, new.full_name);
                    let named = |all: &[Profile]| {
                        let found = all.iter().find(|profile| profile.name == old.full_name);
                        found.cloned()
                    };
                    let (Some(before), Some(after)) = (named(before), named(after)) else {
                        *tally.left_out.entry("another name".to_owned()).or_default() += 1;
                        continue;
                    };
                    let theirs = Seen::of_automata(&before, &after);
                    let Some(ours) = Seen::of_changes((of_old, old), (of_new, new)) else {
                        *tally.left_out.entry("too complex".to_owned()).or_default() += 1;
                        continue;
                    };
                    let relations = tally.changed.entry(what).or_default();
                    *relations.entry(theirs.relation.name()).or_default() += 1;
                    if theirs.relation != ours.relation || theirs.others != ours.others {
                        tally.disagreements.push(format!(
                            "{}: {}, {what}\n  parser {} {}\n  aalint {} {}\n{}",
                            self.path,
                            old.full_name,
                            theirs.relation.name(),
                            theirs.shown,
                            ours.relation.name(),
                            ours.shown,
                            differing_lines(of_old, of_new),
                        ));
                    }
                }
            });
        });
    }
}

/// The lines that only one of two versions has.
fn differing_lines(old: &Policy<'_>, new: &Policy<'_>) -> String {
    let text = |policy: &Policy<'_>| policy.store.sources.get(policy.units[0].file).text.clone();
    let (old, new) = (text(old), text(new));
    let only = |sign: &str, mine: &str, other: &str| -> String {
        let lines = mine
            .lines()
            .filter(|line| !other.lines().any(|known| known == *line));
        lines.map(|line| format!("{sign}{line}\n")).collect()
    };
    format!("{}{}", only("-", &old, &new), only("+", &new, &old))
}

/// What one side says of two versions.
struct Seen {
    /// Of files, links, execs and capabilities.
    relation: Relation,
    /// Whether anything else differs.
    others: bool,
    /// Examples.
    shown: String,
}

fn relation(gained: bool, lost: bool, moved: bool) -> Relation {
    match (gained, lost, moved) {
        (false, false, false) => Relation::Equal,
        (true, false, false) => Relation::Wider,
        (false, true, false) => Relation::Narrower,
        _ => Relation::Incomparable,
    }
}

impl Seen {
    fn of_automata(before: &Profile, after: &Profile) -> Self {
        let found = product::files([before.files.as_ref(), after.files.as_ref()]);
        let (old, new) = (before.capabilities.allow, after.capabilities.allow);
        let others = product::others([before.policy.as_ref(), after.policy.as_ref()]);
        let families = |profile: &Profile| -> Vec<u16> {
            profile.families.iter().map(|family| family.allow).collect()
        };
        let has_families = families(before) != families(after);
        let shown = |example: &Option<Vec<u8>>| {
            example
                .as_ref()
                .map(|text| text.escape_ascii().to_string())
                .unwrap_or_default()
        };
        Self {
            relation: relation(
                found.gained.is_some() || new & !old != 0,
                found.lost.is_some() || old & !new != 0,
                found.moved.is_some(),
            ),
            others: others.is_some() || has_families,
            shown: format!(
                "gained `{}` lost `{}` moved `{}` others `{}`",
                shown(&found.gained),
                shown(&found.lost),
                shown(&found.moved),
                shown(&others)
            ),
        }
    }

    fn of_changes(
        (of_old, old): (&Policy<'_>, &ProfileView<'_>),
        (of_new, new): (&Policy<'_>, &ProfileView<'_>),
    ) -> Option<Self> {
        let effectives = [of_old.effective(old), of_new.effective(new)];
        let [left, right] = &effectives;
        let subject = |effective, name| ComparedProfile {
            effective,
            name,
            // What the rules say: the automata do not hold the mode.
            mode: ProfileMode::Enforce,
        };
        let found = changes(
            subject(left, &old.full_name),
            subject(right, &new.full_name),
            Detail::Access,
        )
        .ok()?;
        let (compared, others): (Vec<_>, Vec<_>) = found
            .iter()
            .partition(|change| matches!(change.class, Class::File | Class::Capability));
        let shown: Vec<String> = found
            .iter()
            .map(|change| {
                let witness = change.witness.escape_ascii();
                format!("{} `{witness}` {:?}", change.class.name(), change.delta)
            })
            .collect();
        Some(Self {
            relation: Relation::of(compared.iter().map(|change| change.delta.relation())),
            others: !others.is_empty(),
            shown: shown.join("; "),
        })
    }
}

fn setting() -> Result<(&'static Parser, Features), Missing> {
    // The newest abi, so that every kind of rule is compiled.
    let path = needed("corpus/_base/upstream-6.0/abi")?;
    let features = Features::from_file(&path.join("5.0"));
    Ok((&run::needed()?.newer, features))
}

pub fn agrees_on_changed_real_profiles() -> Result<(), Missing> {
    let ((parser, features), directory) = (setting()?, needed("corpus")?);
    let count = number("AALINT_ORACLE_CHANGES", 6, 30);
    let step = number("AALINT_ORACLE_STEP", 90, 7);
    let manifest = std::fs::read(directory.join("manifest.tsv")).unwrap();
    let manifest = String::from_utf8_lossy(&manifest).into_owned();
    let mut by_base: BTreeMap<PathBuf, Vec<&str>> = BTreeMap::new();
    for line in manifest.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        by_base
            .entry(directory.join(columns[2]))
            .or_default()
            .push(columns[1]);
    }
    let mut tally = Tally::default();
    for (base, paths) in by_base {
        let tree = Tree::new(&base);
        let search = Search {
            directories: vec![base.to_string_lossy().into_owned()],
            has_no_base: false,
        };
        let of_path = |path: &&str| {
            let full = directory.join(path);
            let mut tally = Tally::default();
            let Ok(text) = std::fs::read_to_string(&full) else {
                return tally;
            };
            let source = Source {
                path: full.to_string_lossy().into_owned(),
                vfs: &Disk,
                search: search.clone(),
                tree: Some(&tree),
                parser,
                features: &features,
            };
            let mut random = Random::new(path.bytes().fold(3, |seed: u64, byte| {
                seed.wrapping_mul(31).wrapping_add(u64::from(byte))
            }));
            source.compare(&text, count, &mut random, &mut tally);
            tally
        };
        let chosen: Vec<&str> = paths.iter().step_by(step).copied().collect();
        let found = chosen.par_iter().map(of_path);
        tally = tally.add(found.reduce(Tally::default, Tally::add));
    }
    tally.print("changed real profiles");
    assert!(
        tally.count() > tally.profiles * count / 4,
        "too little was compared"
    );
    assert!(tally.disagreements.is_empty());
    Ok(())
}

pub fn agrees_on_changed_generated_profiles() -> Result<(), Missing> {
    let (parser, features) = setting()?;
    let profiles = number("AALINT_ORACLE_PROFILES", 60, 1500);
    let count = number("AALINT_ORACLE_CHANGES", 6, 12);
    let vfs = MemoryVfs::default();
    let of_seed = |seed: usize| {
        let mut random = Random::new(1_000_000 + seed as u64);
        let made = generate::profile(&mut random, true);
        let source = Source {
            path: "profile".to_owned(),
            vfs: &vfs,
            search: Search::default(),
            tree: None,
            parser,
            features: &features,
        };
        let mut tally = Tally::default();
        source.compare(&made.text, count, &mut random, &mut tally);
        tally
    };
    let found = (0..profiles).into_par_iter().map(of_seed);
    let tally = found.reduce(Tally::default, Tally::add);
    tally.print("changed generated profiles");
    assert!(
        tally.count() > tally.profiles * count / 4,
        "too little was compared"
    );
    assert!(tally.disagreements.is_empty());
    Ok(())
}
