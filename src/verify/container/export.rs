//! An image that the engine has, read as it sends it: the stream of `docker save`. Nothing is pulled, started or written.

use std::io::{self, Read};
use std::time::Duration;

use bollard::query_parameters::ListImagesOptions;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use serde_json::Value;

use super::engine::{Engine, EngineError, WORK, checked_id};
use crate::images::{ContainerImage, ImageError, is_reference, near_reference, read_stream};
use crate::verify::Refusal;
use crate::verify::deadline::Deadline;

/// Maximum time for an image, as for a build: engines up to Docker 24 copy it before they send the first byte.
const MAX_TIME: Duration = Duration::from_secs(600);
/// Maximum time without a byte of it.
const MAX_SILENCE: Duration = Duration::from_secs(120);

/// Why the engine's copy of an image was not read.
#[derive(Debug, thiserror::Error)]
pub enum EngineImageError {
    /// The engine listens on another machine; its address.
    #[error("the engine at {0} is not on this machine")]
    Remote(String),
    /// No engine answers; the address and why.
    #[error("no engine answers at {0}: {1}")]
    NoEngine(String, String),
    /// The engine has no such image; its address, and the name that was probably meant.
    #[error("the engine at {0} has no image of that name")]
    Missing(String, Option<String>),
    /// The engine does not give it; its address and its words.
    #[error("the engine at {0} does not give it: {1}")]
    Refused(String, String),
    /// The engine began, and did not end; its address and why.
    #[error("the engine at {0} stopped in the middle of it: {1}")]
    Stopped(String, String),
    /// What the engine sent is no image that is read; its address and why.
    #[error("the copy of the engine at {0} cannot be read: {1}")]
    Unread(String, ImageError),
}

/// Reads the copy of an image that the engine at an address has.
///
/// # Errors
/// If there is no engine or no such image, or if what the engine sends is no image, or larger than is read.
pub fn engine_image(address: &str, name: &str) -> Result<ContainerImage, EngineImageError> {
    within(MAX_SILENCE, address, name)
}

fn within(
    silence: Duration,
    address: &str,
    name: &str,
) -> Result<ContainerImage, EngineImageError> {
    let engine = Engine::connect(address).map_err(|refusal| match refusal {
        Refusal::RemoteEngine(address) => EngineImageError::Remote(address),
        Refusal::Engine { address, why } => EngineImageError::NoEngine(address, why),
        other => EngineImageError::NoEngine(address.to_owned(), other.to_string()),
    })?;
    let refused =
        |error: EngineError| EngineImageError::Refused(address.to_owned(), error.to_string());
    let missing = || EngineImageError::Missing(address.to_owned(), near(&engine, name));
    // A name without a tag would stand for all tags of it; an id is one image.
    let id = match engine.wait(WORK, None, engine.docker().inspect_image(name)) {
        Ok(found) => checked_id(found.id.unwrap_or_default()).map_err(refused)?,
        Err(EngineError::Server(404, _)) => return Err(missing()),
        Err(error) => return Err(refused(error)),
    };
    let mut sent = Sent {
        engine: &engine,
        parts: engine.docker().export_image(&id),
        rest: Bytes::new(),
        last: Bytes::new(),
        has_begun: false,
        end: None,
        deadline: Deadline::after(MAX_TIME),
        silence,
    };
    let image = read_stream(&mut sent);
    image.map_err(|error| {
        let why = match (error, &sent.end) {
            (_, Some(End::Failed(why))) => why.clone(),
            (error, Some(End::Complete)) => match said(&sent.last) {
                Some(why) => why,
                None => return EngineImageError::Unread(address.to_owned(), error),
            },
            (error, None) => return EngineImageError::Unread(address.to_owned(), error),
        };
        match sent.has_begun {
            true => EngineImageError::Stopped(address.to_owned(), why),
            false => EngineImageError::Refused(address.to_owned(), why),
        }
    })
}

/// The name of an image of the engine that was probably meant.
fn near(engine: &Engine, name: &str) -> Option<String> {
    let listed = engine.docker().list_images(None::<ListImagesOptions>);
    // Without a list there is no proposal.
    let listed = engine.wait(WORK, None, listed).ok()?;
    let tags = listed.iter().flat_map(|image| &image.repo_tags);
    let tags: Vec<&str> = tags
        .map(String::as_str)
        .filter(|tag| is_reference(tag))
        .collect();
    near_reference(name, &tags).map(str::to_owned)
}

