//! What people read for the words of the contract: Vietnamese and English, one place.

use crate::domain::fact::Cause;
use crate::report::causes;
use crate::ui::ask::Lang;

/// Kind of word, the word, Vietnamese, English.
type Word = (&'static str, &'static str, &'static str, &'static str);

const WORDS: &[Word] = &[
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
    use crate::domain::consignment::{PostagePay, Service, TakenAt};
    use crate::domain::fact::Recovery;
    use crate::domain::handover::LineOutcome;
    use crate::domain::lane::Lane;
    use crate::domain::leg::{Holder, LegKind, Side, State};
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
        all.extend(Recovery::ALL.iter().map(|word| ("recovery", word.as_str())));
        for (kind, word) in all {
            assert_eq!(
                WORDS.iter().filter(|(of, known, _, _)| *of == kind && *known == word).count(),
                1,
                "{kind} {word}"
            );
        }
    }
}
