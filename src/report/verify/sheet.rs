//! A verification as a table of words with the evidence behind each, for the formats that show all of
//! it: what a tier adds to a verification is added here once.

use super::super::words::at_line;
use super::super::{one_line, plural};
use super::probes;
use super::reason::why;
use super::words::{decided, linked_from, request, side};

use crate::session::RuleAt;
use crate::source::ResolvedSpan;
use crate::verify::container::Trial;
use crate::verify::{
    Answer, Judged, Plan, ProofStatus, Question, QuestionId, Reply, Subject, SubjectKind,
    Verification, WitnessOrigin,
};

/// The table.
pub(super) struct Sheet {
    /// What was verified and where, as names with values.
    pub(super) head: Vec<(&'static str, String)>,
    /// Names of the columns between a promise and its result.
    pub(super) columns: Vec<&'static str>,
    /// The rows under their headings.
    pub(super) groups: Vec<SheetGroup>,
    /// Remarks about the whole verification.
    pub(super) notes: Vec<String>,
}

/// Rows that have a heading in common.
pub(super) struct SheetGroup {
    /// The heading.
    pub(super) title: String,
    pub(super) lines: Vec<SheetLine>,
}

/// A row.
pub(super) struct SheetLine {
    /// The promise or rule.
    pub(super) text: String,
    /// Where it is written.
    pub(super) place: Option<ResolvedSpan>,
    /// A cell for each column.
    pub(super) cells: Vec<Cell>,
    pub(super) result: ProofStatus,
    /// Why it is not proved.
    pub(super) why: Option<String>,
    /// The rules that decide.
    pub(super) rules: Vec<RuleAt>,
}

/// A word and what shows it.
pub(super) struct Cell {
    pub(super) word: &'static str,
    pub(super) evidence: Vec<String>,
}

impl Sheet {
    pub(super) fn new(plan: &Plan, verification: &Verification) -> Self {
        let mut groups: Vec<SheetGroup> = vec![of_the_run(verification)];
        for (subject, judged) in plan.subjects.iter().zip(&verification.judged) {
            let title = title(plan, subject);
            let line = line(plan, verification, subject, judged);
            match groups.last_mut() {
                Some(last) if last.title == title => last.lines.push(line),
                _ => groups.push(SheetGroup {
                    title,
                    lines: vec![line],
                }),
            }
        }
        groups.extend(verification.container.as_ref().map(of_the_container));
        Self {
            head: head(plan, verification),
            columns: match verification.tiers.probes {
                true => vec!["static", "kernel", "probe"],
                false => vec!["static", "kernel"],
            },
            groups,
            notes: notes(verification),
        }
    }

    /// All rows.
    pub(super) fn lines(&self) -> impl Iterator<Item = &SheetLine> {
        self.groups.iter().flat_map(|group| &group.lines)
    }

