//! A manifest in JSON, read member by member straight into the draft: no tree of the whole is built.

use super::json::{Name, Names, Scalar, deeper, read_with};
use super::members::{self, HeaderMember, LineMember, PartyMember};
use super::too_many;
use crate::domain::field::Part;
use crate::domain::manifest::{Draft, HeaderField, LineDraft, LineField, PaperDraft};
use crate::domain::problem::{Code, Problem, Refusal};
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

pub(super) fn read(text: &str, lines_max: usize) -> Result<Draft, Refusal> {
    let mut target = Manifest { draft: Draft::default(), lines_max, overflow: false };
    let read = read_with(text, Group { target: &mut target, depth: 0 });
    if target.overflow {
        return Err(too_many(lines_max));
    }
    match read? {
        Part::Present => Ok(target.draft),
        _ => Ok(Draft::refused(vec![Problem::error(
            Code::FieldInvalid,
            "",
            "the body must be a JSON object",
            "nội dung phải là một đối tượng JSON",
        )])),
    }
}

/// Something whose members are read one by one.
trait Members<'de> {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, object: &mut A, depth: usize) -> Result<(), A::Error>;
}

/// Something whose items are read one by one.
trait Items<'de> {
    /// Reads the next item; false at the end.
    fn item<A: SeqAccess<'de>>(&mut self, list: &mut A, depth: usize) -> Result<bool, A::Error>;
}

/// Reads an object into its target; anything else is told as the wrong shape.
struct Group<'a, T> {
    target: &'a mut T,
    depth: usize,
}

/// Reads an array into its target.
struct List<'a, T> {
    target: &'a mut T,
    depth: usize,
}

macro_rules! other_shapes {
    ($($visit:ident: $type:ty),*) => {
        $(fn $visit<E: de::Error>(self, _: $type) -> Result<Part, E> {
            Ok(Part::Wrong)
        })*
        fn visit_unit<E: de::Error>(self) -> Result<Part, E> {
            Ok(Part::Wrong)
        }
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a value")
        }
    };
}

impl<'de, T: Members<'de>> DeserializeSeed<'de> for Group<'_, T> {
    type Value = Part;
    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Part, D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de, T: Members<'de>> Visitor<'de> for Group<'_, T> {
    type Value = Part;
    other_shapes!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Part, A::Error> {
        Scalar { depth: self.depth }.visit_seq(list).map(|_| Part::Wrong)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Part, A::Error> {
        let depth = deeper(self.depth)?;
        let mut names = Names::default();
        while let Some(name) = object.next_key_seed(Name)? {
            names.note(&name)?;
            self.target.member(&name, &mut object, depth)?;
        }
        Ok(Part::Present)
    }
}

impl<'de, T: Items<'de>> DeserializeSeed<'de> for List<'_, T> {
    type Value = Part;
    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Part, D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de, T: Items<'de>> Visitor<'de> for List<'_, T> {
    type Value = Part;
    other_shapes!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Part, A::Error> {
        let depth = deeper(self.depth)?;
        while self.target.item(&mut list, depth)? {}
        Ok(Part::Present)
    }
    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Part, A::Error> {
        Scalar { depth: self.depth }.visit_map(object).map(|_| Part::Wrong)
    }
}

struct Manifest {
    draft: Draft,
    lines_max: usize,
    overflow: bool,
}

impl<'de> Members<'de> for Manifest {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, object: &mut A, depth: usize) -> Result<(), A::Error> {
        match members::header_member(name) {
            Some(HeaderMember::Value(field)) => {
                let raw = object.next_value_seed(Scalar { depth })?;
                self.draft.header.set(field.place(), raw);
            }
            Some(HeaderMember::Totals) => {
                self.draft.totals = object.next_value_seed(Group { target: &mut Totals(&mut self.draft), depth })?;
            }
            Some(HeaderMember::Lines) => {
                self.draft.lines_part = object.next_value_seed(List { target: self, depth })?;
            }
            None => {
                self.draft.note_unknown("", name);
                object.next_value_seed(Scalar { depth })?;
            }
        }
        Ok(())
    }
}

