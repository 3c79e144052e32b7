//! Records that say the same, counted: a program that is refused something tries it again and again.

use std::fmt::Write;

use rustc_hash::FxHashMap;

use super::explain::Explanation;
use super::record::{Record, Time};

/// Most bytes of fields of records that are kept. A log may be larger than the memory of the machine.
pub const MAX_KEPT_BYTES: usize = 16 << 20;

/// Bytes that a record costs beyond its fields, roughly.
const COST: usize = 256;

/// Fields that are others each time that the same is asked.
const CHANGING: &[&str] = &["pid", "peer_pid"];

/// Records that say the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Repeated {
    /// The first of them.
    pub record: Record,
    /// What explains them.
    pub explanation: Explanation,
    /// How many there are.
    pub count: usize,
    /// When the last one was made, if the log keeps that.
    pub last: Option<Time>,
    /// Whether they are of more than one process.
    pub has_other_pids: bool,
}

/// What became of a record.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Added {
    /// None before says the same; its place among all.
    New(usize),
    /// One before says the same; the place of that.
    Again(usize),
    /// It is one that was added already, written by another program.
    Same,
    /// There are too many different ones: it was counted, and not kept.
    LeftOut,
}

/// All records, in the order in which something was first said.
#[derive(Debug, Default)]
pub struct Groups {
    /// They.
    pub all: Vec<Repeated>,
    /// How many records were left out.
    pub left_out: usize,
    by_fields: FxHashMap<Vec<u8>, usize>,
    by_meaning: FxHashMap<String, usize>,
    bytes: usize,
}

impl Groups {
    /// Adds a record. It is explained only if none before has the same fields.
    pub fn add(&mut self, record: Record, explain: impl FnOnce(&Record) -> Explanation) -> Added {
        let fields = fields(&record);
        if let Some(index) = self.by_fields.get(&fields) {
            return self.again(*index, &record);
        }
        if self.bytes >= MAX_KEPT_BYTES {
            self.left_out += 1;
            return Added::LeftOut;
        }
        self.bytes += fields.len() + COST;
        let explanation = explain(&record);
        let meaning = meaning(&record, &explanation);
        if let Some(index) = self.by_meaning.get(&meaning) {
            let index = *index;
            self.by_fields.insert(fields, index);
            return self.again(index, &record);
        }
        let index = self.all.len();
        self.by_fields.insert(fields, index);
        self.by_meaning.insert(meaning, index);
        self.all.push(Repeated {
            last: record.time,
            record,
            explanation,
            count: 1,
            has_other_pids: false,
        });
        Added::New(index)
    }

    fn again(&mut self, index: usize, record: &Record) -> Added {
        if let Some(known) = self.all.get_mut(index) {
            // The journal hears of a record from the kernel's log and from the audit socket, and keeps both.
            if record.time.is_some() && record.time == known.last {
                return Added::Same;
            }
            known.count += 1;
            known.last = known.last.max(record.time);
            known.has_other_pids |= known.record.pid() != record.pid();
        }
        Added::Again(index)
    }
}

/// The fields of a record that do not change each time, with what tells them apart.
fn fields(record: &Record) -> Vec<u8> {
    let mut text = record.kind.word().as_bytes().to_vec();
    for (key, value) in &record.fields {
        if CHANGING.contains(&key.as_str()) {
            continue;
        }
        let length = value.len().to_ne_bytes();
        text.extend([&[0][..], key.as_bytes(), &[0], &length, value].concat());
    }
    text
}

/// What is shown of a record, apart from its time and its process.
fn meaning(record: &Record, explanation: &Explanation) -> String {
    let mut text = String::new();
    let command = record.command();
    let _ = write!(
        text,
        "{:?}",
        (record.kind, &record.label, &record.operation, command)
    );
    let _ = match &explanation.request {
        Some(request) => write!(text, "{:?}", (request, &explanation.cause)),
        // Nothing but the name tells what it was about.
        None => write!(text, "{:?}", (record.text("name"), &explanation.cause)),
    };
    text
}
