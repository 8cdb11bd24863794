//! Every route, as data: the server, the gate, the OpenAPI document and the tests of authorisation read this one list.

use crate::api::call::Call;
use crate::api::problem::Fault;
use crate::api::query::{Param, Takes, param};
use crate::api::reply::Answer;
use crate::api::v1::{
    account, alerts, books, case_marks, clocks, discrepancies, events, facts, handovers, health, hooks, legs,
    manifests, originals, outbox, report_deliveries, reports,
};
use crate::domain::access::Scope;
use crate::domain::discrepancy::Kind;
use crate::domain::handover::Status;
use crate::domain::leg::{Holder, LegKind, State};
use crate::domain::manifest::Mode;
use crate::report::definitions::DefinitionId;

/// Who is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Anybody.
    Open,
    /// Who has a key with this scope.
    Key(Scope),
    /// A counterpart, by the means of its family.
    Counterpart,
}

/// What a route reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// Nothing.
    None,
    /// `application/json`.
    Json,
    /// A manifest in any of its formats.
    Manifest,
    /// Whatever a counterpart sends.
    Raw,
}

/// What a route answers when all is well.
#[derive(Debug, Clone, Copy)]
pub enum Gives {
    /// JSON of this schema.
    One(&'static str),
    /// A page of these.
    Page(&'static str),
    /// A receipt in JSON or XML.
    Receipt,
    /// Anything else, of this media type.
    Other(&'static str),
    /// JSON of this schema, or a file of one of these media types.
    Files(&'static str, &'static [&'static str]),
}

/// What a handler is.
pub type Handler = fn(&Call) -> Result<Answer, Fault>;

/// One route.
pub struct Route {
    /// `GET`, `POST` or `PATCH`.
    pub method: &'static str,
    /// The path, with `{id}` or `{counterpart}` for a value.
    pub pattern: &'static str,
    /// Who is let in.
    pub admission: Admission,
    /// What it reads.
    pub body: BodyKind,
    /// Schemas of the body, one of which fits.
    pub reads: &'static [&'static str],
    /// Parameters of the query.
    pub query: &'static [Param],
    /// Status when all is well.
    pub status: u16,
    /// What it answers then.
    pub gives: Gives,
    /// Its name in the OpenAPI document.
    pub operation: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Whether it may wait for the store; else it is answered at once, however many calls wait (incident 16).
    pub(super) waits: bool,
    /// Does it.
    pub(super) handler: Handler,
}

impl Route {
    /// Every POST but hooks takes an `Idempotency-Key` (contract 3).
    pub fn takes_idempotency_key(&self) -> bool {
        self.method == "POST" && matches!(self.admission, Admission::Key(_))
    }
}

/// Every route.
pub fn routes() -> &'static [Route] {
    ROUTES
}

/// Patterns with their routes.
pub(super) fn by_pattern() -> Vec<(&'static str, Vec<&'static Route>)> {
    let mut out: Vec<(&'static str, Vec<&'static Route>)> = Vec::new();
    for route in ROUTES {
        match out.iter_mut().find(|(pattern, _)| *pattern == route.pattern) {
            Some((_, routes)) => routes.push(route),
            None => out.push((route.pattern, vec![route])),
        }
    }
    out
}

const fn get(
    pattern: &'static str,
    admission: Admission,
    query: &'static [Param],
    gives: Gives,
    (operation, summary): (&'static str, &'static str),
    handler: Handler,
) -> Route {
    let (body, reads) = (BodyKind::None, &[]);
    Route {
        method: "GET",
        pattern,
        admission,
        body,
        reads,
        query,
        status: 200,
        gives,
        operation,
        summary,
        waits: true,
        handler,
    }
}

const fn post(
    pattern: &'static str,
    scope: Scope,
    reads: &'static [&'static str],
    (status, gives): (u16, Gives),
    (operation, summary): (&'static str, &'static str),
    handler: Handler,
) -> Route {
    let (admission, body) = (Admission::Key(scope), BodyKind::Json);
    Route {
        method: "POST",
        pattern,
        admission,
        body,
        reads,
        query: &[],
        status,
        gives,
        operation,
        summary,
        waits: true,
        handler,
    }
}

const fn at_once(route: Route) -> Route {
    Route { waits: false, ..route }
}

const READ: Admission = Admission::Key(Scope::Read);
const OPS: Admission = Admission::Key(Scope::Ops);

const LIMIT: Param = param("limit", Takes::Limit);

macro_rules! words_of {
    ($words:ident) => {
        Takes::OneOf(|| $words::ALL.iter().map(|word| word.as_str().to_owned()).collect())
    };
    ($($word:literal),*) => {
        Takes::OneOf(|| vec![$($word.to_owned()),*])
    };
}

static ROUTES: &[Route] = &[
    at_once(get(
        "/health/live",
        Admission::Open,
        &[],
        Gives::One("Health"),
        ("isLive", "Tells that the process runs"),
        health::live,
    )),
    get(
        "/health/ready",
        Admission::Open,
        &[],
        Gives::One("Health"),
        ("isReady", "Tells whether calls are answered now"),
        health::ready,
    ),
    get(
        "/metrics",
        OPS,
        &[],
        Gives::Other("text/plain"),
        ("metrics", "Metrics in the Prometheus text form"),
        health::metrics,
    ),
    get("/v1", READ, &[], Gives::One("Account"), ("account", "Who the key is, and the limits"), account::get),
    get(
        "/v1/openapi.json",
        READ,
        &[],
        Gives::Other("application/json"),
        ("openapi", "This document"),
        account::openapi,
    ),
    Route {
        method: "POST",
        pattern: "/v1/manifests",
        admission: Admission::Key(Scope::Write),
        body: BodyKind::Manifest,
        reads: &["Manifest"],
        query: &[param("mode", words_of!(Mode))],
        status: 201,
        gives: Gives::Receipt,
        operation: "submitManifest",
        summary: "Declares legs; every line is answered",
        waits: true,
        handler: manifests::submit,
    },
    get(
        "/v1/manifests",
        READ,
        &[
            param("manifestNo", Takes::Text),
            param("agencyCode", Takes::Text),
            param("legKind", words_of!(LegKind)),
            LIMIT,
            param("after", Takes::After(manifests::LIST)),
        ],
        Gives::Page("Receipt"),
        ("listManifests", "Receipts without their lines"),
        manifests::page,
    ),
    get(
        "/v1/manifests/{id}",
        READ,
        &[],
        Gives::Receipt,
        ("getManifest", "The receipt with state and holder of now"),
        manifests::get,
    ),
    get(
        "/v1/legs",
        READ,
        &[
            param("kind", words_of!(LegKind)),
            param("state", words_of!(State)),
            param("holder", words_of!(Holder)),
            param("open", words_of!("true", "false")),
            param("agencyCode", Takes::Text),
            param("manifestId", Takes::Text),
            param("dossierNo", Takes::DossierNo),
            param("consignmentNoteNo", Takes::Text),
            param("itemNumber", Takes::ItemNumber),
            LIMIT,
            param("after", Takes::After(legs::LIST)),
        ],
        Gives::Page("Leg"),
        ("listLegs", "Legs, oldest first"),
        legs::page,
    ),
    get(
        "/v1/legs/{id}",
        READ,
        &[param("include", words_of!("party"))],
        Gives::One("Leg"),
        ("getLeg", "One leg; include=party shows personal data, and that look is on record"),
        legs::get,
    ),
    get(
        "/v1/legs/{id}/custody",
        READ,
        &[],
        Gives::One("Custody"),
        ("getCustody", "Who held the papers, since when, and on whose word"),
        legs::custody,
    ),
    get(
        "/v1/legs/{id}/clocks",
        READ,
        &[],
        Gives::One("LegClocks"),
        ("getLegClocks", "How the legal clocks of a leg stand now, by article, and whose time was used"),
        clocks::of_leg,
    ),
    post(
        "/v1/legs/{id}/cancel",
        Scope::Write,
        &["Reason"],
        (200, Gives::One("Leg")),
        ("cancelLeg", "Withdraws a leg before the post has taken it"),
        legs::cancel,
    ),
    post(
        "/v1/facts",
        Scope::Write,
        &["Facts"],
        (200, Gives::One("FactResults")),
        ("reportFacts", "Records what happened"),
        facts::record,
    ),
    post(
        "/v1/case-marks",
        Scope::Write,
        &["CaseMarks"],
        (200, Gives::One("CaseMarkResults")),
        ("tellCaseMarks", "Records what the case system alone knows: supplements, appointments, apologies, complaints"),
        case_marks::record,
    ),
    get(
        "/v1/discrepancies",
        READ,
        &[
            param("state", words_of!("OPEN", "RESOLVED")),
            param("kind", words_of!(Kind)),
            param("legId", Takes::Text),
            param("manifestId", Takes::Text),
            param("handoverId", Takes::Text),
            LIMIT,
            param("after", Takes::After(discrepancies::LIST)),
        ],
        Gives::Page("Discrepancy"),
        ("listDiscrepancies", "Discrepancies, oldest first"),
        discrepancies::page,
    ),
    get(
        "/v1/discrepancies/{id}",
        READ,
        &[],
        Gives::One("Discrepancy"),
        ("getDiscrepancy", "One discrepancy"),
        discrepancies::get,
    ),
    post(
        "/v1/discrepancies/{id}/resolve",
        Scope::Write,
        &["Resolve"],
        (200, Gives::One("Discrepancy")),
        ("resolveDiscrepancy", "Resolves a discrepancy; custody does not move"),
        discrepancies::resolve,
    ),
    get(
        "/v1/originals",
        READ,
        &[
            param("state", words_of!("OPEN", "RETURNED", "LOST")),
            param("agencyCode", Takes::Text),
            LIMIT,
            param("after", Takes::After(originals::LIST)),
        ],
        Gives::Page("LentOriginal"),
        (
            "listOriginals",
            "Originals lent for comparison and where each stands, those of the oldest intakes first; OPEN have to go back",
        ),
        originals::page,
    ),
    post(
        "/v1/books",
        Scope::Write,
        &["Book"],
        (201, Gives::One("BookReceipt")),
        ("takeBook", "Takes what the caller's own side says of a window of days"),
        books::take,
    ),
    get(
        "/v1/reconciliations",
        READ,
        &[],
        Gives::One("Reconciliations"),
        ("listReconciliations", "The newest comparisons of the caller's own book; oversight sees all"),
        books::runs,
    ),
    get(
        "/v1/reconciliations/{id}",
        READ,
        &[],
        Gives::One("Reconciliation"),
        ("getReconciliation", "One comparison"),
        books::run,
    ),
    post(
        "/v1/handovers",
        Scope::Write,
        &["HandoverOpen", "HandoverCorrect"],
        (201, Gives::One("Handover")),
        ("openHandover", "Opens a handover, or the correction of a completed one"),
        handovers::open,
    ),
    get(
        "/v1/handovers",
        READ,
        &[
            param("status", words_of!(Status)),
            param("agencyCode", Takes::Text),
            param("legId", Takes::Text),
            LIMIT,
            param("after", Takes::After(handovers::LIST)),
        ],
        Gives::Page("Handover"),
        ("listHandovers", "Handovers, oldest first"),
        handovers::page,
    ),
    get("/v1/handovers/{id}", READ, &[], Gives::One("Handover"), ("getHandover", "One handover"), handovers::get),
    Route {
        method: "PATCH",
        pattern: "/v1/handovers/{id}",
        admission: Admission::Key(Scope::Write),
        body: BodyKind::Json,
        reads: &["HandoverCount"],
        query: &[],
        status: 200,
        gives: Gives::One("Handover"),
        operation: "countHandover",
        summary: "What the receiving side found, line by line",
        waits: true,
        handler: handovers::count,
    },
    post(
        "/v1/handovers/{id}/signatures",
        Scope::Write,
        &["HandoverSign"],
        (200, Gives::One("Handover")),
        ("signHandover", "Signs for one side; at the second signature custody moves"),
        handovers::sign,
    ),
    post(
        "/v1/handovers/{id}/cancel",
        Scope::Write,
        &["HandoverCancel"],
        (200, Gives::One("Handover")),
        ("cancelHandover", "Gives an open handover up; nothing moves"),
        handovers::cancel,
    ),
    get(
        "/v1/events",
        READ,
        &[LIMIT, param("after", Takes::AfterEvent), param("types", Takes::SomeOf(events::types))],
        Gives::Page("Event"),
        ("listEvents", "The feed; next is always a cursor"),
        events::page,
    ),
    get(
        "/v1/alerts",
        READ,
        &[param("state", words_of!("OPEN", "CLEARED")), LIMIT, param("after", Takes::After(alerts::LIST))],
        Gives::Page("Alert"),
        ("listAlerts", "What stands still or runs away, newest first; for oversight of the whole province"),
        alerts::page,
    ),
    post(
        "/v1/alerts/{id}/acknowledge",
        Scope::Write,
        &["Reason"],
        (200, Gives::One("Alert")),
        ("acknowledgeAlert", "Says that somebody knows; it clears by itself"),
        alerts::acknowledge,
    ),
    post(
        "/v1/reports",
        Scope::Write,
        &["ReportAsk"],
        (201, Gives::One("ReportCut")),
        ("makeReport", "Makes a report of the papers that the key sees, and keeps it as a cut that never changes"),
        reports::make,
    ),
    get(
        "/v1/reports",
        READ,
        &[param("definition", words_of!(DefinitionId)), LIMIT, param("after", Takes::After(reports::LIST))],
        Gives::Page("ReportCut"),
        ("listReports", "Cuts of reports, newest first"),
        reports::page,
    ),
    get(
        "/v1/reports/{id}",
        READ,
        &[
            param("format", words_of!("json", "csv", "xlsx", "pdf")),
            param("language", words_of!("vi", "en")),
            param("separator", words_of!("semicolon", "comma")),
        ],
        Gives::Files(
            "Report",
            &["text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/pdf"],
        ),
        ("getReport", "A cut in the format that is asked for; the same cut gives the same bytes for ever"),
        reports::get,
    ),
    get(
        "/v1/report-deliveries",
        READ,
        &[param("schedule", Takes::Text), LIMIT, param("after", Takes::After(report_deliveries::LIST))],
        Gives::Page("ReportDelivery"),
        ("listReportDeliveries", "Reports that left by themselves, with what became of every file, newest first"),
        report_deliveries::page,
    ),
    get(
        "/v1/outbox",
        OPS,
        &[
            param("state", words_of!("DUE", "CLAIMED", "UNKNOWN", "PARKED", "SETTLED")),
            param("counterpart", Takes::Text),
            LIMIT,
            param("after", Takes::After(outbox::LIST)),
        ],
        Gives::Page("OutboxMessage"),
        ("listOutbox", "Messages to counterparts, oldest first"),
        outbox::page,
    ),
    get("/v1/outbox/{id}", OPS, &[], Gives::One("OutboxMessage"), ("getOutboxMessage", "One message"), outbox::get),
    post(
        "/v1/outbox/{id}/replay",
        Scope::Ops,
        &["Reason"],
        (200, Gives::One("OutboxMessage")),
        ("replayOutboxMessage", "Sends a parked message again"),
        outbox::replay,
    ),
    post(
        "/v1/outbox/{id}/mend",
        Scope::Ops,
        &["Mend"],
        (200, Gives::One("OutboxMessage")),
        ("mendOutboxMessage", "Gives a parked message another body and sends it again"),
        outbox::mend,
    ),
    Route {
        method: "POST",
        pattern: "/v1/hooks/{counterpart}",
        admission: Admission::Counterpart,
        body: BodyKind::Raw,
        reads: &[],
        query: &[],
        status: 200,
        gives: Gives::Other("application/json"),
        operation: "receiveHook",
        summary: "What a counterpart calls; answered in the form of its family",
        waits: true,
        handler: hooks::receive,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_route_is_named_once() {
        let places: BTreeSet<_> = ROUTES.iter().map(|route| (route.method, route.pattern)).collect();
        let names: BTreeSet<_> = ROUTES.iter().map(|route| route.operation).collect();
        assert_eq!((places.len(), names.len()), (ROUTES.len(), ROUTES.len()));
    }

    #[test]
    fn only_health_and_hooks_do_without_a_key() {
        for route in ROUTES {
            let expected = match route.pattern {
                "/health/live" | "/health/ready" => Admission::Open,
                "/v1/hooks/{counterpart}" => Admission::Counterpart,
                "/metrics" => Admission::Key(Scope::Ops),
                pattern if pattern.starts_with("/v1/outbox") => Admission::Key(Scope::Ops),
                _ if route.method == "GET" => Admission::Key(Scope::Read),
                _ => Admission::Key(Scope::Write),
            };
            assert_eq!(route.admission, expected, "{} {}", route.method, route.pattern);
        }
    }
}
