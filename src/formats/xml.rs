//! A small tree of XML for the agencies' formats, over the reader of `quick-xml`.
//!
//! Names are local ones, without prefix. A document type is passed over and nothing that it defines is
//! expanded; entities are the five of XML, those of HTML and numbers, and an unknown one stays as it is written. An end tag
//! that fits nothing is passed over, and one that fits an outer element closes the inner ones with it.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::{Fault, Reason};
use crate::wire::{entity, unescaped};

/// Elements that may be open at once. The formats have some thirty.
pub const MAX_DEPTH: usize = 200;

/// A document: its elements in the order in which they start.
#[derive(Debug, Default)]
pub struct Tree {
    elements: Vec<Element>,
}

#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Child>,
}

#[derive(Debug)]
enum Child {
    Element(usize),
    Text(String),
}

/// An element of a tree.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    tree: &'a Tree,
    index: usize,
}

impl Tree {
    /// Reads a document.
    ///
    /// # Errors
    /// A [`Fault`] where it is no XML, has no element, or is too deep.
    pub fn parse(text: &str) -> Result<Tree, Fault> {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        let mut tree = Tree::default();
        // The first stands for the document.
        tree.elements.push(Element::default());
        let mut open = vec![0];
        loop {
            let event = reader.read_event().map_err(|error| {
                Fault::new(Reason::NotXml, format!("not XML, at byte {}: {error}", reader.error_position()))
            })?;
            let top = *open.last().expect("the document stays open");
            let text = match event {
                Event::Start(tag) | Event::Empty(tag) if open.len() > MAX_DEPTH => {
                    let name = tag.local_name().into_inner().to_owned();
                    return Err(Fault::new(
                        Reason::TooDeep,
                        format!("`{name}` lies more than {MAX_DEPTH} deep"),
                    ));
                }
                Event::Start(tag) => {
                    let index = tree.element(&tag, top);
                    open.push(index);
                    continue;
                }
                Event::Empty(tag) => {
                    tree.element(&tag, top);
                    continue;
                }
                Event::End(tag) => {
                    let name = tag.local_name().into_inner().to_owned();
                    if let Some(at) =
                        open.iter().rposition(|index| *index > 0 && tree.elements[*index].name == name)
                    {
                        open.truncate(at);
                    }
                    continue;
                }
                Event::Text(text) => text.to_string(),
                Event::CData(text) => text.to_string(),
                Event::GeneralRef(name) => entity(&name),
                Event::Eof => break,
                _ => continue,
            };
            let children = &mut tree.elements[top].children;
            match children.last_mut() {
                Some(Child::Text(last)) => last.push_str(&text),
                _ => children.push(Child::Text(text)),
            }
        }
        if tree.elements.len() == 1 {
            return Err(Fault::new(Reason::NotXml, "not XML: there is no element"));
        }
        Ok(tree)
    }

    fn element(&mut self, tag: &quick_xml::events::BytesStart<'_>, parent: usize) -> usize {
        let mut attributes = Vec::new();
        for attribute in tag.attributes().with_checks(false).filter_map(Result::ok) {
            let name = attribute.key.local_name().into_inner().to_owned();
            attributes.push((name, unescaped(&attribute.value)));
        }
        let name = tag.local_name().into_inner().to_owned();
        let element = Element { name, attributes, children: Vec::new() };
        self.elements.push(element);
        let index = self.elements.len() - 1;
        self.elements[parent].children.push(Child::Element(index));
        index
    }

    /// The outermost element.
    pub fn root(&self) -> Node<'_> {
        Node { tree: self, index: 1 }
    }
}

