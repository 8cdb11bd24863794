//! Checks one line of a manifest, in the order of the contract's table.

use super::{
    Address, CheckedLine, Line, LineDraft, LineField, PAPERS_MAX, Paper, PaperDraft, PaperField, PaperKind, Party,
};
use crate::base::text::looks_like_formula;
use crate::domain::address::AddressCatalogue;
use crate::domain::field::{self, At, Fault, Gathering, Part, Raw};
use crate::domain::identifier::{ConsignmentNoteNo, DossierNo, ItemGrade, ItemNumber, Phone, ProcedureCode};
use crate::domain::leg::{LegKind, Side};
use crate::domain::meaning::Meaning;
use crate::domain::problem::Code;

/// Problems kept of one line: 10 000 lines of 50 empty papers each fit a small body.
const PROBLEMS_MAX: usize = 20;
const LINE_NO_MAX: u32 = 999_999;
const SUPPLEMENT_MAX: u32 = 9;
const QUANTITY_MAX: u32 = 999;
const NAME_CHARS_MAX: usize = 200;
const ADDRESS_CHARS_MAX: usize = 400;
const EMAIL_CHARS_MAX: usize = 254;
const SEAL_CHARS_MAX: usize = 40;
const LONG_CHARS_MAX: usize = 500;

/// What a line needs to know about its manifest.
pub(super) struct About<'a> {
    pub kind: LegKind,
    pub sender: Side,
    pub catalogue: Option<&'a AddressCatalogue>,
}

/// Sums over the lines; a sum is none as soon as one number in it cannot be read.
#[derive(Debug)]
pub(super) struct Sums {
    pub lines: u64,
    pub originals: Option<u64>,
    pub copies: Option<u64>,
    pub fee: Option<u64>,
}

impl Default for Sums {
    fn default() -> Self {
        Sums { lines: 0, originals: Some(0), copies: Some(0), fee: Some(0) }
    }
}

fn add(sum: &mut Option<u64>, number: Option<u64>) {
    *sum = sum.zip(number).and_then(|(sum, number)| sum.checked_add(number));
}

/// A line under examination.
struct Examined<'d, 'm> {
    sent: &'d LineDraft,
    seen: Gathering<'m>,
}

impl Examined<'_, '_> {
    fn raw(&self, field: LineField) -> &Raw {
        self.sent.values.get(field.place())
    }

    fn required<T: crate::domain::meaning::Canonical>(
        &mut self,
        field: LineField,
        rule: impl FnOnce(&Raw) -> Result<T, Fault>,
    ) -> Option<T> {
        self.seen.required(At::Field(field.as_str()), self.sent.values.get(field.place()), rule)
    }

    fn optional<T: crate::domain::meaning::Canonical>(
        &mut self,
        field: LineField,
        rule: impl FnOnce(&Raw) -> Result<T, Fault>,
    ) -> Option<T> {
        self.seen.optional(At::Field(field.as_str()), self.sent.values.get(field.place()), rule)
    }

    fn either<T: crate::domain::meaning::Canonical>(
        &mut self,
        is_required: bool,
        field: LineField,
        rule: impl FnOnce(&Raw) -> Result<T, Fault>,
    ) -> Option<T> {
        if is_required { self.required(field, rule) } else { self.optional(field, rule) }
    }

    fn warn(&mut self, code: Code, field: LineField) {
        self.seen.warn(code, At::Field(field.as_str()));
    }

    /// Text for people; a spreadsheet may take it for a formula, which is told.
    fn free_text(&mut self, is_required: bool, field: LineField, max: usize) -> Option<String> {
        let text = self.either(is_required, field, |raw| field::text(raw, max));
        if text.as_deref().is_some_and(looks_like_formula) {
            self.warn(Code::TextLikeFormula, field);
        }
        text
    }
}

