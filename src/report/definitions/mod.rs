//! Reports for oversight (domain 9): each definition is a row of [`DEFINITIONS`] and a pure function from figures to tables. A definition
//! whose numbers would come out otherwise gets another version; a cut keeps the version that made it.

mod annex;
mod books;
mod both_books;
mod figures;
mod index;
mod late;
mod operator;
mod periodic;
mod reach;
mod sample;
#[cfg(test)]
mod tests;
mod told;

pub use books::{Compared, Difference, KindCount};
pub use both_books::{Counted, SideBooks, Why};
pub use figures::{Count, Held, Key, Names, Need, Place};
pub use late::{Carried, LateItem};
pub use sample::{Breach, Population, Sample, days as sample_days};
pub use told::{Figure, Flow, Outside, Told, Want};

use chrono::NaiveDate;

use crate::base::time::Ts;
use crate::domain::leg::words;
use crate::report::tables::{Check, Letterhead, Period, Report, Said, Scope, Section};

words! {
    /// Which report.
    DefinitionId {
        /// Periodic table of the II.06a type.
        Periodic = "II06A",
        /// Annex about the public post.
        Annex = "BCCI_ANNEX",
        /// The operator's report.
        Operator = "POST_OPERATOR",
        /// Figures of the national index that concern post.
        Index = "SERVICE_INDEX",
        /// Late shares with their items.
        Late = "LATE_SHARES",
        /// Reconciliation for the quarterly meeting.
        Books = "RECONCILIATION",
        /// How far agencies have handed intake to the post.
        Reach = "INTAKE_REACH",
        /// A sample of days held against the rules.
        Sample = "COMPLIANCE_SAMPLE",
    }
}

/// What a definition needs beside sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Also {
    /// What the post holds at the instant of the cut.
    Held,
    /// Late legs one by one.
    Late,
    /// Discrepancies.
    Books,
    /// A sample of days.
    Sample,
}

/// A definition.
pub struct Definition {
    /// Its id.
    pub id: DefinitionId,
    /// Its version.
    pub version: u32,
    /// Title.
    pub title: (&'static str, &'static str),
    /// What it is for, in one sentence.
    pub about: (&'static str, &'static str),
    /// Where the law asks for it.
    pub basis: &'static str,
    /// Sums that it is made of, in the order in which its function finds them.
    pub needs: &'static [Need],
    /// What else.
    pub also: &'static [Also],
    build: fn(&Material) -> Parts,
}

/// What a definition makes of its material.
#[derive(Debug, Clone, Default)]
struct Parts {
    sections: Vec<Section>,
    checks: Vec<Check>,
    notes: Vec<Said>,
    signatures: Vec<Said>,
    due_before: Option<NaiveDate>,
}

/// Shares beyond which lateness is told, in hundredths of a percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The province's ceiling (Quảng Ngãi: 5 %): beyond it.
    pub late_points: i64,
    /// The line of sanctions (Khánh Hòa: 10 %): a unit at it or beyond, a person beyond it.
    pub sanction_points: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { late_points: 500, sanction_points: 1_000 }
    }
}

/// Everything that a report is made of.
#[derive(Debug, Clone)]
pub struct Material {
    /// Of which days.
    pub period: Period,
    /// Of whose papers.
    pub scope: Scope,
    /// What was known when.
    pub as_of: Ts,
    /// Versions of the working calendar.
    pub calendar: Vec<String>,
    /// Who issues it.
    pub letterhead: Letterhead,
    /// Limits of lateness.
    pub limits: Limits,
    /// Sums, one list for each need.
    pub counts: Vec<Vec<Count>>,
    /// Figures from outside the ledger.
    pub told: Told,
    /// Names of places, procedures and people.
    pub names: Names,
    /// What the post holds.
    pub held: Vec<Held>,
    /// Late legs, oldest first.
    pub late: Vec<LateItem>,
    /// How many there are, when not all stand in the list.
    pub late_all: i64,
    /// Legs due that a person carried, and how many of them were late.
    pub carried: Vec<Carried>,
    /// Comparisons of books with the ledger, oldest window first.
    pub compared: Vec<Compared>,
    /// What the stored books of both sides add up to.
    pub side_books: SideBooks,
    /// Discrepancies by kind.
    pub kinds: Vec<KindCount>,
    /// Open discrepancies, oldest first.
    pub differences: Vec<Difference>,
    /// The sample.
    pub sample: Option<Sample>,
    /// Legs that have not come into the sums yet.
    pub waiting: i64,
}

