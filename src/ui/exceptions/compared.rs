//! What two books say that were compared: the custody ledger on the left, the other side's book, or a clock, on the right.

use minijinja::{Value, context};

use crate::app::discrepancies::{self, BookWord};
use crate::base::time::Ts;
use crate::report::numbers;
use crate::store::rows::DiscrepancyRow;
use crate::ui::ask::Ask;
use crate::ui::exceptions::words;
use crate::ui::words::words as word_of;

/// The two sides; none where the case does not come from books.
pub(super) fn of(ask: &Ask, row: &DiscrepancyRow) -> Option<Value> {
    let said: Vec<BookWord> = discrepancies::evidence_of(row).into_iter().filter_map(|piece| piece.book).collect();
    let of_ledger = |word: &&BookWord| word.book == "LEDGER";
    let ours: Vec<&BookWord> = said.iter().filter(of_ledger).collect();
    let theirs: Vec<&BookWord> = said.iter().filter(|word| word.book != "LEDGER" && word.book != "PAIRED").collect();
    let paired = said.iter().rfind(|word| word.book == "PAIRED");
    let book = theirs.first()?.book.clone();
    let side = |words: &[&BookWord], book: &str, title: &str| {
        let mut lines: Vec<Value> = Vec::new();
        for word in words {
            let text = says(ask, book, word);
            lines.push(context! { label => label(ask, &word.field), text, differs => word.says.is_some() });
            // Of ours the page names the dossier.
            if let Some(row) = word.row.as_ref().filter(|_| book != "LEDGER") {
                let label = ask.t("Số", "Number").to_owned();
                lines.push(context! { label, text => row.clone(), differs => false });
            }
        }
        if let Some(word) = paired.filter(|_| book != "LEDGER") {
            let label = ask.t("Ghép theo", "Paired by").to_owned();
            lines.push(context! { label, text => paired_by(ask, &word.field), differs => false });
        }
        context! { side => holder_of(book), title, lines }
    };
    let ledger = ask.t("Sổ cái giữ hồ sơ", "The custody ledger").to_owned();
    Some(context! { left => side(&ours, "LEDGER", &ledger), right => side(&theirs, &book, &title(ask, &book)) })
}

fn holder_of(book: &str) -> Option<&'static str> {
    match book {
        "POST" => Some("POST"),
        "ONE_STOP" | "DESK" => Some("AGENCY"),
        _ => None,
    }
}

fn title(ask: &Ask, book: &str) -> String {
    let (vi, en) = match book {
        "POST" => ("Sổ bưu chính", "The post's book"),
        "DESK" => ("Sổ bộ phận một cửa", "The desk's book"),
        "ONE_STOP" => ("Sổ một cửa", "The one-stop side's book"),
        clock => return word_of("clock", clock, ask.lang),
    };
    ask.t(vi, en).to_owned()
}

fn label(ask: &Ask, field: &str) -> String {
    let (vi, en) = match field {
        "state" => ("Nói rằng", "Says"),
        "itemNumber" => ("Số hiệu bưu gửi", "Item number"),
        "originals" => ("Bản chính", "Originals"),
        "copies" => ("Bản sao", "Copies"),
        "sealNo" => ("Số niêm phong", "Seal"),
        "fee" => ("Lệ phí (đồng)", "Fee (đồng)"),
        "receiver" => ("Người nhận", "Receiver"),
        "startedAt" => ("Bắt đầu", "Started"),
        "dueAt" => ("Hạn", "Due"),
        "endedAt" => ("Xong lúc", "Done"),
        "basis" => ("Căn cứ", "Article"),
        "oldPapers" => ("Giấy tờ phải thu lại", "Old papers to take back"),
        "original" => ("Bản chính phải trả", "Original to give back"),
        "collected" => ("Đã thu (đồng)", "Collected (đồng)"),
        "remitted" => ("Bưu điện báo đã nộp (đồng)", "Paid over, says the post (đồng)"),
        "received" => ("Một cửa đã nhận (đồng)", "Received by the desk (đồng)"),
        "orders" => ("Yêu cầu", "Orders"),
        "entry" | "case" | "resultLeg" | "intakeLeg" => ("Có trong sổ", "In the book"),
        other => (other, other),
    };
    ask.t(vi, en).to_owned()
}

/// A word of a book for people. A receiver's name is never repeated here: the dossier shows it to who may see it.
fn says(ask: &Ask, book: &str, word: &BookWord) -> String {
    let Some(says) = &word.says else {
        return match word.field.as_str() {
            "receiver" => ask.t("khác nhau, xem hồ sơ", "differs, see the dossier").to_owned(),
            _ => ask.t("không có", "nothing").to_owned(),
        };
    };
    let stands = matches!(word.field.as_str(), "oldPapers" | "state" | "entry" | "case" | "resultLeg" | "intakeLeg");
    if !stands {
        let at = Ts::parse_rfc3339(says).filter(|_| word.field.ends_with("At"));
        return at.map_or_else(|| says.clone(), numbers::moment);
    }
    if book == "LEDGER" && word.field != "oldPapers" {
        return word_of("state", says, ask.lang);
    }
    let first = says.split(' ').next().unwrap_or_default();
    let (vi, en) = match (book, first) {
        ("ONE_STOP", "OPEN") => ("Đang giải quyết", "Being worked on"),
        ("ONE_STOP", "READY") => ("Có kết quả, chưa trả", "Result there, not returned"),
        ("ONE_STOP", "RETURNED") => ("Đã trả kết quả", "Result returned"),
        ("ONE_STOP", "STOPPED") => ("Dừng giải quyết", "Stopped"),
        (_, "MISSING") => ("Chưa thu lại", "Not taken back"),
        (_, "WITH_POST") => ("Bưu điện đã thu, chưa giao một cửa", "Taken back, not at the desk yet"),
        ("POST", "MOVING") => ("Đang chuyển, chưa phát", "On its way"),
        _ => return words::event(says, ask.lang),
    };
    ask.t(vi, en).to_owned()
}

fn paired_by(ask: &Ask, by: &str) -> String {
    let (vi, en) = match by {
        "ORDER_KEY" => ("số đơn hàng", "order number"),
        "ITEM_NUMBER" => ("số hiệu bưu gửi và ngày", "item number and day"),
        "DOSSIER_NUMBER" => ("mã hồ sơ", "dossier number"),
        "no leg fits" => ("không hồ sơ nào khớp", "no dossier fits"),
        "a complete book does not have it" => ("sổ đầy đủ không có dòng này", "a complete book does not have it"),
        other => (other, other),
    };
    ask.t(vi, en).to_owned()
}
