//! Reports that leave by themselves: once for each period, to folders, buckets and web hooks, whatever is down meanwhile.

use crate::support::bucket::Bucket;
use crate::support::office::{AGENCY, SOON, text};
use crate::support::process::{BOUND, Process, on_store, program, run, serve, steady_address};
use crate::support::sql::Direct;
use crate::support::town::StandIn;
use crate::support::{Office, Options, Person, TestStore, each_backend, until};
use giaonhan::app::distribution::{self, Notice};
use giaonhan::app::people::Doing;
use giaonhan::base::digest::sha256_hex;
use giaonhan::base::secret::Redacted;
use giaonhan::base::time::{Clock, DAY_US, SECOND_US, Ts};
use giaonhan::domain::person::Role;
use giaonhan::peers::webhook;
use giaonhan::sim::server::{Answer, Call};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
const DOING: Doing<'static> = Doing { person: None, request_id: "test" };

fn clock(at: &str) -> Clock {
    Clock::fixed(Ts::parse_rfc3339(at).unwrap())
}

fn folder_toml(name: &str, path: &Path) -> String {
    format!("\n[[receivers]]\nname = \"{name}\"\nkind = \"folder\"\npath = \"{}\"\n", path.display())
}

fn hook_toml(name: &str, url: &str) -> String {
    format!("\n[[receivers]]\nname = \"{name}\"\nkind = \"webhook\"\nurl = \"{url}/hooks\"\nsecret = \"{SECRET}\"\n")
}

fn schedule_toml(name: &str, period: &str, formats: &str, receivers: &str) -> String {
    format!(
        "\n[[report_schedules]]\nname = \"{name}\"\nreport = \"bcci-annex\"\nagency = \"{AGENCY}\"\nperiod = \"{period}\"\n\
         formats = [{formats}]\nreceivers = [{receivers}]\n"
    )
}

fn options(toml: String, clock: &Clock) -> Options {
    Options { toml, ..Options::default() }.clock(clock).set("distribution.interval_ms", 20)
}

/// Files of a folder by name, with what an attempt may have left.
fn files(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let entry = |entry: std::io::Result<fs::DirEntry>| {
        let entry = entry.unwrap();
        (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())
    };
    fs::read_dir(path).unwrap().map(entry).collect()
}

fn runs(office: &Office) -> Vec<Value> {
    office.oversight().all("/v1/report-deliveries")
}

/// Every delivery of every run has arrived.
fn all_delivered(office: &Office, count: usize) -> Vec<Value> {
    until("everything is delivered", SOON, || {
        let runs = runs(office);
        let all: Vec<&Value> = runs.iter().flat_map(|run| run["deliveries"].as_array().unwrap()).collect();
        let done = all.len() == count && all.iter().all(|one| !one["deliveredAt"].is_null());
        done.then(|| runs.clone())
    })
}

fn standing(store: &TestStore, config: &Path) -> Value {
    on_store(store, &["--json", "report", "schedules", "--config", config.to_str().unwrap()]).expect(0).object()
}

fn next_of(office: &Office) -> Option<String> {
    let standings = distribution::standings(office.app()).unwrap();
    standings[0].next.map(|turn| standings[0].schedule.period.name(turn.span))
}

fn known(office: &Office) {
    until("the schedule is known", SOON, || {
        let since = office.app().store.read(giaonhan::store::distribution::known_since).unwrap();
        (!since.is_empty()).then_some(())
    });
}

fn signed(call: &Call, now: Ts) {
    let header = |name: &str| call.header(name).map(str::to_owned);
    webhook::verify(header, &call.body, &[Redacted::new(SECRET.to_owned())], now.us() / SECOND_US).unwrap();
}

