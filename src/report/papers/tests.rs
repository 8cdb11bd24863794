//! The papers as they are laid out: which words stand on which page, and that the same data gives the same bytes.

use super::typeset::page_texts;
use super::*;

/// Hard to set: markup of the template language, quotes, tags, control letters, and words without end.
const HOSTILE: [&str; 6] = [
    "#panic(\"x\") #let d = 1 *_`$ @nhãn <label> // /* ",
    "\"}; #import \"parts.typ\"; {\"",
    "\\u{0} \\ \\\\ \\\"",
    "<script>alert('&amp;')</script>",
    "a\u{0}b\u{1b}[31m\u{202e}đảo\u{2028}ngược\r\n\t",
    "Nguyễn😀阮氏幸",
];

fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}').collect()
}

fn pages(job: Result<Job<'_>, PapersError>) -> Vec<String> {
    page_texts(job.unwrap()).unwrap().iter().map(|page| bare(page)).collect()
}

fn assert_says(page: &str, texts: &[&str]) {
    for text in texts {
        assert!(page.contains(&bare(text)), "{text} is not in {page}");
    }
}

#[test]
fn a_record_says_everything_once_for_each_party() {
    let pages = pages(handover::job(&samples::record(8), None));
    assert_eq!(pages.len() % 2, 0);
    let copies: Vec<String> = pages.chunks(pages.len() / 2).map(<[String]>::concat).collect();
    for (copy, keeper) in copies.iter().zip(["Bản 1: bên giao giữ", "Bản 2: bên nhận giữ"]) {
        assert_says(
            copy,
            &[
                keeper,
                "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
                "Độc lập - Tự do - Hạnh phúc",
                "BƯU ĐIỆN TỈNH HÒA GIANG",
                "Số: 0213/BBGN-TH",
                "Tân Hòa, ngày 19 tháng 11 năm 2026",
                "Hôm nay, hồi 10 giờ 11 phút ngày 19 tháng 11 năm 2026, tại quầy 7",
                "Lý do giao nhận: giao chuyến 1 trong ngày",
                "000.00.12.H98-261119-0026",
                "(chưa có mã hồ sơ)",
                "Trợ cấp xã hội hằng tháng",
                "Không nhận: thiếu bản chính",
                "Cộng 07 hồ sơ đã nhận (bảng kê 08 hồ sơ)",
                "07 hồ sơ (bảy hồ sơ), gồm 17 bản chính (mười bảy) và 11 bản sao (mười một)",
                "Ý kiến tại dòng 3: Phiếu gửi ghi 3 bản chính",
                "945.000 đồng (chín trăm bốn mươi lăm nghìn đồng), 7 biên lai, từ số BL-26A 0007301",
                "lập thành 02 bản có giá trị như nhau, mỗi bên giữ 01 bản",
                "thời điểm nộp hồ sơ",
                "Ký lúc 10:03:18 ngày 19/11/2026",
                "Cán bộ tiếp nhận",
                "4f1c 09be 77a2 d013 … 8e55",
            ],
        );
    }
}

#[test]
fn a_long_record_repeats_its_head_and_keeps_the_signatures_together() {
    for lines in [0, 1, 7, 8, 9, 10, 11, 12, 13, 40] {
        let pages = pages(handover::job(&samples::record(lines), None));
        let (first, second) = pages.split_at(pages.len() / 2);
        assert_eq!(first.len(), second.len(), "{lines} lines");
        for copy in [first, second] {
            let signing: Vec<_> =
                copy.iter().filter(|page| page.contains("ĐẠIDIỆN") || page.contains("Kýlúc")).collect();
            assert_eq!(signing.len(), 1, "{lines} lines: all signatures stand on one page");
            assert_says(
                signing[0],
                &[
                    "ĐẠI DIỆN BÊN GIAO",
                    "ĐẠI DIỆN BÊN NHẬN",
                    "mỗi bên giữ 01 bản",
                    "Ký lúc 10:11:42",
                    "Quét để kiểm tra",
                ],
            );
            assert!(copy[0].contains("CỘNGHÒA") && copy.iter().filter(|page| page.contains("CỘNGHÒA")).count() == 1);
            let rows = |page: &&String| page.contains("PG-980110");
            assert!(copy.iter().filter(rows).all(|page| page.contains("BảnchínhBảnsao")), "the head row repeats");
            for (at, page) in copy.iter().enumerate() {
                assert_says(page, &[&format!("Trang {}/{}", at + 1, copy.len())]);
                // The number above the text from the second page on (NĐ 30/2020).
                assert_eq!(page.starts_with(&(at + 1).to_string()), at > 0, "{page}");
            }
        }
    }
    let pages_of = |lines| pages(handover::job(&samples::record(lines), None)).len();
    assert_eq!((pages_of(1), pages_of(8), pages_of(40)), (2, 4, 6));
}

