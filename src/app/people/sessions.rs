//! Signing in and out: rate-limited, with sessions in the database, so that they end at once everywhere.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};

use crate::app::people::{Doing, act, password, person_of};
use crate::app::{App, AppError};
use crate::base::digest::sha256_hex;
use crate::base::id::ActId;
use crate::base::secret::Redacted;
use crate::base::time::MINUTE_US;
use crate::domain::person::Person;
use crate::store::people;
use crate::store::people_rows::{PersonRow, SessionRow, SignInFailureRow};

/// Failures are counted within this time.
pub const WINDOW_US: i64 = 15 * MINUTE_US;
/// Failed sign-ins of one account within the window, after which it waits (NIST SP 800-63B 3.2.2 allows up to 100).
pub const FAILURES_OF_ACCOUNT_MAX: i64 = 5;
/// Failed sign-ins from one address within the window: an office shares one.
pub const FAILURES_OF_ADDRESS_MAX: i64 = 50;
/// How often the use of a session is written down at most.
const TOUCH_US: i64 = MINUTE_US;

/// How long sessions last.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// In all.
    pub whole_us: i64,
    /// Without use.
    pub idle_us: i64,
}

/// A session that began: its token is only here and in the browser.
pub struct Begun {
    /// The token of the cookie.
    pub token: Redacted<String>,
    /// Who it is.
    pub person: Person,
    /// Whether the password must be changed first.
    pub must_change: bool,
}

/// What came of a sign-in.
pub enum SignIn {
    /// Signed in.
    Begun(Box<Begun>),
    /// Name or password is wrong; so many attempts are left.
    Wrong {
        /// Attempts left within the window.
        left: i64,
    },
    /// Too many failures: to wait.
    Wait,
    /// The account is locked.
    Locked,
}

/// A session in use.
pub struct Session {
    /// Who it is.
    pub person: Person,
    /// The token of its forms.
    pub csrf: String,
    /// Whether the password must be changed before anything else.
    pub must_change: bool,
    /// Whether a PIN is set.
    pub has_pin: bool,
}

