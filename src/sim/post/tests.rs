//! The simulated operator against plain HTTP calls.

use super::*;
use crate::sim::client::{Client, Reply, Request};
use crate::sim::faults::parse_plan;
use base64::Engine;
use serde_json::json;

struct Bench {
    handle: Handle,
    client: Client,
    token: String,
}

async fn bench(family: Family, faults: &str) -> Bench {
    bench_with(family, faults, |_| {}).await
}

async fn bench_with(family: Family, faults: &str, change: impl FnOnce(&mut Options)) -> Bench {
    let mut options = Options::new(family);
    options.faults = parse_plan(faults).unwrap();
    options.stall = Duration::from_millis(50);
    options.clock = Clock::fixed(Ts::parse_rfc3339("2026-11-23T08:00:00+07:00").unwrap());
    change(&mut options);
    let handle = start(options).unwrap();
    Bench { handle, client: Client::new().unwrap(), token: String::new() }
}

impl Bench {
    async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Result<Reply, String> {
        let mut request = Request::new(method, format!("{}{path}", self.handle.url()));
        if !self.token.is_empty() {
            request = request.header("token", self.token.clone());
        }
        if let Some(body) = &body {
            request = request.json(body);
        }
        self.client.send(&request).await
    }

    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Reply {
        self.send(method, path, body).await.unwrap()
    }

    async fn login(&mut self) {
        let body = json!({"username": "simulator", "password": "simulator-only", "customerCode": "T000SIM001"});
        let reply = self.call("POST", "/GetAccessToken", Some(body)).await;
        self.token = reply.json()["token"].as_str().unwrap().to_owned();
    }

    fn ledger(&self, pointer: &str) -> Value {
        self.handle.ledger().pointer(pointer).cloned().unwrap_or(Value::Null)
    }
}

fn p4(code: &str) -> Value {
    json!({"orderCreationStatus": 1, "type": "GUI", "customerCode": "T000SIM001", "contractCode": null,
        "informationOrder": {
            "senderName": "UBND phường Nha Trang", "senderPhone": "02583000001", "senderAddress": "42 Lê Thánh Tôn",
            "senderProvinceCode": "56", "senderDistrictCode": "VNPOST", "senderCommuneCode": "22366",
            "receiverName": "Nguyễn Thị Mẫu", "receiverPhone": "+84900000041", "receiverAddress": "12 Trần Phú",
            "receiverProvinceCode": "56", "receiverDistrictCode": "VNPOST", "receiverCommuneCode": "22366",
            "serviceCode": "CTN009", "saleOrderCode": code, "contentNote": "Kết quả", "weight": "100", "sendType": "1"}})
}

fn p2(code: &str) -> Value {
    json!({"SoDonHang": code, "MaKhachHang": "T000SIM001", "TenNguoiGui": "UBND phường Nha Trang",
        "DiaChiNguoiGui": "42 Lê Thánh Tôn", "DienThoaiNguoiGui": "02583000001", "NoiDungHang": "Kết quả", "SoTienCOD": 0,
        "TenNguoiNhan": "Trần Văn Thử", "DiaChiNguoiNhan": "Tổ 4", "DienThoaiNguoiNhan": "0900000052"})
}

const P2: &str = "/serviceApi/v1/postDieuTin?token=simulator-only-token";

