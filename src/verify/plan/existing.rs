//! Witnesses among the files that are there.
//!
//! Examples are made up from the policy alone. What a program really meets are the files of its image,
//! and their paths once symbolic links are followed.

use super::builder::PlanBuilder;
use super::model::{Asked, Plan, Subject, SubjectKind, WitnessOrigin};
use super::tree::Tree;
use crate::access::{Class, bits};
use crate::images::ImageTree;

/// Maximum number of files that are there, for a part of a promise or rule.
const MAX_FILES: usize = 3;

impl Plan {
    /// The plan with the files of a container's image, as far as they are known.
    #[must_use]
    pub fn with_image(self, container: &str, image: &ImageTree) -> Self {
        Self {
            image_of: Some(container.to_owned()),
            ..self.with_existing_files(&mut Tree::of_image(image))
        }
    }

    /// The plan with, for each promise and rule about files, files that are there, before its examples; and for
    /// promises and `deny` rules the paths to which symbolic links lead from their examples, since the kernel asks
    /// about those.
    #[must_use]
    pub fn with_existing_files(mut self, tree: &mut Tree<'_>) -> Self {
        let subjects = std::mem::take(&mut self.subjects);
        let mut builder = PlanBuilder::from(self);
        let with_files = subjects.into_iter();
        let subjects = with_files.map(|subject| builder.with_files(subject, tree));
        let subjects = subjects.collect();
        Self {
            subjects,
            ..builder.finish()
        }
    }
}

impl PlanBuilder {
    fn with_files(&mut self, mut subject: Subject, tree: &mut Tree<'_>) -> Subject {
        let linked = self.linked(&subject, tree);
        let there = self.there(&subject, tree);
        let examples = std::mem::take(&mut subject.witnesses);
        for asked in there.into_iter().chain(examples).chain(linked) {
            let is_same =
                |known: &Asked| known.question == asked.question && known.mask == asked.mask;
            if subject.witnesses.iter().any(is_same) {
                continue;
            }
            if asked.origin != WitnessOrigin::Example
                && let Some(question) = self.plan.questions.get(asked.question)
            {
                self.enter_rules(&mut subject, Class::File, &question.text, asked.mask);
            }
            subject.witnesses.push(asked);
        }
        subject
    }

    /// Files that are there. The intents that lint rules imply are about files that should not be there.
    fn there(&mut self, subject: &Subject, tree: &mut Tree<'_>) -> Vec<Asked> {
        let mut found = Vec::new();
        if matches!(subject.kind, SubjectKind::Lint(_)) {
            return found;
        }
        let wants = subject.request.iter().flat_map(|request| &request.wants);
        for want in wants.filter(|want| want.class == Class::File) {
            for path in tree.matching(&want.nfa, MAX_FILES) {
                found.push(Asked {
                    question: self.question(subject.profile, Class::File, path),
                    mask: want.mask,
                    alone: want.alone(),
                    origin: WitnessOrigin::Existing,
                });
            }
        }
        found
    }

    /// Where symbolic links lead from the witnesses, and from what else a promise names. A rule that allows
    /// a path that is a link allows nothing, which breaks no promise.
    fn linked(&mut self, subject: &Subject, tree: &mut Tree<'_>) -> Vec<Asked> {
        let mut found: Vec<Asked> = Vec::new();
        if subject.kind == SubjectKind::Rule && !subject.is_deny {
            return found;
        }
        for asked in &subject.witnesses {
            let question = self.plan.questions.get(asked.question);
            let Some(question) = question.filter(|question| question.class == Class::File) else {
                continue;
            };
            if let Some(real) = tree.leads_to(&question.text) {
                let real = self.question(subject.profile, Class::File, real);
                found.push(Asked {
                    question: real,
                    origin: WitnessOrigin::Link(asked.question),
                    ..*asked
                });
            }
        }
        let wants = subject.request.iter().flat_map(|request| &request.wants);
        for want in wants.filter(|want| want.class == Class::File) {
            // Those that break the promise show more.
            let (mut worse, mut rest) = (Vec::new(), Vec::new());
            tree.linked(&want.nfa, &mut |path, real| {
                let decider = self.plan.deciders.get(subject.profile);
                let allow = decider.map_or(0, |one| one.decided(Class::File, &real).allow);
                let is_broken = match subject.is_deny {
                    true => allow & want.alone() != 0,
                    false => !allow & want.mask != 0,
                };
                let list = if is_broken { &mut worse } else { &mut rest };
                if list.len() < MAX_FILES {
                    list.push((path, real));
                }
                worse.len() < MAX_FILES
            });
            for (path, real) in worse.into_iter().chain(rest).take(MAX_FILES) {
                found.push(Asked {
                    question: self.question(subject.profile, Class::File, real),
                    mask: want.mask,
                    alone: want.alone(),
                    origin: WitnessOrigin::Link(self.question(subject.profile, Class::File, path)),
                });
            }
        }
        // To link, rename or remove a link means the link itself.
        found.retain(|asked| asked.mask & bits::FOLLOWING != 0);
        found
    }
}
