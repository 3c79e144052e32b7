//! The documents for developers are true as far as names go: items, tests, paths and links exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{directories, files, files_below, pages, root};

/// What stands in backticks outside of code blocks, by line.
fn code_spans(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_block = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_block = !is_block;
        } else if !is_block {
            let parts = line.split('`').skip(1).step_by(2);
            found.extend(parts.map(str::to_owned));
        }
    }
    found
}

fn document(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    files_below(&root().join(folder))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|found| found == "rs"))
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path, text)
        })
        .collect()
}

/// The names that a text of Rust defines: items, fields, variants.
fn defined(text: &str, names: &mut BTreeSet<String>) {
    let word = |text: &str| -> String {
        let is_part = |c: &char| c.is_alphanumeric() || *c == '_';
        text.chars().take_while(is_part).collect()
    };
    for line in text.lines().map(str::trim_start) {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        let line = line
            .strip_prefix("const fn ")
            .map_or(line.to_owned(), |rest| format!("fn {rest}"));
        let keywords = [
            "fn ", "struct ", "enum ", "trait ", "type ", "const ", "static ", "mod ",
        ];
        if let Some(rest) = keywords
            .iter()
            .find_map(|keyword| line.strip_prefix(keyword))
        {
            names.insert(word(rest));
        } else {
            let name = word(&line);
            let after = &line[name.len()..];
            if !name.is_empty() && (after.starts_with([':', ',', '(']) || after.starts_with(" {")) {
                names.insert(name);
            }
        }
    }
}

/// Whether the sources define an item by this name, a member by the name of its type in front.
fn is_defined(name: &str, sources: &[(PathBuf, String)]) -> bool {
    let parts: Vec<&str> = name.split("::").collect();
    let (last, outer) = parts.split_last().unwrap();
    sources.iter().any(|(_, text)| {
        let mut names = BTreeSet::new();
        defined(text, &mut names);
        // The type is defined in the file of the member, or the file has an `impl` of it.
        let is_of = |outer: &&str| {
            names.contains(*outer)
                || text.lines().any(|line| {
                    line.starts_with("impl")
                        && line
                            .split(|c: char| !c.is_alphanumeric() && c != '_')
                            .any(|word| word == *outer)
                })
        };
        names.contains(*last) && outer.last().is_none_or(is_of)
    })
}

#[test]
fn names_in_the_cookbook_exist() {
    let sources = sources("src");
    let text = document("docs/cookbook.md");
    let (mut checked, mut wrong) = (0, Vec::new());
    for row in text.lines().filter(|line| line.starts_with("| ")) {
        let asked = row
            .trim_matches('|')
            .split(" | ")
            .nth(1)
            .unwrap_or_default();
        for span in code_spans(asked) {
            checked += 1;
            if !is_defined(&span, &sources) {
                wrong.push(span);
            }
        }
    }
    assert!(checked > 60, "only {checked} names");
    assert!(
        wrong.is_empty(),
        "docs/cookbook.md: nothing is called so: {wrong:#?}"
    );
}