#[tokio::test]
async fn myvnpost_takes_an_order_once_and_answers_what_is_asked() {
    let mut bench = bench(Family::MyVnpost, "").await;
    assert_eq!(bench.call("POST", "/CreateOrder", Some(p4("A-1"))).await.status, 401, "no login, no order");
    bench.login().await;
    let created = bench.call("POST", "/CreateOrder", Some(p4("A-1"))).await.json();
    let record = created.get("data").unwrap_or(&created).clone();
    assert_eq!(record["status"], "1");
    assert_eq!(record["createdDate"], "23/11/2026 08:00:00");
    let item = record["itemCode"].as_str().unwrap().to_owned();
    assert_eq!(item.len(), 13);

    bench.call("POST", "/CreateOrder", Some(p4("A-1"))).await;
    assert_eq!(bench.ledger("/counts/orders"), 1);
    assert_eq!(bench.ledger("/duplicateOrders"), 1);
    assert_eq!(bench.ledger("/duplicatesWithoutReason"), 1);
    assert_eq!(bench.ledger("/orders/0/phones"), json!(["583000001", "900000041"]).clone());

    let path = "/_sim/orders/A-1/events";
    let event = json!({"status": "14", "time": "2026-11-23T10:05:00+07:00", "office": "650200", "attempt": 1, "receiver": "Nguyễn Thị Mẫu"});
    assert_eq!(bench.call("POST", path, Some(event)).await.status, 200);
    let asked = bench.call("GET", "/getOrder?type=2&code=A-1", None).await.json();
    assert_eq!(asked[0]["results"][0]["status"], "14");
    assert_eq!(asked[0]["results"][0]["updatedDate"], "23/11/2026 10:05:00");
    let by_item = bench.call("GET", &format!("/getOrder?type=1&code={item}"), None).await.json();
    assert_eq!(by_item, asked);
    assert_eq!(bench.call("GET", "/getOrder?type=2&code=B", None).await.json(), json!([{"results": []}]));
    let history = bench.call("GET", "/GetStatusHistoryOrder?type=2&code=A-1", None).await.json();
    let codes: Vec<_> =
        history["data"]["statusHistory"].as_array().unwrap().iter().map(|it| &it["statusCode"]).collect();
    assert_eq!(codes, ["1", "14"]);
    let window = "lastUpdateFrom=23-11-2026&lastUpdateTo=23-11-2026&type=GUI&isInternational=false";
    let listed = bench.call("GET", &format!("/GetListOrder?{window}&size=500&page=0"), None).await.json();
    assert_eq!(listed["results"].as_array().unwrap().len(), 1);
    let later = bench.call("GET", &format!("/GetListOrder?{window}&size=500&page=1"), None).await.json();
    assert_eq!(later["results"], json!([]));
}

