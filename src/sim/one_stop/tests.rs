//! The simulated one-stop software against plain HTTP calls.

use super::*;
use crate::base::time::Ts;
use crate::sim::client::{Client, Reply, Request};
use crate::sim::faults::parse_plan;
use ring::hmac;

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
const NOW: &str = "2026-11-23T08:00:00+07:00";

struct Bench {
    handle: Handle,
    client: Client,
}

fn bench(faults: &str) -> Bench {
    let options = Options {
        secrets: vec![SECRET.to_owned()],
        faults: parse_plan(faults).unwrap(),
        stall: Duration::from_millis(20),
        clock: Clock::fixed(Ts::parse_rfc3339(NOW).unwrap()),
        ..Options::default()
    };
    Bench { handle: start(options).unwrap(), client: Client::new().unwrap() }
}

impl Bench {
    async fn rest(&self, method: &str, path: &str, form: &str) -> Result<Reply, String> {
        let mut request = Request::new(method, format!("{}/o/rest/v2{path}", self.handle.url()))
            .header("authorization", basic("simulator", "simulator-only"))
            .header("groupId", "35417");
        if !form.is_empty() {
            request = request.body("application/x-www-form-urlencoded", form.as_bytes());
        }
        self.client.send(&request).await
    }

    async fn hook(&self, id: &str, at: i64, body: &str) -> Result<Reply, String> {
        let key = STANDARD.decode(SECRET.trim_start_matches("whsec_")).unwrap();
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), format!("{id}.{at}.{body}").as_bytes());
        let request = Request::new("POST", format!("{}/hooks/giaonhan", self.handle.url()))
            .header("webhook-id", id)
            .header("webhook-timestamp", at.to_string())
            .header("webhook-signature", format!("v1,{}", STANDARD.encode(tag.as_ref())))
            .body("application/json", body);
        self.client.send(&request).await
    }

    fn ledger(&self, pointer: &str) -> Value {
        self.handle.ledger().pointer(pointer).cloned().unwrap_or(Value::Null)
    }

    async fn seed(&self) {
        let body = json!([{"dossierNo": "H32.15-261123-00001", "govAgencyCode": "H32.15", "viaPostal": 2}]);
        let request = Request::new("POST", format!("{}/_sim/dossiers", self.handle.url())).json(&body);
        assert_eq!(self.client.send(&request).await.unwrap().status, 200);
    }
}

fn now() -> i64 {
    Ts::parse_rfc3339(NOW).unwrap().us() / 1_000_000
}

fn leg_event(leg: &str, state: &str) -> String {
    json!({"type": format!("leg.{}", state.to_lowercase()), "timestamp": NOW, "data": {
        "legId": leg, "legKind": "RESULT", "agencyCode": "H32.15", "manifestId": "mf_1", "manifestNo": "BK-1", "lineNo": 1,
        "dossierNo": "H32.15-261123-00001", "consignmentNoteNo": null, "itemNumber": null, "state": state, "holder": "POST",
        "occurredAt": NOW}})
    .to_string()
}

#[tokio::test]
async fn the_rest_face_keeps_the_habits_of_the_real_one() {
    let bench = bench("");
    bench.seed().await;
    let bare = Request::new("GET", format!("{}/o/rest/v2/dossiers/1", bench.handle.url()));
    assert_eq!(bench.client.send(&bare).await.unwrap().status, 203, "no login is 203");
    let found = bench.rest("GET", "/dossiers/H32.15-261123-00001", "").await.unwrap().json();
    assert_eq!(
        (&found["dossierId"], &found["viaPostal"], &found["vnpostalStatus"]),
        (&json!(96_001), &json!("2"), &json!(0))
    );
    let uid = found["referenceUid"].as_str().unwrap().to_owned();
    assert_eq!(bench.rest("GET", &format!("/dossiers/{uid}"), "").await.unwrap().json(), found);
    assert_eq!(bench.rest("GET", "/dossiers/96001", "").await.unwrap().json(), found);
    assert_eq!(bench.rest("GET", "/dossiers?viapostal=2", "").await.unwrap().json()["total"], 1);
    let missing = bench.rest("GET", "/dossiers/H32.15-261123-00009", "").await.unwrap();
    assert_eq!((missing.status, &missing.json()["description"]), (403, &json!("No Content.")));

    assert_eq!(bench.rest("PUT", "/dossiers/96001", "viaPostal=3&postalCodeSend=EA1").await.unwrap().status, 200);
    assert_eq!(bench.rest("PUT", "/dossiers/H32.15-261123-00001/dossierNo", "viaPostal=4").await.unwrap().status, 200);
    assert_eq!(bench.rest("PUT", "/dossiers/96001", "viaPostal=9").await.unwrap().status, 403);
    assert_eq!(bench.rest("PUT", "/dossiers/96001", "viaPostel=4").await.unwrap().status, 403);
    assert_eq!(
        bench.rest("POST", "/dossiers/96001/actions", "actionCode=8000&actionNote=x%20y").await.unwrap().status,
        200
    );
    assert_eq!(bench.rest("POST", "/dossiers/96001/actions", "actionNote=x").await.unwrap().status, 403);
    assert_eq!(bench.ledger("/dossiers/0/viaPostal"), 4);
    let written = bench.ledger("/dossiers/0/history");
    assert_eq!(written[2], json!({"field": "viaPostal", "from": 3, "to": 4}));
    assert_eq!(bench.ledger("/dossiers/0/actions/0/actionNote"), "x y");
    assert_eq!(bench.ledger("/violations"), 5);
}

