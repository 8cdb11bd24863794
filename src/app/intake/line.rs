//! An intake as the line of a manifest that a system would send: the same rules check it, and the same words tell what is wrong.

use crate::app::intake::{CountedPaper, Intake, Signed};
use crate::app::people::directory::{PaperOfList, Procedure};
use crate::base::time::Ts;
use crate::domain::consignment::RECEIPT_CHARS_MAX;
use crate::domain::field::{Part, Raw};
use crate::domain::intake::shift_of;
use crate::domain::leg::{LegKind, Side};
use crate::domain::manifest::{
    Checked, Draft, HeaderField, LineDraft, LineField, PaperDraft, PaperField, PaperKind, Values, check,
};
use crate::domain::problem::{Code, Problem};

/// What the office adds to what the person said.
pub(super) struct Terms<'a> {
    pub post_office_code: &'a str,
    pub manifest_no: &'a str,
    pub line_no: u32,
    pub note_no: String,
    pub procedure_name: Option<&'a str>,
    pub occurred_at: Ts,
    /// The end of the promise; none when the calendar does not reach so far.
    pub due_at: Option<Ts>,
}

/// The line, checked by the rules of manifests.
pub(super) fn checked(input: &Intake, terms: &Terms<'_>) -> Checked {
    let papers = papers(input);
    let sum = |kind: PaperKind| -> i64 {
        papers.iter().filter(|(of, _, _)| *of == kind).fold(0, |sum, (_, _, sheets)| sum.saturating_add(*sheets))
    };
    let (date, shift) = shift_of(terms.occurred_at);
    let mut header = Values::default();
    for (field, raw) in [
        (HeaderField::ManifestNo, text(terms.manifest_no)),
        (HeaderField::LegKind, text(LegKind::Intake.as_str())),
        (HeaderField::AgencyCode, text(&input.agency_code)),
        (HeaderField::PostOfficeCode, text(terms.post_office_code)),
        (HeaderField::ShiftDate, Raw::Text(date.to_string())),
        (HeaderField::Shift, Raw::Integer(i64::from(shift))),
        (HeaderField::TotalLines, Raw::Integer(1)),
        (HeaderField::TotalOriginals, Raw::Integer(sum(PaperKind::Original))),
        (HeaderField::TotalCopies, Raw::Integer(sum(PaperKind::Copy))),
        (HeaderField::TotalFee, Raw::Integer(input.fee.max(0))),
    ] {
        header.set(field.place(), raw);
    }
    let draft = Draft {
        header,
        totals: Part::Present,
        lines_part: Part::Present,
        lines: vec![line(input, terms, &papers)],
        ..Draft::default()
    };
    check(draft, Side::Post, None)
}

fn line(input: &Intake, terms: &Terms<'_>, papers: &[(PaperKind, &str, i64)]) -> LineDraft {
    let sender = &input.sender;
    let mut line =
        LineDraft { party: Part::Present, address: Part::Present, papers_part: Part::Present, ..LineDraft::default() };
    for (field, raw) in [
        (LineField::LineNo, Raw::Integer(i64::from(terms.line_no))),
        (LineField::ConsignmentNoteNo, text(&terms.note_no)),
        (LineField::DossierNo, optional(input.dossier_no.as_deref())),
        (LineField::SupplementNo, input.supplement_no.map_or(Raw::Absent, |number| Raw::Integer(i64::from(number)))),
        (LineField::ProcedureCode, text(&input.procedure_code)),
        (LineField::ProcedureName, optional(terms.procedure_name)),
        (LineField::PartyName, text(&sender.name)),
        (LineField::PartyPhone, optional(sender.phone.as_deref())),
        (LineField::PartyEmail, optional(sender.email.as_deref())),
        (LineField::AddressText, text(&sender.address)),
        (LineField::FeeToCollect, Raw::Integer(input.fee)),
        (LineField::ItemNumber, optional(input.item_number.as_deref())),
        (LineField::SealNo, optional(input.seal_no.as_deref())),
        (LineField::Note, optional(input.note.as_deref())),
        (LineField::DueAt, terms.due_at.map_or(Raw::Absent, |due_at| Raw::Text(due_at.to_rfc3339()))),
        (LineField::AcceptedAt, Raw::Text(terms.occurred_at.to_rfc3339())),
    ] {
        line.values.set(field.place(), raw);
    }
    for (kind, name, sheets) in papers {
        let mut paper = PaperDraft::default();
        paper.values.set(PaperField::Name.place(), text(name));
        paper.values.set(PaperField::Kind.place(), text(kind.as_str()));
        paper.values.set(PaperField::Quantity.place(), Raw::Integer(*sheets));
        line.push_paper(paper);
    }
    line
}

/// Each paper once as originals and once as copies, as far as there are any, with the row that it was typed in.
fn papers_by_kind(input: &Intake) -> impl Iterator<Item = (usize, PaperKind, &str, i64)> {
    let rows = input.papers.iter().enumerate();
    let both = rows.flat_map(|(row, paper)| {
        let name = paper.name.as_str();
        [(row, PaperKind::Original, name, paper.originals), (row, PaperKind::Copy, name, paper.copies)]
    });
    both.filter(|(_, _, _, sheets)| *sheets != 0)
}

fn papers(input: &Intake) -> Vec<(PaperKind, &str, i64)> {
    papers_by_kind(input).map(|(_, kind, name, sheets)| (kind, name, sheets)).collect()
}

