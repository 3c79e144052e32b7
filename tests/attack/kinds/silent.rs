//! Profiles that might be passed over: they are judged, or it is said that they are not.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use crate::dice::Dice;
use crate::law::Law;
use crate::place::{CALM, Place};

/// An error that whoever reads it finds.
const RULE: &str = "  deny /srv/web ix,\n";

/// One where the name of its rule is the text that shows that it was read.
const FOUND: &str = "AA108";

/// Where policy lies, in one way or another.
const PLACES: &[&str] = &[
    "apparmor.d/web",
    "apparmor/web",
    "d/abstractions/web",
    "d/web",
    "web",
];

/// The law of a profile at `path` that cannot be judged: everybody says so, with this reason.
fn unjudged(path: &str, why: &str) -> Law {
    let mut law = Law::of(path);
    for surface in ["check", "diff", "git", "graph"] {
        law = law.on(surface, &[2], &[why]);
    }
    law
}

/// A header that is written in an unusual way, in a file that nothing else tells.
pub fn header(dice: &mut Dice, place: &Place) -> Law {
    let gap = |dice: &mut Dice| *dice.one(&["\n", " \n\n ", " # why\n", "\r\n", "\t"]);
    let name = *dice.one(&[
        "profile web",
        "/srv/web",
        "\"/srv/my web\"",
        "profile \"w w\" /srv/{a,b}",
    ]);
    let flags = *dice.one(&[
        "",
        "flags=(audit)",
        "flags=(attach_disconnected, audit)",
        "(audit)",
    ]);
    let mut text = "# c\n".repeat(dice.between(0, 3));
    text.push_str(name);
    text.push_str(gap(dice));
    text.push_str(flags);
    text.push_str(gap(dice));
    text.push('{');
    text.push_str(dice.one::<&str>(&["\n", " # { why\n", "#\n", "\n\n"]));
    text.push_str(RULE);
    text.push_str("}\n");
    let path = *dice.one(&["d/web", "web", "apparmor.d/web"]);
    place.write(path, text);
    Law::of(path).on("check", &[1], &[FOUND])
}

/// An encoding that the parser does not read.
pub fn encoded(dice: &mut Dice, place: &Place) -> Law {
    let text = format!("profile web {{\n{RULE}}}\n");
    let width = *dice.one(&[2, 4]);
    let is_big = dice.coin();
    let mark = if dice.coin() { "\u{feff}" } else { "" };
    let unit = |c: char| {
        let bytes = u32::from(c).to_be_bytes();
        let mut bytes = bytes[4 - width..].to_vec();
        if !is_big {
            bytes.reverse();
        }
        bytes
    };
    let bytes: Vec<u8> = mark.chars().chain(text.chars()).flat_map(unit).collect();
    let path = *dice.one(PLACES);
    place.write(path, bytes);
    unjudged(path, "UTF-16")
}

/// NUL bytes where the parser reads over them, and where it does not.
pub fn nul(dice: &mut Dice, place: &Place) -> Law {
    let nuls = "\0".repeat(dice.between(1, 40));
    let path = *dice.one(&["d/web", "web", "apparmor.d/web"]);
    if dice.coin() {
        let (before, behind) = *dice.one(&[("# %\n", ""), ("", " # %"), ("", "\n  # a % b")]);
        let text = format!("{before}profile web {{{behind}\n{RULE}}}\n").replace('%', &nuls);
        place.write(path, text);
        return Law::of(path).on("check", &[1], &[FOUND]);
    }
    let word = *dice.one(&["pro%file web {", "profile% web {", "%profile web {"]);
    place.write(path, format!("{word}\n{RULE}}}\n").replace('%', &nuls));
    Law::of(path)
        .on("check", &[1, 2], &["NUL"])
        .on("graph", &[0, 2], &[])
}

/// More bytes around it than are read.
pub fn padded(dice: &mut Dice, place: &Place) -> Law {
    let text = format!("profile web {{\n{RULE}}}\n");
    let line = *dice.one(&["\n", "# padding\n", "#\n", "   \n", "# include <x>\n"]);
    let padding = line.repeat(8 * 1024 * 1024 / line.len() + dice.between(1, 9));
    let path = *dice.one(PLACES);
    place.write(
        path,
        match dice.coin() {
            true => format!("{padding}{text}"),
            false => format!("{text}{padding}"),
        },
    );
    unjudged(path, "too large").seconds(60)
}

/// Names that are no text.
pub fn names(dice: &mut Dice, place: &Place) -> Law {
    let (name, shown) = *dice.one(&[
        (&b"b\xe4r"[..], "d/b\\xe4r"),
        (b"\xff", "d/\\xff"),
        (b"a\xc3", "d/a\\xc3"),
        (b"\xf0\x9d\x84", "d/\\xf0\\x9d\\x84"),
    ]);
    fs::create_dir_all(place.tree().join("d")).unwrap();
    let text = format!("abi <abi/3.0>,\nprofile web {{\n{RULE}}}\n");
    fs::write(place.tree().join("d").join(OsStr::from_bytes(name)), text).unwrap();
    Law::of(shown).on("check", &[1], &[FOUND])
}

/// Links that lead nowhere, beside a good profile.
pub fn links(dice: &mut Dice, place: &Place) -> Law {
    let directory = *dice.one(&["apparmor.d", "apparmor.d/abstractions", "d"]);
    let path = format!("{directory}/web");
    place.write(&format!("{directory}/fine"), CALM.replace("calm", "fine"));
    let target = *dice.one(&["nowhere", "web", "./web", "../gone/web"]);
    place.link(&path, target);
    Law::of(&path)
        .on("check", &[2], &["web"])
        .on("git", &[2], &["web"])
        .on("graph", &[2], &["web"])
}
