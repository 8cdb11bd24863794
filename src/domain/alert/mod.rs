//! Alerts (cảnh báo): what stood still or runs away, told before a citizen tells it. Pure: measures come as values, and what to open, keep
//! and clear is decided here. What is not known is not judged.

mod norm;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use norm::{Norm, QUARTER_US, WEEKS, learn, quarter_of};

use crate::domain::leg::words;

words! {
    /// What is wrong. Each kind is open once per subject.
    Kind {
        /// A counterpart says nothing for longer than it normally leaves.
        Silence = "SILENCE",
        /// A counterpart says far more than it normally does.
        RateSpike = "RATE_SPIKE",
        /// Messages to a receiver do not get through.
        MessageOverdue = "MESSAGE_OVERDUE",
        /// Messages that nobody sends until a person acts.
        MessageParked = "MESSAGE_PARKED",
        /// Reports of a counterpart that are not decided.
        ReportsWaiting = "REPORTS_WAITING",
        /// Facts that fit no leg grow old.
        FactsUnmatched = "FACTS_UNMATCHED",
        /// Papers lie with one holder for too long.
        CustodyOverdue = "CUSTODY_OVERDUE",
        /// A post's feed is not read.
        FeedBehind = "FEED_BEHIND",
        /// The day's comparison of books did not run.
        ComparisonMissing = "COMPARISON_MISSING",
        /// Legal clocks are not derived.
        ClocksBehind = "CLOCKS_BEHIND",
        /// Reports are not rolled up.
        RollUpsBehind = "ROLL_UPS_BEHIND",
        /// The loaded working calendar ends soon.
        CalendarEnds = "CALENDAR_ENDS",
    }
}

words! {
    /// How heavy it is.
    Weight {
        /// Something stands still until somebody acts.
        Grave = "GRAVE",
        /// Somebody has to look at it in working hours.
        Warning = "WARNING",
    }
}

words! {
    /// In what a kind is measured.
    Unit {
        /// Microseconds that passed.
        Elapsed = "ELAPSED",
        /// Microseconds of working time.
        Worked = "WORKED",
        /// Things counted.
        Count = "COUNT",
        /// Days.
        Days = "DAYS",
    }
}

words! {
    /// By which way a counterpart speaks.
    Way {
        /// Lines of manifests.
        Lines = "LINES",
        /// Facts, by whatever way they came.
        Facts = "FACTS",
    }
}

/// Vietnamese and English.
pub type Text = (&'static str, &'static str);

/// One kind.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Which.
    pub kind: Kind,
    /// How heavy.
    pub weight: Weight,
    /// In what it is measured.
    pub unit: Unit,
    /// An open one clears below so many per cent of the limit at which it opens, so that it does not flap.
    pub clears_percent: i64,
    /// The key in `[alerts]` that its limit leans on.
    pub setting: &'static str,
    /// What it is called.
    pub called: Text,
    /// What is measured.
    pub rule: Text,
    /// What to do next.
    pub next: Text,
}

const SILENCE: Row = Row {
    kind: Kind::Silence,
    weight: Weight::Grave,
    unit: Unit::Worked,
    clears_percent: 50,
    setting: "silence_percent",
    called: ("Đối tác im lặng", "A counterpart is silent"),
    rule: (
        "Giờ làm việc từ tin cuối cùng, so với khoảng lặng dài nhất thường có trong bốn tuần.",
        "Working time since the last word, against the longest gap of its usual weeks.",
    ),
    next: (
        "Gọi cho đầu mối của đối tác; kiểm tra đường truyền và khóa API của họ.",
        "Call the counterpart's contact; check the line and their API key.",
    ),
};

