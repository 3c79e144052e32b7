//! Programs that read a script or start another program, and what they do with their arguments.

use super::tree::{ImageTree, Lookup};

/// A program that reads a script or starts another program.
#[derive(Debug)]
pub(super) struct ScriptRunner {
    /// What its program is called, without digits and dots at the end.
    name: &'static str,
    /// What it interprets; empty for a wrapper.
    pub(super) language: &'static str,
    /// Options that take no argument of their own.
    flags: &'static [&'static str],
    /// Options that take one.
    options: &'static [&'static str],
    /// The option in front of a program text.
    inline: Option<&'static str>,
    /// Whether its first argument is no script but a program.
    pub(super) is_wrapper: bool,
}

/// What becomes of a program's arguments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Argument<'a> {
    /// It reads this script, which gets these arguments.
    Script(&'a str, &'a [String]),
    /// It starts this program.
    Program(Vec<String>),
    /// It reads no script and starts nothing before it works.
    Nothing,
    /// That is not known.
    Unknown,
}

const fn language(
    name: &'static str,
    language: &'static str,
    flags: &'static [&'static str],
    options: &'static [&'static str],
    inline: Option<&'static str>,
) -> ScriptRunner {
    ScriptRunner {
        name,
        language,
        flags,
        options,
        inline,
        is_wrapper: false,
    }
}

const fn wrapper(
    name: &'static str,
    flags: &'static [&'static str],
    options: &'static [&'static str],
) -> ScriptRunner {
    ScriptRunner {
        name,
        language: "",
        flags,
        options,
        inline: None,
        is_wrapper: true,
    }
}

const SHELL_FLAGS: &[&str] = &["-e", "-u", "-x", "-eu", "-ex", "-eux", "-l", "--"];
const PYTHON_FLAGS: &[&str] = &[
    "-u", "-B", "-E", "-s", "-S", "-I", "-O", "-OO", "-v", "-q", "-P",
];

/// dash(1), bash(1), busybox's ash; python(1), node(1), perl(1), ruby(1), php(1); env(1), tini, dumb-init.
const INTERPRETERS: &[ScriptRunner] = &[
    language("sh", "shell", SHELL_FLAGS, &[], Some("-c")),
    language("dash", "shell", SHELL_FLAGS, &[], Some("-c")),
    language("bash", "shell", SHELL_FLAGS, &[], Some("-c")),
    language("ash", "shell", SHELL_FLAGS, &[], Some("-c")),
    language("busybox", "shell", SHELL_FLAGS, &[], Some("-c")),
    language("python", "Python", PYTHON_FLAGS, &["-W", "-X"], Some("-c")),
    language(
        "node",
        "JavaScript",
        &["--enable-source-maps", "--no-warnings"],
        &[],
        Some("-e"),
    ),
    language(
        "nodejs",
        "JavaScript",
        &["--enable-source-maps", "--no-warnings"],
        &[],
        Some("-e"),
    ),
    language("perl", "Perl", &["-w", "-T", "-t"], &[], Some("-e")),
    language("ruby", "Ruby", &["-w"], &[], Some("-e")),
    language("php", "PHP", &[], &["-d"], Some("-r")),
    wrapper(
        "tini",
        &["-g", "-s", "-v", "-vv", "-w", "--"],
        &["-e", "-p"],
    ),
    wrapper(
        "tini-static",
        &["-g", "-s", "-v", "-vv", "-w", "--"],
        &["-e", "-p"],
    ),
    wrapper(
        "dumb-init",
        &["-c", "-v", "--single-child", "--verbose", "--"],
        &["-r", "--rewrite"],
    ),
    wrapper("env", &["-i", "--"], &["-u"]),
];

impl ScriptRunner {
    /// The one of a program: versions at the end of its name do not matter.
    pub(super) fn of(program: &str) -> Option<&'static Self> {
        let name = program.rsplit('/').next().unwrap_or_default();
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        INTERPRETERS.iter().find(|known| known.name == stem)
    }

    /// What becomes of its arguments, those behind the name of the program.
    pub(super) fn argument<'a>(&self, arguments: &'a [String]) -> Argument<'a> {
        let mut rest = arguments;
        while let Some((word, after)) = rest.split_first() {
            if self.inline == Some(word) {
                return match (self.language, after.split_first()) {
                    ("shell", Some((command, _))) => simple_command(command),
                    _ => Argument::Nothing,
                };
            }
            let is_assignment = self.name == "env" && word.contains('=') && !word.starts_with('-');
            if self.flags.contains(&&**word) || is_assignment {
                rest = after;
            } else if self.options.contains(&&**word) {
                rest = after.get(1..).unwrap_or_default();
            } else if word.starts_with('-') {
                return Argument::Unknown;
            } else if self.is_wrapper {
                return Argument::Program(rest.to_vec());
            } else {
                return Argument::Script(word, after);
            }
        }
        Argument::Nothing
    }

    /// Files and directories that it opens before its script, with those that would do instead.
    pub(super) fn standard_library(
        &self,
        program: &str,
        tree: &ImageTree,
    ) -> Vec<(String, Vec<String>)> {
        match self.language {
            "Python" => python_library(program, tree),
            "JavaScript" => javascript_library(program, tree),
            _ => Vec::new(),
        }
    }
}

