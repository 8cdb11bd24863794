//! The plan of a working day: who sends which manifest, how each leg lives, which fault is injected where.
//!
//! Equal seed, size and date give the same plan to the last byte. Khánh Hòa in 2017 had about 550 dossiers a day.

use super::people::{self, Paper, Person, Procedure};
use crate::base::time::{MINUTE_US, Ts};
use crate::sim::numbers::item_number;
use crate::sim::post::Family;
use crate::sim::rng::Dice;
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeMap;

/// Legs of one manifest at most.
const MANIFEST_LINES: usize = 40;

/// A one-stop desk and the post office that serves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agency {
    /// Mã định danh.
    pub code: &'static str,
    /// Its desk, for handovers.
    pub place: &'static str,
    /// The agency part of its dossier numbers: some desks still write the old form.
    pub dossier_prefix: &'static str,
    /// Post office code.
    pub office: &'static str,
    /// The interface of the post counterpart that serves it, when one is configured.
    pub operator: Option<Family>,
}

/// The agencies of the day.
pub const AGENCIES: &[Agency] = &[
    Agency {
        code: "H32.15",
        place: "Một cửa phường Nha Trang",
        dossier_prefix: "000.00.15.H32",
        office: "650100",
        operator: Some(Family::MyVnpost),
    },
    Agency {
        code: "H32.16",
        place: "Một cửa phường Bắc Nha Trang",
        dossier_prefix: "H32.16",
        office: "650200",
        operator: Some(Family::Hcc),
    },
    Agency {
        code: "H32.17.3",
        place: "Một cửa xã Vạn Ninh",
        dossier_prefix: "H32.17.3",
        office: "652100",
        operator: None,
    },
];

/// What a manifest declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Results that the desk hands to the post.
    Result,
    /// Papers that the post took from citizens.
    Intake,
    /// Papers that the desk asks the post to fetch.
    PickUp,
}

impl Kind {
    /// The leg kind of the contract.
    pub fn leg_kind(self) -> &'static str {
        match self {
            Kind::Result => "RESULT",
            Kind::Intake | Kind::PickUp => "INTAKE",
        }
    }
}

/// How a manifest is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON.
    Json,
    /// XML.
    Xml,
    /// A table.
    Csv,
}

/// Whether the sender sends it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resend {
    /// Once is enough.
    Never,
    /// The same bytes under the same key, after the answer.
    Same,
    /// The first connection is cut before the answer.
    Cut,
}

/// A manifest of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Số bảng kê.
    pub no: String,
    /// What it declares.
    pub kind: Kind,
    /// The agency, by its place in [`AGENCIES`].
    pub agency: usize,
    /// Shift 1 to 3.
    pub shift: u64,
    /// How it is written.
    pub format: Format,
    /// Whether it is sent again.
    pub resend: Resend,
    /// Its legs, by number, in line order.
    pub legs: Vec<usize>,
    /// When its shift begins.
    pub starts_at: Ts,
}

/// How a leg ends when nothing is injected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Delivered at the first attempt.
    First,
    /// Delivered at the second attempt.
    Second,
    /// Goes back to the agency.
    Returned,
}

/// A leg of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// Its number in the plan, from 0.
    pub number: usize,
    /// What its manifest declares.
    pub kind: Kind,
    /// Its manifest.
    pub manifest: usize,
    /// Its agency.
    pub agency: usize,
    /// Its line.
    pub line_no: u64,
    /// Mã hồ sơ on the manifest.
    pub dossier_no: Option<String>,
    /// Mã hồ sơ that the desk binds later.
    pub case_no: Option<String>,
    /// Số phiếu gửi.
    pub note_no: Option<String>,
    /// Số hiệu bưu gửi on the manifest.
    pub item_number: Option<String>,
    /// Seal.
    pub seal_no: Option<String>,
    /// The citizen.
    pub person: Person,
    /// The procedure.
    pub procedure: Procedure,
    /// The papers.
    pub papers: Vec<Paper>,
    /// Fee to collect.
    pub fee: u64,
    /// When the post signed the consignment note (intake from the post).
    pub accepted_at: Option<Ts>,
    /// How it ends.
    pub life: Life,
    /// The discrepancy kind that is injected here.
    pub fault: Option<&'static str>,
    /// The states in which it may rest at the end of the day.
    pub rests_in: &'static [&'static str],
}

impl Leg {
    /// Originals in the envelope.
    pub fn originals(&self) -> u64 {
        self.papers.iter().filter(|paper| paper.original).map(|paper| paper.quantity).sum()
    }

    /// Copies in the envelope.
    pub fn copies(&self) -> u64 {
        self.papers.iter().filter(|paper| !paper.original).map(|paper| paper.quantity).sum()
    }
}

/// The faults that can be injected: the discrepancy each must lead to, the kinds of manifest it fits, and where the leg rests.
type Injection = (&'static str, &'static [Kind], &'static [&'static str]);