pub(super) fn check_line(
    index: u32,
    sent: &LineDraft,
    about: &About<'_>,
    meaning: &mut Meaning,
    sums: &mut Sums,
) -> CheckedLine {
    use LineField as F;
    meaning.put(At::Field("line"), &index);
    sums.lines += 1;
    if let Some(fault) = &sent.fault {
        *sums = Sums { lines: sums.lines, originals: None, copies: None, fee: None };
        meaning.put(At::Field("fault"), &fault.code.as_str());
        return CheckedLine { index, line_no: None, dossier_no: None, line: None, problems: vec![fault.clone()] };
    }
    let mut line = Examined { sent, seen: Gathering::new(meaning, PROBLEMS_MAX) };
    let line_no = line.required(F::LineNo, |raw| field::count(raw, 1, LINE_NO_MAX));
    let consignment_note_no = line.either(about.kind == LegKind::Intake, F::ConsignmentNoteNo, |raw| {
        field::parsed(raw, Code::FieldInvalid, |text| ConsignmentNoteNo::parse(text).map(String::from))
    });
    if consignment_note_no.as_deref().is_some_and(looks_like_formula) {
        line.warn(Code::TextLikeFormula, F::ConsignmentNoteNo);
    }
    let dossier_needed = about.kind == LegKind::Result || !line.raw(F::SupplementNo).is_absent();
    let dossier_no = line
        .either(dossier_needed, F::DossierNo, |raw| field::parsed(raw, Code::DossierNumberInvalid, DossierNo::parse));
    let supplement_no = supplement(&mut line, about.kind);
    let procedure_code = line.required(F::ProcedureCode, |raw| {
        field::parsed(raw, Code::FieldInvalid, |text| ProcedureCode::parse(text).map(String::from))
    });
    let procedure_name = line.free_text(false, F::ProcedureName, LONG_CHARS_MAX);
    let party = party(&mut line, about.catalogue);
    let papers = papers(&mut line, sums);
    let fee_field = At::Field(F::FeeToCollect.as_str());
    let fee_to_collect = line.seen.defaulted(fee_field, sent.values.get(F::FeeToCollect.place()), 0, field::money);
    add(&mut sums.fee, fee_to_collect.and_then(|fee| u64::try_from(fee).ok()));
    let item_number = item_number(&mut line);
    let seal_no = line.free_text(false, F::SealNo, SEAL_CHARS_MAX);
    let note = line.free_text(false, F::Note, LONG_CHARS_MAX);
    let due_at = line.optional(F::DueAt, field::instant);
    let accepted_at = accepted_at(&mut line, about);
    line.seen.unknown(&sent.unknown);

    let refused = line.seen.has_error();
    let build = || {
        Some(Line {
            line_no: line_no?,
            consignment_note_no,
            dossier_no: dossier_no.clone(),
            supplement_no,
            procedure_code: procedure_code?,
            procedure_name,
            party: party?,
            papers: papers?,
            fee_to_collect: fee_to_collect?,
            item_number,
            seal_no,
            note,
            due_at,
            accepted_at,
        })
    };
    let built = if refused { None } else { build() };
    CheckedLine {
        index,
        line_no: sent.values.get(F::LineNo.place()).as_integer(),
        dossier_no,
        line: built,
        problems: line.seen.problems,
    }
}

fn supplement(line: &mut Examined<'_, '_>, kind: LegKind) -> Option<u8> {
    let field = LineField::SupplementNo;
    if kind == LegKind::Result {
        let raw = line.sent.values.get(field.place());
        line.seen.forbidden(
            At::Field(field.as_str()),
            raw,
            "a supplement is an intake: leave it out of a RESULT manifest",
            "bổ sung là chặng thu gom: không ghi ở bảng kê trả kết quả",
        );
        return None;
    }
    let number = line.optional(field, |raw| field::count(raw, 1, SUPPLEMENT_MAX))?;
    // Asking the citizen twice for papers is what NĐ 118 wants to end; it happens, so it is told.
    if number >= 2 {
        line.warn(Code::SecondSupplement, field);
    }
    u8::try_from(number).ok()
}

fn party(line: &mut Examined<'_, '_>, catalogue: Option<&AddressCatalogue>) -> Option<Party> {
    use LineField as F;
    if !line.seen.part(At::Field("party"), line.sent.party) {
        return None;
    }
    let name = line.free_text(true, F::PartyName, NAME_CHARS_MAX);
    let phone = line.optional(F::PartyPhone, |raw| field::parsed(raw, Code::PhoneInvalid, Phone::parse));
    if line.raw(F::PartyPhone).is_absent() {
        line.warn(Code::PhoneMissing, F::PartyPhone);
    }
    if phone.as_ref().is_some_and(Phone::is_old_form) {
        line.warn(Code::PhoneOldForm, F::PartyPhone);
    }
    let email = line.optional(F::PartyEmail, email);
    if email.as_deref().is_some_and(looks_like_formula) {
        line.warn(Code::TextLikeFormula, F::PartyEmail);
    }
    let address = address(line, catalogue);
    Some(Party { name: name?, phone: phone.map(String::from), email, address: address? })
}

fn email(raw: &Raw) -> Result<String, Fault> {
    let text = field::text(raw, EMAIL_CHARS_MAX)?;
    let mut halves = text.split('@');
    let ok = matches!((halves.next(), halves.next(), halves.next()), (Some(user), Some(host), None) if !user.is_empty() && !host.is_empty())
        && !text.contains(char::is_whitespace);
    if ok {
        Ok(text)
    } else {
        Err(Fault::invalid("is no e-mail address", "không phải địa chỉ thư điện tử"))
    }
}