fn rows_of_papers(input: &Intake) -> Vec<usize> {
    papers_by_kind(input).map(|(row, ..)| row).collect()
}

fn text(value: &str) -> Raw {
    Raw::Text(value.to_owned())
}

fn optional(value: Option<&str>) -> Raw {
    value.map_or(Raw::Absent, text)
}

/// What is wrong by the rules of an intake alone.
pub(super) fn problems(input: &Intake, procedure: Option<&Procedure>) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut missing = |is_missing: bool, field: &str, en: &str, vi: &str| {
        if is_missing {
            found.push(Problem::error(Code::FieldMissing, field, en, vi));
        }
    };
    let receipt_no = input.receipt_no.as_deref().unwrap_or_default().trim();
    missing(
        input.fee > 0 && receipt_no.is_empty(),
        "receiptNo",
        "a fee needs the number of its receipt",
        "có thu lệ phí thì phải có số biên lai",
    );
    missing(
        input.sender_signature.as_ref().is_none_or(|signed| *signed == Signed::Account),
        "senderSignature",
        "the sender has to sign, here or on the printed note",
        "người gửi chưa ký: ký tại đây hoặc trên phiếu giấy",
    );
    missing(
        input.clerk_signature.as_ref().is_none_or(|signed| *signed == Signed::OnPaper),
        "clerkSignature",
        "the clerk has to sign: draw it, or sign with the account",
        "bưu điện chưa ký: vẽ chữ ký hoặc ký bằng PIN",
    );
    let mut wrong = |is_wrong: bool, field: &str, en: &str, vi: &str| {
        if is_wrong {
            found.push(Problem::error(Code::FieldInvalid, field, en, vi));
        }
    };
    wrong(
        procedure.is_none(),
        "procedureCode",
        "this agency has no such procedure in the directory",
        "danh mục của cơ quan này không có thủ tục đó",
    );
    wrong(
        input.fee == 0 && !receipt_no.is_empty(),
        "fee",
        "there is a receipt number, so there is an amount",
        "đã ghi số biên lai thì phải ghi số tiền",
    );
    wrong(receipt_no.chars().count() > RECEIPT_CHARS_MAX, "receiptNo", "at most 60 characters", "nhiều nhất 60 ký tự");
    found.extend(problems_of_papers(&input.papers, procedure.map(|known| known.papers.as_slice())));
    found
}

/// What is wrong with the rows of papers: each has a name of its own, and one beside the checklist is there, so it has sheets.
fn problems_of_papers(papers: &[CountedPaper], checklist: Option<&[PaperOfList]>) -> Vec<Problem> {
    let mut found = Vec::new();
    for (row, paper) in papers.iter().enumerate() {
        let name = folded(&paper.name);
        let mut wrong = |code, field: &str, en: &str, vi: &str| {
            found.push(Problem::error(code, format!("papers[{row}].{field}"), en, vi));
        };
        if name.is_empty() {
            let (en, vi) =
                ("name the paper that was added, or take its row off", "ghi tên giấy tờ thêm vào, hoặc bỏ dòng");
            wrong(Code::FieldMissing, "name", en, vi);
        } else if papers.iter().take(row).any(|before| folded(&before.name) == name) {
            let (en, vi) =
                ("this paper is on the list already: count it there", "giấy tờ này đã có dòng: đếm ở dòng đó");
            wrong(Code::FieldInvalid, "name", en, vi);
        } else if paper.originals == 0
            && paper.copies == 0
            && checklist.is_some_and(|list| list.iter().all(|known| folded(&known.name) != name))
        {
            let (en, vi) = ("count this paper, or take its row off", "đếm giấy tờ này, hoặc bỏ dòng");
            wrong(Code::FieldMissing, "originals", en, vi);
        }
    }
    found
}

/// A name as people compare it.
fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// What the contract finds wrong with the line. Its papers are counted by kind; here they are named by the row that was typed.
pub(super) fn problems_of_contract(input: &Intake, checked: &Checked) -> Vec<Problem> {
    let rows = rows_of_papers(input);
    let errors = checked.lines.iter().flat_map(|line| line.problems.clone()).filter(Problem::is_error);
    let at_rows = errors.map(|problem| {
        let place = problem.field.strip_prefix("papers[").and_then(|rest| rest.split_once(']'));
        let row = place.and_then(|(index, field)| Some((rows.get(index.parse::<usize>().ok()?)?, field)));
        match row {
            Some((row, field)) => Problem { field: format!("papers[{row}]{field}"), ..problem },
            None => problem,
        }
    });
    // A row without a name is told of once, in the words of a form.
    let unnamed = |problem: &Problem| {
        let row = problem.field.strip_prefix("papers[").and_then(|rest| rest.strip_suffix("].name"));
        row.and_then(|row| input.papers.get(row.parse::<usize>().ok()?))
            .is_some_and(|paper| paper.name.trim().is_empty())
    };
    at_rows.filter(|problem| !unnamed(problem)).collect()
}

/// A signature refers to a picture that nobody kept.
pub(super) fn picture_is_missing(of_sender: bool) -> Problem {
    let field = if of_sender { "senderSignature" } else { "clerkSignature" };
    Problem::error(Code::FieldInvalid, field, "the picture has not arrived", "chưa nhận được ảnh chữ ký")
}
