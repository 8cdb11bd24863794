//! Figures that the ledger cannot know: the one-stop software's totals, the operator's revenue. Somebody enters them with their source, and
//! what nobody entered stays unknown.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::domain::leg::words;
use crate::report::tables::Period;

words! {
    /// What a figure is.
    Figure {
        /// Received online in the period.
        ReceivedOnline = "RECEIVED_ONLINE",
        /// Received directly or by post in the period.
        ReceivedDirectOrPost = "RECEIVED_DIRECT_OR_POST",
        /// Carried over from the period before.
        CarriedOver = "CARRIED_OVER",
        /// Received in all, as printed; only for the check.
        ReceivedPrinted = "RECEIVED_PRINTED",
        /// Solved early.
        SolvedEarly = "SOLVED_EARLY",
        /// Solved on the day.
        SolvedOnTime = "SOLVED_ON_TIME",
        /// Solved late.
        SolvedLate = "SOLVED_LATE",
        /// Solved in all, as printed; only for the check.
        SolvedPrinted = "SOLVED_PRINTED",
        /// In process, within time.
        InProcessWithin = "IN_PROCESS_WITHIN",
        /// In process, overdue.
        InProcessOverdue = "IN_PROCESS_OVERDUE",
        /// Procedures that the agency has.
        Procedures = "PROCEDURES",
        /// Of these, those whose intake the post has.
        ProceduresWithPost = "PROCEDURES_WITH_POST",
        /// Revenue of the service, đồng.
        Revenue = "REVENUE",
        /// Complaints received.
        Complaints = "COMPLAINTS",
        /// Complaints answered.
        ComplaintsAnswered = "COMPLAINTS_ANSWERED",
        /// Complaints found right.
        ComplaintsUpheld = "COMPLAINTS_UPHELD",
        /// Compensations paid.
        Compensations = "COMPENSATIONS",
        /// Their value, đồng.
        CompensationDong = "COMPENSATION_DONG",
        /// The post's book: taken from citizens.
        PostTaken = "POST_TAKEN",
        /// The post's book: handed to agencies.
        PostHanded = "POST_HANDED",
        /// The post's book: taken from agencies.
        PostCollected = "POST_COLLECTED",
        /// The post's book: delivered.
        PostDelivered = "POST_DELIVERED",
        /// The post's book: returned.
        PostReturned = "POST_RETURNED",
        /// The one-stop book: filed by post.
        CaseFiled = "CASE_FILED",
        /// The one-stop book: results given to the post.
        CaseGiven = "CASE_GIVEN",
        /// The one-stop book: cases closed after delivery by post.
        CaseClosed = "CASE_CLOSED",
    }
}

/// How a longer period comes from shorter ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// They add up.
    Sum,
    /// What stood at the beginning.
    First,
    /// What stands at the end.
    Last,
}

impl Figure {
    /// How it adds up over time.
    pub fn flow(self) -> Flow {
        match self {
            Figure::CarriedOver => Flow::First,
            Figure::InProcessWithin | Figure::InProcessOverdue | Figure::Procedures | Figure::ProceduresWithPost => {
                Flow::Last
            }
            _ => Flow::Sum,
        }
    }

    /// What it is called.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Figure::ReceivedOnline => ("Tiếp nhận trực tuyến trong kỳ", "Received online"),
            Figure::ReceivedDirectOrPost => ("Tiếp nhận trực tiếp, bưu chính trong kỳ", "Received directly or by post"),
            Figure::CarriedOver => ("Kỳ trước chuyển qua", "Carried over"),
            Figure::ReceivedPrinted => ("Tổng tiếp nhận như đã in", "Received in all, as printed"),
            Figure::SolvedEarly => ("Giải quyết trước hạn", "Solved early"),
            Figure::SolvedOnTime => ("Giải quyết đúng hạn", "Solved on time"),
            Figure::SolvedLate => ("Giải quyết quá hạn", "Solved late"),
            Figure::SolvedPrinted => ("Tổng đã giải quyết như đã in", "Solved in all, as printed"),
            Figure::InProcessWithin => ("Đang giải quyết trong hạn", "In process, within time"),
            Figure::InProcessOverdue => ("Đang giải quyết quá hạn", "In process, overdue"),
            Figure::Procedures => ("Số thủ tục của cơ quan", "Procedures of the agency"),
            Figure::ProceduresWithPost => {
                ("Số thủ tục đã giao bưu chính tiếp nhận", "Procedures whose intake the post has")
            }
            Figure::Revenue => ("Doanh thu dịch vụ (đồng)", "Revenue (đồng)"),
            Figure::Complaints => ("Khiếu nại đã nhận", "Complaints"),
            Figure::ComplaintsAnswered => ("Khiếu nại đã trả lời", "Complaints answered"),
            Figure::ComplaintsUpheld => ("Khiếu nại đúng", "Complaints upheld"),
            Figure::Compensations => ("Số vụ bồi thường", "Compensations"),
            Figure::CompensationDong => ("Giá trị bồi thường (đồng)", "Value of compensations (đồng)"),
            Figure::PostTaken => ("Sổ bưu chính: nhận từ người dân", "Post's book: taken from citizens"),
            Figure::PostHanded => ("Sổ bưu chính: giao cơ quan", "Post's book: handed to agencies"),
            Figure::PostCollected => ("Sổ bưu chính: nhận kết quả", "Post's book: results collected"),
            Figure::PostDelivered => ("Sổ bưu chính: đã phát", "Post's book: delivered"),
            Figure::PostReturned => ("Sổ bưu chính: chuyển hoàn", "Post's book: returned"),
            Figure::CaseFiled => ("Sổ một cửa: nộp qua bưu chính", "One-stop book: filed by post"),
            Figure::CaseGiven => ("Sổ một cửa: giao kết quả cho bưu chính", "One-stop book: results given to the post"),
            Figure::CaseClosed => ("Sổ một cửa: đã đóng sau khi phát", "One-stop book: closed after delivery"),
        }
    }
}

