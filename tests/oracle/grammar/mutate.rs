//! Texts that are nearly those of the material.

use super::super::random::Random;
use super::material::Material;
use super::token::{is_blank, tokens};

/// Words of the language, put in more often than their share of the material.
const WORDS: &[&str] = &[
    "->",
    ",",
    "{",
    "}",
    "(",
    ")",
    "=",
    "+=",
    "?=",
    ":=",
    "<=",
    "==",
    "!=",
    "@{V}",
    "@{V",
    "@V",
    "$B",
    "${B}",
    "if",
    "else",
    "not",
    "and",
    "or",
    "in",
    "defined",
    "deny",
    "allow",
    "audit",
    "prompt",
    "quiet",
    "access",
    "owner",
    "other",
    "user",
    "priority=1",
    "priority=-1",
    "file",
    "link",
    "subset",
    "l",
    "capability",
    "chown",
    "network",
    "inet",
    "stream",
    "unix",
    "signal",
    "ptrace",
    "dbus",
    "mount",
    "remount",
    "umount",
    "pivot_root",
    "mqueue",
    "userns",
    "io_uring",
    "all",
    "set",
    "rlimit",
    "cpu",
    "change_profile",
    "change_hat",
    "hat",
    "profile",
    "^h",
    "flags=(complain)",
    "xattrs=(a=b)",
    "include",
    "#include",
    "if exists",
    "abi",
    "<abi/4.19>",
    "alias",
    "rewrite",
    "/a",
    "/b r,",
    "r",
    "rw",
    "px",
    "pix",
    "Cx",
    "ux",
    "x",
    "m",
    "k",
    "a",
    "peer=a",
    "peer=(label=a)",
    "label=a",
    "options=(ro)",
    "fstype=ext4",
    ":ns:b",
    ":ns:",
    "&a",
    "\"",
    "\\",
    "\\\"",
    "#",
    "# c",
    "#c",
    "!",
    "*",
    "**",
    "?",
    "[",
    "]",
    "[a-c]",
    "{a,b}",
    "^",
    "<",
    ">",
    "~",
    ";",
    "%",
    "'",
    "safe",
    "unsafe",
    "true",
    "false",
    "1",
    "0x1f",
    "\n",
    "\t",
    "\r\n",
    "\u{e4}",
];
/// Characters that are put in place of others.
const CHARACTERS: &[char] = &[
    ' ', '\n', '\t', ',', '{', '}', '(', ')', '=', '+', ':', '-', '>', '<', '"', '\\', '#', '@',
    '$', '!', '*', '?', '[', ']', '^', '&', '/', '.', '_', 'a', 'r', 'x', 'p', '0', '9', ';', '|',
    '~',
];

/// The text of a number; the same for the same material.
pub fn text(material: &Material, number: u64) -> String {
    let mut random = Random::new(number);
    for _ in 0..3 {
        random.next();
    }
    let pool = match random.below(100) {
        0..50 => &material.written,
        50..60 => &material.generated,
        _ => &material.real,
    };
    let mut text = random.pick(pool).clone();
    for _ in 0..*random.pick(&[1, 1, 1, 1, 2, 2, 3]) {
        text = changed(&text, material, &mut random);
    }
    text
}

fn changed(text: &str, material: &Material, random: &mut Random) -> String {
    let mut tokens: Vec<String> = tokens(text).into_iter().map(str::to_owned).collect();
    if tokens.is_empty() {
        return WORDS[random.below(WORDS.len())].to_owned();
    }
    let is_wanted = |token: &String| !is_blank(token);
    let at = place(&tokens, random, is_wanted);
    match random.below(20) {
        0 => drop(tokens.remove(at)),
        1 => tokens.insert(at, tokens[at].clone()),
        2 => {
            let other = place(&tokens, random, is_wanted);
            tokens.swap(at, other);
        }
        3 | 4 => tokens[at] = alike(&tokens[at], material, random),
        5 => {
            tokens.insert(at, " ".to_owned());
            tokens.insert(at, word(material, random));
        }
        6 => tokens.insert(at, word(material, random)),
        // Glued to the next one.
        7 | 8 => {
            let blank = place(&tokens, random, |token| is_blank(token));
            drop(tokens.remove(blank));
        }
        9 => {
            let cut = boundary(&tokens[at], random);
            tokens[at].insert(cut, ' ');
        }
        10 => {
            let cut = boundary(&tokens[at], random);
            let rest = tokens[at].split_off(cut);
            let mut rest = rest.chars();
            rest.next();
            tokens[at] = format!("{}{}{}", tokens[at], random.pick(CHARACTERS), rest.as_str());
        }
        11 => {
            let cut = boundary(&tokens[at], random);
            tokens[at].insert(cut, *random.pick(CHARACTERS));
        }
        12 => {
            let cut = boundary(&tokens[at], random);
            let rest = tokens[at].split_off(cut);
            tokens[at].extend(rest.chars().skip(1));
        }
        13 => tokens[at] = format!("\"{}\"", tokens[at]),
        14 => {
            let cut = boundary(&tokens[at], random);
            tokens[at].insert(cut, '\\');
        }
        15 => {
            let blank = place(&tokens, random, |token| is_blank(token));
            tokens[blank] =
                (*random.pick(&["\n", " ", "\t", "  ", "\r\n", "\\\n", " #c\n"])).to_owned();
        }
        // A rule in front of another one.
        16 | 17 => {
            let ends: Vec<usize> = (0..tokens.len())
                .filter(|at| matches!(&*tokens[*at], "," | "{"))
                .collect();
            if !ends.is_empty() {
                let end = *random.pick(&ends);
                tokens.insert(end + 1, format!("\n{}\n", random.pick(&material.lines)));
            }
        }
        18 => {
            let blank = place(&tokens, random, |token| is_blank(token));
            tokens.swap(blank, at);
        }
        _ => {
            let whole = tokens.concat();
            let mut end = random.below(whole.len() + 1);
            while !whole.is_char_boundary(end) {
                end -= 1;
            }
            let tail = random.pick(&["", "", "}", "#", "# c", ",", ",}", "\n"]);
            return format!("{}{tail}", &whole[..end]);
        }
    }
    tokens.concat()
}

/// A token that is wanted, or any if there is none.
fn place(tokens: &[String], random: &mut Random, is_wanted: impl Fn(&String) -> bool) -> usize {
    let wanted: Vec<usize> = (0..tokens.len())
        .filter(|at| is_wanted(&tokens[*at]))
        .collect();
    if wanted.is_empty() {
        random.below(tokens.len())
    } else {
        *random.pick(&wanted)
    }
}

/// A word that might stand where `token` stands.
fn alike(token: &str, material: &Material, random: &mut Random) -> String {
    let class = |token: &str| match token.chars().next() {
        Some(c) if c.is_alphanumeric() => 'a',
        Some(c) => c,
        None => ' ',
    };
    for _ in 0..30 {
        let other = word(material, random);
        if class(&other) == class(token) {
            return other;
        }
    }
    word(material, random)
}

fn word(material: &Material, random: &mut Random) -> String {
    if random.percent(50) {
        (*random.pick(WORDS)).to_owned()
    } else {
        random.pick(&material.words).clone()
    }
}

fn boundary(text: &str, random: &mut Random) -> usize {
    let mut at = random.below(text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
