//! The inputs of `cases/walk` that need no image: what a newcomer meets with logs, intents, directives and a configuration.

use serde_json::Value;

use crate::cases::{check, line, of_rule, of_severity};
use crate::common::{Missing, needed};
use crate::common::{aalint, text};

fn message(finding: &Value) -> &str {
    finding["message"].as_str().unwrap()
}

/// The findings with the names of their files, lines and messages.
fn told(findings: &[Value]) -> Vec<(&str, u64, &str)> {
    findings
        .iter()
        .map(|finding| {
            let path = finding["path"].as_str().unwrap();
            let name = path.rsplit('/').next().unwrap();
            (name, line(finding), message(finding))
        })
        .collect()
}

/// What `query` answers of a file of walk A.
fn asked(words: &[&str]) -> Result<String, Missing> {
    let directory = needed("cases/walk/A")?;
    let words = [&["query", "--isolated"], words].concat();
    Ok(text(&aalint(&directory, &words).stdout))
}

pub fn a_query_tells_of_links() -> Result<(), Missing> {
    let out = asked(&["binlink", "/bin/bash x"])?;
    assert!(out.starts_with("denied     /bin/bash x"), "{out}");
    assert!(
        out.contains(
            "where `/usr` is merged, `/bin/bash x` asks for `/usr/bin/bash`, which is allowed"
        ),
        "{out}"
    );
    let out = asked(&["--profile", "py2", "attlink", "/usr/bin/awk m"])?;
    assert!(
        out.contains("on Debian and Ubuntu, `/usr/bin/awk m` asks for `/usr/bin/{mawk,"),
        "{out}"
    );
    // What no link changes is not told.
    let out = asked(&["binlink", "/var/run/x r", "/usr/bin/bash x"])?;
    assert!(!out.contains("note:"), "{out}");
    Ok(())
}

/// What is told of a log by the profile beside it.
#[cfg(feature = "verify")]
fn audited(log: &str) -> Result<(Option<i32>, String, String), Missing> {
    let directory = needed("cases/walk/F")?;
    let output = aalint(
        &directory,
        &["audit", log, "--policy", "flask-app", "--isolated"],
    );
    Ok((
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    ))
}

#[cfg(feature = "verify")]
pub fn logs_of_the_journal_and_of_ausearch_are_read() -> Result<(), Missing> {
    for log in ["journal-json.log", "ausearch-i.log"] {
        let (code, out, errors) = audited(log)?;
        assert_eq!(code, Some(0), "{log}: {errors}");
        assert!(
            out.contains("/usr/bin/uname x") && out.contains("/usr/bin/uname ix,"),
            "{out}"
        );
        assert!(errors.contains("1 record explained"), "{errors}");
    }
    let (code, out, errors) = audited("empty.log")?;
    assert_eq!((code, out.as_str()), (Some(0), ""));
    assert!(errors.contains("no AppArmor record found"), "{errors}");
    Ok(())
}

#[cfg(feature = "verify")]
pub fn a_capability_that_hides_another_cause_comes_with_a_warning() -> Result<(), Missing> {
    let (_, out, errors) = audited("dd.log")?;
    let (_, after) = out.split_once("missing: capability dac_override,").unwrap();
    let warning = after.lines().nth(1).unwrap();
    assert!(
        warning.contains("warning: a file with the wrong owner or mode"),
        "{out}"
    );
    // Records of other profiles are counted and named.
    assert!(
        errors.contains("8 records explained; 3 records of other profiles"),
        "{errors}"
    );
    assert!(
        errors.contains("`docker-default`, `snap.firefox.firefox`"),
        "{errors}"
    );
    Ok(())
}

#[cfg(feature = "verify")]
pub fn repeated_records_are_one_entry_with_a_count() -> Result<(), Missing> {
    let (_, out, errors) = audited("rep.log")?;
    assert_eq!(out.matches("DENIED").count(), 1, "{out}");
    assert!(out.contains("5 times"), "{out}");
    assert!(errors.contains("5 records explained"), "{errors}");
    Ok(())
}

