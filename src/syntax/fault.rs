//! What can be wrong with a file taken alone, as facts. Rules under `rules/` word them.
//!
//! One enum per rule page, so that each rule matches its own faults exhaustively and none is left
//! without words.

use crate::lang;
use crate::source::TextRange;

/// A fault and its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// What to mark.
    pub range: TextRange,
    /// What is wrong.
    pub kind: FaultKind,
}

/// What is wrong, by the rule that words it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FaultKind {
    /// `syntax-error`
    Syntax(SyntaxFault),
    /// `missing-comma`: the rule in `range` has no comma; the place is its end.
    MissingComma,
    /// `unknown-token`
    Unknown(UnknownWord),
    /// `invalid-rule-operands`
    Operands(OperandFault),
    /// `invalid-mount-rule`
    Mount(MountFault),
    /// `invalid-qualifier`
    Qualifier(QualifierFault),
    /// `deny-with-exec-mode`: the permissions without the modes, and the modes that are too many.
    DenyWithExecMode {
        /// The permissions as they should be written.
        instead: String,
    },
    /// `deny-with-exec-mode`: `file` without a path, which stands for `/{**,} rwlkmix`.
    DenyAllFiles,
    /// `bare-x`
    BareX,
    /// `conflicting-permissions`
    Permissions(PermissionFault),
    /// `invalid-exec-target`
    ExecTarget(ExecTargetFault),
    /// `invalid-glob`
    Glob(crate::glob::GlobFault),
    /// `relative-path`
    RelativePath(PathRole),
    /// `variable-redefinition`: faults of an assignment that show in the file alone.
    Variable(VariableFault),
    /// `invalid-profile-flag`
    Flag(FlagFault),
    /// `misplaced-preamble`
    Misplaced(Misplaced),
    /// `deprecated-syntax`
    Deprecated(Deprecated),
    /// `invalid-intent`
    Intent(IntentFault),
}

/// Text that the grammar refuses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SyntaxFault {
    /// Text that cannot stand here; what could.
    Unexpected(Expected),
    /// Something is missing at this place.
    Missing(Expected),
    /// A block that is never closed; the place is its opening brace.
    UnclosedBlock,
    /// A closing brace too many.
    UnopenedBlock,
    /// Blocks nested deeper than [`super::MAX_NESTING`].
    TooDeep,
    /// A condition of more than [`super::MAX_CONDITION_WORDS`] words, by the first that is too many.
    LongCondition,
    /// A quote that is not closed on its line.
    UnclosedQuote,
    /// A parenthesis that is not closed.
    UnclosedList,
    /// `<` without `>`.
    UnclosedAngle,
    /// `else` without `if`.
    ElseWithoutIf,
    /// A comment inside a rule that has a keyword: the parser takes it for words.
    CommentInRule,
    /// A rule kind that no version of the parser accepts.
    NoSuchRule,
    /// A comma behind something that takes none.
    SuperfluousComma,
    /// An expression that cannot be read.
    Expression,
    /// Two numbers are compared with something that is no number.
    ComparesMixed,
    /// A boolean that is neither true nor false.
    NotBoolean,
    /// A profile name that cannot be one.
    ProfileName(NameFault),
    /// `xattrs` on a hat.
    XattrsOnHat,
    /// A group with this name cannot stand here.
    Group,
    /// A condition that is given twice; the first one.
    TwiceGiven(TextRange),
    /// An identity that holds a blank.
    Identity,
    /// `identities=` without `+` in front, or without parentheses.
    Identities,
    /// An arrow that is not set off by blanks: the parser takes it for a part of the word beside it.
    ArrowBlanks,
    /// A comment on the last line of a file whose line does not end (apparmor_parser's lexer wants `\n`).
    CommentAtEnd,
    /// `#include` on such a line, which the lexer does not read either.
    IncludeAtEnd,
    /// `#include` within a rule: what it includes becomes part of the rule.
    IncludeInRule,
    /// A carriage return that no line feed follows.
    CarriageReturn,
    /// A brace that is not set off from the expression of an `if`, or from the word behind it.
    BraceBlanks,
    /// A variable without quotes and nothing else, where the parser takes a path.
    BareVariable,
    /// The text is plainly something else; what. Nothing else is said of it.
    NotPolicy(&'static str),
    /// Text whose meaning is plain all the same.
    Slip(Slip),
}

/// Text that the parser refuses and that can be written so that it takes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slip {
    /// What was written.
    pub kind: SlipKind,
    /// What to put in place of which text; nothing if that is not known.
    pub edits: Vec<(TextRange, String)>,
}

