//! The legal clocks of legs in a store: what they say is a function of the ledger and of what the one-stop side told, what is stored says
//! the same, and what they find opens and heals by itself. What nobody said is unknown.

use crate::support::office::{AGENCY, SOON, leg_ids, text};
use crate::support::papers::{fact, proven};
use crate::support::process::on_store;
use crate::support::sql::Direct;
use crate::support::{Office, Options, Papers, TestStore, each_backend, until};
use giaonhan::app::people::Doing;
use giaonhan::app::{clocks, verify, zones};
use giaonhan::base::time::{Clock, DAY_US, HOUR_US, Ts};
use giaonhan::domain::clocks::{ClockId, Status, Unknown};
use giaonhan::domain::discrepancy::{Books, Kind};
use giaonhan::store::clocks::{LegClockRow, rows_of};
use giaonhan::wire;
use serde_json::{Value, json};

fn ts(text: &str) -> Ts {
    Ts::parse_rfc3339(&format!("{text}+07:00")).unwrap()
}

/// An office whose clock stands at this time.
fn office_at(store: &TestStore, time: &str) -> (Office, Clock) {
    let clock = Clock::fixed(ts(time));
    (Office::start(store, Options::default().clock(&clock)), clock)
}

/// Moves the clock on to this time, and lets clocks be derived.
fn go_to(office: &Office, clock: &Clock, time: &str) {
    clock.advance_us(ts(time).us() - clock.now().us());
    office.clocks_derived();
}

/// The stored rows of a leg.
fn rows(office: &Office, leg: &str) -> Vec<LegClockRow> {
    office.clocks_derived();
    office.app().store.read(|db| rows_of(db, &[leg.to_owned()])).unwrap()
}

fn row(office: &Office, leg: &str, clock: ClockId) -> LegClockRow {
    let found = rows(office, leg).into_iter().find(|row| row.clock == clock.as_str());
    found.unwrap_or_else(|| panic!("{clock} of {leg} has no row"))
}

/// Kind and state of what clocks found of a leg, oldest first.
fn found(office: &Office, leg: &str) -> Vec<(String, String)> {
    office.clocks_derived();
    let all = office.oversight().all(&format!("/v1/discrepancies?legId={leg}"));
    let of_clocks = all.iter().filter(|each| Kind::parse(text(&each["kind"])).unwrap().entry().books == Books::Clock);
    of_clocks.map(|each| (text(&each["kind"]).to_owned(), text(&each["state"]).to_owned())).collect()
}

fn open(kind: &str) -> Vec<(String, String)> {
    vec![(kind.to_owned(), "OPEN".to_owned())]
}

/// One intake leg that the post took at this time, and its dossier number.
fn intake(office: &Office, seed: u32, taken_at: &str) -> (String, String) {
    let mut manifest = Papers::new(seed).taken_intake(1);
    manifest["lines"][0]["acceptedAt"] = json!(ts(taken_at).to_rfc3339());
    let dossier = text(&manifest["lines"][0]["dossierNo"]).to_owned();
    (leg_ids(&office.declare(&office.post(), &manifest)).remove(0), dossier)
}

/// The agency signs for the leg now, and opens the case.
fn filed(office: &Office, leg: &str, dossier: &str) {
    office.hand_over("POST", "AGENCY", &[leg.to_owned()]);
    let now = office.app().now().to_rfc3339();
    let mut opened = fact(&format!("case-{leg}"), leg, "CASE_RECEIVED", &now);
    opened["dossierNo"] = json!(dossier);
    assert_eq!(office.report(&office.desk(), &[opened])[0]["outcome"], "RECORDED");
}

/// Tells a mark of a dossier; the time is its id too.
fn tell(office: &Office, dossier: &str, mark: &str, time: &str, date: Option<&str>) -> Value {
    let mut told = json!({"markId": format!("{mark}-{time}"), "agencyCode": AGENCY, "dossierNo": dossier, "mark": mark,
                          "occurredAt": ts(time).to_rfc3339()});
    if let Some(date) = date {
        told["date"] = json!(date);
    }
    let reply = office.desk().post("/v1/case-marks", &json!({"marks": [told]})).expect(200).json();
    reply["marks"][0].clone()
}

