//! The exercise: the container is started, asked and stopped, without the profile and under it.

use std::path::Path;

use super::engine::{Engine, EngineError};
use super::exercise::{Bench, Executed, Unready};
use super::label::ContainerTask;
use super::line::{ContainerCheck, Line};
use super::records::Listener;
use super::request::HttpAnswer;
use super::spec::Spec;
use super::trial::Trial;
use super::{build, undo::short};
use crate::config::is_path;
use crate::verify::interrupt::Interrupt;
use crate::verify::{ProofStatus, Refusal, SystemPaths};

/// Exit status of what SIGKILL ended.
const KILLED: i64 = 137;
/// How many of the last lines of a log are shown.
const TOLD: usize = 3;

/// A trial at work.
pub(in crate::verify) struct Course<'b> {
    bench: Bench<'b>,
    label: String,
    twin: Option<Twin>,
    listener: Listener,
    /// What came of it so far.
    pub(in crate::verify) trial: Trial,
}

/// Whether all that is to be mounted is there. Engines make what is not: a directory of this machine, or a volume,
/// and neither would go with the container.
#[expect(
    clippy::disallowed_methods,
    reason = "volumes may be directories of this machine"
)]
fn have_volumes(engine: &Engine, spec: &Spec) -> Result<(), Refusal> {
    for volume in &spec.volumes {
        let source = volume.split(':').next().unwrap_or_default();
        let is_there = match is_path(source) {
            true => Path::new(source).exists(),
            false => engine
                .has_volume(source)
                .map_err(|error| engine.refusal(error))?,
        };
        if !is_there {
            return Err(Refusal::NoVolume(source.to_owned()));
        }
    }
    Ok(())
}

struct Twin {
    answered: HttpAnswer,
    exit_code: Option<i64>,
}

impl<'b> Course<'b> {
    /// Builds the image, tries the twin, and starts the container under the profile: it runs afterwards,
    /// if it can.
    pub(in crate::verify) fn begin(
        engine: &'b Engine,
        spec: &'b Spec,
        paths: &'b SystemPaths,
        (run, mode): (String, &str),
        interrupt: &'b Interrupt,
        progress: &dyn Fn(&str),
    ) -> Result<Self, Refusal> {
        have_volumes(engine, spec)?;
        let image = build::image(engine, &spec.image, &run, interrupt, progress)?;
        let bench = Bench {
            engine,
            spec,
            paths,
            interrupt,
            run,
            image,
        };
        let trial = Trial {
            endpoint: engine.address.clone(),
            version: engine.version.clone(),
            image: bench.image.clone(),
            ..Trial::default()
        };
        let mut course = Self {
            // Any other mode lets things pass.
            label: match mode {
                "kill" => format!("{} (kill)", spec.profile),
                _ => format!("{} (enforce)", spec.profile),
            },
            bench,
            twin: None,
            listener: Listener::open(),
            trial,
        };
        progress("the unconfined control");
        course.twin = course.try_twin()?;
        if course.twin.is_some() {
            progress("the container under the profile");
            let started = course.start_confined();
            started.map_err(|error| engine.refusal(error))?;
            course.listener.take();
        }
        Ok(course)
    }

    /// Forgets what was recorded lately: it was not the application's doing.
    pub(in crate::verify) fn forget_records(&mut self) {
        self.listener.forget();
    }

    /// What else there is to try, and the end.
    pub(in crate::verify) fn finish(mut self, progress: &dyn Fn(&str)) -> Result<Trial, Refusal> {
        if self.twin.is_some() && self.is_good(ContainerCheck::Ready) {
            progress("stop and restart");
            let rest = self.rest();
            rest.map_err(|error| self.bench.engine.refusal(error))?;
        }
        let profile = &self.bench.spec.profile;
        (self.trial.heard, self.trial.has_lost) = self.listener.end(profile);
        let mut trial = self.trial;
        for check in ContainerCheck::ALL {
            // That one is judged when the records are explained.
            if !trial.lines.iter().any(|line| line.check == check)
                && check != ContainerCheck::Records
            {
                trial.lines.push(Line {
                    check,
                    result: ProofStatus::Inconclusive,
                    evidence: "not reached".to_owned(),
                });
            }
        }
        Ok(trial)
    }

