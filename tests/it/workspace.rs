//! A workspace that was updated says what a fresh one says. `tests/material/workspace.rs` shows it on real trees.

use crate::common::edits::{Tree, follow};
use aalint::source::MemoryVfs;

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
            "services:\n  web:\n    image: web\n    security_opt:\n      - apparmor=web\n",
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
