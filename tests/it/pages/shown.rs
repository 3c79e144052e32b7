//! Differences in the form of a page: `-` stands before what the page says, `+` before what the rule does.

use std::collections::BTreeMap;

use super::unmarked;

/// The block of a page beside what the rule says of it: findings as marks, by line.
pub fn marks(written: &str, found: &BTreeMap<u32, Vec<String>>) -> String {
    let (clean, marked) = unmarked(written);
    let mut text = String::new();
    for ((line, bare), number) in written.lines().zip(clean.lines()).zip(1..) {
        let said = found.get(&number).map_or(&[][..], Vec::as_slice);
        let is_as_written = match marked.get(&number) {
            Some(wanted) => said.iter().any(|said| said.contains(wanted)),
            None => said.is_empty(),
        };
        if is_as_written {
            text.push_str(&format!("    {line}\n"));
            continue;
        }
        text.push_str(&format!("  - {line}\n"));
        if said.is_empty() {
            text.push_str(&format!("  + {bare}\n"));
        }
        for (said, place) in said.iter().zip(0..) {
            // One finding goes on the line; a page marks a line once, so the others are shown below.
            let before = if place == 0 {
                bare.to_owned()
            } else {
                " ".repeat(bare.chars().count())
            };
            text.push_str(&format!("  + {before} #~ {said}\n"));
        }
    }
    text
}

/// Two texts, line by line: a longest common subsequence stays, as the blocks of a page are short.
pub fn lines(written: &str, actual: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (written.lines().collect(), actual.lines().collect());
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = if old[i] == new[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut text) = (0, 0, String::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            text.push_str(&format!("    {}\n", old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || i < old.len() && common[i + 1][j] >= common[i][j + 1] {
            text.push_str(&format!("  - {}\n", old[i]));
            i += 1;
        } else {
            text.push_str(&format!("  + {}\n", new[j]));
            j += 1;
        }
    }
    text
}
