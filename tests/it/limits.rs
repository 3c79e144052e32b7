//! Bounds of aalint's own, driven from both sides: up to a bound the answer is exact, beyond it unknown with its reason.
//! docs/limits.md lists them all, and is compared with the sources.

use std::fmt::Write as _;
use std::fs;

use std::path::Path;

use crate::common::{aalint, directory, files, root, text};
use aalint::containers::MAX_NESTING as MAX_MANIFEST_NESTING;
use aalint::glob::MAX_STATES;
use aalint::policy::{
    MAX_EXPANSION_BYTES, MAX_INCLUDE_DEPTH, MAX_PROFILES, MAX_TEXTS, MAX_VARIABLE_DEPTH,
};
use aalint::source::MAX_FILE_BYTES;
use aalint::syntax::{MAX_CONDITION_WORDS, MAX_NESTING};

/// What `query` answers about the file `web`.
fn answer(content: &str, request: &str) -> String {
    let here = directory(&[]);
    fs::write(here.path().join("web"), content).unwrap();
    let output = aalint(here.path(), &["query", "--isolated", "web", request]);
    text(&output.stdout)
}

/// A profile with a rule about a variable of `count` texts, which is made of two with slashes that meet.
fn with_texts(count: usize) -> String {
    let mut content = "@{A}=a\n@{B}=".to_owned();
    for number in 0..count {
        let _ = write!(content, "/{number} ");
    }
    content + "\n@{C}=@{A}/@{B}\nprofile web {\n  /h/@{C} r,\n}\n"
}

#[test]
fn texts_of_a_variable() {
    // Where slashes meet, the number of texts decides nothing.
    for count in [255, 256, 257, 300, 4000] {
        let last = format!("/h/a/{} r", count - 1);
        let answer = answer(&with_texts(count), &last);
        assert!(answer.starts_with("allowed"), "{count}: {answer}");
    }
    let beyond = answer(&with_texts(MAX_TEXTS + 1), "/h/a/0 r");
    assert!(beyond.starts_with("unknown"), "{beyond}");
    assert!(beyond.contains("cannot be read"), "{beyond}");
}

#[test]
fn versions_beyond_the_texts_are_not_compared() {
    let here = directory(&[]);
    let compare = |count: usize, new_rule: &str, gate: &[&str]| {
        for (version, rule) in [("old", ""), ("new", new_rule)] {
            let content = with_texts(count).replace("\n}\n", &format!("\n{rule}}}\n"));
            fs::write(here.path().join(version), content).unwrap();
        }
        let output = aalint(here.path(), &[&["diff", "old", "new"], gate].concat());
        (output.status.code(), text(&output.stdout))
    };
    let gate = ["--fail-on", "wider"];
    assert_eq!(compare(300, "", &gate).0, Some(0));
    assert_eq!(compare(300, "  /more w,\n", &gate).0, Some(1));
    for rule in ["", "  /more w,\n"] {
        let (code, shown) = compare(MAX_TEXTS + 1, rule, &[]);
        assert_eq!(code, Some(0), "{shown}");
        assert!(shown.starts_with("unknown"), "{shown}");
        assert_eq!(compare(MAX_TEXTS + 1, rule, &gate).0, Some(2));
    }
}

#[test]
fn promises_beyond_the_texts_are_not_passed_over() {
    let here = directory(&[]);
    let check = |count: usize, promise: &str| {
        let promise = format!("\n  # aalint: assert {promise},\n}}\n");
        let content = with_texts(count).replace("\n}\n", &promise);
        fs::write(here.path().join("web"), content).unwrap();
        let output = aalint(here.path(), &["check", "--isolated", "web"]);
        text(&output.stdout)
    };
    assert!(!check(300, "allow /h/a/5 r").contains("AA801"));
    assert!(check(300, "deny /h/a/5 r").contains("error[AA801]"));
    let beyond = check(MAX_TEXTS + 1, "deny /h/a/5 r");
    assert!(beyond.contains("warning[AA801]"), "{beyond}");
    assert!(beyond.contains("cannot be decided"), "{beyond}");
    // The parser may load it: no error.
    assert!(beyond.contains("warning[AA116]"), "{beyond}");
    assert!(beyond.contains("aalint follows 16384 values"), "{beyond}");
}