#[test]
fn a_months_report_arrives_everywhere_on_its_working_day_and_once() {
    each_backend("distribution_month", |store| {
        // Monday, the first working day of November: the first is a Sunday.
        let clock = clock("2026-11-02T10:00:00+07:00");
        let (folder, bucket, hears) =
            (tempfile::tempdir().unwrap(), Bucket::start(), StandIn::start(|_| Answer::empty(204)));
        let toml = [
            folder_toml("so", folder.path()),
            bucket.toml("kho", "giaonhan/2026/"),
            hook_toml("truc", hears.url()),
            schedule_toml("phu-luc", "last_month", "\"json\", \"csv\", \"xlsx\", \"pdf\"", "\"so\", \"kho\", \"truc\""),
        ];
        let mut office = Office::start(&store, options(toml.concat(), &clock));
        known(&office);
        assert_eq!(next_of(&office).as_deref(), Some("2026-10"));
        clock.advance_us((21 * 3_600 - 1) * SECOND_US);
        assert_eq!(distribution::round(office.app()).unwrap(), 0, "a second before seven");
        assert_eq!(runs(&office), Vec::<Value>::new());
        clock.advance_us(SECOND_US);
        let made = all_delivered(&office, 9);
        assert_eq!(made.len(), 1);
        let (run, cut) = (&made[0], text(&made[0]["cutId"]).to_owned());
        assert_eq!(
            (text(&run["period"]), text(&run["from"]), text(&run["until"])),
            ("2026-10", "2026-10-01", "2026-11-01")
        );
        assert_eq!(run["dueAt"], "2026-11-03T07:00:00+07:00");

        // In the folder and in the bucket: what the interface gives, each with its digest beside it.
        let there = files(folder.path());
        let mut wanted = BTreeMap::new();
        for format in ["json", "csv", "xlsx", "pdf"] {
            let name = format!("2026-10_bcci-annex_{AGENCY}.{format}");
            let path = format!("/v1/reports/{cut}?format={format}&language=vi");
            let bytes = office.oversight().get(path).expect(200).body;
            wanted.insert(format!("{name}.sha256"), format!("{}  {name}\n", sha256_hex(&bytes)).into_bytes());
            wanted.insert(name, bytes);
        }
        assert_eq!(there.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
        assert!(there == wanted, "the bytes are those of the interface");
        let prefixed: BTreeMap<_, _> =
            wanted.iter().map(|(name, bytes)| (format!("giaonhan/2026/{name}"), bytes.clone())).collect();
        assert!(bucket.objects() == prefixed);
        assert_eq!((bucket.refused(), bucket.writes()), (Vec::new(), 8));

        // The web hook is told, signed, where each is and what it must be.
        assert_eq!(hears.count(), 1);
        let told = hears.each(|call| {
            signed(call, clock.now());
            call.json().unwrap()
        });
        assert_eq!((text(&told[0]["type"]), &told[0]["data"]["cutId"]), ("report.cut", &json!(cut)));
        let report = &told[0]["data"];
        assert_eq!(report["sha256"], sha256_hex(&wanted[&format!("2026-10_bcci-annex_{AGENCY}.json")]));
        for file in report["files"].as_array().unwrap() {
            let bytes = &wanted[text(&file["name"])];
            assert_eq!((text(&file["sha256"]), &file["bytes"]), (sha256_hex(bytes).as_str(), &json!(bytes.len())));
            assert_eq!(&office.oversight().get(text(&file["link"])).expect(200).body, bytes);
        }

        // Neither a restart nor another request makes another.
        office.restart();
        let (again, fresh) = distribution::deliver(office.app(), "phu-luc", Some("2026-10"), DOING).unwrap();
        assert_eq!((again.cut_id.as_str(), fresh), (cut.as_str(), false));
        assert_eq!(distribution::round(office.app()).unwrap(), 0);
        assert_eq!((runs(&office).len(), hears.count(), bucket.writes()), (1, 1, 8));
        assert_eq!(next_of(&office).as_deref(), Some("2026-11"));
        assert!(Direct::to(&store).try_run("UPDATE report_run SET period = 'x'").is_err());

        // Whose it is.
        assert_eq!(office.desk().all("/v1/report-deliveries").len(), 1);
        let other = ["H32.99"];
        let scopes = [giaonhan::domain::access::Scope::Read];
        let (other, _) = office.caller("other", giaonhan::domain::leg::Side::Agency, &other, &scopes);
        assert_eq!(other.all("/v1/report-deliveries"), Vec::<Value>::new());
        let oversight = Person::of(&office, "giam-sat", Role::Oversight, "");
        let page = oversight.see("/oversight/reports/deliveries").expect(200).text();
        for wanted in
            ["phu-luc", "02/12/2026", "2026-10_bcci-annex_H32.15.pdf", "Đã đến", "ngày làm việc thứ 2 sau kỳ, 07:00"]
        {
            assert!(page.contains(wanted), "{wanted}: {page}");
        }
        let clerk = Person::of(&office, "phu-trach", Role::PostSupervisor, "650100");
        clerk.see("/oversight/reports/deliveries").expect(403);
        // Asked for on the page: the month before, made now.
        let form = [("schedule", "phu-luc"), ("period", "2026-09")];
        let led = oversight.form("/oversight/reports/deliveries", &form).leads_to();
        assert!(led.starts_with("/oversight/reports/deliveries?made=cut_"), "{led}");
        assert!(oversight.see(&led).expect(200).text().contains("theo yêu cầu"));
        assert_eq!(oversight.acts(&office)[0], "REPORT.DISTRIBUTED");
        let wrong = oversight.form("/oversight/reports/deliveries", &[("schedule", "phu-luc"), ("period", "2026-11")]);
        assert!(wrong.expect(422).text().contains("một kỳ đã qua, ví dụ 2026-10"));
        all_delivered(&office, 18);
    });
}

#[test]
fn a_schedule_writes_in_its_language() {
    each_backend("distribution_language", |store| {
        let clock = clock("2026-11-02T10:00:00+07:00");
        let (folder, hears) = (tempfile::tempdir().unwrap(), StandIn::start(|_| Answer::empty(204)));
        let formats = "\"json\", \"csv\", \"xlsx\", \"pdf\"";
        let toml = [
            folder_toml("so", folder.path()),
            hook_toml("truc", hears.url()),
            schedule_toml("phu-luc", "last_month", formats, "\"so\""),
            schedule_toml("annex", "last_month", formats, "\"so\", \"truc\"") + "language = \"en\"\n",
        ];
        let toml = toml.concat();
        let config = folder.path().join("giaonhan.toml");
        fs::write(&config, &toml).unwrap();
        let listed = on_store(&store, &["--json", "report", "schedules", "--config", config.to_str().unwrap()]);
        let languages: Vec<Value> = listed.expect(0).objects().iter().map(|one| one["language"].clone()).collect();
        fs::remove_file(&config).unwrap();
        assert_eq!(languages, ["vi", "en"]);
        let office = Office::start(&store, options(toml, &clock));
        known(&office);
        clock.advance_us(21 * 3_600 * SECOND_US);
        for run in all_delivered(&office, 9) {
            let (language, mark) = if run["schedule"] == "annex" { ("en", "_en") } else { ("vi", "") };
            for format in ["json", "csv", "xlsx", "pdf"] {
                let name = format!("2026-10_bcci-annex_{AGENCY}{mark}.{format}");
                let path = format!("/v1/reports/{}?format={format}&language={language}", text(&run["cutId"]));
                assert!(files(folder.path())[&name] == office.oversight().get(path).expect(200).body, "{name}");
            }
        }
        let told = hears.each(|call| call.json().unwrap());
        for file in told[0]["data"]["files"].as_array().unwrap() {
            assert_eq!(file["language"], "en");
            let bytes = office.oversight().get(text(&file["link"])).expect(200).body;
            assert_eq!(text(&file["sha256"]), sha256_hex(&bytes));
        }
        let oversight = Person::of(&office, "giam-sat", Role::Oversight, "");
        let page = oversight.see("/oversight/reports/deliveries").expect(200).text();
        assert!(page.contains("PDF · tiếng Anh") && page.contains("PDF · tiếng Việt"), "{page}");
    });
}

#[test]
fn who_is_down_gets_it_later_and_once() {
    each_backend("distribution_down", |store| {
        let clock = clock("2026-11-20T08:00:00+07:00");
        let (folder, bucket) = (tempfile::tempdir().unwrap(), Bucket::start());
        let path = folder.path().join("chia-se");
        fs::create_dir(&path).unwrap();
        let answers = Arc::new(AtomicU16::new(503));
        let status = answers.clone();
        let hears = StandIn::start(move |_| Answer::empty(status.load(Ordering::SeqCst)));
        let toml = [
            folder_toml("so", &path),
            bucket.toml("kho", ""),
            hook_toml("truc", hears.url()),
            schedule_toml("ngay", "yesterday", "\"csv\"", "\"so\", \"kho\", \"truc\""),
        ];
        // A fixed clock would keep what waits waiting: this one is moved by hand below.
        let office = Office::start(&store, options(toml.concat(), &clock).set("outbox.order_attempts_max", 30));
        fs::remove_dir(&path).unwrap();
        bucket.down_for(2);
        let (run, fresh) = distribution::deliver(office.app(), "ngay", None, DOING).unwrap();
        assert!(fresh && run.period == "2026-11-19");
        let state = |receiver: &str| {
            let runs = runs(&office);
            let all = runs[0]["deliveries"].as_array().unwrap().clone();
            all.into_iter().find(|one| one["receiver"] == receiver).unwrap()
        };
        let tried = |receiver: &'static str, attempts: u64| {
            until("it was tried", SOON, || {
                clock.advance_us(SECOND_US);
                (state(receiver)["attempts"].as_u64()? >= attempts).then_some(())
            });
        };
        tried("kho", 2);
        assert!(text(&state("so")["lastError"]).contains("chia-se is not there"), "{}", state("so"));
        tried("truc", 2);
        answers.store(204, Ordering::SeqCst);
        // The folder stays away: the file parks, with its reason, and the others have theirs.
        let parked = until("the folder's file is parked", SOON, || {
            clock.advance_us(SECOND_US);
            let one = state("so");
            (one["state"] == "PARKED").then_some(one)
        });
        let why = text(&parked["lastError"]).to_owned();
        assert!(why.starts_with("ATTEMPTS_EXHAUSTED: the folder ") && why.contains("chia-se is not there"), "{why}");
        until("the others have theirs", SOON, || {
            clock.advance_us(SECOND_US);
            ["kho", "truc"].iter().all(|name| !state(name)["deliveredAt"].is_null()).then_some(())
        });
        let bodies = hears.each(|call| (call.header("webhook-id").unwrap_or_default().to_owned(), call.body.clone()));
        assert!(bodies.len() >= 3 && bodies.iter().all(|body| *body == bodies[0]), "one id, one body");
        assert_eq!((bucket.writes(), bucket.objects().len(), bucket.refused()), (2, 2, Vec::new()));

        // A person sees it, mends the folder, and sends it again; nobody changes its bytes.
        let id = text(&parked["messageId"]).to_owned();
        let keeper = Person::of(&office, "quan-tri", Role::Administrator, "");
        let case = keeper.see(&format!("/exceptions/message/{id}")).expect(200).text();
        assert!(case.contains("Tệp báo cáo chưa đến nơi nhận"), "{case}");
        let deliveries = keeper.see("/oversight/reports/deliveries").expect(200).text();
        assert!(deliveries.contains(&format!("/exceptions/message/{id}")), "{deliveries}");
        let body = json!({"body": "{\"name\": \"x\"}", "reason": "đổi tên"});
        office.ops().post(format!("/v1/outbox/{id}/mend"), &body).refused(422, "BODY_INVALID");
        fs::create_dir(&path).unwrap();
        let reason = json!({"reason": "đã nối lại thư mục"});
        office.ops().post(format!("/v1/outbox/{id}/replay"), &reason).expect(200);
        until("it is delivered", SOON, || (!state("so")["deliveredAt"].is_null()).then_some(()));
        let name = format!("2026-11-19_bcci-annex_{AGENCY}.csv");
        assert_eq!(files(&path), bucket.objects());
        assert!(files(&path).contains_key(&name));

        // Another file of that name is never replaced: told at once, and replayed when it is out of the way.
        let before = format!("2026-11-18_bcci-annex_{AGENCY}.csv");
        fs::write(path.join(&before), "của người khác").unwrap();
        bucket.place(&before, b"other");
        distribution::deliver(office.app(), "ngay", Some("2026-11-18"), DOING).unwrap();
        let stopped = |receiver: &'static str| {
            until("the file is parked", SOON, || Some(state(receiver)).filter(|one| one["state"] == "PARKED"))
        };
        for receiver in ["so", "kho"] {
            let one = stopped(receiver);
            assert_eq!(one["attempts"], 1);
            assert!(text(&one["lastError"]).starts_with("REFUSED: OTHER_CONTENT"), "{one}");
        }
        assert_eq!(fs::read(path.join(&before)).unwrap(), "của người khác".as_bytes());
        assert_eq!(bucket.objects()[&before], b"other");
        fs::remove_file(path.join(&before)).unwrap();
        let cut =
            office.oversight().get(format!("/v1/reports/{}?format=csv&language=vi", text(&runs(&office)[0]["cutId"])));
        bucket.place(&before, &cut.expect(200).body);
        for receiver in ["so", "kho"] {
            let id = text(&state(receiver)["messageId"]).to_owned();
            office.ops().post(format!("/v1/outbox/{id}/replay"), &json!({"reason": "đã dời tệp kia"})).expect(200);
        }
        all_delivered(&office, 6);
        assert_eq!(files(&path)[&before], bucket.objects()[&before]);
    });
}

