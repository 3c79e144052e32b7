//! Everything of a run taken out of the engine again.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::time::Duration;

use bollard::query_parameters as query;

use super::engine::{Engine, EngineError, WORK, checked_id};
use super::label;
use super::run_label::RUN;
use crate::verify::deadline::{Deadline, pause};
use crate::verify::{Leftover, SystemPaths};

/// Maximum time until a killed container is seen to be gone.
const DEATH: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);

/// Removes the containers and images of a run.
pub(in crate::verify) fn undo_in_engine(
    address: &str,
    run: &str,
    paths: &SystemPaths,
) -> Result<(), Leftover> {
    let left = |what: String, why: String| Leftover { what, why };
    let all = || format!("containers and images of the run {run}");
    let engine = Engine::connect(address).map_err(|error| left(all(), error.to_string()))?;
    let containers = containers_of(&engine, run).map_err(|error| left(all(), error.to_string()))?;
    for id in containers {
        remove_container(&engine, &id, paths)
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
    // An engine that knows no filters would list those of others.
    let is_ours = |labels: Option<&HashMap<String, String>>| is_of_run(labels, run);
    let ours = listed
        .into_iter()
        .filter(|one| is_ours(one.labels.as_ref()));
    ours.filter_map(|one| one.id).map(checked_id).collect()
}

fn images_of(engine: &Engine, run: &str) -> Result<Vec<String>, EngineError> {
    let options = query::ListImagesOptionsBuilder::new()
        .all(true)
        .filters(&filters(run))
        .build();
    let listed = engine.wait(WORK, None, engine.docker().list_images(Some(options)))?;
    let ours = listed
        .into_iter()
        .filter(|one| is_of_run(Some(&one.labels), run));
    ours.map(|one| checked_id(one.id)).collect()
}

/// Whether something bears the label of a run.
fn is_of_run(labels: Option<&HashMap<String, String>>, run: &str) -> bool {
    labels
        .and_then(|labels| labels.get(RUN))
        .is_some_and(|label| label == run)
}

fn remove_container(engine: &Engine, id: &str, paths: &SystemPaths) -> Result<(), EngineError> {
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
    if kill_in_cgroup(engine, id, paths).is_err() {
        return Err(refused);
    }
    let deadline = Deadline::after(DEATH);
    loop {
        match remove() {
            Err(_) if !deadline.is_past() => pause(PAUSE),
            other => return other,
        }
    }
}

/// Kills all tasks of a container without a signal from anybody.
#[expect(
    clippy::disallowed_methods,
    reason = "control groups are files; a container is ended there"
)]
fn kill_in_cgroup(engine: &Engine, id: &str, paths: &SystemPaths) -> io::Result<()> {
    let other = |error: EngineError| io::Error::other(error.to_string());
    let pid = engine.inspect(id).map_err(other)?.pid;
    let pid = pid.ok_or(io::ErrorKind::NotFound)?;
    let group = label::cgroup(&paths.proc, pid, id)?.ok_or(io::ErrorKind::NotFound)?;
    let group = group.trim_start_matches('/');
    std::fs::write(paths.cgroup.join(Path::new(group)).join("cgroup.kill"), "1")
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

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "the tests make control groups of files"
)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::super::fake::Fake;
    use super::*;

    const C1: &str = "c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1";
    const PARENT: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const CHILD: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    const OTHERS: &str = "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd";

    /// One of the run, and those of others that an engine lists which knows no filters.
    fn containers() -> String {
        format!(
            "[{{\"Id\":\"{OTHERS}\",\"Labels\":{{\"{RUN}\":\"run2\"}}}},{{\"Id\":\"{OTHERS}\"}},\
             {{\"Id\":\"{C1}\",\"Labels\":{{\"{RUN}\":\"run1\"}}}}]"
        )
    }

    /// As an engine lists it.
    fn image(id: &str, run: &str) -> String {
        format!(
            "{{\"Id\":\"{id}\",\"ParentId\":\"\",\"RepoTags\":[],\"RepoDigests\":[],\"Created\":0,\"Size\":0,\
             \"SharedSize\":-1,\"Labels\":{{\"{RUN}\":\"{run}\"}},\"Containers\":-1}}"
        )
    }

    fn number(request: &str, of: &AtomicUsize) -> usize {
        if request.starts_with("DELETE") {
            of.fetch_add(1, Ordering::SeqCst)
        } else {
            0
        }
    }

    #[test]
    fn containers_go_first_and_images_in_any_order_that_works() {
        let refused = AtomicUsize::new(0);
        let fake = Fake::start(move |request| match request {
            "GET /containers/json" => (200, containers()),
            "GET /images/json" => (
                200,
                format!(
                    "[{},{},{}]",
                    image(PARENT, "run1"),
                    image(OTHERS, "run2"),
                    image(CHILD, "run1")
                ),
            ),
            // Only once its child is gone.
            _ if request == format!("DELETE /images/{PARENT}")
                && number(request, &refused) == 0 =>
            {
                (
                    409,
                    "{\"message\":\"image has dependent child images\"}".to_owned(),
                )
            }
            _ if request.starts_with("DELETE /images/") => (200, "[]".to_owned()),
            _ if request == format!("DELETE /containers/{C1}") => (204, String::new()),
            _ => (200, "{}".to_owned()),
        });
        undo_in_engine(&fake.address(), "run1", &SystemPaths::default()).unwrap();
        let asked = fake.asked();
        let listed = asked
            .iter()
            .find(|line| line.starts_with("GET /containers"))
            .unwrap();
        assert!(
            listed.contains("org.aalint.run") && listed.contains("run1"),
            "{listed}"
        );
        let deleted: Vec<&str> = asked
            .iter()
            .filter_map(|line| line.strip_prefix("DELETE "))
            .map(|path| path.split('?').next().unwrap())
            .collect();
        assert_eq!(
            deleted,
            [
                format!("/containers/{C1}"),
                format!("/images/{PARENT}"),
                format!("/images/{CHILD}"),
                format!("/images/{PARENT}")
            ]
        );
    }

    #[test]
    fn a_container_that_nobody_may_signal_is_ended_by_its_group() {
        let directory = tempfile::tempdir().unwrap();
        let paths = SystemPaths {
            proc: directory.path().join("proc"),
            cgroup: directory.path().join("cgroup"),
            ..SystemPaths::default()
        };
        std::fs::create_dir_all(paths.proc.join("77")).unwrap();
        std::fs::write(paths.proc.join("77/cgroup"), format!("0::/docker/{C1}\n")).unwrap();
        std::fs::create_dir_all(paths.cgroup.join(format!("docker/{C1}"))).unwrap();
        let kill = paths.cgroup.join(format!("docker/{C1}/cgroup.kill"));
        let seen = kill.clone();
        let fake = Fake::start(move |request| match request {
            "GET /containers/json" => (200, containers()),
            "GET /images/json" => (200, "[]".to_owned()),
            _ if request == format!("GET /containers/{C1}/json") => {
                (200, "{\"State\":{\"Pid\":77,\"Running\":true}}".to_owned())
            }
            _ if request.starts_with("DELETE /containers/") && !seen.exists() => (
                500,
                "{\"message\":\"could not kill: permission denied\"}".to_owned(),
            ),
            _ if request == format!("DELETE /containers/{C1}") => (204, String::new()),
            _ => (200, "{}".to_owned()),
        });
        undo_in_engine(&fake.address(), "run1", &paths).unwrap();
        assert_eq!(std::fs::read_to_string(kill).unwrap(), "1");
    }

    #[test]
    fn ids_that_no_engine_gives_are_not_used() {
        let fake = Fake::start(|request| match request {
            "GET /containers/json" => (
                200,
                format!("[{{\"Id\":\"../images/x\",\"Labels\":{{\"{RUN}\":\"run1\"}}}}]"),
            ),
            _ => (200, "{}".to_owned()),
        });
        let left = undo_in_engine(&fake.address(), "run1", &SystemPaths::default()).unwrap_err();
        assert!(left.why.contains("no engine would"), "{left:?}");
        assert!(!fake.asked().iter().any(|line| line.starts_with("DELETE")));
    }

    #[test]
    fn without_the_engine_the_rest_is_told() {
        let left =
            undo_in_engine("unix:///no/such/socket", "run1", &SystemPaths::default()).unwrap_err();
        assert!(
            left.what.contains("run1") && left.why.contains("does not answer"),
            "{left:?}"
        );
    }
}
