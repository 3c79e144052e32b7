//! The real parser as an oracle: it compiles a profile, and its automaton is walked as the kernel would walk it.
//!
//! Nothing here uses the program under test but its permission bits: what both say of a profile is compared elsewhere.

#![allow(dead_code, reason = "each test uses its own part")]

pub mod access;
pub mod case;
pub mod class;
pub mod compare;
pub mod decode;
pub mod dfa;
pub mod generate;
pub mod grammar;
pub mod minimise;
pub mod policy;
pub mod product;
pub mod question;
// Of the program that these files are in: tests that need no parser use it as well.
pub(crate) use crate::random;
pub mod run;
pub mod same;
pub mod stream;
pub mod verdict;

use std::fmt;

/// Compiled policy that cannot be read, with the reason.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Damaged(pub &'static str);

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "compiled policy cannot be read: {}", self.0)
    }
}

impl std::error::Error for Damaged {}
