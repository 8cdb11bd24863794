//! What the law leaves open: named settings, each with its default and its doubt.

use chrono::NaiveTime;

use crate::domain::clocks::ClockId;
use crate::domain::leg::words;

words! {
    /// When papers that came after 15:00 have to be gone on the next working day.
    AfterCutOff {
        /// At its opening.
        Opening = "OPENING",
        /// In its first session.
        FirstSession = "FIRST_SESSION",
        /// On that day.
        Closing = "CLOSING",
    }
}

words! {
    /// When the last day of a term in working days is over.
    DayEnds {
        /// With its last session.
        Closing = "CLOSING",
        /// At midnight.
        Midnight = "MIDNIGHT",
    }
}

words! {
    /// The day before an appointment on which an apology is due.
    ApologyDay {
        /// The working day before.
        PreviousWorkingDay = "PREVIOUS_WORKING_DAY",
        /// The day before, whatever it is.
        PreviousDay = "PREVIOUS_DAY",
    }
}

/// The settings of a province.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// See [`DOUBTS`].
    pub first_attempt_ends_transit: bool,
    /// See [`DOUBTS`].
    pub absence_suspends_transit: bool,
    /// See [`DOUBTS`].
    pub post_counts_as_desk: bool,
    /// See [`DOUBTS`].
    pub after_cut_off: AfterCutOff,
    /// See [`DOUBTS`].
    pub day_ends: DayEnds,
    /// See [`DOUBTS`].
    pub plain_days_roll_over: bool,
    /// See [`DOUBTS`].
    pub wait_after_second_invitation: bool,
    /// See [`DOUBTS`].
    pub apology_day: ApologyDay,
    /// See [`DOUBTS`].
    pub apology_time: NaiveTime,
    /// See [`DOUBTS`]; none where no agreement names a number.
    pub fee_remittance_days: Option<u32>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            first_attempt_ends_transit: false,
            absence_suspends_transit: true,
            post_counts_as_desk: true,
            after_cut_off: AfterCutOff::FirstSession,
            day_ends: DayEnds::Closing,
            plain_days_roll_over: false,
            wait_after_second_invitation: true,
            apology_day: ApologyDay::PreviousWorkingDay,
            apology_time: NaiveTime::from_hms_opt(17, 30, 0).unwrap_or_default(),
            fee_remittance_days: None,
        }
    }
}

/// Something that the law leaves open.
#[derive(Debug, Clone, Copy)]
pub struct Doubt {
    /// The key of `[clocks]` in the configuration.
    pub name: &'static str,
    /// The clocks that rest on it.
    pub clocks: &'static [ClockId],
    /// Where the law speaks of it.
    pub basis: &'static str,
    /// What is not clear, and why the default is what it is.
    pub en: &'static str,
    /// The same in Vietnamese.
    pub vi: &'static str,
}

