//! `aalint show` as people run it: what a profile allows, by topic and risk. Each grant is what `query` says.

use std::path::Path;

use serde_json::Value;

use crate::common::schema::document;
use crate::common::{aalint, directory, text};

fn show(here: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let all = [&["show", "--isolated"], arguments].concat();
    let output = aalint(here, &all);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    (output.status.code(), out, err)
}

/// The document about a profile `p` with these rules.
fn shown(rules: &str) -> Value {
    let text = format!("abi <abi/4.0>,\nprofile p /usr/bin/p {{\n{rules}}}\n");
    let here = directory(&[("p", text.as_str()), ("abi/4.0", "")]);
    let output = aalint(
        here.path(),
        &["show", "--isolated", "--base", ".", "--format", "json", "p"],
    );
    assert_eq!(output.status.code(), Some(0), "{}", text_of(&output.stderr));
    let document = document(&output.stdout);
    if document["unknown"].as_array().unwrap().is_empty() {
        every_grant_is_allowed(here.path(), &document);
    }
    document
}

fn text_of(bytes: &[u8]) -> String {
    text(bytes)
}

/// Puts each request of a document to `query`.
fn every_grant_is_allowed(here: &Path, document: &Value) {
    for grant in document["topics"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(grants)
    {
        let request = grant["request"].as_str().unwrap();
        // A link is asked for by its pair, an empty mount point by nothing.
        if request.contains("\"\"") {
            continue;
        }
        let line = ["query", "--isolated", "--base", ".", "p", request];
        let output = aalint(here, &line);
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{request}: {said}");
    }
}

fn grants(topic: &Value) -> &Vec<Value> {
    topic["grants"].as_array().unwrap()
}

/// The patterns of a topic, in their order.
fn patterns<'d>(document: &'d Value, topic: &str) -> Vec<&'d str> {
    let topics = document["topics"].as_array().unwrap();
    let found = topics.iter().find(|found| found["topic"] == topic);
    let grants = found.map(grants).into_iter().flatten();
    grants
        .map(|grant| grant["pattern"].as_str().unwrap())
        .collect()
}

fn names(document: &Value, field: &str, of: &str) -> Vec<String> {
    let all = document[field].as_array().unwrap().iter();
    let names = all.map(|one| match of {
        "" => one.as_str(),
        of => one[of].as_str(),
    });
    names.map(|name| name.unwrap().to_owned()).collect()
}

#[test]
fn topics_come_in_the_order_of_their_risk() {
    let found = shown(
        "  /srv/** r,\n  /bin/a Ux,\n  /srv/log w,\n  network inet stream,\n  /etc/shadow r,\n  signal send peer=p,\n",
    );
    assert_eq!(
        names(&found, "topics", "topic"),
        ["execute", "secret", "read", "write", "network", "signal"]
    );
    assert_eq!(names(&found, "topics", "risk")[..2], ["critical", "high"]);
    let absent = names(&found, "absent", "");
    assert!(absent.contains(&"capability".to_owned()), "{absent:?}");
    assert!(!absent.contains(&"network".to_owned()), "{absent:?}");
}

#[test]
fn a_file_is_told_by_what_may_be_done_to_it() {
    let found = shown("  /srv/bin/* mrwix,\n  /srv/data rwk,\n  /srv/text r,\n");
    assert_eq!(patterns(&found, "execute"), ["/srv/bin/*"]);
    assert_eq!(patterns(&found, "write"), ["/srv/bin/*", "/srv/data"]);
    assert_eq!(patterns(&found, "read"), ["/srv/text"]);
    let execute = &grants(&found["topics"][0])[0];
    assert_eq!(execute["execs"][0]["mode"], "ix");
    assert_eq!(execute["risk"], "high");
}

#[test]
fn what_is_denied_is_not_told_to_be_allowed() {
    let found = shown(
        "  file,\n  deny /sys/kernel/security/** rwklx,\n  deny /etc/** w,\n  deny /dev/** rw,\n  deny /{var/,}run/** w,\n  deny /{proc,sys,root,home,usr,boot,lib,lib64,bin,sbin,var}/** w,\n",
    );
    for topic in found["topics"].as_array().unwrap() {
        for grant in grants(topic) {
            let reason = grant["reason"].as_str().unwrap_or_default();
            assert!(!reason.contains("apparmor"), "{grant}");
            assert!(!reason.contains("/dev/"), "{grant}");
        }
    }
    // A denial leaves what it does not name.
    assert!(
        patterns(&found, "secret").contains(&"/etc/shadow"),
        "{found}"
    );
}

#[test]
fn a_capability_says_what_it_lacks() {
    let missing = |rules: &str| {
        let found = shown(rules);
        let topics = found["topics"].as_array().unwrap();
        let found = topics.iter().find(|topic| topic["topic"] == "capability");
        grants(found.unwrap())[0]["missing"].clone()
    };
    assert_eq!(
        missing("  capability net_raw,\n"),
        "no rule allows raw sockets"
    );
    assert_eq!(
        missing("  capability net_raw,\n  network inet raw,\n"),
        Value::Null
    );
    assert_eq!(missing("  capability net_raw,\n  network,\n"), Value::Null);
    let denied = missing("  capability kill,\n  signal send,\n  deny signal send,\n");
    assert_eq!(denied, "no rule allows it to send signals");
    let mounts = "no rule allows it to mount file systems";
    assert_eq!(missing("  capability sys_admin,\n"), mounts);
    assert_eq!(missing("  capability sys_admin,\n  deny mount,\n"), mounts);
    assert_eq!(missing("  capability sys_admin,\n  umount,\n"), Value::Null);
    assert_eq!(missing("  capability setuid,\n"), Value::Null);
}