/// What the commands say of policy in a directory of its own, whose file `web` defines the profile `web`.
struct Said {
    /// The answer about `/a r`.
    query: String,
    /// How the policy compares with itself, how with one that writes `/a` as well, and the exit codes behind a gate.
    same: (Option<i32>, String),
    wider: (Option<i32>, String),
    /// What `check` finds, and what it says of the assertion that `/a r` is denied.
    check: String,
    promise: String,
}

/// Asks all commands; `files` makes the policy in which the innermost rule is the given text.
fn ask(files: impl Fn(&Path, &str)) -> Said {
    let (rule, more) = ("/a r,", "/a rw,");
    let place = |name: &str, rule: &str| {
        let here = directory(&[]);
        let inner = here.path().join(name);
        fs::create_dir(&inner).unwrap();
        files(&inner, rule);
        here
    };
    let run = |here: &Path, arguments: &[&str]| {
        let output = aalint(here, arguments);
        let (code, shown) = (output.status.code(), text(&output.stdout));
        assert!(matches!(code, Some(0..=2)), "{}", text(&output.stderr));
        (code, shown)
    };
    let old = place("old", rule);
    let in_old = old.path().join("old");
    // What lies outside of what is named is told without its text.
    let base = in_old.to_str().unwrap();
    let query = ["query", "--isolated", "--base", base, "web", "/a r"];
    let query = run(&in_old, &query).1;
    let check = run(&in_old, &["check", "--isolated", "--base", base, "web"]).1;
    let compare = |rule: &str| {
        let new = place("new", rule);
        let new = new.path().join("new/web");
        let arguments = ["diff", "web", new.to_str().unwrap(), "--fail-on", "wider"];
        run(&in_old, &arguments)
    };
    let (same, wider) = (compare(rule), compare(more));
    let content = fs::read_to_string(in_old.join("web")).unwrap();
    let end = content.trim_end().rfind('}').unwrap();
    let promised = format!("{}\n  # aalint: assert deny /a r,\n}}\n", &content[..end]);
    fs::write(in_old.join("web"), promised).unwrap();
    let promise = run(
        &in_old,
        &[
            "check",
            "--isolated",
            "--base",
            base,
            "--select",
            "AA801",
            "web",
        ],
    )
    .1;
    Said {
        query,
        same,
        wider,
        check,
        promise,
    }
}

impl Said {
    /// All is known and exact, and no finding is about a limit.
    fn is_exact(&self) {
        assert!(self.query.starts_with("allowed"), "{}", self.query);
        assert_eq!(self.same.0, Some(0), "{}", self.same.1);
        assert!(!self.same.1.contains("unknown"), "{}", self.same.1);
        assert_eq!(self.wider.0, Some(1), "{}", self.wider.1);
        assert!(self.wider.1.starts_with("wider"), "{}", self.wider.1);
        assert!(!self.check.contains("aalint follows"), "{}", self.check);
        assert!(!self.check.contains("aalint reads"), "{}", self.check);
        assert!(self.promise.contains("error[AA801]"), "{}", self.promise);
    }

    /// Nothing is claimed, and a warning with this text says why.
    fn is_unknown(&self, why: &str) {
        assert!(self.query.starts_with("unknown"), "{}", self.query);
        for (code, shown) in [&self.same, &self.wider] {
            assert_eq!(*code, Some(2), "{shown}");
            assert!(shown.starts_with("unknown"), "{shown}");
        }
        assert!(self.check.contains(why), "{}", self.check);
        // The parser may load it.
        assert!(!self.check.contains("error["), "{}", self.check);
        assert!(self.promise.contains("warning[AA801]"), "{}", self.promise);
        assert!(
            self.promise.contains("cannot be decided"),
            "{}",
            self.promise
        );
    }
}

