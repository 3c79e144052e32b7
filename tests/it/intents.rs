//! Assertions and intents: decided with counterexamples, silent on what is not known, chosen by
//! configuration and command line.

use crate::common::intents::{check, messages};
use crate::common::{self, aalint, directory, text};
use aalint::rules;
use aalint::session::{self, CommandLine, Input, InputKind, Options, PACKS};
use aalint::source::MemoryVfs;

/// Messages about assertions, of a profile with these flags, assertions and rules.
fn asserted(flags: &str, assertions: &[&str], rules: &str) -> Vec<String> {
    let lines = assertions.iter();
    let lines = lines.map(|line| format!("  # aalint: assert {line}\n"));
    let profile = format!(
        "profile web {flags} {{\n{}  {rules}\n}}\n",
        lines.collect::<String>()
    );
    messages(&[("web", &profile)], &[])
}

#[test]
fn deny_holds_where_all_of_it_is_refused() {
    assert_eq!(asserted("", &["deny /etc/shadow r,"], ""), [""; 0]);
    assert_eq!(asserted("", &["deny /etc/** w,"], "/etc/** r,"), [""; 0]);
    assert_eq!(
        asserted("", &["deny /etc/shadow rw,"], "/etc/** r,"),
        ["`web` allows `/etc/shadow r`, which the assertion here denies"]
    );
    // The owner alone is enough to break it.
    assert_eq!(
        asserted("", &["deny /a r,"], "owner /a r,"),
        ["`web` allows `owner /a r`, which the assertion here denies"]
    );
    assert_eq!(
        asserted("", &["deny network,"], "network inet stream,"),
        ["`web` allows `network inet stream`, which the assertion here denies"]
    );
    assert_eq!(
        asserted("", &["deny /bin/* x,"], "/bin/sh ix,"),
        ["`web` allows `/bin/sh ix`, which the assertion here denies"]
    );
}

#[test]
fn allow_holds_where_all_of_it_is_granted() {
    assert_eq!(asserted("", &["allow /srv/** r,"], "/srv/** rw,"), [""; 0]);
    assert_eq!(
        asserted("", &["allow /srv/** r,"], "/srv/** r, deny /srv/key r,"),
        ["`web` denies `/srv/key r`, which the assertion here allows"]
    );
    assert_eq!(
        asserted("", &["allow /srv/** r,"], "owner /srv/** r,").len(),
        1
    );
    assert_eq!(asserted("", &["allow owner /a r,"], "owner /a r,"), [""; 0]);
    // The comma may be left out, and a bare `x` asks for any exec.
    assert_eq!(asserted("", &["allow /bin/x x"], "/bin/x px,"), [""; 0]);
}

#[test]
fn modes_count_as_far_as_they_last() {
    let deny = ["deny /a r,"];
    assert_eq!(asserted("flags=(complain)", &deny, ""), [""; 0]);
    assert_eq!(asserted("flags=(default_allow)", &deny, "").len(), 1);
    assert_eq!(asserted("flags=(unconfined)", &deny, "deny /a r,").len(), 1);
    assert_eq!(
        asserted("flags=(default_allow)", &deny, "deny /a r,"),
        [""; 0]
    );
}

#[test]
fn what_is_not_known_is_not_claimed() {
    let gap = "include <abstractions/unknown-here>";
    let promises = ["deny /etc/shadow r,", "allow /srv/a r,"];
    assert_eq!(
        asserted("", &promises, &format!("{gap} /etc/** r,")),
        [""; 0]
    );
    // A rule that denies cannot be made good by an include.
    assert_eq!(
        asserted("", &promises, &format!("{gap} deny /srv/a r,")),
        ["`web` denies `/srv/a r`, which the assertion here allows"]
    );
    // But what cannot be decided at all is said.
    let undecided = asserted("", &["deny @{NOBODY}/a r,"], "/a r,");
    assert_eq!(
        undecided,
        ["whether `web` keeps `deny @{NOBODY}/a r` cannot be decided"]
    );
}

