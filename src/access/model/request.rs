//! Requests: what may be asked of a profile, written as a rule.
//!
//! `/etc/shadow r` asks for that file, `/etc/** w` for all that match; a rule's own encoding says
//! which strings and bits are meant. Without `owner` any subject is meant, so both halves count.

use std::sync::Arc;

use super::encode::Compiler;
use super::patterns::Patterns;
use crate::access::{Class, Exec, Rules, Verdict, bits};
use crate::glob::{InputDomain, Nfa, literal};
use crate::lang::permissions::LINK;
use crate::policy::{Env, Fact, InBlock};
use crate::source::{FileId, Source, SourceMap, TextRange};
use crate::syntax;
use crate::syntax::ast::{Body, Item, Mode, PolicyRule};
use crate::syntax::fault::{Fault, FaultKind};

/// A request, or many at once where it holds a pattern.
#[derive(Clone, Debug)]
pub struct Request {
    /// As written.
    pub text: String,
    /// What it asks for; all of it must be allowed.
    pub wants: Vec<Want>,
    /// The path, if it is about one file whose path is written without patterns and variables.
    pub file: Option<String>,
}

/// A part of a request.
#[derive(Clone, Debug)]
pub struct Want {
    /// The kind.
    pub class: Class,
    /// The strings.
    pub nfa: Arc<Nfa>,
    /// The permission bits.
    pub mask: u32,
    /// What the exec is to lead to, if that is asked.
    pub exec: Option<Exec>,
}

/// Why a text is no request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RequestFault {
    /// It is no rule that could be in a profile; ranges count from the start of the text.
    Syntax(Vec<Fault>),
    /// It is not one rule, but none or several.
    NotOneRule,
    /// It has qualifiers that say what a rule does, not what is asked: `deny`, `audit`, `priority`.
    Qualified(TextRange),
    /// A variable in it has no value, its pattern is too large, or it is about nothing that is
    /// decided by request (a resource limit).
    Unreadable,
}

/// What a request is put behind to be read as a rule of a profile.
pub const REQUEST_PREFIX: &str = "profile request { ";

impl Request {
    /// Reads a request: a rule without the final comma. Variables are those of `env`, children those
    /// of `profile`.
    ///
    /// # Errors
    /// If the text is no request.
    pub fn read(text: &str, env: &Env, profile: &str) -> Result<Self, RequestFault> {
        let text = text.trim().trim_end_matches(',').trim_end();
        let source = format!("{REQUEST_PREFIX}{text}, }}");
        let file = syntax::read(&source);
        let shift = u32::try_from(REQUEST_PREFIX.len()).unwrap_or(0);
        let faults: Vec<Fault> = file
            .faults
            .into_iter()
            // A bare `x` asks for an exec of any kind.
            .filter(|fault| fault.kind != FaultKind::BareX)
            .map(|mut fault| {
                fault.range.start = fault.range.start.saturating_sub(shift);
                fault.range.end = fault.range.end.saturating_sub(shift);
                fault
            })
            .collect();
        if !faults.is_empty() {
            return Err(RequestFault::Syntax(faults));
        }
        let [Item::Profile(around)] = file.ast.items.as_slice() else {
            return Err(RequestFault::NotOneRule);
        };
        let [Item::Rule(rule)] = around.items.as_slice() else {
            return Err(RequestFault::NotOneRule);
        };
        let qualifiers = &rule.qualifiers;
        if qualifiers.audit.is_some() || qualifiers.mode.is_some() || qualifiers.priority.is_some()
        {
            let range = qualifiers.range;
            return Err(RequestFault::Qualified(TextRange::new(
                range.start.saturating_sub(shift),
                range.end.saturating_sub(shift),
            )));
        }
        let mut sources = SourceMap::default();
        let id = sources.add(Source::new("request", source.into_bytes()));
        Ok(Self {
            text: text.to_owned(),
            wants: wants(rule, id, &sources, env, profile).ok_or(RequestFault::Unreadable)?,
            file: file_of(rule, id, &sources),
        })
    }

