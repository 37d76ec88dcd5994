//! `imgwatch confirm`: confirms a subscription by the link of its mail, with a signed request and without opening it.

use super::failure::{Exit, Failure};
use super::output;
use super::session::Session;
use crate::cli::{Cli, ConfirmArgs};
use crate::config::Feeds;
use crate::effect::Effect;
use crate::model::dialog::Deed;
use crate::model::inbox::Confirmation;
use crate::msg::Update;
use crate::text::clean::Clean;
use crate::update::link;

pub(crate) async fn run(cli: &Cli, args: &ConfirmArgs) -> Result<Exit, Failure> {
    let found = link::find(&args.link).unwrap_or_else(|| args.link.clone());
    // The link says which topic: there is no other that could be meant.
    let confirmation = link::read(&found, None, cli.pipeline.endpoint_url.as_deref()).map_err(|why| {
        Failure::new(format!("cannot confirm: {why}"), "put the link from the confirmation mail in quotes").usage()
    })?;
    let said = Session::hold(cli, Feeds::default(), async |session| confirm(session, confirmation).await).await?;
    output::write(&format!("{said}\n")).await?;
    Ok(Exit::Success)
}

async fn confirm(session: &mut Session, confirmation: Confirmation) -> Result<Clean, Failure> {
    session.perform(Effect::Do(Deed::Confirm(confirmation)));
    loop {
        match session.next().await? {
            Update::Done(said) => return Ok(said),
            Update::Undone(problem) => return Err(problem.into()),
            _ => {}
        }
    }
}
