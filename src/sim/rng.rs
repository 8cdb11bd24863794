//! Seeded chance: a stream for plans, and coins that fall the same way whatever the order of the calls.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use ring::digest;

/// A portable stream of chance: equal seeds give equal streams on every machine.
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// A stream from a seed and a name, so that two parts of a plan do not disturb each other.
    pub fn new(seed: u64, name: &str) -> Self {
        let hash = digest::digest(&digest::SHA256, format!("{seed}/{name}").as_bytes());
        let mut bytes = [0_u8; 32];
        bytes.copy_from_slice(hash.as_ref());
        Dice(ChaCha8Rng::from_seed(bytes))
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        if high <= low { low } else { self.0.random_range(low..=high) }
    }

    /// True with the given probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        f64::from(self.0.random::<u32>()) / f64::from(u32::MAX) < probability
    }

    /// One of the choices; none when there are none.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        let last = u64::try_from(choices.len().checked_sub(1)?).ok()?;
        choices.get(usize::try_from(self.between(0, last)).ok()?)
    }

    /// Puts the items into a random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            let other = usize::try_from(self.between(0, u64::try_from(end).unwrap_or(0))).unwrap_or(end);
            items.swap(end, other);
        }
    }
}

/// A number that depends on the seed and the words alone.
pub fn fate(seed: u64, words: &[&str]) -> u32 {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(&seed.to_be_bytes());
    for word in words {
        context.update(word.as_bytes());
        context.update(&[0]);
    }
    let hash = context.finish();
    hash.as_ref().iter().take(4).fold(0, |number, byte| (number << 8) | u32::from(*byte))
}

/// A coin that falls with the given probability, decided by the seed and the words alone.
pub fn coin(seed: u64, words: &[&str], probability: f64) -> bool {
    f64::from(fate(seed, words)) / (f64::from(u32::MAX) + 1.0) < probability
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coins_depend_on_their_words_and_fall_as_often_as_asked() {
        let falls = |seed: u64| (0..4_000).filter(|n| coin(seed, &["E1", &n.to_string()], 0.25)).collect::<Vec<_>>();
        assert_eq!(falls(7), falls(7));
        assert_ne!(falls(7), falls(8));
        assert!((850..1_150).contains(&falls(7).len()), "{}", falls(7).len());
        assert!(!coin(1, &["a"], 0.0));
        assert!(coin(1, &["a"], 1.0));
        assert_ne!(fate(1, &["ab", "c"]), fate(1, &["a", "bc"]));
    }

    #[test]
    fn dice_repeat() {
        let roll = |name: &str| {
            let mut dice = Dice::new(42, name);
            (0..20).map(|_| dice.between(1, 6)).collect::<Vec<_>>()
        };
        assert_eq!(roll("people"), roll("people"));
        assert_ne!(roll("people"), roll("legs"));
        assert!(roll("legs").iter().all(|n| (1..=6).contains(n)));
    }
}
