//! Limits beyond which a profile is not followed.

/// Most profiles of one file that are followed. Includes inside child profiles can multiply these
/// without bound; of shipped policy no file has more than eight.
pub const MAX_PROFILES: usize = 10_000;

/// Most include statements, blocks, conditionals and child profiles that are followed within each other. The blocks of one
/// file alone never come to it. Each costs a frame or two of the program's stack; of shipped policy nothing comes to ten.
pub const MAX_INCLUDE_DEPTH: usize = 320;

/// A limit beyond which the text of a profile is not followed.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Limit {
    /// Blocks are nested deeper than [`crate::syntax::MAX_NESTING`].
    Nesting,
    /// Blocks and include statements lie within each other deeper than [`MAX_INCLUDE_DEPTH`].
    Includes,
    /// A condition has more words than [`crate::syntax::MAX_CONDITION_WORDS`].
    Condition,
    /// The profiles are more than [`MAX_PROFILES`].
    Profiles,
}

impl Limit {
    /// What it allows, as the end of a sentence that begins with what goes beyond.
    #[must_use]
    pub fn words(self) -> String {
        use crate::syntax::{MAX_CONDITION_WORDS, MAX_NESTING};
        match self {
            Self::Nesting => format!("aalint follows blocks {MAX_NESTING} deep"),
            Self::Includes => {
                let most = MAX_INCLUDE_DEPTH;
                format!("aalint follows include statements and blocks {most} deep")
            }
            Self::Condition => {
                format!("aalint reads conditions of up to {MAX_CONDITION_WORDS} words")
            }
            Self::Profiles => {
                format!("aalint follows {} profiles of one file", MAX_PROFILES)
            }
        }
    }
}
