//! Text that is nested or chained so deeply that a program which recurses runs out of stack.

use crate::dice::Dice;
use crate::law::Law;
use crate::place::Place;

/// How deep: beyond any limit, and small as files go.
fn depth(dice: &mut Dice) -> usize {
    dice.between(9_000, 40_000)
}

fn profile(place: &Place, rules: &str) -> Law {
    place.write(
        "p",
        format!("abi <abi/3.0>,\nprofile p /p {{\n{rules}\n}}\n"),
    );
    Law::of("p")
}

/// Conditions of thousands of terms, negations and parentheses.
pub fn conditions(dice: &mut Dice, place: &Place) -> Law {
    let n = depth(dice);
    let condition = match dice.between(0, 6) {
        0 => vec!["$a"; n].join(" and "),
        1 => vec!["$a"; n].join(" or "),
        2 => {
            (0..n)
                .map(|at| ["$a and ", "not $a or "][at % 2])
                .collect::<String>()
                + "$a"
        }
        3 => format!("{}$a", "not ".repeat(n)),
        4 => format!("{}$a{}", "(".repeat(n), ")".repeat(n)),
        5 => format!("{}$a{}", "not (".repeat(n), ")".repeat(n)),
        _ => format!("{}$a{}", "(($a) and ".repeat(n), ")".repeat(n)),
    };
    let bool = if dice.coin() { "$a=true\n" } else { "" };
    let text = format!(
        "abi <abi/3.0>,\n{bool}profile p /p {{\n  if {condition} {{\n    /a r,\n  }}\n}}\n"
    );
    place.write("p", &text);
    if dice.coin() {
        // Several files are read on other threads, whose stacks are smaller.
        for number in 0..9 {
            place.write(&format!("p{number}"), &text);
        }
    }
    Law::of("p")
}

/// `else if` without end.
pub fn branches(dice: &mut Dice, place: &Place) -> Law {
    let n = depth(dice) / 4;
    let text = format!("  if $a {{\n  }}{}", " else if $a {\n  }".repeat(n));
    profile(place, &text)
}

/// Blocks in blocks.
pub fn blocks(dice: &mut Dice, place: &Place) -> Law {
    let n = depth(dice);
    let open = *dice.one(&[
        "if $a {",
        "audit {",
        "deny {",
        "profile q {",
        "^hat {",
        "{",
        "priority=1 {",
        "owner {",
    ]);
    let closed = if dice.coin() { n } else { 0 };
    profile(
        place,
        &format!(
            "{}\n/a r,\n{}",
            format!("{open}\n").repeat(n),
            "}\n".repeat(closed)
        ),
    )
    .on("check concise", &[1], &["p:"])
}

/// Alternations, classes and quotes in a pattern.
pub fn patterns(dice: &mut Dice, place: &Place) -> Law {
    let n = depth(dice);
    let pattern = match dice.between(0, 6) {
        0 => format!("/{}b{}", "{a,".repeat(n), "}".repeat(n)),
        1 => format!("/{}", "{a,b}".repeat(n)),
        2 => format!("/{}", "{a,".repeat(n)),
        3 => format!("/{}", "[a]".repeat(n)),
        4 => format!("/{}", "[^".repeat(n)),
        5 => format!("/{}", "**/".repeat(n)),
        _ => format!("/{}", "\\".repeat(n)),
    };
    profile(
        place,
        &format!("  {pattern} r,\n  change_profile -> {pattern},\n  signal peer={pattern},\n"),
    )
    .seconds(60)
}

/// Variables whose values are variables, without end or in a ring.
pub fn variables(dice: &mut Dice, place: &Place) -> Law {
    let n = depth(dice) / 4;
    let chain: String = (0..n)
        .map(|at| format!("@{{V{at}}}=@{{V{}}}\n", at + 1))
        .collect();
    let end = if dice.coin() {
        "x".to_owned()
    } else {
        format!("@{{V{}}}", dice.between(0, n))
    };
    let text = format!("{chain}@{{V{n}}}={end}\nprofile p /p {{\n  /@{{V0}} r,\n}}\n");
    place.write("p", text);
    Law::of("p")
}

/// Variables that multiply: few lines, more values than there are atoms.
pub fn multiplied(dice: &mut Dice, place: &Place) -> Law {
    let n = dice.between(20, 60);
    let lines: String = (0..n)
        .map(|at| format!("@{{V{at}}}=@{{V{next}}}a @{{V{next}}}b\n", next = at + 1))
        .collect();
    let text = format!(
        "{lines}@{{V{n}}}=x y\nprofile p /p@{{V0}} {{\n  /@{{V0}}/@{{V1}}/@{{V2}} r,\n}}\n"
    );
    place.write("p", text);
    Law::of("p")
}

/// Qualifiers without end, and words that a rule takes one of.
pub fn qualifiers(dice: &mut Dice, place: &Place) -> Law {
    let n = depth(dice) / 2;
    let word = *dice.one(&[
        "audit ",
        "deny ",
        "owner ",
        "allow ",
        "priority=1 ",
        "file ",
        "/a ",
    ]);
    profile(place, &format!("  {}/a r,", word.repeat(n)))
}

