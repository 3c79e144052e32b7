//! What is done with each line.

use std::collections::BTreeSet;
use std::io::Write;

use crate::audit::{
    Added, Cause, Explainer, Explanation, Groups, Kind, Record, Repeated, looks_like_record, parse,
};
use crate::cli::stderr::complaints;
use crate::report::{self, Format, Style, one_line};
use crate::session::{Policy, Veil};

/// Maximum number of profiles that the summary names.
const MAX_NAMED: usize = 3;

/// Explains lines by a policy.
pub(in crate::cli) struct LogListener<'l, 'p> {
    pub(super) policy: &'l Policy<'p>,
    pub(super) explainer: Explainer<'l, 'p>,
    pub(super) veil: Option<Veil>,
    pub(super) format: Format,
    pub(super) style: Style,
    pub(super) shows: Shows,
    pub(super) groups: Groups,
    pub(super) counts: LineCounts,
}

/// Which records are shown.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Shows {
    /// Those of profiles that the policy does not define.
    pub(super) others: bool,
    /// What became of policy: that profiles were loaded.
    pub(super) status: bool,
    /// The same of all profiles.
    pub(super) all: bool,
}

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct LineCounts {
    lines: usize,
    shown: usize,
    status: usize,
    others: usize,
    /// The labels of some of those.
    named: BTreeSet<String>,
    unread: usize,
    /// The number of the first line that was not understood.
    first_unread: usize,
}

impl LogListener<'_, '_> {
    /// Takes a line of a log; what it says is shown at the end.
    pub(super) fn take(&mut self, line: &str) {
        self.add(line);
    }

    /// Takes a line and shows at once what it says.
    pub(in crate::cli) fn hear(&mut self, line: &str, out: &mut dyn Write) -> anyhow::Result<()> {
        let (index, is_new) = match self.add(line) {
            Some(Added::New(index)) => (index, true),
            Some(Added::Again(index)) => (index, false),
            Some(Added::Same | Added::LeftOut) | None => return Ok(()),
        };
        let Some(repeated) = self.groups.all.get(index) else {
            return Ok(());
        };
        let (format, style) = (self.format, self.style);
        match is_new {
            true => report::audit_records(format, [repeated.into()], style, out)?,
            false => report::audit_again(format, repeated.into(), style, out)?,
        }
        Ok(())
    }

    fn add(&mut self, line: &str) -> Option<Added> {
        self.counts.lines += 1;
        let Some(record) = parse(line) else {
            if looks_like_record(line) {
                self.counts.unread += 1;
                if self.counts.unread == 1 {
                    self.counts.first_unread = self.counts.lines;
                }
            }
            return None;
        };
        if !self.is_shown(&record) {
            return None;
        }
        let (explainer, veil) = (&self.explainer, &self.veil);
        let added = self.groups.add(record, |record| {
            let mut explanation = explainer.explain(record);
            if let Some(veil) = veil {
                conceal(&mut explanation, veil);
            }
            explanation
        });
        if matches!(added, Added::New(_) | Added::Again(_)) {
            self.counts.shown += 1;
        }
        Some(added)
    }

    /// Whether a record is shown; if not, it is counted.
    fn is_shown(&mut self, record: &Record) -> bool {
        let counts = &mut self.counts;
        if self.shows.all {
            return true;
        }
        if record.kind == Kind::Status {
            let name = record.text("name").unwrap_or_default();
            let mut profiles = self.policy.profiles();
            let is_known = profiles.any(|profile| profile.full_name == name);
            if self.shows.status && is_known {
                return true;
            }
            if self.shows.status {
                counts.other(&name);
            } else {
                counts.status += 1;
            }
            return false;
        }
        // No policy defines `unconfined`, and its records are about programs that want a profile.
        let is_shown =
            self.shows.others || record.label == "unconfined" || self.explainer.knows(record);
        if !is_shown {
            counts.other(&record.label);
        }
        is_shown
    }

    /// Shows what was taken.
    pub(super) fn show(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let records = self
            .groups
            .all
            .iter()
            .map(|repeated: &Repeated| repeated.into());
        report::audit_records(self.format, records, self.style, out)?;
        out.flush()?;
        Ok(())
    }

    /// Says on standard error what was seen.
    pub(in crate::cli) fn sum_up(&self) -> anyhow::Result<()> {
        let mut err = complaints(false);
        let counts = &self.counts;
        if counts.unread > 0 {
            let (lines, are) = match counts.unread {
                1 => ("1 line".to_owned(), "is"),
                count => (format!("{count} lines"), "are"),
            };
            writeln!(
                err,
                "aalint: {lines} with `apparmor=` {are} not understood; the first is line {}",
                counts.first_unread
            )?;
        }
        let is_empty = counts.shown + counts.others + counts.status + self.groups.left_out == 0;
        if is_empty && counts.unread == 0 {
            writeln!(err, "no AppArmor record found")?;
            return Ok(());
        }
        writeln!(err, "{}", self.summary())?;
        Ok(())
    }

    fn summary(&self) -> String {
        let records = |count: usize| match count {
            1 => "1 record".to_owned(),
            count => format!("{count} records"),
        };
        let counts = &self.counts;
        let mut parts = vec![format!("{} explained", records(counts.shown))];
        if counts.others > 0 {
            let named = counts
                .named
                .iter()
                .map(|name| format!("`{}`", one_line(name)));
            let named: Vec<String> = named.collect();
            parts.push(format!(
                "{} of other profiles not shown ({}; --all shows them)",
                records(counts.others),
                named.join(", ")
            ));
        }
        if counts.status > 0 {
            parts.push(format!(
                "{} about loaded policy not shown (--all shows them)",
                records(counts.status)
            ));
        }
        if self.groups.left_out > 0 {
            parts.push(format!(
                "{} not shown: there are too many different ones",
                records(self.groups.left_out)
            ));
        }
        parts.join("; ")
    }
}

impl LineCounts {
    /// LineCounts a record of another profile.
    fn other(&mut self, label: &str) {
        self.others += 1;
        if self.named.len() < MAX_NAMED {
            self.named.insert(label.to_owned());
        } else if !self.named.contains(label) {
            self.named.insert("…".to_owned());
        }
    }
}

/// Takes out of an explanation what it says of files outside.
fn conceal(explanation: &mut Explanation, veil: &Veil) {
    if let Some(suggestion) = &mut explanation.suggestion {
        suggestion.rule = veil.value(&suggestion.rule);
        for opens in &mut suggestion.opens {
            *opens = veil.value(opens);
        }
        suggestion.example = suggestion.example.as_deref().map(|path| veil.value(path));
    }
    match &mut explanation.cause {
        Cause::NoHat(hats) => {
            for name in &mut hats.known {
                *name = veil.value(name);
            }
        }
        Cause::Disconnected(disconnected) => {
            disconnected.path = veil.value(&disconnected.path);
            if let Some(then) = &mut disconnected.then {
                conceal(then, veil);
            }
        }
        _ => {}
    }
}
