//! Typed items of a file: what the tree says, with the place of each part.
//!
//! Items own no text. A [`Word`] is a range of the source; [`super::text`] reads it.

use crate::lang::permissions::FilePerms;
use crate::source::TextRange;

/// A word as written, quotes included.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub struct Word(pub TextRange);

/// Everything in one file.
#[derive(Clone, Debug, Default)]
pub struct Ast {
    /// The items, in the order of the text.
    pub items: Vec<Item>,
    /// The comments, in the order of the text.
    pub comments: Vec<TextRange>,
}

/// One item of a file, profile or block.
#[derive(Clone, Debug)]
pub enum Item {
    /// `include <…>`
    Include(Include),
    /// `abi <…>,`
    Abi(Abi),
    /// `alias A -> B,`
    Alias(Alias),
    /// `@{NAME} = …`
    Variable(VariableAssignment),
    /// `$NAME = …`
    Boolean(BooleanAssignment),
    /// A profile, child profile or hat.
    Profile(Box<Profile>),
    /// `intent NAME { … }`
    Intent(Box<Intent>),
    /// A block of rules behind qualifiers.
    Block(Box<Block>),
    /// `if … { … } else { … }`
    Conditional(Box<Conditional>),
    /// A rule.
    Rule(Box<PolicyRule>),
}

impl Item {
    /// The text of the whole item.
    #[must_use]
    pub fn range(&self) -> TextRange {
        match self {
            Self::Include(item) => item.range,
            Self::Abi(item) => item.range,
            Self::Alias(item) => item.range,
            Self::Variable(item) => item.range,
            Self::Boolean(item) => item.range,
            Self::Profile(item) => item.range,
            Self::Intent(item) => item.range,
            Self::Block(item) => item.range,
            Self::Conditional(item) => item.range,
            Self::Rule(item) => item.range,
        }
    }
}

/// How the path of an include is written.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum IncludeStyle {
    /// `<path>`: searched in the base directories.
    Searched,
    /// `"path"` or `path`: absolute, or relative to where the parser runs.
    Plain,
}

/// An include statement.
#[derive(Clone, Debug)]
pub struct Include {
    /// The statement.
    pub range: TextRange,
    /// The path with its `<>` or quotes.
    pub written: TextRange,
    /// The path without `<>`, quotes and blanks around it.
    pub path: TextRange,
    /// How it is searched.
    pub style: IncludeStyle,
    /// Spelled `#include`.
    pub pound: bool,
    /// `if exists`
    pub if_exists: bool,
    /// Its number among the includes of the file, at any depth, in the order of the text.
    pub index: usize,
}

/// Numbers the includes among `items`, from `next` on; gives the next free number.
pub(super) fn number_includes(items: &mut [Item], mut next: usize) -> usize {
    for item in items {
        match item {
            Item::Include(include) => {
                include.index = next;
                next += 1;
            }
            Item::Profile(profile) => next = number_includes(&mut profile.items, next),
            Item::Block(block) => next = number_includes(&mut block.items, next),
            Item::Conditional(conditional) => {
                for branch in &mut conditional.branches {
                    next = number_includes(&mut branch.items, next);
                }
            }
            _ => {}
        }
    }
    next
}

/// An abi rule.
#[derive(Clone, Debug)]
pub struct Abi {
    /// The rule.
    pub range: TextRange,
    /// The path with its `<>` or quotes.
    pub written: TextRange,
    /// The path without `<>` or quotes.
    pub path: TextRange,
    /// How it is searched.
    pub style: IncludeStyle,
}

/// An alias rule: paths that begin with `from` also apply with `to` in its place.
#[derive(Clone, Debug)]
pub struct Alias {
    /// The rule.
    pub range: TextRange,
    /// The path that profiles use.
    pub from: Word,
    /// The path it also stands for.
    pub to: Word,
}

/// How a variable is assigned.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum AssignOperator {
    /// `=`: defines it; an error if it is defined.
    Set,
    /// `+=`: adds values; an error unless it is defined.
    Add,
    /// `?=`: defines it unless it is defined.
    Default,
    /// `:=`: defines it anew.
    Override,
}

/// `@{NAME} = VALUE …`
#[derive(Clone, Debug)]
pub struct VariableAssignment {
    /// The statement, without a comment at its end.
    pub range: TextRange,
    /// `@{NAME}` as written.
    pub written: TextRange,
    /// `NAME`.
    pub name: TextRange,
    /// How it is assigned.
    pub operator: AssignOperator,
    /// The values.
    pub values: Vec<Word>,
}

/// `$NAME = EXPRESSION`
#[derive(Clone, Debug)]
pub struct BooleanAssignment {
    /// The statement.
    pub range: TextRange,
    /// `NAME`.
    pub name: TextRange,
    /// How it is assigned.
    pub operator: AssignOperator,
    /// What is assigned; `None` if it cannot be read.
    pub value: Option<Expression>,
}

