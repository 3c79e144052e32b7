//! The command lines that read files. A new one is one line here.

use super::law::Law;

/// Name and arguments, separated by blanks. `{entry}`, `{file}` and `{log}` are those of the law; `{calm}` is a
/// profile that is well.
const SURFACES: &[(&str, &str)] = &[
    ("check human", "check --audit --pedantic {entry}"),
    ("check concise", "check --format concise {entry}"),
    ("check json", "check --audit --format json {entry}"),
    ("check github", "check --pedantic --format github {entry}"),
    (
        "check sarif",
        "check --audit --pedantic --format sarif {entry}",
    ),
    ("check junit", "check --audit --format junit {entry}"),
    (
        "check coloured",
        "--color always check --statistics {entry}",
    ),
    ("check file", "check {file}"),
    (
        "check whole",
        "check --whole-set --target debian-12 {entry}",
    ),
    ("image check", "check --image {file} {entry}"),
    ("draft", "init --dry-run {entry}"),
    ("image init", "init --dry-run --image p={file} ."),
    ("intent", "check --intent {file} {calm}"),
    ("query human", "query --why {file} /etc/shadow#r"),
    (
        "query json",
        "query --format json {file} capability#sys_admin",
    ),
    ("requests", "query --requests {file} {calm}"),
    ("diff human", "diff {calm} {file}"),
    ("diff json", "diff --format json {file} {calm}"),
    (
        "diff markdown",
        "diff --exact --format markdown {calm} {file}",
    ),
    ("diff tree", "diff {calm} {entry}"),
    ("git human", "diff --git HEAD~1..HEAD"),
    (
        "git json",
        "diff --format json --git HEAD~1...HEAD -- {entry}",
    ),
    ("git markdown", "diff --format markdown --git HEAD~1..HEAD"),
    ("show human", "show {entry}"),
    ("show file", "show {file}"),
    ("show json", "show --format json {file}"),
    ("show markdown", "show --format markdown {file}"),
    ("layout", "fmt --check {entry}"),
    ("layout of file", "fmt --check {file}"),
    ("layout shown", "fmt --diff {entry}"),
    ("edits shown", "check --unsafe-fixes --diff {file}"),
    ("ignores shown", "check --add-ignores why --diff {file}"),
    ("image query", "query --image {file} {calm} /bin/sh#x"),
    ("graph text", "graph {entry}"),
    ("graph json", "graph --format json {entry}"),
    ("graph dot", "graph --format dot {entry}"),
    ("graph mermaid", "graph --format mermaid {entry}"),
    ("plan", "verify --plan {file}"),
    ("plan tree", "verify --plan ."),
    ("audit human", "audit {log} --policy {file}"),
    (
        "audit json",
        "audit --format json --all {log} --policy {entry}",
    ),
    ("audit around", "audit --intent {file} {log}"),
    ("audit retired", "verify --audit --from {log} {file}"),
    ("explain", "explain {file}"),
];

/// Surfaces that differ from another one in the format alone: where one run takes long, the other shows as much.
const OTHER_FORMATS: [&str; 9] = [
    "check concise",
    "check github",
    "check junit",
    "check coloured",
    "diff markdown",
    "git markdown",
    "show markdown",
    "graph dot",
    "graph mermaid",
];

/// The surfaces, as they are run for a law.
pub fn surfaces(law: &Law) -> Vec<(&'static str, Vec<String>)> {
    let argument = |word: &str| match word {
        "{entry}" => law.entry.clone(),
        "{file}" => law.file.clone(),
        "{log}" => law.log.clone(),
        "{calm}" => "../outside/calm".to_owned(),
        word => word.replace('#', " "),
    };
    let command = |line: &str| line.split(' ').map(argument).collect();
    let is_slow = law.seconds > Law::of("").seconds;
    SURFACES
        .iter()
        .filter(|(name, _)| !(is_slow && OTHER_FORMATS.contains(name)))
        .map(|(name, line)| (*name, command(line)))
        .collect()
}