/// YAML that nests, in flow and in block style, and by aliases.
pub fn yaml(dice: &mut Dice, place: &Place) -> Law {
    let n = depth(dice);
    let body = match dice.between(0, 6) {
        0 => "[".repeat(n),
        1 => format!("{}{}", "[".repeat(n), "]".repeat(n)),
        2 => "{a: ".repeat(n),
        3 => format!(
            "\n{}",
            (0..n / 20)
                .map(|at| format!("{}a:\n", " ".repeat(at + 1)))
                .collect::<String>()
        ),
        4 => format!("\n  {}a", "- ".repeat(n)),
        5 => format!("{}a", "? ".repeat(n)),
        _ => {
            let more =
                |at: usize| format!("a{next}: &a{next} [*a{at},*a{at},*a{at}]\n", next = at + 1);
            format!("\na0: &a0 [x]\n{}", (0..40).map(more).collect::<String>())
        }
    };
    let (name, head) = *dice.one(&[
        ("compose.yaml", "services: "),
        ("docker-compose.yml", "services:\n web:\n  security_opt: "),
        ("pod.yaml", "apiVersion: v1\nkind: Pod\nspec: "),
        ("cm.yaml", "apiVersion: v1\nkind: ConfigMap\ndata: "),
        ("config.yaml", "slug: x\nname: y\napparmor: "),
        ("instance.yaml", "config:\n  raw.lxc: "),
    ]);
    place.write(name, format!("{head}{body}\n"));
    // A manifest is no policy: that it cannot be read is told, and the code is that of the warning about the calm profile.
    Law::of(name)
        .on("check human", &[1], &[name])
        .on("check json", &[1], &[name])
}

/// Files that name profiles, with long chains, and with texts that are not closed.
pub fn names(dice: &mut Dice, place: &Place) -> Law {
    let n = depth(dice);
    let pod = "apiVersion: v1\nkind: Pod\n";
    let services = |link: &dyn Fn(usize) -> String| {
        let service = |at: usize| format!("  s{at}: {{extends: {}, cap_add: [A]}}\n", link(at));
        format!("services:\n{}", (0..n / 4).map(service).collect::<String>())
    };
    let (name, text) = match dice.between(0, 13) {
        0 => (
            "web.container",
            format!("[Container]\n{}", "AppArmor=a \\\n".repeat(n)),
        ),
        1 => (
            "web.service",
            format!("[Service]\nAppArmorProfile={}", "a".repeat(n)),
        ),
        2 => (
            "job.hcl",
            format!("apparmor {}", "security_opt = [\"".repeat(n)),
        ),
        3 => ("job.nomad", format!("apparmor = {}", "<<E\n".repeat(n))),
        4 => ("compose.yaml", services(&|at| format!("s{}", at + 1))),
        5 => ("compose.yaml", services(&|_| "s0".to_owned())),
        6 => (
            "compose.yaml",
            services(&|at| format!("{{file: compose.yaml, service: s{}}}", at / 2)),
        ),
        7 => (
            "compose.yaml",
            format!("services: {{a: {{image: '{}'}}}}", "${A:-".repeat(n)),
        ),
        8 => ("t.yaml", format!("{pod}{}", "{{ ".repeat(n))),
        9 => ("t.yaml", format!("{pod}x: {}", "{{}}".repeat(n))),
        10 => (
            "containers.conf",
            format!("apparmor_profile = {}", "[".repeat(n)),
        ),
        11 => ("config", format!("lxc.apparmor.profile={}", "&".repeat(n))),
        12 => (
            "tasks.yaml",
            format!("- apparmor_parser: {}", "[".repeat(n)),
        ),
        _ => {
            let policy = "    profile p {\n    }\n";
            let keys = (0..n / 20).map(|at| format!("  k{at}: |\n{policy}"));
            let head = "apiVersion: v1\nkind: ConfigMap\ndata:\n";
            ("cm.yaml", head.to_owned() + &keys.collect::<String>())
        }
    };
    place.write(name, text);
    Law::of(name)
}

/// TOML that nests.
pub fn toml(dice: &mut Dice, place: &Place) -> Law {
    let n = depth(dice);
    let body = match dice.between(0, 4) {
        0 => format!("base = {}", "[".repeat(n)),
        1 => format!("base = {}{}", "[".repeat(n), "]".repeat(n)),
        2 => format!("base = {}", "{ a = ".repeat(n)),
        3 => format!("[{}]", vec!["a"; n].join(".")),
        _ => format!("{} = 1", vec!["a"; n].join(".")),
    };
    place.write("aalint.toml", format!("{body}\n"));
    place.write("p", "profile p /p {\n}\n");
    Law::of("p").on("check human", &[2], &["aalint.toml:1"])
}

/// Records of a log: long ones, and values that nest.
pub fn records(dice: &mut Dice, place: &Place) -> Law {
    let n = depth(dice) * 10;
    let record = match dice.between(0, 3) {
        0 => format!("apparmor=\"DENIED\" profile=\"{}\"", "p".repeat(n)),
        1 => format!("apparmor=\"DENIED\" {}", "a=\"".repeat(n)),
        2 => format!("apparmor=\"DENIED\" profile=\"p\" name={}", "2F".repeat(n)),
        _ => format!("{{\"MESSAGE\": {}", "[".repeat(n)),
    };
    place.write(
        "log",
        format!("audit: type=1400 audit(1.0:1): {record}\n").repeat(3),
    );
    profile(place, "  /a r,").log("log")
}