/// Every kind, in order of the words.
pub const TABLE: &[Row] = &[
    SILENCE,
    Row {
        kind: Kind::RateSpike,
        weight: Weight::Warning,
        unit: Unit::Count,
        clears_percent: 67,
        setting: "rate_percent",
        called: ("Tin đến dồn dập", "Far more comes in than usual"),
        rule: (
            "Số tin trong 15 phút, so với mức mà 99 % các quãng 15 phút không vượt trong bốn tuần.",
            "What came in a quarter of an hour, against what 99 % of four weeks' quarters stayed below.",
        ),
        next: (
            "Hỏi đối tác có đang gửi lại hàng loạt không; xem tin đến có trùng không.",
            "Ask the counterpart whether it sends everything again; look for doubles.",
        ),
    },
    Row {
        kind: Kind::MessageOverdue,
        weight: Weight::Grave,
        unit: Unit::Elapsed,
        clears_percent: 50,
        setting: "message_minutes",
        called: ("Tin chưa gửi được", "Messages do not get through"),
        rule: (
            "Thời gian từ lần gửi đầu của tin chờ lâu nhất.",
            "Time since the first attempt at the message that waits longest.",
        ),
        next: (
            "Xem hệ thống nhận có chạy không; tin tự gửi lại khi hệ thống trả lời.",
            "See whether the receiving system runs; messages go by themselves once it answers.",
        ),
    },
    Row {
        kind: Kind::MessageParked,
        weight: Weight::Grave,
        unit: Unit::Count,
        clears_percent: 100,
        setting: "",
        called: ("Tin dừng, chờ người xử lý", "Messages wait for a person"),
        rule: ("Số tin đã dừng gửi.", "Messages that are parked."),
        next: (
            "Mở danh sách việc cần xử lý, sửa rồi gửi lại từng tin.",
            "Open the work list; mend and send each message again.",
        ),
    },
    Row {
        kind: Kind::ReportsWaiting,
        weight: Weight::Grave,
        unit: Unit::Elapsed,
        clears_percent: 50,
        setting: "report_minutes",
        called: ("Tin đến chưa được ghi vào sổ", "Reports are not decided"),
        rule: ("Tuổi của tin đến cũ nhất còn chờ.", "Age of the oldest report that waits."),
        next: (
            "Xem tiến trình có vai trò inbox và poller còn chạy không; xem nhật ký.",
            "See whether a process with the roles inbox and poller runs; read its log.",
        ),
    },
    Row {
        kind: Kind::FactsUnmatched,
        weight: Weight::Warning,
        unit: Unit::Elapsed,
        clears_percent: 100,
        setting: "unmatched_days",
        called: ("Tin không khớp hồ sơ nào", "Facts fit no dossier"),
        rule: ("Tuổi của tin cũ nhất chưa khớp.", "Age of the oldest fact that fits no leg."),
        next: (
            "Đối chiếu số hiệu với bảng kê; hỏi bên gửi hồ sơ ấy thuộc bảng kê nào.",
            "Compare the numbers with the manifests; ask the sender which manifest it belongs to.",
        ),
    },
    Row {
        kind: Kind::CustodyOverdue,
        weight: Weight::Warning,
        unit: Unit::Count,
        clears_percent: 50,
        setting: "held_legs",
        called: ("Hồ sơ nằm một chỗ quá lâu", "Dossiers lie with one holder for too long"),
        rule: (
            "Số hồ sơ giữ quá số ngày của danh sách việc cần xử lý.",
            "Dossiers held longer than the days of the work list.",
        ),
        next: (
            "Yêu cầu đơn vị đang giữ kiểm đếm và giao đi, hoặc ghi rõ vướng mắc.",
            "Have the unit that holds them count and hand them on, or say what is in the way.",
        ),
    },
    Row {
        kind: Kind::FeedBehind,
        weight: Weight::Grave,
        unit: Unit::Elapsed,
        clears_percent: 50,
        setting: "feed_intervals",
        called: ("Chưa đọc được danh sách của bưu chính", "The post's list is not read"),
        rule: ("Thời gian từ lần đọc được gần nhất.", "Time since it was last read."),
        next: (
            "Kiểm tra đường truyền, tài khoản ở hệ thống bưu chính và vai trò poller.",
            "Check the line, the account at the post's system, and the role poller.",
        ),
    },
    Row {
        kind: Kind::ComparisonMissing,
        weight: Weight::Warning,
        unit: Unit::Elapsed,
        clears_percent: 100,
        setting: "comparison_hours",
        called: ("Chưa đối soát sổ trong ngày", "The day's books are not compared"),
        rule: ("Thời gian từ lần đối soát gần nhất.", "Time since the last comparison."),
        next: (
            "Xem vai trò reconciler còn chạy không; đối soát tay ở trang Đối soát sổ.",
            "See whether the role reconciler runs; compare by hand on the page of books.",
        ),
    },
    Row {
        kind: Kind::ClocksBehind,
        weight: Weight::Grave,
        unit: Unit::Elapsed,
        clears_percent: 50,
        setting: "derived_minutes",
        called: ("Thời hạn theo luật chưa được tính", "Legal clocks are not derived"),
        rule: ("Thời gian quá lượt tính của hồ sơ chờ lâu nhất.", "Time since the longest waiting dossier was due."),
        next: (
            "Xem tiến trình có vai trò deadlines còn chạy không; xem nhật ký.",
            "See whether a process with the role deadlines runs; read its log.",
        ),
    },
    Row {
        kind: Kind::RollUpsBehind,
        weight: Weight::Warning,
        unit: Unit::Elapsed,
        clears_percent: 50,
        setting: "derived_minutes",
        called: ("Số liệu báo cáo chưa được cộng", "Reports are not rolled up"),
        rule: (
            "Thời gian từ lần cộng gần nhất, khi còn hồ sơ chờ cộng.",
            "Time since the last rolling up, while dossiers wait for it.",
        ),
        next: (
            "Xem tiến trình có vai trò tallies còn chạy không; xem nhật ký.",
            "See whether a process with the role tallies runs; read its log.",
        ),
    },
    Row {
        kind: Kind::CalendarEnds,
        weight: Weight::Warning,
        unit: Unit::Days,
        clears_percent: 100,
        setting: "calendar_days",
        called: ("Lịch làm việc sắp hết", "The working calendar ends soon"),
        rule: (
            "Số ngày còn lại của lịch đã nạp; hết lịch thì không thời hạn nào tính được.",
            "Days left of the loaded calendar; beyond it no deadline is known.",
        ),
        next: (
            "Nhờ người quản trị nạp lịch năm sau (giaonhan calendar load TỆP).",
            "Have an administrator load the next year (giaonhan calendar load FILE).",
        ),
    },
];

