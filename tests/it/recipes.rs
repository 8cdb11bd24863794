//! Recipes of the domain that no other file plays, from the counter to the discrepancy; `tests/README.md` says where each of the twenty is.

use crate::support::office::{AGENCY, SOON, leg_ids, text};
use crate::support::papers::{at, fact, proven, total};
use crate::support::process::{BOUND, on_store};
use crate::support::proxy::Proxy;
use crate::support::sql::Direct;
use crate::support::{Client, Office, Options, Papers, TestStore, each_backend, town, until};
use giaonhan::base::time::{Clock, DAY_US, HOUR_US, MINUTE_US, Ts};
use giaonhan::domain::access::Scope;
use giaonhan::domain::leg::Side;
use giaonhan::sim::post;
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;

const BOTH: &[Scope] = &[Scope::Read, Scope::Write];

/// A clock that stands at eight on a Monday.
fn monday() -> Clock {
    Clock::fixed(Ts::parse_rfc3339("2026-11-16T08:00:00+07:00").unwrap())
}

/// A time of that Monday, so many minutes after eight.
fn on_monday(minutes: i64) -> String {
    Ts::parse_rfc3339("2026-11-16T08:00:00+07:00").unwrap().plus_us(minutes * MINUTE_US).to_rfc3339()
}

/// Compares a book of that Monday by the command line.
fn reconcile(store: &TestStore, side: &str, counterpart: &str) -> Value {
    let window = ["--from", "2026-11-16", "--until", "2026-11-17"];
    let whose = ["--json", "reconcile", "--side", side, "--counterpart", counterpart];
    on_store(store, &[&whose[..], &window[..]].concat()).expect(0).object()
}

fn send_book(by: &Client, lines: &[Value]) {
    let receipt =
        by.post("/v1/books", &json!({"from": "2026-11-16", "until": "2026-11-17", "lines": lines})).expect(201).json();
    assert_eq!((&receipt["complete"], &receipt["refused"]), (&json!(true), &json!([])), "{receipt}");
}

/// A record of delivery that both sides sign, each line taken as it was declared.
fn record(giver: &Client, receiver: &Client, legs: &[String]) -> Value {
    let ask = json!({"from": "AGENCY", "to": "POST", "legIds": legs});
    let opened = giver.post("/v1/handovers", &ask).expect(201).json();
    let path = format!("/v1/handovers/{}", text(&opened["id"]));
    let lines: Vec<Value> = (1..=legs.len())
        .map(|line_no| json!({"lineNo": line_no, "outcome": "TAKEN", "originals": 1, "copies": 2}))
        .collect();
    let counted = receiver.patch(path.as_str(), &json!({ "lines": lines })).expect(200).json();
    for (by, side) in [(giver, "AGENCY"), (receiver, "POST")] {
        let signature = json!({"side": side, "signer": {"name": "Trần Văn Thử"}, "digest": counted["digest"]});
        by.post(format!("{path}/signatures"), &signature).expect(200);
    }
    giver.get(path.as_str()).expect(200).json()
}

fn custody(office: &Office, leg: &str) -> Vec<Value> {
    let custody = office.oversight().get(format!("/v1/legs/{leg}/custody")).expect(200).json();
    custody["entries"].as_array().unwrap().clone()
}

/// A result that the post has taken over, on its way.
fn accepted(office: &Office) -> String {
    let leg = leg_ids(&office.declare(&office.desk(), &Papers::new(1).manifest("RESULT", 1))).remove(0);
    office.hand_over("AGENCY", "POST", std::slice::from_ref(&leg));
    leg
}

/// An office of the day before the facts of `at`.
fn on_the_day(store: &TestStore) -> Office {
    let clock = Clock::fixed(Ts::parse_rfc3339("2026-11-20T07:30:00+07:00").unwrap());
    let office = Office::start(store, Options::default().timeless().clock(&clock));
    office.desk();
    office
}

