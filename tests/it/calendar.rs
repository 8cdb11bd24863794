//! The working calendar in a store: what the program brings, what an operator loads, and what rests on it.

use crate::support::process::on_store;
use crate::support::{Office, Options, TestStore, each_backend};
use giaonhan::app::calendar::{self, Loaded, NotLoaded};
use giaonhan::app::people::Doing;
use giaonhan::domain::calendar::{Calendar, EVERYBODY};
use giaonhan::wire;

const DOING: Doing<'static> = Doing { person: None, request_id: "test" };

fn next_year(name: &str, from: &str) -> String {
    format!(
        "version = \"{name}\"\nvalid_from = \"{from}\"\n[[year]]\nyear = 2027\nsource = \"QĐ\"\n[[week]]\n\
         days = [\"MON\", \"TUE\", \"WED\", \"THU\", \"FRI\"]\nsessions = [\"07:00-11:30\", \"13:30-17:00\"]\n[[week]]\ndays = [\"SAT\"]\n\
         sessions = [\"07:00-11:30\"]\nwhose = \"H32.15\"\n[[day]]\ndate = \"2027-01-01\"\nkind = \"OFF\"\nname = \"Tết Dương lịch\"\n"
    )
}

#[test]
fn a_store_has_the_built_in_calendar_and_takes_further_versions() {
    each_backend("calendar", |store| {
        let office = Office::start(&store, Options::default());
        let app = office.app();
        let built_in = wire::calendar::read(wire::calendar::BUILT_IN).unwrap();
        assert_eq!(calendar::current(app).unwrap(), Calendar::of(vec![built_in.clone()]));
        assert!(matches!(calendar::load(app, wire::calendar::BUILT_IN, DOING), Ok(Loaded::Known(_))), "again: nothing");

        let text = next_year("vn-2027", "2027-01-01");
        let version = wire::calendar::read(&text).unwrap();
        assert_eq!(calendar::load(app, &text, DOING).unwrap(), Loaded::Added(version.clone()));
        assert_eq!(calendar::load(app, &text, DOING).unwrap(), Loaded::Known(version.clone()));
        let loaded = calendar::current(app).unwrap();
        assert_eq!(loaded, Calendar::of(vec![built_in, version]), "what was read is what was written");
        let last = "2026-12-31".parse().unwrap();
        assert_eq!(loaded.days_of(EVERYBODY).after(last, 1).unwrap().to_string(), "2027-01-04");
        assert_eq!(loaded.days_of("H32.15").after(last, 1).unwrap().to_string(), "2027-01-02");

        let changed = text.replace("Tết Dương lịch", "Năm mới");
        assert!(matches!(calendar::load(app, &changed, DOING), Err(NotLoaded::NameTaken(id)) if id == "vn-2027"));
        let twin = next_year("other", "2027-01-01");
        assert!(matches!(calendar::load(app, &twin, DOING), Err(NotLoaded::DayTaken { by, .. }) if by == "vn-2027"));
        let faults = calendar::load(app, &text.replace("2027-01-01\"\nkind", "2028-01-01\"\nkind"), DOING).unwrap_err();
        assert!(matches!(&faults, NotLoaded::Faults(faults) if faults[0].line == 14), "{faults:?}");
        assert_eq!(calendar::versions(app).unwrap().len(), 2);
    });
}

#[test]
fn the_command_line_checks_loads_and_shows() {
    let store = TestStore::sqlite();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("2027.toml");
    let path = file.to_str().unwrap();
    std::fs::write(&file, next_year("vn-2027", "2027-01-01").replace("\"MON\"", "\"MOND\"")).unwrap();
    let found = on_store(&store, &["--json", "calendar", "check", path]).expect(1).object();
    assert_eq!(found["line"], 7);
    assert!(found["problem"].as_str().unwrap().contains("MOND"), "{found}");
    std::fs::write(&file, next_year("vn-2027", "2027-01-01")).unwrap();
    on_store(&store, &["calendar", "check", path]).expect(0);
    on_store(&store, &["calendar", "show", "2027"]).expect(1);
    assert_eq!(on_store(&store, &["--json", "calendar", "load", path]).expect(0).object()["outcome"], "LOADED");
    assert_eq!(on_store(&store, &["--json", "calendar", "load", path]).expect(0).object()["outcome"], "KNOWN");
    assert_eq!(
        on_store(&store, &["--json", "calendar", "show"]).expect(0).objects().len(),
        3,
        "three years of two versions"
    );
    let days = on_store(&store, &["--json", "calendar", "show", "2026"]).expect(0).objects();
    let day = days.iter().find(|day| day["date"] == "2026-08-22").unwrap();
    assert_eq!((day["kind"].as_str(), day["sessions"].as_str()), (Some("WORK"), Some("07:00-11:30,13:30-17:00")));
    assert!(days.iter().any(|day| day["date"] == "2026-11-24" && day["kind"] == "UNSURE"));
}
