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
            names.note(name.clone())?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::leg::Side;
    use crate::domain::manifest::{Checked, check};
    use serde_json::{Value, json};

    fn sample() -> Value {
        serde_json::from_str(include_str!("../../schemas/examples/valid/manifest-result.json")).unwrap()
    }

    fn checked(body: &Value) -> Checked {
        check(read(&body.to_string(), 10).unwrap(), Side::Agency, None)
    }

    fn told(problems: &[Problem]) -> Vec<String> {
        problems.iter().map(|problem| format!("{} {}", problem.code.as_str(), problem.field)).collect()
    }

    fn header_problems(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut body = sample();
        change(&mut body);
        let checked = checked(&body);
        assert!(checked.lines.is_empty());
        told(&checked.header.unwrap_err())
    }

    fn line_problems(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut body = sample();
        change(&mut body["lines"][0]);
        let checked = checked(&body);
        assert!(checked.header.is_ok());
        told(&checked.lines[0].problems)
    }

    #[test]
    fn a_fault_in_the_header_is_answered_alone_in_the_order_of_the_table() {
        assert_eq!(header_problems(|body| *body = json!([])), ["FIELD_INVALID "]);
        assert_eq!(
            header_problems(|body| *body = json!({"lines": []})),
            [
                "FIELD_MISSING manifestNo",
                "FIELD_MISSING legKind",
                "FIELD_MISSING agencyCode",
                "FIELD_MISSING postOfficeCode",
                "FIELD_MISSING shiftDate",
                "FIELD_MISSING shift",
                "FIELD_MISSING totals",
            ]
        );
        let many = header_problems(|body| {
            body["lines"] = json!(null);
            body["totals"]["originals"] = json!("1");
            body["totals"]["sheets"] = json!(1);
            body["revision"] = json!(0);
            body["zeal"] = json!({"deep": [1, {"a": null}]});
        });
        assert_eq!(
            many,
            [
                "FIELD_INVALID revision",
                "FIELD_INVALID totals.originals",
                "FIELD_INVALID lines",
                "FIELD_UNKNOWN totals.sheets",
                "FIELD_UNKNOWN zeal"
            ]
        );
    }

    #[test]
    fn a_line_tells_every_fault_once_in_the_order_of_the_table() {
        let many = line_problems(|line| {
            *line = json!({"note": "", "papers": [{"kind": "COPY", "quantity": 1.0}, 7], "party": {"name": null, "phone": "", "address": []}, "lineNo": "1", "extra": 1});
        });
        assert_eq!(
            many,
            [
                "FIELD_INVALID lineNo",
                "FIELD_MISSING dossierNo",
                "FIELD_MISSING procedureCode",
                "FIELD_INVALID party.name",
                "PHONE_INVALID party.phone",
                "FIELD_INVALID party.address",
                "FIELD_MISSING papers[0].name",
                "FIELD_INVALID papers[0].quantity",
                "FIELD_INVALID papers[1]",
                "FIELD_INVALID note",
                "FIELD_UNKNOWN extra",
            ]
        );
        assert_eq!(line_problems(|line| *line = json!(null)), ["FIELD_INVALID "]);
        assert_eq!(line_problems(|line| line["papers"] = json!([])), ["FIELD_INVALID papers"]);
        assert_eq!(
            line_problems(|line| line["papers"] = vec![line["papers"][0].clone(); 51].into()),
            ["FIELD_INVALID papers"]
        );
        for amount in [
            json!(115000.0),
            json!(1.15e5),
            json!("115000"),
            json!(-1),
            json!(10_000_000_001_i64),
            json!(null),
            json!(true),
        ] {
            assert_eq!(line_problems(|line| line["feeToCollect"] = amount), ["FIELD_INVALID feeToCollect"]);
        }
        let long = |chars: usize| json!({"text": "ễ".repeat(chars)});
        assert!(line_problems(|line| line["party"]["address"] = long(400)).is_empty());
        assert_eq!(line_problems(|line| line["party"]["address"] = long(401)), ["FIELD_INVALID party.address.text"]);
    }

    #[test]
    fn a_number_stands_once_and_the_later_line_is_refused() {
        let mut body = sample();
        body["lines"][1] = body["lines"][0].clone();
        body["lines"][1]["dossierNo"] = json!("000.00.15.h32–261109–0007");
        body["lines"][1]["party"]["phone"] = json!("no");
        let checked = checked(&body);
        assert!(checked.lines[0].problems.is_empty());
        assert_eq!(
            told(&checked.lines[1].problems),
            ["DUPLICATE_IN_MANIFEST lineNo", "DUPLICATE_IN_MANIFEST dossierNo", "PHONE_INVALID party.phone"]
        );
    }

    #[test]
    fn a_sum_with_an_unreadable_number_in_it_is_not_compared() {
        let problems = |change: fn(&mut Value)| {
            let mut body = sample();
            body["totals"] = json!({"lines": 2, "originals": 9, "copies": 9, "feeToCollect": 9});
            change(&mut body["lines"][0]);
            told(&checked(&body).problems)
        };
        let (originals, copies, fee) = (
            "TOTALS_MISMATCH totals.originals",
            "TOTALS_MISMATCH totals.copies",
            "TOTALS_MISMATCH totals.feeToCollect",
        );
        assert_eq!(problems(|_| {}), [originals, copies, fee]);
        assert_eq!(problems(|line| line["party"] = json!(1)), [originals, copies, fee]);
        assert_eq!(problems(|line| line["feeToCollect"] = json!("1")), [originals, copies]);
        assert_eq!(problems(|line| line["papers"][0]["quantity"] = json!(0)), [copies, fee]);
        assert_eq!(problems(|line| line["papers"][0]["kind"] = json!("PHOTO")), [fee]);
        assert!(problems(|line| *line = json!(7)).is_empty());
    }

    #[test]
    fn reading_stops_at_the_limit() {
        let mut body = sample();
        body["lines"] = vec![body["lines"][0].clone(); 11].into();
        assert_eq!(read(&body.to_string(), 10).unwrap_err().code, Code::TooManyLines);
        body["lines"] = vec![body["lines"][0].clone(); 10].into();
        assert_eq!(read(&body.to_string(), 10).unwrap().lines.len(), 10);
    }

    #[test]
    fn warnings_come_with_a_line_that_is_taken() {
        let warned = line_problems(|line| {
            line["party"].as_object_mut().unwrap().remove("phone");
            line["party"]["name"] = json!("@Mẫu");
            line["itemNumber"] = json!("RR473124829GB");
        });
        assert_eq!(
            warned,
            ["TEXT_LIKE_FORMULA party.name", "PHONE_MISSING party.phone", "ITEM_NUMBER_FOREIGN itemNumber"]
        );
    }

    #[test]
    fn a_bad_number_is_not_also_a_repeated_one() {
        let mut body = sample();
        for line in body["lines"].as_array_mut().unwrap() {
            line["lineNo"] = json!(0);
            line["consignmentNoteNo"] = json!("PG 1");
        }
        let checked = checked(&body);
        assert_eq!(told(&checked.lines[1].problems), ["FIELD_INVALID lineNo", "FIELD_INVALID consignmentNoteNo"]);
        assert_eq!(checked.lines[1].line_no, Some(0));
    }

    #[test]
    fn a_catalogue_warns_and_never_refuses() {
        let catalogue = crate::domain::address::AddressCatalogue::new([("56", "22366")]);
        let mut body = sample();
        body["lines"][1]["party"]["address"]["communeCode"] = json!("20410");
        let checked = check(read(&body.to_string(), 10).unwrap(), Side::Agency, Some(&catalogue));
        assert!(checked.lines[0].problems.is_empty());
        assert_eq!(told(&checked.lines[1].problems), ["ADDRESS_UNRESOLVED party.address.communeCode"]);
        assert!(checked.lines[1].line.is_some());
    }

    #[test]
    fn an_intake_has_rules_of_its_own() {
        let intake = |sender: Side, change: fn(&mut Value)| {
            let text = include_str!("../../schemas/examples/valid/manifest-intake-from-post.json");
            let mut body: Value = serde_json::from_str(text).unwrap();
            change(&mut body["lines"][0]);
            told(&check(read(&body.to_string(), 10).unwrap(), sender, None).lines[0].problems)
        };
        assert!(intake(Side::Post, |_| {}).is_empty());
        assert_eq!(intake(Side::Agency, |_| {}), ["FIELD_NOT_ALLOWED acceptedAt"]);
        assert_eq!(intake(Side::Post, |line| line["supplementNo"] = json!(1)), ["FIELD_MISSING dossierNo"]);
        let second = intake(Side::Post, |line| {
            line["supplementNo"] = json!(2);
            line["dossierNo"] = json!("H32.15-261120-00499");
        });
        assert_eq!(second, ["SECOND_SUPPLEMENT supplementNo"]);
    }

    #[test]
    fn a_default_means_the_same_written_or_left_out() {
        let mut body = sample();
        body["revision"] = json!(1);
        body["lines"][1]["feeToCollect"] = json!(0);
        assert_eq!(checked(&body).digest, checked(&sample()).digest);
        body["revision"] = json!(2);
        assert_ne!(checked(&body).digest, checked(&sample()).digest);
    }

    #[test]
    fn the_problems_of_a_line_are_bounded_and_an_error_is_always_among_them() {
        let many = line_problems(|line| line["papers"] = vec![json!({}); 50].into());
        assert_eq!(many.len(), 20);
        let warned_first = line_problems(|line| {
            line["papers"] = vec![json!({"name": "=1", "kind": "COPY", "quantity": 1}); 50].into();
            line["note"] = json!(null);
            line["dueAt"] = json!("soon");
        });
        assert_eq!(warned_first.len(), 21);
        assert_eq!(warned_first.last().map(String::as_str), Some("FIELD_INVALID note"));
    }
}
