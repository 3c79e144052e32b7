//! Relatives of inputs that were judged wrong once: another path, another kind of rule, a block, a child, a variable.

use crate::common::{aalint, directory, text};

/// All that is said of a policy.
fn report(policy: &str) -> String {
    let here = directory(&[("policy", policy)]);
    text(&aalint(here.path(), &["check", "--isolated", "policy"]).stdout)
}

/// The help of the findings of a rule.
fn helps(policy: &str, rule: &str) -> Vec<String> {
    let report = report(policy);
    let findings = report.split("\n\n");
    let of_rule = findings.filter(|finding| finding.contains(&format!("({rule})")));
    let lines = of_rule.flat_map(|finding| finding.lines());
    let helps = lines.filter_map(|line| line.trim().strip_prefix("= help: "));
    helps.map(str::to_owned).collect()
}

/// Whether a policy has an error.
fn has_error(policy: &str) -> bool {
    report(policy).contains("error[")
}

#[test]
fn the_list_that_a_help_shows_can_be_read() {
    for (rule, help) in [
        ("/srv/a,/srv/b r,", "write the list in braces: `/srv/{a,b}`"),
        (
            "/srv/web/a,/srv/ftp/a r,",
            "write the list in braces: `/srv/{web/a,ftp/a}`",
        ),
        ("/srv,/opt r,", "write the list in braces: `/{srv,opt}`"),
        (
            "/srv/a,{b,c} r,",
            "write the list in braces: `/srv/{a,{b,c}}`",
        ),
        (
            "\"/srv/my a,/srv/b\" r,",
            "write the list in braces: `\"/srv/{my a,b}\"`",
        ),
        ("/srv/a,@{places} r,", "write a rule for each path"),
        (
            "mount fstype=tmpfs -> /srv/a/,@{places}/,",
            "write the list in braces: `{/srv/a/,@{places}/}`",
        ),
    ] {
        let policy = format!("abi <abi/3.0>,\n@{{places}} = /opt\nprofile web {{\n  {rule}\n}}\n");
        assert_eq!(helps(&policy, "regex-in-glob"), [help], "{rule}");
        let Some(list) = help.strip_prefix("write the list in braces: ") else {
            continue;
        };
        let comma = rule.find("/").unwrap();
        let start = rule.find('"').unwrap_or(comma);
        let end = match rule.starts_with("mount") {
            true => rule.len() - 1,
            false => rule.rfind(' ').unwrap(),
        };
        let mended = format!(
            "{}{}{}",
            &rule[..start],
            list.trim_matches('`'),
            &rule[end..]
        );
        assert!(!has_error(&policy.replace(rule, &mended)), "{mended}");
        let none: [&str; 0] = [];
        assert_eq!(
            helps(&policy.replace(rule, &mended), "regex-in-glob"),
            none,
            "{mended}"
        );
    }
    // An attachment has a way that a rule has not.
    let policy = "abi <abi/3.0>,\n@{places} = /opt\nprofile web /usr/bin/web,@{places}/web {\n  /srv/a r,\n}\n";
    let list = "@{exec_path} = {/usr/bin/web,@{places}/web}";
    assert_eq!(
        helps(policy, "regex-in-glob"),
        [format!(
            "write the list as a variable, `{list}`, and attach to `@{{exec_path}}`"
        )]
    );
    let mended = policy
        .replace("\nprofile", &format!("\n{list}\nprofile"))
        .replace("/usr/bin/web,@{places}/web {", "@{exec_path} {");
    assert_ne!(mended, policy);
    assert!(!has_error(&mended) && helps(&mended, "regex-in-glob").is_empty());
}

#[test]
fn lists_are_found_wherever_patterns_are() {
    for policy in [
        "/usr/bin/web,/usr/bin/ftp {\n  /srv/a r,\n}\n",
        "profile web {\n  ^hat {\n    /srv/^a r,\n  }\n}\n",
        "profile web {\n  deny {\n    /srv/[^a,b] r,\n  }\n}\n",
        "@{names} = ^[a-z]\nprofile web {\n  /srv/@{names} r,\n}\n",
        "@{names} = [^web,^ftp]\nprofile web {\n  /srv/@{names} r,\n}\nprofile ftp {\n  /srv/@{names} r,\n}\n",
    ] {
        assert_eq!(helps(policy, "regex-in-glob").len(), 1, "{policy}");
        // A comma in a class is told once.
        assert!(!report(policy).contains("deprecated-syntax"), "{policy}");
    }
}

