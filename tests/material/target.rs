//! What is enforced where, and what is too new for which parser, against apparmor_parser itself.
//!
//! The parser of this system is asked, and those that `AALINT_PARSERS` names, separated by colons.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::{Missing, needed};
use aalint::host::Disk;
use aalint::lang::features::Features;
use aalint::lang::mediation::{Enforcement, Mediated, Mediation};
use aalint::lang::targets::{Target, Version};
use aalint::policy::{IncludeTarget, Search};
use aalint::session::{self, CommandLine, Input, InputKind, Options};
use aalint::source::FileId;

/// A rule of each kind, and one that differs from it only in what a coarser form leaves out.
const RULES: &[(Mediated, &str, Option<&str>)] = &[
    (Mediated::File, "/b r,", None),
    (Mediated::Capability, "capability chown,", None),
    (Mediated::Network, "network inet stream,", None),
    (
        Mediated::NetworkAddress,
        "network inet ip=127.0.0.1,",
        Some("network inet ip=127.0.0.2,"),
    ),
    (
        Mediated::Unix,
        "unix peer=(addr=@a),",
        Some("unix peer=(addr=@b),"),
    ),
    (Mediated::Mount, "mount /a -> /b,", None),
    (Mediated::Mount, "umount /a,", None),
    (Mediated::Mount, "pivot_root /a,", None),
    (Mediated::Signal, "signal peer=a,", None),
    (Mediated::Ptrace, "ptrace peer=a,", None),
    (Mediated::Dbus, "dbus bus=system,", None),
    (Mediated::PosixMqueue, "mqueue /a,", None),
    (Mediated::SysvMqueue, "mqueue type=sysv 1,", None),
    (Mediated::Userns, "userns,", None),
    (Mediated::IoUring, "io_uring sqpoll,", None),
    (Mediated::Rlimit, "set rlimit nofile <= 10,", None),
    (Mediated::ChangeProfile, "change_profile -> a,", None),
];

struct Parser {
    program: PathBuf,
    version: Version,
}

fn parsers() -> Result<Vec<Parser>, Missing> {
    let named = std::env::var("AALINT_PARSERS").unwrap_or_default();
    let installed = ["/usr/sbin/apparmor_parser", "/sbin/apparmor_parser"];
    let installed = installed.iter().find(|path| Path::new(path).exists());
    let all = installed
        .into_iter()
        .copied()
        .chain(named.split(':').filter(|path| !path.is_empty()));
    let parsers: Vec<Parser> = all
        .filter_map(|program| {
            let output = Command::new(program).arg("--version").output().ok()?;
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let version = text.split("version ").nth(1)?.split_whitespace().next()?;
            let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
            Some(Parser {
                program: program.into(),
                version: Version(parts.next()?, parts.next()?),
            })
        })
        .collect();
    if parsers.is_empty() {
        return Err(Missing::Program("apparmor_parser is missing".to_owned()));
    }
    Ok(parsers)
}

impl Parser {
    /// What a profile with `rule` compiles to; `None` if the parser refuses it.
    fn compile(&self, abi: &Path, kernel: &Path, rule: &str) -> Option<Vec<u8>> {
        let directory = tempfile::tempdir().unwrap();
        let profile = directory.path().join("profile");
        let text = format!(
            "abi \"{}\",\nprofile x {{\n  /a r,\n  {rule}\n}}\n",
            abi.display()
        );
        fs::write(&profile, text).unwrap();
        let output = Command::new("timeout")
            .arg("10")
            .arg(&self.program)
            .args([
                "--config-file=/dev/null",
                "-Q",
                "-K",
                "-S",
                "--kernel-features",
            ])
            .arg(kernel)
            .arg("-b")
            .arg(directory.path())
            .arg(&profile)
            .output()
            .unwrap();
        (output.status.success() && !output.stdout.is_empty()).then_some(output.stdout)
    }

    fn mediation(
        &self,
        abi: &Path,
        kernel: &Path,
        rule: &str,
        other: Option<&str>,
        plain: &[u8],
    ) -> Option<&'static str> {
        let compiled = self.compile(abi, kernel, rule)?;
        if compiled == plain {
            return Some("not enforced");
        }
        let is_same =
            other.is_some_and(|other| self.compile(abi, kernel, other).as_ref() == Some(&compiled));
        Some(if is_same { "downgraded" } else { "enforced" })
    }
}

