//! The catalogue of problems: one row per code. Codes never change their meaning (contract 10).
//!
//! A code with a status answers a whole request; a code without one stands in `problems` beside a field.

/// Stable code of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The body cannot be read.
    BodyNotReadable,
    /// A document type declaration is not allowed.
    XmlDtdForbidden,
    /// The query is not valid.
    QueryInvalid,
    /// The cursor is not one of ours.
    CursorInvalid,
    /// The Idempotency-Key is not valid.
    IdempotencyKeyInvalid,
    /// An API key is needed.
    KeyMissing,
    /// The API key is unknown, revoked or expired.
    KeyInvalid,
    /// The signature does not fit the body.
    SignatureInvalid,
    /// The key lacks the scope for this.
    ScopeMissing,
    /// The key may not act for this agency.
    AgencyOutOfScope,
    /// The other side has to do this.
    NotYourSide,
    /// There is no such thing.
    NotFound,
    /// The method is not allowed here.
    MethodNotAllowed,
    /// The Idempotency-Key was used for another request.
    IdempotencyKeyReused,
    /// The first request with this key is still being worked on.
    RequestInProgress,
    /// The manifest number was used for another manifest.
    ManifestNoReused,
    /// The revision is not the next one.
    StaleRevision,
    /// The state of the leg does not allow this.
    LegState,
    /// Some lines have not been counted.
    LinesUncounted,
    /// The handover has changed since.
    HandoverChanged,
    /// Somebody else has signed for this side.
    AlreadySigned,
    /// The handover is closed.
    HandoverClosed,
    /// The discrepancy has been resolved otherwise.
    DiscrepancyResolved,
    /// The message is not parked.
    OutboxNotParked,
    /// The body is too large.
    BodyTooLarge,
    /// There are too many lines.
    TooManyLines,
    /// The media type is not supported here.
    MediaTypeUnsupported,
    /// Only UTF-8 is read.
    CharsetUnsupported,
    /// Compressed bodies are not read.
    ContentEncodingUnsupported,
    /// The manifest was refused.
    ManifestRefused,
    /// The handover was refused.
    HandoverRefused,
    /// The body breaks a rule.
    BodyInvalid,
    /// Too many requests.
    TooManyRequests,
    /// Something went wrong on our side.
    Internal,
    /// Not available now; try again.
    Unavailable,
    /// A field is missing.
    FieldMissing,
    /// A field is not valid.
    FieldInvalid,
    /// A field is unknown.
    FieldUnknown,
    /// A field is not allowed here.
    FieldNotAllowed,
    /// The totals differ from the lines.
    TotalsMismatch,
    /// The manifest has no line.
    ManifestEmpty,
    /// The XML namespace is unknown.
    XmlNamespaceUnknown,
    /// A header column changes from row to row.
    HeaderVaries,
    /// The dossier number is not valid.
    DossierNumberInvalid,
    /// The phone number is not valid.
    PhoneInvalid,
    /// The text is damaged.
    TextDamaged,
    /// The row has the wrong number of cells.
    RowWidth,
    /// The number occurs twice in the manifest.
    DuplicateInManifest,
    /// The dossier has an open leg of this kind.
    LegAlreadyOpen,
    /// The line was taken before.
    LineAlreadyTaken,
    /// The counts contradict the outcome.
    CountContradictsOutcome,
    /// The giver does not hold the leg.
    LegNotHeldByGiver,
    /// The leg is in another open handover.
    LegInOtherHandover,
    /// The check digit of the item number is wrong.
    ItemNumberCheckDigit,
    /// The item number is of another country.
    ItemNumberForeign,
    /// The phone number has the form before 2018.
    PhoneOldForm,
    /// There is no phone number.
    PhoneMissing,
    /// The address code is not in the catalogue.
    AddressUnresolved,
    /// The text looks like a formula.
    TextLikeFormula,
    /// A second supplement.
    SecondSupplement,
    /// The time lies ahead of our clock.
    TimeInFuture,
}