/// One file.
fn one(content: impl Fn(&str) -> String) -> impl Fn(&Path, &str) {
    move |here, rule| fs::write(here.join("web"), content(rule)).unwrap()
}

#[test]
fn nesting_of_blocks() {
    let nested = |depth: usize| {
        let (open, close) = ("{ ".repeat(depth), " }".repeat(depth));
        ask(one(move |rule| {
            format!("profile web {{ {open}{rule}{close}\n}}\n")
        }))
    };
    // The profile is a block of its own.
    nested(MAX_NESTING - 1).is_exact();
    let why = format!("nested deeper than {MAX_NESTING}");
    nested(MAX_NESTING).is_unknown(&why);
    nested(9_000).is_unknown(&why);
}

#[test]
fn rules_beyond_the_nesting_are_not_read_without_their_blocks() {
    let depth = MAX_NESTING - 1;
    let (open, close) = ("{ ".repeat(depth), " }".repeat(depth));
    // With the last block lost the rule would allow.
    let content = format!("profile web {{ {open} deny {{ /a r, }} {close} }}\n");
    assert!(answer(&content, "/a r").starts_with("unknown"));
    // And the child would be a rule of its parent.
    let content = format!("profile web {{ {open} profile child {{ /a r, }} {close} }}\n");
    assert!(answer(&content, "/a r").starts_with("unknown"));
}

#[test]
fn words_of_a_condition() {
    let terms = |count: usize, between: &str, around: &str| {
        let condition = vec!["$a"; count].join(between);
        let (open, close) = ("( ".repeat(around.len()), " )".repeat(around.len()));
        ask(one(move |rule| {
            format!("$a = true\nprofile web {{\nif {open}{condition}{close} {{\n{rule}\n}}\n}}\n")
        }))
    };
    let why = format!("more than {MAX_CONDITION_WORDS} words");
    // 128 terms with 127 words between them, and a `not` in front.
    terms(MAX_CONDITION_WORDS / 2, " and ", "").is_exact();
    terms(MAX_CONDITION_WORDS / 2, " or ", "").is_exact();
    terms(1, " and ", &"(".repeat(MAX_CONDITION_WORDS / 2 - 1)).is_exact();
    for count in [MAX_CONDITION_WORDS / 2 + 1, 9_000] {
        terms(count, " and ", "").is_unknown(&why);
        terms(count, " or ", "").is_unknown(&why);
        terms(1, " and ", &"(".repeat(count)).is_unknown(&why);
    }
    // What a boolean is set to that is too long to be read is not `false`.
    let long = vec!["$a"; 9_000].join(" and ");
    let boolean = |rule: &str| {
        format!("$a = true\n$b = {long}\nprofile web {{\nif not $b {{\n{rule}\n}}\n}}\n")
    };
    ask(one(boolean)).is_unknown(&why);
}

/// A chain of files, each of which includes the next one.
fn chain(here: &Path, count: usize, last: &str, around: [&str; 2]) {
    for number in 0..count {
        let content = if number + 1 == count {
            format!("{last}\n")
        } else {
            let next = here.join(format!("f{}", number + 1));
            format!(
                "{}\ninclude \"{}\"\n{}\n",
                around[0],
                next.display(),
                around[1]
            )
        };
        fs::write(here.join(format!("f{number}")), content).unwrap();
    }
}

#[test]
fn includes_within_each_other() {
    let rules = |count: usize, around: [&'static str; 2]| {
        ask(move |here, rule| {
            chain(here, count, rule, around);
            let first = here.join("f0");
            let content = format!("profile web {{\n  include \"{}\"\n}}\n", first.display());
            fs::write(here.join("web"), content).unwrap();
        })
    };
    let why = format!("deeper than {MAX_INCLUDE_DEPTH}");
    rules(MAX_INCLUDE_DEPTH, ["", ""]).is_exact();
    rules(MAX_INCLUDE_DEPTH + 1, ["", ""]).is_unknown(&why);
    rules(2_000, ["", ""]).is_unknown(&why);
    // Each file has a block or a conditional around its include statement.
    for around in [["{", "}"], ["if true {", "}"]] {
        rules(MAX_INCLUDE_DEPTH / 2, around).is_exact();
        rules(MAX_INCLUDE_DEPTH / 2 + 1, around).is_unknown(&why);
    }
    // Deep blocks in deep includes.
    let many = "{".repeat(MAX_NESTING - 10).leak();
    let ends = "}".repeat(MAX_NESTING - 10).leak();
    rules(40, [many, ends]).is_unknown(&why);
}