#[test]
fn missed_periods_are_made_up_for_within_bounds_and_the_rest_is_shown() {
    each_backend("distribution_missed", |store| {
        let folder = tempfile::tempdir().unwrap();
        let toml = [
            folder_toml("so", folder.path()),
            schedule_toml("ngay", "yesterday", "\"csv\"", "\"so\"").replace("formats", "working_day = 1\nformats"),
        ];
        let since = Ts::parse_rfc3339("2026-11-13T12:00:00+07:00").unwrap();
        drop(Office::start(&store, Options::default()));
        Direct::to(&store)
            .run(&format!("INSERT INTO report_schedule (name, since_us) VALUES ('ngay', {})", since.us()));
        // Thursday evening: 14 and 15/11 were a week-end, so the days from Friday 13 on fell due from Monday on.
        let clock = clock("2026-11-19T20:00:00+07:00");
        let office = Office::start(&store, options(toml.concat(), &clock).set("distribution.catch_up_max", 2));
        all_delivered(&office, 2);
        let periods = |office: &Office| -> Vec<String> {
            let mut all: Vec<String> = runs(office).iter().map(|run| text(&run["period"]).to_owned()).collect();
            all.sort();
            all
        };
        assert_eq!(periods(&office), ["2026-11-17", "2026-11-18"]);
        assert_eq!(distribution::round(office.app()).unwrap(), 0, "the older ones are not made by themselves later");
        let missed = |office: &Office| -> Vec<String> {
            let standings = distribution::standings(office.app()).unwrap();
            let period = standings[0].schedule.period;
            standings[0].missed.iter().map(|turn| period.name(turn.span)).collect()
        };
        assert_eq!(missed(&office), ["2026-11-16", "2026-11-15", "2026-11-14", "2026-11-13"]);
        let page =
            Person::of(&office, "giam-sat", Role::Oversight, "").see("/oversight/reports/deliveries").expect(200);
        assert!(page.text().contains("Đã lỡ"));
        assert!(distribution::deliver(office.app(), "ngay", Some("2026-11-14"), DOING).unwrap().1);
        assert!(!distribution::deliver(office.app(), "ngay", Some("2026-11-14"), DOING).unwrap().1);
        assert_eq!(missed(&office), ["2026-11-16", "2026-11-15", "2026-11-13"]);
        all_delivered(&office, 3);
    });
}

