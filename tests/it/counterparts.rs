//! Our codecs and our courier against the simulated counterparts, which share no type with them and are strict: what
//! we send must break no rule of theirs, and what they believe must be what we were told.

use giaonhan::base::secret::Redacted;
use giaonhan::base::time::{Clock, Ts};
use giaonhan::courier::{Courier, Credentials, Target};
use giaonhan::domain::leg::{LegKind, State};
use giaonhan::peers::{Answer, Call, Contact, Cursor, FamilySettings, Mapped, Order, Page, Reply, Report};
use giaonhan::peers::{hcc, myvnpost, opencps, webhook};
use giaonhan::sim::faults::parse_plan;
use giaonhan::sim::{one_stop, post};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

const CALLS_MAX: usize = 40;

fn contact(name: &str, phone: &str) -> Contact {
    Contact {
        name: Redacted::new(name.to_owned()),
        phone: Redacted::new(phone.to_owned()),
        address: Redacted::new("12 Trần Phú".to_owned()),
        province_code: Some("56".to_owned()),
        ward_code: Some("22366".to_owned()),
        ..Contact::default()
    }
}

fn order(key: &str) -> Order {
    Order {
        order_key: key.to_owned(),
        leg_kind: LegKind::Result,
        customer_code: "T000SIM001".to_owned(),
        sender: contact("UBND phường Nha Trang", "02583000001"),
        receiver: contact("Nguyễn Thị Mẫu", "+84900000041"),
        papers_text: "Bản sao chứng thực x2".to_owned(),
        fee_to_collect: 18_000,
        weight_g: 100,
        note: String::new(),
        item_number: None,
        entered_at: Ts::parse_rfc3339("2026-11-23T08:00:00+07:00").unwrap(),
    }
}

fn settings() -> FamilySettings {
    FamilySettings {
        service_code: "CTN009".to_owned(),
        collect_office: Some("570100".to_owned()),
        ..Default::default()
    }
}

fn target(url: &str, credentials: Credentials) -> Target {
    Target {
        name: "counterpart".to_owned(),
        base_url: url.to_owned(),
        credentials,
        connect_timeout_ms: 2_000,
        timeout_ms: 400,
        reply_bytes_max: 8_000_000,
        proxy: None,
        allow_private_addresses: true,
    }
}

struct Post {
    handle: post::Handle,
    clock: Clock,
    courier: Courier,
    target: Target,
    family: post::Family,
}

impl Post {
    fn start(family: post::Family, faults: &str) -> Self {
        let mut options = post::Options::new(family);
        options.faults = parse_plan(faults).unwrap();
        options.stall = Duration::from_millis(50);
        let credentials = match family {
            post::Family::Hcc => Credentials::Token(Redacted::new(options.token.clone())),
            post::Family::MyVnpost => Credentials::Login {
                username: options.username.clone(),
                password: Redacted::new(options.password.clone()),
                customer_code: options.customer_code.clone(),
            },
        };
        let handle = post::start(options).unwrap();
        let target = target(handle.url(), credentials);
        let clock = Clock::fixed(Clock::system().now());
        Post { handle, courier: Courier::new(clock.clone()), clock, target, family }
    }

    async fn call(&self, call: Call) -> Result<Reply, Answer> {
        self.courier.send(&self.target, call).await.map_err(|failure| failure.answer())
    }

    /// What the dispatcher will do: create, and ask before anything unknown is repeated.
    async fn deliver(&self, key: &str) -> Answer {
        let (order, settings, p2) = (order(key), settings(), self.family == post::Family::Hcc);
        let mut ask = false;
        for _ in 0..CALLS_MAX {
            let call = match (ask, p2) {
                (false, true) => hcc::create(&order, &settings),
                (false, false) => myvnpost::create(&order, &settings),
                (true, true) => hcc::find(key),
                (true, false) => myvnpost::find(key),
            };
            let answer = match self.call(call).await {
                Err(answer) => answer,
                Ok(reply) => match (ask, p2) {
                    (false, true) => hcc::decode_create(&reply),
                    (false, false) => myvnpost::decode_create(&reply, key),
                    (true, true) => hcc::decode_find(&reply, key),
                    (true, false) => myvnpost::decode_find(&reply, key),
                },
            };
            match answer {
                Answer::Unknown { .. } => ask = true,
                Answer::NotFound => ask = false,
                Answer::Retry { .. } => self.clock.advance_us(giaonhan::base::time::MINUTE_US),
                Answer::Unauthorised => {}
                settled => return settled,
            }
        }
        panic!("{key} is not settled after {CALLS_MAX} calls");
    }

