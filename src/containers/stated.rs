//! What is said, what is not, and what is said but cannot be read.

/// A value as a file gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Stated<T> {
    /// The file does not say it.
    #[default]
    Unstated,
    /// The file says it in a way that cannot be read, such as a variable without a value.
    Unknown,
    /// The file says it.
    Known(T),
}

impl<T> Stated<T> {
    /// The value, if it is known.
    #[must_use]
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unstated | Self::Unknown => None,
        }
    }

    /// Whether the file does not say it.
    #[must_use]
    pub const fn is_unstated(&self) -> bool {
        matches!(self, Self::Unstated)
    }

    /// The same with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Stated<U> {
        match self {
            Self::Unstated => Stated::Unstated,
            Self::Unknown => Stated::Unknown,
            Self::Known(value) => Stated::Known(change(value)),
        }
    }

    /// This, or the other one if nothing is said.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match self {
            Self::Unstated => other,
            said => said,
        }
    }
}

impl<T> From<Option<T>> for Stated<T> {
    /// Nothing becomes what cannot be read.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Unknown, Self::Known)
    }
}

/// Several values as a file gives them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listing<T> {
    /// Those that can be read.
    pub items: Vec<T>,
    /// Whether there may be others, which cannot be read.
    pub may_be_more: bool,
}

impl<T> Listing<T> {
    /// Nothing.
    pub const EMPTY: Self = Self {
        items: Vec::new(),
        may_be_more: false,
    };

    /// Adds one; `None` is one that cannot be read.
    pub fn push(&mut self, item: Option<T>) {
        match item {
            Some(item) => self.items.push(item),
            None => self.may_be_more = true,
        }
    }
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self::EMPTY
    }
}
