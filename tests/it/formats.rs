//! The table of formats: the program writes each format that it names, refuses the others with a sentence, and shows them in
//! its help and on a page.

use std::process::Command;

use crate::common::{aalint, directory, generated, text};
use aalint::report::{FORMATS, Format, RETIRED_NAMES, ReportKind};

/// All formats that any command writes.
fn formats() -> Vec<Format> {
    let mut all = Vec::new();
    for one in FORMATS {
        if !all.contains(&one.format) {
            all.push(one.format);
        }
    }
    all
}

/// The formats of a command, as a sentence in errors ends with them.
fn names(kind: ReportKind) -> String {
    let names: Vec<String> = kind
        .formats()
        .map(|one| format!("`{}`", one.format.name()))
        .collect();
    let (last, first) = names.split_last().unwrap();
    format!("{} or {last}", first.join(", "))
}

#[test]
fn each_command_writes_what_the_table_names_and_nothing_else() {
    let here = directory(&[
        ("web", "profile web {\n  /a px,\n}\n"),
        (
            "log",
            "audit: type=1400 audit(1700000000.123:41): apparmor=\"DENIED\" operation=\"open\" class=\"file\" profile=\"web\" name=\"/etc/x\" pid=77 comm=\"x\" requested_mask=\"r\" denied_mask=\"r\" fsuid=0 ouid=0\n",
        ),
    ]);
    for kind in ReportKind::ALL {
        let line: &[&str] = match kind {
            ReportKind::Check => &["check", "--isolated", "web"],
            ReportKind::Query => &["query", "--isolated", "web", "/a x"],
            ReportKind::Diff => &["diff", "--isolated", "web", "web"],
            ReportKind::Show => &["show", "--isolated", "web"],
            ReportKind::Graph => &["graph", "--isolated", "web"],
            // Its formats are written in tests/it/verify_reports.rs: here is no kernel to be asked.
            ReportKind::Verify => continue,
            ReportKind::Audit => &["audit", "--isolated", "log", "--policy", "web"],
        };
        let mut written = Vec::new();
        for format in formats() {
            let output = aalint(
                here.path(),
                &[line, &["--format", format.name()][..]].concat(),
            );
            let (out, err) = (text(&output.stdout), text(&output.stderr));
            let what = format!("{kind:?} {}: {out}{err}", format.name());
            if kind.formats().any(|one| one.format == format) {
                assert_ne!(output.status.code(), Some(2), "{what}");
                assert!(!out.is_empty(), "{what}");
                assert!(!written.contains(&out), "{what}");
                written.push(out);
                continue;
            }
            assert_eq!(
                (output.status.code(), out.as_str()),
                (Some(2), ""),
                "{what}"
            );
            let refusal = format!("`{}` does not write `{}`; ", kind.command(), format.name());
            assert!(err.contains(&refusal), "{what}");
            assert!(
                err.contains(&format!("it writes {}", names(kind))),
                "{what}"
            );
        }
    }
}

#[test]
fn a_refusal_names_the_commands_that_have_the_format() {
    let wrong = Format::named("html", ReportKind::Check).unwrap_err();
    assert_eq!(
        wrong,
        format!(
            "`aalint check` does not write `html`; `aalint verify` does; it writes {}",
            names(ReportKind::Check)
        )
    );
    let unknown = Format::named("xml", ReportKind::Query).unwrap_err();
    assert_eq!(
        unknown,
        "`aalint query` does not write `xml`; it writes `human` or `json`"
    );
}

#[test]
fn the_retired_name_of_text_for_people_still_works() {
    for (kind, retired, format) in RETIRED_NAMES {
        assert_eq!(Format::named(retired, *kind), Ok(*format));
    }
    assert_eq!(Format::named("text", ReportKind::Graph), Ok(Format::Human));
    assert!(Format::named("text", ReportKind::Check).is_err());
}

#[test]
fn help_shows_the_formats_and_what_they_are_for() {
    for (command, kind) in [
        ("check", ReportKind::Check),
        ("query", ReportKind::Query),
        ("diff", ReportKind::Diff),
        ("graph", ReportKind::Graph),
        ("verify", ReportKind::Verify),
        ("audit", ReportKind::Audit),
    ] {
        if command == "verify" && cfg!(not(feature = "verify")) {
            continue;
        }
        let output = Command::new(env!("CARGO_BIN_EXE_aalint"))
            .args([command, "--help"])
            .output()
            .unwrap();
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let help = words(&text(&output.stdout));
        for one in kind.formats() {
            let line = words(&format!("- {}: {}", one.format.name(), one.purpose));
            assert!(help.contains(&line), "{line}: {help}");
        }
        assert!(help.contains("[default: human]"), "{help}");
    }
}

#[test]
fn the_page_is_fresh() {
    let mut page = String::from(
        "# Output formats\n\n\
         `--format` chooses one. This page is written by `cargo xtask bless`, from the same table as the help and the errors of the\n\
         commands. [JSON documents](json.md) describes what programs read.\n\n\
         | command | format | for |\n|---|---|---|\n",
    );
    for one in FORMATS {
        let (command, name) = (one.kind.command(), one.format.name());
        page.push_str(&format!("| `{command}` | `{name}` | {} |\n", one.purpose));
    }
    page.push('\n');
    for (kind, retired, format) in RETIRED_NAMES {
        page.push_str(&format!(
            "`{}` also takes `{retired}`, the retired name of its `{}`.\n",
            kind.command(),
            format.name()
        ));
    }
    page.push_str(
        "\n`aalint verify --report FORMAT=FILE` writes several formats\n\
         at once. `aalint rules`, `explain` and `engine-profile show` write text.\n",
    );
    generated("docs/formats.md", &page);
}
