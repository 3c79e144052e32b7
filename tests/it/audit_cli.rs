//! `aalint audit LOG`.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use aalint::audit::MAX_KEPT_BYTES;

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
    let arguments = [&["audit"], more, &["--isolated", "--policy", "web"]].concat();
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
    let (code, out, err) = told(LOG.as_bytes(), &["log"]);
    assert_eq!(code, 0, "{err}");
    for part in [
        "STATUS  unconfined: profile_load  (apparmor_parser, pid 1)\n    `web` was loaded\n",
        "DENIED  web: owner /etc/shadow r  (cat, pid 9)\n    a rule denies it\n    web:4:3: deny /etc/shadow rw,\n",
        "    a rule allows it and wants it recorded\n    web:5:3: audit /var/log/web rw,\n",
        "    missing: capability sys_admin,\n      note: the process may ",
    ] {
        assert!(out.contains(part), "`{part}` is not in\n{out}");
    }
    assert!(!out.contains('\u{1b}'), "{out:?}");
    assert!(!out.contains("stranger"), "{out}");
    assert_eq!(
        err,
        "5 records explained; 1 record of other profiles not shown (`stranger`; --all shows them)\n"
    );
    let (_, out, _) = told(LOG.as_bytes(), &["log", "--all"]);
    assert!(
        out.contains("the policy defines no profile `stranger`"),
        "{out}"
    );
}

#[test]
fn documents_fit_their_schema() {
    let (code, out, err) = told(LOG.as_bytes(), &["log", "--all", "--format", "json"]);
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
    assert_eq!(documents[5]["count"], 1);
}

/// A record of a file that `web` may not read.
fn refused(time: &str, pid: u32, name: &str) -> String {
    format!(
        "audit: type=1400 audit({time}): apparmor=\"DENIED\" operation=\"open\" profile=\"web\" name=\"{name}\" \
         pid={pid} comm=\"cat\" requested_mask=\"r\" denied_mask=\"r\" fsuid=0 ouid=0\n"
    )
}

#[test]
fn repeats_are_counted() {
    let log = [
        refused("1.001:1", 9, "/etc/hosts"),
        refused("1.002:2", 9, "/etc/hosts"),
        refused("1.003:3", 8, "/etc/hosts"),
        // The same record once more, as the journal keeps it.
        refused("1.003:3", 8, "/etc/hosts"),
        refused("1.004:4", 9, "/etc/group"),
        refused("1.005:5", 9, "/usr/x"),
    ]
    .concat();
    let (_, out, err) = told(log.as_bytes(), &["log"]);
    assert_eq!(
        out,
        "DENIED  web: owner /etc/hosts r and 1 other file in this directory  (cat, pid 9 and others), 4 times\n    \
         no rule allows them\n    missing: owner /etc/hosts r,\n    missing: owner /etc/group r,\n\
         DENIED  web: owner /usr/x r  (cat, pid 9)\n    no rule allows it\n    missing: owner /usr/x r,\n"
    );
    assert_eq!(err, "5 records explained\n");
    let (_, out, _) = told(log.as_bytes(), &["log", "--format", "json"]);
    let documents = out.lines().map(|line| {
        let document: Value = serde_json::from_str(line).unwrap();
        assert_fits(&document);
        (
            document["count"].as_u64().unwrap(),
            document["time"].as_str().unwrap().to_owned(),
            document["lastTime"].as_str().unwrap().to_owned(),
        )
    });
    let documents: Vec<(u64, String, String)> = documents.collect();
    let expected = [
        (3, "1.001:1", "1.003:3"),
        (1, "1.004:4", "1.004:4"),
        (1, "1.005:5", "1.005:5"),
    ];
    let expected = expected.map(|(count, first, last)| (count, first.to_owned(), last.to_owned()));
    assert_eq!(documents, expected);
}