/// Recipe 1: forty dossiers of two agencies in three records of delivery, and nobody's book says otherwise.
#[test]
fn recipe_1_balanced_day() {
    const OTHER: &str = "H32.16";
    each_backend("recipe-1", |store| {
        let clock = monday();
        let office = Office::start(&store, Options::default().clock(&clock));
        let papers = Papers::new(1);
        let (other_desk, _) = office.caller("one-stop-cam-ranh", Side::Agency, &[OTHER], BOTH);
        let (post, _) = office.caller("post-khanh-hoa", Side::Post, &[AGENCY, OTHER], BOTH);
        let (mut lines, mut legs) = (Vec::new(), Vec::new());
        for (desk, agency, count) in
            [(&office.desk(), AGENCY, 15), (&office.desk(), AGENCY, 10), (&other_desk, OTHER, 15)]
        {
            let mut manifest = papers.manifest("RESULT", count);
            manifest["agencyCode"] = json!(agency);
            let taken = leg_ids(&office.declare(desk, &manifest));
            let signed = record(desk, &post, &taken);
            assert_eq!(
                (&signed["status"], signed["lines"].as_array().unwrap().len()),
                (&json!("COMPLETED"), taken.len())
            );
            assert!(signed["lines"].as_array().unwrap().iter().all(|line| line["outcome"] == "TAKEN"), "{signed}");
            lines.extend(manifest["lines"].as_array().unwrap().iter().map(|line| (agency, line.clone())));
            legs.extend(taken);
        }
        assert_eq!((legs.len(), office.oversight().all("/v1/handovers").len()), (40, 3));
        clock.advance_us(3 * HOUR_US);
        for part in legs.chunks(20) {
            let confirmed: Vec<Value> =
                part.iter().map(|leg| proven(&format!("c-{leg}"), leg, "CONFIRMED", &on_monday(120))).collect();
            office.report(&post, &confirmed);
        }
        clock.advance_us(2 * DAY_US);
        let of_post: Vec<Value> = lines
            .iter()
            .map(|(_, line)| {
                json!({"itemNumber": line["itemNumber"], "day": "2026-11-16", "status": "Phát thành công", "statusAt": on_monday(120),
                       "originals": 1, "copies": 2, "receiver": "Nguyễn Thị Mẫu"})
            })
            .collect();
        let of_cases = |agency: &str| -> Vec<Value> {
            let cases = lines.iter().filter(|(of, _)| *of == agency);
            cases
                .map(|(_, line)| json!({"dossierNo": line["dossierNo"], "day": "2026-11-16", "status": 10, "resultByPost": true}))
                .collect()
        };
        for (by, side, name, book) in [
            (&post, "post", "post-khanh-hoa", of_post),
            (&office.desk(), "one-stop", "one-stop-nha-trang", of_cases(AGENCY)),
            (&other_desk, "one-stop", "one-stop-cam-ranh", of_cases(OTHER)),
        ] {
            send_book(by, &book);
            let told = reconcile(&store, side, name);
            assert_eq!(
                (&told["totals"]["agree"], &told["totals"]["found"]),
                (&json!(book.len()), &json!({})),
                "{told}"
            );
        }
        office.clocks_derived();
        assert_eq!(office.oversight().all("/v1/discrepancies"), Vec::<Value>::new());
        for leg in &legs {
            assert_eq!(office.stands(leg), ("CONFIRMED".to_owned(), "CITIZEN".to_owned()));
        }
    });
}

