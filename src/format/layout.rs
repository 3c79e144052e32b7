//! How to lay out.

/// How a paragraph of file rules is aligned: what stands between paths and permissions.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum Alignment {
    /// A paragraph keeps what it has: one blank, a common column, a common end, or neither.
    #[default]
    Keep,
    /// One blank.
    Never,
    /// The permissions of a paragraph begin in one column.
    Always,
}

impl Alignment {
    /// All of them with their names in the configuration.
    pub const ALL: [(&'static str, Self); 3] = [
        ("keep", Self::Keep),
        ("never", Self::Never),
        ("always", Self::Always),
    ];
}

/// How to lay out.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Layout {
    /// Blanks for each level of blocks.
    pub indent: usize,
    /// How paragraphs are aligned.
    pub alignment: Alignment,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            indent: 2,
            alignment: Alignment::Keep,
        }
    }
}

/// What stays where something is broken.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Frozen {
    /// The lines of what is broken.
    Lines,
    /// The profiles around it, and other items of the file.
    Items,
}
