//! Files that patterns which mean "all but" fail to deny.

use std::ops::ControlFlow;

use crate::access::{Class, Effective};
use crate::glob::{InputDomain, Nfa};
use crate::lang::KERNEL_FILES;

/// Files that no rule denies, although rules seem meant to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Uncovered {
    /// Files that systems have, of [`KERNEL_FILES`].
    pub known: Vec<String>,
    /// Others: the shortest one of each place.
    pub made_up: Vec<String>,
}

impl Uncovered {
    /// Those that systems have, or if there are none the others.
    #[must_use]
    pub fn names(&self) -> &[String] {
        if self.known.is_empty() {
            &self.made_up
        } else {
            &self.known
        }
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.known.is_empty() && self.made_up.is_empty()
    }

    /// Adds what all of `wanted` match and none of `apart`, and for which some of the bits of `mask` are
    /// allowed. What is too complex to find out is left out.
    pub fn extend(&mut self, effective: &Effective, wanted: &[&Nfa], apart: &[&Nfa], mask: u32) {
        let before = self.known.len();
        for name in KERNEL_FILES {
            let path = name.as_bytes();
            if wanted.iter().all(|nfa| nfa.matches(path))
                && !apart.iter().any(|nfa| nfa.matches(path))
                && effective.decide(Class::File, path).allow & mask != 0
            {
                self.known.push((*name).to_owned());
            }
        }
        if self.known.len() == before {
            self.made_up
                .extend(shortest(effective, wanted, apart, mask));
        }
        for names in [&mut self.known, &mut self.made_up] {
            names.sort_unstable();
            names.dedup();
        }
    }
}

/// The shortest such path.
fn shortest(effective: &Effective, wanted: &[&Nfa], apart: &[&Nfa], mask: u32) -> Option<String> {
    let mut found = None;
    let visited = effective.visit_outside(
        Class::File,
        wanted,
        apart,
        InputDomain::Paths,
        |verdict, _, trace| {
            if verdict.allow & mask == 0 {
                return ControlFlow::Continue(());
            }
            found = Some(String::from_utf8_lossy(&trace.text()).into_owned());
            ControlFlow::Break(())
        },
    );
    visited.ok()?;
    found
}
