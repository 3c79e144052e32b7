//! The pest parser, and nothing of pest outside this module and `tree`.

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/apparmor.pest"]
pub(super) struct Grammar;
