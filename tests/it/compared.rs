//! `docs/compared.md` lists every check of the other checkers, and each rule that it links exists.

use std::collections::BTreeSet;
use std::fs;

use crate::common::root;

/// How many checks each of the two tables has.
const CHECKS: [usize; 2] = [74, 25];

/// The rows of the tables, by table, as their cells.
fn tables() -> Vec<Vec<Vec<String>>> {
    let text = fs::read_to_string(root().join("docs/compared.md")).unwrap();
    let mut tables: Vec<Vec<Vec<String>>> = Vec::new();
    for line in text.lines() {
        if line.starts_with("## ") {
            tables.push(Vec::new());
        }
        let Some(row) = line.strip_prefix("| `") else {
            continue;
        };
        let cells = row.trim_end_matches('|').split(" |");
        let table = tables.last_mut().expect("a heading before the table");
        table.push(cells.map(|cell| cell.trim().to_owned()).collect());
    }
    tables
}

#[test]
fn every_check_of_the_others_is_listed() {
    let counts: Vec<usize> = tables().iter().map(Vec::len).collect();
    assert_eq!(counts, CHECKS);
    let codes: Vec<String> = tables()
        .swap_remove(0)
        .into_iter()
        .map(|row| row[0].clone())
        .collect();
    let distinct: BTreeSet<&String> = codes.iter().collect();
    assert_eq!(distinct.len(), codes.len(), "{codes:?}");
}

#[test]
fn each_row_links_a_rule_or_says_why_not() {
    let known: BTreeSet<String> = aalint::rules::all()
        .iter()
        .map(|rule| {
            let (name, group) = (rule.meta.name, rule.meta.group);
            format!("[{name}](../rules/{group}/{name}.md)")
        })
        .collect();
    let mut linked = 0;
    for row in tables().into_iter().flatten() {
        let [.., rules, remark] = row.as_slice() else {
            panic!("{row:?}");
        };
        if rules == "-" {
            assert!(remark.ends_with('.'), "{row:?} does not say why");
            continue;
        }
        for rule in rules.split(", ") {
            assert!(known.contains(rule), "{rule} of {row:?} is no rule");
            linked += 1;
        }
    }
    assert!(linked > 70, "only {linked} rules are linked");
}