/// A figure that somebody entered; a place or a field that it is not about is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// What it is.
    pub figure: Figure,
    /// First day.
    pub from: NaiveDate,
    /// The day after the last.
    pub until: NaiveDate,
    /// Of this agency.
    pub agency: String,
    /// Of this procedure.
    pub procedure: String,
    /// Of this field of procedures.
    pub field: String,
    /// Of this post office.
    pub office: String,
    /// The number.
    pub value: i64,
}

/// What is asked for: where nothing is named, the whole.
#[derive(Debug, Clone, Copy, Default)]
pub struct Want<'a> {
    /// Of this agency.
    pub agency: Option<&'a str>,
    /// Of this procedure.
    pub procedure: Option<&'a str>,
    /// Of this field.
    pub field: Option<&'a str>,
    /// Of this post office.
    pub office: Option<&'a str>,
}

/// Every figure that was entered for days of the period.
#[derive(Debug, Clone, Default)]
pub struct Told {
    figures: Vec<Outside>,
}

impl Told {
    /// The figures; the newest word about each, since a figure that is entered again replaces the one before.
    pub fn of(figures: Vec<Outside>) -> Self {
        Told { figures }
    }

    /// A figure for the period. Where nobody told the whole, it is the sum of the parts that were told with the fewest divisions: figures
    /// by agency are never added to figures by procedure.
    pub fn get(&self, figure: Figure, want: Want<'_>, period: Period) -> Option<i64> {
        self.get_with_parts(figure, want, period).map(|(value, _)| value)
    }

    /// The same, and whether it is a sum of parts: nobody can say whether these are all.
    pub fn get_with_parts(&self, figure: Figure, want: Want<'_>, period: Period) -> Option<(i64, bool)> {
        type Parts<'t> = BTreeMap<[&'t str; 4], Vec<&'t Outside>>;
        let mut classes: BTreeMap<(usize, [bool; 4]), Parts<'_>> = BTreeMap::new();
        let asked = [want.agency, want.procedure, want.field, want.office];
        for told in self.figures.iter().filter(|told| told.figure == figure) {
            let keys = [told.agency.as_str(), &told.procedure, &told.field, &told.office];
            if !asked.iter().zip(keys).all(|(asked, key)| asked.is_none_or(|asked| asked == key)) {
                continue;
            }
            let mut divided = [false; 4];
            for ((divided, asked), key) in divided.iter_mut().zip(asked).zip(keys) {
                *divided = asked.is_none() && !key.is_empty();
            }
            let divisions = divided.iter().filter(|divided| **divided).count();
            classes.entry((divisions, divided)).or_default().entry(keys).or_default().push(told);
        }
        let ((divisions, _), parts) = classes.into_iter().next()?;
        let whole: Option<Vec<i64>> = parts.into_values().map(|told| over(figure.flow(), &told, period)).collect();
        whole.map(|values| (values.into_iter().fold(0, i64::saturating_add), divisions > 0))
    }

    /// The fields that any figure is about, in order.
    pub fn fields(&self) -> Vec<&str> {
        let fields: BTreeSet<&str> = self.figures.iter().map(|told| told.field.as_str()).collect();
        fields.into_iter().filter(|field| !field.is_empty()).collect()
    }

    /// The agencies that any figure is about, in order.
    pub fn agencies(&self) -> Vec<&str> {
        let agencies: BTreeSet<&str> = self.figures.iter().map(|told| told.agency.as_str()).collect();
        agencies.into_iter().filter(|agency| !agency.is_empty()).collect()
    }
}

/// One figure over the period: told for exactly these days, or for stretches that follow each other without a gap.
fn over(flow: Flow, told: &[&Outside], period: Period) -> Option<i64> {
    if let Some(exact) = told.iter().find(|told| (told.from, told.until) == (period.from, period.until)) {
        return Some(exact.value);
    }
    let mut day = period.from;
    let mut values = Vec::new();
    while day < period.until {
        // The longest stretch that begins here; a shorter one would be part of it.
        let next = told.iter().filter(|told| told.from == day && told.until <= period.until);
        let next = next.max_by_key(|told| told.until)?;
        values.push(next.value);
        day = next.until;
    }
    match flow {
        Flow::Sum => Some(values.into_iter().fold(0, i64::saturating_add)),
        Flow::First => values.first().copied(),
        Flow::Last => values.last().copied(),
    }
}
