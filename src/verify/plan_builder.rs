//! A plan that is being made.

use rustc_hash::FxHashMap;

use super::plan::{Plan, Question, Subject};
use crate::access::Class;

/// Maximum number of rules that are named as those that decide a promise.
const MAX_RULES: usize = 8;

/// Takes the parts of a plan, and enters each question once.
#[derive(Debug)]
pub(super) struct PlanBuilder {
    pub(super) plan: Plan,
    /// The numbers of the questions.
    known: FxHashMap<(usize, Class, Vec<u8>), usize>,
}

impl PlanBuilder {
    /// Goes on with a plan.
    pub(super) fn from(plan: Plan) -> Self {
        let questions = plan.questions.iter().enumerate();
        let known = questions.map(|(number, question)| {
            let key = (question.profile, question.class, question.text.clone());
            (key, number)
        });
        Self {
            known: known.collect(),
            plan,
        }
    }

    /// The finished plan.
    pub(super) fn finish(self) -> Plan {
        self.plan
    }

    /// The number of a question; it is entered once, however many subjects it is for.
    pub(super) fn question(&mut self, profile: usize, class: Class, text: Vec<u8>) -> usize {
        let key = (profile, class, text);
        if let Some(number) = self.known.get(&key) {
            return *number;
        }
        let number = self.plan.questions.len();
        if let Some(decider) = self.plan.deciders.get(profile) {
            let expected = decider.expected(class, &key.2);
            self.plan.questions.push(Question {
                profile,
                class,
                text: key.2.clone(),
                allow: expected.allow,
                before_5: expected.before_5,
                quiet: expected.quiet,
                ask: expected.ask,
                exec: expected.exec,
            });
            self.known.insert(key, number);
        }
        number
    }

    /// Enters the rules that decide a witness of a subject.
    pub(super) fn enter_rules(&self, subject: &mut Subject, class: Class, text: &[u8], mask: u32) {
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
