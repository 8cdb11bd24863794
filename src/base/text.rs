//! Text as Vietnamese systems really send it: NFC, damage, folding.
