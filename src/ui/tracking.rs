//! Public tracking: by number how far a dossier got; with the secret of the slip times, places and who signed.

use minijinja::{Value, context};

use crate::app::people::directory;
use crate::app::tracking::{self, Happened, Now, Opened, Opening, Progress, Step};
use crate::base::time::SECOND_US;
use crate::domain::leg::Side;
use crate::ui::ask::{Ask, Lang};
use crate::ui::dossier::wording;
use crate::ui::form::Errors;
use crate::ui::page::{Page, Stop, again, html};
use crate::ui::rates::Rates;
use crate::ui::routes::{Needs, Route, get, post};

/// The routes of this part.
pub const ROUTES: &[Route] = &[get("/tracking", Needs::Nothing, look_up), post("/tracking", Needs::Nothing, open)];

/// Characters of a number as it is typed.
const NUMBER_CHARS_MAX: usize = 80;

/// What one address may ask: a household's whole pile at once, then one every two seconds.
pub fn rates() -> Rates {
    Rates::new(30, 2 * SECOND_US)
}

/// How it stands: the sentence, what it means, in Vietnamese and English.
const NOW: &[(Now, [&str; 2], [&str; 2])] = &[
    (
        Now::Expected,
        ["Chờ bưu điện nhận hồ sơ", "Waiting for the post to take the dossier"],
        ["Hồ sơ đã có trong danh sách nhận của bưu điện.", "The dossier is on the list that the post collects."],
    ),
    (
        Now::OnWay,
        ["Hồ sơ đang được chuyển đến cơ quan", "The dossier is on its way to the agency"],
        ["Bưu điện đang giữ hồ sơ.", "The post has it."],
    ),
    (
        Now::ReportedThere,
        ["Bưu điện báo đã giao hồ sơ cho cơ quan", "The post reports the dossier delivered to the agency"],
        ["Còn chờ cơ quan xác nhận.", "The agency has still to confirm it."],
    ),
    (
        Now::AtAgency,
        ["Cơ quan đã nhận hồ sơ", "The agency has the dossier"],
        ["Ngày hẹn trả kết quả ghi trên giấy hẹn.", "The slip of the agency says when the result is due."],
    ),
    (
        Now::ResultReady,
        ["Đã có kết quả, chờ bưu điện nhận", "The result is ready and waits for the post"],
        [
            "Bưu điện sẽ đến cơ quan nhận và liên hệ trước khi giao.",
            "The post will take it and reach you before it comes.",
        ],
    ),
    (
        Now::ResultOnWay,
        ["Kết quả đang được bưu điện mang đến", "The post is bringing the result"],
        ["Bưu điện sẽ liên hệ trước khi đến.", "The post will reach you before it comes."],
    ),
    (
        Now::NotReached,
        ["Bưu điện đã đến nhưng chưa giao được", "The post came and could not hand it over"],
        ["Bưu điện sẽ liên hệ lại, hoặc mời đến bưu cục nhận.", "It will reach you again or invite you to collect it."],
    ),
    (
        Now::ReportedOut,
        ["Bưu điện báo đã giao kết quả", "The post reports the result delivered"],
        ["Nếu chưa nhận được, xin gọi tổng đài của bưu điện.", "If you have not received it, please call the post."],
    ),
    (
        Now::HandedOut,
        ["Đã giao kết quả", "The result was handed out"],
        ["Không còn việc nào.", "Nothing is left to do."],
    ),
    (
        Now::GoingBack,
        ["Đang được chuyển hoàn", "It is going back"],
        ["Xin liên hệ bưu điện hoặc bộ phận một cửa.", "Please ask the post or the one-stop desk."],
    ),
    (
        Now::Back,
        ["Đã chuyển hoàn về nơi gửi", "It went back to where it came from"],
        ["Xin liên hệ bộ phận một cửa để nhận.", "Please ask the one-stop desk how to get it."],
    ),
    (
        Now::Withdrawn,
        ["Đã rút khỏi dịch vụ bưu chính", "It was withdrawn from the postal service"],
        ["Xin liên hệ bộ phận một cửa.", "Please ask the one-stop desk."],
    ),
    (
        Now::Trouble,
        ["Đang được bưu điện và cơ quan xử lý", "The post and the agency are looking into it"],
        ["Xin liên hệ bưu điện hoặc bộ phận một cửa.", "Please ask the post or the one-stop desk."],
    ),
];

/// A step, in Vietnamese and English, with its picture.
const STEPS: &[(Step, [&str; 2], &str)] = &[
    (Step::PostTook, ["Bưu điện đã nhận hồ sơ", "The post took the dossier"], "envelope"),
    (Step::AgencyTook, ["Cơ quan đã nhận hồ sơ", "The agency took the dossier"], "paper"),
    (Step::ResultReady, ["Đã có kết quả", "The result is ready"], "check"),
    (Step::ResultOnWay, ["Bưu điện nhận kết quả để giao", "The post took the result to deliver it"], "bag"),
    (Step::HandedOut, ["Đã giao cho người nhận", "Handed to the receiver"], "flag"),
];

