//! Kinds of discrepancy (sai lệch): a found difference between the books, with evidence and an owner.

use crate::domain::leg::words;

words! {
    /// What differs. Each kind is opened once per subject; found again it is the same discrepancy.
    Kind {
        /// An event contradicts the state of its leg.
        StateConflict = "STATE_CONFLICT",
        /// Counts differ from what was declared (C3).
        CountMismatch = "COUNT_MISMATCH",
        /// Delivered without the note of an identity check (C6).
        NoIdNote = "NO_ID_NOTE",
        /// Part delivered or part returned.
        PartialDelivery = "PARTIAL_DELIVERY",
        /// An event from a side whose word it is not.
        ReporterNotEntitled = "REPORTER_NOT_ENTITLED",
        /// A raw code that the tables do not know.
        UnmappedStatus = "UNMAPPED_STATUS",
        /// A fact that fits no leg.
        UnmatchedFact = "UNMATCHED_FACT",
        /// The same fact id with another content (C12).
        FactChanged = "FACT_CHANGED",
        /// Another dossier number for a leg that has one.
        DossierNumberConflict = "DOSSIER_NUMBER_CONFLICT",
        /// A line was missing at the handover (C4).
        HandoverMissing = "HANDOVER_MISSING",
        /// Counts differed at the handover (C4).
        HandoverCountDiffers = "HANDOVER_COUNT_DIFFERS",
        /// The seal was damaged (C4, TT 17 Đ11).
        HandoverSealDamaged = "HANDOVER_SEAL_DAMAGED",
        /// The label could not be read (C4).
        HandoverUnreadable = "HANDOVER_UNREADABLE",
        /// Meant for another agency (C4).
        HandoverWrongAgency = "HANDOVER_WRONG_AGENCY",
        /// On the table but not on the list (C4).
        HandoverExtra = "HANDOVER_EXTRA",
        /// The operator refused an order for good.
        NotAtOperator = "NOT_AT_OPERATOR",
        /// The operator gave another item number than declared.
        DuplicateItemCode = "DUPLICATE_ITEM_CODE",
    }
}

words! {
    /// How a person or a later event settled it.
    Resolution {
        /// The difference has a reason; the books stand.
        Explained = "EXPLAINED",
        /// The books were put right.
        Corrected = "CORRECTED",
        /// Nobody can mend it; it is accepted with a note.
        Accepted = "ACCEPTED",
    }
}