/// Recipe 4: the note says three originals and two copies, the desk counts two and three; the line is refused and the post keeps it.
#[test]
fn recipe_4_count_dispute() {
    each_backend("recipe-4", |store| {
        let office = Office::start(&store, Options::default().timeless());
        let mut manifest = Papers::new(1).taken_intake(2);
        manifest["lines"][0]["papers"] = json!([
            {"name": "Giấy tờ nộp", "kind": "ORIGINAL", "quantity": 3},
            {"name": "Bản sao chứng thực", "kind": "COPY", "quantity": 2},
        ]);
        total(&mut manifest);
        let legs = leg_ids(&office.declare(&office.post(), &manifest));
        let opened = office.open(&office.post(), "POST", "AGENCY", &legs);
        assert_eq!(opened["lines"][0]["expected"], json!({"originals": 3, "copies": 2, "sealNo": null}));
        let counted = json!({"lines": [
            {"lineNo": 1, "outcome": "COUNT_DIFFERS", "originals": 2, "copies": 3},
            {"lineNo": 2, "outcome": "TAKEN", "originals": 1, "copies": 2},
        ]});
        let signed = office.sign_both(&office.count(&opened, &counted));
        assert_eq!((&signed["status"], &signed["lines"][0]["outcome"]), (&json!("COMPLETED"), &json!("COUNT_DIFFERS")));
        assert_eq!(office.stands(&legs[0]), ("ACCEPTED".to_owned(), "POST".to_owned()));
        assert_eq!(office.leg(&legs[0])["filedAt"], Value::Null, "what was refused is not filed");
        assert_eq!(office.discrepancies(&legs[0]), ["HANDOVER_COUNT_DIFFERS"]);
        // The other line of the same record passes.
        assert_eq!(office.stands(&legs[1]), ("CONFIRMED".to_owned(), "AGENCY".to_owned()));
        assert!(office.discrepancies(&legs[1]).is_empty());
    });
}

/// Recipe 8: delivered at 10:05 is told before out for delivery at 08:10; the item is delivered.
#[test]
fn recipe_8_out_of_order() {
    each_backend("recipe-8", |store| {
        let office = on_the_day(&store);
        let leg = accepted(&office);
        let delivered = office.report(&office.post(), &[fact("late", &leg, "DELIVERED", &at(125))]).remove(0);
        assert_eq!((&delivered["outcome"], &delivered["advanced"]), (&json!("RECORDED"), &json!(true)));
        let out = office.report(&office.post(), &[fact("early", &leg, "OUT_FOR_DELIVERY", &at(10))]).remove(0);
        assert_eq!(
            (&out["outcome"], &out["advanced"]),
            (&json!("RECORDED"), &json!(false)),
            "kept, and moves nothing back"
        );
        assert_eq!(office.stands(&leg), ("DELIVERED_REPORTED".to_owned(), "POST".to_owned()));
        let told: Vec<(String, String)> = custody(&office, &leg)
            .iter()
            .map(|entry| (text(&entry["event"]).to_owned(), text(&entry["occurredAt"])[11..16].to_owned()))
            .collect();
        let wanted = [("OUT_FOR_DELIVERY", "08:10"), ("DELIVERED", "10:05")];
        assert_eq!(told[told.len() - 2..], wanted.map(|(event, time)| (event.to_owned(), time.to_owned())));
        assert!(office.discrepancies(&leg).is_empty());
    });
}

/// Recipe 9: one message three times has one effect; under the same id with another receiver it is a conflict.
#[test]
fn recipe_9_duplicate() {
    each_backend("recipe-9", |store| {
        let office = on_the_day(&store);
        let leg = accepted(&office);
        let message = proven("pod-1", &leg, "CONFIRMED", &at(60));
        let outcome = |message: &Value| office.report(&office.post(), std::slice::from_ref(message)).remove(0);
        assert_eq!(outcome(&message)["outcome"], "RECORDED");
        let after_one = custody(&office, &leg);
        let first = outcome(&message);
        assert_eq!((&first["outcome"], &outcome(&message)), (&json!("DUPLICATE"), &first));
        assert_eq!(custody(&office, &leg), after_one, "one effect");
        office.published();
        let confirmed = || office.oversight().feed().iter().filter(|event| event["type"] == "leg.confirmed").count();
        assert_eq!(confirmed(), 1, "told once");
        let mut other = message.clone();
        other["receiver"]["name"] = json!("Trần Văn Thử");
        assert_eq!(outcome(&other)["outcome"], "CONFLICT");
        assert_eq!(custody(&office, &leg), after_one, "what was said first stands");
        assert_eq!(office.stands(&leg), ("CONFIRMED".to_owned(), "CITIZEN".to_owned()));
        assert_eq!(office.discrepancies(&leg), ["FACT_CHANGED"]);
        office.published();
        assert_eq!(confirmed(), 1);
    });
}

