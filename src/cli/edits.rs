//! The edits of `aalint check`: `--fix` and the like.

use std::cell::RefCell;
use std::io::Write;

use anyhow::bail;
use rustc_hash::FxHashMap;
use similar::TextDiff;

use super::args::EditArguments;
use super::discovery::collect;
use super::exit;
use super::setup::Setup;
use super::stderr::complaints;
use crate::host::{Disk, InsidePaths, Within, replace};
use crate::rules;
use crate::session::Options;
use crate::session::fix::{Edits, FixJob, Fixed, FixedFile, WithheldEdit, WithheldReason, fix};
use crate::source::{Snapshot, Vfs};

/// Lines around a change in a difference.
const CONTEXT_LINES: usize = 3;

/// How many edits that are not made are told one by one.
const TOLD: usize = 20;

/// Refuses what cannot be meant.
pub(super) fn usage(edits: &EditArguments) -> anyhow::Result<()> {
    if edits.unsafe_fixes && !edits.are_wanted() {
        bail!("--unsafe-fixes makes no edits by itself; add --fix, --fix-only or --diff");
    }
    if edits.exit_non_zero_on_fix && !edits.are_wanted() {
        bail!("--exit-non-zero-on-fix says how --fix ends; add --fix or --fix-only");
    }
    let Some(reason) = &edits.add_ignores else {
        return Ok(());
    };
    if reason.trim().is_empty() {
        bail!("--add-ignores wants a reason, which is written into each comment");
    }
    if reason.chars().any(char::is_control) {
        bail!("the reason of --add-ignores stands in a comment, so it is one line of text");
    }
    Ok(())
}

/// What is to be done with edits.
pub(super) struct EditJob<'a> {
    /// Which are wanted.
    pub(super) edits: &'a EditArguments,
    /// The paths that are checked.
    pub(super) paths: &'a [String],
    /// The name of standard input.
    pub(super) stdin: &'a str,
    /// Where things are.
    pub(super) setup: &'a Setup,
}

