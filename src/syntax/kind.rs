//! Kinds of tree nodes, one for each production of the grammar that leaves a node.

use super::grammar::Rule;

/// What a node of the tree is.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum SyntaxKind {
    /// The whole file.
    File,
    /// U+FEFF at the start.
    ByteOrderMark,
    /// From `#` to the end of the line.
    Comment,
    /// A path, variable, namespace or label, quoted or not.
    Path,
    /// A word where nothing but names stands: profile names, targets, values of conditions.
    Name,
    /// A keyword, permission or number.
    Word,
    /// An operand of a rule that takes conditions.
    Operand,
    /// A value in parentheses.
    ListValue,
    /// The name in `peer=(name=value)`.
    EntryName,
    /// `@{NAME}`.
    Variable,
    /// `$NAME`.
    Boolean,
    /// `,`
    Comma,
    /// `->`
    Arrow,
    /// `{`
    BraceOpen,
    /// `}`
    BraceClose,
    /// `+`
    Plus,
    /// Text that cannot stand where it stands, within a rule.
    Stray,
    /// An item in blocks that are nested deeper than is followed.
    TooDeep,
    /// Text that belongs to no item.
    Junk,
    /// `NAME=value`, `NAME=(…)`, `NAME in (…)`.
    Condition,
    /// The name in front of `=` or `in`.
    ConditionName,
    /// `=`
    Equals,
    /// `in`
    InWord,
    /// `peer=(…)`, `xattrs=(…)`.
    Group,
    /// `peer` or `xattrs`.
    GroupName,
    /// `(…)`
    List,
    /// Text that cannot stand in a list.
    ListStray,
    /// The parentheses of a group.
    GroupList,
    /// `name=value` in a group.
    Entry,
    /// A name without a value in a group.
    EntryBare,
    /// A character of a group that cannot stand there.
    EntryStray,
    /// `#include …`
    PoundInclude,
    /// `include …`
    Include,
    /// `if exists`
    IfExists,
    /// What is included.
    IncludePath,
    /// `abi …,`
    Abi,
    /// The abi named.
    AbiPath,
    /// `alias A -> B,`
    Alias,
    /// `@{NAME} = …`
    SetAssignment,
    /// `$NAME = …`
    BooleanAssignment,
    /// `=`, `+=`, `?=`, `:=`
    AssignOperator,
    /// A value assigned.
    Value,
    /// A comma among values.
    ValueComma,
    /// Text that cannot be a value.
    ValueStray,
    /// `if EXPR {`
    Conditional,
    /// `else {` or `else if EXPR {`
    Otherwise,
    /// An operand or operator of an expression.
    ExpressionWord,
    /// `profile NAME … {`
    Profile,
    /// `hat NAME {`
    Hat,
    /// `^NAME {`
    HatCaret,
    /// `intent NAME {`
    Intent,
    /// A bare block.
    BlockOpenItem,
    /// A rule with its qualifiers.
    Rule,
    /// A file rule, or a profile named by its path.
    PathRule,
    /// `audit`, `deny`, `owner`, `priority=N`, …
    Qualifier,
    /// A file rule behind qualifiers.
    PathBody,
    /// A block behind qualifiers.
    BareBlock,
    /// A rule that begins with its permissions or with an unknown word.
    Other,
    /// `capability …,`
    Capability,
    /// `file …,`
    FileRule,
    /// `link …,`
    Link,
    /// `pivot_root …,`
    PivotRoot,
    /// `all …,`
    All,
    /// `io_uring …,`
    IoUring,
    /// `network …,`
    Network,
    /// `mount …,`
    Mount,
    /// `remount …,`
    Remount,
    /// `umount …,`
    Umount,
    /// `signal …,`
    Signal,
    /// `ptrace …,`
    Ptrace,
    /// `unix …,`
    Unix,
    /// `dbus …,`
    Dbus,
    /// `mqueue …,`
    Mqueue,
    /// `userns …,`
    Userns,
    /// `change_profile …,`
    ChangeProfile,
    /// `change_hat …,`
    ChangeHat,
    /// `rlimit …,`
    Rlimit,
    /// `<=`
    LessEqual,
    /// A word of a resource limit.
    RlimitWord,
    /// An operand of `change_profile`.
    ChangeName,
    /// What stands between the braces of an item.
    Block,
}

