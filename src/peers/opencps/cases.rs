//! The cases that OpenCPS lists, and the one that it is asked for by its number: its side's book (wire-formats 3.1, 3.2).
//!
//! It ignores a date that it cannot read, shows an account what that account may see, and moves rows between pages while they are
//! read. So a row counts by its own dates, and only a question for the very number says that a case is not there.

use chrono::NaiveDate;

use super::{DossierRef, ROOT, Settings, checked, error_in, find, with_group};
use crate::domain::books::CaseSays;
use crate::domain::identifier::{AgencyCode, DossierNo};
use crate::peers::encode::form;
use crate::peers::tolerant::{Fields, instant};
use crate::peers::{Answer, Auth, Call, Reply, reply};

/// What a `dossierStatus` says of a case.
const STATUSES: &[(&str, CaseSays)] = &[
    ("new", CaseSays::Open),
    ("receiving", CaseSays::Open),
    ("waiting", CaseSays::Open),
    ("processing", CaseSays::Open),
    ("pausing", CaseSays::Open),
    ("posting", CaseSays::Open),
    ("interoperating", CaseSays::Open),
    ("correcting", CaseSays::Open),
    ("cancelling", CaseSays::Open),
    ("releasing", CaseSays::Ready),
    ("done", CaseSays::Returned),
    ("denied", CaseSays::Stopped),
    ("unresolved", CaseSays::Stopped),
    ("cancelled", CaseSays::Stopped),
];

/// A list: which rows, by which of their dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct List {
    field: &'static str,
    value: &'static str,
    dates: Dated,
}

/// A date of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dated {
    /// `receiveDate`.
    Received,
    /// `releaseDate`.
    Released,
    /// `finishDate`.
    Finished,
}

const fn list(field: &'static str, value: &'static str, dates: Dated) -> List {
    List { field, value, dates }
}

/// Everything that goes by post: filed so when it was received, sent so when there was a result or it was closed. One value a list, since
/// the parameters take one.
pub const LISTS: &[List] = &[
    list("vnpostalStatus", "1", Dated::Received),
    list("vnpostalStatus", "2", Dated::Received),
    list("vnpostalStatus", "3", Dated::Received),
    list("viapostal", "2", Dated::Released),
    list("viapostal", "3", Dated::Released),
    list("viapostal", "4", Dated::Released),
    list("viapostal", "2", Dated::Finished),
    list("viapostal", "3", Dated::Finished),
    list("viapostal", "4", Dated::Finished),
];

/// A case as the one-stop software shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its number, folded as ours.
    pub dossier_no: String,
    /// Its agency, where it is a code.
    pub agency_code: Option<String>,
    /// How it stands.
    pub says: CaseSays,
    /// Whether the papers come by post; none where the row does not say.
    pub filed_by_post: Option<bool>,
    /// Whether the result goes by post; none where the row does not say.
    pub result_by_post: Option<bool>,
    /// Days of receipt, release and end.
    days: [Option<NaiveDate>; 3],
}

impl Case {
    /// The newest of its days that lies in a window, the end not in it.
    pub fn day_within(&self, from: NaiveDate, until: NaiveDate) -> Option<NaiveDate> {
        self.days.into_iter().flatten().filter(|day| (from..until).contains(day)).max()
    }

    /// Whether a row belongs to a list of these days: a server that could not read them sends others too.
    pub fn belongs(&self, list: &List, from: NaiveDate, until: NaiveDate) -> bool {
        let [received, released, finished] = self.days;
        let day = match list.dates {
            Dated::Received => received,
            Dated::Released => released,
            Dated::Finished => finished,
        };
        day.is_some_and(|day| (from..until).contains(&day))
    }
}

/// A row that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Its number, when that can be read.
    pub dossier_no: Option<String>,
    /// Why.
    pub why: &'static str,
}

