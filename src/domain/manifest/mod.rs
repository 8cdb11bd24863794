//! The manifest (bảng kê): what it says, how it is checked, which lines of it are good (contract 4).

mod check;
mod draft;
mod line;

pub use check::check;
pub use draft::{Draft, HeaderField, LineDraft, LineField, PAPERS_MAX, PaperDraft, PaperField, Values};

use crate::base::time::Ts;
use crate::domain::identifier::{DossierNo, ItemNumber};
use crate::domain::leg::{LegKind, Side, words};
use crate::domain::problem::Problem;
use chrono::NaiveDate;

words! {
    /// What the sender wants when some lines are bad.
    Mode {
        /// Take all lines or none: the default, since who did not choose must notice.
        AllOrNothing = "all-or-nothing",
        /// Take the good lines.
        GoodLines = "good-lines",
    }
}

words! {
    /// Bản chính or bản sao (TT 17/2017 Đ5 k1b).
    PaperKind {
        /// Bản chính.
        Original = "ORIGINAL",
        /// Bản sao.
        Copy = "COPY",
    }
}

/// What stands above the lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The sender's number.
    pub manifest_no: String,
    /// 1, and one more each time refused lines are sent again.
    pub revision: u32,
    /// Direction of every leg in it.
    pub leg_kind: LegKind,
    /// The agency whose dossiers these are.
    pub agency_code: String,
    /// The counter of the one-stop desk.
    pub counter_code: Option<String>,
    /// The post office that serves it.
    pub post_office_code: String,
    /// Day of the shift.
    pub shift_date: NaiveDate,
    /// Shift of the day, 1 to 3.
    pub shift: u8,
    /// The sums that the sender declares.
    pub totals: Totals,
}

/// Declared sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Lines.
    pub lines: u64,
    /// Bản chính.
    pub originals: u64,
    /// Bản sao.
    pub copies: u64,
    /// Đồng to collect from the citizens.
    pub fee_to_collect: i64,
}

/// One leg as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The sender's number of the line.
    pub line_no: u32,
    /// Số hiệu phiếu gửi.
    pub consignment_note_no: Option<String>,
    /// Mã hồ sơ.
    pub dossier_no: Option<DossierNo>,
    /// Which supplement an intake brings.
    pub supplement_no: Option<u8>,
    /// Mã thủ tục.
    pub procedure_code: String,
    /// Tên thủ tục.
    pub procedure_name: Option<String>,
    /// Sender of an intake, receiver of a result.
    pub party: Party,
    /// The papers, never empty.
    pub papers: Vec<Paper>,
    /// Đồng to collect.
    pub fee_to_collect: i64,
    /// Số hiệu bưu gửi.
    pub item_number: Option<ItemNumber>,
    /// Số niêm phong.
    pub seal_no: Option<String>,
    /// Ghi chú.
    pub note: Option<String>,
    /// The appointment with the citizen.
    pub due_at: Option<Ts>,
    /// When the post signed the consignment note.
    pub accepted_at: Option<Ts>,
}

/// The citizen or organisation: personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct Party {
    /// Name.
    pub name: String,
    /// `+84…`.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Address as written, and its codes.
    pub address: Address,
}

impl std::fmt::Debug for Party {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Party(***)")
    }
}

/// An address as written, with the codes of its administrative units where the sender knows them.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// As written.
    pub text: String,
    /// Two digits.
    pub province_code: Option<String>,
    /// Five digits.
    pub commune_code: Option<String>,
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address(***)")
    }
}

/// Sheets of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// What it is.
    pub name: String,
    /// Original or copy.
    pub kind: PaperKind,
    /// How many.
    pub quantity: u32,
}

impl Line {
    fn sheets(&self, kind: PaperKind) -> u32 {
        self.papers.iter().filter(|paper| paper.kind == kind).map(|paper| paper.quantity).sum()
    }

    /// Originals on this line: at most 50 times 999.
    pub fn originals(&self) -> u32 {
        self.sheets(PaperKind::Original)
    }

    /// Copies on this line.
    pub fn copies(&self) -> u32 {
        self.sheets(PaperKind::Copy)
    }
}

/// One line after checking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedLine {
    /// Its place, from 1.
    pub index: u32,
    /// Its number as sent, also when the number breaks a rule.
    pub line_no: Option<i64>,
    /// Its dossier number, where that one can be read.
    pub dossier_no: Option<DossierNo>,
    /// The line, when nothing refuses it.
    pub line: Option<Line>,
    /// Errors and warnings, in the order of the fields.
    pub problems: Vec<Problem>,
}

/// A manifest after checking, before anything is compared with what is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The header; a fault in it is answered alone.
    pub header: Result<Header, Vec<Problem>>,
    /// Digest of the meaning: equal in JSON, XML and CSV, and in both modes.
    pub digest: String,
    /// Problems of the manifest as a whole: totals, no lines.
    pub problems: Vec<Problem>,
    /// The lines in the order sent.
    pub lines: Vec<CheckedLine>,
}

/// Whether a side may send manifests of this kind (contract 2).
pub fn may_send(side: Side, kind: LegKind) -> bool {
    matches!((side, kind), (Side::Agency, _) | (Side::Post, LegKind::Intake))
}
