//! What a consignment note (phiếu gửi hồ sơ) says beside parties and papers: the service, where it was taken, the lane with its
//! promise J+n, the postage and who pays it when (TT 17 Đ4, Đ7 k2, Đ9 k2; QĐ 45 Đ5, Đ12 k3).

use crate::domain::lane::{Lane, transit_days};
use crate::domain::leg::words;
use crate::domain::problem::{Code, Problem};

words! {
    /// What the post does for the sender (QĐ 45 Đ5, TT 17 Đ4). The third service, the return alone, begins at the agency.
    Service {
        /// Nhận gửi hồ sơ.
        Send = "SEND",
        /// Nhận gửi hồ sơ và chuyển trả kết quả.
        Both = "BOTH",
    }
}

words! {
    /// Where the post took the papers (QĐ 45 Đ6 k1).
    TakenAt {
        /// At the counter of the office.
        Counter = "COUNTER",
        /// At the sender's door.
        Door = "DOOR",
    }
}

words! {
    /// Who pays the postage, and when. Who asks for the service pays it (QĐ 45 Đ12 k3), unless the agency took that on.
    PostagePay {
        /// The sender, when the papers are taken.
        SenderNow = "SENDER_NOW",
        /// Who receives the result, when it is handed out.
        OnResult = "ON_RESULT",
        /// The agency, month by month, as its contract with the post says.
        Contract = "CONTRACT",
    }
}

/// Working days that the post may publish for a place of special geography at most.
pub const DAYS_MAX: u32 = 30;
/// Postage of one note at most, in đồng: more is a slip of the finger.
pub const POSTAGE_MAX: i64 = 10_000_000;
/// Characters of a receipt number at most.
pub const RECEIPT_CHARS_MAX: usize = 60;

/// Postage: the post's own money, apart from the fee for the agency and with a receipt number of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Postage {
    /// In đồng.
    pub amount: i64,
    /// Who pays it, and when.
    pub pay: PostagePay,
    /// Number of its receipt, once it is paid.
    pub receipt_no: Option<String>,
}

/// The terms of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The service.
    pub service: Service,
    /// Where the papers were taken.
    pub taken_at: TakenAt,
    /// The lane.
    pub lane: Lane,
    /// Whether the post brings or tells the appointment slip.
    pub with_slip: bool,
    /// The promise J+n.
    pub promise_days: u32,
    /// The postage.
    pub postage: Postage,
}

/// Terms as somebody typed them.
#[derive(Debug, Clone, Copy, Default)]
#[allow(missing_docs)]
pub struct Typed<'a> {
    pub service: &'a str,
    pub at_door: bool,
    pub lane: &'a str,
    pub with_slip: bool,
    /// The published days of a lane without a promise of the law.
    pub promise_days: Option<u32>,
    pub postage: i64,
    pub postage_pay: &'a str,
    pub postage_receipt_no: Option<&'a str>,
    /// The receipt of the fee: another one than that of the postage.
    pub fee_receipt_no: Option<&'a str>,
}

fn invalid(field: &str, en: &str, vi: &str) -> Problem {
    Problem::error(Code::FieldInvalid, field, en, vi)
}

