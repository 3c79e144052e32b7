//! Profiles made by chance, of rules about everything but files.

use std::fmt::Write as _;

use super::super::random::Random;
use super::tables::{CAPABILITIES, FAMILIES, MOUNT_FLAGS, PROPAGATION, RESOURCES, SIGNALS, TYPES};

/// What a profile is mostly about.
pub const THEMES: [&str; 15] = [
    "signal",
    "ptrace",
    "unix",
    "unix and network",
    "network",
    "dbus",
    "mount",
    "mqueue",
    "io_uring",
    "userns",
    "change_profile",
    "capability",
    // These are no requests, so that each profile has as many questions as there are resources.
    "rlimit",
    "rlimit",
    "rlimit",
];

/// What the parser of a profile understands.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Syntax {
    /// Priorities, permissions of `network`, and the kinds of rules that came after 3.0.
    pub is_newer: bool,
}

struct Maker<'r> {
    random: &'r mut Random,
    text: String,
    syntax: Syntax,
    has_priority: bool,
    variables: Vec<&'static str>,
    /// The mode that a block around gives to its rules.
    mode: Option<&'static str>,
}

/// Deepest nesting of blocks.
const DEEPEST_BLOCK: usize = 3;

/// A profile about one of [`THEMES`].
pub fn profile(random: &mut Random, theme: &str, syntax: Syntax) -> String {
    let has_priority = syntax.is_newer && random.percent(35);
    let mut maker = Maker {
        random,
        text: String::new(),
        syntax,
        has_priority,
        variables: Vec::new(),
        mode: None,
    };
    maker.preamble();
    let name = maker.random.weighted(&[
        (12, "profile p"),
        (2, "profile a//b"),
        (2, "/bin/a"),
        (1, "profile \"x y\""),
        (1, "profile p /bin/{a,b}"),
        (1, "profile :ns:p"),
    ]);
    let _ = writeln!(maker.text, "{name} {{");
    for _ in 0..1 + maker.random.below(6) {
        maker.item(theme, 0);
    }
    if maker.random.percent(5) {
        maker.text.push_str("  profile c {\n");
        maker.item(theme, 0);
        maker.text.push_str("  }\n");
    }
    maker.text.push_str("}\n");
    maker.text
}

