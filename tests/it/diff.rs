//! How two versions of a policy compare, on small profiles whose answers are plain.

use aalint::access::{Detail, PolicyVersion, Relation};
use aalint::policy::Search;
use aalint::session::diff::{DiffOptions, PolicyDiff, ProfileDiff, RiskLevel, Status, diff};
use aalint::session::with_policy;
use aalint::source::{MemoryVfs, ResolvedSpan};

/// Files and their texts; those whose names begin with `base/` are only included.
type Files<'t> = &'t [(&'t str, &'t str)];

fn compare(old: Files<'_>, new: Files<'_>, detail: Detail) -> PolicyDiff {
    let search = Search {
        directories: vec!["base".to_owned()],
        has_no_base: false,
    };
    let load = |files: Files<'_>| {
        let mut vfs = MemoryVfs::default();
        let mut paths = Vec::new();
        for (path, text) in files {
            vfs.insert((*path).to_owned(), (*text).to_owned());
            if !path.starts_with("base/") {
                paths.push((*path).to_owned());
            }
        }
        (vfs, paths)
    };
    let (before, of_before) = load(old);
    let (after, of_after) = load(new);
    let options = DiffOptions {
        detail,
        profiles: Vec::new(),
    };
    with_policy(&before, &search, &of_before, &[], |before| {
        with_policy(&after, &search, &of_after, &[], |after| {
            diff(before, after, &options)
        })
    })
}

/// The only profile of two policies with one each.
fn profile(old: &str, new: &str, detail: Detail) -> ProfileDiff {
    let mut found = compare(&[("p", old)], &[("p", new)], detail);
    assert_eq!(found.profiles.len(), 1, "{found:?}");
    assert_eq!(found.failures, []);
    found.profiles.remove(0)
}

fn rules(old: &str, new: &str) -> ProfileDiff {
    let around = |rules: &str| format!("profile p {{\n{rules}\n}}\n");
    profile(&around(old), &around(new), Detail::Access)
}

fn relation(old: &str, new: &str) -> Relation {
    let there = rules(old, new).relation;
    let back = rules(new, old).relation;
    let opposite = match there {
        Relation::Wider => Relation::Narrower,
        Relation::Narrower => Relation::Wider,
        other => other,
    };
    assert_eq!(back, opposite, "`{old}` and `{new}`, the other way round");
    there
}

#[test]
fn the_same_written_otherwise_is_equal() {
    for (old, new) in [
        ("/a r,\n/b w,", "/b w,\n/a r,"),
        ("/a r,\n/b r,", "/{b,a} r,"),
        ("/a* r,\n/ab r,", "/a* r,"),
        ("/a rw,", "/a r,\n/a w,"),
        ("/a r,\ndeny /a r,", "deny /a r,"),
        ("deny /a r,", ""),
        ("/{,**} r,", "/ r,\n/** r,"),
        ("/a ix,", "/a mix,"),
        ("owner /a r,\n/a r,", "/a r,"),
        (
            "capability chown,\ncapability kill,",
            "capability kill chown,",
        ),
        ("network inet,\nnetwork inet stream,", "network inet,"),
        (
            "signal (send, receive) peer=a,",
            "signal send peer=a,\nsignal receive peer=a,",
        ),
        ("audit /a r,", "/a r,"),
        ("file,", "/{,**} rwlkmix,"),
    ] {
        let found = rules(old, new);
        assert_eq!(
            found.relation,
            Relation::Equal,
            "`{old}` and `{new}`: {found:?}"
        );
        assert!(!found.is_different(), "`{old}` and `{new}`: {found:?}");
    }
}

#[test]
fn factored_out_is_equal() {
    let old = "profile p {\n  /a/x rw,\n  /b/x rw,\n  capability kill,\n  deny /a/** x,\n}\n";
    let new = "@{D} = /a /b\nprofile p {\n  include <mine>\n  @{D}/x rw,\n}\n";
    let mine = "capability kill,\ndeny /a/** x,\n";
    let found = compare(
        &[("p", old)],
        &[("p", new), ("base/mine", mine)],
        Detail::Exact,
    );
    assert_eq!(found.profiles[0].relation, Relation::Equal);
    assert!(!found.is_different(), "{found:?}");
    let found = compare(
        &[("p", new), ("base/mine", mine)],
        &[("q", old)],
        Detail::Exact,
    );
    assert!(!found.is_different(), "{found:?}");
}