/// Recipe 10: one line of fifty has an impossible date; 49 are accepted and one is reported. Facts are taken alike.
#[test]
fn recipe_10_bad_line_in_batch() {
    each_backend("recipe-10", |store| {
        let office = on_the_day(&store);
        let mut manifest = Papers::new(1).manifest("RESULT", 50);
        manifest["lines"][36]["dossierNo"] = json!("000.00.15.H32-261131-00000037");
        let receipt = office.desk().post("/v1/manifests?mode=good-lines", &manifest).expect(201).json();
        assert_eq!(
            receipt["summary"],
            json!({"lines": 50, "accepted": 49, "refused": 1, "heldBack": 0, "warnings": 0}),
            "{receipt}"
        );
        let bad = &receipt["lines"][36];
        assert_eq!((&bad["lineNo"], &bad["outcome"]), (&json!(37), &json!("REFUSED")));
        assert_eq!(
            (&bad["problems"][0]["code"], &bad["problems"][0]["field"]),
            (&json!("DOSSIER_NUMBER_INVALID"), &json!("dossierNo"))
        );
        let legs = leg_ids(&receipt);
        assert_eq!((legs.len(), office.oversight().all("/v1/legs").len()), (49, 49));
        let day = |place: usize| if place == 11 { "2026-11-31T08:00:00+07:00".to_owned() } else { at(1) };
        let mut facts: Vec<Value> = (legs.iter().enumerate())
            .map(|(place, leg)| fact(&format!("f-{place}"), leg, "ACCEPTED", &day(place)))
            .collect();
        facts.push(fact("f-again", &legs[11], "ACCEPTED", &at(1)));
        let results = office.report(&office.post(), &facts);
        let of = |outcome: &str| results.iter().filter(|result| result["outcome"] == outcome).count();
        assert_eq!((of("RECORDED"), of("REFUSED")), (49, 1));
        assert_eq!(results[11]["problems"][0]["field"], "occurredAt");
    });
}

/// Recipe 11: `EE123456789VN` has a wrong check digit and is set aside; `VNP0012345` is a number of another form.
#[test]
fn recipe_11_bad_item_number() {
    each_backend("recipe-11", |store| {
        let clock = monday();
        let office = Office::start(&store, Options::default().timeless().clock(&clock));
        let mut manifest = Papers::new(1).manifest("RESULT", 2);
        let numbers = ["EE123456789VN", "VNP0012345"];
        for (line, number) in manifest["lines"].as_array_mut().unwrap().iter_mut().zip(numbers) {
            line["itemNumber"] = json!(number);
        }
        let receipt = office.declare(&office.desk(), &manifest);
        assert_eq!(receipt["lines"][0]["problems"][0]["code"], "ITEM_NUMBER_CHECK_DIGIT");
        assert_eq!(receipt["summary"]["warnings"], 1, "{receipt}");
        let legs = leg_ids(&receipt);
        let grades: Vec<Value> = legs.iter().map(|leg| office.leg(leg)["itemNumberGrade"].clone()).collect();
        assert_eq!(grades, ["S10_BAD_CHECK", "OTHER_FORM"]);
        office.hand_over("AGENCY", "POST", &legs);
        clock.advance_us(HOUR_US);
        // Neither a fact nor a line of the post's book finds a leg by the doubtful number.
        let named = |number: &str| json!({"factId": number, "itemNumber": number, "event": "IN_TRANSIT", "occurredAt": on_monday(30)});
        let results = office.report(&office.post(), &numbers.map(named));
        let outcomes: Vec<&str> = results.iter().map(|result| text(&result["outcome"])).collect();
        assert_eq!(outcomes, ["UNMATCHED", "RECORDED"]);
        assert_eq!([office.stands(&legs[0]).0, office.stands(&legs[1]).0], ["ACCEPTED", "IN_TRANSIT"]);
        clock.advance_us(2 * DAY_US);
        let line = |number: &str| json!({"itemNumber": number, "day": "2026-11-16", "status": "MOVING", "statusAt": on_monday(30)});
        send_book(&office.post(), &numbers.map(line));
        let told = reconcile(&store, "post", "post-khanh-hoa");
        assert_eq!(told["totals"]["paired"], json!({"ITEM_NUMBER": 1}), "{told}");
        let found = office.oversight().all("/v1/discrepancies?kind=BAD_ITEM_NUMBER");
        assert_eq!(found.len(), 1);
        assert_eq!((&found[0]["state"], &found[0]["legId"]), (&json!("OPEN"), &Value::Null));
        assert!(found[0]["evidence"].to_string().contains(numbers[0]), "{}", found[0]);
        assert!(office.discrepancies(&legs[1]).is_empty());
    });
}

