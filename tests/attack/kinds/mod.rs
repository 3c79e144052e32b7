//! The kinds, by what they attack.

pub mod calm;
pub mod deep;
pub mod devices;
pub mod git;
pub mod images;
pub mod includes;
pub mod outside;
pub mod silent;
pub mod strangers;
