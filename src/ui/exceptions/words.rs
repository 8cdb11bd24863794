//! What people read for exceptions: what it is, what to do next, and the words of events and acts.

use crate::domain::discrepancy::Kind;
use crate::domain::exception::Sort;
use crate::report::kinds;
use crate::ui::ask::Lang;

type Word = (&'static str, &'static str, &'static str);

/// What an exception other than a discrepancy is called.
const KINDS: &[Word] = &[
    ("POST_ORDER", "Yêu cầu gửi bưu chính bị treo", "Order to the post is parked"),
    ("POST_CANCEL", "Tin rút yêu cầu bị treo", "Withdrawal is parked"),
    ("ONE_STOP_STATE", "Tin gửi một cửa bị treo", "Message to the one-stop side is parked"),
    ("WEBHOOK", "Tin báo tự động bị treo", "Notification is parked"),
    ("REPORT_FILE", "Tệp báo cáo chưa đến nơi nhận", "A file of a report is parked"),
    ("NOTICE", "Tin gửi nơi nhận bị treo", "A message to a receiver is parked"),
    ("INBOX", "Tin nhận không đọc được", "Incoming message cannot be read"),
    ("CITIZEN", "Chờ thu gom quá lâu", "Waits too long for collection"),
    ("POST", "Bưu điện giữ quá lâu", "Held too long by the post"),
    ("AGENCY", "Một cửa giữ quá lâu", "Held too long by the one-stop desk"),
    ("UNKNOWN", "Chưa rõ ai giữ", "Holder unknown"),
];

/// What to do next.
const NEXT: &[Word] = &[
    ("CODE", "Gán nghĩa cho mã; cần hai quản trị viên.", "Give the code a meaning; it takes two administrators."),
    ("CITIZEN", "Gọi người nộp, hẹn giờ thu gom.", "Call the applicant and agree on a time."),
    ("POST", "Hỏi bưu cục hồ sơ đang ở khâu nào.", "Ask the office where it is."),
    ("AGENCY", "Nhắc bộ phận một cửa giao hồ sơ.", "Remind the desk to hand it over."),
    ("UNKNOWN", "Hỏi cả hai bên, tìm hồ sơ ngay.", "Ask both sides and find it now."),
    ("MESSAGE", "Xem lý do, sửa nếu cần, rồi gửi lại.", "Read why, mend if needed, send again."),
    ("INBOX", "Hỏi bên gửi; không cần nữa thì hai người cùng cho qua.", "Ask the sender; two people may let it rest."),
];

/// Words of events.
const EVENTS: &[Word] = &[
    ("REGISTERED", "Lên bảng kê", "Registered"),
    ("ORDERED", "Bưu chính nhận yêu cầu", "Order acknowledged"),
    ("COLLECTION_ASSIGNED", "Phân người đi nhận", "Collection assigned"),
    ("COLLECTION_FAILED", "Chưa nhận được hồ sơ", "Collection failed"),
    ("ACCEPTED", "Bưu điện nhận hồ sơ", "Accepted by the post"),
    ("IN_TRANSIT", "Đang vận chuyển", "In transit"),
    ("AT_DELIVERY_POST", "Đến bưu cục phát", "At the delivery office"),
    ("OUT_FOR_DELIVERY", "Đang đi phát", "Out for delivery"),
    ("ATTEMPT_FAILED", "Chưa phát được", "Delivery attempt failed"),
    ("PARTIAL", "Phát một phần", "Partly delivered"),
    ("DELIVERED", "Báo đã phát", "Reported delivered"),
    ("CONFIRMED", "Bên nhận xác nhận", "Confirmed by the receiver"),
    ("RETURNING", "Đang chuyển hoàn", "Returning"),
    ("RETURNED", "Báo đã chuyển hoàn", "Reported returned"),
    ("RETURN_CONFIRMED", "Xác nhận chuyển hoàn", "Return confirmed"),
    ("LOST", "Mất", "Lost"),
    ("DAMAGED", "Hư hỏng", "Damaged"),
    ("CANCELLED", "Rút", "Withdrawn"),
    ("CASE_RECEIVED", "Một cửa tiếp nhận", "Case opened"),
    ("INVITED", "Mời đến nhận", "Invited to collect"),
    ("FEE_COLLECTED", "Thu lệ phí", "Fee collected"),
    ("FEE_REMITTED", "Nộp lệ phí", "Fee paid over"),
    ("NOTED", "Ghi chú, không đổi trạng thái", "Noted, changes no state"),
    ("CORRECTED", "Đính chính", "Corrected"),
    ("UNMAPPED", "Mã lạ, chưa rõ nghĩa", "Unknown code"),
];

/// Acts on the record.
const ACTS: &[Word] = &[
    ("REPORT.DISTRIBUTED", "Lập và gửi báo cáo", "Made and sent a report"),
    ("CALENDAR.LOADED", "Nạp lịch làm việc", "Loaded a working calendar"),
    ("EXCEPTION.TAKE", "Nhận xử lý", "Took it in hand"),
    ("EXCEPTION.RESOLVE", "Đóng, có lý do", "Resolved with a reason"),
    ("EXCEPTION.PROPOSE", "Đề nghị chấp nhận lệch", "Proposed to accept"),
    ("EXCEPTION.APPROVE", "Duyệt chấp nhận lệch", "Approved accepting it"),
    ("EXCEPTION.DECLINE", "Không duyệt", "Declined"),
    ("EXCEPTION.WITHDRAW", "Rút đề nghị chấp nhận lệch", "Withdrew the proposal to accept"),
    ("DISCREPANCY.RESOLVE", "Đóng sai lệch, có lý do", "Resolved a discrepancy"),
    ("MESSAGE.MEND", "Sửa và gửi lại", "Mended and sent again"),
    ("MESSAGE.REPLAY", "Gửi lại nguyên", "Sent again as it was"),
    ("RULE.PROPOSE", "Đề nghị nghĩa của mã", "Proposed a meaning"),
    ("RULE.APPROVE", "Duyệt nghĩa của mã", "Approved the meaning"),
    ("RULE.DECLINE", "Không duyệt nghĩa của mã", "Declined the meaning"),
    ("RULE.WITHDRAW", "Rút đề nghị nghĩa của mã", "Withdrew the meaning"),
    ("HANDOVER.OPEN", "Mở giao nhận", "Opened a handover"),
    ("HANDOVER.COUNT", "Đếm khi giao nhận", "Counted a handover"),
    ("HANDOVER.SIGN", "Ký giao nhận", "Signed a handover"),
    ("HANDOVER.CANCEL", "Bỏ giao nhận", "Gave a handover up"),
    ("ACCOUNT.CREATE", "Tạo tài khoản", "Made an account"),
    ("ACCOUNT.RESET", "Đặt lại mật khẩu", "Reset a password"),
    ("ACCOUNT.LOCK", "Khóa tài khoản", "Locked an account"),
    ("ACCOUNT.OPEN", "Mở tài khoản", "Opened an account"),
    ("ACCOUNT.BIND", "Gắn tài khoản đăng nhập chung", "Bound a provider"),
    ("ACCOUNT.PASSWORD", "Đổi mật khẩu", "Changed the password"),
    ("ACCOUNT.PIN", "Đặt PIN", "Set the PIN"),
    ("ACCOUNT.SETTLE", "Tài khoản sẵn sàng", "Account made ready"),
    ("ACCOUNT.ROLE", "Đổi vai trò, nơi làm việc", "Changed role and place"),
    ("ACCOUNT.SIGN_OUT", "Đăng xuất khỏi mọi máy", "Signed out everywhere"),
    ("INTAKE.TAKEN", "Nhận hồ sơ", "Took a dossier in"),
    ("MANIFEST.CLOSED", "Khép bảng kê", "Closed a manifest"),
    ("SCAN_SESSION.OPEN", "Mở phiên quét", "Opened a scan session"),
    ("SCAN_SESSION.CLOSE", "Khép phiên quét", "Closed a scan session"),
    ("ROUND.GIVE", "Giao cho bưu tá", "Gave to a postman"),
    ("ROUND.TAKE_BACK", "Nhận lại của bưu tá", "Took back from a postman"),
    ("DEVICE.SCAN", "Quét", "Scanned"),
    ("DEVICE.UNDO", "Hoàn tác một lần quét", "Took a scan back"),
    ("DEVICE.DELIVERY", "Báo đã phát", "Reported a delivery"),
    ("DEVICE.ATTEMPT", "Báo chưa phát được", "Reported a failed attempt"),
    ("DEVICE.INVITATION", "Mời đến nhận", "Invited to collect"),
    ("DEVICE.RETURN", "Chuyển hoàn", "Turned back"),
    ("DEVICE.RECOVERED", "Thu giấy tờ", "Recovered papers"),
    ("DEVICE.DISMISSAL", "Bỏ thao tác bị từ chối", "Dismissed a refused act"),
    ("FILE.KEEP", "Lưu ảnh, chữ ký", "Kept a picture"),
    ("DESK.PAPERS", "Nhận giấy tờ thu hồi", "Took recovered papers"),
    ("DESK.MONEY", "Nhận tiền lệ phí", "Took fee money"),
    ("DOSSIER.PHONE_SEARCH", "Tìm theo số điện thoại", "Searched by phone"),
    ("TRACKING.OPENED", "Tra cứu chi tiết bằng mã bí mật", "Looked up with the receipt secret"),
    ("TRACKING.FAILED", "Tra cứu sai mã bí mật", "Wrong receipt secret"),
    ("SIGN_IN.PASSWORD", "Đăng nhập", "Signed in"),
    ("SIGN_IN.PROVIDER", "Đăng nhập bằng tài khoản chung", "Signed in by the provider"),
    ("SIGN_IN.AGAIN", "Đăng nhập lại", "Signed in again"),
    ("SIGN_IN.FAILED", "Đăng nhập sai", "Failed sign-in"),
    ("SIGN_OUT", "Đăng xuất", "Signed out"),
    ("PROPOSED", "Chờ người thứ hai duyệt", "Waits for a second person"),
    ("APPROVED", "Đã duyệt", "Approved"),
    ("DECLINED", "Không duyệt", "Declined"),
    ("WITHDRAWN", "Đã rút", "Withdrawn"),
    ("EXPLAINED", "Đã giải thích", "Explained"),
    ("ACCEPTED", "Chấp nhận lệch", "Accepted with a note"),
    ("ATTEMPT", "Gửi", "Sent"),
    ("MENDED", "Sửa", "Mended"),
    ("REPLAYED", "Gửi lại", "Replayed"),
    ("PARKED", "Treo", "Parked"),
    ("TAKEN", "Đã nhận", "Taken"),
    ("MISSING", "Thiếu", "Missing"),
    ("COUNT_DIFFERS", "Lệch số", "Counts differ"),
    ("SEAL_DAMAGED", "Niêm phong hư", "Seal damaged"),
    ("UNREADABLE", "Không đọc được", "Unreadable"),
    ("WRONG_AGENCY", "Nhầm cơ quan", "Wrong agency"),
    ("SIGNATURE", "chữ ký", "signature"),
    ("PHOTO", "ảnh", "photo"),
    ("DOCUMENT", "giấy tờ", "document"),
    ("OPERATIONS", "Quản trị", "Administrators"),
    ("BOTH", "Hai bên", "Both sides"),
];

/// What came of an attempt to send, and why a message stopped.
const OUTCOMES: &[Word] = &[
    ("DONE", "Bên nhận đã nhận", "Taken by the receiver"),
    ("WITHDRAWN", "Không còn gì phải gửi", "Nothing left to send"),
    ("GONE", "Nơi nhận không còn nhận tin", "The receiver is gone"),
    ("REFUSED", "Bên nhận từ chối", "Refused by the receiver"),
    ("RETRY", "Chưa gửi được", "Could not be sent"),
    ("UNAUTHORISED", "Bên nhận không nhận tài khoản của ta", "Our credentials were not accepted"),
    ("UNKNOWN", "Chưa rõ bên nhận đã nhận hay chưa", "Whether it arrived is unknown"),
    ("NOT_FOUND", "Bên nhận không có tin này", "The receiver does not have it"),
    ("ATTEMPTS_EXHAUSTED", "Đã thử hết số lần", "Tried as often as allowed"),
    ("TOO_OLD", "Đã quá lâu", "Too old"),
];

fn of(words: &[Word], word: &str, lang: Lang) -> String {
    let found = words.iter().find(|(known, ..)| *known == word);
    found.map_or_else(|| word.to_owned(), |(_, vi, en)| String::from(lang.pick(*vi, *en)))
}

/// What an exception is called.
pub(in crate::ui) fn kind(word: &str, lang: Lang) -> String {
    Kind::parse(word).map_or_else(|| of(KINDS, word, lang), |kind| String::from(kinds::called(kind, lang)))
}

/// What to do next.
pub(super) fn next(word: &str, lang: Lang) -> String {
    Kind::parse(word).map_or_else(|| of(NEXT, word, lang), |kind| String::from(kinds::next(kind, lang)))
}

/// What happened.
pub(super) fn event(word: &str, lang: Lang) -> String {
    of(EVENTS, word, lang)
}

/// What a person did, and other small words.
pub(in crate::ui) fn act(word: &str, lang: Lang) -> String {
    of(ACTS, word, lang)
}

/// What came of an attempt; behind a colon stands what the receiver said.
pub(in crate::ui) fn outcome(told: &str, lang: Lang) -> String {
    match told.split_once(": ") {
        Some((word, said)) => format!("{}: {said}", of(OUTCOMES, word, lang)),
        None => of(OUTCOMES, told, lang),
    }
}

/// A sort, as a filter names it.
pub(super) fn sort(sort: Sort, lang: Lang) -> &'static str {
    match sort {
        Sort::Discrepancy => lang.pick("Sai lệch", "Discrepancies"),
        Sort::Fact => lang.pick("Tin không khớp", "Unmatched reports"),
        Sort::Code => lang.pick("Mã lạ", "Unknown codes"),
        Sort::Custody => lang.pick("Giữ quá lâu", "Held too long"),
        Sort::Message => lang.pick("Tin treo", "Parked messages"),
        Sort::Inbox => lang.pick("Tin hỏng", "Unreadable messages"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::custody::EventKind;
    use crate::domain::leg::Holder;

    #[test]
    fn every_word_of_the_work_list_has_words() {
        let named = |words: &[Word], word: &str| words.iter().filter(|(known, ..)| *known == word).count();
        for holder in Holder::ALL {
            assert_eq!((named(KINDS, holder.as_str()), named(NEXT, holder.as_str())), (1, 1), "{holder}");
        }
        for kind in EventKind::ALL {
            assert_eq!(named(EVENTS, kind.as_str()), 1, "{kind}");
        }
    }
}