#[test]
fn a_year_without_a_calendar_is_told_and_made_up_for_when_it_is_loaded() {
    let store = TestStore::sqlite();
    let folder = tempfile::tempdir().unwrap();
    let toml = [folder_toml("so", folder.path()), schedule_toml("thang", "last_month", "\"csv\"", "\"so\"")].concat();
    let config = folder.path().join("giaonhan.toml");
    fs::write(&config, &toml).unwrap();
    let clock = clock("2026-12-10T08:00:00+07:00");
    let office = Office::start(&store, options(toml, &clock));
    known(&office);
    clock.advance_us(30 * DAY_US);
    assert_eq!(distribution::round(office.app()).unwrap(), 0);
    let standings = distribution::standings(office.app()).unwrap();
    let unknown: Vec<String> =
        standings[0].unknown.iter().map(|turn| standings[0].schedule.period.name(turn.span)).collect();
    assert_eq!(unknown, ["2027-01", "2026-12"]);
    let page = Person::of(&office, "giam-sat", Role::Oversight, "").see("/oversight/reports/deliveries").expect(200);
    assert!(page.text().contains("chưa nạp lịch làm việc năm 2027"));
    let calendar = "version = \"vn-2027\"\nvalid_from = \"2027-01-01\"\n[[year]]\nyear = 2027\nsource = \"QĐ\"\n[[week]]\n\
        days = [\"MON\", \"TUE\", \"WED\", \"THU\", \"FRI\"]\nsessions = [\"07:00-11:30\", \"13:30-17:00\"]\n[[day]]\n\
        date = \"2027-01-01\"\nkind = \"OFF\"\nname = \"Tết Dương lịch\"\n";
    giaonhan::app::calendar::load(office.app(), calendar, DOING).unwrap();
    let made = all_delivered(&office, 1);
    // Monday 4/1 is the first working day of the year.
    assert_eq!((text(&made[0]["period"]), text(&made[0]["dueAt"])), ("2026-12", "2027-01-05T07:00:00+07:00"));
}

