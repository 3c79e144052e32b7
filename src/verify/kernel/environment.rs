//! What the machine must be for a verdict to mean anything.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::confined_tasks::own_label;
use crate::host::{Owners, Survey};
use crate::verify::{Refusal, SystemPaths};

/// The whole environment of the parser.
pub(super) const PARSER_ENVIRONMENT: [(&str, &str); 2] =
    [("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), ("LC_ALL", "C")];
/// The oldest parser that verify works with.
const OLDEST_PARSER: (u32, u32) = (3, 0);
/// Where distributions keep the parser. The caller's PATH is not asked: it may name directories of anybody.
const PARSER_PLACES: [&str; 5] = [
    "/usr/sbin",
    "/sbin",
    "/usr/bin",
    "/bin",
    "/run/current-system/sw/bin",
];

/// The machine, as far as it matters.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Environment {
    /// The kernel's release.
    pub kernel: String,
    /// The parser's version.
    pub parser: String,
    /// The parser's absolute path.
    pub program: String,
}

impl Environment {
    /// Finds out which kernel and parser there are.
    ///
    /// # Errors
    /// If this machine cannot verify a profile.
    pub fn examine(paths: &SystemPaths) -> Result<Self, Refusal> {
        has_apparmor(paths)?;
        if !rustix::process::geteuid().is_root() {
            return Err(Refusal::NotRoot);
        }
        is_enforcing(paths)?;
        let parser = find_parser(&paths.parser)?;
        Ok(Self {
            kernel: text(&paths.proc.join("sys/kernel/osrelease")).unwrap_or_default(),
            parser: parser.version,
            program: parser.program,
        })
    }

    /// Whether the parser is older than 5.0, which decides some things otherwise.
    pub(in crate::verify) fn is_before_5(&self) -> bool {
        numbers(&self.parser).is_some_and(|numbers| numbers < (5, 0))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the kernel shows its state as files"
)]
fn text(path: &Path) -> Option<String> {
    fs::read_to_string(path)
        .ok()
        .map(|text| text.trim().to_owned())
}

/// Whether the kernel has AppArmor and shows it.
#[expect(
    clippy::disallowed_methods,
    reason = "the kernel shows its state as files"
)]
pub(in crate::verify) fn has_apparmor(paths: &SystemPaths) -> Result<(), Refusal> {
    // The parameter may be hidden from those who are not root; then the directory tells.
    let enabled = text(&paths.parameters.join("enabled"));
    let is_visible = paths.apparmor.join("features").is_dir();
    match enabled.as_deref() {
        Some("Y") | None if is_visible => Ok(()),
        Some("Y") => Err(Refusal::NotVisible(paths.apparmor.display().to_string())),
        _ => Err(Refusal::NoAppArmor),
    }
}

/// Whether profiles are enforced at all, and can be loaded by us.
fn is_enforcing(paths: &SystemPaths) -> Result<(), Refusal> {
    if let Some(mode) = text(&paths.parameters.join("mode"))
        && mode != "enforce"
        && mode != "kill"
    {
        return Err(Refusal::GlobalMode(mode));
    }
    if text(&paths.parameters.join("lock_policy")).as_deref() == Some("Y") {
        return Err(Refusal::Locked);
    }
    let label = own_label(&paths.proc)
        .map_err(|error| Refusal::System("the own label cannot be read", error))?;
    if label == "unconfined" {
        Ok(())
    } else {
        Err(Refusal::Confined(label))
    }
}

/// A policy compiler.
#[derive(Debug)]
struct FoundParser {
    /// Its absolute path.
    program: String,
    version: String,
}

/// Looks for the parser. Nobody but root may be able to change the program, for root runs it.
#[expect(clippy::disallowed_methods, reason = "the parser is another program")]
fn find_parser(name: &str) -> Result<FoundParser, Refusal> {
    let places = PARSER_PLACES.iter().map(|place| format!("{place}/{name}"));
    let candidates: Vec<String> = match name.starts_with('/') {
        true => vec![name.to_owned()],
        false => places.collect(),
    };
    for program in candidates {
        let Ok(survey) = Survey::of(Path::new(&program), &Owners::root()) else {
            continue;
        };
        if let Some(foreign) = survey.foreign {
            return Err(Refusal::ForeignParser {
                program,
                by: foreign,
            });
        }
        let mut command = Command::new(&program);
        command
            .env_clear()
            .envs(PARSER_ENVIRONMENT)
            .current_dir("/");
        let Ok(output) = command.arg("--version").stdin(Stdio::null()).output() else {
            continue;
        };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let first = text.lines().next().unwrap_or_default();
        let Some((_, version)) = first.rsplit_once("version ") else {
            return Err(Refusal::OddParser(program));
        };
        return match numbers(version) {
            Some(numbers) if numbers < OLDEST_PARSER => Err(Refusal::OldParser(version.to_owned())),
            Some(_) => Ok(FoundParser {
                program,
                version: version.to_owned(),
            }),
            None => Err(Refusal::OddParser(program)),
        };
    }
    Err(Refusal::NoParser(name.to_owned()))
}

/// The first two numbers of a version.
fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split(|c: char| !c.is_ascii_digit());
    let first = parts.next()?.parse().ok()?;
    Some((
        first,
        parts.next().and_then(|part| part.parse().ok()).unwrap_or(0),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        assert_eq!(numbers("4.1.0"), Some((4, 1)));
        assert_eq!(numbers("6.0~alpha1"), Some((6, 0)));
        assert_eq!(numbers("5"), Some((5, 0)));
        assert_eq!(numbers("beta"), None);
        assert!(numbers("2.13.6") < Some(OLDEST_PARSER));
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "the test makes a kernel of files"
    )]
    fn states_of_the_kernel() {
        let directory = tempfile::tempdir().unwrap();
        let paths = SystemPaths {
            apparmor: directory.path().join("security"),
            parameters: directory.path().join("parameters"),
            proc: directory.path().join("proc"),
            ..SystemPaths::default()
        };
        let write = |path: &str, text: &str| {
            let path = directory.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        assert!(matches!(has_apparmor(&paths), Err(Refusal::NoAppArmor)));
        write("parameters/enabled", "N\n");
        assert!(matches!(has_apparmor(&paths), Err(Refusal::NoAppArmor)));
        write("parameters/enabled", "Y\n");
        assert!(matches!(has_apparmor(&paths), Err(Refusal::NotVisible(_))));
        write("security/features/file/mask", "read\n");
        assert!(has_apparmor(&paths).is_ok());
        write("proc/self/attr/apparmor/current", "web (enforce)\n");
        assert!(
            matches!(is_enforcing(&paths), Err(Refusal::Confined(label)) if label == "web (enforce)")
        );
        write("proc/self/attr/apparmor/current", "unconfined\n");
        assert!(is_enforcing(&paths).is_ok());
        write("parameters/lock_policy", "Y\n");
        assert!(matches!(is_enforcing(&paths), Err(Refusal::Locked)));
        write("parameters/mode", "complain\n");
        assert!(
            matches!(is_enforcing(&paths), Err(Refusal::GlobalMode(mode)) if mode == "complain")
        );
    }

    #[test]
    fn a_parser_that_is_not_there() {
        assert!(matches!(
            find_parser("/nowhere/parser"),
            Err(Refusal::NoParser(_))
        ));
        assert!(matches!(
            find_parser("/bin/true"),
            Err(Refusal::OddParser(_))
        ));
    }
}
