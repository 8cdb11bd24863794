//! A real process is killed at every fault point, on both databases, and started again: nothing is lost, and nothing is doubled
//! beyond a repeated message with the same key (anchors 4.5, incident 2).

use crate::support::papers::{self, Papers};
use crate::support::process::{BOUND, Process, on_store, serve, steady_address};
use crate::support::{Client, TestStore, town, until};
use giaonhan::base::fault::POINTS;
use giaonhan::base::time::{Clock, SECOND_US};
use giaonhan::sim::{one_stop, post};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The part of the walk in which the armed process runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Beginning,
    Reports,
}

/// Where to kill: the point with its hit, and the part that reaches it.
const DEATHS: &[(&str, Part)] = &[
    ("idempotency.after_claim", Part::Beginning),
    ("manifest.before_commit", Part::Beginning),
    ("store.before_commit", Part::Beginning),
    ("manifest.after_commit", Part::Beginning),
    ("publisher.before_commit", Part::Beginning),
    ("dispatch.after_claim", Part::Beginning),
    ("dispatch.after_order", Part::Beginning),
    ("dispatch.after_state", Part::Beginning),
    ("dispatch.after_webhook", Part::Beginning),
    ("dispatch.after_cancel", Part::Beginning),
    ("dispatch.after_file", Part::Beginning),
    ("dispatch.before_settle", Part::Beginning),
    ("dispatch.after_settle", Part::Beginning),
    // The second signature is the one that moves custody.
    ("handover.before_commit:2", Part::Beginning),
    ("handover.after_commit:2", Part::Beginning),
    ("poller.before_commit", Part::Reports),
    ("poller.after_commit", Part::Reports),
    ("inbox.after_store", Part::Reports),
    ("inbox.before_commit", Part::Reports),
    ("inbox.after_commit", Part::Reports),
    ("puller.before_commit", Part::Reports),
    ("puller.after_commit", Part::Reports),
    ("fact.before_commit", Part::Beginning),
    ("fact.after_commit", Part::Beginning),
    ("tallies.before_commit", Part::Beginning),
    ("tallies.after_commit", Part::Beginning),
    ("originals.before_commit", Part::Beginning),
    ("originals.after_commit", Part::Beginning),
    ("alerts.before_commit:2", Part::Beginning),
    ("alerts.after_commit:2", Part::Beginning),
];

/// Deaths at once: they mostly wait.
const SIDE_BY_SIDE: usize = 4;

const LINES: u32 = 2;
/// Three manifests, two handovers, four legs that are ordered, accepted, delivered and confirmed, and one that is withdrawn.
const EVENTS: usize = 3 + 2 + 4 * 4 + 2;
const AGENCIES: [&str; 2] = ["H32.15", "H32.16"];

#[test]
fn every_fault_point_has_its_death() {
    let points: Vec<&str> = DEATHS.iter().map(|(spec, _)| spec.split(':').next().unwrap()).collect();
    assert_eq!(points, POINTS);
}

#[test]
fn a_kill_at_any_fault_point_loses_and_doubles_nothing_on_sqlite() {
    die_everywhere(|| Some(TestStore::sqlite()));
}

#[test]
fn a_kill_at_any_fault_point_loses_and_doubles_nothing_on_postgresql() {
    die_everywhere(TestStore::postgres);
}

fn die_everywhere(store: impl Fn() -> Option<TestStore> + Sync) {
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some((spec, part)) = DEATHS.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let Some(store) = store() else { return };
                    let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| die_at(&store, spec, *part)));
                    if died.is_err() {
                        failed.lock().unwrap().push(*spec);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "these deaths did harm: {failed:?}");
}

/// Everything around the process that is killed.
struct Town {
    hcc: post::Handle,
    myvnpost: post::Handle,
    one_stop: one_stop::Handle,
    _folder: tempfile::TempDir,
    reports: std::path::PathBuf,
    config: std::path::PathBuf,
    address: String,
    keys: BTreeMap<&'static str, String>,
}

