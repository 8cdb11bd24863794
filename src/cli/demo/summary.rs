//! What a person reads at the end of a demo, and the object that a script reads.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::app::verify::Verified;
use crate::sim::day::DayLog;

/// Everything that the end of a day is judged by.
pub(super) struct Books<'a> {
    pub(super) seed: u64,
    pub(super) dossiers: usize,
    pub(super) manifests: usize,
    pub(super) messages_repeated: u64,
    pub(super) log: &'a DayLog,
    pub(super) verified: &'a Verified,
    pub(super) simulators: Vec<(&'static str, Value)>,
}

impl Books<'_> {
    /// Faults injected equal discrepancies found, nobody disagrees, no simulator saw what must never be, and the ledger verifies.
    pub(super) fn balanced(&self) -> bool {
        self.books_agree() && self.verified.is_clean()
    }

    fn books_agree(&self) -> bool {
        self.log.balanced()
            && self.simulators.iter().all(|(_, ledger)| NEVER.iter().all(|name| told(ledger, name).unwrap_or(0) == 0))
    }

    fn retries(&self) -> u64 {
        self.log.retries + self.messages_repeated
    }

    /// The object of contract 11. Equal seed and size give an equal object, but for `retries`.
    pub(super) fn object(&self) -> Value {
        json!({
            "seed": self.seed,
            "dossiers": self.dossiers,
            "manifests": self.manifests,
            "legs": self.log.legs,
            "holders": self.log.holders,
            "retries": self.retries(),
            "faultsInjected": self.log.expected,
            "discrepanciesFound": self.log.found,
            "balanced": self.books_agree(),
            "verify": {"clean": self.verified.is_clean()},
        })
    }

    /// One line for people, at the very end.
    pub(super) fn last_line(&self) -> String {
        let faults: u64 = self.log.expected.values().sum();
        let found: u64 = self.log.found.values().sum();
        if self.balanced() {
            format!(
                "Khớp sổ / balanced: {faults} lỗi gài vào, {found} sai lệch tìm thấy; sổ cái nguyên vẹn (verify clean)"
            )
        } else {
            format!("KHÔNG KHỚP / NOT BALANCED: {faults} lỗi gài vào, {found} sai lệch tìm thấy")
        }
    }

    /// The summary.
    pub(super) fn for_people(&self) -> String {
        let mut text = String::new();
        let log = self.log;
        let _ = writeln!(
            text,
            "\nBảng kê (manifests) {}   Hồ sơ (legs) {}   Sự kiện (events) {}   Lần gửi lại (retries) {}",
            self.manifests,
            self.verified.legs,
            self.verified.events,
            self.retries()
        );
        table(&mut text, "Chặng theo trạng thái / legs by state", &log.legs, state_vi);
        table(&mut text, "Ai đang giữ giấy tờ / who holds the papers", &log.holders, holder_vi);
        let _ = writeln!(text, "\nLỗi gài vào và sai lệch tìm thấy / faults injected and discrepancies found");
        let kinds: std::collections::BTreeSet<&String> = log.expected.keys().chain(log.found.keys()).collect();
        for kind in kinds {
            let (injected, found) = (count(&log.expected, kind), count(&log.found, kind));
            let mark = if injected == found { "=" } else { "≠" };
            let _ = writeln!(text, "  {kind:<26} {injected:>4} {mark} {found}");
        }
        let _ = writeln!(text, "\nHai bên tin gì / what the two sides believe");
        for (name, ledger) in &self.simulators {
            let _ = writeln!(text, "  {name:<20} {}", beliefs(ledger));
        }
        let agreed = log.beliefs.len().saturating_sub(log.disagreements.len());
        let _ = writeln!(text, "  khớp với sổ cái / agree with the ledger: {agreed} / {} chặng", log.beliefs.len());
        for (title, lines) in [
            ("Không khớp / disagree", &log.disagreements),
            ("Chưa tới nơi / did not come to rest", &log.unreached),
            ("Trục trặc / problems", &log.problems),
        ] {
            for line in lines.iter().take(LINES_SHOWN) {
                let _ = writeln!(text, "  {title}: {line}");
            }
            if lines.len() > LINES_SHOWN {
                let _ = writeln!(text, "  {title}: … {} nữa (more)", lines.len() - LINES_SHOWN);
            }
        }
        let clean = if self.verified.is_clean() { "nguyên vẹn / clean" } else { "HỎNG / DAMAGED" };
        let _ = write!(
            text,
            "\nSổ cái / ledger: {clean} — {} bảng kê, {} chặng, {} sự kiện, chuỗi băm và trạng thái dựng lại khớp",
            self.verified.manifests, self.verified.legs, self.verified.events
        );
        text
    }
}