#[tokio::test]
async fn a_search_reads_days_strictly_and_shows_page_after_page() {
    let bench = bench("");
    let dossier = |n: u32, received: &str| {
        json!({"dossierNo": format!("H32.15-261123-0000{n}"), "viaPostal": 2, "dossierStatus": "releasing",
               "receiveDate": received, "releaseDate": format!("1{n}/11/2026 23:59:59")})
    };
    let seeds = json!([dossier(1, "01/11/2026 08:00:00"), dossier(2, "02/11/2026 00:00:00"), dossier(3, "")]);
    let seed = |seeds: &Value| Request::new("POST", format!("{}/_sim/dossiers", bench.handle.url())).json(seeds);
    assert_eq!(bench.client.send(&seed(&seeds)).await.unwrap().status, 200);
    for wrong in
        [json!([{"dossierNo": "x", "receiveDate": "2026-11-01"}]), json!([{"dossierNo": "x", "dossierStatus": "9"}])]
    {
        assert_eq!(bench.client.send(&seed(&wrong)).await.unwrap().status, 400);
    }
    let total = async |query: &str| {
        let found = bench.rest("GET", &format!("/dossiers?{query}"), "").await.unwrap().json();
        (found["total"].as_u64().unwrap(), found["data"].as_array().unwrap().len())
    };
    assert_eq!(total("fromReceiveDate=01/11/2026&toReceiveDate=01/11/2026").await, (1, 1));
    assert_eq!(total("viapostal=2&fromReleaseDate=12/11/2026&toReleaseDate=13/11/2026").await, (2, 2), "both ends");
    assert_eq!(total("toReceiveDate=30/11/2026").await, (2, 2), "an empty date lies nowhere");
    assert_eq!((total("start=0&end=2").await, total("start=2&end=4").await), ((3, 2), (3, 1)));
    assert_eq!(bench.ledger("/violations"), 0);
    assert_eq!(total("fromReceiveDate=2026-11-02").await, (3, 3), "what it cannot read it leaves out of account");
    assert_eq!(total("fromReceiveDate=2/11/2026").await, (3, 3));
    assert_eq!(bench.ledger("/violations"), 2);
}

#[tokio::test]
async fn webhooks_are_believed_only_when_they_verify() {
    let bench = bench("");
    let body = leg_event("leg_1", "ACCEPTED");
    assert_eq!(bench.hook("ev_1", now(), &body).await.unwrap().status, 204);
    assert_eq!(bench.hook("ev_1", now() + 9, &body).await.unwrap().status, 204, "a repeat is fine");
    assert_eq!(bench.hook("ev_2", now() - 301, &body).await.unwrap().status, 401, "too old");
    let forged = Request::new("POST", format!("{}/hooks/giaonhan", bench.handle.url()))
        .header("webhook-id", "ev_3")
        .header("webhook-timestamp", now().to_string())
        .header("webhook-signature", "v1,AAAA")
        .body("application/json", body);
    assert_eq!(bench.client.send(&forged).await.unwrap().status, 401);
    assert_eq!(bench.hook("ev_4", now(), &leg_event("leg_1", "CONFIRMED")).await.unwrap().status, 204);
    assert_eq!(bench.hook("ev_5", now(), &leg_event("leg_1", "IN_TRANSIT")).await.unwrap().status, 204);
    assert_eq!(
        bench.hook("ev_6", now(), &leg_event("leg_2", "ORDERED").replace("lineNo", "lineNumber")).await.unwrap().status,
        204
    );
    let webhooks = bench.ledger("/webhooks");
    assert_eq!(webhooks["messages"], 4);
    assert_eq!(webhooks["duplicates"], 1);
    assert_eq!((&webhooks["badSignatures"], &webhooks["badTimestamps"]), (&json!(1), &json!(1)));
    assert_eq!(webhooks["orderViolations"], 1, "confirmed, then in transit");
    assert_eq!(bench.ledger("/legs/leg_1/states"), json!(["ACCEPTED", "CONFIRMED", "IN_TRANSIT"]));
    assert_eq!(bench.ledger("/violations"), 1, "the misspelt field was seen");
}

#[tokio::test]
async fn a_stored_message_may_stay_unanswered_and_comes_again() {
    let bench = bench("E2:1,BUSY:1,GONE:1");
    let body = leg_event("leg_1", "ACCEPTED");
    let mut statuses = Vec::new();
    while statuses.last() != Some(&204) && statuses.len() < 9 {
        statuses.push(bench.hook("ev_1", now(), &body).await.map_or(0, |reply| reply.status));
    }
    assert_eq!(statuses, [503, 410, 0, 204]);
    assert_eq!(bench.ledger("/legs/leg_1/states"), json!(["ACCEPTED"]));
    assert_eq!(bench.ledger("/webhooks/duplicates"), 1);
}
