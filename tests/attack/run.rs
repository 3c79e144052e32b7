//! Runs the program on an attack, and holds what it does against the law.

use std::fs;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::dice::Dice;
use super::law::Law;
use super::place::{CALM, CANARY, Place};
use super::surface::surfaces;

/// The address space of a run, in KiB.
const MEMORY: u64 = 2 * 1024 * 1024;
/// Most that a run may print on a stream, in bytes.
const PRINTED: usize = 64 * 1024 * 1024;

/// What the system sends to who has used up its time.
const XCPU: i32 = 24;

/// A kind of attack.
pub type Make = fn(&mut Dice, &Place) -> Law;

/// Tries a kind with all seeds, on all surfaces.
pub fn attack(name: &str, make: Make) {
    let number = |variable: &str| {
        let text = std::env::var(variable).ok()?;
        Some(text.parse::<u64>().expect("a number"))
    };
    let is = |variable: &str, value: &str| std::env::var(variable).is_ok_and(|set| set == value);
    // The clone without neighbours shows a usual run; the stage `test` then tries all.
    let is_ci = (is("CI", "true") || is("CI", "1")) && !is("AALINT_TEST_ALONE", "1");
    let (seeds, repeat) = match (number("AALINT_ATTACK_SEED"), number("AALINT_ATTACK_SEEDS")) {
        (Some(seed), _) => (seed..seed + 1, Repeat::All),
        (None, Some(count)) => (0..count, Repeat::All),
        (None, None) if is_ci => (0..2, Repeat::All),
        (None, None) => (0..1, Repeat::Third),
    };
    let mut broken = Vec::new();
    for seed in seeds {
        broken.extend(try_seed(name, make, seed, repeat));
    }
    let count = broken.len();
    broken.truncate(40);
    assert!(count == 0, "{count} laws broken:\n{}", broken.join("\n"));
}

/// The surfaces that are run once more, with other threads.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Repeat {
    All,
    /// Every third one, beginning elsewhere for each kind.
    Third,
}

fn try_seed(name: &str, make: Make, seed: u64, repeat: Repeat) -> Vec<String> {
    let place = Place::new();
    place.write_outside("calm", CALM);
    let mut dice = Dice::new(seed, name);
    let law = make(&mut dice, &place);
    let first = dice.between(0, 2);
    if law.is_committed {
        place.commit();
    }
    let before = place.state();
    let mut broken = Vec::new();
    for (number, (surface, arguments)) in surfaces(&law).into_iter().enumerate() {
        let mut complain = |what: &str, said: &str| {
            let said: String = said.chars().take(600).collect();
            let line = arguments.join(" ");
            broken.push(format!(
                "{name}, seed {seed}, {surface} (aalint {line}): {what}\n    {said:?}"
            ));
        };
        let one = run(&place, &law, &arguments, 1);
        judge(&one, &law, surface, &mut complain);
        if repeat == Repeat::Third && number % 3 != first {
            continue;
        }
        let three = run(&place, &law, &arguments, 3);
        if (&one.out, &one.err, one.status) != (&three.out, &three.err, three.status)
            && !one.is_late
        {
            complain("three threads do something else than one", &three.both());
        }
    }
    let after = place.state();
    let of = |path: &&std::path::PathBuf| before.get(*path) != after.get(*path);
    if let Some(changed) = after.keys().chain(before.keys()).find(of) {
        broken.push(format!(
            "{name}, seed {seed}: {} was changed",
            changed.display()
        ));
    }
    broken
}

struct Run {
    status: ExitStatus,
    is_late: bool,
    out: Vec<u8>,
    err: Vec<u8>,
}

impl Run {
    fn both(&self) -> String {
        let both = [self.err.as_slice(), b"\n", self.out.as_slice()].concat();
        String::from_utf8_lossy(&both).into_owned()
    }
}

/// One run, within the limits.
fn run(place: &Place, law: &Law, arguments: &[String], threads: usize) -> Run {
    // Files, since a pipe that nobody reads would make the program wait.
    let (mut out, mut err) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
    let started = Instant::now();
    let seconds = law.seconds;
    let mut child = Command::new("sh")
        .args([
            "-c",
            &format!("ulimit -c 0; ulimit -t {seconds}; ulimit -v {MEMORY}; exec \"$@\""),
        ])
        .args(["sh", env!("CARGO_BIN_EXE_aalint")])
        .args(arguments)
        .current_dir(place.tree())
        .env("HOME", place.home())
        .env("TMPDIR", place.tmp())
        .env("RAYON_NUM_THREADS", threads.to_string())
        .env_remove("GIT_DIR")
        .env_remove("XDG_CONFIG_HOME")
        .stdin(Stdio::null())
        .stdout(out.try_clone().unwrap())
        .stderr(err.try_clone().unwrap())
        .spawn()
        .unwrap();
    // Of the clock: the machine may be busy.
    let limit = Duration::from_secs(8 * seconds);
    let mut is_late = false;
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if started.elapsed() > limit => {
                is_late = true;
                child.kill().unwrap();
                break child.wait().unwrap();
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let read = |file: &mut fs::File| {
        use std::io::Seek;
        let mut bytes = Vec::new();
        file.rewind().unwrap();
        file.take(PRINTED as u64 + 1)
            .read_to_end(&mut bytes)
            .unwrap();
        bytes
    };
    let (out, err) = (read(&mut out), read(&mut err));
    let is_late = is_late || status.signal() == Some(XCPU);
    Run {
        status,
        is_late,
        out,
        err,
    }
}

fn judge(run: &Run, law: &Law, surface: &str, complain: &mut dyn FnMut(&str, &str)) {
    let both = run.both();
    let start: String = both.chars().take(500).collect();
    if run.is_late {
        return;
    }
    let code = match (run.status.code(), run.status.signal()) {
        (Some(code @ 0..=6), _) => code,
        (code, signal) => {
            return complain(&format!("it ends with {code:?}, signal {signal:?}"), &start);
        }
    };
    if both.contains("panicked at") || both.contains("overflowed its stack") {
        complain("it panics", &start);
    }
    if run.out.len() > PRINTED || run.err.len() > PRINTED {
        complain("it prints without end", &start);
    }
    if let Some(at) = both.find(CANARY) {
        complain("it shows text from outside", &around(&both, at));
    }
    let may_be_coloured = surface == "check coloured";
    let is_bare = |c: char| c.is_control() && c != '\n' && !(c == '\u{1b}' && may_be_coloured);
    if let Some((at, c)) = both.char_indices().find(|(_, c)| is_bare(*c)) {
        complain(
            &format!("the control character {c:?} is shown"),
            &around(&both, at),
        );
    }
    for (start, codes, shown) in &law.expected {
        if !surface.starts_with(start) {
            continue;
        }
        if !codes.contains(&code) {
            complain(&format!("the exit code is {code}, not of {codes:?}"), &both);
        }
        for text in shown.iter().filter(|text| !both.contains(text.as_str())) {
            complain(&format!("`{text}` is not shown"), &both);
        }
    }
}

/// The text around a place.
fn around(text: &str, at: usize) -> String {
    let bytes = text.as_bytes();
    let part = &bytes[at.saturating_sub(150)..bytes.len().min(at + 150)];
    String::from_utf8_lossy(part).into_owned()
}
