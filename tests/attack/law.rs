//! What must hold for an attack.

#![allow(dead_code, reason = "kinds take what they need")]

/// What must hold besides what holds for all kinds.
pub struct Law {
    /// What is checked and drawn: a file or directory, as seen from the tree.
    pub entry: String,
    /// The file that is asked and compared.
    pub file: String,
    /// A log of audit records.
    pub log: String,
    /// The longest that one run may take, in seconds of processor time.
    pub seconds: u64,
    /// Whether the frame commits what the kind made, so that `diff --git` meets it.
    pub is_committed: bool,
    /// For surfaces whose name begins so: the exit codes, and texts that must be shown.
    pub expected: Vec<(&'static str, Vec<i32>, Vec<String>)>,
}

impl Law {
    /// The law of a kind whose profile lies at `file`; the whole tree is checked.
    pub fn of(file: &str) -> Self {
        Self {
            entry: ".".to_owned(),
            file: file.to_owned(),
            log: "calm".to_owned(),
            seconds: 10,
            is_committed: true,
            expected: Vec::new(),
        }
    }

    /// Checks this instead of the whole tree.
    pub fn entry(mut self, entry: &str) -> Self {
        self.entry = entry.to_owned();
        self
    }

    /// The longest that one run may take, where a search that gives up takes long in a test build.
    pub fn seconds(mut self, seconds: u64) -> Self {
        self.seconds = seconds;
        self
    }

    /// The log of audit records.
    pub fn log(mut self, log: &str) -> Self {
        self.log = log.to_owned();
        self
    }

    /// The kind has committed what is to be committed.
    pub fn committed(mut self) -> Self {
        self.is_committed = false;
        self
    }

    /// Surfaces whose name begins so end with one of the codes and show the texts, on either stream.
    pub fn on(mut self, surface: &'static str, codes: &[i32], shown: &[&str]) -> Self {
        let shown = shown.iter().map(|text| (*text).to_owned()).collect();
        self.expected.push((surface, codes.to_vec(), shown));
        self
    }
}
