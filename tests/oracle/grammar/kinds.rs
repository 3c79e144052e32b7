//! Kinds of texts about which aalint and the parser differ, each with its reason.

use super::shrink::Difference;

/// A kind of difference.
pub struct Kind {
    pub name: &'static str,
    /// Why it stays.
    pub reason: &'static str,
    pub is_it: fn(&Difference) -> bool,
}

/// All of them.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "quotes over several lines",
        reason: "legal, and nearly always a quote that is missing: aalint says so on the line itself",
        is_it: |found| {
            let is_open = |line: &str| line.replace("\\\"", "").matches('"').count() % 2 == 1;
            found.aalint_says("a quote is not closed on its line")
                || found.aalint_says("syntax-error") && found.has_line(is_open)
        },
    },
    Kind {
        name: "an undefined variable as a part of a value",
        reason: "5.0.2 forgets to look it up where the value holds other text or there are more values; 3.0.8 refuses it",
        is_it: |found| {
            let name = found
                .named()
                .filter(|_| found.aalint_says("undefined-variable"));
            name.is_some_and(|name| found.has_value_with(name))
        },
    },
    Kind {
        name: "a variable that leads back to itself and is not used",
        reason: "the parser looks only when it is used; the value is wrong all the same",
        is_it: |found| {
            let is_used = |line: &str, name: &str| values(line).is_none() && line.contains(name);
            found
                .recursive()
                .is_some_and(|name| !found.has_line(|line| is_used(line, &name)))
        },
    },
    Kind {
        name: "a variable in one of its own values",
        reason: "5.0.2 notices it or not by the order of the values; what it puts in is not what is written",
        is_it: |found| {
            found
                .recursive()
                .is_some_and(|name| found.has_value_with(&name))
        },
    },
    Kind {
        name: "a type of message queues that is given twice",
        reason: "the parser keeps the last one",
        is_it: |found| {
            found.aalint_says("repeats a condition")
                && found
                    .has_line(|line| line.contains("mqueue") && line.matches("type").count() > 1)
        },
    },
    Kind {
        name: "`@{att}`",
        reason: "the build of apparmor.d puts it in, and its sources are checked as well",
        is_it: |found| found.parser_says("Failed to find declaration for: @{att}"),
    },
    Kind {
        name: "an include inside a rule",
        reason: "the parser puts the words of the file there, which can be a rule only where the file brings none or a part of one",
        is_it: |found| found.aalint_says("an include stands inside a rule"),
    },
    Kind {
        name: "an include without a path at the end of the file",
        reason: "the parser still waits for the path, and forgets to say so",
        is_it: |found| {
            let text = found.text.trim_end();
            found.aalint_says("the path of a file is missing")
                && (text.ends_with("include") || text.ends_with("exists"))
        },
    },
    Kind {
        name: "a comment inside a rule that the parser takes for an operand",
        reason: "the rule is then about something else than it seems to be",
        is_it: |found| {
            let is_operand = |line: &str| line.contains("mount ") && line.contains(" #");
            found.aalint_says("a comment stands inside a rule")
                || found.aalint_says("missing-comma") && found.has_line(is_operand)
        },
    },
    Kind {
        name: "a carriage return that becomes a part of a word",
        reason: "the rule is then about a name that ends with a carriage return",
        is_it: |found| {
            found.aalint_says("does not read this carriage return") && found.text.contains("\r\n")
        },
    },
    Kind {
        name: "a bare `x` with `unsafe`",
        reason: "5.0.2 forgets to ask for the exec mode, and compiles a rule without one",
        is_it: |found| {
            found.aalint_says("bare-x") && found.has_line(|line| line.contains("unsafe "))
        },
    },
    Kind {
        name: "`[]` that the end of another class ends",
        reason: "the parser reads all between them as one class, which nobody means",
        is_it: |found| {
            found.aalint_says("holds no character")
                && (found.text.contains("[]") || found.text.contains("[^]"))
        },
    },
    Kind {
        name: "a brace as the name of a profile",
        reason: "the parser takes it for the name; nobody means that",
        is_it: |found| {
            let is_brace = |line: &str| line.contains("profile {") || line.contains("hat {");
            found.aalint_says("the name of the profile is missing") && found.has_line(is_brace)
        },
    },
    Kind {
        name: "a word of a condition that begins with a brace",
        reason: "the brace is taken for the one that opens the block, as it is meant nearly always",
        is_it: |found| {
            let has_two = |line: &str| line.contains("if ") && line.matches('{').count() > 1;
            found.aalint_says("a `{` is never closed") && found.has_line(has_two)
        },
    },
    Kind {
        name: "an escape in a port",
        reason: "the parser resolves it to a character and reads a number from what is left",
        is_it: |found| {
            found.aalint_says("is no port") && found.has_line(|line| line.contains("port=\\"))
        },
    },
    Kind {
        name: "a broken pattern in a rule that the parser drops",
        reason: "the parser does not compile what it drops in a block; without the block it refuses the file",
        is_it: |found| found.aalint_says("invalid-glob") && found.has_block(),
    },
    Kind {
        name: "a variable in the label of a network rule",
        reason: "AppArmor's own tests take it; 5.0.2 ends with an exception for kernels that know such labels",
        is_it: |found| found.parser_says("Invalidate conditional label"),
    },
    Kind {
        name: "a peer's label in a rule for a family without addresses",
        reason: "the parser takes it and does not look at it",
        is_it: |found| {
            (found.aalint_says("undefined-variable") || found.aalint_says("invalid-glob"))
                && found.has_line(|line| line.contains("network") && line.contains("label"))
        },
    },
    Kind {
        name: "a broken pattern or mount rule in a branch that is not taken",
        reason: "the parser does not compile it; with another value of the condition it refuses the file",
        is_it: |found| {
            (found.aalint_says("invalid-glob") || found.aalint_says("invalid-mount-rule"))
                && found.has_line(|line| line.contains("if ") || line.contains("else"))
        },
    },
];