/// Recipe 12: somebody else takes the result without a letter: told as delivered, flagged, and no proof that the citizen has it.
#[test]
fn recipe_12_authorised_receiver_without_letter() {
    each_backend("recipe-12", |store| {
        let office = on_the_day(&store);
        let leg = accepted(&office);
        let mut signed = proven("pod-1", &leg, "CONFIRMED", &at(61));
        signed["receiver"] = json!({"name": "Trần Văn Thử", "relation": "REPRESENTATIVE", "idChecked": true, "authorisationSeen": false});
        let results = office.report(&office.post(), &[fact("d-1", &leg, "DELIVERED", &at(60)), signed]);
        let advanced: Vec<&Value> = results.iter().map(|result| &result["advanced"]).collect();
        assert_eq!(advanced, [true, false]);
        assert_eq!(office.stands(&leg), ("DELIVERED_REPORTED".to_owned(), "POST".to_owned()));
        assert_eq!(office.discrepancies(&leg), ["NO_ID_NOTE"]);
    });
}

/// Recipe 16: unit 24 in a dossier of 2024 (Bắc Giang) beside unit 24 in one of 2026 (Bắc Ninh): each keeps its own words and code.
#[test]
fn recipe_16_renumbered_province() {
    each_backend("recipe-16", |store| {
        let office = Office::start(&store, Options::default().timeless());
        let (desk, _) = office.caller("one-stop-bac-ninh", Side::Agency, &["H05.15"], BOTH);
        let dossiers = [
            ("000.00.15.H02-240930-0001", "Số 2 đường Mẫu, thành phố Bắc Giang, tỉnh Bắc Giang"),
            ("000.00.15.H05-260930-0001", "Số 2 đường Mẫu, phường Bắc Giang, tỉnh Bắc Ninh"),
        ];
        let mut manifest = Papers::new(1).manifest("RESULT", 2);
        manifest["agencyCode"] = json!("H05.15");
        for (line, (number, address)) in manifest["lines"].as_array_mut().unwrap().iter_mut().zip(dossiers) {
            line["dossierNo"] = json!(number);
            line["party"]["address"] = json!({"text": address, "provinceCode": "24"});
        }
        let receipt = office.declare(&desk, &manifest);
        assert_eq!(receipt["summary"]["warnings"], 0, "{receipt}");
        for (number, address) in dossiers {
            let found = desk.all(&format!("/v1/legs?dossierNo={number}"));
            assert_eq!(found.len(), 1, "{number}");
            let leg = desk.get(format!("/v1/legs/{}?include=party", text(&found[0]["id"]))).expect(200).json();
            let kept = &leg["party"]["address"];
            assert_eq!(
                (&leg["dossierNo"], &kept["text"], &kept["provinceCode"]),
                (&json!(number), &json!(address), &json!("24"))
            );
        }
    });
}

