//! Reports over HTTP, pages and the command line: cuts that never change, in every format, for who may see them.

use crate::support::office::{AGENCY, SOON, leg_ids, text};
use crate::support::papers::{at, fact, proven};
use crate::support::process::on_store;
use crate::support::sql::Direct;
use crate::support::{Office, Options, Papers, Person, TestStore, each_backend, until};
use calamine::{Data, Reader, Xlsx};
use giaonhan::base::digest::sha256_hex;
use giaonhan::base::time::{Clock, HOUR_US, Ts};
use giaonhan::domain::access::Scope;
use giaonhan::domain::leg::Side;
use giaonhan::domain::person::Role;
use giaonhan::store::read::tallies;
use serde_json::{Value, json};
use std::process::Command;

const OFFICE: &str = "650100";

fn clock() -> Clock {
    Clock::fixed(Ts::parse_rfc3339("2026-11-20T08:30:00+07:00").unwrap())
}

/// Everything that was committed is in the sums.
fn rolled_up(office: &Office) {
    until("the sums are up to date", SOON, || {
        let kept = office.app().store.read(tallies::kept_up_to).unwrap();
        (kept.due == 0).then_some(())
    });
}

/// Three dossiers taken in and two of them filed; three results, one delivered and confirmed, one not delivered at a first attempt.
fn a_day(office: &Office, clock: &Clock, seed: u32) -> Vec<String> {
    let papers = Papers::new(seed);
    let intake = leg_ids(&office.declare(&office.post(), &papers.taken_intake(3)));
    office.hand_over("POST", "AGENCY", &intake[..2]);
    let results = leg_ids(&office.declare(&office.desk(), &papers.manifest("RESULT", 3)));
    office.hand_over("AGENCY", "POST", &results);
    clock.advance_us(8 * HOUR_US);
    let facts = [
        proven(&format!("a{seed}"), &results[0], "DELIVERED", &at(90)),
        proven(&format!("b{seed}"), &results[0], "CONFIRMED", &at(95)),
        fact(&format!("c{seed}"), &results[1], "ATTEMPT_FAILED", &at(150)),
    ];
    office.report(&office.post(), &facts);
    rolled_up(office);
    results
}

fn ask(definition: &str) -> Value {
    json!({"definition": definition, "from": "2026-11-01", "until": "2026-12-01"})
}

fn section<'r>(report: &'r Value, id: &str) -> &'r Value {
    report["sections"].as_array().unwrap().iter().find(|section| section["id"] == id).unwrap()
}

fn valid(report: &Value) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/report.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let errors: Vec<String> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn a_cut_never_changes_and_gives_the_same_bytes_in_every_format() {
    each_backend("reports_cut", |store| {
        let clock = clock();
        let office = Office::start(&store, Options::default().clock(&clock));
        let results = a_day(&office, &clock, 1);
        let reply = office.oversight().post("/v1/reports", &ask("BCCI_ANNEX")).expect(201);
        let cut = reply.json();
        let path = format!("/v1/reports/{}", text(&cut["id"]));
        assert_eq!(reply.header("location"), path);
        let formats = ["json", "csv", "xlsx", "pdf"].map(|format| format!("{path}?format={format}"));
        let read = || formats.clone().map(|path| office.oversight().get(path).expect(200).body);
        let first = read();
        assert_eq!(sha256_hex(&first[0]), text(&cut["sha256"]), "the digest is of what is stored");
        let report: Value = serde_json::from_slice(&first[0]).unwrap();
        valid(&report);
        let agency = &section(&report, "agencies")["rows"][0]["cells"];
        let number = |column: usize| &agency[column]["value"]["number"];
        assert_eq!((number(3), number(4)), (&json!(3), &json!(2)), "taken in, and filed");
        assert_eq!((number(6), number(7), number(8)), (&json!(3), &json!(3), &json!(1)), "asked, given, delivered");
        assert_eq!(agency[3]["behind"], json!({"measure": "TAKEN_FROM_CITIZEN", "agency": AGENCY}));
        // Later facts, and a later cut that sees them.
        office.report(&office.post(), &[proven("later", &results[2], "DELIVERED", &at(400))]);
        rolled_up(&office);
        assert_eq!(read(), first);
        let later = office.oversight().post("/v1/reports", &ask("BCCI_ANNEX")).expect(201).json();
        assert_ne!(later["sha256"], cut["sha256"]);
        // The database refuses what the program would never ask for.
        let mut direct = Direct::to(&store);
        for statement in ["UPDATE report_cut SET value = '{}'", "DELETE FROM report_cut"] {
            assert!(direct.try_run(statement).is_err(), "{statement}");
        }
        assert_eq!(read(), first);
    });
}

