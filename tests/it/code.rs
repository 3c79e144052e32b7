//! Reads Rust source as far as the house rules need: tokens, the items of a file, and what its paths lead to.
//!
//! It is no compiler: methods are not resolved, since a type that has them is named by whoever holds one of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A word or a mark of the source; comments and the text of strings are left out.
struct Token {
    text: String,
    line: usize,
}

/// A function, and how many lines it takes from `fn` to its closing brace.
pub struct Function {
    pub name: String,
    pub lines: usize,
}

/// A source file without its unit tests.
pub struct Code {
    pub path: PathBuf,
    /// The path of its module: `access`, `model`, `entry`.
    module: Vec<String>,
    tokens: Vec<Token>,
    items: BTreeSet<String>,
    /// What its `use` declarations bring in: the name here, the path, and whether it is passed on.
    uses: Vec<(String, Vec<String>, bool)>,
    /// The tokens of its `use` declarations.
    in_uses: Vec<bool>,
}

/// All files of the library, by the paths of their modules.
pub struct Library(BTreeMap<Vec<String>, Code>);

const ITEMS: &[&str] = &[
    "fn", "struct", "enum", "union", "trait", "type", "const", "static",
];

/// The text without comments and without what strings and characters hold; lines stay where they are.
fn blank(text: &str) -> String {
    let bytes: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    let skip = |out: &mut String, from: usize, to: usize| {
        let lines = bytes[from..to.min(bytes.len())].iter();
        out.extend(lines.map(|c| if *c == '\n' { '\n' } else { ' ' }));
    };
    while at < bytes.len() {
        let rest = &bytes[at..];
        let word_before = at > 0 && (bytes[at - 1].is_alphanumeric() || bytes[at - 1] == '_');
        let end = if rest.starts_with(&['/', '/']) {
            at + rest.iter().position(|c| *c == '\n').unwrap_or(rest.len())
        } else if rest.starts_with(&['/', '*']) {
            let close = rest.windows(2).position(|pair| pair == ['*', '/']);
            at + close.map_or(rest.len(), |close| close + 2)
        } else if rest[0] == '"' {
            at + string_length(rest)
        } else if let Some(hashes) = raw_hashes(rest).filter(|_| !word_before) {
            let mut close = vec!['"'];
            close.extend(vec!['#'; hashes]);
            let start = rest.iter().position(|c| *c == '"').unwrap() + 1;
            let found = rest[start..]
                .windows(close.len())
                .position(|it| it == close);
            at + found.map_or(rest.len(), |found| start + found + close.len())
        } else if rest[0] == '\'' && rest.get(1) == Some(&'\\') {
            let close = rest[3..].iter().position(|c| *c == '\'').unwrap();
            at + close + 4
        } else if rest[0] == '\'' && rest.get(2) == Some(&'\'') {
            at + 3
        } else {
            out.push(rest[0]);
            at += 1;
            continue;
        };
        skip(&mut out, at, end);
        at = end;
    }
    out
}

fn string_length(rest: &[char]) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != '"' {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// The number of `#` of a raw string that begins here.
fn raw_hashes(rest: &[char]) -> Option<usize> {
    let rest = rest.strip_prefix(&['b']).unwrap_or(rest);
    let rest = rest.strip_prefix(&['r'])?;
    let hashes = rest.iter().take_while(|c| **c == '#').count();
    (rest.get(hashes) == Some(&'"')).then_some(hashes)
}

fn tokens(text: &str) -> Vec<Token> {
    let mut all = Vec::new();
    for (number, line) in blank(text).lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let length = if is_word(first) {
                rest.find(|c| !is_word(c)).unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            all.push(Token {
                text: rest[..length].to_owned(),
                line: number + 1,
            });
            rest = rest[length..].trim_start();
        }
    }
    without_tests(all)
}

/// Leaves out what `#[cfg(test)]` guards.
fn without_tests(tokens: Vec<Token>) -> Vec<Token> {
    let guard = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let is_guard = guard
            .iter()
            .zip(&tokens[at..])
            .all(|(word, token)| *word == token.text);
        if !is_guard || tokens.len() - at < guard.len() {
            kept.push(at);
            at += 1;
            continue;
        }
        at += guard.len();
        while !matches!(tokens[at].text.as_str(), "{" | ";") {
            at += 1;
        }
        at = closing(&tokens, at) + 1;
    }
    let kept: BTreeSet<usize> = kept.into_iter().collect();
    let numbered = tokens.into_iter().enumerate();
    numbered
        .filter_map(|(at, token)| kept.contains(&at).then_some(token))
        .collect()
}

