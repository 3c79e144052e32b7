//! The image.

use std::collections::VecDeque;
use std::path::Path;
use std::time::Duration;

use bollard::query_parameters as query;
use bytes::Bytes;
use futures_util::StreamExt;

use super::context::{self, Context, DOCKERFILE};
use super::engine::{Engine, EngineError};
use super::run_label::RUN;
use super::spec::Image;
use crate::images::is_reference;
use crate::verify::Refusal;
use crate::verify::interrupt::Interrupt;

/// Maximum time for a build.
const MAX_TIME: Duration = Duration::from_secs(600);
/// How many of the last lines of a failed build are shown.
const TOLD: usize = 6;
/// Maximum length of a line of a build that is shown, in characters.
const MAX_LINE: usize = 1_000;

/// The name of the image to run, which is built if necessary. `progress` gets each step.
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
            let has_image = match is_reference(name) {
                true => engine.has_image(name),
                false => Ok(false),
            };
            return match has_image {
                Ok(true) => Ok(name.clone()),
                Ok(false) => Err(Refusal::NoImage(name.clone())),
                Err(error) => Err(engine.refusal(error)),
            };
        }
    };
    let failed = |why: String| Refusal::Build {
        directory: directory.clone(),
        why,
    };
    let tar = context_of(Path::new(directory), run).map_err(|error| failed(error.to_string()))?;
    let name = format!("aalint-verify:{run}");
    let options = query::BuildImageOptionsBuilder::new()
        .dockerfile(DOCKERFILE)
        .t(&name)
        .rm(true)
        .forcerm(true)
        .build();
    let body = bollard::body_full(Bytes::from(tar));
    let mut told: VecDeque<String> = VecDeque::new();
    let mut steps = engine.docker().build_image(options, None, Some(body));
    let built = engine.wait(MAX_TIME, Some(interrupt), async {
        while let Some(step) = steps.next().await {
            let text = step?.stream.unwrap_or_default();
            for line in text.lines().filter(|line| !line.trim().is_empty()) {
                let line: String = line.chars().take(MAX_LINE).collect();
                progress(&line);
                told.push_back(line);
                if told.len() > TOLD {
                    told.pop_front();
                }
            }
        }
        Ok(())
    });
    match built {
        Ok(()) => Ok(name),
        Err(EngineError::Server(_, why)) => {
            let mut lines: Vec<&str> = told.iter().map(String::as_str).collect();
            lines.push(&why);
            Err(failed(lines.join("\n    ")))
        }
        Err(error) => Err(engine.refusal(error)),
    }
}

fn context_of(directory: &Path, run: &str) -> std::io::Result<Vec<u8>> {
    let context = Context::open(directory)?;
    let dockerfile = context.dockerfile()?;
    context.archive(&context::labelled(&dockerfile, &format!("{RUN}={run}")))
}