#[test]
fn clocks_of_a_leg_come_from_its_events_alone() {
    each_backend("clocks", |store| {
        let office = Office::start(&store, Options::default());
        let receipt = office.declare(&office.post(), &Papers::new(60).taken_intake(1));
        let leg_id = leg_ids(&receipt).remove(0);
        let as_of = office.app().now();
        let first = clocks::of_leg(office.app(), &leg_id, as_of).unwrap();
        let of = |id: ClockId| first.standings.iter().find(|standing| standing.clock == id).unwrap();
        assert_eq!(
            of(ClockId::IntakeTransit).unknown,
            Some(Unknown::Slip),
            "no manifest says whether the slip is brought"
        );
        assert!(of(ClockId::SameDayTransfer).due_at.is_some());
        assert_eq!(of(ClockId::DataRetention).status, Status::Running);
        assert_eq!(clocks::of_leg(office.app(), &leg_id, as_of).unwrap().standings, first.standings);
        office.hand_over("POST", "AGENCY", std::slice::from_ref(&leg_id));
        let later = clocks::of_leg(office.app(), &leg_id, office.app().now()).unwrap();
        let transfer = later.standings.iter().find(|standing| standing.clock == ClockId::SameDayTransfer).unwrap();
        assert!(transfer.ended_at.is_some(), "the second signature ends it");
        assert!(clocks::of_leg(office.app(), "leg_none", as_of).is_err());
    });
}

#[test]
fn what_is_stored_is_what_events_give_and_verifying_tells_when_it_is_not() {
    each_backend("stored-clocks", |store| {
        let (office, clock) = office_at(&store, "2026-09-03T10:00:00");
        let (leg, dossier) = intake(&office, 62, "2026-09-03T09:00:00");
        let running = row(&office, &leg, ClockId::SameDayTransfer);
        assert_eq!((running.status.as_str(), running.due_at_us), ("RUNNING", Some(ts("2026-09-03T17:00:00").us())));
        assert_eq!(row(&office, &leg, ClockId::IntakeTransit).unknown.as_deref(), Some("SLIP_UNKNOWN"));
        assert!(rows(&office, &leg).iter().all(|row| row.status != "NOT_STARTED"), "what nothing started has no row");
        filed(&office, &leg, &dossier);
        tell(&office, &dossier, "SUPPLEMENT_ASKED", "2026-09-03T09:59:00", None);
        clock.advance_us(DAY_US);
        let met = row(&office, &leg, ClockId::SameDayTransfer);
        assert_eq!((met.status.as_str(), met.used_post_us), ("MET", Some(HOUR_US)), "an hour of the post");
        let live = clocks::of_leg(office.app(), &leg, office.app().now()).unwrap();
        let of = |id: ClockId| live.standings.iter().find(|standing| standing.clock == id).unwrap();
        assert_eq!(
            Some(of(ClockId::FilingGap).status.as_str()),
            Some(row(&office, &leg, ClockId::FilingGap).status.as_str())
        );

        Direct::to(&store).run("UPDATE leg_clock SET ended_at_us = 5 WHERE clock = 'SAME_DAY_TRANSFER'");
        let damage = verify::verify(office.app()).unwrap().problems;
        assert_eq!(damage.iter().map(|damage| damage.kind).collect::<Vec<_>>(), ["CLOCK_DIFFERS"], "{damage:?}");
        clocks::rebuild(office.app()).unwrap();
        assert!(verify::verify(office.app()).unwrap().is_clean());
        assert_eq!(row(&office, &leg, ClockId::SameDayTransfer), met);
    });
}

