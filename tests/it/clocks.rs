//! The legal clocks of legs in a store: what they say is a function of the ledger, and what nobody said is unknown.

use crate::support::office::leg_ids;
use crate::support::process::on_store;
use crate::support::{Office, Options, Papers, TestStore, each_backend};
use giaonhan::app::clocks;
use giaonhan::domain::clocks::{ClockId, Status, Unknown};

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
fn the_command_line_tells_clocks_and_doubts() {
    let store = TestStore::sqlite();
    let leg_id = {
        let office = Office::start(&store, Options::default());
        leg_ids(&office.declare(&office.post(), &Papers::new(61).taken_intake(1))).remove(0)
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
}