/// Feature files: of AppArmor's abi directory, and of the built-in targets.
fn feature_files(directory: &Path) -> Result<Vec<PathBuf>, Missing> {
    let mut found = Vec::new();
    for entry in fs::read_dir(needed("corpus/_base/upstream-6.0/abi")?).unwrap() {
        found.push(fs::canonicalize(entry.unwrap().path()).unwrap());
    }
    for name in ["debian-12", "debian-13", "debian-sid", "ubuntu-24.04"] {
        let path = directory.join(name);
        let kernel = Target::named(name).unwrap().kernel.unwrap();
        fs::write(&path, text(&kernel)).unwrap();
        found.push(path);
    }
    found.sort();
    Ok(found)
}

/// The nested form of features. Masks that our table leaves empty get the words that matter here.
fn text(features: &Features) -> String {
    let mut text = String::new();
    let mut open: Vec<&str> = Vec::new();
    for (path, value) in features.iter() {
        let names: Vec<&str> = path.split('/').collect();
        let common = open.iter().zip(&names).take_while(|(a, b)| a == b).count();
        text.push_str(&"}\n".repeat(open.len() - common));
        text.push_str(
            &names[common..]
                .iter()
                .map(|name| format!("{name} {{"))
                .collect::<String>(),
        );
        open = names;
        text.push_str(match path {
            "caps/mask" => "chown",
            "rlimit/mask" => "nofile",
            "signal/mask" => "hup",
            path if path.ends_with("af_mask") => "unspec unix inet",
            _ => value,
        });
        text.push('\n');
    }
    text + &"}\n".repeat(open.len())
}

pub fn enforcement_is_that_of_the_parser() -> Result<(), Missing> {
    let directory = tempfile::tempdir().unwrap();
    let files = feature_files(directory.path())?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for parser in parsers()? {
        for kernel in &files {
            let abis = files.iter().filter(|abi| {
                let name = abi.file_name().unwrap().to_str().unwrap();
                *abi == kernel || ["kernel-5.4-vanilla", "3.0", "4.0-ip", "5.0"].contains(&name)
            });
            for abi in abis {
                let read = |path| Features::parse(&fs::read_to_string(path).unwrap());
                let (kernel_features, abi_features) = (read(kernel), read(abi));
                let enforcement = Enforcement {
                    kernel: Some(&kernel_features),
                    abi: Some(&abi_features),
                    parser: Some(parser.version),
                };
                let plain = parser.compile(abi, kernel, "").unwrap();
                for (kind, rule, other) in RULES {
                    let Some(theirs) = parser.mediation(abi, kernel, rule, *other, &plain) else {
                        *counts.entry("refused").or_default() += 1;
                        continue;
                    };
                    let ours = match enforcement.of(*kind) {
                        Mediation::Enforced => "enforced",
                        Mediation::Downgraded(_) => "downgraded",
                        Mediation::NotEnforced(_) => "not enforced",
                        Mediation::Unknown => "unknown",
                    };
                    *counts.entry(theirs).or_default() += 1;
                    if ours != theirs {
                        wrong.push(format!(
                            "{} kernel {} abi {}: `{rule}` is {theirs}, not {ours}",
                            parser.version,
                            kernel.display(),
                            abi.display()
                        ));
                    }
                }
            }
        }
        println!("apparmor_parser {}: {counts:?}", parser.version);
    }
    for answer in ["enforced", "not enforced", "downgraded"] {
        assert!(counts.contains_key(answer), "nothing was {answer}");
    }
    assert!(counts.values().sum::<usize>() > 500, "{counts:?}");
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    Ok(())
}

