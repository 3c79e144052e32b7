//! Words for decisions, and for what they depend on.

use super::super::one_line;
pub(super) use super::super::words::{OUTCOMES, mode, outcome};
use crate::access::{Outcome, Ruling};
use crate::session::{FollowedLink, LinkElsewhere, LinkPlace, Obstacle};
use crate::source::SourceMap;

/// All words for rulings come from these.
pub(super) const RULINGS: [Ruling; 4] = [
    Ruling::Allowed,
    Ruling::Denied,
    Ruling::Unmatched,
    Ruling::Asked,
];

/// The word for a ruling.
pub(super) const fn ruling(ruling: Ruling) -> &'static str {
    outcome(match ruling {
        Ruling::Allowed => Outcome::Allowed,
        Ruling::Denied => Outcome::Denied,
        Ruling::Unmatched => Outcome::Unmatched,
        Ruling::Asked => Outcome::Asked,
    })
}

/// Why a rule with addresses decides nothing that holds for every kernel.
const ADDRESSES: &str = "most kernels ignore addresses, ports, interfaces and labels of `network` rules, and the parser then makes it a rule about all of `inet` and `inet6`";

/// Most characters of a statement that a sentence names.
const MAX_BRIEF: usize = 160;

/// A statement in one line, shortened.
fn brief(text: &str) -> String {
    let line = one_line(text);
    if line.chars().count() <= MAX_BRIEF {
        return line;
    }
    format!("{}…", line.chars().take(MAX_BRIEF).collect::<String>())
}

/// What an answer depends on, as a sentence.
pub(super) fn obstacle(obstacle: &Obstacle, sources: &SourceMap) -> String {
    match obstacle {
        Obstacle::Include(span) => {
            let text = brief(sources.shown(*span).trim());
            format!("it depends on `{text}`, which is not known here")
        }
        Obstacle::Limit(span, limit) => {
            let text = brief(sources.shown(*span).trim());
            format!("it depends on what lies beyond `{text}`: {}", limit.words())
        }
        Obstacle::Rule(place) => {
            let text = brief(sources.shown(place.span));
            format!(
                "it depends on `{text}`, which cannot be read: a variable has no value, or it goes beyond a limit of aalint"
            )
        }
        Obstacle::Addresses(place) => {
            let text = brief(sources.shown(place.span));
            format!("it depends on `{text}`: {ADDRESSES}")
        }
        Obstacle::Conflict(left, right) => {
            let [left, right] = [left, right].map(|place| brief(sources.shown(place.span)));
            format!(
                "`{left}` and `{right}` disagree about what the exec leads to, so the parser refuses the profile"
            )
        }
        Obstacle::TooComplex => "the rules are too complex to find out".to_owned(),
        Obstacle::Nothing => "nothing is what the request describes".to_owned(),
    }
}

/// That a link of an image was followed, as a sentence.
pub(super) fn followed(request: &str, link: &FollowedLink) -> String {
    let (request, who, real) = (one_line(request), &link.who, one_line(&link.real));
    format!(
        "in the image of {who}, `{request}` asks for `{real}`, since symbolic links lead there: the answer is for that path"
    )
}

/// That a link would change an answer, as a sentence.
pub(super) fn elsewhere(request: &str, link: &LinkElsewhere) -> String {
    let place = place(&link.place);
    let decided = match link.outcome {
        Outcome::Allowed => "which is allowed",
        Outcome::Denied => "which a rule denies",
        Outcome::Unmatched => "which no rule matches",
        Outcome::Refused => "of which all is refused",
        Outcome::Asked => "which the user is asked about",
        Outcome::Partly => "of which a part is allowed",
        Outcome::Unknown => "of which it is not known what is decided",
    };
    let (request, real) = (one_line(request), one_line(&link.real));
    format!("{place}, `{request}` asks for `{real}`, {decided}")
}

/// Where a link is one.
pub(super) fn place(place: &LinkPlace) -> String {
    match place {
        LinkPlace::Image(who) => format!("in the image of {who}"),
        LinkPlace::MergedUsr => "where `/usr` is merged".to_owned(),
        LinkPlace::Debian => "on Debian and Ubuntu".to_owned(),
        LinkPlace::Link(link, leads_to) => format!("where `{link}` links to `{leads_to}`"),
    }
}