pub fn a_misspelt_intent_is_one_finding() -> Result<(), Missing> {
    let directory = needed("cases/walk/H")?;
    let base = needed("corpus/_base/debian12-3.0.8")?
        .canonicalize()
        .unwrap();
    let base = base.to_string_lossy();
    let (code, findings) = check(&directory, &["--isolated", "--base", &base, "t2.intents"]);
    assert_eq!(code, 1);
    let told = told(&findings);
    let of_keyword: Vec<_> = told.iter().filter(|(_, line, _)| *line == 1).collect();
    let [(.., said)] = of_keyword[..] else {
        panic!("{told:#?}")
    };
    assert!(
        said.contains("`intnet`") && said.contains("did you mean `intent`?"),
        "{said}"
    );
    // What else is said is about the other slips of the file, each once.
    let lines: Vec<u64> = told.iter().map(|(_, line, _)| *line).collect();
    assert_eq!(lines, [1, 2, 3, 4, 5, 7, 9], "{told:#?}");
    Ok(())
}

pub fn empty_and_repeated_intents_are_findings() -> Result<(), Missing> {
    let directory = needed("cases/walk/H")?;
    let (code, findings) = check(&directory, &["--isolated", "dup.intents"]);
    assert_eq!(code, 1);
    let told = told(&findings);
    assert_eq!(
        told,
        [
            ("dup.intents", 1, "the intent `a` promises nothing"),
            ("dup.intents", 3, "the intent `a` is defined a second time"),
            ("dup.intents", 4, "the intent `a` is defined a second time"),
        ]
    );
    Ok(())
}

pub fn misspelt_directives_are_findings() -> Result<(), Missing> {
    let directory = needed("cases/walk/H")?;
    let base = needed("corpus/_base/debian12-3.0.8")?
        .canonicalize()
        .unwrap();
    let base = base.to_string_lossy();
    let (code, findings) = check(
        &directory,
        &["--isolated", "--base", &base, "silent-directives"],
    );
    assert_eq!(code, 1);
    let told = told(&findings);
    for (of_line, words) in [
        (5, "no directive `assert-deny`"),
        (6, "no directive `expect`"),
        (7, "`ignore` names no rule in parentheses"),
    ] {
        let is_it = |(_, line, said): &&(&str, u64, &str)| *line == of_line && said.contains(words);
        assert!(told.iter().any(|found| is_it(&found)), "{words}: {told:#?}");
    }
    // It silences nothing.
    assert_eq!(of_rule(&findings, "unrestricted-etc").len(), 1);
    Ok(())
}

pub fn a_configuration_with_slips_names_each() -> Result<(), Missing> {
    let directory = needed("cases/walk/H")?;
    let arguments = ["--config", "m.toml", "silent-directives"];
    let (code, findings) = check(&directory, &arguments);
    assert_eq!(code, 2);
    let found = told(&findings);
    for (of_line, words) in [
        (1, "there is no intent `site.intent`"),
        (1, "there is no intent `no-shels`"),
        (2, "the key `intent` is not known"),
        (5, "no profile is called `flask-app`"),
        (6, "the value has the wrong type"),
    ] {
        let is_it = |(name, line, said): &&(&str, u64, &str)| {
            *name == "m.toml" && *line == of_line && said.contains(words)
        };
        assert!(found.iter().any(|one| is_it(&one)), "{words}: {found:#?}");
    }
    Ok(())
}

pub fn an_abi_that_no_directory_has_is_an_error_of_the_walk_too() -> Result<(), Missing> {
    let directory = needed("cases/walk/A")?;
    let base = needed("corpus/_base/debian12-3.0.8")?
        .canonicalize()
        .unwrap();
    let base = base.to_string_lossy();
    for name in ["abi-9.9-missing", "abi40-on-debian12.aa"] {
        let path = directory.join(name);
        let (code, findings) = check(&directory, &["--isolated", "--base", &base, name]);
        let errors = of_severity(&findings, "error");
        assert_eq!(
            (code, errors.len()),
            (1, 1),
            "{}: {findings:#?}",
            path.display()
        );
        assert_eq!(
            (&errors[0]["rule"], line(errors[0])),
            (&Value::from("missing-include"), 1)
        );
    }
    Ok(())
}

