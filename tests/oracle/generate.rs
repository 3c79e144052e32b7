//! Profiles made by chance, of few letters, so that their rules overlap.

use std::fmt::Write as _;

use super::random::Random;

/// A profile made by chance.
pub struct Generated {
    pub text: String,
    /// The patterns in it, variables and quotes as written.
    pub patterns: Vec<String>,
    /// Its variables.
    pub variables: Vec<(String, Vec<String>)>,
    /// Whether it uses what only the newer parser knows.
    pub is_newer: bool,
}

/// Which exec modes a profile uses: those of all rules agree, or each rule has its own.
#[derive(Copy, Clone)]
enum Execs {
    None,
    One(&'static str),
    Any,
}

struct Maker<'r> {
    random: &'r mut Random,
    made: Generated,
    execs: Execs,
    /// Whether priorities may be used.
    has_priority: bool,
}

const EXECS: [&str; 16] = [
    "ix", "px", "Px", "cx", "Cx", "ux", "Ux", "pix", "Pix", "cix", "Cix", "pux", "PUx", "cux",
    "CUx", "ix",
];

const ESCAPES: &str = r"\* \? \[ \{ \, \} \] \a \x2f \x41 \101 \^ \- \b";

const TARGETS: [&str; 9] = [
    "a",
    "b",
    "a//b",
    "/bin/a",
    "&a",
    ":ns:a",
    "unconfined",
    "a//&b",
    "\"a b\"",
];

/// Makes a profile. `has_newer` allows what only the newer parser knows.
pub fn profile(random: &mut Random, has_newer: bool) -> Generated {
    let mode = EXECS[random.below(EXECS.len())];
    let execs = random.weighted(&[(25, Execs::None), (50, Execs::One(mode)), (25, Execs::Any)]);
    let has_priority = has_newer && random.percent(40);
    let mut maker = Maker {
        made: Generated {
            text: String::new(),
            patterns: Vec::new(),
            variables: Vec::new(),
            is_newer: false,
        },
        random,
        execs,
        has_priority,
    };
    maker.preamble();
    maker.profile();
    maker.made
}

