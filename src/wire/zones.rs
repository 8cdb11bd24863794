//! A table of postal zones: `place,province,zone,class`, one row for each commune, post office or agency. A class left empty is `NORMAL`.

use super::format;
use super::rows::Rows;
use crate::domain::lane::{Zone, ZoneClass};

/// Columns of the table.
pub const COLUMNS: [&str; 4] = ["place", "province", "zone", "class"];
const CODE_CHARS_MAX: usize = 40;

/// Places with their zones, or each fault with its line.
pub type Table = Result<Vec<(String, Zone)>, Vec<(usize, String)>>;

/// Reads a table whole; every fault with its line, the header being line 1.
pub fn read(sent: &[u8]) -> Table {
    let unreadable = |refusal: crate::domain::problem::Refusal| vec![(0, refusal.message.en)];
    let mut rows = Rows::of(format::utf8(sent).map_err(unreadable)?);
    let names = rows.next_row().map_err(unreadable)?.unwrap_or_default();
    if names.iter().map(|name| name.trim()).ne(COLUMNS) {
        return Err(vec![(1, format!("the header row is {}", COLUMNS.join(",")))]);
    }
    let (mut zones, mut faults) = (Vec::new(), Vec::new());
    let mut line = 1;
    while let Some(cells) = rows.next_row().map_err(unreadable)? {
        line += 1;
        let cells: Vec<&str> = cells.iter().map(|cell| cell.trim()).collect();
        match zone(&cells) {
            Ok(zone) => zones.push(zone),
            Err(why) => faults.push((line, why)),
        }
    }
    if faults.is_empty() { Ok(zones) } else { Err(faults) }
}

fn zone(cells: &[&str]) -> Result<(String, Zone), String> {
    let [place, province, zone, class] = cells else { return Err("four cells".to_owned()) };
    for (name, code) in COLUMNS.iter().zip([place, province, zone]) {
        if code.is_empty() || code.chars().count() > CODE_CHARS_MAX {
            return Err(format!("{name}: 1 to {CODE_CHARS_MAX} characters"));
        }
    }
    let class = if class.is_empty() { "NORMAL" } else { class };
    let class = ZoneClass::parse(class).ok_or("class: NORMAL, CITY or SPECIAL")?;
    Ok(((*place).to_owned(), Zone { province: (*province).to_owned(), zone: (*zone).to_owned(), class }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_told_with_its_line() {
        let table = "place,province,zone,class\n22366,56,nha-trang,CITY\n650100,56,nha-trang,\n";
        let zones = read(table.as_bytes()).unwrap();
        assert_eq!(zones[0].1.class, ZoneClass::City);
        assert_eq!((zones[1].0.as_str(), zones[1].1.class), ("650100", ZoneClass::Normal));
        let faults = read(b"place,province,zone,class\n,56,a,\n22366,56,a,BIG\n1,2\n").unwrap_err();
        assert_eq!(faults.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 4]);
        assert!(read(b"place,zone\n").is_err() && read(b"\xff").is_err());
    }
}
