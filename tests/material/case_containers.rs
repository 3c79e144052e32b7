//! The inputs of `cases` that are about what runs in a container.

use serde_json::Value;

use crate::cases::{check, line, of_rule, of_severity};
use crate::common::{Missing, needed};

/// The findings of a folder that is checked as a whole, with its exit code.
fn checked(folder: &str, more: &[&str]) -> Result<(i32, Vec<Value>), Missing> {
    let directory = needed(&format!("cases/{folder}"))?;
    let base = needed("corpus/_base/debian12-3.0.8")?
        .canonicalize()
        .unwrap();
    let base = base.to_string_lossy();
    Ok(check(
        &directory,
        &[&["--isolated", "--base", &base, "."], more].concat(),
    ))
}

/// A container that cannot start, and the only thing wrong with it.
fn cannot_start(folder: &str, version: &str) -> Result<(), Missing> {
    let (code, findings) = checked(folder, &[])?;
    let errors = of_severity(&findings, "error");
    assert_eq!((code, errors.len()), (1, 1), "{findings:#?}");
    let error = errors[0];
    assert_eq!(error["rule"], "container-libraries");
    let message = error["message"].as_str().unwrap();
    // The interpreter itself is mapped before the profile counts: the first file that the kernel refuses is its library.
    let library =
        format!("`/usr/local/lib/libpython{version}.so.1.0`, and no rule allows reading it");
    assert!(
        message.contains(&format!("`/usr/local/bin/python{version}` needs {library}")),
        "{message}"
    );
    let notes = error["notes"].to_string();
    assert!(
        notes.contains(&format!("/usr/local/lib/python{version}/")),
        "{notes}"
    );
    let claims = error["claims"].as_array().unwrap();
    let refused = format!("/usr/local/lib/python{version}/encodings/__init__.py r");
    let is_refused =
        |claim: &Value| claim["request"] == refused.as_str() && claim["decision"] == "unmatched";
    assert!(claims.iter().any(is_refused), "{claims:#?}");
    Ok(())
}

pub fn a_clean_profile_whose_container_cannot_start_is_an_error() -> Result<(), Missing> {
    cannot_start("walk/A/clean-but-cannot-start", "3.8")?;
    cannot_start("walk/A/app-without-interpreter", "3.13")
}

pub fn a_container_profile_without_files_is_a_warning() -> Result<(), Missing> {
    let (code, findings) = checked("container-without-files", &[])?;
    assert_eq!(code, 1);
    let told = of_rule(&findings, "container-entrypoint");
    assert_eq!(told.len(), 1, "{findings:#?}");
    assert_eq!(
        (line(told[0]), &told[0]["severity"]),
        (3, &Value::from("warning"))
    );
    let claims = told[0]["claims"].as_array().unwrap();
    let requests: Vec<&str> = claims
        .iter()
        .filter_map(|claim| claim["request"].as_str())
        .collect();
    assert!(
        requests.contains(&"/entrypoint.sh r") && requests.contains(&"/bin/sh x"),
        "{requests:?}"
    );
    Ok(())
}
