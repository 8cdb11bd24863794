//! Counterparts of a body: the simulators with the settings that lead to them, and stand-ins whose answers the body writes.

use giaonhan::sim::client::{Client as Plain, Request};
use giaonhan::sim::faults::parse_plan;
use giaonhan::sim::server::{self, Answer, Call, Running, Site};
use giaonhan::sim::{one_stop, post};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long a call to a counterpart may take here.
pub const TIMEOUT_MS: u32 = 2_500;

/// An operator with faults.
pub fn operator(family: post::Family, faults: &str) -> post::Handle {
    let mut options = post::Options::new(family);
    options.faults = parse_plan(faults).unwrap();
    options.stall = Duration::from_millis(50);
    post::start(options).unwrap()
}

/// A one-stop software with faults.
pub fn software(faults: &str) -> one_stop::Handle {
    let options = one_stop::Options {
        faults: parse_plan(faults).unwrap(),
        stall: Duration::from_millis(50),
        ..one_stop::Options::default()
    };
    one_stop::start(options).unwrap()
}

const DESK: &str = r#"name = "Một cửa", phone = "02583000001", address = "42 Lê Thánh Tôn", province_code = "56""#;

/// Settings of an operator under the name of its family; MyVNPost's key is written into the folder.
pub fn operator_toml(family: post::Family, url: &str, agency: &str, folder: &std::path::Path) -> String {
    let of_family = match family {
        post::Family::Hcc => format!("token = \"simulator-only-token\"\ncontact = {{ {DESK} }}"),
        post::Family::MyVnpost => {
            let pem = folder.join("post.pem");
            std::fs::write(&pem, post::public_key_pem()).unwrap();
            format!(
                "username = \"simulator\"\npassword = \"simulator-only\"\nwebhook_public_key_file = \"{}\"\n\
                 contact = {{ {DESK}, district_code = \"VNPOST\", commune_code = \"22366\" }}",
                pem.display()
            )
        }
    };
    let name = family.as_str();
    format!(
        "\n[[counterparts]]\nname = \"{name}\"\nkind = \"{name}\"\nagencies = [\"{agency}\"]\nbase_url = \"{url}\"\n\
         customer_code = \"T000SIM001\"\ntimeout_ms = {TIMEOUT_MS}\n{of_family}\n"
    )
}

/// Settings of the one-stop software.
pub fn software_toml(url: &str) -> String {
    format!(
        "\n[[counterparts]]\nname = \"one-stop\"\nkind = \"opencps\"\nagencies = [\"*\"]\nbase_url = \"{url}\"\n\
         username = \"simulator\"\npassword = \"simulator-only\"\ngroup_id = \"35417\"\ntimeout_ms = {TIMEOUT_MS}\n"
    )
}

/// Speaks to the script of a simulator.
pub fn script(method: &str, url: String, body: &Value) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let reply = runtime.block_on(async { Plain::new().unwrap().send(&Request::new(method, url).json(body)).await });
    assert_eq!(reply.unwrap().status, 200);
}

/// Lets things happen to the order of a leg at its operator.
pub fn happen(operator: &post::Handle, leg_id: &str, events: &Value) {
    let order = giaonhan::app::inbox::order_of_leg(leg_id);
    script("POST", format!("{}/_sim/orders/{order}/events", operator.url()), events);
}

/// Makes dossiers known to the one-stop software.
pub fn know(software: &one_stop::Handle, manifest: &Value) {
    let lines = manifest["lines"].as_array().unwrap().iter();
    let dossiers: Vec<Value> = lines
        .map(|line| json!({"dossierNo": line["dossierNo"], "govAgencyCode": manifest["agencyCode"], "viaPostal": 2}))
        .collect();
    script("POST", format!("{}/_sim/dossiers", software.url()), &json!(dossiers));
}

type Answering = dyn Fn(&Call) -> Answer + Send + Sync;

/// A counterpart whose answers the body writes, and which remembers what came.
pub struct StandIn {
    came: Arc<Mutex<Vec<Call>>>,
    server: Running,
}

struct Front {
    came: Arc<Mutex<Vec<Call>>>,
    answering: Box<Answering>,
}

impl Site for Front {
    fn answer(&self, call: &Call) -> Answer {
        let answer = (self.answering)(call);
        let kept = Call {
            method: call.method.clone(),
            path: call.path.clone(),
            query: call.query.clone(),
            headers: call.headers.clone(),
            body: call.body.clone(),
        };
        self.came.lock().unwrap().push(kept);
        answer
    }
}

impl StandIn {
    /// Answers with this.
    pub fn start(answering: impl Fn(&Call) -> Answer + Send + Sync + 'static) -> Self {
        let came = Arc::new(Mutex::new(Vec::new()));
        let front = Front { came: came.clone(), answering: Box::new(answering) };
        StandIn { came, server: server::serve("127.0.0.1:0", Arc::new(front)).unwrap() }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// How many calls came.
    pub fn count(&self) -> usize {
        self.came.lock().unwrap().len()
    }

    /// Looks at every call that came, in its order.
    pub fn each<T>(&self, look: impl FnMut(&Call) -> T) -> Vec<T> {
        self.came.lock().unwrap().iter().map(look).collect()
    }
}
