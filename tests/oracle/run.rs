//! Running the real parsers: always with a time limit, and each input only once.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A parser and how it is run.
#[derive(Clone, Debug)]
pub struct Parser {
    pub version: String,
    command: Vec<String>,
}

/// The two parsers.
#[derive(Clone, Debug)]
pub struct Parsers {
    /// Debian's stable one: 3.0.8.
    pub stable: Parser,
    /// The one that knows the newer syntax: 5.0.2.
    pub newer: Parser,
}

/// What a parser made of an input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    Compiled(Vec<u8>),
    /// With its first message.
    Refused(String),
    /// It took longer than the limit.
    TimedOut,
}

/// An input: a file, and where its includes are looked up.
pub struct Input<'i> {
    pub text: &'i [u8],
    /// The directory with its digest, see [`Tree::new`].
    pub base: Option<&'i Tree>,
    /// The features of the kernel to compile for.
    pub features: &'i Features,
}

/// A directory of includes.
pub struct Tree {
    path: PathBuf,
    digest: u128,
}

/// A kernel's features.
pub struct Features {
    path: PathBuf,
    digest: u128,
}

/// Where compiled policy and the newer parser are kept.
pub fn directory() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    target.expect("a target directory").join("oracle")
}

/// The parsers, or why they cannot be had.
pub fn needed() -> Result<&'static Parsers, String> {
    static PARSERS: OnceLock<Result<Parsers, String>> = OnceLock::new();
    PARSERS.get_or_init(find).as_ref().map_err(Clone::clone)
}

fn find() -> Result<Parsers, String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/oracle-parsers");
    let output = Command::new(script).arg(directory()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let parser = |line: &str| {
        let mut words = line.split('\t').map(str::to_owned);
        Some(Parser {
            version: words.next()?,
            command: words.collect(),
        })
    };
    let lines: Vec<Parser> = text.lines().filter_map(parser).collect();
    if output.status.success()
        && let [stable, newer] = lines.as_slice()
    {
        println!("parsers: {} and {}", stable.version, newer.version);
        return Ok(Parsers {
            stable: stable.clone(),
            newer: newer.clone(),
        });
    }
    let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    // In one line, as the list of tests shows it.
    Err(why.replace('\n', "; "))
}

impl Tree {
    pub fn new(path: &Path) -> Self {
        let mut digest = EMPTY;
        add_tree(path, &mut digest);
        Self {
            path: path.to_owned(),
            digest,
        }
    }
}

fn add_tree(path: &Path, digest: &mut u128) {
    let mut inner: Vec<PathBuf> = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    inner.sort();
    for path in inner {
        if path.is_dir() {
            add_tree(&path, digest);
        } else {
            add(digest, path.as_os_str().as_encoded_bytes());
            add(digest, &fs::read(&path).unwrap_or_default());
        }
    }
}

impl Features {
    /// From a file as `--features-file` takes it.
    pub fn from_file(path: &Path) -> Self {
        let mut digest = EMPTY;
        add(&mut digest, &fs::read(path).unwrap());
        Self {
            path: path.to_owned(),
            digest,
        }
    }

    /// From a text.
    pub fn from_text(name: &str, text: &str) -> Self {
        fs::create_dir_all(directory()).unwrap();
        let path = directory().join(name);
        write_whole(&path, text.as_bytes());
        Self::from_file(&path)
    }
}

impl Parser {
    /// Compiles an input; the result of an earlier run is used if nothing has changed.
    pub fn compile(&self, input: &Input<'_>, limit: Duration) -> Outcome {
        let mut key = EMPTY;
        add(&mut key, self.version.as_bytes());
        add(&mut key, &input.features.digest.to_le_bytes());
        add(
            &mut key,
            &input.base.map_or(0, |base| base.digest).to_le_bytes(),
        );
        add(&mut key, input.text);
        let name = format!("{key:032x}");
        let kept = directory().join("compiled").join(&name[..2]).join(name);
        if let Some(outcome) = fs::read(&kept).ok().and_then(|kept| recall(kept, limit)) {
            return outcome;
        }
        let outcome = self.run(input, limit);
        fs::create_dir_all(kept.parent().unwrap()).unwrap();
        write_whole(&kept, &keep(&outcome, limit));
        outcome
    }

