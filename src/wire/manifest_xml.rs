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
    let fault = match (root.is_ours, root.name()) {
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
        match members::header_member(name).filter(|_| child.is_ours) {
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
                draft.note_unknown("", name);
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
        draft.note_unknown("totals.", child.name());
        walk.skip(&child)?;
    }
    Ok(())
}

fn lines(walk: &mut Walk<'_>, draft: &mut Draft, lines_max: usize) -> Result<(), Refusal> {
    while let Some(child) = walk.child()? {
        if !(child.is_ours && child.name() == "line") {
            draft.note_unknown("lines.", child.name());
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
        let known = members::line_member(name).filter(|_| child.is_ours && name != LineField::LineNo.as_str());
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
                line.note_unknown("", name);
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
        match members::party_member(name).filter(|_| child.is_ours) {
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
                line.note_unknown("party.", name);
                walk.skip(&child)?;
            }
        }
    }
    Ok(())
}

fn papers(walk: &mut Walk<'_>, line: &mut LineDraft) -> Result<(), Refusal> {
    while let Some(child) = walk.child()? {
        if !(child.is_ours && child.name() == "paper") {
            line.note_unknown("papers.", child.name());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::leg::Side;
    use crate::domain::manifest::check;

    const HEAD: &str = "<manifestNo>BK-1</manifestNo><legKind>RESULT</legKind><agencyCode>H32.15</agencyCode>\
        <postOfficeCode>650100</postOfficeCode><shiftDate>2026-11-23</shiftDate><shift>1</shift>\
        <totals lines='1' originals='1' copies='0' feeToCollect='0'/>";
    const PARTY: &str =
        "<party><name>Nguyễn Thị Mẫu</name><phone>0900000041</phone><address>12 Trần Phú</address></party>";
    const PAPERS: &str = "<papers><paper kind='ORIGINAL' quantity='1'>Kết quả</paper></papers>";

    fn wrapped(head: &str, line: &str) -> String {
        format!("<manifest xmlns='{NAMESPACE}'>{head}<lines>{line}</lines></manifest>")
    }

    fn line(more: &str) -> String {
        format!(
            "<line no='1'><dossierNo>H32.15-261109-0007</dossierNo><procedureCode>1.005129</procedureCode>{PARTY}{PAPERS}{more}</line>"
        )
    }

    fn code(text: &str) -> Result<(), Code> {
        read(text, 10).map(|_| ()).map_err(|refusal| refusal.code)
    }

    /// Problems of the header, or else of the manifest and the first line.
    fn problems(text: &str) -> Vec<String> {
        let checked = check(read(text, 10).unwrap(), Side::Agency, None);
        let found = match checked.header {
            Err(problems) => problems,
            Ok(_) => [checked.problems, checked.lines[0].problems.clone()].concat(),
        };
        found.iter().map(|problem| format!("{} {}", problem.code.as_str(), problem.field)).collect()
    }

    #[test]
    fn a_sound_manifest_in_unusual_dress_is_taken() {
        let plain = wrapped(HEAD, &line("<note>Đỗ &lt;1&gt; &#x1EC5; &amp; &#7877;<!-- c --><![CDATA[<&>]]></note>"));
        assert!(problems(&plain).is_empty());
        let dressed = format!(
            "\n<?keep this?><!-- a -->{}<!-- z -->\n",
            plain.replace(
                "<manifest ",
                "<manifest xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:schemaLocation='a b' "
            )
        );
        assert!(problems(&dressed).is_empty());
        let note = |text: &str| check(read(text, 10).unwrap(), Side::Agency, None).lines[0].line.clone().unwrap().note;
        assert_eq!(note(&plain).as_deref(), Some("Đỗ <1> ễ & ễ<&>"));
    }

    #[test]
    fn what_is_not_well_formed_or_ambiguous_cannot_be_read() {
        let body = wrapped(HEAD, &line(""));
        for bad in [
            String::new(),
            "   ".to_owned(),
            "plain".to_owned(),
            body.replace("</lines>", ""),
            body.replace("<shift>1</shift>", "<shift>1</shift><shift>1</shift>"),
            body.replace(PARTY, &format!("{PARTY}{PARTY}")),
            body.replace(PAPERS, &format!("{PAPERS}{PAPERS}")),
            body.replace("<lines>", "<lines>text"),
            body.replace("<lines>", "<lines>&#32;"),
            body.replace("<lines>", "<lines><![CDATA[x]]>"),
            format!("{body}{body}"),
            format!("{body} x"),
            format!("x {body}"),
            body.replace("no='1'", "no='1' no='2'"),
            body.replace("no='1'", "no=1"),
            body.replace("no='1'", &(0..70).map(|n| format!(" a{n}='1'")).collect::<String>()),
            body.replace("no='1'", "no='<'"),
            body.replace("no='1'", "no='&who;'"),
            body.replace("BK-1", "&who;"),
            body.replace("BK-1", "&#0;"),
            body.replace("BK-1", "&#x1;"),
            body.replace("BK-1", "\u{1}"),
            body.replace("BK-1", "a & b"),
            body.replace("<lines>", "<lines><q:x/>"),
            body.replace("<lines>", "<lines><!-- a -- b -->"),
            body.replace("BK-1", &format!("{}{}", "<a>".repeat(40), "</a>".repeat(40))),
            format!("<?xml version='1.1'?>{body}"),
            format!(" <?xml version='1.0'?>{body}"),
        ] {
            assert_eq!(code(&bad), Err(Code::BodyNotReadable), "{bad}");
        }
    }

    #[test]
    fn a_dtd_is_refused_wherever_it_stands() {
        let body = wrapped(HEAD, &line(""));
        for bad in [
            format!("<!DOCTYPE manifest>{body}"),
            format!("<?xml version='1.0'?><!-- a --><!DOCTYPE m [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>{body}"),
            format!("<!DOCTYPE a [<!ENTITY b '&c;&c;'><!ENTITY c '&d;&d;'>]>{body}"),
        ] {
            assert_eq!(code(&bad), Err(Code::XmlDtdForbidden), "{bad}");
        }
    }

    #[test]
    fn the_namespace_decides_and_prefixes_do_not() {
        let body = wrapped(HEAD, &line(""));
        for bad in
            [body.replace(NAMESPACE, "urn:giaonhan:manifest:2"), body.replace(&format!(" xmlns='{NAMESPACE}'"), "")]
        {
            assert_eq!(problems(&bad), ["XML_NAMESPACE_UNKNOWN manifest"]);
        }
        assert_eq!(code(&body.replace(NAMESPACE, "urn:x").replace("</lines>", "</line>")), Err(Code::BodyNotReadable));
        let foreign = body.replace("<shift>1</shift>", "<shift>1</shift><shift xmlns='urn:x'>2</shift>");
        assert_eq!(problems(&foreign), ["FIELD_UNKNOWN shift"]);
        assert_eq!(
            problems(
                &body
                    .replace("manifest", "bangke")
                    .replace("urn:giaonhan:bangke", "urn:giaonhan:manifest")
                    .replace("bangkeNo", "manifestNo")
            ),
            ["FIELD_UNKNOWN manifest"]
        );
    }

    #[test]
    fn unknown_elements_and_attributes_are_named_by_their_place() {
        let body = wrapped(HEAD, &line("<note who='x'>a</note>"))
            .replace("<name>", "<cccd>1</cccd><name>")
            .replace("<address>", "<address ward='1'>")
            .replace("quantity='1'", "quantity='1' size='A4'");
        let expected = [
            "FIELD_UNKNOWN party.cccd",
            "FIELD_UNKNOWN party.address.ward",
            "FIELD_UNKNOWN papers[0].size",
            "FIELD_UNKNOWN note.who",
        ];
        assert_eq!(problems(&body), expected);
        assert_eq!(problems(&wrapped(HEAD, &line("<note><b>x</b></note>"))), ["FIELD_INVALID note"]);
        assert_eq!(problems(&wrapped(HEAD, &line("<note/>"))), ["FIELD_INVALID note"]);
        assert_eq!(problems(&wrapped(&format!("{HEAD}<extra/>"), &line(""))), ["FIELD_UNKNOWN extra"]);
    }

    #[test]
    fn reading_stops_at_the_limit() {
        let many = wrapped(HEAD, &line("").repeat(11));
        assert_eq!(code(&many), Err(Code::TooManyLines));
        assert_eq!(code(&many[..many.len() - 30]), Err(Code::TooManyLines));
    }
}