    /// The request that an assertion's rule makes.
    #[must_use]
    pub fn of_rule(
        rule: &PolicyRule,
        file: FileId,
        sources: &SourceMap,
        env: &Env,
        profile: &str,
    ) -> Option<Self> {
        Some(Self {
            text: sources.slice(rule.range.in_file(file)).trim().to_owned(),
            wants: wants(rule, file, sources, env, profile)?,
            file: file_of(rule, file, sources),
        })
    }

    /// The same request about other files.
    #[must_use]
    pub fn about(&self, files: Nfa) -> Self {
        let files = Arc::new(files);
        let mut request = Self {
            file: None,
            ..self.clone()
        };
        for want in &mut request.wants {
            if want.class == Class::File && !want.nfa.has_nul() {
                want.nfa = Arc::clone(&files);
            }
        }
        request
    }
}

fn file_of(rule: &PolicyRule, file: FileId, sources: &SourceMap) -> Option<String> {
    let Body::File(rule) = &rule.body else {
        return None;
    };
    let written = sources.slice(rule.path.0.in_file(file)).trim_matches('"');
    // An escape may stand for a character that no pattern needs escaped: not looked at.
    literal(written).filter(|path| path == written)
}

fn wants(
    rule: &PolicyRule,
    file: FileId,
    sources: &SourceMap,
    env: &Env,
    profile: &str,
) -> Option<Vec<Want>> {
    let fact = Fact {
        rule,
        file,
        mode: Mode::Allow,
        owner: rule.qualifiers.owner.map(|(owner, _)| owner),
        is_audit: false,
        priority: 0,
        in_block: InBlock::AsWritten,
    };
    let mut rules = Rules::default();
    let mut compiler = Compiler {
        sources,
        env,
        profile,
        fact: &fact,
        number: 0,
        rules: &mut rules,
        patterns: &Patterns::default(),
        is_request: true,
    };
    compiler.rule();
    if !rules.unreadable.is_empty() {
        return None;
    }
    let asks_exec = match &rule.body {
        Body::File(rule) => rule.perms.exec_mode.is_some(),
        _ => false,
    };
    let mut wants = Vec::new();
    for class in Class::ALL {
        for entry in rules.entries(class) {
            let mask = entry.mask & asked(&rule.body, class);
            if mask != 0 {
                wants.push(Want {
                    class,
                    nfa: Arc::clone(&entry.nfa),
                    mask,
                    exec: entry.exec.clone().filter(|_| asks_exec),
                });
            }
        }
    }
    (!wants.is_empty()).then_some(wants)
}

/// The bits of a class that a request is about: some rules grant more than they say.
fn asked(body: &Body, class: Class) -> u32 {
    match (body, class) {
        (Body::Unix(_), Class::Network) => 0,
        _ => u32::MAX,
    }
}

impl Want {
    /// The bits that are refused.
    #[must_use]
    pub fn refused(&self, verdict: &Verdict) -> u32 {
        let mut refused = self.mask & !verdict.allow;
        if let Some(exec) = &self.exec {
            for (number, found) in (0..).zip(&verdict.exec) {
                let bit = bits::EXECS & (bits::HALF << (number * bits::OTHER));
                if self.mask & bit != 0 && found.as_ref() != Some(exec) {
                    refused |= bit;
                }
            }
        }
        refused
    }

    /// The bits that mean something alone: a link is granted by the pair of its path and its target.
    #[must_use]
    pub fn alone(&self) -> u32 {
        let is_pair = self.nfa.has_nul();
        let ignored = match self.class {
            Class::File if is_pair => bits::both(1) << bits::SUBSET.trailing_zeros(),
            Class::File => bits::both(LINK),
            _ => 0,
        };
        self.mask & !ignored
    }

    /// The bits that are allowed, of those that mean something alone.
    #[must_use]
    pub fn granted(&self, verdict: &Verdict) -> u32 {
        let refused = self.refused(verdict);
        // A change at an exec is allowed by label, program and both together, or not at all.
        if self.class == Class::ChangeProfile && refused != 0 {
            return 0;
        }
        self.alone() & verdict.allow & !refused
    }

    /// The texts that make sense for the class.
    #[must_use]
    pub fn domain(&self) -> InputDomain {
        self.class.domain(&self.nfa)
    }
}
