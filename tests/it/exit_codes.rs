//! Each row of the tables in docs/exit-codes.md is brought about, and each command has its rows.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};

use crate::common::{root, without_root};

const FINE: &str = "abi <abi/3.0>,\nprofile fine {\n  /srv/** r,\n}\n";
const WIDE: &str = "abi <abi/3.0>,\nprofile fine {\n  /srv/** rw,\n}\n";
const TWICE: &str = "profile twice {\n  /srv/** r,\n  /srv/x r,\n}\n";
const FAULTY: &str = "abi <abi/3.0>,\nprofile faulty {\n  deny /bin/** ix,\n}\n";
const UNKNOWN: &str = "abi <abi/3.0>,\nprofile fine {\n  /srv/** r,\n  include <nowhere>\n}\n";

fn aalint(directory: &Path, line: &str) -> Output {
    // A word of its own where blanks belong to it.
    let words = line.split(' ').map(|word| word.replace('#', " "));
    Command::new(env!("CARGO_BIN_EXE_aalint"))
        .args(words)
        .current_dir(directory)
        .output()
        .unwrap()
}

/// What a row needs, and how it is brought about.
enum Row {
    /// This command line.
    Line(&'static str),
    /// The same in a directory whose `aalint.toml` says this.
    With(&'static str, &'static str),
    /// A command line whose standard input has these messages.
    Input(&'static str, &'static [&'static str]),
    /// A live test does it: its file, and the words that show it.
    Live(&'static str, &'static str),
    /// A command line as a user who is not root.
    NoRoot(&'static str),
    #[cfg(feature = "verify")]
    Refused(aalint::verify::Refusal),
}

/// How a row of the table is brought about.
fn row(command: &str, outcome: &str) -> Option<Row> {
    use Row::{Line, Live, NoRoot, With};
    let broken = "fail-onn = 1\n";
    Some(match (command, outcome) {
        ("check", "no finding at or above `--fail-on`") => Line("check --fail-on error fine"),
        ("check", "`--fail-on never`, whatever is found") => Line("check --fail-on never faulty"),
        ("check", "policy without any profile: a warning") => Line("check abstractions/own"),
        ("check", "a finding at or above `--fail-on`") => Line("check fine faulty"),
        ("check", "nothing was judged, and warnings count") => Line("check empty"),
        ("check", "with `--diff`: an edit would be made") => {
            Line("check --select redundant-rule --diff twice")
        }
        ("check", "with `--exit-non-zero-on-fix`: a file was changed") => {
            Line("check --select redundant-rule --fix --exit-non-zero-on-fix twice")
        }
        ("check", "with `--fix-only`: whatever is left") => Line("check --fix-only faulty"),
        ("check", "a file to be changed cannot be written") => {
            NoRoot("check --select redundant-rule --fix-only locked/twice")
        }
        ("check", "a file cannot be judged") => Line("check apparmor.d"),
        ("check", "a named file is no profile") => Line("check app.py"),
        ("check", "a path is not there") => Line("check gone"),
        ("check", "the image of a container cannot be read") => Line("check --image gone.tar fine"),
        ("init", "the image of a container cannot be read") => {
            Line("init --image gone.tar project")
        }
        ("check", "the configuration is broken") => With(broken, "check fine"),
        ("check", "a promise of the configuration is about nothing") => With(
            "[[profile]]\nname = \"renamed\"\nintents = [\"no-host-secrets\"]\n",
            "check fine",
        ),
        ("check", "a selection that names no rule") => Line("check --select , fine"),
        (
            "check" | "diff" | "fmt" | "init" | "query" | "show" | "graph" | "audit" | "verify"
            | "engine-profile" | "explain" | "lsp",
            "wrong usage",
        ) => Line(match command {
            "check" => "check",
            "diff" => "diff fine",
            "query" => "query fine",
            "show" => "show",
            "graph" => "graph",
            "fmt" => "fmt",
            "init" => "init project project",
            "lsp" => "lsp fine",
            "audit" => "audit --policy",
            "verify" => "verify --tier z",
            "engine-profile" => "engine-profile show",
            _ => "explain",
        }),
        ("rules", "wrong usage") => Line("rules AA108"),
        ("diff", "nothing that `--fail-on` names") => Line("diff --fail-on narrower fine wide"),
        ("diff", "no `--fail-on`, whatever differs") => Line("diff fine wide"),
        ("diff", "something that `--fail-on` names") => Line("diff --fail-on wider fine wide"),
        ("diff", "a file cannot be judged on one side") => Line("diff fine apparmor.d"),
        ("diff", "a gate cannot decide: a profile is unknown") => {
            Line("diff --fail-on wider fine unknown")
        }
        ("diff", "no profile on either side") => Line("diff empty empty"),
        ("diff", "a revision is not there") => Line("diff --git gone..HEAD"),
        ("diff", "the configuration is broken") => With(broken, "diff fine wide"),
        ("query", "all requests are allowed") => Line("query fine /srv/a#r"),
        ("query", "a request is not allowed, or that is not known") => {
            Line("query unknown /srv/a#w")
        }
        ("query", "the file defines no such profile") => Line("query --profile web fine /srv/a#r"),
        ("query", "the file cannot be read") => Line("query gone /srv/a#r"),
        ("query", "a request cannot be read") => Line("query fine /srv/a#zz"),
        ("query", "the configuration is broken") => With(broken, "query fine /srv/a#r"),
        ("init", "files are written, or were there") => Line("init project"),
        ("init", "nothing is known of a container") => Line("init empty"),
        ("init", "a file cannot be written") => Line("init taken"),
        ("init", "the configuration is broken") => With(broken, "init project"),
        ("fmt", "files are laid out, or were") => Line("fmt fine"),
        ("fmt", "with `--check` or `--diff`: a file would change") => Line("fmt --check ragged"),
        ("fmt", "a file cannot be laid out or written") => Line("fmt gone"),
        ("fmt", "no file with policy is there") => Line("fmt empty"),
        ("fmt", "the configuration is broken") => With(broken, "fmt fine"),
        ("lsp", "the client said `shutdown` and `exit`") => Row::Input(
            "lsp --stdio",
            &[
                r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}"#,
                r#"{"jsonrpc":"2.0","id":2,"method":"shutdown"}"#,
                r#"{"jsonrpc":"2.0","method":"exit"}"#,
            ],
        ),
        ("lsp", "the client is gone, or said `exit` alone") => Line("lsp"),
        ("show", "shown") => Line("show fine"),
        ("show", "no profile is there, or several are and none is named") => {
            Line("show fine faulty")
        }
        ("show", "a file cannot be judged") => Line("show apparmor.d"),
        ("show", "the configuration is broken") => With(broken, "show fine"),
        ("graph", "written") => Line("graph fine"),
        ("graph", "no profile is there") => Line("graph empty"),
        ("graph", "a file cannot be judged") => Line("graph apparmor.d"),
        ("graph", "the configuration is broken") => With(broken, "graph fine"),
        ("audit", "explained, whatever was refused, or no record is there") => {
            Line("audit log --policy fine")
        }
        ("audit", "the log cannot be read") => Line("audit gone --policy fine"),
        ("audit", "no profile is there") => Line("audit log --policy empty"),
        ("audit", "a file of policy cannot be judged") => {
            Line("audit log --policy fine apparmor.d")
        }
        ("audit", "the configuration is broken") => With(broken, "audit log --policy fine"),
        ("audit", "records cannot be watched here") => NoRoot("audit --policy fine"),
        ("audit", "a signal ended the watching, such as SIGTERM: 128 and its number") => {
            Live("45-audit", "[ $status = 143 ]")
        }
        ("engine-profile", "shown") => Line("engine-profile show podman"),
        ("engine-profile", "there is no engine profile of that name") => {
            Line("engine-profile show podmann")
        }
        ("rules", "listed") => Line("rules"),
        ("explain", "shown") => Line("explain AA108"),
        ("explain", "there is no such rule") => Line("explain AA000"),
        ("help", "shown") => Line("help check"),
        ("verify", "all is proved, or the plan is shown") => Line("verify --plan fine"),
        ("verify", "a promise is broken, or the policy cannot be loaded") => {
            Line("verify --plan faulty")
        }
        ("verify", "no profile is there") => Line("verify --plan abstractions/own"),
        ("verify", "the configuration is broken") => With(broken, "verify --plan fine"),
        ("verify", "this machine cannot verify it, or does not enforce it") => {
            NoRoot("verify fine")
        }
        ("verify", "something is inconclusive") => Live("82-container-mutants", "configured 4 "),
        #[cfg(feature = "verify")]
        ("verify", "aalint and the kernel disagree") => {
            Row::Refused(aalint::verify::Refusal::OtherProfiles(String::new()))
        }
        ("verify", "something is left of a run") => Live("83-container-faults", "[ $status = 6 ]"),
        ("verify", "a signal ended it, such as SIGTERM: 128 and its number") => {
            Live("83-container-faults", "[ $status = 143 ]")
        }
        _ => return None,
    })
}

/// The rows of the table: command, outcome, code.
fn rows() -> Vec<(String, String, i32)> {
    let page = fs::read_to_string(root().join("docs/exit-codes.md")).unwrap();
    let (_, table) = page
        .split_once("\n| command | outcome | code |\n|---|---|---|\n")
        .unwrap();
    let lines = table.lines().take_while(|line| line.starts_with('|'));
    let cells = |line: &str| -> (String, String, i32) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [command, outcome, code] = cells.as_slice() else {
            panic!("{line}");
        };
        let command = command.trim_matches('`').to_owned();
        (command, (*outcome).to_owned(), code.parse().unwrap())
    };
    lines.map(cells).collect()
}

/// The commands whose rows have a test of their own: what fails is named by it.
const TESTED: [&str; 14] = [
    "check",
    "diff",
    "fmt",
    "query",
    "init",
    "lsp",
    "show",
    "graph",
    "audit",
    "engine-profile",
    "rules",
    "explain",
    "help",
    "verify",
];

macro_rules! rows {
    ($($test:ident: $command:literal),+ $(,)?) => {
        $(#[test]
        fn $test() {
            brought_about($command);
        })+
    };
}

rows! {
    rows_of_check: "check",
    rows_of_diff: "diff",
    rows_of_fmt: "fmt",
    rows_of_query: "query",
    rows_of_init: "init",
    rows_of_show: "show",
    rows_of_graph: "graph",
    rows_of_audit: "audit",
    rows_of_engine_profile: "engine-profile",
    rows_of_rules: "rules",
    rows_of_explain: "explain",
    rows_of_help: "help",
}

#[cfg(feature = "lsp")]
rows! {
    rows_of_lsp: "lsp",
}

#[cfg(feature = "verify")]
rows! {
    rows_of_verify: "verify",
}

#[test]
fn every_row_belongs_to_a_command_with_a_test() {
    let rows = rows();
    assert!(rows.len() > 40, "{}", rows.len());
    for (command, outcome, _) in rows {
        assert!(TESTED.contains(&command.as_str()), "{command}: {outcome}");
    }
}

/// Each row of a command is brought about.
fn brought_about(tested: &str) {
    let rows = rows().into_iter();
    let rows: Vec<_> = rows.filter(|(command, ..)| command == tested).collect();
    assert!(!rows.is_empty(), "{tested}");
    for (command, outcome, code) in rows {
        let here = tempfile::tempdir().unwrap();
        let path = here.path();
        for (name, text) in [
            ("fine", FINE),
            ("wide", WIDE),
            ("faulty", FAULTY),
            ("twice", TWICE),
            ("locked/twice", TWICE),
            ("ragged", "profile ragged {\n/srv/** r,\n}\n"),
            ("unknown", UNKNOWN),
            (
                "log",
                "apparmor=\"DENIED\" operation=\"open\" profile=\"fine\"\n",
            ),
            ("app.py", "print()\n"),
            ("project/Dockerfile", "FROM python:3.13-slim\n"),
            ("taken/Dockerfile", "FROM python:3.13-slim\n"),
            ("taken/apparmor", "in the way\n"),
            ("abstractions/own", "/srv/** r,\n"),
            ("apparmor.d/fine", FINE),
            ("tunables/global", ""),
        ] {
            let full = path.join(name);
            fs::create_dir_all(full.parent().unwrap()).unwrap();
            fs::write(full, text).unwrap();
        }
        fs::create_dir(path.join("empty")).unwrap();
        let locked = path.join("locked");
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).unwrap();
        symlink("nowhere", path.join("apparmor.d/web")).unwrap();
        let row = row(&command, &outcome);
        let row = row.unwrap_or_else(|| panic!("nothing shows `{command}`: {outcome}"));
        let output = match row {
            Row::Line(line) => aalint(path, line),
            Row::With(config, line) => {
                fs::write(path.join("aalint.toml"), config).unwrap();
                aalint(path, line)
            }
            Row::Input(line, messages) => {
                let messages = messages.iter();
                let message = |text: &&str| format!("Content-Length: {}\r\n\r\n{text}", text.len());
                fs::write(
                    path.join("input"),
                    messages.map(message).collect::<String>(),
                )
                .unwrap();
                Command::new(env!("CARGO_BIN_EXE_aalint"))
                    .args(line.split(' '))
                    .stdin(fs::File::open(path.join("input")).unwrap())
                    .output()
                    .unwrap()
            }
            Row::NoRoot(line) => without_root(path, &line.split(' ').collect::<Vec<_>>()),
            Row::Live(file, words) => {
                let test = root().join("tests/vm/guest").join(file);
                let text = fs::read_to_string(&test).unwrap();
                assert!(text.contains(words), "{file} does not show {code}");
                continue;
            }
            #[cfg(feature = "verify")]
            Row::Refused(refusal) => {
                assert_eq!(
                    i32::from(aalint::cli::of_refusal(&refusal)),
                    code,
                    "{outcome}"
                );
                continue;
            }
        };
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(
            output.status.code(),
            Some(code),
            "`{command}`: {outcome}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn every_command_has_its_rows() {
    let help = aalint(Path::new("."), "--help");
    let help = String::from_utf8(help.stdout).unwrap();
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let commands = commands.lines().take_while(|line| !line.trim().is_empty());
    let commands: BTreeSet<String> = commands
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .collect();
    assert!(commands.len() >= 7, "{commands:?}");
    let described: BTreeSet<String> = rows().into_iter().map(|(command, _, _)| command).collect();
    let missing: Vec<_> = commands.difference(&described).collect();
    assert!(
        missing.is_empty(),
        "docs/exit-codes.md has no rows for {missing:?}"
    );
    #[cfg(all(feature = "lsp", feature = "verify"))]
    assert_eq!(commands, described);
}