    async fn happen(&self, key: &str, events: Value) {
        let path = format!("/_sim/orders/{key}/events");
        let reply = self.call(Call::post_json(path, giaonhan::peers::Auth::None, &events)).await.unwrap();
        assert_eq!(reply.status, 200);
    }

    /// One round of the poller.
    async fn poll(&self, cursor: &mut Cursor) -> Vec<Report> {
        let mut reports = Vec::new();
        let now = Clock::system().now();
        for _ in 0..CALLS_MAX {
            let p2 = self.family == post::Family::Hcc;
            let call = if p2 { hcc::poll(cursor) } else { myvnpost::poll(cursor, now) };
            self.clock.advance_us(giaonhan::base::time::MINUTE_US);
            let Ok(reply) = self.call(call).await else { continue };
            let page = if p2 { hcc::decode_poll(&reply, cursor) } else { myvnpost::decode_poll(&reply, cursor, now) };
            let Ok(Page { reports: rows, quarantined, next, more }) = page else { continue };
            assert_eq!(quarantined, []);
            reports.extend(rows);
            *cursor = next;
            if !more {
                return reports;
            }
        }
        panic!("the feed does not end");
    }

    fn ledger(&self, pointer: &str) -> Value {
        self.handle.ledger().pointer(pointer).cloned().unwrap_or(Value::Null)
    }
}

fn events_of(reports: &[Report], key: &str) -> Vec<String> {
    let mut seen = BTreeMap::new();
    for report in reports.iter().filter(|report| report.order_key.as_deref() == Some(key)) {
        seen.insert((report.occurred_at, report.source_key.clone()), report.event.clone());
    }
    let word = |event: Mapped| match event {
        Mapped::Event(word) => word,
        other => format!("{other:?}"),
    };
    seen.into_values().map(word).collect()
}