fn random_token() -> Result<String, AppError> {
    let mut bytes = [0_u8; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| AppError::Internal("no randomness".to_owned()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Signs in with a password. `address` is where the call came from.
pub fn sign_in(
    app: &App,
    username: &str,
    password: &str,
    address: &str,
    terms: Terms,
    request_id: &str,
) -> Result<SignIn, AppError> {
    let since = app.now().plus_us(-WINDOW_US).us();
    // Digests: what was typed as a name may be a password.
    let subjects = [sha256_hex(format!("account:{username}").as_bytes()), of_address(address)];
    let [of_account, of_address] = &subjects;
    let (account, from_here, row) = app.store.read(|db| {
        Ok((
            people::failures(db, of_account, since)?,
            people::failures(db, of_address, since)?,
            people::by_username(db, username)?,
        ))
    })?;
    if account >= FAILURES_OF_ACCOUNT_MAX || from_here >= FAILURES_OF_ADDRESS_MAX {
        return Ok(SignIn::Wait);
    }
    let kept = row.as_ref().and_then(|row| row.password_hash.as_deref());
    let fits = password::fits(password, kept);
    let Some(row) = row.filter(|_| fits) else {
        let at_us = app.now().us();
        let failures = subjects
            .into_iter()
            .map(|subject| SignInFailureRow { id: ActId::make(&app.ids).into(), subject, at_us })
            .collect();
        let doing = Doing { person: None, request_id };
        app.store.insert_failures(failures, act(app, doing, "SIGN_IN.FAILED", None))?;
        return Ok(SignIn::Wrong { left: FAILURES_OF_ACCOUNT_MAX - account - 1 });
    };
    if row.disabled_at_us.is_some() {
        return Ok(SignIn::Locked);
    }
    Ok(SignIn::Begun(Box::new(begin(app, &row, terms, "SIGN_IN.PASSWORD", request_id)?)))
}

/// What came of a sign-in that a provider of accounts vouches for.
pub enum Vouched {
    /// Signed in.
    Begun(Box<Begun>),
    /// No account is bound to the subject.
    Unknown,
    /// The account is locked.
    Locked,
}

/// Signs in somebody whom a provider of accounts vouches for.
pub fn sign_in_vouched(
    app: &App,
    provider: &str,
    subject: &str,
    terms: Terms,
    request_id: &str,
) -> Result<Vouched, AppError> {
    match app.store.read(|db| people::by_provider(db, provider, subject))? {
        None => Ok(Vouched::Unknown),
        Some(row) if row.disabled_at_us.is_some() => Ok(Vouched::Locked),
        // The provider looks after the password.
        Some(row) => {
            let row = PersonRow { must_change: 0, ..row };
            Ok(Vouched::Begun(Box::new(begin(app, &row, terms, "SIGN_IN.PROVIDER", request_id)?)))
        }
    }
}

/// Records that an answer of the provider of accounts proved nobody.
pub fn refuse_vouched(app: &App, address: &str, request_id: &str) -> Result<(), AppError> {
    let failure =
        SignInFailureRow { id: ActId::make(&app.ids).into(), subject: of_address(address), at_us: app.now().us() };
    let act = act(app, Doing { person: None, request_id }, "SIGN_IN.FAILED", None);
    Ok(app.store.insert_failures(vec![failure], act)?)
}

/// Whether too many sign-ins failed from this address.
pub fn too_many_from(app: &App, address: &str) -> Result<bool, AppError> {
    let since = app.now().plus_us(-WINDOW_US).us();
    let subject = of_address(address);
    Ok(app.store.read(|db| people::failures(db, &subject, since))? >= FAILURES_OF_ADDRESS_MAX)
}

fn of_address(address: &str) -> String {
    sha256_hex(format!("address:{address}").as_bytes())
}

/// The secret of ours that seals what a browser keeps for us while it signs in elsewhere.
pub fn sealing_secret(app: &App) -> Result<String, AppError> {
    let fresh = random_token()?;
    Ok(app.store.own_secret("sign-in", || fresh)?)
}

/// Begins a session for a person who proved who they are.
pub fn begin(app: &App, row: &PersonRow, terms: Terms, how: &str, request_id: &str) -> Result<Begun, AppError> {
    let token = random_token()?;
    let now = app.now();
    let session = SessionRow {
        token_sha256: sha256_hex(token.as_bytes()),
        person_id: row.id.clone(),
        csrf: random_token()?,
        created_at_us: now.us(),
        seen_at_us: now.us(),
        ends_at_us: now.plus_us(terms.whole_us).us(),
    };
    let doing = Doing { person: Some(&row.id), request_id };
    app.store.insert_session(session, act(app, doing, how, None))?;
    Ok(Begun { token: Redacted::new(token), person: person_of(row)?, must_change: row.must_change == 1 })
}

/// Begins a new session for a person whose others ended, as a changed password does.
pub fn begin_again(app: &App, person: &Person, terms: Terms, request_id: &str) -> Result<Option<Begun>, AppError> {
    let row = app.store.read(|db| people::by_id(db, &person.id))?;
    row.map(|row| begin(app, &row, terms, "SIGN_IN.AGAIN", request_id)).transpose()
}

/// The session of a cookie; `None` when it ended, was ended, or its person is locked.
pub fn find(app: &App, token: &str, terms: Terms) -> Result<Option<Session>, AppError> {
    let digest = sha256_hex(token.as_bytes());
    let now_us = app.now().us();
    let Some((session, row)) = app.store.read(|db| people::session(db, &digest))? else { return Ok(None) };
    let idle_us = now_us.saturating_sub(session.seen_at_us);
    if session.ends_at_us <= now_us || idle_us > terms.idle_us || row.disabled_at_us.is_some() {
        return Ok(None);
    }
    if idle_us > TOUCH_US {
        app.store.touch_session(digest, now_us)?;
    }
    Ok(Some(Session {
        person: person_of(&row)?,
        csrf: session.csrf,
        must_change: row.must_change == 1 && row.provider_subject.is_none(),
        has_pin: row.pin_hash.is_some(),
    }))
}

/// Ends a session.
pub fn end(app: &App, token: &str, person: &Person, request_id: &str) -> Result<(), AppError> {
    let doing = Doing { person: Some(&person.id), request_id };
    Ok(app.store.delete_session(sha256_hex(token.as_bytes()), act(app, doing, "SIGN_OUT", None))?)
}

/// Proves again that it is the person, by PIN or password, as a signature needs. Failures count as failed sign-ins do.
pub fn prove_again(app: &App, person: &Person, secret: &str, request_id: &str) -> Result<SignInProof, AppError> {
    let subject = sha256_hex(format!("account:{}", person.username).as_bytes());
    let since = app.now().plus_us(-WINDOW_US).us();
    let (failures, row) =
        app.store.read(|db| Ok((people::failures(db, &subject, since)?, people::by_id(db, &person.id)?)))?;
    if failures >= FAILURES_OF_ACCOUNT_MAX {
        return Ok(SignInProof::Wait);
    }
    let Some(row) = row else { return Ok(SignInProof::Wrong { left: 0 }) };
    let kept = if crate::domain::person::is_pin(secret) { &row.pin_hash } else { &row.password_hash };
    if password::fits(secret, kept.as_deref()) {
        return Ok(SignInProof::Proved);
    }
    let failure = SignInFailureRow { id: ActId::make(&app.ids).into(), subject, at_us: app.now().us() };
    let doing = Doing { person: Some(&person.id), request_id };
    app.store.insert_failures(vec![failure], act(app, doing, "SIGN_IN.FAILED", None))?;
    Ok(SignInProof::Wrong { left: FAILURES_OF_ACCOUNT_MAX - failures - 1 })
}

/// What came of proving it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInProof {
    /// It is the person.
    Proved,
    /// Wrong; so many attempts are left.
    Wrong {
        /// Attempts left within the window.
        left: i64,
    },
    /// Too many failures: to wait.
    Wait,
}
