//! Includes that lead far, round in a ring, or to very many files.

use std::fmt::Write as _;

use crate::dice::Dice;
use crate::law::Law;
use crate::place::Place;

/// A chain of thousands of files.
pub fn chain(dice: &mut Dice, place: &Place) -> Law {
    let n = dice.between(2_000, 3_000);
    let last = if dice.coin() {
        "  /a r,\n".to_owned()
    } else {
        "include \"parts/0\"\n".to_owned()
    };
    for at in 0..n {
        place.write(
            &format!("parts/{at}"),
            format!("  include \"parts/{}\"\n", at + 1),
        );
    }
    place.write(&format!("parts/{n}"), last);
    place.write("p", "profile p /p {\n  include \"parts/0\"\n}\n");
    Law::of("p").entry("p")
}

/// Files, and directories of files, that include each other.
pub fn rings(dice: &mut Dice, place: &Place) -> Law {
    let n = dice.between(2, 14);
    for at in 0..n {
        let mut text = String::new();
        for _ in 0..dice.between(1, 6) {
            let to = dice.between(0, n - 1);
            match dice.between(0, 3) {
                0 => writeln!(text, "include <parts>").unwrap(),
                1 => writeln!(text, "include \"parts\"").unwrap(),
                2 => writeln!(text, "include if exists <parts/{to}>").unwrap(),
                _ => writeln!(text, "include \"parts/{to}\"").unwrap(),
            }
        }
        writeln!(text, "  /file{at} r,").unwrap();
        place.write(&format!("parts/{at}"), text);
    }
    place.write(
        "p",
        "profile p /p {\n  include <parts>\n  include \"parts/0\"\n}\n",
    );
    place.write("q", "include \"q\"\nprofile q /q {\n  include \"q\"\n}\n");
    place.write("aalint.toml", "base = \".\"\n");
    Law::of(if dice.coin() { "p" } else { "q" })
}

/// Includes that double with each file: 2^n ways, n files.
pub fn doubled(dice: &mut Dice, place: &Place) -> Law {
    let n = dice.between(40, 200);
    for at in 0..n {
        place.write(
            &format!("parts/{at}"),
            format!(
                "include \"parts/{next}\"\ninclude \"parts/{next}\"\n  /{at} r,\n",
                next = at + 1
            ),
        );
    }
    place.write(&format!("parts/{n}"), "  /end r,\n");
    place.write("p", "profile p /p {\n  include \"parts/0\"\n}\n");
    Law::of("p")
}
