//! What people read for the events of a dossier, its next step, its messages: each in Vietnamese and English, one place.

use crate::domain::custody::EventKind;
use crate::domain::leg::{LegKind, State};
use crate::ui::ask::Lang;

/// Vietnamese and English.
type Pair = (&'static str, &'static str);

/// An event as it is told of an intake leg and of a result leg.
const EVENTS: &[(EventKind, Pair, Pair)] = &[
    (
        EventKind::Registered,
        ("Lên bảng kê nộp hồ sơ", "Listed for intake"),
        ("Cơ quan có kết quả, lên bảng kê trả", "The agency has the result and listed it"),
    ),
    same(EventKind::Ordered, "Bưu chính đã nhận yêu cầu", "The post acknowledged the order"),
    (
        EventKind::CollectionAssigned,
        ("Đã phân người đi nhận hồ sơ", "Somebody is sent to collect the dossier"),
        ("Đã phân người đi nhận kết quả", "Somebody is sent to collect the result"),
    ),
    (
        EventKind::CollectionFailed,
        ("Đi nhận hồ sơ chưa được", "The dossier could not be collected"),
        ("Đi nhận kết quả chưa được", "The result could not be collected"),
    ),
    (
        EventKind::Accepted,
        ("Bưu điện nhận hồ sơ từ người dân", "The post took the dossier from the citizen"),
        ("Bưu điện nhận kết quả từ cơ quan", "The post took the result from the agency"),
    ),
    same(EventKind::InTransit, "Đang vận chuyển", "In transit"),
    same(EventKind::AtDeliveryPost, "Đến bưu cục phát", "At the delivery office"),
    (EventKind::OutForDelivery, ("Mang đi giao cơ quan", "Out to the agency"), ("Mang đi phát", "Out for delivery")),
    (
        EventKind::AttemptFailed,
        ("Giao cơ quan chưa được", "The agency could not be reached"),
        ("Phát chưa được", "Delivery attempt failed"),
    ),
    same(EventKind::Partial, "Giao một phần", "Partly handed over"),
    (
        EventKind::Delivered,
        ("Bưu điện báo đã giao cơ quan", "The post reports it delivered to the agency"),
        ("Bưu điện báo đã phát", "The post reports it delivered"),
    ),
    (
        EventKind::Confirmed,
        ("Cơ quan nhận hồ sơ từ bưu điện", "The agency took the dossier from the post"),
        ("Người nhận đã nhận kết quả", "The receiver took the result"),
    ),
    (
        EventKind::Returning,
        ("Chuyển hoàn về người nộp", "Going back to the sender"),
        ("Chuyển hoàn về cơ quan", "Going back to the agency"),
    ),
    same(EventKind::Returned, "Bưu điện báo đã chuyển hoàn", "The post reports it returned"),
    (
        EventKind::ReturnConfirmed,
        ("Người nộp đã nhận lại hồ sơ", "The sender took the dossier back"),
        ("Cơ quan đã nhận lại kết quả", "The agency took the result back"),
    ),
    same(EventKind::Lost, "Mất", "Lost"),
    same(EventKind::Damaged, "Hư hỏng", "Damaged"),
    same(EventKind::Cancelled, "Rút khỏi bảng kê", "Withdrawn"),
    same(EventKind::CaseReceived, "Cơ quan mở hồ sơ, cấp mã", "The agency opened the case and gave it its number"),
    same(EventKind::Invited, "Mời người nhận đến lấy", "The receiver was invited to collect"),
    same(EventKind::FeeCollected, "Thu tiền", "Money was taken"),
    same(EventKind::FeeRemitted, "Nộp tiền về cơ quan", "Money was paid over"),
    same(EventKind::Noted, "Ghi chú của hệ thống", "Note of a system"),
    same(EventKind::Corrected, "Đính chính", "Correction"),
    same(EventKind::Unmapped, "Mã trạng thái chưa biết", "Unknown status code"),
];

const fn same(event: EventKind, vi: &'static str, en: &'static str) -> (EventKind, Pair, Pair) {
    (event, (vi, en), (vi, en))
}

/// What happened, in words.
pub fn event(kind: LegKind, event: EventKind, lang: Lang) -> &'static str {
    let row = EVENTS.iter().find(|(known, _, _)| *known == event);
    let pair = row.map(|(_, intake, result)| if kind == LegKind::Intake { intake } else { result });
    pair.map_or(event.as_str(), |(vi, en)| lang.pick(*vi, *en))
}

