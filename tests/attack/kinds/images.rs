//! Dockerfiles and archives of images that somebody hostile made.

use std::io::Write;

use tar::{Builder, EntryType, Header};

use crate::dice::Dice;
use crate::law::Law;
use crate::place::{CANARY, Place};

/// A profile for the container, and a compose file that names it.
fn project(place: &Place, build: &str) {
    place.write(
        "p",
        "abi <abi/3.0>,\nprofile p flags=(attach_disconnected, mediate_deleted) {\n  /usr/lib/** mr,\n}\n",
    );
    place.write(
        "compose.yaml",
        format!("services:\n  s:\n    {build}\n    security_opt: [\"apparmor=p\"]\n"),
    );
}

/// Dockerfiles with many stages, long chains of variables, words that never end, and names full of control characters.
pub fn dockerfiles(dice: &mut Dice, place: &Place) -> Law {
    project(place, "build: .");
    let n = dice.between(500, 6_000);
    let text = match dice.between(0, 7) {
        0 => (0..n)
            .map(|at| {
                format!(
                    "FROM s{} AS s{at}\nCOPY --from=s{} / /\n",
                    at.max(1) - 1,
                    at / 2
                )
            })
            .collect(),
        1 => {
            let chain: String = (1..n)
                .map(|at| format!("ARG A{at}=${{A{}:-$A{}}}x\n", at - 1, at - 1))
                .collect();
            format!("ARG A0=x\n{chain}FROM $A{}\nCMD [\"x\"]\n", n - 1)
        }
        2 => format!(
            "FROM python:3.13-slim\nENV A={}\nWORKDIR ${{A}}\nCMD [\"python\", \"{}x.py\"]\n",
            "a/".repeat(n),
            "../".repeat(n)
        ),
        3 => format!("FROM {}\n", "${A:-".repeat(n)),
        4 => format!(
            "FROM python:3.13-slim\nCMD [\"python\", \"\\u001b[31m\\u0007{CANARY}\\n.py\"]\nCOPY . .\n"
        ),
        5 => format!("FROM python:3.13-slim\nCMD {}\n", "sh -c ".repeat(n)),
        6 => format!(
            "FROM alpine:3.20\nENTRYPOINT [{}\"x\"]\n",
            "\"/bin/sh\",".repeat(n)
        ),
        _ => format!("FROM python:3.13-slim\nRUN <<E\n{}\n", "x\\\n".repeat(n)),
    };
    place.write("Dockerfile", text.replace(CANARY, "x"));
    Law::of("p")
}

/// Build contexts and Dockerfiles that lie outside, or are links that lead there.
pub fn contexts(dice: &mut Dice, place: &Place) -> Law {
    let build = *dice.one(&[
        "build: ../outside",
        "build: {context: ., dockerfile: ../outside/text}",
        "build: {context: ../outside/directory, dockerfile: profile}",
    ]);
    project(place, build);
    place.write(
        "Dockerfile",
        "FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nCMD [\"python\", \"text\"]\n",
    );
    place.link("text", "../outside/text");
    if dice.coin() {
        place.link("Containerfile", "../outside/text");
        place.link(".dockerignore", "../outside/rules");
    }
    Law::of("p")
}

fn header(kind: EntryType, name: &[u8], link: &[u8], size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(0o755);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(size);
    let gnu = header.as_gnu_mut().unwrap();
    gnu.name[..name.len().min(100)].copy_from_slice(&name[..name.len().min(100)]);
    gnu.linkname[..link.len().min(100)].copy_from_slice(&link[..link.len().min(100)]);
    header.set_cksum();
    header
}

/// The files of a system, as an archive: links in circles, names that lead out, sizes that lie, and much of nothing.
pub fn archives(dice: &mut Dice, place: &Place) -> Law {
    project(place, "image: x");
    let mut builder = Builder::new(Vec::new());
    let n = dice.between(100, 3_000);
    let mut add = |kind, name: &str, link: &str, bytes: &[u8]| {
        let header = header(kind, name.as_bytes(), link.as_bytes(), bytes.len() as u64);
        builder.append(&header, bytes).unwrap();
    };
    add(
        EntryType::Regular,
        "usr/bin/x",
        "",
        b"#!/bin/sh\nexec \"$@\"\n",
    );
    for at in 0..n {
        match dice.between(0, 6) {
            0 => add(
                EntryType::Symlink,
                &format!("l{at}"),
                &format!("l{}", (at + 1) % n),
                b"",
            ),
            1 => add(
                EntryType::Symlink,
                &format!("usr/lib{at}"),
                "../../../../etc",
                b"",
            ),
            2 => add(EntryType::Regular, &format!("../../escape{at}"), "", b"x"),
            3 => add(
                EntryType::Link,
                &format!("h{at}"),
                "../../../etc/passwd",
                b"",
            ),
            4 => add(
                EntryType::Regular,
                &format!("usr/\u{1b}[31m{at}\n"),
                "",
                b"\x7fELF\x02\x01\x01",
            ),
            5 => add(EntryType::Regular, &format!("d{at}/.wh..wh..opq"), "", b""),
            _ => add(
                EntryType::Directory,
                &format!("{}/", "a/".repeat(at % 45)),
                "",
                b"",
            ),
        }
    }
    let mut bytes = builder.into_inner().unwrap();
    match dice.between(0, 4) {
        0 => bytes.truncate(dice.between(1, bytes.len())),
        1 => {
            for _ in 0..dice.between(1, 40) {
                let at = dice.between(0, bytes.len() - 1);
                bytes[at] = u8::try_from(dice.between(0, 255)).unwrap();
            }
        }
        2 => {
            // Zeros compress a thousandfold.
            let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            zip.write_all(header(EntryType::Regular, b"usr/zeros", b"", 64 << 20).as_bytes())
                .unwrap();
            zip.write_all(&vec![0; 64 << 20]).unwrap();
            bytes = zip.finish().unwrap();
        }
        _ => {}
    }
    std::fs::write(place.tree().join("x.tar"), bytes).unwrap();
    Law::of("x.tar").seconds(20)
}