#[test]
fn a_note_is_one_page_for_each_copy() {
    let pages = pages(consignment::job(&samples::note(), None));
    assert_eq!(pages.len(), 3);
    for (page, copy) in pages.iter().zip(["Liên 1", "Liên 2", "Liên 3"]) {
        assert_says(
            page,
            &[
                copy,
                "PHIẾU GỬI HỒ SƠ",
                "PG-980110-004128",
                "Cao Văn Tý · 0900 000 123",
                "cấp sau khi cơ quan tiếp nhận",
                "EE 2611 1905 2 VN · Niêm phong: 40 132",
                "Giấy phép lái xe cũ (cơ quan thu lại)",
                "09 giờ 42 phút, ngày 19/11/2026 (J)",
                "đến cơ quan chậm nhất 20/11/2026 (J+1)",
                "135.000 đồng (một trăm ba mươi lăm nghìn đồng), biên lai BL-26A 0007315",
                "Nguyễn Thị Hạnh",
                "Người nhận kết quả",
                "K7M4QX",
                "Trang 1/1",
            ],
        );
    }
    let mut long = samples::note();
    long.copies.truncate(1);
    long.papers = long.papers.iter().cycle().take(40).cloned().collect();
    let sheets = self::pages(consignment::job(&long, None));
    assert!(sheets.len() > 1);
    for (at, sheet) in sheets.iter().enumerate() {
        assert_says(sheet, &["PG-980110-004128 · Liên 1", &format!("Trang {}/{}", at + 1, sheets.len())]);
    }
    let mut plain = samples::note();
    plain.copies.clear();
    (plain.fee, plain.postage, plain.receipt_place, plain.tracking_secret) = (None, None, false, None);
    (plain.item_number, plain.seal, plain.result_to) = (None, None, None);
    assert_eq!(page_texts(consignment::job(&plain, None).unwrap()).unwrap().len(), 1);
}

#[test]
fn labels_are_one_to_a_page() {
    let many = vec![samples::label(); 3];
    let pages = pages(label::job(&many, None));
    assert_eq!(pages.len(), 3);
    assert_says(
        &pages[2],
        &["HỒ SƠ MỘT CỬA", "PG-980110-004128", "000.00.12.H98-261119-0026", "02 Lê Lợi", "Bưu cục Tân Hòa"],
    );
    assert_eq!(labels(&[], None), Err(PapersError::Nothing));
    let unfit = Label { number: "Hồ sơ 1".to_owned(), ..samples::label() };
    assert!(matches!(label(&unfit, None), Err(PapersError::Code(_))));
}

#[test]
fn the_same_data_gives_the_same_bytes() {
    let made = handover_record(&samples::record(8), None).unwrap();
    assert!(made.starts_with(b"%PDF-1.7"));
    assert_eq!(made, handover_record(&samples::record(8), None).unwrap());
    assert_eq!(consignment_note(&samples::note(), None), consignment_note(&samples::note(), None));
    assert_eq!(label(&samples::label(), None), label(&samples::label(), None));
    let mut other = samples::record(8);
    other.digest = "sha-256:00".to_owned();
    assert_ne!(made, handover_record(&other, None).unwrap());
}