#[test]
fn formats_are_what_they_say() {
    let store = TestStore::sqlite();
    let clock = clock();
    let office = Office::start(&store, Options::default().clock(&clock));
    a_day(&office, &clock, 1);
    let id = text(&office.oversight().post("/v1/reports", &ask("BCCI_ANNEX")).expect(201).json()["id"]).to_owned();
    let path = format!("/v1/reports/{id}");
    let xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let reply = office.oversight().call("GET", path.as_str()).header("accept", xlsx).send().expect(200);
    assert_eq!(reply.header("content-type"), xlsx);
    assert!(reply.header("content-disposition").ends_with(".xlsx\""));
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(reply.body)).unwrap();
    let name = book.sheet_names().into_iter().find(|name| name.contains("By agency")).unwrap();
    let sheet = book.worksheet_range(&name).unwrap();
    let line = sheet.rows().find(|row| row[0] == Data::String(AGENCY.to_owned())).unwrap();
    assert_eq!((&line[3], &line[4]), (&Data::Float(3.0), &Data::Float(2.0)), "live numbers");
    let csv = office.oversight().get(format!("{path}?format=csv&language=vi&separator=comma")).expect(200).text();
    assert!(csv.starts_with('\u{feff}') && csv.contains(&format!("\r\n{AGENCY},{AGENCY},–,3,2,")), "{csv}");
    let pdf = office.oversight().get(format!("{path}?format=pdf&language=vi")).expect(200).body;
    assert!(pdf.starts_with(b"%PDF"));
    if let Some(words) = words_of(&pdf) {
        for wanted in ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập – Tự do – Hạnh phúc", "tháng 11/2026", AGENCY]
        {
            assert!(words.contains(wanted), "{wanted}: {words}");
        }
    }
    office.oversight().get(format!("{path}?format=doc")).refused(400, "QUERY_INVALID");
    office
        .oversight()
        .post("/v1/reports", &json!({"definition": "X", "from": "2026-01-01"}))
        .refused(422, "BODY_INVALID");
}

/// The words of a PDF, where `pdftotext` is installed.
fn words_of(pdf: &[u8]) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.pdf");
    std::fs::write(&path, pdf).unwrap();
    match Command::new("pdftotext").arg("-layout").arg(&path).arg("-").output() {
        Ok(done) => Some(String::from_utf8(done.stdout).unwrap()),
        Err(_) => {
            eprintln!("pdftotext is not installed: the words of the PDF were not read");
            None
        }
    }
}

