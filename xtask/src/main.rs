//! What developers of aalint run: `cargo xtask help`.
//!
//! Exit code 0: done; 1: a test does not hold; 2: wrong usage, or something could not be done. Nothing is written then,
//! unless a file could not be.

mod built;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand};
use xtask::new_rule::{self, NewRule};
use xtask::{files, generate, module, page, read, stem};

/// Tasks of developers of aalint
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Write the page and the code of a new rule, and enter it everywhere
    NewRule {
        /// The rule, for example `security/unrestricted-etc`
        #[arg(value_name = "GROUP/NAME")]
        rule: String,
        /// How bad its findings are
        #[arg(long, value_parser = xtask::page::SEVERITIES, default_value = "warning")]
        severity: String,
        /// Who sees its findings
        #[arg(long, value_parser = xtask::page::LEVELS, default_value = "default")]
        level: String,
    },
    /// Write all generated files: registry, tables, schemas, output in pages
    Bless,
    /// Test the page of one rule and show how it differs from what the rule does
    Page {
        /// The name of the rule
        name: String,
    },
}

fn main() -> ExitCode {
    let root = root();
    let mut out = io::stdout().lock();
    let done = match Arguments::parse().task {
        Task::NewRule {
            rule,
            severity,
            level,
        } => new_rule(&root, &rule, severity, level, &mut out),
        Task::Bless => bless(&root, &mut out),
        Task::Page { name } => page_test(&root, &name, &mut out),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            // If nobody reads what is wrong, the exit code is all that is left.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// The repository: cargo says where this package is, which lies one folder below.
fn root() -> PathBuf {
    let own = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    own.parent().map_or(own.clone(), Path::to_path_buf)
}

fn new_rule(
    root: &Path,
    rule: &str,
    severity: String,
    level: String,
    out: &mut dyn Write,
) -> Result<bool> {
    let (group, name) = rule.split_once('/').with_context(|| {
        format!("`{rule}` is not GROUP/NAME, as in `security/unrestricted-etc`")
    })?;
    let (group, name) = (group.to_owned(), name.to_owned());
    let rule = NewRule {
        group,
        name,
        severity,
        level,
    };
    tell_written(&new_rule::write(root, &rule)?, out)?;
    let NewRule { group, name, .. } = rule;
    writeln!(
        out,
        "\nThe rule reports a sample, so that its page holds. What is left to do:\n\
         \x20 1. write the page, examples first: rules/{group}/{name}.md (rules/README.md says how)\n\
         \x20 2. write the code: src/rules/{group}/{}.rs\n\
         \x20 3. run `cargo xtask page {name}` until both agree\n\
         \x20 4. run `cargo xtask bless`, then `cargo test --test it`, and add a line to CHANGELOG.md",
        module(&name)
    )?;
    Ok(true)
}

fn bless(root: &Path, out: &mut dyn Write) -> Result<bool> {
    tell_written(&generate::write(root)?, out)?;
    // The others are written by the tests that compare them, since these know what aalint says.
    let modules = generating_tests(root)?;
    writeln!(
        out,
        "running the tests that write files: {}",
        modules.join(" ")
    )?;
    let status = cargo_test()
        .args(["--no-fail-fast", "--test", "it", "--", "--quiet"])
        .args(&modules)
        .current_dir(root)
        .env("UPDATE", "1")
        .status()
        .context("running cargo test")?;
    let mut unwritten = Vec::new();
    for page in page::all(root)? {
        unwritten.extend(new_rule::unwritten(root, &page)?);
    }
    tell_unwritten(&unwritten, out)?;
    if status.success() {
        writeln!(
            out,
            "All generated files are written. Read the difference before you commit it."
        )?;
    } else {
        writeln!(
            out,
            "All generated files are written that can be. The tests above fail for other reasons."
        )?;
    }
    Ok(status.success())
}

/// The modules of `tests/it` that hold a test of a generated file.
fn generating_tests(root: &Path) -> Result<Vec<String>> {
    let mut modules = Vec::new();
    for path in files(&root.join("tests/it"), "rs")? {
        if read(&path)?.contains("generated(") {
            modules.push(stem(&path)? + "::");
        }
    }
    ensure!(!modules.is_empty(), "no module of tests/it writes a file");
    Ok(modules)
}

fn page_test(root: &Path, name: &str, out: &mut dyn Write) -> Result<bool> {
    let pages = page::all(root)?;
    let page = pages
        .iter()
        .find(|page| page.name == name)
        .with_context(|| format!("there is no rule `{name}`; docs/rules.md lists the rules"))?;
    // The front matter counts as it is now.
    tell_written(&generate::write(root)?, out)?;
    let test = format!("pages::{}", module(name));
    let Some(program) = built::program(root)? else {
        return Ok(false);
    };
    let output = Command::new(&program)
        .args(["--quiet", "--exact", &test])
        .current_dir(root)
        .output()
        .with_context(|| format!("running {}", program.display()))?;
    let said = String::from_utf8_lossy(&output.stdout);
    if output.status.success() {
        ensure!(
            said.contains("1 passed"),
            "there is no test `{test}`:\n{said}"
        );
        writeln!(out, "{} holds", page.path)?;
    } else {
        out.write_all(difference(&said).as_bytes())?;
    }
    tell_unwritten(&new_rule::unwritten(root, page)?, out)?;
    Ok(output.status.success())
}

/// What the failed test said, without what the harness says around it.
fn difference(said: &str) -> &str {
    let own = said
        .split_once(" stdout ----\n")
        .and_then(|(_, rest)| rest.split_once("\nthread '"));
    own.map_or(said, |(own, _)| own)
}

fn cargo_test() -> Command {
    // Cargo names itself to what it runs.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.arg("test");
    command
}

fn tell_written(paths: &[String], out: &mut dyn Write) -> Result<()> {
    for path in paths {
        writeln!(out, "wrote {path}")?;
    }
    Ok(())
}

fn tell_unwritten(lines: &[String], out: &mut dyn Write) -> Result<()> {
    if !lines.is_empty() {
        writeln!(out, "These lines are still to be written:")?;
    }
    for line in lines {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}