#[test]
fn other_settings_and_calendars_derive_every_leg_anew() {
    each_backend("clocks-anew", |store| {
        let clock = Clock::fixed(ts("2026-12-31T10:00:00"));
        let mut office = Office::start(&store, Options::default().clock(&clock));
        let (leg, _) = intake(&office, 63, "2026-12-31T15:30:00");
        assert!(rows(&office, &leg).iter().all(|row| row.clock != "SAME_DAY_TRANSFER"), "it has not happened yet");
        go_to(&office, &clock, "2026-12-31T16:00:00");
        assert_eq!(row(&office, &leg, ClockId::SameDayTransfer).unknown.as_deref(), Some("NO_CALENDAR"));
        let year = "version = \"vn-2027\"\nvalid_from = \"2027-01-01\"\n[[year]]\nyear = 2027\nsource = \"QĐ\"\n[[week]]\n\
                    days = [\"MON\", \"TUE\", \"WED\", \"THU\", \"FRI\"]\nsessions = [\"07:00-11:30\", \"13:30-17:00\"]\n\
                    [[day]]\ndate = \"2027-01-01\"\nkind = \"OFF\"\nname = \"Tết Dương lịch\"\n";
        let doing = Doing { person: None, request_id: "test" };
        giaonhan::app::calendar::load(office.app(), year, doing).unwrap();
        let due = |office: &Office| row(office, &leg, ClockId::SameDayTransfer).due_at_us;
        // The next working day, its first session; the loop sees the calendar in its next round.
        let wanted = Some(ts("2027-01-04T11:30:00").us());
        until("clocks by the new calendar", SOON, || (due(&office) == wanted).then_some(()));
        drop(office);
        let other = Options::default().clock(&clock).set("clocks.after_cut_off", "closing");
        office = Office::start(&store, other);
        // The loop sees the other setting in its next round.
        let wanted = Some(ts("2027-01-04T17:00:00").us());
        until("clocks by the other setting", SOON, || (due(&office) == wanted).then_some(()));
    });
}

#[test]
fn recipe_5_the_edge_of_three_o_clock() {
    each_backend("recipe-5", |store| {
        let (office, clock) = office_at(&store, "2026-08-28T15:30:00");
        let legs: Vec<String> = (["14:59:59", "15:00:00", "15:00:01"].iter().zip(64..))
            .map(|(time, seed)| intake(&office, seed, &format!("2026-08-28T{time}")).0)
            .collect();
        let due = |leg: &String| row(&office, leg, ClockId::SameDayTransfer).due_at_us.map(Ts::from_us);
        assert_eq!(due(&legs[0]), Some(ts("2026-08-28T17:00:00")));
        assert_eq!(due(&legs[1]), Some(ts("2026-08-28T17:00:00")));
        assert_eq!(due(&legs[2]), Some(ts("2026-09-03T11:30:00")), "National Day lies between");
        go_to(&office, &clock, "2026-08-28T17:00:00");
        assert_eq!(found(&office, &legs[0]), [], "until the last instant");
        go_to(&office, &clock, "2026-08-28T17:00:01");
        assert_eq!(found(&office, &legs[0]), open("LATE_HANDOVER"));
        assert_eq!(found(&office, &legs[1]), open("LATE_HANDOVER"));
        assert_eq!(found(&office, &legs[2]), []);
        let shown = office.oversight().all(&format!("/v1/discrepancies?legId={}", legs[0])).remove(0);
        let evidence: Vec<_> = shown["evidence"].as_array().unwrap().iter().map(|each| &each["book"]).collect();
        assert_eq!(shown["owner"], "BOTH");
        assert!(
            evidence.iter().any(|word| word["field"] == "dueAt" && word["says"] == "2026-08-28T17:00:00+07:00"),
            "{shown}"
        );
        assert!(evidence.iter().any(|word| word["book"] == "SAME_DAY_TRANSFER" && word["says"] == "NĐ 118 Đ18 k2"));

        // Found again without news writes nothing.
        go_to(&office, &clock, "2026-08-29T09:00:00");
        clocks::rebuild(office.app()).unwrap();
        assert_eq!(office.oversight().all(&format!("/v1/discrepancies?legId={}", legs[0])), [shown]);

        // Both had signed in time, and it was entered late: it heals by itself.
        let opened = office.open(&office.post(), "POST", "AGENCY", &legs[..1]);
        let counted = office.count_taken(&opened);
        for side in ["POST", "AGENCY"] {
            let signature = json!({"side": side, "signer": {"name": "Trần Văn Thử"}, "digest": counted["digest"],
                                   "signedAt": "2026-08-28T16:40:00+07:00"});
            let path = format!("/v1/handovers/{}/signatures", text(&counted["id"]));
            office.side(side).post(path, &signature).expect(200);
        }
        assert_eq!(found(&office, &legs[0])[0], ("LATE_HANDOVER".to_owned(), "RESOLVED".to_owned()));
        assert_eq!(found(&office, &legs[1]), open("LATE_HANDOVER"));
    });
}

