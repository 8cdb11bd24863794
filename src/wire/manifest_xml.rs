//! A manifest in XML, read element by element straight into the draft (`schemas/manifest.xsd`).

use super::members::{self, HeaderMember, LineMember, PartyMember};
use super::too_many;
use super::xml::{Element, Walk};
use crate::domain::field::{Part, Raw};
use crate::domain::manifest::{Draft, LineDraft, LineField, PaperDraft, PaperField};
use crate::domain::problem::{Code, Problem, Refusal};

const NAMESPACE: &str = "urn:giaonhan:manifest:1";
const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

pub(super) fn read(text: &str, lines_max: usize) -> Result<Draft, Refusal> {
    let mut walk = Walk::new(text, NAMESPACE)?;
    let root = walk.root()?;
    let fault = match (root.is_ours, root.name().as_str()) {
        (true, "manifest") => None,
        (true, _) => Some((Code::FieldUnknown, "the root element must be manifest", "phần tử gốc phải là manifest")),
        (false, _) => Some((
            Code::XmlNamespaceUnknown,
            "the namespace must be urn:giaonhan:manifest:1",
            "không gian tên phải là urn:giaonhan:manifest:1",
        )),
    };
    let draft = match fault {
        Some((code, en, vi)) => {
            walk.skip(&root)?;
            Draft::refused(vec![Problem::error(code, "manifest", en, vi)])
        }
        None => manifest(&mut walk, &root, lines_max)?,
    };
    walk.end()?;
    Ok(draft)
}

/// Notes attributes that have no business there; `xml:` ones never do.
fn no_attributes(walk: &Walk<'_>, element: &Element<'_>, mut unknown: impl FnMut(&str)) -> Result<(), Refusal> {
    walk.attributes(element, |_, name, _| unknown(name))
}

fn manifest<'b>(walk: &mut Walk<'b>, root: &Element<'b>, lines_max: usize) -> Result<Draft, Refusal> {
    let mut draft = Draft::default();
    walk.attributes(root, |namespace, name, _| {
        // Editors write xsi:schemaLocation; nothing is fetched for it.
        if namespace != Some(SCHEMA_INSTANCE) {
            draft.note_unknown("", name);
        }
    })?;
    while let Some(child) = walk.child()? {
        let name = child.name();
        match members::header_member(&name).filter(|_| child.is_ours) {
            Some(HeaderMember::Value(field)) => {
                if !draft.header.get(field.place()).is_absent() {
                    return Err(walk.twice());
                }
                no_attributes(walk, &child, |attribute| draft.note_unknown(&format!("{name}."), attribute))?;
                draft.header.set(field.place(), walk.value()?);
            }
            Some(HeaderMember::Totals) => {
                once(walk, &mut draft.totals)?;
                totals(walk, &child, &mut draft)?;
            }
            Some(HeaderMember::Lines) => {
                once(walk, &mut draft.lines_part)?;
                no_attributes(walk, &child, |attribute| draft.note_unknown("lines.", attribute))?;
                lines(walk, &mut draft, lines_max)?;
            }
            None => {
                draft.note_unknown("", &name);
                walk.skip(&child)?;
            }
        }
    }
    Ok(draft)
}

fn once(walk: &Walk<'_>, part: &mut Part) -> Result<(), Refusal> {
    match part {
        Part::Absent => {
            *part = Part::Present;
            Ok(())
        }
        _ => Err(walk.twice()),
    }
}

fn totals<'b>(walk: &mut Walk<'b>, element: &Element<'b>, draft: &mut Draft) -> Result<(), Refusal> {
    walk.attributes(element, |namespace, name, value| {
        match members::totals_member(name).filter(|_| namespace.is_none()) {
            Some(field) => draft.header.set(field.place(), Raw::Lexical(value)),
            None => draft.note_unknown("totals.", name),
        }
    })?;
    while let Some(child) = walk.child()? {
        draft.note_unknown("totals.", &child.name());
        walk.skip(&child)?;
    }
    Ok(())
}