/// Recipe 17: Hòa or Hoà, NFC or NFD, en dash, blanks, byte order mark are one meaning; Windows-1258 and TCVN3 exports are refused.
#[test]
fn recipe_17_text_variants() {
    each_backend("recipe-17", |store| {
        let clock = monday();
        let office = Office::start(&store, Options::default().timeless().clock(&clock));
        let apart = |text: &str| text.nfd().collect::<String>();
        let manifest = format!(
            "\u{feff}manifest_no;leg_kind;agency_code;post_office_code;shift_date;shift;total_lines;total_originals;total_copies;\
             total_fee_to_collect;line_no;dossier_no;procedure_code;party_name;party_phone;address;papers;item_number\r\n\
             BK-17;trả kết quả;{AGENCY};650100;16/11/2026;1;1;1;2;0;1;000.00.15.h32–261109–0017  ;1.005129;{}  ;0900000041;{};\
             1 bản chính Tờ khai | 2 bản sao CCCD;ch 650-100-011 vn \r\n",
            apart("Trần Thị Hoà"),
            apart("12 Trần Phú, xã Hoà Mẫu"),
        );
        let send = |body: Vec<u8>| {
            office
                .desk()
                .call("POST", "/v1/manifests")
                .body("text/csv", body)
                .header("accept", "application/json")
                .send()
        };
        let legs = leg_ids(&send(manifest.into_bytes()).expect(201).json());
        let leg = office.desk().get(format!("/v1/legs/{}?include=party", legs[0])).expect(200).json();
        assert_eq!(
            [&leg["dossierNo"], &leg["itemNumber"], &leg["party"]["name"], &leg["party"]["address"]["text"]],
            ["000.00.15.H32-261109-0017", "CH650100011VN", "Trần Thị Hoà", "12 Trần Phú, xã Hoà Mẫu"]
        );
        office.hand_over("AGENCY", "POST", &legs);
        clock.advance_us(2 * HOUR_US);
        let mut confirmed = proven("pod-1", &legs[0], "CONFIRMED", &on_monday(60));
        confirmed["receiver"]["name"] = json!("Trần Thị Hòa");
        office.report(&office.post(), &[confirmed]);
        clock.advance_us(2 * DAY_US);
        let folder = tempfile::tempdir().unwrap();
        let load = |side: &str, counterpart: &str, bytes: &[u8]| {
            let file = folder.path().join("so.csv");
            std::fs::write(&file, bytes).unwrap();
            let about = [
                "book",
                "load",
                "--side",
                side,
                "--counterpart",
                counterpart,
                "--from",
                "2026-11-16",
                "--until",
                "2026-11-17",
            ];
            let then = ["--as-of", "2026-11-18T07:00:00+07:00", file.to_str().unwrap()];
            on_store(&store, &[&about[..], &then[..]].concat())
        };
        let book = format!(
            "\u{feff}so_hieu_buu_gui;ma_ho_so;ngay;trang_thai;nguoi_nhan\r\nch650100011vn ;000.00.15.H32–261109–0017 ;16/11/2026;{} ;{}  \r\n",
            apart("Phát thành công"),
            apart("TRẦN THỊ HOÀ"),
        );
        load("post", "post-khanh-hoa", book.as_bytes()).expect(0);
        let cases =
            "\u{feff}ma_ho_so;ngay;trang_thai;tra_qua_buu_chinh\r\n000.00.15.h32−261109−0017 ;16/11/2026;10;1\r\n";
        load("one-stop", "one-stop-nha-trang", cases.as_bytes()).expect(0);
        for (side, counterpart) in [("post", "post-khanh-hoa"), ("one-stop", "one-stop-nha-trang")] {
            let told = reconcile(&store, side, counterpart);
            assert_eq!((&told["totals"]["agree"], &told["totals"]["found"]), (&json!(1), &json!({})), "{side}: {told}");
        }
        // "Phát thành công" as the two old tables write it.
        for old in [&b"Ph\xe1t th\xe0nh c\xf4ng"[..], &b"Ph\xb8t th\xb5nh c\xabng"[..]] {
            let bytes = [b"so_hieu_buu_gui;ngay;trang_thai\nCH650100011VN;16/11/2026;", old, b"\n"].concat();
            let refused = load("post", "post-khanh-hoa", &bytes);
            assert_ne!(refused.code, Some(0));
            assert!(refused.stderr.contains("UTF-8"), "{}", refused.stderr);
            send(bytes).refused(415, "CHARSET_UNSUPPORTED");
        }
        assert_eq!(
            Direct::to(&store).texts("SELECT count(*) || '' AS text FROM book"),
            ["2"],
            "nothing of them was taken"
        );
    });
}

