//! The program as people run it: exit codes, formats, streams, and the same bytes each time.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::schema::document;
use crate::common::{self, aalint, directory, text};

const FINE: &str = "abi <abi/3.0>,\nprofile fine {\n  /srv/** r,\n}\n";
const FAULTY: &str = "abi <abi/3.0>,\nprofile faulty {\n  deny /bin/** ix,\n}\n";

#[test]
fn exit_codes() {
    let here = directory(&[
        ("fine", FINE),
        ("faulty", FAULTY),
        (
            "hint",
            "abi <abi/3.0>,\n#include <tunables/global>\nprofile a {\n  /srv/** r,\n}\n",
        ),
    ]);
    let code = |arguments: &[&str]| aalint(here.path(), arguments).status.code();
    assert_eq!(code(&["check", "fine"]), Some(0));
    assert_eq!(code(&["check", "faulty"]), Some(1));
    assert_eq!(code(&["check", "hint"]), Some(0));
    assert_eq!(
        code(&["check", "--pedantic", "--fail-on", "hint", "hint"]),
        Some(1)
    );
    assert_eq!(code(&["check", "--fail-on", "never", "faulty"]), Some(0));
    assert_eq!(code(&["check", "--ignore", "AA1", "faulty"]), Some(0));
    assert_eq!(code(&["check", "nothing-there"]), Some(2));
    assert_eq!(
        code(&["check", "--select", "no-such-rule", "fine"]),
        Some(2)
    );
    assert_eq!(
        code(&["check", "--base", "no-such-directory", "fine"]),
        Some(2)
    );
    assert_eq!(code(&["check"]), Some(2));
    assert_eq!(code(&["explain", "AA108"]), Some(0));
    assert_eq!(code(&["explain", "deny-with-exec-mod"]), Some(2));
    assert_eq!(code(&["rules"]), Some(0));
    assert_eq!(code(&["--version"]), Some(0));
}