/// How a profile is introduced.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum ProfileForm {
    /// `/path {`
    Path,
    /// `profile NAME {`
    Keyword,
    /// `hat NAME {`
    Hat,
    /// `^NAME {`
    Caret,
}

impl ProfileForm {
    /// Whether it is a hat.
    #[must_use]
    pub const fn is_hat(self) -> bool {
        matches!(self, Self::Hat | Self::Caret)
    }
}

/// A profile, child profile or hat.
#[derive(Clone, Debug)]
pub struct Profile {
    /// From its first word to its closing brace.
    pub range: TextRange,
    /// From its first word to its opening brace.
    pub header: TextRange,
    /// How it is introduced.
    pub form: ProfileForm,
    /// Its name.
    pub name: Word,
    /// The path it attaches to, if one is written.
    pub attachment: Option<Word>,
    /// `flags=(…)`
    pub flags: Option<Flags>,
    /// `xattrs=(…)`
    pub xattrs: Option<Group>,
    /// What stands in it.
    pub items: Vec<Item>,
}

/// `flags=(a, b)`, or `(a, b)` alone.
#[derive(Clone, Debug)]
pub struct Flags {
    /// With the word `flags`, if it is there.
    pub range: TextRange,
    /// The parentheses and what is between them.
    pub list: TextRange,
    /// The flags.
    pub values: Vec<Word>,
}

/// Promises about profiles, in the syntax of rules: `deny R` holds where all of R is refused, `allow R`
/// where all of it is granted.
#[derive(Clone, Debug)]
pub struct Intent {
    /// From its first word to its closing brace.
    pub range: TextRange,
    /// From its first word to its opening brace.
    pub header: TextRange,
    /// Its name.
    pub name: Word,
    /// The promises.
    pub promises: Vec<PolicyRule>,
}

/// `# aalint: assert RULE,`: a promise about the profile around it.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// The comment.
    pub comment: TextRange,
    /// The innermost profile around it.
    pub profile: TextRange,
    /// The promise.
    pub promise: PolicyRule,
}

/// A block of rules that share qualifiers.
#[derive(Clone, Debug)]
pub struct Block {
    /// With its qualifiers and braces.
    pub range: TextRange,
    /// The qualifiers.
    pub qualifiers: Qualifiers,
    /// What stands in it.
    pub items: Vec<Item>,
}

/// A conditional with all its branches.
#[derive(Clone, Debug)]
pub struct Conditional {
    /// From `if` to the last closing brace.
    pub range: TextRange,
    /// The branches, in order.
    pub branches: Vec<Branch>,
}

/// One branch of a conditional.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The branch.
    pub range: TextRange,
    /// `if` or `else` and the expression.
    pub header: TextRange,
    /// When it applies: `None` for `else`.
    pub condition: Option<Expression>,
    /// What stands in it.
    pub items: Vec<Item>,
}

/// A condition of an `if`.
#[derive(Clone, Debug)]
pub enum Expression {
    /// One of two.
    Or(Box<Self>, Box<Self>),
    /// Both.
    And(Box<Self>, Box<Self>),
    /// Not.
    Not(Box<Self>),
    /// `$NAME`
    Boolean(Word),
    /// `defined @{NAME}` or `defined $NAME`
    Defined(Word),
    /// `LEFT OPERATOR RIGHT`
    Compare(Word, Comparison, Word),
    /// `true`, `false`, or a word that should be one of them.
    Literal(Word),
    /// Cannot be read; the fault says why.
    Unreadable(TextRange),
    /// More than [`super::MAX_CONDITION_WORDS`] words, which are not read.
    TooLong(TextRange),
}

/// An operator that compares.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `in`: each value on the left is among those on the right.
    In,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
}

/// What a rule does with a request that it matches.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Mode {
    /// `allow`, or nothing.
    Allow,
    /// `deny`
    Deny,
    /// `prompt`
    Prompt,
}

/// Whose files a rule is about.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Owner {
    /// `owner`: files of the task's own user.
    Owner,
    /// `other`: files of others.
    Other,
}

/// The qualifiers of a rule or block, each with its place.
#[derive(Clone, Debug, Default)]
pub struct Qualifiers {
    /// All of them; empty if there are none.
    pub range: TextRange,
    /// `priority=N`
    pub priority: Option<(i32, TextRange)>,
    /// `audit`
    pub audit: Option<TextRange>,
    /// `allow`, `deny`, `prompt`
    pub mode: Option<(Mode, TextRange)>,
    /// `owner`, `user`, `other`
    pub owner: Option<(Owner, TextRange)>,
}

impl Qualifiers {
    /// Whether `deny` is among them.
    #[must_use]
    pub fn is_deny(&self) -> bool {
        matches!(self.mode, Some((Mode::Deny, _)))
    }
}

/// A rule.
#[derive(Clone, Debug)]
pub struct PolicyRule {
    /// With its qualifiers and its comma.
    pub range: TextRange,
    /// Its qualifiers.
    pub qualifiers: Qualifiers,
    /// Its keyword; empty at the start of the body if it has none.
    pub keyword: TextRange,
    /// What it is about.
    pub body: Body,
}

