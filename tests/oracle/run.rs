//! Running the real parsers: always with a time limit, and each input only once.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
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
            path: path.canonicalize().unwrap(),
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
            path: path.canonicalize().unwrap(),
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

    /// Compiles an input.
    pub fn run(&self, input: &Input<'_>, limit: Duration) -> Outcome {
        let work = work_directory();
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
            .current_dir(base)
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

/// For each of several texts whether the parser takes it; `None` where it gave no answer.
pub type Verdicts = Vec<Option<bool>>;

impl Parser {
    /// Gives many texts to one process, which costs a tenth of one process for each. What it writes to its cache is
    /// what it took. The verdicts of an earlier run are used if nothing has changed.
    pub fn verdicts(
        &self,
        texts: &[String],
        base: &Tree,
        features: &Features,
        limit: Duration,
    ) -> Verdicts {
        let mut key = EMPTY;
        add(&mut key, self.version.as_bytes());
        add(&mut key, &features.digest.to_le_bytes());
        add(&mut key, &base.digest.to_le_bytes());
        for text in texts {
            add(&mut key, text.as_bytes());
        }
        let kept = directory().join("verdicts").join(format!("{key:032x}"));
        if let Ok(known) = fs::read(&kept)
            && known.len() == texts.len()
        {
            let verdict = |byte: &u8| (*byte != b'?').then_some(*byte == b'+');
            return known.iter().map(verdict).collect();
        }
        let verdicts = self.verdicts_of(texts, base, features, limit);
        let letters: Vec<u8> = verdicts
            .iter()
            .map(|verdict| match verdict {
                Some(true) => b'+',
                Some(false) => b'-',
                None => b'?',
            })
            .collect();
        fs::create_dir_all(kept.parent().unwrap()).unwrap();
        write_whole(&kept, &letters);
        verdicts
    }

    /// Where the process is ended by a signal or by the limit, its texts are judged in halves.
    pub fn verdicts_of(
        &self,
        texts: &[String],
        base: &Tree,
        features: &Features,
        limit: Duration,
    ) -> Verdicts {
        let work = work_directory();
        let cache = work.join("cache");
        fs::create_dir_all(&cache).unwrap();
        let (program, first) = self.command.split_first().unwrap();
        let mut command = Command::new(program);
        command
            .args(first)
            .args([
                "--config-file=/dev/null",
                "-Q",
                "-q",
                "-T",
                "-W",
                "-j1",
                "-L",
            ])
            .arg(&cache)
            .arg("-M")
            .arg(&features.path)
            .arg("-b")
            .arg(&base.path)
            // Where it looks for what is written without `<>`.
            .current_dir(&base.path);
        for (index, text) in texts.iter().enumerate() {
            let path = work.join(format!("t{index}"));
            fs::write(&path, text).unwrap();
            command.arg(path);
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        let ended = wait_for_code(command.spawn().unwrap(), limit).unwrap();
        let written: Vec<PathBuf> = fs::read_dir(&cache)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        let is_taken = |index: usize| {
            let name = format!("t{index}");
            written
                .iter()
                .any(|directory| directory.join(&name).is_file())
        };
        let verdicts = (0..texts.len())
            .map(|index| Some(is_taken(index)))
            .collect();
        let _ = fs::remove_dir_all(&work);
        match (ended, texts) {
            (Some(_), _) => verdicts,
            (None, [_]) => vec![None],
            (None, _) => {
                let (left, right) = texts.split_at(texts.len() / 2);
                let mut both = self.verdicts_of(left, base, features, limit / 2);
                both.extend(self.verdicts_of(right, base, features, limit / 2));
                both
            }
        }
    }
}

/// A directory of its own for each run of a parser.
fn work_directory() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    directory()
        .join("running")
        .join(format!("{}-{number}", std::process::id()))
}

/// Whether the process succeeded, or `None` if it had to be ended.
fn wait(child: Child, limit: Duration) -> io::Result<Option<bool>> {
    let ended = wait_for_end(child, limit)?;
    Ok(ended.map(|status| status.success()))
}

/// The exit code of the process; `None` if it was ended by a signal or had to be ended.
fn wait_for_code(child: Child, limit: Duration) -> io::Result<Option<i32>> {
    let ended = wait_for_end(child, limit)?;
    Ok(ended.and_then(|status| status.code()))
}

fn wait_for_end(mut child: Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    let mut pause = Duration::from_micros(500);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
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