#[test]
fn two_who_make_it_at_once_leave_one_cut() {
    each_backend("distribution_race", |store| {
        let clock = clock("2026-11-20T08:00:00+07:00");
        let folder = tempfile::tempdir().unwrap();
        let toml = [folder_toml("so", folder.path()), schedule_toml("ngay", "yesterday", "\"csv\"", "\"so\"")].concat();
        let start = || Office::start(&store, options(toml.clone(), &clock));
        let mut offices = vec![start()];
        offices.extend(store.is_postgres().then(start));
        let made: usize = std::thread::scope(|scope| {
            let takers = (0..6).map(|at| {
                let app = offices[at % offices.len()].app().clone();
                scope.spawn(move || distribution::deliver(&app, "ngay", Some("2026-11-10"), DOING).unwrap())
            });
            let takers: Vec<_> = takers.collect();
            let taken: Vec<_> = takers.into_iter().map(|taker| taker.join().unwrap()).collect();
            assert!(taken.iter().all(|(run, _)| run.cut_id == taken[0].0.cut_id), "all are told of the same");
            taken.iter().filter(|(_, fresh)| *fresh).count()
        });
        assert_eq!(made, 1);
        all_delivered(&offices[0], 1);
        assert_eq!(files(folder.path()).len(), 2);
        let count = |table: &str| Direct::to(&store).texts(&format!("SELECT count(*) || '' AS text FROM {table}"));
        assert_eq!([count("report_cut"), count("report_run"), count("outbox")].concat(), ["1", "1", "1"]);
    });
}