/// A page of a list, or the answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CasePage {
    /// How many rows there are on all pages, as it says.
    pub total: usize,
    /// The rows of this one.
    pub rows: Vec<Result<Case, Unread>>,
}

/// Asks for the rows `start` to `end` of a list; the window's end is not in it.
pub fn page(list: &List, from: NaiveDate, until: NaiveDate, rows: (usize, usize), settings: &Settings) -> Call {
    let (first, last) = match list.dates {
        Dated::Received => ("fromReceiveDate", "toReceiveDate"),
        Dated::Released => ("fromReleaseDate", "toReleaseDate"),
        Dated::Finished => ("fromFinishDate", "toFinishDate"),
    };
    // Both of its days are in the window.
    let day = |day: NaiveDate| day.format("%d/%m/%Y").to_string();
    let (from, until) = (day(from), day(until.pred_opt().unwrap_or(until)));
    let (start, end) = (rows.0.to_string(), rows.1.to_string());
    let query = form(&[(list.field, list.value), (first, &from), (last, &until), ("start", &start), ("end", &end)]);
    with_group(Call::get(format!("{ROOT}?{query}"), Auth::Basic), settings)
}

/// Reads a page.
pub fn decode_page(answer: &Reply) -> Result<CasePage, Answer> {
    checked(answer)?;
    let value = reply::body(answer)?;
    let Some(outer) = Fields::of(&value) else { return Err(Answer::unknown("the answer is not an object")) };
    if let Some(refusal) = error_in(outer) {
        return Err(refusal);
    }
    let total = outer.integer(&["total"]).and_then(|total| usize::try_from(total).ok());
    let total = total.ok_or_else(|| Answer::unknown("the answer does not say how many cases there are"))?;
    let rows = match outer.get(&["data"]) {
        Some(serde_json::Value::Array(rows)) => rows.iter().map(row).collect(),
        Some(_) => return Err(Answer::unknown("the cases are not a list")),
        None => Vec::new(),
    };
    Ok(CasePage { total, rows })
}

/// Asks for the case of a number.
pub fn question(dossier_no: &str, settings: &Settings) -> Call {
    find(&DossierRef::Number(dossier_no.to_owned()), settings)
}

/// Reads the answer to a question: the case, or that there is none. Only the very number counts, and "none" only where every row that
/// was found is shown.
pub fn decode_question(answer: &Reply, dossier_no: &str) -> Result<Option<Case>, Answer> {
    let CasePage { total, rows } = decode_page(answer)?;
    let shown = rows.len();
    for row in rows {
        match row {
            Ok(case) if case.dossier_no == dossier_no => return Ok(Some(case)),
            Err(unread) if unread.dossier_no.as_deref() == Some(dossier_no) => return Err(Answer::unknown(unread.why)),
            _ => {}
        }
    }
    if shown >= total { Ok(None) } else { Err(Answer::unknown("the answer shows other cases, and not all")) }
}

