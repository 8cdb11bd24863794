//! Sign-in with the account of a provider, beside the local one: there and back again. An account opens only when an
//! administrator has bound it to the subject; whoever is not bound is told what to ask for.

mod flow;
mod sealed;

use std::future::Future;

use minijinja::context;

use crate::app::people::sessions::{self, Vouched};
use crate::base::digest::sha256_hex;
use crate::ui::ask::Ask;
use crate::ui::home::local;
use crate::ui::page::{Page, Stop, see};
use crate::ui::routes::{Needs, Route, get};

pub(super) use flow::Provider;
use flow::Trouble;

/// Where the provider leads people back to.
const CALLBACK: &str = "/sign-in/provider/callback";
/// Characters of the page to come back to: the cookie must not grow without bound.
const NEXT_CHARACTERS_MAX: usize = 500;
/// Seconds to wait after too many failures from one address.
const WAIT_S: u32 = 900;

/// The routes of this part.
pub const ROUTES: &[Route] =
    &[get("/sign-in/provider", Needs::Nothing, lead_there), get(CALLBACK, Needs::Nothing, come_back)];

fn provider(ask: &Ask) -> Result<&Provider, Stop> {
    ask.face.provider.as_ref().ok_or(Stop::NotFound)
}

/// Handlers run on a thread of the runtime's pool, where waiting is allowed.
fn wait<T>(work: impl Future<Output = T>) -> Result<T, Stop> {
    let runtime = tokio::runtime::Handle::try_current().map_err(|error| Stop::Internal(error.to_string()))?;
    Ok(runtime.block_on(work))
}

fn lead_there(ask: &Ask) -> Result<Page, Stop> {
    let provider = provider(ask)?;
    let next = Some(local(ask.query.get("next"))).filter(|next| next.len() <= NEXT_CHARACTERS_MAX).unwrap_or("/");
    if ask.session.is_some() {
        return see(next);
    }
    if sessions::too_many_from(ask.app(), &ask.address)? {
        return Err(Stop::Wait(WAIT_S));
    }
    match wait(provider.begin(next))? {
        Ok((to, pending)) => {
            let secret = sessions::sealing_secret(ask.app())?;
            let pending = sealed::seal(&secret, &pending).ok_or_else(|| Stop::Internal("sealing failed".to_owned()))?;
            Ok(Page::SeeProvider { to, pending })
        }
        Err(trouble) => troubled(ask, provider, &trouble),
    }
}

fn come_back(ask: &Ask) -> Result<Page, Stop> {
    let provider = provider(ask)?;
    if sessions::too_many_from(ask.app(), &ask.address)? {
        return Err(Stop::Wait(WAIT_S));
    }
    let pending = sealed::open(&sessions::sealing_secret(ask.app())?, &ask.pending, ask.app().now());
    // Digests are compared, so that the time tells nothing of the text.
    let ours = |state: &str| sha256_hex(state.as_bytes()) == sha256_hex(ask.query.get("state").as_bytes());
    let Some(pending) = pending.filter(|pending| ours(&pending.state)) else {
        return stale(ask, provider);
    };
    // A provider that names itself must be the one that was asked (RFC 9207).
    if ask.query.some("iss").is_some_and(|issuer| issuer != provider.issuer()) {
        return troubled(ask, provider, &Trouble::NotProved("the answer names another issuer".to_owned()));
    }
    if let Some(error) = ask.query.some("error") {
        return refused(ask, provider, error);
    }
    let next = pending.next.clone();
    let subject = match wait(provider.finish(ask.query.get("code"), pending))? {
        Ok(subject) => subject,
        Err(trouble) => return troubled(ask, provider, &trouble),
    };
    match sessions::sign_in_vouched(ask.app(), provider.issuer(), &subject, ask.face.terms, &ask.request_id)? {
        Vouched::Begun(begun) => {
            Ok(Page::SeeWithSession { to: local(&next).to_owned(), token: Some(begun.token.into_inner()) })
        }
        Vouched::Locked => page(
            provider,
            403,
            ask.t("Tài khoản đang khóa", "This account is locked"),
            ask.t("Hãy gọi người quản trị của đơn vị.", "Call your office's administrator."),
            "",
        ),
        Vouched::Unknown => page(
            provider,
            403,
            ask.t("Tài khoản này chưa được gắn", "This account is not bound yet"),
            ask.t(
                "Bạn đã đăng nhập đúng, nhưng chưa có tài khoản Giao Nhận nào gắn với mã dưới đây. Hãy gửi hai dòng này cho người quản trị của đơn vị.",
                "You signed in correctly, but no Giao Nhận account is bound to the code below. Send these two lines to your office's administrator.",
            ),
            &subject,
        ),
    }
}

