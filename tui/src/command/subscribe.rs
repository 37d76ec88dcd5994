//! `imgwatch subscribe`: adds an address to the topic, and says what its owner has to do next.

use super::failure::{Failure, warn};
use super::output;
use super::session::Session;
use crate::cli::{Cli, SubscribeArgs};
use crate::config::Feeds;
use crate::domain::diagnosis::{Check, CheckStatus};
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
    let (said, check) = Session::hold(cli, Feeds::default(), async |session| subscribe(session, args).await).await?;
    output::write(&format!("{said}\n{}", next_step(args.protocol))).await?;
    if let Some(check) = check {
        tell(&check).await?;
    }
    if cli.pipeline.local {
        warn(
            "the cloud that --local started has ended, and the subscription with it; `imgwatch local` keeps one \
             running",
        );
    }
    Ok(Exit::Proven)
}

/// Subscribes; of a queue it also waits for whether its policy lets the topic send.
async fn subscribe(session: &mut Session, args: &SubscribeArgs) -> Result<(Clean, Option<Check>), Failure> {
    session.perform(CloudEffect::Subscribe { protocol: args.protocol, endpoint: args.address.clone() });
    let mut done = None;
    loop {
        match session.next().await? {
            Update::Done(said) if args.protocol == Protocol::Sqs => done = Some(said),
            Update::Done(said) => return Ok((said, None)),
            Update::QueueChecked(check) => return Ok((done.unwrap_or_default(), Some(*check))),
            Update::ActionFailed(problem) => return Err(problem.into()),
            _ => {}
        }
    }
}

/// Whether the topic can send to the queue, and otherwise the commands that let it.
async fn tell(check: &Check) -> Result<(), Failure> {
    if check.status == CheckStatus::Ok {
        output::write(&format!("{}\n", check.found)).await?;
        return Ok(());
    }
    warn(&check.found.to_string());
    let fix: Vec<&str> = check.fix.iter().map(Clean::raw).collect();
    if !fix.is_empty() {
        output::write(&format!("{}\n", fix.join("\n"))).await?;
    }
    Ok(())
}

/// What the driver's own words leave open.
fn next_step(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Email | Protocol::EmailJson | Protocol::Http | Protocol::Https => {
            "`imgwatch subscriptions` shows when it is confirmed\n"
        }
        Protocol::Lambda => "the function's policy must allow the topic to invoke it\n",
        _ => "",
    }
}
