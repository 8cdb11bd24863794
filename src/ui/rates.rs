//! How often one address may ask a public page: a bucket for each, in memory, of bounded number.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::base::time::SECOND_US;

/// Addresses that are remembered at a time.
const ADDRESSES_MAX: usize = 20_000;

/// Buckets by address. Each is one instant: when it will be full again.
pub(super) struct Rates {
    burst: i64,
    each_us: i64,
    full_at_us: Mutex<BTreeMap<String, i64>>,
}

impl Rates {
    /// So many at once, and one more every so many microseconds.
    pub(super) fn new(burst: i64, each_us: i64) -> Self {
        Rates { burst, each_us, full_at_us: Mutex::default() }
    }

    /// Takes one from the bucket of an address, or tells after how many seconds to come back.
    pub(super) fn take(&self, address: &str, now_us: i64) -> Result<(), u32> {
        let mut full_at_us = self.full_at_us.lock().unwrap_or_else(PoisonError::into_inner);
        let network = network_of(address);
        let known = full_at_us.get(&network).copied().unwrap_or(now_us);
        let after_us = known.max(now_us).saturating_add(self.each_us);
        let over_us = after_us.saturating_sub(now_us).saturating_sub(self.burst.saturating_mul(self.each_us));
        if over_us > 0 {
            return Err(u32::try_from(over_us / SECOND_US).unwrap_or(u32::MAX).saturating_add(1));
        }
        if full_at_us.len() >= ADDRESSES_MAX && !full_at_us.contains_key(&network) {
            full_at_us.retain(|_, full| *full > now_us);
            // Still too many: the one that would be forgotten first goes first.
            let first = full_at_us.iter().min_by_key(|(_, full)| **full).map(|(address, _)| address.clone());
            if let Some(first) = first.filter(|_| full_at_us.len() >= ADDRESSES_MAX) {
                full_at_us.remove(&first);
            }
        }
        full_at_us.insert(network, after_us);
        Ok(())
    }
}

/// Somebody with IPv6 has a whole network of addresses: its first 64 bits count as one.
fn network_of(address: &str) -> String {
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V6(v6)) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.to_string(),
            None => v6.segments().iter().take(4).map(|part| format!("{part:x}:")).collect(),
        },
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_spent_and_comes_back_one_by_one() {
        let rates = Rates::new(3, 2 * SECOND_US);
        for _ in 0..3 {
            assert_eq!(rates.take("192.0.2.1", 0), Ok(()));
        }
        assert_eq!(rates.take("192.0.2.1", 0), Err(3));
        assert_eq!(rates.take("192.0.2.2", 0), Ok(()));
        assert_eq!(rates.take("192.0.2.1", 2 * SECOND_US), Ok(()));
        assert!(rates.take("192.0.2.1", 2 * SECOND_US).is_err());
    }

    #[test]
    fn one_network_is_one_address() {
        let rates = Rates::new(1, SECOND_US);
        assert_eq!(rates.take("2001:db8:1:2::1", 0), Ok(()));
        assert!(rates.take("2001:db8:1:2:ffff::9", 0).is_err());
        assert_eq!(rates.take("2001:db8:1:3::1", 0), Ok(()));
        assert_eq!(rates.take("::ffff:192.0.2.7", 0), Ok(()));
        assert!(rates.take("192.0.2.7", 0).is_err());
    }

    #[test]
    fn memory_is_bounded_and_new_addresses_still_come_in() {
        let rates = Rates::new(1, 3_600 * SECOND_US);
        for number in 0..ADDRESSES_MAX + 50 {
            assert_eq!(rates.take(&format!("a{number}"), i64::try_from(number).unwrap()), Ok(()));
        }
        assert_eq!(rates.full_at_us.lock().unwrap().len(), ADDRESSES_MAX);
    }
}
