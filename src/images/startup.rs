//! What a container opens while its process starts: computed from the image alone, in the order in which it happens.
//!
//! The runtime starts the process, and what the kernel opens for that (the program, its loader, the interpreter of a script) is
//! not checked against the profile: the runtime is unconfined. Everything that happens after that is.

use super::elf::Linkage;
use super::file::{Content, FileOwner, Script};
use super::interpreters::{Argument, ScriptRunner};
use super::libraries::libraries;
use super::tree::{FileNode, FileNodeKind, ImageTree, Lookup};

/// Most programs that start each other.
const MAX_PROGRAMS: usize = 8;

/// Where programs are searched if the environment does not say it (runc's and the shells' default).
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The process of a container.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Process {
    /// The program and its arguments.
    pub arguments: Vec<String>,
    /// As `NAME=VALUE`; the last one of a name counts.
    pub environment: Vec<String>,
    /// The working directory; empty for the root, and `None` if it is not known.
    pub working_dir: Option<String>,
    /// The engine's own program that the container begins with, and that executes the arguments under the profile. It is static, and
    /// mounted from the host, so the image does not have it.
    pub init: Option<&'static str>,
}

/// What is done with a file.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Need {
    /// It is read, or listed if it is a directory.
    Read,
    /// It is read, and mapped to be executed.
    Map,
    /// A process of the container executes it.
    Execute,
}

/// Why a file is opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// The program needs this library.
    Library(String),
    /// The loader finds this library in no other way.
    LoaderCache(String),
    /// The interpreter of this language starts with it.
    StandardLibrary(&'static str),
    /// It is a script, and the program its interpreter.
    Script,
    /// The program starts it.
    Program,
}

/// A file that is opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileAccess {
    /// The path as the kernel sees it; with a slash at the end if it is a directory.
    pub path: String,
    /// Other files that would do, of which one must be allowed.
    pub instead: Vec<String>,
    /// What is done with it.
    pub need: Need,
    /// Why.
    pub purpose: Purpose,
    /// The program that does it.
    pub program: String,
    /// Whose the file is, if that is known.
    pub owner: Option<FileOwner>,
}

impl FileAccess {
    fn new(path: &str, node: &FileNode, need: Need, purpose: Purpose, program: &str) -> Self {
        let is_directory = node.kind == FileNodeKind::Directory;
        Self {
            path: match is_directory {
                true => format!("{path}/"),
                false => path.to_owned(),
            },
            instead: Vec::new(),
            need,
            purpose,
            program: program.to_owned(),
            owner: node.owner,
        }
    }
}

/// What a container opens while it starts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Startup {
    /// The program that the runtime starts, as the kernel sees it; `None` if it is not known.
    pub program: Option<String>,
    /// What programs are called when they are started: links may lead to files of other names.
    pub called: Vec<String>,
    /// The files, in order.
    pub accesses: Vec<FileAccess>,
    /// What could not be found out, in words that follow "it is not known": nothing is said of what comes after it.
    pub unknown: Option<String>,
    /// A program that is not in the image, as it is written.
    pub missing: Option<String>,
}

impl Startup {
    /// Finds out what a process opens.
    #[must_use]
    pub fn of(tree: &ImageTree, process: &Process) -> Self {
        let mut startup = Self::default();
        let mut open = Some(process.arguments.clone());
        let mut starter = process.init.map(str::to_owned);
        for _ in 0..MAX_PROGRAMS {
            let Some(arguments) = open.take() else {
                return startup;
            };
            let run = Run {
                tree,
                process,
                startup: &mut startup,
            };
            match run.program(&arguments, starter.as_deref()) {
                Some((program, next)) => {
                    starter = Some(program);
                    open = next;
                }
                None => return startup,
            }
        }
        startup
    }
}

/// A program that is run.
struct Run<'r> {
    tree: &'r ImageTree,
    process: &'r Process,
    startup: &'r mut Startup,
}

impl<'r> Run<'r> {
    /// Runs a program; `starter` is the confined program that starts it. Gives the program, and what it starts in turn.
    fn program(
        mut self,
        arguments: &[String],
        starter: Option<&str>,
    ) -> Option<(String, Option<Vec<String>>)> {
        let name = arguments.first()?;
        let (path, node) = self.find(name)?;
        self.startup.called.push(name.clone());
        if let Some(starter) = starter {
            self.enter(&path, node, Need::Execute, Purpose::Program, starter);
        }
        if self.startup.program.is_none() {
            self.startup.program = Some(path.clone());
        }
        let FileNodeKind::File(file) = &node.kind else {
            return None;
        };
        let rest = arguments.get(1..).unwrap_or_default();
        match &file.content {
            Content::Elf(linkage) => {
                if let Some(linkage) = linkage {
                    self.libraries(&path, linkage);
                }
                let next = self.arguments_of(&path, rest)?;
                Some((path, next))
            }
            Content::Script(script) => {
                let script = (**script).clone();
                self.script(&path, node, &script, rest)
            }
            Content::Unknown | Content::Data | Content::Text(_) => {
                self.startup.unknown = Some(format!("what `{path}` opens"));
                None
            }
        }
    }