#[test]
fn recipe_6_the_working_saturday() {
    each_backend("recipe-6", |store| {
        let (office, clock) = office_at(&store, "2026-08-21T10:00:00");
        let leg = leg_ids(&office.declare(&office.desk(), &Papers::new(67).manifest("RESULT", 1))).remove(0);
        office.report(&office.post(), &[fact("a", &leg, "ACCEPTED", "2026-08-21T09:30:00+07:00")]);
        let transit = || row(&office, &leg, ClockId::ResultTransit);
        assert_eq!(transit().unknown.as_deref(), Some("LANE_UNKNOWN"), "nobody said where the zones are");
        let table = "place,province,zone,class\n650100,56,nha-trang,CITY\n22366,56,nha-trang,CITY\n";
        let doing = Doing { person: None, request_id: "test" };
        zones::load(office.app(), wire::zones::read(table.as_bytes()).unwrap(), doing).unwrap();
        let due = transit().due_at_us.map(Ts::from_us);
        assert_eq!(due, Some(ts("2026-08-22T17:00:00")), "J+1 is a Saturday that is worked");
        go_to(&office, &clock, "2026-08-24T08:00:00");
        assert_eq!(found(&office, &leg), open("LATE_LEG"));
        let delivered = proven("d", &leg, "CONFIRMED", "2026-08-22T10:00:00+07:00");
        office.report(&office.post(), &[delivered]);
        assert_eq!(transit().status, "MET");
        assert_eq!(found(&office, &leg), [("LATE_LEG".to_owned(), "RESOLVED".to_owned())]);
    });
}

#[test]
fn recipe_7_a_return_before_two_invitations() {
    each_backend("recipe-7", |store| {
        let (office, _) = office_at(&store, "2026-09-08T09:00:00");
        let leg = leg_ids(&office.declare(&office.desk(), &Papers::new(68).manifest("RESULT", 1))).remove(0);
        let mut failed = fact("f", &leg, "ATTEMPT_FAILED", "2026-09-03T08:00:00+07:00");
        failed["cause"] = json!("ABSENT");
        office.report(
            &office.post(),
            &[
                fact("a", &leg, "ACCEPTED", "2026-09-01T09:00:00+07:00"),
                failed,
                fact("i1", &leg, "INVITED", "2026-09-03T08:30:00+07:00"),
                fact("i2", &leg, "INVITED", "2026-09-04T08:30:00+07:00"),
                fact("r", &leg, "RETURNING", "2026-09-08T08:00:00+07:00"),
            ],
        );
        let second = row(&office, &leg, ClockId::SecondInvitation);
        assert_eq!((second.status.as_str(), second.due_at_us), ("TOO_EARLY", Some(ts("2026-09-07T00:00:00").us())));
        assert_eq!(found(&office, &leg), open("PREMATURE_RETURN"));
        // The invitation of the 7th was only not told of: with the setting that waits no longer the return was in time.
        office.report(&office.post(), &[fact("i3", &leg, "INVITED", "2026-09-03T08:31:00+07:00")]);
        assert_eq!(found(&office, &leg), open("PREMATURE_RETURN"), "another on the same day changes nothing");
    });
}

