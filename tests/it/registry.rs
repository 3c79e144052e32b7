//! The registry of rules is generated from their pages, and fresh.

use crate::common::{generated, pages, root};
use xtask::GROUPS;

#[test]
fn what_is_made_from_pages_is_fresh() {
    let files = xtask::generate::all(&root()).unwrap();
    assert!(files.len() > GROUPS.len());
    for file in files {
        generated(&file.path, &file.text);
    }
}

#[test]
fn codes_are_unique_and_belong_to_their_group() {
    let pages = pages();
    for pair in pages.windows(2) {
        assert_ne!(
            pair[0].code, pair[1].code,
            "{} and {}",
            pair[0].name, pair[1].name
        );
    }
    for page in &pages {
        let prefix = GROUPS
            .iter()
            .find(|(group, _)| *group == page.group)
            .expect("a known group")
            .1;
        assert!(
            page.code.starts_with(prefix),
            "{} is {}",
            page.name,
            page.code
        );
        assert_eq!(page.code.len(), 5, "{}", page.code);
    }
}

#[test]
fn every_rule_has_code_and_every_page_a_rule() {
    let names: Vec<String> = pages().into_iter().map(|page| page.name).collect();
    let registered: Vec<&str> = aalint::rules::all()
        .iter()
        .map(|rule| rule.meta.name)
        .collect();
    assert_eq!(names, registered);
}
