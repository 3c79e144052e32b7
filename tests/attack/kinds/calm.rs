//! Small ones, which also show that the frame works.

use crate::dice::Dice;
use crate::law::Law;
use crate::place::{CALM, Place};

/// No attack: everything works and is well.
pub fn nothing(_: &mut Dice, place: &Place) -> Law {
    place.write("p", CALM.replace("calm", "p"));
    Law::of("p")
        .on("check file", &[1], &["1 profile", "missing-loader"])
        .on("query json", &[1], &["\"unmatched\""])
        .on("graph text", &[0], &["p"])
        .on("git", &[0], &["p"])
        .on("plan", &[0, 2], &[])
        .on("explain", &[2], &["no rule `p`"])
}

/// Control characters, escapes of terminals and marks of writing direction, wherever a name can stand.
pub fn control_characters(dice: &mut Dice, place: &Place) -> Law {
    let bad = *dice.one(&[
        "\u{1b}[2J",
        "\u{9b}31m",
        "\u{7}",
        "\u{7f}",
        "\r",
        "\u{1b}]0;x\u{7}",
        "\u{8}\u{8}",
    ]);
    let name = format!("p{bad}q");
    let text = format!(
        "abi <abi/3.0>,\n@{{V}}={bad}\nprofile \"{name}\" \"/opt/{bad}\" {{\n  # {bad}\n  \"/{bad}\" rw,\n  \
         capability {bad},\n  include \"{bad}\"\n  /a px -> \"{name}\",\n  {bad}\n  signal peer=\"{bad}\",\n}}\n"
    );
    place.write("p", &text);
    place.write(&name, &text);
    place.write(
        "aalint.toml",
        format!("base = \".\"\n\"{}\" = 1\n{bad}", bad.escape_unicode()),
    );
    let record = format!(
        "audit: type=1400 audit(1.0:1): apparmor=\"DENIED\" operation=\"open\" profile=\"{name}\" name=\"/{bad}\" \
         comm=\"{bad}\" requested_mask=\"r\" denied_mask=\"r\" fsuid=0 ouid=0\n"
    );
    place.write("log", record);
    if dice.coin() {
        std::fs::remove_file(place.tree().join("aalint.toml")).unwrap();
    }
    let law = Law::of(if dice.coin() { "p" } else { &name });
    law.log("log")
}