#[test]
fn includes_of_variables_within_each_other() {
    let variables = |count: usize| {
        ask(move |here, rule| {
            chain(here, count, "@{A} = /a", ["", ""]);
            let (first, rule) = (here.join("f0"), rule.replace("/a", "@{A}"));
            let content = format!(
                "include \"{}\"\nprofile web {{\n  {rule}\n}}\n",
                first.display()
            );
            fs::write(here.join("web"), content).unwrap();
        })
    };
    variables(MAX_INCLUDE_DEPTH).is_exact();
    let said = variables(MAX_INCLUDE_DEPTH + 1);
    said.is_unknown(&format!("deeper than {MAX_INCLUDE_DEPTH}"));
}

#[test]
fn chains_of_20_000_includes_end_in_a_finding() {
    let run = |in_profile: bool| {
        let here = directory(&[]);
        let last = if in_profile { "/a r," } else { "@{A} = /a" };
        chain(here.path(), 20_000, last, ["", ""]);
        let include = format!("include \"{}\"", here.path().join("f0").display());
        let content = if in_profile {
            format!("profile web {{\n  {include}\n}}\n")
        } else {
            format!("{include}\nprofile web {{\n  @{{A}} r,\n}}\n")
        };
        fs::write(here.path().join("web"), content).unwrap();
        let base = here.path().to_str().unwrap();
        let output = aalint(here.path(), &["check", "--isolated", "--base", base, "web"]);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        let shown = text(&output.stdout);
        let why = format!("deeper than {MAX_INCLUDE_DEPTH}");
        assert!(
            shown.contains("warning[AA117]") && shown.contains(&why),
            "{shown}"
        );
        let query = aalint(here.path(), &["query", "--isolated", "web", "/a r"]);
        assert!(
            text(&query.stdout).starts_with("unknown"),
            "{}",
            text(&query.stdout)
        );
    };
    run(true);
    run(false);
}

#[test]
fn profiles_of_a_file() {
    let many = |count: usize| {
        move |here: &Path, rule: &str| {
            let inner = here.join("inner");
            fs::write(&inner, "profile a { }\nprofile b { }\n").unwrap();
            let mut content = format!("profile web {{\n  {rule}\n");
            for number in 0..count {
                let _ = writeln!(
                    content,
                    "profile c{number} {{ include \"{}\" }}",
                    inner.display()
                );
            }
            fs::write(here.join("web"), content + "}\n").unwrap();
        }
    };
    // Each child comes with two of its own.
    let below = MAX_PROFILES / 3 - 1;
    let query = |count: usize| {
        let here = directory(&[]);
        many(count)(here.path(), "/a r,");
        let run = |arguments: &[&str]| text(&aalint(here.path(), arguments).stdout);
        let query = run(&["query", "--isolated", "web", "--profile", "web", "/a r"]);
        (
            query,
            run(&["check", "--isolated", "--select", "AA117", "web"]),
        )
    };
    let (exact, found) = query(below);
    assert!(exact.starts_with("allowed"), "{exact}");
    assert!(!found.contains("AA117"), "{found}");
    let (beyond, found) = query(MAX_PROFILES / 2);
    assert!(beyond.starts_with("unknown"), "{beyond}");
    assert!(found.contains("warning[AA117]"), "{found}");
    assert!(
        found.contains(&format!("more than {MAX_PROFILES}")),
        "{found}"
    );
}

