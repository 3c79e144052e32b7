//! Whether the parser and aalint refuse a text.

use std::path::Path;
use std::time::Duration;

use aalint::diagnostic::Severity;
use aalint::host::Disk;
use aalint::policy::Search;
use aalint::session::{self, CommandLine, Input, InputKind, Options};
use aalint::source::{DirEntry, EntryKind, Vfs, VfsError};

use super::super::run::{Features, Parser, Tree, Verdicts};

/// The time that a batch may take.
const LIMIT: Duration = Duration::from_secs(60);
/// The time that one text may take.
const LIMIT_ALONE: Duration = Duration::from_secs(10);
/// Where the text under test lies for aalint.
const PLACE: &str = "/text-under-test";

/// Both sides, with the same includes.
pub struct Judge<'j> {
    pub parser: &'j Parser,
    pub base: &'j Tree,
    pub directory: &'j Path,
    pub features: &'j Features,
}

/// The parser's answer about one text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    Taken,
    /// With its message.
    Refused(String),
    TimedOut,
}

impl Judge<'_> {
    /// Whether the parser takes each text; `None` where it gave no answer.
    pub fn verdicts(&self, texts: &[String]) -> Verdicts {
        self.parser.verdicts(texts, self.base, self.features, LIMIT)
    }

    /// The same without keeping the answers.
    pub fn verdicts_uncached(&self, texts: &[String]) -> Verdicts {
        self.parser
            .verdicts_of(texts, self.base, self.features, LIMIT)
    }

    /// What the parser says of one text.
    pub fn parser(&self, text: &str) -> Answer {
        use super::super::run::{Input, Outcome};
        let input = Input {
            text: text.as_bytes(),
            base: Some(self.base),
            features: self.features,
        };
        match self.parser.run(&input, LIMIT_ALONE) {
            Outcome::Compiled(_) => Answer::Taken,
            Outcome::Refused(message) => Answer::Refused(message),
            Outcome::TimedOut => Answer::TimedOut,
        }
    }

    /// The first error that aalint finds.
    pub fn aalint(&self, text: &str) -> Option<String> {
        error(text, self.directory)
    }
}

/// The first error that aalint finds in a text, with includes below `directory`.
pub fn error(text: &str, directory: &Path) -> Option<String> {
    let options = Options {
        inputs: vec![Input {
            path: PLACE.to_owned(),
            kind: InputKind::Policy,
        }],
        search: Search {
            directories: vec![directory.to_string_lossy().into_owned()],
            has_no_base: false,
        },
        cli: CommandLine {
            select: vec!["AA1".to_owned()],
            ..CommandLine::default()
        },
        ..Options::default()
    };
    let vfs = WithText { text, directory };
    let report = session::check(&vfs, &options, aalint::rules::all());
    if let Some((_, why)) = report.failures.first() {
        return Some(format!("failure: {why}"));
    }
    let found = report
        .findings
        .iter()
        .find(|finding| finding.severity == Severity::Error);
    found.map(|finding| format!("{}: {}", finding.rule.name, finding.message))
}

/// The disk, and one text more.
struct WithText<'t> {
    text: &'t str,
    directory: &'t Path,
}

impl WithText<'_> {
    /// The parser runs in its base directory.
    fn full(&self, path: &str) -> String {
        self.directory.join(path).to_string_lossy().into_owned()
    }
}

impl Vfs for WithText<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, VfsError> {
        if path == PLACE {
            Ok(self.text.as_bytes().to_vec())
        } else {
            Disk.read(&self.full(path))
        }
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        if path == PLACE {
            Some(EntryKind::File)
        } else {
            Disk.kind(&self.full(path))
        }
    }

    fn list(&self, path: &str) -> Result<Vec<DirEntry>, VfsError> {
        Disk.list(&self.full(path))
    }
}
