//! `check --fix` over the whole corpus: what is called safe leaves every profile compiled to the same, every file is read as
//! well as before, and there is nothing left to do.
//!
//! A sample of the corpus is edited on every run; AALINT_CLAIMS=full edits all of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use aalint::access::{Detail, is_same_policy};
use aalint::glob::InputDomain;
use aalint::host::Disk;
use aalint::rules;
use aalint::session::fix::{Edits, FixJob, Fixed, WithheldReason, fix};
use aalint::session::{CommandLine, Input, InputKind, Options, Workspace};
use aalint::source::{Overlay, Snapshot};

use crate::claims::files;
use crate::common::{Missing, needed};

/// Every n-th file of the sample.
const STEP: usize = 3;

/// The files of the corpus that have one base, as one policy.
fn policies(directory: &Path) -> BTreeMap<String, Options> {
    let mut policies: BTreeMap<String, Options> = BTreeMap::new();
    let is_full = std::env::var("AALINT_CLAIMS").as_deref() == Ok("full");
    let step = if is_full { 1 } else { STEP };
    for (path, search) in files(directory).into_iter().step_by(step) {
        let base = search.directories.concat();
        let options = policies.entry(base).or_insert_with(|| Options {
            search,
            cli: CommandLine {
                select: vec!["all".to_owned()],
                ..CommandLine::default()
            },
            includes_base: true,
            ..Options::default()
        });
        let kind = InputKind::Policy;
        options.inputs.push(Input { path, kind });
    }
    policies
}

fn fixed(files: &Snapshot<'_>, options: &Options, edits: Edits<'_>) -> Fixed {
    let job = FixJob {
        edits,
        may_write: &|_| true,
        around: &|_| Vec::new(),
    };
    fix(files, options, rules::all(), &job)
}

/// Compares the profiles of two workspaces over the same files, each read anew. Gives how many there are.
fn compare(before: &Workspace<'_>, after: &Workspace<'_>, wrong: &mut Vec<String>) -> usize {
    let (old, new) = (before.policy(), after.policy());
    assert_eq!(old.units.len(), new.units.len());
    let mut count = 0;
    for (one, other) in old.units.iter().zip(new.units) {
        let path = &old.store.sources.get(one.file).path;
        let images = [old.images_of(one), new.images_of(other)];
        count += images[0].len();
        match is_same_policy(&images[0], &images[1], InputDomain::Bytes, Detail::Exact) {
            Ok(true) => {}
            other => wrong.push(format!("{path}: {other:?}")),
        }
        if other.problems.len() > one.problems.len() {
            wrong.push(format!("{path}: more problems than before"));
        }
    }
    for (id, loaded) in after.store().iter() {
        let path = &after.store().sources.get(id).path;
        let known = before.store().by_path(path);
        let known = known.and_then(|id| before.store().file(id));
        let faults = known.map_or(0, |known| known.file.faults.len());
        if loaded.file.faults.len() > faults {
            wrong.push(format!("{path}: more faults than before"));
        }
    }
    count
}

pub fn safe_edits_of_the_corpus_change_no_decision() -> Result<(), Missing> {
    let corpus = needed("corpus")?;
    let mut wrong = Vec::new();
    let mut left_over: BTreeMap<String, usize> = BTreeMap::new();
    let (mut edits, mut withheld, mut profiles) = (0, 0, 0);
    for (base, options) in policies(&corpus) {
        let tree = base.strip_prefix(corpus.to_str().unwrap()).unwrap();
        let disk = Snapshot::new(&Disk);
        let started = Instant::now();
        let fixed_once = fixed(&disk, &options, Edits::Safe);
        let seconds = started.elapsed().as_secs_f64();
        assert!(fixed_once.fighting.is_empty(), "{:?}", fixed_once.fighting);
        let applied: usize = fixed_once.applied.values().sum();
        println!(
            "{tree}: {applied} findings mended in {} files, {} edits not made, {seconds:.1} s: {:?}",
            fixed_once.files.len(),
            fixed_once.withheld.len(),
            fixed_once.applied
        );
        edits += applied;
        withheld += fixed_once.withheld.len();
        for edit in &fixed_once.withheld {
            let why = match &edit.why {
                WithheldReason::Decisions(_) => "Decisions".to_owned(),
                WithheldReason::TooComplex(_) => "TooComplex".to_owned(),
                why => format!("{why:?}"),
            };
            println!(
                "  {}:{}: {} not made: {:?}",
                edit.place.path, edit.place.start.line, edit.rule, edit.why
            );
            *left_over
                .entry(format!("{}: {why}", edit.rule))
                .or_default() += 1;
        }
        let changed = with(&fixed_once);
        let before = Workspace::open(Snapshot::new(&Disk), options.clone());
        let after = Workspace::open(Snapshot::new(&changed), options.clone());
        profiles += compare(&before, &after, &mut wrong);
        let again = fixed(&Snapshot::new(&changed), &options, Edits::Safe);
        for file in &again.files {
            wrong.push(format!("{}: changed by a second run", file.path));
        }
    }
    println!(
        "{edits} findings mended, {withheld} edits not made {left_over:?}, {profiles} profiles compared"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(edits > 100, "{edits}");
    // An edit that is called safe and changes what a profile decides is a fault of its rule, though it is not made.
    let lies = left_over
        .keys()
        .filter(|why| why.contains("Decisions") || why.contains("Faults"));
    assert_eq!(lies.count(), 0, "{left_over:?}");
    Ok(())
}

/// The files with their new texts.
fn with(fixed: &Fixed) -> Overlay<'static> {
    let changed = Overlay::new(&Disk);
    for file in &fixed.files {
        changed.insert(&file.path, file.after.clone());
    }
    changed
}

