//! Tokens of counterparts with a log-in: kept until they are refused, renewed by one caller while the others wait.

use super::{Courier, Credentials, Failure, Target, locked};
use crate::base::secret::Redacted;
use crate::base::time::{SECOND_US, Ts};
use crate::peers::{Answer, Reply, myvnpost};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// After a refused log-in nobody tries again for this long, or for as long as the counterpart asked: callers that
/// waited for the log-in must not each repeat it.
const PAUSE_S: u64 = 5;

/// Tokens by target.
#[derive(Default)]
pub(super) struct Tokens(Mutex<HashMap<String, Arc<tokio::sync::Mutex<Held>>>>);

#[derive(Default)]
struct Held {
    token: Option<Redacted<String>>,
    refused: Option<(Ts, Reply)>,
}

impl Courier {
    /// The token of this target, other than `stale`; or the answer of the counterpart that refused to give one.
    pub(super) async fn token(
        &self,
        target: &Target,
        stale: Option<&Redacted<String>>,
    ) -> Result<Result<Redacted<String>, Reply>, Failure> {
        let Credentials::Login { username, password, customer_code } = &target.credentials else {
            return Err(Failure::NotSent("the target has no log-in".to_owned()));
        };
        let key = format!("{}\n{username}\n{customer_code}", target.base_url);
        let cell = locked(&self.tokens.0).entry(key).or_default().clone();
        let mut held = cell.lock().await;
        if let Some(token) = held.token.as_ref().filter(|token| stale != Some(token)) {
            return Ok(Ok(token.clone()));
        }
        if let Some((until, refusal)) = &held.refused
            && self.clock.now() < *until
        {
            return Ok(Err(refusal.clone()));
        }
        *held = Held::default();
        let call = myvnpost::login(username, password, customer_code);
        // Nothing of the caller's own call has left yet, whatever became of the log-in.
        let reply = self.exchange_repeating(target, &call).await.map_err(|failure| match failure {
            Failure::NotSent(why) | Failure::Unknown(why) => Failure::NotSent(format!("log-in failed: {why}")),
        })?;
        match myvnpost::decode_login(&reply) {
            Ok(token) => {
                held.token = Some(token.clone());
                Ok(Ok(token))
            }
            Err(Answer::Unauthorised) => Ok(Err(self.pause(&mut held, 401, None))),
            Err(Answer::Retry { retry_after_s, .. }) => Ok(Err(self.pause(&mut held, reply.status, retry_after_s))),
            Err(_) => Err(Failure::NotSent(format!("log-in failed: HTTP {} without a token", reply.status))),
        }
    }

    fn pause(&self, held: &mut Held, status: u16, retry_after_s: Option<u64>) -> Reply {
        let pause_s = retry_after_s.unwrap_or(PAUSE_S).clamp(1, 3600);
        let until = self.clock.now().plus_us(i64::try_from(pause_s).unwrap_or(0) * SECOND_US);
        let refusal = Reply { status, retry_after_s, content_type: None, body: Vec::new() };
        held.refused = Some((until, refusal.clone()));
        refusal
    }
}