    /// How many rows end so.
    pub(super) fn count(&self, result: ProofStatus) -> usize {
        self.lines().filter(|line| line.result == result).count()
    }
}

/// What was verified and where.
pub(super) fn head(plan: &Plan, verification: &Verification) -> Vec<(&'static str, String)> {
    let proof = &verification.proof;
    let environment = &verification.environment;
    let how = match (proof.was_loaded, proof.has_replaced) {
        (true, _) => "was loaded already",
        (false, true) => "loaded in place of another, which is back",
        (false, false) => "loaded for this run",
    };
    let short = proof.sha256.get(..16).unwrap_or(&proof.sha256);
    let same = match proof.is_same {
        Some(_) => format!("the kernel's bytes are those that were compiled, sha256 {short}…"),
        None => "not shown: this kernel does not export what was loaded".to_owned(),
    };
    let machine = format!(
        "Linux {}, apparmor_parser {}",
        one_line(&environment.kernel),
        one_line(&environment.parser)
    );
    let count = verification.answers.iter().flatten().count();
    let tiers = verification.tiers;
    let tiers = [
        (tiers.policy, "A, policy"),
        (tiers.probes, "B, probes"),
        (tiers.container, "C, container"),
    ];
    let tiers = tiers.into_iter().filter(|(is_chosen, _)| *is_chosen);
    let tiers: Vec<&str> = tiers.map(|(_, name)| name).collect();
    let mut head = vec![
        ("tiers", tiers.join("; ")),
        ("policy", format!("{}, {how}", one_line(&plan.path))),
        ("proof", same),
        ("machine", machine),
        ("asked", plural(count, "request")),
    ];
    if verification.tiers.probes {
        head.push(("probed", plural(verification.probes(), "system call")));
    }
    head
}

/// The profiles with their modes.
pub(super) fn profiles(plan: &Plan, verification: &Verification) -> Vec<String> {
    let both = plan.profiles.iter().zip(&verification.proof.modes);
    both.map(|(profile, mode)| format!("{} ({mode})", one_line(&profile.name)))
        .collect()
}

/// Remarks about the whole verification.
pub(super) fn notes(verification: &Verification) -> Vec<String> {
    let mut notes = Vec::new();
    for warning in &verification.warnings {
        notes.push(format!("apparmor_parser: {}", one_line(warning)));
    }
    if verification.before_5 > 0 {
        let parser = one_line(&verification.environment.parser);
        let requests = plural(verification.before_5, "request");
        notes.push(format!(
            "apparmor_parser {parser} leaves `m` in {requests} whose `ix` another rule overrides, as all do before 5.0; they were judged by that"
        ));
    }
    for hidden in &verification.blind {
        let (profile, why) = (one_line(&hidden.profile), one_line(&hidden.why));
        notes.push(format!(
            "capabilities of `{profile}` were not looked at: {why}"
        ));
    }
    if let Some(change) = &verification.proof.change {
        notes.push(format!("not valid: {change} while the kernel was asked"));
    }
    if verification.has_recovered {
        notes.push("an earlier run had left something; it was cleaned up".to_owned());
    }
    if let Some(leftover) = &verification.leftover {
        let (what, why) = (one_line(&leftover.what), one_line(&leftover.why));
        notes.push(format!("left of this run: `{what}`: {why}"));
    }
    notes
}

/// The heading of a subject.
pub(super) fn title(plan: &Plan, subject: &Subject) -> String {
    let profile = plan.profiles.get(subject.profile);
    let name = profile.map_or("", |profile| profile.name.as_str());
    one_line(&match &subject.kind {
        SubjectKind::Intent(intent) => format!("{name}: intent {intent}"),
        SubjectKind::Assertion => format!("{name}: assertions"),
        SubjectKind::Lint(rule) => format!("{name}: lint rule {rule}"),
        SubjectKind::Rule => format!("{name}: rules"),
    })
}

/// What was seen of the container.
fn of_the_container(trial: &Trial) -> SheetGroup {
    let line = |one: &crate::verify::container::Line| {
        let evidence = one_line(&one.evidence);
        let claim = one.check.claim();
        let (text, why) = match one.result {
            ProofStatus::Proved => (format!("{claim}: {evidence}"), None),
            _ => (claim.to_owned(), Some(evidence)),
        };
        SheetLine {
            text,
            place: None,
            cells: Vec::new(),
            result: one.result,
            why,
            rules: Vec::new(),
        }
    };
    SheetGroup {
        title: super::container::title(trial),
        lines: trial.lines.iter().map(line).collect(),
    }
}

/// What must hold for the rest to mean anything: so that whatever makes the exit code is a row.
fn of_the_run(verification: &Verification) -> SheetGroup {
    let proof = &verification.proof;
    let line = |text: &str, result, why: Option<String>| SheetLine {
        text: text.to_owned(),
        place: None,
        cells: Vec::new(),
        result,
        why,
        rules: Vec::new(),
    };
    let unless = |trouble: Option<String>, result, text| match trouble {
        None => line(text, ProofStatus::Proved, None),
        why => line(text, result, why),
    };
    let hidden = "this kernel does not export what was loaded";
    let hidden = proof.is_same.is_none().then(|| hidden.to_owned());
    let change = proof.change.clone();
    let left = verification.leftover.as_ref();
    let left = left.map(|left| format!("`{}`: {}", one_line(&left.what), one_line(&left.why)));
    SheetGroup {
        title: "the run".to_owned(),
        lines: vec![
            unless(
                hidden,
                ProofStatus::Inconclusive,
                "the kernel holds what was compiled",
            ),
            unless(
                change,
                ProofStatus::Inconclusive,
                "the policy stayed the same while the kernel was asked",
            ),
            unless(left, ProofStatus::Failed, "nothing is left of it"),
        ],
    }
}

fn line(plan: &Plan, verification: &Verification, subject: &Subject, judged: &Judged) -> SheetLine {
    let (of_static, of_kernel) = evidence(plan, verification, subject);
    let mut cells = vec![
        Cell {
            word: decided(subject.decided),
            evidence: of_static,
        },
        Cell {
            word: side(judged.kernel),
            evidence: of_kernel,
        },
    ];
    if verification.tiers.probes {
        cells.push(Cell {
            word: side(judged.probe),
            evidence: of_probes(plan, verification, subject),
        });
    }
    SheetLine {
        text: one_line(&subject.text),
        place: Some(subject.place.clone()),
        cells,
        result: judged.result,
        why: why(plan, subject, judged).map(|why| one_line(&why)),
        rules: subject.rules.clone(),
    }
}

/// What aalint and what the kernel says of each witness, and of what lies beside it.
fn evidence(
    plan: &Plan,
    verification: &Verification,
    subject: &Subject,
) -> (Vec<String>, Vec<String>) {
    let (mut of_static, mut of_kernel) = (Vec::new(), Vec::new());
    let mut enter = |number: QuestionId, mask: u32, before: &str| {
        let Some(question) = plan.questions.get(number) else {
            return;
        };
        let mask = mask & question.known();
        let ours = split(question, question.allow, mask);
        of_static.push(format!("{before}{ours}"));
        let answer = verification.answers.get(number).and_then(Option::as_ref);
        of_kernel.push(match answer {
            Some(answer) => {
                let theirs = split(question, question.granted(answer), mask);
                format!("{before}{theirs}; {}", words(answer))
            }
            None => format!("{before}{}: not asked", shown(question, mask)),
        });
    };
    for asked in &subject.witnesses {
        let before = match (asked.origin, linked_from(plan, asked)) {
            (WitnessOrigin::Existing, _) => "it is there: ".to_owned(),
            (_, Some(from)) => format!("where `{from}` leads: "),
            _ => String::new(),
        };
        enter(asked.question, asked.mask, &before);
    }
    for neighbour in &subject.neighbours {
        enter(*neighbour, u32::MAX, "beside it: ");
    }
    for rule in &subject.rules {
        of_static.push(format!("decided by {}", rule_at(rule)));
    }
    (of_static, of_kernel)
}

/// What the probes of each witness met.
fn of_probes(plan: &Plan, verification: &Verification, subject: &Subject) -> Vec<String> {
    let mut told = Vec::new();
    for asked in &subject.witnesses {
        let probed = verification.probed.get(asked.question);
        let (Some(question), Some(Some(probed))) = (plan.questions.get(asked.question), probed)
        else {
            continue;
        };
        let about = probed
            .probes
            .iter()
            .filter(|probe| probe.bit & asked.mask != 0);
        for probe in about {
            let what = shown(question, probe.bit);
            let control = probes::side(&probe.control);
            let confined = probe.confined.as_ref().map(probes::side);
            let confined =
                confined.map_or_else(String::new, |it| format!("; under the profile {it}"));
            told.push(one_line(&format!(
                "{what}: without the profile {control}{confined}"
            )));
        }
        let not = probed
            .unprobed
            .iter()
            .filter(|(bits, _)| bits & asked.mask != 0);
        for (bits, why) in not {
            let what = shown(question, *bits & asked.mask);
            told.push(one_line(&format!(
                "{what}: not probed, {}",
                probes::unprobed(question, *why)
            )));
        }
    }
    told
}

/// A rule with its place.
pub(super) fn rule_at(rule: &RuleAt) -> String {
    let mut text = format!("`{}` at {}", one_line(&rule.text), at_line(&rule.place));
    if let Some(via) = rule.via.first() {
        text.push_str(&format!(" (included at {})", at_line(via)));
    }
    text
}

fn shown(question: &Question, mask: u32) -> String {
    one_line(&request(question, mask))
}

/// What of a request is allowed, and what is refused.
fn split(question: &Question, allow: u32, mask: u32) -> String {
    let (allowed, refused) = (allow & mask, mask & !allow);
    match (allowed, refused) {
        (0, 0) => format!("{}: not asked", shown(question, mask)),
        (_, 0) => format!("{}: allowed", shown(question, mask)),
        (0, _) => format!("{}: refused", shown(question, mask)),
        _ => format!(
            "{}: allowed, {}: refused",
            shown(question, allowed),
            shown(question, refused)
        ),
    }
}

/// The kernel's own words.
fn words(answer: &Answer) -> String {
    let of = |who: &str, reply: &Reply| {
        format!(
            "{who} allow {:#010x} deny {:#010x} audit {:#010x} quiet {:#010x}",
            reply.allow, reply.deny, reply.audit, reply.quiet
        )
    };
    let owner = of("owner", &answer.owner);
    match &answer.other {
        Some(other) => format!("{owner}, {}", of("other", other)),
        None => of("kernel's words", &answer.owner),
    }
}
