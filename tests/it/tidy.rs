//! The house rules that a machine can check.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::code::{Code, Library};
use crate::common::{directories, files, root};

/// The floor of each module: a module may use those on lower floors, and itself.
const FLOORS: &[(&str, u32)] = &[
    ("source", 0),
    ("lang", 0),
    ("diagnostic", 1),
    ("glob", 1),
    ("images", 1),
    ("syntax", 2),
    ("policy", 3),
    ("access", 4),
    ("analysis", 5),
    ("config", 5),
    ("containers", 5),
    ("lint", 6),
    ("rules", 7),
    ("session", 8),
    ("host", 8),
    ("audit", 9),
    ("verify", 10),
    ("report", 11),
    ("lsp", 12),
    ("cli", 13),
];

/// The rooms of a module, each of which uses those in front of it and itself. Files of the module that lie in no room are
/// in front of all.
const ROOMS: &[(&str, &[&str])] = &[
    ("access", &["model", "show", "search", "compare", "graph"]),
    (
        "verify",
        &[
            "kernel",
            "plan",
            "probe",
            "judge",
            "listen",
            "container",
            "run",
        ],
    ),
];

/// Most lines of a function, from `fn` to its closing brace.
const MAX_FUNCTION: usize = 70;

/// Functions that are longer because all they hold is one table.
const TABLES: &[(&str, &str)] = &[
    ("lint/slips.rs", "slip_words"),
    ("rules/suppressions/invalid_config.rs", "words"),
    ("rules/syntax/invalid_rule_operands.rs", "words"),
    ("rules/syntax/syntax_error.rs", "words_of"),
    ("syntax/kind.rs", "of"),
    ("verify/refusal.rs", "help"),
];

fn sources(directory: &Path) -> Vec<PathBuf> {
    let mut found = files(directory, "rs");
    for inner in directories(directory) {
        found.extend(sources(&inner));
    }
    found
}

/// All sources of the library and the program.
fn all_sources() -> Vec<PathBuf> {
    let found = sources(&root().join("src"));
    assert!(found.len() > 300, "only {} files", found.len());
    found
}

/// All files of the library.
fn library() -> Library {
    let source = root().join("src");
    let mut paths = all_sources();
    paths.retain(|path| *path != source.join("main.rs"));
    Library::read(&source, paths)
}

/// The module of a file below `src`, if it is on a floor.
fn module(path: &Path) -> Option<String> {
    let below = path.strip_prefix(root().join("src")).unwrap();
    let first = below.components().next()?.as_os_str().to_str()?.to_owned();
    FLOORS
        .iter()
        .any(|(name, _)| *name == first)
        .then_some(first)
}