#[test]
fn names_in_the_glossary_exist() {
    let sources = sources("src");
    let text = document("docs/glossary.md");
    let mut wrong = Vec::new();
    for row in text.lines().filter(|line| line.matches(" | ").count() == 2) {
        for span in code_spans(row.rsplit(" | ").next().unwrap()) {
            if !is_defined(&span, &sources) {
                wrong.push(span);
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "docs/glossary.md: nothing is called so: {wrong:#?}"
    );
}

/// A table that the page names may move, and a test that it names may be renamed: then it sends people astray.
#[test]
fn tests_that_maintaining_names_exist() {
    let all: Vec<(PathBuf, String)> = [sources("tests"), sources("src")].concat();
    let mut checked = 0;
    for span in code_spans(&document("docs/maintaining.md")) {
        let Some((module, test)) = span.split_once("::") else {
            continue;
        };
        checked += 1;
        let is_page =
            module == "pages" && pages().iter().any(|page| xtask::module(&page.name) == test);
        let is_function = || {
            all.iter().any(|(path, text)| {
                path.file_stem().is_some_and(|stem| stem == module)
                    && text.contains(&format!("fn {test}("))
            })
        };
        let is_there = is_page || is_function();
        assert!(is_there, "docs/maintaining.md: there is no test `{span}`");
    }
    assert!(checked > 20, "only {checked} tests");
}

#[test]
fn constants_that_maintaining_names_are_where_it_says() {
    let mut checked = 0;
    for row in document("docs/maintaining.md")
        .lines()
        .filter(|line| line.starts_with("| "))
    {
        let place = row
            .trim_matches('|')
            .split(" | ")
            .nth(1)
            .unwrap_or_default()
            .to_owned();
        let spans = code_spans(&place);
        let is_constant = |span: &&String| {
            span.len() > 3
                && span
                    .chars()
                    .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        };
        let Some(file) = spans.iter().find(|span| span.ends_with(".rs")) else {
            continue;
        };
        let text = document(file);
        for constant in spans.iter().filter(is_constant) {
            checked += 1;
            assert!(
                text.contains(&format!("const {constant}: ")),
                "`{constant}` is not in {file}"
            );
        }
    }
    assert!(checked > 10, "only {checked} constants");
}

/// Documents that are read outside of `docs/` as well, each with the folder that its links start from.
fn documents() -> Vec<PathBuf> {
    let mut found = files(&root(), "md");
    found.extend(
        files_below(&root().join("docs"))
            .into_iter()
            .filter(|path| path.extension().is_some_and(|e| e == "md")),
    );
    found.push(root().join("rules/README.md"));
    found.push(root().join("fuzz/README.md"));
    found.push(root().join("grammar/README.md"));
    found.extend(
        directories(&root().join("fixtures"))
            .iter()
            .flat_map(|folder| files(folder, "md")),
    );
    found
}

#[test]
fn links_lead_to_files() {
    let mut checked = 0;
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        for rest in text.split("](").skip(1) {
            let target = rest.split([')', ' ', '\n']).next().unwrap();
            if target.contains("://") || target.starts_with('#') {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let full = path.parent().unwrap().join(file);
            assert!(full.exists(), "{}: no file `{file}`", path.display());
            if !anchor.is_empty() {
                let headings = anchors(&fs::read_to_string(&full).unwrap());
                assert!(
                    headings.contains(anchor),
                    "{}: no heading `{target}`",
                    path.display()
                );
            }
            checked += 1;
        }
    }
    assert!(checked > 100, "only {checked} links");
}

/// The anchors of a document's headings, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

/// What each module of the tests shows is said, so that a reader finds the test of a claim.
#[test]
fn every_module_of_the_tests_is_in_the_architecture() {
    let page = document("docs/architecture.md");
    let shared = ["common", "oracle"];
    let mut count = 0;
    for program in ["it", "material"] {
        let main = document(&format!("tests/{program}/main.rs"));
        let modules = main
            .lines()
            .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
        for module in modules.filter(|module| !shared.contains(module)) {
            let is_told = page.lines().any(|line| {
                let cell = line
                    .strip_prefix("| ")
                    .and_then(|line| line.split(" | ").next());
                cell.is_some_and(|cell| cell.contains(&format!("`{module}`")))
            });
            assert!(
                is_told,
                "docs/architecture.md does not say what `{module}` shows"
            );
            count += 1;
        }
    }
    assert!(count > 50, "{count}");
}

#[test]
fn paths_that_guides_name_exist() {
    let mut guides = vec![
        "CONTRIBUTING.md".to_owned(),
        "docs/maintaining.md".to_owned(),
        "rules/README.md".to_owned(),
    ];
    let decisions = files(&root().join("docs/decisions"), "md");
    let below = |path: &Path| {
        path.strip_prefix(root())
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    };
    guides.extend(decisions.iter().map(|path| below(path)));
    for guide in guides {
        for span in code_spans(&document(&guide)) {
            let is_path = [
                "src/",
                "tests/",
                "docs/",
                "fixtures/",
                "grammar/",
                "data/",
                "scripts/",
            ]
            .iter()
            .any(|folder| span.starts_with(folder));
            // `<group>` and `…` stand for something; a command has blanks.
            let is_path = is_path && !span.contains(['<', '*', '{', ' ', '…']);
            assert!(
                !is_path || root().join(&span).exists(),
                "{guide}: no `{span}`"
            );
        }
    }
}
