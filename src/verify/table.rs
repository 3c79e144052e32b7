//! Tables whose rows are found by the id of what they are about.
//!
//! A plan has profiles, subjects and questions, and a run finds something about each. What is known of one lies in
//! several tables of the same length; that a row of one kind is not looked up by the id of another is left to the
//! compiler.

use std::marker::PhantomData;

/// The place of something in its table.
pub trait Id: Copy {
    /// The id of the row with that number, counted from 0.
    fn from_number(number: usize) -> Self;

    /// The number of the row, counted from 0.
    fn number(self) -> usize;
}

/// Makes a type of ids.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize,
        )]
        pub struct $name(usize);

        impl Id for $name {
            fn from_number(number: usize) -> Self {
                Self(number)
            }

            fn number(self) -> usize {
                self.0
            }
        }
    };
}

id! {
    /// A profile of a plan.
    PlannedId
}
id! {
    /// A subject of a plan: a promise or a rule.
    SubjectId
}
id! {
    /// A question of a plan.
    QuestionId
}

/// Rows in the order of their ids.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Table<I, T> {
    rows: Vec<T>,
    ids: PhantomData<I>,
}

impl<I: Id, T> Table<I, T> {
    /// The row with that id.
    #[must_use]
    pub fn get(&self, id: I) -> Option<&T> {
        self.rows.get(id.number())
    }

    /// The row with that id, to be changed.
    #[must_use]
    pub fn get_mut(&mut self, id: I) -> Option<&mut T> {
        self.rows.get_mut(id.number())
    }

    /// Adds a row; gives its id.
    pub fn push(&mut self, row: T) -> I {
        self.rows.push(row);
        I::from_number(self.rows.len() - 1)
    }

    /// The rows with their ids.
    pub fn numbered(&self) -> impl Iterator<Item = (I, &T)> {
        let rows = self.rows.iter().enumerate();
        rows.map(|(number, row)| (I::from_number(number), row))
    }

    /// A table of something else about the same things.
    pub fn map<U>(&self, row: impl FnMut(&T) -> U) -> Table<I, U> {
        self.rows.iter().map(row).collect()
    }

    /// The rows.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.rows.iter()
    }

    /// The rows, to be changed.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.rows.iter_mut()
    }

    /// The first row.
    #[must_use]
    pub fn first(&self) -> Option<&T> {
        self.rows.first()
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl<I, T> Default for Table<I, T> {
    fn default() -> Self {
        Self::from(Vec::new())
    }
}

impl<I, T> From<Vec<T>> for Table<I, T> {
    fn from(rows: Vec<T>) -> Self {
        Self {
            rows,
            ids: PhantomData,
        }
    }
}

impl<I, T> FromIterator<T> for Table<I, T> {
    fn from_iter<R: IntoIterator<Item = T>>(rows: R) -> Self {
        Self::from(rows.into_iter().collect::<Vec<T>>())
    }
}

impl<I, T> Extend<T> for Table<I, T> {
    fn extend<R: IntoIterator<Item = T>>(&mut self, rows: R) {
        self.rows.extend(rows);
    }
}

impl<I, T> IntoIterator for Table<I, T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.into_iter()
    }
}

impl<'t, I, T> IntoIterator for &'t Table<I, T> {
    type Item = &'t T;
    type IntoIter = std::slice::Iter<'t, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.iter()
    }
}

impl<'t, I, T> IntoIterator for &'t mut Table<I, T> {
    type Item = &'t mut T;
    type IntoIter = std::slice::IterMut<'t, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.iter_mut()
    }
}
