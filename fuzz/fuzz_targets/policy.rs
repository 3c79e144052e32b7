//! Any bytes as a profile: the tree keeps every byte, and every rule and format copes.

#![no_main]

#[expect(dead_code, reason = "each target uses its own part")]
#[path = "../../tests/common/laws.rs"]
mod laws;

use aalint::source::Source;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let source = Source::new("profile", bytes.to_vec());
    laws::holds(&source.text);
    laws::checks(&source.text);
});
