//! Users of an image.

use super::file::Content;
use super::tree::{ImageTree, Lookup, NodeKind};

/// The number of a user, which is given as a number or a name; the empty text is root. `None` if it is not known.
#[must_use]
pub fn user_id(user: &str, tree: &ImageTree) -> Option<u32> {
    if user.is_empty() || user == "root" {
        return Some(0);
    }
    if let Ok(number) = user.parse() {
        return Some(number);
    }
    let Lookup::Found(_, node) = tree.lookup(b"/etc/passwd") else {
        return None;
    };
    let NodeKind::File(file) = &node.kind else {
        return None;
    };
    let Content::Text(text) = &file.content else {
        return None;
    };
    let mut lines = text.lines().map(|line| line.split(':'));
    lines.find_map(|mut fields| {
        let (name, _, number) = (fields.next()?, fields.next()?, fields.next()?);
        (name == user).then(|| number.parse().ok())?
    })
}