#[test]
fn an_assertion_is_about_the_profile_around_it() {
    let found = messages(
        &[(
            "web",
            "profile web {\n  /a r,\n  profile child {\n    # aalint: assert deny /a r,\n    /b r,\n  }\n  \
             if true {\n    # aalint: assert deny /b r,\n    /c r,\n  }\n}\n",
        )],
        &[],
    );
    assert_eq!(found, [""; 0]);
    let found = messages(
        &[(
            "web",
            "profile web {\n  /a r,\n  profile child {\n    # aalint: assert deny /b r,\n    /b r,\n  }\n}\n",
        )],
        &[],
    );
    assert_eq!(
        found,
        ["`web//child` allows `/b r`, which the assertion here denies"]
    );
}

#[test]
fn an_assertion_is_read_as_a_rule_is() {
    let report = check(
        &[(
            "web",
            "profile web {\n  # aalint: assert deny capability sys_admn,\n  /a r,\n}\n",
        )],
        &[],
    );
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    let mut vfs = MemoryVfs::default();
    vfs.insert(
        "web".to_owned(),
        "profile web {\n  # aalint: assert deny capability sys_admn,\n  /a r,\n}\n",
    );
    let options = Options {
        inputs: vec![Input {
            path: "web".to_owned(),
            kind: InputKind::Policy,
        }],
        cli: CommandLine {
            select: vec!["unknown-token".to_owned()],
            ..CommandLine::default()
        },
        ..Options::default()
    };
    let report = session::check(&vfs, &options, rules::all());
    let place = report.findings[0].place().unwrap();
    assert_eq!(report.store.sources.slice(place), "sys_admn");
}

const TWO: &str = "profile web {\n  /etc/shadow r,\n  profile child { /etc/shadow r, }\n}\nprofile worker {\n  /etc/shadow r,\n}\n";
const OWN: &str = "intent own {\n  deny /etc/shadow r,\n}\nintent other {\n  deny capability,\n}\n";

fn profiles_found(files: &[(&str, &str)], intents: &[&str]) -> Vec<String> {
    let found = messages(files, intents);
    let first = |message: String| message.split('`').nth(1).unwrap().to_owned();
    found.into_iter().map(first).collect()
}

#[test]
fn intents_are_chosen() {
    let pack = ["no-host-secrets"];
    assert_eq!(profiles_found(&[("two", TWO)], &pack), ["web", "worker"]);
    let chosen = |config: &str| {
        profiles_found(
            &[("two", TWO), ("own.intents", OWN), ("aalint.toml", config)],
            &[],
        )
    };
    assert_eq!(chosen(""), [""; 0]);
    assert_eq!(chosen("intents = [\"own.intents\"]"), ["web", "worker"]);
    let table = |name: &str| {
        format!("[[profile]]\nname = \"{name}\"\nintents = [\"own.intents\", \"no-host-secrets\"]")
    };
    assert_eq!(chosen(&table("worker")), ["worker", "worker"]);
    assert_eq!(chosen(&table("web//child")), ["web//child", "web//child"]);
    assert_eq!(chosen(&table("w*r")), ["worker", "worker"]);
    assert_eq!(
        profiles_found(&[("two", TWO), ("own.intents", OWN)], &["own.intents"]),
        ["web", "worker"]
    );
}

#[test]
fn unknown_intents_are_reported() {
    let config = "intents = [\"no-host-secret\"]";
    let found = messages(&[("two", TWO), ("aalint.toml", config)], &[]);
    assert_eq!(found, ["there is no intent `no-host-secret`"]);
    let report = check(&[("two", TWO)], &["no-host-secret"]);
    let unknown = &report.unknown_intents[0];
    assert_eq!(unknown.suggestion.as_deref(), Some("no-host-secrets"));
    let report = check(&[("two", TWO)], &["nowhere.intents"]);
    assert_eq!(report.failures[0].0, "nowhere.intents");
}

/// Every promise of every pack is readable, and is one that can be broken: a profile that does the
/// opposite is found.
#[test]
fn packs_can_be_kept_and_broken() {
    assert!(PACKS.len() >= 3);
    for (name, text) in PACKS {
        let file = aalint::syntax::read(text);
        assert_eq!(file.faults, [], "{name}");
        let [aalint::syntax::ast::Item::Intent(intent)] = file.ast.items.as_slice() else {
            panic!("{name}: one intent a pack");
        };
        assert_eq!(slice(text, intent.name.0), *name);
        for promise in &intent.promises {
            let is_deny = promise.qualifiers.is_deny();
            // `all,` allows what nothing denies; an empty profile refuses everything.
            let rules = if is_deny { "all, change_profile," } else { "" };
            let broken = format!("profile web {{\n  {rules}\n}}\n");
            let own = format!("intent one {{\n  {}\n}}\n", slice(text, promise.range));
            let files = [("web", broken.as_str()), ("one.intents", own.as_str())];
            let found = messages(&files, &["one.intents"]);
            assert_eq!(found.len(), 1, "{own}: {found:?}");
            assert!(!found[0].starts_with("whether"), "{own}: {found:?}");
            let kept = if is_deny { "" } else { "all," };
            let kept = format!("profile web {{\n  {kept}\n}}\n");
            let files = [("web", kept.as_str()), ("one.intents", own.as_str())];
            assert_eq!(messages(&files, &["one.intents"]), [""; 0], "{own}");
        }
    }
}

