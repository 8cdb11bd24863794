//! The binary: everything is in the library, so that tests can embed it.

fn main() -> std::process::ExitCode {
    giaonhan::cli::run()
}
