//! What is wrong with policy once its files are put together, as facts.

use super::Limit;
use crate::glob::GlobFault;
use crate::source::Span;

/// A fact about policy that a rule words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// Where it shows.
    pub span: Span,
    /// The include statements that lead there, outermost first.
    pub via: Vec<Span>,
    /// What it is.
    pub kind: ProblemKind,
}

/// Kinds of problems, by the rule that words them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ProblemKind {
    /// `missing-include`: there is no such file.
    MissingInclude,
    /// `missing-include`: the path is relative; whether the file is below a base directory.
    RelativeInclude(bool),
    /// `missing-include`: the file is not there, and a package makes it when it is installed.
    MadeAtInstall,
    /// `missing-include`: the file cannot be read; why.
    UnreadableInclude(String),
    /// `missing-include`: there is no such abi file, or it lists no features.
    MissingAbi,
    /// `missing-include`: the file is included again from within a profile that it defines.
    EndlessInclude,
    /// `undefined-variable`
    UndefinedVariable(String),
    /// `undefined-variable`: a boolean.
    UndefinedBoolean(String),
    /// `variable-redefinition`: set twice; where first.
    Redefined(String, Span),
    /// `variable-redefinition`: `+=` in front of `=`.
    AppendedBeforeDefined(String),
    /// `variable-redefinition`: its value leads back to itself.
    Recursive(String),
    /// `variable-redefinition`: a set used as a boolean or the other way round.
    WrongType(String),
    /// `syntax-error`: a number compared with something else.
    ComparesMixed,
    /// `duplicate-profile`: the same name in one load; the first one.
    DuplicateProfile(String, Span),
    /// `duplicate-profile`: the same child or hat twice; the first one.
    DuplicateChild(String, Span),
    /// `misplaced-preamble`: variables or aliases included inside a profile.
    PreambleInProfile,
    /// `misplaced-preamble`: preamble behind a profile, of which one or both come from included files.
    PreambleAfterProfile,
    /// `misplaced-preamble`: rules included outside of any profile.
    RulesInPreamble,
    /// `invalid-glob`: the pattern is broken once its variables are put in; the result.
    Glob(GlobFault, String),
    /// `invalid-glob`: an alias makes a broken pattern of it; that one.
    AliasedGlob(GlobFault, String),
    /// `invalid-profile-flag`: a disconnected path that is relative once its variables are put in.
    RelativeDisconnected,
    /// `variable-redefinition`: its variables multiply to more than is followed.
    TooManyValues(String),
    /// `variable-redefinition`: its variables lead into each other more often than is followed.
    TooDeepValues(String),
    /// `missing-include`, `syntax-error`: what aalint does not follow, though the parser may.
    Beyond(Limit),
}