/// Every definition, in the order of lists.
pub const DEFINITIONS: &[Definition] = &[
    Definition {
        id: DefinitionId::Annex,
        version: 1,
        title: ("Phụ lục tiếp nhận, trả kết quả qua bưu chính công ích", "Annex on the public post"),
        about: (
            "Hồ sơ nhận, trả qua bưu chính theo cơ quan, thủ tục và bưu cục.",
            "Dossiers by post, by agency, procedure and post office.",
        ),
        basis: "QĐ 45/2016/QĐ-TTg; TT 17/2017/TT-BTTTT; TT 01/2020/TT-VPCP",
        needs: annex::NEEDS,
        also: &[Also::Held],
        build: annex::build,
    },
    Definition {
        id: DefinitionId::Periodic,
        version: 1,
        title: ("Tình hình, kết quả giải quyết thủ tục hành chính", "Administrative procedures in the period"),
        about: (
            "Biểu loại II.06a: tiếp nhận, giải quyết, đang giải quyết, có kiểm tra.",
            "Table of the II.06a type: received, solved, in process, with its checks.",
        ),
        basis: "TT 01/2020/TT-VPCP, biểu loại II.06a",
        needs: periodic::NEEDS,
        also: &[],
        build: periodic::build,
    },
    Definition {
        id: DefinitionId::Operator,
        version: 1,
        title: ("Báo cáo của doanh nghiệp bưu chính về dịch vụ bưu chính công ích", "The operator's report"),
        about: (
            "Sản lượng, doanh thu, khiếu nại, mất hỏng, bồi thường, mức độ an toàn.",
            "Volume, revenue, complaints, losses, compensation, safety.",
        ),
        basis: "TT 17/2017/TT-BTTTT Đ13",
        needs: operator::NEEDS,
        also: &[],
        build: operator::build,
    },
    Definition {
        id: DefinitionId::Index,
        version: 1,
        title: ("Chỉ số phục vụ người dân, doanh nghiệp: phần bưu chính", "Service index: what concerns the post"),
        about: ("Tỷ lệ đúng hạn và tỷ lệ qua bưu chính theo cơ quan.", "On-time share and share by post, by agency."),
        basis: "QĐ 766/QĐ-TTg ngày 23/6/2022",
        needs: index::NEEDS,
        also: &[],
        build: index::build,
    },
    Definition {
        id: DefinitionId::Late,
        version: 1,
        title: ("Tỷ lệ trễ hạn và danh sách hồ sơ trễ", "Late shares, and what was late"),
        about: (
            "Cơ quan, bưu cục, cá nhân so với ngưỡng; mỗi hồ sơ trễ một dòng, có người chịu trách nhiệm.",
            "Units and people against the limits; one line for each late item, with a name.",
        ),
        basis: "12-CTr/TU Khánh Hòa 2017 (10 %); chỉ tiêu tỉnh (5 %); TT 17/2017/TT-BTTTT Đ7",
        needs: late::NEEDS,
        also: &[Also::Late],
        build: late::build,
    },
    Definition {
        id: DefinitionId::Books,
        version: 2,
        title: ("Báo cáo đối soát giữa một cửa và bưu chính", "Reconciliation of the two books"),
        about: (
            "Tổng số hai sổ, sai lệch theo loại, người xử lý và tuổi; có chỗ ký cho họp quý.",
            "Totals of both books, discrepancies by kind with owner and age; signed at the quarterly meeting.",
        ),
        basis: "QĐ 45/2016/QĐ-TTg Đ13 k8; TT 17/2017/TT-BTTTT Đ15",
        needs: books::NEEDS,
        also: &[Also::Books],
        build: books::build,
    },
    Definition {
        id: DefinitionId::Reach,
        version: 1,
        title: ("Mức độ giao bưu chính tiếp nhận hồ sơ", "How far intake is with the post"),
        about: (
            "Mỗi cấp có bao nhiêu cơ quan đã giao toàn bộ thủ tục.",
            "How many agencies of each level have handed over every procedure.",
        ),
        basis: "QĐ 45/2016/QĐ-TTg Đ13 k1, Đ18",
        needs: reach::NEEDS,
        also: &[],
        build: reach::build,
    },
    Definition {
        id: DefinitionId::Sample,
        version: 1,
        title: ("Kiểm tra mẫu việc tuân thủ", "Compliance sample"),
        about: (
            "Vài ngày chọn ngẫu nhiên: quy tắc nào bị vi phạm, bên gửi nào, mười ví dụ đầu, xu hướng.",
            "A few random days: which rule was broken, by which sender, the first ten examples, the trend.",
        ),
        basis: "UPU S10, M40 (cách lấy mẫu); C3, C4, C6",
        needs: sample::NEEDS,
        also: &[Also::Sample],
        build: sample::build,
    },
];

