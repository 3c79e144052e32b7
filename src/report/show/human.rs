//! One screen for people.

use std::io::{self, Write};

use super::super::words::{at_column, at_line};
use super::super::{Style, ansi, one_line};
use super::words::{absent, comparison, denial_counts, heading, notes, remark, subject};
use crate::session::diff::RiskLevel;
use crate::session::{AccessTopic, Grant, RuleAt, ShownProfile, TopicGrants};

/// Most lines of a topic, and where there are many topics.
const MAX_LINES: usize = 4;
const MAX_LINES_OF_MANY: usize = 3;

/// From this number of topics on there are many.
const MANY_TOPICS: usize = 7;

/// Most capabilities that share a line.
const MAX_NAMES: usize = 8;

/// Most lines about the comparison with a default profile.
const MAX_COMPARED: usize = 6;

/// Longest text of a line that is shown, in characters.
const MAX_TEXT: usize = 200;

/// Capabilities at or below this risk share a line.
const COMMON: RiskLevel = RiskLevel::Medium;

pub(super) fn write(profile: &ShownProfile, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let page = Page { profile, style };
    page.header(out)?;
    let mut is_cut = false;
    for topic in &profile.topics {
        is_cut |= page.topic(topic, out)?;
    }
    is_cut |= page.denials(out)?;
    is_cut |= page.unknown(out)?;
    if let Some(absent) = absent(profile) {
        writeln!(out, "{absent}")?;
    }
    page.comparison(out)?;
    for note in notes(profile) {
        let name = page.paint("note:", ansi::BOLD);
        writeln!(out, "{name} {}", one_line(&note))?;
    }
    if is_cut {
        let name = page.paint("note:", ansi::BOLD);
        writeln!(
            out,
            "{name} `--format json` and `--format markdown` show more"
        )?;
    }
    Ok(())
}

struct Page<'p> {
    profile: &'p ShownProfile,
    style: Style,
}