#[tokio::test]
async fn both_families_refuse_what_is_not_theirs_loudly() {
    let mut four = bench(Family::MyVnpost, "").await;
    four.login().await;
    let mut wrong = p4("A-1");
    wrong["informationOrder"]["weight"] = json!(100);
    wrong["informationOrder"]["reciverName"] = json!("x");
    wrong["informationOrder"].as_object_mut().unwrap().remove("receiverName");
    let reply = four.call("POST", "/CreateOrder", Some(wrong)).await;
    assert_eq!((reply.status, &reply.json()["success"]), (400, &json!(false)));
    let message = reply.json()["errorMessage"].as_str().unwrap().to_owned();
    for part in [
        "informationOrder.reciverName: unknown field",
        "informationOrder.receiverName: missing",
        "informationOrder.weight",
    ] {
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(four.call("GET", "/GetListOrder?lastUpdateFrom=2026-11-23", None).await.status, 400);
    assert_eq!((four.ledger("/violations"), four.ledger("/counts/orders")), (json!(2), json!(0)));

    let two = bench(Family::Hcc, "").await;
    assert_eq!(two.call("POST", "/serviceApi/v1/postDieuTin?token=x", Some(p2("A-1"))).await.status, 401);
    let mut wrong = p2("A-1");
    wrong["SoTienCOD"] = json!("0");
    let reply = two.call("POST", P2, Some(wrong)).await;
    assert_eq!((reply.status, &reply.json()["Status"]), (200, &json!(false)));
    assert_eq!(two.ledger("/violations"), 2);
    assert_eq!(two.call("POST", "/_sim/orders/A-1/events", Some(json!({"status": "DELIVERED"}))).await.status, 404);
}

#[tokio::test]
async fn hcc_feeds_have_row_ordinals_and_documented_types() {
    let bench = bench(Family::Hcc, "").await;
    for code in ["A-1", "A-2", "A-3"] {
        assert_eq!(bench.call("POST", P2, Some(p2(code))).await.json()["Status"], true);
        let path = format!("/_sim/orders/{code}/events");
        let life = json!([
            {"status": "ACCEPTED", "time": "2026-11-23T08:10:00+07:00", "office": "650100"},
            {"status": "ATTEMPT_FAILED", "time": "2026-11-23T09:15:00+07:00", "attempt": 1, "cause": "Người nhận đi vắng"},
            {"status": "DELIVERED", "time": "2026-11-23T15:00:00+07:00", "attempt": 2, "receiver": "Trần Văn Thử"}]);
        assert_eq!(bench.call("POST", &path, Some(life)).await.status, 200);
    }
    let bad = bench.call("POST", "/_sim/orders/A-1/events", Some(json!({"status": "14"}))).await;
    assert_eq!(bad.status, 400);
    let accepted =
        bench.call("GET", "/serviceApi/v1/getAcceptance?token=simulator-only-token&DataCode=A-2", None).await.json();
    assert_eq!((&accepted["TotalRecord"], &accepted["Acceptances"][0]["DataCode"]), (&json!(1), &json!("A-2")));
    let page = |from: usize, to: usize| {
        format!("/serviceApi/v1/getDelivery?token=simulator-only-token&fromRecord={from}&toRecord={to}")
    };
    let first = bench.call("GET", &page(0, 4), None).await.json();
    let rest = bench.call("GET", &page(4, 100), None).await.json();
    assert_eq!((&first["TotalRecord"], first["Deliverys"].as_array().unwrap().len()), (&json!(6), 4));
    assert_eq!(rest["Deliverys"].as_array().unwrap().len(), 2);
    let row = &first["Deliverys"][1];
    assert_eq!(row["DeliveryTime"], "23/11/2026 15:00:00");
    assert_eq!(
        (&row["IsDeliverable"], &row["IsReturn"], &row["DeliveryTimes"]),
        (&json!(true), &json!(false), &json!(2))
    );
    assert_eq!(
        row["ItemCode"],
        accepted["Acceptances"][0]["ItemCode"].as_str().map_or(json!(""), |_| row["ItemCode"].clone())
    );
}

#[tokio::test]
async fn an_order_may_be_stored_though_no_answer_comes() {
    let bench = bench(Family::Hcc, "E2:1").await;
    for code in ["A-1", "A-2", "A-3", "A-4", "A-5", "A-6"] {
        assert!(bench.send("POST", P2, Some(p2(code))).await.is_err(), "{code}");
        assert_eq!(bench.call("POST", P2, Some(p2(code))).await.json()["Status"], true, "the repeat is answered");
    }
    assert_eq!(bench.ledger("/counts/orders"), 6);
    assert_eq!(bench.ledger("/duplicatesAfterLostAnswer"), 6);
    assert_eq!(bench.ledger("/duplicatesWithoutReason"), 0);
    let struck = bench.ledger("/faults/struck");
    assert_eq!(struck["E2.stall"].as_u64().unwrap() + struck["E2.reset"].as_u64().unwrap(), 6, "{struck}");
}

async fn outcomes(seed: u64) -> Vec<String> {
    let bench = bench_with(Family::Hcc, "E1:0.3,BUSY:0.2,ERROR:0.1,E2.reset:0.2", |options| options.seed = seed).await;
    let mut seen = Vec::new();
    for n in 0..40 {
        let code = format!("A-{n}");
        seen.push(match bench.send("POST", P2, Some(p2(&code))).await {
            Ok(reply) => format!("{} {}", reply.status, String::from_utf8_lossy(&reply.body)),
            Err(_) => "no answer".to_owned(),
        });
    }
    seen
}

#[tokio::test]
async fn faults_repeat_with_their_seed() {
    let first = outcomes(7).await;
    assert_eq!(first, outcomes(7).await);
    assert_ne!(first, outcomes(8).await);
    for kind in ["no answer", "503 ", "500 ", "200 <html>", "200 {\"Status\":false", "200 {\"Status\":true"] {
        assert!(first.iter().any(|it| it.starts_with(kind)), "{kind} is missing");
    }
}

#[tokio::test]
async fn a_token_expires_in_mid_run_and_the_login_may_be_busy() {
    let mut bench = bench(Family::MyVnpost, "E4:1").await;
    let body = json!({"username": "simulator", "password": "simulator-only", "customerCode": "T000SIM001"});
    let busy = bench.call("POST", "/GetAccessToken", Some(body)).await;
    assert_eq!((busy.status, busy.header("retry-after")), (429, Some("1")));
    bench.login().await;
    assert_eq!(bench.call("POST", "/CreateOrder", Some(p4("A-1"))).await.status, 401);
    assert_eq!(bench.ledger("/counts/orders"), 0);
    assert_eq!(bench.ledger("/violations"), 0, "an expired token is no fault of the caller");
}

/// A receiver of webhooks that fails a few times and then keeps what it gets.
struct Receiver {
    failures: Mutex<u32>,
    bodies: Mutex<Vec<Value>>,
}

impl Site for Receiver {
    fn answer(&self, call: &Call) -> Answer {
        let mut failures = self.failures.lock().unwrap();
        if *failures > 0 {
            *failures -= 1;
            return Answer::empty(500);
        }
        self.bodies.lock().unwrap().push(call.json().unwrap());
        Answer::json(200, &json!({"success": true, "message": "", "updated": 1}))
    }
}

async fn until(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..500 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what} did not happen in time");
}

