//! Passwords and PINs: Argon2id with the crate's defaults (19 MiB, 2 passes, 1 lane: OWASP's first choice), one salt each.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};

use crate::app::AppError;

/// The text to keep of a password.
pub fn hash(password: &str) -> Result<String, AppError> {
    let hash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|error| AppError::Internal(format!("a password could not be hashed: {error}")))?;
    Ok(hash.to_string())
}

/// Whether the password fits. Without a hash the same work is done for nothing, so that the time tells nobody which names exist.
pub fn fits(password: &str, kept: Option<&str>) -> bool {
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let Ok(parsed) = PasswordHash::new(kept.unwrap_or(NOBODY)) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && kept.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_hash_alone() {
        let kept = hash("mười hai con giáp").unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert_ne!(kept, hash("mười hai con giáp").unwrap());
        assert!(fits("mười hai con giáp", Some(&kept)));
        assert!(!fits("mười hai con giap", Some(&kept)));
        assert!(!fits("anything", None));
        assert!(!fits("anything", Some("not a hash")));
    }
}