impl Maker<'_> {
    fn preamble(&mut self) {
        for name in ["A", "B", "C"] {
            if !self.random.percent(35) {
                continue;
            }
            let mut values = Vec::new();
            for _ in 0..self.random.weighted(&[(5, 1), (4, 2), (1, 3)]) {
                values.push(self.value());
            }
            let _ = write!(self.made.text, "@{{{name}}} =");
            for value in &values {
                let _ = write!(self.made.text, " {value}");
            }
            self.made.text.push('\n');
            self.made.variables.push((name.to_owned(), values));
        }
        if self.random.percent(4) {
            let to = self.letter();
            let _ = writeln!(self.made.text, "alias /a -> /{to},");
        }
    }

    /// The value of a variable, with or without slashes around it.
    fn value(&mut self) -> String {
        let mut value = String::new();
        if self.random.percent(55) {
            value.push('/');
        }
        let parts = 1 + self.random.below(2);
        for part in 0..parts {
            if part > 0 {
                value.push('/');
            }
            self.component(&mut value, 1);
        }
        if self.random.percent(30) {
            value.push('/');
        }
        // Nothing but a pattern's own commas may look like several values.
        value.retain(|c| c != ' ' && c != '"');
        if value.is_empty() {
            "a".to_owned()
        } else {
            value
        }
    }

    fn profile(&mut self) {
        self.made.text.push_str("profile p {\n");
        let count = 1 + self.random.below(7);
        for _ in 0..count {
            self.rule();
        }
        if self.random.percent(4) {
            self.made.text.push_str("  profile c {\n");
            self.rule();
            self.made.text.push_str("  }\n");
        }
        if self.random.percent(3) {
            self.made.text.push_str("  ^h {\n");
            self.rule();
            self.made.text.push_str("  }\n");
        }
        self.made.text.push_str("}\n");
    }

    fn rule(&mut self) {
        let mut rule = String::from("  ");
        if self.has_priority && self.random.percent(50) {
            self.made.is_newer = true;
            let priority = self.random.pick(&["-2", "-1", "1", "2"]);
            let _ = write!(rule, "priority={priority} ");
        }
        if self.random.percent(20) {
            rule.push_str("audit ");
        }
        let is_denied = self.random.percent(25);
        if is_denied {
            rule.push_str("deny ");
        } else if self.random.percent(5) {
            rule.push_str("allow ");
        }
        if self.random.percent(20) {
            rule.push_str("owner ");
        }
        match self.random.below(100) {
            0..9 => self.link(&mut rule),
            9..11 if !is_denied => rule.push_str("file"),
            11..13 if self.made.is_newer && !is_denied && rule.trim().is_empty() => {
                rule.push_str("all")
            }
            _ => self.file(&mut rule, is_denied),
        }
        rule.push_str(",\n");
        self.made.text.push_str(&rule);
    }

    fn link(&mut self, rule: &mut String) {
        rule.push_str("link ");
        if self.random.percent(40) {
            rule.push_str("subset ");
        }
        let (name, target) = (self.path(), self.path());
        let _ = write!(rule, "{name} -> {target}");
    }

    fn file(&mut self, rule: &mut String, is_denied: bool) {
        let path = self.path();
        let mut letters = String::new();
        for letter in ["r", "l", "k", "m"] {
            if self.random.percent(if letter == "r" { 50 } else { 20 }) {
                letters.push_str(letter);
            }
        }
        letters.push_str(self.random.weighted(&[(5, ""), (3, "w"), (2, "a")]));
        let mut exec = "";
        if self.random.percent(45) {
            exec = match self.execs {
                Execs::None => "",
                _ if is_denied => "x",
                Execs::One(mode) => mode,
                Execs::Any => EXECS[self.random.below(EXECS.len())],
            };
        }
        letters.push_str(exec);
        if letters.is_empty() {
            letters.push('r');
        }
        let takes_target = !is_denied && (!exec.is_empty() || letters == "l");
        let target = if takes_target && self.random.percent(25) {
            let target = if exec.is_empty() {
                self.path()
            } else {
                (*self.random.pick(&TARGETS)).to_owned()
            };
            format!(" -> {target}")
        } else {
            String::new()
        };
        let safety = if !is_denied && !exec.is_empty() && self.random.percent(4) {
            *self.random.pick(&["safe ", "unsafe "])
        } else {
            ""
        };
        if self.random.percent(8) {
            let _ = write!(rule, "{safety}file {letters} {path}{target}");
        } else {
            let _ = write!(rule, "{safety}{path} {letters}{target}");
        }
    }

    /// A path pattern, quoted where it must be.
    fn path(&mut self) -> String {
        let mut path = String::new();
        match self.random.below(100) {
            0..12 if self.random.percent(70) => self.variable(&mut path),
            12..16 => path.push_str("//"),
            _ => path.push('/'),
        }
        let parts = self.random.weighted(&[(5, 1), (5, 2), (2, 3), (1, 0)]);
        for part in 0..parts {
            if part > 0 {
                path.push_str(self.random.weighted(&[(15, "/"), (1, "//")]));
            }
            self.component(&mut path, 0);
        }
        if self.random.percent(12) {
            path.push('/');
        }
        if !path.starts_with(['/', '@']) {
            path.insert(0, '/');
        }
        self.made.patterns.push(path.clone());
        let must_quote =
            path.contains([' ', '"', '!']) || path.ends_with(',') || path.contains(",\"");
        if must_quote || self.random.percent(5) {
            format!("\"{path}\"")
        } else {
            path
        }
    }

    fn component(&mut self, path: &mut String, depth: usize) {
        for _ in 0..1 + self.random.below(3) {
            match self.random.below(100) {
                0..50 => path.push(self.letter()),
                50..62 => path.push('*'),
                62..70 => path.push_str("**"),
                70..75 => path.push('?'),
                75..83 => self.class(path),
                83..90 if depth < 3 => self.alternatives(path, depth),
                90..93 => self.one_of(path, ESCAPES),
                93..96 => self.one_of(path, "é . + - _ $ ^ ( ) |"),
                _ => self.variable(path),
            }
        }
    }

    fn variable(&mut self, path: &mut String) {
        if self.made.variables.is_empty() {
            path.push(self.letter());
        } else {
            let (name, _) = self.random.pick(&self.made.variables);
            let _ = write!(path, "@{{{name}}}");
        }
    }

    fn alternatives(&mut self, path: &mut String, depth: usize) {
        path.push('{');
        for number in 0..2 + self.random.below(2) {
            if number > 0 {
                path.push(',');
            }
            match self.random.below(10) {
                0 | 1 => {}
                2 => path.push('/'),
                3 => {
                    path.push('/');
                    self.component(path, depth + 1);
                }
                4 => {
                    self.component(path, depth + 1);
                    path.push('/');
                }
                _ => self.component(path, depth + 1),
            }
        }
        path.push('}');
    }

    /// A class. `[\,]` is left out: 5.0.2 never ends on it.
    fn class(&mut self, path: &mut String) {
        path.push('[');
        if self.random.percent(45) {
            path.push('^');
        }
        if self.random.percent(8) {
            path.push('-');
        }
        for _ in 0..1 + self.random.below(2) {
            match self.random.below(30) {
                0..18 => path.push(self.letter()),
                18..23 => path.push_str("a-c"),
                23 => path.push('/'),
                24 => self.one_of(path, "^ , { } . [ +"),
                25 => path.push('é'),
                26 => self.one_of(path, r"\] \[ \* \x41 \^ \-"),
                27 => path.push_str("0-9"),
                28 => path.push_str("c-a"),
                _ => self.one_of(path, "* ? b-d a-b"),
            }
        }
        path.push(']');
    }

    /// Appends one of several words.
    fn one_of(&mut self, path: &mut String, words: &str) {
        let words: Vec<&str> = words.split(' ').collect();
        path.push_str(self.random.pick::<&str>(&words));
    }

    fn letter(&mut self) -> char {
        self.random
            .weighted(&[(8, 'a'), (6, 'b'), (3, 'c'), (1, '1'), (1, 'd')])
    }
}