/// One row of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The code.
    pub code: Code,
    /// The code as it is written.
    pub text: &'static str,
    /// HTTP status when the code answers a whole request.
    pub status: Option<u16>,
    /// Title in English.
    pub title_en: &'static str,
    /// Title in Vietnamese.
    pub title_vi: &'static str,
}

const fn entry(
    code: Code,
    text: &'static str,
    status: Option<u16>,
    title_en: &'static str,
    title_vi: &'static str,
) -> Entry {
    Entry { code, text, status, title_en, title_vi }
}

/// The catalogue, in the order of `Code`.
pub const CATALOGUE: &[Entry] = &[
    entry(
        Code::BodyNotReadable,
        "BODY_NOT_READABLE",
        Some(400),
        "The body cannot be read",
        "Không đọc được nội dung gửi lên",
    ),
    entry(
        Code::XmlDtdForbidden,
        "XML_DTD_FORBIDDEN",
        Some(400),
        "A document type declaration is not allowed",
        "Không được khai báo DTD trong XML",
    ),
    entry(Code::QueryInvalid, "QUERY_INVALID", Some(400), "The query is not valid", "Tham số truy vấn không hợp lệ"),
    entry(
        Code::CursorInvalid,
        "CURSOR_INVALID",
        Some(400),
        "The cursor is not one of ours",
        "Con trỏ phân trang không phải do hệ thống này cấp",
    ),
    entry(
        Code::IdempotencyKeyInvalid,
        "IDEMPOTENCY_KEY_INVALID",
        Some(400),
        "The Idempotency-Key is not valid",
        "Idempotency-Key không hợp lệ",
    ),
    entry(Code::KeyMissing, "KEY_MISSING", Some(401), "An API key is needed", "Thiếu khóa API"),
    entry(
        Code::KeyInvalid,
        "KEY_INVALID",
        Some(401),
        "The API key is unknown, revoked or expired",
        "Khóa API không tồn tại, đã thu hồi hoặc hết hạn",
    ),
    entry(
        Code::SignatureInvalid,
        "SIGNATURE_INVALID",
        Some(401),
        "The signature does not fit the body",
        "Chữ ký không khớp với nội dung",
    ),
    entry(
        Code::ScopeMissing,
        "SCOPE_MISSING",
        Some(403),
        "The key lacks the scope for this",
        "Khóa API không có quyền làm việc này",
    ),
    entry(
        Code::AgencyOutOfScope,
        "AGENCY_OUT_OF_SCOPE",
        Some(403),
        "The key may not act for this agency",
        "Khóa API không được phép làm việc cho cơ quan này",
    ),
    entry(Code::NotYourSide, "NOT_YOUR_SIDE", Some(403), "The other side has to do this", "Việc này thuộc về bên kia"),
    entry(Code::NotFound, "NOT_FOUND", Some(404), "There is no such thing", "Không tìm thấy"),
    entry(
        Code::MethodNotAllowed,
        "METHOD_NOT_ALLOWED",
        Some(405),
        "The method is not allowed here",
        "Phương thức không được dùng ở đây",
    ),
    entry(
        Code::IdempotencyKeyReused,
        "IDEMPOTENCY_KEY_REUSED",
        Some(409),
        "The Idempotency-Key was used for another request",
        "Idempotency-Key đã dùng cho một yêu cầu khác",
    ),
    entry(
        Code::RequestInProgress,
        "REQUEST_IN_PROGRESS",
        Some(409),
        "The first request with this key is still being worked on",
        "Yêu cầu đầu tiên với khóa này vẫn đang được xử lý",
    ),
    entry(
        Code::ManifestNoReused,
        "MANIFEST_NO_REUSED",
        Some(409),
        "The manifest number was used for another manifest",
        "Số bảng kê đã dùng cho một bảng kê khác",
    ),
    entry(
        Code::StaleRevision,
        "STALE_REVISION",
        Some(409),
        "The revision is not the next one",
        "Lần sửa không phải là lần kế tiếp",
    ),
    entry(
        Code::LegState,
        "LEG_STATE",
        Some(409),
        "The state of the leg does not allow this",
        "Trạng thái của chặng không cho phép",
    ),
    entry(
        Code::LinesUncounted,
        "LINES_UNCOUNTED",
        Some(409),
        "Some lines have not been counted",
        "Còn dòng chưa kiểm đếm",
    ),
    entry(
        Code::HandoverChanged,
        "HANDOVER_CHANGED",
        Some(409),
        "The handover has changed since",
        "Biên bản giao nhận đã thay đổi",
    ),
    entry(
        Code::AlreadySigned,
        "ALREADY_SIGNED",
        Some(409),
        "Somebody else has signed for this side",
        "Bên này đã có người khác ký",
    ),
    entry(
        Code::HandoverClosed,
        "HANDOVER_CLOSED",
        Some(409),
        "The handover is closed",
        "Biên bản giao nhận đã khép lại",
    ),
    entry(
        Code::DiscrepancyResolved,
        "DISCREPANCY_RESOLVED",
        Some(409),
        "The discrepancy has been resolved otherwise",
        "Sai lệch đã được xử lý theo cách khác",
    ),
    entry(
        Code::OutboxNotParked,
        "OUTBOX_NOT_PARKED",
        Some(409),
        "The message is not parked",
        "Thông điệp không ở trạng thái chờ xử lý",
    ),
    entry(Code::BodyTooLarge, "BODY_TOO_LARGE", Some(413), "The body is too large", "Nội dung gửi lên quá lớn"),
    entry(Code::TooManyLines, "TOO_MANY_LINES", Some(413), "There are too many lines", "Quá nhiều dòng"),
    entry(
        Code::MediaTypeUnsupported,
        "MEDIA_TYPE_UNSUPPORTED",
        Some(415),
        "The media type is not supported here",
        "Kiểu nội dung không được hỗ trợ ở đây",
    ),
    entry(Code::CharsetUnsupported, "CHARSET_UNSUPPORTED", Some(415), "Only UTF-8 is read", "Chỉ đọc được UTF-8"),
    entry(
        Code::ContentEncodingUnsupported,
        "CONTENT_ENCODING_UNSUPPORTED",
        Some(415),
        "Compressed bodies are not read",
        "Không nhận nội dung nén",
    ),
    entry(Code::ManifestRefused, "MANIFEST_REFUSED", Some(422), "The manifest was refused", "Bảng kê bị từ chối"),
    entry(
        Code::HandoverRefused,
        "HANDOVER_REFUSED",
        Some(422),
        "The handover was refused",
        "Biên bản giao nhận bị từ chối",
    ),
    entry(Code::BodyInvalid, "BODY_INVALID", Some(422), "The body breaks a rule", "Nội dung gửi lên sai quy tắc"),
    entry(Code::TooManyRequests, "TOO_MANY_REQUESTS", Some(429), "Too many requests", "Quá nhiều yêu cầu"),
    entry(Code::Internal, "INTERNAL", Some(500), "Something went wrong on our side", "Lỗi của hệ thống"),
    entry(
        Code::Unavailable,
        "UNAVAILABLE",
        Some(503),
        "Not available now; try again",
        "Tạm thời không phục vụ được; hãy thử lại",
    ),
    entry(Code::FieldMissing, "FIELD_MISSING", None, "A field is missing", "Thiếu trường"),
    entry(Code::FieldInvalid, "FIELD_INVALID", None, "A field is not valid", "Trường không hợp lệ"),
    entry(Code::FieldUnknown, "FIELD_UNKNOWN", None, "A field is unknown", "Trường lạ"),
    entry(
        Code::FieldNotAllowed,
        "FIELD_NOT_ALLOWED",
        None,
        "A field is not allowed here",
        "Trường không được dùng ở đây",
    ),
    entry(
        Code::TotalsMismatch,
        "TOTALS_MISMATCH",
        None,
        "The totals differ from the lines",
        "Tổng không khớp với các dòng",
    ),
    entry(Code::ManifestEmpty, "MANIFEST_EMPTY", None, "The manifest has no line", "Bảng kê không có dòng nào"),
    entry(
        Code::XmlNamespaceUnknown,
        "XML_NAMESPACE_UNKNOWN",
        None,
        "The XML namespace is unknown",
        "Không gian tên XML lạ",
    ),
    entry(
        Code::HeaderVaries,
        "HEADER_VARIES",
        None,
        "A header column changes from row to row",
        "Cột phần đầu thay đổi giữa các dòng",
    ),
    entry(
        Code::DossierNumberInvalid,
        "DOSSIER_NUMBER_INVALID",
        None,
        "The dossier number is not valid",
        "Mã hồ sơ không hợp lệ",
    ),
    entry(Code::PhoneInvalid, "PHONE_INVALID", None, "The phone number is not valid", "Số điện thoại không hợp lệ"),
    entry(Code::TextDamaged, "TEXT_DAMAGED", None, "The text is damaged", "Văn bản bị hỏng mã chữ"),
    entry(Code::RowWidth, "ROW_WIDTH", None, "The row has the wrong number of cells", "Dòng có số ô không đúng"),
    entry(
        Code::DuplicateInManifest,
        "DUPLICATE_IN_MANIFEST",
        None,
        "The number occurs twice in the manifest",
        "Số bị lặp trong bảng kê",
    ),
    entry(
        Code::LegAlreadyOpen,
        "LEG_ALREADY_OPEN",
        None,
        "The dossier has an open leg of this kind",
        "Hồ sơ đang có một chặng cùng loại chưa khép",
    ),
    entry(
        Code::LineAlreadyTaken,
        "LINE_ALREADY_TAKEN",
        None,
        "The line was taken before",
        "Dòng này đã được nhận trước đó",
    ),
    entry(
        Code::CountContradictsOutcome,
        "COUNT_CONTRADICTS_OUTCOME",
        None,
        "The counts contradict the outcome",
        "Số đếm mâu thuẫn với kết quả kiểm",
    ),
    entry(
        Code::LegNotHeldByGiver,
        "LEG_NOT_HELD_BY_GIVER",
        None,
        "The giver does not hold the leg",
        "Bên giao không giữ hồ sơ này",
    ),
    entry(
        Code::LegInOtherHandover,
        "LEG_IN_OTHER_HANDOVER",
        None,
        "The leg is in another open handover",
        "Chặng đang nằm trong một biên bản khác chưa khép",
    ),
    entry(
        Code::ItemNumberCheckDigit,
        "ITEM_NUMBER_CHECK_DIGIT",
        None,
        "The check digit of the item number is wrong",
        "Số kiểm tra của số hiệu bưu gửi sai",
    ),
    entry(
        Code::ItemNumberForeign,
        "ITEM_NUMBER_FOREIGN",
        None,
        "The item number is of another country",
        "Số hiệu bưu gửi của nước khác",
    ),
    entry(
        Code::PhoneOldForm,
        "PHONE_OLD_FORM",
        None,
        "The phone number has the form before 2018",
        "Số điện thoại 11 số kiểu trước 2018",
    ),
    entry(Code::PhoneMissing, "PHONE_MISSING", None, "There is no phone number", "Không có số điện thoại"),
    entry(
        Code::AddressUnresolved,
        "ADDRESS_UNRESOLVED",
        None,
        "The address code is not in the catalogue",
        "Mã địa chỉ không có trong danh mục",
    ),
    entry(
        Code::TextLikeFormula,
        "TEXT_LIKE_FORMULA",
        None,
        "The text looks like a formula",
        "Văn bản trông như công thức",
    ),
    entry(Code::SecondSupplement, "SECOND_SUPPLEMENT", None, "A second supplement", "Yêu cầu bổ sung lần hai"),
    entry(
        Code::TimeInFuture,
        "TIME_IN_FUTURE",
        None,
        "The time lies ahead of our clock",
        "Thời điểm đi trước đồng hồ của hệ thống",
    ),
];

