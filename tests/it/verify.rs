//! Verification without a kernel: the plan, the verdicts on answers that are given by hand, and the command line.
//! What needs a kernel is in tests/vm.

use crate::common;
use crate::common::kernel::{Rows, agreeing};
use crate::common::schema::{document, mismatches, schema};
use aalint::access::{Class, bits};
use aalint::config::ConfigFile;
use aalint::lang::permissions::{EXEC, MMAP};
use aalint::report::{self, Format, Style};
use aalint::rules;
use aalint::session::{Input, InputKind, Options, Workspace};
use aalint::source::{MemoryVfs, Snapshot};
use aalint::verify::probe::{
    Probe, ProbeOutcome, ProbePlan, ProbeResult, ProbeSpec, Probed, Unprobed,
};
use aalint::verify::{
    Answer, Ask, Asked, Environment, Gap, HiddenCapabilities, Id, Judged, Leftover, Plan, Proof,
    ProofStatus, Question, QuestionId, Reason, Side, Subject, SubjectId, SubjectKind, Table, Tiers,
    Tree, Verification, WitnessOrigin, judge, plan, refine,
};
use serde_json::Value;

const PROFILE: &str = "\
profile web {
  # aalint: assert deny /etc/shadow r,
  # aalint: assert allow /srv/** r,
  # aalint: assert deny capability sys_admin,
  # aalint: assert deny network raw,
  /srv/** r,
  owner /tmp/* rw,
  deny /etc/shadow rw,
  network inet stream,
}
";

fn plan_of(text: &str) -> Plan {
    let mut vfs = MemoryVfs::default();
    vfs.insert("web", text);
    let options = Options {
        inputs: vec![Input {
            path: "web".to_owned(),
            kind: InputKind::Policy,
        }],
        implied_by: rules::all(),
        ..Options::default()
    };
    plan(&Workspace::open(Snapshot::new(&vfs), options)).unwrap()
}

fn judged(
    plan: &Plan,
    answers: &Table<QuestionId, Option<Answer>>,
    mode: &str,
) -> Table<SubjectId, Judged> {
    let modes = plan.profiles.map(|_| mode.to_owned());
    judge(plan, answers, &modes)
}

/// The number of the subject with that text.
fn subject(plan: &Plan, text: &str) -> SubjectId {
    let mut all = plan.subjects.numbered();
    let found = all.find_map(|(id, subject)| (subject.text == text).then_some(id));
    found.unwrap_or_else(|| panic!("no `{text}` among {:#?}", plan.subjects))
}

fn results(judged: &Table<SubjectId, Judged>) -> Vec<ProofStatus> {
    judged.iter().map(|judged| judged.result).collect()
}

#[test]
fn assertions_and_rules_are_planned() {
    let plan = plan_of(PROFILE);
    let kinds = plan
        .subjects
        .iter()
        .filter(|subject| subject.kind == SubjectKind::Assertion);
    assert_eq!(kinds.count(), 4);
    let is_lint = |subject: &&Subject| matches!(subject.kind, SubjectKind::Lint(_));
    let of_lint = plan.subjects.iter().filter(is_lint).count();
    assert_eq!(plan.subjects.len() - of_lint, 8);
    let shadow = &plan.subjects.at(subject(&plan, "deny /etc/shadow r"));
    assert_eq!(
        plan.questions.at(shadow.witnesses[0].question).text,
        b"/etc/shadow"
    );
    assert_eq!(shadow.place.start.line, 2);
    let neighbours: Vec<&[u8]> = shadow
        .neighbours
        .iter()
        .map(|neighbour| plan.questions.at(*neighbour).text.as_slice())
        .collect();
    assert_eq!(
        neighbours,
        [b"/etc/shadowX".as_slice(), b"/etc/shadow/", b"/etc/shado"]
    );
    // Every question is asked once.
    let mut texts: Vec<_> = plan
        .questions
        .iter()
        .map(|question| (question.class, &question.text))
        .collect();
    let count = texts.len();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), count);
}

#[test]
fn a_kernel_that_agrees_proves_everything() {
    let plan = plan_of(PROFILE);
    let judged = judged(&plan, &agreeing(&plan), "enforce");
    assert_eq!(
        results(&judged),
        vec![ProofStatus::Proved; plan.subjects.len()],
        "{judged:#?}"
    );
    assert_eq!(
        judged.at(subject(&plan, "deny /etc/shadow r")).kernel,
        Side::Refused
    );
    assert_eq!(
        judged.at(subject(&plan, "allow /srv/** r")).kernel,
        Side::Allowed
    );
}

#[test]
fn one_bit_more_or_less_is_a_disagreement() {
    let plan = plan_of(PROFILE);
    for (number, question) in plan.questions.numbered() {
        for is_other in [false, true] {
            let mut answers = agreeing(&plan);
            let Some(answer) = answers.at_mut(number).as_mut() else {
                continue;
            };
            let reply = match (is_other, answer.other.as_mut()) {
                (false, _) => &mut answer.owner,
                (true, Some(other)) => other,
                (true, None) => continue,
            };
            let bit = match &question.ask {
                Some(Ask::Query(wire)) => wire.bits[0].1,
                _ => 1,
            };
            reply.allow ^= bit;
            let judged = judged(&plan, &answers, "enforce");
            let found = judged
                .iter()
                .filter(|judged| judged.result == ProofStatus::Disagreement);
            assert!(found.clone().count() > 0, "{question:?}");
            for judged in found {
                assert_eq!(judged.question, Some(number));
                assert!(
                    matches!(judged.reason, Some(Reason::Differ(ours, theirs)) if ours != theirs)
                );
            }
        }
    }
}

#[test]
fn what_nobody_answered_is_inconclusive() {
    let plan = plan_of(PROFILE);
    let answers = plan.questions.map(|_| None);
    let judged = judged(&plan, &answers, "enforce");
    assert_eq!(
        results(&judged),
        vec![ProofStatus::Inconclusive; plan.subjects.len()]
    );
}

#[test]
fn a_class_that_is_not_mediated_is_not_enforced() {
    let plan = plan_of(PROFILE);
    let mut answers = agreeing(&plan);
    for (question, answer) in plan.questions.iter().zip(&mut answers) {
        if question.class == Class::Network {
            answer.as_mut().unwrap().owner.allow = u32::MAX;
        }
    }
    let judged = judged(&plan, &answers, "enforce");
    let raw = &judged.at(subject(&plan, "deny network raw"));
    assert_eq!(
        (raw.result, raw.kernel),
        (ProofStatus::NotEnforced, Side::Unmediated)
    );
    let stream = &judged.at(subject(&plan, "network inet stream"));
    assert_eq!(stream.result, ProofStatus::Proved);
}

#[test]
fn complain_mode_keeps_only_quiet_denials() {
    let plan = plan_of(&PROFILE.replace("assert deny network raw", "assert deny /root/** r"));
    let judged = judged(&plan, &agreeing(&plan), "complain");
    let root = &judged.at(subject(&plan, "deny /root/** r"));
    assert_eq!(
        (root.result, &root.reason),
        (
            ProofStatus::Failed,
            &Some(Reason::Mode("complain".to_owned()))
        )
    );
    assert_eq!(
        judged.at(subject(&plan, "deny /etc/shadow r")).result,
        ProofStatus::Proved
    );
}

#[test]
fn what_parsers_before_5_leave_besides_is_known() {
    let text = "profile web {\n  /bin/* ix,\n  deny /bin/sh x,\n  deny /bin/su xm,\n}\n";
    let plan = plan_of(text);
    let of = |path: &str| {
        let is_it = |question: &&Question| question.text == path.as_bytes();
        let question = plan.questions.iter().find(is_it).unwrap();
        (question.allow, question.before_5)
    };
    let m = bits::both(MMAP);
    assert_eq!(of("/bin/sh"), (0, m));
    assert_eq!(of("/bin/su"), (0, 0));
    assert_eq!(of("/bin/s"), (bits::both(EXEC | MMAP), 0));
}

#[test]
fn a_broken_promise_fails_although_both_sides_agree() {
    let text = PROFILE.replace("assert deny /etc/shadow r", "assert deny /srv/www r");
    let text = text.replace("assert allow /srv/** r", "assert allow /opt/** r");
    let plan = plan_of(&text);
    let judged = judged(&plan, &agreeing(&plan), "enforce");
    let srv = &judged.at(subject(&plan, "deny /srv/www r"));
    assert_eq!(
        (srv.result, &srv.reason),
        (ProofStatus::Failed, &Some(Reason::Allowed))
    );
    let opt = &judged.at(subject(&plan, "allow /opt/** r"));
    assert_eq!(
        (opt.result, &opt.reason),
        (ProofStatus::Failed, &Some(Reason::Refused))
    );
}

#[test]
fn owner_and_other_are_told_apart() {
    let plan = plan_of("profile web {\n  # aalint: assert deny /tmp/a r,\n  owner /tmp/* rw,\n}\n");
    let mut answers = agreeing(&plan);
    assert_eq!(
        judged(&plan, &answers, "enforce").first().unwrap().result,
        ProofStatus::Failed
    );
    // A kernel that gives others what only owners may have.
    for answer in answers.iter_mut().flatten() {
        answer.other = Some(answer.owner);
    }
    assert_eq!(
        judged(&plan, &answers, "enforce").first().unwrap().result,
        ProofStatus::Disagreement
    );
}

#[test]
fn what_cannot_be_asked_is_said() {
    let text = "profile web {\n  # aalint: assert deny dbus send bus=system,\n  /a r,\n}\n";
    let plan = plan_of(text);
    let judged = judged(&plan, &agreeing(&plan), "enforce");
    assert_eq!(
        judged.at(Id::from_number(0)).result,
        ProofStatus::Inconclusive
    );
    assert_eq!(
        judged.at(Id::from_number(0)).reason,
        Some(Reason::Gap(Gap::Class(Class::Dbus)))
    );
}

#[test]
fn a_rule_that_nothing_can_ask_about_is_set_apart() {
    let text = "profile web {\n  unix (send, receive) peer=(label=other),\n  dbus send bus=system,\n  deny dbus bind bus=session,\n  /a r,\n}\n";
    let plan = plan_of(text);
    let judged = judged(&plan, &agreeing(&plan), "enforce");
    let of = |text: &str| judged.at(subject(&plan, text));
    for (rule, class) in [
        ("unix (send, receive) peer=(label=other)", Class::Unix),
        ("dbus send bus=system", Class::Dbus),
    ] {
        let judged = of(rule);
        assert_eq!(judged.result, ProofStatus::NotAsked, "{rule}");
        assert_eq!(judged.reason, Some(Reason::Gap(Gap::Class(class))));
    }
    // What it refuses is promised.
    let denied = of("deny dbus bind bus=session");
    assert_eq!(denied.result, ProofStatus::Inconclusive);
    assert_eq!(of("/a r").result, ProofStatus::Proved);
    // It is no reason for an exit code.
    assert!(ProofStatus::NotAsked < ProofStatus::Inconclusive);
}

#[test]
fn what_the_kernel_makes_of_addresses_is_not_told() {
    for rule in ["network inet port=80", "network inet peer=(ip=127.0.0.1)"] {
        let plan = plan_of(&format!("profile web {{\n  {rule},\n}}\n"));
        assert_eq!(
            plan.subjects.at(Id::from_number(0)).gap,
            Some(Gap::Addresses),
            "{rule}"
        );
    }
    for rule in ["network inet icmp", "network inet raw", "network unix"] {
        let plan = plan_of(&format!("profile web {{\n  {rule},\n}}\n"));
        assert_eq!(plan.subjects.at(Id::from_number(0)).gap, None, "{rule}");
    }
}

/// A plan that has met a tree in which `/bin` is a link to `usr/bin`, where there is `bash`.
fn met(text: &str) -> Plan {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(root.path().join("usr/bin")).unwrap();
    std::fs::write(root.path().join("usr/bin/bash"), "").unwrap();
    std::os::unix::fs::symlink("usr/bin", root.path().join("bin")).unwrap();
    plan_of(text).with_existing_files(&mut Tree::open(root.path()).unwrap())
}

/// How the subject of that text ends, and the witness that shows it.
fn shown(plan: &Plan, text: &str) -> (ProofStatus, Option<(String, WitnessOrigin)>) {
    let number = subject(plan, text);
    let all = judged(plan, &agreeing(plan), "enforce");
    let judged = all.at(number);
    let witness = judged.question.map(|question| {
        let witnesses = &plan.subjects.at(number).witnesses;
        let is_it = |asked: &&Asked| asked.question == question;
        let asked = witnesses.iter().find(is_it).unwrap();
        let text = String::from_utf8(plan.questions.at(question).text.clone());
        (text.unwrap(), asked.origin)
    });
    (judged.result, witness)
}

#[test]
fn what_symbolic_links_lead_to_breaks_a_promise() {
    let text = "\
profile web {
  # aalint: assert deny /bin/bash x,
  # aalint: assert allow /bin/cat x,
  deny /bin/b* x,
  /usr/bin/bash ix,
  /bin/** ix,
}
";
    let before = plan_of(text);
    for promise in ["deny /bin/bash x", "allow /bin/cat x", "deny /bin/b* x"] {
        assert_eq!(shown(&before, promise).0, ProofStatus::Proved, "{promise}");
    }
    let plan = met(text);
    let (result, witness) = shown(&plan, "deny /bin/bash x");
    let (path, origin) = witness.unwrap();
    assert_eq!(
        (result, path.as_str()),
        (ProofStatus::Failed, "/usr/bin/bash")
    );
    let WitnessOrigin::Link(from) = origin else {
        panic!("{origin:?}");
    };
    assert_eq!(plan.questions.at(from).text, b"/bin/bash");
    let (result, witness) = shown(&plan, "allow /bin/cat x");
    assert_eq!(
        (result, witness.unwrap().0.as_str()),
        (ProofStatus::Failed, "/usr/bin/cat")
    );
    // Not the shortest example, `/bin/b`, but a file that is there.
    let (result, witness) = shown(&plan, "deny /bin/b* x");
    assert_eq!(
        (result, witness.unwrap().0.as_str()),
        (ProofStatus::Failed, "/usr/bin/bash")
    );
    // A rule that never matches breaks no promise.
    assert_eq!(shown(&plan, "/bin/** ix").0, ProofStatus::Proved);
    // The rule that opens it is named.
    let subject = &plan.subjects.at(subject(&plan, "deny /bin/bash x"));
    assert!(
        subject
            .rules
            .iter()
            .any(|rule| rule.text == "/usr/bin/bash ix,"),
        "{:#?}",
        subject.rules
    );
}

#[test]
fn files_that_are_there_come_first() {
    let plan = met("profile web {\n  /{,usr/}bin/* ix,\n  /none/* r,\n}\n");
    let origins = |text: &str| {
        let witnesses = &plan.subjects.at(subject(&plan, text)).witnesses;
        let paths = witnesses.iter().map(|asked| {
            let path = plan.questions.at(asked.question).text.clone();
            (String::from_utf8(path).unwrap(), asked.origin)
        });
        paths.collect::<Vec<_>>()
    };
    let found = origins("/{,usr/}bin/* ix");
    assert_eq!(
        found[0],
        ("/usr/bin/bash".to_owned(), WitnessOrigin::Existing)
    );
    assert_eq!(found[1].1, WitnessOrigin::Example);
    assert!(
        origins("/none/* r")
            .iter()
            .all(|(_, origin)| *origin == WitnessOrigin::Example)
    );
}

#[test]
fn children_are_asked_under_their_full_names() {
    let plan = plan_of("profile web {\n  /a r,\n  profile worker {\n    /b r,\n  }\n}\n");
    let names: Vec<&str> = plan
        .profiles
        .iter()
        .map(|profile| profile.name.as_str())
        .collect();
    assert_eq!(names, ["web", "web//worker"]);
    assert!(
        plan.questions
            .iter()
            .any(|question| question.profile.number() == 1)
    );
}

#[test]
fn the_plan_needs_no_privilege_and_tells_all() {
    let output = common::aalint(&common::root(), &["verify", "app", "--plan"]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        common::text(&output.stderr)
    );
    let text = common::text(&output.stdout);
    for part in [
        "app/apparmor/flask-app",
        "`flask-app`",
        "/.load",
        "/.access",
        "99 promises, 49 rules, and ",
    ] {
        assert!(text.contains(part), "`{part}` is not in\n{text}");
    }
}

#[test]
fn the_plan_follows_links_of_an_image() {
    let tree = common::directory(&[
        (
            "c",
            "abi <abi/3.0>,\nprofile c flags=(attach_disconnected) {\n  file,\n  deny /bin/** x,\n  deny /bin/none w,\n  deny /etc/x w,\n}\n",
        ),
        (
            "aalint.toml",
            "[container]\nimage = \"image\"\n\n[[profile]]\nname = \"c\"\nkind = \"container\"\n",
        ),
        ("image/usr/bin/bash", ""),
        ("image/usr/bin/none", ""),
        ("image/etc/x", ""),
    ]);
    std::os::unix::fs::symlink("usr/bin", tree.path().join("image/bin")).unwrap();
    let plan = |profile: &str| {
        std::fs::write(tree.path().join("c"), profile).unwrap();
        let output = common::aalint(tree.path(), &["verify", "--plan", "c"]);
        assert_eq!(output.status.code(), Some(0));
        common::text(&output.stdout)
    };
    let profile = std::fs::read_to_string(tree.path().join("c")).unwrap();
    let text = plan(&profile);
    let (_, links) = text
        .split_once("in the image of the container of `image`:\n")
        .unwrap();
    let links: Vec<&str> = links.lines().map(str::trim).collect();
    assert_eq!(
        links,
        [
            "`deny /bin/** x` would fail: symbolic links lead from `/bin/bash` to `/usr/bin/bash`, of which the profile decides otherwise",
            "`deny /bin/none w` would fail: symbolic links lead from `/bin/none` to `/usr/bin/none`, of which the profile decides otherwise",
        ]
    );
    // The rules deny what the links lead to.
    let text = plan(&profile.replace("/bin/", "/{usr/,}bin/"));
    assert!(!text.contains("would fail"), "{text}");
}

fn trial(outcome: ProbeOutcome) -> ProbeResult {
    ProbeResult {
        call: "openat".to_owned(),
        outcome,
        label: Some("web (enforce)".to_owned()),
        started: None,
    }
}

/// What the probes of a plan find where each control passes, and each call under the profile as `decide`
/// makes of what aalint says.
fn probed(
    plan: &Plan,
    decide: impl Fn(&ProbeSpec, bool) -> bool,
) -> Table<QuestionId, Option<Probed>> {
    let attempts = ProbePlan::of(plan);
    let mut probed = plan.questions.map(|_| None::<Probed>);
    for one in attempts.specs {
        let allow = plan.questions.at(one.question).allow;
        let outcome = match decide(&one, allow & one.bit != 0) {
            true => ProbeOutcome::Passed,
            false => ProbeOutcome::Failed(13),
        };
        let place = probed.at_mut(one.question).get_or_insert_default();
        place.probes.push(Probe {
            bit: one.bit,
            operation: one.operation,
            leads_to: None,
            control: trial(ProbeOutcome::Passed),
            confined: Some(trial(outcome)),
        });
    }
    probed
}

fn refined(
    plan: &Plan,
    mode: &str,
    probed: &Table<QuestionId, Option<Probed>>,
) -> Table<SubjectId, Judged> {
    let answers = agreeing(plan);
    let modes = plan.profiles.map(|_| mode.to_owned());
    let mut judged = judge(plan, &answers, &modes);
    refine(plan, &answers, &modes, probed, &mut judged);
    judged
}

/// A profile all of whose rules can be probed.
const PROBED: &str = "\
profile web {
  # aalint: assert deny /etc/shadow r,
  # aalint: assert allow /srv/** rw,
  # aalint: assert deny capability sys_admin,
  # aalint: assert deny network inet raw,
  # aalint: assert deny mount,
  # aalint: assert deny userns create,
  /srv/** rwk,
  owner /tmp/* rw,
  /usr/bin/true ix,
}
";

#[test]
fn probes_that_agree_prove() {
    let plan = plan_of(PROBED);
    let judged = refined(&plan, "enforce", &probed(&plan, |_, passes| passes));
    assert_eq!(
        results(&judged),
        vec![ProofStatus::Proved; plan.subjects.len()],
        "{judged:#?}"
    );
    for one in &judged {
        assert!(
            matches!(one.probe, Side::Allowed | Side::Refused),
            "{one:?}"
        );
    }
    assert_eq!(
        judged.at(subject(&plan, "deny /etc/shadow r")).probe,
        Side::Refused
    );
}

#[test]
fn each_probe_that_ends_otherwise_is_a_failure() {
    let plan = plan_of(PROBED);
    let count = ProbePlan::of(&plan).specs.len();
    assert!(count > 25, "{count} probes");
    for number in 0..count {
        let wrong = ProbePlan::of(&plan).specs[number].clone();
        let probed = probed(&plan, |one, passes| passes != (*one == wrong));
        let judged = refined(&plan, "enforce", &probed);
        let failed: Vec<&Judged> = judged
            .iter()
            .filter(|judged| judged.result == ProofStatus::Failed)
            .collect();
        assert!(!failed.is_empty(), "{wrong:?}");
        for judged in failed {
            assert_eq!(judged.question, Some(wrong.question));
            let is_allowed = plan.questions.at(wrong.question).allow & wrong.bit != 0;
            match &judged.reason {
                Some(Reason::UnexpectedAllow(probe)) => {
                    assert!(!is_allowed && probe.operation == wrong.operation)
                }
                Some(Reason::UnexpectedDenial(probe)) => {
                    assert!(is_allowed && probe.operation == wrong.operation)
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

/// What comes of a profile where each call of some operation that it allows ends with EPERM.
fn without_capability(
    text: &str,
    is_it: impl Fn(&Probe) -> bool,
) -> (Plan, Table<SubjectId, Judged>) {
    let plan = plan_of(text);
    let mut probed = probed(&plan, |_, passes| passes);
    for probe in probed.iter_mut().flatten().flat_map(|one| &mut one.probes) {
        let passes = probe.confined == Some(trial(ProbeOutcome::Passed));
        if passes && is_it(probe) {
            probe.confined = Some(trial(ProbeOutcome::Failed(1)));
        }
    }
    let judged = refined(&plan, "enforce", &probed);
    (plan, judged)
}

#[test]
fn a_missing_capability_is_no_failure_of_a_rule() {
    use aalint::verify::probe::ProbeOperation;
    let text = "profile web {\n  # aalint: assert allow umount,\n  mount,\n  umount,\n  network inet raw,\n  /srv/a rw,\n}\n";
    let is_mount = |probe: &Probe| {
        matches!(
            probe.operation,
            ProbeOperation::Mount(_) | ProbeOperation::Socket { .. }
        )
    };
    let (plan, judged) = without_capability(text, is_mount);
    for (rule, name) in [
        ("mount", "sys_admin"),
        ("umount", "sys_admin"),
        ("network inet raw", "net_raw"),
    ] {
        let judged = judged.at(subject(&plan, rule));
        assert_eq!(judged.result, ProofStatus::Proved, "{rule}");
        assert_eq!(judged.probe, Side::Unknown, "{rule}");
        let Some(Reason::WithoutCapability(probe)) = &judged.reason else {
            panic!("{rule}: {:?}", judged.reason);
        };
        assert_eq!(probe.needed_capability(), Some(name));
    }
    let file = judged.at(subject(&plan, "/srv/a rw"));
    assert_eq!((file.result, &file.reason), (ProofStatus::Proved, &None));
    // A promise is about what happens.
    let promised = judged.at(subject(&plan, "allow umount"));
    assert_eq!(promised.result, ProofStatus::Failed);
    assert!(matches!(promised.reason, Some(Reason::UnexpectedDenial(_))));
}

#[test]
fn another_refusal_than_that_of_a_capability_fails_a_rule() {
    let text = "profile web {\n  umount,\n  capability sys_chroot,\n  /usr/bin/true ix,\n}\n";
    let plan = plan_of(text);
    // EACCES is AppArmor's own answer.
    let refused = probed(&plan, |_, _| false);
    let judged = refined(&plan, "enforce", &refused);
    for rule in ["umount", "capability sys_chroot", "/usr/bin/true ix"] {
        let judged = judged.at(subject(&plan, rule));
        assert_eq!(judged.result, ProofStatus::Failed, "{rule}");
    }
    // EPERM is AppArmor's answer about a capability, and may be one about a program.
    let (plan, judged) = without_capability(text, |_| true);
    for (rule, result) in [
        ("umount", ProofStatus::Proved),
        ("capability sys_chroot", ProofStatus::Failed),
        ("/usr/bin/true ix", ProofStatus::Failed),
    ] {
        assert_eq!(judged.at(subject(&plan, rule)).result, result, "{rule}");
    }
}

#[test]
fn a_control_that_fails_makes_it_inconclusive() {
    let plan = plan_of("profile web {\n  # aalint: assert deny /etc/shadow r,\n  /a r,\n}\n");
    let mut probed = probed(&plan, |_, passes| passes);
    for probe in probed.iter_mut().flatten().flat_map(|one| &mut one.probes) {
        probe.control = trial(ProbeOutcome::Failed(13));
        probe.confined = None;
    }
    let judged = refined(&plan, "enforce", &probed);
    for one in &judged {
        assert_eq!(
            (one.result, one.probe),
            (ProofStatus::Inconclusive, Side::Unknown)
        );
        assert!(matches!(one.reason, Some(Reason::Inconclusive(_))));
    }
}

#[test]
fn what_is_not_probed_stays_as_it_was() {
    let plan = plan_of(PROFILE);
    let none = plan.questions.map(|_| None);
    let judged = refined(&plan, "enforce", &none);
    assert_eq!(
        results(&judged),
        vec![ProofStatus::Proved; plan.subjects.len()]
    );
    assert!(judged.iter().all(|one| one.probe == Side::Unknown));
}

#[test]
fn a_mode_that_enforces_nothing_is_expected_to_let_pass() {
    let plan = plan_of("profile web flags=(complain) {\n  /a r,\n}\n");
    let judged = refined(&plan, "complain", &probed(&plan, |_, _| true));
    let both = plan.subjects.iter().zip(&judged);
    // What lint rules imply is broken in that mode.
    let rules = both.filter(|(subject, _)| subject.kind == SubjectKind::Rule);
    let results: Vec<ProofStatus> = rules.map(|(_, one)| one.result).collect();
    assert_eq!(results, [ProofStatus::Proved]);
}

#[test]
fn what_cannot_be_probed_is_said() {
    let plan = plan_of("profile web {\n  /only/* m,\n  /a/ rk,\n  signal send peer=cups,\n}\n");
    let attempts = ProbePlan::of(&plan);
    let all: Vec<Unprobed> = attempts
        .unprobed
        .iter()
        .flatten()
        .map(|(_, why)| *why)
        .collect();
    for why in [Unprobed::Without(1), Unprobed::Directory, Unprobed::Peer] {
        assert!(all.contains(&why), "{why:?} is not in {all:?}");
    }
}

fn refusal(files: &[(&str, &str)], arguments: &[&str]) -> (i32, String) {
    let directory = common::directory(files);
    let output = common::aalint(directory.path(), arguments);
    (output.status.code().unwrap(), common::text(&output.stderr))
}

#[test]
fn another_name_than_the_runtime_is_told_is_refused() {
    let config = "[verify]\nprofile = \"web\"\nname = \"my-web\"\n";
    let (code, text) = refusal(
        &[("aalint.toml", config), ("web", PROFILE)],
        &["verify", ".", "--plan"],
    );
    assert_eq!(code, 3, "{text}");
    assert!(
        text.contains("defines no profile `my-web`") && text.contains("`web`"),
        "{text}"
    );
}

#[test]
fn policy_with_errors_never_reaches_the_kernel() {
    let config = "[verify]\nprofile = \"web\"\n";
    let web = "profile web {\n  deny /usr/bin/bash ix,\n}\n";
    let (code, text) = refusal(
        &[("aalint.toml", config), ("web", web)],
        &["verify", "--plan"],
    );
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("deny-with-exec-mode") && text.contains("nothing was verified"),
        "{text}"
    );
}

#[test]
fn a_promise_that_cannot_be_read_is_not_passed_over() {
    let config =
        "[[profile]]\nname = \"web\"\nintents = [\"web.intents\"]\n\n[verify]\nprofile = \"web\"\n";
    let (code, text) = refusal(
        &[
            ("aalint.toml", config),
            ("web", PROFILE),
            ("web.intents", "deny /etc/shadow r,\n"),
        ],
        &["verify", "--plan"],
    );
    assert_eq!(code, 2, "{text}");
    assert!(
        text.contains("web.intents:1:1") && text.contains("nothing was verified"),
        "{text}"
    );
}

#[test]
fn usage_and_configuration() {
    let web = ("web", PROFILE);
    let (code, text) = refusal(&[web], &["verify", "web", "--tier", "a,z"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("there is no tier `z`"), "{text}");
    for report in ["junit", "xml=a.xml", "junit="] {
        let (code, text) = refusal(&[web], &["verify", "web", "--report", report]);
        assert_eq!(code, 2, "{report}: {text}");
    }
    let (code, text) = refusal(&[web], &["verify", ".", "--plan", "--isolated"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("no aalint.toml"), "{text}");
    let config = ("aalint.toml", "[verify]\nprofiel = \"web\"\n");
    let (code, text) = refusal(&[web, config], &["verify", "web", "--plan"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("did you mean `profile`"), "{text}");
    let (code, text) = refusal(
        &[web],
        &["verify", "web", "--plan", "--intent", "no-host-secret"],
    );
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("did you mean `no-host-secrets`"), "{text}");
}

#[test]
fn documents_fit_their_schema() {
    let plan = plan_of(&PROFILE.replace("network inet stream", "dbus send, network inet stream"));
    let mut answers = agreeing(&plan);
    answers
        .at_mut(Id::from_number(0))
        .as_mut()
        .unwrap()
        .owner
        .allow ^= 4;
    let modes = Table::from(vec!["enforce".to_owned()]);
    let mut probed = probed(&plan, |_, passes| passes);
    probed.at_mut(Id::from_number(0)).as_mut().unwrap().probes[0].control =
        trial(ProbeOutcome::Failed(30));
    let verification = Verification {
        environment: Environment::default(),
        proof: Proof {
            modes: modes.clone(),
            ..Proof::default()
        },
        warnings: vec!["something".to_owned()],
        judged: judge(&plan, &answers, &modes),
        answers,
        probed,
        blind: vec![HiddenCapabilities {
            profile: "web".to_owned(),
            why: "dark".to_owned(),
        }],
        before_5: 0,
        tiers: Tiers::default(),
        container: None,
        leftover: Some(Leftover {
            what: "web".to_owned(),
            why: "busy".to_owned(),
        }),
        has_recovered: true,
    };
    let mut out = Vec::new();
    verification_as(Format::Json, &plan, &verification, &mut out);
    let document = document(&out);
    let results: Vec<&str> = document["subjects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|subject| subject["result"].as_str().unwrap())
        .collect();
    for result in ["proved", "disagreement", "not asked"] {
        assert!(results.contains(&result), "{results:?}");
    }
    // The check itself can fail.
    let mut broken = document.clone();
    broken["summary"]["proved"] = Value::Null;
    broken["more"] = Value::Null;
    let (schema, mut found) = (schema("verify"), Vec::new());
    mismatches(&schema, &schema, &broken, "", &mut found);
    assert_eq!(found.len(), 2, "{found:#?}");

    let mut out = Vec::new();
    verification_as(Format::Human, &plan, &verification, &mut out);
    let text = common::text(&out);
    for part in [
        "disagreement",
        "aalint says `",
        "left of this run: `web`: busy",
        "dark",
    ] {
        assert!(text.contains(part), "`{part}` is not in\n{text}");
    }
}

fn verification_as(format: Format, plan: &Plan, verification: &Verification, out: &mut Vec<u8>) {
    report::verification(format, plan, verification, true, Style::default(), out).unwrap();
}

#[test]
fn lint_rules_imply_what_can_be_asked() {
    let implying: Vec<&aalint::lint::Rule> = rules::all()
        .iter()
        .filter(|rule| rule.implied_intents.is_some())
        .collect();
    assert!(implying.len() >= 10, "{}", implying.len());
    for rule in implying {
        let implied = rule.implied_intents.unwrap();
        let promises = (implied.promises)();
        let file = aalint::syntax::read(&implied.intent(rule.meta.name));
        assert!(
            file.faults.is_empty(),
            "{}: {:?}",
            rule.meta.name,
            file.faults
        );
        let [aalint::syntax::ast::Item::Intent(intent)] = file.ast.items.as_slice() else {
            panic!("{}: {:?}", rule.meta.name, file.ast.items);
        };
        assert_eq!(intent.promises.len(), promises.len(), "{}", rule.meta.name);
    }
}

#[test]
fn what_lint_rules_take_for_granted_is_asked() {
    let of = |plan: &Plan, rule: &str| -> Vec<String> {
        let kind = SubjectKind::Lint(rule.to_owned());
        let subjects = plan.subjects.iter().filter(|subject| subject.kind == kind);
        subjects.map(|subject| subject.text.clone()).collect()
    };
    let plan = plan_of(PROFILE);
    let etc = of(&plan, "unrestricted-etc");
    assert!(etc.contains(&"deny /etc/shadow rw".to_owned()), "{etc:?}");
    // Nobody says that it is for a container.
    assert_eq!(of(&plan, "missing-sys-admin-denial"), Vec::<String>::new());
    let judged = judged(&plan, &agreeing(&plan), "enforce");
    for (subject, judged) in plan.subjects.iter().zip(&judged) {
        assert_eq!(judged.result, ProofStatus::Proved, "{subject:?}");
    }
    // What the policy does not keep the rule tells.
    let open = plan_of("profile web {\n  /etc/** r,\n  capability,\n}\n");
    assert_eq!(of(&open, "dangerous-capability"), Vec::<String>::new());
    assert!(!of(&open, "unrestricted-etc").contains(&"deny /etc/shadow rw".to_owned()));
    // In complain mode it is kept, and not enforced.
    let text = "profile web flags=(complain) {\n  /srv/** r,\n}\n";
    let lenient = plan_of(text);
    let shadow = subject(&lenient, "deny /etc/shadow rw");
    let broken = judge(
        &lenient,
        &agreeing(&lenient),
        &vec!["complain".to_owned()].into(),
    );
    assert_eq!(broken.at(shadow).result, ProofStatus::Failed);
}

#[test]
fn the_configuration_says_what_is_a_container_and_which_rules_are_on() {
    let mut vfs = MemoryVfs::default();
    vfs.insert("web", PROFILE);
    let implied_by_rules = |config: &str| {
        let options = Options {
            inputs: vec![Input {
                path: "web".to_owned(),
                kind: InputKind::Policy,
            }],
            config: Some(ConfigFile::new("aalint.toml", config).into()),
            implied_by: rules::all(),
            ..Options::default()
        };
        let plan = plan(&Workspace::open(Snapshot::new(&vfs), options)).unwrap();
        let names = plan
            .subjects
            .into_iter()
            .filter_map(|subject| match subject.kind {
                SubjectKind::Lint(name) => Some(name),
                _ => None,
            });
        names.collect::<Vec<String>>()
    };
    let has = |config: &str, name: &str| implied_by_rules(config).contains(&name.to_owned());
    let named = "[verify]\nprofile = \"web\"\nname = \"web\"\n";
    assert!(has(named, "missing-sys-admin-denial") && has(named, "container-proc-sys"));
    assert!(!has("", "missing-sys-admin-denial"));
    let off = "[lint]\nignore = [\"unrestricted-etc\"]\n";
    assert!(has("", "unrestricted-etc") && !has(off, "unrestricted-etc"));
}

#[test]
fn a_machine_that_cannot_verify_is_a_skip_where_that_may_be() {
    // Neither root nor AppArmor is needed to be refused; where both are there, nothing is shown here.
    let is_root = std::process::Command::new("id")
        .arg("-u")
        .output()
        .unwrap()
        .stdout
        == b"0\n";
    let has_apparmor = std::path::Path::new("/sys/kernel/security/apparmor/features").is_dir();
    if is_root && has_apparmor {
        println!("skipped: this machine could verify");
        return;
    }
    let directory = common::directory(&[("web", PROFILE)]);
    let run = |more: &[&str]| {
        let arguments = [&["verify", "web"], more].concat();
        common::aalint(directory.path(), &arguments)
    };
    assert_eq!(run(&[]).status.code(), Some(3));
    let output = run(&["--allow-skip", "--format", "junit", "--output", "junit.xml"]);
    let text = common::text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("SKIPPED: nothing was verified"), "{text}");
    let report = std::fs::read_to_string(directory.path().join("junit.xml")).unwrap();
    assert!(report.contains("skipped=\"1\""), "{report}");
    let output = run(&[
        "--allow-skip",
        "--report",
        "sarif=a.sarif",
        "--report",
        "html=a.html",
    ]);
    assert_eq!(output.status.code(), Some(0));
    assert!(common::text(&output.stdout).contains("skipped, nothing was verified"));
    for (file, text) in [
        ("a.sarif", "\"version\": \"2.1.0\""),
        ("a.html", "<!DOCTYPE html>"),
    ] {
        let report = std::fs::read_to_string(directory.path().join(file)).unwrap();
        assert!(report.contains(text), "{file}: {report}");
    }
    // Nothing is written where nothing is to be said, and a bad place is found before anything is done.
    assert_eq!(run(&["--output", "other.xml"]).status.code(), Some(3));
    assert!(!directory.path().join("other.xml").exists());
    let output = run(&["--output", "no/such/report"]);
    assert_eq!(
        output.status.code(),
        Some(2),
        "{}",
        common::text(&output.stderr)
    );
}