#[test]
fn a_kill_before_or_after_the_writing_leaves_one_file_with_the_same_bytes() {
    each_backend("distribution_crash", |store| {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        fs::create_dir(&out).unwrap();
        let config = folder.path().join("giaonhan.toml");
        let quick = "[outbox]\nlease_ms = 1000\npoll_ms = 20\norder_retry_s = [1]\n[webhook]\ntimeout_ms = 900\n";
        let toml =
            [quick.to_owned(), folder_toml("so", &out), schedule_toml("ngay", "yesterday", "\"json\"", "\"so\"")];
        fs::write(&config, toml.concat()).unwrap();
        let path = config.to_str().unwrap();
        let deaths = [
            "dispatch.after_claim",
            "dispatch.after_file",
            "dispatch.after_file:2",
            "dispatch.before_settle",
            "dispatch.after_settle",
        ];
        let mut cuts = Vec::new();
        for (day, point) in (10..).zip(deaths) {
            let period = format!("2026-10-{day}");
            let deliver = ["--json", "report", "deliver", "ngay", "--period", &period, "--config", path];
            let made = on_store(&store, &deliver).expect(0).object();
            assert_eq!(made["made"], true);
            let mut dies = Process::start(serve(&store, &config, &steady_address(), &[("fault.armed", point)]));
            assert_eq!(dies.end().signal(), Some(9), "{point}: {}", dies.log());
            let lives = Process::start(serve(&store, &config, &steady_address(), &[]));
            let name = format!("{period}_bcci-annex_{AGENCY}.json");
            let settled = || {
                let waiting = on_store(&store, &["outbox", "list", "--state", "SETTLED", "--json"]).expect(0).objects();
                (waiting.len() == cuts.len() + 1).then_some(())
            };
            until("it is delivered", BOUND, settled);
            lives.stop();
            let there = files(&out);
            assert_eq!(there.len(), 2 * (cuts.len() + 1), "{point}: {:?}", there.keys());
            let cut = text(&made["cutId"]).to_owned();
            let export = ["report", "export", &cut, "--format", "json", "--out", "-"];
            assert_eq!(there[&name], on_store(&store, &export).expect(0).stdout.into_bytes(), "{point}");
            assert_eq!(
                there[&format!("{name}.sha256")],
                format!("{}  {name}\n", sha256_hex(&there[&name])).into_bytes()
            );
            assert_eq!(on_store(&store, &deliver).expect(0).object()["made"], false);
            cuts.push(cut);
        }
        assert_eq!(standing(&store, &config)["schedule"], "ngay");
    });
}

