//! Ways out of the tree. The files there hold the canary, which no output may show.

use crate::dice::Dice;
use crate::law::Law;
use crate::place::{CALM, CANARY, Place};

/// Files outside, each of another kind.
const FILES: &[&str] = &[
    "profile",
    "text",
    "rules",
    "directory/profile",
    "variables",
    "config",
    "manifest",
    "intents",
];

/// Fills the place outside with files of all kinds that aalint reads.
fn furnish(place: &Place) {
    let upper = CANARY.to_uppercase();
    place.write_outside(
        "variables",
        &format!(
            "@{{{CANARY}}}=/srv/{CANARY} /x\n@{{X}}=/{CANARY}/a /b/{CANARY}\n${{{upper}}}=true\n@{{Y}}={CANARY}\n"
        ),
    );
    place.write_outside(
        "config",
        &format!(
            "base = \"{CANARY}\"\ninclude = [\"{CANARY}\"]\nintents = [\"{CANARY}.intents\", \"{CANARY}\"]\n\
             exclude = [\"{CANARY}\"]\ntarget = \"{CANARY}\"\n[variables]\nX = [\"/{CANARY}\"]\n\
             [lint]\nignore = [\"{CANARY}\"]\n[[profile]]\nname = \"{CANARY}\"\ncontainer = true\n\
             [container]\nexpect = [\"{CANARY}\"]\n[verify]\nprofile = \"{CANARY}\"\nname = \"{CANARY}\"\n"
        ),
    );
    place.write_outside(
        "variables.toml",
        &format!("[variables]\nX = [\"/{CANARY}/a\"]\n"),
    );
    place.write_outside(
        "manifest",
        &format!(
            "services:\n  {CANARY}:\n    image: x\n    security_opt:\n      - apparmor={CANARY}\n    ports: [\"80:80\"]\n"
        ),
    );
    place.write_outside(
        "broken",
        &format!("services:\n  {CANARY}: [&{CANARY} *{CANARY}x, {{\n"),
    );
    place.write_outside(
        "intents",
        &format!(
            "intent {CANARY} {{\n  deny /{CANARY} rw,\n  allow /srv/{CANARY} r,\n  {CANARY}\n}}\n"
        ),
    );
    place.write_outside(
        "odd",
        &format!(
            "  /a`{CANARY}`b rw,\n  \"/x {CANARY}\" ix,\n  /\\x6banarienvogel/** rwx,\n  set rlimit {CANARY} <= 3,\n  \
             signal peer=\"{CANARY}`\",\n  capability `{CANARY},\n  /{CANARY}/* cx -> {CANARY},\n  change_profile -> {CANARY},\n\
             ^{CANARY} {{\n}}\n"
        ),
    );
}

/// A way to a file outside, as it is written in policy or the configuration.
fn way_to(file: &str, dice: &mut Dice, place: &Place) -> String {
    match dice.between(0, 3) {
        0 => place.outside().join(file).to_str().unwrap().to_owned(),
        1 => format!("../outside/{file}"),
        2 => {
            let link = format!("inner/link-{}", file.replace('/', "-"));
            place.link(&link, place.outside().join(file));
            link
        }
        _ => {
            let around = format!("inner/around-{}", file.replace('/', "-"));
            place.link(&around, place.outside());
            format!("{around}/{file}")
        }
    }
}

fn way(dice: &mut Dice, place: &Place) -> String {
    let file = *dice.one(FILES);
    way_to(file, dice, place)
}

/// The configuration is a link.
pub fn configuration(dice: &mut Dice, place: &Place) -> Law {
    furnish(place);
    let file = *dice.one(&["text", "profile", "rules", "config", "manifest", "broken"]);
    place.link("aalint.toml", place.outside().join(file));
    place.write("p", CALM);
    Law::of("p")
        .on("check", &[2], &["aalint"])
        .on("query", &[2], &["aalint"])
        .on("plan", &[2], &["aalint.toml"])
        .on("audit", &[2], &["aalint.toml"])
}

/// The same, and nothing is wrong with it.
pub fn variables_of_configuration(dice: &mut Dice, place: &Place) -> Law {
    furnish(place);
    place.link("aalint.toml", place.outside().join("variables.toml"));
    place.write(
        "p",
        format!(
            "abi <abi/3.0>,\nprofile p /p {{\n  @{{X}}/** {},\n  @{{X}}b px,\n  /lib/** mr,\n}}\n",
            dice.one(&["rw", "ix", "rwix", "k"])
        ),
    );
    Law::of("p")
        .on("diff", &[0], &["p"])
        .on("plan", &[2], &["aalint.toml"])
}

/// The configuration names files outside.
pub fn configured(dice: &mut Dice, place: &Place) -> Law {
    furnish(place);
    let way = way(dice, place);
    let intents = way_to("intents", dice, place);
    place.link("a.intents", place.outside().join("intents"));
    let text = match dice.between(0, 5) {
        0 => format!("intents = [\"{way}\"]\n"),
        1 => format!("base = \"{way}\"\n"),
        2 => "include = [\"../outside\", \"..\"]\nbase = \"../outside\"\n".to_owned(),
        3 => format!("[verify]\nprofile = \"{way}\"\n"),
        4 => format!("target = \"{way}\"\n"),
        _ => format!(
            "intents = [\"a.intents\"]\n[[profile]]\nname = \"p\"\nintents = [\"{intents}.intents\"]\n"
        ),
    };
    place.write("aalint.toml", text);
    place.write(
        "p",
        "include <variables>\ninclude <rules>\nprofile p /p {\n  include <rules>\n  include <directory>\n  @{X}/** rw,\n}\n",
    );
    Law::of("p")
}