#[test]
fn relations() {
    use Relation::{Equal, Incomparable, Narrower, Wider};
    for (old, new, expected) in [
        ("/a r,", "/a r,\n/b r,", Wider),
        ("/a r,", "/a rw,", Wider),
        ("/a/* r,", "/a/** r,", Wider),
        ("/a r,\ndeny /a* r,", "/a r,", Wider),
        ("owner /a r,", "/a r,", Wider),
        ("/a a,", "/a w,", Wider),
        ("/a rw,", "", Narrower),
        ("/a** r,", "/a** r,\ndeny /ab r,", Narrower),
        ("/a r,", "/b r,", Incomparable),
        ("/a r,", "/a w,", Incomparable),
        ("/a px,", "/a ux,", Incomparable),
        ("/a Px,", "/a px,", Incomparable),
        ("/a px -> b,", "/a px -> c,", Incomparable),
        ("/a px,", "/a px,\n/b ix,", Wider),
        ("priority=1 /a r,\ndeny /a r,", "deny /a r,", Narrower),
        ("link subset /a -> /b,", "link /a -> /b,", Wider),
        ("/a l,", "link /a -> /b,", Incomparable),
        ("capability chown,", "capability,", Wider),
        ("network inet stream,", "network inet,", Wider),
        ("network inet,", "network inet6,", Incomparable),
        ("signal send peer=a,", "signal send,", Wider),
        ("ptrace trace peer=a,", "ptrace read peer=a,", Incomparable),
        ("mount fstype=proc -> /proc/,", "mount,", Wider),
        ("mount fstype=proc,", "mount fstype=tmpfs,", Incomparable),
        ("unix (send, receive) type=stream,", "unix,", Wider),
        ("dbus send bus=session,", "dbus bus=session,", Wider),
        ("change_profile -> a,", "change_profile -> {a,b},", Wider),
        ("userns,", "", Narrower),
        (
            "set rlimit nofile <= 10,",
            "set rlimit nofile <= 20,",
            Wider,
        ),
        ("set rlimit nofile <= 10,", "", Wider),
        ("set rlimit cpu <= 60,", "set rlimit cpu <= 1min,", Equal),
        ("prompt /a r,", "/a r,", Wider),
        ("prompt /a r,", "", Narrower),
    ] {
        assert_eq!(relation(old, new), expected, "`{old}` and `{new}`");
    }
}

#[test]
fn modes_and_flags() {
    use Relation::{Equal, Incomparable, Narrower, Wider};
    let with = |old: &str, new: &str| {
        let around = |flags: &str| format!("profile p {flags} {{ /a r, }}");
        profile(&around(old), &around(new), Detail::Access)
    };
    for (old, new, expected) in [
        ("", "flags=(complain)", Wider),
        ("flags=(complain)", "flags=(unconfined)", Wider),
        ("flags=(default_allow)", "flags=(enforce)", Narrower),
        ("", "flags=(enforce)", Equal),
        ("", "flags=(kill)", Equal),
        ("", "flags=(attach_disconnected)", Wider),
        ("", "flags=(chroot_relative)", Incomparable),
        ("", "flags=(audit)", Equal),
        ("/x", "/y", Incomparable),
        ("/{x,y}", "/{y,x}", Equal),
    ] {
        let found = with(old, new);
        assert_eq!(found.relation, expected, "`{old}` and `{new}`: {found:?}");
    }
    assert!(with("", "flags=(kill)").is_different());
    assert!(!with("", "flags=(audit)").is_different());
    assert!(!with("", "flags=(enforce)").is_different());
}