/// Where the brace at `open` is closed; `open` itself, if there is none.
fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    open
}

impl Code {
    fn read(source: &Path, path: PathBuf) -> Self {
        let below = path.strip_prefix(source).unwrap().with_extension("");
        let mut module: Vec<String> = below
            .iter()
            .map(|part| part.to_str().unwrap().to_owned())
            .collect();
        if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
            module.pop();
        }
        let tokens = tokens(&fs::read_to_string(&path).unwrap());
        let mut code = Self {
            in_uses: vec![false; tokens.len()],
            path,
            module,
            tokens,
            items: BTreeSet::new(),
            uses: Vec::new(),
        };
        code.find_items();
        code.find_uses();
        code
    }

    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| &token.text)
    }

    fn is_name(&self, at: usize) -> bool {
        let first = self.text(at).chars().next();
        first.is_some_and(|c| c.is_alphabetic() || c == '_')
    }

    /// Items outside of any braces, and modules written in the file.
    fn find_items(&mut self) {
        let mut depth = 0;
        for at in 0..self.tokens.len() {
            match self.text(at) {
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => depth -= 1,
                word if depth == 0 && self.is_name(at + 1) => {
                    let is_module = word == "mod" && self.text(at + 2) == "{";
                    if ITEMS.contains(&word) || is_module {
                        self.items.insert(self.text(at + 1).to_owned());
                    }
                }
                _ => {}
            }
        }
    }

    fn find_uses(&mut self) {
        let mut at = 0;
        while at < self.tokens.len() {
            // Not the `use<…>` of a type.
            if self.text(at) != "use" || self.text(at + 1) == "<" {
                at += 1;
                continue;
            }
            let is_passed_on = at > 0 && matches!(self.text(at - 1), "pub" | ")");
            let mut end = at;
            while !matches!(self.text(end), ";" | "") {
                end += 1;
            }
            self.in_uses[at..end].fill(true);
            self.use_tree(at + 1, &[], is_passed_on);
            at = end;
        }
    }

    /// Reads one branch of a `use` declaration and says where it ends.
    fn use_tree(&mut self, mut at: usize, before: &[String], is_passed_on: bool) -> usize {
        let mut path = before.to_vec();
        loop {
            match self.text(at) {
                "{" => {
                    at += 1;
                    while !matches!(self.text(at), "}" | "") {
                        at = self.use_tree(at, &path, is_passed_on);
                        if self.text(at) == "," {
                            at += 1;
                        }
                    }
                    return at + 1;
                }
                "::" => at += 1,
                "self" if !path.is_empty() => at += 1,
                "as" => {
                    let name = self.text(at + 1).to_owned();
                    self.uses.push((name, path, is_passed_on));
                    return at + 2;
                }
                "," | "}" | ";" | "" => {
                    if let Some(name) = path.last().cloned() {
                        self.uses.push((name, path, is_passed_on));
                    }
                    return at;
                }
                name => {
                    path.push(name.to_owned());
                    at += 1;
                }
            }
        }
    }

    /// The paths that the code names outside of `use` declarations.
    fn paths(&self) -> Vec<Vec<String>> {
        let mut all = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            let before = at.checked_sub(1).map_or("", |before| self.text(before));
            if self.in_uses[at] || !self.is_name(at) || matches!(before, "." | "::" | "mod") {
                at += 1;
                continue;
            }
            let mut path = vec![self.text(at).to_owned()];
            while self.text(at + 1) == "::" && self.is_name(at + 2) {
                at += 2;
                path.push(self.text(at).to_owned());
            }
            at += 1;
            // A lone word that begins small may be a variable, unless it is called.
            let is_large = path[0].starts_with(char::is_uppercase);
            if path.len() > 1 || is_large || self.text(at) == "(" {
                all.push(path);
            }
        }
        all
    }

    /// All functions with a body.
    pub fn functions(&self) -> Vec<Function> {
        let mut all = Vec::new();
        for at in 0..self.tokens.len() {
            if self.text(at) != "fn" || !self.is_name(at + 1) {
                continue;
            }
            // A body's brace; that of a constant in an array's type is within brackets.
            let mut brackets = 0;
            let mut open = at;
            while open < self.tokens.len() {
                match self.text(open) {
                    "(" | "[" => brackets += 1,
                    ")" | "]" => brackets -= 1,
                    "{" | ";" if brackets == 0 => break,
                    _ => {}
                }
                open += 1;
            }
            if self.text(open) == "{" {
                let line = self.tokens[at].line;
                all.push(Function {
                    name: self.text(at + 1).to_owned(),
                    lines: self.tokens[closing(&self.tokens, open)].line - line + 1,
                });
            }
        }
        all
    }

    /// The names of the types that others may name.
    pub fn public_types(&self) -> Vec<String> {
        let mut all = Vec::new();
        for at in 0..self.tokens.len() {
            let is_type = matches!(
                self.text(at),
                "struct" | "enum" | "union" | "trait" | "type"
            );
            let is_public = at > 0 && matches!(self.text(at - 1), "pub" | ")");
            if is_type && is_public && self.is_name(at + 1) {
                all.push(self.text(at + 1).to_owned());
            }
        }
        all
    }
}

