//! Any text as `aalint.toml` and as a manifest beside a profile.

#![no_main]

#[expect(dead_code, reason = "each target uses its own part")]
#[path = "../../tests/common/laws.rs"]
mod laws;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| laws::checks_beside(text));