#[test]
fn receivers_of_alerts_are_told_once_and_in_order() {
    each_backend("distribution_notice", |store| {
        let clock = clock("2026-11-20T08:00:00+07:00");
        let (folder, hears) = (tempfile::tempdir().unwrap(), StandIn::start(|_| Answer::empty(204)));
        let quiet = tempfile::tempdir().unwrap();
        let toml = [
            format!("{}alerts = true\n", folder_toml("so", folder.path())),
            format!("{}alerts = true\n", hook_toml("truc", hears.url())),
            folder_toml("khac", quiet.path()),
        ];
        let office = Office::start(&store, options(toml.concat(), &clock));
        let tell = |type_: &str, after_us: i64| {
            let at = clock.now().plus_us(after_us);
            let notice = Notice {
                type_,
                id: "al_1",
                subject: "SILENCE:post",
                at,
                data: json!({"kind": "SILENCE", "subject": "post"}),
            };
            distribution::tell(office.app(), &notice).unwrap()
        };
        assert_eq!((tell("alert.opened", 0), tell("alert.opened", 0), tell("alert.cleared", 1)), (2, 0, 2));
        until("both are told", SOON, || (hears.count() == 2 && files(folder.path()).len() == 2).then_some(()));
        let heard = hears.each(|call| {
            signed(call, clock.now());
            call.json().unwrap()
        });
        assert_eq!((text(&heard[0]["type"]), text(&heard[1]["type"])), ("alert.opened", "alert.cleared"));
        let written = files(folder.path());
        let opened = written.iter().find(|(name, _)| name.contains("_alert-opened_")).unwrap();
        assert!(opened.0.starts_with("2026-11-20T080000_") && opened.0.ends_with(".json"), "{}", opened.0);
        assert_eq!(serde_json::from_slice::<Value>(opened.1).unwrap(), heard[0]);
        assert!(files(quiet.path()).is_empty());
    });
}