const NOT_HANDED_OVER: &[&str] = &["REGISTERED", "ORDERED", "COLLECTION_ASSIGNED"];
const CONFIRMED: &[&str] = &["CONFIRMED"];

const INJECTIONS: &[Injection] = &[
    ("HANDOVER_MISSING", &[Kind::Result], NOT_HANDED_OVER),
    ("HANDOVER_COUNT_DIFFERS", &[Kind::Result], NOT_HANDED_OVER),
    ("HANDOVER_EXTRA", &[Kind::Result], CONFIRMED),
    ("HANDOVER_SEAL_DAMAGED", &[Kind::Intake], &["IN_TRANSIT"]),
    ("HANDOVER_UNREADABLE", &[Kind::Intake], &["IN_TRANSIT"]),
    ("HANDOVER_WRONG_AGENCY", &[Kind::Intake], &["IN_TRANSIT"]),
    ("COUNT_MISMATCH", &[Kind::Intake], &["IN_TRANSIT"]),
    ("DOSSIER_NUMBER_CONFLICT", &[Kind::Intake], CONFIRMED),
    ("UNMAPPED_STATUS", &[Kind::Result], CONFIRMED),
    ("UNMATCHED_FACT", &[Kind::Result], CONFIRMED),
    ("FACT_CHANGED", &[Kind::Result], CONFIRMED),
    ("STATE_CONFLICT", &[Kind::Result], CONFIRMED),
    ("NO_ID_NOTE", &[Kind::Result], &["DELIVERED_REPORTED"]),
    ("PARTIAL_DELIVERY", &[Kind::Result], &["PARTIAL"]),
    ("REPORTER_NOT_ENTITLED", &[Kind::Result], CONFIRMED),
];

/// A seeded working day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The seed.
    pub seed: u64,
    /// The day; it should lie in the past.
    pub date: NaiveDate,
    /// Manifests in the order of sending.
    pub manifests: Vec<Manifest>,
    /// Legs by number.
    pub legs: Vec<Leg>,
}

impl Plan {
    /// Plans a day of so many dossiers, both directions.
    pub fn generate(seed: u64, dossiers: usize, date: NaiveDate) -> Plan {
        let mut plan = Plan { seed, date, manifests: Vec::new(), legs: Vec::new() };
        plan.share_out(dossiers);
        plan.inject();
        plan
    }

    /// How many discrepancies of which kind the injected faults must lead to.
    pub fn expected(&self) -> BTreeMap<String, u64> {
        let mut kinds = BTreeMap::new();
        for fault in self.legs.iter().filter_map(|leg| leg.fault) {
            *kinds.entry(fault.to_owned()).or_insert(0) += 1;
        }
        kinds
    }