#[test]
fn each_form_of_a_log_is_read() {
    let plain = refused("1700000000.123:4", 9, "/etc/hosts");
    let plain = plain.trim_end();
    let quoted = serde_json::to_string(plain).unwrap();
    let bytes = serde_json::to_string(plain.as_bytes()).unwrap();
    let twice = serde_json::to_string(&format!("{{\"log\":{quoted}}}")).unwrap();
    let (_, body) = plain.split_once("): ").unwrap();
    let interpreted = body.replace('"', "");
    let socket = serde_json::to_string(&format!("AVC {body}")).unwrap();
    for log in [
        format!("[    4.0] {plain}"),
        format!("[Tue Nov 14 22:13:20 2023] {plain}"),
        format!("Nov 14 22:13:20 host kernel: [ 4.0] {plain}"),
        format!("2023-11-14T22:13:20.123456+00:00 host kernel: {plain}"),
        format!("<5>{plain}"),
        format!("type=AVC msg=audit(1700000000.123:4): {body}\u{1d}FSUID=\"root\" OUID=\"root\""),
        format!("node=web type=AVC msg=audit(1700000000.123:4): {body}"),
        format!("type=AVC msg=audit(11/14/2023 22:13:20.123:4) : {interpreted} "),
        // journalctl --output=json, json-pretty, json-sse and export; dmesg --json; a log of a container.
        format!("{{\"_TRANSPORT\":\"kernel\",\"MESSAGE\":{quoted},\"_PID\":\"1\"}}"),
        format!("{{\n\t\"_PID\" : \"1\",\n\t\"MESSAGE\" : {quoted},\n\t\"PRIORITY\" : \"5\"\n}}"),
        format!("data: {{\"MESSAGE\":{quoted}}}"),
        format!("__CURSOR=x\nMESSAGE={plain}\n_PID=1"),
        format!("{{\"MESSAGE\":{bytes}}}"),
        format!("{{\"dmesg\": [\n{{\"pri\": 5, \"msg\": {quoted}}}\n]}}"),
        format!("{{\"stream\":\"stdout\",\"message\":{twice}}}"),
        format!(
            "{{\"MESSAGE\":{socket},\"_AUDIT_ID\":\"4\",\"_SOURCE_REALTIME_TIMESTAMP\":\"1700000000123000\"}}"
        ),
    ] {
        let (code, out, err) = told(log.as_bytes(), &["log"]);
        assert_eq!((code, err.as_str()), (0, "1 record explained\n"), "{log}");
        assert_eq!(
            out,
            "DENIED  web: owner /etc/hosts r  (cat, pid 9)\n    no rule allows it\n    missing: owner /etc/hosts r,\n",
            "{log}"
        );
    }
    let log = format!(
        "{{\"MESSAGE\":{socket},\"_AUDIT_ID\":\"4\",\"_SOURCE_REALTIME_TIMESTAMP\":\"1700000000123000\"}}\n{plain}"
    );
    let (_, out, _) = told(log.as_bytes(), &["log", "--format", "json"]);
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["time"], "1700000000.123:4");
    // The kernel's log and the audit socket told the same.
    assert_eq!(document["count"], 1);
}

#[test]
fn what_is_not_understood_is_counted() {
    let log = "Command line: quiet apparmor=1 security=apparmor\n\
               docker run --security-opt apparmor=unconfined\n\
               apparmor=\"\"DENIED\"\" operation=\"\"open\"\"\n\
               x apparmor=&quot;DENIED&quot;\n\
               apparmor=\"NONSENSE\"\n\
               apparmor=DENIED operation=open profile=web name=/a ouid=0 fsuid=1 ouid=1\n";
    let (code, out, err) = told(log.as_bytes(), &["log"]);
    assert_eq!((code, out.as_str()), (0, ""));
    assert_eq!(
        err,
        "aalint: 4 lines with `apparmor=` are not understood; the first is line 3\n0 records explained\n"
    );
}

#[test]
fn no_rule_is_proposed_against_a_promise() {
    let policy = "profile web {\n  # aalint: assert deny /etc/h* r,\n  /srv/** r,\n}\n";
    let log = [
        refused("1.001:1", 9, "/etc/hosts"),
        refused("1.002:2", 9, "/etc/group"),
        refused("1.003:3", 9, "/root/x"),
    ]
    .concat();
    let place = common::directory(&[
        ("web", policy),
        ("log", &log),
        (
            "own.intents",
            "intent own {\n  deny /root/** rw,\n  allow /etc/group r,\n}\n",
        ),
        ("aalint.toml", "intents = [\"own.intents\"]\n"),
    ]);
    let output = common::aalint(place.path(), &["audit", "log", "--policy", "web"]);
    let out = common::text(&output.stdout);
    assert_eq!(
        out,
        "DENIED  web: owner /etc/hosts r  (cat, pid 9)\n    no rule allows it\n    no rule is proposed: an assertion \
         denies the request\n      web:2:20: deny /etc/h* r,\nDENIED  web: owner /etc/group r  (cat, pid 9)\n    \
         no rule allows it\n    missing: owner /etc/group r,\nDENIED  web: owner /root/x r  (cat, pid 9)\n    \
         no rule allows it\n    no rule is proposed: the intent `own` denies the request\n      own.intents:2:3: \
         deny /root/** rw,\n"
    );
    let line = ["audit", "log", "--policy", "web", "--format", "json"];
    let output = common::aalint(place.path(), &line);
    let out = common::text(&output.stdout);
    let last: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_fits(&last);
    assert_eq!(last["suggestion"], Value::Null);
    assert_eq!(last["forbidden"][0]["intent"], "own");
    assert_eq!(last["forbidden"][0]["promise"]["path"], "own.intents");
    // On the command line as well, and a name that nobody has is refused.
    let line = ["audit", "log", "--isolated", "--policy", "web", "--intent"];
    let output = common::aalint(place.path(), &[&line[..], &["own.intents"]].concat());
    assert!(common::text(&output.stdout).contains("the intent `own` denies"));
    let output = common::aalint(place.path(), &[&line[..], &["ownn"]].concat());
    let err = common::text(&output.stderr);
    assert!(
        output.status.code() == Some(2) && err.contains("`ownn`"),
        "{err}"
    );
}