impl EditJob<'_> {
    /// Whether the text of standard input goes to standard output.
    pub(super) fn is_piped(&self) -> bool {
        self.paths.iter().any(|path| path == "-") && !self.edits.diff
    }

    /// Makes the edits in memory.
    pub(super) fn fix(&self, files: &Snapshot<'_>, options: &Options) -> Fixed {
        let mut named = InsidePaths::nowhere();
        for path in self.paths {
            named.add(path);
        }
        let disk = Within::new(&Disk, &named);
        // What two names lead to is changed once.
        let first_names: RefCell<FxHashMap<String, String>> = RefCell::default();
        let is_first_name = |path: &str| {
            let real = Disk.real_path(path).unwrap_or_else(|| path.to_owned());
            let mut names = first_names.borrow_mut();
            names.entry(real).or_insert_with(|| path.to_owned()) == path
        };
        let reason = self.edits.add_ignores.as_deref().map(str::trim);
        let job = FixJob {
            edits: match reason {
                Some(reason) => Edits::Ignores(reason),
                None if self.edits.unsafe_fixes => Edits::Unsafe,
                None => Edits::Safe,
            },
            // A link among the files that were named may lead anywhere.
            may_write: &|path| path == self.stdin || !disk.is_outside(path) && is_first_name(path),
            around: &|path| self.around(files, options, path),
        };
        fix(files, options, rules::all(), &job)
    }

    /// The policy of the tree that a file lies in, or beside it.
    fn around(&self, files: &Snapshot<'_>, options: &Options, path: &str) -> Vec<String> {
        let bases = options.search.directories.iter();
        let holds = |base: &&String| {
            let below = path.strip_prefix(base.trim_end_matches('/'));
            below.is_some_and(|rest| rest.starts_with('/'))
        };
        let base = bases.filter(holds).max_by_key(|base| base.len());
        let beside = path
            .rsplit_once('/')
            .map_or(".", |(directory, _)| directory);
        let place = base.map_or(beside, String::as_str).to_owned();
        let found = collect(files, &[place], self.setup);
        found.map(|found| found.policy()).unwrap_or_default()
    }

    /// Writes the files, or shows what would be written, and tells what was done. Gives how many files that is; `None` if not all of it
    /// could be done.
    pub(super) fn finish(
        &self,
        fixed: &Fixed,
        files: &Snapshot<'_>,
        out: &mut dyn Write,
    ) -> anyhow::Result<Option<usize>> {
        if !fixed.fighting.is_empty() {
            let names = fixed.fighting.join("`, `");
            let mut err = complaints(false);
            writeln!(
                err,
                "aalint: the edits of `{names}` come to no end together; nothing was written. Make the edits of one of these rules \
                 alone, with --select"
            )?;
            return Ok(None);
        }
        let mut failures = Vec::new();
        let mut done = 0;
        for file in &fixed.files {
            match self.write(file, out) {
                Ok(()) => done += 1,
                Err(error) => failures.push((file.path.clone(), format!("{error}: not changed"))),
            }
        }
        let is_unchanged = |file: &FixedFile| file.path != self.stdin;
        if self.is_piped() && fixed.files.iter().all(is_unchanged) {
            // Who pipes a text through gets it back.
            out.write_all(&files.read(self.stdin).unwrap_or_default())?;
        }
        self.tell(fixed, done)?;
        let has_failed = !failures.is_empty();
        exit::tell(failures);
        Ok((!has_failed).then_some(done))
    }

    fn write(&self, file: &FixedFile, out: &mut dyn Write) -> anyhow::Result<()> {
        let path = &file.path;
        if self.edits.diff {
            let diff = TextDiff::from_lines(&file.before, &file.after);
            let mut unified = diff.unified_diff();
            let unified = unified.context_radius(CONTEXT_LINES).header(path, path);
            write!(out, "{unified}")?;
        } else if self.is_piped() && path == self.stdin {
            out.write_all(file.after.as_bytes())?;
        } else {
            replace(path, file.before.as_bytes(), file.after.as_bytes())?;
        }
        Ok(())
    }

    /// Says what was done, and what was not and why.
    fn tell(&self, fixed: &Fixed, done: usize) -> anyhow::Result<()> {
        let mut err = complaints(false);
        let shown = fixed.withheld.iter().take(TOLD);
        for edit in shown {
            writeln!(err, "aalint: {}", withheld(edit))?;
        }
        let rest = fixed.withheld.len().saturating_sub(TOLD);
        if rest > 0 {
            writeln!(
                err,
                "aalint: {rest} more edits are not made for such reasons"
            )?;
        }
        if fixed.is_cut_short {
            writeln!(
                err,
                "aalint: edits of many rounds were made, and there may be more; run it again"
            )?;
        }
        if done == 0 {
            return Ok(());
        }
        let count: usize = fixed.applied.values().sum();
        let rules = fixed.applied.iter();
        let rules: Vec<String> = rules
            .map(|(rule, count)| format!("{rule} {count}"))
            .collect();
        let verb = match (&self.edits.add_ignores, self.edits.diff, count) {
            (Some(_), false, 1) => "is ignored now",
            (Some(_), false, _) => "are ignored now",
            (Some(_), true, _) => "would be ignored",
            (None, false, 1) => "is mended",
            (None, false, _) => "are mended",
            (None, true, _) => "would be mended",
        };
        writeln!(
            err,
            "aalint: {} {verb} in {}: {}",
            counted(count, "finding"),
            counted(done, "file"),
            rules.join(", ")
        )?;
        Ok(())
    }

    /// The exit code, after what a report without edits would give.
    pub(super) const fn code(&self, of_report: u8, changed: usize) -> u8 {
        let is_told = self.edits.diff || self.edits.exit_non_zero_on_fix;
        match of_report {
            exit::FAILURE => exit::FAILURE,
            _ if is_told && changed > 0 => exit::FINDINGS,
            _ if !self.edits.reports() => exit::CLEAN,
            code => code,
        }
    }
}

fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// An edit that is not made, and why.
fn withheld(edit: &WithheldEdit) -> String {
    let place = &edit.place;
    let why = match &edit.why {
        WithheldReason::Decisions(profile) => {
            format!("it would change what profile `{profile}` compiles to")
        }
        WithheldReason::TooComplex(profile) => format!(
            "profile `{profile}` is too complex to show that it compiles to the same afterwards"
        ),
        WithheldReason::NoProfile => {
            "no profile that includes the file is known, so nothing shows what it changes"
                .to_owned()
        }
        WithheldReason::Faults => "the file would then have another fault".to_owned(),
        WithheldReason::Stays => "the finding would still be there".to_owned(),
        WithheldReason::Brings(rule) => format!("it would bring a finding of `{rule}`"),
        WithheldReason::Silences => "a comment would then ignore another finding".to_owned(),
        WithheldReason::Unjudged => "a file could then not be judged".to_owned(),
        WithheldReason::Untried => "too many other edits failed to try it alone".to_owned(),
    };
    format!(
        "{}:{}:{}: {}: the edit ({}) is not made: {why}",
        place.path, place.start.line, place.start.column, edit.rule, edit.title
    )
}
