//! P2, HCC Online (`ctt.vnpost.vn`, `serviceApi/v1`): pick-up orders out, two feeds in (wire-formats 4.2).
//!
//! The token travels in the query string, so paths of this family never reach a log. Both feeds are read by row
//! ordinal; ordinals shift when a row is inserted or corrected, so each round reads the last rows again.

use crate::base::secret::Redacted;
use crate::base::time::Ts;
use crate::peers::encode::{form, phone, unmasked};
use crate::peers::tolerant::{self, Fields};
use crate::peers::{Answer, Auth, Call, Contact, Cursor, FamilySettings, Order, Page, Quarantined, Reply, Report};
use crate::peers::{Mapped, reply, status};
use serde_json::{Value, json};

/// Family name in raw codes.
pub const FAMILY: &str = "P2";
/// Rows asked for in one page; the interface allows 20 000.
pub const PAGE_ROWS: u64 = 2_000;
/// Rows read again at the start of each round.
pub const OVERLAP_ROWS: u64 = 200;
/// `find` sees an order only once the post has accepted the item, so a no is weak: after it the same order key is
/// sent again, and the reconciler looks for doubles.
pub const ABSENCE_IS_PROOF: bool = false;

/// `postDieuTin`: orders a pick-up.
pub fn create(order: &Order, settings: &FamilySettings) -> Call {
    let office = |code: &Option<String>| code.as_deref().and_then(|code| code.parse::<i64>().ok());
    let district = |contact: &Contact| contact.district_code.as_deref().and_then(|code| code.parse::<i64>().ok());
    let email =
        |contact: &Contact| contact.email.as_ref().map(|email| unmasked(email.reveal()).to_owned()).unwrap_or_default();
    let (sender, receiver) = (&order.sender, &order.receiver);
    let mut body = json!({
        "PosIdThuGom": office(&settings.collect_office),
        "PosIdNhanTin": office(&settings.accept_office),
        "SoDonHang": order.order_key,
        "MaKhachHang": order.customer_code,
        "TenNguoiGui": unmasked(sender.name.reveal()),
        "DiaChiNguoiGui": unmasked(sender.address.reveal()),
        "DienThoaiNguoiGui": phone(sender.phone.reveal()),
        "EmailNguoiGui": email(sender),
        "MaTinhGui": sender.province_code.clone().unwrap_or_default(),
        "MaHuyenGui": district(sender),
        "TenNguoiNhan": unmasked(receiver.name.reveal()),
        "DiaChiNguoiNhan": unmasked(receiver.address.reveal()),
        "DienThoaiNguoiNhan": phone(receiver.phone.reveal()),
        "EmailNguoiNhan": email(receiver),
        "MaTinhNhan": receiver.province_code.clone().unwrap_or_default(),
        "MaHuyenNhan": receiver.district_code.clone().unwrap_or_default(),
        "NoiDungHang": order.papers_text,
        "SoTienCOD": order.fee_to_collect,
        "GhiChu": order.note,
        "NgayNhap": order.entered_at.to_vietnam().format("%d/%m/%Y %H:%M:%S").to_string(),
        "MaBuuGui": order.item_number.clone().unwrap_or_default(),
        "TrongLuong": order.weight_g,
        "CuocChinh": 0,
        "CuocCOD": 0,
        "DonHangNoiHuyen": false,
        "ChieuRong": 0,
        "ChieuDai": 0,
        "ExtendData": "",
        "FlagConfig": settings.flag_config,
    });
    if let Some(fields) = body.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    Call::post_json("/serviceApi/v1/postDieuTin", Auth::QueryToken, &body)
}

/// The boolean `Status` decides; everything else is unknown or a refusal.
pub fn decode_create(answer: &Reply) -> Answer {
    let value = match reply::body(answer) {
        Ok(value) => value,
        Err(answer) => return answer,
    };
    let Some(fields) = Fields::of(&value) else { return Answer::unknown("the answer is not an object") };
    match fields.boolean(&["Status"]) {
        Some(true) => {
            Answer::Done { item_number: fields.text(&["MaBuuGui", "ItemCode"]), reference: fields.text(&["Id"]) }
        }
        Some(false) => reply::refusal(fields, "STATUS_FALSE"),
        None => Answer::unknown("the answer has no Status"),
    }
}

/// Asks whether the post has the order: `getAcceptance` by our number.
pub fn find(order_key: &str) -> Call {
    let query = form(&[("fromRecord", "0"), ("DataCode", order_key)]);
    Call::get(format!("/serviceApi/v1/getAcceptance?{query}"), Auth::QueryToken)
}