impl Page<'_> {
    fn paint(&self, text: &str, style: anstyle::Style) -> String {
        ansi::paint(text, style, self.style.color)
    }

    /// Most lines of a topic here.
    const fn lines(&self) -> usize {
        match self.profile.topics.len() {
            MANY_TOPICS.. => MAX_LINES_OF_MANY,
            _ => MAX_LINES,
        }
    }

    fn header(&self, out: &mut dyn Write) -> io::Result<()> {
        let profile = self.profile;
        let attachment = match &profile.attachment {
            Some(path) => format!("attaches to `{}`", shortened(path)),
            None => "attaches to nothing".to_owned(),
        };
        let children = match profile.children.as_slice() {
            [] => String::new(),
            [only] => format!(", child `{}`", shortened(only)),
            [first, more @ ..] => {
                format!(", child `{}` and {} more", shortened(first), more.len())
            }
        };
        writeln!(
            out,
            "profile `{}` {}",
            self.paint(&shortened(&profile.name), ansi::BOLD),
            self.paint(&at_column(&profile.place), ansi::DIM),
        )?;
        let mode = profile.mode.name();
        writeln!(out, "  {mode} mode, {attachment}{children}")
    }

    fn heading(&self, name: &str, remark: &str, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}: {remark}", self.paint(name, ansi::BOLD))
    }

    /// Writes a topic; whether something was left out.
    fn topic(&self, topic: &TopicGrants, out: &mut dyn Write) -> io::Result<bool> {
        let level = topic.risk();
        let color = match level {
            RiskLevel::Critical | RiskLevel::High => ansi::REMOVED,
            _ => ansi::DIM,
        };
        let known = match topic.may_be_denied {
            true => ", as far as is known",
            false => "",
        };
        let risk = self.paint(&format!("{} risk", level.name()), color);
        self.heading(heading(topic.topic), &format!("{risk}{known}"), out)?;
        let is_common = |grant: &&Grant| {
            topic.topic == AccessTopic::Capability
                && grant.risk.level <= COMMON
                && grant.missing.is_none()
        };
        let alone: Vec<&Grant> = topic
            .grants
            .iter()
            .filter(|grant| !is_common(grant))
            .collect();
        let common = topic.grants.iter().filter(is_common);
        let mut common: Vec<String> = common.map(|grant| grant.pattern.clone()).collect();
        if common.len() > MAX_NAMES {
            let more = common.len() - MAX_NAMES;
            common.truncate(MAX_NAMES);
            common.push(format!("and {more} more"));
        }
        let shown = alone.iter().take(self.lines());
        let width = shown
            .clone()
            .filter_map(|grant| subject(topic.topic, grant).0);
        let width = width.map(|text| text.chars().count()).max().unwrap_or(0);
        for grant in shown {
            self.grant(topic.topic, grant, width, out)?;
        }
        if !common.is_empty() {
            writeln!(out, "  {}", shortened(&common.join(", ")))?;
        }
        let more = alone.len().saturating_sub(self.lines());
        self.more(more, out)
    }

    /// Where rules stand: the line alone, if it is in the file of the profile.
    fn place(&self, rules: &[RuleAt]) -> String {
        let Some((first, others)) = rules.split_first() else {
            return String::new();
        };
        let place = match first.place.path == self.profile.place.path {
            true => format!("line {}", first.place.start.line),
            false => at_line(&first.place),
        };
        let more = match others.len() {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        let place = format!("[{}{more}]", shortened(&place));
        format!("  {}", self.paint(&place, ansi::DIM))
    }

    fn more(&self, more: usize, out: &mut dyn Write) -> io::Result<bool> {
        if more > 0 {
            writeln!(
                out,
                "  {}",
                self.paint(&format!("and {more} more"), ansi::DIM)
            )?;
        }
        Ok(more > 0)
    }

    fn grant(
        &self,
        topic: AccessTopic,
        grant: &Grant,
        width: usize,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let (permissions, what) = subject(topic, grant);
        let permissions = match width {
            0 => String::new(),
            width => format!("{:<width$}  ", one_line(permissions.unwrap_or_default())),
        };
        let remark = remark(topic, grant);
        let remark = remark.map(|text| format!(": {}", shortened(&text)));
        writeln!(
            out,
            "  {permissions}{}{}{}",
            shortened(&what),
            remark.unwrap_or_default(),
            self.place(&grant.rules)
        )
    }

    fn denials(&self, out: &mut dyn Write) -> io::Result<bool> {
        let denials = &self.profile.denials;
        if denials.is_empty() {
            return Ok(false);
        }
        self.heading("denies on purpose", &denial_counts(denials), out)?;
        for denial in denials.iter().take(self.lines()) {
            let overrides = denial.overrides.as_deref();
            let overrides =
                overrides.map(|request| format!(": overrides `{}`", shortened(request)));
            writeln!(
                out,
                "  {}{}{}",
                shortened(denial.rule.text.trim_end_matches(',')),
                overrides.unwrap_or_default(),
                self.place(std::slice::from_ref(&denial.rule))
            )?;
        }
        self.more(denials.len().saturating_sub(self.lines()), out)
    }

    fn unknown(&self, out: &mut dyn Write) -> io::Result<bool> {
        let unknown = &self.profile.unknown;
        if unknown.is_empty() {
            return Ok(false);
        }
        self.heading("not known", "what these allow or deny", out)?;
        for rule in unknown.iter().take(self.lines()) {
            let place = self.place(std::slice::from_ref(rule));
            writeln!(out, "  {}{place}", shortened(&rule.text))?;
        }
        self.more(unknown.len().saturating_sub(self.lines()), out)
    }

    fn comparison(&self, out: &mut dyn Write) -> io::Result<()> {
        let compared = &self.profile.comparison;
        let lines = comparison(compared);
        let Some((first, rest)) = lines.split_first() else {
            return Ok(());
        };
        let name = format!("compared with {} of {}", compared.name, compared.version);
        self.heading(&name, first, out)?;
        for line in rest.iter().take(MAX_COMPARED) {
            writeln!(out, "  {}", shortened(line))?;
        }
        self.more(rest.len().saturating_sub(MAX_COMPARED), out)?;
        Ok(())
    }
}

/// Text on one line, cut where it is very long.
fn shortened(text: &str) -> String {
    let line = one_line(text);
    if line.chars().count() <= MAX_TEXT {
        return line;
    }
    format!("{}…", line.chars().take(MAX_TEXT).collect::<String>())
}