#[test]
fn hostile_data_is_text_and_nothing_else() {
    let endless = "Nguyễn".repeat(400);
    for text in HOSTILE.into_iter().chain([endless.as_str()]) {
        let mut record = samples::record(3);
        record.number = text.to_owned();
        record.superior = Some(text.to_owned());
        record.giver.unit = text.to_owned();
        record.receiver.signature.name = text.to_owned();
        record.lines[0].applicant = text.to_owned();
        record.lines[0].note_number = Some(text.to_owned());
        record.lines[1].remark = Some(text.to_owned());
        record.lines[1].outcome = text.to_owned();
        let said = pages(handover::job(&record, None)).concat();
        if text.is_ascii() && !text.contains("\\u") {
            assert!(said.contains(&bare(text)), "{text}");
        }
        assert!(handover_record(&record, None).is_ok());

        let mut note = samples::note();
        note.sender.name = text.to_owned();
        note.papers[0].name = text.to_owned();
        note.terms = text.to_owned();
        assert!(consignment_note(&note, None).is_ok());

        let far =
            Label { destination: text.to_owned(), kind: text.to_owned(), origin: text.to_owned(), ..samples::label() };
        assert_eq!(page_texts(label::job(&[far], None).unwrap()).unwrap().len(), 1, "a label stays one page: {text}");
    }
}

#[test]
fn signatures_may_be_pictures_or_none() {
    let mut record = samples::record(1);
    record.giver.signature.ink = Some(Ink::Png(small_png()));
    record.receiver.signature.ink = None;
    let said = pages(handover::job(&record, None)).concat();
    assert_says(&said, &["đã ký bằng tài khoản"]);
    assert!(handover_record(&record, None).is_ok());
    record.receiver.signature.signed_at = None;
    assert!(!pages(handover::job(&record, None)).concat().contains("bằngtàikhoản"), "a place for the pen");
    record.giver.signature.ink = Some(Ink::Png(b"no picture".to_vec()));
    let refused = handover_record(&record, None);
    assert_eq!(refused, Err(PapersError::Ink { who: "Trần Văn Lực".to_owned(), why: "the picture is not a PNG" }));
    record.giver.signature.ink = Some(Ink::Png(small_png()[..60].to_vec()));
    assert!(matches!(handover_record(&record, None), Err(PapersError::Template(_))), "a torn picture is no paper");
}

/// A transparent picture with one stroke.
fn small_png() -> Vec<u8> {
    let mut picture = image::RgbaImage::new(80, 30);
    (5..75).for_each(|x| picture.put_pixel(x, 15, image::Rgba([20, 48, 95, 255])));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[test]
fn an_office_brings_its_own_template() {
    let own = "#import \"parts.typ\": *\n#let d = json(\"data.json\")\n#d.issuer: #code(d.number), #datetime.today().display()";
    let said = pages(handover::job(&samples::record(2), Some(own))).concat();
    assert_eq!(said, bare("Bưu cục Tân Hòa: 0213/BBGN-TH, 2026-11-19"));
    let faults = |template: &str| match handover_record(&samples::record(2), Some(template)) {
        Err(PapersError::Template(faults)) => faults,
        other => panic!("{other:?}"),
    };
    let syntax = faults("Số\n#let d = (\n");
    assert_eq!((syntax[0].file.as_str(), syntax[0].line), ("paper.typ", Some(2)), "{syntax:?}");
    let missing = faults("#let d = json(\"data.json\")\n\nX #d.nothing");
    assert_eq!((missing[0].line, missing[0].column), (Some(3), Some(6)), "{missing:?}");
    assert!(missing[0].message.contains("nothing"));
    let shown = PapersError::Template(missing).to_string();
    assert!(shown.starts_with("the template has faults: paper.typ:3:6: "), "{shown}");
    for reach in ["#read(\"/etc/passwd\")", "#import \"@preview/x:1.0.0\": *", "#image(\"../x.png\")"] {
        assert_eq!(faults(reach)[0].line, Some(1), "{reach}");
    }
}

#[test]
fn the_fonts_have_every_vietnamese_letter() {
    const BASE: &str = "aăâeêioôơuưyđ";
    const MARKS: [&str; 6] = ["", "\u{300}", "\u{301}", "\u{303}", "\u{309}", "\u{323}"];
    let letters: String = BASE.chars().flat_map(|base| MARKS.map(|mark| format!("{base}{mark}"))).collect();
    let composed =
        crate::base::text::normalise(&letters).replace(['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'], "");
    let all = format!("{composed}{}·…–“”", composed.to_uppercase());
    for family in ["Libertinus Serif", "DejaVu Sans Mono"] {
        assert_eq!(typeset::letters_without_glyph(family, &all), "", "{family}");
    }
}
