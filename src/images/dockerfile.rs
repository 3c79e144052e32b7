//! What a Dockerfile says of the image that it builds. `RUN` is not executed: what it makes is not known.

use parse_dockerfile::{Command, Instruction, JsonOrStringArray, Source, UnescapedString};

use super::base::{Architecture, base_image};
use super::config::ImageConfig;
use super::file::{Content, FileFacts};
use super::ignored::{DockerIgnore, IGNORE_FILE};
use super::tree::{FileNode, FileNodeKind, ImageTree, Lookup};
use super::words::{Values, expand, split_words};
use crate::source::{EntryKind, Vfs};

/// Most bytes of a Dockerfile that is read.
const MAX_DOCKERFILE_BYTES: usize = 1 << 20;

/// Most instructions of a Dockerfile that are followed.
const MAX_INSTRUCTIONS: usize = 10_000;

/// Most files of a build context that are looked at: those that a command names.
const MAX_LOOKED_UP: usize = 64;

/// Why a Dockerfile cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DockerfileFault {
    /// It is no Dockerfile, as the parser says.
    #[error("{0}")]
    Syntax(String),
    /// It is larger than is read.
    #[error(
        "it is longer than {MAX_DOCKERFILE_BYTES} bytes, or has more than {MAX_INSTRUCTIONS} instructions"
    )]
    TooLarge,
    /// The stage that is asked for is not in it.
    #[error("it has no stage `{0}`")]
    Stage(String),
}

/// Where the files of a build are.
#[derive(Copy, Clone)]
pub struct BuildContext<'v> {
    /// The files.
    pub files: &'v dyn Vfs,
    /// The directory that is sent to the build.
    pub directory: &'v str,
}

/// What is known of an image from its Dockerfile.
#[derive(Clone, Debug)]
pub struct BuiltImage {
    /// The image that the last stage begins with, as written, with variables put in; `None` if it is not known.
    pub base: Option<String>,
    /// The public source of what is known of it; `None` if nothing is known.
    pub base_source: Option<&'static str>,
    /// Some of its files, for each architecture in the order of `Architecture::ALL`.
    pub trees: Vec<ImageTree>,
    /// What it runs.
    pub config: ImageConfig,
    /// Whether a `RUN` may have changed its files.
    pub has_run: bool,
    copies: Vec<CopiedPath>,
}

/// Something that `COPY` brings from the context.
#[derive(Clone, PartialEq, Eq, Debug)]
struct CopiedPath {
    /// Its path in the context; empty for the context itself.
    from: String,
    /// The path in the image.
    to: String,
}

/// What a stage has come to.
#[derive(Clone)]
struct Stage {
    name: Option<String>,
    image: BuiltImage,
    shell: Vec<String>,
    /// Variables, of which those of `ENV` are in the image's environment as well.
    values: Values,
}