impl Kind {
    /// Its row.
    pub fn row(self) -> &'static Row {
        // The table has a row for every word; a test holds it.
        TABLE.iter().find(|row| row.kind == self).unwrap_or(&SILENCE)
    }
}

/// Why something cannot be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unknown {
    /// It was not heard for long enough to know what is normal.
    LittleHistory,
    /// No calendar is loaded for these days.
    NoCalendar,
}

impl Unknown {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Unknown::LittleHistory => "LITTLE_HISTORY",
            Unknown::NoCalendar => "NO_CALENDAR",
        }
    }
}

/// The numbers that were measured, in the unit of the kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// What was measured.
    pub value: i64,
    /// At which it opens.
    pub limit: i64,
    /// What is normal, where that is learnt.
    pub normal: Option<i64>,
    /// How many things it is about.
    pub count: Option<i64>,
    /// Since when, UTC microseconds.
    pub since_us: Option<i64>,
}

/// One thing that was measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// What of.
    pub kind: Kind,
    /// Whose: a counterpart, an office, a part of the program.
    pub subject: String,
    /// The numbers, or why there are none.
    pub known: Result<Evidence, Unknown>,
}

/// What to do about one (kind, subject).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Open an alert.
    Open(Kind, String, Evidence),
    /// An open one is still there; new numbers where there are any.
    Keep(String, Option<Evidence>),
    /// It is over.
    Clear(String),
}

/// An alert that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: Kind,
    /// Its subject.
    pub subject: String,
}

/// What opens, stays and clears. It opens at its limit, and an open one clears below a lower one; what is unknown opens nothing and
/// clears nothing; what is not measured any more is over.
pub fn decide(open: &[Open], measures: &[Measure]) -> Vec<Change> {
    let mut measured: BTreeMap<(Kind, &str), &Measure> =
        measures.iter().map(|one| ((one.kind, one.subject.as_str()), one)).collect();
    let mut changes = Vec::new();
    for alert in open {
        changes.push(match measured.remove(&(alert.kind, alert.subject.as_str())).map(|one| &one.known) {
            Some(Ok(evidence)) if stays(alert.kind, evidence) => Change::Keep(alert.id.clone(), Some(evidence.clone())),
            Some(Ok(_)) | None => Change::Clear(alert.id.clone()),
            Some(Err(_)) => Change::Keep(alert.id.clone(), None),
        });
    }
    let opens = measured.into_values().filter_map(|one| match &one.known {
        Ok(evidence) if evidence.value >= evidence.limit => {
            Some(Change::Open(one.kind, one.subject.clone(), evidence.clone()))
        }
        _ => None,
    });
    changes.extend(opens);
    changes
}

fn stays(kind: Kind, evidence: &Evidence) -> bool {
    let share = |value: i64, percent: i64| i128::from(value) * i128::from(percent);
    share(evidence.value, 100) >= share(evidence.limit, kind.row().clears_percent)
}

/// So many per cent of an amount, and no less than a floor.
pub fn percent_of(amount: i64, percent: i64, floor: i64) -> i64 {
    let share = i128::from(amount) * i128::from(percent) / 100;
    i64::try_from(share).unwrap_or(i64::MAX).max(floor)
}
