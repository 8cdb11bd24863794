//! What people read for the words of the contract: Vietnamese and English, one place.

use crate::domain::fact::Cause;
use crate::report::causes;
use crate::ui::ask::Lang;

/// Kind of word, the word, Vietnamese, English.
type Word = (&'static str, &'static str, &'static str, &'static str);

const WORDS: &[Word] = &[
    ("way", "LINES", "bảng kê", "manifests"),
    ("way", "FACTS", "tin hành trình", "reports"),
    ("kind", "INTAKE", "Nộp hồ sơ", "Intake"),
    ("kind", "RESULT", "Trả kết quả", "Result"),
    ("side", "AGENCY", "một cửa", "one-stop desk"),
    ("side", "POST", "bưu điện", "post"),
    ("side", "OVERSIGHT", "giám sát", "oversight"),
    ("holder", "CITIZEN", "Người dân", "Citizen"),
    ("holder", "POST", "Bưu điện", "Post"),
    ("holder", "AGENCY", "Một cửa", "One-stop desk"),
    ("holder", "UNKNOWN", "Chưa rõ ai giữ", "Holder unknown"),
    ("holding", "CITIZEN", "Người dân đang giữ", "The citizen holds it"),
    ("holding", "POST", "Bưu điện đang giữ", "The post holds it"),
    ("holding", "AGENCY", "Một cửa đang giữ", "The one-stop desk holds it"),
    ("holding", "UNKNOWN", "Chưa rõ ai đang giữ", "Nobody can say who holds it"),
    ("state", "REGISTERED", "Đã lên bảng kê", "Registered"),
    ("state", "ORDERED", "Bưu chính đã nhận yêu cầu", "Order acknowledged"),
    ("state", "COLLECTION_ASSIGNED", "Đã phân người đi nhận", "Collection assigned"),
    ("state", "COLLECTION_FAILED", "Chưa nhận được hồ sơ", "Collection failed"),
    ("state", "ACCEPTED", "Bưu điện đã nhận", "Accepted by the post"),
    ("state", "IN_TRANSIT", "Đang vận chuyển", "In transit"),
    ("state", "AT_DELIVERY_POST", "Đến bưu cục phát", "At the delivery office"),
    ("state", "OUT_FOR_DELIVERY", "Đang đi phát", "Out for delivery"),
    ("state", "ATTEMPT_FAILED", "Chưa phát được", "Delivery attempt failed"),
    ("state", "PARTIAL", "Phát một phần", "Partly delivered"),
    ("state", "DELIVERED_REPORTED", "Báo đã phát", "Reported delivered"),
    ("state", "CONFIRMED", "Đã xác nhận", "Confirmed"),
    ("state", "RETURNING", "Đang chuyển hoàn", "Returning"),
    ("state", "RETURNED_REPORTED", "Báo đã chuyển hoàn", "Reported returned"),
    ("state", "RETURN_CONFIRMED", "Đã xác nhận chuyển hoàn", "Return confirmed"),
    ("state", "CANCELLED", "Đã rút", "Withdrawn"),
    ("state", "LOST_OR_DAMAGED", "Mất hoặc hư hỏng", "Lost or damaged"),
    ("role", "POST_CLERK", "Giao dịch viên", "Post clerk"),
    ("role", "POSTMAN", "Bưu tá", "Postman"),
    ("role", "DESK_CLERK", "Cán bộ một cửa", "One-stop clerk"),
    ("role", "POST_SUPERVISOR", "Phụ trách bưu cục", "Post supervisor"),
    ("role", "AGENCY_SUPERVISOR", "Phụ trách một cửa", "One-stop supervisor"),
    ("role", "OVERSIGHT", "Giám sát cấp tỉnh", "Provincial oversight"),
    ("role", "ADMINISTRATOR", "Quản trị", "Administrator"),
    ("weekday", "Mon", "thứ Hai", "Monday"),
    ("weekday", "Tue", "thứ Ba", "Tuesday"),
    ("weekday", "Wed", "thứ Tư", "Wednesday"),
    ("weekday", "Thu", "thứ Năm", "Thursday"),
    ("weekday", "Fri", "thứ Sáu", "Friday"),
    ("weekday", "Sat", "thứ Bảy", "Saturday"),
    ("weekday", "Sun", "Chủ nhật", "Sunday"),
    ("line_outcome", "TAKEN", "Nhận đủ", "Taken"),
    ("line_outcome", "MISSING", "Thiếu cả hồ sơ", "Dossier missing"),
    ("line_outcome", "COUNT_DIFFERS", "Lệch số bản", "Counts differ"),
    ("line_outcome", "SEAL_DAMAGED", "Niêm phong rách hoặc mất", "Seal damaged"),
    ("line_outcome", "UNREADABLE", "Không đọc được nhãn", "Label unreadable"),
    ("line_outcome", "WRONG_AGENCY", "Nhầm cơ quan", "Wrong agency"),
    ("handover_step", "COUNT", "Chờ đơn vị mình đếm", "Yours to count"),
    ("handover_step", "WAIT_COUNT", "Chờ bên nhận đếm", "The receiver counts"),
    ("handover_step", "SIGN", "Chờ đơn vị mình ký", "Yours to sign"),
    ("handover_step", "WAIT_SIGN", "Chờ bên kia ký", "The other side signs"),
    ("handover_step", "DONE", "Đã xong", "Completed"),
    ("handover_step", "CANCELLED", "Đã bỏ", "Given up"),
    ("recovery", "TAKEN", "bưu tá đã thu", "the postman has it"),
    ("recovery", "DECLARED_LOST", "người nhận khai mất", "declared lost"),
    ("recovery", "NOT_GIVEN", "người nhận chưa nộp", "not given"),
    ("recovery", "UNTOLD", "bưu tá chưa báo", "nothing told yet"),
    ("original", "AT_AGENCY", "đang ở cơ quan", "at the agency"),
    ("original", "ON_ITS_WAY", "đang trên đường trả", "on its way back"),
    ("original", "RETURNED", "đã trả công dân", "back with the citizen"),
    ("original", "UNRETURNED", "kết quả đã trả, bản chính chưa trả", "left behind by the result"),
    ("original", "LOST", "mất", "lost"),
    ("original_said", "GIVEN_BACK", "Đã trả tận tay", "Given back by hand"),
    ("original_said", "DECLARED_LOST", "Báo mất", "Declared lost"),
    ("service", "SEND", "Gửi hồ sơ", "Send the dossier"),
    ("service", "BOTH", "Gửi hồ sơ và trả kết quả", "Send it and bring the result"),
    ("taken_at", "COUNTER", "tại quầy bưu cục", "at the counter"),
    ("taken_at", "DOOR", "tại địa chỉ người gửi", "at the sender's door"),
    ("lane", "WITHIN_AREA", "Trong cùng địa bàn", "Within one area"),
    ("lane", "BETWEEN_AREAS", "Giữa các địa bàn trong tỉnh", "Between areas of the province"),
    ("lane", "BETWEEN_CITIES", "Giữa đô thị đặc biệt, loại I khác tỉnh", "Between first-class cities of two provinces"),
    ("lane", "BETWEEN_PROVINCES", "Liên tỉnh khác", "Between provinces otherwise"),
    ("lane", "SPECIAL", "Vùng đặc thù, theo bưu điện công bố", "Special geography, as the post published"),
    ("postage_pay", "SENDER_NOW", "Người gửi trả ngay", "The sender pays now"),
    ("postage_pay", "ON_RESULT", "Người nhận trả khi nhận kết quả", "Paid when the result is received"),
    ("postage_pay", "CONTRACT", "Cơ quan trả hằng tháng theo hợp đồng", "The agency pays monthly by contract"),
    ("clock", "INTAKE_TRANSIT", "Chuyển hồ sơ đến cơ quan", "The dossier to the agency"),
    ("clock", "INTAKE_TRANSIT_SLIP", "Chuyển hồ sơ và giấy hẹn", "The dossier, and the slip back"),
    ("clock", "RESULT_TRANSIT", "Chuyển kết quả đến người dân", "The result to the citizen"),
    ("clock", "SAME_DAY_RESULT", "Kết quả trong ngày", "Result on the same day"),
    (
        "clock",
        "SAME_DAY_TRANSFER",
        "Chuyển giấy trong ngày, sau 15 giờ là đầu giờ ngày sau",
        "Papers on the same day, after 15:00 on the next",
    ),
    ("clock", "FILING_GAP", "Từ ký nhận đến mở hồ sơ", "From signing to the opened case"),
    ("clock", "AGENCY_HOP", "Chuyển đến cơ quan có thẩm quyền", "On to the competent agency"),
    ("clock", "SUPPLEMENT_NOTICE", "Thời hạn yêu cầu bổ sung", "A supplement may be asked for"),
    ("clock", "SUPPLEMENT_ANSWER", "Chờ người dân bổ sung", "The citizen completes it"),
    ("clock", "PROCESSING", "Giải quyết hồ sơ", "The case is worked on"),
    ("clock", "APOLOGY", "Xin lỗi trước khi trễ hẹn", "Apology before the date is missed"),
    ("clock", "APOLOGY_AGAIN", "Xin lỗi trước ngày hẹn mới", "Apology before the new date"),
    ("clock", "SECOND_INVITATION", "Lời mời lần hai không sớm hơn", "The second invitation not before"),
    ("clock", "RETURN_WAIT", "Chưa được chuyển hoàn trước", "Not sent back before"),
    ("clock", "COMPLAINT_WINDOW", "Thời hạn khiếu nại", "A complaint may be made"),
    ("clock", "COMPLAINT_ANSWER", "Trả lời khiếu nại", "The complaint is answered"),
    ("clock", "FEE_REMITTANCE", "Nộp lệ phí về cơ quan", "The fee is paid over"),
    ("clock", "PAPER_RETENTION", "Bưu điện giữ chứng từ", "The post keeps its papers"),
    ("clock", "DATA_RETENTION", "Bưu điện giữ dữ liệu", "The post keeps its data"),
    ("clock_status", "NOT_STARTED", "chưa bắt đầu", "not started"),
    ("clock_status", "RUNNING", "đang tính", "running"),
    ("clock_status", "SUSPENDED", "tạm dừng", "stopped"),
    ("clock_status", "MET", "đúng hạn", "in time"),
    ("clock_status", "LATE", "quá hạn", "late"),
    ("clock_status", "TOO_EARLY", "sớm hơn quy định", "too early"),
    ("clock_status", "OVER", "đã qua", "over"),
    ("clock_status", "VOID", "không còn tính", "no longer counted"),
    ("clock_status", "UNKNOWN", "chưa tính được", "not known"),
    ("clock_unknown", "NO_CALENDAR", "Lịch làm việc của năm này chưa nạp", "The calendar of that year is not loaded"),
    (
        "clock_unknown",
        "LANE_UNKNOWN",
        "Chưa biết tuyến: cần vùng bưu chính của hai đầu",
        "The lane is unknown: the zones of both ends are needed",
    ),
    (
        "clock_unknown",
        "PUBLISHED_BY_POST",
        "Vùng đặc thù: theo thời gian bưu điện công bố",
        "Special geography: as the post publishes",
    ),
    (
        "clock_unknown",
        "SLIP_UNKNOWN",
        "Chưa biết bưu điện có trả giấy hẹn không",
        "Whether the post brings the slip is not known",
    ),
    (
        "clock_unknown",
        "PROCEDURE_UNKNOWN",
        "Chưa có ngày hẹn và chưa biết số ngày của thủ tục",
        "No date was given, and the days of the procedure are not known",
    ),
    ("clock_unknown", "DATE_UNKNOWN", "Ngày hẹn không ghi ngày", "The appointment names no date"),
    ("clock_unknown", "NOT_AGREED", "Thỏa thuận chưa ghi số ngày", "No agreement names the days"),
    ("clock_reason", "RECEIVER_ABSENT", "người nhận vắng", "the receiver was not there"),
    ("clock_reason", "ADDRESS_WRONG", "sai địa chỉ", "the address is wrong"),
    ("clock_reason", "RECEIVER_REFUSED", "người nhận từ chối", "the receiver refused"),
    ("clock_reason", "SUPPLEMENT_PENDING", "chờ người dân bổ sung", "waiting for the supplement"),
    ("case_mark", "SLIP_GIVEN", "Người dân đã có giấy hẹn", "The citizen has the slip"),
    ("case_mark", "SENT_ON", "Chuyển cơ quan khác giải quyết", "Sent on to another agency"),
    ("case_mark", "AT_COMPETENT_AGENCY", "Cơ quan có thẩm quyền đã nhận giấy", "The competent agency has the papers"),
    ("case_mark", "SUPPLEMENT_ASKED", "Yêu cầu bổ sung", "Supplement asked for"),
    ("case_mark", "SUPPLEMENT_COMPLETE", "Đã bổ sung đủ", "Supplement complete"),
    ("case_mark", "APPOINTED", "Hẹn trả kết quả", "Date of the result given"),
    ("case_mark", "APOLOGISED", "Đã xin lỗi", "Apologised"),
    ("case_mark", "APPOINTED_AGAIN", "Hẹn lại", "New date given"),
    ("case_mark", "RESULT_READY", "Có kết quả", "Result ready"),
    ("case_mark", "CASE_CLOSED", "Đóng hồ sơ", "Case closed"),
    ("case_mark", "COMPLAINED", "Có khiếu nại", "Complaint made"),
    ("case_mark", "COMPLAINT_ANSWERED", "Đã trả lời khiếu nại", "Complaint answered"),
];