#[test]
fn variables_within_each_other() {
    let variables = |count: usize| {
        ask(one(move |rule| {
            let mut content = String::from("@{A1}=a\n");
            for number in 2..=count {
                let _ = writeln!(content, "@{{A{number}}}=@{{A{}}}", number - 1);
            }
            let rule = rule.replace("/a", &format!("/@{{A{count}}}"));
            content + &format!("profile web {{\n  {rule}\n}}\n")
        }))
    };
    variables(MAX_VARIABLE_DEPTH).is_exact();
    let why = format!("leads through more than {MAX_VARIABLE_DEPTH} variables");
    for count in [MAX_VARIABLE_DEPTH + 1, 9_000] {
        variables(count).is_unknown(&why);
    }
}

#[test]
fn circles_of_variables_are_errors_however_long_they_are() {
    for count in [1, 2, MAX_VARIABLE_DEPTH, MAX_VARIABLE_DEPTH + 1, 300] {
        let mut content = String::new();
        for number in 0..count {
            let _ = writeln!(content, "@{{A{number}}}=@{{A{}}}", (number + 1) % count);
        }
        content.push_str("profile web {\n  /@{A0} r,\n}\n");
        let here = directory(&[("web", &content)]);
        let output = aalint(here.path(), &["check", "--isolated", "web"]);
        let shown = text(&output.stdout);
        assert!(shown.contains("error[AA116]"), "{count}: {shown}");
        assert!(
            shown.contains("contains the variable itself"),
            "{count}: {shown}"
        );
        assert!(!shown.contains("leads through"), "{count}: {shown}");
    }
}

#[test]
fn length_of_a_value() {
    // The texts of the second variable are as many as the first one's, and each is as long as is said.
    let long = |texts: usize, length: usize| {
        ask(one(move |rule| {
            let mut content = String::from("@{A}=");
            for number in 0..texts {
                let _ = write!(content, "{number:x<length$} ");
            }
            let rule = rule.replace("/a", "/{a,@{A}}");
            content
                + &format!(
                    "\n@{{B}}=@{{A}}\nprofile web {{\n  {}\n}}\n",
                    rule.replace("@{A}", "@{B}")
                )
        }))
    };
    let texts = 1_024;
    let most = MAX_EXPANSION_BYTES / texts;
    // As alternatives in the rule each has a comma, and there are as many states as a pattern may have at most.
    assert!(texts * 90 < MAX_STATES && texts * most > MAX_STATES);
    long(texts, 90).is_exact();
    long(texts, most + 1).is_unknown("multiply to more than aalint follows");
}

#[test]
fn states_of_a_pattern() {
    let long = |length: usize| {
        ask(one(move |rule| {
            let path = format!("/{{a,{}}}", "b".repeat(length));
            format!("profile web {{\n  {}\n}}\n", rule.replace("/a", &path))
        }))
    };
    long(MAX_STATES - 10).is_exact();
    let beyond = long(MAX_STATES + 1);
    assert!(beyond.query.starts_with("unknown"), "{}", beyond.query);
    assert!(
        beyond.promise.contains("cannot be decided"),
        "{}",
        beyond.promise
    );
    // The rules are in one version only.
    assert_eq!(beyond.wider.0, Some(2), "{}", beyond.wider.1);
    // A request is refused, and says why.
    let ask = |length: usize| {
        let here = directory(&[("web", "profile web {\n  /b** r,\n}\n")]);
        let request = format!("/{} r", "b".repeat(length));
        let output = aalint(here.path(), &["query", "--isolated", "web", &request]);
        (
            output.status.code(),
            text(&output.stdout) + &text(&output.stderr),
        )
    };
    assert_eq!(ask(MAX_STATES - 10).0, Some(0));
    let (code, shown) = ask(MAX_STATES + 1);
    assert_eq!(code, Some(2));
    assert!(shown.contains(&format!("up to {MAX_STATES} states")));
}