    fn say(&mut self, check: ContainerCheck, result: ProofStatus, evidence: String) {
        self.trial.lines.push(Line {
            check,
            result,
            evidence,
        });
    }

    fn is_good(&self, check: ContainerCheck) -> bool {
        let lines = &self.trial.lines;
        lines
            .iter()
            .any(|line| line.check == check && line.result == ProofStatus::Proved)
    }

    /// The container without the profile. `None` if it does not work either.
    fn try_twin(&mut self) -> Result<Option<Twin>, Refusal> {
        let engine = self.bench.engine;
        let refused = |error| engine.refusal(error);
        let id = self.bench.create("twin", "unconfined").map_err(refused)?;
        match self.bench.start(&id) {
            Err(EngineError::Server(_, why)) => {
                self.say(
                    ContainerCheck::Twin,
                    ProofStatus::Inconclusive,
                    format!("it cannot be started: {why}"),
                );
                return Ok(None);
            }
            other => other.map_err(refused)?,
        }
        self.bench.is_here(&id)?;
        match self.bench.ready(&id).map_err(refused)? {
            Ok(answered) => {
                let exit_code = self.bench.stop(&id).map_err(refused)?;
                let said = format!("status {}, {} bytes", answered.status, answered.length);
                self.say(ContainerCheck::Twin, ProofStatus::Proved, said);
                self.trial.answers.0 = Some(answered.clone());
                Ok(Some(Twin {
                    answered,
                    exit_code,
                }))
            }
            Err(unready) => {
                let why = self.unready(&id, &unready).map_err(refused)?;
                self.say(
                    ContainerCheck::Twin,
                    ProofStatus::Inconclusive,
                    format!("without the profile {why}"),
                );
                Ok(None)
            }
        }
    }

    fn start_confined(&mut self) -> Result<(), EngineError> {
        let profile = &self.bench.spec.profile;
        let id = self.bench.create("confined", profile)?;
        self.trial.id.clone_from(&id);
        match self.bench.start(&id) {
            Err(EngineError::Server(_, why)) => {
                self.say(
                    ContainerCheck::LabelStarted,
                    ProofStatus::Failed,
                    format!("the engine cannot start it: {why}"),
                );
                return Ok(());
            }
            other => other?,
        }
        let tasks = self.bench.labelled(&id, &self.label)?;
        let answered = self.bench.ready(&id)?;
        // Again, now that all of its threads are there. One that has ended has none.
        let later = self.bench.labelled(&id, &self.label)?;
        let tasks = if later.is_empty() { tasks } else { later };
        self.labels(ContainerCheck::LabelStarted, tasks);
        match answered {
            Ok(answered) => {
                self.say(
                    ContainerCheck::Ready,
                    ProofStatus::Proved,
                    format!("status {}", answered.status),
                );
                self.same_body(&answered);
                self.trial.answers.1 = Some(answered);
                self.trial.pid = self.bench.process(&id)?;
            }
            Err(unready) => {
                let why = self.unready(&id, &unready)?;
                self.say(
                    ContainerCheck::Ready,
                    ProofStatus::Failed,
                    format!("{why}; without the profile it answers"),
                );
            }
        }
        Ok(())
    }

    fn same_body(&mut self, answered: &HttpAnswer) {
        let twin = self.twin.as_ref().map(|twin| &twin.answered);
        let (result, said) = match twin {
            Some(twin) if twin.sha256 == answered.sha256 => {
                let short = answered.sha256.get(..16).unwrap_or_default();
                (
                    ProofStatus::Proved,
                    format!("{} bytes, sha256 {short}…", answered.length),
                )
            }
            Some(twin) => (
                ProofStatus::Failed,
                format!(
                    "{} bytes that are not the control's {}",
                    answered.length, twin.length
                ),
            ),
            None => (
                ProofStatus::Inconclusive,
                "the control gave none".to_owned(),
            ),
        };
        self.say(ContainerCheck::Body, result, said);
    }

