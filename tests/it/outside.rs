//! What lies outside of what somebody named: judged, and reported without its text; and what is inside.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::common::directory;

/// A word of the file outside.
const SECRET: &str = "kanarienvogel";

/// A tree beside a directory with a file that is no policy, and one that is.
fn place(files: &[(&str, &str)]) -> TempDir {
    let text = format!("root:{SECRET}:0\n");
    let policy = format!("abi <abi/3.0>,\nprofile {SECRET} {{\n  deny /{SECRET} ix,\n}}\n");
    let values = format!("@{{X}}=/srv/{SECRET}\n");
    let rules = format!("  /srv/** r, # {SECRET}\n");
    let mut all = vec![
        ("outside/text", text.as_str()),
        ("outside/policy", &policy),
        ("outside/values", &values),
        ("outside/rules", &rules),
        (
            "tree/own",
            "abi <abi/3.0>,\nprofile own {\n  /srv/** r,\n}\n",
        ),
    ];
    all.extend(files);
    let place = directory(&all);
    // Only absolute paths lead out by themselves.
    let outside = place.path().join("outside");
    for (path, content) in files {
        let content = content.replace("{outside}", outside.to_str().unwrap());
        fs::write(place.path().join(path), content).unwrap();
    }
    place
}

/// The exit code, and what stands on both streams.
fn aalint(place: &TempDir, line: &str) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_aalint"))
        // A word of its own where blanks belong to it.
        .args(line.split(' ').map(|word| word.replace('#', " ")))
        .current_dir(place.path().join("tree"))
        .output()
        .unwrap();
    let both = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(both).unwrap(),
    )
}

fn link(place: &TempDir, name: &str, target: impl AsRef<Path>) {
    let name = place.path().join("tree").join(name);
    fs::create_dir_all(name.parent().unwrap()).unwrap();
    symlink(place.path().join(target), name).unwrap();
}

#[test]
fn a_link_to_a_file_outside_is_judged_and_its_text_is_not_shown() {
    let place = place(&[]);
    link(&place, "apparmor.d/linked", "outside/policy");
    for format in ["human", "concise", "json", "github"] {
        let (code, shown) = aalint(&place, &format!("check --format {format} ."));
        assert_eq!(code, 1, "{shown}");
        assert!(shown.contains("AA108"), "{shown}");
        assert!(shown.contains("apparmor.d/linked"), "{shown}");
        assert!(!shown.contains(SECRET), "{shown}");
    }
    let (_, shown) = aalint(&place, "check --format concise .");
    assert!(
        shown.contains("apparmor.d/linked:3:23: error[AA108]"),
        "{shown}"
    );
}

#[test]
fn what_the_command_line_names_is_inside() {
    let place = place(&[("tree/p", "profile p {\n  include \"{outside}/rules\"\n}\n")]);
    link(&place, "linked", "outside/policy");
    link(&place, "directory", "outside");
    for (line, is_shown) in [
        ("check linked", true),
        ("check directory", true),
        ("check ../outside/policy", true),
        ("check .", false),
        ("query --why p /srv/x#r", false),
        ("query --why -I ../outside p /srv/x#r", true),
        ("query --why --base ../outside p /srv/x#r", true),
        ("query --format json p /srv/x#r", false),
        ("show p", false),
        ("show --format json p", false),
        ("show --format markdown p", false),
    ] {
        let (_, shown) = aalint(&place, line);
        assert_eq!(shown.contains(SECRET), is_shown, "{line}: {shown}");
    }
}

#[test]
fn what_the_configuration_names_is_inside_below_it_alone() {
    let place = place(&[
        ("tree/profiles/p", "profile p {\n  include <rules>\n}\n"),
        ("tree/base/rules", &format!("  /srv/** r, # {SECRET}\n")),
    ]);
    link(&place, "linked", "outside");
    for (base, is_shown) in [("base", true), ("../outside", false), ("linked", false)] {
        let text = format!("base = \"{base}\"\n");
        fs::write(place.path().join("tree/aalint.toml"), text).unwrap();
        let (code, shown) = aalint(&place, "query --why profiles/p /srv/x#r");
        assert_eq!(code, 0, "{base}: {shown}");
        assert_eq!(shown.contains(SECRET), is_shown, "{base}: {shown}");
        assert!(shown.contains("rules:1:3"), "{base}: {shown}");
    }
}

#[test]
fn a_link_to_a_directory_outside_is_named_and_not_followed() {
    let place = place(&[("tree/d/q", "abi <abi/3.0>,\nprofile q {\n  /srv/** r,\n}\n")]);
    link(&place, "d/out", "outside");
    link(&place, "up", ".");
    link(&place, "again", "tree/d");
    let (code, shown) = aalint(&place, "check .");
    assert_eq!(code, 0, "{shown}");
    assert!(
        shown.contains(
            "3 links to directories outside are not followed: `./again/out`, `./d/out`, `./up`"
        ),
        "{shown}"
    );
    // One that leads back into the tree is followed.
    assert!(shown.contains("in 3 files (3 profiles)"), "{shown}");
    assert!(
        shown.contains("left out: 3 links to directories outside"),
        "{shown}"
    );
    // What is named is inside, and so is what leads there.
    let (_, shown) = aalint(&place, "check . ../outside/policy ..");
    assert!(!shown.contains("not followed"), "{shown}");
}