#[test]
fn recipe_15_supplement_and_date_twice() {
    each_backend("recipe-15", |store| {
        let (office, clock) = office_at(&store, "2026-08-28T10:00:00");
        let (leg, dossier) = intake(&office, 69, "2026-08-28T09:00:00");
        filed(&office, &leg, &dossier);
        go_to(&office, &clock, "2026-09-03T12:00:00");
        let first = tell(&office, &dossier, "SUPPLEMENT_ASKED", "2026-09-03T09:00:00", None);
        assert_eq!((&first["outcome"], &first["legIds"]), (&json!("TAKEN"), &json!([leg])));
        let answer = || row(&office, &leg, ClockId::SupplementAnswer);
        assert_eq!(answer().due_at_us, Some(ts("2026-09-19T00:00:00").us()), "15 plain days");
        assert_eq!(found(&office, &leg), []);
        let again = tell(&office, &dossier, "SUPPLEMENT_ASKED", "2026-09-03T09:00:00", None);
        assert_eq!(again["outcome"], "DUPLICATE", "C12");
        assert_eq!(found(&office, &leg), [], "told twice is asked once");
        let processing = row(&office, &leg, ClockId::Processing);
        assert_eq!((processing.status.as_str(), processing.unknown.as_deref()), ("UNKNOWN", Some("PROCEDURE_UNKNOWN")));
        assert_eq!(processing.reason.as_deref(), Some("SUPPLEMENT_PENDING"));

        go_to(&office, &clock, "2026-09-19T00:00:01");
        assert_eq!(found(&office, &leg), open("CLOSE_AFTER_15D_DUE"));
        tell(&office, &dossier, "SUPPLEMENT_ASKED", "2026-09-10T09:00:00", None);
        let kinds = |office: &Office| {
            found(office, &leg).into_iter().filter(|each| each.1 == "OPEN").map(|each| each.0).collect::<Vec<_>>()
        };
        assert_eq!(kinds(&office), ["CLOSE_AFTER_15D_DUE", "SECOND_SUPPLEMENT"]);
        tell(&office, &dossier, "CASE_CLOSED", "2026-09-18T16:00:00", None);
        assert_eq!(kinds(&office), ["SECOND_SUPPLEMENT"], "closed, as it had to be");

        tell(&office, &dossier, "APPOINTED", "2026-08-28T16:00:00", Some("2026-09-04"));
        tell(&office, &dossier, "APPOINTED_AGAIN", "2026-09-03T16:00:00", Some("2026-09-08"));
        assert_eq!(kinds(&office), ["SECOND_SUPPLEMENT"], "one new date is lawful");
        tell(&office, &dossier, "APPOINTED_AGAIN", "2026-09-07T16:00:00", Some("2026-09-15"));
        assert_eq!(
            kinds(&office),
            ["SECOND_REAPPOINTMENT", "SECOND_SUPPLEMENT"].map(str::to_owned).into_iter().rev().collect::<Vec<_>>()
        );
    });
}

#[test]
fn recipe_20_withdrawn_when_the_agency_has_the_papers() {
    each_backend("recipe-20", |store| {
        let (office, clock) = office_at(&store, "2026-09-03T10:00:00");
        let (leg, dossier) = intake(&office, 70, "2026-09-03T09:00:00");
        filed(&office, &leg, &dossier);
        tell(&office, &dossier, "APPOINTED", "2026-09-03T10:00:00", Some("2026-09-10"));
        assert_eq!(row(&office, &leg, ClockId::Processing).status, "RUNNING");
        go_to(&office, &clock, "2026-09-04T09:00:00");
        tell(&office, &dossier, "CASE_CLOSED", "2026-09-04T08:30:00", None);
        let processing = row(&office, &leg, ClockId::Processing);
        assert_eq!((processing.status.as_str(), processing.used_agency_us.is_some()), ("VOID", true));
        assert_eq!(row(&office, &leg, ClockId::Apology).status, "VOID");
        // The papers go back by post; there is no result, and nobody is late with one.
        let papers = Papers::new(71);
        let mut line = papers.line("RESULT", 1);
        line["dossierNo"] = json!(dossier);
        let back = leg_ids(&office.declare(&office.desk(), &papers.manifest_of("RESULT", vec![line]))).remove(0);
        office.hand_over("AGENCY", "POST", std::slice::from_ref(&back));
        office.report(&office.post(), &[proven("c", &back, "CONFIRMED", "2026-09-04T09:00:00+07:00")]);
        go_to(&office, &clock, "2026-09-30T09:00:00");
        assert_eq!((found(&office, &leg), found(&office, &back)), (vec![], vec![]));
        assert_eq!(office.stands(&back), ("CONFIRMED".to_owned(), "CITIZEN".to_owned()));
    });
}

