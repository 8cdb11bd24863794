//! What people read of an alert: its numbers as a sentence. What a kind is called and what to do next stands in its table.

use crate::base::time::Ts;
use crate::domain::alert::{Evidence, Kind, Text};
use crate::domain::problem::Language as Lang;
use crate::report::numbers;

/// One of two texts.
pub fn said((vi, en): Text, lang: Lang) -> &'static str {
    lang.pick(vi, en)
}

/// The numbers of an alert, as a sentence.
pub fn sentence(kind: Kind, evidence: &Evidence, lang: Lang) -> String {
    let span = numbers::duration(evidence.value, lang);
    let number = |of: Option<i64>| numbers::whole(of.unwrap_or_default(), lang);
    let count = number(evidence.count);
    let since = evidence.since_us.map(|us| numbers::moment(Ts::from_us(us))).unwrap_or_default();
    match kind {
        Kind::Silence => {
            let usual = numbers::duration(evidence.normal.unwrap_or_default(), lang);
            lang.pick(
                format!("Im lặng {span} làm việc, từ {since}; thường không quá {usual}."),
                format!("Silent for {span} of working time, since {since}; usually no longer than {usual}."),
            )
        }
        Kind::RateSpike => {
            let (now, usual) = (numbers::whole(evidence.value, lang), number(evidence.normal));
            lang.pick(
                format!("{now} tin trong 15 phút từ {since}; thường không quá {usual}."),
                format!("{now} in the quarter of an hour from {since}; usually no more than {usual}."),
            )
        }
        Kind::MessageOverdue => lang.pick(
            format!("{count} tin chờ gửi, lâu nhất {span}."),
            format!("Messages that wait: {count}, the longest for {span}."),
        ),
        Kind::MessageParked => lang.pick(
            format!("{count} tin đã dừng, sớm nhất từ {since}."),
            format!("Parked messages: {count}, the first since {since}."),
        ),
        Kind::ReportsWaiting => lang.pick(
            format!("{count} tin đến chờ ghi sổ, lâu nhất {span}."),
            format!("Reports that wait: {count}, the longest for {span}."),
        ),
        Kind::FactsUnmatched => lang.pick(
            format!("{count} tin không khớp hồ sơ nào, lâu nhất {span}."),
            format!("Facts that fit no dossier: {count}, the oldest for {span}."),
        ),
        Kind::CustodyOverdue => lang.pick(
            format!("{count} hồ sơ giữ quá số ngày cho phép, lâu nhất từ {since}."),
            format!("Dossiers held for too long: {count}, the oldest since {since}."),
        ),
        Kind::FeedBehind => lang.pick(format!("Lần đọc gần nhất cách đây {span}."), format!("Last read {span} ago.")),
        Kind::ComparisonMissing => {
            lang.pick(format!("Lần đối soát gần nhất cách đây {span}."), format!("Last compared {span} ago."))
        }
        Kind::ClocksBehind => {
            lang.pick(format!("Việc tính thời hạn chậm {span}."), format!("Deriving clocks is {span} behind."))
        }
        Kind::RollUpsBehind => {
            lang.pick(format!("Số liệu báo cáo chậm {span}."), format!("Reports are {span} behind."))
        }
        Kind::CalendarEnds if evidence.count.unwrap_or_default() <= 0 => {
            lang.pick("Lịch đã nạp không còn ngày nào.".to_owned(), "Nothing is left of the calendar.".to_owned())
        }
        Kind::CalendarEnds => {
            let left = numbers::days(evidence.count.unwrap_or_default(), lang);
            lang.pick(format!("Lịch đã nạp còn {left}."), format!("The loaded calendar has {left} left."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::{HOUR_US, Ts};

    #[test]
    fn every_kind_says_its_numbers_in_both_languages() {
        let since = Ts::parse_rfc3339("2026-11-20T09:15:00+07:00").unwrap().us();
        for kind in Kind::ALL {
            let (normal, count, since_us) = (Some(HOUR_US), Some(7), Some(since));
            let evidence = Evidence { value: 5 * HOUR_US, limit: 1, normal, count, since_us };
            let (vi, en) = (sentence(*kind, &evidence, Lang::Vi), sentence(*kind, &evidence, Lang::En));
            assert!(vi != en && vi.ends_with('.') && en.ends_with('.'), "{vi} {en}");
            assert!(vi.contains(['5', '7']) && en.contains(['5', '7']), "{vi} {en}");
        }
        let evidence = Evidence { count: Some(0), ..Evidence::default() };
        assert_eq!(sentence(Kind::CalendarEnds, &evidence, Lang::Vi), "Lịch đã nạp không còn ngày nào.");
    }
}