/// The lines and messages of the findings of the container group, of one of the folders.
fn named(folder: &str) -> Result<(i32, Vec<String>), Missing> {
    let directory = needed(&format!("cases/walk/E/{folder}"))?;
    let (code, findings) = check(&directory, &["--isolated", "."]);
    let findings = findings.iter().filter(|finding| {
        let rule = finding["rule"].as_str().unwrap();
        rule == "container-profile-name" || rule == "container-unconfined"
    });
    let told = findings.map(|finding| {
        let path = finding["path"].as_str().unwrap();
        let name = path.rsplit('/').next().unwrap();
        format!("{name}:{} {}", line(finding), message(finding))
    });
    Ok((code, told.collect()))
}

pub fn compose_forms_are_read() -> Result<(), Missing> {
    let (_, told) = named("compose")?;
    let uses = |who: &str, name: &str| format!("service `{who}` uses profile `{name}`");
    for (place, said) in [
        ("common.yml:4 ", uses("e", "fromcommon")),
        ("compose.override.yaml:3 ", uses("a", "override")),
        ("compose.yaml:3 ", uses("c", "anchored")),
        ("compose.yaml:7 ", uses("d", "oldstyle")),
        (
            "compose.yaml:10 ",
            "service `b` switches AppArmor off".to_owned(),
        ),
        ("compose.yaml:18 ", "service `f` is privileged".to_owned()),
        (
            "compose.yaml:37 ",
            "service `j` names its profile".to_owned(),
        ),
        (
            "compose.yaml:40 ",
            "service `k` names its profile".to_owned(),
        ),
    ] {
        let is_it = |one: &String| one.starts_with(place) && one.contains(&said);
        assert!(told.iter().any(is_it), "{place} {said}: {told:#?}");
    }
    assert!(told.iter().any(|one| one.contains("service `l` names")));
    assert_eq!(told.len(), 9, "{told:#?}");
    let (_, told) = named("merge2")?;
    assert!(
        told.iter().any(|one| one.contains("`aliased`")),
        "{told:#?}"
    );
    let (_, told) = named("merge")?;
    for name in ["`anchored`", "`cc`", "`nosuch`"] {
        assert!(told.iter().any(|one| one.contains(name)), "{told:#?}");
    }
    Ok(())
}

pub fn kubernetes_forms_are_read() -> Result<(), Missing> {
    let directory = needed("cases/walk/E/k8s")?;
    let (code, findings) = check(&directory, &["--isolated", "."]);
    assert_eq!(code, 1, "{findings:#?}");
    let place = |rule: &str| {
        let of_rule = of_rule(&findings, rule);
        let found = of_rule.into_iter().map(|finding| {
            let path = finding["path"].as_str().unwrap();
            format!("{}:{}", path.rsplit('/').next().unwrap(), line(finding))
        });
        found.collect::<Vec<_>>()
    };
    assert_eq!(place("deny-with-exec-mode"), ["cm.yaml:7", "spo.yaml:11"]);
    assert_eq!(
        place("container-profile-name"),
        [
            "deploy.yaml:10",
            "deploy.yaml:22",
            "deploy.yaml:29",
            "deploy.yaml:44"
        ]
    );
    assert_eq!(place("container-unconfined"), ["deploy.yaml:18"]);
    let typo = of_rule(&findings, "container-profile-name")[0];
    assert_eq!(typo["help"][0], "did you mean `k8s-web`?");
    Ok(())
}

pub fn other_files_that_name_profiles_are_read() -> Result<(), Missing> {
    let (code, told) = named("misc")?;
    assert_eq!(code, 1, "{told:#?}");
    for name in ["`web-q2`", "`web-s`"] {
        assert!(told.iter().any(|one| one.contains(name)), "{told:#?}");
    }
    assert_eq!(told.len(), 2, "{told:#?}");
    Ok(())
}
