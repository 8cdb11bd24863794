//! One attempt to take something to a receiver: files into a folder or a bucket, a signed message to a web hook. Each can be made again at any
//! time: what is there already with the same bytes counts as taken, and what is there with others is never replaced.

use std::path::PathBuf;

use crate::app::deliveries::{Attempt, Content, Delivery};
use crate::app::distribution::{notice_name, receiver_of};
use crate::app::{AppError, reports};
use crate::base::digest::sha256_hex;
use crate::base::fault;
use crate::base::secret::Redacted;
use crate::base::time::{SECOND_US, Ts};
use crate::courier::{Courier, Target, folder};
use crate::peers::bucket::{self, Bucket, Found, Written};
use crate::peers::webhook::{self, SigningKey};
use crate::peers::{Answer, Call, Reply};
use crate::report::tables::csv::Separator;
use crate::store::rows::OutboxRow;
use crate::work::driver::blocking;
use crate::work::links::{Links, Outlet};

/// A file as it is to be there.
#[derive(Clone)]
struct File {
    name: String,
    content_type: &'static str,
    bytes: Vec<u8>,
}

/// Takes a message to its receiver.
pub(super) async fn deliver(courier: &Courier, links: &Links, delivery: &Delivery, now: Ts) -> Attempt {
    let message = &delivery.message;
    let Some(outlet) = receiver_of(message).and_then(|name| links.receivers.get(name)) else {
        let why = "the receiver is not configured here".to_owned();
        return Attempt::Sent(Answer::Retry { retry_after_s: None, why });
    };
    if let (Outlet::Webhook { target, keys }, Content::Notice) = (outlet, &delivery.content) {
        return Attempt::Sent(post(courier, target, keys, message, now).await);
    }
    let files = match files_of(delivery).await {
        Ok(files) => files,
        Err(error) => {
            return Attempt::Sent(Answer::Refused { code: "CUT_NOT_READABLE".to_owned(), text: error.to_string() });
        }
    };
    for file in files {
        let answer = match outlet {
            Outlet::Folder(path) => put_in_folder(path.clone(), file, message).await,
            Outlet::Bucket { target, bucket } => put_in_bucket(courier, target, bucket, file, now).await,
            Outlet::Webhook { .. } => Answer::Refused {
                code: "NO_FILES".to_owned(),
                text: "this receiver takes no files; it was of another kind when this was queued".to_owned(),
            },
        };
        if !matches!(answer, Answer::Done { .. }) {
            return Attempt::Sent(answer);
        }
        fault::point("dispatch.after_file");
    }
    Attempt::Sent(Answer::done())
}

/// What a message becomes as files: a report with its digest behind it, as `sha256sum -c` reads it; a message as it stands.
async fn files_of(delivery: &Delivery) -> Result<Vec<File>, AppError> {
    let Content::File { cut, format, language, name } = &delivery.content else {
        let (name, bytes) = (notice_name(&delivery.message), delivery.message.body.clone().into_bytes());
        return Ok(vec![File { name, content_type: "application/json", bytes }]);
    };
    let (cut, format, language, name) = (cut.clone(), *format, *language, name.clone());
    let written = blocking(move || reports::write(&cut, format, language, Separator::Semicolon)).await?;
    let digest = format!("{}  {name}\n", sha256_hex(&written.bytes)).into_bytes();
    let digest = File { name: format!("{name}.sha256"), content_type: "text/plain", bytes: digest };
    Ok(vec![File { name, content_type: written.media_type, bytes: written.bytes }, digest])
}

async fn put_in_folder(path: PathBuf, file: File, message: &OutboxRow) -> Answer {
    let mark = format!("{}-{}", message.id, message.fence);
    let put = move || Ok(folder::put(&path, &file.name, &mark, &file.bytes));
    blocking(put).await.unwrap_or_else(|error| Answer::Unknown { why: error.to_string() })
}

/// A store that does not know the condition of the writing is looked at first; one that does refuses what came meanwhile.
async fn put_in_bucket(courier: &Courier, target: &Target, to: &Bucket, file: File, now: Ts) -> Answer {
    match look(courier, target, to.get(&file.name, now), &file.bytes).await {
        Found::Same => return Answer::done(),
        Found::Other => return folder::other(&file.name),
        Found::Unclear(answer) => return answer,
        Found::Nothing | Found::Hidden => {}
    }
    let written = match courier.send(target, to.put(&file.name, file.content_type, file.bytes.clone(), now)).await {
        Ok(reply) => bucket::decode_put(&reply),
        Err(failure) => Written::No(failure.answer()),
    };
    match written {
        Written::Yes => Answer::done(),
        Written::No(answer) => answer,
        Written::ThereAlready => match look(courier, target, to.get(&file.name, now), &file.bytes).await {
            Found::Same => Answer::done(),
            Found::Other => folder::other(&file.name),
            Found::Hidden => Answer::Refused {
                code: "NOT_COMPARED".to_owned(),
                text: format!("{} is there, and our key may not read it to compare", file.name),
            },
            Found::Nothing => Answer::Unknown { why: "the object is there and is not".to_owned() },
            Found::Unclear(answer) => answer,
        },
    }
}

async fn look(courier: &Courier, target: &Target, call: Call, wanted: &[u8]) -> Found {
    match courier.send(target, call).await {
        Ok(reply) => bucket::decode_get(&reply, wanted),
        Err(failure) => Found::Unclear(failure.answer()),
    }
}

/// A message to a web hook; its id is the message's own, the same at each attempt.
async fn post(courier: &Courier, target: &Target, keys: &[Redacted<String>], message: &OutboxRow, now: Ts) -> Answer {
    let keys: Vec<SigningKey> = keys.iter().filter_map(|key| SigningKey::parse(key).ok()).collect();
    let call = webhook::post(&message.id, now.us() / SECOND_US, message.body.clone().into_bytes(), &keys);
    let answered: Result<Reply, _> = courier.send(target, call).await;
    fault::point("dispatch.after_webhook");
    match answered {
        Ok(reply) => webhook::decode_post(&reply),
        Err(failure) => failure.answer(),
    }
}
