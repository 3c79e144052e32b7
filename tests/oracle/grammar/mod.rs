//! Texts made by chance from real ones, and whether both sides refuse them.

pub mod judge;
pub mod kinds;
pub mod make;
pub mod material;
pub mod mutate;
pub mod shrink;
pub mod token;