fn signature_ok(body: &Value) -> bool {
    let first = &body["data"][0];
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let message = format!("MYVNP{}{}{}", text(&body["sendDate"]), text(&first["itemCode"]), text(&first["status"]));
    let decode = |text: &str| base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    // The key itself (PKCS#1) begins 24 bytes into a SubjectPublicKeyInfo of RSA-2048.
    let key = decode(PUBLIC_KEY_SPKI)[24..].to_vec();
    ring::signature::UnparsedPublicKey::new(&ring::signature::RSA_PKCS1_2048_8192_SHA256, key)
        .verify(message.as_bytes(), &decode(body["signature"].as_str().unwrap()))
        .is_ok()
}

#[tokio::test]
async fn webhooks_are_signed_repeated_until_200_and_can_be_forged_after_the_first_record() {
    let receiver = Arc::new(Receiver { failures: Mutex::new(2), bodies: Mutex::default() });
    let server = server::serve("127.0.0.1:0", Arc::clone(&receiver) as Arc<dyn Site>).unwrap();
    let url = format!("{}/v1/hooks/post", server.url());
    let mut bench = bench_with(Family::MyVnpost, "E7:1", |options| options.webhook_url = Some(url)).await;
    bench.login().await;
    bench.call("POST", "/CreateOrder", Some(p4("A-1"))).await;
    bench.call("POST", "/CreateOrder", Some(p4("A-2"))).await;
    let event = json!({"status": "10", "time": "2026-11-23T09:00:00+07:00"});
    bench.call("POST", "/_sim/orders/A-1/events", Some(event)).await;
    until("the push", || bench.handle.ledger()["webhooks"]["pending"] == 0).await;
    let bodies = receiver.bodies.lock().unwrap().clone();
    assert_eq!(bodies.len(), 1);
    assert!(signature_ok(&bodies[0]));
    assert_eq!(bodies[0]["data"][0]["saleOrderCode"], "A-1");
    assert_eq!(bodies[0]["data"][1]["status"], "14", "the forged record rides along");
    assert_eq!(bench.ledger("/webhooks/outcomes"), json!({"500": 2, "200": 1}));
    let mut tampered = bodies[0].clone();
    tampered["data"][0]["status"] = json!("14");
    assert!(!signature_ok(&tampered));
    assert_ne!(bench.call("GET", "/getOrder?type=2&code=A-1", None).await.json()[0]["results"][0]["status"], "14");
}

#[tokio::test]
async fn a_report_may_come_before_the_create_reply_or_about_a_stranger() {
    let receiver = Arc::new(Receiver { failures: Mutex::new(0), bodies: Mutex::default() });
    let server = server::serve("127.0.0.1:0", Arc::clone(&receiver) as Arc<dyn Site>).unwrap();
    let url = format!("{}/hook", server.url());
    let mut bench =
        bench_with(Family::MyVnpost, "E6.early:1,E5.duplicate:1", |options| options.webhook_url = Some(url)).await;
    bench.login().await;
    bench.call("POST", "/CreateOrder", Some(p4("A-1"))).await;
    assert!(!receiver.bodies.lock().unwrap().is_empty(), "the report was first");
    until("both copies", || {
        receiver.bodies.lock().unwrap().iter().flat_map(|b| b["data"].as_array().unwrap().clone()).count() == 2
    })
    .await;
    let plan = json!({"E6.unknown": 1.0});
    bench.call("PUT", "/_sim/faults", Some(plan)).await;
    bench.call("POST", "/CreateOrder", Some(p4("A-2"))).await;
    until("the stranger", || receiver.bodies.lock().unwrap().iter().any(|b| b.to_string().contains("KHAC-"))).await;
    assert_eq!(bench.call("PUT", "/_sim/faults", Some(json!({"E99": 1}))).await.status, 400);
}

#[tokio::test]
async fn left_alone_every_order_lives_its_own_life() {
    let step = Some(Duration::from_millis(5));
    let bench = bench_with(Family::Hcc, "", |options| options.life_step = step).await;
    for n in 0..20 {
        bench.call("POST", P2, Some(p2(&format!("A-{n}")))).await;
    }
    until("all lives", || {
        let counts = bench.ledger("/counts/byStatus");
        counts["DELIVERED"].as_u64().unwrap_or(0) + counts["RETURNED"].as_u64().unwrap_or(0) == 20
    })
    .await;
}