impl Typed<'_> {
    /// The terms, or everything that is wrong with them.
    pub fn check(&self) -> Result<Terms, Vec<Problem>> {
        let mut problems = Vec::new();
        let service = Service::parse(self.service);
        if service.is_none() {
            problems.push(invalid(
                "service",
                "choose what the post does: send, or send and bring the result",
                "chọn bưu điện làm gì: gửi hồ sơ, hoặc gửi và trả kết quả",
            ));
        }
        if self.with_slip && service == Some(Service::Both) {
            problems.push(invalid(
                "withSlip",
                "where the result is brought too, the slip is not delivered separately (TT 17 Art. 5.3)",
                "đã chuyển trả kết quả thì không giao giấy hẹn riêng (TT 17 Đ5 k3)",
            ));
        }
        let lane = Lane::parse(self.lane);
        if lane.is_none() {
            problems.push(invalid("lane", "choose the lane of the promise", "chọn chặng đường để có cam kết"));
        }
        let promise_days = lane.and_then(|lane| self.days(lane, &mut problems));
        let postage = self.postage(service, &mut problems);
        match (service, lane, promise_days, postage) {
            (Some(service), Some(lane), Some(promise_days), Some(postage)) if problems.is_empty() => Ok(Terms {
                service,
                taken_at: if self.at_door { TakenAt::Door } else { TakenAt::Counter },
                lane,
                with_slip: self.with_slip,
                promise_days,
                postage,
            }),
            _ => Err(problems),
        }
    }

    /// The days of the promise: those of the law, or those that were typed where the law leaves them to the post.
    fn days(&self, lane: Lane, problems: &mut Vec<Problem>) -> Option<u32> {
        match (transit_days(lane, self.with_slip), self.promise_days) {
            (Some(days), None) => Some(days),
            (Some(days), Some(typed)) if typed == days => Some(days),
            (None, Some(typed)) if (1..=DAYS_MAX).contains(&typed) => Some(typed),
            (Some(days), Some(_)) => {
                let (en, vi) = (
                    format!("on this lane the promise is J+{days} (TT 17 Art. 7.2)"),
                    format!("chặng này cam kết J+{days} (TT 17 Đ7 k2)"),
                );
                problems.push(invalid("promiseDays", &en, &vi));
                None
            }
            (None, _) => {
                problems.push(invalid(
                    "promiseDays",
                    "enter the working days that the post has published for this place, 1 to 30",
                    "nhập số ngày làm việc mà bưu điện công bố cho nơi này, từ 1 đến 30",
                ));
                None
            }
        }
    }

    fn postage(&self, service: Option<Service>, problems: &mut Vec<Problem>) -> Option<Postage> {
        let receipt_no = self.postage_receipt_no.map(str::trim).filter(|number| !number.is_empty());
        let before = problems.len();
        if !(0..=POSTAGE_MAX).contains(&self.postage) {
            problems.push(invalid(
                "postage",
                "the postage is 0 to 10,000,000 đồng",
                "cước là số tiền từ 0 đến 10.000.000 đồng",
            ));
        }
        let Some(pay) = PostagePay::parse(self.postage_pay) else {
            problems.push(invalid("postagePay", "choose who pays the postage, and when", "chọn ai trả cước, khi nào"));
            return None;
        };
        if pay == PostagePay::OnResult && service == Some(Service::Send) {
            problems.push(invalid(
                "postagePay",
                "no result is brought, so nobody can pay then",
                "không chuyển trả kết quả thì không thu cước lúc trả được",
            ));
        }
        let is_paid = pay == PostagePay::SenderNow && self.postage > 0;
        match receipt_no {
            None if is_paid => problems.push(Problem::error(
                Code::FieldMissing,
                "postageReceiptNo",
                "postage that was paid needs the number of its receipt",
                "đã thu cước thì phải có số biên lai cước",
            )),
            Some(_) if !is_paid => problems.push(invalid(
                "postageReceiptNo",
                "no postage is paid now, so there is no receipt",
                "chưa thu cước thì chưa có biên lai cước",
            )),
            Some(number) if number.chars().count() > RECEIPT_CHARS_MAX => {
                problems.push(invalid("postageReceiptNo", "at most 60 characters", "nhiều nhất 60 ký tự"));
            }
            Some(number) if self.fee_receipt_no.map(str::trim) == Some(number) => problems.push(invalid(
                "postageReceiptNo",
                "this is the receipt of the fee: postage has one of its own",
                "đây là biên lai lệ phí: cước có biên lai riêng",
            )),
            _ => {}
        }
        let receipt_no = receipt_no.map(str::to_owned);
        (problems.len() == before).then_some(Postage { amount: self.postage, pay, receipt_no })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn typed() -> Typed<'static> {
        Typed {
            service: "SEND",
            lane: "BETWEEN_AREAS",
            postage: 30_000,
            postage_pay: "SENDER_NOW",
            postage_receipt_no: Some("C-26 000123"),
            fee_receipt_no: Some("BL-26A 0007315"),
            ..Typed::default()
        }
    }

    #[track_caller]
    fn wrong(typed: Typed<'_>) -> Vec<String> {
        typed.check().unwrap_err().into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn the_table_of_the_law() {
        let table: Vec<(Option<u32>, Option<u32>)> =
            Lane::ALL.iter().map(|lane| (transit_days(*lane, false), transit_days(*lane, true))).collect();
        assert_eq!(
            table,
            [(Some(1), Some(2)), (Some(2), Some(4)), (Some(3), Some(6)), (Some(4), Some(8)), (None, None)]
        );
        assert_eq!(Typed { with_slip: true, ..typed() }.check().unwrap().promise_days, 4);
    }

    #[test]
    fn where_the_law_promises_nothing_the_post_does() {
        let special = Typed { lane: "SPECIAL", ..typed() };
        assert_eq!(wrong(special), ["promiseDays"]);
        assert_eq!(wrong(Typed { promise_days: Some(31), ..special }), ["promiseDays"]);
        assert_eq!(Typed { promise_days: Some(7), ..special }.check().unwrap().promise_days, 7);
        assert_eq!(wrong(Typed { promise_days: Some(7), ..typed() }), ["promiseDays"], "not where it does");
    }

    #[test]
    fn the_slip_comes_with_the_result() {
        let both = Typed { service: "BOTH", ..typed() };
        assert_eq!(both.check().unwrap().promise_days, 2);
        assert_eq!(wrong(Typed { with_slip: true, ..both }), ["withSlip"]);
    }

    #[test]
    fn postage_is_apart_from_the_fee_and_paid_once() {
        let terms = typed().check().unwrap();
        let postage =
            Postage { amount: 30_000, pay: PostagePay::SenderNow, receipt_no: Some("C-26 000123".to_owned()) };
        assert_eq!((terms.postage, terms.taken_at), (postage, TakenAt::Counter));
        for (typed, field) in [
            (Typed { postage_receipt_no: None, ..typed() }, "postageReceiptNo"),
            (Typed { postage_receipt_no: Some(" BL-26A 0007315 "), ..typed() }, "postageReceiptNo"),
            (Typed { postage: 0, ..typed() }, "postageReceiptNo"),
            (Typed { postage_pay: "CONTRACT", ..typed() }, "postageReceiptNo"),
            (Typed { postage_pay: "ON_RESULT", postage_receipt_no: None, ..typed() }, "postagePay"),
            (Typed { postage: -1, postage_receipt_no: None, ..typed() }, "postage"),
            (Typed { postage_pay: "", ..typed() }, "postagePay"),
            (Typed { lane: "", ..typed() }, "lane"),
            (Typed { service: "RETURN", ..typed() }, "service"),
        ] {
            assert_eq!(wrong(typed), [field]);
        }
        let later = Typed { service: "BOTH", postage_pay: "ON_RESULT", postage_receipt_no: None, ..typed() };
        assert_eq!(later.check().unwrap().postage.receipt_no, None);
    }

    proptest! {
        #[test]
        fn what_passes_keeps_the_rules(
            service in prop::sample::select(vec!["", "SEND", "BOTH"]),
            lane in prop::sample::select(vec!["", "WITHIN_AREA", "BETWEEN_CITIES", "SPECIAL"]),
            with_slip: bool,
            promise_days in prop::option::of(0_u32..40),
            postage in -5_i64..20,
            postage_pay in prop::sample::select(vec!["", "SENDER_NOW", "ON_RESULT", "CONTRACT"]),
            receipt in prop::option::of(prop::sample::select(vec!["", "A", "B"])),
        ) {
            let typed = Typed {
                service, at_door: false, lane, with_slip, promise_days, postage, postage_pay,
                postage_receipt_no: receipt, fee_receipt_no: Some("B"),
            };
            match typed.check() {
                Err(problems) => prop_assert!(!problems.is_empty()),
                Ok(terms) => {
                    prop_assert!(transit_days(terms.lane, with_slip).is_none_or(|days| days == terms.promise_days));
                    prop_assert!((1..=DAYS_MAX).contains(&terms.promise_days));
                    prop_assert!(!(terms.with_slip && terms.service == Service::Both));
                    let is_paid = terms.postage.pay == PostagePay::SenderNow && terms.postage.amount > 0;
                    prop_assert_eq!(terms.postage.receipt_no.is_some(), is_paid);
                    prop_assert_ne!(terms.postage.receipt_no.as_deref(), Some("B"));
                }
            }
        }
    }
}
