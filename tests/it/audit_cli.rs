//! `aalint verify --audit --from LOG`.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::common;
use crate::common::schema::assert_fits;
use serde_json::Value;

const POLICY: &str = "\
profile web {
  /srv/** r,
  owner /tmp/* rw,
  deny /etc/shadow rw,
  audit /var/log/web rw,
}
";

/// A saved log with a bit of everything.
const LOG: &str = "\
[    1.0] systemd: apparmor is enabled
[    2.0] audit: type=1400 audit(1700000000.123:1): apparmor=\"STATUS\" operation=\"profile_load\" profile=\"unconfined\" name=\"web\" pid=1 comm=\"apparmor_parser\"
[    3.0] audit: type=1400 audit(1700000000.124:2): apparmor=\"DENIED\" operation=\"open\" profile=\"web\" name=\"/etc/shadow\" pid=9 comm=\"cat\" requested_mask=\"r\" denied_mask=\"r\" fsuid=0 ouid=0
[    4.0] audit: type=1400 audit(1700000000.125:3): apparmor=\"DENIED\" operation=\"open\" profile=\"web\" name=2F746D702F1B5B33316D pid=9 comm=1B5B3331 requested_mask=\"r\" denied_mask=\"r\" fsuid=1 ouid=0
[    5.0] audit: type=1400 audit(1700000000.126:4): apparmor=\"DENIED\" operation=\"open\" profile=\"stranger\" name=\"/x\" requested_mask=\"r\" denied_mask=\"r\" fsuid=0 ouid=0
[    6.0] audit: type=1400 audit(1700000000.127:5): apparmor=\"AUDIT\" operation=\"open\" profile=\"web\" name=\"/var/log/web\" requested_mask=\"r\" fsuid=0 ouid=0
[    7.0] audit: type=1400 audit(1700000000.128:6): apparmor=\"DENIED\" operation=\"capable\" profile=\"web\" pid=9 comm=\"web\" capability=21 capname=\"sys_admin\"";

fn told(log: &[u8], more: &[&str]) -> (i32, String, String) {
    let directory = common::directory(&[("web", POLICY)]);
    std::fs::write(directory.path().join("log"), log).unwrap();
    let arguments = [&["verify", "--audit", "web", "--isolated"], more].concat();
    let output = common::aalint(directory.path(), &arguments);
    let text = |bytes: &[u8]| common::text(bytes);
    (
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn a_saved_log_is_explained() {
    let (code, out, err) = told(LOG.as_bytes(), &["--from", "log"]);
    assert_eq!(code, 0, "{err}");
    for part in [
        "STATUS  unconfined: profile_load  (apparmor_parser, pid 1)\n    `web` was loaded\n",
        "DENIED  web: owner /etc/shadow r  (cat, pid 9)\n    a rule denies it\n    web:4:3: deny /etc/shadow rw,\n",
        "    a rule allows it and wants it recorded\n    web:5:3: audit /var/log/web rw,\n",
        "    missing: capability sys_admin,\n      opens: the process may ",
    ] {
        assert!(out.contains(part), "`{part}` is not in\n{out}");
    }
    assert!(!out.contains('\u{1b}'), "{out:?}");
    assert!(!out.contains("stranger"), "{out}");
    assert_eq!(
        err,
        "5 records explained; 1 record of other profiles not shown (--all shows them)\n"
    );
    let (_, out, _) = told(LOG.as_bytes(), &["--from", "log", "--all"]);
    assert!(
        out.contains("the policy defines no profile `stranger`"),
        "{out}"
    );
}

#[test]
fn documents_fit_their_schema() {
    let (code, out, err) = told(
        LOG.as_bytes(),
        &["--from", "log", "--all", "--format", "json"],
    );
    assert_eq!(code, 0, "{err}");
    let documents: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(documents.len(), 6);
    for document in &documents {
        assert!(document["fields"]["apparmor"].is_string());
        assert_fits(document);
    }
    assert_eq!(documents[1]["time"], "1700000000.124:2");
    assert_eq!(documents[1]["rules"][0]["range"]["start"]["line"], 4);
    assert_eq!(documents[5]["suggestion"]["rule"], "capability sys_admin,");
}

#[test]
fn any_log_is_read() {
    let (code, out, _) = told(b"", &["--from", "log"]);
    assert_eq!((code, out.as_str()), (0, ""));
    // No text, one line without an end, and a record behind both.
    let mut log = vec![0xff; 300_000];
    log.extend_from_slice(b"apparmor=\"DENIED\" operation=\"open\"\n\0\n");
    log.extend_from_slice(LOG.lines().last().unwrap().as_bytes());
    let (code, out, _) = told(&log, &["--from", "log"]);
    assert_eq!((code, out.matches("missing:").count()), (0, 1), "{out}");
}

#[test]
fn a_log_comes_through_a_pipe() {
    let directory = common::directory(&[("web", POLICY)]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_aalint"))
        .args(["verify", "--audit", ".", "--from", "-", "--isolated"])
        .current_dir(directory.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(LOG.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let text = common::text(&output.stdout);
    assert!(
        output.status.success() && text.contains("a rule denies it"),
        "{text}"
    );
}

#[test]
fn a_log_comes_from_a_shell() {
    let directory = common::directory(&[("web", POLICY), ("log", LOG)]);
    let command = format!(
        "'{}' verify --audit --isolated .",
        env!("CARGO_BIN_EXE_aalint")
    );
    for script in [
        format!("cat log | {command} --from -"),
        format!("cat log | {command} --from /dev/stdin"),
        format!("{command} --from /dev/stdin < log"),
        format!("{command} --from <(cat log)"),
    ] {
        let output = Command::new("bash")
            .args(["-o", "pipefail", "-c", &script])
            .current_dir(directory.path())
            .output()
            .unwrap();
        let (out, err) = (common::text(&output.stdout), common::text(&output.stderr));
        assert!(
            output.status.success() && out.contains("a rule denies it"),
            "{script}: {out}{err}"
        );
    }
}

#[test]
fn wrong_usage_is_told() {
    let of = |more: &[&str]| {
        let (code, _, err) = told(b"", more);
        (code, err)
    };
    let (code, err) = of(&["--from", "nowhere"]);
    assert!(
        code == 2 && err.contains("reading the log nowhere"),
        "{err}"
    );
    let (code, err) = of(&["--from", "log", "--format", "html"]);
    assert!(code == 2 && err.contains("`human` or `json`"), "{err}");
    let (code, err) = of(&["--from", "log", "--plan"]);
    assert!(code == 2 && err.contains("--plan"), "{err}");
}