#[test]
fn a_supplement_that_is_signed_for_starts_the_clock_of_its_dossier_anew() {
    each_backend("supplement-clock", |store| {
        let (office, clock) = office_at(&store, "2026-09-03T10:00:00");
        let (leg, dossier) = intake(&office, 72, "2026-09-03T09:00:00");
        filed(&office, &leg, &dossier);
        tell(&office, &dossier, "SUPPLEMENT_ASKED", "2026-09-03T10:00:00", None);
        assert_eq!(row(&office, &leg, ClockId::SupplementAnswer).status, "RUNNING");
        go_to(&office, &clock, "2026-09-08T10:00:00");
        let papers = Papers::new(73);
        let mut line = papers.line("INTAKE", 1);
        (line["dossierNo"], line["supplementNo"]) = (json!(dossier), json!(1));
        line["acceptedAt"] = json!("2026-09-08T09:30:00+07:00");
        let supplement = leg_ids(&office.declare(&office.post(), &papers.manifest_of("INTAKE", vec![line]))).remove(0);
        office.hand_over("POST", "AGENCY", &[supplement]);
        assert_eq!(row(&office, &leg, ClockId::SupplementAnswer).status, "MET");
        assert_eq!(row(&office, &leg, ClockId::Processing).restarts, 1);
    });
}

#[test]
fn marks_are_answered_one_by_one_and_told_once() {
    each_backend("marks", |store| {
        let (office, _) = office_at(&store, "2026-09-03T10:00:00");
        let (leg, dossier) = intake(&office, 74, "2026-09-03T09:00:00");
        let mark = |id: &str, mark: &str| json!({"markId": id, "agencyCode": AGENCY, "dossierNo": dossier, "mark": mark, "occurredAt": "2026-09-03T09:30:00+07:00"});
        let body = json!({"marks": [
            mark("1", "RESULT_READY"), mark("1", "RESULT_READY"), mark("1", "APOLOGISED"), mark("2", "APPOINTED"),
            {"markId": "3", "agencyCode": AGENCY, "dossierNo": "000.00.15.H32-260903-99999999", "mark": "APOLOGISED",
             "occurredAt": "2026-09-03T09:30:00+07:00"},
        ]});
        let told = office.desk().post("/v1/case-marks", &body).expect(200).json();
        let outcomes: Vec<_> = told["marks"].as_array().unwrap().iter().map(|one| text(&one["outcome"])).collect();
        assert_eq!(outcomes, ["TAKEN", "DUPLICATE", "REFUSED", "REFUSED", "TAKEN"]);
        assert_eq!(told["marks"][0]["legIds"], json!([leg]));
        assert_eq!(told["marks"][3]["problems"][0]["field"], "date");
        assert_eq!(told["marks"][4]["legIds"], json!([]), "a dossier that nobody brought yet");
        let later = office.desk().post("/v1/case-marks", &json!({"marks": [mark("1", "APOLOGISED")]})).expect(200);
        assert_eq!(later.json()["marks"][0]["problems"][0]["field"], "markId");
        office.desk().post("/v1/case-marks", &json!({"marks": []})).refused(422, "BODY_INVALID");
    });
}

