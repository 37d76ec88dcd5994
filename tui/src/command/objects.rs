//! `imgwatch objects`: the bucket's objects in S3's order, printed page by page as they arrive.

use std::fmt::Write as _;

use serde::Serialize;

use super::failure::Failure;
use super::json;
use super::output::{self, Reader};
use super::session::Session;
use crate::cli::{Cli, JsonArgs};
use crate::config::Feeds;
use crate::domain::ids::RequestId;
use crate::domain::objects::{ListingOrder, Page};
use crate::effect::CloudEffect;
use crate::msg::Update;
use crate::terminal::exit::Exit;
use crate::text::clean::Clean;
use crate::text::{size, time};

const REQUEST: RequestId = RequestId(1);

pub(crate) async fn run(cli: &Cli, args: &JsonArgs) -> Result<Exit, Failure> {
    Session::hold(cli, Feeds::default(), async |session| list(session, args).await).await
}

async fn list(session: &mut Session, args: &JsonArgs) -> Result<Exit, Failure> {
    session.perform(CloudEffect::ListObjects { request: REQUEST, order: ListingOrder::ByKey });
    loop {
        match session.next().await? {
            Update::ObjectsListed { request: REQUEST, page, last } => {
                let reader = output::write(&rows(&page, args.json)?).await?;
                if last || reader == Reader::Gone {
                    return Ok(Exit::Proven);
                }
            }
            Update::ObjectsFailed { request: REQUEST, problem } => return Err(problem.into()),
            _ => {}
        }
    }
}

/// One object in JSON; the key is the original.
#[derive(Serialize)]
struct ObjectRow<'a> {
    key: &'a str,
    size: u64,
    last_modified: String,
    etag: Option<&'a str>,
}

fn rows(page: &Page, as_json: bool) -> Result<String, Failure> {
    let mut out = String::new();
    for object in page.iter() {
        let last_modified = time::utc(object.modified);
        if as_json {
            let etag = object.e_tag.as_ref().map(Clean::raw);
            out.push_str(&json::line(&ObjectRow { key: object.key.raw(), size: object.size, last_modified, etag })?);
        } else {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{:>10}  {last_modified}  {}", size::bytes(object.size), object.key);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::contract;
    use crate::domain::objects::Object;
    use jiff::Timestamp;

    #[test]
    fn the_contract_holds() {
        let object =
            |e_tag| Object { key: "photos/cat.png".into(), size: 1_234, modified: Timestamp::UNIX_EPOCH, e_tag };
        let printed = rows(&Page::from(vec![object(Some("9b2c".into())), object(None)]), true).unwrap();
        contract::check("objects", &contract::lines(&printed));
    }
}
