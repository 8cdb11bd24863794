//! Kinds of discrepancy (sai lệch): a found difference between the books, with evidence and an owner. One catalogue for everything that
//! finds any: the kinds of domain 9.4 and of wire-formats 9.4 are merged here, and where both name one thing the row says so.

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
        /// The operator refused an order for good, or its book does not have it.
        NotAtOperator = "NOT_AT_OPERATOR",
        /// The operator's book has an item of ours that no leg here answers to.
        NotInOurBook = "NOT_IN_OUR_BOOK",
        /// Their book says delivered, ours does not.
        DeliveredNotConfirmed = "DELIVERED_NOT_CONFIRMED",
        /// Ours says delivered, theirs does not.
        ConfirmedNotDelivered = "CONFIRMED_NOT_DELIVERED",
        /// Their book says that it went back; nobody here signed for it.
        ReturnedNotReceived = "RETURNED_NOT_RECEIVED",
        /// The seal number differs.
        SealMismatch = "SEAL_MISMATCH",
        /// The receiver differs.
        ReceiverMismatch = "RECEIVER_MISMATCH",
        /// Two orders at the operator for one leg.
        DuplicateOrder = "DUPLICATE_ORDER",
        /// The operator gave another item number than declared, or one number stands for two legs.
        DuplicateItemCode = "DUPLICATE_ITEM_CODE",
        /// An item number with a wrong check digit or of no known form.
        BadItemNumber = "BAD_ITEM_NUMBER",
        /// The result is delivered, the case is not closed.
        ReturnedNotClosed = "RETURNED_NOT_CLOSED",
        /// The case is closed as returned, nothing shows that the citizen has the result.
        ClosedNotDelivered = "CLOSED_NOT_DELIVERED",
        /// A book says that papers were passed on, and no handover was signed.
        SentNeverSigned = "SENT_NEVER_SIGNED",
        /// A handover was signed, and no case was opened.
        SignedNoCase = "SIGNED_NO_CASE",
        /// A case that went to the post, and no leg.
        CaseNoItem = "CASE_NO_ITEM",
        /// A leg, and no case.
        ItemNoCase = "ITEM_NO_CASE",
        /// Somebody holds the papers longer than the limit.
        StaleCustody = "STALE_CUSTODY",
        /// J+n was missed.
        LateLeg = "LATE_LEG",
        /// The 15:00 rule or the hop of one working day was missed.
        LateHandover = "LATE_HANDOVER",
        /// The case was opened a whole working day or more after the handover.
        FilingGap = "FILING_GAP",
        /// A result went back before two invitations had run their course (C7).
        PrematureReturn = "PREMATURE_RETURN",
        /// A supplement was asked for more than once (C9).
        SecondSupplement = "SECOND_SUPPLEMENT",
        /// More than one new date (C9).
        SecondReappointment = "SECOND_REAPPOINTMENT",
        /// An uncompleted supplement has to be closed.
        CloseAfter15dDue = "CLOSE_AFTER_15D_DUE",
        /// An original taken for comparison did not go back.
        UnreturnedOriginal = "UNRETURNED_ORIGINAL",
        /// Papers to be taken back from the citizen were not.
        PapersNotRecovered = "PAPERS_NOT_RECOVERED",
        /// A fee was not paid over in time.
        FeeNotRemitted = "FEE_NOT_REMITTED",
        /// Two books name two amounts.
        FeeMismatch = "FEE_MISMATCH",
    }
}

words! {
    /// Which books differ, or what else shows it.
    Books {
        /// What is said of a leg against what the ledger holds of it.
        Ledger = "LEDGER",
        /// Both sides at one table.
        Handover = "HANDOVER",
        /// The operator's book against the ledger.
        Post = "POST",
        /// The one-stop side's book against the ledger.
        OneStop = "ONE_STOP",
        /// A legal clock.
        Clock = "CLOCK",
        /// Papers that go the other way.
        Papers = "PAPERS",
        /// The chain of money.
        Money = "MONEY",
    }
}

words! {
    /// How heavy it is.
    Grade {
        /// Papers or proof may be lost.
        High = "HIGH",
        /// The books differ, the papers are known to be somewhere.
        Middle = "MIDDLE",
        /// Nobody waits for it yet.
        Low = "LOW",
    }
}

impl Grade {
    /// Days in which it ought to be settled.
    pub fn days(self) -> i64 {
        match self {
            Grade::High => 1,
            Grade::Middle => 3,
            Grade::Low => 5,
        }
    }
}

words! {
    /// Who owns it until a person takes it.
    Owner {
        /// The post.
        Post = "POST",
        /// The agency.
        Agency = "AGENCY",
        /// Both together.
        Both = "BOTH",
        /// Who keeps the program running.
        Operations = "OPERATIONS",
    }
}

/// What is decided once for a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Which books.
    pub books: Books,
    /// How heavy.
    pub grade: Grade,
    /// Who owns it at first.
    pub owner: Owner,
    /// Where the rule stands.
    pub rule: &'static str,
}