#[test]
fn denials_tell_what_they_override() {
    let found = shown(
        "  deny /home/** w,\n  /srv/** rw,\n  deny /srv/keys/** rw,\n  deny /never r,\n  priority=1 /never r,\n",
    );
    let rules: Vec<&str> = found["denials"]
        .as_array()
        .unwrap()
        .iter()
        .map(|denial| denial["rule"]["text"].as_str().unwrap())
        .collect();
    // The third one decides nothing: a rule of higher priority does.
    assert_eq!(rules, ["deny /srv/keys/** rw,", "deny /home/** w,"]);
    assert_eq!(found["denials"][0]["overrides"], "/srv/keys/x rw");
    assert_eq!(found["denials"][1]["overrides"], Value::Null);
}

#[test]
fn an_include_that_is_not_there_takes_certainty_away() {
    let found = shown("  include <gone>\n  /srv/** r,\n");
    assert_eq!(found["absent"].as_array().unwrap().len(), 0);
    assert_eq!(found["unknown"][0]["text"], "include <gone>");
    let facts = found["comparison"]["facts"].as_array().unwrap();
    assert!(
        facts.iter().all(|fact| fact["standing"] == "unknown"),
        "{facts:?}"
    );
    assert_eq!(found["comparison"]["narrower"].as_array().unwrap().len(), 0);
}

#[test]
fn it_is_compared_with_the_default_profile_of_docker() {
    let found = shown("  capability,\n  network,\n  mount options=(ro, bind) /a/ -> /b/,\n");
    let facts = found["comparison"]["facts"].as_array().unwrap();
    let standing = |promise: &str| {
        let found = facts.iter().find(|fact| fact["promise"] == promise);
        found.unwrap()["standing"].as_str().unwrap()
    };
    assert_eq!(standing("deny mount"), "weaker");
    assert_eq!(standing("deny network alg"), "weaker");
    assert_eq!(standing("deny /proc/* w"), "kept");
    assert_eq!(standing("allow signal receive peer=unconfined"), "stricter");
    let narrower: Vec<&str> = found["comparison"]["narrower"]
        .as_array()
        .unwrap()
        .iter()
        .map(|what| what.as_str().unwrap())
        .collect();
    assert_eq!(narrower, ["programs", "writing files", "unmounting"]);
}

#[test]
fn a_screen_is_enough() {
    let rules: String = (0..300)
        .map(|number| {
            format!(
                "  /srv/{number}/** rwk,\n  /bin/{number} px,\n  deny /srv/{number}/x w,\n  signal send peer=p{number},\n  unix send addr=@a{number},\n  /etc/{number} r,\n"
            )
        })
        .collect();
    let text = format!("abi <abi/4.0>,\nprofile p {{\n{rules}  capability,\n  mount,\n}}\n");
    let here = directory(&[("p", text.as_str())]);
    let (code, out, _) = show(here.path(), &["p"]);
    assert_eq!(code, Some(0));
    assert!(out.lines().count() < 60, "{out}");
    assert!(out.contains("and 297 more"), "{out}");
    assert!(
        out.contains("`--format json` and `--format markdown` show more"),
        "{out}"
    );
    let (_, page, _) = show(here.path(), &["--format", "markdown", "p"]);
    assert!(page.len() < 65_536, "{}", page.len());
}

#[test]
fn text_of_a_profile_is_no_markup_and_no_control() {
    let here = directory(&[(
        "p",
        "abi <abi/4.0>,\nprofile \"p`\\x1b[2J|<b>\" {\n  \"/srv/`a|<i>*\\x1b[31m\" rw,\n  deny \"/srv/`b\" r,\n}\n",
    )]);
    for format in ["human", "markdown", "json"] {
        let (code, out, err) = show(here.path(), &["--format", format, "p"]);
        assert_eq!(code, Some(0), "{err}");
        assert!(!out.contains('\u{1b}'), "{out}");
    }
    let (_, page, _) = show(here.path(), &["--format", "markdown", "p"]);
    assert!(page.contains("`` "), "{page}");
}

#[test]
fn a_mode_is_told_and_hides_nothing() {
    for mode in ["complain", "unconfined", "default_allow", "prompt", "kill"] {
        let text = format!(
            "abi <abi/4.0>,\nprofile p flags=({mode}) {{\n  /srv/** rw,\n  deny /srv/x w,\n}}\n"
        );
        let here = directory(&[("p", text.as_str())]);
        let (code, out, _) = show(here.path(), &["p"]);
        assert_eq!(code, Some(0));
        assert!(
            out.contains("rw  a part of /srv/**") || out.contains("rw  /srv/**"),
            "{out}"
        );
        assert!(out.contains("deny /srv/x w: overrides `/srv/x w`"), "{out}");
        assert!(out.contains("note: `p` "), "{mode}: {out}");
        let is_lax = mode == "default_allow";
        assert_eq!(out.contains("no rule denies"), is_lax, "{out}");
    }
}

#[test]
fn one_of_several_is_named() {
    let here = directory(&[
        (
            "d/a",
            "abi <abi/4.0>,\nprofile a {\n  profile c {\n    /srv/ r,\n  }\n}\n",
        ),
        ("d/b", "abi <abi/4.0>,\nprofile b {\n}\n"),
    ]);
    let (code, out, err) = show(here.path(), &["d"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        err.contains("name one with --profile: `a`, `a//c`, `b`"),
        "{err}"
    );
    let (code, out, _) = show(here.path(), &["--profile", "a//c", "d"]);
    assert_eq!(code, Some(0));
    assert!(out.starts_with("profile `a//c` d/a:3:11\n"), "{out}");
    let (code, _, err) = show(here.path(), &["--profile", "a//d", "d"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("did you mean `a//c`?"), "{err}");
}
