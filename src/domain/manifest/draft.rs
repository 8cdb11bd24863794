//! What a reader of any format found in a manifest: values as sent, in one shape for JSON, XML and CSV.

use crate::domain::field::{Part, Raw};
use crate::domain::leg::words;
use crate::domain::problem::Problem;

/// Most papers on one line.
pub const PAPERS_MAX: usize = 50;
const UNKNOWN_MAX: usize = 20;
const UNKNOWN_CHARS_MAX: usize = 64;

words! {
    /// The values of the header, in the order of the contract's table, written as problems name them.
    HeaderField {
        /// Number.
        ManifestNo = "manifestNo",
        /// Revision.
        Revision = "revision",
        /// Kind of leg.
        LegKind = "legKind",
        /// Agency.
        AgencyCode = "agencyCode",
        /// Counter.
        CounterCode = "counterCode",
        /// Post office.
        PostOfficeCode = "postOfficeCode",
        /// Day.
        ShiftDate = "shiftDate",
        /// Shift.
        Shift = "shift",
        /// Declared lines.
        TotalLines = "totals.lines",
        /// Declared originals.
        TotalOriginals = "totals.originals",
        /// Declared copies.
        TotalCopies = "totals.copies",
        /// Declared fees.
        TotalFee = "totals.feeToCollect",
    }
}

words! {
    /// The values of a line, in the order of the contract's table, written as problems name them.
    LineField {
        /// Number of the line.
        LineNo = "lineNo",
        /// Consignment note.
        ConsignmentNoteNo = "consignmentNoteNo",
        /// Dossier.
        DossierNo = "dossierNo",
        /// Supplement.
        SupplementNo = "supplementNo",
        /// Procedure.
        ProcedureCode = "procedureCode",
        /// Its name.
        ProcedureName = "procedureName",
        /// Name of the party.
        PartyName = "party.name",
        /// Phone.
        PartyPhone = "party.phone",
        /// E-mail.
        PartyEmail = "party.email",
        /// Address as written.
        AddressText = "party.address.text",
        /// Province.
        ProvinceCode = "party.address.provinceCode",
        /// Commune.
        CommuneCode = "party.address.communeCode",
        /// Fee.
        FeeToCollect = "feeToCollect",
        /// Item number.
        ItemNumber = "itemNumber",
        /// Seal.
        SealNo = "sealNo",
        /// Note.
        Note = "note",
        /// Appointment.
        DueAt = "dueAt",
        /// Acceptance by the post.
        AcceptedAt = "acceptedAt",
    }
}

words! {
    /// The values of one paper.
    PaperField {
        /// What it is.
        Name = "name",
        /// Original or copy.
        Kind = "kind",
        /// How many.
        Quantity = "quantity",
    }
}

/// One value per field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values<const N: usize>([Raw; N]);

impl<const N: usize> Default for Values<N> {
    fn default() -> Self {
        Values(std::array::from_fn(|_| Raw::Absent))
    }
}

impl<const N: usize> Values<N> {
    /// The value at this place of the table.
    pub fn get(&self, place: usize) -> &Raw {
        self.0.get(place).unwrap_or(&Raw::Absent)
    }

    /// Sets the value at this place of the table.
    pub fn set(&mut self, place: usize, raw: Raw) {
        if let Some(slot) = self.0.get_mut(place) {
            *slot = raw;
        }
    }

    /// Whether nothing was sent for any of these places.
    pub fn all_absent(&self, places: impl IntoIterator<Item = usize>) -> bool {
        places.into_iter().all(|place| self.get(place).is_absent())
    }
}

/// A manifest as found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    /// Values of the header.
    pub header: Values<12>,
    /// Whether `totals` was sent.
    pub totals: Part,
    /// Whether `lines` was sent.
    pub lines_part: Part,
    /// Fields of the header that do not exist.
    pub unknown: Vec<String>,
    /// What the reader itself found wrong with the whole: a namespace, columns. These are answered alone.
    pub faults: Vec<Problem>,
    /// The lines.
    pub lines: Vec<LineDraft>,
}

/// A line as found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineDraft {
    /// Values of the line.
    pub values: Values<18>,
    /// Whether `party` was sent.
    pub party: Part,
    /// Whether `party.address` was sent.
    pub address: Part,
    /// Whether `papers` was sent.
    pub papers_part: Part,
    /// The first papers, one more than allowed at most.
    pub papers: Vec<PaperDraft>,
    /// Fields that do not exist.
    pub unknown: Vec<String>,
    /// What the reader itself found wrong with the whole line: the width of its row, its shape.
    pub fault: Option<Problem>,
}

/// One paper as found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PaperDraft {
    /// Values of the paper.
    pub values: Values<3>,
    /// It was something else than a paper.
    pub wrong: bool,
}

impl HeaderField {
    /// Its place in the values.
    pub fn place(self) -> usize {
        self as usize
    }
}

impl LineField {
    /// Its place in the values.
    pub fn place(self) -> usize {
        self as usize
    }
}

impl PaperField {
    /// Its place in the values.
    pub fn place(self) -> usize {
        self as usize
    }
}

impl LineDraft {
    /// Keeps a paper, up to one more than allowed, so that memory stays bounded and the excess is still seen.
    pub fn push_paper(&mut self, paper: PaperDraft) {
        if self.papers.len() <= PAPERS_MAX {
            self.papers.push(paper);
        }
    }

    /// Notes a field that does not exist.
    pub fn note_unknown(&mut self, prefix: &str, name: &str) {
        note_unknown(&mut self.unknown, prefix, name);
    }
}

impl Draft {
    /// Notes a field of the header that does not exist.
    pub fn note_unknown(&mut self, prefix: &str, name: &str) {
        note_unknown(&mut self.unknown, prefix, name);
    }
}

/// Keeps the first few names, cut to a sensible length: enough to find the mistake.
fn note_unknown(unknown: &mut Vec<String>, prefix: &str, name: &str) {
    if unknown.len() < UNKNOWN_MAX {
        let name: String = name.chars().filter(|c| !c.is_control()).take(UNKNOWN_CHARS_MAX).collect();
        unknown.push(format!("{prefix}{name}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_place_for_every_field() {
        assert_eq!(HeaderField::ALL.len(), Draft::default().header.0.len());
        assert_eq!(LineField::ALL.len(), LineDraft::default().values.0.len());
        assert_eq!(PaperField::ALL.len(), PaperDraft::default().values.0.len());
        assert!(LineField::ALL.iter().enumerate().all(|(place, field)| field.place() == place));
    }
}
