//! How fast policy is read and checked, and that cost grows linearly with it.
//!
//! `cargo bench` runs all; `cargo bench -- parse` those whose name has `parse` in it. Benches on real
//! profiles need the corpus beside the repository and say so where it is absent.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a bench reads files, and may fail loudly"
)]

use std::fs;
use std::path::{Path, PathBuf};

use aalint::policy::Search;
use aalint::session::{self, Input, InputKind, Options};
use aalint::source::MemoryVfs;
use aalint::syntax;
use divan::Bencher;
use divan::counter::BytesCount;

fn main() {
    divan::main();
}

fn corpus() -> Option<PathBuf> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/apparmor.d-built-forky");
    if !path.is_dir() {
        eprintln!("skipped: the corpus is not at {}", path.display());
        return None;
    }
    Some(path)
}

/// Path relative to `root` and text of every file below it.
fn texts(root: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap();
                found.push((name.to_owned(), text));
            }
        }
    }
    found.sort();
    found
}

fn read_all(bencher: Bencher<'_, '_>, read: impl Fn(&str) + Sync) {
    let Some(corpus) = corpus() else { return };
    let texts = texts(&corpus.join("own"));
    let bytes: usize = texts.iter().map(|(_, text)| text.len()).sum();
    bencher
        .counter(BytesCount::new(bytes))
        .bench(|| texts.iter().for_each(|(_, text)| read(text)));
}

/// 1,605 profiles to trees, one core.
#[divan::bench(sample_count = 20)]
fn parse(bencher: Bencher<'_, '_>) {
    read_all(bencher, |text| {
        divan::black_box(syntax::parse(text));
    });
}

/// The same to typed rules and faults.
#[divan::bench(sample_count = 20)]
fn parse_and_lower(bencher: Bencher<'_, '_>) {
    read_all(bencher, |text| {
        divan::black_box(syntax::read(text));
    });
}

fn check(bencher: Bencher<'_, '_>, vfs: &MemoryVfs, paths: Vec<String>, bytes: usize) {
    let options = Options {
        inputs: paths
            .into_iter()
            .map(|path| Input {
                path,
                kind: InputKind::Policy,
            })
            .collect(),
        search: Search {
            directories: vec!["base".to_owned()],
            has_no_base: false,
        },
        ..Options::default()
    };
    bencher
        .counter(BytesCount::new(bytes))
        .bench(|| divan::black_box(session::check(vfs, &options, aalint::rules::all())));
}

/// All rules on 1,605 profiles with their includes, on so many copies of them under other names.
#[divan::bench(args = [1, 2, 4, 8], sample_count = 5)]
fn check_corpus(bencher: Bencher<'_, '_>, copies: usize) {
    let Some(corpus) = corpus() else { return };
    let mut vfs = MemoryVfs::default();
    for (path, text) in texts(&corpus.join("base")) {
        vfs.insert(format!("base/{path}"), text);
    }
    let mut paths = Vec::new();
    let mut bytes = 0;
    for (path, text) in texts(&corpus.join("own")) {
        for copy in 0..copies {
            let text = text.replace("\nprofile ", &format!("\nprofile c{copy}-"));
            bytes += text.len();
            let path = format!("own{copy}/{path}");
            vfs.insert(path.clone(), text);
            paths.push(path);
        }
    }
    check(bencher, &vfs, paths, bytes);
}

fn check_one(bencher: Bencher<'_, '_>, text: String) {
    let mut vfs = MemoryVfs::default();
    let bytes = text.len();
    vfs.insert("profile", text);
    check(bencher, &vfs, vec!["profile".to_owned()], bytes);
}

/// One rule on a line of so many kilobytes.
#[divan::bench(args = [250, 500, 1000, 2000], sample_count = 10)]
fn long_line(bencher: Bencher<'_, '_>, kilobytes: usize) {
    let alternatives = "lib,bin,".repeat(kilobytes * 1000 / 8);
    check_one(
        bencher,
        format!("abi <abi/4.0>,\nprofile a {{\n  /{{{alternatives}x}} r,\n}}\n"),
    );
}

/// So many rules, all different.
#[divan::bench(args = [12_500, 25_000, 50_000, 100_000], sample_count = 10)]
fn many_rules(bencher: Bencher<'_, '_>, rules: usize) {
    let rules: String = (0..rules)
        .map(|number| format!("  /srv/data-{number}/** rwk,\n"))
        .collect();
    check_one(
        bencher,
        format!("abi <abi/4.0>,\nprofile a {{\n{rules}}}\n"),
    );
}

/// So many opening braces, none of them closed.
#[divan::bench(args = [12_500, 25_000, 50_000, 100_000], sample_count = 10)]
fn deep_nesting(bencher: Bencher<'_, '_>, depth: usize) {
    check_one(
        bencher,
        format!("abi <abi/4.0>,\n{}", "profile a {\n".repeat(depth)),
    );
}

/// So many mistakes.
#[divan::bench(args = [12_500, 25_000, 50_000, 100_000], sample_count = 10)]
fn many_faults(bencher: Bencher<'_, '_>, faults: usize) {
    check_one(
        bencher,
        format!(
            "abi <abi/4.0>,\nprofile a {{\n{}}}\n",
            "  deny /a ix,\n".repeat(faults)
        ),
    );
}
