//! OpenID Connect with the provider of accounts: authorization code flow with PKCE. Its keys are fetched anew whenever a token is
//! to be checked, so a changed key needs no restart; all calls go by courier.

use std::sync::{Mutex, PoisonError};

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreJwsSigningAlgorithm, CoreProviderMetadata,
};
use openidconnect::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use openidconnect::http::{Method as HttpMethod, Response};
use openidconnect::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, TokenResponse,
};

use crate::base::secret::Redacted;
use crate::base::time::{Clock, MINUTE_US, Ts};
use crate::config;
use crate::courier::{Courier, Credentials, Failure, Target};
use crate::peers::{Auth, Call, Method};
use crate::ui::provider::CALLBACK;
use crate::ui::provider::sealed::{PENDING_US, Pending};

/// How long its description may be kept for leading people there.
const KEPT_US: i64 = 10 * MINUTE_US;
/// Signatures that a token may carry: none made with a shared secret, none without.
const SIGNATURES: [CoreJwsSigningAlgorithm; 4] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EdDsa,
];
const CONNECT_TIMEOUT_MS: u64 = 3_000;
const TIMEOUT_MS: u64 = 10_000;
const REPLY_BYTES_MAX: usize = 1024 * 1024;

/// Why nobody could be signed in. The texts are for the log: they hold no code, token or subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The provider could not be reached, or does not answer as one.
    Away(String),
    /// The provider takes the code no more, or not from us.
    CodeRefused(String),
    /// What it sent does not prove who it is.
    NotProved(String),
}

/// The provider as the settings name it.
pub struct Provider {
    pages: config::Pages,
    redirect: String,
    clock: Clock,
    courier: Courier,
    known: Mutex<Option<(Ts, CoreProviderMetadata)>>,
}

impl Provider {
    /// The provider of the settings; none when they name none.
    pub fn of(pages: &config::Pages, clock: Clock) -> Option<Self> {
        let redirect = format!("{}{CALLBACK}", pages.public_url.trim_end_matches('/'));
        let courier = Courier::new(clock.clone());
        let provider = Provider { pages: pages.clone(), redirect, clock, courier, known: Mutex::default() };
        (!pages.provider_issuer.is_empty()).then_some(provider)
    }

    /// Its name on the button.
    pub fn name(&self) -> &str {
        &self.pages.provider_name
    }

    /// How it names itself in tokens, and in the bindings of accounts.
    pub fn issuer(&self) -> &str {
        &self.pages.provider_issuer
    }

    /// Where to lead somebody, and what to remember until they come back.
    pub async fn begin(&self, next: &str) -> Result<(String, Pending), Trouble> {
        let client = self.client(self.metadata(KEPT_US).await?)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
            .set_pkce_challenge(challenge);
        // The crate adds `openid` itself.
        for scope in self.pages.provider_scopes.iter().filter(|scope| *scope != "openid") {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        let (url, state, nonce) = request.url();
        let pending = Pending {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
            next: next.to_owned(),
            until_us: self.clock.now().plus_us(PENDING_US).us(),
        };
        Ok((url.to_string(), pending))
    }

    /// Exchanges the code and checks the ID token: signature, issuer, audience, expiry, nonce. Gives the subject.
    pub async fn finish(&self, code: &str, pending: Pending) -> Result<String, Trouble> {
        let client = self.client(self.metadata(0).await?)?;
        let http = |request: HttpRequest| self.exchange(request);
        let reply = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| Trouble::Away(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(pending.verifier))
            .request_async(&http)
            .await
            .map_err(|error| match error {
                RequestTokenError::ServerResponse(said) => Trouble::CodeRefused(said.error().as_ref().to_owned()),
                RequestTokenError::Request(failure) => Trouble::Away(failure.to_string()),
                RequestTokenError::Parse(..) => Trouble::Away("the reply with the token cannot be read".to_owned()),
                RequestTokenError::Other(why) => Trouble::Away(why),
            })?;
        let token = reply.id_token().ok_or_else(|| Trouble::NotProved("there is no ID token".to_owned()))?;
        let now = || chrono::DateTime::from_timestamp_micros(self.clock.now().us()).unwrap_or_default();
        let verifier = client.id_token_verifier().set_allowed_algs(SIGNATURES).set_time_fn(now);
        let claims = token
            .claims(&verifier, &Nonce::new(pending.nonce))
            .map_err(|error| Trouble::NotProved(error.to_string()))?;
        Ok(claims.subject().to_string())
    }

    /// Its description and keys, not older than `kept_us`.
    async fn metadata(&self, kept_us: i64) -> Result<CoreProviderMetadata, Trouble> {
        let now = self.clock.now();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, metadata)) = known.filter(|(at, _)| now.us() < at.plus_us(kept_us).us()) {
            return Ok(metadata);
        }
        let issuer =
            IssuerUrl::new(self.pages.provider_issuer.clone()).map_err(|error| Trouble::Away(error.to_string()))?;
        let http = |request: HttpRequest| self.exchange(request);
        let metadata = CoreProviderMetadata::discover_async(issuer, &http)
            .await
            .map_err(|error| Trouble::Away(format!("its description: {error}")))?;
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, metadata.clone()));
        Ok(metadata)
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, Failure> {
        let (parts, body) = request.into_parts();
        let header = |name: &openidconnect::http::HeaderName| {
            parts.headers.get(name).and_then(|value| value.to_str().ok()).map(|text| Redacted::new(text.to_owned()))
        };
        let sends = parts.method == HttpMethod::POST;
        let call = Call {
            method: if sends { Method::Post } else { Method::Get },
            path: String::new(),
            headers: [("accept", header(&ACCEPT)), ("authorization", header(&AUTHORIZATION))]
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)))
                .collect(),
            content_type: sends.then_some("application/x-www-form-urlencoded"),
            body,
            auth: Auth::None,
        };
        let target = Target {
            name: "provider".to_owned(),
            base_url: parts.uri.to_string(),
            credentials: Credentials::None,
            connect_timeout_ms: CONNECT_TIMEOUT_MS,
            timeout_ms: TIMEOUT_MS,
            reply_bytes_max: REPLY_BYTES_MAX,
            proxy: None,
            allow_private_addresses: true,
        };
        let reply = self.courier.send(&target, call).await?;
        let mut response = Response::builder().status(reply.status);
        if let Some(content_type) = reply.content_type {
            response = response.header(CONTENT_TYPE, content_type);
        }
        response.body(reply.body).map_err(|error| Failure::Unknown(error.to_string()))
    }

    fn client(&self, metadata: CoreProviderMetadata) -> Result<Client, Trouble> {
        let redirect = RedirectUrl::new(self.redirect.clone()).map_err(|error| Trouble::Away(error.to_string()))?;
        let secret =
            self.pages.provider_client_secret.as_ref().map(|secret| ClientSecret::new(secret.reveal().clone()));
        let basic = metadata
            .token_endpoint_auth_methods_supported()
            .is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
        let id = ClientId::new(self.pages.provider_client_id.clone());
        Ok(CoreClient::from_provider_metadata(metadata, id, secret)
            .set_redirect_uri(redirect)
            .set_auth_type(if basic { AuthType::BasicAuth } else { AuthType::RequestBody }))
    }
}

/// A client that knows where people sign in and, perhaps, where codes are exchanged.
type Client = CoreClient<
    openidconnect::EndpointSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointMaybeSet,
    openidconnect::EndpointMaybeSet,
>;