impl BuiltImage {
    /// Reads a Dockerfile; `target` names the stage that is built if it is not the last one, and `arguments` what the build is given.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(
        text: &str,
        target: Option<&str>,
        arguments: &[(String, String)],
    ) -> Result<Self, DockerfileFault> {
        if text.len() > MAX_DOCKERFILE_BYTES {
            return Err(DockerfileFault::TooLarge);
        }
        let parsed = parse_dockerfile::parse(text)
            .map_err(|error| DockerfileFault::Syntax(error.to_string()))?;
        if parsed.instructions.len() > MAX_INSTRUCTIONS {
            return Err(DockerfileFault::TooLarge);
        }
        let mut stages: Vec<Stage> = Vec::new();
        let mut global: Values = Vec::new();
        for instruction in &parsed.instructions {
            match (instruction, stages.last_mut()) {
                (Instruction::From(from), _) => {
                    if is_target(stages.last(), target) {
                        break;
                    }
                    let image = expand(&from.image.value, &global);
                    let name = from
                        .as_
                        .as_ref()
                        .map(|(_, name)| name.value.to_ascii_lowercase());
                    let stage = Stage::from(image, name, &stages);
                    stages.push(stage);
                }
                (Instruction::Arg(arg), None) => {
                    declare(&arg.arguments.value, arguments, &[], &mut global)
                }
                (Instruction::Arg(arg), Some(stage)) => {
                    declare(&arg.arguments.value, arguments, &global, &mut stage.values);
                }
                (Instruction::Copy(copy), Some(_)) => {
                    copied(&copy.options, &copy.src, &copy.dest, &mut stages);
                }
                (instruction, Some(stage)) => stage.follow(instruction),
                (_, None) => {}
            }
        }
        match (target, stages.pop()) {
            (Some(target), last) if !is_target(last.as_ref(), Some(target)) => {
                Err(DockerfileFault::Stage(target.to_owned()))
            }
            (_, Some(stage)) => Ok(stage.image),
            (_, None) => Err(DockerfileFault::Syntax("it has no `FROM`".to_owned())),
        }
    }

    /// Enters those files of the context that these words name, with what is in them: the words of a command. Relative ones are below
    /// the working directory.
    pub fn look_up(
        &mut self,
        words: &[String],
        working_dir: Option<&str>,
        context: BuildContext<'_>,
    ) {
        let ignored = context
            .files
            .read(&join(context.directory, IGNORE_FILE))
            .ok();
        let ignored = ignored.map(|bytes| DockerIgnore::read(&String::from_utf8_lossy(&bytes)));
        let ignored = match ignored {
            None => DockerIgnore::default(),
            Some(Ok(ignored)) => ignored,
            // What is left out is not known.
            Some(Err(_)) => return,
        };
        for word in words.iter().take(MAX_LOOKED_UP) {
            let path = match (word.starts_with('/'), working_dir) {
                (true, _) => word.clone(),
                (false, Some(directory)) => join(directory, word),
                (false, None) => continue,
            };
            let Some(from) = self.source(&path, context, &ignored) else {
                continue;
            };
            let bytes = context.files.beginning(&join(context.directory, &from));
            let content = bytes.map_or(Content::Unknown, |bytes| {
                Content::of(from.as_bytes(), &bytes)
            });
            for tree in &mut self.trees {
                let kind = FileNodeKind::File(FileFacts {
                    content: content.clone(),
                });
                tree.insert(
                    path.trim_start_matches('/').as_bytes(),
                    FileNode { kind, owner: None },
                );
            }
        }
    }

    /// The file of the context that lies at a path of the image.
    fn source(
        &self,
        path: &str,
        context: BuildContext<'_>,
        ignored: &DockerIgnore,
    ) -> Option<String> {
        if path.split('/').any(|part| part == "..") {
            return None;
        }
        self.copies.iter().rev().find_map(|copy| {
            let rest = path.strip_prefix(&*copy.to)?;
            let from = match rest.strip_prefix('/') {
                None if rest.is_empty() => copy.from.clone(),
                Some(rest) => join(&copy.from, rest),
                None => return None,
            };
            let kind = context.files.kind(&join(context.directory, &from));
            (kind == Some(EntryKind::File) && !ignored.has(&from)).then_some(from)
        })
    }
}

/// Whether a stage is the one that is built.
fn is_target(stage: Option<&Stage>, target: Option<&str>) -> bool {
    let name = stage.and_then(|stage| stage.name.as_deref());
    target.is_some_and(|target| name.is_some_and(|name| name.eq_ignore_ascii_case(target)))
}

/// Takes up `ARG NAME=VALUE …`: what the build is given counts first, then the value, then what stands in front of the first stage.
fn declare(
    text: &str,
    given: &[(String, String)],
    global: &[(String, Option<String>)],
    values: &mut Values,
) {
    for word in split_words(text).unwrap_or_default() {
        let (name, default) = match word.split_once('=') {
            Some((name, default)) => (name.to_owned(), Some(default.to_owned())),
            None => (word, None),
        };
        let given = given
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.clone());
        let outer = || {
            global
                .iter()
                .rev()
                .find(|(known, _)| *known == name)
                .and_then(|(_, value)| value.clone())
        };
        let default = default.and_then(|default| expand(&default, values));
        let value = given.or(default).or_else(outer);
        values.push((name, value));
    }
}

