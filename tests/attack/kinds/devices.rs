//! What is no file: pipes, sockets, devices, and what the kernel makes up.

use std::fs::{self, File};
use std::os::unix::net::UnixListener;

use crate::dice::Dice;
use crate::law::Law;
use crate::place::{CALM, Place};

/// Things that never end, make others wait, or take what is read away from others.
const ENDLESS: &[&str] = &[
    "/dev/zero",
    "/dev/urandom",
    "/dev/full",
    "/dev/tty",
    "/dev/ptmx",
    "/proc/kmsg",
    "/proc/self/pagemap",
    "/proc/self/mem",
    "/proc/kcore",
    "/proc/self/environ",
    "/proc/self/cmdline",
    "/proc/self/maps",
    "/dev/stdin",
    "/proc/self/fd/0",
    "/sys/kernel/notes",
    "/proc/kallsyms",
    "/proc/self/clear_refs",
    "/proc/cpuinfo",
];

/// Puts something that is no file at a path of the tree.
fn put(dice: &mut Dice, place: &Place, path: &str) {
    let full = place.tree().join(path);
    fs::create_dir_all(full.parent().unwrap()).unwrap();
    match dice.between(0, 5) {
        0 => place.fifo(path),
        1 => drop(UnixListener::bind(&full).unwrap()),
        2 => {
            place.fifo(&format!("{path}.target"));
            place.link(path, format!("{}.target", full.display()));
        }
        _ => place.link(path, *dice.one(ENDLESS)),
    }
}

/// Named.
pub fn named(dice: &mut Dice, place: &Place) -> Law {
    put(dice, place, "p");
    let law = Law::of("p").log("p");
    law.on("check file", &[2], &["p"])
        .on("query", &[2], &["p"])
        .on("plan", &[2], &["p"])
        .on("diff human", &[2], &["p"])
        .on("diff json", &[2], &["p"])
        .on("audit human", &[2], &["p"])
}

/// Named by the path where the system has it.
pub fn at_home(dice: &mut Dice, place: &Place) -> Law {
    place.write("p", CALM);
    let path = *dice.one(ENDLESS);
    Law::of(path)
        .entry(path)
        .log(path)
        .on("check file", &[2], &[path])
        .on("query human", &[2], &[path])
}

/// In the tree, beside policy, or as a directory's only file.
pub fn beside(dice: &mut Dice, place: &Place) -> Law {
    for path in [
        "apparmor.d/usr.bin.p",
        "abstractions/base",
        "a.intents",
        "compose.yaml",
        "q",
    ] {
        if dice.coin() {
            put(dice, place, path);
        }
    }
    place.write("apparmor.d/r", CALM);
    Law::of("apparmor.d/r")
}

/// As the configuration, in the tree or around it.
pub fn configuration(dice: &mut Dice, place: &Place) -> Law {
    put(dice, place, "aalint.toml");
    place.write("p", CALM);
    Law::of("p")
        .on("check human", &[2], &["aalint.toml"])
        .on("query", &[2], &["aalint.toml"])
        .on("graph", &[2], &["aalint.toml"])
        .on("diff tree", &[0], &["calm"])
        .on("plan", &[2], &["aalint.toml"])
        .on("audit", &[2], &["aalint.toml"])
}

/// What policy and the configuration name: includes, abis, intents, the base, the target, the profile.
pub fn mentioned(dice: &mut Dice, place: &Place) -> Law {
    put(dice, place, "parts/x");
    let path = if dice.coin() {
        *dice.one(ENDLESS)
    } else {
        "parts/x"
    };
    let text = match dice.between(0, 4) {
        0 => format!("include \"{path}\"\nprofile p /p {{\n}}\n"),
        1 => format!("profile p /p {{\n  include \"{path}\"\n}}\n"),
        2 => format!("profile p /p {{\n  include if exists \"{path}\"\n  include \"parts\"\n}}\n"),
        3 => format!("abi \"{path}\",\nprofile p /p {{\n}}\n"),
        _ => format!(
            "profile p /p {{\n  include \"/proc/self\"\n  include \"/dev\"\n  include <{path}>\n}}\n"
        ),
    };
    place.write("p", text);
    match dice.between(0, 4) {
        0 => place.write(
            "aalint.toml",
            format!("intents = [\"{path}\", \"parts/x\"]\n"),
        ),
        1 => place.write("aalint.toml", format!("target = \"{path}\"\n")),
        2 => place.write(
            "aalint.toml",
            format!("base = \"{path}\"\ninclude = [\"{path}\"]\n"),
        ),
        3 => place.write("aalint.toml", format!("[verify]\nprofile = \"{path}\"\n")),
        _ => {}
    }
    Law::of("p")
}

/// Files that are larger than any disk, and take no room.
pub fn sparse(dice: &mut Dice, place: &Place) -> Law {
    place.write("r", CALM);
    place.commit();
    let path = *dice.one(&[
        "p",
        "aalint.toml",
        "compose.yaml",
        "a.intents",
        "apparmor.d/p",
    ]);
    place.write(path, if path == "p" { CALM } else { "" });
    let file = File::options()
        .write(true)
        .open(place.tree().join(path))
        .unwrap();
    file.set_len(1 << 42).unwrap();
    Law::of(path)
        .committed()
        .log("r")
        .on("check file", &[2], &[path])
}