#[test]
fn what_gitignore_names_is_counted() {
    let place = place(&[
        ("tree/.gitignore", "*.tmp\nbuild/\n"),
        ("tree/a.tmp", ""),
        ("tree/sub/b.tmp", ""),
        ("tree/build/c", ""),
        ("tree/build/d", ""),
    ]);
    let (code, shown) = aalint(&place, "check .");
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("left out: 3 named by .gitignore"), "{shown}");
    let (_, shown) = aalint(&place, "check --format json .");
    assert!(shown.contains("\"ignored\": 3"), "{shown}");
    let (_, shown) = aalint(&place, "graph .");
    assert!(
        shown.contains("3 files and directories are left out: .gitignore names them"),
        "{shown}"
    );
}

#[test]
#[cfg(feature = "verify")]
fn verify_passes_over_no_configuration_in_silence() {
    for what in ["fifo", "nowhere", "device", "outside"] {
        let place = place(&[]);
        let at = place.path().join("tree/aalint.toml");
        match what {
            "fifo" => assert!(Command::new("mkfifo").arg(&at).status().unwrap().success()),
            "nowhere" => symlink("gone", &at).unwrap(),
            "device" => symlink("/dev/null", &at).unwrap(),
            _ => symlink(place.path().join("outside/text"), &at).unwrap(),
        }
        for line in [
            "verify --plan .",
            "verify --plan own",
            "verify --audit --from own own",
        ] {
            let (code, shown) = aalint(&place, line);
            assert_eq!(code, 2, "{what}: {line}: {shown}");
            assert!(shown.contains("aalint.toml"), "{what}: {line}: {shown}");
            assert!(!shown.contains(SECRET), "{what}: {line}: {shown}");
        }
    }
}

#[test]
#[cfg(feature = "verify")]
fn verify_shows_no_policy_from_outside() {
    let place = place(&[
        (
            "tree/p",
            "include \"{outside}/values\"\nprofile p {\n  @{X} r,\n  include \"{outside}/rules\"\n}\n",
        ),
        (
            "outside/named",
            &format!("profile {SECRET} {{\n  /srv/** r,\n}}\n"),
        ),
        ("tree/q", "include \"{outside}/named\"\nprofile q {\n}\n"),
        (
            "tree/a",
            "include \"{outside}/values\"\nprofile a @{X} {\n}\n",
        ),
    ]);
    let rights = |path: &str, mode| {
        let rights = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs::set_permissions(place.path().join(path), rights).unwrap();
    };
    for path in ["tree", "outside"] {
        rights(path, 0o755);
    }
    for path in ["tree/p", "outside/values", "outside/rules"] {
        rights(path, 0o644);
    }
    let plan = |line: &str, code| {
        let (found, shown) = aalint(&place, line);
        assert_eq!(found, code, "{line}: {shown}");
        assert!(!shown.contains(SECRET), "{line}: {shown}");
        assert_eq!(shown.contains("leads out"), code == 2, "{line}: {shown}");
    };
    plan("verify --plan p", 0);
    // What is named there, and who attaches to what, would be shown.
    plan("verify --plan q", 2);
    plan("verify --plan a", 2);
    // Somebody else may have written the include.
    rights("tree/p", 0o666);
    plan("verify --plan p", 2);
    plan("verify --plan -I ../outside p", 0);
}

#[test]
#[cfg(feature = "verify")]
fn verify_shows_what_a_trusted_configuration_names() {
    let place = place(&[
        (
            "policy/p",
            "include <rules>\nprofile p {\n  include <rules>\n}\n",
        ),
        ("policy/base/rules", ""),
        (
            "tree/aalint.toml",
            "base = \"../policy/base\"\n[verify]\nprofile = \"../policy/p\"\n",
        ),
    ]);
    let rights = |path: &str, mode| {
        let rights = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs::set_permissions(place.path().join(path), rights).unwrap();
    };
    for path in ["tree", "policy", "policy/base"] {
        rights(path, 0o755);
    }
    for path in ["tree/aalint.toml", "policy/p", "policy/base/rules"] {
        rights(path, 0o644);
    }
    let (code, shown) = aalint(&place, "verify --plan .");
    assert_eq!(code, 0, "{shown}");
    // It is somebody else's once others may write to it.
    rights("tree/aalint.toml", 0o666);
    let (code, shown) = aalint(&place, "verify --plan .");
    assert_eq!(code, 2, "{shown}");
    assert!(shown.contains("../policy/base/rules leads out"), "{shown}");
    let (code, shown) = aalint(&place, "verify --plan --trust .");
    assert_eq!(code, 0, "{shown}");
}
