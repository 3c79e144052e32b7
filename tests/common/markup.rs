//! XML documents as their elements.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// An element of an XML document.
#[derive(Debug)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
}

impl Element {
    fn of(element: &BytesStart<'_>) -> Self {
        let attributes = element.attributes().map(|one| {
            let one = one.unwrap();
            let value = quick_xml::escape::unescape(&one.value).unwrap();
            (one.key.as_ref().to_owned(), value.into_owned())
        });
        Self {
            name: element.name().as_ref().to_owned(),
            attributes: attributes.collect(),
        }
    }
}

/// The elements of an XML document, in their order.
pub fn elements(text: &str) -> Vec<Element> {
    let mut reader = Reader::from_str(text);
    let mut found = Vec::new();
    let mut open = 0;
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => break,
            Event::Start(element) => {
                open += 1;
                found.push(Element::of(&element));
            }
            Event::Empty(element) => found.push(Element::of(&element)),
            Event::End(_) => open -= 1,
            _ => {}
        }
    }
    assert_eq!(open, 0, "every element ends");
    found
}

pub fn attribute(element: &Element, name: &str) -> String {
    let found = element.attributes.iter().find(|(key, _)| key == name);
    let (_, value) = found.unwrap_or_else(|| panic!("no {name} in {element:?}"));
    value.clone()
}