const LINES_SHOWN: usize = 5;

fn count(counts: &BTreeMap<String, u64>, kind: &str) -> u64 {
    counts.get(kind).copied().unwrap_or(0)
}

fn table(text: &mut String, title: &str, counts: &BTreeMap<String, u64>, word: fn(&str) -> &'static str) {
    let _ = writeln!(text, "\n{title}");
    let most = counts.values().copied().max().unwrap_or(1).max(1);
    for (name, number) in counts {
        let bar = usize::try_from(number * 30 / most).unwrap_or(0).max(1);
        let _ = writeln!(text, "  {name:<20} {number:>5}  {:<30}  {}", "█".repeat(bar), word(name));
    }
}

/// What a simulator's ledger counts and must not have seen once: an order doubled though its answer had arrived, a call against its protocol, messages of
/// a leg out of order, a signature that does not hold.
const NEVER: [&str; 4] = ["duplicatesWithoutReason", "violations", "orderViolations", "badSignatures"];

/// A count that a simulator's ledger tells; how many, where it lists them.
fn told(ledger: &Value, name: &str) -> Option<u64> {
    match ledger.get(name)? {
        Value::Array(items) => u64::try_from(items.len()).ok(),
        Value::Object(items) => u64::try_from(items.len()).ok(),
        other => other.as_u64(),
    }
}

/// The counts that a simulator's ledger tells of itself.
fn beliefs(ledger: &Value) -> String {
    let parts = [
        ("orders", "đơn"),
        ("legs", "chặng nghe tin"),
        ("duplicatesWithoutReason", "đơn trùng vô cớ"),
        ("duplicatesAfterLostAnswer", "đơn gửi lại sau khi mất trả lời"),
        ("violations", "lỗi giao thức"),
        ("orderViolations", "sai thứ tự"),
        ("badSignatures", "chữ ký sai"),
    ];
    let shown = parts.iter().filter_map(|(name, word)| Some(format!("{} {word}", told(ledger, name)?)));
    shown.collect::<Vec<_>>().join(" · ")
}

fn state_vi(state: &str) -> &'static str {
    match state {
        "REGISTERED" => "đã kê khai",
        "ORDERED" => "bưu điện đã nhận đơn",
        "COLLECTION_ASSIGNED" => "đã phân công thu gom",
        "COLLECTION_FAILED" => "thu gom không thành",
        "ACCEPTED" => "bưu điện đã nhận",
        "IN_TRANSIT" => "đang vận chuyển",
        "AT_DELIVERY_POST" => "tại bưu cục phát",
        "OUT_FOR_DELIVERY" => "bưu tá đang phát",
        "ATTEMPT_FAILED" => "phát không thành công",
        "PARTIAL" => "phát một phần",
        "DELIVERED_REPORTED" => "bưu điện báo đã phát, chưa xác nhận",
        "CONFIRMED" => "đã giao, bên nhận xác nhận",
        "RETURNING" => "đang chuyển hoàn",
        "RETURNED_REPORTED" => "báo đã hoàn, chưa xác nhận",
        "RETURN_CONFIRMED" => "đã hoàn, bên gửi xác nhận",
        "CANCELLED" => "đã hủy",
        "LOST_OR_DAMAGED" => "mất hoặc hư hỏng",
        _ => "",
    }
}

fn holder_vi(holder: &str) -> &'static str {
    match holder {
        "CITIZEN" => "người dân",
        "POST" => "bưu điện",
        "AGENCY" => "cơ quan, một cửa",
        "UNKNOWN" => "không rõ",
        _ => "",
    }
}
