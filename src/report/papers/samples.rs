//! Papers of a made-up office, for the tests of this room.

use super::{
    Charge, ConsignmentNote, Fees, HandoverLine, HandoverRecord, Ink, Label, PaperLine, Party, Person, Postage,
    Signature,
};
use crate::base::time::Ts;

fn at(text: &str) -> Option<Ts> {
    Ts::parse_rfc3339(text)
}

fn drawn(d: &str) -> Option<Ink> {
    Some(Ink::Path { d: d.to_owned(), width: 100, height: 44 })
}

const STROKES: [&str; 2] = [
    "M4 30c8-22 16-24 14-6s6 8 10-2 8-10 6 2 8 6 14-6 6 14 16 4 12-10 30-6",
    "M6 14c14-10 26-6 18 6s-20 14-14 16 22-24 28-22-8 20 0 18 10-20 16-14-4 14 6 10 14-10 26-8",
];

/// A record with so many lines; the third is refused, the eighth has no dossier number yet.
pub fn record(lines: usize) -> HandoverRecord {
    HandoverRecord {
        id: "hov_01JD3Q0V5X8N6T4R2P0M9K7H5G".to_owned(),
        digest: "sha-256:4f1c09be77a2d0135a66c0b7e1f2934d5c8b7a69f0e1d2c3b4a5968778698e55".to_owned(),
        number: "0213/BBGN-TH".to_owned(),
        superior: Some("Bưu điện tỉnh Hòa Giang".to_owned()),
        issuer: "Bưu cục Tân Hòa".to_owned(),
        place: "Tân Hòa".to_owned(),
        made_at: at("2026-11-19T10:11:42+07:00").unwrap(),
        venue: "quầy 7, Trung tâm Phục vụ hành chính công tỉnh Hòa Giang".to_owned(),
        subject: "Giao nhận hồ sơ thủ tục hành chính qua dịch vụ bưu chính công ích".to_owned(),
        reason: Some("giao chuyến 1 trong ngày, bảng kê BK-980110-0077.".to_owned()),
        giver: Party {
            unit: "Bưu cục Tân Hòa, Bưu điện tỉnh Hòa Giang (mã 980110)".to_owned(),
            courtesy: Some("Ông".to_owned()),
            position: "Bưu tá".to_owned(),
            signature: Signature {
                name: "Trần Văn Lực".to_owned(),
                ink: drawn(STROKES[0]),
                signed_at: at("2026-11-19T10:03:18+07:00"),
            },
        },
        receiver: Party {
            unit: "Trung tâm Phục vụ hành chính công tỉnh Hòa Giang (mã H98.01)".to_owned(),
            courtesy: Some("Bà".to_owned()),
            position: "Cán bộ tiếp nhận".to_owned(),
            signature: Signature {
                name: "Lê Hoàng Yến".to_owned(),
                ink: drawn(STROKES[1]),
                signed_at: at("2026-11-19T10:11:42+07:00"),
            },
        },
        lines: (1..=lines).map(line).collect(),
        fees: Some(Fees {
            amount_dong: 945_000,
            receipts: 7,
            numbers: Some("từ số BL-26A 0007301 đến số BL-26A 0007307".to_owned()),
        }),
        files_dossiers: true,
    }
}

fn line(no: usize) -> HandoverLine {
    const PEOPLE: [(&str, &str, (u64, u64)); 8] = [
        ("Huỳnh Đức Thắng", "Đăng ký biến động đất đai", (5, 3)),
        ("Bùi Ngọc Ánh", "Cấp đổi giấy phép lái xe", (2, 2)),
        ("Võ Thị Mai Lan", "Đăng ký hộ kinh doanh", (3, 2)),
        ("Ngô Thanh Tùng", "Cấp phiếu lý lịch tư pháp", (2, 1)),
        ("Trịnh Kim Oanh", "Đăng ký hộ kinh doanh", (2, 1)),
        ("Hồ Quang Vinh", "Cấp đổi giấy phép lái xe", (1, 1)),
        ("Đặng Thu Hà", "Cấp đổi giấy phép lái xe", (3, 2)),
        ("Lý Gia Hân", "Trợ cấp xã hội hằng tháng", (2, 1)),
    ];
    let (applicant, procedure, declared) = PEOPLE[(no - 1) % PEOPLE.len()];
    let refused = no == 3;
    HandoverLine {
        note_number: Some(format!("PG-980110-{:06}", 4097 + no)),
        dossier_number: (no != 8).then(|| format!("000.00.12.H98-261119-{:04}", 25 + no)),
        applicant: applicant.to_owned(),
        procedure: procedure.to_owned(),
        declared,
        counted: Some(if refused { (2, 3) } else { declared }),
        seal: Some(format!("40 {}", 120 + no)),
        taken: !refused,
        outcome: if refused { "Không nhận: thiếu bản chính" } else { "Đủ" }.to_owned(),
        remark: refused.then(|| {
            "Phiếu gửi ghi 3 bản chính, 2 bản sao; đếm được 2 bản chính, 3 bản sao (Hợp đồng thuê nhà là bản sao chứng \
             thực). Bên nhận không nhận; hồ sơ do Bên giao tiếp tục giữ."
                .to_owned()
        }),
    }
}