fn lines(walk: &mut Walk<'_>, draft: &mut Draft, lines_max: usize) -> Result<(), Refusal> {
    while let Some(child) = walk.child()? {
        if !(child.is_ours && child.name() == "line") {
            draft.note_unknown("lines.", &child.name());
            walk.skip(&child)?;
            continue;
        }
        if draft.lines.len() >= lines_max {
            return Err(too_many(lines_max));
        }
        let line = line(walk, &child)?;
        draft.lines.push(line);
    }
    Ok(())
}

fn line<'b>(walk: &mut Walk<'b>, element: &Element<'b>) -> Result<LineDraft, Refusal> {
    let mut line = LineDraft::default();
    walk.attributes(element, |namespace, name, value| match (namespace, name) {
        (None, "no") => line.values.set(LineField::LineNo.place(), Raw::Lexical(value)),
        _ => line.note_unknown("", name),
    })?;
    while let Some(child) = walk.child()? {
        let name = child.name();
        // The number of a line is an attribute here and nothing else.
        let known = members::line_member(&name).filter(|_| child.is_ours && name != LineField::LineNo.as_str());
        match known {
            Some(LineMember::Value(field)) => value(walk, &child, &mut line, field)?,
            Some(LineMember::Party) => {
                once(walk, &mut line.party)?;
                no_attributes(walk, &child, |attribute| line.note_unknown("party.", attribute))?;
                party(walk, &mut line)?;
            }
            Some(LineMember::Papers) => {
                once(walk, &mut line.papers_part)?;
                no_attributes(walk, &child, |attribute| line.note_unknown("papers.", attribute))?;
                papers(walk, &mut line)?;
            }
            None => {
                line.note_unknown("", &name);
                walk.skip(&child)?;
            }
        }
    }
    Ok(line)
}

fn value<'b>(
    walk: &mut Walk<'b>,
    element: &Element<'b>,
    line: &mut LineDraft,
    field: LineField,
) -> Result<(), Refusal> {
    if !line.values.get(field.place()).is_absent() {
        return Err(walk.twice());
    }
    no_attributes(walk, element, |attribute| line.note_unknown(&format!("{field}."), attribute))?;
    line.values.set(field.place(), walk.value()?);
    Ok(())
}

fn party(walk: &mut Walk<'_>, line: &mut LineDraft) -> Result<(), Refusal> {
    while let Some(child) = walk.child()? {
        let name = child.name();
        match members::party_member(&name).filter(|_| child.is_ours) {
            Some(PartyMember::Value(field)) => value(walk, &child, line, field)?,
            Some(PartyMember::Address) => {
                once(walk, &mut line.address)?;
                walk.attributes(&child, |namespace, name, value| {
                    let known = members::address_member(name).filter(|field| *field != LineField::AddressText);
                    match known.filter(|_| namespace.is_none()) {
                        Some(field) => line.values.set(field.place(), Raw::Lexical(value)),
                        None => line.note_unknown("party.address.", name),
                    }
                })?;
                line.values.set(LineField::AddressText.place(), walk.value()?);
            }
            None => {
                line.note_unknown("party.", &name);
                walk.skip(&child)?;
            }
        }
    }
    Ok(())
}

fn papers(walk: &mut Walk<'_>, line: &mut LineDraft) -> Result<(), Refusal> {
    while let Some(child) = walk.child()? {
        if !(child.is_ours && child.name() == "paper") {
            line.note_unknown("papers.", &child.name());
            walk.skip(&child)?;
            continue;
        }
        let mut paper = PaperDraft::default();
        let index = line.papers.len();
        walk.attributes(&child, |namespace, name, value| {
            let known = members::paper_member(name).filter(|field| *field != PaperField::Name);
            match known.filter(|_| namespace.is_none()) {
                Some(field) => paper.values.set(field.place(), Raw::Lexical(value)),
                None => line.note_unknown(&format!("papers[{index}]."), name),
            }
        })?;
        paper.values.set(PaperField::Name.place(), walk.value()?);
        line.push_paper(paper);
    }
    Ok(())
}