impl Stage {
    fn from(image: Option<String>, name: Option<String>, stages: &[Self]) -> Self {
        let earlier = image.as_deref().and_then(|image| {
            let mut stages = stages.iter().rev();
            stages.find(|stage| {
                stage
                    .name
                    .as_deref()
                    .is_some_and(|name| name.eq_ignore_ascii_case(image))
            })
        });
        if let Some(earlier) = earlier {
            return Self {
                name,
                ..earlier.clone()
            };
        }
        let known = image.as_deref().and_then(base_image);
        let unknown = || Architecture::ALL.map(|_| ImageTree::new(false)).to_vec();
        let (trees, config, base_source) = match known {
            Some(known) => (known.trees, known.config, Some(known.source)),
            None => (unknown(), ImageConfig::default(), None),
        };
        Self {
            name,
            image: BuiltImage {
                base: image,
                base_source,
                trees,
                config,
                has_run: false,
                copies: Vec::new(),
            },
            shell: ["/bin/sh", "-c"].map(str::to_owned).to_vec(),
            // The environment of the image is not known.
            values: vec![("PATH".to_owned(), None)],
        }
    }

    fn follow(&mut self, instruction: &Instruction<'_>) {
        let config = &mut self.image.config;
        match instruction {
            Instruction::Cmd(command) => {
                config.command = Some(arguments(&command.arguments, &self.shell));
            }
            Instruction::Entrypoint(entrypoint) => {
                config.entrypoint = Some(arguments(&entrypoint.arguments, &self.shell));
                config.command = Some(Vec::new());
            }
            Instruction::Env(env) => self.environment(&env.arguments.value),
            Instruction::Workdir(dir) => {
                let dir = expand(&dir.arguments.value, &self.values);
                config.working_dir = match (dir, config.working_dir.take()) {
                    (Some(dir), _) if dir.starts_with('/') => Some(join("/", &dir)),
                    (Some(dir), Some(current)) => {
                        Some(join(if current.is_empty() { "/" } else { &current }, &dir))
                    }
                    _ => None,
                };
            }
            Instruction::User(user) => {
                config.user = expand(user.arguments.value.trim(), &self.values)
            }
            Instruction::Expose(ports) => {
                let ports = ports.arguments.iter();
                let ports = ports.filter_map(|port| expand(&port.value, &self.values));
                let port = |port: String| -> Option<u16> {
                    port.split('/').next().and_then(|port| port.parse().ok())
                };
                config.ports.extend(ports.filter_map(port));
            }
            Instruction::Volume(volume) => {
                let JsonOrStringArray::Json(parse_dockerfile::Spanned { value, .. }) =
                    &volume.arguments
                else {
                    let JsonOrStringArray::String(value) = &volume.arguments else {
                        return;
                    };
                    config.volumes.extend(
                        value
                            .iter()
                            .filter_map(|one| expand(&one.value, &self.values)),
                    );
                    return;
                };
                config
                    .volumes
                    .extend(value.iter().map(|one| one.value.clone().into_owned()));
            }
            Instruction::Shell(shell) => {
                self.shell = shell
                    .arguments
                    .iter()
                    .map(|one| one.value.clone().into_owned())
                    .collect();
            }
            Instruction::Run(_) => self.image.has_run = true,
            // Archives are unpacked, and what an address leads to is not known.
            Instruction::Add(_) => self.image.has_run = true,
            _ => {}
        }
    }