#[test]
fn modes_hide_no_rules() {
    let found = |old: &str, new: &str| profile(old, new, Detail::Access);
    for mode in ["complain", "unconfined"] {
        let head = format!("profile p flags=({mode})");
        let mut diff = found(
            &format!("{head} {{ /a r, }}"),
            &format!("{head} {{ /a rw, capability, }}"),
        );
        assert_eq!(diff.relation, Relation::Wider, "{mode}");
        assert!(!diff.changes.is_empty());
        diff = found(
            &format!("{head} {{ }}"),
            &format!("{head} {{ deny /b r, }}"),
        );
        assert_eq!(diff.relation, Relation::Equal, "{mode}");
        diff = found("profile p { /a r, }", &format!("{head} {{ /a r, }}"));
        assert_eq!(diff.relation, Relation::Wider, "{mode}");
        assert_eq!(diff.changes, []);
        // What it no longer allows and what the mode lets pass.
        diff = found("profile p { /a r, }", &format!("{head} {{ }}"));
        assert_eq!(diff.relation, Relation::Incomparable, "{mode}");
        assert_eq!(diff.changes[0].lost, "r");
        // Rules that come into force have never been enforced.
        for rules in ["/a r,", "/a rw,", ""] {
            diff = found(
                &format!("{head} {{ /a r, }}"),
                &format!("profile p {{ {rules} }}"),
            );
            assert_eq!(diff.relation, Relation::Incomparable, "{mode}, {rules}");
            assert!(diff.is_wider());
        }
    }
    // In this mode it is the rules that decide: those that deny.
    let head = "profile p flags=(default_allow)";
    let diff = found(&format!("{head} {{ }}"), &format!("{head} {{ /a r, }}"));
    assert_eq!(diff.relation, Relation::Equal);
}

