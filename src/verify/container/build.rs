//! The image.

use std::path::Path;
use std::time::Duration;

use bollard::query_parameters as query;
use bytes::Bytes;
use futures_util::StreamExt;

use super::RUN;
use super::context::{self, DOCKERFILE, archive};
use super::engine::{Engine, EngineError};
use super::spec::Image;
use crate::verify::Refusal;
use crate::verify::interrupt::Interrupt;

/// Longest time for a build.
const LONGEST: Duration = Duration::from_secs(600);
/// Last lines of a build that failed that are told.
const TOLD: usize = 6;

/// The image to run, built if it must be; gives its name. `progress` is told each step.
pub(super) fn image(
    engine: &Engine,
    image: &Image,
    run: &str,
    interrupt: &Interrupt,
    progress: &dyn Fn(&str),
) -> Result<String, Refusal> {
    let directory = match image {
        Image::Build(directory) => directory,
        Image::Named(name) => {
            return match engine.has_image(name) {
                Ok(true) => Ok(name.clone()),
                Ok(false) => Err(Refusal::NoImage(name.clone())),
                Err(error) => Err(engine.refusal(error)),
            };
        }
    };
    let failed = |why: String| Refusal::Build(directory.clone(), why);
    let tar = context_of(Path::new(directory), run).map_err(|error| failed(error.to_string()))?;
    let name = format!("aalint-verify:{run}");
    let options = query::BuildImageOptionsBuilder::new()
        .dockerfile(DOCKERFILE)
        .t(&name)
        .rm(true)
        .forcerm(true)
        .build();
    let body = bollard::body_full(Bytes::from(tar));
    let mut told: Vec<String> = Vec::new();
    let mut steps = engine.docker().build_image(options, None, Some(body));
    let built = engine.wait(LONGEST, Some(interrupt), async {
        while let Some(step) = steps.next().await {
            let text = step?.stream.unwrap_or_default();
            for line in text.lines().filter(|line| !line.trim().is_empty()) {
                progress(line);
                told.push(line.to_owned());
            }
        }
        Ok(())
    });
    match built {
        Ok(()) => Ok(name),
        Err(EngineError::Server(_, why)) => {
            let last = told.iter().rev().take(TOLD).rev();
            let mut lines: Vec<&str> = last.map(String::as_str).collect();
            lines.push(&why);
            Err(failed(lines.join("\n    ")))
        }
        Err(error) => Err(engine.refusal(error)),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the context is read from the disk"
)]
fn context_of(directory: &Path, run: &str) -> std::io::Result<Vec<u8>> {
    let dockerfile = std::fs::read_to_string(directory.join(DOCKERFILE)).map_err(|error| {
        std::io::Error::new(
            error.kind(),
            format!("its {DOCKERFILE} cannot be read: {error}"),
        )
    })?;
    archive(
        directory,
        &context::labelled(&dockerfile, &format!("{RUN}={run}")),
    )
}
