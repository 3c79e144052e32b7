//! A workspace over a real tree that is updated after random edits says what a fresh one says.
//!
//! A few edits are followed on every run; AALINT_EDITS=full follows 2,000 of Debian 13's profiles and 200 of apparmor.d's.

use std::fs;

use crate::common::edits::{Tree, follow};
use crate::common::{Missing, needed};
use aalint::source::MemoryVfs;

/// How many edits are followed of Debian's tree and of apparmor.d's: on every run, and in full.
const DEBIAN: (usize, usize) = (40, 2_000);
const APPARMOR_D: (usize, usize) = (3, 200);

fn count((some, full): (usize, usize)) -> usize {
    match std::env::var("AALINT_EDITS").as_deref() {
        Ok("full") => full,
        _ => some,
    }
}

/// The files of `../shared/corpus/FOLDER` as they lie below `place`.
fn enter(files: &mut MemoryVfs, folder: &str, place: &str) -> Result<(), Missing> {
    let root = needed(&format!("corpus/{folder}"))?;
    let mut open = vec![root.clone()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if let Ok(bytes) = fs::read(&path) {
                let below = path.strip_prefix(&root).unwrap().to_str().unwrap();
                files.insert(format!("{place}/{below}"), bytes);
            }
        }
    }
    Ok(())
}

fn follow_tree(own: &str, base: &str, count: usize) -> Result<(), Missing> {
    let mut files = MemoryVfs::default();
    enter(&mut files, own, "own")?;
    enter(&mut files, base, "base")?;
    let followed = follow(&Tree::new(files), "base", "own", 1, count);
    println!("{own}: {followed:?}");
    assert_eq!(followed.edits, count);
    assert!(followed.kept > followed.functions / 4, "{followed:?}");
    Ok(())
}

pub fn debians_tree() -> Result<(), Missing> {
    follow_tree(
        "debian13-apparmor-4.1/own",
        "_base/debian13-4.1",
        count(DEBIAN),
    )
}

pub fn the_tree_of_apparmor_d() -> Result<(), Missing> {
    let own = "apparmor.d-built-forky/own";
    follow_tree(own, "apparmor.d-built-forky/base", count(APPARMOR_D))
}