impl Code {
    /// The row of this code.
    pub fn entry(self) -> Entry {
        let unknown = entry(Code::Internal, "INTERNAL", Some(500), "", "");
        CATALOGUE.iter().copied().find(|row| row.code == self).unwrap_or(unknown)
    }

    /// The code as it is written.
    pub fn as_str(self) -> &'static str {
        self.entry().text
    }

    /// HTTP status of an answer with this code.
    pub fn status(self) -> u16 {
        self.entry().status.unwrap_or(422)
    }
}

/// The two languages of texts for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English: machines and developers.
    #[default]
    En,
    /// Vietnamese: people.
    Vi,
}

impl Language {
    /// One of two.
    pub fn pick<T>(self, vi: T, en: T) -> T {
        match self {
            Language::Vi => vi,
            Language::En => en,
        }
    }

    /// The language of a code, exactly.
    pub fn of_code(code: &str) -> Option<Self> {
        [Language::Vi, Language::En].into_iter().find(|language| language.code() == code)
    }

    /// Its code (BCP 47).
    pub fn code(self) -> &'static str {
        self.pick("vi", "en")
    }
}

/// A sentence for people in both languages. It never repeats personal data (contract 4.3).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// English.
    pub en: String,
    /// Vietnamese.
    pub vi: String,
}