/// What comes next at a state, for intake and for result.
const NEXT: &[(State, Pair, Pair)] = &[
    (
        State::Registered,
        ("bưu điện nhận hồ sơ từ người dân.", "the post takes the dossier from the citizen."),
        ("bưu điện đến cơ quan nhận kết quả, hai bên ký.", "the post takes the result at the agency; both sign."),
    ),
    (
        State::Ordered,
        ("bưu chính phân người đi nhận hồ sơ.", "the post sends somebody to collect the dossier."),
        ("bưu điện đến cơ quan nhận kết quả, hai bên ký.", "the post takes the result at the agency; both sign."),
    ),
    (
        State::CollectionAssigned,
        ("người đi nhận đến lấy hồ sơ.", "the collector comes for the dossier."),
        ("người đi nhận đến cơ quan lấy kết quả.", "the collector comes to the agency for the result."),
    ),
    (
        State::CollectionFailed,
        ("hẹn lại người dân và đi nhận lần nữa.", "agree on a time with the citizen and collect again."),
        ("hẹn lại cơ quan và đi nhận lần nữa.", "agree on a time with the agency and collect again."),
    ),
    (
        State::Accepted,
        ("chuyển đến cơ quan; cơ quan đếm và ký nhận.", "bring it to the agency, which counts and signs."),
        ("chuyển đến bưu cục phát và giao bưu tá.", "bring it to the delivery office and give it to a postman."),
    ),
    (
        State::InTransit,
        ("đến nơi thì lập biên bản giao cơ quan.", "on arrival, hand it over to the agency."),
        ("đến bưu cục phát và giao bưu tá.", "reach the delivery office and go to a postman."),
    ),
    (
        State::AtDeliveryPost,
        ("lập biên bản giao cơ quan.", "hand it over to the agency."),
        ("giao bưu tá mang đi phát.", "give it to a postman."),
    ),
    (
        State::OutForDelivery,
        ("cơ quan đếm và ký nhận.", "the agency counts and signs."),
        (
            "người nhận ký, bưu tá xem giấy tờ tùy thân.",
            "the receiver signs, after the postman has seen an identity paper.",
        ),
    ),
    (
        State::AttemptFailed,
        ("hẹn lại cơ quan và giao lần nữa.", "agree on a time with the agency and try again."),
        (
            "liên hệ người nhận, phát lại hoặc mời đến lấy.",
            "reach the receiver, then deliver again or invite them to collect.",
        ),
    ),
    (
        State::Partial,
        ("đối chiếu phần còn thiếu.", "compare what is still missing."),
        ("đối chiếu phần còn thiếu.", "compare what is still missing."),
    ),
    (
        State::DeliveredReported,
        ("cơ quan xác nhận đã nhận.", "the agency confirms that it has it."),
        ("bổ sung bằng chứng người nhận đã nhận.", "add the evidence that the receiver has it."),
    ),
    (
        State::Returning,
        ("trả tận tay người nộp và lấy chữ ký.", "give it back to the sender, who signs."),
        ("cơ quan đếm và ký nhận lại.", "the agency counts and signs for it."),
    ),
    (
        State::ReturnedReported,
        ("bổ sung bằng chứng người nộp đã nhận lại.", "add the evidence that the sender has it back."),
        ("cơ quan xác nhận đã nhận lại.", "the agency confirms that it has it back."),
    ),
    (
        State::LostOrDamaged,
        (
            "phụ trách hai bên lập biên bản và báo người dân (QĐ 45 Đ14).",
            "both supervisors make a record and tell the citizen (QĐ 45 Đ14).",
        ),
        (
            "phụ trách hai bên lập biên bản và báo người dân (QĐ 45 Đ14).",
            "both supervisors make a record and tell the citizen (QĐ 45 Đ14).",
        ),
    ),
    (
        State::Confirmed,
        ("cơ quan giải quyết; chưa có chặng trả kết quả.", "the agency decides; there is no leg of the result yet."),
        ("không còn việc nào.", "nothing is left to do."),
    ),
    (
        State::ReturnConfirmed,
        ("không còn việc nào ở chặng này.", "nothing is left to do on this leg."),
        ("cơ quan liên hệ người dân.", "the agency reaches the citizen."),
    ),
    (
        State::Cancelled,
        ("không còn việc nào ở chặng này.", "nothing is left to do on this leg."),
        ("không còn việc nào ở chặng này.", "nothing is left to do on this leg."),
    ),
];

/// What comes next, in words.
pub fn next_step(kind: LegKind, state: State, lang: Lang) -> &'static str {
    let row = NEXT.iter().find(|(known, _, _)| *known == state);
    let pair = row.map(|(_, intake, result)| if kind == LegKind::Intake { intake } else { result });
    pair.map_or("", |(vi, en)| lang.pick(*vi, *en))
}

/// A kind of message, whom it goes to and what it says.
const MESSAGES: &[(&str, Pair)] = &[
    ("POST_ORDER", ("Gửi bưu chính: yêu cầu nhận và chuyển", "To the post: order to collect and carry")),
    ("POST_CANCEL", ("Gửi bưu chính: hủy yêu cầu", "To the post: cancel the order")),
    ("ONE_STOP_STATE", ("Gửi một cửa", "To the one-stop system")),
    ("WEBHOOK", ("Gửi hệ thống đăng ký nhận tin", "To a subscriber")),
];

/// What a message is, in words; the word itself when there are none.
pub fn message(kind: &str, lang: Lang) -> String {
    let known = MESSAGES.iter().find(|(known, _)| *known == kind);
    known.map_or_else(|| kind.to_owned(), |(_, (vi, en))| lang.pick(*vi, *en).to_owned())
}

/// What is said beside custody when something of the ledger does not hold.
const DAMAGES: &[(&str, Pair)] = &[
    ("CHAIN_BROKEN", ("chuỗi băm bị đứt", "the hash chain is broken")),
    ("HEAD_DIFFERS", ("băm cuối khác với sổ", "the last hash differs")),
    ("STATE_DIFFERS", ("trạng thái lưu khác với trạng thái dựng lại", "the stored state is not what the events give")),
    ("HOLDERS_DIFFER", ("chuỗi người giữ không liền", "the holders do not follow one another")),
];

/// What does not hold, in words.
pub fn damage(kind: &str, lang: Lang) -> String {
    let known = DAMAGES.iter().find(|(known, _)| *known == kind);
    known.map_or_else(|| kind.to_owned(), |(_, (vi, en))| lang.pick(*vi, *en).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_and_state_has_its_words_once() {
        for event in EventKind::ALL {
            assert_eq!(EVENTS.iter().filter(|(known, _, _)| known == event).count(), 1, "{event}");
        }
        for state in State::ALL {
            assert_eq!(NEXT.iter().filter(|(known, _, _)| known == state).count(), 1, "{state}");
        }
    }
}
