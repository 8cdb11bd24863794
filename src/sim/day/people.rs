//! Synthetic people, addresses and procedures of the working day. Nobody here exists, and every name says so.

use crate::sim::rng::Dice;

const FAMILIES: &[&str] = &["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ"];
const MIDDLES: &[&str] = &["Thị", "Văn", "Đức", "Thị Ngọc", "Minh"];
const GIVEN: &[&str] = &["Mẫu", "Thử", "Ví Dụ", "Giả Định", "Thử Nghiệm", "Làm Mẫu", "Minh Họa"];

const STREETS: &[&str] = &[
    "Trần Phú",
    "Lê Thánh Tôn",
    "2 Tháng 4",
    "Thống Nhất",
    "Yersin",
    "Hùng Vương",
    "Nguyễn Thiện Thuật",
    "Quang Trung",
];

/// Communes of Khánh Hòa after 1 July 2025.
const COMMUNES: &[(&str, &str)] = &[
    ("22366", "phường Nha Trang"),
    ("22333", "phường Bắc Nha Trang"),
    ("22390", "phường Tây Nha Trang"),
    ("22402", "phường Nam Nha Trang"),
    ("22420", "phường Cam Ranh"),
    ("22489", "xã Vạn Ninh"),
    ("22714", "xã Khánh Sơn"),
];

/// Code, name, state fee in đồng.
const PROCEDURES: &[(&str, &str, u64)] = &[
    ("2.000815", "Chứng thực bản sao từ bản chính", 8_000),
    ("2.000635", "Cấp bản sao trích lục hộ tịch", 8_000),
    ("2.000908", "Cấp bản sao từ sổ gốc", 0),
    ("1.005129", "Cấp đổi giấy phép", 115_000),
    ("1.010708.000.00.00.H32", "Đăng ký biến động đất đai", 50_000),
];

const RESULT_PAPERS: &[&str] = &["Kết quả giải quyết", "Giấy chứng nhận", "Quyết định", "Giấy phép"];
const INTAKE_PAPERS: &[&str] = &["Tờ khai", "Đơn đề nghị", "Phiếu yêu cầu", "Giấy ủy quyền"];
/// What is certified is brought as an original, lent for comparison alone.
const TO_CERTIFY: (&str, &str) = ("2.000815", "Bản chính giấy tờ cần chứng thực");
const COPIES: &[&str] = &["CCCD", "Giấy khai sinh", "Sổ hộ khẩu cũ", "Hợp đồng"];

/// One party of a leg.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Full name.
    pub name: String,
    /// `0900` and six digits: the number of the leg, so that everybody has a number of their own.
    pub phone: String,
    /// Street, number, commune.
    pub address: String,
    /// Commune code.
    pub commune_code: &'static str,
}

/// One kind of paper in an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// What it is.
    pub name: &'static str,
    /// An original; else a copy.
    pub original: bool,
    /// How many.
    pub quantity: u64,
}

/// A procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Procedure {
    /// Mã thủ tục.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The state fee, which the post may have to collect.
    pub fee: u64,
}

fn one(dice: &mut Dice, choices: &[&'static str]) -> &'static str {
    dice.pick(choices).copied().unwrap_or("Mẫu")
}

/// The party of the leg with this number.
pub fn person(dice: &mut Dice, number: u64) -> Person {
    let name = format!("{} {} {}", one(dice, FAMILIES), one(dice, MIDDLES), one(dice, GIVEN));
    let (commune_code, commune) = dice.pick(COMMUNES).copied().unwrap_or(("22366", "phường Nha Trang"));
    let address = format!("Số {} đường {}, {commune}", dice.between(1, 250), one(dice, STREETS));
    Person { name, phone: format!("0900{:06}", number % 1_000_000), address, commune_code }
}

/// A procedure.
pub fn procedure(dice: &mut Dice) -> Procedure {
    let (code, name, fee) =
        dice.pick(PROCEDURES).copied().unwrap_or(("2.000815", "Chứng thực bản sao từ bản chính", 8_000));
    Procedure { code, name, fee }
}

/// The papers of one envelope.
pub fn papers(dice: &mut Dice, procedure: &Procedure, result: bool) -> Vec<Paper> {
    let main = match one(dice, if result { RESULT_PAPERS } else { INTAKE_PAPERS }) {
        _ if !result && procedure.code == TO_CERTIFY.0 => TO_CERTIFY.1,
        main => main,
    };
    let mut papers = vec![Paper { name: main, original: true, quantity: dice.between(1, 2) }];
    if dice.chance(0.6) {
        papers.push(Paper { name: one(dice, COPIES), original: false, quantity: dice.between(1, 3) });
    }
    papers
}
