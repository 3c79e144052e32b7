//! The examples in `docs/*.md` and `docs/containers/*.md` do what the pages show.
//!
//! A page sets up files and runs commands, in the order of its text:
//!
//! - A block with `file=PATH` in its first line writes that file. Every page begins in a fresh
//!   directory with the files of `fixtures/docs`.
//! - A block ` ```console ` whose first line begins with `$ aalint` is run by `sh`, line by line: each
//!   line with `$` in front, and what follows it up to the next one is its output, errors included. A
//!   backslash at the end of a line continues it. An exit code other than 0 is shown as the last line,
//!   `[exit code 1]`.
//!
//! `cargo xtask bless` writes what the commands say into the pages; it is read by a person before it is committed.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::common::schema::document;
use crate::common::{files, files_below, generated, root};

#[test]
fn examples_do_what_the_pages_show() {
    let mut commands = 0;
    for folder in ["docs", "docs/containers"] {
        for path in files(&root().join(folder), "md") {
            let text = fs::read_to_string(&path).unwrap();
            let (fresh, count) = played(&text);
            let name = path.file_name().unwrap().to_str().unwrap();
            generated(&format!("{folder}/{name}"), &fresh);
            commands += count;
        }
    }
    assert!(commands > 20, "only {commands} commands");
}

#[test]
fn a_page_is_played() {
    let page = "```toml file=deep/aalint.toml\nfail-on = 3\n```\n\
                ```console\n$ aalint explain no-such | cat; \\\n  echo done\nstale\n$ cat deep/aalint.toml; exit 3\n```\n\
                ```console\n$ ls\nuntouched\n```\n";
    let (fresh, count) = played(page);
    assert_eq!(count, 2);
    let shown = "done\n$ cat deep/aalint.toml; exit 3\nfail-on = 3\n[exit code 3]\n```\n";
    assert!(fresh.contains(shown), "{fresh}");
    assert!(fresh.contains("there is no rule `no-such`"), "{fresh}");
    assert!(!fresh.contains("stale"), "{fresh}");
    assert!(fresh.ends_with("$ ls\nuntouched\n```\n"), "{fresh}");
}

/// The page with the output that its commands have now, and how many were run.
fn played(page: &str) -> (String, usize) {
    let directory = tempfile::tempdir().unwrap();
    let fixtures = root().join("fixtures/docs");
    for file in files_below(&fixtures) {
        let relative = file.strip_prefix(&fixtures).unwrap().to_str().unwrap();
        put(
            directory.path(),
            relative,
            &fs::read_to_string(&file).unwrap(),
        );
    }
    let (mut out, mut commands) = (String::new(), 0);
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        let fence = &line[..line.len() - line.trim_start_matches('`').len()];
        if fence.len() < 3 {
            continue;
        }
        let mut body = Vec::new();
        while let Some(inner) = lines.next_if(|line| *line != fence) {
            body.push(inner);
        }
        let is_run =
            line.ends_with("`console") && body.first().is_some_and(|l| l.starts_with("$ aalint"));
        if is_run {
            for command in commands_of(&body) {
                out.push_str(&run(directory.path(), &command));
                commands += 1;
            }
        } else {
            let text: String = body.iter().map(|line| format!("{line}\n")).collect();
            if let Some(path) = line
                .split_whitespace()
                .find_map(|word| word.strip_prefix("file="))
            {
                put(directory.path(), path, &text);
            }
            out.push_str(&text);
        }
        if let Some(end) = lines.next() {
            out.push_str(end);
            out.push('\n');
        }
    }
    (out, commands)
}

/// The commands of a block, `$` in front, with the lines that continue them.
fn commands_of(body: &[&str]) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in body {
        if goes_on {
            let command = commands.last_mut().unwrap();
            command.push('\n');
            command.push_str(line);
        } else if line.starts_with("$ ") {
            commands.push((*line).to_owned());
        } else {
            continue;
        }
        goes_on = line.ends_with('\\');
    }
    commands
}

/// A command, what it prints, and its exit code.
fn run(directory: &Path, command: &str) -> String {
    let programs = Path::new(env!("CARGO_BIN_EXE_aalint")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1\n{}", &command[2..])])
        .current_dir(directory)
        .env("PATH", path)
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    if command.contains("--format json") && output.status.code() != Some(2) {
        document(&output.stdout);
    }
    let mut text = format!("{command}\n{}", String::from_utf8(output.stdout).unwrap());
    if !text.ends_with('\n') {
        text.push('\n');
    }
    match output.status.code() {
        Some(0) => {}
        Some(code) => text.push_str(&format!("[exit code {code}]\n")),
        None => panic!("`{command}` was killed"),
    }
    text
}

fn put(directory: &Path, relative: &str, text: &str) {
    let full = directory.join(relative);
    fs::create_dir_all(full.parent().unwrap()).unwrap();
    fs::write(full, text).unwrap();
}