    /// `ENV NAME=VALUE …`, or `ENV NAME VALUE`.
    fn environment(&mut self, text: &str) {
        let first = text.split_whitespace().next().unwrap_or_default();
        let pairs: Vec<(String, String)> = if first.contains('=') {
            let pairs = split_words(text).unwrap_or_default().into_iter();
            pairs
                .filter_map(|word| {
                    word.split_once('=')
                        .map(|(n, v)| (n.to_owned(), v.to_owned()))
                })
                .collect()
        } else {
            text.trim()
                .split_once(char::is_whitespace)
                .map(|(n, v)| (n.to_owned(), v.trim().to_owned()))
                .into_iter()
                .collect()
        };
        for (name, value) in pairs {
            let value = expand(&value, &self.values);
            if let Some(value) = &value {
                self.image
                    .config
                    .environment
                    .push(format!("{name}={value}"));
            }
            self.values.push((name, value));
        }
    }

    /// The path in the image that a word means.
    fn path(&self, word: &UnescapedString<'_>) -> Option<String> {
        let word = expand(&word.value, &self.values)?;
        match word.starts_with('/') {
            true => Some(word),
            false => {
                let current = self.image.config.working_dir.as_deref()?;
                Some(format!("{}/{word}", current.trim_end_matches('/')))
            }
        }
    }
}