impl<'de> Items<'de> for Manifest {
    fn item<A: SeqAccess<'de>>(&mut self, list: &mut A, depth: usize) -> Result<bool, A::Error> {
        let mut line = LineDraft::default();
        let Some(part) = list.next_element_seed(Group { target: &mut line, depth })? else { return Ok(false) };
        if self.draft.lines.len() >= self.lines_max {
            self.overflow = true;
            return Err(de::Error::custom("too many lines"));
        }
        if part == Part::Wrong {
            line.fault = Some(Problem::error(
                Code::FieldInvalid,
                "",
                "a line must be an object",
                "mỗi dòng phải là một đối tượng",
            ));
        }
        self.draft.lines.push(line);
        Ok(true)
    }
}

struct Totals<'a>(&'a mut Draft);

impl<'de> Members<'de> for Totals<'_> {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, object: &mut A, depth: usize) -> Result<(), A::Error> {
        let raw = object.next_value_seed(Scalar { depth })?;
        match members::totals_member(name) {
            Some(field) => self.0.header.set(HeaderField::place(field), raw),
            None => self.0.note_unknown("totals.", name),
        }
        Ok(())
    }
}

impl<'de> Members<'de> for LineDraft {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, object: &mut A, depth: usize) -> Result<(), A::Error> {
        match members::line_member(name) {
            Some(LineMember::Value(field)) => {
                let raw = object.next_value_seed(Scalar { depth })?;
                self.values.set(field.place(), raw);
            }
            Some(LineMember::Party) => {
                self.party = object.next_value_seed(Group { target: &mut Party(self), depth })?;
            }
            Some(LineMember::Papers) => {
                self.papers_part = object.next_value_seed(List { target: &mut Papers(self), depth })?;
            }
            None => {
                self.note_unknown("", name);
                object.next_value_seed(Scalar { depth })?;
            }
        }
        Ok(())
    }
}

struct Party<'a>(&'a mut LineDraft);

impl<'de> Members<'de> for Party<'_> {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, object: &mut A, depth: usize) -> Result<(), A::Error> {
        match members::party_member(name) {
            Some(PartyMember::Value(field)) => {
                let raw = object.next_value_seed(Scalar { depth })?;
                self.0.values.set(field.place(), raw);
            }
            Some(PartyMember::Address) => {
                self.0.address = object.next_value_seed(Group { target: &mut Address(self.0), depth })?;
            }
            None => {
                self.0.note_unknown("party.", name);
                object.next_value_seed(Scalar { depth })?;
            }
        }
        Ok(())
    }
}

struct Address<'a>(&'a mut LineDraft);

impl<'de> Members<'de> for Address<'_> {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, object: &mut A, depth: usize) -> Result<(), A::Error> {
        let raw = object.next_value_seed(Scalar { depth })?;
        match members::address_member(name) {
            Some(field) => self.0.values.set(LineField::place(field), raw),
            None => self.0.note_unknown("party.address.", name),
        }
        Ok(())
    }
}

struct Papers<'a>(&'a mut LineDraft);

impl<'de> Items<'de> for Papers<'_> {
    fn item<A: SeqAccess<'de>>(&mut self, list: &mut A, depth: usize) -> Result<bool, A::Error> {
        let prefix = format!("papers[{}].", self.0.papers.len());
        let mut paper = Paper { draft: PaperDraft::default(), line: self.0, prefix };
        let Some(part) = list.next_element_seed(Group { target: &mut paper, depth })? else { return Ok(false) };
        let mut draft = paper.draft;
        draft.wrong = part == Part::Wrong;
        self.0.push_paper(draft);
        Ok(true)
    }
}

struct Paper<'a> {
    draft: PaperDraft,
    line: &'a mut LineDraft,
    prefix: String,
}

impl<'de> Members<'de> for Paper<'_> {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, object: &mut A, depth: usize) -> Result<(), A::Error> {
        let raw = object.next_value_seed(Scalar { depth })?;
        match members::paper_member(name) {
            Some(field) => self.draft.values.set(field.place(), raw),
            None => self.line.note_unknown(&self.prefix, name),
        }
        Ok(())
    }
}
