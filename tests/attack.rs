//! The attack generator: directories that somebody hostile could hand to aalint, made from seeds, and the laws that
//! every surface must keep on each of them.
//!
//! A **kind** (`attack/kinds/*.rs`) is a function that fills a [`place::Place`] from the numbers of a
//! [`dice::Dice`] and returns the [`law::Law`] that must hold. To add one, write the function and name it in the
//! list below. A **surface** (`attack/surface.rs`) is a command line that reads files; a new one is one line there
//! and meets all kinds.
//!
//! What holds for every kind on every surface:
//!
//! - the program ends by itself, without a panic and without a signal, within `Law::seconds` of processor time and
//!   2 GiB of memory;
//! - its exit code is one that the documentation names (0 to 6);
//! - nothing is changed: neither in the tree, nor outside of it, nor in the home directory or that of temporary files;
//! - text of files outside ([`place::CANARY`]) is not shown, in no format;
//! - no control character that a file holds reaches the terminal;
//! - at one thread and at three the same bytes come out.
//!
//! A kind says besides which exit codes and which texts are right for which surfaces ([`law::Law::on`]).
//!
//! A run tries one seed, and a third of the surfaces at three threads; with `CI=true` two seeds, and all surfaces
//! (not in the clone that `scripts/test alone` makes).
//! `AALINT_ATTACK_SEEDS=200 cargo test --test attack` tries more seeds, and `AALINT_ATTACK_SEED=17` that one alone.

#![cfg(feature = "verify")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    unreachable_pub,
    reason = "a test may fail loudly, and runs the program on real files"
)]

#[path = "attack/dice.rs"]
mod dice;
#[path = "attack/kinds/mod.rs"]
mod kinds;
#[path = "attack/law.rs"]
mod law;
#[path = "attack/place.rs"]
mod place;
#[path = "attack/run.rs"]
mod run;
#[path = "attack/surface.rs"]
mod surface;

/// A test for each kind.
macro_rules! attacks {
    ($($module:ident: $($kind:ident),+;)+) => {$(
        mod $module {
            $(
                #[test]
                fn $kind() {
                    super::run::attack(concat!(stringify!($module), "::", stringify!($kind)), super::kinds::$module::$kind);
                }
            )+
        }
    )+};
}

attacks! {
    calm: nothing, control_characters;
    deep: conditions, branches, blocks, patterns, variables, multiplied, qualifiers, yaml, names, toml, records;
    devices: named, at_home, beside, configuration, mentioned, sparse;
    git: programs, promised, replaced, names, revisions;
    images: dockerfiles, contexts, archives;
    includes: chain, rings, doubled;
    outside: configuration, variables_of_configuration, configured, included, values, links, beside, directories;
    silent: header, encoded, nul, padded, names, links;
    strangers: demands, namespaces, options;
}