/// Every doubt, in the order of the settings.
pub const DOUBTS: &[Doubt] = &[
    Doubt {
        name: "first_attempt_ends_transit",
        clocks: &[ClockId::ResultTransit, ClockId::SameDayResult],
        basis: "TT 17 Đ3 k5, Đ7 k2",
        en: "the term ends at the first delivery to the recipient; whether a first attempt that failed is one is not said. Default: it is not",
        vi: "thời hạn tính đến lần phát đầu tiên cho người nhận; lần phát đầu không thành công có được tính không thì văn bản không nói. Mặc định: không",
    },
    Doubt {
        name: "absence_suspends_transit",
        clocks: &[ClockId::ResultTransit, ClockId::SameDayResult],
        basis: "TT 17 Đ7 k2",
        en: "the circular names no suspension. Default: from a failed attempt with a reason of the receiver until the postman sets out again \
             the time is not the post's",
        vi: "thông tư không nói về tạm dừng. Mặc định: từ lần phát không thành vì lý do của người nhận đến lần đi phát sau không tính cho bưu điện",
    },
    Doubt {
        name: "post_counts_as_desk",
        clocks: &[ClockId::SameDayTransfer],
        basis: "NĐ 118 Đ7 k4, Đ18 k2; TT 17 Đ7 k2",
        en: "the 15:00 rule is written for one-stop desks, and the post has J+1 at least. Default: an office of the post that takes dossiers in \
             keeps it too, as its pages promise; J+n runs beside it",
        vi: "quy định 15 giờ viết cho Bộ phận Một cửa, còn bưu điện có ít nhất J+1. Mặc định: bưu cục nhận hồ sơ cũng theo, như trang nhận hồ sơ đã hẹn; J+n chạy song song",
    },
    Doubt {
        name: "after_cut_off",
        clocks: &[ClockId::SameDayTransfer],
        basis: "NĐ 118 Đ18 k2",
        en: "papers that came after 15:00 go at the start of the next working day; how long a start lasts is not said. Default: its first session",
        vi: "hồ sơ nhận sau 15 giờ chuyển vào đầu giờ ngày làm việc tiếp theo; đầu giờ dài bao lâu thì không nói. Mặc định: hết buổi đầu",
    },
    Doubt {
        name: "day_ends",
        clocks: &[
            ClockId::IntakeTransit,
            ClockId::IntakeTransitSlip,
            ClockId::ResultTransit,
            ClockId::AgencyHop,
            ClockId::SupplementNotice,
            ClockId::Processing,
            ClockId::ComplaintAnswer,
            ClockId::FeeRemittance,
        ],
        basis: "TT 17 Đ7 k2",
        en: "whether the last working day ends with office hours or at midnight is not said. Default: with its last session, as notes promise",
        vi: "ngày làm việc cuối kết thúc theo giờ hành chính hay 24 giờ thì không nói. Mặc định: hết buổi cuối, như phiếu gửi đã hẹn",
    },
    Doubt {
        name: "plain_days_roll_over",
        clocks: &[ClockId::SupplementAnswer],
        basis: "NĐ 118 Đ19 k5",
        en: "15 days are plain days; whether a term that ends on a day off goes on to the next working day is not said there. Default: as written",
        vi: "15 ngày là ngày thường; hạn rơi vào ngày nghỉ có lùi sang ngày làm việc tiếp theo không thì điều này không nói. Mặc định: theo đúng câu chữ",
    },
    Doubt {
        name: "wait_after_second_invitation",
        clocks: &[ClockId::ReturnWait],
        basis: "TT 17 Đ5 k2h",
        en: "two invitations two working days apart; whether two more must pass after the second is not clear. Default: they must",
        vi: "mời hai lần cách nhau hai ngày làm việc; sau lần hai có phải chờ thêm hai ngày không thì chưa rõ. Mặc định: có",
    },
    Doubt {
        name: "apology_day",
        clocks: &[ClockId::Apology, ClockId::ApologyAgain],
        basis: "NĐ 118 Đ19 k6; C15",
        en: "one day before the appointment, and not one working day: literally that may be a Sunday. Default: the working day before",
        vi: "trước hạn 1 ngày, không ghi ngày làm việc: hiểu đúng câu chữ có thể rơi vào Chủ nhật. Mặc định: ngày làm việc liền trước",
    },
    Doubt {
        name: "apology_time",
        clocks: &[ClockId::Apology, ClockId::ApologyAgain],
        basis: "C15",
        en: "half past five is the practice of one province; the decree names no hour",
        vi: "17 giờ 30 là cách làm của một tỉnh; nghị định không nêu giờ",
    },
    Doubt {
        name: "fee_remittance_days",
        clocks: &[ClockId::FeeRemittance],
        basis: "QĐ 45 Đ15 k2",
        en: "fully and on time, without a number: it stands in the agreement with the agency. Default: none, and the clock says so",
        vi: "nộp đủ, kịp thời, không có số ngày: theo thỏa thuận với cơ quan. Mặc định: chưa có, và đồng hồ nói rõ như vậy",
    },
];