    /// The agency of a leg or manifest.
    pub fn agency(&self, place: usize) -> &'static Agency {
        AGENCIES.get(place).or(AGENCIES.first()).unwrap_or(&FALLBACK)
    }

    /// When something happens that stands so many minutes after the beginning of the leg's shift.
    pub fn at(&self, leg: &Leg, minutes: i64) -> Ts {
        let starts_at = self.manifests.get(leg.manifest).map_or(Ts::from_us(0), |manifest| manifest.starts_at);
        starts_at.plus_us(minutes * MINUTE_US)
    }

    /// Deals the dossiers out to agencies, kinds and shifts, and writes the manifests.
    fn share_out(&mut self, dossiers: usize) {
        let mut dice = Dice::new(self.seed, "share");
        let mut heaps: BTreeMap<(u64, Kind, usize), usize> = BTreeMap::new();
        for _ in 0..dossiers {
            let kind = match dice.between(1, 100) {
                1..=55 => Kind::Result,
                56..=86 => Kind::Intake,
                _ => Kind::PickUp,
            };
            let agency = match dice.between(1, 100) {
                1..=45 => 0,
                46..=75 => 1,
                _ => 2,
            };
            *heaps.entry((dice.between(1, 3), kind, agency)).or_insert(0) += 1;
        }
        for ((shift, kind, agency), mut count) in heaps {
            while count > 0 {
                let lines = count.min(MANIFEST_LINES);
                count -= lines;
                self.add_manifest(shift, kind, agency, lines);
            }
        }
    }

    fn add_manifest(&mut self, shift: u64, kind: Kind, agency: usize, lines: usize) {
        let place = self.manifests.len();
        let mut dice = Dice::new(self.seed, &format!("manifest {place}"));
        let (hour, minute) = match shift {
            1 => (7, 30),
            2 => (10, 0),
            _ => (13, 30),
        };
        let starts_at = self.date.and_hms_opt(hour, minute, 0).and_then(Ts::from_vietnam).unwrap_or(Ts::from_us(0));
        let named = self.agency(agency);
        let sender = if kind == Kind::Intake { named.office } else { named.code };
        let format = match (kind, place % 2) {
            (Kind::Result, 1) => Format::Xml,
            (Kind::Intake, 1) => Format::Csv,
            _ => Format::Json,
        };
        let resend = match dice.between(1, 10) {
            1..=2 => Resend::Same,
            3 => Resend::Cut,
            _ => Resend::Never,
        };
        // The seed is part of every number, so that days of several seeds can be played into one store.
        let no = format!("BK-{sender}-{}-S{shift}-{}.{:03}", self.date.format("%Y%m%d"), self.seed, place + 1);
        let first = self.legs.len();
        let legs = (first..first + lines).collect();
        self.manifests.push(Manifest { no, kind, agency, shift, format, resend, legs, starts_at });
        for line in 1..=lines {
            let leg = self.make_leg(place, kind, agency, u64::try_from(line).unwrap_or(1));
            self.legs.push(leg);
        }
    }

    fn make_leg(&self, manifest: usize, kind: Kind, agency: usize, line_no: u64) -> Leg {
        let number = self.legs.len();
        let serial = u64::try_from(number).unwrap_or(0) + 1;
        let sequence = self.seed % 100 * 100_000 + serial;
        let mut dice = Dice::new(self.seed, &format!("leg {number}"));
        let named = self.agency(agency);
        let dossier = |date: NaiveDate, sequence: u64| {
            format!("{}-{}-{sequence:05}", named.dossier_prefix, date.format("%y%m%d"))
        };
        let opened = self.date - chrono::Duration::days(i64::try_from(dice.between(3, 20)).unwrap_or(7));
        let result = kind == Kind::Result;
        let known = result || (kind == Kind::PickUp && dice.chance(0.5));
        let note_no = (!result).then(|| format!("PG{}-{}{sequence:07}", named.office, self.date.format("%y%m%d")));
        let numbered = kind == Kind::Intake || (result && named.operator.is_none());
        let start = Dice::new(self.seed, "items").between(0, 90_000_000);
        let procedure = people::procedure(&mut dice);
        let fee = if dice.chance(0.3) { procedure.fee } else { 0 };
        let life = match (result, dice.between(1, 100)) {
            (true, 1..=5) => Life::Returned,
            (_, 1..=20) => Life::Second,
            _ => Life::First,
        };
        let starts_at = self.manifests.get(manifest).map_or(Ts::from_us(0), |it| it.starts_at);
        let accepted = i64::try_from(dice.between(1, 40 * 60)).unwrap_or(60) * 1_000_000;
        Leg {
            number,
            kind,
            manifest,
            agency,
            line_no,
            dossier_no: known.then(|| dossier(opened, sequence)),
            case_no: (!known).then(|| dossier(self.date, sequence)),
            note_no,
            item_number: numbered.then(|| item_number(if result { "CH" } else { "EB" }, start + serial)),
            seal_no: dice.chance(0.4).then(|| format!("NP-{}-{serial:05}", named.office)),
            person: people::person(&mut dice, serial),
            papers: people::papers(&mut dice, &procedure, result),
            procedure,
            fee,
            accepted_at: (kind == Kind::Intake).then(|| starts_at.plus_us(accepted)),
            life,
            fault: None,
            rests_in: if life == Life::Returned { &["RETURN_CONFIRMED"] } else { CONFIRMED },
        }
    }

    /// Injects each kind of fault on legs of its own; a leg that suffers one goes its way at the first attempt.
    fn inject(&mut self) {
        let mut dice = Dice::new(self.seed, "faults");
        let many = u64::try_from(self.legs.len() / 250).unwrap_or(0);
        for (fault, kinds, rests_in) in INJECTIONS {
            for _ in 0..1 + dice.between(0, many) {
                let free: Vec<usize> =
                    self.legs.iter().filter(|leg| self.takes(leg, fault, kinds)).map(|leg| leg.number).collect();
                let Some(leg) = dice.pick(&free).and_then(|number| self.legs.get_mut(*number)) else { continue };
                leg.fault = Some(fault);
                leg.life = Life::First;
                leg.rests_in = rests_in;
            }
        }
    }

    fn takes(&self, leg: &Leg, fault: &str, kinds: &[Kind]) -> bool {
        let needs_case = fault != "DOSSIER_NUMBER_CONFLICT" || leg.case_no.is_some();
        // One surplus envelope in a handover at most, so that each is a finding of its own.
        let alone = fault != "HANDOVER_EXTRA"
            || !self.legs.iter().any(|other| other.manifest == leg.manifest && other.fault == Some("HANDOVER_EXTRA"));
        leg.fault.is_none() && kinds.contains(&leg.kind) && needs_case && alone
    }

    /// The day as a short text, for people.
    pub fn headline(&self) -> String {
        let (day, month, year) = (self.date.day(), self.date.month(), self.date.year());
        format!("{} bảng kê, {} hồ sơ, ngày {day:02}/{month:02}/{year}", self.manifests.len(), self.legs.len())
    }
}

const FALLBACK: Agency = Agency {
    code: "H32.15",
    place: "Một cửa phường Nha Trang",
    dossier_prefix: "H32.15",
    office: "650100",
    operator: None,
};
