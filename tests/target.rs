//! What is enforced where, and what is too new for which parser, against apparmor_parser itself.
//!
//! The parser of this system is asked, and those that `AALINT_PARSERS` names, separated by colons.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test may fail loudly, reads files, and says what it measured"
)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use aalint::lang::features::Features;
use aalint::lang::mediation::{Enforcement, Mediated, Mediation};
use aalint::lang::targets::{Target, Version};
use common::material;

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

fn parsers() -> Vec<Parser> {
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
    assert!(
        !parsers.is_empty() || std::env::var("CI").as_deref() != Ok("true"),
        "apparmor_parser is missing, and nothing may be skipped in CI"
    );
    parsers
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
fn feature_files(directory: &Path) -> Option<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(material("corpus/_base/upstream-6.0/abi")?).unwrap() {
        found.push(fs::canonicalize(entry.unwrap().path()).unwrap());
    }
    for name in ["debian-12", "debian-13", "debian-sid", "ubuntu-24.04"] {
        let path = directory.join(name);
        let kernel = Target::named(name).unwrap().kernel.unwrap();
        fs::write(&path, text(&kernel)).unwrap();
        found.push(path);
    }
    found.sort();
    Some(found)
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

#[test]
fn enforcement_is_that_of_the_parser() {
    let directory = tempfile::tempdir().unwrap();
    let Some(files) = feature_files(directory.path()) else {
        return;
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for parser in parsers() {
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
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
