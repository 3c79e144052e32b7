//! For people.

use std::io::{self, Write};

use super::super::words::at_column;
use super::super::{Style, ansi, one_line};
use super::words::{attribute, effects, example, meaning, summary, verdict};
use crate::access::{PolicyVersion, Relation};
use crate::session::RuleAt;
use crate::session::diff::{AccessChange, PolicyDiff, ProfileDiff, Status, VersionedRule};

pub(super) fn write(diff: &PolicyDiff, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let page = Page { style };
    for profile in diff
        .profiles
        .iter()
        .filter(|profile| profile.is_different())
    {
        page.profile(profile, out)?;
        writeln!(out)?;
    }
    for note in &diff.notes {
        writeln!(out, "{} {note}", page.paint("note:", ansi::BOLD))?;
    }
    writeln!(out, "{}", summary(diff))
}

struct Page {
    style: Style,
}

impl Page {
    fn paint(&self, text: &str, style: anstyle::Style) -> String {
        ansi::paint(text, style, self.style.color)
    }

    fn profile(&self, profile: &ProfileDiff, out: &mut dyn Write) -> io::Result<()> {
        let color = match profile.relation {
            Relation::Equal => ansi::BOLD,
            Relation::Narrower => ansi::ADDED | anstyle::Effects::BOLD,
            Relation::Wider | Relation::Incomparable => ansi::REMOVED | anstyle::Effects::BOLD,
        };
        let renamed = match &profile.status {
            Status::Renamed(before) => format!(", renamed from `{}`", one_line(before)),
            _ => String::new(),
        };
        writeln!(
            out,
            "{}: profile `{}`{renamed} {}",
            self.paint(&verdict(profile), color),
            one_line(&profile.name),
            self.paint(&places(profile), ansi::DIM),
        )?;
        if let Some(meaning) = meaning(profile) {
            writeln!(out, "  {meaning}")?;
        }
        for change in &profile.attributes {
            writeln!(out, "  ~ {}", one_line(&attribute(change)))?;
        }
        for change in &profile.changes {
            self.change(change, out)?;
        }
        for unknown in &profile.unknown {
            let what = format!("not known: {}", place_and_text(&unknown.rule));
            writeln!(out, "  {}", self.paint(&what, ansi::DIM))?;
        }
        Ok(())
    }

    fn change(&self, change: &AccessChange, out: &mut dyn Write) -> io::Result<()> {
        let told = effects(change).into_iter().map(|(sign, what)| {
            let color = match sign {
                '+' => ansi::REMOVED,
                '-' => ansi::ADDED,
                _ => ansi::BOLD,
            };
            self.paint(&one_line(&format!("{sign} {what}")), color)
        });
        let told = told.collect::<Vec<_>>().join(" ");
        let part = if change.is_whole { "" } else { "a part of " };
        let pattern = one_line(&change.pattern);
        write!(out, "  {told}  {part}{}", self.paint(&pattern, ansi::BOLD))?;
        match example(change) {
            Some(request) => writeln!(out, ", such as `{}`", one_line(request))?,
            None => writeln!(out)?,
        }
        if let Some(reason) = &change.risk.reason {
            let level = format!("{} risk:", change.risk.level.name());
            writeln!(
                out,
                "      {} {}",
                self.paint(&level, ansi::BOLD),
                one_line(reason)
            )?;
        }
        for rule in &change.rules {
            self.rule(rule, out)?;
        }
        Ok(())
    }

    fn rule(
        &self,
        VersionedRule { version, rule }: &VersionedRule,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let version = match version {
            PolicyVersion::Old => "old",
            PolicyVersion::New => "new",
        };
        writeln!(
            out,
            "      {version} {}",
            self.paint(&place_and_text(rule), ansi::DIM)
        )?;
        for via in rule.via.iter().rev() {
            let what = format!("included at {}", at_column(via));
            writeln!(out, "          {}", self.paint(&what, ansi::DIM))?;
        }
        Ok(())
    }
}

fn place_and_text(rule: &RuleAt) -> String {
    format!("{}: {}", at_column(&rule.place), one_line(&rule.text))
}

/// Where it is, or was and is.
fn places(profile: &ProfileDiff) -> String {
    let [old, new] = &profile.places;
    match (old, new) {
        (Some(old), Some(new)) if old.path == new.path => at_column(new),
        (Some(old), Some(new)) => format!("{} -> {}", at_column(old), at_column(new)),
        (Some(only), None) | (None, Some(only)) => at_column(only),
        (None, None) => String::new(),
    }
}
