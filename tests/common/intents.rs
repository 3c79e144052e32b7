//! Policy checked against intents, in memory.

use aalint::config::ConfigFile;
use aalint::policy::Search;
use aalint::rules;
use aalint::session::{self, CommandLine, Input, InputKind, Options, Report};
use aalint::source::MemoryVfs;

/// What is found in files by their names: a configuration, intents, and profiles. `intents` are those of the command line.
pub fn check(files: &[(&str, &str)], intents: &[&str]) -> Report {
    let mut vfs = MemoryVfs::default();
    let mut options = Options {
        search: Search {
            directories: Vec::new(),
            has_no_base: true,
        },
        cli: CommandLine {
            select: vec!["intents".to_owned(), "invalid-config".to_owned()],
            ..CommandLine::default()
        },
        intents: intents.iter().map(|name| (*name).to_owned()).collect(),
        ..Options::default()
    };
    for (path, content) in files {
        vfs.insert((*path).to_owned(), (*content).to_owned());
        if *path == "aalint.toml" {
            options.config = Some(ConfigFile::new(*path, *content).into());
        } else if !path.ends_with(".intents") {
            options.inputs.push(Input {
                path: (*path).to_owned(),
                kind: InputKind::Policy,
            });
        }
    }
    session::check(&vfs, &options, rules::all())
}

/// The messages of [`check`].
pub fn messages(files: &[(&str, &str)], intents: &[&str]) -> Vec<String> {
    let report = check(files, intents);
    report.findings.into_iter().map(|f| f.message).collect()
}