/// What a rule is about.
#[derive(Clone, Debug)]
pub enum Body {
    /// `PATH PERMS`, `file PATH PERMS`, `PERMS PATH`
    File(FileRule),
    /// `file,`: all files with all permissions and `ix`.
    AllFiles,
    /// `link PATH -> TARGET`
    Link(LinkRule),
    /// `capability …`; no word means all.
    Capability(Vec<Word>),
    /// `network …`
    Network(Conditioned),
    /// `mount …`
    Mount(MountRule),
    /// `remount …`
    Remount(MountRule),
    /// `umount …`
    Umount(MountRule),
    /// `pivot_root …`
    PivotRoot(MountRule),
    /// `signal …`
    Signal(Conditioned),
    /// `ptrace …`
    Ptrace(Conditioned),
    /// `unix …`
    Unix(Conditioned),
    /// `dbus …`
    Dbus(Conditioned),
    /// `mqueue …`; the name is an operand.
    Mqueue(Conditioned),
    /// `userns …`
    Userns(Conditioned),
    /// `io_uring …`
    IoUring(Conditioned),
    /// `change_profile …`
    ChangeProfile(ChangeProfile),
    /// `set rlimit …`
    Rlimit(Rlimit),
    /// `all,`
    All,
    /// Cannot be read; a fault says why.
    Unreadable,
}

/// Whether the environment is scrubbed at an exec.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Safety {
    /// `safe`
    Safe,
    /// `unsafe`
    Unsafe,
}

/// A file rule.
#[derive(Clone, Debug)]
pub struct FileRule {
    /// The path.
    pub path: Word,
    /// Where the permissions stand.
    pub perms_range: TextRange,
    /// The permissions.
    pub perms: FilePerms,
    /// Behind `->`: a profile for exec, a path for link.
    pub target: Option<Word>,
    /// `safe` or `unsafe` in front.
    pub safety: Option<(Safety, TextRange)>,
    /// `subset` or `<=`
    pub subset: Option<TextRange>,
    /// Written `PERMS PATH`.
    pub is_leading: bool,
}

/// A link rule.
#[derive(Clone, Debug)]
pub struct LinkRule {
    /// `subset` or `<=`
    pub subset: Option<TextRange>,
    /// The name of the link.
    pub link: Word,
    /// The file it may point to.
    pub target: Word,
}

/// A rule with permissions, conditions and a peer.
#[derive(Clone, Debug, Default)]
pub struct Conditioned {
    /// The permissions as words; `r`, `w`, `rw` are words too.
    pub access: Vec<Word>,
    /// All permissions with their parentheses; empty if there are none.
    pub access_range: TextRange,
    /// `NAME=VALUE`, `NAME=(…)`, `NAME in (…)`
    pub conditions: Vec<Condition>,
    /// `peer=(…)`
    pub peer: Option<Group>,
    /// Other words: family and type of `network`, the name of `mqueue`.
    pub operands: Vec<Word>,
}

/// How a condition is compared.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum ConditionOperator {
    /// `=`
    Equal,
    /// `in`
    In,
    /// `:=`
    Override,
}

/// `NAME=VALUE`
#[derive(Clone, Debug)]
pub struct Condition {
    /// The whole condition.
    pub range: TextRange,
    /// Its name.
    pub name: TextRange,
    /// How it is compared.
    pub operator: ConditionOperator,
    /// The values.
    pub values: Vec<Word>,
    /// Whether the values stand in parentheses.
    pub is_list: bool,
}

/// `peer=(…)` or `xattrs=(…)`
#[derive(Clone, Debug)]
pub struct Group {
    /// The whole group.
    pub range: TextRange,
    /// Its name.
    pub name: TextRange,
    /// The conditions in it.
    pub conditions: Vec<Condition>,
}

/// A rule of the mount family.
#[derive(Clone, Debug, Default)]
pub struct MountRule {
    /// `options=…`, `fstype=…`, `oldroot=…`
    pub conditions: Vec<Condition>,
    /// What is mounted (`mount`), or the mount point (`remount`, `umount`), or the new root (`pivot_root`).
    pub source: Option<Word>,
    /// `->`
    pub arrow: Option<TextRange>,
    /// Behind `->`: the mount point (`mount`), or the profile (`pivot_root`).
    pub target: Option<Word>,
}

/// A `change_profile` rule.
#[derive(Clone, Debug, Default)]
pub struct ChangeProfile {
    /// `safe` or `unsafe`
    pub safety: Option<(Safety, TextRange)>,
    /// The program at whose exec the change happens.
    pub exec: Option<Word>,
    /// The profile to change to; any without one.
    pub target: Option<Word>,
}

/// A resource limit.
#[derive(Clone, Debug)]
pub struct Rlimit {
    /// The resource.
    pub resource: Word,
    /// The value.
    pub value: Word,
    /// Its unit.
    pub unit: Option<Word>,
}