    /// Judges the labels of tasks.
    fn labels(&mut self, check: ContainerCheck, tasks: Vec<ContainerTask>) {
        let other = tasks.iter().find(|task| task.label != self.label);
        let (result, said) = match (other, tasks.len()) {
            (_, 0) => (
                ProofStatus::Inconclusive,
                "it ended before a label could be read".to_owned(),
            ),
            (None, 1) => (ProofStatus::Proved, format!("1 task is `{}`", self.label)),
            (None, count) => (
                ProofStatus::Proved,
                format!("{count} tasks are `{}`", self.label),
            ),
            (Some(task), _) => (
                ProofStatus::Failed,
                format!("task {} (`{}`) is `{}`", task.tid, task.name, task.label),
            ),
        };
        self.trial
            .tasks
            .extend(tasks.into_iter().map(|task| (check, task)));
        self.say(check, result, said);
    }

    /// Why the application is not ready, in words.
    fn unready(&mut self, id: &str, unready: &Unready) -> Result<String, EngineError> {
        self.trial.log = self.bench.engine.log(id)?;
        let mut words = unready.to_string();
        let log: Vec<&str> = self.trial.log.iter().map(String::as_str).collect();
        let log: Vec<&str> = log
            .into_iter()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let last = log
            .get(log.len().saturating_sub(TOLD)..)
            .unwrap_or_default();
        if !last.is_empty() {
            words.push_str(&format!(", and its log ends with `{}`", last.join(" / ")));
        }
        Ok(words)
    }

    fn rest(&mut self) -> Result<(), EngineError> {
        let id = self.trial.id.clone();
        let label = self.label.clone();
        match self.bench.execute(&id, &label)? {
            Executed::Label(task) => {
                self.labels(ContainerCheck::LabelExecuted, vec![task]);
            }
            Executed::Ended => self.say(
                ContainerCheck::LabelExecuted,
                ProofStatus::Inconclusive,
                "what was executed ended before its label could be read".to_owned(),
            ),
            Executed::Refused(why) => self.say(
                ContainerCheck::LabelExecuted,
                ProofStatus::Failed,
                format!("the engine cannot execute anything in it: {why}"),
            ),
        }
        self.trial.pid = None;
        if !self.stop(&id)? {
            return Ok(());
        }
        match self.bench.start(&id) {
            Err(EngineError::Server(_, why)) => {
                self.say(
                    ContainerCheck::Restart,
                    ProofStatus::Failed,
                    format!("the engine cannot start it again: {why}"),
                );
                return Ok(());
            }
            other => other?,
        }
        match self.bench.ready(&id)? {
            Ok(answered) => {
                let said = format!("status {}", answered.status);
                self.say(ContainerCheck::Restart, ProofStatus::Proved, said);
            }
            Err(unready) => {
                let why = self.unready(&id, &unready)?;
                self.say(ContainerCheck::Restart, ProofStatus::Failed, why);
            }
        }
        let tasks = self.bench.labelled(&id, &label)?;
        self.labels(ContainerCheck::LabelRestarted, tasks);
        Ok(())
    }

    /// Stops it; whether it is stopped.
    fn stop(&mut self, id: &str) -> Result<bool, EngineError> {
        let code = match self.bench.stop(id) {
            Err(EngineError::Server(_, why)) => {
                let said = format!("the engine cannot stop {}: {why}", short(id));
                self.say(ContainerCheck::Stop, ProofStatus::Failed, said);
                return Ok(false);
            }
            other => other?,
        };
        let twin = self.twin.as_ref().and_then(|twin| twin.exit_code);
        let word =
            |code: Option<i64>| code.map_or_else(|| "none".to_owned(), |code| code.to_string());
        let (result, said) = match (code, twin) {
            (Some(KILLED), Some(KILLED)) => (
                ProofStatus::Inconclusive,
                "it has to be killed, with and without the profile".to_owned(),
            ),
            (Some(code), Some(twin)) if code == twin => (
                ProofStatus::Proved,
                format!("exit status {code}, as the control's"),
            ),
            _ => (
                ProofStatus::Failed,
                format!(
                    "exit status {}, and the control's is {}",
                    word(code),
                    word(twin)
                ),
            ),
        };
        self.say(ContainerCheck::Stop, result, said);
        Ok(true)
    }
}