/// The definition of this id.
pub fn definition(id: DefinitionId) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|definition| definition.id == id)
}

impl Definition {
    /// The report that the material gives.
    pub fn report(&self, material: &Material) -> Report {
        let parts = (self.build)(material);
        let mut report = Report {
            definition: self.id.as_str().to_owned(),
            version: self.version,
            title: Said::new(self.title.0, self.title.1),
            basis: self.basis.to_owned(),
            period: material.period,
            scope: material.scope.clone(),
            as_of: material.as_of,
            calendar: material.calendar.clone(),
            due_before: parts.due_before,
            letterhead: material.letterhead.clone(),
            sections: parts.sections,
            checks: parts.checks,
            notes: parts.notes,
            signatures: parts.signatures,
        };
        if report.has_unknown() {
            report.notes.push(Said::new(
                "“–”: số mà sổ giao nhận không có và chưa ai nhập từ phần mềm một cửa hoặc từ bưu chính; không phải số 0.",
                "“–”: a figure that the ledger cannot know and nobody has entered yet; it is not zero.",
            ));
        }
        if material.waiting > 0 {
            let n = material.waiting;
            report.notes.push(Said::new(
                format!("{n} hồ sơ có tin mới chưa kịp cộng vào số ngày khi chốt."),
                format!("{n} dossiers had news that were not yet in the sums when this was cut."),
            ));
        }
        report
    }
}

impl Material {
    /// A figure from outside, of the scope where nothing narrower is asked for.
    fn told(&self, figure: Figure, want: Want<'_>) -> Option<i64> {
        self.told_with_parts(figure, want).map(|(value, _)| value)
    }

    /// The same, and whether it is a sum of parts.
    fn told_with_parts(&self, figure: Figure, want: Want<'_>) -> Option<(i64, bool)> {
        let scope = &self.scope;
        let want = Want {
            agency: want.agency.or(scope.agency_code.as_deref()),
            office: want.office.or(scope.post_office_code.as_deref()),
            ..want
        };
        self.told.get_with_parts(figure, want, self.period)
    }

    /// The sum of figures; none where one of them is not known.
    fn told_sum(&self, figures: &[Figure], want: Want<'_>) -> Option<i64> {
        figures.iter().map(|figure| self.told(*figure, want)).sum()
    }

    /// The sums of a need, by its place.
    fn counts(&self, need: usize) -> &[Count] {
        self.counts.get(need).map_or(&[], Vec::as_slice)
    }
}

/// A share that is compared with a limit, without rounding: `part / whole` against hundredths of a percent.
fn against(part: i64, whole: i64, points: i64) -> std::cmp::Ordering {
    (i128::from(part) * 10_000).cmp(&(i128::from(points) * i128::from(whole)))
}