#[test]
fn every_definition_works_on_a_real_store() {
    each_backend("reports_all", |store| {
        let clock = clock();
        let office = Office::start(&store, Options::default().clock(&clock));
        let results = a_day(&office, &clock, 1);
        // Delivered without the note of an identity check: a discrepancy.
        let mut bare = fact("bare", &results[2], "CONFIRMED", &at(200));
        bare["originals"] = json!(1);
        bare["copies"] = json!(2);
        office.report(&office.post(), &[bare]);
        rolled_up(&office);
        let listed = on_store(&store, &["--json", "report", "definitions"]).expect(0).objects();
        assert_eq!(listed.len(), 8);
        for known in listed {
            let definition = text(&known["definition"]);
            let cut = office.oversight().post("/v1/reports", &ask(definition)).expect(201).json();
            let path = format!("/v1/reports/{}", text(&cut["id"]));
            valid(&office.oversight().get(path.as_str()).expect(200).json());
            for format in ["csv", "xlsx", "pdf"] {
                office.oversight().get(format!("{path}?format={format}")).expect(200);
            }
        }
        let of = |definition: &str, body: Value| -> Value {
            let cut = office.oversight().post("/v1/reports", &body).expect(201).json();
            assert_eq!(cut["definition"], definition);
            office.oversight().get(format!("/v1/reports/{}", text(&cut["id"]))).expect(200).json()
        };
        let books = of("RECONCILIATION", ask("RECONCILIATION"));
        let kinds = &section(&books, "kinds")["rows"];
        assert_eq!(kinds[0]["cells"][0]["value"]["text"], "NO_ID_NOTE");
        assert_eq!(kinds[0]["cells"][1]["value"]["vi"], "Đã phát, thiếu bằng chứng");
        assert_eq!(section(&books, "open")["rows"].as_array().unwrap().len(), 1);
        assert_eq!(books["signatures"].as_array().unwrap().len(), 2);
        let mut body = ask("COMPLIANCE_SAMPLE");
        body["seed"] = json!("hạt giống 7");
        let sample = of("COMPLIANCE_SAMPLE", body.clone());
        assert_eq!(section(&sample, "trend")["rows"].as_array().unwrap().len(), 1, "days without papers are not drawn");
        let rules = section(&sample, "rules")["rows"].as_array().unwrap().clone();
        assert_eq!(rules[0]["cells"][3]["value"], json!({"type": "share", "part": 1, "whole": 6}));
        assert!(sample["notes"][0]["vi"].as_str().unwrap().contains("hạt giống 7"), "the seed is printed");
        assert_eq!(of("COMPLIANCE_SAMPLE", body)["sections"], sample["sections"], "the same seed draws the same days");
    });
}

#[test]
fn recipe_18_totals_from_seeds_stand_in_the_periodic_table_and_what_nobody_told_is_unknown() {
    each_backend("reports_figures", |store| {
        let office = Office::start(&store, Options::default().clock(&clock()));
        let oversight = Person::of(&office, "giam-sat", Role::Oversight, "");
        let before = office.oversight().post("/v1/reports", &ask("II06A")).expect(201).json();
        let before = office.oversight().get(format!("/v1/reports/{}", text(&before["id"]))).expect(200).json();
        assert_eq!(section(&before, "shares")["rows"][1]["cells"][1]["value"], json!({"type": "unknown"}));
        assert_eq!(before["checks"][2]["holds"], Value::Null);
        // Seed 003: 7.13 %, and 13.90 % where the document prints 13.8 %.
        let table = "figure;from;until;field;value;source\n\
            RECEIVED_ONLINE;2026-11-01;2026-12-01;Đất đai;2;Báo cáo 22/8/2022\n\
            RECEIVED_DIRECT_OR_POST;2026-11-01;2026-12-01;Đất đai;32337;Báo cáo\n\
            CARRIED_OVER;2026-11-01;2026-12-01;Đất đai;0;Báo cáo\n\
            SOLVED_EARLY;2026-11-01;2026-12-01;Đất đai;0;Báo cáo\n\
            SOLVED_ON_TIME;2026-11-01;2026-12-01;Đất đai;25775;Báo cáo\n\
            SOLVED_LATE;2026-11-01;2026-12-01;Đất đai;1;gõ nhầm\n\
            SOLVED_LATE;2026-11-01;2026-12-01;Đất đai;1980;Báo cáo\n\
            IN_PROCESS_WITHIN;2026-11-01;2026-12-01;Đất đai;3947;Báo cáo\n\
            IN_PROCESS_OVERDUE;2026-11-01;2026-12-01;Đất đai;637;Báo cáo\n";
        assert_eq!(oversight.form("/oversight/figures", &[("text", table)]).leads_to(), "/oversight/figures?entered=9");
        assert_eq!(oversight.acts(&office)[0], "FIGURES.ENTERED");
        let wrong = oversight.form("/oversight/figures", &[("text", "figure;from;until;value;source\nX;a;b;c;d")]);
        assert!(wrong.expect(422).text().contains("text-e"), "told beside the table, which stays as it was typed");
        let cut = office.oversight().post("/v1/reports", &ask("II06A")).expect(201).json();
        let report = office.oversight().get(format!("/v1/reports/{}", text(&cut["id"]))).expect(200).json();
        valid(&report);
        let shares = section(&report, "shares")["rows"].as_array().unwrap().clone();
        assert_eq!(shares[1]["cells"][1]["value"], json!({"type": "share", "part": 1980, "whole": 27755}));
        assert_eq!(shares[3]["cells"][1]["value"], json!({"type": "share", "part": 637, "whole": 4584}));
        assert_eq!(report["checks"][2]["holds"], json!(true));
        let csv = office.oversight().get(format!("/v1/reports/{}?format=csv&language=vi", text(&cut["id"]))).text();
        assert!(csv.contains(";1980;27755;7,13%") && csv.contains(";637;4584;13,90%"), "{csv}");
        assert_eq!(
            Direct::to(&store).texts("SELECT count(*) || '' AS text FROM outside_figure"),
            ["9"],
            "nothing is replaced"
        );
    });
}