/// Reads the answer to `find`. The filter of the query may be ignored, so the rows decide.
pub fn decode_find(answer: &Reply, order_key: &str) -> Answer {
    let value = match reply::body(answer) {
        Ok(value) => value,
        Err(answer) => return answer,
    };
    let Some(rows) = rows(&value) else { return refused_feed(&value) };
    let ours = rows.iter().filter_map(Fields::of).find(|row| row.text(&["DataCode"]).as_deref() == Some(order_key));
    let whole = total_rows(&value).is_none_or(|total| usize::try_from(total).is_ok_and(|total| total <= rows.len()));
    match ours {
        Some(row) => Answer::Done { item_number: row.text(&["ItemCode"]), reference: None },
        None if whole => Answer::NotFound,
        None => Answer::unknown("the post shows only part of its list"),
    }
}

fn rows(value: &Value) -> Option<&Vec<Value>> {
    match value {
        Value::Array(rows) => Some(rows),
        Value::Object(fields) => fields.values().find_map(Value::as_array),
        _ => None,
    }
}

fn refused_feed(value: &Value) -> Answer {
    match Fields::of(value) {
        Some(fields) if fields.boolean(&["Status"]) == Some(false) => reply::refusal(fields, "STATUS_FALSE"),
        _ => Answer::unknown("the feed has no list of rows"),
    }
}

fn total_rows(value: &Value) -> Option<u64> {
    Fields::of(value)?.integer(&["TotalRecord"])?.try_into().ok()
}

/// How far both feeds were read. A round reads all of one, then all of the other.
#[derive(Clone, Copy)]
struct Position {
    acceptance: u64,
    delivery: u64,
    in_delivery: bool,
    in_round: bool,
}

impl Position {
    fn of(cursor: &Cursor) -> Self {
        let number = |name| cursor.value(name).and_then(|text| text.parse().ok()).unwrap_or(0);
        Position {
            acceptance: number("acceptance"),
            delivery: number("delivery"),
            in_delivery: cursor.value("feed") == Some("delivery"),
            in_round: cursor.value("page").is_some(),
        }
    }

    fn ordinal(&mut self) -> &mut u64 {
        if self.in_delivery { &mut self.delivery } else { &mut self.acceptance }
    }

    /// Where the next page begins: with an overlap at the start of a round, without one inside it.
    fn from(mut self) -> u64 {
        let in_round = self.in_round;
        let ordinal = *self.ordinal();
        if in_round { ordinal } else { ordinal.saturating_sub(OVERLAP_ROWS) }
    }

    fn cursor(self, page: Option<&str>) -> Cursor {
        let feed = if self.in_delivery { "delivery" } else { "acceptance" };
        let page = page.map(|digest| format!(" page={digest}")).unwrap_or_default();
        Cursor::from_text(format!("acceptance={} delivery={} feed={feed}{page}", self.acceptance, self.delivery))
    }
}

/// The next page of the feeds.
pub fn poll(cursor: &Cursor) -> Call {
    let position = Position::of(cursor);
    let from = position.from();
    let name = if position.in_delivery { "getDelivery" } else { "getAcceptance" };
    let query = form(&[("fromRecord", &from.to_string()), ("toRecord", &from.saturating_add(PAGE_ROWS).to_string())]);
    Call::get(format!("/serviceApi/v1/{name}?{query}"), Auth::QueryToken)
}

