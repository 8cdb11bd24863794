//! Signing in and out, one's own password and PIN.

use minijinja::context;

use crate::app::people::accounts::{self, Refused};
use crate::app::people::sessions::{self, FAILURES_OF_ACCOUNT_MAX, SignIn, WINDOW_US};
use crate::base::time::MINUTE_US;
use crate::domain::person::PASSWORD_CHARACTERS_MIN;
use crate::ui::ask::Ask;
use crate::ui::form::Errors;
use crate::ui::home::local;
use crate::ui::page::{Page, Stop, again, html, see};
use crate::ui::routes::{Needs, Route, get, post};

/// The routes of this part.
pub const ROUTES: &[Route] = &[
    get("/sign-in", Needs::Nothing, sign_in_page),
    post("/sign-in", Needs::Nothing, sign_in),
    post("/sign-out", Needs::SignIn, sign_out),
    get("/account", Needs::SignIn, account_page),
    get("/account/password", Needs::SignIn, password_page),
    post("/account/password", Needs::SignIn, change_password),
    post("/account/pin", Needs::SignIn, set_pin),
];

fn sign_in_page(ask: &Ask) -> Result<Page, Stop> {
    if ask.session.is_some() {
        return see(local(ask.query.get("next")));
    }
    html("sign_in.html", sign_in_values(ask, ask.query.get("next"), "", &Errors::default()))
}

fn sign_in_values(ask: &Ask, next: &str, username: &str, errors: &Errors) -> minijinja::Value {
    context! { next => local(next), username, errors => errors.value(), provider => ask.face.provider_name() }
}

fn sign_in(ask: &Ask) -> Result<Page, Stop> {
    let username = ask.form.get("username").to_lowercase();
    let password = ask.form.raw("password");
    let mut errors = Errors::default();
    if username.is_empty() {
        errors.add(ask.lang, "username", "Nhập tên đăng nhập.", "Enter your username.");
    }
    if password.is_empty() {
        errors.add(ask.lang, "password", "Nhập mật khẩu.", "Enter your password.");
    }
    if errors.is_empty() {
        match sessions::sign_in(ask.app(), &username, password, &ask.address, ask.face.terms, &ask.request_id)? {
            SignIn::Begun(begun) => {
                let to = if begun.must_change { "/account/password" } else { local(ask.form.get("next")) };
                return Ok(Page::SeeWithSession { to: to.to_owned(), token: Some(begun.token.into_inner()) });
            }
            SignIn::Wrong { left } => {
                let minutes = WINDOW_US / MINUTE_US;
                errors.add(
                    ask.lang,
                    "password",
                    format!("Sai tên đăng nhập hoặc mật khẩu. Còn {left} lần thử trong {minutes} phút."),
                    format!("Wrong username or password. {left} of {FAILURES_OF_ACCOUNT_MAX} tries left in {minutes} minutes."),
                );
            }
            SignIn::Wait => errors.add(
                ask.lang,
                "password",
                "Thử sai quá nhiều lần. Hãy đợi 15 phút rồi thử lại, hoặc gọi người quản trị.",
                "Too many failed tries. Wait 15 minutes, or call your administrator.",
            ),
            SignIn::Locked => errors.add(
                ask.lang,
                "username",
                "Tài khoản đang khóa. Hãy gọi người quản trị của đơn vị.",
                "This account is locked. Call your office's administrator.",
            ),
        }
    }
    again("sign_in.html", sign_in_values(ask, ask.form.get("next"), &username, &errors))
}

fn sign_out(ask: &Ask) -> Result<Page, Stop> {
    if let Some(token) = &ask.token {
        sessions::end(ask.app(), token, ask.person()?, &ask.request_id)?;
    }
    Ok(Page::SeeWithSession { to: "/sign-in".to_owned(), token: None })
}

fn account_page(ask: &Ask) -> Result<Page, Stop> {
    html("account.html", context! { errors => Errors::default().value(), done => ask.query.get("done") })
}

fn password_page(ask: &Ask) -> Result<Page, Stop> {
    html("password.html", password_values(ask, &Errors::default()))
}

fn password_values(ask: &Ask, errors: &Errors) -> minijinja::Value {
    let must_change = ask.session.as_ref().is_some_and(|session| session.must_change);
    context! { errors => errors.value(), must_change, characters_min => PASSWORD_CHARACTERS_MIN }
}

fn change_password(ask: &Ask) -> Result<Page, Stop> {
    let person = ask.person()?.clone();
    let (old, new, repeated) = (ask.form.raw("old"), ask.form.raw("new"), ask.form.raw("repeated"));
    let mut errors = Errors::default();
    if new != repeated {
        errors.add(ask.lang, "repeated", "Hai lần nhập chưa giống nhau.", "The two entries differ.");
    } else {
        match accounts::change_password(ask.app(), &person, old, new, ask.doing())? {
            Ok(()) => {
                let begun = sessions::begin_again(ask.app(), &person, ask.face.terms, &ask.request_id)?;
                let token = begun.map(|begun| begun.token.into_inner());
                return Ok(Page::SeeWithSession { to: "/account?done=password".to_owned(), token });
            }
            Err(Refused::Wrong) => {
                errors.add(ask.lang, "old", "Mật khẩu hiện tại chưa đúng.", "The present password is not right.");
            }
            Err(Refused::Same) => {
                errors.add(
                    ask.lang,
                    "new",
                    "Mật khẩu mới phải khác mật khẩu cũ.",
                    "The new password must differ from the old one.",
                );
            }
            Err(_) => errors.add(
                ask.lang,
                "new",
                format!("Cần ít nhất {PASSWORD_CHARACTERS_MIN} ký tự, không chứa tên đăng nhập."),
                format!("At least {PASSWORD_CHARACTERS_MIN} characters, without the username."),
            ),
        }
    }
    again("password.html", password_values(ask, &errors))
}

fn set_pin(ask: &Ask) -> Result<Page, Stop> {
    let mut errors = Errors::default();
    let (pin, password) = (ask.form.get("pin"), ask.form.raw("password"));
    match accounts::set_pin(ask.app(), ask.person()?, password, pin, ask.doing())? {
        Ok(()) => return see("/account?done=pin"),
        Err(Refused::Wrong) => errors.add(ask.lang, "password", "Mật khẩu chưa đúng.", "The password is not right."),
        Err(_) => errors.add(
            ask.lang,
            "pin",
            "PIN gồm 6 chữ số, không trùng lặp hay liền nhau như 111111, 123456.",
            "A PIN has 6 digits, not all alike and not in a row as 123456.",
        ),
    }
    again("account.html", context! { errors => errors.value(), done => "" })
}