/// A note with four papers, in three copies.
pub fn note() -> ConsignmentNote {
    let paper = |name: &str, originals, copies| PaperLine { name: name.to_owned(), originals, copies };
    ConsignmentNote {
        number: "PG-980110-004128".to_owned(),
        superior: "Bưu điện tỉnh Hòa Giang".to_owned(),
        office: "Bưu cục Tân Hòa, mã 980110".to_owned(),
        service: "Gửi hồ sơ và trả kết quả".to_owned(),
        copies: ["Liên 1", "Liên 2", "Liên 3"].map(str::to_owned).to_vec(),
        sender: Person {
            name: "Cao Văn Tý".to_owned(),
            phone: Some("0900 000 123".to_owned()),
            email: Some("nguoi.gui@example.vn".to_owned()),
            address: "24 Trần Quý Cáp, phường Tân Hòa, tỉnh Hòa Giang".to_owned(),
        },
        receiver: Person {
            name: "Trung tâm Phục vụ hành chính công tỉnh Hòa Giang (H98.01)".to_owned(),
            phone: None,
            email: None,
            address: "02 Lê Lợi, phường Bình Minh".to_owned(),
        },
        procedure: "Cấp đổi giấy phép lái xe".to_owned(),
        dossier_number: None,
        item_number: Some("EE 2611 1905 2 VN".to_owned()),
        seal: Some("40 132".to_owned()),
        result_to: Some("tại địa chỉ người gửi".to_owned()),
        papers: vec![
            paper("Đơn đề nghị đổi giấy phép lái xe", 1, 0),
            paper("Giấy khám sức khỏe", 1, 0),
            paper("Giấy phép lái xe cũ (cơ quan thu lại)", 1, 1),
            paper("Căn cước", 0, 1),
        ],
        accepted_at: at("2026-11-19T09:42:00+07:00").unwrap(),
        accepted_place: Some("tại quầy bưu cục".to_owned()),
        promise: "đến cơ quan chậm nhất 20/11/2026 (J+1)".to_owned(),
        fee: Some(Charge { amount_dong: 135_000, receipt: "BL-26A 0007315".to_owned() }),
        postage: Some(Postage {
            amount_dong: 30_000,
            way: "người gửi trả ngay".to_owned(),
            receipt: Some("C-26 000123".to_owned()),
        }),
        terms: "Ngày nộp hồ sơ là ngày cơ quan ký biên bản giao nhận. Mất, hư hỏng: bồi thường theo quy định về dịch vụ bưu \
                chính công ích. Khiếu nại trong 6 tháng."
            .to_owned(),
        sender_signature: Signature {
            name: "Cao Văn Tý".to_owned(),
            ink: drawn(STROKES[0]),
            signed_at: at("2026-11-19T09:41:10+07:00"),
        },
        clerk_signature: Signature {
            name: "Nguyễn Thị Hạnh".to_owned(),
            ink: drawn(STROKES[1]),
            signed_at: at("2026-11-19T09:42:00+07:00"),
        },
        receipt_place: true,
        tracking_address: "https://hosotructuyen.example.vn/theo-doi/PG-980110-004128".to_owned(),
        tracking_secret: Some("K7M4QX".to_owned()),
    }
}

/// A label of a dossier on its way to the agency.
pub fn label() -> Label {
    Label {
        kind: "Hồ sơ một cửa".to_owned(),
        number: "PG-980110-004128".to_owned(),
        qr: "https://hosotructuyen.example.vn/theo-doi/PG-980110-004128".to_owned(),
        destination: "Trung tâm Phục vụ hành chính công tỉnh Hòa Giang".to_owned(),
        destination_address: Some("02 Lê Lợi, phường Bình Minh, tỉnh Hòa Giang".to_owned()),
        dossier_number: Some("000.00.12.H98-261119-0026".to_owned()),
        origin: "Bưu cục Tân Hòa, 19/11/2026".to_owned(),
        seal: Some("40 132".to_owned()),
    }
}
