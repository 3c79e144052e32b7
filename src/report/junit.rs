//! JUnit XML, as CI servers read it: the model, and how it is written.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::words::markup_text;

/// Cases that belong together.
pub(super) struct TestSuite {
    /// The name, which is also the class name of the cases.
    pub(super) name: String,
    pub(super) cases: Vec<TestCase>,
}

/// Something that holds or does not.
pub(super) struct TestCase {
    /// The name; servers tell the cases of a suite apart by it.
    pub(super) name: String,
    /// The file that it is about, and the line.
    pub(super) place: Option<(String, Option<u32>)>,
    pub(super) end: CaseEnd,
}

/// How a case ends.
pub(super) enum CaseEnd {
    /// It holds.
    Passed,
    /// It holds, and there is something to say.
    Noted(String),
    /// It could not be tried.
    Skipped(Trouble),
    /// It does not hold.
    Failed(&'static str, Trouble),
    /// Something is wrong with the try.
    Errored(&'static str, Trouble),
}

/// What is wrong with a case.
pub(super) struct Trouble {
    /// One line.
    pub(super) message: String,
    /// All that is known.
    pub(super) details: String,
}

/// Counts as CI servers want them.
#[derive(Default)]
struct CaseCounts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl CaseCounts {
    fn of<'c>(cases: impl Iterator<Item = &'c TestCase>) -> Self {
        let mut counts = Self::default();
        for case in cases {
            counts.tests += 1;
            match case.end {
                CaseEnd::Passed | CaseEnd::Noted(_) => {}
                CaseEnd::Skipped(_) => counts.skipped += 1,
                CaseEnd::Failed(..) => counts.failures += 1,
                CaseEnd::Errored(..) => counts.errors += 1,
            }
        }
        counts
    }

    fn enter(&self, element: &mut BytesStart<'_>) {
        for (name, count) in [
            ("tests", self.tests),
            ("failures", self.failures),
            ("errors", self.errors),
            ("skipped", self.skipped),
        ] {
            element.push_attribute((name, count.to_string().as_str()));
        }
    }
}

/// Writes a document of suites.
pub(super) fn write(name: &str, suites: &[TestSuite], out: &mut dyn Write) -> io::Result<()> {
    let mut xml = Writer::new_with_indent(out, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let mut all = BytesStart::new("testsuites");
    all.push_attribute(("name", name));
    let cases = suites.iter().flat_map(|suite| &suite.cases);
    CaseCounts::of(cases).enter(&mut all);
    xml.write_event(Event::Start(all))?;
    for one in suites {
        suite(one, &mut xml)?;
    }
    xml.write_event(Event::End(BytesEnd::new("testsuites")))?;
    writeln!(xml.into_inner())
}

fn suite<W: Write>(suite: &TestSuite, xml: &mut Writer<W>) -> io::Result<()> {
    let name = markup_text(&suite.name);
    let mut start = BytesStart::new("testsuite");
    start.push_attribute(("name", name.as_str()));
    CaseCounts::of(suite.cases.iter()).enter(&mut start);
    xml.write_event(Event::Start(start))?;
    for one in &suite.cases {
        case(&name, one, xml)?;
    }
    xml.write_event(Event::End(BytesEnd::new("testsuite")))
}

fn case<W: Write>(class: &str, case: &TestCase, xml: &mut Writer<W>) -> io::Result<()> {
    let mut start = BytesStart::new("testcase");
    start.push_attribute(("classname", class));
    start.push_attribute(("name", markup_text(&case.name).as_str()));
    if let Some((path, line)) = &case.place {
        start.push_attribute(("file", markup_text(path).as_str()));
        if let Some(line) = line {
            start.push_attribute(("line", line.to_string().as_str()));
        }
    }
    let (element, kind, trouble) = match &case.end {
        CaseEnd::Passed => return xml.write_event(Event::Empty(start)),
        CaseEnd::Noted(text) => {
            xml.write_event(Event::Start(start))?;
            leaf(BytesStart::new("system-out"), text, xml)?;
            return xml.write_event(Event::End(BytesEnd::new("testcase")));
        }
        CaseEnd::Skipped(trouble) => ("skipped", None, trouble),
        CaseEnd::Failed(kind, trouble) => ("failure", Some(*kind), trouble),
        CaseEnd::Errored(kind, trouble) => ("error", Some(*kind), trouble),
    };
    xml.write_event(Event::Start(start))?;
    let mut start = BytesStart::new(element);
    if let Some(kind) = kind {
        start.push_attribute(("type", kind));
    }
    start.push_attribute(("message", markup_text(&trouble.message).as_str()));
    leaf(start, &trouble.details, xml)?;
    xml.write_event(Event::End(BytesEnd::new("testcase")))
}

/// An element that holds text.
fn leaf<W: Write>(start: BytesStart<'_>, text: &str, xml: &mut Writer<W>) -> io::Result<()> {
    let end = start.to_end().into_owned();
    xml.write_event(Event::Start(start.borrow()))?;
    xml.write_event(Event::Text(BytesText::new(&markup_text(text))))?;
    xml.write_event(Event::End(end))
}
