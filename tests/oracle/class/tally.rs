//! What was compared, class by class.

use std::collections::BTreeMap;

use super::ask::Kind;

/// Two answers that differ.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The profile's file, or what it is made of.
    pub profile: String,
    pub question: String,
    pub parser: String,
    pub aalint: String,
}

/// The figures of one class.
#[derive(Clone, Debug, Default)]
pub struct Count {
    pub questions: usize,
    /// Questions of which some permission is allowed.
    pub allowed: usize,
    /// Questions of which some permission is recorded, or refused without a record.
    pub told: usize,
    /// Permissions that were put to `aalint query` in its own words as well.
    pub queries: usize,
    pub differences: usize,
}

#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub profiles: usize,
    pub counts: BTreeMap<Kind, Count>,
    /// Some of the differences.
    pub shown: Vec<Difference>,
    pub left_out: BTreeMap<String, usize>,
    /// Profiles that one side takes and the other refuses.
    pub verdicts: usize,
}

impl Tally {
    pub fn leave_out(&mut self, reason: impl Into<String>) {
        *self.left_out.entry(reason.into()).or_default() += 1;
    }

    pub fn count(&mut self, kind: Kind) -> &mut Count {
        self.counts.entry(kind).or_default()
    }

    pub fn differ(&mut self, kind: Kind, difference: Difference) {
        self.count(kind).differences += 1;
        if self.shown.len() < 3 {
            self.shown.push(difference);
        }
    }

    /// A profile that one side alone refuses.
    pub fn differ_in_verdict(&mut self, difference: Difference) {
        self.verdicts += 1;
        if self.shown.len() < 3 {
            self.shown.push(difference);
        }
    }

    pub fn differences(&self) -> usize {
        let counts = self.counts.values();
        counts.map(|count| count.differences).sum::<usize>() + self.verdicts
    }

    pub fn add(mut self, other: Self) -> Self {
        self.profiles += other.profiles;
        self.verdicts += other.verdicts;
        for (kind, of) in other.counts {
            let count = self.count(kind);
            count.questions += of.questions;
            count.allowed += of.allowed;
            count.told += of.told;
            count.queries += of.queries;
            count.differences += of.differences;
        }
        self.shown.extend(other.shown);
        for (reason, count) in other.left_out {
            *self.left_out.entry(reason).or_default() += count;
        }
        self
    }

    pub fn print(&self, what: &str) {
        println!(
            "{what}: {} profiles, {} differences",
            self.profiles,
            self.differences()
        );
        for (kind, count) in &self.counts {
            println!(
                "  {:<22} {:>8} questions, {:>7} with something allowed, {:>6} with a record or a silence; {:>7} queries; {} differences",
                kind.name(),
                count.questions,
                count.allowed,
                count.told,
                count.queries,
                count.differences
            );
        }
        for (reason, count) in &self.left_out {
            println!("  {count} not compared: {reason}");
        }
        for found in self.shown.iter().take(40) {
            println!(
                "differs at {}:\n{}\n  parser {}\n  aalint {}",
                found.question,
                found.profile.trim_end(),
                found.parser,
                found.aalint
            );
        }
    }
}
