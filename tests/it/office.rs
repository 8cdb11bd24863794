//! The office of the tests itself: the quick start of the contract from declaring to confirming, and a story as it is told.

use crate::support::office::leg_ids;
use crate::support::papers::{at, proven};
use crate::support::story::story;
use crate::support::{Office, Options, Papers, each_backend};
use giaonhan::base::time::{Clock, Ts};

#[test]
fn a_result_goes_from_the_desk_to_the_citizen() {
    each_backend("a result", |store| {
        let clock = Clock::fixed(Ts::parse_rfc3339("2026-11-20T08:00:00+07:00").unwrap());
        let mut office = Office::start(&store, Options::default().clock(&clock));
        let papers = Papers::new(1);
        let receipt = office.declare(&office.desk(), &papers.manifest("RESULT", 2));
        let legs = leg_ids(&receipt);
        clock.advance_us(15 * 60_000_000);
        let done = office.hand_over("AGENCY", "POST", &legs);
        assert_eq!(done["status"], "COMPLETED");
        assert_eq!(office.stands(&legs[0]), ("ACCEPTED".to_owned(), "POST".to_owned()));
        office.restart();
        let results = office.report(
            &office.post(),
            &[proven("a", &legs[0], "DELIVERED", &at(90)), proven("b", &legs[0], "CONFIRMED", &at(95))],
        );
        assert!(results.iter().all(|result| result["advanced"] == true), "{results:?}");
        let custody = office.desk().get(format!("/v1/legs/{}/custody", legs[0])).expect(200).json();
        insta::assert_snapshot!(story(&custody), @"
        now CONFIRMED, held by CITIZEN
        20/11 08:00  REGISTERED               AGENCY one-stop-nha-trang  REGISTERED           AGENCY
        20/11 08:15  ACCEPTED                 POST post-khanh-hoa        ACCEPTED             AGENCY → POST      handover
        20/11 09:30  DELIVERED                POST post-khanh-hoa        DELIVERED_REPORTED   POST
        20/11 09:35  CONFIRMED                POST post-khanh-hoa        CONFIRMED            POST → CITIZEN
        ");
        office.published();
        let types: Vec<_> =
            office.desk().feed().iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect();
        assert_eq!(types[0], "manifest.accepted");
        assert_eq!(types.iter().filter(|each| *each == "leg.confirmed").count(), 1);
    });
}