impl Town {
    fn of(store: &TestStore) -> Town {
        let hcc = post::start(post::Options::new(post::Family::Hcc)).unwrap();
        let address = steady_address();
        let options = post::Options {
            webhook_url: Some(format!("http://{address}/v1/hooks/myvnpost")),
            ..post::Options::new(post::Family::MyVnpost)
        };
        let myvnpost = post::start(options).unwrap();
        let one_stop = one_stop::start(one_stop::Options::default()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("giaonhan.toml");
        let links = [
            town::operator_toml(post::Family::Hcc, hcc.url(), AGENCIES[0], folder.path()),
            town::operator_toml(post::Family::MyVnpost, myvnpost.url(), AGENCIES[1], folder.path()),
            town::software_toml(one_stop.url()),
        ];
        let reports = folder.path().join("reports");
        std::fs::create_dir(&reports).unwrap();
        let sent = format!(
            "\n[[receivers]]\nname = \"share\"\nkind = \"folder\"\npath = \"{}\"\n[[report_schedules]]\nname = \"daily\"\n\
             report = \"bcci-annex\"\nperiod = \"yesterday\"\nformats = [\"csv\"]\nreceivers = [\"share\"]\n",
            reports.display()
        );
        std::fs::write(&config, format!("{QUICK}{}{sent}", links.concat())).unwrap();
        // The report of a day waits for the process that dies.
        let report = ["report", "deliver", "daily", "--period", "2026-01-05", "--config", config.to_str().unwrap()];
        on_store(store, &report).expect(0);
        // A checklist that lends originals: without one no dossier is looked at for them.
        let directory = folder.path().join("directory.toml");
        std::fs::write(&directory, LENDING).unwrap();
        on_store(store, &["directory", "load", directory.to_str().unwrap()]).expect(0);
        let mut keys = BTreeMap::new();
        for (counterpart, side, agency, scope) in [
            ("desk", "agency", "H32.15,H32.16", "read,write"),
            ("office", "post", "H32.15,H32.16", "read,write"),
            ("province", "oversight", "*", "read,ops"),
        ] {
            let of = ["--counterpart", counterpart, "--side", side, "--agency", agency, "--scope", scope];
            let made = on_store(store, &[&["key", "create"], &of[..]].concat()).expect(0);
            keys.insert(counterpart, made.stdout.trim().to_owned());
        }
        let url = format!("{}/hooks/giaonhan", one_stop.url());
        let of = ["webhook", "create", "--json", "--counterpart", "desk", "--agency", "*", "--url", &url];
        let made = on_store(store, &of).expect(0).object();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        one_stop.set_keys(&[text("secret")], &[text("publicKey")]).unwrap();
        Town { hcc, myvnpost, one_stop, _folder: folder, reports, config, address, keys }
    }
}

/// The procedure of `Papers::line`, with an original that must go back.
const LENDING: &str = "[[procedures]]
code = \"1.005129\"
name = \"Đổi giấy phép lái xe\"
papers = [{ name = \"Bản chính Căn cước\", originals = 1, compare = true }]
";

/// Waits short enough for a test, all of them settings.
const QUICK: &str = "
[store]
pool_size = 4
[http]
workers = 2
[outbox]
lease_ms = 3000
poll_ms = 50
order_retry_s = [1]
webhook_retry_s = [1]
jitter_percent = 0
[webhook]
timeout_ms = 2500
[inbox]
lease_ms = 1000
poll_ms = 50
[poller]
lease_ms = 3000
interval_ms = 200
[publisher]
interval_ms = 20
[tallies]
interval_ms = 20
lease_ms = 1000
[alerts]
interval_ms = 100
lease_ms = 1000
[idempotency]
lease_s = 1
";

/// The process under watch: it may die once, of the armed point alone, and is started again at once.
struct Watched<'a> {
    store: &'a TestStore,
    town: &'a Town,
    /// None while it is stopped on purpose.
    process: Option<Process>,
    armed: Option<&'a str>,
    deaths: usize,
}

impl<'a> Watched<'a> {
    fn start(&mut self, armed: Option<&'a str>) {
        let set: Vec<(&str, &str)> = armed.iter().map(|spec| ("fault.armed", *spec)).collect();
        self.armed = armed;
        self.process = Some(Process::start(serve(self.store, &self.town.config, &self.town.address, &set)));
    }

    fn stop(&mut self) {
        let printed = self.process.take().unwrap().stop();
        assert_eq!(printed.len(), 1, "stdout is one line: {printed:?}");
    }

    fn mind(&mut self) {
        let process = self.process.as_mut().unwrap();
        let Some(status) = process.died() else { return };
        assert_eq!(status.signal(), Some(9), "{status}: {}", process.log());
        assert!(self.armed.is_some(), "it died without a fault: {}", process.log());
        self.deaths += 1;
        self.start(None);
    }

    fn caller(&self, who: &str) -> Client {
        self.process.as_ref().unwrap().caller(&self.town.keys[who])
    }

    /// Makes a call until it is answered, as every caller should: the same bytes under the same key.
    fn call(&mut self, who: &str, method: &str, path: &str, key: &str, body: &Value) -> Value {
        until(&format!("{method} {path}"), BOUND, || {
            self.mind();
            let caller = self.caller(who);
            let call = caller.call(method, path);
            let call = if key.is_empty() { call } else { call.idempotency_key(key) };
            let call = if body.is_null() { call } else { call.json(body) };
            let reply = call.try_send().ok()?;
            let later = reply.status >= 500 || reply.code() == "REQUEST_IN_PROGRESS";
            if later {
                return None;
            }
            assert!(reply.status < 300, "{method} {path}: {} {}", reply.status, reply.text());
            Some(reply.json())
        })
    }

    fn get(&mut self, path: &str) -> Value {
        self.call("province", "GET", path, "", &Value::Null)
    }

    fn items(&mut self, path: &str) -> Vec<Value> {
        self.get(path)["items"].as_array().unwrap().clone()
    }

    fn wait(&mut self, what: &str, mut look: impl FnMut(&mut Self) -> bool) {
        until(what, BOUND, || {
            self.mind();
            look(self).then_some(())
        });
    }

    fn wait_for_state(&mut self, wanted: usize, state: &str) {
        self.wait(state, |it| it.items(&format!("/v1/legs?state={state}")).len() == wanted);
    }
}

fn in_seconds(seconds: i64) -> String {
    Clock::system().now().plus_us(seconds * SECOND_US).to_rfc3339()
}

fn die_at(store: &TestStore, spec: &str, part: Part) {
    let around = Town::of(store);
    let mut it = Watched { store, town: &around, process: None, armed: None, deaths: 0 };
    it.start((part == Part::Beginning).then_some(spec));

    // Results are declared: orders go out, the one-stop side is told.
    let papers = Papers::new(1);
    let mut sent = Vec::new();
    for (agency, lines, key) in
        [(AGENCIES[0], LINES, "manifest-0"), (AGENCIES[1], LINES, "manifest-1"), (AGENCIES[1], 1, "manifest-2")]
    {
        let mut manifest = papers.manifest("RESULT", lines);
        manifest["agencyCode"] = json!(agency);
        for line in manifest["lines"].as_array_mut().unwrap() {
            line.as_object_mut().unwrap().remove("itemNumber");
        }
        town::know(&around.one_stop, &manifest);
        let receipt = it.call("desk", "POST", "/v1/manifests", key, &manifest);
        sent.push((manifest, receipt));
    }
    let mut legs: Vec<Vec<String>> = sent.iter().map(|(_, receipt)| crate::support::office::leg_ids(receipt)).collect();
    it.wait_for_state(5, "ORDERED");

    // The desk withdraws one.
    let withdrawn = legs.remove(2).remove(0);
    let reason = json!({"reason": "Công dân đến nhận trực tiếp"});
    it.call("desk", "POST", &format!("/v1/legs/{withdrawn}/cancel"), "cancel", &reason);

    // The desk hands them to the post.
    for (place, (_, receipt)) in sent.iter().take(2).enumerate() {
        let open = json!({"from": "AGENCY", "to": "POST", "manifestId": receipt["id"]});
        let opened = it.call("desk", "POST", "/v1/handovers", &format!("open-{place}"), &open);
        let path = format!("/v1/handovers/{}", opened["id"].as_str().unwrap());
        let lines = opened["lines"].as_array().unwrap().iter();
        let lines: Vec<Value> = lines
            .map(|line| {
                json!({"lineNo": line["lineNo"], "outcome": "TAKEN", "originals": line["expected"]["originals"],
                       "copies": line["expected"]["copies"]})
            })
            .collect();
        let counted = it.call("office", "PATCH", &path, "", &json!({ "lines": lines }));
        for (who, side) in [("desk", "AGENCY"), ("office", "POST")] {
            let signature = json!({"side": side, "signer": {"name": "Trần Văn Thử"}, "digest": counted["digest"]});
            it.call(who, "POST", &format!("{path}/signatures"), &format!("sign-{place}-{side}"), &signature);
        }
    }
    it.wait_for_state(4, "ACCEPTED");

    // The post delivers and says so: by its feed, by its webhook.
    if part == Part::Reports {
        it.stop();
    }
    for (operator, legs, accepted, delivered) in
        [(&around.hcc, &legs[0], "ACCEPTED", "DELIVERED"), (&around.myvnpost, &legs[1], "7", "14")]
    {
        for leg in legs {
            let event = |status: &str, seconds| json!({"status": status, "time": in_seconds(seconds), "office": "650200", "attempt": 1, "receiver": "Nguyễn Thị Mẫu"});
            town::happen(operator, leg, &json!([event(accepted, 20), event(delivered, 40)]));
        }
    }
    if part == Part::Reports {
        it.start(Some(spec));
    }
    it.wait_for_state(4, "DELIVERED_REPORTED");

    // The post shows the proof.
    let facts: Vec<Value> = legs
        .iter()
        .flatten()
        .map(|leg| papers::proven(&format!("pod-{leg}"), leg, "CONFIRMED", &in_seconds(60)))
        .collect();
    let first = it.call("office", "POST", "/v1/facts", "facts", &json!({ "facts": facts }));
    it.wait_for_state(4, "CONFIRMED");
    assert_eq!(it.call("office", "POST", "/v1/facts", "facts", &json!({ "facts": facts })), first);
    check(&mut it, &sent, &legs, &withdrawn, spec);
}

/// What everybody must believe in the end.
fn check(it: &mut Watched<'_>, sent: &[(Value, Value)], legs: &[Vec<String>], withdrawn: &str, spec: &str) {
    it.wait("webhooks of the post", |it| it.town.myvnpost.ledger()["webhooks"]["pending"] == 0);
    it.wait(&format!("the death at {spec}"), |it| it.deaths == 1);
    it.wait("every event is heard", |it| {
        it.items("/v1/events").len() == EVENTS && it.town.one_stop.ledger()["webhooks"]["messages"] == EVENTS
    });
    for state in ["DUE", "CLAIMED", "UNKNOWN"] {
        it.wait(state, |it| it.items(&format!("/v1/outbox?state={state}")).is_empty());
    }
    assert_eq!(it.items("/v1/outbox?state=PARKED"), Vec::<Value>::new());
    assert_eq!(it.items("/v1/discrepancies"), Vec::<Value>::new());
    let all: BTreeSet<&String> = legs.iter().flatten().collect();

    // Nothing lost, nothing twice in our own books.
    let manifests = it.items("/v1/manifests");
    assert_eq!(manifests.len(), sent.len());
    for (place, (manifest, receipt)) in sent.iter().enumerate() {
        let again = it.call("desk", "POST", "/v1/manifests", &format!("manifest-{place}"), manifest);
        assert_eq!(&again, receipt, "the first answer, again");
    }
    let known: Vec<Value> = it.items("/v1/legs");
    assert_eq!(
        known.iter().map(|leg| leg["id"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>().len(),
        known.len()
    );
    assert_eq!(known.len(), all.len() + 1);
    assert_eq!(it.items("/v1/handovers?status=COMPLETED").len(), 2);
    assert_eq!(it.items("/v1/handovers").len(), 2);
    for leg in &all {
        let custody = it.get(&format!("/v1/legs/{leg}/custody"));
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for entry in custody["entries"].as_array().unwrap() {
            let told = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            let what = [&entry["event"], &entry["handoverId"], &entry["source"]["factId"]].map(told).join(" ");
            *seen.entry(what).or_default() += 1;
        }
        assert!(seen.values().all(|times| *times == 1), "{spec}: {seen:#?}");
        for event in ["REGISTERED", "CONFIRMED"] {
            assert_eq!(seen.keys().filter(|what| what.starts_with(event)).count(), 1, "{spec}: {event} in {seen:#?}");
        }
        assert_eq!(custody["state"], "CONFIRMED");
        assert_eq!(custody["holder"], "CITIZEN");
    }

    assert_eq!(it.get(&format!("/v1/legs/{withdrawn}"))["state"], "CANCELLED");
    assert_eq!(it.town.one_stop.ledger()["legs"][withdrawn]["state"], "CANCELLED");

    // Every order once at its operator; a repeat carries the same number and the same bytes.
    for (operator, legs) in [(&it.town.hcc, &legs[0]), (&it.town.myvnpost, &legs[1])] {
        let ledger = operator.ledger();
        let orders = ledger["orders"].as_array().unwrap().iter();
        let orders: BTreeSet<String> = orders.map(|order| order["orderCode"].as_str().unwrap().to_owned()).collect();
        let asked = operator.family() == post::Family::MyVnpost;
        let of_leg = giaonhan::app::inbox::order_of_leg;
        let mut wanted: BTreeSet<String> = legs.iter().map(|leg| of_leg(leg)).collect();
        wanted.extend(asked.then(|| of_leg(withdrawn)));
        assert_eq!(orders, wanted, "{spec}");
        assert_eq!(ledger["counts"]["orders"], wanted.len(), "{spec}: {:#}", ledger["orders"]);
        assert_eq!(ledger["violations"], 0, "{spec}: {}", ledger["violationList"]);
        let repeats = ledger["duplicateList"].as_array().unwrap();
        assert!(repeats.iter().all(|it| it["sameBody"] == true) && repeats.len() <= legs.len(), "{spec}: {repeats:?}");
        assert_eq!(ledger["counts"]["byStatus"]["9"].as_u64(), asked.then_some(1), "the withdrawn one, once");
        // MyVNPost can be asked, so that nothing at all is sent twice.
        assert!(!asked || repeats.is_empty(), "{spec}: {repeats:?}");
    }

    // Every event heard, in order, under one id however often it was sent.
    let feed: Vec<Value> = it.caller("province").feed();
    let ids: BTreeSet<&str> = feed.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!((ids.len(), feed.len()), (EVENTS, EVENTS), "{spec}");
    let heard = it.town.one_stop.ledger();
    assert_eq!(heard["webhooks"]["messages"], EVENTS, "{spec}: {}", heard["webhooks"]);
    assert_eq!(heard["webhooks"]["orderViolations"], 0, "{spec}: {}", heard["webhooks"]);
    assert_eq!(heard["webhooks"]["badSignatures"], 0);
    assert_eq!(heard["violations"], 0, "{spec}: {}", heard["violationList"]);
    for leg in &all {
        assert_eq!(heard["legs"][leg.as_str()]["state"], "CONFIRMED", "{spec}");
    }
    for dossier in heard["dossiers"].as_array().unwrap() {
        let steps: Vec<&Value> = dossier["history"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|step| step["field"] == "viaPostal")
            .map(|step| &step["to"])
            .collect();
        let told: &[u64] = if dossier["briefNote"].is_string() { &[] } else { &[3, 4] };
        assert_eq!(steps, told, "{spec}: {dossier}");
    }

    // The report lies there once and whole, with its digest.
    let mut files: Vec<String> =
        std::fs::read_dir(&it.town.reports).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    assert_eq!(files, ["2026-01-05_bcci-annex.csv", "2026-01-05_bcci-annex.csv.sha256"], "{spec}");

    // Rolled up once each, and as the events say.
    it.wait("every leg is rolled up", |it| {
        let checked = on_store(it.store, &["tallies", "check", "--json"]).expect(0).object();
        checked["due"] == 0 && checked["legs"] == all.len() + 1
    });
    it.stop();
    let verified = on_store(it.store, &["verify", "--json"]).expect(0).object();
    assert_eq!((&verified["clean"], &verified["legs"]), (&json!(true), &json!(all.len() + 1)));
}
