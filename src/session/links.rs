//! Where symbolic links lead from the file that a request is about.
//!
//! The kernel decides by the path that is left when all links are followed. Where the image of the profile's container is known, the
//! answer is for that path. Elsewhere common links are told of where they would change the answer.

use crate::access::{Outcome, Request, bits};
use crate::analysis::{LinkKind, LinkedPath};
use crate::containers::ContainerView;

/// A link of an image that was followed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FollowedLink {
    /// Whose image it is: ``service `web` ``.
    pub who: String,
    /// The path of the request.
    pub path: String,
    /// Where links lead from there.
    pub real: String,
}

/// What would be decided for a path if links were where many systems have them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkElsewhere {
    /// Where that is so.
    pub place: LinkPlace,
    /// The path of the request.
    pub path: String,
    /// Where links lead from there; of commands that are links a pattern.
    pub real: String,
    /// How the request is decided for that path.
    pub outcome: Outcome,
}

/// Where a path leads through a link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LinkPlace {
    /// In the image of this container, and not in those of others of the profile.
    Image(String),
    /// On systems whose `/usr` is merged.
    MergedUsr,
    /// On Debian and Ubuntu.
    Debian,
    /// Where this link leads to that directory.
    Link(String, String),
}

/// What links make of the file of a request.
pub(super) enum Led {
    /// All containers of the profile have the same there: this is what is asked.
    Followed(FollowedLink),
    /// Something else may be asked, at these places: a path, or a pattern.
    Elsewhere(Vec<(LinkPlace, String)>),
}

/// Where links lead from the file of a request, if they may.
pub(super) fn led(request: &Request, views: &[&ContainerView]) -> Option<Led> {
    let path = request.file.as_ref()?;
    let asked = request.wants.iter().fold(0, |all, want| all | want.mask);
    let follows_last = asked & bits::FOLLOWING != 0;
    let known = views.iter().filter(|view| !view.image.trees.is_empty());
    let known: Vec<(&ContainerView, Option<String>)> = known
        .map(|view| (*view, leads_to(view, path, follows_last)))
        .collect();
    let Some((first, real)) = known.first() else {
        return common(path);
    };
    if known.len() == views.len() && known.iter().all(|(_, other)| other == real) {
        return Some(Led::Followed(FollowedLink {
            who: first.who.clone(),
            path: path.clone(),
            real: real.clone()?,
        }));
    }
    let places = known
        .iter()
        .filter_map(|(view, real)| Some((LinkPlace::Image(view.who.clone()), real.clone()?)));
    Some(Led::Elsewhere(places.collect()))
}

/// Where links of an image lead, the same on all architectures that may be meant.
fn leads_to(view: &ContainerView, path: &str, follows_last: bool) -> Option<String> {
    let trees = view.image.trees.iter();
    let mut found = trees.map(|tree| tree.leads_to(path.as_bytes(), follows_last));
    let first = found.next()??;
    let is_same = found.all(|other| other.as_ref() == Some(&first));
    String::from_utf8(first).ok().filter(|_| is_same)
}

/// Where links that many systems have lead.
fn common(path: &str) -> Option<Led> {
    let way = LinkedPath::of(path)?;
    let place = match way.kind {
        LinkKind::MergedUsr => LinkPlace::MergedUsr,
        LinkKind::Command => LinkPlace::Debian,
        LinkKind::Everywhere | LinkKind::Part | LinkKind::Image => {
            LinkPlace::Link(way.link.into_owned(), way.leads_to.into_owned())
        }
    };
    Some(Led::Elsewhere(vec![(place, way.real)]))
}
