//! A strict walk over XML: namespaces resolved, no DTD, no entities but the five, bounded depth, nothing after the root.

use super::unreadable;
use crate::domain::field::{Raw, Shape};
use crate::domain::problem::{Code, Refusal};
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

/// Deepest nesting of elements, as for JSON.
const DEPTH_MAX: usize = 32;
/// Each attribute is compared with all before it.
const ATTRIBUTES_MAX: usize = 64;

/// An element that was opened; whoever gets it reads it to its end.
pub struct Element<'b> {
    start: BytesStart<'b>,
    /// It belongs to the namespace that the walk is for.
    pub is_ours: bool,
}

impl Element<'_> {
    /// The name without its prefix.
    pub fn name(&self) -> &str {
        self.start.local_name().into_inner()
    }
}

/// The walk.
pub struct Walk<'b> {
    reader: NsReader<&'b [u8]>,
    text: &'b str,
    namespace: &'static str,
    depth: usize,
}

impl<'b> Walk<'b> {
    /// Begins a walk for elements of one namespace.
    pub fn new(text: &'b str, namespace: &'static str) -> Result<Self, Refusal> {
        let control = |b: u8| b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r');
        if text.bytes().any(control) || text.contains('\u{fffe}') || text.contains('\u{ffff}') {
            return Err(unreadable("XML: a character that XML forbids", "XML chứa ký tự không được phép"));
        }
        let mut reader = NsReader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        reader.config_mut().check_comments = true;
        Ok(Walk { reader, text, namespace, depth: 0 })
    }

    fn refused(&self, en: &str, vi: &str) -> Refusal {
        let at = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        let line = 1 + self.text.bytes().take(at).filter(|b| *b == b'\n').count();
        unreadable(format!("XML, line {line}: {en}"), format!("XML, dòng {line}: {vi}"))
    }