/// A profile of which a search has to tell apart twice as many cases with each wildcard.
fn doubling(wildcards: usize, rule: &str) -> String {
    let denied = format!("deny /**a{} r,", "?".repeat(wildcards));
    format!("profile web {{\n  /** r,\n  {denied}\n  {rule}\n}}\n")
}

#[test]
fn states_of_a_search() {
    let exact = answer(&doubling(12, ""), "/** r");
    assert!(exact.starts_with("partly"), "{exact}");
    let beyond = answer(&doubling(24, ""), "/** r");
    assert!(beyond.starts_with("unknown"), "{beyond}");
    assert!(beyond.contains("too complex"), "{beyond}");
    let here = directory(&[]);
    let compare = |wildcards: usize| {
        fs::write(here.path().join("old"), doubling(wildcards, "")).unwrap();
        let new = doubling(wildcards, "").replace("?? r", "?[ab] r");
        fs::write(here.path().join("new"), new).unwrap();
        let output = aalint(here.path(), &["diff", "old", "new", "--fail-on", "wider"]);
        (
            output.status.code(),
            text(&output.stdout) + &text(&output.stderr),
        )
    };
    let (code, shown) = compare(8);
    assert_eq!(code, Some(1), "{shown}");
    let (code, shown) = compare(24);
    assert_eq!(code, Some(2), "{shown}");
    assert!(shown.contains("too complex"), "{shown}");
    let promise = |wildcards: usize| {
        let content = doubling(wildcards, "# aalint: assert deny /** r,");
        fs::write(here.path().join("web"), content).unwrap();
        let output = aalint(
            here.path(),
            &["check", "--isolated", "--select", "AA801", "web"],
        );
        text(&output.stdout)
    };
    assert!(promise(12).contains("error[AA801]"));
    let beyond = promise(24);
    assert!(beyond.contains("warning[AA801]"), "{beyond}");
    assert!(beyond.contains("too complex"), "{beyond}");
}

#[test]
fn states_that_are_kept() {
    // One request after the other is decided, with more states than are kept.
    let content = doubling(20, "");
    let mut vfs = aalint::source::MemoryVfs::default();
    vfs.insert("web", content);
    let paths = ["web".to_owned()];
    let search = aalint::policy::Search::default();
    aalint::session::with_policy(&vfs, &search, &paths, &[], |policy| {
        let profile = policy.profiles().next().unwrap();
        let effective = policy.effective(profile);
        let mut seed = 1_u64;
        for _ in 0..20_000 {
            let path: Vec<u8> = (0..40)
                .map(|at| {
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    if at == 0 {
                        b'/'
                    } else if seed >> 63 == 0 {
                        b'a'
                    } else {
                        b'b'
                    }
                })
                .collect();
            let is_denied = path[path.len() - 21] == b'a';
            let verdict = effective.decide(aalint::access::Class::File, &path);
            assert_eq!(verdict.allow == 0, is_denied, "{}", text(&path));
        }
    });
}

#[test]
fn braces_of_a_pattern() {
    // The parser's own limit: beyond it, the parser refuses the profile.
    let nested = |depth: usize| {
        let (open, close) = ("{a,".repeat(depth), "}".repeat(depth));
        let content = format!("profile web {{\n  /{open}b{close} r,\n}}\n");
        let here = directory(&[("web", &content)]);
        let output = aalint(
            here.path(),
            &["check", "--isolated", "--select", "AA1", "web"],
        );
        (answer(&content, "/a r"), text(&output.stdout))
    };
    let (exact, found) = nested(49);
    assert!(exact.starts_with("allowed"), "{exact}");
    assert!(!found.contains("AA113"), "{found}");
    let (beyond, found) = nested(50);
    assert!(beyond.starts_with("unknown"), "{beyond}");
    assert!(found.contains("error[AA113]"), "{found}");
}