#[test]
fn profiles_of_other_programs_are_known() {
    let log = "apparmor=\"DENIED\" operation=\"ptrace\" profile=\"docker-default\" pid=4 comm=\"ps\" \
               requested_mask=\"read\" denied_mask=\"read\" peer=\"unconfined\"\n\
               apparmor=\"DENIED\" operation=\"open\" profile=\"snap.a.b\" name=\"/etc/x\" pid=5 comm=\"b\" \
               requested_mask=\"r\" denied_mask=\"r\" fsuid=0 ouid=0\n";
    let (_, out, err) = told(log.as_bytes(), &["log"]);
    assert_eq!(out, "");
    assert_eq!(
        err,
        "0 records explained; 2 records of other profiles not shown (`docker-default`, `snap.a.b`; --all shows them)\n"
    );
    let (_, out, _) = told(log.as_bytes(), &["log", "--all"]);
    for part in [
        "the policy defines no profile `docker-default`\n    note: `docker-default` is Docker's default profile",
        "    help: give the container a profile of its own: `docker run --security-opt apparmor=NAME`\n",
        "note: `snap.a.b` is a profile that snapd makes in /var/lib/snapd/apparmor/profiles\n",
    ] {
        assert!(out.contains(part), "`{part}` is not in\n{out}");
    }
}

#[test]
fn a_program_without_a_profile_is_shown_always() {
    let log = "apparmor=\"DENIED\" operation=\"userns_create\" class=\"namespace\" info=\"Userns create restricted\" \
               error=-13 profile=\"unconfined\" pid=6 comm=\"browser\" requested=\"userns_create\" \
               denied=\"userns_create\" target=\"unprivileged_userns\"\n";
    let (_, out, _) = told(log.as_bytes(), &["log"]);
    assert_eq!(
        out,
        "DENIED  unconfined: userns  (browser, pid 6)\n    the program has no profile\n    note: \
         `kernel.apparmor_restrict_unprivileged_userns`, which Ubuntu sets, refuses user namespaces to programs without a \
         profile\n    help: write a profile for `browser` that allows `userns,`\n"
    );
}

#[test]
fn a_program_without_a_profile_has_no_hats() {
    let log = "apparmor=\"DENIED\" operation=\"change_hat\" info=\"unconfined can not change_hat\" error=-1 \
               profile=\"unconfined\" pid=7 comm=\"server\"\n";
    let (_, out, _) = told(log.as_bytes(), &["log"]);
    for part in [
        "the program has no profile\n",
        "note: only a program that runs under a profile can change to one of its hats\n",
        "help: load a profile that attaches to `server`, then start it again\n",
    ] {
        assert!(out.contains(part), "`{part}` is not in\n{out}");
    }
}