impl Kind {
    /// The row of the catalogue.
    pub const fn entry(self) -> Entry {
        use {Books as B, Grade as G, Owner as O};
        let (books, grade, owner, rule) = match self {
            Kind::StateConflict => (B::Ledger, G::High, O::Post, "contract 6.1; wire-formats 9.4"),
            Kind::CountMismatch => {
                (B::Ledger, G::Middle, O::Agency, "C3; also ITEM_COUNT_MISMATCH of wire-formats 9.4")
            }
            Kind::NoIdNote => (B::Ledger, G::Middle, O::Post, "C6, TT 17 Đ5 k2d"),
            Kind::PartialDelivery => (B::Ledger, G::Middle, O::Post, "wire-formats 5.2"),
            Kind::ReporterNotEntitled => (B::Ledger, G::Low, O::Post, "contract 6.1"),
            Kind::UnmappedStatus => (B::Ledger, G::Low, O::Operations, "design rule 11"),
            Kind::UnmatchedFact => (B::Ledger, G::Middle, O::Post, "contract 6"),
            Kind::FactChanged => (B::Ledger, G::High, O::Post, "C12"),
            Kind::DossierNumberConflict => (B::Ledger, G::High, O::Agency, "NĐ 118 Đ17 k3"),
            Kind::HandoverMissing => (B::Handover, G::High, O::Both, "C4"),
            Kind::HandoverCountDiffers => (B::Handover, G::Middle, O::Both, "C4"),
            Kind::HandoverSealDamaged => (B::Handover, G::High, O::Both, "C4, TT 17 Đ11"),
            Kind::HandoverUnreadable => (B::Handover, G::Middle, O::Both, "C4"),
            Kind::HandoverWrongAgency => (B::Handover, G::Middle, O::Both, "C4"),
            Kind::HandoverExtra => (B::Handover, G::Middle, O::Both, "C4"),
            Kind::NotAtOperator => (B::Post, G::High, O::Post, "wire-formats 9.4"),
            Kind::NotInOurBook => (B::Post, G::High, O::Both, "wire-formats 9.4"),
            Kind::DeliveredNotConfirmed => (B::Post, G::Middle, O::Post, "wire-formats 9.4, C6"),
            Kind::ConfirmedNotDelivered => (B::Post, G::High, O::Post, "wire-formats 9.4"),
            Kind::ReturnedNotReceived => (B::Post, G::High, O::Both, "wire-formats 9.4, C8"),
            Kind::SealMismatch => (B::Post, G::High, O::Both, "wire-formats 9.4, TT 17 Đ11"),
            Kind::ReceiverMismatch => (B::Post, G::High, O::Post, "wire-formats 9.4, TT 17 Đ5 k2d"),
            Kind::DuplicateOrder => (B::Post, G::Middle, O::Post, "wire-formats 9.4, E3"),
            Kind::DuplicateItemCode => {
                (B::Post, G::Low, O::Post, "wire-formats 9.4; also DUPLICATE_ITEM of domain 9.4")
            }
            Kind::BadItemNumber => (B::Post, G::Low, O::Post, "domain 9.4, UPU S10"),
            Kind::ReturnedNotClosed => (B::OneStop, G::Middle, O::Agency, "domain 9.4, TT 17 Đ12 k1b"),
            Kind::ClosedNotDelivered => (B::OneStop, G::High, O::Both, "domain 9.4"),
            Kind::SentNeverSigned => (B::OneStop, G::High, O::Both, "domain 9.4, QĐ 45 Đ7 k2"),
            Kind::SignedNoCase => (B::OneStop, G::Middle, O::Agency, "domain 9.4, NĐ 118 Đ17 k3"),
            Kind::CaseNoItem => (B::OneStop, G::High, O::Agency, "domain 9.4"),
            Kind::ItemNoCase => (B::OneStop, G::Middle, O::Agency, "domain 9.4"),
            Kind::StaleCustody => (B::Post, G::High, O::Post, "wire-formats 9.4; also STUCK_IN_POST of domain 9.4"),
            Kind::LateLeg => (B::Clock, G::Middle, O::Post, "TT 17 Đ7 k2"),
            Kind::LateHandover => (B::Clock, G::Middle, O::Both, "NĐ 118 Đ18 k2, Đ20 k1a"),
            Kind::FilingGap => (B::Clock, G::Low, O::Agency, "QĐ 45 Đ7 k4"),
            Kind::PrematureReturn => (B::Clock, G::Middle, O::Post, "C7, TT 17 Đ5 k2h"),
            Kind::SecondSupplement => (B::Clock, G::Middle, O::Agency, "C9, NĐ 118 Đ11 k2c"),
            Kind::SecondReappointment => (B::Clock, G::Middle, O::Agency, "C9, NĐ 118 Đ19 k6"),
            Kind::CloseAfter15dDue => (B::Clock, G::Middle, O::Agency, "NĐ 118 Đ19 k5"),
            Kind::UnreturnedOriginal => (B::Papers, G::High, O::Both, "NĐ 118 Đ22 k2"),
            Kind::PapersNotRecovered => (B::Papers, G::Middle, O::Post, "TT 17 Đ5 k2đ"),
            Kind::FeeNotRemitted => (B::Money, G::High, O::Post, "QĐ 45 Đ15 k2"),
            Kind::FeeMismatch => (B::Money, G::Middle, O::Both, "wire-formats 9.4; also FEE_AMOUNT_DIFF of domain 9.4"),
        };
        Entry { books, grade, owner, rule }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_weighs_more_waits_less() {
        assert!(Grade::ALL.windows(2).all(|pair| matches!(pair, [heavy, light] if heavy.days() < light.days())));
    }

    #[test]
    fn every_pair_of_books_has_kinds_and_every_kind_a_rule() {
        for books in Books::ALL {
            assert!(Kind::ALL.iter().any(|kind| kind.entry().books == *books), "{books}");
        }
        assert!(Kind::ALL.iter().all(|kind| !kind.entry().rule.is_empty()));
    }
}