/// Files that the rule finds too new for AppArmor 3.0, those that include them included; for each
/// the first message.
fn too_new(paths: Vec<String>, directory: &str) -> BTreeMap<String, String> {
    let options = Options {
        inputs: paths
            .into_iter()
            .map(|path| Input {
                path,
                kind: InputKind::Policy,
            })
            .collect(),
        search: Search {
            directories: vec![directory.to_owned()],
            has_no_base: false,
        },
        cli: CommandLine {
            select: vec!["unsupported-by-target".to_owned()],
            ..CommandLine::default()
        },
        target: Target::named("3.0"),
        ..Options::default()
    };
    let report = session::check(&Disk, &options, aalint::rules::all());
    let mut refused: BTreeMap<FileId, String> = BTreeMap::new();
    for finding in &report.findings {
        // The last mark is the place itself; in front of it may stand an include.
        let place = finding.labels.last().unwrap().span.file;
        refused.entry(place).or_insert(finding.message.clone());
    }
    loop {
        let before = refused.len();
        for (id, loaded) in report.store.iter() {
            let included = loaded.includes.iter().filter_map(|target| match target {
                IncludeTarget::Files(files) => Some(files),
                _ => None,
            });
            let why = included
                .flatten()
                .find_map(|file| refused.get(file))
                .cloned();
            if let (Some(why), false) = (why, refused.contains_key(&id)) {
                refused.insert(id, why);
            }
        }
        if refused.len() == before {
            break;
        }
    }
    refused
        .into_iter()
        .map(|(id, why)| (report.store.sources.get(id).path.clone(), why))
        .collect()
}

/// Compares with what apparmor_parser 3.0.8 says of policy that 6.0 takes: path, and whether it takes it.
fn compare(name: &str, found: &BTreeMap<String, String>, verdicts: &[(String, bool)]) {
    let (mut refused, mut told) = (0, 0);
    let mut false_alarms = Vec::new();
    let mut missed = Vec::new();
    for (path, is_taken) in verdicts {
        let why = found.get(path);
        match (is_taken, why) {
            (true, Some(why)) => false_alarms.push(format!("{path}: {why}")),
            (true, None) => {}
            (false, why) => {
                refused += 1;
                told += usize::from(why.is_some());
                if why.is_none() {
                    missed.push(path);
                }
            }
        }
    }
    for path in &missed {
        println!("missed: {path}");
    }
    println!(
        "{name}: of {} that AppArmor 6.0 takes, 3.0.8 refuses {refused}; found {told}, false alarms {}",
        verdicts.len(),
        false_alarms.len()
    );
    assert!(false_alarms.is_empty(), "{}", false_alarms.join("\n"));
    assert!(told * 100 >= refused * 97, "{told} of {refused}");
}

pub fn what_is_too_new_for_3_0_in_real_profiles() -> Result<(), Missing> {
    let directory = needed("corpus")?;
    let directory = fs::canonicalize(directory).unwrap();
    let manifest =
        String::from_utf8_lossy(&fs::read(directory.join("manifest.tsv")).unwrap()).into_owned();
    let mut bases: BTreeMap<String, Vec<(String, bool)>> = BTreeMap::new();
    for line in manifest.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        if let [_, path, base, "yes", _, old, ..] = columns.as_slice() {
            let path = directory.join(path).to_str().unwrap().to_owned();
            bases
                .entry((*base).to_owned())
                .or_default()
                .push((path, *old == "yes"));
        }
    }
    let mut found = BTreeMap::new();
    for (base, files) in &bases {
        let paths = files.iter().map(|(path, _)| path.clone()).collect();
        found.extend(too_new(paths, directory.join(base).to_str().unwrap()));
    }
    let verdicts: Vec<(String, bool)> = bases.into_values().flatten().collect();
    assert!(verdicts.len() > 2_000);
    compare("corpus", &found, &verdicts);
    Ok(())
}

pub fn what_is_too_new_for_3_0_in_the_parsers_own_tests() -> Result<(), Missing> {
    let directory = needed("conformance")?;
    let directory = fs::canonicalize(directory).unwrap();
    let manifest =
        String::from_utf8_lossy(&fs::read(directory.join("manifest.tsv")).unwrap()).into_owned();
    let mut verdicts = Vec::new();
    for line in manifest.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [path, _, todo, disabled, _, new, _, old, error] = columns.as_slice() else {
            continue;
        };
        // A crash or a time limit says nothing about the language.
        if (*todo, *disabled, *new) == ("0", "0", "0") && !error.starts_with("TIMEOUT") {
            let path = directory.join("tst/simple_tests").join(path);
            verdicts.push((path.to_str().unwrap().to_owned(), *old == "0"));
        }
    }
    assert!(verdicts.len() > 4_000);
    let paths = verdicts.iter().map(|(path, _)| path.clone()).collect();
    let base = directory.join("tst/simple_tests");
    let found = too_new(paths, base.to_str().unwrap());
    compare("conformance", &found, &verdicts);
    Ok(())
}