fn row(value: &serde_json::Value) -> Result<Case, Unread> {
    let unread = |dossier_no: Option<String>, why| Unread { dossier_no, why };
    let Some(fields) = Fields::of(value) else { return Err(unread(None, "a row is not an object")) };
    let text = fields.text(&["dossierNo"]).ok_or_else(|| unread(None, "a row has no dossier number"))?;
    let number = DossierNo::parse(&text).map_err(|_| unread(None, "a row's number is no dossier number"))?;
    let dossier_no = String::from(number);
    let status = fields.text(&["dossierStatus"]).unwrap_or_default().to_ascii_lowercase();
    let Some((_, says)) = STATUSES.iter().find(|(name, _)| *name == status) else {
        return Err(unread(Some(dossier_no), "a row's dossierStatus is unknown"));
    };
    let agency = fields.text(&["govAgencyCode"]).and_then(|code| AgencyCode::parse(&code).ok());
    let day = |name: &str| fields.text(&[name]).and_then(|text| instant(&text)).map(|at| at.to_vietnam().date());
    let (collected, came) = (fields.integer(&["vnpostalStatus"]), fields.integer(&["fromViaPostal"]));
    Ok(Case {
        dossier_no,
        agency_code: agency.map(String::from),
        says: *says,
        filed_by_post: match (collected, came) {
            (Some(1..=3), _) | (_, Some(1)) => Some(true),
            (Some(0 | 4), _) | (_, Some(0)) => Some(false),
            _ => None,
        },
        // 3 and 4 are our own words, and say no more than 2: that the result goes by post.
        result_by_post: match fields.integer(&["viaPostal"]) {
            Some(2..=4) => Some(true),
            Some(0 | 1) => Some(false),
            _ => None,
        },
        days: [day("receiveDate"), day("releaseDate"), day("finishDate")],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peers::reply::replied;

    /// A row of a real shape: numbers as text, dates of Vietnam without a zone, empty where nothing happened.
    const ROW: &str = r#"{"dossierId": 96204, "referenceUid": "7c1f3a52-8a4e-4a0c-9b41-0d5a2f1e6b77", "counter": 1532,
        "dossierNo": "000.00.53.H48-261102-0041", "serviceCode": "2.000815", "govAgencyCode": "H48.53",
        "govAgencyName": "UBND huyện Bình Sơn", "applicantName": "Nguyễn Thị Mẫu", "viaPostal": "2", "vnpostalStatus": 1,
        "dossierStatus": "releasing", "submitDate": "02/11/2026 08:12:45", "receiveDate": "02/11/2026 23:59:59",
        "releaseDate": "06/11/2026 16:20:00", "finishDate": "", "originality": 3}"#;
    const NUMBER: &str = "000.00.53.H48-261102-0041";

    fn day(text: &str) -> NaiveDate {
        crate::base::time::parse_date(text).unwrap()
    }

    /// The row, otherwise said.
    fn changed(from: &str, to: &str) -> Result<Case, Unread> {
        assert!(ROW.contains(from), "{from}");
        row(&serde_json::from_str(&ROW.replace(from, to)).unwrap())
    }

    fn answer(total: usize, rows: &[&str]) -> Reply {
        replied(200, &format!(r#"{{"total": {total}, "data": [{}]}}"#, rows.join(",")))
    }

    #[test]
    fn a_row_says_how_its_case_stands() {
        let case = changed(NUMBER, NUMBER).unwrap();
        assert_eq!((case.dossier_no.as_str(), case.agency_code.as_deref()), (NUMBER, Some("H48.53")));
        assert_eq!((case.says, case.filed_by_post, case.result_by_post), (CaseSays::Ready, Some(true), Some(true)));
        assert_eq!(case.day_within(day("2026-11-01"), day("2026-11-30")), Some(day("2026-11-06")));
        assert_eq!(case.day_within(day("2026-11-01"), day("2026-11-06")), Some(day("2026-11-02")), "Vietnam's day");
        assert_eq!(case.day_within(day("2026-11-07"), day("2026-11-30")), None);
        let folded = changed(NUMBER, " 000.00.53.h48–261102–0041").unwrap();
        assert_eq!(folded.dossier_no, NUMBER, "as the same number of a file");
    }

    #[test]
    fn every_status_has_a_meaning_and_no_other_is_guessed() {
        let says = |status: &str| changed("releasing", status).map(|case| case.says).map_err(|unread| unread.why);
        for (status, meaning) in STATUSES {
            assert_eq!(says(status), Ok(*meaning), "{status}");
        }
        assert_eq!((says("done"), says("DENIED")), (Ok(CaseSays::Returned), Ok(CaseSays::Stopped)));
        assert_eq!((says(""), says("archived")), (Err("a row's dossierStatus is unknown"), says("")));
        assert_eq!(changed(NUMBER, "").unwrap_err().why, "a row has no dossier number");
        assert_eq!(changed(NUMBER, "H48-26").unwrap_err().why, "a row's number is no dossier number");
    }

    #[test]
    fn by_post_or_not_or_nobody_says() {
        let filed = |to: &str| changed("\"vnpostalStatus\": 1", to).unwrap().filed_by_post;
        assert_eq!((filed("\"vnpostalStatus\": \"3\""), filed("\"vnpostalStatus\": 0")), (Some(true), Some(false)));
        assert_eq!((filed("\"vnpostalStatus\": 4"), filed("\"vnpostalStatus\": \"\"")), (Some(false), None));
        assert_eq!(filed("\"vnpostalStatus\": 0, \"fromViaPostal\": \"1\""), Some(true));
        let result = |to: &str| changed("\"viaPostal\": \"2\"", to).unwrap().result_by_post;
        assert_eq!((result("\"viaPostal\": 4"), result("\"viaPostal\": \"1\"")), (Some(true), Some(false)));
        assert_eq!((result("\"viaPostal\": null"), result("\"viaPostal\": 9")), (None, None));
    }

    #[test]
    fn a_list_names_both_of_its_days() {
        let settings = Settings { group_id: Some("20142".to_owned()), ..Settings::default() };
        let call = page(&LISTS[0], day("2026-11-01"), day("2026-11-17"), (200, 400), &settings);
        assert_eq!(
            call.path,
            "/o/rest/v2/dossiers?vnpostalStatus=1&fromReceiveDate=01%2F11%2F2026&toReceiveDate=16%2F11%2F2026&start=200&end=400"
        );
        assert_eq!(call.headers.len(), 1);
        let call = page(&LISTS[8], day("2026-11-01"), day("2026-11-02"), (0, 200), &settings);
        assert!(call.path.contains("?viapostal=4&fromFinishDate=01%2F11%2F2026&toFinishDate=01%2F11%2F2026&"));
    }

    #[test]
    fn a_row_counts_by_its_own_dates() {
        let case = changed(NUMBER, NUMBER).unwrap();
        let belongs = |list: &List| case.belongs(list, day("2026-11-03"), day("2026-11-07"));
        assert_eq!((belongs(&LISTS[0]), belongs(&LISTS[3]), belongs(&LISTS[6])), (false, true, false));
    }

    #[test]
    fn only_a_clear_answer_says_that_there_is_no_case() {
        let other = ROW.replace("0041", "0042");
        let ask = |reply: &Reply| decode_question(reply, NUMBER);
        assert_eq!(ask(&answer(2, &[&other, ROW])).unwrap().unwrap().dossier_no, NUMBER);
        assert_eq!(ask(&answer(0, &[])), Ok(None));
        assert_eq!(ask(&replied(200, r#"{"total": 0}"#)), Ok(None));
        assert_eq!(ask(&answer(1, &[&other])), Ok(None), "all that it found, and not ours");
        for (status, body) in [
            (204, ""),
            (200, ""),
            (200, "{}"),
            (200, "null"),
            (200, r#"{"data": []}"#),
            (200, "<html>Bảo trì</html>"),
            (403, r#"{"code": 403, "message": "Lỗi hệ thống", "description": "No Content."}"#),
            (500, ""),
            (200, r#"{"total": 7, "data": []}"#),
        ] {
            assert!(matches!(ask(&replied(status, body)), Err(Answer::Unknown { .. })), "{status} {body}");
        }
        assert!(matches!(ask(&answer(11, &[&other])), Err(Answer::Unknown { .. })), "it ignored the number");
        let unknown = ROW.replace("releasing", "archived");
        assert!(matches!(ask(&answer(1, &[&unknown])), Err(Answer::Unknown { .. })), "it is there, whatever it says");
        assert_eq!(
            (ask(&replied(203, "")), ask(&replied(401, ""))),
            (Err(Answer::Unauthorised), Err(Answer::Unauthorised))
        );
    }
}