fn stale(ask: &Ask, provider: &Provider) -> Result<Page, Stop> {
    page(
        provider,
        403,
        ask.t("Lần đăng nhập này không còn dùng được", "This sign-in is no longer good"),
        ask.t(
            "Nó đã quá 10 phút, đã dùng rồi, hoặc bắt đầu từ một trình duyệt khác. Hãy đăng nhập lại từ đầu.",
            "It is older than 10 minutes, was used already, or began in another browser. Start again.",
        ),
        "",
    )
}

/// What the provider says when it sends somebody back without a code (OpenID Connect Core 3.1.2.6).
fn refused(ask: &Ask, provider: &Provider, error: &str) -> Result<Page, Stop> {
    let (status, what) = match error {
        "access_denied" => (
            403,
            ask.t(
                "Bạn đã hủy, hoặc chưa được phép dùng tài khoản này ở đây.",
                "You cancelled, or may not use this account here.",
            ),
        ),
        "temporarily_unavailable" | "server_error" => (
            503,
            ask.t(
                "Nơi cấp tài khoản đang có lỗi. Hãy thử lại sau ít phút.",
                "The provider has a fault. Try again in a few minutes.",
            ),
        ),
        _ => (
            403,
            ask.t(
                "Nơi cấp tài khoản từ chối yêu cầu. Hãy báo người quản trị.",
                "The provider refused the request. Tell your administrator.",
            ),
        ),
    };
    let known: String = error.chars().filter(|c| c.is_ascii_lowercase() || *c == '_').take(40).collect();
    tracing::warn!(error = known, "the provider of accounts sent somebody back");
    page(provider, status, ask.t("Chưa đăng nhập được", "Not signed in"), what, "")
}

fn troubled(ask: &Ask, provider: &Provider, trouble: &Trouble) -> Result<Page, Stop> {
    tracing::warn!(?trouble, "a sign-in with the provider of accounts failed");
    let title = ask.t("Chưa đăng nhập được", "Not signed in");
    match trouble {
        Trouble::Away(_) => page(
            provider,
            503,
            title,
            ask.t(
                "Không liên lạc được với nơi cấp tài khoản. Hãy thử lại sau, hoặc đăng nhập bằng mật khẩu.",
                "The provider cannot be reached. Try again later, or sign in with a password.",
            ),
            "",
        ),
        Trouble::CodeRefused(_) => {
            sessions::refuse_vouched(ask.app(), &ask.address, &ask.request_id)?;
            stale(ask, provider)
        }
        Trouble::NotProved(_) => {
            sessions::refuse_vouched(ask.app(), &ask.address, &ask.request_id)?;
            page(
                provider,
                403,
                title,
                ask.t(
                    "Câu trả lời của nơi cấp tài khoản không kiểm chứng được. Hãy báo người quản trị.",
                    "The provider's answer could not be verified. Tell your administrator.",
                ),
                "",
            )
        }
    }
}

fn page(provider: &Provider, status: u16, title: &str, what: &str, subject: &str) -> Result<Page, Stop> {
    let values = context! { title, what, status, subject, issuer => provider.issuer(), name => provider.name() };
    Ok(Page::Html { template: "provider.html", values, status })
}
