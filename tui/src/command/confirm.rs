//! `imgwatch confirm`: confirms a subscription by the link in its confirmation email, with a signed request and without
//! opening it.

use super::failure::Failure;
use super::output;
use super::session::Session;
use crate::cli::{Cli, ConfirmArgs};
use crate::config::Feeds;
use crate::domain::confirmation;
use crate::domain::inbox::Confirmation;
use crate::effect::CloudEffect;
use crate::msg::Update;
use crate::terminal::exit::Exit;
use crate::text::clean::Clean;

pub(crate) async fn run(cli: &Cli, args: &ConfirmArgs) -> Result<Exit, Failure> {
    // The link says which topic: there is no other that could be meant.
    let confirmation = confirmation::read(&args.link, None, cli.pipeline.endpoint_url.as_deref())
        .map_err(|refusal| Failure::new(format!("cannot confirm: {}", refusal.why), refusal.hint).usage())?;
    let said = Session::hold(cli, Feeds::default(), async |session| confirm(session, confirmation).await).await?;
    output::write(&format!("{said}\n")).await?;
    Ok(Exit::Proven)
}

async fn confirm(session: &mut Session, confirmation: Confirmation) -> Result<Clean, Failure> {
    session.perform(CloudEffect::Confirm(confirmation));
    loop {
        match session.next().await? {
            Update::Done(said) => return Ok(said),
            Update::ActionFailed(problem) => return Err(problem.into()),
            _ => {}
        }
    }
}