/// Takes up `COPY`: from the context, or from an earlier stage. What comes from another image is not known.
fn copied(
    options: &[parse_dockerfile::Flag<'_>],
    sources: &[Source<'_>],
    target: &UnescapedString<'_>,
    stages: &mut [Stage],
) {
    let Some((stage, earlier)) = stages.split_last_mut() else {
        return;
    };
    let Some(written) = stage.path(target) else {
        return;
    };
    let option = |name: &str| options.iter().find(|option| option.name.value == name);
    let from = option("from")
        .and_then(|from| from.value.as_ref())
        .map(|from| expand(&from.value, &stage.values));
    // Hard links and parents change where files come to lie.
    if option("parents").is_some() {
        return;
    }
    let other = match &from {
        None => None,
        Some(Some(name)) => {
            let is_it = |stage: &&Stage| {
                stage
                    .name
                    .as_deref()
                    .is_some_and(|own| own.eq_ignore_ascii_case(name))
            };
            let number = name
                .parse()
                .ok()
                .and_then(|number: usize| earlier.get(number));
            match earlier.iter().rev().find(is_it).or(number) {
                Some(other) => Some(other.image.clone()),
                None => return,
            }
        }
        Some(None) => return,
    };
    let is_directory = written.ends_with(['/', '.']) || sources.len() > 1;
    let to = join("/", &written);
    for source in sources {
        let Source::Path(source) = source else {
            continue;
        };
        let Some(source) = expand(&source.value, &stage.values) else {
            continue;
        };
        // Patterns may match a file or a directory: what they bring is not known.
        if source.contains(['*', '?', '[']) || source.contains("://") {
            continue;
        }
        match &other {
            None => {
                let from = join("", &source);
                stage
                    .image
                    .copies
                    .extend(mappings(&from, &to, is_directory));
            }
            Some(other) => stage.image.take_from(other, &source, &to, is_directory),
        }
    }
}

/// What a source of the context may come to lie at: a directory brings what is in it, a file comes into a directory or takes the place
/// of the target. Which of them it is shows when a file is looked up.
fn mappings(from: &str, to: &str, is_directory: bool) -> Vec<CopiedPath> {
    let name = from.rsplit('/').next().unwrap_or_default();
    let mapping = |to: String| CopiedPath {
        from: from.to_owned(),
        to,
    };
    let in_it = || mapping(join(to, name));
    match is_directory {
        _ if name.is_empty() => vec![mapping(to.trim_end_matches('/').to_owned())],
        true => vec![mapping(to.trim_end_matches('/').to_owned()), in_it()],
        false => vec![in_it(), mapping(to.to_owned())],
    }
}

impl BuiltImage {
    /// Copies what is known of another stage.
    fn take_from(&mut self, other: &Self, source: &str, to: &str, is_directory: bool) {
        for (tree, other) in self.trees.iter_mut().zip(&other.trees) {
            let Lookup::Found(real, node) = other.lookup(source.as_bytes()) else {
                continue;
            };
            let real = real.strip_prefix(b"/").unwrap_or(&real);
            match &node.kind {
                FileNodeKind::Directory => {
                    for (path, node) in other.below(real) {
                        let rest = path.get(real.len() + 1..).unwrap_or_default();
                        let path = [to.trim_start_matches('/').as_bytes(), b"/", rest].concat();
                        tree.insert(path.strip_prefix(b"/").unwrap_or(&path), node.clone());
                    }
                }
                _ => {
                    let name = source.rsplit('/').next().unwrap_or_default();
                    let path = if is_directory {
                        join(to, name)
                    } else {
                        to.to_owned()
                    };
                    tree.insert(path.trim_start_matches('/').as_bytes(), node.clone());
                }
            }
        }
        let copies = other.copies.iter().filter_map(|copy| {
            let rest = copy.to.strip_prefix(source.trim_end_matches('/'))?;
            rest.is_empty()
                .then(|| mappings(&copy.from, to, is_directory))
        });
        let copies: Vec<CopiedPath> = copies.flatten().collect();
        self.copies.extend(copies);
    }
}

/// The words of `CMD` and `ENTRYPOINT`: the other form is for a shell.
fn arguments(command: &Command<'_>, shell: &[String]) -> Vec<String> {
    match command {
        Command::Exec(words) => words
            .value
            .iter()
            .map(|word| word.value.clone().into_owned())
            .collect(),
        Command::Shell(text) => {
            let mut words = shell.to_vec();
            words.push(text.value.trim().to_owned());
            words
        }
        _ => Vec::new(),
    }
}

/// Two parts of a path, without `.`; an empty one or `.` adds nothing.
fn join(first: &str, second: &str) -> String {
    let parts = second
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".");
    let mut path = first.trim_end_matches('/').to_owned();
    let is_absolute = first.starts_with('/');
    for part in parts {
        if !path.is_empty() || is_absolute {
            path.push('/');
        }
        path.push_str(part);
    }
    if path.is_empty() && is_absolute {
        path.push('/');
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::startup::{Process, Startup};
    use crate::source::MemoryVfs;

    fn built(text: &str) -> BuiltImage {
        BuiltImage::read(text, None, &[]).unwrap()
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn what_it_runs() {
        let text = "ARG V=3.8\nFROM python:${V}-slim\nWORKDIR /srv\nWORKDIR app\nENV A=1 B=\"x y\"\nENV C $A z\nUSER 10001:10001\nEXPOSE 5000/tcp $A\nVOLUME [\"/data\"]\nVOLUME /x /y\nCMD [\"python\", \"app.py\"]\n";
        let built = built(text);
        assert_eq!(built.base.unwrap(), "python:3.8-slim");
        let config = built.config;
        assert_eq!(config.working_dir.unwrap(), "/srv/app");
        assert_eq!(config.environment, ["A=1", "B=x y", "C=1 z"]);
        assert_eq!(config.user.unwrap(), "10001:10001");
        assert_eq!(config.ports, [5000, 1]);
        assert_eq!(config.volumes, ["/data", "/x", "/y"]);
        assert_eq!(
            (config.entrypoint.unwrap(), config.command.unwrap()),
            (Vec::new(), texts(&["python", "app.py"]))
        );
    }

    #[test]
    fn what_a_build_may_set_is_unknown() {
        let text = "ARG IMAGE\nFROM $IMAGE\nARG DIR\nWORKDIR $DIR\nUSER $DIR\nCMD x\n";
        let built = built(text);
        assert_eq!((built.base, built.base_source), (None, None));
        assert_eq!(
            (
                built.config.working_dir,
                built.config.user,
                built.config.entrypoint
            ),
            (None, None, None)
        );
        assert_eq!(built.config.command.unwrap(), ["/bin/sh", "-c", "x"]);
        let given = [("IMAGE".to_owned(), "python:3.12".to_owned())];
        let given = BuiltImage::read(text, None, &given).unwrap();
        assert_eq!(given.base.unwrap(), "python:3.12");
    }

    #[test]
    fn an_entrypoint_resets_the_command_of_the_base() {
        let built = built("FROM nginx:1.27\nENTRYPOINT [\"/x\"]\n");
        assert_eq!(built.config.command, Some(Vec::new()));
    }

    #[test]
    fn stages() {
        let text = "FROM golang:1.22 AS build\nWORKDIR /src\nRUN go build\nFROM python:3.13-slim AS base\nUSER 5\nFROM Base\nCOPY --from=build /src/x /usr/bin/x\nCMD [\"/usr/bin/x\"]\n";
        let found = built(text);
        assert_eq!(found.base.as_deref(), Some("python:3.13-slim"));
        assert_eq!(found.config.user.as_deref(), Some("5"));
        let build = BuiltImage::read(text, Some("build"), &[]).unwrap();
        assert_eq!(build.base.as_deref(), Some("golang:1.22"));
        let missing = BuiltImage::read(text, Some("nothing"), &[]);
        assert_eq!(
            missing.unwrap_err(),
            DockerfileFault::Stage("nothing".to_owned())
        );
    }

    #[test]
    fn files_of_the_context() {
        let mut files = MemoryVfs::default();
        files.insert("web/app.py".to_owned(), "print()\n".to_owned());
        files.insert(
            "web/run.sh".to_owned(),
            "#!/bin/sh\nexec \"$@\"\n".to_owned(),
        );
        files.insert("web/secret.py".to_owned(), "x".to_owned());
        files.insert("web/.dockerignore".to_owned(), "secret.py\n".to_owned());
        let context = BuildContext {
            files: &files,
            directory: "web",
        };
        let opens = |dockerfile: &str, words: &[&str]| -> Vec<String> {
            let mut built = built(dockerfile);
            let arguments = texts(words);
            let working_dir = built.config.working_dir.clone().unwrap();
            built.look_up(&arguments, Some(&working_dir), context);
            let process = Process {
                arguments,
                working_dir: Some(working_dir),
                environment: Vec::new(),
                init: None,
            };
            let startup = Startup::of(&built.trees[0], &process);
            startup
                .accesses
                .into_iter()
                .map(|access| access.path)
                .collect()
        };
        let head = "FROM python:3.8-slim\nWORKDIR /app\n";
        let reads = |copy: &str, words: &[&str], path: &str| {
            let found = opens(&format!("{head}{copy}\n"), words);
            found.iter().any(|found| found == path)
        };
        assert!(reads("COPY . .", &["python", "app.py"], "/app/app.py"));
        assert!(reads(
            "COPY . /app",
            &["python", "/app/app.py"],
            "/app/app.py"
        ));
        assert!(reads(
            "COPY app.py ./",
            &["python", "app.py"],
            "/app/app.py"
        ));
        assert!(reads(
            "COPY app.py /srv/main.py",
            &["python", "/srv/main.py"],
            "/srv/main.py"
        ));
        assert!(reads(
            "COPY app.py run.sh /srv/",
            &["python", "/srv/app.py"],
            "/srv/app.py"
        ));
        assert!(reads(
            "COPY run.sh /run.sh",
            &["/run.sh", "python"],
            "/usr/local/bin/python3.8"
        ));
        assert!(!reads(
            "COPY . .",
            &["python", "secret.py"],
            "/app/secret.py"
        ));
        assert!(!reads(
            "COPY app.py /srv/",
            &["python", "app.py"],
            "/app/app.py"
        ));
        assert!(!reads(
            "COPY . .",
            &["python", "../web/app.py"],
            "/web/app.py"
        ));
    }

    #[test]
    fn what_is_no_dockerfile() {
        for text in ["", "RUN x\n", "FROM\n", "HELLO world\n", "FROM a\nCOPY x\n"] {
            assert!(BuiltImage::read(text, None, &[]).is_err(), "{text:?}");
        }
    }
}