/// What was written instead of what the parser takes.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum SlipKind {
    /// A path with a blank in it, without quotes.
    BlankInPath,
    /// The value of a condition with a blank in it, without quotes; the fault marks what follows the blank.
    BlankInValue,
    /// Flags of a profile without `flags=()`.
    BareFlags,
    /// `!` or `!=`
    Negation,
    /// Options of mount(8) and umount(8): `-t tmpfs`, `--bind`.
    MountCommand,
    /// A condition of a mount rule that stands behind what is mounted.
    LateCondition,
    /// A mount rule with its mount point and without `->`.
    NoMountArrow,
    /// A comma between a path and its permissions.
    CommaBeforePermissions,
    /// Capabilities with commas between them.
    CommaBetweenCapabilities,
    /// Another family, or another type, in one network rule.
    NetworkWord,
    /// A comma between the parts of a rule: conditions, or what is mounted.
    CommaBetweenParts,
    /// Permissions or values side by side, without the parentheses of a list.
    BareList,
    /// `<…>` without `include` in front.
    BareAngle,
}

/// What could stand at a place.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Expected {
    /// A rule, a profile or an include.
    Item,
    /// The end of the rule.
    EndOfRule,
    /// The name of a profile.
    ProfileName,
    /// `{`
    OpeningBrace,
    /// Permissions.
    Permissions,
    /// A path.
    Path,
    /// `->` and a target.
    Target,
    /// A value.
    Value,
    /// `=`
    Equals,
    /// What is included.
    IncludePath,
    /// `<=` and a value.
    Limit,
    /// `rlimit`
    RlimitWord,
    /// A rule behind qualifiers.
    RuleBody,
    /// A flag, profile or `{`.
    Header,
    /// `)`
    EndOfList,
}

/// What is wrong with the name or attachment of a profile.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum NameFault {
    /// A bare word without `profile` in front.
    NeedsKeyword,
    /// An attachment that begins with neither `/` nor a variable.
    Attachment,
    /// `:ns` without a second colon.
    NamespaceNotTerminated,
    /// `::`
    NamespaceEmpty,
    /// `:ns:` without a name.
    Empty,
    /// Begins with `&`.
    Stacked,
}

/// A word that is not known at its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownWord {
    /// What kind of word it should be.
    pub vocabulary: Vocabulary,
    /// The one that was probably meant.
    pub suggestion: Option<&'static str>,
}

/// Kinds of words with a fixed list.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Vocabulary {
    /// The word that starts a rule.
    Keyword,
    /// A word among a file rule's words.
    FilePermission,
    /// A capability.
    Capability,
    /// A network family, type or protocol.
    Network,
    /// A permission of this rule kind.
    Permission(&'static str),
    /// A condition of this rule kind.
    Condition(&'static str),
    /// A signal.
    Signal,
    /// A mount option.
    MountOption,
    /// A profile flag.
    Flag,
    /// A resource.
    Resource,
    /// A socket type or another value of a condition.
    Value(&'static str),
}

/// What is wrong with the operands of a rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OperandFault {
    /// Words behind `network` that do not go together.
    NetworkWords,
    /// `ip=` with something that is no address.
    Ip,
    /// `port=` with something that is no port or range of ports.
    Port,
    /// `ip=` or `port=` with a family that has neither.
    FamilyWithoutAddress,
    /// `interface=` in `peer=()`.
    InterfaceInPeer,
    /// A permission that is about the local socket, together with a peer.
    LocalPermissionWithPeer,
    /// `in` where only `=` may stand.
    OnlyEquals,
    /// More than one value; the condition's name.
    SingleValue(&'static str),
    /// A condition that belongs into `peer=()`.
    OnlyInPeer,
    /// A condition that cannot stand in `peer=()`.
    NotInPeer,
    /// A condition the parser knows and does not support.
    Unsupported,
    /// `addr=` that is neither `none`, `auto` nor begins with `@`.
    UnixAddress,
    /// A dbus rule about both messages and services.
    DbusMixed,
    /// `bind` together with conditions about messages.
    DbusBindWithMessage,
    /// `send` or `receive` together with a service name.
    DbusMessageWithService,
    /// `eavesdrop` with more than the bus.
    DbusEavesdrop,
    /// A queue name that is neither a path nor a number.
    MqueueName,
    /// A queue name that does not fit `type=`.
    MqueueNameAndType,
    /// A permission that this kind of queue does not have.
    MqueuePermission,
    /// `set rlimit`
    Rlimit(lang::rlimit::RlimitFault),
    /// `all` takes nothing.
    AllTakesNothing,
    /// A variable in a value that the parser takes as it is written.
    Variable,
}

/// What is wrong with a mount rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MountFault {
    /// Options that exclude each other.
    ConflictingOptions,
    /// The same condition twice.
    RepeatedOptions,
    /// Propagation options with both a source and a mount point.
    PropagationWithSource,
    /// The options name an operation that the other parts exclude.
    EncodesNothing,
    /// Conditions of the mount point, behind `->`.
    TargetConditions,
    /// An operator that is neither `=` nor `in`.
    Operator,
}

/// What is wrong with a profile flag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FlagFault {
    /// Excludes this other one.
    Conflict(TextRange),
    /// Given twice with different values; the first one.
    DifferentValue(TextRange),
    /// `kill.signal=` with no signal.
    Signal,
    /// `error=` with no error.
    Error,
    /// A path that does not begin with `/`.
    RelativePath,
}

