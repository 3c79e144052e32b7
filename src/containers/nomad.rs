//! Job files of Nomad: the options of Docker in `security_opt`, and `apparmor_profile` of the Podman driver.

use super::docker_options::{SecurityOption, confinement};
use super::workload::{ContainerEngine, Workload};
use crate::source::{FileId, Span, TextRange};

/// A piece of HCL that matters here.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Token<'t> {
    Name(&'t str),
    /// The text between quotes, and where it begins.
    Text(&'t str, usize),
    Sign(char),
}

/// The tasks that name a profile.
pub(super) fn tasks(file: FileId, text: &str) -> Vec<Workload> {
    let tokens = tokens(text);
    let mut found: Vec<Workload> = Vec::new();
    let mut who = "task".to_owned();
    let mut is_new = true;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let rest = tokens.get(at + 1..).unwrap_or_default();
        at += 1;
        match (token, rest) {
            (Token::Name("task"), [Token::Text(name, _), ..]) => {
                who = format!("task `{name}`");
                is_new = true;
            }
            (Token::Name(key), [Token::Sign('='), values @ ..])
                if matches!(*key, "security_opt" | "apparmor_profile") =>
            {
                let is_list = values.first() == Some(&Token::Sign('['));
                let values = values.get(usize::from(is_list)..).unwrap_or_default();
                let values = values
                    .iter()
                    .take_while(|token| !matches!(token, Token::Sign(']') | Token::Name(_)));
                for value in values.take(if is_list { usize::MAX } else { 1 }) {
                    let Token::Text(value, start) = value else {
                        continue;
                    };
                    let Some(name) = name_in(key, value) else {
                        continue;
                    };
                    let place = place(file, *start, value);
                    let known = (!name.contains("${")).then(|| name.to_owned());
                    let Some(said) = confinement(known, place) else {
                        continue;
                    };
                    if is_new {
                        let new = Workload::new(ContainerEngine::Nomad, who.clone(), place);
                        found.push(new);
                        is_new = false;
                    }
                    if let Some(workload) = found.last_mut() {
                        workload.confinement.push(said);
                    }
                }
            }
            _ => {}
        }
    }
    found
}

fn name_in<'v>(key: &str, value: &'v str) -> Option<&'v str> {
    if key == "apparmor_profile" {
        return Some(value);
    }
    match SecurityOption::of(value) {
        SecurityOption::AppArmor(name) => Some(name),
        _ => None,
    }
}

fn place(file: FileId, start: usize, value: &str) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    TextRange::new(offset(start), offset(start + value.len())).in_file(file)
}

/// Names, texts without escapes, and signs; comments and heredocs are left out.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let is_comment = rest.starts_with('#') || rest.starts_with("//");
        let skipped = if is_comment {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(heredoc) = rest.strip_prefix("<<") {
            2 + heredoc_length(heredoc)
        } else if rest.starts_with('"') {
            let length = quoted_length(rest);
            let inner = rest.get(1..length.saturating_sub(1)).unwrap_or_default();
            found.push(Token::Text(inner, at + 1));
            length
        } else {
            let is_part = |c: char| c == '_' || c == '-' || c == '.' || c.is_alphanumeric();
            let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            let first = rest.chars().next().unwrap_or(' ');
            if length > 0 {
                found.push(Token::Name(rest.get(..length).unwrap_or_default()));
                length
            } else {
                if !first.is_whitespace() {
                    found.push(Token::Sign(first));
                }
                first.len_utf8()
            }
        };
        at += skipped.max(1);
    }
    found
}

/// The length of a quoted text with its quotes.
fn quoted_length(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            '\n' => return at,
            _ => {}
        }
    }
    text.len()
}

/// The length of a heredoc behind its `<<`: up to a line that holds nothing but its word.
fn heredoc_length(text: &str) -> usize {
    let mut lines = text.split_inclusive('\n');
    let head = lines.next().unwrap_or_default();
    let word = head.trim_start_matches('-').trim();
    let mut length = head.len();
    if word.is_empty() {
        return length;
    }
    for line in lines {
        length += line.len();
        if line.trim() == word {
            break;
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::containers::Confinement;

    #[test]
    fn tasks_name_profiles() {
        let text = "job \"j\" {\n  # security_opt = [\"apparmor=no\"]\n  task \"a\" {\n    config {\n      image = \"x\"\n      security_opt = [\"label=x\", \"apparmor=web\"]\n    }\n    template { data = <<EOF\nsecurity_opt = [\"apparmor=heredoc\"]\nEOF\n    }\n  }\n  task \"b\" { config { apparmor_profile = \"pod\" } }\n  task \"c\" { config { security_opt = [\"apparmor=${var.x}\"] } }\n}\n";
        let found = tasks(FileId(0), text);
        let names = found.iter().map(|workload| {
            let name = match workload.confinement.as_slice() {
                [Confinement::Named(name)] => name.text.as_str(),
                [Confinement::Unknown(_)] => "?",
                _ => "",
            };
            (workload.who.as_str(), name)
        });
        let names: Vec<_> = names.collect();
        assert_eq!(
            names,
            [("task `a`", "web"), ("task `b`", "pod"), ("task `c`", "?")]
        );
        for text in ["\"", "<<", "<<EOF", "/*", "ä\"ö", "security_opt = ["] {
            let _ = tasks(FileId(0), text);
        }
    }
}