#[test]
fn length_of_a_file() {
    let padded = |length: usize| {
        ask(one(move |rule| {
            let content = format!("profile web {{\n  {rule}\n}}\n");
            let line = format!("#{}\n", "x".repeat(1022));
            let mut padding = line.repeat((length - content.len()) / line.len());
            while padding.len() + content.len() < length {
                padding.push('\n');
            }
            padding + &content
        }))
    };
    // What the assertion adds is left room for.
    padded(MAX_FILE_BYTES - 100).is_exact();
    let here = directory(&[]);
    let content = format!(
        "#{}\nprofile web {{\n  /a r,\n}}\n",
        "x".repeat(MAX_FILE_BYTES)
    );
    fs::write(here.path().join("web"), content).unwrap();
    for arguments in [
        &["check", "--isolated", "web"][..],
        &["query", "--isolated", "web", "/a r"],
        &["diff", "web", "web"],
    ] {
        let output = aalint(here.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let shown = text(&output.stdout) + &text(&output.stderr);
        assert!(shown.contains(&MAX_FILE_BYTES.to_string()), "{shown}");
        assert!(!shown.contains("allowed"), "{shown}");
    }
}

#[test]
fn nodes_of_a_manifest() {
    let manifest = |levels: usize| {
        let mut content = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..=levels {
            let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
            let _ = writeln!(content, "a{level}: &a{level} [{aliases}]");
        }
        content.push_str("services:\n  s:\n    image: i\n    security_opt: [apparmor=nobody]\n");
        let here = directory(&[("compose.yaml", &content), ("web", "profile web { }\n")]);
        let output = aalint(here.path(), &["check", "--isolated", "."]);
        text(&output.stdout) + &text(&output.stderr)
    };
    assert!(manifest(3).contains("nobody"));
    let beyond = manifest(8);
    assert!(!beyond.contains("`nobody`"), "{beyond}");
    assert!(beyond.contains("compose.yaml"), "{beyond}");
}

#[test]
fn defaults_within_each_other() {
    let check = |depth: usize| {
        let value = format!("{}nobody{}", "${A:-".repeat(depth), "}".repeat(depth));
        let content =
            format!("services:\n  s:\n    image: i\n    security_opt: ['apparmor={value}']\n");
        let here = directory(&[("compose.yaml", &content), ("web", "profile web { }\n")]);
        let output = aalint(here.path(), &["check", "--isolated", "."]);
        text(&output.stdout)
    };
    // The value itself is the first of them.
    assert!(check(15).contains("`nobody`"));
    assert!(!check(16).contains("`nobody`"));
}

#[test]
fn services_that_extend_one_another() {
    let check = |links: usize| {
        let mut content = "services:\n  s0: {privileged: true}\n".to_owned();
        for link in 1..=links {
            let _ = writeln!(content, "  s{link}: {{extends: s{}}}", link - 1);
        }
        let here = directory(&[("compose.yaml", &content), ("web", "profile web { }\n")]);
        let output = aalint(here.path(), &["check", "--isolated", "."]);
        text(&output.stdout)
    };
    assert!(check(16).contains("service `s16` is privileged"));
    let beyond = check(17);
    assert!(
        beyond.contains("`s16`") && !beyond.contains("`s17`"),
        "{beyond}"
    );
}

#[test]
fn nesting_of_a_manifest() {
    let check = |content: &str, name: &str| {
        let here = directory(&[(name, content), ("web", "profile web { }\n")]);
        let output = aalint(here.path(), &["check", "--isolated", "."]);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        text(&output.stdout) + &text(&output.stderr)
    };
    let compose = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        let content = format!(
            "services:\n  s:\n    image: i\n    x: {open}{close}\n    security_opt: [apparmor=nobody]\n"
        );
        check(&content, "compose.yaml")
    };
    // Below the file, its services and the service.
    assert!(compose(MAX_MANIFEST_NESTING - 3).contains("`nobody`"));
    for depth in [MAX_MANIFEST_NESTING - 2, 17_000] {
        let beyond = compose(depth);
        assert!(!beyond.contains("`nobody`"), "{beyond}");
        let why = format!("nested deeper than {MAX_MANIFEST_NESTING}");
        assert!(
            beyond.contains("compose.yaml") && beyond.contains(&why),
            "{beyond}"
        );
    }
    // Aliases nest what they stand for.
    let pod = |levels: usize| {
        let mut content = String::from(
            "apiVersion: v1\nkind: Pod\na0: &a0 {name: a, securityContext: {appArmorProfile: {type: Localhost, localhostProfile: nobody}}}\n",
        );
        for level in 1..=levels {
            let _ = writeln!(content, "a{level}: &a{level} [*a{}]", level - 1);
        }
        check(&content, "pod.yaml")
    };
    assert!(pod(MAX_MANIFEST_NESTING - 6).contains("`nobody`"));
    let beyond = pod(MAX_MANIFEST_NESTING + 1);
    assert!(!beyond.contains("`nobody`"), "{beyond}");
    assert!(beyond.contains("nested deeper than"), "{beyond}");
}

