//! The one-stop software (OpenCPS) hears how its dossiers stand: values, and the action that confirms the papers.

use crate::support::office::leg_ids;
use crate::support::process::BOUND;
use crate::support::town::{software, software_toml};
use crate::support::{Office, Options, Papers, each_backend, until};
use serde_json::{Value, json};

/// The dossier as the one-stop software holds it, when the fields are as they should be.
fn holds(ledger: &Value, dossier_no: &str, field: &str, value: u64) -> Option<Value> {
    let dossiers = ledger["dossiers"].as_array().unwrap().iter();
    let dossier = dossiers.into_iter().find(|one| one["dossierNo"] == dossier_no)?;
    let held = dossier[field].as_u64().or_else(|| dossier[field].as_str()?.parse().ok());
    (held == Some(value)).then(|| dossier.clone())
}

#[test]
fn a_number_that_is_bound_after_the_papers_came_is_told_with_the_action() {
    each_backend("one_stop", |store| {
        let software = software("");
        let toml =
            format!("{}received_action_code = \"8000\"\naction_user = \"canbo.mau\"\n", software_toml(software.url()));
        let office = Office::start(&store, Options { toml, ..Options::default() });
        let papers = Papers::new(71);
        let mut manifest = papers.taken_intake(1);
        manifest["lines"][0].as_object_mut().unwrap().remove("dossierNo");
        let legs = leg_ids(&office.declare(&office.post(), &manifest));
        office.hand_over("POST", "AGENCY", &legs);
        assert_eq!(office.stands(&legs[0]), ("CONFIRMED".to_owned(), "AGENCY".to_owned()));

        let dossier_no = papers.dossier_no();
        let known = json!({"legKind": "INTAKE", "agencyCode": "H32.15", "lines": [{"dossierNo": dossier_no}]});
        crate::support::town::know(&software, &known);
        let bound = json!({"factId": "mc-1", "legId": legs[0], "event": "CASE_RECEIVED", "dossierNo": dossier_no,
                           "occurredAt": "2026-11-20T15:00:00+07:00"});
        office.report(&office.desk(), &[bound]);

        let dossier = until("the papers are confirmed there", BOUND, || {
            holds(&software.ledger(), &dossier_no, "vnpostalStatus", 3)
        });
        let actions = dossier["actions"].as_array().unwrap();
        assert_eq!((actions.len(), &actions[0]["actionCode"]), (1, &json!("8000")));
        assert_eq!(software.ledger()["violations"], 0);
    });
}

#[test]
fn a_result_is_told_as_returned_only_when_the_citizen_has_it() {
    each_backend("one_stop_result", |store| {
        let software = software("");
        let office = Office::start(&store, Options { toml: software_toml(software.url()), ..Options::default() });
        let manifest = Papers::new(72).manifest("RESULT", 1);
        crate::support::town::know(&software, &manifest);
        let legs = leg_ids(&office.declare(&office.desk(), &manifest));
        let dossier_no = manifest["lines"][0]["dossierNo"].as_str().unwrap();
        office.hand_over("AGENCY", "POST", &legs);
        until("with the post", BOUND, || holds(&software.ledger(), dossier_no, "viaPostal", 3));
        let at = "2099-01-01T10:00:00+07:00";
        office.report(&office.post(), &[crate::support::papers::fact("d", &legs[0], "DELIVERED", at)]);
        office.report(&office.post(), &[crate::support::papers::proven("c", &legs[0], "CONFIRMED", at)]);
        let dossier = until("with the citizen", BOUND, || holds(&software.ledger(), dossier_no, "viaPostal", 4));
        let written = dossier["history"].as_array().unwrap().iter();
        let values: Vec<&Value> = written.filter(|one| one["field"] == "viaPostal").map(|one| &one["to"]).collect();
        assert_eq!(values.len(), 2, "3 while the post has it, 4 at the end: {values:?}");
    });
}