    /// Runs a script: its interpreter reads it.
    fn script(
        &mut self,
        path: &str,
        node: &FileNode,
        script: &Script,
        rest: &[String],
    ) -> Option<(String, Option<Vec<String>>)> {
        let (interpreter, found) = self.find(&script.interpreter)?;
        let FileNodeKind::File(file) = &found.kind else {
            return None;
        };
        // Scripts as interpreters of scripts are not followed.
        let Content::Elf(linkage) = &file.content else {
            self.startup.unknown = Some(format!("what `{interpreter}` opens"));
            return None;
        };
        if let Some(linkage) = linkage {
            self.libraries(&interpreter, linkage);
        }
        let known = ScriptRunner::of(&interpreter);
        if known.is_some_and(|known| known.is_wrapper) {
            // `#!/usr/bin/env python3`: the program that it starts reads the script.
            let mut arguments: Vec<String> = script.argument.iter().cloned().collect();
            arguments.push(path.to_owned());
            arguments.extend(rest.iter().cloned());
            let next = self.arguments_of(&interpreter, &arguments)?;
            return Some((interpreter, next));
        }
        if let Some(known) = known {
            self.standard_library(&interpreter, known);
        }
        self.enter(path, node, Need::Read, Purpose::Script, &interpreter);
        let next = script.runs_arguments && !rest.is_empty();
        if !next {
            self.startup.unknown = Some(format!("what `{path}` starts"));
        }
        Some((interpreter, next.then(|| rest.to_vec())))
    }

    /// What a program does with its arguments: it reads a script, or starts another program, which is given back.
    #[expect(
        clippy::option_option,
        reason = "the inner one is a program that is started"
    )]
    fn arguments_of(&mut self, program: &str, arguments: &[String]) -> Option<Option<Vec<String>>> {
        let Some(interpreter) = ScriptRunner::of(program) else {
            return Some(None);
        };
        self.standard_library(program, interpreter);
        match interpreter.argument(arguments) {
            Argument::Script(script, after) => {
                let Some((path, node)) = self.file(script) else {
                    self.startup.unknown = Some(format!("what lies at `{script}`"));
                    return None;
                };
                self.enter(&path, node, Need::Read, Purpose::Script, program);
                let runs_arguments = matches!(
                    &node.kind,
                    FileNodeKind::File(file) if matches!(&file.content, Content::Script(script) if script.runs_arguments)
                );
                Some((runs_arguments && !after.is_empty()).then(|| after.to_vec()))
            }
            Argument::Program(words) => Some(Some(words)),
            Argument::Nothing => Some(None),
            Argument::Unknown => {
                self.startup.unknown = Some(format!("what `{program}` does with its arguments"));
                None
            }
        }
    }

    /// What an interpreter opens before it looks at the script.
    fn standard_library(&mut self, program: &str, interpreter: &ScriptRunner) {
        let needed = interpreter.standard_library(program, self.tree);
        for (path, instead) in needed {
            let Lookup::Found(real, node) = self.tree.lookup(path.as_bytes()) else {
                continue;
            };
            let Ok(real) = String::from_utf8(real) else {
                continue;
            };
            let purpose = Purpose::StandardLibrary(interpreter.language);
            let access = FileAccess::new(&real, node, Need::Read, purpose, program);
            self.push(FileAccess { instead, ..access });
        }
    }

    fn libraries(&mut self, program: &str, linkage: &Linkage) {
        let library_path = self.variable("LD_LIBRARY_PATH").map(str::to_owned);
        let found = libraries(self.tree, program, linkage, library_path.as_deref());
        for library in found {
            let Some(path) = library.path else { continue };
            let Lookup::Found(_, node) = self.tree.lookup(path.as_bytes()) else {
                continue;
            };
            if library.is_by_cache {
                let purpose = Purpose::LoaderCache(library.name.clone());
                let cache = "/etc/ld.so.cache";
                if let Lookup::Found(_, node) = self.tree.lookup(cache.as_bytes()) {
                    self.enter(cache, node, Need::Read, purpose, program);
                }
            }
            self.enter(
                &path,
                node,
                Need::Map,
                Purpose::Library(library.name),
                program,
            );
        }
    }

    fn enter(&mut self, path: &str, node: &FileNode, need: Need, purpose: Purpose, program: &str) {
        self.push(FileAccess::new(path, node, need, purpose, program));
    }

    /// Enters an access that is not known yet.
    fn push(&mut self, access: FileAccess) {
        let is_known = |known: &FileAccess| known.path == access.path && known.need == access.need;
        if !self.startup.accesses.iter().any(is_known) {
            self.startup.accesses.push(access);
        }
    }

    /// Finds a program as a runtime or a shell does: a name without a slash is searched in the directories of `PATH`.
    fn find(&mut self, name: &str) -> Option<(String, &'r FileNode)> {
        let tree = self.tree;
        let found = if name.contains('/') {
            self.file(name)
        } else {
            let path = self.variable("PATH").unwrap_or(DEFAULT_PATH);
            let mut directories = path
                .split(':')
                .filter(|directory| directory.starts_with('/'));
            directories.find_map(|directory| regular(tree, &format!("{directory}/{name}")))
        };
        if found.is_none() {
            match tree.is_complete() {
                true => self.startup.missing = Some(name.to_owned()),
                false => self.startup.unknown = Some(format!("what `{name}` is")),
            }
        }
        found
    }

    /// A regular file, from the working directory.
    fn file(&self, name: &str) -> Option<(String, &'r FileNode)> {
        match name.starts_with('/') {
            true => regular(self.tree, name),
            false => {
                let directory = self.process.working_dir.as_deref()?;
                regular(self.tree, &format!("{directory}/{name}"))
            }
        }
    }

    fn variable(&self, name: &str) -> Option<&'r str> {
        let mut entries = self.process.environment.iter().rev();
        entries.find_map(|entry| entry.strip_prefix(name)?.strip_prefix('='))
    }
}

/// The regular file that a path leads to. A path that is no text cannot be shown, and is left out.
fn regular<'t>(tree: &'t ImageTree, path: &str) -> Option<(String, &'t FileNode)> {
    match tree.lookup(path.as_bytes()) {
        Lookup::Found(real, node) if matches!(node.kind, FileNodeKind::File(_)) => {
            Some((String::from_utf8(real).ok()?, node))
        }
        _ => None,
    }
}
