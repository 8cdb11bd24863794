//! A file into a folder of the operator's: whole or not at all, once, and never over another one of its name.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use crate::peers::Answer;

/// Why a file was not written that may be written later.
fn later(why: String) -> Answer {
    Answer::Retry { retry_after_s: None, why }
}

/// Writes a file, durably. `mark` tells this attempt from others that may still run.
pub fn put(folder: &Path, name: &str, mark: &str, bytes: &[u8]) -> Answer {
    let shown = folder.display();
    if !folder.is_dir() {
        return later(format!("the folder {shown} is not there"));
    }
    let target = folder.join(name);
    if let Some(answer) = found(&target, name, bytes) {
        return answer;
    }
    let part = folder.join(format!(".{name}.{mark}.part"));
    let placed = write(&part, bytes).and_then(|()| place(&part, &target));
    // Whatever attempts that died have left of this file goes with it.
    let swept = sweep(folder, name);
    match placed.and(swept).and_then(|()| File::open(folder)?.sync_all()) {
        Ok(()) => Answer::done(),
        // Somebody was quicker: what is there now is looked at.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            found(&target, name, bytes).unwrap_or_else(|| later(format!("cannot write into {shown}: {error}")))
        }
        Err(error) => later(format!("cannot write into {shown}: {error}")),
    }
}

/// What a file of this name says that is there already.
fn found(target: &Path, name: &str, bytes: &[u8]) -> Option<Answer> {
    match fs::read(target) {
        Ok(there) if there == bytes => Some(Answer::done()),
        Ok(_) => Some(other(name)),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => Some(later(format!("cannot read {}: {error}", target.display()))),
    }
}

/// There is another file of this name: a person has to say which one is right.
pub fn other(name: &str) -> Answer {
    Answer::Refused {
        code: "OTHER_CONTENT".to_owned(),
        text: format!("{name} is there with other content; move it away, then replay"),
    }
}

fn write(part: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(part)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A link is refused where the name is taken; file systems without links get the file by its new name.
fn place(part: &Path, target: &Path) -> std::io::Result<()> {
    match fs::hard_link(part, target) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => fs::rename(part, target),
        done => done,
    }
}

fn sweep(folder: &Path, name: &str) -> std::io::Result<()> {
    let begin = format!(".{name}.");
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_part =
            entry.file_name().to_str().is_some_and(|text| text.starts_with(&begin) && text.ends_with(".part"));
        if is_part {
            // Another attempt may sweep beside us.
            drop(fs::remove_file(entry.path()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_comes_whole_and_once_and_never_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        // What an attempt left that died before its end.
        fs::write(path.join(".a.csv.msg-1.part"), "hal").unwrap();
        fs::write(path.join(".b.csv.msg-1.part"), "of another file").unwrap();
        assert_eq!(put(path, "a.csv", "msg-2", b"half"), Answer::done());
        assert_eq!(names(path), [".b.csv.msg-1.part", "a.csv"]);
        assert_eq!(put(path, "a.csv", "msg-3", b"half"), Answer::done(), "the same again");
        assert!(
            matches!(put(path, "a.csv", "msg-4", b"other"), Answer::Refused { code, .. } if code == "OTHER_CONTENT")
        );
        assert_eq!(fs::read(path.join("a.csv")).unwrap(), b"half");
    }

    #[test]
    fn a_folder_that_is_gone_is_told_by_its_name_and_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let gone = folder.path().join("gone");
        let Answer::Retry { why, .. } = put(&gone, "a.csv", "m", b"x") else { panic!() };
        assert!(why.contains("gone is not there"), "{why}");
        assert!(!gone.exists());
        fs::write(&gone, "a file").unwrap();
        assert!(matches!(put(&gone, "a.csv", "m", b"x"), Answer::Retry { .. }));
    }
}
