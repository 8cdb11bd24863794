//! Speeds beside a bare reference, with lost and doubled counts.

fn main() {}