fn said(pair: [&'static str; 2], lang: Lang) -> &'static str {
    let [vi, en] = pair;
    lang.pick(vi, en)
}

fn limited(ask: &Ask) -> Result<(), Stop> {
    ask.face.tracking.take(&ask.address, ask.app().now().us()).map_err(Stop::Wait)
}

/// By number alone: code and steps.
fn look_up(ask: &Ask) -> Result<Page, Stop> {
    limited(ask)?;
    let number = ask.query.get("so");
    if number.is_empty() {
        return html("tracking.html", values(ask, number, None, None, &Errors::default())?);
    }
    if let Some(errors) = too_long(ask, number) {
        return again("tracking.html", values(ask, "", None, None, &errors)?);
    }
    let progress = tracking::progress(ask.app(), number)?;
    html("tracking.html", values(ask, number, Some(progress.as_ref()), None, &Errors::default())?)
}

/// With the secret of the slip. It is sent in a body, so that no address keeps it.
fn open(ask: &Ask) -> Result<Page, Stop> {
    limited(ask)?;
    let (number, secret) = (ask.form.get("so"), ask.form.get("secret"));
    let mut errors = too_long(ask, number).unwrap_or_default();
    if number.is_empty() {
        errors.add(ask.lang, "so", "Nhập mã hồ sơ hoặc số phiếu gửi.", "Enter the dossier or consignment note number.");
    }
    if secret.is_empty() {
        errors.add(
            ask.lang,
            "secret",
            "Nhập mã bí mật in trên phiếu gửi.",
            "Enter the secret that is printed on the slip.",
        );
    }
    if !errors.is_empty() {
        return again("tracking.html", values(ask, number, None, None, &errors)?);
    }
    match tracking::open(ask.app(), number, secret, &ask.request_id)? {
        Opening::Opened(opened) => {
            let progress = opened.progress.clone();
            html("tracking.html", values(ask, number, Some(Some(&progress)), Some(&opened), &Errors::default())?)
        }
        Opening::Wrong => {
            errors.add(
                ask.lang,
                "secret",
                "Số hoặc mã bí mật chưa đúng. Xin xem lại trên phiếu gửi.",
                "The number or the secret is not right. Please look at the slip again.",
            );
            again("tracking.html", values(ask, number, None, None, &errors)?)
        }
        Opening::Wait => Err(Stop::Wait(15 * 60)),
    }
}

fn too_long(ask: &Ask, number: &str) -> Option<Errors> {
    (number.chars().count() > NUMBER_CHARS_MAX).then(|| {
        let mut errors = Errors::default();
        errors.add(
            ask.lang,
            "so",
            "Số dài quá; xin nhập lại như in trên phiếu.",
            "The number is too long; enter it as printed.",
        );
        errors
    })
}

/// `progress` is none before anything was asked, and some none when the number is not known.
fn values(
    ask: &Ask,
    number: &str,
    progress: Option<Option<&Progress>>,
    opened: Option<&Opened>,
    errors: &Errors,
) -> Result<Value, Stop> {
    Ok(context! {
        number,
        asked => progress.is_some(),
        progress => progress.flatten().map(|progress| progress_value(ask, progress)),
        opened => opened.map(|opened| opened_value(ask, opened)).transpose()?,
        errors => errors.value(),
    })
}

fn progress_value(ask: &Ask, progress: &Progress) -> Value {
    let words = NOW.iter().find(|(known, _, _)| *known == progress.now);
    let last = progress.steps.iter().rposition(|reached| reached.at_us.is_some());
    let steps: Vec<Value> = progress
        .steps
        .iter()
        .enumerate()
        .map(|(place, reached)| {
            let known = STEPS.iter().find(|(known, _, _)| *known == reached.step);
            let is_last = last == Some(place) && place + 1 < progress.steps.len();
            context! {
                text => known.map_or("", |(_, words, _)| said(*words, ask.lang)),
                icon => known.map_or("check", |(_, _, icon)| *icon),
                at_us => reached.at_us,
                is_here => is_last,
                is_filing => reached.step == Step::AgencyTook,
            }
        })
        .collect();
    context! {
        title => words.map_or("", |(_, title, _)| said(*title, ask.lang)),
        what => words.map_or("", |(_, _, what)| said(*what, ask.lang)),
        now => progress.now.as_str(),
        since_us => progress.since_us,
        steps,
        brings => matches!(progress.now, Now::ResultReady | Now::ResultOnWay | Now::NotReached),
    }
}

fn opened_value(ask: &Ask, opened: &Opened) -> Result<Value, Stop> {
    let happened = opened.happened.iter().map(|one| happened_value(ask, one)).collect::<Result<Vec<_>, Stop>>()?;
    Ok(context! { happened, item_numbers => opened.item_numbers.clone() })
}

fn happened_value(ask: &Ask, one: &Happened) -> Result<Value, Stop> {
    let place = match tracking::place_of(one.leg_kind, one.event) {
        Side::Agency => directory::name_of(ask.app(), "AGENCY", &one.agency_code)?,
        Side::Post | Side::Oversight => directory::name_of(ask.app(), "POST_OFFICE", &one.post_office_code)?,
    };
    Ok(context! {
        title => wording::event(one.leg_kind, one.event, ask.lang),
        at_us => one.at_us,
        place,
        cause => one.cause.as_deref(),
        signers => one.signers.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_a_citizen_may_read_has_words() {
        for now in Now::ALL {
            assert_eq!(NOW.iter().filter(|(known, _, _)| known == now).count(), 1, "{now}");
        }
        for step in Step::ALL {
            assert_eq!(STEPS.iter().filter(|(known, _, _)| known == step).count(), 1, "{step}");
        }
    }
}