/// Recipe 19: the post is silent for 26 hours; waits grow, the cursor stays where it was, and the burst afterwards counts once.
#[test]
fn recipe_19_outage() {
    each_backend("recipe-19", |store| {
        let start = Clock::system().now();
        let clock = Clock::fixed(start);
        let (operator, folder) = (town::operator(post::Family::Hcc, ""), tempfile::tempdir().unwrap());
        let wire = Proxy::to(operator.url().trim_start_matches("http://"));
        let toml = town::operator_toml(post::Family::Hcc, &format!("http://{}", wire.address), AGENCY, folder.path());
        let options = Options { toml, real_retries: true, ..Options::default() }.timeless().clock(&clock);
        let office = Office::start(&store, options);
        let papers = Papers::new(1);
        let declare = |lines: u32| {
            let mut manifest = papers.manifest("RESULT", lines);
            for line in manifest["lines"].as_array_mut().unwrap() {
                line.as_object_mut().unwrap().remove("itemNumber");
            }
            leg_ids(&office.declare(&office.desk(), &manifest))
        };
        let reach = |legs: &[String], state: &str| {
            until(&format!("all are {state}"), BOUND, || {
                legs.iter().all(|leg| office.stands(leg).0 == state).then_some(())
            });
        };
        let happen = |leg: &str, status: &str, minutes: i64| {
            let time = start.plus_us(minutes * MINUTE_US).to_rfc3339();
            let event =
                json!({"status": status, "time": time, "office": "650200", "attempt": 1, "receiver": "Nguyễn Thị Mẫu"});
            town::happen(&operator, leg, &json!([event]));
        };
        let legs = declare(5);
        reach(&legs, "ORDERED");
        legs.iter().for_each(|leg| happen(leg, "ACCEPTED", 1));
        reach(&legs, "ACCEPTED");

        wire.cut();
        let waiting = declare(1);
        let message = |attempts: usize| {
            until(&format!("attempt {attempts}"), BOUND, || {
                let open = office.ops().all("/v1/outbox").into_iter().find(|row| row["state"] != "SETTLED")?;
                (open["attempts"] == attempts).then_some(open)
            })
        };
        let cursor = || Direct::to(&store).texts("SELECT value AS text FROM feed_cursor WHERE counterpart = 'hcc'");
        let (mut waits, mut stood) = (Vec::new(), None);
        let due = loop {
            let row = message(waits.len() + 1);
            let due = Ts::parse_rfc3339(text(&row["dueAt"])).unwrap();
            stood = stood.or_else(|| Some(cursor()));
            waits.push(due.us() - clock.now().us());
            if due > start.plus_us(26 * HOUR_US) {
                break due;
            }
            clock.advance_us(due.us() - clock.now().us());
        };
        assert!(
            waits.len() > 5 && waits.is_sorted() && waits[0] < MINUTE_US && waits[waits.len() - 1] >= HOUR_US,
            "{waits:?}"
        );
        // The post works on, and cannot be heard.
        legs.iter().for_each(|leg| happen(leg, "DELIVERED", 600));
        clock.advance_us(start.plus_us(26 * HOUR_US).us() - clock.now().us());
        assert_eq!(Some(cursor()), stood);
        assert!(legs.iter().all(|leg| office.stands(leg).0 == "ACCEPTED"));

        wire.mend();
        reach(&legs, "DELIVERED_REPORTED");
        assert_ne!(Some(cursor()), stood);
        clock.advance_us(due.us() - clock.now().us());
        reach(&waiting, "ORDERED");
        until("nothing waits", SOON, || (office.ops().all("/v1/outbox?state=SETTLED").len() == 6).then_some(()));
        for leg in &legs {
            let events: Vec<Value> = custody(&office, leg).iter().map(|entry| entry["event"].clone()).collect();
            assert_eq!(events, ["REGISTERED", "ORDERED", "ACCEPTED", "DELIVERED"]);
            assert!(office.discrepancies(leg).is_empty());
        }
        let believed = operator.ledger();
        assert_eq!((&believed["counts"]["orders"], &believed["duplicateOrders"]), (&json!(6), &json!(0)), "{believed}");
    });
}
