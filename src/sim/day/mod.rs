//! The seeded working day of a province, played for both sides through the public API.
