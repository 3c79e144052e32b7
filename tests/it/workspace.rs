//! A workspace that was updated says what a fresh one says. `tests/material/workspace.rs` shows it on real trees.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::common::edits::{Tree, follow};
use aalint::host::Disk;
use aalint::policy::Search;
use aalint::session::{Input, InputKind, Options, Workspace};
use aalint::source::{MemoryVfs, Snapshot};

fn tree() -> Tree {
    let mut files = MemoryVfs::default();
    for (path, text) in [
        (
            "base/tunables/global",
            "include <tunables/home>\n@{PROC}=/proc/\n@{sys}=/sys/\n",
        ),
        ("base/tunables/home", "@{HOME}=/home/*/ /root/\n"),
        (
            "base/abstractions/base",
            "  include <abstractions/libs>\n  /dev/null rw,\n  @{PROC}/sys/kernel/version r,\n  signal (receive) peer=unconfined,\n",
        ),
        (
            "base/abstractions/libs",
            "  /usr/lib/** mr,\n  deny /usr/lib/secret/** r,\n",
        ),
        (
            "base/abi/4.0",
            "network_v8 {af_mask {unix inet inet6\n}\n}\nfile {mask {create read write\n}\n}\n",
        ),
        (
            "own/web",
            "abi <abi/4.0>,\ninclude <tunables/global>\n\nprofile web /usr/bin/web {\n  include <abstractions/base>\n  @{HOME}/site/** r,\n  /usr/bin/dash Cx -> shell,\n\n  profile shell {\n    include <abstractions/base>\n    /usr/bin/dash mr,\n  }\n}\n",
        ),
        (
            "own/other",
            "include <tunables/global>\n\nprofile other {\n  include <abstractions/libs>\n  # aalint: assert deny /etc/shadow r,\n  /srv/** rw,\n  deny /srv/data/secret r,\n  capability chown,\n}\n",
        ),
        (
            "own/third",
            "profile third {\n  include if exists <local/anything>\n  network inet stream,\n  /etc/passwd r,\n}\n",
        ),
        ("own/local/anything", "  /etc/hosts r,\n"),
        (
            "own/compose.yaml",
            "services:\n  web:\n    image: web\n    security_opt:\n      - apparmor=web\n  more: {extends: {file: common.yaml, service: base}}\n",
        ),
        (
            "own/common.yaml",
            "services:\n  base:\n    security_opt:\n      - apparmor=${NAME}\n",
        ),
        ("own/.env", "NAME=other\n"),
        (
            "own/cm.yaml",
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  one: |\n    profile one {\n      /srv/** rw,\n      deny /bin/** rmix,\n    }\n  two: |\n    profile two {\n      include <abstractions/libs>\n    }\n",
        ),
    ] {
        files.insert(path, text);
    }
    Tree::new(files)
}

#[test]
fn an_updated_workspace_says_what_a_fresh_one_says() {
    let mut kept = 0;
    for seed in 1..=12 {
        let followed = follow(&tree(), "base", "own", seed, 25);
        assert_eq!(followed.edits, 25);
        kept += followed.kept;
    }
    // Without this the property would hold of a workspace that keeps nothing.
    assert!(kept > 100, "{kept} decision functions were kept");
}

/// The messages for `own/web`, which includes what lies behind links.
fn messages(workspace: &Workspace<'_>) -> Vec<String> {
    let findings = workspace.check(aalint::rules::all()).findings;
    findings.into_iter().map(|found| found.message).collect()
}

#[test]
fn what_links_lead_to_is_forgotten_with_them() {
    let directory = tempfile::tempdir().unwrap();
    let place = |path: &str| directory.path().join(path).to_str().unwrap().to_owned();
    let write = |path: &str, text: &str| {
        let path = place(path);
        fs::create_dir_all(Path::new(&path).parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("target", "  /srv/one r,\n");
    write("other", "  /srv/other[ r,\n");
    write("parts/rules", "  /srv/parts r,\n");
    write("broken/rules", "  /srv/parts[ r,\n");
    write(
        "own/web",
        "profile web {\n  include <link>\n  include <linked/rules>\n}\n",
    );
    let base = place("base");
    fs::create_dir(&base).unwrap();
    symlink(place("target"), place("base/link")).unwrap();
    symlink(place("parts"), place("base/linked")).unwrap();
    let options = |_: &Snapshot<'_>| Options {
        inputs: vec![Input {
            path: place("own/web"),
            kind: InputKind::Policy,
        }],
        search: Search {
            directories: vec![base.clone()],
            has_no_base: false,
        },
        ..Options::default()
    };
    let open = || {
        let files = Snapshot::new(&Disk);
        let options = options(&files);
        Workspace::open(files, options)
    };
    let relink = |to: &str, link: &str| {
        fs::remove_file(place(link)).unwrap();
        symlink(place(to), place(link)).unwrap();
    };
    // Each edit in a workspace that knows nothing of earlier ones, and in one that has seen them all.
    let mut lasting = open();
    let sound = messages(&lasting);
    let edits: [(&str, &dyn Fn()); 7] = [
        ("target", &|| write("target", "  /srv/one[ r,\n")),
        ("target", &|| fs::remove_file(place("target")).unwrap()),
        ("target", &|| write("target", "  /srv/one r,\n")),
        ("base/link", &|| relink("other", "base/link")),
        ("base/link", &|| relink("target", "base/link")),
        ("base/linked", &|| relink("broken", "base/linked")),
        ("base/linked", &|| relink("parts", "base/linked")),
    ];
    let mut seen = Vec::new();
    for (number, (changed, edit)) in edits.into_iter().enumerate() {
        let mut young = open();
        edit();
        let fresh = messages(&open());
        for workspace in [&mut young, &mut lasting] {
            workspace.update(&[place(changed)], options);
            assert_eq!(messages(workspace), fresh, "edit {number} of {changed}");
        }
        seen.push(fresh != sound);
    }
    assert_eq!(seen, [true, true, false, true, false, true, false]);
}
