//! `imgwatch subscribe`: adds an address to the topic, and says what its owner has to do next.

use super::failure::{Failure, warn};
use super::output;
use super::session::Session;
use crate::cli::{Cli, SubscribeArgs};
use crate::config::Feeds;
use crate::domain::endpoint::validate;
use crate::domain::subscriptions::Protocol;
use crate::effect::CloudEffect;
use crate::msg::Update;
use crate::terminal::exit::Exit;
use crate::text::clean::Clean;

pub(crate) async fn run(cli: &Cli, args: &SubscribeArgs) -> Result<Exit, Failure> {
    validate(args.protocol, &args.address).map_err(|why| {
        let what = format!("cannot subscribe {:?}: {why}", args.address);
        Failure::new(what, "choose another protocol with --protocol, or correct the address").usage()
    })?;
    let said = Session::hold(cli, Feeds::default(), async |session| subscribe(session, args).await).await?;
    output::write(&format!("{said}\n{}", next_step(args.protocol))).await?;
    if cli.pipeline.local {
        warn(
            "the cloud that --local started has ended, and the subscription with it; `imgwatch local` keeps one \
             running",
        );
    }
    Ok(Exit::Proven)
}

async fn subscribe(session: &mut Session, args: &SubscribeArgs) -> Result<Clean, Failure> {
    session.perform(CloudEffect::Subscribe { protocol: args.protocol, endpoint: args.address.clone() });
    loop {
        match session.next().await? {
            Update::Done(said) => return Ok(said),
            Update::ActionFailed(problem) => return Err(problem.into()),
            _ => {}
        }
    }
}

/// What the driver's own words leave open.
fn next_step(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Email | Protocol::EmailJson | Protocol::Http | Protocol::Https => {
            "`imgwatch subscriptions` shows when it is confirmed\n"
        }
        Protocol::Sqs => {
            "the queue's policy must allow the topic to send; `imgwatch upload --wait` shows the deliveries\n"
        }
        Protocol::Lambda => "the function's policy must allow the topic to invoke it\n",
        _ => "",
    }
}