impl SyntaxKind {
    /// The kind of a production; `None` for those that leave no node.
    pub(super) const fn of(production: Rule) -> Option<Self> {
        Some(match production {
            Rule::policy_file => Self::File,
            Rule::byte_order_mark => Self::ByteOrderMark,
            Rule::comment => Self::Comment,
            Rule::path => Self::Path,
            Rule::name => Self::Name,
            Rule::word => Self::Word,
            Rule::operand => Self::Operand,
            Rule::list_value => Self::ListValue,
            Rule::entry_name => Self::EntryName,
            Rule::variable => Self::Variable,
            Rule::boolean => Self::Boolean,
            Rule::comma => Self::Comma,
            Rule::arrow | Rule::arrow_apart | Rule::arrow_name => Self::Arrow,
            Rule::brace_open => Self::BraceOpen,
            Rule::brace_close => Self::BraceClose,
            Rule::plus => Self::Plus,
            Rule::stray => Self::Stray,
            Rule::junk => Self::Junk,
            Rule::condition => Self::Condition,
            Rule::condition_name => Self::ConditionName,
            Rule::equals => Self::Equals,
            Rule::in_word => Self::InWord,
            Rule::group => Self::Group,
            Rule::group_name => Self::GroupName,
            Rule::list => Self::List,
            Rule::list_stray => Self::ListStray,
            Rule::group_list => Self::GroupList,
            Rule::entry => Self::Entry,
            Rule::entry_bare => Self::EntryBare,
            Rule::entry_stray => Self::EntryStray,
            Rule::pound_include => Self::PoundInclude,
            Rule::include => Self::Include,
            Rule::if_exists => Self::IfExists,
            Rule::include_path => Self::IncludePath,
            Rule::abi => Self::Abi,
            Rule::abi_path => Self::AbiPath,
            Rule::alias => Self::Alias,
            Rule::set_assignment => Self::SetAssignment,
            Rule::boolean_assignment => Self::BooleanAssignment,
            Rule::assign_operator => Self::AssignOperator,
            Rule::value => Self::Value,
            Rule::value_comma => Self::ValueComma,
            Rule::value_stray => Self::ValueStray,
            Rule::conditional => Self::Conditional,
            Rule::otherwise => Self::Otherwise,
            Rule::expression_word | Rule::late_word | Rule::hash_word => Self::ExpressionWord,
            Rule::profile => Self::Profile,
            Rule::hat => Self::Hat,
            Rule::hat_caret => Self::HatCaret,
            Rule::intent => Self::Intent,
            Rule::block_open_item => Self::BlockOpenItem,
            Rule::rule => Self::Rule,
            Rule::path_rule => Self::PathRule,
            Rule::qualifier => Self::Qualifier,
            Rule::path_body => Self::PathBody,
            Rule::bare_block => Self::BareBlock,
            Rule::other => Self::Other,
            Rule::capability => Self::Capability,
            Rule::file => Self::FileRule,
            Rule::link => Self::Link,
            Rule::pivot_root => Self::PivotRoot,
            Rule::all => Self::All,
            Rule::io_uring => Self::IoUring,
            Rule::network => Self::Network,
            Rule::mount => Self::Mount,
            Rule::remount => Self::Remount,
            Rule::umount => Self::Umount,
            Rule::signal => Self::Signal,
            Rule::ptrace => Self::Ptrace,
            Rule::unix => Self::Unix,
            Rule::dbus => Self::Dbus,
            Rule::mqueue => Self::Mqueue,
            Rule::userns => Self::Userns,
            Rule::change_profile => Self::ChangeProfile,
            Rule::change_hat => Self::ChangeHat,
            Rule::rlimit => Self::Rlimit,
            Rule::less_equal => Self::LessEqual,
            Rule::rlimit_word => Self::RlimitWord,
            Rule::change_name => Self::ChangeName,
            _ => return None,
        })
    }
}