    fn next(&mut self) -> Result<Event<'b>, Refusal> {
        match self.reader.read_event() {
            Ok(Event::DocType(_)) => Err(Refusal::plain(Code::XmlDtdForbidden)),
            Ok(event) => Ok(event),
            Err(_) => Err(self.refused("not well-formed", "sai cấu trúc XML")),
        }
    }

    fn opened(&mut self, start: BytesStart<'b>) -> Result<Element<'b>, Refusal> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.refused("nested deeper than 32", "lồng sâu quá 32 cấp"));
        }
        let is_ours = match self.reader.resolver().resolve_element(start.name()).0 {
            ResolveResult::Bound(namespace) => namespace.0 == self.namespace,
            ResolveResult::Unbound => false,
            ResolveResult::Unknown(_) => {
                return Err(self.refused("a prefix is not declared", "tiền tố chưa được khai báo"));
            }
        };
        Ok(Element { start, is_ours })
    }

    /// The root element.
    pub fn root(&mut self) -> Result<Element<'b>, Refusal> {
        let mut is_first = true;
        loop {
            match self.next()? {
                Event::Decl(declaration) if is_first => {
                    if declaration.version().ok().as_deref() != Some("1.0") {
                        return Err(self.refused("only XML 1.0 is read", "chỉ đọc XML 1.0"));
                    }
                }
                Event::Start(start) => return self.opened(start),
                Event::Comment(_) | Event::PI(_) => {}
                Event::Text(text) if is_blank(&text) => {}
                Event::Eof => return Err(self.refused("there is no element", "không có phần tử nào")),
                _ => return Err(self.refused("text before the first element", "có văn bản trước phần tử đầu tiên")),
            }
            is_first = false;
        }
    }

    /// The next child element of the element that is open; none at its end.
    pub fn child(&mut self) -> Result<Option<Element<'b>>, Refusal> {
        loop {
            match self.next()? {
                Event::Start(start) => return self.opened(start).map(Some),
                Event::End(_) => {
                    self.depth -= 1;
                    return Ok(None);
                }
                Event::Comment(_) | Event::PI(_) => {}
                Event::Text(text) if is_blank(&text) => {}
                Event::Eof => return Err(self.refused("ends too early", "kết thúc quá sớm")),
                _ => return Err(self.refused("text between elements", "có văn bản giữa các phần tử")),
            }
        }
    }

    /// The text of the element that is open, to its end; elements inside make it no value.
    pub fn value(&mut self) -> Result<Raw, Refusal> {
        let mut content = String::new();
        let mut has_elements = false;
        loop {
            match self.next()? {
                Event::Text(text) => content.push_str(&text.xml10_content()),
                Event::CData(text) => content.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => self.resolve(&reference, &mut content)?,
                Event::Comment(_) | Event::PI(_) => {}
                Event::Start(start) => {
                    let inner = self.opened(start)?;
                    self.skip(&inner)?;
                    has_elements = true;
                }
                Event::End(_) => break,
                _ => return Err(self.refused("ends too early", "kết thúc quá sớm")),
            }
        }
        self.depth -= 1;
        Ok(if has_elements { Raw::Wrong(Shape::Object) } else { Raw::Lexical(content) })
    }

    fn resolve(&self, reference: &BytesRef<'_>, content: &mut String) -> Result<(), Refusal> {
        let undeclared = || self.refused("an entity that is not declared", "thực thể chưa được khai báo");
        match reference.resolve_char_ref() {
            Ok(Some(c)) if is_xml_char(c) => content.push(c),
            Ok(None) => content.push_str(resolve_predefined_entity(reference).ok_or_else(undeclared)?),
            _ => return Err(self.refused("a character that XML forbids", "ký tự không được phép")),
        }
        Ok(())
    }

    /// Reads the element that is open to its end and forgets it.
    pub fn skip(&mut self, element: &Element<'b>) -> Result<(), Refusal> {
        self.attributes(element, |_, _, _| {})?;
        let mut open = 1usize;
        while open > 0 {
            match self.next()? {
                Event::Start(start) => {
                    let inner = self.opened(start)?;
                    self.attributes(&inner, |_, _, _| {})?;
                    open += 1;
                }
                Event::End(_) => {
                    self.depth -= 1;
                    open -= 1;
                }
                Event::GeneralRef(reference) => self.resolve(&reference, &mut String::new())?,
                Event::Eof | Event::Decl(_) => return Err(self.refused("ends too early", "kết thúc quá sớm")),
                _ => {}
            }
        }
        Ok(())
    }

    /// The attributes of an element but for namespace declarations: whether it has a prefix, its local name, its value.
    pub fn attributes(
        &self,
        element: &Element<'_>,
        mut take: impl FnMut(Option<&str>, &str, String),
    ) -> Result<(), Refusal> {
        if element.start.attributes_raw().trim().is_empty() {
            return Ok(());
        }
        let bad =
            || self.refused("an attribute is not well-formed or stands twice", "thuộc tính sai cấu trúc hoặc lặp lại");
        for (place, attribute) in element.start.attributes().enumerate() {
            let attribute = attribute.ok().filter(|_| place < ATTRIBUTES_MAX).ok_or_else(bad)?;
            if attribute.value.contains('<') {
                return Err(bad());
            }
            let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(|_| bad())?;
            if !value.chars().all(is_xml_char) {
                return Err(bad());
            }
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            let namespace = match self.reader.resolver().resolve_attribute(attribute.key).0 {
                ResolveResult::Bound(namespace) => Some(namespace.0.to_owned()),
                ResolveResult::Unbound => None,
                ResolveResult::Unknown(_) => return Err(bad()),
            };
            take(namespace.as_deref(), attribute.key.local_name().into_inner(), value.into_owned());
        }
        Ok(())
    }

    /// Refuses an element that stands twice.
    pub fn twice(&self) -> Refusal {
        self.refused("an element stands twice", "một phần tử lặp lại")
    }

    /// Nothing but comments may follow the root.
    pub fn end(&mut self) -> Result<(), Refusal> {
        loop {
            match self.next()? {
                Event::Eof => return Ok(()),
                Event::Comment(_) | Event::PI(_) => {}
                Event::Text(text) if is_blank(&text) => {}
                _ => return Err(self.refused("something follows the last element", "còn nội dung sau phần tử cuối")),
            }
        }
    }
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'))
}

fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