/// Python lists the directory of its library and imports `encodings` from there, compiled or not
/// (Lib/importlib/_bootstrap_external.py, `FileFinder`; Python/initconfig and Python/codecs.c since 3.0).
fn python_library(program: &str, tree: &ImageTree) -> Vec<(String, Vec<String>)> {
    let Some((directory, name)) = program.rsplit_once('/') else {
        return Vec::new();
    };
    let Some(prefix) = directory.strip_suffix("/bin") else {
        return Vec::new();
    };
    let library = format!("{prefix}/lib/{name}");
    let source = format!("{library}/encodings/__init__.py");
    let version: String = name.chars().filter(char::is_ascii_digit).collect();
    let compiled = format!("{library}/encodings/__pycache__/__init__.cpython-{version}.pyc");
    let Lookup::Found(..) = tree.lookup(source.as_bytes()) else {
        return Vec::new();
    };
    let encodings = format!("{library}/encodings");
    vec![
        (library, Vec::new()),
        (encodings, Vec::new()),
        (source, vec![compiled]),
    ]
}

/// Node.js as Debian builds it has parts of its library in files, and aborts if it cannot read the first of them (the options
/// `--shared-builtin-…-path` of its configure.py; seen with 20.19). Builds of upstream have all of it in the program.
fn javascript_library(program: &str, tree: &ImageTree) -> Vec<(String, Vec<String>)> {
    let first = "/usr/share/nodejs/cjs-module-lexer/lexer.js";
    let is_there = matches!(tree.lookup(first.as_bytes()), Lookup::Found(..));
    match program.starts_with("/usr/bin/") && is_there {
        true => vec![(first.to_owned(), Vec::new())],
        false => Vec::new(),
    }
}

/// The program that a shell starts first, if the text is a list of plain words: what more there is can be anything.
fn simple_command(text: &str) -> Argument<'static> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " ./_-+:,@=%".contains(c);
    let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    if !text.chars().all(is_plain) {
        return Argument::Unknown;
    }
    if words.first().is_some_and(|word| word == "exec") {
        words.remove(0);
    }
    const BUILTINS: [&str; 12] = [
        "cd", "echo", "export", "set", "test", "true", "false", "exit", "trap", "ulimit", "umask",
        "source",
    ];
    match words.first() {
        None => Argument::Nothing,
        Some(word)
            if word.contains('=') || BUILTINS.contains(&&**word) || word == "." || word == ":" =>
        {
            Argument::Unknown
        }
        Some(_) => Argument::Program(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argument(line: &str) -> String {
        let words: Vec<String> = line.split('|').map(str::to_owned).collect();
        let (program, rest) = words.split_first().unwrap();
        match ScriptRunner::of(program).unwrap().argument(rest) {
            Argument::Script(script, after) => format!("script {script} {}", after.join(" ")),
            Argument::Program(words) => format!("program {}", words.join(" ")),
            Argument::Nothing => "nothing".to_owned(),
            Argument::Unknown => "unknown".to_owned(),
        }
    }

    #[test]
    fn arguments() {
        for (line, expected) in [
            (
                "/usr/bin/python3.13|app.py|--port|5000",
                "script app.py --port 5000",
            ),
            ("python|-u|-X|dev|app.py", "script app.py "),
            ("python|-m|flask|run", "unknown"),
            ("python|-c|print()", "nothing"),
            ("python", "nothing"),
            ("/bin/sh|-c|python app.py", "program python app.py"),
            ("/bin/sh|-c|exec nginx -g", "program nginx -g"),
            ("/bin/sh|-c|cd /app && x", "unknown"),
            ("/bin/sh|-c|cd /app", "unknown"),
            ("/bin/sh|-c|A=1 x", "unknown"),
            ("/bin/sh|/entry.sh|x", "script /entry.sh x"),
            ("/usr/bin/env|A=1|node|x.js", "program node x.js"),
            ("/usr/bin/env|-S|node", "unknown"),
            ("/sbin/tini|--|python|x", "program python x"),
            ("/usr/bin/perl5.36|-w|x.pl", "script x.pl "),
        ] {
            assert_eq!(argument(line), expected, "{line}");
        }
        assert!(ScriptRunner::of("/usr/bin/pythonic").is_none());
        assert!(ScriptRunner::of("/usr/sbin/nginx").is_none());
    }
}
