//! Real processes of the program: commands that end, and servers that are killed, stopped and started again.

use super::{Client, TestStore, until};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

/// Bound of starting and of stopping.
pub const BOUND: Duration = Duration::from_secs(60);

/// The program with these arguments, and with no setting from the environment of the tests.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_giaonhan"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("GIAONHAN")) {
        command.env_remove(name);
    }
    command.args(arguments);
    command
}

/// A command that ended.
pub struct Ended {
    /// Exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it said beside that.
    pub stderr: String,
}

/// Runs a command to its end.
pub fn run(mut command: Command) -> Ended {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Runs the program on a store.
pub fn on_store(store: &TestStore, arguments: &[&str]) -> Ended {
    let [flag, value] = store.arguments();
    run(program(&[arguments, &[&flag, &value]].concat()))
}

impl Ended {
    /// This end, when it has the exit code.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// What it printed, line by line.
    pub fn lines(&self) -> Vec<&str> {
        self.stdout.lines().collect()
    }

    /// Every line as one JSON object.
    #[track_caller]
    pub fn objects(&self) -> Vec<Value> {
        let object = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.stdout.lines().map(object).collect()
    }

    /// The only line as a JSON object.
    #[track_caller]
    pub fn object(&self) -> Value {
        let mut objects = self.objects();
        assert_eq!(objects.len(), 1, "{}", self.stdout);
        objects.remove(0)
    }
}

/// A server in a process of its own; killed when it is dropped.
pub struct Process {
    child: Child,
    stdout: Receiver<String>,
    printed: Vec<String>,
    stderr: Arc<Mutex<String>>,
    base: Arc<RwLock<String>>,
}

impl Process {
    /// Starts a server and waits for the line that says where it listens. It may be dead instead: `died` tells.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (tell, stdout) = channel();
        let pipe = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || pipe.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        let stderr = Arc::new(Mutex::new(String::new()));
        let (kept, mut pipe) = (stderr.clone(), child.stderr.take().unwrap());
        std::thread::spawn(move || {
            let mut chunk = [0; 8192];
            while let Ok(count @ 1..) = pipe.read(&mut chunk) {
                kept.lock().unwrap().push_str(&String::from_utf8_lossy(&chunk[..count]));
            }
        });
        let mut process = Process { child, stdout, printed: Vec::new(), stderr, base: Arc::default() };
        // No line: it is on its way out.
        if let Ok(line) = process.stdout.recv_timeout(BOUND) {
            let place = line.find("http://").unwrap_or_else(|| panic!("{line}"));
            let url = line[place..].trim_end_matches(['"', '}']);
            url.clone_into(&mut process.base.write().unwrap());
            process.printed.push(line);
        }
        process
    }

    /// Where it listens; empty when it never came that far.
    pub fn url(&self) -> String {
        self.base.read().unwrap().clone()
    }

    /// A caller of this server.
    pub fn caller(&self, key: &str) -> Client {
        Client { base: self.base.clone(), key: Some(key.to_owned()) }
    }

    /// How it ended, once it has.
    pub fn died(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Asks it to stop, as a service manager does.
    pub fn terminate(&self) {
        let id = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw).unwrap();
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    }

    /// Waits for its end.
    pub fn end(&mut self) -> ExitStatus {
        until("the process ends", BOUND, || self.child.try_wait().unwrap())
    }

    /// Asks it to stop and holds it to exit code 0.
    #[track_caller]
    pub fn stop(mut self) -> Vec<String> {
        self.terminate();
        let status = self.end();
        assert_eq!(status.code(), Some(0), "{}", self.log());
        let rest: Vec<String> = self.stdout.iter().collect();
        self.printed.extend(rest);
        std::mem::take(&mut self.printed)
    }

    /// What it said on stderr so far.
    pub fn log(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The server on a store, with a configuration file and further settings (`outbox.lease_ms`).
pub fn serve(store: &TestStore, config: &Path, listen: &str, set: &[(&str, &str)]) -> Command {
    let [flag, value] = store.arguments();
    let config = config.to_str().unwrap();
    let mut command = program(&["serve", "--json", "--listen", listen, "--config", config, &flag, &value]);
    for (key, value) in set {
        command.env(format!("GIAONHAN__{}", key.to_uppercase().replace('.', "__")), value);
    }
    command
}

/// An address on loopback that stays ours through restarts: below the ports that the system hands out by itself.
pub fn steady_address() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let address = || {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let address = format!("127.0.0.1:{}", 20_000 + (std::process::id() * 97 + step) % 12_000);
        TcpListener::bind(&address).is_ok().then_some(address)
    };
    until("a free port", BOUND, address)
}
