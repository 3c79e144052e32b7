//! For a comment on a pull request: a table, and the details of each profile folded up.

use std::io::{self, Write};

use super::super::markdown::{code, plain};
use super::super::one_line;
use super::words::{attribute, effects, example, meaning, summary, verdict};
use crate::access::PolicyVersion;
use crate::session::diff::{
    AccessChange, PolicyDiff, ProfileDiff, RiskLevel, Status, VersionedRule,
};

/// Most changes of a profile that are shown; a comment may not be longer than 65,536 characters.
const MAX_CHANGES: usize = 50;

pub(super) fn write(diff: &PolicyDiff, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "### AppArmor policy\n\n{}", plain(&summary(diff)))?;
    let different: Vec<&ProfileDiff> = diff
        .profiles
        .iter()
        .filter(|profile| profile.is_different())
        .collect();
    if !different.is_empty() {
        writeln!(
            out,
            "\n| profile | verdict | gained | lost | highest risk |\n|---|---|---|---|---|"
        )?;
        for profile in &different {
            row(profile, out)?;
        }
    }
    for profile in &different {
        details(profile, out)?;
    }
    for note in &diff.notes {
        writeln!(out, "\n> {}", plain(note))?;
    }
    for failure in &diff.failures {
        let side = failure.side.map(|side| format!("{}: ", side.name()));
        writeln!(
            out,
            "\n> **no answer** for {}{}: {}",
            side.unwrap_or_default(),
            plain(&failure.what),
            plain(&failure.why)
        )?;
    }
    Ok(())
}

fn row(profile: &ProfileDiff, out: &mut dyn Write) -> io::Result<()> {
    let count = |is: fn(&AccessChange) -> bool| match profile
        .changes
        .iter()
        .filter(|change| is(change))
        .count()
    {
        0 => String::new(),
        count => count.to_string(),
    };
    let risk = profile.changes.iter().map(|change| change.risk.level).max();
    let risk = risk.filter(|level| *level != RiskLevel::None);
    writeln!(
        out,
        "| {} | {} | {} | {} | {} |",
        // A table reads this even in a code span.
        code(&profile.name).replace('|', "\\|"),
        plain(&verdict(profile)),
        count(|change| !change.gained.is_empty()),
        count(|change| !change.lost.is_empty()),
        risk.map_or("", RiskLevel::name),
    )
}

fn details(profile: &ProfileDiff, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "\n<details><summary><code>{}</code>: {}</summary>\n",
        html(&profile.name),
        html(&verdict(profile))
    )?;
    if let Status::Renamed(before) = &profile.status {
        writeln!(out, "- renamed from {}", code(before))?;
    }
    if let Some(meaning) = meaning(profile) {
        writeln!(out, "- {meaning}")?;
    }
    for change in &profile.attributes {
        writeln!(out, "- {}", code(&attribute(change)))?;
    }
    for change in profile.changes.iter().take(MAX_CHANGES) {
        let told: Vec<String> = effects(change)
            .into_iter()
            .map(|(sign, what)| format!("**{}** {}", word(sign), code(&what)))
            .collect();
        let part = if change.is_whole { "" } else { "a part of " };
        write!(
            out,
            "- {}: {part}{}",
            told.join(", "),
            code(&change.pattern)
        )?;
        if let Some(request) = example(change) {
            write!(out, ", such as {}", code(request))?;
        }
        if let Some(reason) = &change.risk.reason {
            write!(
                out,
                " ({} risk: {})",
                change.risk.level.name(),
                plain(reason)
            )?;
        }
        writeln!(out)?;
        for rule in &change.rules {
            writeln!(out, "  - {}", place(rule))?;
        }
    }
    if let Some(more) = profile
        .changes
        .len()
        .checked_sub(MAX_CHANGES)
        .filter(|more| *more > 0)
    {
        writeln!(out, "- and {more} more")?;
    }
    for unknown in &profile.unknown {
        writeln!(out, "- not known: {}", place(unknown))?;
    }
    writeln!(out, "\n</details>")
}

const fn word(sign: char) -> &'static str {
    match sign {
        '+' => "gained",
        '-' => "lost",
        _ => "changed",
    }
}

fn place(VersionedRule { version, rule }: &VersionedRule) -> String {
    let version = match version {
        PolicyVersion::Old => "old",
        PolicyVersion::New => "new",
    };
    let place = format!("{}:{}", rule.place.path, rule.place.start.line);
    let via = rule.via.iter().rev().map(|via| {
        format!(
            ", included at {}",
            code(&format!("{}:{}", via.path, via.start.line))
        )
    });
    format!(
        "{version} {} {}{}",
        code(&place),
        code(&rule.text),
        via.collect::<String>()
    )
}

fn html(text: &str) -> String {
    one_line(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
