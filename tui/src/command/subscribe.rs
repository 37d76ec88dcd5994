//! `imgwatch subscribe`: adds an address to the topic, and says what its owner has to do next.

use super::failure::{Exit, Failure, warn};
use super::output;
use super::session::Session;
use crate::cli::{Cli, SubscribeArgs};
use crate::config::Feeds;
use crate::effect::Effect;
use crate::model::subscriptions::Protocol;
use crate::msg::Update;
use crate::text::clean::Clean;

pub(crate) async fn run(cli: &Cli, args: &SubscribeArgs) -> Result<Exit, Failure> {
    validate(args.protocol, &args.address).map_err(|why| {
        let what = format!("cannot subscribe {:?}: {why}", args.address);
        Failure::new(what, "choose another protocol with --protocol, or correct the address").usage()
    })?;
    let mut session = Session::open(cli, Feeds::default()).await?;
    let outcome = subscribe(&mut session, args).await;
    session.close().await;
    let said = outcome?;
    output::write(&format!("{said}\n{}", next_step(args.protocol)))?;
    if cli.pipeline.local {
        warn(
            "the cloud that --local started has ended, and the subscription with it; `imgwatch local` keeps one running",
        );
    }
    Ok(Exit::Success)
}

async fn subscribe(session: &mut Session, args: &SubscribeArgs) -> Result<Clean, Failure> {
    session.perform(Effect::Subscribe { protocol: args.protocol, endpoint: args.address.clone() });
    loop {
        match session.next().await? {
            Update::Done(said) => return Ok(said),
            Update::Undone(problem) => return Err(problem.into()),
            _ => {}
        }
    }
}

/// Who has to do what before messages arrive.
fn next_step(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Email | Protocol::EmailJson => {
            "next: open the link in the confirmation mail; `imgwatch subscriptions` shows when it is confirmed\n"
        }
        Protocol::Http | Protocol::Https => {
            "next: the endpoint answers the SubscriptionConfirmation that SNS posts to it; `imgwatch subscriptions` shows \
             when it is confirmed\n"
        }
        Protocol::Sqs => {
            "next: the queue's policy has to let the topic send; `imgwatch upload --wait` shows deliveries\n"
        }
        Protocol::Lambda => "next: the function's policy has to let the topic invoke it\n",
        _ => "",
    }
}

/// Refuses what SNS would refuse, before any request.
fn validate(protocol: Protocol, address: &str) -> Result<(), String> {
    let wanted = match protocol {
        Protocol::Email | Protocol::EmailJson => {
            let parts = address.split_once('@');
            let whole = parts.is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty());
            (whole && !address.contains(char::is_whitespace), "an email address such as you@example.com")
        }
        Protocol::Sms => {
            let digits = address.strip_prefix('+').unwrap_or_default();
            (digits.len() > 4 && digits.chars().all(|c| c.is_ascii_digit()), "a number such as +4915112345678")
        }
        Protocol::Https => (address.starts_with("https://"), "a URL that begins with https://"),
        Protocol::Http => (address.starts_with("http://"), "a URL that begins with http://"),
        Protocol::Sqs => (address.starts_with("arn:") && address.contains(":sqs:"), "the queue's ARN"),
        Protocol::Lambda => (address.starts_with("arn:") && address.contains(":lambda:"), "the function's ARN"),
        _ => (true, ""),
    };
    match wanted {
        (true, _) => Ok(()),
        (false, what) => Err(format!("the protocol {} takes {what}", protocol.word())),
    }
}