#[test]
fn everybody_sees_reports_of_their_own_alone() {
    each_backend("reports_scope", |store| {
        let clock = clock();
        let office = Office::start(&store, Options::default().clock(&clock));
        a_day(&office, &clock, 1);
        let province =
            text(&office.oversight().post("/v1/reports", &ask("BCCI_ANNEX")).expect(201).json()["id"]).to_owned();
        let own = office.desk().post("/v1/reports", &ask("BCCI_ANNEX")).expect(201).json();
        assert_eq!(own["agencyCode"], AGENCY, "a key of one agency asks about it without saying");
        office.desk().get(format!("/v1/reports/{province}")).refused(404, "NOT_FOUND");
        let mut other = ask("BCCI_ANNEX");
        other["agencyCode"] = json!("H32.99");
        office.desk().post("/v1/reports", &other).refused(403, "AGENCY_OUT_OF_SCOPE");
        let (both, _) = office.caller("two", Side::Agency, &[AGENCY, "H32.99"], &[Scope::Read, Scope::Write]);
        both.post("/v1/reports", &ask("BCCI_ANNEX")).refused(403, "AGENCY_OUT_OF_SCOPE");
        both.post("/v1/reports", &other).expect(201);
        assert_eq!(office.oversight().all("/v1/reports").len(), 3);
        assert_eq!(office.desk().all("/v1/reports").len(), 1);

        let post = Person::of(&office, "phu-trach", Role::PostSupervisor, OFFICE);
        let stranger = Person::of(&office, "phu-trach-khac", Role::PostSupervisor, "659999");
        let form = [("definition", "BCCI_ANNEX"), ("period", "2026-11-01/2026-12-01")];
        let path = post.form("/oversight/reports", &form).leads_to();
        assert!(post.see(&path).expect(200).text().contains(OFFICE));
        stranger.see(&path).expect(404);
        stranger.see(&format!("{path}/file?format=json")).expect(404);
        let empty = stranger.form("/oversight/reports", &form).leads_to();
        let empty = stranger.see(&format!("{empty}/file?format=json")).expect(200).0.json();
        assert_eq!(section(&empty, "agencies")["rows"], json!([]), "nothing of another office");
        post.see(&format!("/oversight/reports/{province}")).expect(404);
        assert_eq!(post.acts(&office)[0], "REPORT.MADE");
        let clerk = Person::of(&office, "giao-dich", Role::PostClerk, OFFICE);
        clerk.see("/oversight/reports").expect(403);
        post.see("/oversight/figures").expect(403);
    });
}

