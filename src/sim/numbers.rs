//! Postal item numbers (UPU S10) as the simulated operator prints them.

/// The S10 check digit of eight digits: weights 8 6 4 2 3 5 9 7, 11 − (sum mod 11), 10 → 0, 11 → 5.
fn check_digit(serial: &str) -> u32 {
    let sum: u32 = serial
        .chars()
        .zip([8, 6, 4, 2, 3, 5, 9, 7])
        .map(|(digit, weight)| digit.to_digit(10).unwrap_or(0) * weight)
        .sum();
    match 11 - sum % 11 {
        10 => 0,
        11 => 5,
        digit => digit,
    }
}

/// A valid item number of Vietnam: two letters, eight digits, the check digit, `VN`.
pub fn item_number(service: &str, serial: u64) -> String {
    let serial = format!("{:08}", serial % 100_000_000);
    format!("{service}{serial}{}VN", check_digit(&serial))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_agree_with_known_numbers() {
        for (serial, check) in [
            ("47312482", 9),
            ("53619985", 1),
            ("78469999", 4),
            ("12345678", 5),
            ("00000000", 5),
            ("00000008", 0),
            ("00000003", 1),
            ("00525141", 1),
            ("00000005", 9),
            ("00000002", 8),
            ("00000014", 7),
            ("00000007", 6),
            ("00000004", 5),
            ("00000001", 4),
            ("00000009", 3),
            ("00000006", 2),
        ] {
            assert_eq!(check_digit(serial), check, "{serial}");
        }
        assert_eq!(item_number("RR", 47_312_482), "RR473124829VN");
    }
}