/// Reads the page that `poll` with this cursor asked for.
pub fn decode_poll(answer: &Reply, cursor: &Cursor) -> Result<Page, Answer> {
    let value = reply::body(answer)?;
    let Some(rows) = rows(&value) else { return Err(refused_feed(&value)) };
    let mut position = Position::of(cursor);
    let from = position.from();
    let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let reached = from.saturating_add(count);
    let total = total_rows(&value);
    // A server may answer past its end with older rows; some servers count only the page in `TotalRecord`.
    let reached = total.filter(|total| *total > count).map_or(reached, |total| reached.min(total));
    let digest: String = crate::base::digest::sha256_hex(&answer.body).chars().take(16).collect();
    // E10: a feed that answers past its end with its last page again must not turn in circles.
    let repeated = cursor.value("page") == Some(digest.as_str());
    if !repeated {
        let known = *position.ordinal();
        *position.ordinal() = match total {
            Some(total) if count == 0 && 0 < total && total < from => total,
            _ => known.max(reached),
        };
    }
    let more_rows = !repeated && count > 0 && (count >= PAGE_ROWS || total.is_some_and(|total| reached < total));
    let read = if position.in_delivery { delivery } else { acceptance };
    let mut page = Page { reports: Vec::new(), quarantined: Vec::new(), next: Cursor::default(), more: true };
    for row in rows {
        match Fields::of(row).ok_or("the row is not an object").and_then(read) {
            Ok(report) => page.reports.push(report),
            Err(why) => page.quarantined.push(Quarantined { raw: Redacted::new(row.to_string()), why: why.to_owned() }),
        }
    }
    if more_rows {
        // Inside a round the position is where this page ended, even when the overlap began far back.
        *position.ordinal() = reached;
        page.next = position.cursor(Some(&digest));
    } else if position.in_delivery {
        page.more = false;
        page.next = Position { in_delivery: false, ..position }.cursor(None);
    } else {
        page.next = Position { in_delivery: true, ..position }.cursor(None);
    }
    Ok(page)
}

/// One row of `getAcceptance`: the post has the item.
fn acceptance(row: Fields<'_>) -> Result<Report, &'static str> {
    let item_number = row.text(&["ItemCode"]);
    let order_key = row.text(&["DataCode"]);
    let key = item_number.as_deref().or(order_key.as_deref()).ok_or("neither ItemCode nor DataCode")?;
    let (occurred_at, occurred_text) = time(row, &["SendingTime"])?;
    Ok(Report {
        source_key: format!("A:{key}:{}", occurred_at.us()),
        office: row.text(&["AcceptancePoscode"]),
        ..report("ACCEPTANCE", row, item_number, order_key, occurred_at, occurred_text)
    })
}

/// One row of `getDelivery`: one attempt.
fn delivery(row: Fields<'_>) -> Result<Report, &'static str> {
    let id = row.text(&["DeliveryID"]).ok_or("no DeliveryID")?;
    let item_number = row.text(&["ItemCode"]);
    let order_key = row.text(&["DataCode"]);
    if item_number.is_none() && order_key.is_none() {
        return Err("neither ItemCode nor DataCode");
    }
    let (occurred_at, occurred_text) = time(row, &["DeliveryTime", "InputTime", "CreateTime"])?;
    let code = match (row.boolean(&["IsDeliverable"]), row.boolean(&["IsReturn"])) {
        (Some(true), Some(false)) => "DELIVERED",
        (Some(false), Some(false)) => "ATTEMPT",
        (Some(true), Some(true)) => "RETURNED",
        (Some(false), Some(true)) => "RETURN_ATTEMPT",
        _ => "UNCLEAR",
    };
    let failed = matches!(code, "ATTEMPT" | "RETURN_ATTEMPT");
    let cause_text = row.text(&["CauseName", "DeliveryNote"]).filter(|_| failed);
    Ok(Report {
        source_key: format!("D:{id}"),
        office: row.text(&["ToPOSCode"]),
        attempt: row.integer(&["DeliveryTimes"]).and_then(|n| u32::try_from(n).ok()),
        cause: failed.then(|| status::cause(cause_text.as_deref().unwrap_or_default())),
        cause_text,
        receiver_name: row.person(&["ReceiverName"]).filter(|_| !failed).map(Redacted::new),
        raw_text: row.text(&["SolutionName", "DeliveryNote"]),
        ..report(code, row, item_number, order_key, occurred_at, occurred_text)
    })
}

fn report(code: &str, row: Fields<'_>, item: Option<String>, order: Option<String>, at: Ts, at_text: String) -> Report {
    let known = status::Table::builtin(FAMILY).map_or(Mapped::Unmapped, |table| table.map(code));
    Report {
        source_key: String::new(),
        family: FAMILY,
        order_key: order,
        item_number: item,
        raw_code: code.to_owned(),
        raw_text: row.text(&["StatusText"]),
        event: known,
        occurred_at: at,
        occurred_text: at_text,
        office: None,
        attempt: None,
        cause: None,
        cause_text: None,
        receiver_name: None,
        amount: None,
    }
}

/// The first of these fields that is there must be readable: another clock is no substitute for a wrong one.
fn time(row: Fields<'_>, keys: &[&str]) -> Result<(Ts, String), &'static str> {
    let text = row.text(keys).ok_or("no time")?;
    let at = tolerant::instant(&text).ok_or("the time cannot be read")?;
    Ok((at, text))
}

#[cfg(test)]
mod tests;