impl Library {
    /// Reads these files, which are all below `source`.
    pub fn read(source: &Path, paths: Vec<PathBuf>) -> Self {
        let all = paths.into_iter().map(|path| Code::read(source, path));
        Self(all.map(|code| (code.module.clone(), code)).collect())
    }

    pub fn files(&self) -> impl Iterator<Item = &Code> {
        self.0.values()
    }

    /// The module whose file defines the item that `path` leads to, seen from `from`.
    fn resolve(&self, from: &[String], path: &[String], depth: usize) -> Option<&[String]> {
        if depth == 0 {
            return None;
        }
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => return self.resolve(&[], rest, depth - 1),
            "self" => return self.resolve(from, rest, depth - 1),
            "super" => return self.resolve(&from[..from.len().checked_sub(1)?], rest, depth - 1),
            _ => {}
        }
        let code = self.0.get(from)?;
        let mut child = from.to_vec();
        child.push(first.clone());
        // A function may have its module's name: what a path ends with is an item, if it can be.
        if !rest.is_empty() && self.0.contains_key(&child) {
            return self.resolve(&child, rest, depth - 1);
        }
        if code.items.contains(first) {
            return Some(&code.module);
        }
        let mut uses = code.uses.iter().filter(|(name, ..)| name == first);
        uses.find_map(|(_, path, _)| {
            let whole: Vec<String> = path.iter().chain(rest).cloned().collect();
            self.resolve(from, &whole, depth - 1)
        })
    }

    /// The files of whose items each file names one.
    pub fn references(&self) -> BTreeMap<&[String], BTreeSet<&[String]>> {
        let mut all = BTreeMap::new();
        for code in self.files() {
            let used = code.uses.iter().filter(|(.., is_passed_on)| !is_passed_on);
            let used = used.map(|(_, path, _)| path.clone());
            let found: BTreeSet<&[String]> = used
                .chain(code.paths())
                .filter_map(|path| self.resolve(&code.module, &path, 12))
                .filter(|module| *module != code.module)
                .collect();
            all.insert(code.module.as_slice(), found);
        }
        all
    }

    /// The groups of files that all refer to each other, over others or directly.
    pub fn circles(&self) -> Vec<Vec<String>> {
        let references = self.references();
        let reach: BTreeMap<&[String], BTreeSet<&[String]>> = references
            .keys()
            .map(|start| {
                let mut seen = BTreeSet::new();
                let mut open = vec![*start];
                while let Some(module) = open.pop() {
                    let next = references[module].iter();
                    open.extend(next.filter(|next| seen.insert(**next)));
                }
                (*start, seen)
            })
            .collect();
        let mut circles: BTreeSet<Vec<String>> = BTreeSet::new();
        for (module, seen) in &reach {
            let circle = seen.iter().filter(|other| reach[**other].contains(module));
            let circle: Vec<String> = circle.map(|module| module.join("/")).collect();
            if !circle.is_empty() {
                circles.insert(circle);
            }
        }
        circles.into_iter().collect()
    }
}
