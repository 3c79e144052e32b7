//! Witnesses among the files that are there.
//!
//! Examples are made up from the policy alone. What a program really meets are the files of its image,
//! and their paths once symbolic links are followed.

use super::plan::{Asked, Origin, Plan, Subject, SubjectKind};
use super::tree::Tree;
use crate::access::{Class, bits};
use crate::lang::permissions::{APPEND, EXEC, LOCK, MMAP, READ, WRITE};

/// Most files that are there, for a part of a promise or rule.
const MOST_FILES: usize = 3;
/// The permissions of calls that follow a symbolic link at the end of a path.
const FOLLOWING: u32 = bits::both(READ | WRITE | APPEND | EXEC | MMAP | LOCK);

impl Plan {
    /// Adds, for each promise and rule about files, files that are there, before its examples; and for
    /// promises and `deny` rules the paths to which symbolic links lead from their examples, for it is those
    /// that the kernel asks about.
    pub fn meet(&mut self, tree: &mut Tree) {
        let mut subjects = std::mem::take(&mut self.subjects);
        for subject in &mut subjects {
            let linked = self.linked(subject, tree);
            let there = self.there(subject, tree);
            let examples = std::mem::take(&mut subject.witnesses);
            for asked in there.into_iter().chain(examples).chain(linked) {
                let is_same =
                    |known: &Asked| known.question == asked.question && known.mask == asked.mask;
                if subject.witnesses.iter().any(is_same) {
                    continue;
                }
                if asked.origin != Origin::Example
                    && let Some(question) = self.questions.get(asked.question)
                {
                    let text = question.text.clone();
                    self.enter_rules(subject, Class::File, &text, asked.mask);
                }
                subject.witnesses.push(asked);
            }
        }
        self.subjects = subjects;
    }

    /// Files that are there. What a lint rule takes for granted is about files that should not be.
    fn there(&mut self, subject: &Subject, tree: &mut Tree) -> Vec<Asked> {
        let mut found = Vec::new();
        if matches!(subject.kind, SubjectKind::Lint(_)) {
            return found;
        }
        let wants = subject.request.iter().flat_map(|request| &request.wants);
        for want in wants.filter(|want| want.class == Class::File) {
            for path in tree.matching(&want.nfa, MOST_FILES) {
                found.push(Asked {
                    question: self.question(subject.profile, Class::File, path),
                    mask: want.mask,
                    alone: want.alone(),
                    origin: Origin::Existing,
                });
            }
        }
        found
    }

    /// Where symbolic links lead from the witnesses, and from what else a promise names. A rule that allows
    /// a path that is a link allows nothing, which breaks no promise.
    fn linked(&mut self, subject: &Subject, tree: &mut Tree) -> Vec<Asked> {
        let mut found: Vec<Asked> = Vec::new();
        if subject.kind == SubjectKind::Rule && !subject.is_deny {
            return found;
        }
        for asked in &subject.witnesses {
            let question = self.questions.get(asked.question);
            let Some(question) = question.filter(|question| question.class == Class::File) else {
                continue;
            };
            if let Some(real) = tree.leads_to(&question.text) {
                let real = self.question(subject.profile, Class::File, real);
                found.push(Asked {
                    question: real,
                    origin: Origin::Link(asked.question),
                    ..*asked
                });
            }
        }
        let wants = subject.request.iter().flat_map(|request| &request.wants);
        for want in wants.filter(|want| want.class == Class::File) {
            // Those that break the promise show more.
            let (mut worse, mut rest) = (Vec::new(), Vec::new());
            tree.linked(&want.nfa, &mut |path, real| {
                let decider = self.deciders.get(subject.profile);
                let allow = decider.map_or(0, |one| one.decided(Class::File, &real).allow);
                let is_broken = match subject.is_deny {
                    true => allow & want.alone() != 0,
                    false => !allow & want.mask != 0,
                };
                let list = if is_broken { &mut worse } else { &mut rest };
                if list.len() < MOST_FILES {
                    list.push((path, real));
                }
                worse.len() < MOST_FILES
            });
            for (path, real) in worse.into_iter().chain(rest).take(MOST_FILES) {
                found.push(Asked {
                    question: self.question(subject.profile, Class::File, real),
                    mask: want.mask,
                    alone: want.alone(),
                    origin: Origin::Link(self.question(subject.profile, Class::File, path)),
                });
            }
        }
        // To link, rename or remove a link means the link itself.
        found.retain(|asked| asked.mask & FOLLOWING != 0);
        found
    }
}
