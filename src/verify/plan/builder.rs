//! A plan that is being made.

use rustc_hash::FxHashMap;

use super::model::{Plan, Question, Subject};
use crate::access::Class;
use crate::verify::{PlannedId, QuestionId};

/// Maximum number of rules that are named as those that decide a promise.
const MAX_RULES: usize = 8;

/// Takes the parts of a plan, and enters each question once.
#[derive(Debug)]
pub(in crate::verify) struct PlanBuilder {
    pub(in crate::verify) plan: Plan,
    /// The ids of the questions.
    known: FxHashMap<(PlannedId, Class, Vec<u8>), QuestionId>,
}

impl PlanBuilder {
    /// Goes on with a plan.
    pub(in crate::verify) fn from(plan: Plan) -> Self {
        let questions = plan.questions.numbered();
        let known = questions.map(|(id, question)| {
            let key = (question.profile, question.class, question.text.clone());
            (key, id)
        });
        Self {
            known: known.collect(),
            plan,
        }
    }

    /// The finished plan.
    pub(in crate::verify) fn finish(self) -> Plan {
        self.plan
    }

    /// The id of a question; it is entered once, however many subjects it is for.
    pub(in crate::verify) fn question(
        &mut self,
        profile: PlannedId,
        class: Class,
        text: Vec<u8>,
    ) -> QuestionId {
        let key = (profile, class, text);
        if let Some(id) = self.known.get(&key) {
            return *id;
        }
        let decider = self.plan.deciders.get(profile);
        let expected = decider.map(|decider| decider.expected(class, &key.2));
        let expected = expected.unwrap_or_default();
        let id = self.plan.questions.push(Question {
            profile,
            class,
            text: key.2.clone(),
            allow: expected.allow,
            before_5: expected.before_5,
            quiet: expected.quiet,
            ask: expected.ask,
            exec: expected.exec,
        });
        self.known.insert(key, id);
        id
    }

    /// Enters the rules that decide a witness of a subject.
    pub(in crate::verify) fn enter_rules(
        &self,
        subject: &mut Subject,
        class: Class,
        text: &[u8],
        mask: u32,
    ) {
        let Some(decider) = self.plan.deciders.get(subject.profile) else {
            return;
        };
        for rule in decider.deciding_rules(class, text, mask) {
            if subject.rules.len() >= MAX_RULES {
                return;
            }
            if !subject.rules.contains(rule) {
                subject.rules.push(rule.clone());
            }
        }
    }
}