#[test]
fn wrong_settings_are_told_with_their_field() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("giaonhan.toml");
    let gone = folder.path().join("gone");
    let good = folder_toml("so", folder.path());
    let schedule = |from: &str, to: &str| {
        let text = schedule_toml("thang", "last_month", "\"csv\"", "\"so\"");
        assert!(text.contains(from));
        format!("{good}{}", text.replace(from, to))
    };
    let hook = hook_toml("truc", "http://127.0.0.1:1");
    let bucket = Bucket::start().toml("kho", "");
    let cases = [
        (schedule("bcci-annex", "bcci-anex"), "report_schedules.thang.report", "bcci-annex"),
        (schedule("\"csv\"", "\"doc\""), "report_schedules.thang.formats", "json, csv, xlsx, pdf"),
        (schedule("[\"so\"]", "[\"sở\"]"), "report_schedules.thang.receivers", "no name of [[receivers]]"),
        (schedule("[\"so\"]", "[]"), "report_schedules.thang.receivers", "at least one"),
        (schedule("last_month", "monthly"), "report_schedules.thang.period", "last_month"),
        (schedule("formats", "working_day = 0\nformats"), "report_schedules.thang.working_day", "between 1 and 15"),
        (schedule("formats", "time = \"7h\"\nformats"), "report_schedules.thang.time", "time of day"),
        (schedule("formats", "language = \"fr\"\nformats"), "report_schedules.thang.language", "neither vi nor en"),
        (schedule("H32.15", "h32"), "report_schedules.thang.agency", "0-9 A-Z"),
        (schedule("name = \"thang\"", "name = \"Tháng\""), "report_schedules.name", "needs a name"),
        (
            schedule_toml("khac", "last_month", "\"pdf\"", "\"so\"") + &schedule("formats", "formats"),
            "report_schedules.thang.receivers",
            "same report of the same period",
        ),
        (good.replace("kind", "url = \"http://x\"\nkind"), "receivers.so.url", "does not use this"),
        (hook.replace(SECRET, "mat-khau"), "receivers.truc.secret", "whsec_"),
        (hook.replace("secret =", "old_secret ="), "receivers.truc.secret", "needs this"),
        (bucket.replace("http://", "s3://"), "receivers.kho.endpoint", "write http://"),
        (bucket.replace("prefix = \"\"", "prefix = \"/giao nhận\""), "receivers.kho.prefix", "single slashes"),
        (bucket.replace("kind = \"bucket\"", "kind = \"s3\""), "receivers.kho.kind", "folder"),
    ];
    for (toml, field, said) in cases {
        fs::write(&config, &toml).unwrap();
        let ended = run(program(&["config", "explain", "--config", config.to_str().unwrap()]));
        assert_ne!(ended.code, Some(0), "{toml}");
        assert!(
            ended.stderr.contains(&format!("{field} (")) && ended.stderr.contains(said),
            "{field}: {}",
            ended.stderr
        );
    }
    // A share that is away keeps nobody from starting: its files wait.
    fs::write(&config, folder_toml("so", &gone)).unwrap();
    run(program(&["config", "explain", "--config", config.to_str().unwrap()])).expect(0);
    fs::write(&config, format!("{bucket}{hook}")).unwrap();
    let shown = run(program(&["config", "explain", "--config", config.to_str().unwrap()])).expect(0).stdout;
    assert!(
        !shown.contains("giaonhan/test+secret")
            && !shown.contains(SECRET)
            && shown.contains("receivers.kho.secret_key = ***")
    );
}