impl<'a> Node<'a> {
    fn element(self) -> &'a Element {
        &self.tree.elements[self.index]
    }

    pub fn name(self) -> &'a str {
        &self.element().name
    }

    /// An attribute by its local name.
    pub fn attribute(self, name: &str) -> Option<&'a str> {
        let mut attributes = self.element().attributes.iter();
        attributes
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// The elements right inside.
    pub fn children(self) -> impl Iterator<Item = Node<'a>> {
        let children = self.element().children.iter();
        children.filter_map(move |child| match child {
            Child::Element(index) => Some(Node { tree: self.tree, index: *index }),
            Child::Text(_) => None,
        })
    }

    /// All elements inside with this name, in order, at any depth.
    pub fn all(self, name: &str) -> Vec<Node<'a>> {
        let mut found = Vec::new();
        let mut pending: Vec<Node<'a>> = self.children().collect();
        pending.reverse();
        while let Some(node) = pending.pop() {
            if node.name() == name {
                found.push(node);
            }
            let inner: Vec<Node<'a>> = node.children().collect();
            pending.extend(inner.into_iter().rev());
        }
        found
    }

    /// The first element along a path such as `head/docdata/date.issue`, each right inside the one before.
    pub fn at(self, path: &str) -> Option<Node<'a>> {
        path.split('/').try_fold(self, |node, name| node.children().find(|child| child.name() == name))
    }

    /// The first element inside with this name, at any depth.
    pub fn first(self, name: &str) -> Option<Node<'a>> {
        self.all(name).into_iter().next()
    }

    /// All text inside in one line; `None` for none.
    pub fn text(self) -> Option<String> {
        let written = self.raw();
        let line = written.split_whitespace().collect::<Vec<_>>().join(" ");
        (!line.is_empty()).then_some(line)
    }

    /// All text inside as it is written.
    pub fn raw(self) -> String {
        let mut written = String::new();
        self.write(&mut written, &mut |_, _, _| ());
        written
    }

    /// Text of a body, a line for each of its blocks.
    pub fn paragraphs(self) -> String {
        let mut written = String::new();
        self.write(&mut written, &mut |name, is_start, written| {
            let is_block = matches!(
                name,
                "p" | "br"
                    | "li"
                    | "tr"
                    | "hl2"
                    | "h1"
                    | "h2"
                    | "h3"
                    | "h4"
                    | "div"
                    | "block"
                    | "pre"
                    | "ol"
                    | "ul"
                    | "dt"
                    | "dd"
                    | "hr"
                    | "table"
                    | "bq"
                    | "blockquote"
                    | "media"
                    | "media-caption"
                    | "body.head"
                    | "body.end"
            );
            let is_cell = matches!(name, "td" | "th");
            if is_block {
                written.push('\u{1}');
            } else if is_cell && is_start {
                written.push(' ');
            }
        });
        // Line breaks inside a paragraph are the file's, not the article's.
        let is_marked = written.contains('\u{1}');
        let parts = written.split(if is_marked { '\u{1}' } else { '\n' });
        let lines = parts.map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
        lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    }

    fn write(self, written: &mut String, mark: &mut dyn FnMut(&str, bool, &mut String)) {
        // Depth is limited, so recursion is.
        for child in &self.element().children {
            match child {
                Child::Text(text) => written.push_str(text),
                Child::Element(index) => {
                    let node = Node { tree: self.tree, index: *index };
                    mark(node.name(), true, written);
                    node.write(written, mark);
                    mark(node.name(), false, written);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_are_read_as_they_are_meant() {
        let tree = Tree::parse(
            "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x \"boom\">]><n:a k='1 &amp; 2'>One &eacute;&#8211;&x;<b>two</b>\
             <p>x<i>y</p><p>z &lt;</p></c></n:a>",
        )
        .unwrap();
        let root = tree.root();
        assert_eq!((root.name(), root.attribute("k")), ("a", Some("1 & 2")));
        assert_eq!(root.paragraphs(), "One é–&x;two\nxy\nz <");
        assert_eq!(root.at("b").and_then(Node::text).as_deref(), Some("two"));
        assert_eq!(root.all("p").len(), 2);
    }

    #[test]
    fn what_is_no_xml_or_too_deep_is_a_fault() {
        let deep = "<a>".repeat(100_000);
        for (text, reason) in
            [("", Reason::NotXml), ("text", Reason::NotXml), (deep.as_str(), Reason::TooDeep)]
        {
            assert_eq!(Tree::parse(text).unwrap_err().reason, reason);
        }
    }
}