/// Policy includes files outside.
pub fn included(dice: &mut Dice, place: &Place) -> Law {
    furnish(place);
    let way = way(dice, place);
    let odd = way_to("odd", dice, place);
    let text = match dice.between(0, 5) {
        0 => format!("include \"{way}\"\nprofile p /p {{\n}}\n"),
        1 => format!("profile p /p {{\n  include \"{way}\"\n}}\n"),
        2 => format!("profile p /p {{\n  include <{way}>\n  include <../outside/rules>\n}}\n"),
        3 => "profile p /p {\n  include \"../outside\"\n  include \"../outside/directory\"\n}\n"
            .to_owned(),
        4 => format!("profile p /p {{\n  include \"{odd}\"\n  /** rwlk,\n  deny /k* w,\n}}\n"),
        _ => format!("abi \"{way}\",\nprofile p /p {{\n  include \"{way}\"\n  /k* r,\n}}\n"),
    };
    place.write("p", text);
    if dice.coin() {
        place.write("aalint.toml", "base = \".\"\n");
    }
    Law::of("p")
}

/// Rules of the tree are made of values from outside, alone and joined with others.
pub fn values(dice: &mut Dice, place: &Place) -> Law {
    furnish(place);
    let way = way_to("variables", dice, place);
    let mut text =
        format!("abi <abi/3.0>,\ninclude \"{way}\"\n@{{Z}}=/z@{{Y}}z\nprofile p @{{X}} {{\n");
    for _ in 0..dice.between(2, 6) {
        let path = *dice.one(&[
            "@{X}",
            "@{X}/**",
            "/a@{Y}b",
            "@{Z}/{,*}",
            "/@{Y}/[^@{Y}]*",
            "/var/run/@{Y}",
            "@{W}",
        ]);
        let perms = *dice.one(&["rw", "ix", "px -> @{Y}", "cx -> x", "mrwk", "x", "a", "l"]);
        text.push_str(&format!("  {path} {perms},\n"));
    }
    text.push_str(dice.one::<&str>(&[
        "  deny @{X} w,\n",
        "  /** r,\n",
        "  signal peer=@{Y},\n",
        "  mount options=bind @{X} -> /mnt/@{Y}/,\n",
        "  unix addr=@@{Y},\n  dbus send peer=(name=@{Y}),\n",
        "  if defined @{Y} {\n    @{Y} rq,\n  }\n",
    ]));
    text.push_str("}\n");
    place.write("p", text);
    Law::of("p")
}

/// Files of the tree are links: they are judged, and reported without their text.
pub fn links(dice: &mut Dice, place: &Place) -> Law {
    furnish(place);
    let names = [
        "d/p",
        "a.intents",
        "compose.yaml",
        "abstractions/base",
        "tunables/global",
        "pod.yaml",
        "docker-compose.yml",
        "web.service",
        "web.container",
        "config.yaml",
        "apparmor.txt",
        "job.hcl",
        "containers.conf",
        ".env",
        "compose.override.yaml",
    ];
    for name in names {
        if dice.coin() {
            let mut files = FILES.to_vec();
            files.extend(["odd", "broken"]);
            place.link(name, place.outside().join(*dice.one(&files)));
        }
    }
    place.link("apparmor.d/linked", place.outside().join("text"));
    place.write("aalint.toml", "intents = [\"a.intents\"]\n");
    place.write(
        "q",
        "include <tunables/global>\nprofile q /q {\n  include <abstractions/base>\n  include \"apparmor.d/linked\"\n}\n",
    );
    Law::of("q")
        .on("check concise", &[1, 2], &["apparmor.d/linked:1:"])
        .on("check json", &[1, 2], &["apparmor.d/linked"])
        .on("check human", &[1, 2], &["apparmor.d/linked:1:"])
}

/// Files beside a manifest lie outside: they are not read.
pub fn beside(dice: &mut Dice, place: &Place) -> Law {
    furnish(place);
    let file = place.outside().join(*dice.one(FILES));
    let file = file.to_str().unwrap();
    let up = "../".repeat(20) + file.trim_start_matches('/');
    let path = *dice.one(&[file, up.as_str()]);
    place.write(
        "compose.yaml",
        format!(
            "services:\n  a: {{extends: {{file: '{path}', service: a}}, security_opt: ['apparmor=$A']}}\n"
        ),
    );
    for name in [".env", "compose.override.yaml", "common.yaml"] {
        if dice.coin() {
            place.link(name, file);
        }
    }
    place.write("config.yaml", "slug: x\nname: y\n");
    if dice.coin() {
        place.link("apparmor.txt", file);
    }
    place.write("q", "profile q /q {\n}\n");
    Law::of("q")
}

/// A link to a directory outside is not walked, and is named.
pub fn directories(dice: &mut Dice, place: &Place) -> Law {
    furnish(place);
    let outside = place.outside();
    let inner = outside.join("directory");
    let target = *dice.one(&[
        outside.to_str().unwrap(),
        inner.to_str().unwrap(),
        "/proc/self",
        "/dev",
        "/",
    ]);
    let link = *dice.one(&["apparmor.d", "x", "deep/x", "abstractions"]);
    place.link(link, target);
    place.write("q", CALM);
    Law::of("q")
        .on(
            "check human",
            &[0, 1],
            &[link, "not followed", "1 link to a directory outside"],
        )
        .on("check json", &[0, 1], &[link, "\"unwalked\": 1"])
        .on("diff tree", &[0], &[link, "not followed"])
        .on("graph text", &[0], &[link, "not followed"])
}
