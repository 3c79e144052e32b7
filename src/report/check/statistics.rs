//! How often each rule fired.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::session::Report;

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut counts: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for finding in &report.findings {
        counts
            .entry(finding.rule.code)
            .or_insert((0, finding.rule.name))
            .0 += 1;
    }
    let mut rows: Vec<(usize, &str, &str)> = counts
        .into_iter()
        .map(|(code, (n, name))| (n, code, name))
        .collect();
    rows.sort_by(|left, right| right.0.cmp(&left.0).then(left.1.cmp(right.1)));
    for (count, code, name) in rows {
        writeln!(out, "{count:>6}  {code}  {name}")?;
    }
    Ok(())
}