#[test]
fn the_policy_is_that_around_the_configuration() {
    let log = refused("1.001:1", 9, "/etc/hosts");
    let place = common::directory(&[("apparmor/web", POLICY), ("log", &log), ("aalint.toml", "")]);
    let output = common::aalint(place.path(), &["audit", "log"]);
    let out = common::text(&output.stdout);
    assert!(out.contains("missing: owner /etc/hosts r,"), "{out}");
    // Several paths may stand behind the option, and the log in front of it or behind another option.
    for line in [
        "audit log --policy apparmor/web apparmor --isolated",
        "audit --policy apparmor/web --isolated log",
        "audit --policy=apparmor/web --policy=apparmor --isolated -- log",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let output = common::aalint(place.path(), &words);
        let out = common::text(&output.stdout);
        assert!(
            out.contains("missing: owner /etc/hosts r,"),
            "{line}: {out}"
        );
    }
    let line = ["audit", "--isolated", "--policy", "apparmor", "log"];
    let output = common::aalint(place.path(), &line);
    let err = common::text(&output.stderr);
    assert!(
        output.status.code() == Some(2) && err.contains("`aalint audit log --policy …`"),
        "{err}"
    );
}

#[test]
fn too_many_different_records_are_counted() {
    // Long names, so that few lines are enough.
    let line = |number: usize| {
        let name = format!("/{number}/{}", "x".repeat(60_000));
        refused("1.001:1", 9, &name)
    };
    let count = MAX_KEPT_BYTES / 60_000 + 2;
    let log: String = (0..count).map(line).collect();
    let (code, out, err) = told(log.as_bytes(), &["log", "--format", "json"]);
    assert_eq!(code, 0, "{err}");
    let shown = out.lines().count();
    assert!(shown < count && shown > count - 10, "{shown} of {count}");
    let left_out = count - shown;
    let part = format!("{left_out} record");
    assert!(
        err.contains(&part) && err.contains("too many different ones"),
        "{err}"
    );
}

#[test]
fn any_log_is_read() {
    let (code, out, err) = told(b"", &["log"]);
    assert_eq!((code, out.as_str()), (0, ""));
    assert_eq!(err, "no AppArmor record found\n");
    // No text, one line without an end, and a record behind both.
    let mut log = vec![0xff; 300_000];
    log.extend_from_slice(b"apparmor=\"DENIED\" operation=\"open\"\n\0\n");
    log.extend_from_slice(LOG.lines().last().unwrap().as_bytes());
    let (code, out, _) = told(&log, &["log"]);
    assert_eq!((code, out.matches("missing:").count()), (0, 1), "{out}");
}

#[test]
fn a_log_comes_through_a_pipe() {
    let directory = common::directory(&[("web", POLICY)]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_aalint"))
        .args(["audit", "-", "--policy", ".", "--isolated"])
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
        "'{}' audit --isolated --policy .",
        env!("CARGO_BIN_EXE_aalint")
    );
    for script in [
        format!("cat log | {command}"),
        format!("{command} < log"),
        format!("cat log | {command} -- -"),
        format!("cat log | {command} -- /dev/stdin"),
        format!("{command} -- /dev/stdin < log"),
        format!("{command} -- <(cat log)"),
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
fn a_stream_is_followed() {
    let directory = common::directory(&[("web", POLICY)]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_aalint"))
        .args(["audit", "--follow", "--policy", "web", "--isolated"])
        .current_dir(directory.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut log = child.stdin.take().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut next = || {
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        line
    };
    // What is read is shown although more may come.
    log.write_all(refused("1.001:1", 9, "/etc/hosts").as_bytes())
        .unwrap();
    assert_eq!(next(), "DENIED  web: owner /etc/hosts r  (cat, pid 9)\n");
    assert_eq!(next(), "    no rule allows it\n");
    assert_eq!(next(), "    missing: owner /etc/hosts r,\n");
    log.write_all(refused("1.002:2", 9, "/etc/hosts").as_bytes())
        .unwrap();
    assert_eq!(
        next(),
        "DENIED  web: owner /etc/hosts r  again, 2 times so far\n"
    );
    drop(log);
    assert_eq!(next(), "");
    assert!(child.wait().unwrap().success());
}

#[test]
fn wrong_usage_is_told() {
    let of = |more: &[&str]| {
        let (code, _, err) = told(b"", more);
        (code, err)
    };
    let (code, err) = of(&["nowhere"]);
    assert!(
        code == 2 && err.contains("reading the log nowhere"),
        "{err}"
    );
    let (code, err) = of(&["log", "--format", "html"]);
    assert!(code == 2 && err.contains("`human` or `json`"), "{err}");
    let (code, err) = of(&["log", "--journal"]);
    assert!(code == 2 && err.contains("--journal"), "{err}");
    let (code, err) = of(&["log", "--follow"]);
    assert!(code == 2 && err.contains("`tail -F log |"), "{err}");
    let (code, err) = of(&["log", "--policy", "gone"]);
    assert!(code == 2 && err.contains("gone: no such file"), "{err}");
}
