//! A document for a review.

use std::io::{self, Write};

use super::super::markdown::{code, plain};
use super::super::words::at_line;
use super::words::{absent, comparison, denial_counts, heading, notes, remark, subject};
use crate::session::{RuleAt, ShownProfile, TopicGrants};

/// Most entries of a topic; a comment on a pull request may not be longer than 65,536 characters.
const MAX_ENTRIES: usize = 25;

pub(super) fn write(profile: &ShownProfile, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "### {}\n\n- at {}, {} mode",
        code(&profile.name),
        code(&at_line(&profile.place)),
        profile.mode.name()
    )?;
    match &profile.attachment {
        Some(path) => writeln!(out, "- attaches to {}", code(path))?,
        None => writeln!(out, "- attaches to nothing")?,
    }
    for child in profile.children.iter().take(MAX_ENTRIES) {
        writeln!(out, "- child {}", code(child))?;
    }
    more(profile.children.len(), out)?;
    for note in notes(profile) {
        writeln!(out, "\n> {}", plain(&note))?;
    }
    for topic in &profile.topics {
        grants(topic, out)?;
    }
    denials(profile, out)?;
    if !profile.unknown.is_empty() {
        writeln!(out, "\n#### not known\n")?;
        for rule in profile.unknown.iter().take(MAX_ENTRIES) {
            writeln!(out, "- {} ({})", code(&rule.text), place(rule))?;
        }
        more(profile.unknown.len(), out)?;
    }
    if let Some(absent) = absent(profile) {
        writeln!(out, "\n#### not allowed\n\n{}", plain(&absent))?;
    }
    let compared = &profile.comparison;
    writeln!(
        out,
        "\n#### compared with {} of {}\n",
        code(compared.name),
        plain(compared.version)
    )?;
    let lines = comparison(compared);
    for line in &lines {
        writeln!(out, "- {}", plain(line))?;
    }
    Ok(())
}

fn grants(topic: &TopicGrants, out: &mut dyn Write) -> io::Result<()> {
    let known = match topic.may_be_denied {
        true => ", as far as is known",
        false => "",
    };
    let (name, risk) = (heading(topic.topic), topic.risk().name());
    writeln!(out, "\n#### {name}: {risk} risk{known}\n")?;
    for grant in topic.grants.iter().take(MAX_ENTRIES) {
        let (permissions, _) = subject(topic.topic, grant);
        let permissions = permissions.map(|text| format!("{} ", code(text)));
        let part = if grant.is_whole { "" } else { "a part of " };
        let remark = remark(topic.topic, grant);
        let remark = remark.map(|text| format!(": {}", plain(&text)));
        let place = grant.rules.first().map(place);
        let place = place.map(|place| format!(" ({place})"));
        writeln!(
            out,
            "- {}{part}{}{}{}",
            permissions.unwrap_or_default(),
            code(&grant.pattern),
            remark.unwrap_or_default(),
            place.unwrap_or_default()
        )?;
    }
    more(topic.grants.len(), out)
}

fn denials(profile: &ShownProfile, out: &mut dyn Write) -> io::Result<()> {
    let denials = &profile.denials;
    if denials.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n#### denies on purpose: {}\n",
        denial_counts(denials)
    )?;
    for denial in denials.iter().take(MAX_ENTRIES) {
        let overrides = denial.overrides.as_deref();
        let overrides = overrides.map(|request| format!(", overrides {}", code(request)));
        writeln!(
            out,
            "- {}{} ({})",
            code(denial.rule.text.trim_end_matches(',')),
            overrides.unwrap_or_default(),
            place(&denial.rule)
        )?;
    }
    more(denials.len(), out)
}

fn place(rule: &RuleAt) -> String {
    code(&at_line(&rule.place))
}

fn more(count: usize, out: &mut dyn Write) -> io::Result<()> {
    match count.saturating_sub(MAX_ENTRIES) {
        0 => Ok(()),
        more => writeln!(out, "- and {more} more"),
    }
}