async fn orders_arrive_once(family: post::Family) {
    let post = Post::start(family, "E1:0.5,E2:0.5,E4:0.5,BUSY:0.2,ERROR:0.2,STALLED_BODY:0.1");
    for n in 0..30 {
        let answer = post.deliver(&format!("DH-{n:03}")).await;
        assert!(matches!(answer, Answer::Done { .. }), "{answer:?}");
    }
    assert_eq!(post.ledger("/counts/orders"), json!(30));
    assert_eq!(post.ledger("/duplicatesWithoutReason"), json!(0));
    let violations = post.ledger("/violationList");
    let ours = violations.as_array().unwrap().iter().filter(|it| !it.to_string().contains("expired")).count();
    assert_eq!(ours, 0, "{violations}");
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_reach_hcc_online_once_whatever_the_network_does() {
    orders_arrive_once(post::Family::Hcc).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_reach_myvnpost_once_whatever_the_network_does() {
    orders_arrive_once(post::Family::MyVnpost).await;
    let post = Post::start(post::Family::MyVnpost, "E2:1");
    post.deliver("DH-1").await;
    assert_eq!(post.ledger("/duplicateOrders"), json!(0), "getOrder sees what was stored: nothing is sent twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_feeds_tell_what_happened_whatever_their_habits() {
    let script = |words: [&str; 4]| {
        let hours = ["09:00", "10:00", "11:00", "14:00"];
        let event = |(word, hour): (&str, &str)| json!({"status": word, "time": format!("2026-11-20T{hour}:00+07:00"), "office": "571230", "attempt": 1, "cause": "Người nhận đi vắng"});
        Value::Array(words.into_iter().zip(hours).map(event).collect())
    };
    let post = Post::start(post::Family::Hcc, "E5:0.3,E8:0.5,E10:0.3,E14:0.3,E1:0.1");
    let (mut cursor, mut reports) = (Cursor::default(), Vec::new());
    for n in 0..20 {
        post.deliver(&format!("DH-{n}")).await;
        post.happen(&format!("DH-{n}"), script(["ACCEPTED", "ATTEMPT_FAILED", "RETURN_FAILED", "RETURNED"])).await;
        reports.extend(post.poll(&mut cursor).await);
    }
    // A page may have come back empty; the rounds after it make up for that.
    for _ in 0..3 {
        reports.extend(post.poll(&mut cursor).await);
    }
    for n in 0..20 {
        let mut told = events_of(&reports, &format!("DH-{n}"));
        told.sort();
        assert_eq!(told, ["ACCEPTED", "ATTEMPT_FAILED", "RETURNED", "RETURNING"], "DH-{n}");
    }

    let post = Post::start(post::Family::MyVnpost, "E8:0.7,E14:0.3,E1:0.1");
    let mut cursor = Cursor::default();
    for n in 0..10 {
        post.deliver(&format!("DH-{n}")).await;
        post.happen(&format!("DH-{n}"), script(["7", "12", "15", "14"])).await;
    }
    // The list is kept by last update of the post's own clock.
    let reports = post.poll(&mut cursor).await;
    for n in 0..10 {
        let key = format!("DH-{n}");
        assert_eq!(events_of(&reports, &key), ["DELIVERED"], "{key}: the list shows the last status");
        let listed = reports.iter().find(|report| report.order_key.as_deref() == Some(&key)).unwrap();
        let history = loop {
            let reply = post.call(myvnpost::history(myvnpost::LookUp::OrderKey(&key))).await.unwrap();
            let item = listed.item_number.as_deref();
            if let Ok((history, quarantined)) = myvnpost::decode_history(&reply, Some(&key), item) {
                assert_eq!(quarantined, []);
                break history;
            }
        };
        let last: Vec<String> = events_of(&history, &key).into_iter().filter(|word| word != "ORDERED").collect();
        assert_eq!(last, ["ACCEPTED", "OUT_FOR_DELIVERY", "ATTEMPT_FAILED", "DELIVERED"], "{key}");
        assert!(history.iter().any(|report| report.source_key == listed.source_key), "one event, one key");
    }
}

/// E7: a batch of the post, with a forged record behind the signed one.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_the_post_is_verified() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1/hooks/post", listener.local_addr().unwrap());
    let bodies = std::thread::spawn(move || {
        use std::io::{Read, Write};
        let (mut stream, _) = listener.accept().unwrap();
        let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
        loop {
            let count = stream.read(&mut chunk).unwrap();
            bytes.extend_from_slice(&chunk[..count]);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length =
                head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if length.is_some_and(|length: usize| body.len() >= length) {
                let answer = myvnpost::webhook::reply_stored(1);
                let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{answer}", answer.len());
                return body.to_owned();
            }
        }
    });
    let post = Post::start(post::Family::MyVnpost, "E7:1");
    for key in ["DH-1", "DH-2"] {
        post.deliver(key).await;
    }
    post.handle.set_webhook_url(&url);
    post.happen("DH-1", json!([{"status": "7", "office": "570100"}])).await;
    let body = tokio::task::spawn_blocking(move || bodies.join().unwrap()).await.unwrap();
    let key = myvnpost::webhook::public_key_from_pem(&post::public_key_pem()).unwrap();
    let batch = myvnpost::webhook::verify(&key, body.as_bytes()).unwrap();
    assert_eq!(batch.first.unwrap().event, Mapped::Event("ACCEPTED".to_owned()));
    assert!(!batch.others.is_empty(), "the forged record has to be pulled");
    for pull in &batch.others {
        let reply = post.call(myvnpost::get_order(pull.look_up().unwrap())).await.unwrap();
        let (reports, _) = myvnpost::decode_orders(&reply).unwrap();
        assert!(reports.iter().all(|report| report.event != Mapped::Event("DELIVERED".to_owned())), "{reports:?}");
    }
    assert!(myvnpost::webhook::verify(&key, body.replace("\"7\"", "\"14\"").as_bytes()).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_one_stop_software_holds_what_was_written() {
    let (secret, keypair) = (webhook::make_secret(&[7; 32]), webhook::make_keypair(&[8; 32]).unwrap());
    let options = one_stop::Options {
        faults: parse_plan("E1:0.5,E2:0.5,BUSY:0.2,ERROR:0.2").unwrap(),
        stall: Duration::from_millis(50),
        secrets: vec![secret.reveal().clone()],
        public_keys: vec![keypair.1.clone()],
        ..one_stop::Options::default()
    };
    let credentials =
        Credentials::Basic { username: options.username.clone(), password: Redacted::new(options.password.clone()) };
    let settings = opencps::Settings { group_id: Some(options.group_id.to_string()), receive_action: None };
    let handle = one_stop::start(options).unwrap();
    let (courier, target) = (Courier::new(Clock::system()), target(handle.url(), credentials));
    let numbers: Vec<String> = (0..20).map(|n| format!("H56.12-261123-{n:04}")).collect();
    let seeds: Vec<Value> = numbers.iter().map(|number| json!({"dossierNo": number, "viaPostal": 2})).collect();
    let seed = Call::post_json("/_sim/dossiers", giaonhan::peers::Auth::None, &json!(seeds));
    assert_eq!(courier.send(&target, seed).await.unwrap().status, 200);
    let update = opencps::opencps_value(LegKind::Result, State::Accepted).unwrap();
    let item = Some("EA500120015VN");
    for number in &numbers {
        let dossier = opencps::DossierRef::Number(number.clone());
        let (mut ask, mut settled) = (false, false);
        for _ in 0..CALLS_MAX {
            let call = if ask {
                opencps::find(&dossier, &settings)
            } else {
                opencps::put_status(&dossier, &update, item, &settings)
            };
            let answer = match courier.send(&target, call).await {
                Ok(reply) if ask => opencps::decode_find(&reply, &dossier, &update, item),
                Ok(reply) => opencps::decode_put(&reply, &dossier, &update, item),
                Err(failure) => failure.answer(),
            };
            match answer {
                Answer::Done { .. } => {
                    settled = true;
                    break;
                }
                Answer::Unknown { .. } => ask = true,
                Answer::NotFound => ask = false,
                Answer::Retry { .. } => {}
                other => panic!("{number}: {other:?}"),
            }
        }
        assert!(settled, "{number}");
    }
    let ledger = handle.ledger();
    assert_eq!(ledger["violations"], json!(0), "{}", ledger["violationList"]);
    let held: Vec<&Value> =
        ledger["dossiers"].as_array().unwrap().iter().map(|dossier| &dossier["viaPostal"]).collect();
    assert!(held.iter().all(|value| **value == json!(3)), "{held:?}");

    // Our webhooks: both kinds of signature, checked by a verifier that is not ours.
    let hook =
        Target { base_url: format!("{}/hooks/giaonhan", handle.url()), credentials: Credentials::None, ..target };
    let keys: Vec<_> = [&secret, &keypair.0].map(|key| webhook::SigningKey::parse(key).unwrap()).into();
    let now = Clock::system().now();
    let body = json!({"type": "leg.accepted", "timestamp": now.to_rfc3339(), "data": {"legId": "leg_1", "legKind": "RESULT", "agencyCode": "H56.12",
        "manifestId": "mf_1", "manifestNo": "BK-1", "lineNo": 1, "dossierNo": "H56.12-261123-0001", "consignmentNoteNo": null,
        "itemNumber": "EA500120015VN", "state": "ACCEPTED", "holder": "POST", "occurredAt": now.to_rfc3339()}});
    let mut taken = false;
    for _ in 0..CALLS_MAX {
        let call = webhook::post("ev_1", now.us() / 1_000_000, body.to_string().into_bytes(), &keys);
        let reply = courier.send(&hook, call).await;
        taken = reply.map_or_else(|failure| failure.answer(), |reply| webhook::decode_post(&reply)) == Answer::done();
        if taken {
            break;
        }
    }
    assert!(taken);
    let ledger = handle.ledger();
    assert_eq!(ledger["violations"], json!(0), "{}", ledger["violationList"]);
}
