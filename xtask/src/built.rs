//! The program `tests/it`, built only if it must be.
//!
//! Cargo builds everything again when the text of a page changes, since aalint holds the pages (`include_str!`). The test of a
//! page reads the file and not that copy, so for it a program is fresh as long as nothing else has changed. That makes
//! half a minute a moment, for what is done most when a page is written.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

/// What the program is made of, beside the pages.
const PARTS: &[&str] = &[
    "src",
    "tests",
    "xtask",
    "grammar",
    "data",
    "rules",
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    ".cargo/config.toml",
];

/// The program as it is for the sources as they are; `None` if they do not compile.
pub(crate) fn program(root: &Path) -> Result<Option<PathBuf>> {
    let note = root.join("target/xtask/it");
    if let Some(known) = fresh(root, &note)? {
        return Ok(Some(known));
    }
    // What is saved while the compiler runs is newer than this, and so the next run compiles.
    let started = SystemTime::now();
    let output = super::cargo_test()
        .args(["--test", "it", "--no-run", "--message-format", "json-render-diagnostics"])
        .current_dir(root)
        // What the compiler says is shown as it comes.
        .stderr(Stdio::inherit())
        .output()
        .context("running cargo test")?;
    if !output.status.success() {
        return Ok(None);
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let program = messages
        .lines()
        .filter(|line| line.contains("\"kind\":[\"test\"]") && line.contains("\"name\":\"it\""))
        .find_map(|line| Some(line.split_once("\"executable\":\"")?.1.split_once('"')?.0))
        .map(PathBuf::from)
        .context("cargo test does not say where the program is")?;
    let text = format!(
        "{} {} {}",
        nanos(started)?,
        changed(&program)?,
        program.display()
    );
    fs::create_dir_all(root.join("target/xtask"))
        .and_then(|()| fs::write(&note, text))
        .with_context(|| format!("writing {}", note.display()))?;
    Ok(Some(program))
}

/// The program that a note names, if it is still the one that was built, and nothing is newer than the build.
fn fresh(root: &Path, note: &Path) -> Result<Option<PathBuf>> {
    let Ok(text) = fs::read_to_string(note) else {
        return Ok(None);
    };
    let mut words = text.splitn(3, ' ');
    let (Some(started), Some(built), Some(program)) = (words.next(), words.next(), words.next())
    else {
        return Ok(None);
    };
    let program = PathBuf::from(program);
    if !program.is_file() || changed(&program)?.to_string() != built {
        return Ok(None);
    }
    let started: u128 = started.parse().unwrap_or(0);
    let mut newest = 0;
    for part in PARTS {
        newest = newest.max(newest_below(&root.join(part), *part != "rules")?);
    }
    Ok((newest < started).then_some(program))
}

/// When anything below a path was last changed, pages left out. Folders change with the names in them. Those of pages do not
/// count: some editors save a page as a new file of its name, and a page that comes or goes changes the registry.
fn newest_below(path: &Path, has_folders: bool) -> Result<u128> {
    let is_page = path.extension().is_some_and(|extension| extension == "md");
    if is_page {
        return Ok(0);
    }
    let is_counted = has_folders || !path.is_dir();
    let mut newest = if is_counted { changed(path)? } else { 0 };
    if path.is_dir() {
        let reading = || format!("reading {}", path.display());
        for entry in fs::read_dir(path).with_context(reading)? {
            newest = newest.max(newest_below(
                &entry.with_context(reading)?.path(),
                has_folders,
            )?);
        }
    }
    Ok(newest)
}

fn changed(path: &Path) -> Result<u128> {
    let time = fs::metadata(path).and_then(|data| data.modified());
    nanos(time.with_context(|| format!("reading {}", path.display()))?)
}

fn nanos(time: SystemTime) -> Result<u128> {
    Ok(time
        .duration_since(UNIX_EPOCH)
        .context("a time before 1970")?
        .as_nanos())
}
