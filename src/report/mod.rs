//! What people read of the ledger and hold in their hands: numbers and dates in their spelling, plots and codes drawn as SVG
//! text, papers as PDF. Pure: everything that is shown arrives as a value, the time and an office's template too.

pub mod alerts;
pub mod causes;
pub mod codes;
pub mod dates;
pub mod definitions;
pub mod formats;
pub mod kinds;
mod markup;
pub mod numbers;
pub mod papers;
pub mod plot;
pub mod tables;
pub mod words;