/// What an engine says of a fault that it finds when the answer has begun: it writes that behind what it has sent.
fn said(last: &[u8]) -> Option<String> {
    let mark = b"{\"errorDetail\"";
    let at = last
        .windows(mark.len())
        .rposition(|window| window == mark)?;
    let said: Value = serde_json::from_slice(last.get(at..)?).ok()?;
    let error = said.get("error")?.as_str()?.to_owned();
    Some(EngineError::from(bollard::errors::Error::DockerStreamError { error }).to_string())
}

/// How the answer of an engine ended.
enum End {
    /// With all that the engine announced.
    Complete,
    /// Before that, and why.
    Failed(String),
}

/// What an engine sends of an image.
struct Sent<'e, S> {
    engine: &'e Engine,
    parts: S,
    /// What is not read yet of the last part.
    rest: Bytes,
    /// The last part.
    last: Bytes,
    has_begun: bool,
    end: Option<End>,
    deadline: Deadline,
    silence: Duration,
}

impl<S> Sent<'_, S>
where
    S: Stream<Item = Result<Bytes, bollard::errors::Error>> + Unpin,
{
    /// Waits for the next part.
    fn next(&mut self) {
        let left = MAX_TIME.saturating_sub(self.deadline.elapsed());
        let longest = self.silence.min(left);
        let parts = &mut self.parts;
        let next = async { parts.next().await.transpose() };
        match self.engine.wait(longest, None, next) {
            Ok(Some(part)) => {
                self.has_begun |= !part.is_empty();
                (self.rest, self.last) = (part.clone(), part);
            }
            Ok(None) => self.end = Some(End::Complete),
            Err(EngineError::Late(_)) => {
                let why = match longest == left {
                    true => format!("it takes longer than {} s", MAX_TIME.as_secs()),
                    false => format!("it sent nothing for {} s", longest.as_secs_f32()),
                };
                self.end = Some(End::Failed(why));
            }
            Err(error) => self.end = Some(End::Failed(error.to_string())),
        }
    }
}

impl<S> Read for Sent<'_, S>
where
    S: Stream<Item = Result<Bytes, bollard::errors::Error>> + Unpin,
{
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            match &self.end {
                Some(End::Complete) => return Ok(0),
                Some(End::Failed(why)) => {
                    return Err(io::Error::other(ImageError::Refused(why.clone())));
                }
                None => self.next(),
            }
        }
        self.rest.as_ref().read(buffer).inspect(|count| {
            let _ = self.rest.split_to(*count);
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake::{Fake, Reply};
    use super::*;

    #[test]
    fn an_engine_that_falls_silent_is_not_waited_for() {
        let id = format!("sha256:{}", "1".repeat(64));
        let image = format!("/images/{id}/get");
        let error = |part: Option<usize>| {
            let (id, image) = (id.clone(), image.clone());
            let fake = Fake::start(move |request| match request.split_once(' ') {
                Some((_, path)) if path == image => match part {
                    Some(length) => Reply::Stalls(vec![b'a'; length]),
                    None => Reply::Silent,
                },
                Some((_, path)) if path.starts_with("/images") => {
                    (200, format!("{{\"Id\":\"{id}\"}}")).into()
                }
                _ => (200, "{}".to_owned()).into(),
            });
            within(Duration::from_millis(200), &fake.address(), "web:1").unwrap_err()
        };
        let silent = error(None);
        assert!(matches!(silent, EngineImageError::Refused(..)), "{silent}");
        let stalled = error(Some(100));
        assert!(
            matches!(stalled, EngineImageError::Stopped(..)),
            "{stalled}"
        );
        for error in [silent, stalled] {
            let error = error.to_string();
            assert!(error.ends_with("it sent nothing for 0.2 s"), "{error}");
        }
    }

    #[test]
    fn what_an_engine_says_at_the_end_is_found() {
        let end =
            b"\0\0\0{\"errorDetail\":{\"message\":\"no space\"},\"error\":\"no\\nspace\"}\r\n";
        assert_eq!(said(end).as_deref(), Some("no space"));
        assert_eq!(said(b"{\"errorDetail\":"), None);
        assert_eq!(said(b""), None);
    }
}