#[test]
fn a_number_leads_to_its_dossiers() {
    each_backend("reports_legs", |store| {
        let clock = clock();
        let office = Office::start(&store, Options::default().clock(&clock));
        a_day(&office, &clock, 1);
        let oversight = Person::of(&office, "giam-sat", Role::Oversight, "");
        let path = oversight
            .form("/oversight/reports", &[("definition", "BCCI_ANNEX"), ("period", "2026-11-01/2026-12-01")])
            .leads_to();
        let page = oversight.see(&path).expect(200).text();
        let link = format!("{path}/legs?table=0&amp;row=0&amp;column=3");
        assert!(page.contains(&link), "{page}");
        let legs = oversight.see(&link.replace("&amp;", "&")).expect(200).text();
        assert_eq!(legs.matches("/dossiers/leg_").count(), 3, "{legs}");
        let filed = oversight.see(&format!("{path}/legs?table=0&row=0&column=4")).expect(200).text();
        assert_eq!(filed.matches("/dossiers/leg_").count(), 2, "exactly those that make the number");
        oversight.see(&format!("{path}/legs?table=0&row=0&column=0")).expect(404);
        oversight.see(&format!("{path}/legs?table=9&row=0&column=0")).expect(404);
        oversight.see(&format!("{path}/file?format=exe")).expect(404);
        let wrong = oversight.form(
            "/oversight/reports",
            &[("definition", "BCCI_ANNEX"), ("period", "free"), ("from", "2026-11-02"), ("last", "2026-11-01")],
        );
        assert!(wrong.expect(422).text().contains("last-e"));
        let free = oversight.form(
            "/oversight/reports",
            &[("definition", "LATE_SHARES"), ("period", "free"), ("from", "2026-11-01"), ("last", "2026-11-20")],
        );
        assert!(oversight.see(&free.leads_to()).expect(200).text().contains("01/11/2026 – 20/11/2026"));
    });
}

#[test]
fn the_command_line_makes_and_writes_reports() {
    let store = TestStore::sqlite();
    drop(Office::start(&store, Options::default()));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("annex.xlsx");
    let run = ["--json", "report", "run", "bcci-annex", "--from", "2026-01-01", "--until", "2027-01-01"];
    let made = on_store(&store, &[&run[..], &["--format", "xlsx", "--out", file.to_str().unwrap()]].concat())
        .expect(0)
        .object();
    assert!(std::fs::read(&file).unwrap().starts_with(b"PK"));
    let listed = on_store(&store, &["--json", "report", "list"]).expect(0).objects();
    assert_eq!((listed.len(), &listed[0]["id"]), (1, &made["id"]));
    let json =
        on_store(&store, &["report", "export", text(&made["id"]), "--format", "json", "--out", "-"]).expect(0).stdout;
    assert_eq!(sha256_hex(json.as_bytes()), text(&made["sha256"]));
    let export = |language| {
        let words = ["report", "export", text(&made["id"]), "--format", "csv", "--out", "-", "--language", language];
        on_store(&store, &words)
    };
    assert!(export("en").expect(0).stdout.contains("Agency"));
    assert!(export("vi").expect(0).stdout.contains("Cơ quan"));
    export("fr").expect(2);
    let table = folder.path().join("figures.csv");
    std::fs::write(&table, "figure;from;until;value;source\nREVENUE;2026-01-01;2027-01-01;5000000;bưu điện tỉnh\n")
        .unwrap();
    let entered = on_store(&store, &["--json", "report", "figures", table.to_str().unwrap()]).expect(0).object();
    assert_eq!(entered["entered"], 1);
    // The misprints of two seeds: 003 cut its digits off, 002 is another number.
    for (part, whole, printed, share, verdict, code) in [
        ("637", "4584", "13.8%", "13,90 % (637 / 4.584)", "CUT_OFF", 1),
        ("102", "48215", "0,002%", "0,21 % (102 / 48.215)", "WRONG", 1),
        ("1980", "27755", "7,13%", "7,13 % (1.980 / 27.755)", "RIGHT", 0),
    ] {
        let told = on_store(&store, &["--json", "report", "share", part, whole, printed]).expect(code).object();
        assert_eq!(told["share"].as_str().unwrap().replace('\u{a0}', " "), share);
        assert_eq!(told["verdict"], verdict);
    }
    on_store(&store, &["report", "run", "nothing", "--from", "2026-01-01", "--until", "2027-01-01"]).expect(2);
    on_store(&store, &["report", "run", "II06A", "--from", "2026-13-01", "--until", "2027-01-01"]).expect(2);
}
