//! Accounts of the demo, one for each role, with a password that is printed: the pages can be looked at right away.

use crate::app::App;
use crate::app::people::Doing;
use crate::app::people::accounts::{self, NewPerson};
use crate::app::zones::load as load_zones;
use crate::cli::{Failure, people};
use crate::domain::person::Role;
use crate::wire::zones;

/// Offices, agencies and procedures.
const DIRECTORY: &str = include_str!("directory.toml");
/// What was a district-level unit when TT 17 Đ7 was made, of every place of the day: lanes and J+n come from it.
const ZONES: &str = include_str!("zones.csv");
/// The password of every account of the demo, and of nothing else.
pub(super) const PASSWORD: &str = "ho so di dung tay";
/// The PIN of every account of the demo.
pub(super) const PIN: &str = "246135";

/// Username, full name, title, role, post office, agency.
type Account = (&'static str, &'static str, &'static str, Role, Option<&'static str>, Option<&'static str>);

/// Who there is. Nobody of them exists.
pub(super) const ACCOUNTS: &[Account] = &[
    ("giao-dich-vien", "Nguyễn Thị Hạnh", "Giao dịch viên", Role::PostClerk, Some("650100"), None),
    ("buu-ta", "Trần Văn Lực", "Bưu tá tuyến 03", Role::Postman, Some("650100"), None),
    ("phu-trach-buu-cuc", "Phạm Quốc Định", "Trưởng bưu cục", Role::PostSupervisor, Some("650100"), None),
    ("mot-cua", "Lê Hoàng Yến", "Chuyên viên", Role::DeskClerk, None, Some("H32.15")),
    ("phu-trach-mot-cua", "Đỗ Thị Mai", "Trưởng bộ phận một cửa", Role::AgencySupervisor, None, Some("H32.15")),
    ("giam-sat", "Võ Minh Khang", "Chuyên viên kiểm soát thủ tục hành chính", Role::Oversight, None, None),
    ("quan-tri", "Bùi Anh Dũng", "Quản trị hệ thống", Role::Administrator, None, None),
    // What two people must agree on, such as the meaning of a code, takes a second one.
    ("quan-tri-2", "Hồ Thị Thanh", "Quản trị hệ thống", Role::Administrator, None, None),
];

/// Loads the directory and makes the accounts.
pub(super) fn open(app: &App) -> Result<(), Failure> {
    people::load_text(app, DIRECTORY).map_err(Failure::environment)?;
    let doing = Doing { person: None, request_id: "demo" };
    let places =
        zones::read(ZONES.as_bytes()).map_err(|faults| Failure::environment(format!("zones.csv: {faults:?}")))?;
    load_zones(app, places, doing)?;
    for (username, full_name, title, role, post_office, agency) in ACCOUNTS.iter().copied() {
        let new = NewPerson { username, full_name, title: Some(title), role, post_office, agency };
        if let Ok(made) = accounts::create(app, &new, Some(PASSWORD), doing)? {
            // A demo is looked at, not administered: nobody has to think of a password first.
            accounts::settle(app, &made.person, PIN, doing)?;
        }
    }
    Ok(())
}

/// What is printed of the accounts.
pub(super) fn for_people(url: &str) -> String {
    let mut text =
        format!("Trang cho mọi người / pages for people: {url}/\n  mật khẩu / password: {PASSWORD}   PIN: {PIN}\n");
    for (username, full_name, title, role, ..) in ACCOUNTS {
        text.push_str(&format!("  {username:<20} {full_name:<18} {title} ({role})\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::person::{Reach, Right};
    use crate::sim::day::Plan;
    use chrono::NaiveDate;

    #[test]
    fn a_day_brings_originals_that_are_lent() {
        let directory: toml::Value = toml::from_str(DIRECTORY).unwrap();
        let is_lent =
            |paper: &&toml::Value| paper.get("compare").is_some_and(|compare| compare.as_bool() == Some(true));
        let mut lent = Vec::new();
        for procedure in directory["procedures"].as_array().unwrap() {
            let papers = procedure["papers"].as_array().unwrap().iter().filter(is_lent);
            lent.extend(papers.map(|paper| (procedure["code"].as_str().unwrap(), paper["name"].as_str().unwrap())));
        }
        let plan = Plan::generate(1, 40, NaiveDate::from_ymd_opt(2026, 11, 20).unwrap());
        let brought = plan.legs.iter().filter(|leg| leg.accepted_at.is_some()).filter(|leg| {
            leg.papers.iter().any(|paper| paper.original && lent.contains(&(leg.procedure.code, paper.name)))
        });
        assert!(brought.count() > 0, "{lent:?}");
    }

    #[test]
    fn every_act_of_two_people_finds_its_second_one() {
        let people: Vec<(Role, Reach)> = ACCOUNTS
            .iter()
            .map(|(.., role, office, agency)| (*role, Reach::of(*role, *office, *agency).unwrap()))
            .collect();
        // Accepting: of the office's cases, of the agency's, and of those that only the province sees.
        let settles = |sees: &dyn Fn(&Reach) -> bool| {
            people.iter().filter(|(role, reach)| role.may(Right::Settle) && sees(reach)).count()
        };
        assert!(settles(&|reach| matches!(reach, Reach::PostOffice(_) | Reach::Province)) >= 2);
        assert!(settles(&|reach| matches!(reach, Reach::Agency(_) | Reach::Province)) >= 2);
        assert!(settles(&|reach| *reach == Reach::Province) >= 2);
        // Meanings of codes.
        assert!(people.iter().filter(|(role, _)| role.may(Right::Messages)).count() >= 2);
    }
}
