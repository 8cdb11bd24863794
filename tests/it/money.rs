//! Fee money as a chain of its own: collected, paid over, received; what is outstanding, overdue, different (domain 3.7, recipe 14).

use crate::support::office::{AGENCY, SOON, leg_ids};
use crate::support::papers::{at, fact};
use crate::support::process::on_store;
use crate::support::{Office, Options, Papers, Person, each_backend, until};
use giaonhan::app::people::Doing;
use giaonhan::app::{App, desk, money};
use giaonhan::base::time::{Clock, DAY_US, Ts};
use giaonhan::domain::access::Agencies;
use giaonhan::domain::money::{Mismatch, Standing};
use giaonhan::domain::person::Role;
use giaonhan::store::read::tallies::{Slice, kept_up_to};
use serde_json::json;

const FEE: i64 = 115_000;

/// Money of a leg changes hands.
fn paid(office: &Office, id: &str, leg: &str, event: &str, amount: i64, minutes: i64) {
    let mut fact = fact(id, leg, event, &at(minutes));
    fact["amount"] = json!(amount);
    fact["receiptNo"] = json!(format!("BL-26A {id}"));
    office.report(&office.post(), &[fact]);
}

fn rolled_up(app: &App) {
    until("every leg is rolled up", SOON, || {
        let fresh = app.store.read(kept_up_to).unwrap();
        (fresh.due == 0 && fresh.rolled_up_at_us > 0).then_some(())
    });
}

fn outstanding(app: &App, as_of: Ts) -> Vec<(String, i64, Standing)> {
    rolled_up(app);
    let found = money::outstanding(app, &Agencies::All, &Slice::default(), as_of).unwrap();
    found.into_iter().map(|one| (one.leg.id, one.chain.outstanding(), one.standing)).collect()
}

/// 20 November 2026 is a Friday, so that two working days later is the Tuesday.
fn agreed() -> Options {
    let clock = Clock::fixed(Ts::parse_rfc3339("2026-11-20T18:00:00+07:00").unwrap());
    Options::default().timeless().set("clocks.fee_remittance_days", 2).clock(&clock)
}

#[test]
fn recipe_14_fee() {
    each_backend("recipe 14", |store| {
        let options = agreed();
        let clock = options.clock.clone();
        let office = Office::start(&store, options);
        let app = office.app();
        let legs = leg_ids(&office.declare(&office.post(), &Papers::new(14).taken_intake(3)));
        for leg in &legs {
            paid(&office, &format!("c-{leg}"), leg, "FEE_COLLECTED", FEE, 10);
        }
        for leg in &legs[..2] {
            paid(&office, &format!("r-{leg}"), leg, "FEE_REMITTED", FEE, 90);
        }
        let friday = clock.now();
        assert_eq!(outstanding(app, friday), [(legs[2].clone(), FEE, Standing::Waiting)]);
        assert_eq!(money::watch(app).unwrap(), 0, "in time");

        // Past the term: one discrepancy, and looking again writes nothing.
        clock.advance_us(5 * DAY_US);
        assert_eq!(outstanding(app, clock.now()), [(legs[2].clone(), FEE, Standing::Overdue)]);
        until("what is overdue is named", SOON, || (!office.discrepancies(&legs[2]).is_empty()).then_some(()));
        assert_eq!(office.discrepancies(&legs[2]), ["FEE_NOT_REMITTED"]);
        assert_eq!(money::watch(app).unwrap(), 0, "without news nothing is written");
        let held = money::by_place(
            &money::outstanding(app, &Agencies::All, &Slice::default(), clock.now()).unwrap(),
            clock.now(),
        );
        let [held] = held.as_slice() else { panic!("{held:?}") };
        assert_eq!((held.agency_code.as_str(), held.post_office_code.as_str()), (AGENCY, "650100"));
        assert_eq!((held.legs, held.outstanding, held.overdue, held.by_age), (1, FEE, FEE, [0, FEE, 0, 0]));
        let other = Agencies::Only(vec!["H32.99".to_owned()]);
        assert!(money::outstanding(app, &other, &Slice::default(), clock.now()).unwrap().is_empty());

        // The page and the command line tell the same.
        let overseer = Person::of(&office, "giam-sat", Role::Oversight, "");
        let page = overseer.see("/oversight/money").expect(200);
        assert!(page.text().contains("115.000"), "{}", page.text());
        let told = on_store(&store, &["money", "--json", "--as-of", "2026-11-20"]).expect(0).objects();
        assert_eq!((&told[0]["legId"], &told[0]["outstanding"]), (&json!(legs[2]), &json!(FEE)));
        assert_eq!((&told[1]["postOfficeCode"], &told[1]["legs"]), (&json!("650100"), &json!(1)));
        on_store(&store, &["money", "--as-of", "yesterday"]).expect(2);

        // Paid over late: the discrepancy heals, and what stood on Friday is told as it was.
        paid(&office, "late", &legs[2], "FEE_REMITTED", FEE, 4 * 24 * 60 + 600);
        assert!(outstanding(app, clock.now()).is_empty());
        let open = || office.oversight().all(&format!("/v1/discrepancies?legId={}&state=OPEN", legs[2]));
        until("it heals", SOON, || open().is_empty().then_some(()));
        assert_eq!(outstanding(app, friday), [(legs[2].clone(), FEE, Standing::Waiting)]);
    });
}

#[test]
fn amounts_that_differ_are_found_and_named_with_what_each_book_says() {
    each_backend("amounts", |store| {
        let options = agreed();
        let office = Office::start(&store, options);
        let app = office.app();
        let legs = leg_ids(&office.declare(&office.post(), &Papers::new(15).taken_intake(2)));
        for leg in &legs {
            paid(&office, &format!("c-{leg}"), leg, "FEE_COLLECTED", FEE, 10);
        }
        paid(&office, "short", &legs[0], "FEE_REMITTED", 100_000, 90);
        paid(&office, "whole", &legs[1], "FEE_REMITTED", FEE, 90);
        let clerk = Person::of(&office, "mot-cua", Role::DeskClerk, AGENCY);
        let doing = Doing { person: Some(&clerk.id), request_id: "test" };
        desk::receive(app, AGENCY, desk::Kind::Money, &legs[1..], doing).unwrap();
        rolled_up(app);
        until("what differs is named", SOON, || (!office.discrepancies(&legs[0]).is_empty()).then_some(()));
        assert_eq!(office.discrepancies(&legs[0]), ["FEE_MISMATCH"]);
        assert!(office.discrepancies(&legs[1]).is_empty(), "collected, paid over and received are alike");
        let listed = money::outstanding(app, &Agencies::All, &Slice::default(), app.now()).unwrap();
        let [one] = listed.as_slice() else { panic!("{}", listed.len()) };
        assert_eq!((one.chain.outstanding(), one.chain.mismatches()), (15_000, vec![Mismatch::Remitted]));

        // The rest comes: the two payments are what was collected.
        paid(&office, "rest", &legs[0], "FEE_REMITTED", 15_000, 120);
        rolled_up(app);
        let open = || office.oversight().all(&format!("/v1/discrepancies?legId={}&state=OPEN", legs[0]));
        until("it heals", SOON, || open().is_empty().then_some(()));
    });
}