impl Message {
    /// A sentence in both languages.
    pub fn new(en: impl Into<String>, vi: impl Into<String>) -> Self {
        Message { en: en.into(), vi: vi.into() }
    }

    /// The sentence in one language.
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Vi => &self.vi,
        }
    }
}

/// Whether a problem refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Refuses the line, the manifest or the fact.
    Error,
    /// Is told and never refuses.
    Warning,
}

impl Severity {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// One problem at one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind.
    pub code: Code,
    /// Whether it refuses.
    pub severity: Severity,
    /// Where: `party.phone`, `papers[0].quantity`, `totals.lines`; empty for a whole row.
    pub field: String,
    /// What and what to do.
    pub message: Message,
}

impl Problem {
    /// A problem that refuses.
    pub fn error(code: Code, field: impl Into<String>, en: impl Into<String>, vi: impl Into<String>) -> Self {
        Problem { code, severity: Severity::Error, field: field.into(), message: Message::new(en, vi) }
    }

    /// A problem that is told and does not refuse.
    pub fn warning(code: Code, field: impl Into<String>, en: impl Into<String>, vi: impl Into<String>) -> Self {
        Problem { code, severity: Severity::Warning, field: field.into(), message: Message::new(en, vi) }
    }

    /// Whether it refuses.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// A refusal of a whole request: the code and one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What kind; its status answers.
    pub code: Code,
    /// Why, and what to do.
    pub message: Message,
    /// Which fields, for `BODY_INVALID` and its like.
    pub problems: Vec<Problem>,
}

impl Refusal {
    /// A refusal with one sentence.
    pub fn new(code: Code, en: impl Into<String>, vi: impl Into<String>) -> Self {
        Refusal { code, message: Message::new(en, vi), problems: Vec::new() }
    }

    /// A refusal whose title says it all.
    pub fn plain(code: Code) -> Self {
        let row = code.entry();
        Refusal::new(code, row.title_en, row.title_vi)
    }

    /// A body that breaks rules at fields.
    pub fn body(problems: Vec<Problem>) -> Self {
        Refusal { problems, ..Refusal::plain(Code::BodyInvalid) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_catalogue_names_each_code_once() {
        let texts: BTreeSet<_> = CATALOGUE.iter().map(|row| row.text).collect();
        let codes: BTreeSet<_> = CATALOGUE.iter().map(|row| row.code).collect();
        assert_eq!((texts.len(), codes.len()), (CATALOGUE.len(), CATALOGUE.len()));
        assert!(CATALOGUE.iter().is_sorted_by_key(|row| row.code));
        assert!(CATALOGUE.iter().all(|row| !row.title_en.is_empty() && !row.title_vi.is_empty()));
    }
}