/// The words for a word of the contract; the word itself when there are none, since unknown stays visible.
pub fn words(kind: &str, word: &str, lang: Lang) -> String {
    if let ("cause", Some(cause)) = (kind, Cause::parse(word)) {
        let (vi, en) = causes::words(cause);
        return String::from(lang.pick(vi, en));
    }
    let known = WORDS.iter().find(|(of, known, _, _)| *of == kind && *known == word);
    known.map_or_else(|| word.to_owned(), |(_, _, vi, en)| String::from(lang.pick(*vi, *en)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clocks::{ClockId, Mark, Reason, Status};
    use crate::domain::consignment::{PostagePay, Service, TakenAt};
    use crate::domain::fact::Recovery;
    use crate::domain::handover::LineOutcome;
    use crate::domain::lane::Lane;
    use crate::domain::leg::{Holder, LegKind, Side, State};
    use crate::domain::originals::{Outcome, Standing};
    use crate::domain::person::Role;

    #[test]
    fn every_word_of_the_domain_has_words() {
        let mut all: Vec<(&str, &str)> = Vec::new();
        all.extend(LegKind::ALL.iter().map(|word| ("kind", word.as_str())));
        all.extend(Side::ALL.iter().map(|word| ("side", word.as_str())));
        all.extend(Holder::ALL.iter().flat_map(|word| [("holder", word.as_str()), ("holding", word.as_str())]));
        all.extend(State::ALL.iter().map(|word| ("state", word.as_str())));
        all.extend(Role::ALL.iter().map(|word| ("role", word.as_str())));
        all.extend(LineOutcome::ALL.iter().map(|word| ("line_outcome", word.as_str())));
        all.extend(Service::ALL.iter().map(|word| ("service", word.as_str())));
        all.extend(TakenAt::ALL.iter().map(|word| ("taken_at", word.as_str())));
        all.extend(Lane::ALL.iter().map(|word| ("lane", word.as_str())));
        all.extend(PostagePay::ALL.iter().map(|word| ("postage_pay", word.as_str())));
        all.extend(ClockId::ALL.iter().map(|word| ("clock", word.as_str())));
        all.extend(Status::ALL.iter().map(|word| ("clock_status", word.as_str())));
        all.extend(Reason::ALL.iter().map(|word| ("clock_reason", word.as_str())));
        all.extend(Mark::TOLD.iter().map(|word| ("case_mark", word.as_str())));
        all.extend(Recovery::ALL.iter().map(|word| ("recovery", word.as_str())));
        all.extend(Standing::ALL.iter().map(|word| ("original", word.as_str())));
        all.extend(Outcome::ALL.iter().map(|word| ("original_said", word.as_str())));
        for (kind, word) in all {
            assert_eq!(
                WORDS.iter().filter(|(of, known, _, _)| *of == kind && *known == word).count(),
                1,
                "{kind} {word}"
            );
        }
    }
}
