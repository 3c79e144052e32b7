//! Files that want to command whoever verifies them.

use std::os::unix::fs::chown;

use crate::dice::Dice;
use crate::law::Law;
use crate::place::{CANARY, Place};

/// A user who is nobody here.
const STRANGER: u32 = 4_242;

/// A configuration that asks for more than a profile, in a folder that is somebody else's where that can be had.
pub fn demands(dice: &mut Dice, place: &Place) -> Law {
    let outside = place.outside().display().to_string();
    let demands = [
        ("privileged", "privileged = true".to_owned()),
        (
            "volumes",
            format!("volumes = [\"{outside}:/x\", \"./y:/y\", \"z:/z\"]"),
        ),
        (
            "command",
            format!("command = [\"sh\", \"-c\", \"touch {outside}/mark\"]"),
        ),
        (
            "environment",
            format!("environment = {{ LD_PRELOAD = \"{CANARY}\" }}"),
        ),
        (
            "endpoint",
            format!("endpoint = \"unix://{outside}/socket\""),
        ),
    ];
    let (key, demand) = dice.one(&demands).clone();
    let image = match dice.coin() {
        true => "image = \"../../containers/json?x=\"",
        false => "build = \"../outside\"",
    };
    place.write("web", "profile web {\n  /srv/** r,\n}\n");
    place.write(
        "aalint.toml",
        format!("[verify]\nprofile = \"web\"\n{image}\nport = 80\n{demand}\n"),
    );
    let way = dice.between(0, 2);
    let places = match way {
        0 => vec![place.tree()],
        1 => vec![place.tree().join("aalint.toml")],
        _ => vec![place.tree(), place.tree().join("aalint.toml")],
    };
    // Only root can give files away; git asks whose a repository is, so there is none to compare then.
    let is_given = places
        .iter()
        .all(|place| chown(place, Some(STRANGER), None).is_ok());
    let law = Law::of("web").committed();
    if is_given {
        law.on(
            "plan tree",
            &[0],
            &[&format!("  {key}: "), "it needs `--trust`"],
        )
    } else {
        law.on("plan tree", &[0], &[&format!("  {key}: ")])
    }
}

/// Profiles for other namespaces.
pub fn namespaces(dice: &mut Dice, place: &Place) -> Law {
    let separator = *dice.one(&[":", "://"]);
    let name = format!(":ns{}{separator}web", dice.between(0, 9));
    let header = match dice.between(0, 4) {
        0 => format!("profile {name}"),
        1 => format!("profile \"{name}\""),
        2 => format!("@{{NAME}}={name}\nprofile @{{NAME}}"),
        3 => format!("profile first {{\n}}\nprofile {name} flags=(complain)"),
        _ => format!("profile {name} /usr/bin/web"),
    };
    place.write("p", format!("{header} {{\n  /srv/** r,\n}}\n"));
    place.write("aalint.toml", "[verify]\nprofile = \"p\"\n");
    Law::of("p").on("plan", &[2], &["another namespace"])
}

/// Files whose names are options of the programs that verify runs.
pub fn options(dice: &mut Dice, place: &Place) -> Law {
    let name = *dice.one(&[
        "--ofile=stolen",
        "-ostolen",
        "--remove",
        "--namespace-string=ns",
        "-Rf",
    ]);
    place.write(name, "profile named {\n  /srv/** r,\n}\n");
    place.write("aalint.toml", format!("[verify]\nprofile = \"{name}\"\n"));
    let file = format!("./{name}");
    Law::of(&file).on("plan", &[0], &["load `named`"])
}