#[test]
fn concise_lines_have_their_form() {
    let here = directory(&[("faulty", FAULTY)]);
    let output = aalint(here.path(), &["check", "--format", "concise", "faulty"]);
    assert_eq!(
        text(&output.stdout),
        "faulty:3:16: error[AA108] deny-with-exec-mode: a deny rule has the exec mode in `ix`\n"
    );
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn json_is_json_with_places() {
    let here = directory(&[(
        "faulty",
        "abi <abi/3.0>,\nprofile ä {\n  deny /𝄞/** ix,\n}\n",
    )]);
    let output = aalint(here.path(), &["check", "--format", "json", "faulty"]);
    let document = document(&output.stdout);
    assert_eq!(document["version"], 2);
    assert_eq!(document["summary"]["error"], 1);
    let finding = &document["findings"][0];
    assert_eq!(finding["rule"], "deny-with-exec-mode");
    assert_eq!(finding["range"]["start"]["line"], 3);
    assert_eq!(finding["range"]["start"]["column"], 14);
    assert_eq!(finding["range"]["start"]["utf16Column"], 15);
    assert_eq!(finding["fix"]["edits"][0]["text"], "x");
    // Every field is described.
    let described = fs::read_to_string(common::root().join("docs/json.md")).unwrap();
    let mut open = vec![&document];
    while let Some(value) = open.pop() {
        match value {
            serde_json::Value::Object(fields) => {
                for (name, value) in fields {
                    assert!(
                        described.contains(&format!("`{name}`")),
                        "docs/json.md does not describe `{name}`"
                    );
                    open.push(value);
                }
            }
            serde_json::Value::Array(values) => open.extend(values),
            _ => {}
        }
    }
}

#[test]
fn github_annotations_are_escaped() {
    let here = directory(&[("a,b", FAULTY)]);
    let output = text(&aalint(here.path(), &["check", "--format", "github", "a,b"]).stdout);
    assert!(output.starts_with("::error file=a%2Cb,line=3,endLine=3,col=16,endColumn=18,title=AA108 deny-with-exec-mode::"), "{output}");
    assert!(
        output.ends_with("\n1 error in 1 file (1 profile)\n"),
        "{output}"
    );
    assert_eq!(output.lines().count(), 2);
}

#[test]
fn standard_input_has_a_name() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_aalint"))
        .args([
            "check",
            "--isolated",
            "--format",
            "concise",
            "--stdin-filename",
            "etc/web",
            "-",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(FAULTY.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(text(&output.stdout).starts_with("etc/web:3:16: error[AA108]"));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn colours_only_when_wanted() {
    let here = directory(&[("faulty", FAULTY)]);
    let plain = aalint(here.path(), &["check", "faulty"]).stdout;
    assert!(!plain.contains(&0x1b));
    let colored = aalint(here.path(), &["check", "--color", "always", "faulty"]).stdout;
    assert!(colored.contains(&0x1b));
}

#[test]
fn too_large_a_file_is_said_to_be() {
    let here = directory(&[("fine", FINE)]);
    fs::write(here.path().join("large"), vec![b'a'; 9 * 1024 * 1024]).unwrap();
    let output = aalint(here.path(), &["check", "large", "fine"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("large: is too large: 9437184 bytes"));
}

#[test]
fn directories_are_walked() {
    let here = directory(&[
        ("tree/apparmor.d/web", FAULTY),
        ("tree/apparmor.d/web.dpkg-old", FAULTY),
        ("tree/apparmor.d/disable/web", FAULTY),
        ("tree/apparmor.d/abstractions/own", "/srv/** r,\n"),
        ("tree/ignored/web", FAULTY),
        ("tree/.gitignore", "ignored/\n"),
        ("tree/README.md", "profile a {\n"),
        (
            "tree/compose.yaml",
            "services:\n  web:\n    security_opt: [\"apparmor=fauly\"]\n",
        ),
    ]);
    let output = text(&aalint(here.path(), &["check", "--format", "concise", "tree"]).stdout);
    let lines: Vec<&str> = output.lines().collect();
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("tree/apparmor.d/web:3:16: error[AA108]")),
        "{output}"
    );
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("tree/compose.yaml:3:20: error[AA401]")),
        "{output}"
    );
    assert!(
        lines.iter().all(|line| !line.contains("dpkg")
            && !line.contains("disable")
            && !line.contains("ignored")
            && !line.contains("README")),
        "{output}"
    );
}

#[test]
fn the_configuration_counts() {
    let here = directory(&[
        (
            "aalint.toml",
            "fail-on = \"error\"\n[lint]\nignore = [\"deny-with-exec-mode\"]\n[[override]]\npaths = [\"strict/**\"]\nseverity = { unrestricted-etc = \"error\" }\n",
        ),
        ("faulty", FAULTY),
        (
            "strict/web",
            "abi <abi/3.0>,\nprofile web {\n  /etc/** r,\n}\n",
        ),
        (
            "loose/web",
            "abi <abi/3.0>,\nprofile web {\n  /etc/** r,\n}\n",
        ),
    ]);
    let code = |arguments: &[&str]| aalint(here.path(), arguments).status.code();
    assert_eq!(code(&["check", "faulty"]), Some(0));
    assert_eq!(code(&["check", "--isolated", "faulty"]), Some(1));
    assert_eq!(code(&["check", "loose"]), Some(0));
    assert_eq!(code(&["check", "strict"]), Some(1));
    fs::write(here.path().join("aalint.toml"), "fail-onn = 3\n").unwrap();
    let output = aalint(here.path(), &["check", "--format", "concise", "loose"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stdout).contains("aalint.toml:1:1: error[AA904] invalid-config"),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn the_readme_shows_a_real_diagnostic() {
    let readme = fs::read_to_string(common::root().join("README.md")).unwrap();
    let (before, rest) = readme.split_once("<!-- generated: aalint ").unwrap();
    let (arguments, rest) = rest.split_once(" -->\n```text\n").unwrap();
    let (_, after) = rest.split_once("```\n").unwrap();
    let mut all = vec!["check", "--isolated"];
    all.extend(arguments.split(' ').skip(1));
    let output = text(&aalint(&common::root(), &all).stdout);
    assert!(output.contains("why:") && output.contains("help:"));
    common::generated(
        "README.md",
        &format!("{before}<!-- generated: aalint {arguments} -->\n```text\n{output}```\n{after}"),
    );
}

#[test]
fn a_broken_configuration_is_reported_whatever_is_selected() {
    let here = directory(&[
        ("fine", FINE),
        (
            "aalint.toml",
            "[lint]\nselect = [\"AA1\", \"unrestrcted-etc\"]\n",
        ),
    ]);
    for arguments in [
        &["check", "--format", "concise", "fine"][..],
        &["check", "--format", "concise", "--select", "AA1", "fine"],
        &["check", "--format", "concise", "--ignore", "all", "fine"],
    ] {
        let output = aalint(here.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let found = text(&output.stdout);
        assert!(found.contains("aalint.toml:2:18: error[AA904]"), "{found}");
        assert!(found.contains("`unrestrcted-etc`"), "{found}");
    }
    let isolated = aalint(here.path(), &["check", "--isolated", "fine"]);
    assert_eq!(isolated.status.code(), Some(0));
}

#[test]
fn pages_in_the_terminal_say_which_lines_are_meant() {
    let here = directory(&[]);
    let page = text(&aalint(here.path(), &["explain", "AA108"]).stdout);
    assert!(page.contains("deny-with-exec-mode") && page.contains("# <- here"));
    assert!(!page.contains("#~"), "{page}");
    let unknown = aalint(here.path(), &["explain", "no-such-rule"]);
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn a_tree_of_policy_is_its_own_base() {
    let here = directory(&[
        ("policy/tunables/global", "@{DATA}=/srv/data\n"),
        ("policy/abstractions/data", "@{DATA}/** r,\n"),
        (
            "policy/groups/web/web",
            "abi <abi/3.0>,\ninclude <tunables/global>\nprofile web {\n  include <abstractions/data>\n}\n",
        ),
    ]);
    let web = here.path().join("policy/groups/web");
    for (directory, path) in [
        (here.path(), "policy"),
        (here.path(), "policy/"),
        (here.path(), "policy/groups/web/web"),
        (web.as_path(), "web"),
        (web.as_path(), "."),
        (web.as_path(), "../web"),
        (Path::new("/"), web.to_str().unwrap()),
    ] {
        let output = aalint(directory, &["check", "--select", "AA1", path]);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{path}: {}",
            text(&output.stdout)
        );
        // Not for want of a base either.
        assert!(!text(&output.stdout).contains("no AppArmor policy base"));
    }
    // Whoever names a base means that one.
    let other = directory(&[("tunables/global", "@{OTHER}=/srv/other\n")]);
    let base = other.path().to_str().unwrap();
    let output = aalint(
        here.path(),
        &["check", "--select", "AA1", "--base", base, "policy"],
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("there is no file `<abstractions/data>`"));
}

#[test]
fn what_lies_beside_policy_is_not_checked() {
    let here = directory(&[
        ("apparmor.d/web", FINE),
        (
            "apparmor.d/meson.build",
            "foreach p : [\n  'web',\n]\nendforeach\n",
        ),
        ("apparmor.d/Makefile", "all:\n\tinstall a,\n"),
        ("apparmor.d/web.orig", FAULTY),
    ]);
    let output = aalint(here.path(), &["check", "apparmor.d"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("no findings in 1 file"));
}

#[test]
fn what_only_an_included_file_could_be_better_at_is_not_said() {
    let here = directory(&[
        ("base/tunables/global", ""),
        // Loads, and is a warning where the file itself is checked.
        ("base/abstractions/links", "/a rwl -> /b,\n"),
        (
            "web",
            "abi <abi/3.0>,\nprofile web {\n  include <abstractions/links>\n}\n",
        ),
    ]);
    let check = |path| {
        aalint(
            here.path(),
            &["check", "--base", "base", "--select", "AA112", path],
        )
    };
    assert_eq!(check("web").status.code(), Some(0));
    assert_eq!(check("base").status.code(), Some(1));
}

#[test]
fn findings_of_included_profiles_stand_at_the_include_that_made_them() {
    let here = directory(&[
        (
            "base/abstractions/helper",
            "profile helper {\n  @{dir}/** r,\n}\n",
        ),
        (
            "p/aaa",
            "abi <abi/3.0>,\n@{dir} = /usr/share/aaa\nprofile aaa {\n  include <abstractions/helper>\n}\n",
        ),
        (
            "p/bbb",
            "abi <abi/3.0>,\n@{dir} = /etc\nprofile bbb {\n  include <abstractions/helper>\n}\n",
        ),
    ]);
    let arguments = ["check", "--base", "base", "--format", "concise", "p"];
    let output = text(
        &aalint(
            here.path(),
            &[&arguments[..], &["--select", "unrestricted-etc"]].concat(),
        )
        .stdout,
    );
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(lines.len(), 1, "{output}");
    assert!(lines[0].starts_with("p/bbb:4:3: "), "{output}");
}

/// `aalint check .` in a project that holds policy in a directory of its own.
#[test]
fn a_tree_below_what_is_named_is_its_own_base() {
    let tree = directory(&[
        ("project/policy/apparmor.d/abi/3.0", ""),
        ("project/policy/apparmor.d/tunables/global", "@{OWN}=/srv\n"),
        (
            "project/policy/apparmor.d/abstractions/own",
            "@{OWN}/own r,\n",
        ),
        (
            "project/policy/apparmor.d/web",
            "abi <abi/3.0>,\ninclude <tunables/global>\n\nprofile web {\n  include <abstractions/own>\n  @{OWN}/** r,\n}\n",
        ),
        // Not so near, and first by name.
        ("project/a/b/c/tunables/global", ""),
    ]);
    for named in ["project", "project/policy", "project/policy/apparmor.d"] {
        let output = aalint(tree.path(), &["check", named]);
        let text = text(&output.stdout);
        assert!(!text.contains("missing-include"), "{named}: {text}");
        assert!(!text.contains("undefined-variable"), "{named}: {text}");
        assert_eq!(output.status.code(), Some(0), "{named}: {text}");
    }
}