/// The values of an assignment.
fn values(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let (_, values) = line.split_once('=').filter(|_| line.starts_with('@'))?;
    Some(values)
}

impl Difference {
    fn aalint_says(&self, part: &str) -> bool {
        self.aalint
            .as_ref()
            .is_some_and(|message| message.contains(part))
    }

    fn parser_says(&self, part: &str) -> bool {
        self.parser
            .as_ref()
            .is_some_and(|message| message.contains(part))
    }

    /// The variable that aalint names.
    fn named(&self) -> Option<&str> {
        self.aalint.as_deref()?.split('`').nth(1)
    }

    /// The variable whose value leads back to itself, as it is used.
    fn recursive(&self) -> Option<String> {
        let name = self
            .named()
            .filter(|_| self.aalint_says("leads back to itself"))?;
        Some(format!("@{{{name}}}"))
    }

    /// Whether the values of an assignment contain this; a backslash joins lines.
    fn has_value_with(&self, part: &str) -> bool {
        let joined = self.text.replace("\\\n", " ");
        let mut values = joined.lines().filter_map(values);
        values.any(|values| values.contains(part))
    }

    /// Whether a block of rules begins somewhere: a brace behind a qualifier, a rule or another brace.
    fn has_block(&self) -> bool {
        let qualifiers = ["deny", "allow", "audit", "owner", "prompt", "other", "user"];
        let mut braces = self.text.match_indices('{');
        braces.any(|(at, _)| {
            let before = self.text[..at].trim_end();
            before.ends_with(['{', ',', '}'])
                || qualifiers.iter().any(|word| before.ends_with(word))
        })
    }

    fn has_line(&self, is_it: impl Fn(&str) -> bool) -> bool {
        self.text.lines().any(is_it)
    }
}

/// The kind of a difference.
pub fn kind(found: &Difference) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| (kind.is_it)(found))
}
