//! What the tests of the families share: one order of the corpus.

use super::*;

pub(super) fn order() -> Order {
    Order {
        order_key: "H48.53-261102-0041-R1".to_owned(),
        leg_kind: LegKind::Result,
        customer_code: "HCC57001".to_owned(),
        sender: Contact {
            name: Redacted::new("UBND huyện Bình Sơn".to_owned()),
            phone: Redacted::new("0255000000".to_owned()),
            address: Redacted::new("Thị trấn Châu Ổ".to_owned()),
            province_code: Some("57".to_owned()),
            district_code: Some("5710".to_owned()),
            ..Contact::default()
        },
        receiver: Contact {
            name: Redacted::new("Nguyễn Thị Mẫu".to_owned()),
            phone: Redacted::new("+84900000041".to_owned()),
            address: Redacted::new("12 Lê Lợi".to_owned()),
            province_code: Some("57".to_owned()),
            ward_code: Some("57105".to_owned()),
            ..Contact::default()
        },
        papers_text: "Bản sao chứng thực x2".to_owned(),
        fee_to_collect: 50_000,
        weight_g: 60,
        note: "Trả kết quả tại nhà".to_owned(),
        item_number: None,
        entered_at: Ts::parse_rfc3339("2026-11-02T08:12:45+07:00").unwrap(),
    }
}

pub(super) fn settings() -> FamilySettings {
    FamilySettings {
        service_code: "CTN009".to_owned(),
        collect_office: Some("570100".to_owned()),
        accept_office: Some("571230".to_owned()),
        ..FamilySettings::default()
    }
}