impl Maker<'_> {
    fn preamble(&mut self) {
        for name in ["A", "B"] {
            if !self.random.percent(35) {
                continue;
            }
            let values = self.random.pick(&[
                "a",
                "a b",
                "/bin/a",
                "/bin/a /b",
                "a* b",
                "{a,b}",
                "/a/ /b/",
                "a// ab",
            ]);
            let _ = writeln!(self.text, "@{{{name}}} = {values}");
            self.variables.push(name);
        }
        if self.random.percent(6) {
            self.text.push_str("alias /a -> /b,\n");
        }
    }

    /// A rule, or a block of some. Of blocks most kinds of rules are dropped, so that there are few of them.
    fn item(&mut self, theme: &str, depth: usize) {
        let percent = if theme == "change_profile" { 20 } else { 8 };
        if depth == DEEPEST_BLOCK || !self.random.percent(percent) {
            return self.rule(theme);
        }
        let mode = match self.mode {
            // One that contradicts a block around is an error in its own right.
            Some(_) => "",
            // 3.0 takes no `deny` in front of a block.
            None if self.syntax.is_newer => self.random.pick(&["", "", "allow ", "deny "]),
            None => self.random.pick(&["", "", "allow "]),
        };
        let audit = *self.random.pick(&["", "", "audit "]);
        let owner = *self.random.pick(&["", "", "owner ", "other "]);
        let _ = writeln!(self.text, "{audit}{mode}{owner}{{");
        let around = self.mode;
        if !mode.is_empty() {
            self.mode = Some(mode);
        }
        for _ in 0..self.random.below(4) {
            self.item(theme, depth + 1);
        }
        self.mode = around;
        self.text.push_str("}\n");
    }

    fn rule(&mut self, theme: &str) {
        let theme = match theme {
            "unix and network" if self.random.percent(50) => "network",
            "unix and network" => "unix",
            _ if self.random.percent(8) => *self.random.pick(&THEMES[..13]),
            theme => theme,
        };
        if theme == "rlimit" {
            let rule = self.limit();
            let _ = writeln!(self.text, "  {rule},");
            return;
        }
        let is_all = self.syntax.is_newer && self.random.percent(3);
        let mut rule = String::from("  ");
        if self.has_priority && theme != "network" && !is_all && self.random.percent(50) {
            let priority = self.random.pick(&["-2", "-1", "1", "2"]);
            let _ = write!(rule, "priority={priority} ");
        }
        if self.random.percent(20) {
            rule.push_str("audit ");
        }
        let is_denied = self.random.percent(30);
        rule.push_str(match (is_denied, self.mode) {
            (true, None | Some("deny ")) => "deny ",
            (false, None | Some("allow ")) if self.random.percent(5) => "allow ",
            _ => "",
        });
        // Nothing but rules about files takes it: both sides have to say so.
        if self.random.below(500) == 0 {
            let owner = *self.random.pick(&["owner ", "other "]);
            rule.push_str(owner);
        }
        let body = if is_all {
            "all".to_owned()
        } else {
            self.body(theme)
        };
        let _ = writeln!(self.text, "{rule}{body},");
    }

    fn body(&mut self, theme: &str) -> String {
        match theme {
            "signal" => self.signal(),
            "ptrace" => {
                let access = self.access(&["trace", "read", "tracedby", "readby"]);
                let peer = self.maybe("peer", 65);
                format!("ptrace{access}{peer}")
            }
            "unix" => self.unix(),
            "unix and network" | "network" => self.network(),
            "dbus" => self.dbus(),
            "mount" => self.mount(),
            "mqueue" if self.syntax.is_newer => self.mqueue(),
            "io_uring" if self.syntax.is_newer => {
                let access = self.access(&["override_creds", "sqpoll"]);
                let label = self.maybe("label", 65);
                format!("io_uring{access}{label}")
            }
            "userns" if self.syntax.is_newer => {
                let access = *self.random.pick(&["", " create"]);
                format!("userns{access}")
            }
            "change_profile" => self.change_profile(),
            "capability" => {
                let mut rule = String::from("capability");
                for _ in 0..self.random.below(4) {
                    let name = *self.random.pick(&CAPABILITIES[..38]);
                    let _ = write!(rule, " {name}");
                }
                rule
            }
            _ => self.signal(),
        }
    }

    fn signal(&mut self) -> String {
        let access = self.access(&["send", "receive"]);
        let mut rule = format!("signal{access}");
        if self.random.percent(60) {
            let mut names = Vec::new();
            for _ in 0..1 + self.random.below(3) {
                names.push(self.random.pick(&SIGNALS).0);
            }
            let _ = write!(rule, " set=({})", names.join(" "));
        }
        rule + &self.maybe("peer", 60)
    }

    fn unix(&mut self) -> String {
        let has_peer = self.random.percent(45);
        let local = [
            "create", "bind", "listen", "accept", "connect", "shutdown", "getattr", "setattr",
            "getopt", "setopt", "send", "receive",
        ];
        let with_peer = ["accept", "connect", "send", "receive"];
        let access = if has_peer {
            self.access(&with_peer)
        } else {
            self.access(&local)
        };
        let mut rule = format!("unix{access}");
        if self.random.percent(50) {
            let kind = self.random.pick(&TYPES[..5]).0;
            let _ = write!(rule, " type={kind}");
        }
        if self.random.percent(40) {
            let address = self.address();
            let _ = write!(rule, " addr={address}");
        }
        if has_peer {
            let mut parts = Vec::new();
            if self.random.percent(60) {
                parts.push(format!("addr={}", self.address()));
            }
            if parts.is_empty() || self.random.percent(50) {
                parts.push(format!("label={}", self.label()));
            }
            let _ = write!(rule, " peer=({})", parts.join(" "));
        }
        rule
    }

    fn address(&mut self) -> String {
        let name = *self.random.pick(&[
            "none", "auto", "@a", "@ab", "@a*", "@*", "@**", "@a{a,b}", "@[ab]c", "@/bin/a", "@?",
        ]);
        name.to_owned()
    }

    fn network(&mut self) -> String {
        let mut rule = String::from("network");
        if self.syntax.is_newer && self.random.percent(35) {
            rule += &self.access(&["create", "bind", "connect", "send", "receive", "getopt"]);
        }
        let family = if self.random.percent(35) {
            "unix"
        } else {
            // `unspec` and numbers have no names in rules of every version.
            self.random.pick(&FAMILIES[1..11]).0
        };
        let kind = self.random.pick(&TYPES).0;
        match self.random.below(10) {
            0 => {}
            1 => {
                let _ = write!(rule, " {kind}");
            }
            2 => rule.push_str(self.random.weighted(&[
                (1, " tcp"),
                (1, " udp"),
                (1, " inet icmp"),
                (1, " icmp"),
                (1, " inet tcp"),
                (1, " inet6 udp"),
            ])),
            3..7 => {
                let _ = write!(rule, " {family} {kind}");
            }
            _ => {
                let _ = write!(rule, " {family}");
            }
        }
        rule
    }

    fn dbus(&mut self) -> String {
        match self.random.below(10) {
            0 | 1 => {
                let name = self.maybe("name", 70);
                format!("dbus bind{}{name}", self.maybe("bus", 50))
            }
            2 => format!("dbus eavesdrop{}", self.maybe("bus", 50)),
            3 => "dbus".to_owned(),
            _ => {
                let access = self.access(&["send", "receive"]);
                let mut rule = format!("dbus{access}");
                for name in ["bus", "path", "interface", "member"] {
                    rule += &self.maybe(name, 35);
                }
                let name = self.maybe("name", 40);
                let label = self.maybe("label", 50);
                if !(name.is_empty() && label.is_empty()) {
                    let separator = if name.is_empty() || label.is_empty() {
                        ""
                    } else {
                        ","
                    };
                    let _ = write!(rule, " peer=({}{separator}{})", name.trim(), label);
                }
                rule
            }
        }
    }

    fn mount(&mut self) -> String {
        let (path, other) = (self.path(), self.path());
        match self.random.below(12) {
            0 | 1 => format!("umount {path}"),
            2 => "umount".to_owned(),
            3 => format!("pivot_root oldroot={other} {path}"),
            4 => format!("pivot_root {path}"),
            5 => {
                let flags = self.flags();
                format!("remount{flags} {path}")
            }
            6 => {
                let recursive = *self.random.pick(&["", "r"]);
                format!("mount options=({recursive}bind) {path} -> {other}")
            }
            7 => {
                let change = self.random.pick(&PROPAGATION).0;
                let recursive = *self.random.pick(&["", "r"]);
                format!("mount options=(make-{recursive}{change}) -> {path}")
            }
            8 => format!("mount options=(move) {path} -> {other}"),
            9 => "mount".to_owned(),
            _ => {
                let fstype = match self.random.below(3) {
                    0 => String::new(),
                    1 => format!(" fstype={}", self.label()),
                    _ => " fstype=(proc, a*)".to_owned(),
                };
                let flags = self.flags();
                format!("mount{fstype}{flags} {path} -> {other}")
            }
        }
    }

    fn flags(&mut self) -> String {
        let mut flags = Vec::new();
        for _ in 0..self.random.below(4) {
            flags.push(self.random.pick(&MOUNT_FLAGS).0);
        }
        let operator = *self.random.pick(&["=", " in "]);
        if flags.is_empty() {
            String::new()
        } else {
            format!(" options{operator}({})", flags.join(", "))
        }
    }

    fn mqueue(&mut self) -> String {
        let all = [
            "create", "open", "delete", "getattr", "setattr", "read", "write",
        ];
        let access = self.access(&all);
        let kind = *self.random.pick(&["", "", " type=posix", " type=sysv"]);
        let label = self.maybe("label", 50);
        let name = match (kind, self.random.below(3)) {
            (_, 0) => String::new(),
            (" type=sysv", _) => format!(" {}", self.random.below(300)),
            (" type=posix", _) => format!(" {}", self.path()),
            (_, 1) => format!(" {}", self.random.below(300)),
            _ => format!(" {}", self.path()),
        };
        format!("mqueue{access}{kind}{label}{name}")
    }

    fn change_profile(&mut self) -> String {
        let mut rule = String::from("change_profile");
        let has_exec = self.random.percent(50);
        if has_exec {
            let safety: &str = self.random.pick::<&str>(&["", "", " safe", " unsafe"]);
            rule.push_str(safety);
            let path = self.path();
            let _ = write!(rule, " {path}");
        }
        if self.random.percent(85) {
            let label = self.label();
            let _ = write!(rule, " -> {label}");
        }
        rule
    }

    fn limit(&mut self) -> String {
        let resource = *self.random.pick(&RESOURCES);
        let number = *self
            .random
            .pick(&["0", "1", "5", "010", "0x1f", "1024", "infinity", "99"]);
        let unit = match resource {
            "cpu" => *self.random.pick(&["", " s", " minutes", " hours", " days"]),
            "rttime" => *self.random.pick(&["", " us", " ms", " s", "us"]),
            "fsize" | "data" | "stack" | "core" | "rss" | "memlock" | "as" | "msgqueue" => {
                *self.random.pick(&["", " K", " KB", "MB", " GB", "G"])
            }
            _ => "",
        };
        let number = match resource {
            "nice" => *self.random.pick(&["-20", "0", "5", "19", "-3", "010"]),
            _ => number,
        };
        let unit = if number == "infinity" { "" } else { unit };
        format!("set rlimit {resource} <= {number}{unit}")
    }

    /// Permissions, none of them or some.
    fn access(&mut self, words: &[&str]) -> String {
        if self.random.percent(40) {
            return String::new();
        }
        let mut chosen = Vec::new();
        for _ in 0..1 + self.random.below(3) {
            let word = *self.random.pick(words);
            if !chosen.contains(&word) {
                chosen.push(word);
            }
        }
        format!(" ({})", chosen.join(", "))
    }

    /// A condition, in so many of a hundred cases.
    fn maybe(&mut self, name: &str, percent: usize) -> String {
        if !self.random.percent(percent) {
            return String::new();
        }
        let value = if name == "path" {
            self.path()
        } else {
            self.label()
        };
        format!(" {name}={value}")
    }

    fn label(&mut self) -> String {
        if !self.variables.is_empty() && self.random.percent(20) {
            let name = *self.random.pick(&self.variables);
            return format!("@{{{name}}}");
        }
        let label = self.random.weighted(&[
            (6, "a"),
            (5, "b"),
            (3, "ab"),
            (3, "/bin/a"),
            (2, "unconfined"),
            (3, "a*"),
            (2, "*"),
            (3, "**"),
            (3, "{a,b}"),
            (2, "{a,}b"),
            (2, "[ab]"),
            (1, "[^a]"),
            (2, "?"),
            (1, "??"),
            (2, "a//b"),
            (1, "a//*"),
            (1, ":ns:a"),
            (1, "@{profile_name}"),
            (1, "\"a b\""),
            (1, "a\\*"),
            (1, "/bin/*"),
            (1, "/**"),
        ]);
        label.to_owned()
    }

    fn path(&mut self) -> String {
        if !self.variables.is_empty() && self.random.percent(12) {
            let name = *self.random.pick(&self.variables);
            return format!("/@{{{name}}}");
        }
        let path = self.random.weighted(&[
            (6, "/a"),
            (5, "/b"),
            (3, "/a/b"),
            (3, "/bin/a"),
            (3, "/*"),
            (3, "/**"),
            (2, "/{a,b}"),
            (2, "/a/"),
            (1, "/a//b"),
            (2, "/[ab]"),
            (1, "/?"),
            (1, "/{,a/}b"),
            (1, "\"/a b\""),
        ]);
        path.to_owned()
    }
}