#[test]
fn clocks_are_read_over_http_as_their_schema_says() {
    each_backend("clocks-http", |store| {
        let (office, clock) = office_at(&store, "2026-09-03T10:00:00");
        let (leg, _) = intake(&office, 75, "2026-09-03T09:00:00");
        let path = format!("/v1/legs/{leg}/clocks");
        let told = office.post().get(path.as_str()).expect(200).json();
        assert_eq!((&told["legId"], &told["asOf"]), (&json!(leg), &json!("2026-09-03T10:00:00+07:00")));
        let of = |told: &Value, id: &str| {
            told["clocks"].as_array().unwrap().iter().find(|clock| clock["clock"] == id).unwrap().clone()
        };
        let transfer = of(&told, "SAME_DAY_TRANSFER");
        assert_eq!((&transfer["status"], &transfer["dueAt"]), (&json!("RUNNING"), &json!("2026-09-03T17:00:00+07:00")));
        assert_eq!(transfer["used"], json!([{"holder": "POST", "workingSeconds": 3600}]));
        assert_eq!(transfer["basis"], "NĐ 118 Đ18 k2");
        clock.advance_us(8 * HOUR_US);
        let late = of(&office.oversight().get(path.as_str()).expect(200).json(), "SAME_DAY_TRANSFER");
        assert_eq!(
            (&late["status"], &late["flags"]),
            (&json!("LATE"), &json!(["LATE_HANDOVER"])),
            "at the instant asked for"
        );
    });
}

#[test]
fn the_command_line_tells_clocks_and_doubts() {
    let store = TestStore::sqlite();
    let (leg_id, dossier) = {
        let office = Office::start(&store, Options::default());
        let manifest = Papers::new(61).taken_intake(1);
        let dossier = text(&manifest["lines"][0]["dossierNo"]).to_owned();
        (leg_ids(&office.declare(&office.post(), &manifest)).remove(0), dossier)
    };
    let told = on_store(&store, &["--json", "clocks", "of", &leg_id]).expect(0).objects();
    assert!(
        told.iter().any(|clock| clock["clock"] == "INTAKE_TRANSIT" && clock["unknown"] == "SLIP_UNKNOWN"),
        "{told:?}"
    );
    assert!(told.iter().all(|clock| !clock["basis"].as_str().unwrap().is_empty()));
    let doubts = on_store(&store, &["--json", "clocks", "doubts"]).expect(0).objects();
    assert_eq!(doubts.len(), 10);
    assert!(
        doubts.iter().any(|doubt| doubt["key"] == "clocks.apology_time" && doubt["value"] == "\"17:30\""),
        "{doubts:?}"
    );
    on_store(&store, &["clocks", "of", "leg_none"]).expect(1);
    assert_eq!(on_store(&store, &["--json", "clocks", "rebuild"]).expect(0).object()["legs"], 1);

    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("marks.csv");
    let rows = format!(
        "markId,agencyCode,dossierNo,mark,occurredAt\n1,{AGENCY},{dossier},APOLOGISED,2026-11-20T10:00:00+07:00\n2,{AGENCY},x,APOLOGISED,\n"
    );
    std::fs::write(&table, rows).unwrap();
    let arguments = ["--json", "case-marks", "load", table.to_str().unwrap(), "--counterpart", "mcdt"];
    let told = on_store(&store, &arguments).expect(1).objects();
    assert_eq!((&told[0]["outcome"], &told[0]["legIds"]), (&json!("TAKEN"), &json!([leg_id])));
    assert_eq!(told[1]["outcome"], "REFUSED");
    let zones = folder.path().join("zones.csv");
    std::fs::write(&zones, "place,province,zone,class\n22366,56,nha-trang,BIG\n").unwrap();
    let arguments = ["--json", "zones", "load", zones.to_str().unwrap()];
    assert_eq!(on_store(&store, &arguments).expect(1).object()["line"], 2);
    std::fs::write(&zones, "place,province,zone,class\n22366,56,nha-trang,CITY\n").unwrap();
    assert_eq!(on_store(&store, &arguments).expect(0).object()["places"], 1);
    on_store(&store, &["verify"]).expect(0);
}