/// What is wrong with qualifiers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum QualifierFault {
    /// `owner` or `other` on a rule kind that has no owner; the rule's keyword.
    OwnerNotAllowed(&'static str),
    /// `priority` on a rule kind or block that takes none.
    PriorityNotAllowed(&'static str),
    /// `prompt` on a rule kind that takes none.
    PromptNotAllowed(&'static str),
    /// Not a whole number from -1000 to 1000.
    PriorityRange,
    /// Two that exclude each other, or the same twice; the first one.
    Conflict(TextRange),
    /// In the wrong order: this one must stand in front of the one in the range.
    Order(TextRange),
    /// A word that no released parser takes as a qualifier.
    NotAQualifier,
    /// The rule's qualifier contradicts the one of the block around it; that one.
    ConflictWithBlock(TextRange),
    /// Qualifiers in front of something that takes none.
    NotAllowedHere,
    /// A qualifier that contradicts nothing, within a block that denies: parsers before 5.0 take none there.
    RepeatsBlock(TextRange),
}

/// Permissions that exclude each other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PermissionFault {
    /// `w` and `a`.
    WriteAndAppend,
    /// Two different exec modes.
    ExecModes,
}

/// What is wrong with a transition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ExecTargetFault {
    /// `->` on a rule without exec and link permission: it has no effect.
    WithoutExec,
    /// `PATH PERMS -> TARGET` with link and without exec permission: before AppArmor 5.0 the target has no
    /// effect there.
    LinkBehindPath,
    /// `->` on a rule with both exec and link.
    LinkAndExec,
    /// Link permission and a target in a namespace.
    LinkToNamespace,
    /// `safe` or `unsafe` without exec permission.
    SafetyWithoutExec,
    /// `subset` on a rule that is no link rule.
    SubsetWithoutLink,
    /// `change_profile safe` or `unsafe` without a program.
    SafetyWithoutProgram,
    /// The program of `change_profile` does not begin with `/`.
    ProgramNotAbsolute,
    /// `unsafe` on a rule that denies the exec.
    UnsafeDenied,
    /// `::`: no namespace has that name. The parser accepts it.
    NamespaceEmpty,
    /// Nothing, or only `&`. The parser accepts it.
    NameEmpty,
}

/// What a path that must be absolute is for.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum PathRole {
    /// A file rule.
    File,
    /// Either end of a link.
    Link,
    /// Either end of an alias.
    Alias,
}

/// What is wrong with an assignment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum VariableFault {
    /// A comma among the values.
    Comma,
    /// `+=` on a boolean.
    AddToBoolean,
    /// No value.
    NoValue,
    /// Text that cannot be a value.
    Garbage,
    /// `@{…}` with characters that a name cannot have.
    Name,
    /// `@{NAME}:=` without a blank in front of the operator: the parser takes it for a word.
    OverrideBlank,
    /// `@NAME=` without braces and blanks: the parser takes it for a word.
    Braces,
}

/// An item in a place where it cannot stand.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Misplaced {
    /// A variable inside a profile.
    VariableInProfile,
    /// An alias inside a profile.
    AliasInProfile,
    /// Preamble behind a profile.
    AfterProfile,
    /// A hat or child inside a block or conditional where it cannot stand.
    ProfileInBlock,
}

/// Spellings that still work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Deprecated {
    /// Upper-case permissions; the permissions in lower case.
    UppercasePermissions(String),
    /// A comma between the parts of a variable's value.
    CommaInValue,
}

/// What is wrong with an intent or an assertion.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum IntentFault {
    /// An intent has no name.
    NoName,
    /// An intent has no block.
    NoBlock,
    /// Something between name and block.
    Header,
    /// An intent inside a profile.
    InProfile,
    /// Something other than a rule among the promises.
    NotARule,
    /// A qualifier that says what a rule does, not what is promised.
    Qualifier,
    /// An assertion without `allow` or `deny`.
    NeitherAllowNorDeny,
    /// An assertion that is not one rule.
    NotOneRule,
    /// An assertion that stands in no profile.
    OutsideOfProfile,
    /// A word in front of a name and a block that is nearly `intent`.
    NearlyIntent,
    /// An intent without promises.
    Empty,
    /// A directive that is nearly `assert`.
    NearlyAssert,
}