/// A limit in the sources: its file below `src` with its name, and its value.
fn limits() -> Vec<(String, u64)> {
    let words = ["MAX", "MOST", "LONGEST", "LIMIT", "DEEPEST"];
    let mut found = Vec::new();
    let mut open = vec![root().join("src")];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(
                fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
            continue;
        }
        let file = path
            .strip_prefix(root().join("src"))
            .unwrap()
            .display()
            .to_string();
        for line in fs::read_to_string(&path).unwrap().lines() {
            let Some((_, constant)) = line.split_once("const ") else {
                continue;
            };
            let Some((name, value)) = constant.split_once(": ") else {
                continue;
            };
            let is_limit = name.split('_').any(|word| words.contains(&word));
            let Some((_, value)) = value.split_once(" = ").filter(|_| is_limit) else {
                continue;
            };
            found.push((format!("{file} {name}"), evaluated(value)));
        }
    }
    found.sort();
    found
}

/// A constant's value: a product, a shift, or seconds.
fn evaluated(expression: &str) -> u64 {
    let expression = expression.trim_end_matches(';').replace('_', "");
    let inner = expression
        .strip_prefix("Duration::fromsecs(")
        .and_then(|inner| inner.strip_suffix(')'));
    let expression = inner.unwrap_or(&expression);
    let number = |text: &str| -> u64 { text.trim().parse().unwrap() };
    match expression.split_once("<<") {
        Some((left, right)) => number(left) << number(right),
        None => expression.split('*').map(number).product(),
    }
}

#[test]
fn the_page_lists_them_all() {
    let page = fs::read_to_string(root().join("docs/limits.md")).unwrap();
    let tests: String = files(&root().join("tests/it"), "rs")
        .into_iter()
        .map(|path| {
            let module = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(path).unwrap();
            let names = text.lines().filter_map(|line| line.strip_prefix("fn "));
            let names = names.filter_map(|line| line.split_once('('));
            names
                .map(|(name, _)| format!("{module}::{name}\n"))
                .collect::<String>()
        })
        .collect();
    let mut listed = Vec::new();
    for row in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let (value, unit) = cells[1].split_once(' ').unwrap();
        assert!(
            !unit.is_empty() && cells[2..].iter().all(|cell| !cell.is_empty()),
            "{row}"
        );
        listed.push((
            cells[0].trim_matches('`').to_owned(),
            value.replace(',', "").parse::<u64>().unwrap(),
        ));
        // Of those that touch decisions a test is named, which is there.
        if let Some(test) = cells.get(4) {
            let test = test.trim_matches('`');
            assert!(tests.lines().any(|known| known == test), "no test {test}");
        }
    }
    listed.sort();
    let known = limits();
    assert!(known.len() > 80, "only {} limits", known.len());
    for limit in &known {
        assert!(
            listed.contains(limit),
            "docs/limits.md does not list {limit:?}"
        );
    }
    for limit in &listed {
        assert!(
            known.contains(limit),
            "docs/limits.md lists {limit:?}, which is not so in src"
        );
    }
    assert_eq!(known.len(), listed.len());
    let decisions = page.lines().filter(|line| line.contains("| `limits::"));
    assert!(decisions.count() >= 12);
}