#[test]
fn a_deny_rule_for_a_directory_is_shown_with_what_allows_the_rest() {
    for (rules, help) in [
        ("/srv/** rw,\n  deny /srv/a/ rw,", "write `/srv/a/{,**}`"),
        (
            "/srv/** rw,\n  deny \"/srv/my a/\" rw,",
            "write `\"/srv/my a/{,**}\"`",
        ),
        (
            "allow file rw /srv/**,\n  deny {\n    /srv/a/ rw,\n  }",
            "write `/srv/a/{,**}`",
        ),
    ] {
        let policy = format!("profile web {{\n  {rules}\n}}\n");
        assert_eq!(helps(&policy, "deny-directory-only"), [help], "{rules}");
        assert!(
            report(&policy).contains("allows what is in the directory"),
            "{rules}"
        );
    }
}

#[test]
fn a_rule_for_var_run_is_reported_where_other_rules_allow_a_part_of_run() {
    let found = |rules: &str| {
        let policy = format!("profile web /usr/bin/web {{\n  {rules}\n}}\n");
        helps(&policy, "symlinked-path").len()
    };
    assert_eq!(found("/var/run/** rw,"), 1);
    assert_eq!(found("/var/run/** rw,\n  /run/web.sock rw,"), 1);
    assert_eq!(found("owner /var/run/web/* r,\n  /run/web/a r,"), 1);
    assert_eq!(found("/var/run/** rw,\n  /run/** rw,"), 0);
    assert_eq!(found("/var/run/web/* r,\n  /run/{a,web}/* r,"), 0);
    assert_eq!(
        found("/var/run/web/* r,\n  /run/web/a r,\n  deny /run/** r,"),
        0
    );
    let partly = "profile web /usr/bin/web {\n  /var/run/** rw,\n  /run/web.sock rw,\n}\n";
    assert!(report(partly).contains("do not allow `rw` for all of `/run/**`"));
}

#[test]
fn a_child_by_its_full_name_does_not_inherit_complain_mode_either() {
    let policy =
        "profile web flags=(complain) {\n  /srv/a r,\n}\nprofile web//worker {\n  /srv/a r,\n}\n";
    let report = report(policy);
    assert!(
        report.contains("`web//worker` is enforced although `web` is in complain mode"),
        "{report}"
    );
}

#[test]
fn a_refused_arrow_is_told_once() {
    // The missing abi is the second finding, and a missing capability the third.
    for (rule, count) in [
        ("pivot_root oldroot=/a/ /b/-> web,", 3),
        ("mount /a-> /b/,", 3),
        ("change_profile /srv/x-> web,", 2),
    ] {
        let report = report(&format!("profile web {{\n  {rule}\n}}\n"));
        assert_eq!(report.matches("┌─").count(), count, "{rule}: {report}");
        assert!(
            report.contains("`->` needs a blank on both sides"),
            "{rule}: {report}"
        );
    }
}

#[test]
fn an_interpreter_counts_where_it_runs_under_the_profile() {
    let count = |rules: &str| {
        let policy = format!(
            "profile web /usr/bin/web {{\n  {rules}\n  owner /srv/** rw,\n  profile helper /usr/bin/perl {{\n    \
             /usr/bin/* mr,\n  }}\n}}\n"
        );
        helps(&policy, "writable-code").len()
    };
    for (rules, expected) in [
        ("/usr/bin/python3* ix,", 1),
        ("/usr/bin/python3* mr,", 1),
        ("/usr/bin/python3* Pix,", 1),
        // There is no such child, so it may run here.
        ("/usr/bin/python3* Cix -> other,", 1),
        ("/usr/bin/python3* Cix -> helper,", 0),
        ("/usr/bin/python3* mrCx -> helper,", 0),
        ("/usr/bin/python3* mrPx,", 0),
        ("/usr/bin/perl Cix,", 0),
        ("/usr/bin/python3* Cix,", 1),
    ] {
        assert_eq!(count(rules), expected, "{rules}");
    }
}