fn address(line: &mut Examined<'_, '_>, catalogue: Option<&AddressCatalogue>) -> Option<Address> {
    use LineField as F;
    if !line.seen.part(At::Field("party.address"), line.sent.address) {
        return None;
    }
    let text = line.free_text(true, F::AddressText, ADDRESS_CHARS_MAX);
    let province_code = line.optional(F::ProvinceCode, |raw| digits(raw, 2));
    let commune_code = line.optional(F::CommuneCode, |raw| digits(raw, 5));
    if let Some(code) = catalogue.and_then(|all| all.lacks(province_code.as_deref(), commune_code.as_deref())) {
        let field = if code == "provinceCode" { F::ProvinceCode } else { F::CommuneCode };
        line.warn(Code::AddressUnresolved, field);
    }
    Some(Address { text: text?, province_code, commune_code })
}

fn digits(raw: &Raw, length: usize) -> Result<String, Fault> {
    let text = field::text(raw, ADDRESS_CHARS_MAX)?;
    if text.len() == length && text.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(text);
    }
    Err(Fault::invalid(format!("must be {length} digits"), format!("phải gồm {length} chữ số")))
}

fn item_number(line: &mut Examined<'_, '_>) -> Option<ItemNumber> {
    let field = LineField::ItemNumber;
    let number = line.optional(field, |raw| field::parsed(raw, Code::FieldInvalid, ItemNumber::parse))?;
    if number.grade() == ItemGrade::S10BadCheck {
        line.warn(Code::ItemNumberCheckDigit, field);
    }
    if number.is_foreign() {
        line.warn(Code::ItemNumberForeign, field);
    }
    if looks_like_formula(number.as_str()) {
        line.warn(Code::TextLikeFormula, field);
    }
    Some(number)
}

fn accepted_at(line: &mut Examined<'_, '_>, about: &About<'_>) -> Option<crate::base::time::Ts> {
    let field = LineField::AcceptedAt;
    if about.kind == LegKind::Intake && about.sender == Side::Post {
        return line.optional(field, field::instant);
    }
    let raw = line.sent.values.get(field.place());
    line.seen.forbidden(
        At::Field(field.as_str()),
        raw,
        "only the post says when it accepted, in an INTAKE manifest",
        "chỉ bưu chính ghi thời điểm chấp nhận, trong bảng kê thu gom",
    );
    None
}

fn papers(line: &mut Examined<'_, '_>, sums: &mut Sums) -> Option<Vec<Paper>> {
    let at = At::Field("papers");
    let sent = line.sent;
    let right_number = (1..=PAPERS_MAX).contains(&sent.papers.len());
    let counted = line.seen.part(at, sent.papers_part) && right_number;
    if sent.papers_part == Part::Present && !right_number {
        let (en, vi) = ("must hold 1 to 50 papers", "phải có từ 1 đến 50 loại giấy tờ");
        line.seen.fault(at, Fault::invalid(en, vi));
    }
    if !counted {
        sums.originals = None;
        sums.copies = None;
        return None;
    }
    let papers: Vec<Option<Paper>> =
        sent.papers.iter().enumerate().map(|(index, paper)| one_paper(&mut line.seen, index, paper, sums)).collect();
    papers.into_iter().collect()
}

fn one_paper(seen: &mut Gathering<'_>, index: usize, sent: &PaperDraft, sums: &mut Sums) -> Option<Paper> {
    use PaperField as F;
    if sent.wrong {
        seen.wrong_part(At::Item("papers", index, ""));
        sums.originals = None;
        sums.copies = None;
        return None;
    }
    let at = |field: F| At::Item("papers", index, field.as_str());
    let raw = |field: F| sent.values.get(field.place());
    let name = seen.required(at(F::Name), raw(F::Name), |raw| field::text(raw, NAME_CHARS_MAX));
    if name.as_deref().is_some_and(looks_like_formula) {
        seen.warn(Code::TextLikeFormula, at(F::Name));
    }
    let kind = seen.required(at(F::Kind), raw(F::Kind), |raw| field::word(raw, PaperKind::ALL, |kind| kind.as_str()));
    let quantity = seen.required(at(F::Quantity), raw(F::Quantity), |raw| field::count(raw, 1, QUANTITY_MAX));
    let sheets = quantity.map(u64::from);
    if kind != Some(PaperKind::Copy) {
        add(&mut sums.originals, kind.and(sheets));
    }
    if kind != Some(PaperKind::Original) {
        add(&mut sums.copies, kind.and(sheets));
    }
    Some(Paper { name: name?, kind: kind?, quantity: quantity? })
}