fn slice(text: &str, range: aalint::source::TextRange) -> &str {
    text.get(range.start as usize..range.end as usize).unwrap()
}

#[test]
fn the_example_keeps_its_promises_and_would_be_found_to_break_them() {
    let app = common::root().join("app");
    let output = aalint(&app, &["check", "."]);
    assert!(text(&output.stdout).contains("\nno findings"));
    let read = |name: &str| std::fs::read_to_string(app.join(name)).unwrap();
    let (profile, intents) = (read("apparmor/flask-app"), read("flask.intents"));
    let here = |profile: &str| {
        let here = directory(&[
            ("apparmor/flask-app", profile),
            ("flask.intents", &intents),
            ("aalint.toml", &read("aalint.toml")),
        ]);
        let output = aalint(here.path(), &["check", "--select", "intents", "apparmor"]);
        (output.status.code(), text(&output.stdout))
    };
    assert_eq!(here(&profile).0, Some(0));
    for (rule, broken) in [
        ("  /app/** r,\n", "`flask` allows"),
        ("  network inet stream,\n", "`flask` allows"),
    ] {
        assert!(profile.contains(rule));
        let (code, out) = here(&profile.replace(rule, ""));
        assert_eq!(code, Some(1));
        assert!(out.contains(broken), "{out}");
    }
    for (rule, broken) in [
        ("  /usr/bin/curl ix,\n", "the intent `flask` denies"),
        (
            "  capability dac_read_search,\n",
            "the intent `no-privilege-escalation` denies",
        ),
        (
            "  /root/.ssh/** r,\n",
            "the intent `no-host-secrets` denies",
        ),
        (
            "  /run/docker.sock rw,\n",
            "the intent `no-escape-hatches` denies",
        ),
    ] {
        let (code, out) =
            here(&profile.replace("  /app/** r,\n", &format!("  /app/** r,\n{rule}")));
        assert_eq!(code, Some(1));
        assert!(out.contains(broken), "{rule}: {out}");
    }
}

#[test]
fn engine_profiles_are_printed_as_intents() {
    let here = directory(&[("web", "profile web { network, capability, }\n")]);
    let run = |arguments: &[&str]| {
        let output = aalint(here.path(), arguments);
        (
            output.status.code(),
            text(&output.stdout),
            text(&output.stderr),
        )
    };
    let (code, newest, _) = run(&["engine-profile", "show", "docker-default"]);
    assert_eq!(code, Some(0));
    assert!(newest.contains("  deny network alg,\n"));
    let (_, old, _) = run(&[
        "engine-profile",
        "show",
        "docker-default",
        "--version",
        "20.10",
    ]);
    assert!(!old.contains("alg") && !old.contains("powercap") && old.contains("deny mount,"));
    std::fs::write(here.path().join("docker.intents"), newest).unwrap();
    let check = [
        "check",
        "--isolated",
        "--select",
        "intents",
        "--intent",
        "docker.intents",
        "web",
    ];
    let (code, out, _) = run(&check);
    assert_eq!(code, Some(1));
    assert!(
        out.contains("`web` allows `network alg stream`")
            || out.contains("`web` allows `network alg"),
        "{out}"
    );
    let (code, _, err) = run(&["engine-profile", "show", "docker-defualt"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("did you mean `docker-default`?"), "{err}");
    let (code, _, err) = run(&["engine-profile", "show", "podman", "--version", "1"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("known versions: `4.0`, `5.1`"), "{err}");
    let (code, out, err) = run(&["baseline", "show", "podman", "--version", "5.1"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        err.contains("run `aalint engine-profile show podman --version 5.1`"),
        "{err}"
    );
}