pub fn comments_that_ignore_findings_change_nothing_else() -> Result<(), Missing> {
    let corpus = needed("corpus")?;
    let mut wrong = Vec::new();
    let (mut ignored, mut files, mut left) = (0, 0, BTreeMap::new());
    for options in policies(&corpus).into_values() {
        let options = Options {
            cli: CommandLine::default(),
            ..options
        };
        let edits = Edits::Ignores("it was so");
        let once = fixed(&Snapshot::new(&Disk), &options, edits);
        ignored += once.applied.values().sum::<usize>();
        files += once.files.len();
        for finding in &once.report.findings {
            *left.entry(finding.rule.name).or_insert(0) += 1;
        }
        let changed = with(&once);
        let before = Workspace::open(Snapshot::new(&Disk), options.clone());
        let after = Workspace::open(Snapshot::new(&changed), options.clone());
        compare(&before, &after, &mut wrong);
        let again = fixed(&Snapshot::new(&changed), &options, edits);
        wrong.extend(
            again
                .files
                .iter()
                .map(|file| format!("{}: changed again", file.path)),
        );
        for edit in &once.withheld {
            println!(
                "{}:{}: {}: {:?}",
                edit.place.path, edit.place.start.line, edit.rule, edit.why
            );
        }
    }
    println!("{ignored} findings ignored in {files} files, left {left:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ignored > 50, "{ignored}");
    // Findings in files that are only included are nobody's to ignore there.
    let left: usize = left.values().sum();
    assert!(left * 50 < ignored, "{left}");
    Ok(())
}

pub fn unsafe_edits_of_the_corpus_come_to_an_end() -> Result<(), Missing> {
    let corpus = needed("corpus")?;
    let mut wrong = Vec::new();
    let mut applied: BTreeMap<&str, usize> = BTreeMap::new();
    let mut withheld: BTreeMap<String, usize> = BTreeMap::new();
    for options in policies(&corpus).into_values() {
        let once = fixed(&Snapshot::new(&Disk), &options, Edits::Unsafe);
        assert!(
            once.fighting.is_empty() && !once.is_cut_short,
            "{:?}",
            once.fighting
        );
        for (rule, count) in &once.applied {
            *applied.entry(rule).or_default() += count;
        }
        for edit in &once.withheld {
            *withheld
                .entry(format!("{}: {:?}", edit.rule, edit.why))
                .or_default() += 1;
        }
        let changed = with(&once);
        let before = Workspace::open(Snapshot::new(&Disk), options.clone());
        let after = Workspace::open(Snapshot::new(&changed), options.clone());
        for (id, loaded) in after.store().iter() {
            let path = &after.store().sources.get(id).path;
            let known = before.store().by_path(path);
            let known = known.and_then(|id| before.store().file(id));
            if loaded.file.faults.len() > known.map_or(0, |known| known.file.faults.len()) {
                wrong.push(format!("{path}: more faults than before"));
            }
        }
        let again = fixed(&Snapshot::new(&changed), &options, Edits::Unsafe);
        wrong.extend(
            again
                .files
                .iter()
                .map(|file| format!("{}: changed again", file.path)),
        );
    }
    println!("{applied:?}, not made: {withheld:#?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(applied.values().sum::<usize>() > 100);
    Ok(())
}