    fn run(&self, input: &Input<'_>, limit: Duration) -> Outcome {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let work = directory()
            .join("running")
            .join(format!("{}-{number}", std::process::id()));
        let nothing = work.join("nothing");
        fs::create_dir_all(&nothing).unwrap();
        let (source, compiled, messages) =
            (work.join("profile"), work.join("out"), work.join("err"));
        fs::write(&source, input.text).unwrap();
        let base = input.base.map_or(nothing.as_path(), |base| &base.path);
        let (program, first) = self.command.split_first().unwrap();
        let mut command = Command::new(program);
        command
            .args(first)
            .args(["--config-file=/dev/null", "-Q", "-K", "-S", "-j1", "-M"])
            .arg(&input.features.path)
            .arg("-b")
            .arg(base)
            .arg("-I")
            .arg(base)
            .arg(&source)
            .stdin(Stdio::null())
            .stdout(fs::File::create(&compiled).unwrap())
            .stderr(fs::File::create(&messages).unwrap())
            // Whatever the parser starts ends with it.
            .process_group(0);
        let status = wait(command.spawn().unwrap(), limit).unwrap();
        let outcome = match status {
            None => Outcome::TimedOut,
            Some(true) => Outcome::Compiled(fs::read(&compiled).unwrap()),
            Some(false) => Outcome::Refused(first_message(&fs::read(&messages).unwrap(), &work)),
        };
        let _ = fs::remove_dir_all(&work);
        outcome
    }
}

/// Whether the process succeeded, or `None` if it had to be ended.
fn wait(mut child: Child, limit: Duration) -> io::Result<Option<bool>> {
    let start = Instant::now();
    let mut pause = Duration::from_micros(500);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status.success()));
        }
        if start.elapsed() > limit {
            let group = format!("-{}", child.id());
            Command::new("kill")
                .args(["-KILL", "--", &group])
                .status()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

fn first_message(messages: &[u8], work: &Path) -> String {
    let text = String::from_utf8_lossy(messages);
    let text = text.replace(&*work.to_string_lossy(), "");
    let is_said = |line: &&str| !line.trim().is_empty() && !line.contains("Warning");
    let all: Vec<&str> = text.lines().filter(is_said).take(4).collect();
    if all.is_empty() {
        "(no message)".to_owned()
    } else {
        all.join(" | ")
    }
}

fn keep(outcome: &Outcome, limit: Duration) -> Vec<u8> {
    match outcome {
        Outcome::Compiled(bytes) => [b"C", bytes.as_slice()].concat(),
        Outcome::Refused(message) => [b"R", message.as_bytes()].concat(),
        Outcome::TimedOut => [b"T", limit.as_millis().to_string().as_bytes()].concat(),
    }
}

fn recall(mut kept: Vec<u8>, limit: Duration) -> Option<Outcome> {
    let rest = kept.split_off(1.min(kept.len()));
    match kept.first()? {
        b'C' => Some(Outcome::Compiled(rest)),
        b'R' => Some(Outcome::Refused(String::from_utf8(rest).ok()?)),
        b'T' => {
            let waited: u128 = String::from_utf8(rest).ok()?.parse().ok()?;
            (waited >= limit.as_millis()).then_some(Outcome::TimedOut)
        }
        _ => None,
    }
}

/// Writes a file that others never see half-written.
fn write_whole(path: &Path, bytes: &[u8]) {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let part = path.with_extension(format!("{}-{number}.part", std::process::id()));
    fs::write(&part, bytes).unwrap();
    fs::rename(&part, path).unwrap();
}

/// FNV-1a.
const EMPTY: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;

fn add(digest: &mut u128, bytes: &[u8]) {
    for byte in bytes.iter().chain(&[0xff]) {
        *digest ^= u128::from(*byte);
        *digest = digest.wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
    }
}
