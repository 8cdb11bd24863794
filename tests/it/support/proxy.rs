//! A wire that can be cut: a TCP proxy on loopback that refuses connections while it is cut, as a server that is down does.

use super::process::steady_address;
use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// The proxy.
pub struct Proxy {
    /// Where it listens.
    pub address: String,
    target: String,
    pipes: Arc<Mutex<Vec<TcpStream>>>,
    listening: Mutex<Option<(Arc<AtomicBool>, JoinHandle<()>)>>,
}

impl Proxy {
    /// Leads to the target.
    pub fn to(target: &str) -> Self {
        let proxy = Proxy {
            address: steady_address(),
            target: target.to_owned(),
            pipes: Arc::default(),
            listening: Mutex::default(),
        };
        proxy.mend();
        proxy
    }

    /// Lets connections through again.
    pub fn mend(&self) {
        let listener = TcpListener::bind(&self.address).unwrap();
        let (ending, target, pipes) = (Arc::new(AtomicBool::new(false)), self.target.clone(), self.pipes.clone());
        let ends = ending.clone();
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                if let Ok(other) = TcpStream::connect(&target) {
                    pipes.lock().unwrap().extend([stream.try_clone().unwrap(), other.try_clone().unwrap()]);
                    pipe(stream.try_clone().unwrap(), other.try_clone().unwrap());
                    pipe(other, stream);
                }
            }
        });
        *self.listening.lock().unwrap() = Some((ending, thread));
    }

    /// Breaks every connection and refuses new ones.
    pub fn cut(&self) {
        if let Some((ending, thread)) = self.listening.lock().unwrap().take() {
            ending.store(true, Ordering::SeqCst);
            drop(TcpStream::connect(&self.address));
            thread.join().unwrap();
        }
        for stream in self.pipes.lock().unwrap().drain(..) {
            drop(stream.shutdown(Shutdown::Both));
        }
    }
}

fn pipe(mut from: TcpStream, mut to: TcpStream) {
    std::thread::spawn(move || {
        drop(io::copy(&mut from, &mut to));
        drop(from.shutdown(Shutdown::Both));
        drop(to.shutdown(Shutdown::Both));
    });
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
    }
}