#[test]
fn changes_are_told() {
    let found = rules("/etc/passwd r,", "/etc/** r,\n/srv/x w,\n/usr/bin/y ux,");
    assert_eq!(found.relation, Relation::Wider);
    let told: Vec<_> = found
        .changes
        .iter()
        .map(|c| {
            (
                c.gained.as_str(),
                c.pattern.as_str(),
                c.is_whole,
                c.request.as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("ux", "/usr/bin/y", true, "/usr/bin/y ux"),
            ("r", "/etc/**", false, "/etc/shadow r"),
            ("w", "/srv/x", true, "/srv/x w"),
        ]
    );
    assert_eq!(found.changes[0].risk.level, RiskLevel::Critical);
    assert_eq!(found.changes[1].risk.level, RiskLevel::High);
    assert_eq!(
        found.changes[1].risk.reason.as_deref(),
        Some("`/etc/shadow` holds password hashes")
    );
    let versioned = &found.changes[1].rules[0];
    let rule = &versioned.rule;
    assert_eq!(
        (versioned.version, rule.text.as_str()),
        (PolicyVersion::New, "/etc/** r,")
    );
    let start = rule.place.start;
    assert_eq!(
        (rule.place.path.as_str(), start.line, start.column),
        ("p", 2, 1)
    );
}

#[test]
fn a_change_of_propagation_puts_no_file_anywhere() {
    let risk = |old: &str, new: &str| rules(old, new).changes[0].risk.level;
    let private = "mount options=(private) -> /,";
    for option in ["rprivate", "slave", "rslave", "shared", "runbindable"] {
        let rule = format!("mount options=({option}) -> /,");
        assert_eq!(
            risk(private, &format!("{private} {rule}")),
            RiskLevel::Medium
        );
    }
    for rule in [
        "mount options=(ro, remount) -> /,",
        "mount options=(ro, remount, bind) -> /srv/,",
    ] {
        assert_eq!(
            risk(private, &format!("{private} {rule}")),
            RiskLevel::High,
            "{rule}"
        );
    }
    for rule in [
        "mount -> /,",
        "mount options=(rbind) -> /,",
        "mount options in (shared, rbind) -> /,",
    ] {
        assert_eq!(
            risk(private, &format!("{private} {rule}")),
            RiskLevel::Critical,
            "{rule}"
        );
    }
}

#[test]
fn the_rule_that_matters_is_named() {
    // Without the deny rule the others say what they said before.
    let found = rules("/a/** rw,\ndeny /a/b/** w,", "/a/** r,\n/a/** w,");
    assert_eq!(found.changes.len(), 1);
    let change = &found.changes[0];
    assert_eq!(
        (change.gained.as_str(), change.pattern.as_str()),
        ("w", "/a/b/**")
    );
    assert_eq!(change.rules.len(), 1);
    assert_eq!(change.rules[0].rule.text, "deny /a/b/** w,");
    assert_eq!(change.rules[0].version, PolicyVersion::Old);
    let found = rules("/x px,\n/* ix,", "/x px -> y,\n/* ix,");
    assert_eq!(
        found.changes[0].transition,
        Some(("px".to_owned(), "px -> y".to_owned()))
    );
    assert_eq!(found.changes[0].pattern, "/x");
}

#[test]
fn included_rules_are_named_with_the_way_there() {
    let text = "profile p {\n  include <mine>\n}\n";
    let found = compare(
        &[("p", text), ("base/mine", "/a r,\n")],
        &[("p", text), ("base/mine", "/a r,\n/b r,\n")],
        Detail::Access,
    );
    let rule = &found.profiles[0].changes[0].rules[0].rule;
    let place = |span: &ResolvedSpan| (span.path.clone(), span.start.line);
    assert_eq!(place(&rule.place), ("base/mine".to_owned(), 2));
    assert_eq!(place(&rule.via[0]), ("p".to_owned(), 2));
}

fn statuses(found: &PolicyDiff) -> Vec<(&str, Status, Relation)> {
    let all = found.profiles.iter();
    all.map(|p| (p.name.as_str(), p.status.clone(), p.relation))
        .collect()
}

#[test]
fn renamed_added_removed() {
    use aalint::access::ProfileMode::{Complain, Enforce};
    let old = "profile a /usr/bin/a { /a r, }\n\
               profile b { /b r, /bb cx -> kid, profile kid { /k r, } }\n\
               profile c { /c r, }\n\
               profile d { /d r, ^hat { /h r, } ^other { /o r, } }\n";
    let new = "profile aa /usr/bin/a { /a rw, }\n\
               profile bb { profile kid { /k r, } /bb cx -> kid, /b r, }\n\
               profile d { /d r, ^hut { /h r, } }\n\
               profile e flags=(complain) { /e r, }\n\
               profile f { /f r, }\n";
    let found = compare(&[("p", old)], &[("q", new)], Detail::Access);
    let renamed = |name: &str| Status::Renamed(name.to_owned());
    assert_eq!(
        statuses(&found),
        [
            ("aa", renamed("a"), Relation::Wider),
            ("bb", renamed("b"), Relation::Equal),
            ("bb//kid", renamed("b//kid"), Relation::Equal),
            ("c", Status::Removed(Enforce), Relation::Wider),
            ("d", Status::Kept, Relation::Equal),
            ("d//hut", renamed("d//hat"), Relation::Equal),
            ("d//other", Status::Removed(Enforce), Relation::Equal),
            ("e", Status::Added(Complain), Relation::Wider),
            ("f", Status::Added(Enforce), Relation::Narrower),
        ]
    );
}

#[test]
fn exactly_counts_logging() {
    let found = |old: &str, new: &str| {
        let around = |rules: &str| format!("profile p {{ {rules} }}");
        profile(&around(old), &around(new), Detail::Exact)
    };
    let diff = found("audit /a r,", "/a r,");
    assert_eq!(diff.relation, Relation::Equal);
    assert!(diff.is_different());
    assert_eq!(diff.changes[0].logging, "r is no longer recorded");
    let diff = found("", "deny /a r,");
    assert_eq!(diff.changes[0].logging, "r is denied in silence");
    assert!(!found("audit deny /a r,", "").is_different());
    assert!(found("/{,**} r,", "/ r, /** r,").is_different());
}

#[test]
fn what_is_unknown_is_told() {
    let text = "profile p {\n  @{NOWHERE}/x r,\n  /a r,\n}\n";
    let found = compare(
        &[("p", text)],
        &[("p", "profile p {\n  /a r,\n}\n")],
        Detail::Access,
    );
    let profile = &found.profiles[0];
    assert_eq!(profile.unknown.len(), 1, "{profile:?}");
    assert_eq!(profile.unknown[0].rule.text, "@{NOWHERE}/x r,");
    assert_eq!(found.notes.len(), 1);
}

#[test]
fn too_complex_is_a_failure() {
    let many: String = (0..12)
        .map(|n| {
            format!(
                "/**{}**{}** r,\n",
                char::from(b'a' + n),
                char::from(b'n' + n)
            )
        })
        .collect();
    let old = format!("profile p {{\n{many}}}\nprofile q {{ /a r, }}\n");
    let new = "profile p {\n}\nprofile q { /b r, }\n";
    let found = compare(&[("p", &old)], &[("p", new)], Detail::Access);
    assert_eq!(statuses(&found).len(), 1);
    assert_eq!(found.failures.len(), 1);
    assert_eq!(found.failures[0].what, "profile `p`");
}
