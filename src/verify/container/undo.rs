//! Everything of a run taken out of the engine again.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use bollard::query_parameters as query;

use super::RUN;
use super::engine::{Engine, EngineError, WORK};
use super::label;
use crate::verify::{Leftover, Roots};

/// Longest time until a killed container is seen to be gone.
const DEATH: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);

/// Removes the containers and images of a run.
pub(in crate::verify) fn undo_in_engine(
    address: &str,
    run: &str,
    roots: &Roots,
) -> Result<(), Leftover> {
    let left = |what: String, why: String| Leftover { what, why };
    let all = || format!("containers and images of the run {run}");
    let engine = Engine::connect(address).map_err(|error| left(all(), error.to_string()))?;
    let containers = containers_of(&engine, run).map_err(|error| left(all(), error.to_string()))?;
    for id in containers {
        remove_container(&engine, &id, roots)
            .map_err(|error| left(format!("container {}", short(&id)), error.to_string()))?;
    }
    let images = images_of(&engine, run).map_err(|error| left(all(), error.to_string()))?;
    remove_images(&engine, images)
}

fn filters(run: &str) -> HashMap<String, Vec<String>> {
    HashMap::from([("label".to_owned(), vec![format!("{RUN}={run}")])])
}

fn containers_of(engine: &Engine, run: &str) -> Result<Vec<String>, EngineError> {
    let options = query::ListContainersOptionsBuilder::new()
        .all(true)
        .filters(&filters(run))
        .build();
    let listed = engine.wait(WORK, None, engine.docker().list_containers(Some(options)))?;
    Ok(listed.into_iter().filter_map(|one| one.id).collect())
}

fn images_of(engine: &Engine, run: &str) -> Result<Vec<String>, EngineError> {
    let options = query::ListImagesOptionsBuilder::new()
        .all(true)
        .filters(&filters(run))
        .build();
    let listed = engine.wait(WORK, None, engine.docker().list_images(Some(options)))?;
    Ok(listed.into_iter().map(|one| one.id).collect())
}

fn remove_container(engine: &Engine, id: &str, roots: &Roots) -> Result<(), EngineError> {
    let remove = || {
        let options = query::RemoveContainerOptionsBuilder::new()
            .force(true)
            .v(true)
            .build();
        match engine.wait(
            WORK,
            None,
            engine.docker().remove_container(id, Some(options)),
        ) {
            Err(EngineError::Server(404, _)) => Ok(()),
            other => other,
        }
    };
    let Err(refused) = remove() else {
        return Ok(());
    };
    // A profile that lets its tasks receive no signal refuses the engine's as well. What the kernel
    // sends to a control group as a whole is not mediated.
    if kill_in_cgroup(engine, id, roots).is_err() {
        return Err(refused);
    }
    let started = Instant::now();
    loop {
        match remove() {
            Err(_) if started.elapsed() < DEATH => std::thread::sleep(PAUSE),
            other => return other,
        }
    }
}

/// Kills all tasks of a container without a signal from anybody.
#[expect(
    clippy::disallowed_methods,
    reason = "control groups are files; a container is ended there"
)]
fn kill_in_cgroup(engine: &Engine, id: &str, roots: &Roots) -> io::Result<()> {
    let other = |error: EngineError| io::Error::other(error.to_string());
    let pid = engine.inspect(id).map_err(other)?.pid;
    let pid = pid.ok_or(io::ErrorKind::NotFound)?;
    let group = label::cgroup(&roots.proc, pid, id)?.ok_or(io::ErrorKind::NotFound)?;
    let group = group.trim_start_matches('/');
    std::fs::write(roots.cgroup.join(Path::new(group)).join("cgroup.kill"), "1")
}

/// Children first: an image that another one builds upon is refused until that one is gone.
fn remove_images(engine: &Engine, mut images: Vec<String>) -> Result<(), Leftover> {
    while !images.is_empty() {
        let before = images.len();
        let mut refused = None;
        images.retain(|id| {
            let options = query::RemoveImageOptionsBuilder::new().force(true).build();
            let removed = engine.docker().remove_image(id, Some(options), None);
            match engine.wait(WORK, None, removed) {
                Ok(_) | Err(EngineError::Server(404, _)) => false,
                Err(error) => {
                    refused = Some((id.clone(), error));
                    true
                }
            }
        });
        if let Some((id, error)) = refused.filter(|_| images.len() == before) {
            return Err(Leftover {
                what: format!("image {}", short(&id)),
                why: error.to_string(),
            });
        }
    }
    Ok(())
}

/// An id as people know it.
pub(super) fn short(id: &str) -> &str {
    let id = id.strip_prefix("sha256:").unwrap_or(id);
    id.get(..12).unwrap_or(id)
}
