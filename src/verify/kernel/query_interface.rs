//! The kernel's query interface: the file `.access` of securityfs.
//!
//! A query is one write at the start of the file, and the answer one read there. The answer holds the
//! bits of the compiled policy for a label, whatever its mode; a class that the profile does not
//! mediate is answered with all bits set.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rustix::thread::{Uid, set_thread_res_uid};

use super::wire::Wire;
use crate::verify::interrupt::Interrupt;

/// A user id that owns nothing that root owns; that of `nobody`.
pub(in crate::verify) const SOMEBODY_ELSE: u32 = 65_534;

/// Maximum length of an answer, in bytes; the kernel's are 67.
const MAX_ANSWER: usize = 256;

/// What the kernel says of a request, in its own bits.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Reply {
    /// Allowed.
    pub allow: u32,
    /// Denied, to be subtracted from what is allowed.
    pub deny: u32,
    /// Recorded if allowed.
    pub audit: u32,
    /// Not recorded if refused.
    pub quiet: u32,
}

impl Reply {
    /// The bits that are allowed.
    #[must_use]
    pub const fn granted(&self) -> u32 {
        self.allow & !self.deny
    }

    /// Whether the profile does not mediate the class at all.
    #[must_use]
    pub const fn is_unmediated(&self) -> bool {
        self.allow == u32::MAX
    }

    /// Reads `allow 0x…`, `deny 0x…`, `audit 0x…`, `quiet 0x…`, a line each.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let word = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            u32::from_str_radix(line.trim().strip_prefix("0x")?, 16).ok()
        };
        Some(Self {
            allow: word("allow ")?,
            deny: word("deny ")?,
            audit: word("audit ")?,
            quiet: word("quiet ")?,
        })
    }
}

/// The kernel's answer to a question.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// To the owner of what is asked for.
    pub owner: Reply,
    /// To others, where that may differ.
    pub other: Option<Reply>,
}

/// The query interface.
#[derive(Debug)]
pub struct QueryInterface {
    path: PathBuf,
    /// Whether one open file takes many queries.
    takes_many: bool,
}

impl QueryInterface {
    /// The interface below AppArmor's directory of securityfs.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "what the kernel can is asked of it"
    )]
    pub fn new(apparmor: &Path) -> Self {
        let feature = apparmor.join("features/query/label/multi_transaction");
        let takes_many = std::fs::read_to_string(feature).is_ok_and(|text| text.trim() == "yes");
        Self {
            path: apparmor.join(".access"),
            takes_many,
        }
    }

    /// Queries the kernel about labels, in order, as the owner of the object or as another user. Stops early
    /// at an interrupt; then there are fewer answers.
    ///
    /// # Errors
    /// If the kernel refuses a query: it knows no such label, or the query is too long.
    pub fn ask(
        &self,
        queries: &[(&str, &Wire)],
        is_owner: bool,
        interrupt: &Interrupt,
    ) -> io::Result<Vec<Reply>> {
        if is_owner {
            return self.all(queries, interrupt);
        }
        // The kernel goes by the user of the task that asks: a thread of its own becomes another one.
        let other = |queries: &[(&str, &Wire)]| {
            let uid = Uid::from_raw(SOMEBODY_ELSE);
            set_thread_res_uid(uid, uid, uid)?;
            self.all(queries, interrupt)
        };
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| other(queries));
            thread
                .join()
                .unwrap_or_else(|_| Err(io::Error::other("the thread that asks ended early")))
        })
    }

    /// Asks about labels as the owner of what is asked for, and as somebody else where that matters. Where there is an
    /// interrupt, answers are missing at the end.
    pub(in crate::verify) fn answers(
        &self,
        queries: &[(&str, &Wire)],
        interrupt: &Interrupt,
    ) -> io::Result<Vec<Answer>> {
        let has_owner = |query: &&(&str, &Wire)| query.1.has_owner;
        let owned: Vec<(&str, &Wire)> = queries.iter().filter(has_owner).copied().collect();
        let owner = self.ask(queries, true, interrupt)?;
        let mut other = self.ask(&owned, false, interrupt)?.into_iter();
        let answers = queries.iter().zip(owner).map(|(query, owner)| Answer {
            owner,
            other: if has_owner(&query) {
                other.next()
            } else {
                None
            },
        });
        Ok(answers.collect())
    }

    fn all(&self, queries: &[(&str, &Wire)], interrupt: &Interrupt) -> io::Result<Vec<Reply>> {
        let mut file = self.open()?;
        let mut replies = Vec::with_capacity(queries.len());
        for (label, wire) in queries {
            if interrupt.is_raised() {
                break;
            }
            if !self.takes_many && !replies.is_empty() {
                file = self.open()?;
            }
            replies.push(one(&file, label, wire)?);
        }
        Ok(replies)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the kernel is asked through a file"
    )]
    fn open(&self) -> io::Result<File> {
        File::options().read(true).write(true).open(&self.path)
    }
}

fn one(file: &File, label: &str, wire: &Wire) -> io::Result<Reply> {
    let query = [b"label\0", label.as_bytes(), b"\0", &wire.bytes].concat();
    if file.write_at(&query, 0)? != query.len() {
        return Err(io::Error::other("the kernel took only a part of a query"));
    }
    let mut answer = [0; MAX_ANSWER];
    let length = file.read_at(&mut answer, 0)?;
    let text = String::from_utf8_lossy(answer.get(..length).unwrap_or_default());
    Reply::read(&text).ok_or_else(|| io::Error::other(format!("the kernel answered `{text}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        let text = "allow 0x00000200\ndeny 0x00000000\naudit 0x00000001\nquiet 0x00000004\n";
        let reply = Reply::read(text).unwrap();
        assert_eq!((reply.allow, reply.audit, reply.quiet), (0x200, 1, 4));
        assert!(!reply.is_unmediated());
        assert_eq!(Reply::read("allow 0x1\n"), None);
        assert_eq!(Reply::read(""), None);
    }

    #[test]
    fn what_is_denied_is_not_granted() {
        let reply = Reply {
            allow: 0b110,
            deny: 0b010,
            ..Reply::default()
        };
        assert_eq!(reply.granted(), 0b100);
    }
}
