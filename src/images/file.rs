//! What is kept of a file's content.

use std::sync::Arc;

use super::elf::{Linkage, linkage};

/// What is known of a regular file's content.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// Nothing: the file is there.
    Unknown,
    /// It is neither a program nor a script.
    Data,
    /// An ELF file; without its linkage if that could not be read.
    Elf(Option<Arc<Linkage>>),
    /// A script that names its interpreter.
    Script(Arc<Script>),
    /// The text of a file that says where libraries are or who users are.
    Text(Arc<str>),
}

/// A script: its `#!` line, and whether it hands over to its arguments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Script {
    /// The interpreter, as written.
    pub interpreter: String,
    /// What the kernel passes to the interpreter in front of the script's name: the rest of the line, as one word.
    pub argument: Option<String>,
    /// Whether a line is `exec "$@"`: a shell then starts what its arguments say.
    pub runs_arguments: bool,
}

/// A regular file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileFacts {
    /// What is known of its content.
    pub content: Content,
}

/// Most bytes that are read of a script.
pub(super) const MAX_SCRIPT_BYTES: usize = 64 << 10;

/// Most bytes of a `#!` line; the kernel reads 256 (`BINPRM_BUF_SIZE`).
const MAX_INTERPRETER_LINE: usize = 256;

/// Files whose text is needed, by their path without the slash in front.
pub(super) fn is_text_needed(path: &[u8]) -> bool {
    let is_exactly = [&b"etc/passwd"[..], b"etc/group", b"etc/ld.so.conf"].contains(&path);
    let is_loader_path =
        |path: &[u8]| path.starts_with(b"etc/ld-musl-") && path.ends_with(b".path");
    let is_part = path.starts_with(b"etc/ld.so.conf.d/") && path.ends_with(b".conf");
    is_exactly || is_part || is_loader_path(path)
}

impl Content {
    /// What the bytes of a whole file, or its beginning, are.
    #[must_use]
    pub fn of(path: &[u8], bytes: &[u8]) -> Self {
        if bytes.starts_with(b"\x7fELF") {
            return Self::Elf(linkage(bytes).map(Arc::new));
        }
        if is_text_needed(path) {
            return Self::Text(String::from_utf8_lossy(bytes).into());
        }
        match Script::read(bytes) {
            Some(script) => Self::Script(Arc::new(script)),
            None => Self::Data,
        }
    }
}

impl Script {
    /// Reads the `#!` line as the kernel does (fs/binfmt_script.c): one word, then the rest as one argument.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(b"#!")?;
        let line = rest.split(|byte| *byte == b'\n').next()?;
        let line = line.get(..line.len().min(MAX_INTERPRETER_LINE))?;
        let line = std::str::from_utf8(line).ok()?;
        let line = line.trim_matches([' ', '\t', '\r']);
        let (interpreter, argument) = match line.split_once([' ', '\t']) {
            Some((interpreter, argument)) => (interpreter, Some(argument.trim().to_owned())),
            None => (line, None),
        };
        if interpreter.is_empty() {
            return None;
        }
        let text = String::from_utf8_lossy(bytes);
        let mut lines = text.lines().map(str::trim);
        Some(Self {
            interpreter: interpreter.to_owned(),
            argument,
            runs_arguments: lines
                .any(|line| matches!(line, "exec \"$@\"" | "exec $@" | "exec \"${@}\"")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_read_as_the_kernel_reads_them() {
        let read = |text: &str| Script::read(text.as_bytes()).map(|s| (s.interpreter, s.argument));
        let of = |name: &str, argument: Option<&str>| {
            Some((name.to_owned(), argument.map(str::to_owned)))
        };
        assert_eq!(read("#!/bin/sh\nset -e\n"), of("/bin/sh", None));
        assert_eq!(
            read("#! /usr/bin/env  -S node --x\n"),
            of("/usr/bin/env", Some("-S node --x"))
        );
        assert_eq!(read("#!/bin/sh -e"), of("/bin/sh", Some("-e")));
        assert_eq!(read("#!\n"), None);
        assert_eq!(read("# !/bin/sh\n"), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn a_script_that_runs_its_arguments() {
        let runs = |text: &str| Script::read(text.as_bytes()).unwrap().runs_arguments;
        assert!(runs("#!/bin/sh\nset -e\nexec \"$@\"\n"));
        assert!(runs("#!/bin/sh\nif true; then\n\texec \"$@\"\nfi\n"));
        assert!(!runs("#!/bin/sh\nexec nginx\n"));
        assert!(!runs("#!/bin/sh\n# exec \"$@\" is left out\n"));
    }
}
