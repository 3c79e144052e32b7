//! A kernel made up for tests.

use aalint::access::{Class, bits};
use aalint::verify::{Answer, Ask, Id, Plan, QuestionId, Reply, Table};

/// The answers of a kernel that decides as aalint says.
pub fn agreeing(plan: &Plan) -> Table<QuestionId, Option<Answer>> {
    plan.questions.map(|question| {
        let reply = |ours: u32, quiet: u32| {
            let kernel = |ours: u32| match question.ask.as_ref()? {
                Ask::Query(wire) => {
                    let set = wire.bits.iter().filter(|(bit, _)| ours & bit != 0);
                    Some(set.fold(0, |bits, (_, bit)| bits | bit))
                }
                Ask::Capability(_) => Some(ours),
            };
            Some(Reply {
                allow: kernel(ours)?,
                quiet: kernel(quiet)?,
                ..Reply::default()
            })
        };
        let half = |all: u32| all >> bits::OTHER & bits::HALF;
        let is_file = question.class == Class::File;
        let mask = if is_file { bits::HALF } else { u32::MAX };
        Some(Answer {
            owner: reply(question.allow & mask, question.quiet & mask)?,
            other: if is_file {
                reply(half(question.allow), half(question.quiet))
            } else {
                None
            },
        })
    })
}

/// The rows of a table that a test knows to be there.
pub trait Rows<I, T> {
    /// The row with that id.
    fn at(&self, id: I) -> &T;

    /// The row with that id, to be changed.
    fn at_mut(&mut self, id: I) -> &mut T;
}

impl<I: Id, T> Rows<I, T> for Table<I, T> {
    fn at(&self, id: I) -> &T {
        self.get(id).unwrap()
    }

    fn at_mut(&mut self, id: I) -> &mut T {
        self.get_mut(id).unwrap()
    }
}
