//! Reports of verifications made up here: every result and every reason, and text that means something
//! to whoever reads a report.

use crate::common;
use crate::common::kernel::{Rows, agreeing};
use crate::common::markup::{attribute, elements};
use crate::common::schema::{assert_fits, document};
use aalint::access::Class;
use aalint::audit;
use aalint::host::Disk;
use aalint::policy::Search;
use aalint::report::{self, Format, Style};
use aalint::rules;
use aalint::session::{Input, InputKind, Options, Workspace, with_policy};
use aalint::source::{MemoryVfs, Snapshot, Vfs};
use aalint::verify::container::{ContainerCheck, ContainerTask, HttpAnswer, Line, Refused, Trial};
use aalint::verify::{
    Environment, Gap, HiddenCapabilities, Id, Judged, Leftover, Plan, Proof, ProofStatus, Reason,
    Refusal, Side, Table, Tiers, Verification, judge, plan,
};
use serde_json::Value;

/// A profile whose names and rules mean something in HTML, XML and on a terminal.
const HOSTILE: &str = "\
profile \"a<script>alert('1')</script>&amp;]]>\" {
  # aalint: assert deny \"/x<img src=x onerror=alert(1)>\" r,
  # aalint: assert deny /b r,
  # aalint: assert allow \"/c'\\\"&lt;\" r,
  # aalint: assert deny capability sys_admin,
  # aalint: assert deny /twice r,
  # aalint: assert deny /twice r,
  # aalint: assert deny /d\\007 r,
  # aalint: assert deny /e-->`f`g` r,
  # aalint: assert deny /h r,
  # aalint: assert deny /i r,
  /srv/** r,
  deny /x* w,
}
";

fn plan_at(vfs: &dyn Vfs, path: &str) -> Plan {
    let options = Options {
        inputs: vec![Input {
            path: path.to_owned(),
            kind: InputKind::Policy,
        }],
        implied_by: rules::all(),
        ..Options::default()
    };
    plan(&Workspace::open(Snapshot::new(vfs), options)).unwrap()
}

/// A verification in which every result and every reason comes about.
fn hostile() -> (Plan, Verification) {
    let mut vfs = MemoryVfs::default();
    let path = "dir with space/<b>&.aa";
    vfs.insert(path, HOSTILE);
    let plan = plan_at(&vfs, path);
    let answers = agreeing(&plan);
    let modes = Table::from(vec!["enforce".to_owned()]);
    let mut judged = judge(&plan, &answers, &modes);
    let reasons = [
        (ProofStatus::Inconclusive, Reason::Gap(Gap::Undecidable)),
        (ProofStatus::Inconclusive, Reason::Gap(Gap::TooComplex)),
        (ProofStatus::Inconclusive, Reason::Gap(Gap::Nothing)),
        (
            ProofStatus::Inconclusive,
            Reason::Gap(Gap::Class(Class::Dbus)),
        ),
        (ProofStatus::Inconclusive, Reason::Unanswered),
        (ProofStatus::NotEnforced, Reason::Unmediated),
        (ProofStatus::Failed, Reason::Allowed),
        (ProofStatus::Failed, Reason::Refused),
        (ProofStatus::Failed, Reason::Mode("complain".to_owned())),
        (ProofStatus::Disagreement, Reason::Differ(1, 2)),
    ];
    assert!(judged.len() > reasons.len(), "one is proved");
    for (at, (result, reason)) in reasons.into_iter().enumerate() {
        let id = Id::from_number(at);
        *judged.at_mut(id) = Judged {
            result,
            reason: Some(reason),
            question: plan
                .subjects
                .at(Id::from_number(at))
                .witnesses
                .first()
                .map(|asked| asked.question),
            kernel: [
                Side::Allowed,
                Side::Refused,
                Side::Partly,
                Side::Unmediated,
                Side::Unknown,
            ][at % 5],
            probe: Side::Unknown,
        };
    }
    let verification = Verification {
        tiers: Tiers::default(),
        container: None,
        probed: Table::default(),
        environment: Environment {
            kernel: "6.12<i>".to_owned(),
            parser: "4.1.0".to_owned(),
            ..Environment::default()
        },
        proof: Proof {
            modes,
            change: Some("the profile was changed".to_owned()),
            ..Proof::default()
        },
        warnings: vec!["<a href='javascript:x'>&".to_owned()],
        judged,
        answers,
        blind: vec![HiddenCapabilities {
            profile: "web".to_owned(),
            why: "dark".to_owned(),
        }],
        before_5: 0,
        leftover: Some(Leftover {
            what: "web".to_owned(),
            why: "busy\u{1b}[31m".to_owned(),
        }),
        has_recovered: true,
    };
    (plan, verification)
}

fn rendered(format: Format, plan: &Plan, verification: &Verification) -> String {
    let render = || {
        let mut out = Vec::new();
        report::verification(format, plan, verification, true, Style::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let text = render();
    assert_eq!(text, render(), "the same bytes each time");
    text
}

#[test]
fn junit_counts_what_it_shows() {
    let (plan, verification) = hostile();
    let text = rendered(Format::Junit, &plan, &verification);
    let is_fit = |c: char| matches!(c, '\t' | '\n') || !c.is_control();
    assert!(text.chars().all(is_fit), "{text}");
    let all = elements(&text);
    let of = |name: &str| all.iter().filter(|element| element.name == name).count();
    let total = |name: &str| attribute(&all[0], name).parse::<usize>().unwrap();
    assert_eq!(all[0].name, "testsuites");
    // Three rows are about the run: two of them inconclusive, and one failed.
    assert_eq!(total("tests"), plan.subjects.len() + 3);
    assert_eq!(
        (total("tests"), of("testcase")),
        (of("testcase"), total("tests"))
    );
    assert_eq!((total("failures"), of("failure")), (5, 5));
    assert_eq!((total("errors"), of("error")), (1, 1));
    assert_eq!((total("skipped"), of("skipped")), (7, 7));
    let suites: Vec<_> = all
        .iter()
        .filter(|element| element.name == "testsuite")
        .collect();
    let sum = |name: &str| -> usize {
        let counts = suites
            .iter()
            .map(|suite| attribute(suite, name).parse::<usize>().unwrap());
        counts.sum()
    };
    for name in ["tests", "failures", "errors", "skipped"] {
        assert_eq!(sum(name), total(name), "{name}");
    }
    // Names come back as they were, and each case has its own.
    assert!(attribute(suites[1], "name").starts_with("a<script>alert('1')</script>&amp;]]>"));
    let mut names: Vec<(String, String)> = all
        .iter()
        .filter(|element| element.name == "testcase")
        .map(|case| (attribute(case, "classname"), attribute(case, "name")))
        .collect();
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
    for element in all.iter().filter(|element| element.name == "failure") {
        let kind = attribute(element, "type");
        assert!(
            ["failed", "not enforced"].contains(&kind.as_str()),
            "{kind}"
        );
        assert!(!attribute(element, "message").is_empty());
    }
}

#[test]
fn sarif_stands_at_the_promise_and_the_rule() {
    let (plan, verification) = hostile();
    let text = rendered(Format::Sarif, &plan, &verification);
    let log: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 10 + 3);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let places = result["locations"].as_array().unwrap();
        assert_eq!(places.len(), 1);
        let related = result["relatedLocations"].as_array().into_iter().flatten();
        for place in places.iter().chain(related) {
            let physical = &place["physicalLocation"];
            let uri = physical["artifactLocation"]["uri"].as_str().unwrap();
            assert_eq!(uri, "dir%20with%20space/%3Cb%3E%26.aa");
            let region = &physical["region"];
            assert!(
                region.is_null() || region["startLine"].as_u64() >= Some(1),
                "{region}"
            );
        }
    }
    let ids: Vec<&str> = results
        .iter()
        .map(|result| result["ruleId"].as_str().unwrap())
        .collect();
    for rule in rules {
        assert!(ids.contains(&rule["id"].as_str().unwrap()), "{rule}");
    }
    // `/b` is what the second assertion is about, in line 3.
    let second = results.iter().find(|result| {
        result["message"]["text"]
            .as_str()
            .unwrap()
            .starts_with("`deny /b r`")
    });
    let region = &second.unwrap()["locations"][0]["physicalLocation"]["region"];
    assert_eq!(region["startLine"], 3);
    let notes = run["invocations"][0]["toolExecutionNotifications"]
        .as_array()
        .unwrap();
    assert!(
        notes
            .iter()
            .any(|note| note["message"]["text"].as_str().unwrap().contains("busy"))
    );
}

#[test]
fn rules_that_decide_are_named() {
    let mut vfs = MemoryVfs::default();
    vfs.insert(
        "web",
        "profile web {\n  # aalint: assert deny /srv/secret r,\n  /srv/** r,\n}\n",
    );
    let plan = plan_at(&vfs, "web");
    let answers = agreeing(&plan);
    let modes = Table::from(vec!["enforce".to_owned()]);
    let verification = Verification {
        tiers: Tiers::default(),
        container: None,
        probed: Table::default(),
        environment: Environment::default(),
        proof: Proof {
            modes: modes.clone(),
            is_same: Some(true),
            ..Proof::default()
        },
        warnings: Vec::new(),
        judged: judge(&plan, &answers, &modes),
        answers,
        blind: Vec::new(),
        before_5: 0,
        leftover: None,
        has_recovered: false,
    };
    let log: Value = serde_json::from_str(&rendered(Format::Sarif, &plan, &verification)).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 1, "{results:#?}");
    let related = &results[0]["relatedLocations"][0];
    assert_eq!(related["physicalLocation"]["region"]["startLine"], 3);
    assert_eq!(related["message"]["text"], "`/srv/** r,` decides");
    let html = rendered(Format::Html, &plan, &verification);
    assert!(
        html.contains("decided by <code>/srv/** r,</code> at web:3"),
        "{html}"
    );
}

#[test]
fn includes_lead_from_the_nearest_outwards() {
    let mut vfs = MemoryVfs::default();
    for (path, text) in [
        (
            "web",
            "profile web {\n  # aalint: assert deny /srv/secret r,\n  include \"/p/outer\"\n}\n",
        ),
        ("/p/outer", "\n\n\n  include \"/p/inner\"\n"),
        ("/p/inner", "  /srv/** r,\n"),
    ] {
        vfs.insert(path, text);
    }
    let plan = plan_at(&vfs, "web");
    let (_, verification) = hostile();
    let answers = agreeing(&plan);
    let verification = Verification {
        judged: judge(&plan, &answers, &verification.proof.modes),
        answers,
        ..verification
    };
    let json = document(rendered(Format::Json, &plan, &verification).as_bytes());
    let rule = &json["subjects"][0]["rules"][0];
    assert_eq!(
        (&rule["text"], &rule["path"]),
        (&"/srv/** r,".into(), &"/p/inner".into())
    );
    let places = rule["includedFrom"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| {
            let line = place["range"]["start"]["line"].as_u64().unwrap();
            (place["path"].as_str().unwrap(), line)
        });
    assert_eq!(places.collect::<Vec<_>>(), [("/p/outer", 4), ("web", 3)]);
}

/// Elements and attributes that the page is made of.
const TAGS: &[&str] = &[
    "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "div",
    "h1", "h2", "p", "br", "ul", "li", "dl", "dt", "dd", "a", "span", "strong", "code", "table",
    "caption", "thead", "tbody", "tr", "th", "td", "details", "summary",
];
const ATTRIBUTES: &[&str] = &[
    "lang",
    "charset",
    "name",
    "content",
    "http-equiv",
    "class",
    "href",
    "id",
    "scope",
    "aria-label",
    "aria-hidden",
];

#[test]
fn the_page_is_made_of_what_it_is_made_of() {
    let (plan, verification) = hostile();
    let page = rendered(Format::Html, &plan, &verification);
    // Without the elements that need no end, it is XML.
    let mut body = String::new();
    for line in page
        .lines()
        .filter(|line| !line.starts_with("<meta") && !line.starts_with("<!DOCTYPE"))
    {
        body.push_str(&line.replace("<br>", "<br/>"));
        body.push('\n');
    }
    let all = elements(&body);
    for element in &all {
        assert!(TAGS.contains(&element.name.as_str()), "{element:?}");
        for (key, value) in &element.attributes {
            assert!(ATTRIBUTES.contains(&key.as_str()), "{element:?}");
            assert!(key != "href" || value.starts_with("#r"), "{element:?}");
        }
    }
    let ids: Vec<String> = all
        .iter()
        .filter(|one| one.name == "tr")
        .filter_map(|row| {
            row.attributes
                .iter()
                .find(|(key, _)| key == "id")
                .map(|(_, id)| id.clone())
        })
        .collect();
    assert_eq!(ids.len(), plan.subjects.len() + 3);
    for link in all.iter().filter(|one| one.name == "a") {
        assert!(
            ids.contains(&attribute(link, "href")[1..].to_owned()),
            "{link:?}"
        );
    }
    let is_fit = |c: char| matches!(c, '\t' | '\n') || !c.is_control();
    assert!(page.chars().all(is_fit));
    assert!(
        !page.contains("http:") && !page.contains("https:"),
        "it loads nothing"
    );
    for word in [
        "static",
        "kernel",
        "result",
        "proved",
        "failed",
        "not enforced",
        "inconclusive",
        "disagreement",
    ] {
        assert!(
            page.contains(&format!(">{word}<")) || page.contains(&format!(" {word}<")),
            "{word}"
        );
    }
}

#[test]
fn nothing_in_the_templates_goes_round_the_escaping() {
    let (plan, verification) = hostile();
    let page = rendered(Format::Html, &plan, &verification);
    for text in ["<script", "<img", "<b>", "<i>", "<a href='", "-->`"] {
        assert!(!page.contains(text), "{text}");
    }
    // It is all there, as text.
    let shown = quick_xml::escape::unescape(&page).unwrap();
    for text in [
        "a<script>alert('1')</script>&amp;]]>",
        "/x<img src=x onerror=alert(1)>",
        "dir with space/<b>&.aa",
        "6.12<i>",
        "<a href='javascript:x'>&",
    ] {
        assert!(shown.contains(text), "{text}");
    }
    let mut count = 0;
    for path in common::files(&common::root().join("src/report/verify/html"), "html") {
        let template = std::fs::read_to_string(path).unwrap();
        for way in ["|safe", "| safe", "|escape", "| escape", "filter"] {
            assert!(!template.contains(way), "{template}");
        }
        count += 1;
    }
    assert_eq!(count, 4);
}

/// A container in which everything was looked at, and a request was refused that no rule allows.
fn container() -> Trial {
    let mut vfs = MemoryVfs::default();
    vfs.insert("p", "profile web {\n  /srv/** r,\n  deny /etc/<b> r,\n}\n");
    let refused = |name: &str| {
        let line = format!(
            "audit: type=1400 audit(1700000000.123:41): apparmor=\"DENIED\" operation=\"open\" class=\"file\" profile=\"web\" name=\"{name}\" pid=77 comm=\"<i>\" requested_mask=\"r\" denied_mask=\"r\" fsuid=0 ouid=0"
        );
        let record = audit::parse(&line).unwrap();
        let search = Search {
            directories: Vec::new(),
            has_no_base: true,
        };
        let explanation = with_policy(&vfs, &search, &["p".to_owned()], &[], |policy| {
            audit::explain(policy, &record)
        });
        Refused {
            record,
            count: 2,
            explanation,
        }
    };
    let answer = |status| HttpAnswer {
        status,
        sha256: "ab12".to_owned(),
        length: 33,
    };
    let task = ContainerTask {
        pid: 7,
        tid: 8,
        name: "app<b>".to_owned(),
        label: "web (enforce)".to_owned(),
    };
    let line = |check: ContainerCheck| Line {
        check,
        result: match check {
            ContainerCheck::Ready => ProofStatus::Failed,
            ContainerCheck::Body => ProofStatus::Inconclusive,
            _ => ProofStatus::Proved,
        },
        evidence: "seen <b>".to_owned(),
    };
    let mut trial = Trial::default();
    trial.endpoint = "unix:///run/<b>.sock".to_owned();
    trial.version = "26.1.5".to_owned();
    trial.image = "image".to_owned();
    trial.id = "c1".to_owned();
    trial.lines = ContainerCheck::ALL.map(line).to_vec();
    trial.tasks = vec![(ContainerCheck::LabelStarted, task)];
    trial.answers = (Some(answer(200)), Some(answer(500)));
    trial.log = vec!["<b>".to_owned()];
    trial.refused = vec![refused("/etc/<b>"), refused("/etc/hosts")];
    trial
}

#[test]
fn a_container_fits_the_schema_and_is_in_every_format() {
    let (plan, mut verification) = hostile();
    verification.tiers.container = true;
    verification.container = Some(container());
    let json = document(rendered(Format::Json, &plan, &verification).as_bytes());
    let shown = &json["container"];
    assert_eq!(shown["control"]["status"], 200);
    assert_eq!(shown["confined"]["status"], 500);
    assert_eq!(shown["checks"][0]["name"], "control");
    let refused = shown["refused"].as_array().unwrap();
    assert_eq!(refused[0]["rules"][0]["text"], "deny /etc/<b> r,");
    assert_eq!(refused[0]["rules"][0]["range"]["start"]["line"], 3);
    assert_eq!(refused[1]["cause"], "unmatched");
    assert!(refused[1]["suggestion"]["rule"].is_string());
    // The envelope is that of the whole document.
    assert!(refused.iter().all(|record| record["version"].is_null()));
    let tests = |text: &str| attribute(&elements(text)[0], "tests").parse::<usize>();
    let with = tests(&rendered(Format::Junit, &plan, &verification)).unwrap();
    let sarif: Value =
        serde_json::from_str(&rendered(Format::Sarif, &plan, &verification)).unwrap();
    let html = rendered(Format::Html, &plan, &verification);
    assert!(html.contains("seen &#60;b&#62;"), "{html}");
    verification.container = None;
    let without = tests(&rendered(Format::Junit, &plan, &verification)).unwrap();
    assert_eq!(with, without + ContainerCheck::ALL.len());
    // Thirteen other rows are not proved.
    assert_eq!(
        sarif["runs"][0]["results"].as_array().unwrap().len(),
        13 + 2
    );
}

#[test]
fn nothing_verified_is_said_in_every_format() {
    let of = |format| {
        let mut out = Vec::new();
        report::skipped(format, &Refusal::NoParser("<b>".to_owned()), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    assert!(of(Format::Human).contains("nothing was verified"));
    let json: Value = serde_json::from_str(&of(Format::Json)).unwrap();
    assert!(json["skipped"]["reason"].as_str().unwrap().contains("<b>"));
    assert_fits(&json);
    let junit = elements(&of(Format::Junit));
    assert_eq!(attribute(&junit[0], "skipped"), "1");
    let skipped = junit
        .iter()
        .find(|element| element.name == "skipped")
        .unwrap();
    assert!(attribute(skipped, "message").contains("`<b>` is not there"));
    let sarif: Value = serde_json::from_str(&of(Format::Sarif)).unwrap();
    assert_eq!(
        sarif["runs"][0]["invocations"][0]["executionSuccessful"],
        false
    );
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 0);
    let page = of(Format::Html);
    assert!(
        page.contains("Nothing was verified") && page.contains("<code>&#60;b&#62;</code>"),
        "{page}"
    );
}

/// Leaves reports to be looked at with a browser, and to be checked with tools of others.
#[test]
fn pages_to_look_at() {
    let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (plan, verification) = hostile();
    let page = rendered(Format::Html, &plan, &verification);
    std::fs::write(directory.join("hostile.html"), page).unwrap();
    let sarif = rendered(Format::Sarif, &plan, &verification);
    std::fs::write(directory.join("hostile.sarif"), sarif).unwrap();
    let junit = rendered(Format::Junit, &plan, &verification);
    std::fs::write(directory.join("hostile.xml"), junit).unwrap();
    let app = common::root().join("app/apparmor/flask-app");
    let plan = plan_at(&Disk, app.to_str().unwrap());
    let answers = agreeing(&plan);
    let modes = plan.profiles.map(|_| "enforce".to_owned());
    let verification = Verification {
        tiers: Tiers::default(),
        container: None,
        probed: Table::default(),
        environment: verification.environment,
        proof: Proof {
            modes: modes.clone(),
            is_same: Some(true),
            sha256: "b9b725a81362b7f0b9b725a81362b7f0b9b725a81362b7f0b9b725a81362b7f0".to_owned(),
            ..Proof::default()
        },
        warnings: Vec::new(),
        judged: judge(&plan, &answers, &modes),
        answers,
        blind: Vec::new(),
        before_5: 0,
        leftover: None,
        has_recovered: false,
    };
    let page = rendered(Format::Html, &plan, &verification);
    assert!(page.contains("flask-app (enforce)"));
    std::fs::write(directory.join("app.html"), page).unwrap();
}