#[test]
fn imports_point_downwards() {
    let floor = |module: &str| {
        FLOORS
            .iter()
            .find(|(name, _)| *name == module)
            .map(|(_, floor)| *floor)
    };
    let mut wrong = Vec::new();
    for path in all_sources() {
        let Some(own) = module(&path) else { continue };
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            for (at, _) in line.match_indices("crate::") {
                let rest = &line[at + 7..];
                let used: String = rest
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                let Some(other) = floor(&used) else { continue };
                if used != own && other >= floor(&own).unwrap() {
                    wrong.push(format!(
                        "{}:{}: {own} uses {used}",
                        path.display(),
                        number + 1
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The rooms of a module share one namespace, so that no import names them.
#[test]
fn rooms_use_lower_ones() {
    let place = |module: &[String]| {
        let [floor, first, ..] = module else {
            return None;
        };
        let (_, rooms) = ROOMS.iter().find(|(name, _)| name == floor)?;
        let room = rooms.iter().position(|name| name == first);
        Some((floor.clone(), room.map_or(0, |room| room + 1)))
    };
    let library = library();
    let mut wrong = Vec::new();
    for (module, used) in library.references() {
        for other in used {
            if let (Some((floor, own)), Some((other_floor, room))) = (place(module), place(other))
                && floor == other_floor
                && room > own
            {
                wrong.push(format!("{} uses {}", module.join("/"), other.join("/")));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let directories: BTreeSet<PathBuf> = ROOMS
        .iter()
        .flat_map(|(floor, _)| directories(&root().join("src").join(floor)))
        .collect();
    let named = ROOMS.iter().flat_map(|(floor, rooms)| {
        let floor = root().join("src").join(floor);
        rooms.iter().map(move |room| floor.join(room))
    });
    assert_eq!(directories, named.collect(), "each directory is a room");
}

#[test]
fn no_files_refer_to_each_other_in_a_circle() {
    let circles = library().circles();
    assert!(
        circles.is_empty(),
        "these files refer to each other in circles: {circles:#?}"
    );
}

#[test]
fn functions_fit_a_screen() {
    let source = root().join("src");
    let mut long = BTreeSet::new();
    let library = library();
    for code in library.files() {
        let file = code.path.strip_prefix(&source).unwrap();
        let file = file.to_str().unwrap().to_owned();
        for function in code.functions() {
            if function.lines > MAX_FUNCTION {
                long.insert((file.clone(), function.name));
            }
        }
    }
    let known = TABLES.iter();
    let known = known.map(|(file, name)| ((*file).to_owned(), (*name).to_owned()));
    let known: BTreeSet<(String, String)> = known.collect();
    let fresh: Vec<_> = long.difference(&known).collect();
    assert!(
        fresh.is_empty(),
        "longer than {MAX_FUNCTION} lines: {fresh:#?}"
    );
    let gone: Vec<_> = known.difference(&long).collect();
    assert!(
        gone.is_empty(),
        "no longer so long, cross them out: {gone:#?}"
    );
}

#[test]
fn a_type_name_means_one_type() {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for name in library().files().flat_map(Code::public_types) {
        *places.entry(name).or_default() += 1;
    }
    let twice = places.into_iter().filter(|(_, count)| *count > 1);
    let twice: BTreeSet<String> = twice.map(|(name, _)| name).collect();
    assert!(
        twice.is_empty(),
        "several types have these names: {twice:?}"
    );
}

#[test]
fn every_module_says_what_it_is() {
    for path in all_sources() {
        let text = fs::read_to_string(&path).unwrap();
        let first = text
            .lines()
            .find(|line| !line.starts_with("// Generated"))
            .unwrap_or_default();
        assert!(
            first.starts_with("//!"),
            "{} begins with `{first}`",
            path.display()
        );
    }
}

#[test]
fn rule_files_are_short() {
    for path in sources(&root().join("src/rules")) {
        if path.file_name().is_some_and(|name| name == "registry.rs") {
            continue;
        }
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 300, "{} has {lines} lines", path.display());
    }
}

#[test]
fn nothing_of_the_workplace_is_named() {
    let words = ["/work/", "crates.io-", "TODO", "FIXME", "XXX:"];
    let mut all = all_sources();
    all.extend(files(&root().join("docs"), "md"));
    for path in all {
        let text = fs::read_to_string(&path).unwrap();
        for word in words {
            assert!(!text.contains(word), "{} contains `{word}`", path.display());
        }
    }
}

/// Both harnesses would pass over a test without a word: the one of `tests/material` what has the attribute, the standard
/// one a file that no other names.
#[test]
fn every_test_is_run() {
    for path in sources(&root().join("tests/material")) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            !text.contains("#[test]") && !text.contains("proptest!"),
            "{}: tests in tests/material are listed in its main.rs",
            path.display()
        );
    }
    for program in ["it", "material"] {
        let directory = root().join("tests").join(program);
        let main = fs::read_to_string(directory.join("main.rs")).unwrap();
        for path in files(&directory, "rs") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(
                name == "main" || main.contains(&format!("\nmod {name};\n")),
                "{} is no module of tests/{program}/main.rs",
                path.display()
            );
        }
    }
}
