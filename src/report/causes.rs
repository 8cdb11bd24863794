//! Why a delivery failed, in words.

use crate::domain::fact::Cause;

/// Vietnamese and English.
pub const fn words(cause: Cause) -> (&'static str, &'static str) {
    match cause {
        Cause::Absent => ("vắng nhà", "nobody there"),
        Cause::Unreachable => ("không liên lạc được", "unreachable"),
        Cause::WrongAddress => ("sai địa chỉ", "wrong address"),
        Cause::Moved => ("đã chuyển đi", "moved away"),
        Cause::Refused => ("từ chối nhận", "refused"),
        Cause::NotClaimed => ("không đến nhận", "not claimed"),
        Cause::Other => ("lý do khác", "another reason"),
    }
}
