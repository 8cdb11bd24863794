//! A real server process, built with the same profile as the benchmark, and its keys.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use crate::database::Database;
use crate::sample::AGENCY;

const BINARY: &str = env!("CARGO_BIN_EXE_giaonhan");

/// Settings of every server here: the rate of a key is not what is measured, and no feed of a post is read.
const SETTINGS: &str = "[limits]\nrequests_per_second = 1000000\nburst = 1000000\n[roles]\npoller = false\n";

/// A running server.
pub struct Server {
    child: Child,
    /// Where it accepts calls.
    pub address: SocketAddr,
    /// A key of the agency's side.
    pub desk: String,
    /// A key of the post's side.
    pub post: String,
}

impl Server {
    /// Starts it on a database, with further settings.
    pub fn start(database: &Database, settings: &str) -> Self {
        let config = database.file("bench.toml");
        std::fs::write(&config, format!("{}{SETTINGS}{settings}", database.settings())).expect("a configuration");
        let command = |words: &[&str]| {
            let mut command = Command::new(BINARY);
            command.args(words).arg("--config").arg(&config).stdin(Stdio::null());
            command
        };
        let key = |side: &str| {
            let words =
                ["key", "create", "--counterpart", &format!("bench-{side}"), "--side", side, "--agency", AGENCY];
            let output = command(&words).output().expect("a key");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).expect("a key").trim().to_owned()
        };
        let (desk, post) = (key("agency"), key("post"));
        // The log is written as by default, into nothing: a disk that is slow at logs is not what is measured.
        let mut child = command(&["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a server");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("its first line");
        let address = line.trim().rsplit_once("http://").and_then(|(_, address)| address.parse().ok());
        Server { child, address: address.unwrap_or_else(|| panic!("`{line}`")), desk, post }
    }

    /// Processor time that it has taken so far, in microseconds. Says more than a speed on a machine that others use too.
    pub fn cpu_us(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("its stat");
        let (_, after_name) = stat.rsplit_once(')').expect("a name");
        let ticks = |field: &str| field.parse::<f64>().expect("ticks");
        // utime and stime, in ticks of which Linux shows 100 a second.
        after_name.split_whitespace().skip(11).take(2).map(ticks).sum::<f64>() * 10_000.0
    }

    /// A line of `/proc/PID/status`, in bytes.
    pub fn memory_bytes(&self, name: &str) -> f64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).expect("a status of the process");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect(name);
        let kib: f64 = line.trim_matches([':', ' ', '\t']).trim_end_matches(" kB").trim().parse().expect("a number");
        kib * 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ends as in operation, so that nothing of it goes on beside what is measured next.
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        if !asked.is_ok_and(|status| status.success()) {
            drop(self.child.kill());
        }
        drop(self.child.wait());
    }
}

/// Runs a command of the program on a database to its end.
pub fn command(database: &Database, words: &[&str]) {
    let config = database.file("bench.toml");
    std::fs::write(&config, database.settings()).expect("a configuration");
    let output = Command::new(BINARY).args(words).arg("--config").arg(&config).stdin(Stdio::null()).output();
    let output = output.expect("the program");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What a command tells, and the peak of its memory in MB.
pub fn told(database: &Database, words: &[&str]) -> (String, f64) {
    let config = database.file("bench.toml");
    std::fs::write(&config, database.settings()).expect("a configuration");
    let mut command = Command::new(BINARY);
    command.args(words).arg("--config").arg(&config).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the program");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0.0_f64;
    while child.try_wait().expect("its end").is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes =
            line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse::<f64>().ok());
        peak = peak.max(kilobytes.unwrap_or(0.0) * 1_024.0 / 1e6);
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    let output = child.wait_with_output().expect("what it told");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    (String::from_utf8_lossy(&output.stdout).into_owned(), peak)
}
